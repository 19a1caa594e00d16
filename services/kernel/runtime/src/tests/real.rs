//! The laws held with the real books: a county at work, in random order, and the bytes of its commits.

use std::collections::BTreeMap;

use picket_journal::Head;
use picket_schemas::commit::READER;
use picket_schemas::{
    Cause, Command, CommandId, Commit, Cursor, Entry, Event, PersonId, Wish, dispatch,
};
use proptest::prelude::*;
use serde_json::json;

use super::{COUNTY, Place, county, instant};
use crate::{Lockstep, ServiceKind};

macro_rules! kind {
    ($book:ty, $command:ident) => {
        ServiceKind::of::<$book>(|command| match command {
            Command::$command(command) => Some(command),
            _ => None,
        })
    };
}

fn kinds() -> Vec<ServiceKind> {
    vec![
        kind!(picket_registry::Registry, Registry),
        kind!(picket_schedule::ScheduleBook, Schedule),
        kind!(picket_dispatch::Dispatch, Dispatch),
        kind!(picket_rectification::Rectification, Rectification),
        kind!(picket_escalation::Escalation, Escalation),
        kind!(picket_bulletin::Bulletin, Bulletin),
        kind!(picket_courier::Courier, Courier),
    ]
}

/// A county at work: who wishes what is drawn at random, what may come of it is the books' business.
struct County {
    place: Place,
    books: Lockstep,
    wishes: u32,
    accepted: u32,
}

impl County {
    async fn new() -> Self {
        let place = Place::new();
        let books = place.lockstep(kinds()).await;
        let mut county = Self {
            place,
            books,
            wishes: 0,
            accepted: 0,
        };
        let roster = [
            json!({"do": "registry.define_area", "code": COUNTY, "name": "county", "level": "county"}),
            json!({"do": "registry.define_area", "code": "420902003", "name": "town", "level": "town", "parent": COUNTY}),
            json!({"do": "registry.define_department", "code": "edu", "name": "education", "area": COUNTY}),
            json!({"do": "registry.enrol_person", "code": "P-C", "name": "coordinator 1", "roles": ["coordinator"], "area": COUNTY}),
            json!({"do": "registry.enrol_person", "code": "P-D", "name": "dispatcher 1", "roles": ["dispatcher"], "area": COUNTY}),
            json!({"do": "registry.enrol_person", "code": "P-I", "name": "inspector 1", "roles": ["inspector"], "department": "edu", "area": COUNTY, "certificate": "Z-1"}),
            json!({"do": "registry.enrol_person", "code": "P-L", "name": "leader 1", "roles": ["post_leader"], "area": "420902003"}),
            json!({"do": "registry.enrol_person", "code": "P-1", "name": "sentinel 1", "roles": ["sentinel"], "area": "420902003"}),
            json!({"do": "registry.enrol_person", "code": "P-2", "name": "sentinel 2", "roles": ["sentinel"], "area": "420902003"}),
            json!({"do": "registry.define_post", "code": "PO-1", "name": "post 1", "kind": "community", "area": "420902003", "leader": "P-L", "members": ["P-1", "P-2"]}),
            json!({"do": "registry.register_institution", "code": "I-1", "name": "one", "kind": "institution", "address": "street 1", "area": "420902003"}),
            json!({"do": "registry.register_institution", "code": "I-2", "name": "two", "kind": "institution", "address": "street 2", "area": "420902003"}),
            json!({"do": "registry.set_route", "order": 1, "violation": "*", "training": "*", "lead": "edu"}),
            json!({"do": "schedule.define", "code": "daily", "cron": "0 9 * * *", "does": {"digest": {"to": ["coordinator"]}}}),
        ];
        for (index, command) in roster.into_iter().enumerate() {
            let told = county.wish("operator", command).await;
            assert!(told, "line {index} of the roster");
        }
        assert!(
            county
                .wish("P-C", json!({"do": "bulletin.freeze", "name": "first"}))
                .await
        );
        county.books.settle().await.expect("they rest");
        county
    }

    fn made(&mut self, by: &str, command: serde_json::Value) -> Wish {
        self.wishes += 1;
        let command = Command::parse(command).expect("a test writes commands well");
        let id = CommandId::from(format!("w-{}", self.wishes));
        Wish {
            id,
            by: PersonId::new(&county(), by),
            via: "test".into(),
            made: self.place.clock.now(),
            observed: None,
            trace: String::new(),
            command,
        }
    }

    async fn wish(&mut self, by: &str, command: serde_json::Value) -> bool {
        let wish = self.made(by, command);
        let answers = self.books.wish(&county(), vec![wish.clone(), wish]).await;
        assert_eq!(answers[0], answers[1], "a repeat gets the same answer");
        self.accepted += u32::from(answers[0].is_ok());
        answers[0].is_ok()
    }

    /// The latest of the tasks, leads and so on with this prefix, or one that may not exist.
    fn pick(&self, service: &str, prefix: &str, draw: usize) -> String {
        let events = self.place.events(service);
        let ids: Vec<String> = events
            .iter()
            .filter_map(|event| match event {
                Event::Dispatch(dispatch::Event::TaskIssued { task, .. }) if prefix == "T" => {
                    Some(task.to_string())
                }
                Event::Rectification(picket_schemas::rectification::Event::LeadOpened {
                    lead,
                    ..
                }) if prefix == "L" => Some(lead.to_string()),
                _ => None,
            })
            .collect();
        if ids.is_empty() {
            format!("{prefix}-1")
        } else {
            ids[draw % ids.len()].clone()
        }
    }

    async fn act(&mut self, what: u8, draw: usize) {
        let who = ["P-1", "P-2", "P-L", "P-C", "P-D", "P-I"][draw % 6];
        let task = self.pick("dispatch", "T", draw / 6);
        let lead = self.pick("rectification", "L", draw / 6);
        let row = ["I-1", "I-2"][draw % 2];
        let command = match what {
            0 => {
                json!({"do": "dispatch.issue_batch", "name": "sweep", "window": {"amount": 2, "unit": "working_day"}})
            }
            1 => json!({"do": "dispatch.accept_task", "task": task}),
            2 => {
                json!({"do": "dispatch.fill_row", "task": task, "row": row, "outcome": (if draw.is_multiple_of(3) { "problem" } else { "ok" }), "codes": (if draw.is_multiple_of(3) { json!(["V1"]) } else { json!([]) }), "urgent": draw.is_multiple_of(6)})
            }
            3 => json!({"do": "dispatch.submit_task", "task": task}),
            4 => json!({"do": "dispatch.approve_task", "task": task}),
            5 => json!({"do": "dispatch.return_task", "task": task, "reason": "again"}),
            6 => json!({"do": "dispatch.decline_task", "task": task, "reason": "away"}),
            7 => {
                json!({"do": "dispatch.report_place", "area": "420902003", "address": format!("lane {draw}"), "seen": "lights at night", "codes": ["H1"], "urgent": true})
            }
            8 => json!({"do": "rectification.classify_lead", "lead": lead, "codes": ["V1"]}),
            9 => {
                json!({"do": "rectification.record_verdict", "lead": lead, "verdict": "substantiated", "note": "seen"})
            }
            _ => {
                let until = self.place.clock.now()
                    + jiff::SignedDuration::from_hours(i64::try_from(draw % 60).expect("small"));
                return self.books.advance(until, |_| ()).await.expect("they rest");
            }
        };
        // The one who most likely may, or somebody at random.
        let by = match what {
            0 | 5 if !draw.is_multiple_of(4) => "P-C",
            8 if !draw.is_multiple_of(4) => "P-D",
            9 if !draw.is_multiple_of(4) => "P-I",
            4 if !draw.is_multiple_of(4) => "P-L",
            1 | 2 | 3 | 6 | 7 if !draw.is_multiple_of(4) => ["P-1", "P-2"][draw % 2],
            _ => who,
        };
        self.wish(by, command).await;
        if draw.is_multiple_of(2) {
            self.books.settle().await.expect("they rest");
        }
    }

    async fn check(mut self) -> u32 {
        self.books.settle().await.expect("they rest");
        self.place.folds_to(&self.books, kinds()).await;
        self.place.sound().await;
        // Opened at the same instant, nothing follows that had not followed before.
        self.books.flush().await;
        let before = self
            .place
            .memory
            .last_blocking(&self.books.engine().books())
            .expect("memory can be read");
        let mut again = self.place.lockstep(kinds()).await;
        again.settle().await.expect("they rest");
        assert_eq!(
            self.place
                .memory
                .last_blocking(&again.engine().books())
                .expect("memory can be read"),
            before
        );
        assert_eq!(again.states(), self.books.states());
        super::snapshots::a_snapshot_and_the_rest_are_the_whole(&self.place, kinds).await;
        for service in picket_schemas::event::SERVICES {
            for stored in self.place.stored(service) {
                assert_eq!(
                    Commit::decode(&stored.bytes)
                        .expect("it can be read")
                        .encode(),
                    *stored.bytes,
                    "commit {} of {service}",
                    stored.head.number
                );
            }
        }
        self.accepted
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn the_fold_of_every_journal_is_its_live_book_and_opening_again_brings_nothing(acts in prop::collection::vec((0_u8..12, 0_usize..600), 1..40)) {
        block_on(async {
            let mut county = County::new().await;
            for (what, draw) in acts {
                county.act(what, draw).await;
            }
            county.check().await;
        });
    }
}

#[test]
fn a_finding_goes_all_its_way_and_the_laws_hold() {
    block_on(async {
        let mut county = County::new().await;
        for (what, draw) in [
            (0, 1),
            (1, 1),
            (2, 3),
            (2, 2),
            (3, 1),
            (4, 1),
            (7, 5),
            (8, 5),
            (9, 1),
            (10, 59),
            (10, 59),
            (0, 1),
            (10, 59),
        ] {
            county.act(what, draw).await;
        }
        let kinds = county.place.kinds("dispatch");
        assert!(
            kinds.contains(&"task.issued") && kinds.contains(&"task.accepted"),
            "{kinds:?}"
        );
        assert!(county.place.count("rectification", "lead.opened") > 0);
        assert!(county.place.count("escalation", "clock.started") > 0);
        assert!(county.check().await > 15);
    });
}

#[test]
fn the_same_wishes_at_the_same_instants_give_the_same_bytes() {
    let play = || {
        block_on(async {
            let mut county = County::new().await;
            for draw in 0..60 {
                county.act((draw % 12) as u8, draw * 7).await;
            }
            let place = county.place;
            ["registry", "dispatch", "rectification", "escalation"].map(|service| {
                place
                    .stored(service)
                    .into_iter()
                    .map(|stored| stored.head.hash)
                    .collect::<Vec<_>>()
            })
        })
    };
    assert_eq!(play(), play());
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-z0-9-]{1,12}",
        "\\PC{0,12}",
        Just("\u{0}\u{7}\"\\\n\u{2028}哨点".to_owned())
    ]
}

fn cursors() -> impl Strategy<Value = Cursor> {
    (
        any::<u64>(),
        texts(),
        texts(),
        prop::option::of(any::<(u32, u32)>()),
    )
        .prop_map(|(n, hash, position, part)| Cursor {
            n,
            hash,
            position,
            part: part.map(|(events, step)| picket_schemas::Part::Events(events, step)),
        })
}

fn entries() -> impl Strategy<Value = Entry> {
    let cause = prop::sample::select(vec![
        Cause::Command,
        Cause::Fact,
        Cause::Bell,
        Cause::Keeper,
    ]);
    let event = (texts(), texts()).prop_map(|(task, reason)| {
        Event::from(dispatch::Event::TaskCancelled {
            task: task.into(),
            by: "420902/P-1".into(),
            reason,
        })
    });
    (
        texts(),
        texts(),
        cause,
        prop::option::of(texts()),
        texts(),
        0_u32..20,
        prop::collection::vec(event, 0..4),
    )
        .prop_map(|(id, by, cause, of, trace, hops, events)| Entry {
            id: id.into(),
            by,
            via: "test".into(),
            cause,
            of,
            does: "dispatch.cancel_task".into(),
            made: instant(super::MORNING),
            trace,
            hops,
            events,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn a_commit_survives_its_bytes(entries in prop::collection::vec(entries(), 0..4), seen in prop::collection::btree_map(texts(), cursors(), 0..3), n in any::<u64>(), due in any::<bool>()) {
        let at = instant("2026-11-20T01:00:00.123Z");
        let commit = Commit { book: "dispatch/420902".into(), n, at, prev: "p".into(), due: due.then_some(at), seen, reader: READER, began: due.then_some(READER), entries };
        let bytes = commit.encode();
        let back = Commit::decode(&bytes).expect("it can be read");
        prop_assert_eq!(&back, &commit);
        prop_assert_eq!(back.encode(), bytes);
    }

    #[test]
    fn bytes_that_are_no_commit_are_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..400) {
        drop(Commit::decode(&bytes));
        let place = Place::new();
        let mut sound = place.strange("schedule", "schedule.pause", Vec::new());
        sound.truncate(cut.min(sound.len() - 1));
        prop_assert!(Commit::decode(&sound).is_err());
    }
}

#[test]
fn a_commit_of_a_later_version_says_upgrade() {
    let commit = Commit {
        book: "dispatch/420902".into(),
        n: 1,
        at: instant(super::MORNING),
        prev: String::new(),
        due: None,
        seen: BTreeMap::new(),
        reader: READER + 1,
        began: None,
        entries: Vec::new(),
    };
    let why = Commit::decode(&commit.encode())
        .expect_err("it cannot be folded here")
        .to_string();
    assert!(
        why.contains("upgrade") && why.contains("dispatch/420902"),
        "{why}"
    );
}

#[test]
fn what_stays_in_memory_is_what_was_written() {
    // The keeper writes its bytes entry by entry; they are those of the whole commit.
    block_on(async {
        let place = Place::new();
        let mut books = place.lockstep(super::toys::both()).await;
        books
            .wish(
                &county(),
                vec![
                    place.tally("c-1", "go"),
                    place.tally("c-2", "echo:3"),
                    place.tally("c-3", "bell:2026-11-20T02:00:00Z"),
                ],
            )
            .await;
        books.settle().await.expect("they rest");
        books
            .advance(instant("2026-11-20T03:00:00Z"), |_| ())
            .await
            .expect("they rest");
        let cache = &books.engine().cache;
        for service in ["schedule", "dispatch"] {
            let published = cache
                .after(&format!("{service}/{COUNTY}"), 0)
                .expect("the window reaches back");
            let stored = place.stored(service);
            assert_eq!(published.len(), stored.len());
            let mut before = Head::default();
            for (published, stored) in published.iter().zip(&stored) {
                assert_eq!(published.commit.encode(), *stored.bytes);
                assert_eq!(published.commit.prev, before.hash);
                before = stored.head.clone();
            }
        }
    });
}

#[test]
fn somebody_just_enrolled_acts_at_once_in_the_live_registry() {
    block_on(async {
        let place = Place::new();
        let live = place.live(kinds()).await;
        let (mut made, home) = (0, county());
        let mut wish = |by: &str, command: serde_json::Value| {
            made += 1;
            let command = Command::parse(command).expect("a test writes commands well");
            Wish {
                id: CommandId::from(format!("w-{made}")),
                by: PersonId::new(&home, by),
                via: "test".into(),
                made: place.clock.now(),
                observed: None,
                trace: String::new(),
                command,
            }
        };
        for (by, command) in [
            (
                "operator",
                json!({"do": "registry.define_area", "code": COUNTY, "name": "county", "level": "county"}),
            ),
            (
                "operator",
                json!({"do": "registry.enrol_person", "code": "P-C", "name": "coordinator 1", "roles": ["coordinator"], "area": COUNTY}),
            ),
            (
                "P-C",
                json!({"do": "registry.enrol_person", "code": "P-1", "name": "sentinel 1", "roles": ["sentinel"], "area": COUNTY}),
            ),
        ] {
            let answer = live.wish(&home, wish(by, command)).await;
            assert!(answer.is_ok(), "{by}: {answer:?}");
        }
        live.stop().await;
    });
}
