//! Several to one person as one; and of two that show the same card only the newer.

use picket_schemas::courier::{Bundled, Next};
use picket_schemas::schedule::{Does, Event as Schedule};

use super::*;

/// A desk with three offers to one person in one bundle, `N-1` with `N-2` and `N-3`.
fn bundled() -> Desk {
    let mut desk = Desk::at(MORNING);
    for task in ["T-1", "T-2", "T-3"] {
        desk.hears("dispatch", issued(task, &[FINDER], None));
    }
    desk.rings_now();
    desk
}

/// The ends of notices, in the order of their events.
fn ended(events: &[Event]) -> Vec<String> {
    let all = |how: &str, notice: &picket_schemas::NoticeId, also: &[picket_schemas::NoticeId]| {
        std::iter::once(notice)
            .chain(also)
            .map(|id| format!("{how} {id}"))
            .collect::<Vec<_>>()
    };
    events
        .iter()
        .flat_map(|event| match event {
            Event::NoticeSent { notice, also, .. } => all("sent", notice, also),
            Event::NoticeUnknown { notice, also, .. } => all("unknown", notice, also),
            Event::NoticeFailed {
                notice,
                next: Some(Next::Again(_)),
                also,
                ..
            } => all("again", notice, also),
            Event::NoticeFailed { notice, also, .. } => all("failed", notice, also),
            _ => Vec::new(),
        })
        .collect()
}

#[test]
fn offers_that_wait_for_one_person_at_the_same_time_go_as_one() {
    let mut desk = Desk::at(MORNING);
    for task in ["T-1", "T-2", "T-3"] {
        desk.hears("dispatch", issued(task, &[FINDER, SECOND], None));
    }
    let events = desk.rings_now();
    assert_eq!(handed(&events), ["offer:P-0017", "offer:P-0018"]);
    let Event::NoticeHanded {
        about, also, with, ..
    } = &events[0]
    else {
        panic!("{events:?}")
    };
    assert_eq!(
        (about.as_str(), with["items"].as_str()),
        ("T-1", "T-1;T-2;T-3")
    );
    assert_eq!(
        also[..],
        [
            Bundled {
                notice: "N-3".into(),
                about: "T-2".into()
            },
            Bundled {
                notice: "N-5".into(),
                about: "T-3".into()
            }
        ]
    );
    desk.folds();
}

#[test]
fn one_alone_is_no_bundle() {
    let mut desk = Desk::at(MORNING);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    let events = desk.rings_now();
    assert!(
        matches!(&events[..], [Event::NoticeHanded { also, with, .. }] if also.is_empty() && !with.contains_key("items"))
    );
}

#[test]
fn the_outcome_of_a_bundle_is_that_of_each_in_it() {
    let mut desk = bundled();
    assert_eq!(
        ended(&desk.reports("N-1", 1, Delivery::Sent).expect("it is out")),
        ["sent N-1", "sent N-2", "sent N-3"]
    );
    assert_eq!(desk.bench.book.due(), None);
    desk.folds();
    let mut desk = bundled();
    assert_eq!(
        ended(&desk.minutes_later(10)),
        ["unknown N-1", "unknown N-2", "unknown N-3"]
    );
    assert_eq!(desk.bench.book.due(), None);
    desk.folds();
}

#[test]
fn a_part_of_a_bundle_has_no_outcome_of_its_own() {
    let mut desk = bundled();
    assert_eq!(
        desk.reports("N-2", 1, Delivery::Sent)
            .map_err(|no| no.code()),
        Err("wrong_state")
    );
}

#[test]
fn a_bundle_that_failed_is_bundled_anew_without_what_ended_meanwhile() {
    let mut desk = bundled();
    desk.hears("dispatch", accepted("T-2", SECOND));
    assert_eq!(
        ended(&desk.reports("N-1", 1, Delivery::Failed).expect("it is out")),
        ["again N-1", "again N-3", "failed N-2"]
    );
    desk.hears("dispatch", issued("T-4", &[FINDER], None));
    desk.hears("dispatch", accepted("T-1", SECOND));
    let events = desk.minutes_later(1);
    let [
        Event::NoticeHanded {
            about,
            attempt,
            with,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!(
        (about.as_str(), *attempt, with["items"].as_str()),
        ("T-4", 1, "T-4;T-3")
    );
    // The newer one has attempts left when the older has none.
    assert_eq!(
        ended(&desk.reports("N-4", 1, Delivery::Failed).expect("it is out")),
        ["again N-4", "again N-3"]
    );
    assert!(
        matches!(&desk.minutes_later(1)[..], [Event::NoticeHanded { about, attempt: 3, .. }] if about == "T-3")
    );
    assert_eq!(
        ended(&desk.reports("N-3", 3, Delivery::Failed).expect("it is out")),
        ["again N-4", "failed N-3"]
    );
    desk.folds();
}

#[test]
fn what_is_not_due_yet_goes_with_nothing() {
    let mut desk = Desk::at(MORNING);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    desk.rings_now();
    desk.reports("N-1", 1, Delivery::Failed).expect("it is out");
    desk.hears("dispatch", issued("T-2", &[FINDER], None));
    assert!(
        matches!(&desk.rings_now()[..], [Event::NoticeHanded { about, also, .. }] if about == "T-2" && also.is_empty())
    );
}

#[test]
fn digests_that_waited_go_as_one_and_offers_stay_apart_from_them() {
    let mut desk = Desk::at(NIGHT);
    for day in ["06", "07"] {
        let does = Does::Digest {
            to: vec![Role::Coordinator],
        };
        let nominal = format!("2023-03-{day}T21:30:00")
            .parse()
            .expect("a local time");
        desk.hears(
            "schedule",
            Schedule::OccurrenceFired {
                occurrence: format!("daily@{day}").as_str().into(),
                schedule: "daily".into(),
                nominal,
                due: instant(NIGHT),
                does,
                by: None,
            },
        );
    }
    desk.hears("dispatch", issued("T-1", &[COORDINATOR], None));
    let events = desk.rings(DAWN);
    assert_eq!(handed(&events), ["offer:P-0001", "digest:P-0001"]);
    assert!(
        matches!(&events[1], Event::NoticeHanded { with, .. } if with["items"] == "daily@06;daily@07")
    );
}

#[test]
fn what_goes_to_a_substitute_is_in_no_bundle_of_the_one_who_is_away() {
    let mut desk = Desk::at(MORNING);
    desk.away(FINDER, Some(SECOND));
    desk.hears(
        "dispatch",
        issued("T-1", &[FINDER], Some("2023-03-08T02:00:00Z")),
    );
    desk.hears("dispatch", issued("T-2", &[FINDER], None));
    let events = desk.rings_now();
    assert_eq!(handed(&events), ["offer:P-0017", "offer:P-0018"]);
    assert!(
        events
            .iter()
            .all(|event| !matches!(event, Event::NoticeHanded { also, .. } if !also.is_empty()))
    );
    desk.folds();
}

#[test]
fn a_bundle_has_a_size() {
    let mut desk = Desk::at(MORNING);
    for task in 0..100 {
        desk.hears("dispatch", issued(&format!("T-{task}"), &[FINDER], None));
    }
    let sizes: Vec<_> = desk
        .rings_now()
        .iter()
        .filter_map(|event| {
            if let Event::NoticeHanded { also, .. } = event {
                Some(also.len() + 1)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(sizes, [40, 40, 20]);
    desk.folds();
}

#[test]
fn of_two_that_wait_to_show_the_same_card_the_newer_says_it() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    let events = desk.hears("dispatch", offered("T-1", &[FINDER]));
    assert_eq!(suppressed(&events), ["N-1: a newer one says it"]);
    assert_eq!(told(&events), ["offer:P-0017"]);
    assert_eq!(handed(&desk.rings(DAWN)), ["offer:P-0017"]);
    desk.folds();
}

#[test]
fn a_card_that_is_out_already_is_followed_by_the_newer_one() {
    let mut desk = Desk::at(MORNING);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    desk.rings_now();
    assert_eq!(
        suppressed(&desk.hears("dispatch", offered("T-1", &[FINDER]))),
        Vec::<String>::new()
    );
    assert_eq!(handed(&desk.rings_now()), ["offer:P-0017"]);
}

#[test]
fn what_a_clock_says_replaces_nothing_that_outlives_the_clock() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    let kind = picket_schemas::escalation::ClockKind::TaskAccept;
    let due = picket_schemas::escalation::Event::ReminderDue {
        clock: "K-1".into(),
        kind,
        on: "T-1".into(),
        to: vec![FINDER.into()],
        due: instant(DAWN),
        occurrence: None,
        next: None,
    };
    assert_eq!(
        suppressed(&desk.hears("escalation", due)),
        Vec::<String>::new()
    );
    desk.hears(
        "escalation",
        picket_schemas::escalation::Event::ClockMoved {
            clock: "K-1".into(),
            due: instant("2023-03-20T16:00:00Z"),
            reason: "flood".into(),
            by: HEAD.into(),
            next: None,
        },
    );
    assert_eq!(handed(&desk.rings(DAWN)), ["offer:P-0017"]);
}
