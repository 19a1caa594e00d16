//! Bytes of the lines on the socket of a folder: commands of other versions speak to the process that keeps it.

use std::time::Duration;

use picket_bus::{Bus, BusError};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixListener;
use tokio::sync::oneshot;

use super::SocketBus;
use super::lines::{ToClient, ToServer, Why, fail, line};

/// Every line a command may send.
fn to_server() -> [(ToServer, &'static str); 5] {
    [
        (
            ToServer::Ask {
                id: 7,
                subject: "picket.ask".to_owned(),
                body: r#"{"a":1}"#.to_owned(),
                patience_ms: 10_000,
            },
            r#"{"ask":{"id":7,"subject":"picket.ask","body":"{\"a\":1}","patience_ms":10000}}"#,
        ),
        (
            ToServer::Tell {
                id: 8,
                subject: "picket.replica".to_owned(),
                body: "b".to_owned(),
            },
            r#"{"tell":{"id":8,"subject":"picket.replica","body":"b"}}"#,
        ),
        (
            ToServer::Serve {
                id: 9,
                subject: "picket.notice.420902.P-0017".to_owned(),
            },
            r#"{"serve":{"id":9,"subject":"picket.notice.420902.P-0017"}}"#,
        ),
        (ToServer::Unserve { id: 9 }, r#"{"unserve":{"id":9}}"#),
        (
            ToServer::Reply {
                request: 3,
                body: "shown".to_owned(),
            },
            r#"{"reply":{"request":3,"body":"shown"}}"#,
        ),
    ]
}

/// Every line that may come back.
fn to_client() -> [(ToClient, &'static str); 6] {
    [
        (
            ToClient::Replied {
                id: 7,
                body: r#"{"a":1}"#.to_owned(),
            },
            r#"{"replied":{"id":7,"body":"{\"a\":1}"}}"#,
        ),
        (
            ToClient::Failed {
                id: 7,
                why: Why::Nobody,
                detail: "picket.ask".to_owned(),
            },
            r#"{"failed":{"id":7,"why":"nobody","detail":"picket.ask"}}"#,
        ),
        (
            ToClient::Failed {
                id: 7,
                why: Why::TimedOut,
                detail: "picket.ask".to_owned(),
            },
            r#"{"failed":{"id":7,"why":"timed_out","detail":"picket.ask"}}"#,
        ),
        (
            ToClient::Failed {
                id: 7,
                why: Why::Gone,
                detail: "closed".to_owned(),
            },
            r#"{"failed":{"id":7,"why":"gone","detail":"closed"}}"#,
        ),
        (ToClient::Serving { id: 9 }, r#"{"serving":{"id":9}}"#),
        (
            ToClient::Request {
                serve: 9,
                request: 3,
                body: "b".to_owned(),
                wants_reply: true,
            },
            r#"{"request":{"serve":9,"request":3,"body":"b","wants_reply":true}}"#,
        ),
    ]
}

/// A line is the literal with a line feed behind it, and the literal is read as what was written.
fn pin<T: Serialize + for<'de> Deserialize<'de>>(message: &T, literal: &str) {
    assert_eq!(
        String::from_utf8(line(message)).unwrap(),
        format!("{literal}\n")
    );
    assert_eq!(
        serde_json::to_string(&serde_json::from_str::<T>(literal).unwrap()).unwrap(),
        literal
    );
}

#[test]
fn every_line_to_the_keeper_of_a_folder_is_what_it_always_was() {
    to_server()
        .iter()
        .for_each(|(message, literal)| pin(message, literal));
}

#[test]
fn every_line_from_the_keeper_of_a_folder_is_what_it_always_was() {
    to_client()
        .iter()
        .for_each(|(message, literal)| pin(message, literal));
}

#[test]
fn every_failure_is_told_as_it_always_was() {
    let told = |error| serde_json::to_string(&fail(7, error)).unwrap();
    assert_eq!(
        told(BusError::Nobody("picket.ask".to_owned())),
        r#"{"failed":{"id":7,"why":"nobody","detail":"picket.ask"}}"#
    );
    assert_eq!(
        told(BusError::TimedOut("picket.ask".to_owned())),
        r#"{"failed":{"id":7,"why":"timed_out","detail":"picket.ask"}}"#
    );
    assert_eq!(
        told(BusError::Gone("closed".to_owned())),
        r#"{"failed":{"id":7,"why":"gone","detail":"closed"}}"#
    );
    let large = r#"{"failed":{"id":7,"why":"gone","detail":"a message of 9 bytes is larger than the 8 that travel at once"}}"#;
    assert_eq!(told(BusError::TooLarge { bytes: 9, limit: 8 }), large);
}

#[tokio::test]
async fn a_command_and_the_keeper_of_a_folder_say_these_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picket.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let (bus, accepted) = tokio::join!(SocketBus::connect(&path), listener.accept());
    let (bus, (read, mut write)) = (bus.unwrap(), accepted.unwrap().0.into_split());
    let mut lines = BufReader::new(read).lines();
    let (replied, heard) = oneshot::channel();
    let keeper = async {
        assert_eq!(
            lines.next_line().await.unwrap().unwrap(),
            r#"{"ask":{"id":1,"subject":"picket.clock","body":"look","patience_ms":5000}}"#
        );
        write
            .write_all(b"{\"replied\":{\"id\":1,\"body\":\"seen\"}}\n")
            .await
            .unwrap();
        assert_eq!(
            lines.next_line().await.unwrap().unwrap(),
            r#"{"serve":{"id":2,"subject":"picket.notice.420902.P-0017"}}"#
        );
        write.write_all(b"{\"serving\":{\"id\":2}}\n{\"request\":{\"serve\":2,\"request\":3,\"body\":\"b\",\"wants_reply\":true}}\n").await.unwrap();
        assert_eq!(
            lines.next_line().await.unwrap().unwrap(),
            r#"{"reply":{"request":3,"body":"shown"}}"#
        );
        replied.send(()).unwrap();
        assert_eq!(
            lines.next_line().await.unwrap().unwrap(),
            r#"{"tell":{"id":3,"subject":"picket.replica","body":"c"}}"#
        );
        write
            .write_all(b"{\"failed\":{\"id\":3,\"why\":\"gone\",\"detail\":\"closed\"}}\n")
            .await
            .unwrap();
    };
    let command = async {
        assert_eq!(
            bus.ask("picket.clock", b"look".to_vec(), Duration::from_secs(5))
                .await,
            Ok(b"seen".to_vec())
        );
        let mut requests = bus.serve("picket.notice.420902.P-0017").await.unwrap();
        let request = requests.next().await.unwrap();
        assert_eq!(
            (request.body.as_slice(), request.wants_reply()),
            (&b"b"[..], true)
        );
        request.reply(b"shown".to_vec());
        heard.await.unwrap();
        bus.tell("picket.replica", b"c".to_vec()).await
    };
    let ((), told) = tokio::join!(keeper, command);
    assert_eq!(told, Err(BusError::Gone("closed".to_owned())));
}
