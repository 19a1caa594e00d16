//! Births: a service joins a folder or a cluster that is older than it, or as old.
//!
//! `Newcomer` (in place of bulletin) came with format 3. It reads the tally and the echo, and stamps what the tally
//! paused. `Reader` (in place of courier) is as old as they are and begins to read the newcomer one day.

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_book::{Book, Decision, Fact, Provenance, Step, Upstream};
use picket_journal::faulty::Fault;
use picket_journal::{Head, Journal, hash_of};
use picket_schemas::event::KeeperEvent;
use picket_schemas::{
    BulletinId, Command, Commit, Event, Jurisdiction, Refusal, bulletin, courier,
};
use serde::{Deserialize, Serialize};

use super::groups::cancelled;
use super::stopping::paused;
use super::toys::{both, tally};
use super::{Place, book, code, county, one, until};
use crate::live::Live;
use crate::{Engine, Lockstep, ServiceKind, Tailer};

use jiff::Timestamp;

/// The format the newcomer came with.
const CAME: u32 = 3;

/// Stamps what the tally paused.
#[derive(Default, Serialize, Deserialize)]
struct Newcomer {
    stamped: BTreeMap<String, u64>,
}

fn approved(name: &str, cx: &Decision<'_>) -> bulletin::Event {
    bulletin::Event::BulletinApproved {
        bulletin: BulletinId::from(name),
        by: cx.actor.clone(),
    }
}

impl Book for Newcomer {
    const SERVICE: &'static str = "bulletin";
    const READS: &'static [Upstream] = &[Upstream::Own("schedule"), Upstream::Own("dispatch")];
    const LISTENS: &'static [&'static str] = &["schedule.paused"];
    type Command = bulletin::Command;
    type Event = bulletin::Event;

    fn decide(
        &self,
        command: &Self::Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Self::Event>, Refusal> {
        match command {
            bulletin::Command::Approve { bulletin } => Ok(vec![approved(bulletin.as_str(), cx)]),
            _ => Ok(Vec::new()),
        }
    }

    fn evolve(&mut self, event: &Self::Event, _of: Provenance<'_>) {
        if let bulletin::Event::BulletinApproved { bulletin, .. } = event {
            *self.stamped.entry(bulletin.to_string()).or_default() += 1;
        }
    }

    fn react(&self, fact: &Fact<'_>, _step: u32, cx: &Decision<'_>) -> Step<Self::Event> {
        Step::Done(vec![approved(fact.entry.as_str(), cx)])
    }

    fn due(&self) -> Option<Timestamp> {
        None
    }

    fn ring(&self, _cx: &Decision<'_>) -> Step<Self::Event> {
        Step::nothing()
    }
}

/// Writes down what newcomers stamp, here and one level down, once it reads them.
#[derive(Default, Serialize, Deserialize)]
struct Reader<const LATER: bool> {
    lines: u64,
}

impl<const LATER: bool> Book for Reader<LATER> {
    const SERVICE: &'static str = "courier";
    const READS: &'static [Upstream] = if LATER {
        &[
            Upstream::Own("bulletin"),
            Upstream::Children("bulletin"),
            Upstream::Children("dispatch"),
        ]
    } else {
        &[]
    };
    const LISTENS: &'static [&'static str] = &["bulletin.approved"];
    type Command = courier::Command;
    type Event = courier::Event;

    fn decide(
        &self,
        _command: &Self::Command,
        _cx: &Decision<'_>,
    ) -> Result<Vec<Self::Event>, Refusal> {
        Ok(Vec::new())
    }

    fn evolve(&mut self, _event: &Self::Event, _of: Provenance<'_>) {
        self.lines += 1;
    }

    fn react(&self, fact: &Fact<'_>, _step: u32, _cx: &Decision<'_>) -> Step<Self::Event> {
        Step::Done(vec![courier::Event::NoticeOvertaken {
            notice: fact.entry.as_str().into(),
            reason: fact.jurisdiction.to_string(),
        }])
    }

    fn due(&self) -> Option<Timestamp> {
        None
    }

    fn ring(&self, _cx: &Decision<'_>) -> Step<Self::Event> {
        Step::nothing()
    }
}

fn newcomer() -> ServiceKind {
    ServiceKind::of::<Newcomer>(|command| match command {
        Command::Bulletin(command) => Some(command),
        _ => None,
    })
    .came_with(CAME)
}

fn reader<const LATER: bool>() -> ServiceKind {
    ServiceKind::of::<Reader<LATER>>(|command| match command {
        Command::Courier(command) => Some(command),
        _ => None,
    })
}

/// The services there were, and the newcomer.
fn joined() -> Vec<ServiceKind> {
    let mut kinds = both();
    kinds.push(newcomer());
    kinds
}

impl Place {
    /// The first commit of a registry, written by a program of some generation.
    fn registry_began(&self, jurisdiction: &str, generation: u32) {
        let name = crate::book_name("registry", &Jurisdiction::from(jurisdiction)).expect("a name");
        let commit = Commit {
            book: name.to_string(),
            n: 1,
            at: self.clock.now(),
            prev: String::new(),
            due: None,
            seen: BTreeMap::new(),
            reader: 1,
            began: (generation >= CAME).then_some(generation),
            entries: Vec::new(),
        };
        let bytes = commit.encode();
        self.memory
            .append_blocking(&name, &Head::default(), &hash_of(&bytes), bytes.into())
            .expect("memory takes it");
    }

    /// A folder on which programs worked that did not know the newcomer.
    async fn old() -> Self {
        let mut place = Self::new();
        place.generation = 2;
        place.registry_began("420902", 2);
        let mut books = place.lockstep(both()).await;
        for n in 0..3 {
            one(&mut books, place.tally(&format!("old-{n}"), "echo:1"))
                .await
                .expect("accepted");
            books.settle().await.expect("they rest");
        }
        place.generation = CAME;
        place
    }

    /// A folder that a program which knows the newcomer begins.
    fn young() -> Self {
        let mut place = Self::new();
        place.generation = CAME;
        place.registry_began("420902", CAME);
        place
    }

    /// What the newcomer stamped, in order.
    fn stamped(&self) -> Vec<String> {
        self.events("bulletin")
            .into_iter()
            .filter_map(|event| match event {
                Event::Bulletin(bulletin::Event::BulletinApproved { bulletin, .. }) => {
                    Some(bulletin.to_string())
                }
                _ => None,
            })
            .collect()
    }

    /// From where a book said that it reads.
    fn began(&self, service: &str) -> Vec<(String, u64)> {
        let began = |event| match event {
            Event::Keeper(KeeperEvent::ReadingBegan { journal, from }) => Some((journal, from)),
            _ => None,
        };
        self.events(service).into_iter().filter_map(began).collect()
    }

    fn approve(&self, id: &str) -> picket_schemas::Wish {
        let bulletin = id.into();
        self.wish(id, bulletin::Command::Approve { bulletin })
    }

    /// The same journals, the newcomer's only up to a commit.
    fn cut(&self, kept: usize) -> Self {
        let mut copy = Self::new();
        copy.generation = self.generation;
        for name in self.memory.books() {
            let all = self
                .memory
                .read_blocking(&name, &Head::default(), usize::MAX)
                .expect("memory can be read");
            let many = if name.service() == "bulletin" {
                kept
            } else {
                all.len()
            };
            let mut head = Head::default();
            for stored in all.into_iter().take(many) {
                head = copy
                    .memory
                    .append_blocking(&name, &head, &stored.head.hash, stored.bytes)
                    .expect("memory takes it");
            }
        }
        copy
    }
}

#[tokio::test]
async fn on_an_old_folder_it_says_where_it_begins_and_nothing_else_and_costs_no_keeper() {
    let place = Place::old().await;
    let heads = |service: &str| place.stored(service).len() as u64;
    let expected = [
        ("dispatch/420902".to_owned(), heads("dispatch")),
        ("registry/420902".to_owned(), 0),
        ("schedule/420902".to_owned(), heads("schedule")),
    ];
    for _ in 0..3 {
        let mut books = place.lockstep(joined()).await;
        books.settle().await.expect("they rest");
        let live = place.live(joined()).await;
        // What does not concern it wakes nobody.
        let wish = picket_schemas::dispatch::Command::CancelTask {
            task: "T-1".into(),
            reason: "r".into(),
        };
        live.wish(&county(), place.wish("d-1", wish))
            .await
            .expect("accepted");
        assert_eq!(books.dormant(), [book("bulletin")]);
        assert_eq!(live.dormant(), [book("bulletin")]);
        live.stop().await;
        assert_eq!(place.began("bulletin"), expected);
        assert_eq!(place.stored("bulletin").len(), 1, "and no other commit");
        assert_eq!(place.events("bulletin").len(), 3, "and no other event");
        assert_eq!(place.commits("schedule")[0].began, None, "as ever");
    }
}

#[tokio::test]
async fn on_a_new_folder_nothing_is_written_before_something_concerns_it() {
    let place = Place::young();
    for n in 0..3 {
        let mut books = place.lockstep(joined()).await;
        books.settle().await.expect("they rest");
        assert_eq!(books.dormant(), [book("bulletin")]);
        let live = place.live(joined()).await;
        assert_eq!(live.dormant(), [book("bulletin")], "start {n}");
        live.stop().await;
    }
    assert!(place.stored("bulletin").is_empty());
    assert!(!place.stored("schedule").is_empty());
    // While nobody knew of it, and in a process that knows it.
    place.stranger("schedule", "schedule.pause", vec![paused("go")]);
    let live = place.live(joined()).await;
    until("the stamp", async || place.stamped().len() == 1).await;
    live.wish(&county(), place.tally("c-1", "go"))
        .await
        .expect("accepted");
    until("the next", async || place.stamped().len() == 2).await;
    live.stop().await;
    assert!(place.began("bulletin").iter().all(|(_, from)| *from == 0));
    assert_eq!(
        place.commits("bulletin")[0].began,
        Some(CAME),
        "its first commit says what there was"
    );
}

#[tokio::test]
async fn a_fact_of_the_same_process_wakes_it() {
    for place in [Place::old().await, Place::young()] {
        let live = place.live(joined()).await;
        live.wish(&county(), place.tally("c-1", "go"))
            .await
            .expect("accepted");
        until("the stamp", async || place.stamped() == ["c-1"]).await;
        assert!(live.dormant().is_empty());
        live.stop().await;
        place.sound().await;
    }
}

#[tokio::test]
async fn a_late_book_acts_upon_what_came_after_its_birth_and_not_upon_older_facts() {
    let place = Place::old().await;
    let mut books = place.lockstep(joined()).await;
    one(&mut books, place.tally("c-1", "echo:1"))
        .await
        .expect("accepted");
    books.settle().await.expect("they rest");
    assert!(books.dormant().is_empty());
    assert_eq!(place.stamped(), ["c-1"]);
    place.sound().await;
    place.folds_to(&books, joined()).await;
}

/// Facts come while no program runs, and each that takes the book over may end before it is done: whatever the
/// newcomer had written by then, the next one finds the rest, once, by whichever driver.
async fn goes_on_after_a_crash(place: &Place) {
    let mut books = place.lockstep(joined()).await;
    books.settle().await.expect("they rest");
    drop(books);
    let born = place.stored("bulletin").len();
    for n in 0..3 {
        place.stranger("schedule", "schedule.pause", vec![paused("go")]);
        let task = n.to_string();
        place.stranger("dispatch", "dispatch.cancel_task", vec![cancelled(&task)]);
    }
    let mut books = place.lockstep(joined()).await;
    books.settle().await.expect("they rest");
    let stamped = place.stamped();
    assert_eq!(stamped.len(), 3);
    for kept in born..=place.stored("bulletin").len() {
        let (stepped, lived) = (place.cut(kept), place.cut(kept));
        let mut books = stepped.lockstep(joined()).await;
        books.settle().await.expect("they rest");
        assert_eq!(stepped.stamped(), stamped, "after {kept} commits");
        let live = lived.live(joined()).await;
        until("what concerns it", async || lived.stamped().len() >= 3).await;
        live.stop().await;
        assert_eq!(lived.stamped(), stamped, "after {kept} commits");
        stepped.sound().await;
        lived.sound().await;
    }
}

#[tokio::test]
async fn no_fact_is_lost_between_birth_and_waking_on_an_old_folder() {
    goes_on_after_a_crash(&Place::old().await).await;
}

#[tokio::test]
async fn no_fact_is_lost_between_birth_and_waking_on_a_new_folder() {
    goes_on_after_a_crash(&Place::young()).await;
}

#[tokio::test]
async fn whatever_the_store_does_at_its_birth_it_begins_once_and_misses_nothing_after() {
    let faults = [
        vec![Fault::AckLost],
        vec![Fault::RequestLost],
        vec![Fault::Full],
        vec![Fault::Unavailable, Fault::AckLost],
        vec![Fault::Full, Fault::Full, Fault::RequestLost],
    ];
    for planned in faults {
        let place = Place::old().await;
        place.journal.plan(planned.clone());
        let mut books = place.lockstep(joined()).await;
        let stranger = || place.stranger("schedule", "schedule.pause", vec![paused("go")]);
        stranger();
        // The tally was written by another hand: it is folded anew.
        drop(books.settle().await);
        let mut books = place.lockstep(joined()).await;
        let last = stranger();
        drop(books.settle().await);
        let mut books = place.lockstep(joined()).await;
        books.settle().await.expect("they rest");
        let began = place.began("bulletin");
        assert_eq!(began.len(), 3, "{planned:?}: it says so once: {began:?}");
        let (_, from) = began
            .into_iter()
            .find(|(journal, _)| journal == "schedule/420902")
            .expect("it reads the tally");
        assert!(from < last.number, "{planned:?}: {from}");
        let after = place
            .entries("schedule")
            .into_iter()
            .filter(|(n, entry)| *n > from && entry.cause != picket_schemas::Cause::Keeper)
            .count();
        assert_eq!(place.stamped().len(), after, "{planned:?}");
        place.sound().await;
    }
}

#[tokio::test]
async fn a_wish_wakes_it_and_is_answered_and_a_fact_wakes_it_too() {
    for place in [Place::old().await, Place::young()] {
        let live = place.live(joined()).await;
        live.wish(&county(), place.tally("c-0", "nothing"))
            .await
            .expect("accepted");
        assert_eq!(live.dormant(), [book("bulletin")]);
        live.wish(&county(), place.approve("b-1"))
            .await
            .expect("accepted");
        assert!(live.dormant().is_empty());
        live.wish(&county(), place.tally("c-1", "go"))
            .await
            .expect("accepted");
        until("the stamp", async || place.stamped() == ["b-1", "c-1"]).await;
        live.stop().await;
        assert_eq!(
            code(&live.wish(&county(), place.approve("b-2")).await),
            "stopped"
        );
        // It has a keeper from now on.
        let live = place.live(joined()).await;
        assert!(live.dormant().is_empty());
        live.stop().await;
        place.sound().await;
        let mut books = place.lockstep(joined()).await;
        books.settle().await.expect("they rest");
        assert_eq!(place.stamped(), ["b-1", "c-1"]);
    }
}

#[tokio::test]
async fn what_a_neighbour_says_wakes_it_also_where_the_cache_lacks_it_and_the_store_fails_first() {
    for lacking in [false, true] {
        let place = Place::young();
        let (here, _tailer) = process(&place, &["bulletin"]).await;
        assert_eq!(here.dormant(), [book("bulletin")]);
        if lacking {
            // All this process hears of is a commit beyond the one that concerns it.
            let first = place.stranger("schedule", "schedule.pause", vec![paused("go")]);
            let bytes = place.strange("schedule", "schedule.pause", Vec::new());
            place.journal.fail_reads(3);
            let head = Head {
                number: first.number + 1,
                hash: hash_of(&bytes),
                position: String::new(),
            };
            let stored = picket_journal::StoredCommit {
                head: head.clone(),
                bytes: bytes.clone().into(),
            };
            let beyond = picket_reading::Decoded::check("schedule/420902", &first, &stored);
            let cache = &here.engine().cache;
            cache.publish(&Arc::new(beyond.expect("it is sound")));
            place
                .memory
                .append_blocking(&book("schedule"), &first, &head.hash, bytes.into())
                .expect("memory takes it");
        } else {
            place.stranger("schedule", "schedule.pause", vec![paused("go")]);
        }
        until("the stamp", async || place.stamped().len() == 1).await;
        assert!(here.dormant().is_empty());
        here.stop().await;
        place.sound().await;
    }
}

#[tokio::test]
async fn who_asks_a_dormant_book_of_a_process_that_goes_down_hears_so() {
    let place = Place::young();
    let live = place.live(joined()).await;
    live.stop().await;
    assert_eq!(
        code(&live.wish(&county(), place.approve("b-1")).await),
        "stopped"
    );
    assert!(place.stored("bulletin").is_empty());
}

#[tokio::test]
async fn a_round_counts_dormant_books_and_wakes_the_ones_the_store_says_something_to() {
    let place = Place::young();
    let live = place.live(joined()).await;
    while !live.run_round().await.rests {}
    assert!(live.run_round().await.books.contains(&book("bulletin")));
    assert_eq!(live.dormant(), [book("bulletin")]);
    // Nobody in this process saw it.
    place.stranger("schedule", "schedule.pause", vec![paused("go")]);
    assert!(!live.run_round().await.rests);
    while !live.run_round().await.rests {}
    assert_eq!(place.stamped().len(), 1);
    live.stop().await;
}

/// A process among others, with a tailer that brings what they write.
async fn process(place: &Place, kept: &[&str]) -> (Live, Tailer) {
    let engine = Engine::new(
        place.journal.clone(),
        place.territory.clone(),
        joined(),
        place.clock.clone(),
        picket_calendar::Calendar::china(),
    )
    .with_other_writers()
    .of_generation(CAME);
    let engine = Arc::new(engine);
    let tailer = Tailer::start(
        place.journal.clone(),
        engine.cache.clone(),
        engine.marks(),
        engine.books(),
        |_| (),
    );
    tailer.subscribe(&engine.books()).await;
    let live = Live::start(engine, &[], true).await.expect("it opens");
    let books: Vec<_> = kept.iter().map(|service| book(service)).collect();
    live.keep(&books).await.expect("it opens");
    (live, tailer)
}

#[tokio::test]
async fn it_moves_between_processes_asleep_and_wakes_by_what_another_process_writes() {
    for place in [Place::old().await, Place::young()] {
        let (one, _tails) = process(&place, &["schedule", "dispatch"]).await;
        let (other, _tails) = process(&place, &["bulletin"]).await;
        let (third, _tails) = process(&place, &[]).await;
        assert_eq!(other.dormant(), [book("bulletin")]);
        // The shard moves; a fact comes while nobody keeps the book.
        other.leave(&[book("bulletin")]).await;
        assert!(!other.keeps(&book("bulletin")) && other.dormant().is_empty());
        one.wish(&county(), place.tally("c-1", "go"))
            .await
            .expect("accepted");
        third.keep(&[book("bulletin")]).await.expect("it opens");
        until("the first", async || place.stamped() == ["c-1"]).await;
        third.leave(&[book("bulletin")]).await;
        other.keep(&[book("bulletin")]).await.expect("it opens");
        assert!(other.dormant().is_empty(), "it was woken elsewhere");
        one.wish(&county(), place.tally("c-2", "go"))
            .await
            .expect("accepted");
        until("the second", async || place.stamped() == ["c-1", "c-2"]).await;
        for live in [one, other, third] {
            live.stop().await;
        }
        place.sound().await;
    }
}

#[tokio::test]
async fn what_another_process_wakes_is_awake_here_as_well() {
    let place = Place::young();
    let (one, _tails) = process(&place, &["bulletin"]).await;
    let (other, _tails) = process(&place, &["bulletin"]).await;
    other
        .wish(&county(), place.approve("b-1"))
        .await
        .expect("accepted");
    // Its bells ring wherever it is kept.
    until("it wakes", async || one.dormant().is_empty()).await;
    let answer = one.wish(&county(), place.approve("b-1")).await;
    assert_eq!(answer.expect("it is one wish").n, 1);
    one.stop().await;
    other.stop().await;
    place.sound().await;
}

#[tokio::test]
async fn an_old_book_reads_a_younger_service_from_its_beginning_at_every_level() {
    let mut place = Place::new();
    place.generation = 2;
    place.territory.jurisdictions.insert("4209".into(), None);
    let above = Some("4209".into());
    place.territory.jurisdictions.insert(county(), above);
    for jurisdiction in ["4209", "420902"] {
        place.registry_began(jurisdiction, 2);
    }
    let with = |reader| [both(), vec![newcomer(), reader]].concat();
    let mut books = place
        .lockstep([both(), vec![reader::<false>()]].concat())
        .await;
    books.settle().await.expect("they rest");
    place.generation = CAME;
    let mut books = place.lockstep(with(reader::<false>())).await;
    for n in 0..3 {
        one(&mut books, place.tally(&format!("c-{n}"), "go"))
            .await
            .expect("accepted");
        books.settle().await.expect("they rest");
    }
    assert_eq!(place.stamped().len(), 3);
    // Only now the old books begin to read it; once, however often they start.
    place.generation = CAME + 1;
    for _ in 0..2 {
        let mut books = place.lockstep(with(reader::<true>())).await;
        books.settle().await.expect("they rest");
    }
    assert_eq!(place.count("courier", "notice.overtaken"), 3);
    let city = crate::book_name("courier", &"4209".into()).expect("a name");
    let commits = place
        .memory
        .read_blocking(&city, &Head::default(), usize::MAX)
        .expect("memory can be read");
    let events: Vec<_> = commits
        .iter()
        .flat_map(|stored| {
            Commit::decode(&stored.bytes)
                .expect("it can be read")
                .entries
        })
        .flat_map(|entry| entry.events)
        .collect();
    let told = |kind: &str| events.iter().filter(|event| event.kind() == kind).count();
    assert_eq!(told("notice.overtaken"), 3, "and the city its county's");
    let from = |of: &str| {
        events.iter().find_map(|event| match event {
            Event::Keeper(KeeperEvent::ReadingBegan { journal, from }) if journal == of => {
                Some(*from)
            }
            _ => None,
        })
    };
    assert_eq!(from("bulletin/420902"), Some(0));
    assert_eq!(
        from("dispatch/420902"),
        Some(place.stored("dispatch").len() as u64),
        "an older service from its head, as ever"
    );
}

#[tokio::test]
async fn thousands_of_commits_that_do_not_concern_it_are_not_looked_at_again() {
    let place = Place::young();
    let mut books = place.lockstep(joined()).await;
    books.settle().await.expect("they rest");
    for _ in 0..5_000 {
        place.stranger("schedule", "schedule.pause", Vec::new());
    }
    drop(books);
    let books = place.lockstep(joined()).await;
    assert_eq!(books.dormant(), [book("bulletin")], "it rests all the same");
    let seen = &place.commits("bulletin").pop().expect("it said so").seen;
    assert_eq!(
        seen["schedule/420902"].n,
        place.stored("schedule").len() as u64
    );
    let said = place.stored("bulletin").len();
    let mut books = place.lockstep(joined()).await;
    assert_eq!(place.stored("bulletin").len(), said, "and that was all");
    one(&mut books, place.tally("c-1", "go"))
        .await
        .expect("accepted");
    books.settle().await.expect("they rest");
    assert_eq!(place.stamped(), ["c-1"]);
    place.sound().await;
}

#[tokio::test]
async fn a_snapshot_holds_the_generation_a_book_began_in() {
    let place = Place::young();
    let mut books = place.lockstep(vec![tally()]).await;
    one(&mut books, place.tally("c-1", "go"))
        .await
        .expect("accepted");
    let engine = place.engine(vec![tally()]);
    let keeper = engine.open(&book("schedule")).await.expect("it opens");
    let memory = keeper.memory().expect("nothing is ahead");
    let fold = tally()
        .restore(book("schedule"), keeper.head().clone(), &memory)
        .expect("it is restored");
    assert_eq!(fold.began(), Some(CAME));
    drop(Lockstep::open(engine).await.expect("the books open"));
    let heads = place.memory.last(&[book("schedule")]).await;
    assert_eq!(&heads.expect("memory can be read")[0], keeper.head());
}
