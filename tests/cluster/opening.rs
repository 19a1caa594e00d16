//! What is refused before the first commit, and with which words.

use std::time::Duration;

use picket_harness::{Nats, Place};
use picket_journal::{BookName, Head, Journal as _, hash_of};
use picket_nats::{ConnectError, JournalSettings, NatsAccess, NatsJournal, NatsOpenError, connect};

use crate::{client, journal, one, settings, three};

async fn refusal(place: &Place, settings: JournalSettings) -> NatsOpenError {
    match NatsJournal::open(client(place).await, settings).await {
        Err(error) => error,
        Ok(_) => panic!("it was opened"),
    }
}

/// Asks JetStream something, beside Picket.
async fn api(place: &Place, subject: &str, body: serde_json::Value) -> serde_json::Value {
    let answer = client(place)
        .await
        .request(subject.to_owned(), body.to_string().into())
        .await
        .unwrap();
    serde_json::from_slice(&answer.payload).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_flush_every_write_is_refused_with_the_fix() {
    let servers = Nats::with(1, "sync_interval: \"2m\"", "");
    let place = servers.place();
    let refused = refusal(&place, settings(&place)).await;
    assert!(
        matches!(&refused, NatsOpenError::NoSync { server } if server == "n1"),
        "{refused}"
    );
    assert!(
        refused.to_string().contains("`sync_interval: always`"),
        "{refused}"
    );
    let info = api(
        &place,
        "$JS.API.STREAM.INFO.PICKET_JOURNAL",
        serde_json::json!({}),
    )
    .await;
    assert_eq!(
        info["error"]["err_code"], 10059,
        "nothing was made on a server that is refused"
    );
    let told = JournalSettings {
        unverified_sync: true,
        ..settings(&place)
    };
    NatsJournal::open(client(&place).await, told).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_let_themselves_be_asked_need_no_monitoring_address() {
    for servers in [one(), three()] {
        let place = servers.place();
        let settings = JournalSettings {
            monitors: Vec::new(),
            ..settings(&place)
        };
        NatsJournal::open(client(&place).await, settings)
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_server_that_holds_the_stream_must_be_seen() {
    for servers in [Nats::one(), Nats::three()] {
        let place = servers.shut_place();
        let seen = place.monitors.len() - 1;
        let some = JournalSettings {
            monitors: place.monitors[..seen].to_vec(),
            ..settings(&place)
        };
        let refused = refusal(&place, some).await;
        let NatsOpenError::UnseenSync { server, .. } = &refused else {
            panic!("{refused}")
        };
        assert_eq!(servers.number(server), Some(seen), "{refused}");
        let wrong = JournalSettings {
            monitors: vec!["http://127.0.0.1:1".to_owned()],
            ..settings(&place)
        };
        let refused = refusal(&place, wrong).await.to_string();
        assert!(
            refused.contains("`http://127.0.0.1:1`: ") && refused.contains("monitoring address"),
            "{refused}"
        );
        NatsJournal::open(client(&place).await, settings(&place))
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_could_lose_a_commit_is_refused_and_named() {
    let servers = one();
    let place = servers.place();
    let made = serde_json::json!({"name": "PICKET_JOURNAL", "subjects": ["picket.journal.>"], "storage": "file", "retention": "limits", "discard": "old", "max_bytes": 1_000_000});
    assert!(api(&place, "$JS.API.STREAM.CREATE.PICKET_JOURNAL", made).await["error"].is_null());
    let refused = refusal(&place, settings(&place)).await;
    let NatsOpenError::UnfitStream { stream, wrong } = &refused else {
        panic!("{refused}")
    };
    assert_eq!((&**stream, wrong.setting), ("PICKET_JOURNAL", "discard"));
    assert_eq!(
        refused.to_string(),
        "the stream `PICKET_JOURNAL` has `discard` = \"old\", and Picket needs \"new\"; change it with `nats stream edit PICKET_JOURNAL`"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_room_for_the_largest_commit_or_without_jetstream_is_refused() {
    let servers = Nats::with(1, "sync_interval: always", "max_payload: 1MB");
    let place = servers.place();
    let refused = refusal(&place, settings(&place)).await;
    assert!(
        refused.to_string().contains("`max_payload: 2MB`"),
        "{refused}"
    );
    let servers = one();
    let system = servers.system_place();
    let refused = refusal(
        &system,
        JournalSettings {
            patience: Duration::from_secs(2),
            ..settings(&system)
        },
    )
    .await;
    assert!(
        matches!(refused, NatsOpenError::NoJetStream { .. }),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_key_and_a_server_that_is_not_there_are_told_without_the_secret() {
    let servers = one();
    for url in [
        format!("nats://a0:canary-5@127.0.0.1:{}", servers.port(0)),
        "nats://a0:canary-5@127.0.0.1:1".to_owned(),
    ] {
        let refused = connect(
            &NatsAccess {
                urls: vec![url],
                ..NatsAccess::default()
            },
            "test",
        )
        .await
        .unwrap_err();
        assert!(
            matches!(refused, ConnectError::Unreachable { .. }),
            "{refused}"
        );
        assert!(
            !format!("{refused} {refused:?}").contains("canary-5"),
            "{refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_open_one_journal_and_read_each_other() {
    let servers = three();
    let place = servers.place();
    let (first, second) = tokio::join!(journal(&place), journal(&place));
    let book = BookName::parse("dispatch/420902").unwrap();
    let head = first
        .append(
            &book,
            &Head::default(),
            &hash_of(b"one"),
            b"one".as_slice().into(),
        )
        .await
        .unwrap();
    let next = second
        .append(&book, &head, &hash_of(b"two"), b"two".as_slice().into())
        .await
        .unwrap();
    assert_eq!(
        first.last(std::slice::from_ref(&book)).await,
        Ok(vec![next])
    );
}
