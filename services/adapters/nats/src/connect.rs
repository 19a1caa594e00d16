//! The connection to NATS.
//!
//! Every process has one, shared by its journal and its bus. It comes back by itself for as long as it takes, with
//! backoff and jitter. It does not know what is sent over it.

use std::path::PathBuf;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use backon::BackoffBuilder as _;

use crate::retry::backoff;

/// The time one attempt to connect may take. A server that sleeps takes a connection and says nothing.
const CONNECTING: Duration = Duration::from_secs(3);
/// The interval of heartbeats to the server; at the third silence the connection is made anew. With the
/// attempt that may go to the same sleeper first, somebody else is found well before a takeover may last.
const PING: Duration = Duration::from_millis(1_500);
/// The longest pause between two attempts to come back.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// The first pause that is none at all, and after how many it is as long as it gets.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const DOUBLINGS: usize = 8;

/// The credentials by which a process proves to NATS who it is.
#[derive(Clone, Default)]
pub enum Credentials {
    /// It does not; or the address says it.
    #[default]
    None,
    /// A file with the seed of an nkey.
    SeedFile(PathBuf),
    /// A credentials file with a token and a seed.
    File(PathBuf),
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::SeedFile(_) => "SeedFile",
            Self::File(_) => "File",
        })
    }
}

/// The access to NATS: where it is, and how to get in.
#[derive(Clone, Debug, Default)]
pub struct NatsAccess {
    /// Addresses of servers, such as `nats://127.0.0.1:4222`; the others of a cluster are learned.
    pub urls: Vec<String>,
    /// The proof of who we are.
    pub credentials: Credentials,
    /// A file with the certificates that may have signed the servers'; the system's own if none is named.
    pub authority: Option<PathBuf>,
    /// Below which subject answers come; the client's own if none is named. Rights are given by it.
    pub inbox: Option<String>,
}

/// The reason why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No address was given.
    #[error("no address of a NATS server is given; name one, such as nats://127.0.0.1:4222")]
    NoAddress,
    /// An address that cannot be one. It is not shown, since it may hold a password.
    #[error("address {0} of the NATS servers cannot be read; write it like nats://127.0.0.1:4222")]
    Address(usize),
    /// The file with the seed or the credentials cannot be used.
    #[error("the NATS credentials in `{}` cannot be used: {why}", path.display())]
    Credentials {
        /// The file.
        path: PathBuf,
        /// What is wrong; never what it says.
        why: String,
    },
    /// Nobody lets us in.
    #[error(
        "NATS could not be reached at {at}: {why}; is nats-server running there, and does it know this key?"
    )]
    Unreachable {
        /// Hosts and ports.
        at: String,
        /// What the client says.
        why: String,
    },
}

/// Connects, under a name that the servers' own tools show.
pub async fn connect(access: &NatsAccess, name: &str) -> Result<Client, ConnectError> {
    let mut addresses = Vec::new();
    for (place, url) in (1..).zip(&access.urls) {
        addresses.push(
            url.trim()
                .parse::<ServerAddr>()
                .map_err(|_| ConnectError::Address(place))?,
        );
    }
    if addresses.is_empty() {
        return Err(ConnectError::NoAddress);
    }
    let mut options = match &access.credentials {
        // The client leaves what an address says about the user to us.
        Credentials::None => match addresses
            .iter()
            .find_map(|address| Some((address.username()?, address.password()?)))
        {
            Some((user, password)) => {
                ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
            }
            None => ConnectOptions::new(),
        },
        Credentials::SeedFile(path) => ConnectOptions::with_nkey(seed(path)?),
        Credentials::File(path) => {
            let why = |error: std::io::Error| ConnectError::Credentials {
                path: path.clone(),
                why: error.kind().to_string(),
            };
            ConnectOptions::with_credentials_file(path)
                .await
                .map_err(why)?
        }
    };
    if let Some(authority) = &access.authority {
        options = options
            .add_root_certificates(authority.clone())
            .require_tls(true);
    }
    if let Some(inbox) = &access.inbox {
        options = options.custom_inbox_prefix(inbox);
    }
    let at = addresses
        .iter()
        .map(|address| format!("{}:{}", address.host(), address.port()))
        .collect::<Vec<_>>()
        .join(", ");
    options
        .name(name)
        .connection_timeout(CONNECTING)
        .ping_interval(PING)
        .reconnect_delay_callback(pause)
        .event_callback(tell)
        .connect(addresses)
        .await
        .map_err(|error| ConnectError::Unreachable {
            at,
            why: error.kind().to_string(),
        })
}

/// Puts on record what the client does by itself: a right that is lacking, say, would else serve nothing in silence.
async fn tell(event: Event) {
    match event {
        Event::ServerError(why) => tracing::error!("nats-server refuses something: {why}"),
        Event::ClientError(why) => tracing::warn!("the connection to NATS is in trouble: {why}"),
        Event::SlowConsumer(_) => {
            tracing::warn!("messages from NATS come faster than they are taken; some were dropped")
        }
        Event::LameDuckMode => {
            tracing::info!("nats-server is going down; another one is looked for")
        }
        Event::Disconnected => {
            tracing::warn!("the connection to NATS is gone; it is tried again until it is back")
        }
        Event::Connected => tracing::info!("connected to NATS"),
        Event::Draining | Event::Closed => tracing::info!("the connection to NATS is closed"),
    }
}

/// The backoff before an attempt to come back: none at first, then exponential with jitter up to the longest pause.
fn pause(attempts: usize) -> Duration {
    let Some(before) = attempts.checked_sub(2) else {
        return Duration::ZERO;
    };
    backoff(FIRST_PAUSE, LONGEST_PAUSE)
        .build()
        .nth(before.min(DOUBLINGS))
        .unwrap_or(LONGEST_PAUSE)
}

/// Reads the seed of an nkey: the one line that starts with `SU`.
fn seed(path: &PathBuf) -> Result<String, ConnectError> {
    let wrong = |why: &str| ConnectError::Credentials {
        path: path.clone(),
        why: why.to_owned(),
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error.kind().to_string()))?;
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("SU"));
    line.map(str::to_owned)
        .ok_or_else(|| wrong("it holds no seed of a user, a line that starts with SU"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coming_back_is_tried_at_once_and_then_at_least_twice_a_second() {
        assert_eq!([pause(0), pause(1)], [Duration::ZERO; 2]);
        // Jitter adds up to the whole of what a pause is at least.
        let least = [2, 4, 8, 16, 32, 64, 128, 250, 250];
        for (attempt, least) in (2..).zip(least.map(Duration::from_millis)) {
            let pause = pause(attempt);
            assert!(pause >= least && pause <= least * 2, "{attempt}: {pause:?}");
        }
        assert!(pause(usize::MAX) >= LONGEST_PAUSE / 2 && pause(usize::MAX) <= LONGEST_PAUSE);
    }

    #[tokio::test]
    async fn an_address_with_a_password_is_in_no_refusal() {
        for url in [
            "nats://someone:canary-7@[",
            "nats://someone:canary-7@127.0.0.1:1",
        ] {
            let access = NatsAccess {
                urls: vec![url.to_owned()],
                ..NatsAccess::default()
            };
            let refused = connect(&access, "test").await.unwrap_err();
            assert!(
                !format!("{refused} {refused:?}").contains("canary-7"),
                "{refused}"
            );
        }
        assert!(matches!(
            connect(&NatsAccess::default(), "test").await,
            Err(ConnectError::NoAddress)
        ));
    }

    #[tokio::test]
    async fn a_file_without_a_seed_is_named_and_not_quoted() {
        let path = PathBuf::from("/dev/null");
        let access = NatsAccess {
            urls: vec!["nats://127.0.0.1:1".to_owned()],
            credentials: Credentials::SeedFile(path),
            ..NatsAccess::default()
        };
        let refused = connect(&access, "test").await.unwrap_err().to_string();
        assert_eq!(
            refused,
            "the NATS credentials in `/dev/null` cannot be used: it holds no seed of a user, a line that starts with SU"
        );
    }
}
