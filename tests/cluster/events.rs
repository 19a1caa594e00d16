//! What other systems get of the journals, through a real server.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use picket_harness::Place;
use picket_journal::{BookName, Head, Journal, MemoryJournal, hash_of};
use picket_nats::{EventMessage, NatsEvents, NatsValue, ValueError};
use picket_publish::{CloudEvent, FileCheckpointStore, Publisher, Sink, SinkError};
use picket_schemas::{Commit, Jurisdiction};

use crate::{client, one};

const LONG: Duration = Duration::from_secs(20);

/// The publisher's sink on the stream of events.
struct Events(NatsEvents);

#[async_trait]
impl Sink for Events {
    async fn emit(&self, events: &[CloudEvent]) -> Result<(), SinkError> {
        let message = |event: &CloudEvent| EventMessage {
            subject: event.subject(),
            id: event.id.clone(),
            headers: event.headers(),
            body: event.data.clone(),
        };
        self.0
            .emit(events.iter().map(message).collect())
            .await
            .map_err(|why| SinkError(why.to_string()))
    }
}

async fn journal(commits: u64) -> MemoryJournal {
    let journal = MemoryJournal::new();
    let book = BookName::parse("dispatch/420902").unwrap();
    let mut head = Head::default();
    for n in 1..=commits {
        let bytes = format!(
            r#"{{"book":"dispatch/420902","n":{n},"at":"2026-03-04T02:00:00Z","prev":"{}","reader":1,"entries":[{{"id":"c-{n}","by":"420902/P-0017","via":"telegram","cause":"command","does":"dispatch.accept_task","made":"2026-03-04T02:00:00Z","events":[{{"type":"task.accepted","task":"T-{n}","person":"420902/P-0017","taken":true}},{{"type":"task.declined","task":"T-{n}","person":"420902/P-0018","reason":"on leave"}}]}}]}}"#,
            head.hash
        );
        Commit::decode(bytes.as_bytes()).unwrap();
        head = journal
            .append(
                &book,
                &head,
                &hash_of(bytes.as_bytes()),
                bytes.as_bytes().into(),
            )
            .await
            .unwrap();
    }
    journal
}

/// Publishes everything there is, from the beginning.
async fn publish(place: &Place, journal: &MemoryJournal) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let events = NatsEvents::open(client(place).await, "PICKET_EVENTS", 1, 16 << 20, LONG)
        .await
        .unwrap();
    let books = vec![BookName::parse("dispatch/420902").unwrap()];
    let checkpoint = FileCheckpointStore::at(folder.path().join("publish.json"));
    let mut publisher =
        Publisher::open(Arc::new(journal.clone()), books, checkpoint, Events(events))
            .await
            .unwrap();
    let mut emitted = 0;
    loop {
        let progress = publisher.advance(Timestamp::UNIX_EPOCH).await.unwrap();
        emitted += progress.events;
        if progress.commits == 0 {
            return emitted;
        }
    }
}

async fn kept(place: &Place) -> u64 {
    let info = client(place)
        .await
        .request("$JS.API.STREAM.INFO.PICKET_EVENTS", "".into())
        .await
        .unwrap();
    let info: serde_json::Value = serde_json::from_slice(&info.payload).unwrap();
    info["state"]["messages"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_arrive_as_cloud_events_in_order_and_a_repetition_is_kept_once() {
    let servers = one();
    let place = servers.place();
    let listener = client(&place).await;
    let mut arriving = listener
        .subscribe(format!("picket.event.{}.>", Jurisdiction::from("420902")))
        .await
        .unwrap();
    listener.flush().await.unwrap();
    let journal = journal(300).await;
    assert_eq!(publish(&place, &journal).await, 600);
    for n in 1..=300 {
        for (index, kind) in ["task.accepted", "task.declined"].into_iter().enumerate() {
            let message = tokio::time::timeout(LONG, futures_util::StreamExt::next(&mut arriving))
                .await
                .unwrap()
                .unwrap();
            let header = |name: &str| {
                message
                    .headers
                    .as_ref()
                    .unwrap()
                    .get(name)
                    .map(ToString::to_string)
                    .unwrap_or_default()
            };
            assert_eq!(
                message.subject.as_str(),
                format!("picket.event.420902.{kind}")
            );
            assert_eq!(
                (header("ce-id"), header("ce-type")),
                (format!("dispatch/420902/{n}/0/{index}"), kind.to_owned())
            );
            assert_eq!(
                (
                    header("ce-specversion"),
                    header("ce-source"),
                    header("content-type")
                ),
                (
                    "1.0".into(),
                    "/picket/dispatch/420902".into(),
                    "application/json".into()
                )
            );
            assert!(
                !String::from_utf8_lossy(&message.payload).contains("P-00"),
                "no person is told"
            );
        }
    }
    // Another publisher that lost its place sends everything once more.
    assert_eq!(publish(&place, &journal).await, 600);
    assert_eq!(kept(&place).await, 600);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_there_twice_in_one_batch_is_kept_once_and_waited_for_by_nobody() {
    let servers = one();
    let place = servers.place();
    let events = NatsEvents::open(client(&place).await, "PICKET_EVENTS", 1, 16 << 20, LONG)
        .await
        .unwrap();
    let message = |id: &str| EventMessage {
        subject: "picket.event.420902.task.accepted".to_owned(),
        id: id.to_owned(),
        headers: Vec::new(),
        body: b"{}".to_vec(),
    };
    let ids = ["a", "b", "a", "c", "b"];
    assert_eq!(events.emit(ids.map(message).into()).await, Ok(()));
    assert_eq!(kept(&place).await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_is_written_only_by_who_has_read_what_was_there() {
    let servers = one();
    let place = servers.place();
    let open = async || {
        NatsValue::open(
            client(&place).await,
            "PICKET_PUBLISHER",
            "picket.publisher.place",
            1,
            LONG,
        )
        .await
        .unwrap()
    };
    let (mut one, mut other) = (open().await, open().await);
    assert_eq!(
        (one.read().await.unwrap(), other.read().await.unwrap()),
        (None, None)
    );
    let large = vec![b'x'; 900_000];
    one.write(b"first".to_vec()).await.unwrap();
    one.write(large.clone()).await.unwrap();
    assert!(matches!(
        other.write(b"late".to_vec()).await,
        Err(ValueError::Overtaken)
    ));
    assert_eq!(
        other.read().await.unwrap(),
        Some(large),
        "what was written last is what there is"
    );
    other.write(b"second".to_vec()).await.unwrap();
    assert!(matches!(
        one.write(b"late".to_vec()).await,
        Err(ValueError::Overtaken)
    ));
    assert_eq!(
        open().await.read().await.unwrap(),
        Some(b"second".to_vec()),
        "and it stays there"
    );
}
