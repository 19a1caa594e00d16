//! Checks of fields: texts and values that pass, and the refusals for the rest.

use super::*;

fn field_of(refusal: Refusal) -> String {
    match refusal {
        Refusal::Invalid { field, .. } | Refusal::Missing { field, .. } => field,
        other => panic!("{other:?} names no field"),
    }
}

#[test]
fn a_text_is_as_long_as_a_record_holds_counted_in_characters() {
    let longest = "长".repeat(TEXT);
    assert_eq!(text("note", &format!("  {longest}\n")), Ok(longest.clone()));
    assert_eq!(
        text("note", &format!("{longest}长")),
        Err(invalid("note", "it is longer than 4000 characters"))
    );
    assert_eq!(text("note", " \n "), Ok(String::new()));
}

#[test]
fn a_reason_is_asked_for_where_there_is_none() {
    let needed = Err(Refusal::ReasonNeeded {
        what: "pausing a clock".to_owned(),
    });
    assert_eq!(reason(" ", "pausing a clock"), needed);
    assert_eq!(line_of_reason(" ", "pausing a clock"), needed);
    let too_long = "x".repeat(TEXT + 1);
    for refused in [
        reason(&too_long, "pausing a clock"),
        line_of_reason(&too_long, "pausing a clock"),
        line_of_reason("one\ntwo", "pausing a clock"),
    ] {
        assert_eq!(refused.map_err(field_of), Err("reason".to_owned()));
    }
    assert_eq!(reason(" flood ", "it"), Ok("flood".to_owned()));
    assert_eq!(reason("one\ntwo", "it"), Ok("one\ntwo".to_owned()));
}

#[test]
fn a_name_is_one_line_that_is_not_empty() {
    assert_eq!(name("name", " Lane 3 ", "…"), Ok("Lane 3".to_owned()));
    assert_eq!(
        name("name", "", "people read it"),
        Err(missing("name", "people read it"))
    );
    for refused in ["a\u{7}b", "a\nb", &"名".repeat(NAME + 1)] {
        assert_eq!(
            name("name", refused, "…").map_err(field_of),
            Err("name".to_owned())
        );
    }
}

#[test]
fn a_code_of_a_record_is_ascii_and_one_typed_at_a_command_line_of_any_script() {
    let longest = "7".repeat(CODE);
    for fine in ["P-04.a_1", &longest] {
        assert_eq!(code("code", fine), Ok(()));
        assert_eq!(code_of_any_script("code", fine), Ok(()));
    }
    assert_eq!(code_of_any_script("code", "每日巡查"), Ok(()));
    for refused in ["每日巡查", "a b", &"7".repeat(CODE + 1)] {
        assert!(matches!(
            code("code", refused),
            Err(Refusal::Invalid { .. })
        ));
    }
    assert!(matches!(code("code", ""), Err(Refusal::Missing { .. })));
    for refused in ["", "a b", &"每".repeat(CODE + 1)] {
        assert!(matches!(
            code_of_any_script("code", refused),
            Err(Refusal::Invalid { .. })
        ));
    }
}

#[test]
fn a_violation_code_is_a_few_capital_letters_and_digits() {
    for fine in ["H1", "A", "12345678"] {
        assert_eq!(violation("codes", fine), Ok(()));
    }
    for refused in ["", "h1", "H-1", "123456789", "Ｈ1"] {
        assert_eq!(
            violation("codes", refused).map_err(field_of),
            Err("codes".to_owned())
        );
    }
}

#[test]
fn what_is_repeated_in_a_refusal_is_short_and_can_be_shown() {
    let Err(Refusal::Invalid { why, .. }) = one_of(
        "risk",
        &format!("\u{1b}[2J{}", "x".repeat(5_000)),
        &["low", "high"],
    ) else {
        panic!("it is neither");
    };
    assert!(
        why.chars().count() < 100 && !why.contains('\u{1b}'),
        "{why}"
    );
    assert!(why.ends_with("is none of low, high"), "{why}");
    assert_eq!(one_of("risk", "low", &["low", "high"]), Ok(()));
}

#[test]
fn an_instant_at_this_very_moment_has_come() {
    let now = Timestamp::UNIX_EPOCH;
    let later = now + jiff::SignedDuration::from_nanos(1);
    assert_eq!(not_ahead("observed", now, now), Ok(()));
    assert!(not_ahead("observed", later, now).is_err());
    assert!(ahead("promise", now, now).is_err());
    assert_eq!(ahead("promise", later, now), Ok(()));
    assert!(ends_after("until", "a visit", now, now).is_err());
    assert_eq!(ends_after("until", "a visit", now, later), Ok(()));
}

#[test]
fn nothing_is_no_amount() {
    assert!(positive("amount_fen", 0_u64, "a refund is more than nothing").is_err());
    assert_eq!(positive("amount", 1_u32, "…"), Ok(()));
}
