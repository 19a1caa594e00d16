//! Bytes of what stands in a group, and where they lie: the bot that takes over, whatever version it is of, reads them.

use picket_ephemera::{Ephemera, MemoryEphemera};

use super::*;
use crate::bot::wire_tests::alone;
use crate::render;

const STANDING: &str = r#"{"board":{"at":-1007,"message":91,"shows":"0123456789abcdef","of":["B-12"]},"offers":[{"at":-1007,"message":92,"shows":"123456789abcdef0","of":["420902/T-2041","420902/T-2042"]}],"bulletins":[{"at":-1007,"message":93,"shows":"23456789abcdef01","of":["BU-4"]}]}"#;

fn standing() -> Standing {
    let live = |message, shows: &str, of: &[&str]| Live {
        at: -1007,
        message,
        shows: shows.to_owned(),
        of: of.iter().map(|one| (*one).to_owned()).collect(),
    };
    Standing {
        board: Some(live(91, "0123456789abcdef", &["B-12"])),
        offers: vec![live(
            92,
            "123456789abcdef0",
            &["420902/T-2041", "420902/T-2042"],
        )],
        bulletins: vec![live(93, "23456789abcdef01", &["BU-4"])],
    }
}

#[test]
fn what_stands_in_a_group_is_written_and_read_as_it_always_was() {
    assert_eq!(serde_json::to_string(&standing()).unwrap(), STANDING);
    assert_eq!(
        serde_json::to_string(&serde_json::from_str::<Standing>(STANDING).unwrap()).unwrap(),
        STANDING
    );
    let nothing = r#"{"board":null,"offers":[],"bulletins":[]}"#;
    assert_eq!(
        serde_json::to_string(&Standing::default()).unwrap(),
        nothing
    );
    assert_eq!(
        serde_json::to_string(&serde_json::from_str::<Standing>(nothing).unwrap()).unwrap(),
        nothing
    );
}

#[tokio::test]
async fn what_stands_in_a_group_lies_where_it_always_lay() {
    let kept = Arc::new(MemoryEphemera::new());
    keep(&alone(&kept), -1007, &standing()).await;
    let bytes = kept
        .get("telegram/7000000001/group/-1007")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), STANDING);
    let read = known(&alone(&kept), -1007).await.unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), STANDING);
}

#[test]
fn what_a_card_shows_has_the_hash_it_always_had() {
    // The front of the SHA-256 of its text and, on a line of their own, its buttons: `{"inline_keyboard":[]}`.
    assert_eq!(hash(&render::words("one\ntwo")), "5d3bb245c086ed9a");
}
