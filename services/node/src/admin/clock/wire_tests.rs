//! Bytes of what is asked of a clock and what it says: commands of other versions ask a running Picket.

use picket_bus::MemoryBus;

use super::*;

const VIEW: &str = r#"{"now":"2026-03-04T02:12:00.123Z","held":true}"#;

#[test]
fn a_clock_is_said_and_heard_as_it_always_was() {
    let view = ClockView {
        now: "2026-03-04T02:12:00.123Z".parse().unwrap(),
        held: true,
    };
    assert_eq!(serde_json::to_string(&view).unwrap(), VIEW);
    let read: ClockView = serde_json::from_str(VIEW).unwrap();
    assert_eq!((read.now, read.held), (view.now, view.held));
    assert_eq!(SUBJECT, "picket.clock");
}

#[tokio::test]
async fn who_only_needs_the_time_asks_with_the_word_it_always_had() {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut requests = bus.serve("picket.clock").await.unwrap();
    let serving = async {
        let request = requests.next().await.unwrap();
        assert_eq!(request.body, b"look");
        request.reply(VIEW.into());
    };
    let client = Client::new(bus.clone());
    let ((), view) = tokio::join!(serving, of(&client));
    assert_eq!(
        view.map(|view| (view.now.to_string(), view.held)),
        Some(("2026-03-04T02:12:00.123Z".to_owned(), true))
    );
}

#[tokio::test]
async fn a_clock_answers_what_it_was_always_asked() {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let ask = async |body: &[u8]| {
        let answer = bus
            .ask("picket.clock", body.to_vec(), Duration::from_secs(5))
            .await
            .unwrap();
        String::from_utf8(answer).unwrap()
    };
    let standing = tokio::spawn(serve(
        bus.clone(),
        Clock::driven("2026-03-04T02:12:00.123Z".parse().unwrap()),
    ));
    tokio::task::yield_now().await;
    assert_eq!(
        ask(b"look").await,
        r#"{"now":"2026-03-04T02:12:00.123Z","held":false}"#
    );
    standing.abort();
    drop(standing.await);
    // One that slept for more than a week waits for a person.
    let clock = Clock::real();
    clock.check(Some("2020-01-01T00:00:00Z".parse().unwrap()));
    let _serving = tokio::spawn(serve(bus.clone(), clock.clone()));
    tokio::task::yield_now().await;
    assert!(ask(b"look").await.ends_with(r#"Z","held":true}"#));
    assert!(ask(b"confirm").await.ends_with(r#"Z","held":false}"#));
    assert!(!clock.held());
}
