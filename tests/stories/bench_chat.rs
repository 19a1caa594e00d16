//! The bench of the chat, small: within the platform's limits, nothing lost, what is urgent first.
//!
//! How fast it is says the full one, on a quiet machine.

use crate::harness::run;

#[test]
fn a_small_county_is_written_to_within_the_platforms_limits_and_what_is_urgent_goes_first() {
    let said = run(["bench", "chat", "--people", "120", "--json"]);
    // Not by its exit code: the bound on the speed is for the full one.
    let report: serde_json::Value =
        serde_json::from_str(&said.out).unwrap_or_else(|why| panic!("{why}: {said:?}"));
    let number = |key: &str| {
        report[key]
            .as_f64()
            .unwrap_or_else(|| panic!("no {key}: {report}"))
    };
    assert_eq!(
        (number("people"), number("offers"), number("groups")),
        (120.0, 600.0, 12.0)
    );
    assert_eq!((number("too_many"), number("lost")), (0.0, 0.0), "{report}");
    assert!(
        (132.0..=300.0).contains(&number("messages")),
        "a hundred and twenty bundles and twelve groups, and not six hundred: {report}"
    );
    assert!(number("group_messages") >= 12.0, "{report}");
    assert!(
        number("digests_waiting") >= 1.0,
        "something urgent that had nothing to pass proves nothing: {report}"
    );
    assert!(number("urgent_ms") <= 5_000.0, "{report}");
    assert!(
        number("seconds") >= number("physical_seconds") - 1.0,
        "faster than the platform allows: {report}"
    );
}

#[test]
fn fewer_phones_than_make_sense_are_refused_with_what_to_do() {
    run(["bench", "chat", "--people", "3"]).refused(2, &["between 20 and 20,000 people"]);
}
