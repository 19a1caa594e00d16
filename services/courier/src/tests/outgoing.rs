//! Handing over, retries, substitutes, quiet hours; and facts delivered again.

use picket_book::{Decision, Fact, Provenance};
use picket_schemas::{CommandId, Jurisdiction, PersonId};

use super::*;

/// A desk with one offer a transport has.
fn out() -> Desk {
    let mut desk = Desk::at(MORNING);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    desk.rings_now();
    desk
}

fn code(answer: Result<Vec<Event>, Refusal>) -> &'static str {
    answer.map_or_else(|no| no.code(), |_| "done")
}

#[test]
fn what_was_sent_leaves_the_book() {
    let mut desk = out();
    assert_eq!(
        desk.reports("N-1", 1, Delivery::Sent),
        Ok(vec![Event::NoticeSent {
            notice: "N-1".into(),
            attempt: 1,
            also: vec![],
            channel: String::new()
        }])
    );
    assert_eq!(desk.bench.book.due(), None);
    assert_eq!(code(desk.reports("N-1", 1, Delivery::Sent)), "unknown");
    desk.folds();
}

#[test]
fn no_answer_in_time_is_unknown_and_not_tried_again() {
    let mut desk = out();
    assert_eq!(desk.minutes_later(9), []);
    assert!(
        matches!(&desk.minutes_later(1)[..], [Event::NoticeUnknown { notice, attempt: 1, .. }] if notice.as_str() == "N-1")
    );
    assert_eq!(desk.minutes_later(600), []);
    desk.folds();
}

#[test]
fn a_failure_is_tried_again_after_one_and_ten_minutes_and_then_no_more() {
    let mut desk = out();
    desk.reports("N-1", 1, Delivery::Failed).expect("it is out");
    assert_eq!(
        desk.bench.book.due(),
        Some(desk.bench.at + SignedDuration::from_mins(1))
    );
    assert!(matches!(
        &desk.minutes_later(1)[..],
        [Event::NoticeHanded { attempt: 2, .. }]
    ));
    desk.reports("N-1", 2, Delivery::Failed).expect("it is out");
    assert_eq!(desk.minutes_later(9), []);
    assert!(matches!(
        &desk.minutes_later(1)[..],
        [Event::NoticeHanded { attempt: 3, .. }]
    ));
    desk.reports("N-1", 3, Delivery::Failed).expect("it is out");
    assert_eq!(desk.bench.book.due(), None);
    desk.folds();
}

#[test]
fn only_picket_itself_reports_and_only_the_attempt_that_is_out() {
    let mut desk = out();
    assert_eq!(
        code(
            desk.bench
                .wish(COORDINATOR, &report("N-1", 1, Delivery::Sent))
        ),
        "not_allowed"
    );
    assert_eq!(code(desk.reports("N-1", 2, Delivery::Sent)), "wrong_state");
    desk.reports("N-1", 1, Delivery::Failed).expect("it is out");
    assert_eq!(
        code(desk.reports("N-1", 1, Delivery::Failed)),
        "wrong_state"
    );
    assert_eq!(code(desk.reports("N-7", 1, Delivery::Failed)), "unknown");
}

#[test]
fn what_was_overtaken_while_it_was_out_is_not_tried_again() {
    let mut desk = out();
    let events = desk.hears("dispatch", accepted("T-1", SECOND));
    assert_eq!(
        events[0],
        Event::NoticeOvertaken {
            notice: "N-1".into(),
            reason: "already accepted by somebody else".into()
        }
    );
    desk.reports("N-1", 1, Delivery::Failed).expect("it is out");
    assert_eq!(desk.bench.book.due(), None);
    desk.folds();
}

#[test]
fn what_was_overtaken_between_attempts_is_suppressed() {
    let mut desk = out();
    desk.reports("N-1", 1, Delivery::Failed).expect("it is out");
    let events = desk.hears("dispatch", accepted("T-1", SECOND));
    assert_eq!(
        suppressed(&events),
        ["N-1: already accepted by somebody else"]
    );
    assert_eq!(desk.bench.book.due(), None);
}

#[test]
fn somebody_who_left_gets_nothing() {
    let mut desk = Desk::at(MORNING);
    desk.hears("dispatch", issued("T-1", &[FINDER, "420902/P-0404"], None));
    desk.enrol(FINDER, &[], None, COMMUNITY);
    assert_eq!(
        suppressed(&desk.rings_now()),
        [
            "N-1: the person left the roster",
            "N-2: the person left the roster"
        ]
    );
}

#[test]
fn the_substitute_gets_what_somebody_away_would_get() {
    let mut desk = Desk::at(MORNING);
    desk.away(FINDER, Some(SECOND));
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    let events = desk.rings_now();
    assert_eq!(suppressed(&events), ["N-1: away: sent to the substitute"]);
    assert_eq!(handed(&events), ["offer:P-0018"]);
    desk.folds();
}

#[test]
fn a_substitute_who_has_it_anyway_gets_it_once() {
    let mut desk = Desk::at(MORNING);
    desk.away(FINDER, Some(SECOND));
    desk.hears("dispatch", issued("T-1", &[FINDER, SECOND], None));
    let events = desk.rings_now();
    assert_eq!(
        suppressed(&events),
        ["N-1: away: the substitute gets the same anyway"]
    );
    assert_eq!(handed(&events), ["offer:P-0018"]);
}

#[test]
fn two_who_stand_in_for_each_other_do_not_send_it_in_circles() {
    let mut desk = Desk::at(MORNING);
    desk.away(FINDER, Some(SECOND));
    desk.away(SECOND, Some(FINDER));
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    assert_eq!(handed(&desk.rings_now()), ["offer:P-0017"]);
}

#[test]
fn a_sealed_offer_goes_to_no_substitute_outside_the_crew() {
    let mut desk = Desk::at(MORNING);
    desk.away(FINDER, Some(SECOND));
    desk.hears(
        "dispatch",
        issued("T-1", &[FINDER], Some("2023-03-08T02:00:00Z")),
    );
    assert_eq!(handed(&desk.rings_now()), ["offer:P-0017"]);
}

#[test]
fn without_a_substitute_it_waits_in_the_chat() {
    let mut desk = Desk::at(MORNING);
    desk.away(FINDER, None);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    assert_eq!(handed(&desk.rings_now()), ["offer:P-0017"]);
}

#[test]
fn nothing_that_can_wait_goes_out_in_quiet_hours() {
    for (queued, sent) in [
        ("2023-03-06T12:59:59Z", "2023-03-06T12:59:59Z"),
        ("2023-03-06T13:00:00Z", DAWN),
        (NIGHT, DAWN),
        ("2023-03-06T23:29:59Z", DAWN),
        (DAWN, DAWN),
    ] {
        let mut desk = Desk::at(queued);
        let events = desk.hears("dispatch", issued("T-1", &[FINDER], None));
        assert!(
            matches!(&events[0], Event::NoticeQueued { after, .. } if *after == instant(sent)),
            "{queued}: {events:?}"
        );
    }
}

#[test]
fn a_bell_that_rings_late_at_night_is_put_off_until_the_morning() {
    let mut desk = Desk::at("2023-03-06T12:30:00Z");
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    assert_eq!(
        desk.rings(NIGHT),
        [Event::NoticeDeferred {
            notice: "N-1".into(),
            after: instant(DAWN),
            reason: "quiet hours".into()
        }]
    );
    assert_eq!(handed(&desk.rings(DAWN)), ["offer:P-0017"]);
    desk.folds();
}

#[test]
fn a_ring_brings_at_most_a_thousand_events() {
    let mut desk = Desk::at(NIGHT);
    // Nobody any more: each leaves with a reason, and none waits for an outcome.
    for task in 0..1_500 {
        desk.hears(
            "dispatch",
            issued(&format!("T-{task}"), &["420902/P-0404"], None),
        );
    }
    desk.bench.at = instant(DAWN);
    let home = Jurisdiction::from("420902");
    let (actor, id) = (PersonId::from("420902/courier"), CommandId::from("b-1"));
    let cx = Decision {
        book: "courier/420902",
        jurisdiction: &home,
        at: desk.bench.at,
        actor: &actor,
        observed: desk.bench.at,
        id: &id,
        directory: desk.bench.directory(),
    };
    let step = desk.bench.book.ring(&cx);
    assert!(
        matches!(&step, picket_book::Step::More(events) if (900..=1_000).contains(&events.len()))
    );
    assert_eq!(suppressed(&desk.rings(DAWN)).len(), 1_500);
    desk.folds();
}

#[test]
fn the_same_fact_delivered_again_tells_nobody_twice() {
    let mut desk = Desk::at(MORNING);
    let home = Jurisdiction::from("420902");
    let (actor, entry) = (PersonId::from("420902/courier"), CommandId::from("c-9"));
    let events: [Any; 2] = [
        issued("T-1", &[FINDER, SECOND], None).into(),
        returned("T-1").into(),
    ];
    let hear = |desk: &mut Desk, n: u64, event: &Any| {
        let cx = Decision {
            book: "courier/420902",
            jurisdiction: &home,
            at: desk.bench.at,
            actor: &actor,
            observed: desk.bench.at,
            id: &entry,
            directory: desk.bench.directory(),
        };
        let fact = Fact {
            jurisdiction: &home,
            service: "dispatch",
            n,
            at: desk.bench.at,
            by: COORDINATOR,
            entry: &entry,
            does: "",
            event,
        };
        let brought = desk.bench.book.react(&fact, 0, &cx).into_events();
        for event in &brought {
            desk.bench
                .book
                .evolve(event, Provenance::unknown(desk.bench.at));
        }
        told(&brought).len()
    };
    assert_eq!(
        (
            hear(&mut desk, 1, &events[0]),
            hear(&mut desk, 1, &events[0])
        ),
        (2, 0)
    );
    assert_eq!(desk.rings_now().len(), 2);
    assert_eq!(
        hear(&mut desk, 1, &events[0]),
        0,
        "not even after it was handed over"
    );
    desk.hears("dispatch", accepted("T-1", FINDER));
    assert_eq!(
        (
            hear(&mut desk, 9, &events[1]),
            hear(&mut desk, 9, &events[1])
        ),
        (1, 0)
    );
    assert_eq!(
        hear(&mut desk, 1, &events[0]),
        0,
        "an older commit has been handled"
    );
}

#[test]
fn facts_that_concern_nobody_bring_nothing() {
    let mut desk = Desk::at(MORNING);
    assert_eq!(
        desk.hears(
            "dispatch",
            Dispatch::BatchIssued {
                batch: "B-1".into(),
                count: 3
            }
        ),
        []
    );
    assert_eq!(
        desk.hears(
            "dispatch",
            Dispatch::TaskApproved {
                task: "T-9".into(),
                by: LEADER.into(),
                revisit: None
            }
        ),
        []
    );
    assert_eq!(desk.bench.book.due(), None);
}

#[test]
fn every_fact_it_listens_to_exists() {
    let kinds = picket_schemas::event::kinds();
    for name in Courier::LISTENS {
        assert!(
            kinds
                .iter()
                .any(|(service, kind)| kind == name && *service != "courier"),
            "{name}"
        );
    }
}
