//! Bytes by which a book is let go on and what comes back: commands of other versions say them to a running Picket.

use picket_bus::MemoryBus;
use picket_calendar::Calendar;
use picket_journal::{Head, Journal, MemoryJournal, hash_of};
use picket_runtime::{Clock, Engine};
use picket_schemas::registry::Territory;

use super::*;

const WANTED: &str = r#"{"book":"dispatch/420902","skip":true}"#;

/// A process with these books of a county, in whose journals there is junk.
async fn process(books: &[&str], junk_in: &str) -> (Arc<dyn Bus>, Arc<Live>) {
    let journal = MemoryJournal::new();
    let junk = br#"{"nonsense":true}"#.to_vec();
    journal
        .append(
            &BookName::parse(junk_in).unwrap(),
            &Head::default(),
            &hash_of(&junk),
            junk.into(),
        )
        .await
        .unwrap();
    let territory = Territory {
        jurisdictions: [("420902".into(), None)].into(),
    };
    let clock = Clock::driven("2026-03-04T02:12:00Z".parse().unwrap());
    let engine = Arc::new(Engine::new(
        Arc::new(journal),
        territory,
        crate::services::kinds(),
        clock,
        Calendar::china(),
    ));
    let books: Vec<_> = books
        .iter()
        .map(|book| BookName::parse(book).unwrap())
        .collect();
    let live = Arc::new(Live::start(engine, &books, false).await.unwrap());
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    tokio::spawn(serve(bus.clone(), live.clone()));
    tokio::task::yield_now().await;
    (bus, live)
}

async fn ask(bus: &Arc<dyn Bus>, body: &str) -> String {
    String::from_utf8(
        bus.ask("picket.unpark", body.into(), Duration::from_secs(5))
            .await
            .unwrap(),
    )
    .unwrap()
}

#[test]
fn what_is_wanted_is_said_and_heard_as_it_always_was() {
    assert_eq!(
        serde_json::to_string(&UnparkRequest {
            book: "dispatch/420902".to_owned(),
            skip: true
        })
        .unwrap(),
        WANTED
    );
    assert_eq!(
        serde_json::to_string(&serde_json::from_str::<UnparkRequest>(WANTED).unwrap()).unwrap(),
        WANTED
    );
    assert_eq!((SUBJECT, STOPPED), ("picket.unpark", "stopped: "));
}

#[tokio::test]
async fn a_damaged_book_answers_as_it_always_did() {
    let (bus, live) = process(&["dispatch/420902"], "dispatch/420902").await;
    let answer = ask(&bus, WANTED).await;
    assert!(
        answer.starts_with("stopped: ") && answer.contains("commit 1"),
        "{answer}"
    );
    live.stop().await;
}

#[tokio::test]
async fn a_book_that_waits_and_one_that_does_not_answer_as_they_always_did() {
    let (bus, live) = process(&["dispatch/420902", "courier/420902"], "schedule/420902").await;
    let command = picket_schemas::dispatch::Command::CancelTask {
        task: "T-1".into(),
        reason: "r".into(),
    };
    let wish = crate::ids::system_wish(
        "w-1".to_owned(),
        &"420902".into(),
        live.engine().clock.now(),
        command.into(),
    );
    assert_eq!(
        live.wish(&"420902".into(), wish).await.unwrap_err().code,
        "parked"
    );
    assert_eq!(ask(&bus, WANTED).await, "done");
    for other in [
        "garbled",
        r#"{"book":"dispatch","skip":false}"#,
        r#"{"book":"dispatch/420902","skip":false}"#,
        r#"{"book":"dispatch/999999","skip":false}"#,
    ] {
        assert_eq!(ask(&bus, other).await, "no", "{other}");
    }
    live.stop().await;
}
