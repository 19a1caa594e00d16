//! A dormant book: a book of a younger service that nothing has concerned so far. It has no keeper and no task, only
//! this entry: how far it was looked for what might concern it.
//!
//! It wakes by a wish, by an event it listens to, or by a commit in its own journal. Nothing here is stored; a start
//! finds it again from the book's journal (decision 0030).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use picket_journal::{BookName, Head};
use picket_reading::Decoded;

use crate::kind::AnyKeeper;

/// After so many commits that did not concern it, a book says in its journal how far it was looked: a start would look
/// at all of them again.
const MOST_PASSED: u64 = 4_096;

/// A book that is kept: by a keeper, or by nobody as long as nothing concerns it.
pub(crate) enum OpenedBook {
    Awake(Box<dyn AnyKeeper>),
    Dormant(DormantBook),
}

impl OpenedBook {
    pub(crate) fn name(&self) -> &BookName {
        match self {
            Self::Awake(keeper) => keeper.name(),
            Self::Dormant(dormant) => &dormant.name,
        }
    }

    /// The instant of its last commit.
    pub(crate) fn last_at(&self) -> Timestamp {
        match self {
            Self::Awake(keeper) => keeper.last_at(),
            Self::Dormant(dormant) => dormant.last_at,
        }
    }

    /// The instant at which it next has something to say by itself.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Awake(keeper) => keeper.due(),
            Self::Dormant(_) => None,
        }
    }
}

/// What was found where a dormant book was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing that concerns it.
    Nothing,
    /// Something that concerns it, or that only its keeper can judge.
    Concern,
    /// Nothing, in so many commits that it should be said.
    FarOn,
}

/// A book that nothing has concerned so far.
#[derive(Clone, Debug)]
pub(crate) struct DormantBook {
    pub(crate) name: BookName,
    pub(crate) last_at: Timestamp,
    /// The journals that may say what concerns it, its own among them, each with the last commit that was looked at.
    watched: BTreeMap<String, Head>,
    listens: Arc<HashSet<&'static str>>,
    /// How many commits were looked at since its journal said how far it reads.
    passed: u64,
}

impl DormantBook {
    pub(crate) fn new(
        name: BookName,
        last_at: Timestamp,
        watched: BTreeMap<String, Head>,
        listens: Arc<HashSet<&'static str>>,
    ) -> Self {
        Self {
            name,
            last_at,
            watched,
            listens,
            passed: 0,
        }
    }

    /// The journals to look at, each with the last commit that was.
    pub(crate) fn watched(&self) -> Vec<(String, Head)> {
        let of = |(journal, head): (&String, &Head)| (journal.clone(), head.clone());
        self.watched.iter().map(of).collect()
    }

    /// Looks at the next commit of a journal.
    pub(crate) fn look(&mut self, journal: &str, commit: &Decoded) -> Found {
        let Some(held) = self.watched.get_mut(journal) else {
            return Found::Nothing;
        };
        let follows = commit.head.number == held.number + 1 && commit.commit.prev == held.hash;
        let mut events = commit.commit.entries.iter().flat_map(|entry| &entry.events);
        // Its own journal says something only where another process woke it.
        if !follows
            || journal == self.name.as_str()
            || events.any(|event| self.listens.contains(event.kind()))
        {
            return Found::Concern;
        }
        held.clone_from(&commit.head);
        self.passed += 1;
        if self.passed > MOST_PASSED {
            Found::FarOn
        } else {
            Found::Nothing
        }
    }
}
