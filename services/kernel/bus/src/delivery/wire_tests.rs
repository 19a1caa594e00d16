//! Bytes of notices on their way over a channel, and of what became of them: processes of other versions read them.

use std::sync::Arc;

use picket_schemas::courier::NoticeKind;

use super::*;
use crate::{Bus, MemoryBus};

const HANDED: &str = r#"{"notice":{"jurisdiction":"420902","notice":"N-501","to":"420902/P-0017","kind":"ladder","about":"E-14","at":"2026-03-04T02:12:00Z","with":{"level":"B2"},"after":{"courier/420902":7}},"attempt":2,"priority":"urgent","also":[{"notice":"N-502","about":"E-15"}],"until":"2026-03-04T02:27:00.5Z"}"#;

fn handed() -> Handed {
    let notice = Notice {
        jurisdiction: "420902".into(),
        notice: "N-501".to_owned(),
        to: "420902/P-0017".into(),
        kind: NoticeKind::Ladder,
        about: "E-14".to_owned(),
        at: "2026-03-04T02:12:00Z".parse().unwrap(),
        with: [("level".to_owned(), "B2".to_owned())].into(),
        after: [("courier/420902".to_owned(), 7)].into(),
    };
    let also = vec![Bundled {
        notice: "N-502".into(),
        about: "E-15".into(),
    }];
    Handed {
        notice,
        attempt: 2,
        priority: Priority::Urgent,
        also,
        until: "2026-03-04T02:27:00.5Z".parse().unwrap(),
    }
}

/// Every outcome with its bytes.
fn outcomes() -> [(Carried, &'static str); 8] {
    [
        (Carried::Sent, r#""sent""#),
        (
            Carried::Failed("no such chat".to_owned()),
            r#"{"failed":"no such chat"}"#,
        ),
        (
            Carried::Deferred("too many".to_owned(), Some(30)),
            r#"{"deferred":["too many",30]}"#,
        ),
        (
            Carried::Deferred("going down".to_owned(), None),
            r#"{"deferred":["going down",null]}"#,
        ),
        (
            Carried::Blocked("bot was blocked".to_owned()),
            r#"{"blocked":"bot was blocked"}"#,
        ),
        (
            Carried::Unknown("no clear answer".to_owned()),
            r#"{"unknown":"no clear answer"}"#,
        ),
        (Carried::NotHere, r#""not_here""#),
        (Carried::Unserved, r#""unserved""#),
    ]
}

#[test]
fn a_notice_handed_over_is_said_and_heard_as_it_always_was() {
    assert_eq!(serde_json::to_string(&handed()).unwrap(), HANDED);
    assert_eq!(serde_json::from_str::<Handed>(HANDED).unwrap(), handed());
}

#[test]
fn a_notice_from_before_it_said_how_pressing_it_is_and_what_goes_with_it_is_heard() {
    let short = HANDED.replace(
        r#","priority":"urgent","also":[{"notice":"N-502","about":"E-15"}]"#,
        "",
    );
    assert_eq!(
        serde_json::from_str::<Handed>(&short).unwrap(),
        Handed {
            priority: Priority::Work,
            also: Vec::new(),
            ..handed()
        }
    );
    let shorter = short.replace(r#","after":{"courier/420902":7}"#, "");
    assert!(
        serde_json::from_str::<Handed>(&shorter)
            .unwrap()
            .notice
            .after
            .is_empty()
    );
}

#[test]
fn every_priority_has_the_word_it_always_had() {
    for (priority, word) in [
        (Priority::Urgent, r#""urgent""#),
        (Priority::Work, r#""work""#),
        (Priority::News, r#""news""#),
    ] {
        assert_eq!(serde_json::to_string(&priority).unwrap(), word);
        assert_eq!(serde_json::from_str::<Priority>(word).unwrap(), priority);
    }
}

#[test]
fn every_outcome_is_said_and_heard_as_it_always_was() {
    for (carried, literal) in outcomes() {
        assert_eq!(serde_json::to_string(&carried).unwrap(), literal);
        assert_eq!(serde_json::from_str::<Carried>(literal).unwrap(), carried);
    }
}

#[test]
fn the_subject_of_a_channel_is_what_it_always_was() {
    assert_eq!(subjects::carry("telegram"), "picket.carry.telegram");
}

#[tokio::test]
async fn a_notice_goes_to_the_carrier_of_its_channel_and_every_outcome_comes_back() {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let client = Client::new(bus.clone());
    let mut requests = bus.serve("picket.carry.telegram").await.unwrap();
    let handed = handed();
    for (carried, literal) in outcomes() {
        let serving = async {
            let request = requests.next().await.unwrap();
            assert_eq!(String::from_utf8(request.body.clone()).unwrap(), HANDED);
            request.reply(literal.as_bytes().to_vec());
        };
        let ((), answer) = tokio::join!(
            serving,
            client.carry("telegram", &handed, Duration::from_secs(5))
        );
        assert_eq!(answer, Ok(carried));
    }
}

#[tokio::test]
async fn a_carrier_takes_what_it_always_took_and_answers_with_the_same_bytes() {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut carrying = Client::new(bus.clone()).carrying("telegram").await.unwrap();
    for (carried, literal) in outcomes() {
        let carrier = async {
            let carry = carrying.next().await.unwrap();
            assert_eq!(carry.handed, handed());
            carry.answer(&carried);
        };
        let ((), reply) = tokio::join!(
            carrier,
            bus.ask(
                "picket.carry.telegram",
                HANDED.into(),
                Duration::from_secs(5)
            )
        );
        assert_eq!(String::from_utf8(reply.unwrap()).unwrap(), literal);
    }
}
