//! Services as a list: the same runtime drives every book through one object-safe face.
//!
//! A [`Keeper`] and a [`Fold`] are generic over their book; [`AnyKeeper`] and [`AnyFold`] are the same without it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use picket_book::{Book, Upstream};
use picket_calendar::Calendar;
use picket_directory::Layer;
use picket_journal::{BookName, Head, StoredCommit};
use picket_reading::Decoded;
use picket_schemas::registry::Territory;
use picket_schemas::{Command, Cursor, Wish};

use crate::hindrance::Hindrance;
use crate::keeper::{BookFold, CannotFold, Group, Keeper, SealedCommit, reads_of};
use crate::layers::Layers;

/// A service that has books.
#[derive(Clone)]
pub struct ServiceKind {
    /// Its name.
    pub name: &'static str,
    /// The format it came with.
    pub since: u32,
    /// The journals its books read.
    pub reads: &'static [Upstream],
    /// The events they react to.
    pub listens: &'static [&'static str],
    /// The services that say one of them.
    heard: Arc<HashSet<&'static str>>,
    /// The events as a set, shared by all its books.
    pub(crate) listened: Arc<HashSet<&'static str>>,
    fold: Arc<dyn Fn(BookName) -> Box<dyn AnyFold> + Send + Sync>,
    journals: fn(&BookName, &Territory) -> Vec<String>,
    restore: Arc<Restore>,
}

/// Goes on from a book's memory at a commit.
type Restore =
    dyn Fn(BookName, Head, &[u8]) -> Result<Box<dyn AnyFold>, serde_json::Error> + Send + Sync;

impl std::fmt::Debug for ServiceKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceKind")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl ServiceKind {
    /// The service whose book is `B`; `as_command` picks its commands out of all.
    pub fn of<B: Book>(as_command: fn(&Command) -> Option<&B::Command>) -> Self {
        let listened: Arc<HashSet<_>> = Arc::new(B::LISTENS.iter().copied().collect());
        let heard = picket_schemas::event::kinds()
            .into_iter()
            .filter(|(_, kind)| listened.contains(kind))
            .map(|(service, _)| service)
            .collect();
        let restored = listened.clone();
        Self {
            name: B::SERVICE,
            since: picket_schemas::event::since(B::SERVICE),
            reads: B::READS,
            listens: B::LISTENS,
            heard: Arc::new(heard),
            listened: listened.clone(),
            journals: reads_of::<B>,
            fold: Arc::new(move |name| {
                Box::new(ServiceFold {
                    fold: BookFold::<B>::new(name),
                    listened: listened.clone(),
                    as_command,
                })
            }),
            restore: Arc::new(move |name, head, memory| {
                Ok(Box::new(ServiceFold {
                    fold: BookFold::<B>::restore(name, head, memory)?,
                    listened: restored.clone(),
                    as_command,
                }))
            }),
        }
    }

    /// Whether a service says anything its books react to; what a keeper itself says stands in every journal.
    pub(crate) fn hears(&self, service: &str) -> bool {
        self.heard.contains(service) || self.heard.contains("keeper")
    }

    /// The same as if it had come with another format.
    #[cfg(test)]
    pub(crate) fn came_with(mut self, format: u32) -> Self {
        self.since = format;
        self
    }

    pub(crate) fn journals(&self, name: &BookName, territory: &Territory) -> Vec<String> {
        (self.journals)(name, territory)
    }

    pub(crate) fn fold(&self, name: BookName) -> Box<dyn AnyFold> {
        (self.fold)(name)
    }

    /// Goes on from a book's memory at a commit.
    pub(crate) fn restore(
        &self,
        name: BookName,
        head: Head,
        memory: &[u8],
    ) -> Result<Box<dyn AnyFold>, serde_json::Error> {
        (self.restore)(name, head, memory)
    }
}

/// The surroundings in which a book is opened.
pub(crate) struct Opening<'a> {
    pub(crate) territory: &'a Territory,
    pub(crate) layers: Vec<Arc<Layer>>,
    pub(crate) heads: BTreeMap<String, Head>,
    pub(crate) shared: Arc<Layers>,
    pub(crate) calendar: Calendar,
    /// The format the youngest service came with.
    pub(crate) generation: u32,
}

/// A [`Fold`] of whatever book.
pub(crate) trait AnyFold: Send {
    fn head(&self) -> &Head;
    fn take(&mut self, stored: &StoredCommit) -> Result<(), CannotFold>;
    fn stands_at(&mut self, head: &Head);
    fn registries(&self, territory: &Territory) -> Vec<(String, u64)>;
    fn unread(&self, territory: &Territory) -> Vec<String>;
    fn at(&self) -> Timestamp;
    fn began(&self) -> Option<u32>;
    fn is_concerned(&self) -> bool;
    fn cursor(&self, journal: &str) -> Option<&Cursor>;
    fn state(&self) -> serde_json::Value;
    fn open(self: Box<Self>, opening: Opening<'_>) -> Box<dyn AnyKeeper>;
}

/// A fold, with what its service adds when the keeper is opened.
struct ServiceFold<B: Book> {
    fold: BookFold<B>,
    listened: Arc<HashSet<&'static str>>,
    as_command: fn(&Command) -> Option<&B::Command>,
}

impl<B: Book> AnyFold for ServiceFold<B> {
    fn head(&self) -> &Head {
        self.fold.head()
    }
    fn take(&mut self, stored: &StoredCommit) -> Result<(), CannotFold> {
        self.fold.take(stored)
    }
    fn stands_at(&mut self, head: &Head) {
        self.fold.stands_at(head);
    }
    fn registries(&self, territory: &Territory) -> Vec<(String, u64)> {
        self.fold.registries(territory)
    }
    fn unread(&self, territory: &Territory) -> Vec<String> {
        self.fold.unread(territory)
    }
    fn at(&self) -> Timestamp {
        self.fold.at()
    }
    fn began(&self) -> Option<u32> {
        self.fold.began()
    }
    fn is_concerned(&self) -> bool {
        self.fold.is_concerned()
    }
    fn cursor(&self, journal: &str) -> Option<&Cursor> {
        self.fold.cursor(journal)
    }
    fn state(&self) -> serde_json::Value {
        state_of(self.fold.book())
    }
    fn open(self: Box<Self>, opening: Opening<'_>) -> Box<dyn AnyKeeper> {
        Box::new(self.fold.open(opening, self.listened, self.as_command))
    }
}

/// A [`Keeper`] of whatever book.
pub(crate) trait AnyKeeper: Send {
    fn name(&self) -> &BookName;
    fn head(&self) -> &Head;
    fn last_at(&self) -> Timestamp;
    fn due(&self) -> Option<Timestamp>;
    fn parked(&self) -> Option<&str>;
    fn waiting(&self) -> bool;
    fn hindrance(&self) -> Option<(Hindrance, String)>;
    fn reads(&self, of_interest: &dyn Fn(&str, u64) -> bool) -> Vec<(String, Head)>;
    fn offer(&mut self, commit: Arc<Decoded>) -> bool;
    fn park_reading(&mut self, journal: &str, n: u64, reason: &str);
    fn parked_cursor(&self) -> Option<(String, Head)>;
    fn group(&mut self, now: Timestamp, ring: bool, wishes: &[Wish]) -> Group;
    fn ahead(&mut self, append: &SealedCommit);
    fn committed(&mut self, commit: &Decoded);
    fn unpark(&mut self, now: Timestamp, by: &str, passed: Option<&Head>) -> Option<SealedCommit>;
    fn flush(&mut self, now: Timestamp) -> Option<SealedCommit>;
    fn memory(&self) -> Option<Vec<u8>>;
    fn state(&self) -> serde_json::Value;
}

impl<B: Book> AnyKeeper for Keeper<B> {
    fn name(&self) -> &BookName {
        Keeper::name(self)
    }
    fn head(&self) -> &Head {
        Keeper::head(self)
    }
    fn last_at(&self) -> Timestamp {
        Keeper::last_at(self)
    }
    fn due(&self) -> Option<Timestamp> {
        Keeper::due(self)
    }
    fn parked(&self) -> Option<&str> {
        Keeper::parked(self)
    }
    fn waiting(&self) -> bool {
        Keeper::waiting(self)
    }
    fn hindrance(&self) -> Option<(Hindrance, String)> {
        Keeper::hindrance(self)
    }
    fn reads(&self, of_interest: &dyn Fn(&str, u64) -> bool) -> Vec<(String, Head)> {
        Keeper::reads(self, of_interest)
    }
    fn offer(&mut self, commit: Arc<Decoded>) -> bool {
        Keeper::offer(self, commit)
    }
    fn park_reading(&mut self, journal: &str, n: u64, reason: &str) {
        Keeper::park_reading(self, journal, n, reason);
    }
    fn parked_cursor(&self) -> Option<(String, Head)> {
        Keeper::parked_cursor(self)
    }
    fn group(&mut self, now: Timestamp, ring: bool, wishes: &[Wish]) -> Group {
        Keeper::group(self, now, ring, wishes)
    }
    fn ahead(&mut self, append: &SealedCommit) {
        Keeper::ahead(self, append);
    }
    fn committed(&mut self, commit: &Decoded) {
        Keeper::committed(self, commit);
    }
    fn unpark(&mut self, now: Timestamp, by: &str, passed: Option<&Head>) -> Option<SealedCommit> {
        Keeper::unpark(self, now, by, passed)
    }
    fn flush(&mut self, now: Timestamp) -> Option<SealedCommit> {
        Keeper::flush(self, now)
    }
    fn memory(&self) -> Option<Vec<u8>> {
        Keeper::memory(self)
    }
    fn state(&self) -> serde_json::Value {
        state_of(self.book())
    }
}

fn state_of(book: &impl Book) -> serde_json::Value {
    serde_json::to_value(book)
        .expect("a book holds only strings, numbers and maps with string keys")
}
