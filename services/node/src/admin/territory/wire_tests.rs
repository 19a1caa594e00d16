//! Bytes of the list of jurisdictions, in its journal and on the bus: processes of other versions read and grow it.

use picket_bus::MemoryBus;
use picket_journal::MemoryJournal;

use super::*;

/// The first two commits of the journal; the second names the SHA-256 of the first.
const FIRST: &str =
    r#"{"book":"territory/all","n":1,"prev":"","jurisdictions":{"4209":null,"420902":"4209"}}"#;
const SECOND: &str = r#"{"book":"territory/all","n":2,"prev":"09f660eb32bf90d5a9ae8f6234e64229586802f6a81fd36bea80fc70584fc929","jurisdictions":{"4209":null,"420902":"4209","420921":"4209"}}"#;
const TERRITORY: &str = r#"{"jurisdictions":{"4209":null,"420902":"4209"}}"#;

fn territory() -> Territory {
    Territory {
        jurisdictions: [
            ("4209".into(), None),
            ("420902".into(), Some("4209".into())),
        ]
        .into(),
    }
}

/// What the journal holds.
fn stored(journal: &MemoryJournal) -> Vec<String> {
    let all = journal
        .read_blocking(
            &BookName::parse("territory/all").unwrap(),
            &Head::default(),
            usize::MAX,
        )
        .unwrap();
    all.iter()
        .map(|stored| String::from_utf8(stored.bytes.to_vec()).unwrap())
        .collect()
}

async fn ask_on(bus: &Arc<dyn Bus>, subject: &str, body: &str) -> String {
    String::from_utf8(
        bus.ask(subject, body.into(), Duration::from_secs(5))
            .await
            .unwrap(),
    )
    .unwrap()
}

#[test]
fn the_list_is_written_and_read_as_it_always_was() {
    let listed = Listed {
        book: "territory/all".to_owned(),
        n: 1,
        prev: String::new(),
        jurisdictions: territory().jurisdictions,
    };
    assert_eq!(serde_json::to_string(&listed).unwrap(), FIRST);
    for literal in [FIRST, SECOND] {
        assert_eq!(
            serde_json::to_string(&serde_json::from_str::<Listed>(literal).unwrap()).unwrap(),
            literal
        );
    }
}

#[test]
fn jurisdictions_are_said_and_heard_as_they_always_were() {
    assert_eq!(serde_json::to_string(&territory()).unwrap(), TERRITORY);
    assert_eq!(
        serde_json::from_str::<Territory>(TERRITORY).unwrap(),
        territory()
    );
    assert_eq!(
        (SUBJECT, LIST),
        ("picket.territory", "picket.jurisdictions")
    );
}

#[tokio::test]
async fn the_journal_of_the_list_grows_as_it_always_did() {
    let journal = MemoryJournal::new();
    grow(&journal, &territory()).await.unwrap();
    grow(
        &journal,
        &Territory {
            jurisdictions: [("420921".into(), Some("4209".into()))].into(),
        },
    )
    .await
    .unwrap();
    assert_eq!(stored(&journal), [FIRST, SECOND]);
}

#[tokio::test]
async fn a_list_that_another_version_wrote_is_read_and_grown() {
    let journal = MemoryJournal::new();
    let head = journal
        .append(
            &book(),
            &Head::default(),
            &hash_of(FIRST.as_bytes()),
            FIRST.as_bytes().to_vec().into(),
        )
        .await
        .unwrap();
    assert_eq!(read(&journal).await.unwrap(), (territory(), head));
    grow(
        &journal,
        &Territory {
            jurisdictions: [("420921".into(), Some("4209".into()))].into(),
        },
    )
    .await
    .unwrap();
    assert_eq!(stored(&journal), [FIRST, SECOND]);
}

#[tokio::test]
async fn who_serves_the_list_answers_as_it_always_did() {
    let (bus, journal): (Arc<dyn Bus>, _) = (Arc::new(MemoryBus::new()), MemoryJournal::new());
    let _serving = (
        tokio::spawn(serve(bus.clone(), Arc::new(journal.clone()))),
        tokio::spawn(tell(bus.clone(), Arc::new(journal.clone()))),
    );
    tokio::task::yield_now().await;
    assert_eq!(
        ask_on(&bus, "picket.territory", r#"{"jurisdictions":{}}"#).await,
        "",
        "nothing more is a yes, and writes nothing"
    );
    assert_eq!(stored(&journal).len(), 0);
    assert_eq!(
        ask_on(&bus, "picket.jurisdictions", "").await,
        r#"{"jurisdictions":{}}"#
    );
    assert_eq!(ask_on(&bus, "picket.territory", TERRITORY).await, "");
    assert_eq!(stored(&journal), [FIRST]);
    assert_eq!(ask_on(&bus, "picket.jurisdictions", "").await, TERRITORY);
    assert_ne!(
        ask_on(&bus, "picket.territory", "garbled").await,
        "",
        "what is wrong comes back in words"
    );
}

#[tokio::test]
async fn who_asks_says_what_it_always_said() {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let (mut grows, mut tells) = (
        bus.serve("picket.territory").await.unwrap(),
        bus.serve("picket.jurisdictions").await.unwrap(),
    );
    for (answer, heard) in [("", Ok(())), ("no room", Err("no room".to_owned()))] {
        let serving = async {
            let request = grows.next().await.unwrap();
            assert_eq!(String::from_utf8(request.body.clone()).unwrap(), TERRITORY);
            request.reply(answer.into());
        };
        let territory = territory();
        let ((), asked) = tokio::join!(serving, ask(bus.as_ref(), &territory));
        assert_eq!(asked, heard);
    }
    let serving = async {
        let request = tells.next().await.unwrap();
        assert!(request.body.is_empty());
        request.reply(TERRITORY.into());
    };
    let ((), there) = tokio::join!(serving, told(bus.as_ref()));
    assert_eq!(there, Some(territory()));
}
