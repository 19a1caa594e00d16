//! Turns: the more pressing first, only so many at once, and waiting as long as a platform asks.

use picket_book::Provenance;
use picket_schemas::courier::{Next, Priority};
use picket_schemas::escalation::{ClockKind, Event as Escalation};
use picket_schemas::schedule::{Does, Event as Schedule};

use super::*;

/// A digest to everybody with a role.
fn digest(desk: &mut Desk, to: Role) {
    let (occurrence, nominal) = (
        format!("daily@{}", desk.journal.len()),
        "2023-03-06T10:00:00".parse().expect("a local time"),
    );
    let does = Does::Digest { to: vec![to] };
    desk.hears(
        "schedule",
        Schedule::OccurrenceFired {
            occurrence: occurrence.as_str().into(),
            schedule: "daily".into(),
            nominal,
            due: instant(MORNING),
            does,
            by: None,
        },
    );
}

fn step(desk: &mut Desk, to: &[&str]) {
    let to = to.iter().map(|person| (*person).into()).collect();
    let (step, clock, on, why) = (
        format!("E-{}", desk.journal.len()),
        "K-1".into(),
        "Z-1".into(),
        "order Z-1 was due on 3 March".into(),
    );
    let stepped = Escalation::LadderStepped {
        step: step.as_str().into(),
        clock,
        kind: ClockKind::OrderFix,
        on,
        level: "B2".into(),
        to,
        due: instant(MORNING),
        nominal: instant(MORNING),
        why,
        next: None,
        because: None,
    };
    desk.hears("escalation", stepped);
}

/// The number handed over of each priority: urgent, work, news.
fn by_priority(events: &[Event]) -> [usize; 3] {
    [Priority::Urgent, Priority::Work, Priority::News].map(|wanted| events.iter().filter(|event| matches!(event, Event::NoticeHanded { priority, .. } if *priority == wanted)).count())
}

fn ids(events: &[Event]) -> Vec<String> {
    said(events, |event| {
        if let Event::NoticeHanded { notice, .. } = event {
            Some(notice.to_string())
        } else {
            None
        }
    })
}

#[test]
fn only_so_many_are_out_and_the_next_go_as_outcomes_come() {
    let mut desk = Desk::at(MORNING);
    let people = desk.enrol_many(Role::Sentinel, 1_000, 300);
    for (n, person) in people.iter().enumerate() {
        desk.hears("dispatch", issued(&format!("T-{n}"), &[person], None));
    }
    let out = ids(&desk.rings_now());
    assert_eq!(out.len(), 200);
    assert!(
        desk.bench.book.due() > Some(desk.bench.at),
        "what has no room has no bell"
    );
    desk.reports(&out[0], 1, Delivery::Sent).expect("it is out");
    desk.reports(&out[1], 1, Delivery::Unknown)
        .expect("it is out");
    assert_eq!(handed(&desk.rings_now()).len(), 2);
    // What never gets an outcome makes room too.
    assert_eq!(handed(&desk.minutes_later(10)).len(), 98);
    desk.folds();
}

#[test]
fn an_urgent_notice_goes_at_once_while_three_thousand_digests_wait() {
    let mut desk = Desk::at(MORNING);
    desk.enrol_many(Role::Clerk, 10_000, 3_000);
    digest(&mut desk, Role::Clerk);
    assert_eq!(by_priority(&desk.rings_now()), [0, 0, 100]);
    let people = desk.enrol_many(Role::Sentinel, 1_000, 300);
    for (n, person) in people.iter().enumerate() {
        desk.hears("dispatch", issued(&format!("T-{n}"), &[person], None));
    }
    step(&mut desk, &[OFFICER]);
    let events = desk.rings_now();
    assert_eq!(handed(&events[..1]), ["ladder:P-0008"]);
    assert_eq!(
        by_priority(&events),
        [1, 100, 0],
        "work has the room news leaves"
    );
    // And with everything full.
    step(&mut desk, &[SUPERVISOR]);
    assert_eq!(handed(&desk.rings_now()), ["ladder:P-0004"]);
}

#[test]
fn the_more_pressing_goes_first_whatever_was_queued_first() {
    let mut desk = Desk::at(NIGHT);
    digest(&mut desk, Role::Coordinator);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    step(&mut desk, &[OFFICER]);
    desk.bench.at = instant(DAWN);
    assert_eq!(
        handed(&desk.rings_now()),
        ["ladder:P-0008", "offer:P-0017", "digest:P-0001"]
    );
}

#[test]
fn even_urgent_ones_are_not_out_without_end() {
    let mut desk = Desk::at(MORNING);
    let people = desk.enrol_many(Role::Supervisor, 1_000, 900);
    let people: Vec<_> = people.iter().map(String::as_str).collect();
    step(&mut desk, &people);
    digest(&mut desk, Role::Coordinator);
    assert_eq!(by_priority(&desk.rings_now()), [400, 0, 0]);
    assert_eq!(by_priority(&desk.minutes_later(10)), [400, 0, 0]);
    assert_eq!(by_priority(&desk.minutes_later(10)), [100, 0, 1]);
    desk.folds();
}

#[test]
fn what_a_platform_asks_to_wait_is_waited_five_times() {
    let mut desk = Desk::at(MORNING);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    desk.rings_now();
    for attempt in 1..=5 {
        let events = desk
            .wishes(
                SYSTEM,
                &told_by("N-1", attempt, Delivery::Deferred, "telegram", Some(37)),
            )
            .expect("it is out");
        let again = desk.bench.at + SignedDuration::from_secs(37);
        let [
            Event::NoticeFailed {
                next: Some(next),
                reason,
                ..
            },
        ] = events.as_slice()
        else {
            panic!("{events:?}")
        };
        assert_eq!(
            (*next, reason.as_str()),
            (
                if attempt < 5 {
                    Next::Again(again)
                } else {
                    Next::Never
                },
                "the platform said no"
            )
        );
        assert_eq!(desk.bench.book.due(), (attempt < 5).then_some(again));
        let events = desk.bench.ring_at(again);
        desk.keep(&events);
        assert_eq!(events.len(), usize::from(attempt < 5), "attempt {attempt}");
    }
    desk.folds();
}

#[test]
fn a_wait_that_ends_in_quiet_hours_lasts_until_the_morning() {
    let mut desk = Desk::at("2023-03-06T12:59:00Z");
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    desk.rings_now();
    desk.wishes(
        SYSTEM,
        &told_by("N-1", 1, Delivery::Failed, "telegram", Some(600)),
    )
    .expect("it is out");
    assert_eq!(
        desk.minutes_later(10),
        [Event::NoticeDeferred {
            notice: "N-1".into(),
            after: instant(DAWN),
            reason: "quiet hours".into()
        }]
    );
    assert!(matches!(
        &desk.rings(DAWN)[..],
        [Event::NoticeHanded { attempt: 2, .. }]
    ));
}

#[test]
fn an_unclear_outcome_is_counted_and_never_sent_again() {
    let mut desk = Desk::at(MORNING);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    desk.rings_now();
    let events = desk
        .reports("N-1", 1, Delivery::Unknown)
        .expect("it is out");
    assert_eq!(
        events,
        [Event::NoticeUnknown {
            notice: "N-1".into(),
            attempt: 1,
            also: vec![],
            reason: "the platform said no".into(),
            channel: String::new()
        }]
    );
    assert_eq!(desk.bench.book.due(), None);
    assert_eq!(
        desk.reports("N-1", 1, Delivery::Sent)
            .map_err(|no| no.code()),
        Err("unknown")
    );
    desk.folds();
}

#[test]
fn a_substitutes_urgent_notice_goes_before_anything_less_pressing() {
    let mut desk = Desk::at(MORNING);
    desk.away(OFFICER, Some(SECOND));
    digest(&mut desk, Role::Coordinator);
    step(&mut desk, &[OFFICER]);
    assert_eq!(
        handed(&desk.rings_now()),
        ["ladder:P-0018", "digest:P-0001"]
    );
}

#[test]
fn journals_from_before_bundles_mean_what_they_meant() {
    let mut book = Courier::default();
    let at = instant(MORNING);
    let events = [
        r#"{"type":"notice.queued","notice":"N-1","to":"420902/P-0017","kind":"offer","about":"T-1","urgent":false,"after":"2023-03-06T02:00:00Z"}"#,
        r#"{"type":"notice.handed","notice":"N-1","to":"420902/P-0017","kind":"offer","about":"T-1","attempt":1,"channel":"terminal","until":"2023-03-06T02:10:00Z"}"#,
        r#"{"type":"notice.failed","notice":"N-1","attempt":1,"reason":"no screen"}"#,
        r#"{"type":"notice.handed","notice":"N-1","to":"420902/P-0017","kind":"offer","about":"T-1","attempt":3,"channel":"terminal","until":"2023-03-06T02:20:00Z"}"#,
        r#"{"type":"notice.failed","notice":"N-1","attempt":3,"reason":"no screen"}"#,
    ];
    let mut due = Vec::new();
    for event in events {
        book.evolve(
            &serde_json::from_str(event).expect("an event of then"),
            Provenance::unknown(at),
        );
        due.push(book.due().map(|due| due.duration_since(at).as_secs()));
    }
    assert_eq!(due, [Some(0), Some(600), Some(60), Some(1_200), None]);
}
