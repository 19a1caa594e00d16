//! Defining, pausing, firing by hand.

use picket_book::fields;

use super::*;

#[test]
fn a_defined_schedule_says_itself_in_words_and_plans_its_next_occurrence() {
    let mut office = Office::at("2026-03-03T10:00");
    let events = office.defined(json!({"cron": "30 8 * * MON", "days": "working"}));
    assert_eq!(
        diary(&events),
        ["schedule.defined", "planned s@2026-03-09T08:30"]
    );
    assert!(
        matches!(&events[0], Event::ScheduleDefined { words, .. } if words == "at 08:30 on every Mon, working days only, Asia/Shanghai time")
    );
    assert_eq!(office.bench.book.due(), Some(t("2026-03-09T08:30")));
}

#[test]
fn the_same_definition_again_changes_nothing() {
    let mut office = Office::at("2026-03-03T10:00");
    office.defined(json!({"cron": "30 8 * * MON"}));
    assert!(
        office
            .defined(json!({"cron": "30  8 * * MON", "zone": ""}))
            .is_empty()
    );
}

#[test]
fn a_schedule_defined_anew_skips_what_was_planned_and_plans_again() {
    let mut office = Office::at("2026-03-03T10:00");
    office.defined(json!({"cron": "30 8 * * MON"}));
    let events = office.defined(json!({"cron": "0 9 * * WED"}));
    assert_eq!(
        diary(&events),
        [
            "skipped s@2026-03-09T08:30",
            "schedule.defined",
            "planned s@2026-03-04T09:00"
        ]
    );
    // Back again: the wall time has ended once, so it gets an id of its own.
    let events = office.defined(json!({"cron": "30 8 * * MON"}));
    assert_eq!(diary(&events)[2], "planned s@2026-03-09T08:30~2");
    assert_eq!(
        ends(&office.live("2026-03-09T09:00")),
        ["fired s@2026-03-09T08:30~2"]
    );
}

#[test]
fn another_deed_at_the_same_time_keeps_the_planned_occurrence() {
    let mut office = Office::at("2026-03-03T10:00");
    office.defined(json!({"cron": "30 8 * * MON"}));
    let events =
        office.defined(json!({"cron": "30 8 * * MON", "does": {"digest": {"to": ["supervisor"]}}}));
    assert_eq!(diary(&events), ["schedule.defined"]);
    let fired = office.live("2026-03-09T09:00");
    assert_eq!(
        diary(&fired),
        ["fired s@2026-03-09T08:30", "planned s@2026-03-16T08:30"]
    );
    assert!(matches!(
        &fired[0],
        Event::OccurrenceFired {
            does: picket_schemas::schedule::Does::Digest { .. },
            by: None,
            ..
        }
    ));
}

#[test]
fn what_cannot_come_round_is_refused_with_a_hint() {
    let mut office = Office::at("2026-03-03T10:00");
    for (fields, field) in [
        (json!({"cron": "30 8 * * 1"}), "cron"),
        (json!({"cron": "30 8 31 2 *"}), "cron"),
        (json!({"cron": "0 30 8 * * MON"}), "cron"),
        (
            json!({"cron": "30 8 * * MON", "zone": "Asia/Nowhere"}),
            "zone",
        ),
        (json!({"cron": "30 8 * * MON", "code": "a b"}), "code"),
        (json!({"cron": "30 8 * * MON", "code": ""}), "code"),
        (json!({"cron": "30 8 * * MON", "jitter": 90_000}), "jitter"),
        (json!({"cron": "*/5 * * * *", "jitter": 300}), "jitter"),
        (
            json!({"cron": "30 8 * * MON", "does": {"issue_batch": {"name": " "}}}),
            "does",
        ),
        (
            json!({"cron": "30 8 * * MON", "does": {"digest": {"to": []}}}),
            "does",
        ),
        (
            json!({"cron": "30 8 * * MON", "does": {"remind": {"of": "not_accepted", "within": 2}}}),
            "does",
        ),
    ] {
        let refusal = office.define(fields.clone()).expect_err("it is refused");
        assert!(
            matches!(&refusal, Refusal::Invalid { field: given, .. } if given == field),
            "{fields}: {refusal}"
        );
    }
}

#[test]
fn a_sentinel_defines_no_schedule() {
    let mut office = Office::at("2026-03-03T10:00");
    let wish = read(
        json!({"do": "schedule.define", "code": "s", "cron": "30 8 * * MON", "does": {"remind": {"of": "not_accepted"}}}),
    );
    assert_eq!(code(office.bench.wish(SENTINEL, &wish)), "not_allowed");
}

#[test]
fn what_is_not_there_can_be_neither_paused_nor_fired() {
    let mut office = Office::at("2026-03-03T10:00");
    assert_eq!(
        code(office.wish(&Command::Pause {
            code: "s".into(),
            reason: "flood".into()
        })),
        "unknown"
    );
    assert_eq!(
        code(office.wish(&Command::Trigger { code: "s".into() })),
        "unknown"
    );
}

#[test]
fn occurrences_of_a_paused_schedule_are_skipped_with_the_reason() {
    let mut office = Office::at("2026-03-03T10:00");
    office.defined(json!({"cron": "30 8 * * *"}));
    assert_eq!(
        code(office.wish(&Command::Resume { code: "s".into() })),
        "wrong_state"
    );
    assert_eq!(
        code(office.wish(&Command::Pause {
            code: "s".into(),
            reason: " ".into()
        })),
        "reason_needed"
    );
    assert_eq!(
        code(office.wish(&Command::Pause {
            code: "s".into(),
            reason: "水".repeat(fields::TEXT + 1)
        })),
        "invalid"
    );
    office
        .wish(&Command::Pause {
            code: "s".into(),
            reason: "flood".into(),
        })
        .expect("it is paused");
    assert_eq!(
        code(office.wish(&Command::Pause {
            code: "s".into(),
            reason: "flood".into()
        })),
        "already"
    );
    let events = office.live("2026-03-04T12:00");
    assert_eq!(
        diary(&events),
        ["skipped s@2026-03-04T08:30", "planned s@2026-03-05T08:30"]
    );
    assert!(
        matches!(&events[0], Event::OccurrenceSkipped { why, .. } if why == "the schedule is paused: flood")
    );
    office
        .wish(&Command::Resume { code: "s".into() })
        .expect("it is resumed");
    assert_eq!(
        ends(&office.live("2026-03-05T12:00")),
        ["fired s@2026-03-05T08:30"]
    );
}

#[test]
fn a_schedule_can_be_fired_by_hand_at_any_time_and_says_by_whom() {
    let mut office = Office::at("2026-03-03T10:00:20");
    office.defined(json!({"cron": "30 8 * * MON"}));
    let events = office
        .wish(&Command::Trigger { code: "s".into() })
        .expect("it fires");
    assert!(
        matches!(&events[0], Event::OccurrenceFired { occurrence, by: Some(by), .. } if *occurrence == "s@2026-03-03T10:00" && *by == COORDINATOR)
    );
    let again = office
        .wish(&Command::Trigger { code: "s".into() })
        .expect("it fires again");
    assert_eq!(diary(&again), ["fired s@2026-03-03T10:00~2"]);
    assert_eq!(
        office.bench.book.due(),
        Some(t("2026-03-09T08:30")),
        "what is planned stays planned"
    );
}

#[test]
fn a_back_fill_fires_what_did_not_fire_and_only_that() {
    let mut office = Office::at("2026-03-03T10:00");
    office.defined(json!({"cron": "30 8 * * *", "catch_up": "none"}));
    office.live("2026-03-05T12:00");
    assert_eq!(
        ends(&office.ring("2026-03-07T12:00")),
        ["missed s@2026-03-06T08:30", "missed s@2026-03-07T08:30"]
    );
    let fill = |dry_run| Command::Backfill {
        code: "s".into(),
        from: t("2026-03-05T08:30"),
        to: t("2026-03-07T08:30"),
        dry_run,
    };
    assert!(
        office
            .wish(&fill(true))
            .expect("it may be tried")
            .is_empty()
    );
    assert_eq!(
        diary(&office.wish(&fill(false)).expect("it fires")),
        ["fired s@2026-03-06T08:30~2", "fired s@2026-03-07T08:30~2"]
    );
    assert!(
        office
            .wish(&fill(false))
            .expect("all have fired")
            .is_empty()
    );
}

#[test]
fn a_back_fill_reaches_neither_into_the_future_nor_too_far() {
    let mut office = Office::at("2026-03-03T10:00");
    office.defined(json!({"cron": "*/10 * * * *"}));
    let fill = |from: &str, to: &str| Command::Backfill {
        code: "s".into(),
        from: t(from),
        to: t(to),
        dry_run: false,
    };
    assert_eq!(
        code(office.wish(&fill("2026-03-03T09:00", "2026-03-03T11:00"))),
        "invalid"
    );
    assert_eq!(
        code(office.wish(&fill("2026-03-03T09:00", "2026-03-03T08:00"))),
        "invalid"
    );
    assert_eq!(
        code(office.wish(&fill("2026-03-01T09:00", "2026-03-03T09:00"))),
        "invalid"
    );
    assert_eq!(
        office
            .wish(&fill("2026-03-02T17:20", "2026-03-03T09:50"))
            .expect("a hundred are not too many")
            .len(),
        100
    );
}
