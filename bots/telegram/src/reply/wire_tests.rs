//! Name and value of the update a person was shown last: the bot that takes over, whatever version it is of, reads them.

use picket_ephemera::{Ephemera, MemoryEphemera};

use super::*;
use crate::bot::wire_tests::alone;

#[tokio::test]
async fn which_update_was_shown_last_is_read_where_it_always_lay() {
    let kept = Arc::new(MemoryEphemera::new());
    let bot = alone(&kept);
    let (store, shown) = (&bot.outbox.store, &bot.dialogues.shown);
    assert_eq!(store.key(&name(7017)), "telegram/7000000001/told/7017");
    let record = SessionRecord {
        handled: 42,
        outputs: vec![Output::Toast("taken".to_owned())],
        ..SessionRecord::of("420902/P-0017")
    };
    kept.put("telegram/7000000001/told/7017", b"41", SHOWN_TTL)
        .await
        .unwrap();
    assert_eq!(
        shown.repeated(7017, &record, 42).await,
        Some(record.outputs.clone()),
        "it was not shown"
    );
    kept.put("telegram/7000000001/told/7017", b"42", SHOWN_TTL)
        .await
        .unwrap();
    assert_eq!(
        shown.repeated(7017, &record, 42).await,
        Some(Vec::new()),
        "it was"
    );
    assert_eq!(shown.repeated(7017, &record, 43).await, None);
}
