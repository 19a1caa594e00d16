//! Bytes of what a running Picket says of its health: commands of other versions ask for it.

use picket_bus::MemoryBus;

use super::*;

const HEALTH: &str = r#"{"unsaved":"no room","books":[{"book":"dispatch/420902","hindrance":"stopped","why":"commit 4 is not what it was"},{"book":"courier/420902","hindrance":"parked","why":"commit 5"},{"book":"schedule/420902","hindrance":"silent_bell","why":"it says nothing"}],"insight":"no room either","calendars":{"2027":3}}"#;

fn health() -> Health {
    let unwell = |book: &str, hindrance, why: &str| Unwell {
        book: book.to_owned(),
        hindrance,
        why: why.to_owned(),
    };
    Health {
        unsaved: Some("no room".to_owned()),
        books: vec![
            unwell(
                "dispatch/420902",
                Hindrance::Stopped,
                "commit 4 is not what it was",
            ),
            unwell("courier/420902", Hindrance::Parked, "commit 5"),
            unwell("schedule/420902", Hindrance::SilentBell, "it says nothing"),
        ],
        insight: Some("no room either".to_owned()),
        calendars: [(2027, 3)].into(),
    }
}

#[test]
fn health_is_said_and_heard_as_it_always_was() {
    assert_eq!(serde_json::to_string(&health()).unwrap(), HEALTH);
    assert_eq!(serde_json::from_str::<Health>(HEALTH).unwrap(), health());
    let well = r#"{"unsaved":null,"books":[],"insight":null,"calendars":{}}"#;
    assert_eq!(serde_json::to_string(&Health::default()).unwrap(), well);
    for short in ["{}", r#"{"books":[]}"#, well] {
        assert_eq!(
            serde_json::from_str::<Health>(short).unwrap(),
            Health::default()
        );
    }
}

#[tokio::test]
async fn health_is_asked_for_where_and_as_it_always_was() {
    assert_eq!(SUBJECT, "picket.health");
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut requests = bus.serve("picket.health").await.unwrap();
    let serving = async {
        let request = requests.next().await.unwrap();
        assert!(request.body.is_empty());
        request.reply(HEALTH.into());
    };
    let client = Client::new(bus.clone());
    let ((), heard) = tokio::join!(serving, Health::ask(&client));
    assert_eq!(heard, health());
}
