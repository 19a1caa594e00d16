//! Clocks on tasks.

use picket_schemas::escalation::Duty;

use super::*;

#[test]
fn an_offered_task_is_to_be_accepted_by_the_end_of_the_next_working_day() {
    // The Saturday is worked, to make up for the Spring Festival.
    let mut county = County::at("2026-02-13T10:00");
    let events = county.issue("T-1", &[SENTINEL, SECOND], days(5));
    assert_eq!(kinds(&events), ["matter.opened", "clock.started"]);
    assert_eq!(
        started(&events),
        (
            ClockKind::TaskAccept,
            t("2026-02-15T00:00"),
            ids(&[SENTINEL, SECOND])
        )
    );
}

#[test]
fn a_task_offered_to_nobody_makes_nobody_late_to_accept_and_a_coordinator_late_to_assign() {
    let mut county = County::at("2026-03-02T10:00");
    assert_eq!(kinds(&county.issue("T-1", &[], days(5))), ["matter.opened"]);
    let events = county.dispatch(dispatch::Event::TaskUnassigned {
        task: task("T-1"),
        reason: "nobody".into(),
    });
    assert_eq!(county.running(), ["task.assign T-1 03-04 00:00"]);
    let Event::ClockStarted { duty, .. } = &events[0] else {
        panic!("a clock started")
    };
    assert_eq!(duty.role, Some(Role::Coordinator));
}

#[test]
fn an_offer_to_the_next_gives_everybody_asked_the_time_anew() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    let events = county
        .on("2026-03-04T00:00")
        .offer("T-1", &[SECOND], OfferReason::Next);
    assert_eq!(kinds(&events), ["clock.stopped", "clock.started"]);
    assert_eq!(
        started(&events),
        (
            ClockKind::TaskAccept,
            t("2026-03-06T00:00"),
            ids(&[SENTINEL, SECOND])
        )
    );
}

#[test]
fn taking_a_task_starts_its_window() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL, SECOND], days(5));
    let events = county.on("2026-03-02T15:00").accept("T-1", SECOND);
    assert_eq!(kinds(&events), ["clock.stopped", "clock.started"]);
    assert!(matches!(
        &events[0],
        Event::ClockStopped { late: false, .. }
    ));
    assert_eq!(
        started(&events),
        (ClockKind::TaskSubmit, t("2026-03-10T00:00"), ids(&[SECOND]))
    );
}

#[test]
fn a_task_taken_too_late_says_so() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    let events = county.on("2026-03-04T00:00").accept("T-1", SENTINEL);
    assert!(matches!(&events[0], Event::ClockStopped { late: true, .. }));
}

#[test]
fn the_first_of_two_no_longer_owes_an_answer_and_both_then_share_the_window() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL, SECOND], days(5));
    let one = dispatch::Event::TaskAccepted {
        task: task("T-1"),
        person: SENTINEL.into(),
        instead_of: None,
        taken: false,
    };
    let events = county.dispatch(one.clone());
    assert_eq!(kinds(&events), ["matter.held", "clock.handed"]);
    assert!(
        matches!(&events[1], Event::ClockHanded { duty: Duty { people, .. }, .. } if *people == ids(&[SECOND]))
    );
    assert!(county.dispatch(one).is_empty());
    let events = county.accept("T-1", SECOND);
    assert_eq!(started(&events).2, ids(&[SENTINEL, SECOND]));
}

#[test]
fn a_task_handed_over_keeps_its_due_instant_and_changes_hands_when_taken() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county.accept("T-1", SENTINEL);
    assert!(
        county
            .on("2026-03-04T10:00")
            .offer("T-1", &[SECOND], OfferReason::HandOver)
            .is_empty()
    );
    let taken = dispatch::Event::TaskAccepted {
        task: task("T-1"),
        person: SECOND.into(),
        instead_of: Some(SENTINEL.into()),
        taken: true,
    };
    let events = county.dispatch(taken);
    assert_eq!(kinds(&events), ["clock.handed"]);
    assert_eq!(county.running(), ["task.submit T-1 03-10 00:00"]);
    let reminded = county.live("2026-03-09T09:00");
    assert!(matches!(&reminded[0].1, Event::ReminderDue { to, .. } if *to == ids(&[SECOND])));
}

#[test]
fn a_submitted_task_waits_for_the_leader_of_its_post() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county.accept("T-1", SENTINEL);
    let events = county.on("2026-03-05T10:00").submit("T-1");
    assert_eq!(kinds(&events), ["clock.stopped", "clock.started"]);
    assert_eq!(county.running(), ["task.review T-1 03-10 00:00"]);
    let said = county.ring("2026-03-09T08:30");
    assert!(matches!(&said[0], Event::ReminderDue { to, .. } if *to == ids(&[LEADER])));
}

#[test]
fn a_leader_who_swept_leaves_the_review_to_a_coordinator() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[LEADER], days(5));
    county.accept("T-1", LEADER);
    county.submit("T-1");
    let said = county.ring("2026-03-04T08:30");
    assert!(matches!(&said[0], Event::ReminderDue { to, .. } if *to == ids(&[COORDINATOR])));
}

#[test]
fn a_leader_who_once_filled_a_row_is_not_pressed_to_check_the_sheet() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county.accept("T-1", SENTINEL);
    let (by, post, area) = (SENTINEL.into(), Some("PO-01".into()), AREA.into());
    county.dispatch(dispatch::Event::TaskSubmitted {
        task: task("T-1"),
        by,
        nil: true,
        rows: 1,
        problems: 0,
        post,
        area,
        hands: vec![LEADER.into()],
    });
    let said = county.ring("2026-03-04T08:30");
    assert!(matches!(&said[0], Event::ReminderDue { to, .. } if *to == ids(&[COORDINATOR])));
}

#[test]
fn a_returned_task_has_its_whole_window_again() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county.accept("T-1", SENTINEL);
    county.submit("T-1");
    let returned = dispatch::Event::TaskReturned {
        task: task("T-1"),
        by: LEADER.into(),
        reason: "row 2".into(),
        rows: Vec::new(),
    };
    let events = county.on("2026-03-04T10:00").dispatch(returned);
    assert_eq!(kinds(&events), ["clock.stopped", "clock.started"]);
    assert_eq!(
        started(&events),
        (
            ClockKind::TaskSubmit,
            t("2026-03-12T00:00"),
            ids(&[SENTINEL])
        )
    );
}

#[test]
fn an_approved_task_leaves_nothing_behind() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county.accept("T-1", SENTINEL);
    county.submit("T-1");
    let events = county.dispatch(dispatch::Event::TaskApproved {
        task: task("T-1"),
        by: LEADER.into(),
        revisit: None,
    });
    assert_eq!(kinds(&events), ["clock.stopped", "matter.closed"]);
    assert!(county.bench.book.matters.is_empty() && county.bench.book.clocks.is_empty());
    assert_eq!(county.bench.book.due(), None);
}

#[test]
fn a_cancelled_task_stops_every_clock_on_it() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county
        .on("2026-03-04T00:00")
        .dispatch(dispatch::Event::TaskUnassigned {
            task: task("T-1"),
            reason: "nobody answered".into(),
        });
    let events = county.dispatch(dispatch::Event::TaskCancelled {
        task: task("T-1"),
        by: COORDINATOR.into(),
        reason: "twice".into(),
    });
    assert_eq!(
        kinds(&events),
        ["clock.stopped", "clock.stopped", "matter.closed"]
    );
}

#[test]
fn whoever_declines_is_no_longer_asked_and_the_last_one_ends_the_asking() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL, SECOND], days(5));
    let decline = |person: &str| dispatch::Event::TaskDeclined {
        task: task("T-1"),
        person: person.into(),
        reason: "ill".into(),
    };
    assert_eq!(kinds(&county.dispatch(decline(SENTINEL))), ["clock.handed"]);
    assert!(county.dispatch(decline(SENTINEL)).is_empty());
    assert_eq!(kinds(&county.dispatch(decline(SECOND))), ["clock.stopped"]);
    assert!(county.running().is_empty());
}

#[test]
fn a_holder_who_gives_up_stops_the_window_and_the_next_one_gets_all_of_it() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county.accept("T-1", SENTINEL);
    county.dispatch(dispatch::Event::TaskDeclined {
        task: task("T-1"),
        person: SENTINEL.into(),
        reason: "ill".into(),
    });
    county.dispatch(dispatch::Event::TaskUnassigned {
        task: task("T-1"),
        reason: "nobody".into(),
    });
    assert_eq!(county.running(), ["task.assign T-1 03-04 00:00"]);
    county
        .on("2026-03-03T10:00")
        .offer("T-1", &[SECOND], OfferReason::Assigned);
    assert_eq!(county.running(), ["task.accept T-1 03-05 00:00"]);
    let events = county.accept("T-1", SECOND);
    assert_eq!(
        started(&events),
        (ClockKind::TaskSubmit, t("2026-03-11T00:00"), ids(&[SECOND]))
    );
}

#[test]
fn assigning_somebody_who_did_not_answer_gives_them_the_time_anew() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county
        .on("2026-03-04T00:00")
        .dispatch(dispatch::Event::TaskUnassigned {
            task: task("T-1"),
            reason: "nobody answered".into(),
        });
    county
        .on("2026-03-04T10:00")
        .offer("T-1", &[SENTINEL], OfferReason::Assigned);
    assert_eq!(county.running(), ["task.accept T-1 03-06 00:00"]);
    assert!(
        county
            .offer("T-1", &[SENTINEL], OfferReason::Assigned)
            .is_empty()
    );
}

#[test]
fn the_same_fact_again_brings_nothing() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    assert!(county.issue("T-1", &[SENTINEL], days(5)).is_empty());
    county.offer("T-1", &[SECOND], OfferReason::Next);
    assert!(county.offer("T-1", &[SECOND], OfferReason::Next).is_empty());
    county.accept("T-1", SECOND);
    assert!(county.accept("T-1", SECOND).is_empty());
    county.submit("T-1");
    assert!(county.submit("T-1").is_empty());
    let approved = dispatch::Event::TaskApproved {
        task: task("T-1"),
        by: LEADER.into(),
        revisit: None,
    };
    county.dispatch(approved.clone());
    assert!(county.dispatch(approved).is_empty());
    assert!(
        county.accept("T-9", SECOND).is_empty(),
        "a task from before the book began to read"
    );
}

#[test]
fn a_fact_older_than_a_running_clock_does_not_stop_it() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county.accept("T-1", SENTINEL);
    county.on("2026-03-03T10:00").submit("T-1");
    let returned = dispatch::Event::TaskReturned {
        task: task("T-1"),
        by: LEADER.into(),
        reason: "row 2".into(),
        rows: Vec::new(),
    };
    county.on("2026-03-04T10:00").dispatch(returned);
    assert!(county.on("2026-03-03T10:00").submit("T-1").is_empty());
    assert_eq!(county.running(), ["task.submit T-1 03-12 00:00"]);
}
