//! Opening the journal: what is asked of the servers and of the stream before the first commit.
//!
//! Every refusal says what to do about it. It does not know books.

use std::time::Duration;

use async_nats::Client;
use picket_journal::MAX_COMMIT_BYTES;
use serde::Deserialize;
use tokio::time::{Instant, sleep};

use crate::call::{CallError, call, code};
use crate::floor::{self, Server};
use crate::stream::{self, Info, Wrong};
use crate::subject::HEADER_ROOM;

/// The pause before servers are asked again.
const AGAIN: Duration = Duration::from_millis(500);

/// What may differ between installations.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The name of the stream.
    pub stream: String,
    /// On how many servers each commit is kept before it is acknowledged: 1, 3 or 5.
    pub replicas: usize,
    /// How large the stream may become. It must bite before the disk is full; it can be raised while all runs.
    pub max_bytes: u64,
    /// Monitoring addresses of the servers, such as `http://127.0.0.1:8222`, on which each says how it is set.
    pub monitors: Vec<String>,
    /// Trust servers that do not say whether they flush every write, or say that they do not. A power cut may
    /// then take two minutes of facts that people were told are safe.
    pub unverified_sync: bool,
    /// How long one request to the servers may take.
    pub answer: Duration,
    /// How long an append or a read goes on trying before it says that it does not know.
    pub patience: Duration,
    /// How long a follower goes on without the servers before it ends.
    pub give_up: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            stream: "PICKET_JOURNAL".to_owned(),
            replicas: 1,
            max_bytes: 8 << 30,
            monitors: Vec::new(),
            unverified_sync: false,
            answer: Duration::from_secs(2),
            patience: Duration::from_secs(8),
            give_up: Duration::from_secs(15),
        }
    }
}

/// Why the journal could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A server is too old.
    #[error(
        "nats-server {found} is too old to keep facts; run 2.14 or later, at best 2.15.1 or later"
    )]
    TooOld {
        /// What it says it is.
        found: String,
    },
    /// A server does not take commits of the largest size.
    #[error(
        "nats-server takes messages of {found} bytes at most, and a commit needs {needed}; set `max_payload: 2MB` in its configuration"
    )]
    SmallPayload {
        /// Its limit.
        found: usize,
        /// What is needed.
        needed: usize,
    },
    /// JetStream is off.
    #[error(
        "JetStream is not enabled ({said}); put a `jetstream` block with a `store_dir` into the server's configuration, and `jetstream: enabled` into the account's"
    )]
    NoJetStream {
        /// The server's words.
        said: String,
    },
    /// A server says that it does not flush every write.
    #[error(
        "nats-server `{server}` does not flush every write, so a power cut would take facts that people were told are safe; put `sync_interval: always` into its `jetstream` block and start it again"
    )]
    NoSync {
        /// Its name.
        server: String,
    },
    /// A server does not say whether it flushes every write.
    #[error(
        "it cannot be seen whether nats-server `{server}` flushes every write{why}; give the monitoring address of every server (`http: 127.0.0.1:8222` in its configuration), or say in so many words that unverified servers are fine"
    )]
    UnseenSync {
        /// Its name.
        server: String,
        /// What went wrong while asking, if something did.
        why: String,
    },
    /// The stream's limit lies beyond the disk.
    #[error(
        "the stream may grow to {max_bytes} bytes, and nats-server `{server}` has room for {room}; set a limit of at most four fifths of that, so that it bites before the disk is full"
    )]
    LargerThanDisk {
        /// The limit of the stream.
        max_bytes: u64,
        /// What the server has.
        room: i64,
        /// Its name.
        server: String,
    },
    /// The stream is there and is not fit to hold facts.
    #[error("the stream `{stream}` has `{}` = {}, and Picket needs {}; {}", wrong.setting, wrong.found, wrong.wanted, fix(stream, wrong))]
    UnfitStream {
        /// Its name.
        stream: String,
        /// What is wrong.
        wrong: Wrong,
    },
    /// The server noticed damage in the stream.
    #[error(
        "nats-server lost {bytes} bytes of the stream `{stream}` to damage; stop it, restore the stream from a copy, and run `picket verify`"
    )]
    Damaged {
        /// Its name.
        stream: String,
        /// How much.
        bytes: u64,
    },
    /// The stream could not be looked at or made.
    #[error("the stream `{stream}` could not be {what}: {said}")]
    Stream {
        /// Its name.
        stream: String,
        /// What was tried.
        what: &'static str,
        /// What the servers said.
        said: String,
    },
}

fn fix(stream: &str, wrong: &Wrong) -> String {
    match wrong.editable {
        true => format!("change it with `nats stream edit {stream}`"),
        false => "that cannot be changed: give Picket a stream of another name, or restore the commits into one".to_owned(),
    }
}

/// Checks the servers, makes the stream if there is none, and checks it.
pub(crate) async fn prepare(client: &Client, settings: &Settings) -> Result<(), OpenError> {
    let here = client.server_info();
    if !floor::is_new_enough(&here.version) {
        return Err(OpenError::TooOld {
            found: here.version,
        });
    }
    let needed = MAX_COMMIT_BYTES + HEADER_ROOM;
    if here.max_payload < needed {
        return Err(OpenError::SmallPayload {
            found: here.max_payload,
            needed,
        });
    }
    // What this server says comes before anything is made on it.
    let told = told_by_monitors(settings).await;
    if let Some(server) = told.of(&here.server_name) {
        check_server(server, settings)?;
    }
    if look(client, settings).await?.is_none() {
        if let Some(server) = told.of(&here.server_name) {
            check_room(server, settings)?;
        }
        make(client, settings).await?;
    }
    let end = Instant::now() + settings.patience;
    loop {
        let Some(info) = look(client, settings).await? else {
            // Another process may be making it: in a cluster its leader is known a moment later.
            if Instant::now() < end {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
            return Err(OpenError::Stream {
                stream: settings.stream.clone(),
                what: "found after it was made",
                said: "there is no such stream".to_owned(),
            });
        };
        stream::check(&info, settings).map_err(|wrong| OpenError::UnfitStream {
            stream: settings.stream.clone(),
            wrong,
        })?;
        if let Some(lost) = &info.state.lost {
            return Err(OpenError::Damaged {
                stream: settings.stream.clone(),
                bytes: lost.bytes,
            });
        }
        match check_holders(client, &info, told_by_monitors(settings).await, settings).await {
            // One that has just died is soon known to be away.
            Err(OpenError::UnseenSync { .. }) if info.is_clustered() && Instant::now() < end => {
                sleep(AGAIN).await
            }
            judged => return judged,
        }
    }
}

/// What each monitoring address said.
async fn told_by_monitors(settings: &Settings) -> Told {
    let mut told = Told::default();
    for url in &settings.monitors {
        match floor::at_monitor(url).await {
            Ok(server) => told.servers.push(server),
            Err(why) => told.silent.push(format!("; `{url}`: {why}")),
        }
    }
    told
}

#[derive(Default)]
struct Told {
    servers: Vec<Server>,
    silent: Vec<String>,
}

impl Told {
    fn of(&self, name: &str) -> Option<&Server> {
        self.servers.iter().find(|server| server.name == name)
    }
}

/// Judges a server by what it told.
fn check_server(server: &Server, settings: &Settings) -> Result<(), OpenError> {
    if !server.version.is_empty() && !floor::is_new_enough(&server.version) {
        return Err(OpenError::TooOld {
            found: server.version.clone(),
        });
    }
    if !server.syncs_always() && !settings.unverified_sync {
        return Err(OpenError::NoSync {
            server: server.name.clone(),
        });
    }
    Ok(())
}

/// Whether a new stream has room; of one that is there, a part of the room is taken by itself.
fn check_room(server: &Server, settings: &Settings) -> Result<(), OpenError> {
    match server.room() {
        Some(room) if settings.max_bytes > room.unsigned_abs() / 5 * 4 => {
            Err(OpenError::LargerThanDisk {
                max_bytes: settings.max_bytes,
                room,
                server: server.name.clone(),
            })
        }
        _ => Ok(()),
    }
}

/// Judges every server that holds the stream; all that are not away must be known.
async fn check_holders(
    client: &Client,
    info: &Info,
    mut told: Told,
    settings: &Settings,
) -> Result<(), OpenError> {
    let here = client.server_info().server_name;
    let mut holders = info.servers();
    if holders.is_empty() {
        holders.push(&here);
    }
    let unknown = |told: &Told| {
        holders
            .iter()
            .find(|name| told.of(name).is_none())
            .map(|name| (*name).to_owned())
    };
    if unknown(&told).is_some() && !settings.unverified_sync {
        told.servers
            .extend(floor::over_nats(client, &holders).await);
    }
    for server in holders.iter().filter_map(|name| told.of(name)) {
        check_server(server, settings)?;
    }
    match unknown(&told) {
        Some(server) if !settings.unverified_sync => Err(OpenError::UnseenSync {
            server,
            why: told.silent.concat(),
        }),
        _ => Ok(()),
    }
}

/// Looks at the stream; `None` if there is none. While nobody leads it, questions about it stay unanswered.
async fn look(client: &Client, settings: &Settings) -> Result<Option<Info>, OpenError> {
    let end = Instant::now() + settings.patience;
    loop {
        match call::<Info>(
            client,
            format!("$JS.API.STREAM.INFO.{}", settings.stream),
            Vec::new(),
            settings.answer,
        )
        .await
        {
            Ok(info) => return Ok(Some(info)),
            Err(CallError::Refused {
                code: code::NO_STREAM,
                ..
            }) => return Ok(None),
            Err(CallError::Refused {
                code: code::NOT_FOR_ACCOUNT | code::NOT_ENABLED,
                description,
            }) => {
                return Err(OpenError::NoJetStream { said: description });
            }
            Err(_) if Instant::now() + AGAIN < end => sleep(AGAIN).await,
            Err(CallError::Nobody) => {
                return Err(OpenError::NoJetStream {
                    said: CallError::Nobody.to_string(),
                });
            }
            Err(error) => {
                return Err(OpenError::Stream {
                    stream: settings.stream.clone(),
                    what: "looked at",
                    said: error.to_string(),
                });
            }
        }
    }
}

/// Makes the stream; another process that makes the same one at the same time is no trouble.
async fn make(client: &Client, settings: &Settings) -> Result<(), OpenError> {
    #[derive(Deserialize)]
    struct Made {
        #[serde(rename = "config")]
        _config: serde::de::IgnoredAny,
    }
    let body = serde_json::to_vec(&stream::wanted(settings))
        .expect("a configuration holds only strings, numbers and lists");
    let made = call::<Made>(
        client,
        format!("$JS.API.STREAM.CREATE.{}", settings.stream),
        body,
        settings.patience,
    )
    .await;
    made.map(drop).map_err(|error| {
        // Who lacks the right to ask is not answered.
        let hint = if error == CallError::TimedOut {
            "; if this key may not make it, start Picket once with the operator's"
        } else {
            ""
        };
        OpenError::Stream {
            stream: settings.stream.clone(),
            what: "made",
            said: format!("{error}{hint}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floor::OLDEST;

    fn server(sync: bool, room: i64) -> Server {
        serde_json::from_value(
            serde_json::json!({"server_name": "n1", "version": "2.15.1", "jetstream": {"config": {"sync_always": sync, "max_storage": room}}}),
        )
        .unwrap()
    }

    #[test]
    fn a_server_that_does_not_flush_is_refused_with_the_fix_unless_that_is_wanted() {
        let settings = Settings::default();
        assert!(check_server(&server(true, 2000), &settings).is_ok());
        let refused = check_server(&server(false, 2000), &settings)
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("`sync_interval: always`") && refused.contains("`n1`"),
            "{refused}"
        );
        let told = Settings {
            unverified_sync: true,
            ..settings
        };
        assert!(check_server(&server(false, 2000), &told).is_ok());
    }

    #[test]
    fn a_limit_beyond_the_disk_is_refused() {
        let settings = |max_bytes| Settings {
            max_bytes,
            ..Settings::default()
        };
        assert!(check_room(&server(true, 1000), &settings(800)).is_ok());
        let refused = check_room(&server(true, 1000), &settings(801))
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("801") && refused.contains("four fifths"),
            "{refused}"
        );
        assert!(check_room(&server(true, 1000), &settings(u64::MAX)).is_err());
    }

    #[test]
    fn the_floor_in_the_sentence_is_the_floor_that_is_checked() {
        let sentence = OpenError::TooOld {
            found: "2.9.10".to_owned(),
        }
        .to_string();
        assert!(
            sentence.contains(&format!("{}.{} or later", OLDEST.0, OLDEST.1)),
            "{sentence}"
        );
    }
}
