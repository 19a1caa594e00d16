//! Runs that may not overlap.

use super::*;

fn hourly(office: &mut Office, overlap: &str) {
    office.defined(json!({"cron": "0 * * * *", "overlap": overlap, "does": batch()}));
}

#[test]
fn what_an_occurrence_caused_reports_back() {
    let mut office = Office::at("2026-03-03T10:30");
    hourly(&mut office, "skip");
    office.live("2026-03-03T11:00");
    assert_eq!(
        diary(&office.confirmed("B-1", "s@2026-03-03T11:00")),
        ["caused s@2026-03-03T11:00"]
    );
    assert!(office.confirmed("B-1", "s@2026-03-03T11:00").is_empty());
    let events = office.issued("B-1");
    assert!(
        matches!(&events[0], Event::OccurrenceDone { occurrence, caused } if *occurrence == "s@2026-03-03T11:00" && caused == "B-1")
    );
    assert!(office.issued("B-1").is_empty());
    assert!(
        office.issued("B-9").is_empty(),
        "a batch that a person issued"
    );
    assert!(
        office.confirmed("B-2", "other@2026-03-03T11:00").is_empty(),
        "a schedule of somebody else"
    );
}

#[test]
fn the_next_is_skipped_while_the_one_before_has_not_come_back() {
    let mut office = Office::at("2026-03-03T10:30");
    hourly(&mut office, "skip");
    office.live("2026-03-03T11:00");
    office.confirmed("B-1", "s@2026-03-03T11:00");
    let events = office.live("2026-03-03T12:00");
    assert_eq!(ends(&events), ["skipped s@2026-03-03T12:00"]);
    office.issued("B-1");
    assert_eq!(
        ends(&office.live("2026-03-03T13:00")),
        ["fired s@2026-03-03T13:00"]
    );
}

#[test]
fn one_waits_and_has_its_turn_when_the_one_before_comes_back() {
    let mut office = Office::at("2026-03-03T10:30");
    hourly(&mut office, "buffer_one");
    office.live("2026-03-03T11:00");
    office.confirmed("B-1", "s@2026-03-03T11:00");
    assert_eq!(
        diary(&office.live("2026-03-03T13:10")),
        [
            "planned s@2026-03-03T13:00",
            "skipped s@2026-03-03T13:00",
            "planned s@2026-03-03T14:00"
        ]
    );
    let events = office.issued("B-1");
    assert_eq!(
        diary(&events),
        ["done s@2026-03-03T11:00", "late s@2026-03-03T12:00"]
    );
    assert!(
        matches!(&events[1], Event::OccurrenceLate { why, .. } if why.contains("B-1 of s@2026-03-03T11:00 has just been issued"))
    );
}

#[test]
fn all_may_wait_and_have_their_turns_in_order() {
    let mut office = Office::at("2026-03-03T10:30");
    hourly(&mut office, "buffer_all");
    office.live("2026-03-03T14:10");
    for (batch, running, next) in [
        ("B-1", "11", "12"),
        ("B-2", "12", "13"),
        ("B-3", "13", "14"),
    ] {
        office.confirmed(batch, &format!("s@2026-03-03T{running}:00"));
        assert_eq!(
            ends(&office.issued(batch)),
            [format!("late s@2026-03-03T{next}:00")]
        );
    }
}

#[test]
fn runs_may_overlap_where_that_is_wanted() {
    let mut office = Office::at("2026-03-03T10:30");
    hourly(&mut office, "allow");
    assert_eq!(ends(&office.live("2026-03-03T13:00")).len(), 3);
}

#[test]
fn reminders_have_nothing_to_wait_for() {
    let mut office = Office::at("2026-03-03T10:30");
    office.defined(json!({"cron": "0 * * * *", "overlap": "skip"}));
    assert_eq!(
        ends(&office.live("2026-03-03T13:00")),
        [
            "fired s@2026-03-03T11:00",
            "fired s@2026-03-03T12:00",
            "fired s@2026-03-03T13:00"
        ]
    );
}

#[test]
fn what_never_comes_back_holds_up_the_others_for_a_day_only() {
    let mut office = Office::at("2026-03-03T10:30");
    office.defined(json!({"cron": "0 */12 * * *", "overlap": "buffer_one", "does": batch()}));
    let ended = ends(&office.live("2026-03-04T12:00"));
    assert_eq!(
        ended,
        ["fired s@2026-03-03T12:00", "late s@2026-03-04T00:00"]
    );
    let mut office = Office::at("2026-03-03T10:30");
    office.defined(json!({"cron": "0 */12 * * *", "overlap": "skip", "does": batch()}));
    assert_eq!(
        ends(&office.live("2026-03-04T12:00")),
        [
            "fired s@2026-03-03T12:00",
            "skipped s@2026-03-04T00:00",
            "fired s@2026-03-04T12:00"
        ]
    );
}

#[test]
fn after_a_gap_runs_still_take_turns() {
    let mut office = Office::at("2026-03-03T10:30");
    office.defined(
        json!({"cron": "0 * * * *", "overlap": "buffer_one", "catch_up": "all", "does": batch()}),
    );
    assert_eq!(
        ends(&office.ring("2026-03-03T13:30")),
        ["late s@2026-03-03T11:00", "skipped s@2026-03-03T13:00"]
    );
    office.confirmed("B-1", "s@2026-03-03T11:00");
    assert_eq!(ends(&office.issued("B-1")), ["late s@2026-03-03T12:00"]);
}

#[test]
fn those_that_wait_are_skipped_when_the_schedule_is_paused_or_defined_anew() {
    for paused in [true, false] {
        let mut office = Office::at("2026-03-03T10:30");
        hourly(&mut office, "buffer_all");
        office.live("2026-03-03T13:10");
        office.confirmed("B-1", "s@2026-03-03T11:00");
        let events = if paused {
            office
                .wish(&Command::Pause {
                    code: "s".into(),
                    reason: "flood".into(),
                })
                .expect("it is paused");
            office.issued("B-1")
        } else {
            office.defined(json!({"cron": "0 * * * *", "overlap": "skip", "does": batch()}))
        };
        assert_eq!(
            ends(&events),
            ["skipped s@2026-03-03T12:00", "skipped s@2026-03-03T13:00"]
        );
        let next = if paused {
            "skipped s@2026-03-03T14:00"
        } else {
            "fired s@2026-03-03T14:00"
        };
        if !paused {
            office.issued("B-1");
        }
        assert_eq!(ends(&office.live("2026-03-03T14:00")), [next]);
    }
}

#[test]
fn the_defaults_are_the_mild_ones() {
    let mut office = Office::at("2026-03-03T10:30");
    let events = office.defined(json!({"cron": "0 8 * * *"}));
    let Event::ScheduleDefined { schedule, .. } = &events[0] else {
        panic!("it was defined")
    };
    assert_eq!(
        (schedule.overlap, schedule.catch_up, schedule.jitter_s),
        (Overlap::Allow, CatchUp::Latest, 0)
    );
}
