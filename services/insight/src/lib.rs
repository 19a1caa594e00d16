//! Insight: the SQL projection of every journal, and the answers to what people ask.
//!
//! Commits of all books are folded into one SQLite file together with how far each journal was read.
//! The file is a cache: deleted, it is rebuilt from the journals with the same answers, in whatever
//! order the journals are brought (each row is written from facts of one book alone; books meet in queries).
//! It is synchronous and used from one thread. It knows no journal store, no directory and no transport.

pub mod bulletin_text;
mod figures;
mod fold;
mod health;
mod read;
mod reading;
mod rights;
mod schema;
mod sql;
mod tables;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use picket_schemas::ask::{FiguresView, Question, View, Viewer};
use picket_schemas::registry::Territory;
use picket_schemas::{Commit, Jurisdiction};
use rusqlite::Connection;

use rights::ResolvedViewer;
use tables::Tables;

pub use bulletin_text::{TextOptions, bulletin_text, printed_figures};
pub use picket_phrases::Language;
pub use reading::{AccessEntry, VisibleAnswer};
pub use sql::{LOCAL_ZONE, local_zone};

/// Why insight could not read or write.
#[derive(Debug, thiserror::Error)]
pub enum InsightError {
    /// The file could not be read or written.
    #[error("the projection could not be read or written")]
    Store(#[from] rusqlite::Error),
    /// A damaged file could not be put aside.
    #[error("the projection at {path} is damaged and could not be deleted")]
    Delete {
        /// The path of the file.
        path: String,
        /// The error of the system.
        #[source]
        source: std::io::Error,
    },
    /// A commit is missing.
    #[error("`{book}` was read up to commit {read}, and then came commit {got}: commit {} is missing", read + 1)]
    Gap {
        /// The book.
        book: String,
        /// The last number that was read.
        read: u64,
        /// The number that came.
        got: u64,
    },
    /// A commit does not follow the one read before.
    #[error(
        "commit {n} of `{book}` does not follow the commit read before it: delete the projection and let it be rebuilt"
    )]
    Forked {
        /// The book.
        book: String,
        /// The commit.
        n: u64,
    },
    /// What is stored is not what was written.
    #[error("the projection holds something unreadable: delete it and let it be rebuilt")]
    Unreadable(#[from] serde_json::Error),
}

/// The projection.
#[derive(Debug)]
pub struct Insight {
    conn: Connection,
    territory: Territory,
    positions: BTreeMap<String, (u64, String)>,
}

impl Insight {
    /// Opens a file. One of another version, or a damaged one, is deleted and begun anew, empty.
    pub fn open(path: &Path, territory: Territory) -> Result<Self, InsightError> {
        let (conn, positions) = schema::open(path)?;
        Ok(Self {
            conn,
            territory,
            positions,
        })
    }

    /// An empty projection that lives as long as this value.
    pub fn in_memory(territory: Territory) -> Result<Self, InsightError> {
        let conn = Connection::open_in_memory()?;
        schema::prepare(&conn)?;
        schema::create(&conn)?;
        Ok(Self {
            conn,
            territory,
            positions: BTreeMap::new(),
        })
    }

    /// The cursor in each journal: number and hash of the last commit read.
    pub fn positions(&self) -> BTreeMap<String, (u64, String)> {
        self.positions.clone()
    }

    /// Folds commits, each with its hash, in one transaction with the positions they lead to.
    ///
    /// Commits read before are passed over; a missing one, or one that does not follow the one before,
    /// leaves everything as it was.
    pub fn apply(&mut self, batch: &[(Arc<Commit>, String)]) -> Result<(), InsightError> {
        let mut moved: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
        let tx = self.conn.transaction()?;
        for (commit, hash) in batch {
            let (read, last) = match moved.get(commit.book.as_str()) {
                Some((n, hash)) => (*n, *hash),
                None => self
                    .positions
                    .get(&commit.book)
                    .map_or((0, ""), |(n, hash)| (*n, hash.as_str())),
            };
            if commit.n <= read {
                continue;
            }
            if commit.n != read + 1 {
                return Err(InsightError::Gap {
                    book: commit.book.clone(),
                    read,
                    got: commit.n,
                });
            }
            if commit.prev != last {
                return Err(InsightError::Forked {
                    book: commit.book.clone(),
                    n: commit.n,
                });
            }
            fold::commit(&tx, commit)?;
            moved.insert(&commit.book, (commit.n, hash));
        }
        for (book, (n, hash)) in &moved {
            tx.prepare_cached("INSERT INTO journals (book, n, hash) VALUES (?1, ?2, ?3) ON CONFLICT (book) DO UPDATE SET n = excluded.n, hash = excluded.hash")?
                .execute((book, sql::number(*n), hash))?;
        }
        tx.commit()?;
        let moved: Vec<_> = moved
            .into_iter()
            .map(|(book, (n, hash))| (book.to_owned(), (n, hash.to_owned())))
            .collect();
        self.positions.extend(moved);
        Ok(())
    }

    /// Answers one of Picket's own parts as things stand at `now`; nothing is held back from it.
    pub fn answer(&self, question: &Question, now: Timestamp) -> Result<View, InsightError> {
        self.look(question, now, &ResolvedViewer::Whole)
            .map(|seen| seen.view)
    }

    /// Answers somebody as things stand at `now`, with as much as that person may see.
    pub fn answer_to(
        &self,
        viewer: &Viewer,
        question: &Question,
        now: Timestamp,
    ) -> Result<VisibleAnswer, InsightError> {
        self.look(
            question,
            now,
            &ResolvedViewer::of(&self.tables(), viewer, now)?,
        )
    }

    fn tables(&self) -> Tables<'_> {
        Tables::new(&self.conn, &self.territory)
    }

    fn look(
        &self,
        question: &Question,
        now: Timestamp,
        eyes: &ResolvedViewer,
    ) -> Result<VisibleAnswer, InsightError> {
        let reader = read::Reader::new(self.tables(), now, eyes);
        let view = match question {
            _ if !reader.rights.may_ask(question)? => View::Unknown,
            // What is sealed now would be in the figures of a day behind its release: nothing is counted ahead.
            Question::Figures {
                jurisdiction,
                from,
                as_of,
            } => View::Figures(self.figures(jurisdiction, *from, *as_of.min(&now))?),
            other => reader.answer(other)?,
        };
        Ok(VisibleAnswer {
            view,
            reading: reader.rights.reading(question),
        })
    }

    /// The figures of a jurisdiction and those below it, counted by event time from one instant up to another.
    pub fn figures(
        &self,
        jurisdiction: &Jurisdiction,
        from: Timestamp,
        as_of: Timestamp,
    ) -> Result<FiguresView, InsightError> {
        let reader = read::Reader::new(self.tables(), as_of, &ResolvedViewer::Whole);
        figures::view(&reader, jurisdiction, from, as_of, &self.positions)
    }
}
