//! Names and values by which a bot knows which message shows which card: bots of other versions look there.

use std::sync::Arc;

use picket_ephemera::{Ephemera, MemoryEphemera};

use super::*;
use crate::bot::wire_tests::alone;

#[tokio::test]
async fn which_message_shows_a_card_is_kept_where_it_always_was() {
    let kept = Arc::new(MemoryEphemera::new());
    let bot = alone(&kept);
    let index = CardIndex::new(&bot.outbox.store);
    index.note(7017, "task/T-2041", 91).await;
    // The card by the SHA-256 of its key.
    let card = "telegram/7000000001/card/7017/554028cd698d1d8cd16ccc05eb170072e459670aac261ff39a6a389eee3fdca3";
    assert_eq!(kept.get(card).await, Ok(Some(b"91".to_vec())));
    assert_eq!(
        kept.get("telegram/7000000001/message/7017/91").await,
        Ok(Some(b"task/T-2041".to_vec()))
    );
    assert_eq!(index.message_of(7017, "task/T-2041").await, Some(91));
    assert_eq!(kept.len(), 2);
}
