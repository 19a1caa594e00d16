//! Reminders, passed deadlines and steps.

use picket_schemas::registry::{Role, Rung, Target};

use super::*;

#[test]
fn an_overdue_order_climbs_at_half_past_eight_of_working_days() {
    // The Qingming holiday, 4 to 6 April, lies on the way.
    let mut county = County::at("2026-03-20T10:00");
    county.serve("Z-1", days(9));
    let said = diary(&county.live("2026-05-30T12:00"));
    assert_eq!(
        said,
        [
            "03-30 08:30 reminder.due",
            "04-03 00:00 deadline.passed",
            "04-03 08:30 ladder.stepped B1",
            "04-08 08:30 ladder.stepped B2",
            "04-13 08:30 ladder.proposed B3",
            "04-17 08:30 ladder.proposed B4",
        ]
    );
}

#[test]
fn a_short_window_is_reminded_of_a_day_ahead() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    county.serve("Z-2", days(6));
    let said = diary(&county.live("2026-03-06T12:00"));
    assert_eq!(
        said,
        ["03-05 08:30 reminder.due", "03-06 08:30 reminder.due"]
    );
}

#[test]
fn a_reminder_whose_instant_is_past_at_the_start_does_not_come() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(1));
    assert_eq!(county.bench.book.due(), Some(t("2026-03-04T00:00")));
}

#[test]
fn a_step_says_what_whose_since_when_and_why() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    let said = county.live("2026-03-12T12:00");
    let Some((
        _,
        Event::LadderStepped {
            step,
            why,
            because: Some(because),
            to,
            nominal,
            ..
        },
    )) = said.last()
    else {
        panic!("B2 was taken")
    };
    assert_eq!(*step, "E-2");
    assert_eq!(*nominal, t("2026-03-12T08:30"));
    assert_eq!(*to, ids(&[INSPECTOR, HEAD, OWNER, SUPERVISOR]));
    assert_eq!(why, "", "a fact holds data and no sentence");
    assert_eq!(
        (
            because.duty.people.as_slice(),
            because.duty.department.as_ref().map(|code| code.as_str())
        ),
        (ids(&[INSPECTOR]).as_slice(), Some("edu"))
    );
    assert_eq!((because.since, because.after), (t("2026-03-02T10:00"), 3));
    assert_eq!(
        because.targets,
        [
            Target::Duty,
            Target::Department,
            Target::Owner,
            Target::Role(Role::Supervisor)
        ]
    );
}

#[test]
fn after_a_gap_only_the_present_step_is_taken() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(8));
    let said = county.ring("2026-03-18T20:00");
    assert_eq!(
        kinds(&said),
        [
            "ladder.superseded",
            "deadline.passed",
            "ladder.superseded",
            "ladder.stepped"
        ]
    );
    assert!(matches!(&said[0], Event::LadderSuperseded { level, .. } if level == "B0"));
    assert!(matches!(&said[2], Event::LadderSuperseded { level, .. } if level == "B1"));
    assert!(
        matches!(&said[3], Event::LadderStepped { level, nominal, .. } if level == "B2" && *nominal == t("2026-03-17T08:30"))
    );
    assert_eq!(
        county.bench.book.due(),
        Some(t("2026-03-20T08:30")),
        "B3 comes at its own instant"
    );
}

#[test]
fn a_step_that_addresses_nobody_is_skipped_with_a_reason() {
    let mut county = County::empty("2026-03-02T10:00");
    county.open_lead("L-1", false);
    let said = county.live("2026-03-31T12:00");
    let skipped: Vec<_> = said
        .iter()
        .filter_map(|(_, event)| match event {
            Event::LadderSkipped { level, reason, .. } => Some((level.as_str(), reason.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(
        skipped[0],
        ("B1", "nobody answers to step B1 for L-1 in 420902003")
    );
    // From B2 on the owner is addressed, but a proposal needs somebody who may sign it.
    assert_eq!(
        skipped[1],
        ("B3", "no supervisor of 420902003 could sign it")
    );
}

#[test]
fn a_deadline_that_a_fact_had_met_is_withdrawn_when_the_fact_comes_late() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county.accept("T-1", SENTINEL);
    county.live("2026-03-10T09:00");
    let events = county.on("2026-03-09T22:00").submit("T-1");
    assert_eq!(
        kinds(&events),
        ["clock.stopped", "breach.withdrawn", "clock.started"]
    );
    assert!(
        matches!(&events[0], Event::ClockStopped { late: false, at, .. } if *at == t("2026-03-09T22:00"))
    );
}

#[test]
fn parking_that_was_earlier_than_the_deadline_withdraws_the_breach_too() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    county.ring("2026-03-10T00:00");
    let events = county.on("2026-03-09T22:00").park("Z-1");
    assert_eq!(kinds(&events), ["breach.withdrawn", "clock.paused"]);
    county.on("2026-03-11T10:00").unpark("Z-1");
    assert_eq!(
        diary(&county.live("2026-03-12T00:00")),
        ["03-12 00:00 deadline.passed"]
    );
}

#[test]
fn a_stopped_clock_never_speaks_again() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    county.live("2026-03-10T12:00");
    county.report_fix("Z-1");
    assert!(county.bench.book.steps.is_empty());
    let said = diary(&county.live("2026-03-16T12:00"));
    assert_eq!(
        said,
        ["03-16 08:30 reminder.due"],
        "only the verifier is reminded"
    );
}

#[test]
fn more_than_a_hundred_late_bells_hold_the_notices_until_somebody_releases_them() {
    let mut county = County::at("2026-03-02T10:00");
    for n in 1..=101 {
        county.issue(&format!("T-{n}"), &[SENTINEL], days(5));
    }
    let said = county.ring("2026-03-09T09:00");
    assert!(matches!(said[0], Event::NoticesHeld { late: 101 }));
    assert_eq!(
        said.iter()
            .filter(|event| event.kind() == "notices.held")
            .count(),
        1
    );
    assert_eq!(
        said.iter()
            .filter(|event| event.kind() == "ladder.stepped")
            .count(),
        101
    );
    let release = Command::ReleaseNotices {};
    assert_eq!(
        county.wish(SENTINEL, &release).unwrap_err().code(),
        "not_allowed"
    );
    assert_eq!(
        kinds(
            &county
                .wish(SUPERVISOR, &release)
                .expect("a supervisor releases")
        ),
        ["notices.released"]
    );
    assert_eq!(
        county.wish(SUPERVISOR, &release).unwrap_err().code(),
        "wrong_state"
    );
}

#[test]
fn a_hundred_late_bells_and_any_number_of_punctual_ones_hold_nothing() {
    let mut county = County::at("2026-03-02T10:00");
    for n in 1..=100 {
        county.issue(&format!("T-{n}"), &[SENTINEL], days(5));
    }
    assert!(!kinds(&county.ring("2026-03-05T09:00")).contains(&"notices.held"));
    let mut county = County::at("2026-03-02T10:00");
    for n in 1..=150 {
        county.issue(&format!("T-{n}"), &[SENTINEL], days(5));
    }
    assert!(!kinds(&county.ring("2026-03-04T00:00")).contains(&"notices.held"));
}

#[test]
fn thousands_of_bells_ring_in_bounded_steps() {
    let mut county = County::at("2026-03-02T10:00");
    for n in 1..=1_200 {
        county.issue(&format!("T-{n}"), &[SENTINEL], days(5));
    }
    let said = county.ring("2026-03-04T00:00");
    assert_eq!(
        said.iter()
            .filter(|event| event.kind() == "deadline.passed")
            .count(),
        1_200
    );
    assert_eq!(county.bench.book.due(), Some(t("2026-03-04T08:30")));
}

#[test]
fn a_county_may_have_its_own_ladder() {
    let mut county = County::at("2026-03-02T10:00");
    let rung = |level: &str, after, targets| Rung {
        level: level.into(),
        after,
        targets,
        automatic: true,
    };
    county.bench.registered(&registry::Event::LadderSet {
        clock: "order.fix".into(),
        rungs: vec![
            rung("B0", -4, vec![Target::Duty]),
            rung("B0b", -1, vec![Target::Person(OWNER.into())]),
            rung(
                "B1",
                2,
                vec![Target::Role(Role::Supervisor), Target::Group("g-1".into())],
            ),
        ],
    });
    county.serve("Z-1", days(10));
    let said = county.live("2026-04-30T12:00");
    assert_eq!(
        diary(&said),
        [
            "03-10 08:30 reminder.due",
            "03-13 08:30 reminder.due",
            "03-17 00:00 deadline.passed",
            "03-18 08:30 ladder.stepped B1"
        ]
    );
    assert!(matches!(&said[1].1, Event::ReminderDue { to, .. } if *to == ids(&[OWNER])));
    assert!(
        matches!(&said[3].1, Event::LadderStepped { to, next: None, .. } if *to == ids(&[SUPERVISOR]))
    );
}

#[test]
fn a_ladder_changed_under_a_running_clock_does_not_spin() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    county.live("2026-03-10T00:00");
    county.bench.registered(&registry::Event::LadderSet {
        clock: "*".into(),
        rungs: vec![Rung {
            level: "B2".into(),
            after: 3,
            targets: vec![Target::Duty],
            automatic: true,
        }],
    });
    let said = county.live("2026-03-30T00:00");
    assert_eq!(
        diary(&said),
        [
            "03-10 08:30 ladder.skipped",
            "03-12 08:30 ladder.stepped B2"
        ]
    );
}
