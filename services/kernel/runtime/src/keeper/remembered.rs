//! Ids of commands with what they led to, for 48 hours: a repeat has one effect and one answer.

use std::collections::{HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use picket_schemas::{Answer, CommandId, Problem};

/// How long an id is kept.
const KEEP: SignedDuration = SignedDuration::from_hours(48);
/// How many refusals are kept; they are in memory only.
const REFUSALS: usize = 65_536;

/// What a command led to.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    Accepted { n: u64, created: Box<[String]> },
    Refused(Box<Problem>),
}

/// Ids with their outcome.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    known: HashMap<CommandId, Known>,
    order: VecDeque<(Timestamp, CommandId)>,
    refused: VecDeque<CommandId>,
}

impl Remembered {
    pub(crate) fn accepted(&mut self, id: CommandId, at: Timestamp, n: u64, created: Vec<String>) {
        self.order.push_back((at, id.clone()));
        self.known.insert(id, Known::Accepted { n, created: created.into_boxed_slice() });
        while self.order.front().is_some_and(|(then, _)| at.duration_since(*then) > KEEP) {
            if let Some((_, old)) = self.order.pop_front() {
                self.known.remove(&old);
            }
        }
    }

    pub(crate) fn refused(&mut self, id: CommandId, problem: Problem) {
        if self.known.contains_key(&id) {
            return;
        }
        self.refused.push_back(id.clone());
        self.known.insert(id, Known::Refused(Box::new(problem)));
        if self.refused.len() > REFUSALS
            && let Some(old) = self.refused.pop_front()
            && matches!(self.known.get(&old), Some(Known::Refused(_)))
        {
            self.known.remove(&old);
        }
    }

    pub(crate) fn answer(&self, id: &CommandId, book: &str) -> Option<Result<Answer, Problem>> {
        Some(match self.known.get(id)? {
            Known::Accepted { n, created } => Ok(Answer { book: book.to_owned(), n: *n, created: created.to_vec() }),
            Known::Refused(problem) => Err((**problem).clone()),
        })
    }
}
