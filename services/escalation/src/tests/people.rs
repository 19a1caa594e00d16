//! Promises, signatures, and duty clocks moved or paused by people.

use picket_book::fields;
use picket_schemas::StepId;

use super::*;

fn promise(step: &str, local: &str) -> Command {
    Command::Acknowledge {
        step: StepId::from(step),
        promise: t(local),
    }
}

/// An order overdue since the end of 9 March, B1 taken on the tenth.
fn overdue() -> County {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    county.live("2026-03-10T09:00");
    county
}

#[test]
fn a_promise_holds_the_next_step_and_then_the_ladder_goes_on() {
    let mut county = overdue();
    county.on("2026-03-11T17:00");
    county
        .wish(INSPECTOR, &promise("E-1", "2026-03-13T18:00"))
        .expect("the duty holder promises");
    // B2 would have come on the twelfth; the promise ends on Friday evening.
    assert_eq!(
        diary(&county.live("2026-03-16T12:00")),
        ["03-16 08:30 ladder.stepped B2"]
    );
}

#[test]
fn a_promise_before_the_next_step_changes_nothing_about_it() {
    let mut county = overdue();
    county
        .wish(INSPECTOR, &promise("E-1", "2026-03-11T12:00"))
        .expect("the duty holder promises");
    assert_eq!(
        diary(&county.live("2026-03-12T12:00")),
        ["03-12 08:30 ladder.stepped B2"]
    );
}

#[test]
fn after_a_long_promise_only_the_present_step_comes() {
    let mut county = overdue();
    county.live("2026-03-16T17:00");
    // B3 would come on the seventeenth.
    county
        .wish(OWNER, &promise("E-2", "2026-03-18T10:00"))
        .expect("the owner was told and promises");
    assert_eq!(
        diary(&county.live("2026-03-19T12:00")),
        ["03-19 08:30 ladder.proposed B3"]
    );
}

#[test]
fn a_promise_reaches_two_working_days_ahead_and_not_further() {
    let mut county = overdue();
    county.on("2026-03-12T20:00");
    let refusal = county
        .wish(INSPECTOR, &promise("E-1", "2026-03-17T00:01"))
        .unwrap_err();
    assert_eq!(
        refusal,
        Refusal::PromiseTooFar {
            latest: "2026-03-16 24:00".into()
        }
    );
    assert_eq!(
        county
            .wish(INSPECTOR, &promise("E-1", "2026-03-12T20:00"))
            .unwrap_err()
            .code(),
        "invalid"
    );
    county
        .wish(INSPECTOR, &promise("E-1", "2026-03-17T00:00"))
        .expect("the last instant may be promised");
}

#[test]
fn only_somebody_the_step_was_addressed_to_may_promise_and_only_once() {
    let mut county = overdue();
    assert_eq!(
        county
            .wish(SENTINEL, &promise("E-1", "2026-03-11T12:00"))
            .unwrap_err()
            .code(),
        "not_yours"
    );
    assert_eq!(
        county
            .wish("420902/P-99", &promise("E-1", "2026-03-11T12:00"))
            .unwrap_err()
            .code(),
        "unknown_person"
    );
    assert_eq!(
        county
            .wish(INSPECTOR, &promise("E-7", "2026-03-11T12:00"))
            .unwrap_err()
            .code(),
        "unknown"
    );
    county
        .wish(LEADER, &promise("E-1", "2026-03-11T12:00"))
        .expect("the post leader was told as well");
    assert_eq!(
        county
            .wish(INSPECTOR, &promise("E-1", "2026-03-11T12:00"))
            .unwrap_err()
            .code(),
        "already"
    );
}

#[test]
fn a_promise_hides_nothing_from_the_overdue() {
    let mut county = overdue();
    county
        .wish(INSPECTOR, &promise("E-1", "2026-03-11T12:00"))
        .expect("the duty holder promises");
    let events = county.on("2026-03-11T11:00").report_fix("Z-1");
    assert!(matches!(&events[0], Event::ClockStopped { late: true, .. }));
}

#[test]
fn a_proposed_step_counts_when_a_supervisor_signs_it() {
    let mut county = overdue();
    let said = county.live("2026-03-17T12:00");
    let Some((_, Event::LadderProposed { step, to, .. })) = said.last() else {
        panic!("B3 was proposed")
    };
    assert_eq!((step.as_str(), to), ("E-3", &ids(&[SUPERVISOR])));
    let step = step.clone();
    let sign = Command::SignStep { step: step.clone() };
    assert_eq!(
        county.wish(INSPECTOR, &sign).unwrap_err().code(),
        "not_allowed"
    );
    assert_eq!(
        county
            .wish(SUPERVISOR, &promise("E-3", "2026-03-18T12:00"))
            .unwrap_err()
            .code(),
        "wrong_state"
    );
    let events = county.wish(SUPERVISOR, &sign).expect("a supervisor signs");
    assert!(
        matches!(&events[0], Event::LadderSigned { to, level, .. } if level == "B3" && *to == ids(&[INSPECTOR, HEAD, OWNER]))
    );
    assert_eq!(
        county.wish(SUPERVISOR, &sign).unwrap_err().code(),
        "already"
    );
    county
        .wish(OWNER, &promise("E-3", "2026-03-18T12:00"))
        .expect("whoever the signed step addresses may promise");
}

#[test]
fn a_step_taken_by_itself_needs_no_signature() {
    let mut county = overdue();
    let sign = Command::SignStep { step: "E-1".into() };
    assert_eq!(
        county.wish(SUPERVISOR, &sign).unwrap_err().code(),
        "wrong_state"
    );
}

#[test]
fn the_next_proposal_comes_even_if_the_last_was_not_signed() {
    let mut county = overdue();
    let said = diary(&county.live("2026-03-30T12:00"));
    assert_eq!(
        said,
        [
            "03-12 08:30 ladder.stepped B2",
            "03-17 08:30 ladder.proposed B3",
            "03-23 08:30 ladder.proposed B4"
        ]
    );
    county
        .wish(SUPERVISOR, &Command::SignStep { step: "E-4".into() })
        .expect("the later one may be signed");
}

#[test]
fn a_duty_clock_can_be_moved_with_a_reason() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county.accept("T-1", SENTINEL);
    let to = |local: &str, reason: &str| Command::MoveClock {
        clock: clock("K-2"),
        to: t(local),
        reason: reason.into(),
    };
    assert_eq!(
        county
            .wish(SENTINEL, &to("2026-03-20T18:00", "rain"))
            .unwrap_err()
            .code(),
        "not_allowed"
    );
    assert_eq!(
        county
            .wish(SUPERVISOR, &to("2026-03-20T18:00", " "))
            .unwrap_err()
            .code(),
        "reason_needed"
    );
    assert_eq!(
        county
            .wish(SUPERVISOR, &to("2026-03-01T18:00", "rain"))
            .unwrap_err()
            .code(),
        "invalid"
    );
    assert_eq!(
        county
            .wish(SUPERVISOR, &to("2026-03-10T00:00", "rain"))
            .unwrap_err()
            .code(),
        "already"
    );
    county
        .wish(SUPERVISOR, &to("2026-03-20T18:00", "rain"))
        .expect("a supervisor moves it");
    assert_eq!(
        diary(&county.live("2026-03-23T09:00")),
        [
            "03-19 08:30 reminder.due",
            "03-20 18:00 deadline.passed",
            "03-23 08:30 ladder.stepped B1"
        ]
    );
}

#[test]
fn the_deadline_of_an_order_is_not_moved_here() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    let wish = Command::MoveClock {
        clock: clock("K-1"),
        to: t("2026-04-01T00:00"),
        reason: "rain".into(),
    };
    let refusal = county.wish(SUPERVISOR, &wish).unwrap_err();
    assert_eq!(refusal.code(), "invalid");
    assert!(refusal.to_string().contains("rectification.extend_order"));
    assert_eq!(
        county
            .wish(
                SUPERVISOR,
                &Command::PauseClock {
                    clock: clock("K-1"),
                    reason: "x".into()
                }
            )
            .unwrap_err()
            .code(),
        "invalid"
    );
}

#[test]
fn a_paused_duty_clock_stands_still_until_it_is_resumed() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county.accept("T-1", SENTINEL);
    let (pause, resume) = (
        Command::PauseClock {
            clock: clock("K-2"),
            reason: "flood".into(),
        },
        Command::ResumeClock {
            clock: clock("K-2"),
        },
    );
    assert_eq!(
        county.wish(COORDINATOR, &resume).unwrap_err().code(),
        "wrong_state"
    );
    for (reason, refusal) in [
        (" ".to_owned(), "reason_needed"),
        ("水".repeat(fields::TEXT + 1), "invalid"),
    ] {
        let wish = Command::PauseClock {
            clock: clock("K-2"),
            reason,
        };
        assert_eq!(county.wish(COORDINATOR, &wish).unwrap_err().code(), refusal);
    }
    county
        .wish(COORDINATOR, &pause)
        .expect("a coordinator pauses");
    assert_eq!(
        county.wish(COORDINATOR, &pause).unwrap_err().code(),
        "already"
    );
    let moved = Command::MoveClock {
        clock: clock("K-2"),
        to: t("2026-04-01T00:00"),
        reason: "rain".into(),
    };
    assert_eq!(
        county.wish(COORDINATOR, &moved).unwrap_err().code(),
        "wrong_state"
    );
    assert!(county.live("2026-03-18T10:00").is_empty());
    county
        .wish(COORDINATOR, &resume)
        .expect("a coordinator resumes");
    assert_eq!(county.running(), ["task.submit T-1 03-26 00:00"]);
}

#[test]
fn a_clock_that_stopped_is_unknown() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county.accept("T-1", SENTINEL);
    for id in ["K-1", "K-77", "2", "T-2"] {
        let wish = Command::PauseClock {
            clock: clock(id),
            reason: "flood".into(),
        };
        assert_eq!(
            county.wish(COORDINATOR, &wish).unwrap_err().code(),
            "unknown"
        );
    }
}
