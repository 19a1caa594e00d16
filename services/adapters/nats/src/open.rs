//! The opening of the journal: the checks of the servers and of the stream before the first commit.
//!
//! The journal is opened through it. Every refusal says what to do about it. It does not know books.

use std::time::Duration;

use async_nats::Client;
use picket_journal::MAX_COMMIT_BYTES;
use serde::Deserialize;

use crate::api;
use crate::call::{CallError, call, code};
use crate::commit_message::HEADER_ROOM;
use crate::floor::{self, ServerReport};
use crate::retry::Retries;
use crate::settings::JournalSettings;
use crate::stream::{self, StreamInfo, UnfitSetting};

/// The pause before servers are asked again, at first and at the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(500));

/// The reason why the journal could not be opened; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum NatsOpenError {
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
        wrong: UnfitSetting,
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

fn fix(stream: &str, wrong: &UnfitSetting) -> String {
    match wrong.editable {
        true => format!("change it with `nats stream edit {stream}`"),
        false => "that cannot be changed: give Picket a stream of another name, or restore the commits into one".to_owned(),
    }
}

/// Checks the servers, makes the stream if there is none, and checks it.
pub(crate) async fn prepare(
    client: &Client,
    settings: &JournalSettings,
) -> Result<(), NatsOpenError> {
    let here = client.server_info();
    if !floor::is_new_enough(&here.version) {
        return Err(NatsOpenError::TooOld {
            found: here.version,
        });
    }
    let needed = MAX_COMMIT_BYTES + HEADER_ROOM;
    if here.max_payload < needed {
        return Err(NatsOpenError::SmallPayload {
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
    let mut retries = Retries::new(settings.patience, PAUSES.0, PAUSES.1);
    loop {
        let Some(info) = look(client, settings).await? else {
            // Another process may be making it: in a cluster its leader is known a moment later.
            if retries.again().await {
                continue;
            }
            return Err(NatsOpenError::Stream {
                stream: settings.stream.clone(),
                what: "found after it was made",
                said: "there is no such stream".to_owned(),
            });
        };
        stream::check(&info, settings).map_err(|wrong| NatsOpenError::UnfitStream {
            stream: settings.stream.clone(),
            wrong,
        })?;
        if let Some(lost) = &info.state.lost {
            return Err(NatsOpenError::Damaged {
                stream: settings.stream.clone(),
                bytes: lost.bytes,
            });
        }
        let judged = check_holders(client, &info, told_by_monitors(settings).await, settings).await;
        // One that has just died is soon known to be away.
        let unseen = matches!(judged, Err(NatsOpenError::UnseenSync { .. }));
        if !(unseen && info.is_clustered() && retries.again().await) {
            return judged;
        }
    }
}

/// Asks every monitoring address.
async fn told_by_monitors(settings: &JournalSettings) -> MonitorReports {
    let mut told = MonitorReports::default();
    for url in &settings.monitors {
        match floor::at_monitor(url).await {
            Ok(server) => told.servers.push(server),
            Err(why) => told.silent.push(format!("; `{url}`: {why}")),
        }
    }
    told
}

/// The reports of the servers, and why others gave none.
#[derive(Default)]
struct MonitorReports {
    servers: Vec<ServerReport>,
    silent: Vec<String>,
}

impl MonitorReports {
    fn of(&self, name: &str) -> Option<&ServerReport> {
        self.servers.iter().find(|server| server.name == name)
    }
}

/// Judges a server by what it told.
fn check_server(server: &ServerReport, settings: &JournalSettings) -> Result<(), NatsOpenError> {
    if !server.version.is_empty() && !floor::is_new_enough(&server.version) {
        return Err(NatsOpenError::TooOld {
            found: server.version.clone(),
        });
    }
    if !server.syncs_always() && !settings.unverified_sync {
        return Err(NatsOpenError::NoSync {
            server: server.name.clone(),
        });
    }
    Ok(())
}

/// Judges whether a new stream has room; of one that is there, a part of the room is taken by itself.
fn check_room(server: &ServerReport, settings: &JournalSettings) -> Result<(), NatsOpenError> {
    match server.room() {
        Some(room) if settings.max_bytes > room.unsigned_abs() / 5 * 4 => {
            Err(NatsOpenError::LargerThanDisk {
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
    info: &StreamInfo,
    mut told: MonitorReports,
    settings: &JournalSettings,
) -> Result<(), NatsOpenError> {
    let here = client.server_info().server_name;
    let mut holders = info.servers();
    if holders.is_empty() {
        holders.push(&here);
    }
    let unknown = |told: &MonitorReports| {
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
        Some(server) if !settings.unverified_sync => Err(NatsOpenError::UnseenSync {
            server,
            why: told.silent.concat(),
        }),
        _ => Ok(()),
    }
}

/// Looks at the stream; `None` if there is none. While nobody leads it, questions about it stay unanswered.
async fn look(
    client: &Client,
    settings: &JournalSettings,
) -> Result<Option<StreamInfo>, NatsOpenError> {
    let mut retries = Retries::new(settings.patience, PAUSES.0, PAUSES.1);
    loop {
        let subject = api::stream_info(&settings.stream);
        let error = match call::<StreamInfo>(client, subject, Vec::new(), settings.answer).await {
            Ok(info) => return Ok(Some(info)),
            Err(CallError::Refused {
                code: code::NO_STREAM,
                ..
            }) => return Ok(None),
            Err(CallError::Refused {
                code: code::NOT_FOR_ACCOUNT | code::NOT_ENABLED,
                description,
            }) => {
                return Err(NatsOpenError::NoJetStream { said: description });
            }
            Err(error) => error,
        };
        if retries.again().await {
            continue;
        }
        let said = error.to_string();
        return Err(match error {
            CallError::Nobody => NatsOpenError::NoJetStream { said },
            _ => NatsOpenError::Stream {
                stream: settings.stream.clone(),
                what: "looked at",
                said,
            },
        });
    }
}

/// Makes the stream; another process that makes the same one at the same time is no trouble.
async fn make(client: &Client, settings: &JournalSettings) -> Result<(), NatsOpenError> {
    #[derive(Deserialize)]
    struct StreamCreated {
        #[serde(rename = "config")]
        _config: serde::de::IgnoredAny,
    }
    let body = serde_json::to_vec(&stream::wanted(settings))
        .expect("a configuration holds only strings, numbers and lists");
    let made = call::<StreamCreated>(
        client,
        api::stream_create(&settings.stream),
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
        NatsOpenError::Stream {
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

    fn server(sync: bool, room: i64) -> ServerReport {
        serde_json::from_value(
            serde_json::json!({"server_name": "n1", "version": "2.15.1", "jetstream": {"config": {"sync_always": sync, "max_storage": room}}}),
        )
        .unwrap()
    }

    #[test]
    fn a_server_that_does_not_flush_is_refused_with_the_fix_unless_that_is_wanted() {
        let settings = JournalSettings::default();
        assert!(check_server(&server(true, 2000), &settings).is_ok());
        let refused = check_server(&server(false, 2000), &settings)
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("`sync_interval: always`") && refused.contains("`n1`"),
            "{refused}"
        );
        let told = JournalSettings {
            unverified_sync: true,
            ..settings
        };
        assert!(check_server(&server(false, 2000), &told).is_ok());
    }

    #[test]
    fn a_limit_beyond_the_disk_is_refused() {
        let settings = |max_bytes| JournalSettings {
            max_bytes,
            ..JournalSettings::default()
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
        let sentence = NatsOpenError::TooOld {
            found: "2.9.10".to_owned(),
        }
        .to_string();
        assert!(
            sentence.contains(&format!("{}.{} or later", OLDEST.0, OLDEST.1)),
            "{sentence}"
        );
    }
}
