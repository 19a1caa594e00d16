//! The floor for a server before it is trusted with facts: new enough, and flushing every write.
//!
//! An acknowledged message is on disk only with `sync_interval: always`; by default a server flushes every two
//! minutes, and a power cut takes all of that. A server tells how it is set on its monitoring address, or to the
//! system account. It does not know what is stored.

use std::time::Duration;

use async_nats::Client;
use futures_util::StreamExt as _;
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

/// The oldest line of servers that keeps its promises: older ones lack batches, or freeze nothing on a disk error.
pub(crate) const OLDEST: (u64, u64, u64) = (2, 14, 0);

/// The time a server may take to tell how it is set.
const TELLING: Duration = Duration::from_secs(2);
/// The largest answer that is read.
const LARGEST: u64 = 1024 * 1024;
/// The subject on which servers tell how they are set over NATS itself; only the system account may, or who imports it.
const ASK_ALL: &str = "$SYS.REQ.SERVER.PING.VARZ";

/// The report of one server: how it is set.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct ServerReport {
    #[serde(rename = "server_name")]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) version: String,
    #[serde(default)]
    jetstream: JetStreamReport,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct JetStreamReport {
    config: Option<JetStreamConfig>,
}

#[derive(Clone, Debug, Deserialize)]
struct JetStreamConfig {
    #[serde(default)]
    sync_always: bool,
    #[serde(default)]
    max_storage: i64,
}

impl ServerReport {
    pub(crate) fn syncs_always(&self) -> bool {
        self.jetstream
            .config
            .as_ref()
            .is_some_and(|config| config.sync_always)
    }

    /// The bytes its disk may take, as far as it says.
    pub(crate) fn room(&self) -> Option<i64> {
        self.jetstream
            .config
            .as_ref()
            .map(|config| config.max_storage)
            .filter(|room| *room > 0)
    }
}

/// Whether a version is at least [`OLDEST`].
pub(crate) fn is_new_enough(version: &str) -> bool {
    let release = version.split(['-', '+']).next().unwrap_or_default();
    let mut numbers = release
        .trim_start_matches('v')
        .split('.')
        .map(|number| number.parse::<u64>().ok());
    match (
        numbers.next().flatten(),
        numbers.next().flatten(),
        numbers.next().flatten(),
    ) {
        (Some(major), Some(minor), Some(patch)) => (major, minor, patch) >= OLDEST,
        _ => false,
    }
}

/// Asks the server behind a monitoring address such as `http://127.0.0.1:8222`.
pub(crate) async fn at_monitor(url: &str) -> Result<ServerReport, String> {
    timeout(TELLING, fetch(url))
        .await
        .unwrap_or_else(|_| Err("it does not answer".to_owned()))
}

async fn fetch(url: &str) -> Result<ServerReport, String> {
    let address = url
        .strip_prefix("http://")
        .ok_or("its address does not start with http://")?
        .trim_end_matches('/');
    let said = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(address).await.map_err(said)?;
    // An answer to HTTP 1.0 comes in one piece and ends with the connection.
    stream
        .write_all(format!("GET /varz HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes())
        .await
        .map_err(said)?;
    let mut answer = Vec::new();
    stream
        .take(LARGEST)
        .read_to_end(&mut answer)
        .await
        .map_err(said)?;
    let split = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or("it does not speak HTTP")?;
    serde_json::from_slice(&answer[split + 4..])
        .map_err(|_| "it is not the monitoring address of a nats-server".to_owned())
}

/// Asks all servers over NATS until these have answered; an empty list if the account may not.
pub(crate) async fn over_nats(client: &Client, names: &[&str]) -> Vec<ServerReport> {
    #[derive(Deserialize)]
    struct ServerReply {
        data: ServerReport,
    }
    let mut servers: Vec<ServerReport> = Vec::new();
    let inbox = client.new_inbox();
    let Ok(mut answers) = client.subscribe(inbox.clone()).await else {
        return servers;
    };
    if client
        .publish_with_reply(ASK_ALL, inbox, "".into())
        .await
        .is_err()
    {
        return servers;
    }
    let end = Instant::now() + TELLING;
    while let Ok(Some(answer)) = timeout_at(end, answers.next()).await {
        if answer.status.is_some() {
            break;
        }
        if let Ok(told) = serde_json::from_slice::<ServerReply>(&answer.payload) {
            servers.push(told.data);
        }
        if !names.is_empty()
            && names
                .iter()
                .all(|name| servers.iter().any(|server| server.name == *name))
        {
            break;
        }
    }
    servers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_servers_and_strange_versions_are_not_new_enough() {
        for version in [
            "2.14.0",
            "2.14.3",
            "2.15.1",
            "3.0.0",
            "2.15.0-RC.1",
            "v2.15.1",
        ] {
            assert!(is_new_enough(version), "{version}");
        }
        for version in ["2.9.10", "2.12.1", "2.13.99", "1.4.1", "", "new", "2.15"] {
            assert!(!is_new_enough(version), "{version}");
        }
    }

    #[test]
    fn only_a_server_that_says_always_flushes_every_write() {
        let server = |text: &str| serde_json::from_str::<ServerReport>(text).unwrap();
        let safe = server(
            r#"{"server_name":"n1","version":"2.15.1","jetstream":{"config":{"sync_interval":120000000000,"sync_always":true,"max_storage":1000}}}"#,
        );
        assert!(safe.syncs_always());
        assert_eq!(safe.room(), Some(1000));
        for text in [
            r#"{"server_name":"n1"}"#,
            r#"{"server_name":"n1","jetstream":{}}"#,
            r#"{"server_name":"n1","jetstream":{"config":{"sync_interval":120000000000}}}"#,
        ] {
            assert!(!server(text).syncs_always(), "{text}");
        }
    }
}
