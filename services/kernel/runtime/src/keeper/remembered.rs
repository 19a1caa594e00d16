//! The ids of commands, each with its outcome, for 48 hours: what makes a wish idempotent.
//!
//! An id belongs to the verb and the person it first came with; brought by anything else it is refused, and the
//! outcome of the first one is not told.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::{SignedDuration, Timestamp};
use picket_schemas::{Answer, CommandId, Problem, Refusal};
use serde::{Deserialize, Serialize};

/// How long an id is kept.
const KEEP: SignedDuration = SignedDuration::from_hours(48);
/// How many answers that wrote nothing are kept; they are in memory only.
const UNWRITTEN: usize = 65_536;

/// The verb and the person an id came with, in eight bytes; hundreds of thousands are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct IdOwner(u64);

impl IdOwner {
    pub(crate) fn of(does: &str, by: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        (does, by).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// The outcome of a command.
#[derive(Clone, Debug)]
enum WishOutcome {
    Accepted { n: u64, created: Box<[String]> },
    Unchanged { n: u64 },
    Refused(Box<Problem>),
}

/// An id that stands in the journal: when it was decided, its owner, its commit, and what it created.
pub(super) type RememberedId = (CommandId, Timestamp, IdOwner, u64, Vec<String>);

/// So many ids are held in one map, and so many make a chunk of their order.
const FEW: usize = 4_096;
/// More are spread over so many maps: one that grows moves all it holds, and every wish would wait for it (decision
/// 0023).
const MAPS: usize = 256;

/// Verdicts by id.
#[derive(Debug)]
struct Verdicts {
    maps: Vec<HashMap<CommandId, (IdOwner, WishOutcome)>>,
}

impl Default for Verdicts {
    fn default() -> Self {
        Self {
            maps: vec![HashMap::new()],
        }
    }
}

impl Verdicts {
    fn map_of(&self, id: &CommandId) -> usize {
        if self.maps.len() == 1 {
            return 0;
        }
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        hasher.finish() as usize % self.maps.len()
    }

    fn get(&self, id: &CommandId) -> Option<&(IdOwner, WishOutcome)> {
        self.maps[self.map_of(id)].get(id)
    }

    fn insert(&mut self, id: CommandId, owner: IdOwner, verdict: WishOutcome) {
        if self.maps.len() == 1 && self.maps[0].len() >= FEW {
            let few = std::mem::take(&mut self.maps[0]);
            self.maps.resize_with(MAPS, HashMap::new);
            few.into_iter()
                .for_each(|(id, (owner, verdict))| self.insert(id, owner, verdict));
        }
        let map = self.map_of(&id);
        self.maps[map].insert(id, (owner, verdict));
    }

    fn remove(&mut self, id: &CommandId) {
        let map = self.map_of(id);
        self.maps[map].remove(id);
    }
}

/// Ids in the order they were decided, in chunks: one that grows moves few.
#[derive(Debug, Default)]
struct IdsByAge(VecDeque<VecDeque<(Timestamp, CommandId)>>);

impl IdsByAge {
    fn push(&mut self, at: Timestamp, id: CommandId) {
        match self.0.back_mut().filter(|chunk| chunk.len() < FEW) {
            Some(chunk) => chunk.push_back((at, id)),
            None => self.0.push_back(VecDeque::from([(at, id)])),
        }
    }

    /// The oldest id, if it has expired.
    fn pop_expired(&mut self, at: Timestamp) -> Option<CommandId> {
        let chunk = self.0.front_mut()?;
        let (_, old) = chunk.pop_front_if(|(then, _)| at.duration_since(*then) > KEEP)?;
        if chunk.is_empty() {
            self.0.pop_front();
        }
        Some(old)
    }

    fn iter(&self) -> impl Iterator<Item = &(Timestamp, CommandId)> {
        self.0.iter().flatten()
    }
}

/// Ids with their verdicts.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    verdicts: Verdicts,
    by_age: IdsByAge,
    /// Ids whose commands wrote nothing, in the order they were decided.
    unwritten: VecDeque<CommandId>,
}

impl Remembered {
    pub(crate) fn accepted(
        &mut self,
        id: CommandId,
        owner: IdOwner,
        at: Timestamp,
        n: u64,
        created: Vec<String>,
    ) {
        self.by_age.push(at, id.clone());
        let created = created.into_boxed_slice();
        self.verdicts
            .insert(id, owner, WishOutcome::Accepted { n, created });
        while let Some(old) = self.by_age.pop_expired(at) {
            self.verdicts.remove(&old);
        }
    }

    pub(crate) fn refused(&mut self, id: CommandId, owner: IdOwner, problem: Problem) {
        self.wrote_nothing(id, owner, WishOutcome::Refused(Box::new(problem)));
    }

    pub(crate) fn unchanged(&mut self, id: CommandId, owner: IdOwner, n: u64) {
        self.wrote_nothing(id, owner, WishOutcome::Unchanged { n });
    }

    fn wrote_nothing(&mut self, id: CommandId, owner: IdOwner, verdict: WishOutcome) {
        if self.verdicts.get(&id).is_some() {
            return;
        }
        self.unwritten.push_back(id.clone());
        self.verdicts.insert(id, owner, verdict);
        if self.unwritten.len() > UNWRITTEN
            && let Some(old) = self.unwritten.pop_front()
            && matches!(
                self.verdicts.get(&old),
                Some((_, WishOutcome::Refused(_) | WishOutcome::Unchanged { .. }))
            )
        {
            self.verdicts.remove(&old);
        }
    }

    /// The ids that stand in the journal, oldest first; the others are in memory only.
    pub(super) fn kept(&self) -> Vec<RememberedId> {
        let kept = |(at, id): &(Timestamp, CommandId)| match self.verdicts.get(id)? {
            (owner, WishOutcome::Accepted { n, created }) => {
                Some((id.clone(), *at, *owner, *n, created.to_vec()))
            }
            (_, WishOutcome::Unchanged { .. } | WishOutcome::Refused(_)) => None,
        };
        self.by_age.iter().filter_map(kept).collect()
    }

    /// These ids and no others.
    pub(super) fn of(kept: Vec<RememberedId>) -> Self {
        let mut remembered = Self::default();
        for (id, at, owner, n, created) in kept {
            remembered.accepted(id, owner, at, n, created);
        }
        remembered
    }

    /// The answer the same wish got before; a refusal, where the id is another's.
    pub(crate) fn answer(
        &self,
        id: &CommandId,
        owner: IdOwner,
        book: &str,
    ) -> Option<Result<Answer, Problem>> {
        let (first, verdict) = self.verdicts.get(id)?;
        if *first != owner {
            let why = "it came before with another command or from somebody else".to_owned();
            return Some(Err(Refusal::Invalid {
                field: "id".into(),
                why,
            }
            .problem()));
        }
        Some(match verdict {
            WishOutcome::Accepted { n, created } => Ok(Answer {
                book: book.to_owned(),
                n: *n,
                created: created.to_vec(),
                unchanged: false,
            }),
            WishOutcome::Unchanged { n } => Ok(Answer {
                book: book.to_owned(),
                n: *n,
                created: Vec::new(),
                unchanged: true,
            }),
            WishOutcome::Refused(problem) => Err((**problem).clone()),
        })
    }
}

#[cfg(test)]
mod wire_tests;
