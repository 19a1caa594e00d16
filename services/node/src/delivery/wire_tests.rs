//! Bytes by which an outcome reaches whoever keeps the book: processes of other versions say and hear them.

use picket_bus::MemoryBus;
use picket_calendar::Calendar;
use picket_journal::{BookName, Head, Journal, MemoryJournal, hash_of};
use picket_runtime::Clock;
use picket_schemas::courier::NoticeKind;
use picket_schemas::registry::Territory;
use picket_schemas::{Cause, Commit, Entry};

use super::*;

const REPORTED: &str = r#"{"id":"delivery:420902:N-501:2","command":{"do":"courier.report_delivery","notice":"N-501","attempt":2,"delivery":"deferred","reason":"too many","channel":"telegram","retry_after":30}}"#;

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn reported(delivery: Delivery, retry_after: Option<u32>) -> Reported {
    let command = courier::Command::ReportDelivery {
        notice: "N-501".into(),
        attempt: 2,
        delivery,
        reason: "too many".to_owned(),
        channel: "telegram".to_owned(),
        retry_after,
    };
    Reported {
        id: "delivery:420902:N-501:2".to_owned(),
        command,
    }
}

fn handed() -> Handed {
    let notice = Notice {
        jurisdiction: "420902".into(),
        notice: "N-501".to_owned(),
        to: "420902/P-0017".into(),
        kind: NoticeKind::Offer,
        about: "T-2041".to_owned(),
        at: instant("2026-03-04T02:12:00Z"),
        with: BTreeMap::new(),
        after: After::new(),
    };
    Handed {
        notice,
        attempt: 2,
        priority: Priority::Work,
        also: Vec::new(),
        until: instant("2026-03-04T02:27:00Z"),
    }
}

/// A process with these books of a county; courier's journal says that the notice is out for its second attempt.
async fn process(books: &[&str]) -> (Arc<Live>, MemoryJournal) {
    let journal = MemoryJournal::new();
    let queued = r#"{"type":"notice.queued","notice":"N-501","to":"420902/P-0017","kind":"offer","about":"T-2041","urgent":false,"after":"2026-03-04T02:12:00Z"}"#;
    let out = r#"{"type":"notice.handed","notice":"N-501","to":"420902/P-0017","kind":"offer","about":"T-2041","attempt":2,"channel":"telegram","until":"2026-03-04T02:27:00Z"}"#;
    let at = instant("2026-03-04T02:12:00Z");
    let entry = Entry {
        id: "bell".into(),
        by: "courier".into(),
        via: "clock".into(),
        cause: Cause::Bell,
        of: Some("2026-03-04T02:12:00Z".into()),
        does: "courier.ring".into(),
        made: at,
        trace: String::new(),
        hops: 0,
        events: [queued, out]
            .map(|json| Event::decode("courier", json).unwrap())
            .into(),
    };
    let book = BookName::parse("courier/420902").unwrap();
    let bytes = Commit {
        book: book.to_string(),
        n: 1,
        at,
        prev: String::new(),
        due: None,
        seen: BTreeMap::new(),
        reader: 1,
        began: None,
        entries: vec![entry],
    }
    .encode();
    journal
        .append(&book, &Head::default(), &hash_of(&bytes), bytes.into())
        .await
        .unwrap();
    let territory = Territory {
        jurisdictions: [("420902".into(), None)].into(),
    };
    let engine = Engine::new(
        Arc::new(journal.clone()),
        territory,
        crate::services::kinds(),
        Clock::driven(at),
        Calendar::china(),
    );
    let books: Vec<_> = books
        .iter()
        .map(|book| BookName::parse(book).unwrap())
        .collect();
    (
        Arc::new(Live::start(Arc::new(engine), &books, false).await.unwrap()),
        journal,
    )
}

#[test]
fn an_outcome_is_said_and_heard_as_it_always_was() {
    assert_eq!(
        serde_json::to_string(&reported(Delivery::Deferred, Some(30))).unwrap(),
        REPORTED
    );
    let words = [
        (Delivery::Sent, "sent"),
        (Delivery::Failed, "failed"),
        (Delivery::Deferred, "deferred"),
        (Delivery::Blocked, "blocked"),
        (Delivery::Unknown, "unknown"),
        (Delivery::Away, "away"),
    ];
    for (delivery, word) in words {
        let literal = REPORTED
            .replace("deferred", word)
            .replace(r#""retry_after":30"#, r#""retry_after":null"#);
        assert_eq!(
            serde_json::to_string(&reported(delivery, None)).unwrap(),
            literal
        );
        let heard: Reported = serde_json::from_str(&literal).unwrap();
        assert_eq!(
            (heard.id, heard.command),
            (
                reported(delivery, None).id,
                reported(delivery, None).command
            )
        );
    }
    let heard: Reported = serde_json::from_str(REPORTED).unwrap();
    assert_eq!(
        heard.command,
        reported(Delivery::Deferred, Some(30)).command
    );
}

#[test]
fn an_outcome_from_before_its_newer_words_is_heard() {
    let short = r#"{"id":"delivery:420902:N-501:2","command":{"do":"courier.report_delivery","notice":"N-501","attempt":2,"delivery":"sent"}}"#;
    let heard: Reported = serde_json::from_str(short).unwrap();
    let command = courier::Command::ReportDelivery {
        notice: "N-501".into(),
        attempt: 2,
        delivery: Delivery::Sent,
        reason: String::new(),
        channel: String::new(),
        retry_after: None,
    };
    assert_eq!(heard.command, command);
}

#[test]
fn channels_and_subjects_are_what_they_always_were() {
    assert_eq!(
        (SCREEN, CHAT, subject(&"420902".into()).as_str()),
        ("terminal", "telegram", "picket.outcome.420902")
    );
}

#[tokio::test]
async fn what_a_channel_said_goes_to_the_book_in_the_words_it_always_had() {
    let (live, _) = process(&[]).await;
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let (mut carrier, mut book) = (
        bus.serve("picket.carry.telegram").await.unwrap(),
        bus.serve("picket.outcome.420902").await.unwrap(),
    );
    let all = [
        (
            r#""sent""#,
            r#""delivery":"sent","reason":"","channel":"telegram","retry_after":null"#,
        ),
        (
            r#"{"failed":"no such chat"}"#,
            r#""delivery":"failed","reason":"no such chat","channel":"telegram","retry_after":null"#,
        ),
        (
            r#"{"deferred":["too many",30]}"#,
            r#""delivery":"deferred","reason":"too many","channel":"telegram","retry_after":30"#,
        ),
        (
            r#"{"blocked":"bot was blocked"}"#,
            r#""delivery":"blocked","reason":"bot was blocked","channel":"telegram","retry_after":null"#,
        ),
        (
            r#"{"unknown":"no clear answer"}"#,
            r#""delivery":"unknown","reason":"no clear answer","channel":"telegram","retry_after":null"#,
        ),
        (
            r#""not_here""#,
            r#""delivery":"failed","reason":"no screen is open for this person","channel":"terminal","retry_after":null"#,
        ),
    ];
    let client = Client::new(bus.clone());
    for (carried, words) in all {
        let carrying = async { carrier.next().await.unwrap().reply(carried.into()) };
        let hearing = async {
            let request = book.next().await.unwrap();
            let body = String::from_utf8(request.body.clone()).unwrap();
            // Anything but this is no yes, and it is told again.
            request.reply(b"told".to_vec());
            body
        };
        let ((), body, ()) = tokio::join!(carrying, hearing, report(&live, &client, handed()));
        assert_eq!(
            body,
            format!(
                r#"{{"id":"delivery:420902:N-501:2","command":{{"do":"courier.report_delivery","notice":"N-501","attempt":2,{words}}}}}"#
            )
        );
    }
}

#[tokio::test]
async fn who_keeps_the_book_says_that_it_was_told_with_the_word_it_always_had() {
    let (live, journal) = process(&["courier/420902"]).await;
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let _serving = tokio::spawn(outcomes(bus.clone(), live.clone(), "420902".into()));
    tokio::task::yield_now().await;
    let told = bus
        .ask(
            "picket.outcome.420902",
            REPORTED.replace("deferred", "sent").into(),
            Duration::from_secs(20),
        )
        .await;
    assert_eq!(told, Ok(b"told".to_vec()));
    live.stop().await;
    let stored = journal
        .read_blocking(
            &BookName::parse("courier/420902").unwrap(),
            &Head::default(),
            usize::MAX,
        )
        .unwrap();
    let entries: Vec<_> = stored
        .iter()
        .flat_map(|stored| Commit::decode(&stored.bytes).unwrap().entries)
        .collect();
    let entry = entries
        .iter()
        .find(|entry| entry.id == "delivery:420902:N-501:2")
        .unwrap();
    assert_eq!(
        (
            entry.by.as_str(),
            entry.via.as_str(),
            entry.events[0].kind()
        ),
        ("420902/system", "system", "notice.sent")
    );
}
