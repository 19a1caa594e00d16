//! Bytes of what a process says of itself, and of the question: a map asks processes of every version at once.

use picket_bus::MemoryBus;

use super::*;

const ASKED: &str = r#"{"to":"picket.map.asked-0123456789abcdef01234567"}"#;
const SIGHT: &str = r#"{"process":"replica-1","version":"0.1.0","since":"2026-03-04T02:12:00Z","services":["dispatch","insight"],"shards":8,"holds":[{"service":"dispatch","index":7,"since":"2026-03-04T02:12:05.5Z"}],"behind":{"dispatch":0,"insight":3},"stopped":["dispatch/420902"]}"#;

fn sight() -> ProcessStatus {
    ProcessStatus {
        process: "replica-1".to_owned(),
        version: "0.1.0".to_owned(),
        since: "2026-03-04T02:12:00Z".parse().unwrap(),
        services: vec!["dispatch".to_owned(), "insight".to_owned()],
        shards: 8,
        holds: vec![Hold {
            shard: Shard {
                service: "dispatch".to_owned(),
                index: 7,
            },
            since: "2026-03-04T02:12:05.5Z".parse().unwrap(),
        }],
        behind: [("dispatch".to_owned(), 0), ("insight".to_owned(), 3)].into(),
        stopped: vec!["dispatch/420902".to_owned()],
    }
}

#[test]
fn what_a_process_says_of_itself_is_said_and_heard_as_it_always_was() {
    assert_eq!(serde_json::to_string(&sight()).unwrap(), SIGHT);
    assert_eq!(
        serde_json::from_str::<ProcessStatus>(SIGHT).unwrap(),
        sight()
    );
}

#[test]
fn the_question_is_said_and_heard_as_it_always_was() {
    assert_eq!(
        serde_json::to_string(&StatusRequest {
            to: "picket.map.asked-0123456789abcdef01234567".to_owned()
        })
        .unwrap(),
        ASKED
    );
    assert_eq!(
        serde_json::from_str::<StatusRequest>(ASKED).unwrap().to,
        "picket.map.asked-0123456789abcdef01234567"
    );
    assert_eq!(SUBJECT, "picket.map");
}

#[tokio::test]
async fn a_process_answers_where_it_is_told_to() {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut answers = bus
        .serve("picket.map.asked-0123456789abcdef01234567")
        .await
        .unwrap();
    let _serving = tokio::spawn(serve(bus.clone(), || std::future::ready(sight())));
    tokio::task::yield_now().await;
    bus.tell("picket.map", ASKED.into()).await.unwrap();
    assert_eq!(
        String::from_utf8(answers.next().await.unwrap().body).unwrap(),
        SIGHT
    );
}

#[tokio::test(start_paused = true)]
async fn who_asks_names_a_subject_of_its_own_below_the_one_it_asks_on() {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut asked = bus.serve("picket.map").await.unwrap();
    let serving = async {
        let request = asked.next().await.unwrap();
        let asked: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        let to = asked["to"].as_str().unwrap().to_owned();
        assert_eq!(asked.to_string(), format!(r#"{{"to":"{to}"}}"#));
        bus.tell(&to, SIGHT.into()).await.unwrap();
        to
    };
    let (to, seen) = tokio::join!(serving, ask(bus.as_ref()));
    assert_eq!(seen, Ok(vec![sight()]));
    let own = to.strip_prefix("picket.map.asked-").unwrap();
    assert!(
        own.len() == 24 && own.bytes().all(|digit| digit.is_ascii_hexdigit()),
        "{to}"
    );
}
