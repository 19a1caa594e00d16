//! The keeper: the single writer of one book, which decides one thing after another and builds one commit a group.
//!
//! A synchronous state machine: facts, an instant and wishes are handed in, a commit and answers come out. The driver
//! around it appends the commit, answers the callers, or drops the keeper when the append went wrong. A keeper that
//! was dropped is folded anew from its journal; nothing of it is ever repaired in place (decision 0001).

mod bells;
mod births;
mod draft;
mod facts;
mod fold;
mod group;
mod memory;
mod parking;
mod remembered;
mod wishes;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use picket_book::{Book, Decision};
use picket_calendar::Calendar;
use picket_directory::{Directory, Layer};
use picket_journal::{BookName, Head};
use picket_reading::Decoded;
use picket_schemas::{Command, CommandId, Commit, Cursor, Jurisdiction, PersonId};

use crate::layers::Layers;
use parking::Parked;
use remembered::Remembered;

pub(crate) use births::{Ages, said};
pub(crate) use fold::reads_of;
pub use fold::{BookFold, CannotFold};
pub use group::{Culprit, Group, SealedCommit};

/// A group stops here.
pub const GROUP_BYTES: usize = 256 * 1024;
/// A single decision larger than this is refused.
pub const DECISION_BYTES: usize = 768 * 1024;
/// A chain of reactions longer than this is parked.
pub const HOPS: u32 = 16;

/// One of the journals a book reads.
#[derive(Debug, Default)]
struct JournalReading {
    cursor: Cursor,
    /// Commits that were handed over and not taken yet.
    pending: VecDeque<Arc<Decoded>>,
    /// The layer of the directory it folds into.
    layer: Option<usize>,
    /// Not yet said in the book's own journal that it is read.
    fresh: bool,
    /// The commit that cannot be taken, and why: the cursor is parked when it gets there.
    poisoned: Option<(u64, String)>,
}

impl JournalReading {
    /// The last commit of the journal that is taken or in hand.
    fn held(&self) -> Head {
        match self.pending.back() {
            Some(last) => last.head.clone(),
            None => head_of(&self.cursor),
        }
    }

    /// The number of that commit.
    fn held_number(&self) -> u64 {
        self.pending
            .back()
            .map_or(self.cursor.n, |last| last.head.number)
    }
}

/// The single writer of one book.
pub struct Keeper<B: Book> {
    name: BookName,
    jurisdiction: Jurisdiction,
    actor: PersonId,
    book: B,
    head: Head,
    at: Timestamp,
    /// What its first commit says of the generation it began in.
    began: Option<u32>,
    /// The format the youngest service came with.
    generation: u32,
    readings: BTreeMap<String, JournalReading>,
    /// Cursors that moved since the last commit; the next one carries them.
    moved: BTreeMap<String, Cursor>,
    /// Where it stopped in journals it no longer reads.
    left: BTreeMap<String, Cursor>,
    /// Facts taken since the last commit; cursors are written when there are many.
    unwritten: u32,
    remembered: Remembered,
    layers: Vec<Arc<Layer>>,
    directory: Directory,
    calendar: Calendar,
    /// The layers all keepers of the process share.
    shared: Arc<Layers>,
    /// The events it reacts to; one set for all books of a service.
    listens: Arc<HashSet<&'static str>>,
    parked: Option<Parked>,
    /// The due instant of a bell that said nothing: rung again it would spin, so it waits for a person.
    silent_bell: Option<Timestamp>,
    /// How often in a row the bell rang for one and the same instant.
    bell_repeats: u32,
    /// Why the next bell is parked and not rung: it broke the book before that was folded anew.
    poisoned_bell: Option<String>,
    as_command: fn(&Command) -> Option<&B::Command>,
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
    /// The end of its journal.
    pub fn head(&self) -> &Head {
        &self.head
    }
    /// The instant of its last commit.
    pub fn last_at(&self) -> Timestamp {
        self.at
    }

    /// The instant at which it next has something to say by itself.
    pub fn due(&self) -> Option<Timestamp> {
        if self.parked.is_some() {
            return None;
        }
        self.book.due().filter(|due| Some(*due) != self.silent_bell)
    }

    /// Whether facts wait that it could take.
    pub fn waiting(&self) -> bool {
        self.parked.is_none()
            && self
                .readings
                .values()
                .any(|reading| !reading.pending.is_empty())
    }

    /// The journals it reads, each with the last commit it has in hand, where that commit's number is of interest;
    /// none while it is parked.
    pub fn reads(&self, of_interest: &dyn Fn(&str, u64) -> bool) -> Vec<(String, Head)> {
        if self.parked.is_some() {
            return Vec::new();
        }
        self.readings
            .iter()
            .filter(|(journal, reading)| of_interest(journal, reading.held_number()))
            .map(|(journal, reading)| (journal.clone(), reading.held()))
            .collect()
    }

    /// Moves on to a group's commit while that is on its way to the journal: the next group is decided as if it were
    /// stored, and appended only when it is. The store's own position is not known yet.
    pub fn ahead(&mut self, append: &SealedCommit) {
        self.head = Head {
            number: append.commit.n,
            hash: append.hash.clone(),
            position: String::new(),
        };
        self.at = append.commit.at;
        self.unwritten = 0;
        self.note_beginning(&append.commit);
    }

    /// Takes note that a group's commit is stored.
    pub fn committed(&mut self, commit: &Decoded) {
        if self.head.is_same_commit(&commit.head) {
            self.head.position.clone_from(&commit.head.position);
        } else {
            self.head = commit.head.clone();
            self.at = commit.commit.at;
            self.unwritten = 0;
            self.note_beginning(&commit.commit);
        }
        // The registry's own book is its own newest layer, from the moment its commit is stored.
        if self.name.service() == "registry" && !self.layers.is_empty() {
            let own = self.name.to_string();
            self.move_directory(0, &own, commit);
        }
    }

    fn note_beginning(&mut self, commit: &Commit) {
        if commit.n == 1 {
            self.began = commit.began;
        }
    }

    /// The surroundings of one decision.
    fn decision<'a>(
        &'a self,
        id: &'a CommandId,
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
}

/// A cursor behind a commit that was taken as a whole.
fn cursor_at(head: &Head) -> Cursor {
    Cursor {
        n: head.number,
        hash: head.hash.clone(),
        position: head.position.clone(),
        part: None,
    }
}

/// The last commit that a cursor passed as a whole.
fn head_of(cursor: &Cursor) -> Head {
    Head {
        number: cursor.n,
        hash: cursor.hash.clone(),
        position: cursor.position.clone(),
    }
}
