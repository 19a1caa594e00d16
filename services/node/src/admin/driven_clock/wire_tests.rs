//! Bytes by which a test moves the clocks of processes, and of what they answer: it drives processes of other versions.

use picket_bus::MemoryBus;

use super::*;

const NOW: &str = r#"{"now":"2023-12-25T00:30:00.5Z"}"#;
const STANDS: &str = r#"{"name":"replica-1","now":"2023-12-25T00:30:00.5Z","keeps":["dispatch/420902","courier/420902"],"rests":true}"#;

#[test]
fn the_present_is_said_and_heard_as_it_always_was() {
    let present = Present {
        now: "2023-12-25T00:30:00.5Z".parse().unwrap(),
    };
    assert_eq!(serde_json::to_string(&present).unwrap(), NOW);
    assert_eq!(serde_json::from_str::<Present>(NOW).unwrap(), present);
    assert_eq!(
        (SUBJECT, PRESENT),
        ("picket.test.clock", "picket.test.clock.present")
    );
}

#[test]
fn how_a_process_stands_is_said_and_heard_as_it_always_was() {
    let keeps = vec!["dispatch/420902".to_owned(), "courier/420902".to_owned()];
    let stands = Stands {
        name: "replica-1".to_owned(),
        now: "2023-12-25T00:30:00.5Z".parse().unwrap(),
        keeps,
        rests: true,
    };
    assert_eq!(serde_json::to_string(&stands).unwrap(), STANDS);
    assert_eq!(serde_json::from_str::<Stands>(STANDS).unwrap(), stands);
}

#[tokio::test]
async fn a_process_asks_with_its_name_and_answers_as_it_always_did() {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut asked = bus.serve("picket.test.clock.present").await.unwrap();
    let driving = async {
        let request = asked.next().await.unwrap();
        assert_eq!(request.body, b"replica-1");
        request.reply(NOW.into());
    };
    let ((), clock) = tokio::join!(driving, clock(bus.as_ref(), "replica-1"));
    let clock = clock.unwrap_or_else(|_| panic!("somebody drives"));
    let _following = tokio::spawn(follow(
        bus.clone(),
        clock,
        "replica-1".to_owned(),
        watch::channel(None).1,
    ));
    tokio::task::yield_now().await;
    let answer = bus
        .ask(
            "picket.test.clock",
            br#"{"now":"2023-12-26T00:00:00Z"}"#.to_vec(),
            ATTEMPT,
        )
        .await
        .unwrap();
    assert_eq!(
        String::from_utf8(answer).unwrap(),
        r#"{"name":"replica-1","now":"2023-12-26T00:00:00Z","keeps":[],"rests":true}"#
    );
}
