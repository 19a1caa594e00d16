//! Reminders, the ladder, digests and bulletins; and holding them all.

use jiff::civil::datetime;
use picket_schemas::bulletin::{Event as Bulletin, Rounding};
use picket_schemas::escalation::{ClockKind, Event as Escalation};
use picket_schemas::schedule::{Does, Event as Schedule};

use super::*;

fn reminder(clock: &str, to: &[&str]) -> Escalation {
    Escalation::ReminderDue {
        clock: clock.into(),
        kind: ClockKind::OrderFix,
        on: "Z-1".into(),
        to: to.iter().map(|person| (*person).into()).collect(),
        due: instant("2023-03-09T16:00:00Z"),
        occurrence: None,
        next: None,
    }
}

fn stepped(step: &str, level: &str, to: &[&str]) -> Escalation {
    Escalation::LadderStepped {
        step: step.into(),
        clock: "K-1".into(),
        kind: ClockKind::OrderFix,
        on: "Z-1".into(),
        level: level.into(),
        to: to.iter().map(|person| (*person).into()).collect(),
        due: instant("2023-03-03T16:00:00Z"),
        nominal: instant("2023-03-06T00:30:00Z"),
        why: "order Z-1 was due on 3 March".into(),
        next: None,
        because: None,
    }
}

fn stopped(clock: &str) -> Escalation {
    Escalation::ClockStopped {
        clock: clock.into(),
        kind: ClockKind::OrderFix,
        on: "Z-1".into(),
        at: instant(MORNING),
        late: false,
    }
}

fn digest(late: bool) -> Schedule {
    let (occurrence, schedule, nominal, due) = (
        "daily@2023-03-06T09:30".into(),
        "daily".into(),
        datetime(2023, 3, 6, 9, 30, 0, 0),
        instant("2023-03-06T01:30:00Z"),
    );
    let does = Does::Digest {
        to: vec![Role::Coordinator, Role::Supervisor],
    };
    match late {
        true => Schedule::OccurrenceLate {
            occurrence,
            schedule,
            nominal,
            due,
            does,
            why: "nothing ran".into(),
        },
        false => Schedule::OccurrenceFired {
            occurrence,
            schedule,
            nominal,
            due,
            does,
            by: None,
        },
    }
}

#[test]
fn a_reminder_goes_while_its_clock_runs() {
    let mut desk = Desk::at(MORNING);
    let events = desk.hears("escalation", reminder("K-1", &[OFFICER]));
    assert!(
        matches!(&events[..], [Event::NoticeQueued { clock: Some(clock), about, .. }] if clock == "K-1" && about == "Z-1")
    );
    assert_eq!(handed(&desk.rings_now()), ["reminder:P-0008"]);
}

#[test]
fn a_clock_that_stopped_in_the_night_reminds_nobody() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("escalation", reminder("K-1", &[OFFICER]));
    desk.hears("escalation", reminder("K-2", &[OFFICER]));
    assert_eq!(
        suppressed(&desk.hears("escalation", stopped("K-1"))),
        ["N-1: the clock has stopped"]
    );
    assert_eq!(handed(&desk.rings(DAWN)), ["reminder:P-0008"]);
    desk.folds();
}

#[test]
fn a_clock_that_was_moved_takes_its_reminders_back() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("escalation", reminder("K-1", &[OFFICER]));
    let moved = Escalation::ClockMoved {
        clock: "K-1".into(),
        due: instant("2023-03-20T16:00:00Z"),
        reason: "flood".into(),
        by: HEAD.into(),
        next: None,
    };
    assert_eq!(
        suppressed(&desk.hears("escalation", moved)),
        ["N-1: the deadline was moved"]
    );
}

#[test]
fn a_step_waits_for_the_morning_below_b2_and_not_above() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("escalation", stepped("E-1", "B1", &[OFFICER]));
    desk.hears("escalation", stepped("E-2", "B2", &[OFFICER, SUPERVISOR]));
    assert_eq!(
        handed(&desk.rings_now()),
        ["ladder:P-0004", "ladder:P-0008"]
    );
    assert_eq!(handed(&desk.rings(DAWN)), ["ladder:P-0008"]);
}

#[test]
fn a_step_says_what_is_late_and_why_it_comes() {
    let mut desk = Desk::at(MORNING);
    let events = desk.hears("escalation", stepped("E-1", "B1", &[OFFICER]));
    let [Event::NoticeQueued { about, with, .. }] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(about, "E-1");
    assert_eq!(
        (
            with["level"].as_str(),
            with["on"].as_str(),
            with["kind"].as_str()
        ),
        ("B1", "Z-1", "order.fix")
    );
    assert_eq!(
        (with["due"].as_str(), with["why"].as_str()),
        ("2023-03-03T16:00:00Z", "order Z-1 was due on 3 March")
    );
}

#[test]
fn who_acknowledged_a_step_is_not_told_of_it() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("escalation", stepped("E-1", "B1", &[OFFICER, LEADER]));
    let acknowledged = Escalation::StepAcknowledged {
        step: "E-1".into(),
        clock: "K-1".into(),
        promise: instant("2023-03-08T02:00:00Z"),
        by: OFFICER.into(),
        next: None,
    };
    assert_eq!(
        suppressed(&desk.hears("escalation", acknowledged)),
        ["N-2: the recipient already acknowledged the step"]
    );
}

#[test]
fn a_proposal_waits_for_a_signature_and_then_the_step_is_told() {
    let mut desk = Desk::at(NIGHT);
    let (step, clock, on, level) = ("E-3", "K-1", "Z-1", "B3");
    let proposed = Escalation::LadderProposed {
        step: step.into(),
        clock: clock.into(),
        kind: ClockKind::OrderFix,
        on: on.into(),
        level: level.into(),
        to: vec![SUPERVISOR.into()],
        due: instant(MORNING),
        why: "six days late".into(),
        next: None,
        because: None,
    };
    assert_eq!(
        told(&desk.hears("escalation", proposed)),
        ["proposal:P-0004"]
    );
    let signed = Escalation::LadderSigned {
        step: step.into(),
        clock: clock.into(),
        kind: ClockKind::OrderFix,
        on: on.into(),
        level: level.into(),
        to: vec![OFFICER.into()],
        by: SUPERVISOR.into(),
    };
    let events = desk.hears("escalation", signed);
    assert_eq!(suppressed(&events), ["N-1: the step was already signed"]);
    assert_eq!(told(&events), ["ladder:P-0008"]);
}

#[test]
fn a_digest_goes_to_people_of_the_own_jurisdiction_by_role() {
    let mut desk = Desk::at(MORNING);
    assert_eq!(
        told(&desk.hears("schedule", digest(false))),
        ["digest:P-0001", "digest:P-0004"]
    );
    assert_eq!(
        told(&Desk::at(MORNING).hears("schedule", digest(true))),
        ["digest:P-0001", "digest:P-0004"]
    );
}

#[test]
fn a_frozen_bulletin_goes_to_coordinators_and_supervisors() {
    let mut desk = Desk::at(MORNING);
    let frozen = Bulletin::BulletinFrozen {
        bulletin: "BU-1".into(),
        name: "spring".into(),
        from: instant("2022-12-31T16:00:00Z"),
        as_of: instant(MORNING),
        rounding: Rounding::Exact,
        positions: Default::default(),
        figures: Default::default(),
        areas: Default::default(),
        code_version: "0.1.0".into(),
        corrects: None,
        overrides: Default::default(),
    };
    assert_eq!(
        told(&desk.hears("bulletin", frozen)),
        ["bulletin:P-0001", "bulletin:P-0004"]
    );
}

#[test]
fn held_notices_wait_for_a_person_and_the_others_go_on() {
    let mut desk = Desk::at(MORNING);
    desk.hears("escalation", reminder("K-1", &[OFFICER]));
    assert_eq!(
        desk.hears("escalation", Escalation::NoticesHeld { late: 240 }),
        [Event::NoticesHeld { late: 240 }]
    );
    assert_eq!(
        desk.hears("escalation", Escalation::NoticesHeld { late: 241 }),
        []
    );
    assert_eq!(desk.bench.book.due(), None, "a hold does not spin");
    desk.hears("schedule", digest(true));
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    assert_eq!(handed(&desk.minutes_later(5)), ["offer:P-0017"]);
    assert_eq!(
        desk.hears(
            "escalation",
            Escalation::NoticesReleased {
                by: SUPERVISOR.into()
            }
        ),
        [Event::NoticesReleased {}]
    );
    assert_eq!(
        handed(&desk.rings_now()),
        ["reminder:P-0008", "digest:P-0001", "digest:P-0004"]
    );
    desk.folds();
}

#[test]
fn a_step_somebody_signed_is_not_held() {
    let mut desk = Desk::at(MORNING);
    desk.hears("escalation", Escalation::NoticesHeld { late: 240 });
    desk.hears("escalation", stepped("E-1", "B2", &[OFFICER]));
    let signed = Escalation::LadderSigned {
        step: "E-3".into(),
        clock: "K-1".into(),
        kind: ClockKind::OrderFix,
        on: "Z-1".into(),
        level: "B3".into(),
        to: vec![MARKET.into()],
        by: SUPERVISOR.into(),
    };
    desk.hears("escalation", signed);
    assert_eq!(handed(&desk.rings_now()), ["ladder:P-0007"]);
}

#[test]
fn a_late_step_on_a_sealed_task_reaches_only_those_who_hold_it() {
    let mut desk = Desk::at(MORNING);
    desk.hears(
        "dispatch",
        issued("T-1", &[FINDER], Some("2023-03-08T02:00:00Z")),
    );
    desk.hears("dispatch", accepted("T-1", FINDER));
    desk.rings_now();
    let to = vec![FINDER.into(), SUPERVISOR.into()];
    let late = Escalation::LadderStepped {
        step: "E-1".into(),
        clock: "K-1".into(),
        kind: ClockKind::TaskSubmit,
        on: "T-1".into(),
        level: "B2".into(),
        to,
        due: instant(MORNING),
        nominal: instant(MORNING),
        why: "late".into(),
        next: None,
        because: None,
    };
    desk.hears("escalation", late);
    assert_eq!(handed(&desk.rings_now()), ["ladder:P-0017"]);
    assert_eq!(
        handed(&desk.rings("2023-03-08T02:00:00Z")),
        ["ladder:P-0004"]
    );
}
