//! Bytes of the ids a snapshot keeps: a program of the same build reads them, one of another version folds the book.

use super::*;

#[test]
fn ids_with_what_they_led_to_are_kept_as_they_always_were() {
    let literal = r#"[["w-1","2026-03-04T02:12:00.123Z",7,1834,["T-1","T-2"]],["w-2","2026-03-04T02:13:00Z",8,1835,[]]]"#;
    let mut remembered = Remembered::default();
    let at = |text: &str| text.parse().expect("an instant");
    remembered.accepted(
        "w-1".into(),
        IdOwner(7),
        at("2026-03-04T02:12:00.123Z"),
        1834,
        vec!["T-1".into(), "T-2".into()],
    );
    remembered.accepted(
        "w-2".into(),
        IdOwner(8),
        at("2026-03-04T02:13:00Z"),
        1835,
        Vec::new(),
    );
    assert_eq!(
        serde_json::to_string(&remembered.kept()).expect("JSON"),
        literal
    );
    let read: Vec<RememberedId> = serde_json::from_str(literal).expect("what was kept");
    assert_eq!(read, remembered.kept());
    assert_eq!(Remembered::of(read).kept(), remembered.kept());
}
