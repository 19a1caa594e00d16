//! Whatever transports, people and crashes do: every notice ends exactly once, and in its turn.

use picket_book::Provenance;
use std::collections::{BTreeMap, BTreeSet};

use picket_schemas::courier::{Next, Priority};
use picket_schemas::escalation::{ClockKind, Event as Escalation};
use picket_schemas::schedule::{Does, Event as Schedule};
use proptest::prelude::*;

use super::*;

/// An act of the random walk.
#[derive(Clone, Debug)]
enum RandomAct {
    /// One task is offered to some.
    Offer(u32, u8),
    /// Somebody takes a task.
    Accept(u32),
    /// A digest to very many.
    Digest,
    /// A step of the ladder to two.
    Step,
    /// A transport says how the one that is out at this place of the list went.
    Report(u8, Delivery, Option<u32>),
    /// Time passes, and bells ring.
    Minutes(u16),
    /// Somebody writes to the platform again.
    Back(u8),
    /// Bells ring.
    Ring,
    /// The process ends and begins anew from its journal.
    Crash,
}

fn act() -> impl Strategy<Value = RandomAct> {
    let delivery = prop_oneof![4 => Just(Delivery::Sent), 2 => Just(Delivery::Failed), 1 => Just(Delivery::Deferred), 2 => Just(Delivery::Blocked), 1 => Just(Delivery::Unknown), 3 => Just(Delivery::Away)];
    prop_oneof![
        4 => (0..12_u32, 1..16_u8).prop_map(|(task, to)| RandomAct::Offer(task, to)),
        2 => (0..12_u32).prop_map(RandomAct::Accept),
        1 => Just(RandomAct::Digest),
        1 => Just(RandomAct::Step),
        8 => (any::<u8>(), delivery, proptest::option::of(1..4_000_u32)).prop_map(|(place, delivery, wait)| RandomAct::Report(place, delivery, wait)),
        2 => (1..900_u16).prop_map(RandomAct::Minutes),
        2 => any::<u8>().prop_map(RandomAct::Back),
        6 => Just(RandomAct::Ring),
        1 => Just(RandomAct::Crash),
    ]
}

/// A notice as its events tell of it.
struct ToldNotice {
    priority: Priority,
    /// Waiting until then; none while it is out.
    bell: Option<Timestamp>,
    attempts: u32,
    /// The number of them that do not count.
    spared: u32,
    to: String,
    /// The return it waits for: of a channel, or of the person there.
    awaits: Option<(String, bool)>,
}

/// The notices as their events tell them, and the laws they keep.
#[derive(Default)]
struct Ledger {
    open: BTreeMap<String, ToldNotice>,
    ended: BTreeSet<String>,
    /// Those a transport has, with the attempt.
    out: BTreeMap<String, (u32, Priority)>,
}

impl Ledger {
    fn read(&mut self, events: &[Event], at: Timestamp) {
        for event in events {
            self.one(event, at);
        }
    }

    fn one(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::NoticeQueued {
                notice,
                to,
                kind,
                urgent,
                after,
                ..
            } => {
                let told = ToldNotice {
                    priority: crate::notice::priority(*kind, *urgent),
                    bell: Some(*after),
                    attempts: 0,
                    spared: 0,
                    to: to.to_string(),
                    awaits: None,
                };
                assert!(
                    self.open.insert(notice.to_string(), told).is_none()
                        && !self.ended.contains(notice.as_str()),
                    "{notice} is queued twice"
                );
            }
            Event::NoticeDeferred { notice, after, .. } => {
                self.told(notice.as_str()).bell = Some(*after)
            }
            Event::NoticeSuppressed { notice, .. } => {
                assert!(
                    self.told(notice.as_str()).bell.is_some(),
                    "{notice} was suppressed while it was out"
                );
                self.end(notice.as_str());
            }
            Event::NoticeHanded {
                notice,
                attempt,
                priority,
                also,
                ..
            } => {
                let before = self.open.iter().find(|(_, told)| {
                    told.priority < *priority && told.bell.is_some_and(|bell| bell <= at)
                });
                assert!(
                    before.is_none(),
                    "{notice} went before {:?}, which is more pressing",
                    before.map(|(id, _)| id)
                );
                for id in std::iter::once(notice).chain(also.iter().map(|one| &one.notice)) {
                    let told = self.told(id.as_str());
                    assert!(
                        told.bell.take().is_some_and(|bell| bell <= at)
                            && told.priority == *priority,
                        "{id} goes out of its turn"
                    );
                    told.attempts += 1;
                    told.awaits = None;
                    assert!(
                        told.attempts - told.spared <= 5,
                        "{id} is tried without end"
                    );
                }
                assert_eq!(self.told(notice.as_str()).attempts, *attempt);
                self.out.insert(notice.to_string(), (*attempt, *priority));
                let count = |wanted: &[Priority]| {
                    self.out
                        .values()
                        .filter(|(_, priority)| wanted.contains(priority))
                        .count()
                };
                assert!(
                    self.out.len() <= 400
                        && count(&[Priority::Work, Priority::News]) <= 200
                        && count(&[Priority::News]) <= 100
                );
            }
            Event::NoticeFailed {
                notice,
                next: Some(next @ (Next::Again(bell) | Next::Served(bell) | Next::Reachable(bell))),
                also,
                channel,
                ..
            } => {
                assert!(*bell > at);
                for id in std::iter::once(notice).chain(also) {
                    let told = self.told(id.as_str());
                    assert!(
                        told.bell.replace(*bell).is_none(),
                        "{id} failed while it waited"
                    );
                    if !matches!(next, Next::Again(_)) {
                        told.spared += 1;
                        told.awaits = Some((channel.clone(), matches!(next, Next::Reachable(_))));
                    }
                    self.out.remove(id.as_str());
                }
                if !matches!(next, Next::Served(_)) {
                    self.back(channel, None, at);
                }
            }
            Event::ChannelRestored { person, channel } => {
                self.back(channel, Some(person.as_str()), at)
            }
            Event::NoticeFailed {
                notice,
                also,
                channel,
                ..
            }
            | Event::NoticeSent {
                notice,
                also,
                channel,
                ..
            }
            | Event::NoticeUnknown {
                notice,
                also,
                channel,
                ..
            } => {
                self.back(channel, None, at);
                for id in std::iter::once(notice).chain(also) {
                    assert!(
                        self.told(id.as_str()).bell.is_none(),
                        "{id} ended while it waited"
                    );
                    self.out.remove(id.as_str());
                    self.end(id.as_str());
                }
            }
            _ => {}
        }
    }

    /// Makes what waited for a channel, or for somebody on it, due now.
    fn back(&mut self, channel: &str, person: Option<&str>, at: Timestamp) {
        let awaited = (channel.to_owned(), person.is_some());
        for told in self.open.values_mut().filter(|told| {
            told.awaits.as_ref() == Some(&awaited) && person.is_none_or(|person| told.to == person)
        }) {
            told.awaits = None;
            told.bell = told.bell.map(|bell| bell.min(at));
        }
    }

    fn told(&mut self, id: &str) -> &mut ToldNotice {
        self.open
            .get_mut(id)
            .unwrap_or_else(|| panic!("{id} is not open"))
    }

    fn end(&mut self, id: &str) {
        assert!(
            self.open.remove(id).is_some() && self.ended.insert(id.to_owned()),
            "{id} ended twice"
        );
    }
}

const CLERKS: u32 = 130;
const SENTINELS: [&str; 4] = [
    "420902/P-0017",
    "420902/P-0018",
    "420902/P-0201",
    "420902/P-0202",
];

fn world() -> Desk {
    let mut desk = Desk::at(MORNING);
    desk.enrol_many(Role::Clerk, 3_000, CLERKS);
    for person in &SENTINELS[2..] {
        desk.enrol(person, &[Role::Sentinel], None, COMMUNITY);
    }
    desk.away(SENTINELS[2], Some(SENTINELS[0]));
    desk.away(OFFICER, Some(SECOND));
    desk
}

fn does(desk: &mut Desk, ledger: &Ledger, act: &RandomAct) -> Vec<Event> {
    match act {
        RandomAct::Offer(task, to) => {
            let to: Vec<_> = SENTINELS
                .iter()
                .enumerate()
                .filter(|(n, _)| to >> n & 1 == 1)
                .map(|(_, person)| *person)
                .collect();
            desk.hears("dispatch", offered(&format!("T-{task}"), &to))
        }
        RandomAct::Accept(task) => {
            desk.hears("dispatch", accepted(&format!("T-{task}"), SENTINELS[1]))
        }
        RandomAct::Digest => {
            let (occurrence, nominal) = (
                format!("daily@{}", desk.journal.len()),
                "2023-03-06T10:00:00".parse().expect("a local time"),
            );
            let does = Does::Digest {
                to: vec![Role::Clerk, Role::Coordinator],
            };
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
            )
        }
        RandomAct::Step => {
            let step = format!("E-{}", desk.journal.len());
            let to = vec![OFFICER.into(), SUPERVISOR.into()];
            let level = if desk.journal.len().is_multiple_of(2) {
                "B1"
            } else {
                "B3"
            };
            let stepped = Escalation::LadderStepped {
                step: step.as_str().into(),
                clock: "K-1".into(),
                kind: ClockKind::OrderFix,
                on: "Z-1".into(),
                level: level.into(),
                to,
                due: instant(MORNING),
                nominal: instant(MORNING),
                why: "late".into(),
                next: None,
                because: None,
            };
            desk.hears("escalation", stepped)
        }
        RandomAct::Report(place, delivery, wait) => {
            let Some((notice, (attempt, _))) = ledger
                .out
                .iter()
                .nth(usize::from(*place) % ledger.out.len().max(1))
            else {
                return Vec::new();
            };
            desk.wishes(
                SYSTEM,
                &told_by(notice, *attempt, *delivery, "telegram", *wait),
            )
            .expect("what is out may be reported")
        }
        RandomAct::Minutes(minutes) => {
            desk.bench.at += SignedDuration::from_mins(i64::from(*minutes));
            desk.rings_now()
        }
        RandomAct::Back(one) => {
            let person = SENTINELS[usize::from(*one) % SENTINELS.len()];
            desk.wishes(
                SYSTEM,
                &Command::Reachable {
                    person: person.into(),
                    channel: "telegram".into(),
                },
            )
            .expect("anybody may be back")
        }
        RandomAct::Ring => desk.rings_now(),
        RandomAct::Crash => {
            let mut folded = Courier::default();
            for (event, at) in &desk.journal {
                folded.evolve(event, Provenance::unknown(*at));
            }
            assert_eq!(folded, desk.bench.book, "folded anew it is what it was");
            desk.bench.book = folded;
            Vec::new()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_notice_ends_exactly_once_and_none_goes_before_a_more_pressing_one(acts in proptest::collection::vec(act(), 1..80)) {
        let (mut desk, mut ledger) = (world(), Ledger::default());
        for act in &acts {
            let events = does(&mut desk, &ledger, act);
            ledger.read(&events, desk.bench.at);
        }
        // No transport answers any more, and yet all come to an end.
        for _ in 0..200 {
            let Some(due) = desk.bench.book.due() else { break };
            desk.bench.at = desk.bench.at.max(due);
            let events = desk.rings_now();
            ledger.read(&events, desk.bench.at);
        }
        prop_assert_eq!(ledger.open.keys().collect::<Vec<_>>(), Vec::<&String>::new());
        // Nothing is left behind, and every place is free again.
        prop_assert_eq!(&desk.bench.book.queue, &crate::queue::Queue::default());
        desk.folds();
    }
}
