//! The ids of commands with what they led to, for 48 hours: a repeat has one effect and one answer.
//!
//! An id belongs to the verb and the person it first came with; brought by anything else it is refused, and
//! what the first one led to is not told.

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
pub(crate) struct Whose(u64);

impl Whose {
    pub(crate) fn of(does: &str, by: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        (does, by).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// What a command led to.
#[derive(Clone, Debug)]
enum Known {
    Accepted { n: u64, created: Box<[String]> },
    Unchanged { n: u64 },
    Refused(Box<Problem>),
}

/// An id that stands in the journal: when it was decided, whose it is, in which commit, what it created.
pub(super) type Kept = (CommandId, Timestamp, Whose, u64, Vec<String>);

/// So many ids are held in one map, and so many make a chunk of their order.
const FEW: usize = 4_096;
/// More are spread over so many maps: one that grows moves all it holds, and everybody would wait for it.
const SPREAD: usize = 256;

type Outcome = (Whose, Known);

/// What each id led to.
#[derive(Debug)]
struct Outcomes {
    maps: Vec<HashMap<CommandId, Outcome>>,
}

impl Default for Outcomes {
    fn default() -> Self {
        Self {
            maps: vec![HashMap::new()],
        }
    }
}

impl Outcomes {
    fn place(&self, id: &CommandId) -> usize {
        if self.maps.len() == 1 {
            return 0;
        }
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        hasher.finish() as usize % self.maps.len()
    }

    fn get(&self, id: &CommandId) -> Option<&Outcome> {
        self.maps[self.place(id)].get(id)
    }

    fn insert(&mut self, id: CommandId, outcome: Outcome) {
        if self.maps.len() == 1 && self.maps[0].len() >= FEW {
            let few = std::mem::take(&mut self.maps[0]);
            self.maps.resize_with(SPREAD, HashMap::new);
            few.into_iter()
                .for_each(|(id, outcome)| self.insert(id, outcome));
        }
        let place = self.place(&id);
        self.maps[place].insert(id, outcome);
    }

    fn remove(&mut self, id: &CommandId) {
        let place = self.place(id);
        self.maps[place].remove(id);
    }
}

/// Ids in the order they were decided.
#[derive(Debug, Default)]
struct Order(VecDeque<VecDeque<(Timestamp, CommandId)>>);

impl Order {
    fn push(&mut self, at: Timestamp, id: CommandId) {
        match self.0.back_mut().filter(|chunk| chunk.len() < FEW) {
            Some(chunk) => chunk.push_back((at, id)),
            None => self.0.push_back(VecDeque::from([(at, id)])),
        }
    }

    /// The oldest id, if it was decided more than 48 hours before.
    fn pop_older(&mut self, at: Timestamp) -> Option<CommandId> {
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

/// Ids with their outcome.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    known: Outcomes,
    order: Order,
    unwritten: VecDeque<CommandId>,
}

impl Remembered {
    pub(crate) fn accepted(
        &mut self,
        id: CommandId,
        whose: Whose,
        at: Timestamp,
        n: u64,
        created: Vec<String>,
    ) {
        self.order.push(at, id.clone());
        self.known.insert(
            id,
            (
                whose,
                Known::Accepted {
                    n,
                    created: created.into_boxed_slice(),
                },
            ),
        );
        while let Some(old) = self.order.pop_older(at) {
            self.known.remove(&old);
        }
    }

    pub(crate) fn refused(&mut self, id: CommandId, whose: Whose, problem: Problem) {
        self.wrote_nothing(id, whose, Known::Refused(Box::new(problem)));
    }

    pub(crate) fn unchanged(&mut self, id: CommandId, whose: Whose, n: u64) {
        self.wrote_nothing(id, whose, Known::Unchanged { n });
    }

    fn wrote_nothing(&mut self, id: CommandId, whose: Whose, known: Known) {
        if self.known.get(&id).is_some() {
            return;
        }
        self.unwritten.push_back(id.clone());
        self.known.insert(id, (whose, known));
        if self.unwritten.len() > UNWRITTEN
            && let Some(old) = self.unwritten.pop_front()
            && matches!(
                self.known.get(&old),
                Some((_, Known::Refused(_) | Known::Unchanged { .. }))
            )
        {
            self.known.remove(&old);
        }
    }

    /// The ids that stand in the journal, oldest first; the others are in memory only.
    pub(super) fn kept(&self) -> Vec<Kept> {
        let kept = |(at, id): &(Timestamp, CommandId)| match self.known.get(id)? {
            (whose, Known::Accepted { n, created }) => {
                Some((id.clone(), *at, *whose, *n, created.to_vec()))
            }
            (_, Known::Unchanged { .. } | Known::Refused(_)) => None,
        };
        self.order.iter().filter_map(kept).collect()
    }

    /// These ids and no others.
    pub(super) fn of(kept: Vec<Kept>) -> Self {
        let mut remembered = Self::default();
        for (id, at, whose, n, created) in kept {
            remembered.accepted(id, whose, at, n, created);
        }
        remembered
    }

    /// What the same wish led to before; the refusal, where the id was another's.
    pub(crate) fn answer(
        &self,
        id: &CommandId,
        whose: Whose,
        book: &str,
    ) -> Option<Result<Answer, Problem>> {
        let (first, known) = self.known.get(id)?;
        if *first != whose {
            let why = "it came before with another command or from somebody else".to_owned();
            return Some(Err(Refusal::Invalid {
                field: "id".into(),
                why,
            }
            .problem()));
        }
        Some(match known {
            Known::Accepted { n, created } => Ok(Answer {
                book: book.to_owned(),
                n: *n,
                created: created.to_vec(),
                unchanged: false,
            }),
            Known::Unchanged { n } => Ok(Answer {
                book: book.to_owned(),
                n: *n,
                created: Vec::new(),
                unchanged: true,
            }),
            Known::Refused(problem) => Err((**problem).clone()),
        })
    }
}

#[cfg(test)]
mod wire_tests;
