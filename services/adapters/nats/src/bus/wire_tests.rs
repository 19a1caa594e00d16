//! Words the bus itself puts on the wire, beside what it carries: processes of other versions hear them.

use super::*;

#[test]
fn a_reply_that_is_too_large_is_told_by_the_header_it_always_was() {
    assert_eq!(TOO_LARGE, "Picket-Too-Large");
}

#[test]
fn whether_a_subscription_is_known_is_asked_where_it_always_was() {
    assert_eq!(subjects::PROBE, "picket.here");
}
