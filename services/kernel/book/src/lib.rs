//! A book: everything one service knows about one jurisdiction, as a synchronous state machine.
//!
//! The runtime drives it: facts of other journals, bells, commands, one after another. A book never sees
//! a clock, a store, a random number or another book; time, actor, ids and directory arrive as data.

pub mod fields;
mod testing;

use jiff::Timestamp;
use picket_calendar::Calendar;
use picket_directory::Directory;
use picket_schemas::{CommandId, Event, Jurisdiction, PersonId, Refusal};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use testing::Bench;

/// The most events one step of a reaction or of a bell may bring.
pub const STEP_EVENTS: usize = 1_000;

/// The journals a book reads, relative to its own jurisdiction.
/// The registry of its own jurisdiction and of every one above is always read, for the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Upstream {
    /// The same jurisdiction's book of this service.
    Own(&'static str),
    /// The book of this service one level up.
    Parent(&'static str),
    /// The books of this service one level down.
    Children(&'static str),
}

/// Everything one service knows about one jurisdiction.
pub trait Book: Default + Serialize + DeserializeOwned + Send + 'static {
    /// The service: the first half of the book's name.
    const SERVICE: &'static str;
    /// The journals it reads.
    const READS: &'static [Upstream];
    /// The names of events it reacts to; others neither wake it nor count as unread.
    const LISTENS: &'static [&'static str];
    /// The names in [`Self::LISTENS`] when cursors of format 1 were written: such a cursor that
    /// stands within a commit counts these.
    const LISTENED_IN_FORMAT_1: &'static [&'static str] = Self::LISTENS;
    /// Its commands.
    type Command: Serialize;
    /// The events it records.
    type Event: Into<Event> + TryFrom<Event> + Clone + Serialize;

    /// Decides on a command, given what is known. Changes nothing.
    fn decide(
        &self,
        command: &Self::Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Self::Event>, Refusal>;

    /// Applies an event. Total: it never fails and needs nothing but the book and the entry's head.
    fn evolve(&mut self, event: &Self::Event, of: Provenance<'_>);

    /// Reacts to a fact of a journal this book reads. At most [`STEP_EVENTS`] events a step;
    /// the same fact comes again with `step + 1` until the answer is [`Step::Done`].
    fn react(&self, fact: &Fact<'_>, step: u32, cx: &Decision<'_>) -> Step<Self::Event>;

    /// The instant of its next bell, at which it has something to say. Deadlines live here.
    fn due(&self) -> Option<Timestamp>;

    /// Rings its bells up to `cx.at`. Brings at least one event whenever `due` is not later than `cx.at`.
    fn ring(&self, cx: &Decision<'_>) -> Step<Self::Event>;
}

/// Provenance of an event: what [`Book::evolve`] may know of the entry it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Provenance<'a> {
    /// The instant of its commit.
    pub at: Timestamp,
    /// The actor: a person in full, or the service itself.
    pub by: &'a str,
}

impl Provenance<'_> {
    /// Of an event nobody is known to have caused, in tests.
    pub const fn unknown(at: Timestamp) -> Self {
        Self { at, by: "" }
    }
}

/// The events of a step, and whether it was the last.
#[derive(Clone, Debug, PartialEq)]
pub enum Step<E> {
    /// That was all.
    Done(Vec<E>),
    /// There is more; ask again.
    More(Vec<E>),
}

impl<E> Step<E> {
    /// Nothing follows.
    pub const fn nothing() -> Self {
        Self::Done(Vec::new())
    }
    /// The events of this step.
    pub fn into_events(self) -> Vec<E> {
        match self {
            Self::Done(events) | Self::More(events) => events,
        }
    }
}

/// A fact of a journal this book reads.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a> {
    /// The jurisdiction it happened in.
    pub jurisdiction: &'a Jurisdiction,
    /// The service whose book holds it.
    pub service: &'a str,
    /// The commit that holds it.
    pub n: u64,
    /// The instant it was recorded there.
    pub at: Timestamp,
    /// The actor.
    pub by: &'a str,
    /// The decision it belongs to.
    pub entry: &'a CommandId,
    /// The verb of that decision.
    pub does: &'a str,
    /// The event.
    pub event: &'a Event,
}

/// The context of a decision: all it may look at besides the book.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// The book's name, `dispatch/420902`.
    pub book: &'a str,
    /// Its jurisdiction.
    pub jurisdiction: &'a Jurisdiction,
    /// The instant; never earlier than the book's last.
    pub at: Timestamp,
    /// The actor. For reactions and bells: the service itself.
    pub actor: &'a PersonId,
    /// The instant it was seen to happen, for a record that was synced late; else `at`.
    pub observed: Timestamp,
    /// The id of the command, or one derived from the cause.
    pub id: &'a CommandId,
    /// The directory of people, areas, institutions and rules.
    pub directory: &'a Directory,
}

impl Decision<'_> {
    /// The working calendar.
    pub fn calendar(&self) -> &Calendar {
        self.directory.calendar()
    }

    /// Permission of the actor to do this, or the refusal.
    pub fn allow(
        &self,
        action: &str,
        resource: picket_directory::Resource<'_>,
    ) -> Result<(), Refusal> {
        picket_directory::allow(self.actor, action, resource, self.directory, self.at)
    }

    /// A person of the roster by code or full id, or a visitor of these days by full id, or the refusal.
    pub fn person(&self, text: &str) -> Result<PersonId, Refusal> {
        let visitor = || {
            Some(PersonId::from(text))
                .filter(|id| self.directory.admissions(id, self.at).next().is_some())
        };
        self.directory
            .resolve_person(text)
            .or_else(visitor)
            .ok_or_else(|| Refusal::UnknownPerson {
                who: text.to_owned(),
            })
    }
}
