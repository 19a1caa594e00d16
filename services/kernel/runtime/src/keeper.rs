//! The keeper: owns one book, decides one thing after another, builds one commit a group.
//!
//! Synchronous and pure but for what it is handed: facts, an instant, wishes. The driver around it appends
//! the commit, answers the callers, or drops the keeper when the append went wrong. A keeper that was
//! dropped is folded anew; nothing of it is ever repaired in place.

mod bells;
mod draft;
mod facts;
mod fold;
mod memory;
mod remembered;
mod wishes;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;
use picket_book::{Book, Decision, STEP_EVENTS, Step};
use picket_calendar::Calendar;
use picket_directory::{Directory, Layer};
use picket_journal::{BookName, Head};
use picket_schemas::event::KeeperEvent;
use picket_schemas::{
    Answer, Cause, Command, Commit, Cursor, Event, Jurisdiction, PersonId, Problem, Wish,
};
use serde::{Deserialize, Serialize};

use crate::decoded::Decoded;
use crate::layers::Layers;
use crate::live::Hindrance;
use draft::{Draft, NewEntry};
use remembered::Remembered;

pub(crate) use fold::reads_of;
pub use fold::{CannotFold, Folding};

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
    /// Not yet said in the book's own journal that it is read.
    fresh: bool,
    /// The commit that cannot be taken, and why: the cursor is parked when it gets there.
    bad: Option<(u64, String)>,
}

/// Why a book waits for a person, and in which journal; a bell has none.
#[derive(Debug, Serialize, Deserialize)]
struct Parked {
    journal: String,
    why: String,
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
    /// Where it stopped in journals it no longer reads.
    left: BTreeMap<String, Cursor>,
    /// Facts handled since the last commit; cursors are written when there are many.
    unwritten: u32,
    remembered: Remembered,
    layers: Vec<Arc<Layer>>,
    directory: Directory,
    calendar: Calendar,
    shared: Arc<Layers>,
    listens: HashSet<&'static str>,
    parked: Option<Parked>,
    /// A due instant whose bell said nothing: it would spin, and waits for a person.
    silent_bell: Option<Timestamp>,
    /// How often in a row the bell rang for one and the same instant.
    same_bell: u32,
    /// A bell that broke the book before it was folded anew: it is parked, not rung.
    bad_bell: Option<String>,
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
    /// The book broke: drop the keeper and fold it anew. Nothing of this group counts.
    pub broken: Option<Culprit>,
}

/// What broke a book while it was evolving.
#[derive(Debug)]
pub enum Culprit {
    /// The wish at this place of the group.
    Wish(usize),
    /// A commit of a journal it reads; a bell where the name is empty.
    Reading {
        /// The journal.
        journal: String,
        /// The commit.
        n: u64,
        /// Why.
        why: String,
    },
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
        self.parked.as_ref().map(|parked| parked.why.as_str())
    }

    /// What a person must look at, and why.
    pub fn hindrance(&self) -> Option<(Hindrance, String)> {
        let parked = self.parked().map(|why| (Hindrance::Parked, why.to_owned()));
        parked.or_else(|| {
            self.silent_bell()
                .map(|due| (Hindrance::SilentBell, bells::says_nothing(due)))
        })
    }

    /// When it next has something to say by itself.
    pub fn due(&self) -> Option<Timestamp> {
        if self.parked.is_some() {
            return None;
        }
        self.book.due().filter(|due| Some(*due) != self.silent_bell)
    }

    /// The bell that waits for a person, while the book still wants it rung.
    fn silent_bell(&self) -> Option<Timestamp> {
        self.silent_bell
            .filter(|silent| self.book.due() == Some(*silent))
    }

    /// Whether facts wait that it could take.
    pub fn waiting(&self) -> bool {
        self.parked.is_none()
            && self
                .readings
                .values()
                .any(|reading| !reading.inbox.is_empty())
    }

    /// The journals it reads, each with the last commit it holds in hand, where that commit's number is of interest;
    /// none while it is parked.
    pub fn reads(&self, of_interest: &dyn Fn(&str, u64) -> bool) -> Vec<(String, Head)> {
        if self.parked.is_some() {
            return Vec::new();
        }
        self.readings
            .iter()
            .filter(|(journal, reading)| {
                of_interest(
                    journal,
                    reading
                        .inbox
                        .back()
                        .map_or(reading.cursor.n, |last| last.head.number),
                )
            })
            .map(|(journal, reading)| {
                let head = reading.inbox.back().map_or_else(
                    || Head {
                        number: reading.cursor.n,
                        hash: reading.cursor.hash.clone(),
                        position: reading.cursor.position.clone(),
                    },
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
        if self.head.number == 0 || self.readings.values().any(|reading| reading.fresh) {
            self.begin(&mut draft);
        }
        let mut group = Group {
            append: None,
            answers: Vec::with_capacity(wishes.len()),
            more: false,
            broken: None,
        };
        let mut wishes = wishes;
        if self.parked.is_none() {
            match self.take_facts(
                &mut draft,
                if wishes.is_empty() {
                    GROUP_BYTES
                } else {
                    GROUP_BYTES / 2
                },
            ) {
                Read::All if ring && self.parked.is_none() => match self.ring(
                    &mut draft,
                    if wishes.is_empty() {
                        GROUP_BYTES
                    } else {
                        GROUP_BYTES / 2
                    },
                ) {
                    Ok(more) => group.more = more,
                    Err(why) => {
                        group.broken = Some(Culprit::Reading {
                            journal: String::new(),
                            n: 0,
                            why,
                        })
                    }
                },
                Read::All => {}
                Read::Full => group.more = true,
                Read::DirectoryMoves => {
                    // A wish is decided with what the registry has said, not with what it said a group ago.
                    group.more = true;
                    wishes = &[];
                }
                Read::Broken(journal, n, why) => {
                    group.broken = Some(Culprit::Reading { journal, n, why })
                }
            }
        }
        if group.broken.is_some() {
            return group;
        }
        for (index, wish) in wishes.iter().enumerate() {
            if draft.bytes() >= GROUP_BYTES {
                break;
            }
            match self.wish(wish, &mut draft) {
                Ok(Some(answer)) => group.answers.push(answer),
                Ok(None) => break,
                Err(Broken) => {
                    group.broken = Some(Culprit::Wish(index));
                    return group;
                }
            }
        }
        if !draft.is_empty() || self.unwritten >= 4_096 {
            group.append = Some(self.seal(draft));
        }
        group
    }

    /// The group is on its way to the journal: the next one is decided as if it were there already, and is
    /// appended only when it is. The store's own position is not known yet.
    pub fn ahead(&mut self, append: &Append) {
        self.head = Head {
            number: append.commit.n,
            hash: append.hash.clone(),
            position: String::new(),
        };
        self.at = append.commit.at;
        self.unwritten = 0;
    }

    /// The group is in the journal.
    pub fn committed(&mut self, commit: &Decoded) {
        if self.head.is_same_commit(&commit.head) {
            self.head.position.clone_from(&commit.head.position);
        } else {
            self.head = commit.head.clone();
            self.at = commit.commit.at;
            self.unwritten = 0;
        }
        // The registry's own book is its own newest layer, from the moment its commit is stored.
        if self.name.service() == "registry" && !self.layers.is_empty() {
            self.layers[0] = self
                .shared
                .next(self.name.as_str(), self.layers[0].clone(), commit);
            self.directory = Directory::new(self.layers.clone(), self.calendar.clone());
        }
    }

    /// The journal whose next commit it stumbled over, with the last one it took to its end.
    pub fn stumbled(&self) -> Option<(String, Head)> {
        let journal = &self.parked.as_ref()?.journal;
        let cursor = &self.readings.get(journal)?.cursor;
        Some((
            journal.clone(),
            Head {
                number: cursor.n,
                hash: cursor.hash.clone(),
                position: cursor.position.clone(),
            },
        ))
    }

    /// Lets a parked book or a silent bell go on; `passed` is the commit it stumbled over, where that is to be skipped.
    pub fn unpark(&mut self, now: Timestamp, by: &str, passed: Option<&Head>) -> Option<Append> {
        let silent = self.silent_bell();
        let journal = match self.parked.take() {
            Some(Parked { journal, .. }) => journal,
            None => silent.map(|_| String::new())?,
        };
        self.silent_bell = None;
        let at = self.at.max(now);
        let mut draft = Draft::new(at);
        let mut n = 0;
        let skip = passed.is_some();
        if let Some(reading) = self.readings.get_mut(&journal) {
            n = reading.cursor.n + 1;
            reading.bad = None;
            if let Some(passed) = passed {
                reading.inbox.clear();
                reading.cursor = cursor_at(passed);
                self.moved.insert(journal.clone(), reading.cursor.clone());
            }
        }
        let event = KeeperEvent::CursorUnparked {
            journal,
            n,
            by: by.to_owned(),
            skip,
        };
        draft.push(
            NewEntry::keeper(&self.name, "keeper.unpark", at),
            vec![event.into()],
        );
        Some(self.seal(draft))
    }

    /// Cursors that moved without anything happening, written before the keeper sleeps or stops.
    pub fn flush(&mut self, now: Timestamp) -> Option<Append> {
        (self.unwritten > 0 && self.head.number > 0)
            .then(|| self.seal(Draft::new(self.at.max(now))))
    }

    /// The first commit after a book began to read a journal says from where.
    fn begin(&mut self, draft: &mut Draft) {
        let mut events = Vec::new();
        for (journal, reading) in self
            .readings
            .iter_mut()
            .filter(|(_, reading)| reading.fresh)
        {
            reading.fresh = false;
            events.push(Event::from(KeeperEvent::ReadingBegan {
                journal: journal.clone(),
                from: reading.cursor.n,
            }));
            if reading.cursor.n > 0 {
                self.moved.insert(journal.clone(), reading.cursor.clone());
            }
        }
        draft.push(
            NewEntry::keeper(&self.name, "keeper.begin", draft.at()),
            events,
        );
    }

    /// Evolves and records what a reaction or a bell brought.
    fn record(
        &mut self,
        draft: &mut Draft,
        entry: NewEntry,
        events: Vec<B::Event>,
        limit: usize,
    ) -> Recorded {
        debug_assert!(
            events.len() <= STEP_EVENTS,
            "a step of {} brought {} events",
            self.name,
            events.len()
        );
        let json = draft.encode(&entry, &events);
        if json.len() > DECISION_BYTES {
            return Recorded::TooLarge;
        }
        if !draft.has_room(json.len(), limit) {
            return Recorded::Later;
        }
        let Ok(events) = self.evolve(events, draft.at()) else {
            return Recorded::Broken;
        };
        draft.push_encoded(entry, events, json);
        Recorded::Yes
    }

    /// Evolves the book by events it brought, and gives them back as a commit carries them.
    fn evolve(&mut self, events: Vec<B::Event>, at: Timestamp) -> Result<Vec<Event>, Broken> {
        for event in &events {
            catch_unwind(AssertUnwindSafe(|| self.book.evolve(event, at))).map_err(|_| Broken)?;
        }
        Ok(events.into_iter().map(Into::into).collect())
    }

    fn park(&mut self, draft: &mut Draft, journal: String, n: u64, reason: String) {
        let event = KeeperEvent::CursorParked {
            journal: journal.clone(),
            n,
            reason: reason.clone(),
        };
        draft.push(
            NewEntry::keeper(&self.name, "keeper.park", draft.at()),
            vec![event.into()],
        );
        self.parked = Some(Parked {
            journal,
            why: reason,
        });
    }

    fn decision<'a>(
        &'a self,
        id: &'a picket_schemas::CommandId,
        at: Timestamp,
        observed: Timestamp,
        actor: &'a PersonId,
    ) -> Decision<'a> {
        Decision {
            book: self.name.as_str(),
            jurisdiction: &self.jurisdiction,
            at,
            actor,
            observed,
            id,
            directory: &self.directory,
        }
    }

    fn seal(&mut self, draft: Draft) -> Append {
        let due = self.due();
        draft.seal(&self.name, &self.head, due, std::mem::take(&mut self.moved))
    }
}

/// Evolving failed: the book in memory is no longer the fold of its journal.
struct Broken;

/// How recording a step came out; only `Yes` changed anything but `Broken`, after which nothing is to be trusted.
enum Recorded {
    Yes,
    /// The group is full.
    Later,
    TooLarge,
    Broken,
}

/// How far facts were taken.
enum Read {
    /// Nothing is left that could be taken.
    All,
    /// The group is full.
    Full,
    /// A registry has more to say; this group must end first, since it decides with one directory.
    DirectoryMoves,
    /// Evolving what followed from this commit of this journal failed.
    Broken(String, u64, String),
}

fn cursor_at(head: &Head) -> Cursor {
    Cursor {
        n: head.number,
        hash: head.hash.clone(),
        position: head.position.clone(),
        part: None,
    }
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
