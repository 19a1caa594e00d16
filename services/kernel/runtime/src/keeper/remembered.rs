//! Ids of commands with what they led to, for 48 hours: a repeat has one effect and one answer.

use std::collections::{HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use picket_schemas::{Answer, CommandId, Problem};

/// How long an id is kept.
const KEEP: SignedDuration = SignedDuration::from_hours(48);
/// How many answers that wrote nothing are kept; they are in memory only.
const UNWRITTEN: usize = 65_536;

/// What a command led to.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    Accepted { n: u64, created: Box<[String]> },
    Unchanged { n: u64 },
    Refused(Box<Problem>),
}

/// Ids with their outcome.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    known: HashMap<CommandId, Known>,
    order: VecDeque<(Timestamp, CommandId)>,
    unwritten: VecDeque<CommandId>,
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
        self.wrote_nothing(id, Known::Refused(Box::new(problem)));
    }

    pub(crate) fn unchanged(&mut self, id: CommandId, n: u64) {
        self.wrote_nothing(id, Known::Unchanged { n });
    }

    fn wrote_nothing(&mut self, id: CommandId, known: Known) {
        if self.known.contains_key(&id) {
            return;
        }
        self.unwritten.push_back(id.clone());
        self.known.insert(id, known);
        if self.unwritten.len() > UNWRITTEN
            && let Some(old) = self.unwritten.pop_front()
            && matches!(self.known.get(&old), Some(Known::Refused(_) | Known::Unchanged { .. }))
        {
            self.known.remove(&old);
        }
    }

    pub(crate) fn answer(&self, id: &CommandId, book: &str) -> Option<Result<Answer, Problem>> {
        Some(match self.known.get(id)? {
            Known::Accepted { n, created } => Ok(Answer { book: book.to_owned(), n: *n, created: created.to_vec(), unchanged: false }),
            Known::Unchanged { n } => Ok(Answer { book: book.to_owned(), n: *n, created: Vec::new(), unchanged: true }),
            Known::Refused(problem) => Err((**problem).clone()),
        })
    }
}
