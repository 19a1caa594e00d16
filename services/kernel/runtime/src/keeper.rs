//! The keeper: owns one book, decides one thing after another, builds one commit a group.
//!
//! Synchronous and pure but for what it is handed: facts, an instant, wishes. The driver around it appends
//! the commit, answers the callers, or drops the keeper when the append went wrong. A keeper that was
//! dropped is folded anew; nothing of it is ever repaired in place.

mod draft;
mod facts;
mod fold;
mod remembered;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use picket_book::{Book, Decision, STEP_EVENTS, Step};
use picket_calendar::Calendar;
use picket_directory::{Directory, Layer};
use picket_journal::{BookName, Head};
use picket_schemas::event::KeeperEvent;
use picket_schemas::{Answer, Cause, Command, Commit, Cursor, Event, Jurisdiction, PersonId, Problem, Refusal, Wish};

use crate::decoded::Decoded;
use crate::layers::Layers;
use draft::{Draft, NewEntry};
use remembered::Remembered;

pub use fold::{CannotFold, Folding};

/// A wish older than this is refused.
const STALE: SignedDuration = SignedDuration::from_hours(24);
/// A wish may come from a clock that runs ahead by so much.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// A group stops here.
pub const GROUP_BYTES: usize = 256 * 1024;
/// A single decision larger than this is refused.
pub const DECISION_BYTES: usize = 768 * 1024;
/// A chain of reactions longer than this is parked.
pub const HOPS: u32 = 16;

/// One of the journals a book reads.
#[derive(Debug, Default)]
struct Reading {
    cursor: Cursor,
    inbox: VecDeque<Arc<Decoded>>,
    /// Which layer of the directory it folds into.
    layer: Option<usize>,
}

/// Owns one book.
pub struct Keeper<B: Book> {
    name: BookName,
    jurisdiction: Jurisdiction,
    actor: PersonId,
    book: B,
    head: Head,
    at: Timestamp,
    readings: BTreeMap<String, Reading>,
    moved: BTreeMap<String, Cursor>,
    /// Facts handled since the last commit; cursors are written when there are many.
    unwritten: u32,
    remembered: Remembered,
    layers: Vec<Arc<Layer>>,
    directory: Directory,
    calendar: Calendar,
    shared: Arc<Layers>,
    listens: HashSet<&'static str>,
    parked: Option<String>,
    /// A due instant whose bell brought nothing: it would spin.
    silent_bell: Option<Timestamp>,
    as_command: fn(&Command) -> Option<&B::Command>,
}

/// A group, decided and not yet appended.
#[derive(Debug)]
pub struct Group {
    /// What to append, if anything happened.
    pub append: Option<Append>,
    /// One for each wish that was taken, in order.
    pub answers: Vec<Result<Answer, Problem>>,
    /// Facts or bells are left for another group.
    pub more: bool,
    /// A wish broke the book: drop the keeper, fold it anew, and leave this one out.
    pub broken: Option<usize>,
}

/// A commit ready to be appended.
#[derive(Debug)]
pub struct Append {
    /// The stored bytes.
    pub bytes: Vec<u8>,
    /// Their hash.
    pub hash: String,
    /// The same, decoded.
    pub commit: Commit,
}

impl<B: Book> Keeper<B> {
    /// The book's name.
    pub fn name(&self) -> &BookName {
        &self.name
    }
    /// The book.
    pub fn book(&self) -> &B {
        &self.book
    }
    /// Where its journal ends.
    pub fn head(&self) -> &Head {
        &self.head
    }
    /// The instant of its last commit.
    pub fn last_at(&self) -> Timestamp {
        self.at
    }
    /// Why it waits for a person, if it does.
    pub fn parked(&self) -> Option<&str> {
        self.parked.as_deref()
    }

    /// When it next has something to say by itself.
    pub fn due(&self) -> Option<Timestamp> {
        if self.parked.is_some() {
            return None;
        }
        self.book.due().filter(|due| Some(*due) != self.silent_bell)
    }

    /// Whether facts wait that it could take.
    pub fn waiting(&self) -> bool {
        self.parked.is_none() && self.readings.values().any(|reading| !reading.inbox.is_empty())
    }

    /// The journals it reads, each with the last commit it holds in hand.
    pub fn reads(&self) -> Vec<(String, Head)> {
        self.readings
            .iter()
            .map(|(journal, reading)| {
                let head = reading.inbox.back().map_or_else(
                    || Head { number: reading.cursor.n, hash: reading.cursor.hash.clone(), position: reading.cursor.position.clone() },
                    |last| last.head.clone(),
                );
                (journal.clone(), head)
            })
            .collect()
    }

    /// Decides a group at `now`: facts read, then bells due (where `ring`), then wishes.
    ///
    /// Takes wishes in order until the group is full; as many answers come back as were taken.
    pub fn group(&mut self, now: Timestamp, ring: bool, wishes: &[Wish]) -> Group {
        let at = self.at.max(now);
        let mut draft = Draft::new(at);
        if self.head.number == 0 {
            self.begin(&mut draft);
        }
        let mut group = Group { append: None, answers: Vec::with_capacity(wishes.len()), more: false, broken: None };
        if self.parked.is_none() {
            let all_read = self.take_facts(&mut draft, if wishes.is_empty() { GROUP_BYTES } else { GROUP_BYTES / 2 });
            group.more |= !all_read;
            if ring && all_read && self.parked.is_none() {
                group.more |= self.ring(&mut draft);
            }
        }
        for (index, wish) in wishes.iter().enumerate() {
            if draft.bytes() >= GROUP_BYTES {
                break;
            }
            match self.wish(wish, &mut draft) {
                Ok(answer) => group.answers.push(answer),
                Err(Broken) => {
                    group.broken = Some(index);
                    return group;
                }
            }
        }
        if !draft.is_empty() || self.unwritten >= 4_096 {
            group.append = Some(self.seal(draft));
        }
        group
    }

    /// The group is in the journal.
    pub fn committed(&mut self, commit: &Decoded) {
        self.head = commit.head.clone();
        self.at = commit.commit.at;
        self.unwritten = 0;
        // The registry's own book is its own newest layer.
        if self.name.service() == "registry" && !self.layers.is_empty() {
            self.layers[0] = self.shared.next(self.name.as_str(), self.layers[0].clone(), commit);
            self.directory = Directory::new(self.layers.clone(), self.calendar.clone());
        }
    }

    /// Lets a parked book go on; with `skip` the commit it stumbled over is passed.
    pub fn unpark(&mut self, now: Timestamp, by: &str, skip: bool) -> Option<Append> {
        self.parked.take()?;
        let at = self.at.max(now);
        let mut draft = Draft::new(at);
        let stuck = self.readings.iter().find(|(_, reading)| !reading.inbox.is_empty()).map(|(journal, _)| journal.clone());
        let (journal, n) = match stuck {
            Some(journal) => {
                let reading = self.readings.get_mut(&journal)?;
                let n = reading.cursor.n + 1;
                if skip && let Some(passed) = reading.inbox.pop_front() {
                    reading.cursor = cursor_at(&passed.head);
                    self.moved.insert(journal.clone(), reading.cursor.clone());
                }
                (journal, n)
            }
            None => (String::new(), 0),
        };
        let event = KeeperEvent::CursorUnparked { journal, n, by: by.to_owned(), skip };
        draft.push(NewEntry::keeper(&self.name, "keeper.unpark", at), vec![event.into()]);
        Some(self.seal(draft))
    }

    /// Cursors that moved without anything happening, written before the keeper sleeps or stops.
    pub fn flush(&mut self, now: Timestamp) -> Option<Append> {
        (self.unwritten > 0 && self.head.number > 0).then(|| self.seal(Draft::new(self.at.max(now))))
    }

    /// The first commit of a book says from where it reads each journal.
    fn begin(&mut self, draft: &mut Draft) {
        let mut events = Vec::new();
        for (journal, reading) in &self.readings {
            events.push(Event::from(KeeperEvent::ReadingBegan { journal: journal.clone(), from: reading.cursor.n }));
            if reading.cursor.n > 0 {
                self.moved.insert(journal.clone(), reading.cursor.clone());
            }
        }
        draft.push(NewEntry::keeper(&self.name, "keeper.begin", draft.at()), events);
    }

    fn ring(&mut self, draft: &mut Draft) -> bool {
        let mut rung = 0_u32;
        while let Some(due) = self.due().filter(|due| *due <= draft.at()) {
            if draft.bytes() >= GROUP_BYTES {
                return true;
            }
            let id = format!("bell:{}:{}:{rung}", self.name, self.head.number + 1);
            let entry = NewEntry::bell(&self.name, id, due, draft.at());
            let cx = self.decision(&entry.id, draft.at(), draft.at(), &self.actor);
            let Ok(step) = catch_unwind(AssertUnwindSafe(|| self.book.ring(&cx))) else {
                self.park(draft, String::new(), 0, format!("its bell of {due} failed"));
                return false;
            };
            let events = step.into_events();
            if events.is_empty() {
                self.silent_bell = Some(due);
                return false;
            }
            if !self.record(draft, entry, events) {
                self.parked = Some(format!("its bell of {due} failed"));
                return false;
            }
            rung += 1;
        }
        false
    }

    fn wish(&mut self, wish: &Wish, draft: &mut Draft) -> Result<Result<Answer, Problem>, Broken> {
        if let Some(known) = self.remembered.answer(&wish.id, self.name.as_str()) {
            return Ok(known);
        }
        if let Some(why) = &self.parked {
            return Ok(Err(Refusal::Parked { book: self.name.to_string(), why: why.clone() }.problem()));
        }
        let at = draft.at();
        let refused = |problem: Problem, remembered: &mut Remembered| {
            remembered.refused(wish.id.clone(), problem.clone());
            Ok(Err(problem))
        };
        if at.duration_since(wish.made) > STALE {
            return refused(Refusal::Expired { made: wish.made.to_string() }.problem(), &mut self.remembered);
        }
        if wish.made.duration_since(at) > AHEAD {
            let why = "it lies in the future".to_owned();
            return refused(Refusal::Invalid { field: "made".into(), why }.problem(), &mut self.remembered);
        }
        let Some(command) = (self.as_command)(&wish.command) else {
            let why = format!("`{}` does not belong to {}", wish.command.verb(), self.name);
            return Ok(Err(Refusal::Invalid { field: "do".into(), why }.problem()));
        };
        let cx = self.decision(&wish.id, at, wish.observed.unwrap_or(at), &wish.by);
        let events = match catch_unwind(AssertUnwindSafe(|| self.book.decide(command, &cx))) {
            Ok(Ok(events)) => events,
            Ok(Err(refusal)) => return refused(refusal.problem(), &mut self.remembered),
            Err(_) => return refused(Refusal::Broken { what: wish.command.verb().to_owned() }.problem(), &mut self.remembered),
        };
        if events.is_empty() {
            return Ok(Ok(Answer { book: self.name.to_string(), n: self.head.number, created: Vec::new() }));
        }
        let events: Vec<Event> = events.into_iter().map(Into::into).collect();
        let entry = NewEntry::wished(wish);
        let json = draft.encode(&entry, &events);
        if json.len() > DECISION_BYTES {
            return refused(Refusal::TooLarge { bytes: json.len().to_string() }.problem(), &mut self.remembered);
        }
        let n = self.head.number + 1;
        let created = picket_schemas::event::created(wish.command.verb(), &events);
        for event in &events {
            self.evolve(event, at)?;
        }
        draft.push_encoded(entry, events, json);
        self.remembered.accepted(wish.id.clone(), at, n, created.clone());
        Ok(Ok(Answer { book: self.name.to_string(), n, created }))
    }

    /// Evolves and records; false where evolving failed and the book cannot be trusted any more.
    fn record(&mut self, draft: &mut Draft, entry: NewEntry, events: Vec<B::Event>) -> bool {
        debug_assert!(events.len() <= STEP_EVENTS, "a step of {} brought {} events", self.name, events.len());
        let events: Vec<Event> = events.into_iter().map(Into::into).collect();
        for event in &events {
            if self.evolve(event, draft.at()).is_err() {
                return false;
            }
        }
        draft.push(entry, events);
        true
    }

    fn evolve(&mut self, event: &Event, at: Timestamp) -> Result<(), Broken> {
        let Ok(own) = B::Event::try_from(event.clone()) else { return Err(Broken) };
        catch_unwind(AssertUnwindSafe(|| self.book.evolve(&own, at))).map_err(|_| Broken)
    }

    fn park(&mut self, draft: &mut Draft, journal: String, n: u64, reason: String) {
        let event = KeeperEvent::CursorParked { journal, n, reason: reason.clone() };
        draft.push(NewEntry::keeper(&self.name, "keeper.park", draft.at()), vec![event.into()]);
        self.parked = Some(reason);
    }

    fn decision<'a>(&'a self, id: &'a picket_schemas::CommandId, at: Timestamp, observed: Timestamp, actor: &'a PersonId) -> Decision<'a> {
        Decision { book: self.name.as_str(), jurisdiction: &self.jurisdiction, at, actor, observed, id, directory: &self.directory }
    }

    fn seal(&mut self, draft: Draft) -> Append {
        let due = if self.parked.is_some() { None } else { self.book.due() };
        draft.seal(&self.name, &self.head, due, std::mem::take(&mut self.moved))
    }
}

/// Evolving failed: the book in memory is no longer the fold of its journal.
struct Broken;

fn cursor_at(head: &Head) -> Cursor {
    Cursor { n: head.number, hash: head.hash.clone(), position: head.position.clone(), part: None }
}

/// What a step of a reaction came to.
fn split<E>(step: Step<E>) -> (Vec<E>, bool) {
    match step {
        Step::Done(events) => (events, true),
        Step::More(events) => (events, false),
    }
}

/// The decision was a wish, a fact or a bell.
fn cause_of(entry: &NewEntry) -> Cause {
    entry.cause
}
