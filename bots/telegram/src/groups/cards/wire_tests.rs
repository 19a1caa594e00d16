//! Bytes of the cards of a group, and where they lie: the bot that takes over, whatever version it is of, reads them.

use picket_ephemera::{Ephemera, MemoryEphemera};

use super::*;
use crate::bot::wire_tests::alone;
use crate::render;

const CARDS: &str = r#"{"board":{"at":-1007,"message":91,"shows":"0123456789abcdef","of":["B-12"]},"offers":[{"at":-1007,"message":92,"shows":"123456789abcdef0","of":["420902/T-2041","420902/T-2042"]}],"bulletins":[{"at":-1007,"message":93,"shows":"23456789abcdef01","of":["BU-4"]}]}"#;

fn cards() -> GroupCards {
    let card = |message, shows: &str, of: &[&str]| PlacedCard {
        at: -1007,
        message,
        shows: shows.to_owned(),
        of: of.iter().map(|one| (*one).to_owned()).collect(),
    };
    GroupCards {
        board: Some(card(91, "0123456789abcdef", &["B-12"])),
        offers: vec![card(
            92,
            "123456789abcdef0",
            &["420902/T-2041", "420902/T-2042"],
        )],
        bulletins: vec![card(93, "23456789abcdef01", &["BU-4"])],
    }
}

#[test]
fn the_cards_of_a_group_are_written_and_read_as_they_always_were() {
    assert_eq!(serde_json::to_string(&cards()).unwrap(), CARDS);
    assert_eq!(
        serde_json::to_string(&serde_json::from_str::<GroupCards>(CARDS).unwrap()).unwrap(),
        CARDS
    );
    let nothing = r#"{"board":null,"offers":[],"bulletins":[]}"#;
    assert_eq!(
        serde_json::to_string(&GroupCards::default()).unwrap(),
        nothing
    );
    assert_eq!(
        serde_json::to_string(&serde_json::from_str::<GroupCards>(nothing).unwrap()).unwrap(),
        nothing
    );
}

#[tokio::test]
async fn the_cards_of_a_group_lie_where_they_always_lay() {
    let kept = Arc::new(MemoryEphemera::new());
    save(&alone(&kept).outbox, -1007, &cards()).await;
    let bytes = kept
        .get("telegram/7000000001/group/-1007")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), CARDS);
    let read = load(&alone(&kept).outbox, -1007).await.unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), CARDS);
}

#[test]
fn what_a_card_shows_has_the_hash_it_always_had() {
    // The front of the SHA-256 of its text and, on a line of their own, its buttons: `{"inline_keyboard":[]}`.
    assert_eq!(hash(&render::words("one\ntwo")), "5d3bb245c086ed9a");
}
