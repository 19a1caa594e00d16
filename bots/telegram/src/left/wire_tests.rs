//! Name and value of the update a person was shown last: the bot that takes over, whatever version it is of, reads them.

use picket_ephemera::{Ephemera, MemoryEphemera};

use super::*;
use crate::bot::wire_tests::alone;

#[tokio::test]
async fn which_update_was_shown_last_is_read_where_it_always_lay() {
    let kept = Arc::new(MemoryEphemera::new());
    let bot = alone(&kept);
    assert_eq!(told(&bot, 7017), "telegram/7000000001/told/7017");
    let seat = Seat {
        handled: 42,
        said: vec![Say::Toast("taken".to_owned())],
        ..Seat::of("420902/P-0017")
    };
    kept.put("telegram/7000000001/told/7017", b"41", TOLD)
        .await
        .unwrap();
    assert_eq!(
        had(&bot, 7017, &seat, 42).await,
        Some(seat.said.clone()),
        "it was not shown"
    );
    kept.put("telegram/7000000001/told/7017", b"42", TOLD)
        .await
        .unwrap();
    assert_eq!(had(&bot, 7017, &seat, 42).await, Some(Vec::new()), "it was");
    assert_eq!(had(&bot, 7017, &seat, 43).await, None);
}
