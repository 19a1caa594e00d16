//! Clocks on orders.

use picket_schemas::rectification::Event as Fact;

use super::*;

#[test]
fn an_order_runs_from_service_to_the_fix_over_the_holidays() {
    let mut county = County::at("2026-09-18T10:00");
    let events = county.serve("Z-1", days(10));
    assert_eq!(kinds(&events), ["matter.opened", "clock.started"]);
    assert_eq!(
        started(&events),
        (
            ClockKind::OrderFix,
            t("2026-10-10T00:00"),
            ids(&[INSPECTOR])
        )
    );
    assert!(county.serve("Z-1", days(10)).is_empty());
}

#[test]
fn a_reported_fix_is_to_be_verified_within_five_working_days_and_a_passed_one_closes_the_order() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(10));
    county.on("2026-03-04T10:00").report_fix("Z-1");
    assert_eq!(county.running(), ["order.verify Z-1 03-12 00:00"]);
    assert!(county.report_fix("Z-1").is_empty());
    let passed = Fact::FixPassed {
        order: order("Z-1"),
        case: "C-1".into(),
        note: String::new(),
        by: VERIFIER.into(),
        evidence: Vec::new(),
    };
    assert_eq!(
        kinds(&county.rectification(passed)),
        ["clock.stopped", "matter.closed"]
    );
    assert!(county.bench.book.matters.is_empty());
}

#[test]
fn a_failed_fix_lets_the_order_run_on_at_its_old_due() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(10));
    county.on("2026-03-04T10:00").report_fix("Z-1");
    let events = county.on("2026-03-06T10:00").fail_fix("Z-1");
    assert_eq!(kinds(&events), ["clock.stopped", "clock.started"]);
    assert!(
        matches!(&events[1], Event::ClockStarted { from, .. } if *from == t("2026-03-02T10:00"))
    );
    assert_eq!(county.running(), ["order.fix Z-1 03-17 00:00"]);
    assert_eq!(
        diary(&county.live("2026-03-17T12:00")),
        [
            "03-11 08:30 reminder.due",
            "03-17 00:00 deadline.passed",
            "03-17 08:30 ladder.stepped B1"
        ]
    );
    assert!(county.fail_fix("Z-1").is_empty());
}

#[test]
fn a_fix_that_fails_after_the_deadline_takes_the_present_step_only() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    county.on("2026-03-09T10:00").report_fix("Z-1");
    county.on("2026-03-13T10:00").fail_fix("Z-1");
    let said = county.ring("2026-03-13T10:00");
    assert_eq!(
        kinds(&said),
        ["deadline.passed", "ladder.superseded", "ladder.stepped"]
    );
    assert!(matches!(&said[2], Event::LadderStepped { level, .. } if level == "B2"));
}

#[test]
fn an_extension_is_counted_from_the_start() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    let events = county.on("2026-03-04T10:00").extend("Z-1", days(3));
    assert!(
        matches!(&events[0], Event::ClockMoved { by, due, .. } if *by == HEAD && *due == t("2026-03-13T00:00"))
    );
    assert_eq!(county.running(), ["order.fix Z-1 03-13 00:00"]);
}

#[test]
fn a_rolled_deadline_is_rolled_once_however_it_is_extended() {
    // 15 days from 25 April end on Saturday 10 May and roll to Monday; 17 end on Monday by themselves.
    let mut county = County::at("2025-04-25T10:00");
    county.serve("Z-1", natural(15, Unit::RolledDay));
    assert_eq!(county.running(), ["order.fix Z-1 05-13 00:00"]);
    county.extend("Z-1", natural(2, Unit::RolledDay));
    assert_eq!(county.running(), ["order.fix Z-1 05-13 00:00"]);
}

#[test]
fn an_extension_in_another_unit_goes_on_from_the_last_day() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(4));
    county.extend("Z-1", natural(3, Unit::NaturalDay));
    assert_eq!(county.running(), ["order.fix Z-1 03-10 00:00"]);
}

#[test]
fn an_extension_after_the_deadline_starts_the_ladder_anew() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    assert_eq!(
        diary(&county.live("2026-03-10T12:00"))
            .last()
            .map(String::as_str),
        Some("03-10 08:30 ladder.stepped B1")
    );
    county.extend("Z-1", days(5));
    assert!(county.bench.book.steps.is_empty());
    let said = diary(&county.live("2026-03-18T12:00"));
    assert_eq!(
        said,
        [
            "03-13 08:30 reminder.due",
            "03-17 00:00 deadline.passed",
            "03-17 08:30 ladder.stepped B1"
        ]
    );
}

#[test]
fn an_extension_that_does_not_reach_today_leaves_the_order_overdue() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(2));
    county.live("2026-03-12T12:00");
    county.extend("Z-1", days(3));
    assert_eq!(county.running(), ["order.fix Z-1 03-10 00:00"]);
    let said = diary(&county.live("2026-03-31T12:00"));
    assert_eq!(
        said,
        ["03-23 08:30 ladder.proposed B4"],
        "B3 was proposed on the twelfth"
    );
}

#[test]
fn a_parked_order_says_nothing_and_then_has_what_was_left() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    assert_eq!(
        kinds(&county.on("2026-03-04T10:00").park("Z-1")),
        ["clock.paused"]
    );
    assert!(county.park("Z-1").is_empty());
    assert!(county.live("2026-03-25T10:00").is_empty());
    assert_eq!(kinds(&county.unpark("Z-1")), ["clock.resumed"]);
    // Three working days were left after the fourth of March.
    assert_eq!(county.running(), ["order.fix Z-1 03-31 00:00"]);
    assert!(county.unpark("Z-1").is_empty());
    assert_eq!(
        diary(&county.live("2026-03-31T09:00")),
        [
            "03-27 08:30 reminder.due",
            "03-31 00:00 deadline.passed",
            "03-31 08:30 ladder.stepped B1"
        ]
    );
}

#[test]
fn an_order_parked_on_its_last_day_ends_on_a_working_day() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(1));
    county.on("2026-03-03T10:00").park("Z-1");
    county.on("2026-03-07T10:00").unpark("Z-1");
    assert_eq!(county.running(), ["order.fix Z-1 03-10 00:00"]);
}

#[test]
fn an_order_parked_when_overdue_stays_overdue_by_as_much() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(1));
    county.live("2026-03-05T10:00");
    county.park("Z-1");
    assert!(county.live("2026-03-18T10:00").is_empty());
    county.unpark("Z-1");
    assert_eq!(county.running(), ["order.fix Z-1 03-17 00:00"]);
    assert_eq!(
        diary(&county.live("2026-03-19T12:00")),
        ["03-19 08:30 ladder.stepped B2"]
    );
}

#[test]
fn hours_and_natural_days_are_given_again_in_their_own_unit() {
    let mut county = County::at("2026-03-06T10:00");
    county.serve("Z-1", natural(24, Unit::UrgentHour));
    county.serve("Z-2", natural(5, Unit::NaturalDay));
    county.serve("Z-3", natural(4, Unit::WorkingHour));
    for id in ["Z-1", "Z-2", "Z-3"] {
        county.on("2026-03-06T11:00").park(id);
    }
    for id in ["Z-1", "Z-2", "Z-3"] {
        county.on("2026-03-09T11:00").unpark(id);
    }
    assert_eq!(
        county.running(),
        [
            "order.fix Z-1 03-10 10:00",
            "order.fix Z-2 03-15 00:00",
            "order.fix Z-3 03-09 16:00"
        ]
    );
}

#[test]
fn a_fix_reported_while_parked_is_not_late() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    county.on("2026-03-04T10:00").park("Z-1");
    let events = county.on("2026-03-25T10:00").report_fix("Z-1");
    assert!(matches!(
        &events[0],
        Event::ClockStopped { late: false, .. }
    ));
}

#[test]
fn an_order_extended_and_failed_keeps_the_extended_due() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    county.extend("Z-1", days(2));
    county.report_fix("Z-1");
    county.fail_fix("Z-1");
    assert_eq!(county.running(), ["order.fix Z-1 03-12 00:00"]);
    county.extend("Z-1", days(1));
    assert_eq!(county.running(), ["order.fix Z-1 03-13 00:00"]);
}
