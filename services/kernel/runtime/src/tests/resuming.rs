//! Resuming within a commit: a cursor that stands there means the same to a version that listens to more or to less.

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_book::{Book, Decision, Fact, Provenance, Step, Upstream};
use picket_journal::hash_of;
use picket_schemas::commit::READER;
use picket_schemas::{Command, Commit, Event, Part, Refusal, dispatch, schedule};
use serde::{Deserialize, Serialize};

use super::toys::tally;
use super::{Place, book};
use crate::ServiceKind;

const PAUSED: &[&str] = &["schedule.paused"];
const BOTH: &[&str] = &["schedule.paused", "schedule.resumed"];

/// Answers what it listens to, at such length that a group holds few answers.
#[derive(Default, Serialize, Deserialize)]
struct Listener<const WIDE: bool>;

impl<const WIDE: bool> Book for Listener<WIDE> {
    const SERVICE: &'static str = "dispatch";
    const READS: &'static [Upstream] = &[Upstream::Own("schedule")];
    const LISTENS: &'static [&'static str] = if WIDE { BOTH } else { PAUSED };
    const LISTENED_IN_FORMAT_1: &'static [&'static str] = PAUSED;
    type Command = dispatch::Command;
    type Event = dispatch::Event;

    fn decide(
        &self,
        _command: &Self::Command,
        _cx: &Decision<'_>,
    ) -> Result<Vec<Self::Event>, Refusal> {
        Ok(Vec::new())
    }

    fn evolve(&mut self, _event: &Self::Event, _of: Provenance<'_>) {}

    fn react(&self, fact: &Fact<'_>, step: u32, cx: &Decision<'_>) -> Step<Self::Event> {
        let code = match fact.event {
            Event::Schedule(schedule::Event::SchedulePaused { schedule, .. }) => schedule,
            Event::Schedule(schedule::Event::ScheduleResumed { schedule, .. }) => schedule,
            other => panic!("{} is not listened to", other.kind()),
        };
        let answer = vec![dispatch::Event::TaskDeclined {
            task: format!("{code}:{step}").as_str().into(),
            person: cx.actor.clone(),
            reason: "x".repeat(90 * 1024),
        }];
        // Two steps, so that cursors stand between them too.
        if step == 0 {
            Step::More(answer)
        } else {
            Step::Done(answer)
        }
    }

    fn due(&self) -> Option<Timestamp> {
        None
    }

    fn ring(&self, _cx: &Decision<'_>) -> Step<Self::Event> {
        Step::nothing()
    }
}

fn listener<const WIDE: bool>() -> Vec<ServiceKind> {
    let listener = ServiceKind::of::<Listener<WIDE>>(|command| match command {
        Command::Dispatch(command) => Some(command),
        _ => None,
    });
    vec![tally(), listener]
}

/// One commit of six pauses, each after a resumption.
fn said() -> Vec<Event> {
    let by = || "420902/P-2".into();
    let pair = |n: u32| {
        let resumed = schedule::Event::ScheduleResumed {
            schedule: format!("r-{n}").as_str().into(),
            by: by(),
        };
        let paused = schedule::Event::SchedulePaused {
            schedule: format!("p-{n}").as_str().into(),
            reason: String::new(),
            by: by(),
        };
        [resumed.into(), paused.into()]
    };
    (1..=6).flat_map(pair).collect()
}

/// How often each step upon each thing was taken.
fn answers(place: &Place) -> BTreeMap<String, u32> {
    let mut answers = BTreeMap::new();
    for event in place.events("dispatch") {
        if let Event::Dispatch(dispatch::Event::TaskDeclined { task, .. }) = event {
            *answers.entry(task.to_string()).or_default() += 1;
        }
    }
    answers
}

/// The first `kept` commits of the reader, as they are or as format 1 wrote them, before the whole commit it reads.
fn cut(whole: &Place, kept: usize, format: u32) -> Place {
    let copy = Place::new();
    copy.stranger("schedule", "schedule.pause", said());
    let source = copy.stored("schedule")[0].head.clone();
    for stored in whole.stored("dispatch").into_iter().take(kept) {
        let head = copy
            .memory
            .last_blocking(&[book("dispatch")])
            .expect("memory can be read")
            .remove(0);
        let mut commit = Commit::decode(&stored.bytes).expect("it was written here");
        commit.prev = head.hash.clone();
        commit.reader = format.min(commit.reader);
        for cursor in commit.seen.values_mut() {
            if cursor.n == source.number {
                cursor.hash = source.hash.clone();
            }
            if let (1, Some(Part::Events(events, step))) = (format, cursor.part) {
                // It listened to pauses alone, and those are every second event.
                cursor.part = Some(Part::Listened(events / 2, step));
            }
        }
        let bytes = commit.encode();
        copy.memory
            .append_blocking(&book("dispatch"), &head, &hash_of(&bytes), bytes.into())
            .expect("memory takes it");
    }
    copy
}

/// Lets one version read part of a commit and another one the rest, cut after every commit of the first.
async fn resumes<const FIRST: bool, const THEN: bool>(format: u32) {
    let whole = Place::new();
    whole.stranger("schedule", "schedule.pause", said());
    let mut books = whole.lockstep(listener::<FIRST>()).await;
    books.settle().await.expect("they rest");
    let commits = whole.stored("dispatch").len();
    assert!(commits > 4, "it is read in parts");
    for kept in 1..=commits {
        let place = cut(&whole, kept, format);
        let before = answers(&place);
        let mut books = place.lockstep(listener::<THEN>()).await;
        books.settle().await.expect("they rest");
        let after = answers(&place);
        assert!(
            after.values().all(|times| *times == 1),
            "after {kept} of {commits} commits something was done twice: {after:?}"
        );
        for n in 1..=6 {
            for step in 0..2 {
                assert!(
                    after.contains_key(&format!("p-{n}:{step}")),
                    "after {kept} of {commits} commits p-{n} was skipped: {after:?}"
                );
            }
            let resumed = format!("r-{n}:0");
            // The cursor stood before the next pause, and so behind the resumption before that one.
            let passed = n == 1 || before.contains_key(&format!("p-{}:1", n - 1));
            assert!(
                !THEN || FIRST || passed || after.contains_key(&resumed),
                "after {kept} of {commits} commits r-{n} was skipped: {after:?}"
            );
            assert!(
                THEN || after.contains_key(&resumed) == before.contains_key(&resumed),
                "who does not listen to it does not act upon it"
            );
        }
        place.folds_to(&books, listener::<THEN>()).await;
    }
}

#[tokio::test]
async fn a_version_that_listens_to_more_goes_on_where_the_one_before_left_off() {
    resumes::<false, true>(READER).await;
}

#[tokio::test]
async fn a_version_that_listens_to_less_goes_on_where_the_one_before_left_off() {
    resumes::<true, false>(READER).await;
}

#[tokio::test]
async fn cursors_of_format_1_are_taken_up_by_this_version_and_by_one_that_listens_to_more() {
    resumes::<false, false>(1).await;
    resumes::<false, true>(1).await;
}

#[tokio::test]
async fn a_commit_says_format_2_only_where_its_cursor_stands_within_another() {
    let place = Place::new();
    place.stranger("schedule", "schedule.pause", said());
    let mut books = place.lockstep(listener::<false>()).await;
    books.settle().await.expect("they rest");
    for commit in place.commits("dispatch") {
        let within = commit.seen.values().any(|cursor| cursor.part.is_some());
        assert_eq!(
            commit.reader,
            if within { 2 } else { 1 },
            "{:?}",
            commit.seen
        );
    }
}
