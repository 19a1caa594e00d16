//! Lockstep: all books of a territory in one task, in a fixed order, on a clock that stands until it is set.
//!
//! The driver of replays and of the simulation. Each wish is its own group; then books run until all have read
//! to the heads and nothing is due; then time moves. Deterministic: the same wishes at the same instants give the same
//! bytes.

use std::sync::Arc;

use jiff::Timestamp;
use picket_journal::BookName;
use picket_schemas::{Answer, Jurisdiction, Problem, Refusal, Wish};

use crate::dormant::{Found, OpenedBook};
use crate::engine::{CannotKeep, DropReason, Engine, book_name};
use crate::kind::AnyKeeper;

/// How many rounds books may run at one instant; more is a chain that never comes to rest.
const ROUNDS: usize = 100_000;
/// How often in a row the store may fail.
const FAILURES: usize = 100;

/// All books of a territory, run in a fixed order; those that nothing has concerned so far have no keeper.
pub struct Lockstep {
    engine: Arc<Engine>,
    books: Vec<OpenedBook>,
    /// Keepers that are dropped, each with why: nothing is asked of them before they are folded anew.
    dropped: Vec<Option<DropReason>>,
}

/// Why books do not come to rest.
#[derive(Debug, thiserror::Error)]
pub enum Stuck {
    /// A book could not be kept.
    #[error(transparent)]
    Keep(#[from] CannotKeep),
    /// A book waits for a person.
    #[error("`{book}` waits for a person: {why}")]
    Parked {
        /// The book.
        book: String,
        /// Why.
        why: String,
    },
    /// Books keep answering each other at one instant.
    #[error("the books do not come to rest at {0}")]
    Restless(Timestamp),
    /// The store does not do what it is asked.
    #[error("`{0}` cannot be written or its journals cannot be read")]
    Failing(String),
}

impl Lockstep {
    /// Opens every book of the engine.
    pub async fn open(engine: Arc<Engine>) -> Result<Self, CannotKeep> {
        let mut books = Vec::new();
        for name in engine.books() {
            books.push(engine.open_or_rest(&name).await?);
        }
        let dropped = books.iter().map(|_| None).collect();
        Ok(Self {
            engine,
            books,
            dropped,
        })
    }

    /// The engine the books share.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Sends wishes to a book as one group and returns the answers. Nothing else runs.
    pub async fn wish(
        &mut self,
        jurisdiction: &Jurisdiction,
        wishes: Vec<Wish>,
    ) -> Vec<Result<Answer, Problem>> {
        let mut answers = Vec::with_capacity(wishes.len());
        let mut left = wishes.as_slice();
        let mut only = usize::MAX;
        while let Some(first) = left.first() {
            let service = first.command.service();
            let same = left
                .iter()
                .take(only)
                .take_while(|wish| wish.command.service() == service)
                .count();
            let index = book_name(service, jurisdiction)
                .ok()
                .and_then(|name| self.books.iter().position(|book| *book.name() == name));
            let Some(index) = index else {
                let problem = Refusal::Unknown {
                    kind: "jurisdiction".into(),
                    id: jurisdiction.to_string(),
                }
                .problem();
                answers.extend(std::iter::repeat_n(Err(problem), same));
                left = &left[same..];
                continue;
            };
            let engine = self.engine.clone();
            let keeper = match self.awake(index).await {
                Ok(keeper) => keeper,
                Err(why) => {
                    let problem = Refusal::Stopped {
                        book: self.books[index].name().to_string(),
                        why: why.to_string(),
                    }
                    .problem();
                    answers.extend(std::iter::repeat_n(Err(problem), same));
                    left = &left[same..];
                    continue;
                }
            };
            let result = engine.step(keeper, &left[..same], true).await;
            left = &left[result.answers.len().min(left.len())..];
            answers.extend(result.answers);
            only = result.wish_limit.unwrap_or(usize::MAX);
            self.dropped[index] = result.dropped;
        }
        answers
    }

    /// The keeper of a book, which wakes if it is dormant; folded anew where it was dropped.
    async fn awake(&mut self, index: usize) -> Result<&mut dyn AnyKeeper, CannotKeep> {
        let name = self.books[index].name().clone();
        let is_dormant = matches!(self.books[index], OpenedBook::Dormant(_));
        match self.dropped[index].take() {
            None if is_dormant => self.fold(index, &name).await?,
            None => {}
            Some(DropReason::JournalLost(n)) => {
                self.dropped[index] = Some(DropReason::JournalLost(n));
                return Err(CannotKeep::Lost {
                    book: name.to_string(),
                    n,
                });
            }
            Some(dropped) => {
                let opened = self.fold(index, &name).await;
                if opened.is_err() {
                    self.dropped[index] = Some(dropped);
                    opened?;
                } else if let (
                    DropReason::Poisoned { journal, n, why },
                    OpenedBook::Awake(keeper),
                ) = (dropped, &mut self.books[index])
                {
                    keeper.park_reading(&journal, n, &why);
                }
            }
        }
        match &mut self.books[index] {
            OpenedBook::Awake(keeper) => Ok(keeper.as_mut()),
            OpenedBook::Dormant(_) => Err(CannotKeep::NoBook(name.to_string())),
        }
    }

    async fn fold(&mut self, index: usize, name: &BookName) -> Result<(), CannotKeep> {
        self.books[index] = OpenedBook::Awake(self.engine.open(name).await?);
        Ok(())
    }

    /// Whether a book has a keeper by now: a dormant one wakes where something concerns it.
    async fn rouse(&mut self, index: usize) -> Result<bool, CannotKeep> {
        let OpenedBook::Dormant(dormant) = &mut self.books[index] else {
            return Ok(true);
        };
        let name = dormant.name.clone();
        let found = self.engine.look(dormant, false).await;
        let found = found.map_err(|why| CannotKeep::Read {
            book: name.to_string(),
            source: why.into(),
        })?;
        if found != Found::Nothing {
            self.books[index] = self.engine.open_or_rest(&name).await?;
        }
        Ok(matches!(self.books[index], OpenedBook::Awake(_)))
    }

    /// Runs the books until all have read to the heads and nothing is due at the present instant.
    pub async fn settle(&mut self) -> Result<(), Stuck> {
        let mut failures = 0;
        for _ in 0..ROUNDS {
            let mut moved = false;
            for index in 0..self.books.len() {
                if !self.rouse(index).await? {
                    continue;
                }
                let engine = self.engine.clone();
                let keeper = self.awake(index).await?;
                let result = engine.step(keeper, &[], true).await;
                moved |= result.appended || result.has_more || result.store_failed;
                failures = if result.store_failed {
                    failures + 1
                } else if result.appended {
                    0
                } else {
                    failures
                };
                self.dropped[index] = result.dropped;
                let keeper = self.awake(index).await?;
                if failures > FAILURES {
                    return Err(Stuck::Failing(keeper.name().to_string()));
                }
                if let Some(why) = keeper.parked() {
                    return Err(Stuck::Parked {
                        book: keeper.name().to_string(),
                        why: why.to_owned(),
                    });
                }
            }
            if !moved {
                return Ok(());
            }
        }
        Err(Stuck::Restless(self.engine.clock.now()))
    }

    /// The earliest instant at which a book has something to say.
    pub fn due(&self) -> Option<Timestamp> {
        self.books.iter().filter_map(OpenedBook::due).min()
    }

    /// Moves time to an instant, stopping at every bell on the way; `each` is called when the books have
    /// come to rest at one.
    pub async fn advance(
        &mut self,
        until: Timestamp,
        mut each: impl FnMut(Timestamp),
    ) -> Result<(), Stuck> {
        while let Some(due) = self.due().filter(|due| *due <= until) {
            self.engine.clock.set(due.max(self.engine.clock.now()));
            self.settle().await?;
            each(self.engine.clock.now());
        }
        self.engine.clock.set(until);
        self.settle().await
    }

    /// Writes cursors that merely moved.
    pub async fn flush(&mut self) {
        let now = self.engine.clock.now();
        for (book, dropped) in self.books.iter_mut().zip(&mut self.dropped) {
            if dropped.is_none()
                && let OpenedBook::Awake(keeper) = book
                && let Some(append) = keeper.flush(now)
            {
                *dropped = self
                    .engine
                    .append(keeper.as_mut(), append, Vec::new(), false, 0)
                    .await
                    .dropped;
            }
        }
    }

    /// Each book with its state, for the laws that compare it with its fold.
    pub fn states(&self) -> Vec<(BookName, serde_json::Value)> {
        let state = |book: &OpenedBook| match book {
            OpenedBook::Awake(keeper) => keeper.state(),
            OpenedBook::Dormant(dormant) => self.engine.unborn(&dormant.name),
        };
        self.books
            .iter()
            .map(|book| (book.name().clone(), state(book)))
            .collect()
    }

    /// The books that nothing has concerned so far.
    pub fn dormant(&self) -> Vec<BookName> {
        self.books
            .iter()
            .filter(|book| matches!(book, OpenedBook::Dormant(_)))
            .map(|book| book.name().clone())
            .collect()
    }
}
