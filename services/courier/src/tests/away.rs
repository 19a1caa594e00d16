//! Channels nobody serves, and people who shut theirs: what waits goes when that is over, and not before.

use picket_schemas::courier::Next;
use picket_schemas::schedule::{Does, Event as Schedule};

use super::*;

fn away(notice: &str, attempt: u32) -> Command {
    told_by(notice, attempt, Delivery::Away, "telegram", None)
}

fn blocked(notice: &str, attempt: u32) -> Command {
    told_by(notice, attempt, Delivery::Blocked, "telegram", None)
}

fn back(person: &str) -> Command {
    Command::Reachable {
        person: person.into(),
        channel: "telegram".into(),
    }
}

/// A desk with one offer to each of these out.
fn out_to(people: &[&str]) -> Desk {
    let mut desk = Desk::at(MORNING);
    for (n, person) in people.iter().enumerate() {
        desk.hears("dispatch", issued(&format!("T-{}", n + 1), &[person], None));
    }
    desk.rings_now();
    desk
}

/// Attempts of notices that went out.
fn attempts(events: &[Event]) -> Vec<String> {
    said(events, |event| {
        if let Event::NoticeHanded {
            notice, attempt, ..
        } = event
        {
            Some(format!("{notice} {attempt}"))
        } else {
            None
        }
    })
}

#[test]
fn a_bot_that_is_away_for_eleven_hours_loses_nothing() {
    let mut desk = out_to(&[FINDER]);
    let mut tried = 1;
    for _ in 0..11 * 60 {
        if desk
            .wishes(SYSTEM, &away("N-1", tried))
            .is_ok_and(|events| !events.is_empty())
        {
            desk.bench.at = desk
                .bench
                .book
                .due()
                .expect("it is tried again")
                .max(desk.bench.at);
            // Over the evening it waits for the morning.
            while handed(&desk.rings_now()).is_empty() {
                desk.bench.at = desk.bench.book.due().expect("it still waits");
            }
            tried += 1;
        }
    }
    assert!(tried > 600, "{tried}");
    assert!(
        matches!(&desk.wishes(SYSTEM, &told_by("N-1", tried, Delivery::Sent, "telegram", None)).expect("it is out")[..], [Event::NoticeSent { channel, .. }] if channel == "telegram")
    );
    assert_eq!(desk.bench.book.due(), None);
    desk.folds();
}

#[test]
fn attempts_that_reached_nobody_do_not_use_up_those_that_count() {
    let mut desk = out_to(&[FINDER]);
    for attempt in 1..=9 {
        desk.wishes(SYSTEM, &away("N-1", attempt))
            .expect("it is out");
        assert_eq!(
            attempts(&desk.minutes_later(1)),
            [format!("N-1 {}", attempt + 1)]
        );
    }
    for (attempt, pause) in [(10, 1), (11, 10)] {
        desk.wishes(
            SYSTEM,
            &told_by("N-1", attempt, Delivery::Failed, "telegram", None),
        )
        .expect("it is out");
        assert_eq!(
            desk.bench.book.due(),
            Some(desk.bench.at + SignedDuration::from_mins(pause))
        );
        desk.minutes_later(pause);
    }
    desk.wishes(
        SYSTEM,
        &told_by("N-1", 12, Delivery::Failed, "telegram", None),
    )
    .expect("it is out");
    assert_eq!(desk.bench.book.due(), None);
    desk.folds();
}

#[test]
fn while_a_channel_is_away_one_notice_a_minute_looks_for_it_and_all_go_when_one_got_through() {
    let mut desk = Desk::at(MORNING);
    let people = desk.enrol_many(Role::Sentinel, 1_000, 100);
    for (n, person) in people.iter().enumerate() {
        desk.hears("dispatch", issued(&format!("T-{n}"), &[person], None));
    }
    let mut out = attempts(&desk.rings_now());
    assert_eq!(out.len(), 100);
    let mut handed = 0;
    for minute in 0..60 {
        for one in &out {
            let (notice, attempt) = one.split_once(' ').expect("a notice and its attempt");
            desk.wishes(SYSTEM, &away(notice, attempt.parse().expect("a number")))
                .expect("it is out");
        }
        out = attempts(&desk.minutes_later(1));
        assert!((1..=2).contains(&out.len()), "minute {minute}: {out:?}");
        handed += out.len();
    }
    assert!(handed <= 61, "{handed} in an hour");
    // It is back: the one that looks gets through, and nobody else waits for a turn in the line.
    let (notice, attempt) = out[0].split_once(' ').expect("a notice and its attempt");
    desk.wishes(
        SYSTEM,
        &told_by(
            notice,
            attempt.parse().expect("a number"),
            Delivery::Sent,
            "telegram",
            None,
        ),
    )
    .expect("it is out");
    assert_eq!(desk.rings_now().len(), 100 - out.len());
    desk.folds();
}

#[test]
fn what_was_overtaken_meanwhile_is_not_tried_again_and_wakes_nobody() {
    let mut desk = out_to(&[FINDER, SECOND]);
    desk.wishes(SYSTEM, &away("N-2", 1)).expect("it is out");
    desk.hears("dispatch", accepted("T-1", "420902/P-0404"));
    let events = desk.wishes(SYSTEM, &away("N-1", 1)).expect("it is out");
    assert!(
        matches!(
            &events[..],
            [Event::NoticeFailed {
                next: Some(Next::Never),
                ..
            }]
        ),
        "{events:?}"
    );
    assert_eq!(
        desk.bench.book.due(),
        Some(desk.bench.at + SignedDuration::from_mins(1)),
        "the other one keeps its turn"
    );
    desk.folds();
}

#[test]
fn nothing_is_tried_longer_than_telling_it_helps() {
    let mut desk = Desk::at(MORNING);
    let does = Does::Digest {
        to: vec![Role::Coordinator],
    };
    let nominal = "2023-03-06T10:00:00".parse().expect("a local time");
    desk.hears(
        "schedule",
        Schedule::OccurrenceFired {
            occurrence: "daily@1".into(),
            schedule: "daily".into(),
            nominal,
            due: instant(MORNING),
            does,
            by: None,
        },
    );
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    desk.rings_now();
    desk.bench.at += SignedDuration::from_hours(24);
    let next = |desk: &mut Desk, notice: &str| match &desk
        .wishes(SYSTEM, &away(notice, 1))
        .expect("it is out")[..]
    {
        [
            Event::NoticeFailed {
                next: Some(next), ..
            },
        ] => *next,
        other => panic!("{other:?}"),
    };
    assert_eq!(next(&mut desk, "N-1"), Next::Never, "yesterday's digest");
    assert!(
        matches!(next(&mut desk, "N-2"), Next::Served(_)),
        "an offer still stands"
    );
    desk.folds();
}

#[test]
fn what_waited_goes_out_when_somebody_writes_again_who_had_shut_the_channel() {
    let mut desk = out_to(&[FINDER, SECOND]);
    desk.wishes(SYSTEM, &blocked("N-1", 1)).expect("it is out");
    desk.wishes(SYSTEM, &blocked("N-2", 1)).expect("it is out");
    assert_eq!(desk.minutes_later(24 * 60), []);
    desk.wishes(FINDER, &back("P-0017"))
        .expect("it is their own word");
    assert_eq!(
        attempts(&desk.rings_now()),
        ["N-1 2"],
        "and not what waits for somebody else"
    );
    // Shut once more, and open again: that may happen as often as it likes.
    for attempt in 2..8 {
        desk.wishes(SYSTEM, &blocked("N-1", attempt))
            .expect("it is out");
        desk.wishes(FINDER, &back("P-0017"))
            .expect("it is their own word");
        assert_eq!(
            attempts(&desk.rings_now()),
            [format!("N-1 {}", attempt + 1)]
        );
    }
    desk.folds();
}

#[test]
fn what_somebody_would_hear_too_late_is_dropped_and_says_why() {
    let mut desk = out_to(&[FINDER]);
    desk.wishes(SYSTEM, &blocked("N-1", 1)).expect("it is out");
    let due = desk.bench.book.due().expect("an end");
    assert_eq!(due, instant(MORNING) + SignedDuration::from_hours(72));
    assert_eq!(
        suppressed(&desk.rings(&due.to_string())),
        ["N-1: the person could not be written to in time"]
    );
    assert_eq!(desk.bench.book.due(), None);
    desk.folds();
}

#[test]
fn a_bundle_waits_and_goes_as_one() {
    let mut desk = Desk::at(MORNING);
    for task in ["T-1", "T-2", "T-3"] {
        desk.hears("dispatch", issued(task, &[FINDER], None));
    }
    desk.rings_now();
    desk.hears("dispatch", accepted("T-2", SECOND));
    let events = desk.wishes(SYSTEM, &blocked("N-1", 1)).expect("it is out");
    assert!(
        matches!(&events[..], [Event::NoticeFailed { next: Some(Next::Reachable(_)), also, .. }, Event::NoticeFailed { notice, next: Some(Next::Never), .. }, Event::ChannelLost { .. }] if also.len() == 1 && *notice == *"N-2"),
        "{events:?}"
    );
    desk.wishes(SYSTEM, &back(FINDER))
        .expect("a transport says so");
    let events = desk.rings_now();
    assert!(
        matches!(&events[..], [Event::NoticeHanded { with, attempt: 2, .. }] if with["items"] == "T-1;T-3"),
        "{events:?}"
    );
    desk.folds();
}

#[test]
fn a_channel_that_was_shut_is_marked_at_once_and_not_with_the_next_notice() {
    let mut desk = Desk::at(MORNING);
    let shut = |person: &str| Command::Unreachable {
        person: person.into(),
        channel: "telegram".into(),
        reason: "the person blocked the bot".into(),
    };
    let lost = Event::ChannelLost {
        person: FINDER.into(),
        channel: "telegram".into(),
        reason: "the person blocked the bot".into(),
    };
    assert_eq!(desk.wishes(FINDER, &shut("P-0017")), Ok(vec![lost]));
    assert_eq!(desk.wishes(SYSTEM, &shut(FINDER)), Ok(vec![]), "once");
    assert_eq!(
        desk.wishes(SECOND, &shut(FINDER)).map_err(|no| no.code()),
        Err("not_allowed")
    );
    assert_eq!(
        desk.wishes(
            SYSTEM,
            &Command::Unreachable {
                person: FINDER.into(),
                channel: " ".into(),
                reason: String::new()
            }
        )
        .map_err(|no| no.code()),
        Err("invalid")
    );
    assert_eq!(
        desk.wishes(FINDER, &back("P-0017"))
            .map(|events| events.len()),
        Ok(1)
    );
    desk.folds();
}

#[test]
fn the_outcome_says_on_which_channel_it_was() {
    let mut desk = out_to(&[FINDER, SECOND, COORDINATOR]);
    let channel = |events: Vec<Event>| match &events[..] {
        [
            Event::NoticeSent { channel, .. }
            | Event::NoticeFailed { channel, .. }
            | Event::NoticeUnknown { channel, .. },
        ] => channel.clone(),
        other => panic!("{other:?}"),
    };
    for (notice, delivery, on) in [
        ("N-1", Delivery::Sent, "terminal"),
        ("N-2", Delivery::Failed, "telegram"),
        ("N-3", Delivery::Unknown, "telegram"),
    ] {
        assert_eq!(
            channel(
                desk.wishes(SYSTEM, &told_by(notice, 1, delivery, on, None))
                    .expect("it is out")
            ),
            on
        );
    }
}
