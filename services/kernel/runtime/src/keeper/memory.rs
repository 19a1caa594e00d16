//! The memory of a keeper, which is the fold of its journal: the book, its cursors, the ids it remembers, and whether
//! it waits for a person.
//!
//! Folding a journal makes it and a snapshot carries it; both are the same to the byte. It knows no file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_book::Book;
use picket_journal::{BookName, Head};
use picket_schemas::{Cursor, Part};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::parking::Parked;
use super::remembered::{Remembered, RememberedId};
use super::{BookFold, Keeper};

/// The memory as a snapshot carries it.
#[derive(Serialize)]
struct Memory<'a, B> {
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    began: Option<u32>,
    cursors: BTreeMap<&'a str, &'a Cursor>,
    /// Those whose part counts as format 1 did, which their own JSON does not say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    of_format_1: Vec<&'a str>,
    remembered: Vec<RememberedId>,
    parked: &'a Option<Parked>,
    silent_bell: Option<Timestamp>,
    book: &'a B,
}

/// The same, read again.
#[derive(Deserialize)]
#[serde(bound = "B: DeserializeOwned")]
struct RestoredMemory<B> {
    at: Timestamp,
    #[serde(default)]
    began: Option<u32>,
    cursors: BTreeMap<String, Cursor>,
    #[serde(default)]
    of_format_1: Vec<String>,
    remembered: Vec<RememberedId>,
    parked: Option<Parked>,
    silent_bell: Option<Timestamp>,
    book: B,
}

impl<B: Book> Memory<'_, B> {
    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self)
            .expect("a book holds only strings, numbers and maps with string keys")
    }
}

impl<B: Book> BookFold<B> {
    /// Goes on from the memory at a commit.
    pub fn restore(name: BookName, head: Head, memory: &[u8]) -> Result<Self, serde_json::Error> {
        let RestoredMemory {
            at,
            began,
            mut cursors,
            of_format_1,
            remembered,
            parked,
            silent_bell,
            book,
        } = serde_json::from_slice(memory)?;
        for journal in of_format_1 {
            if let Some(cursor) = cursors.get_mut(&journal) {
                *cursor = std::mem::take(cursor).of_format_1();
            }
        }
        Ok(Self {
            name,
            book,
            head,
            at,
            began,
            // Nobody takes a snapshot of a book that says nothing.
            concerned: true,
            cursors,
            remembered: Remembered::of(remembered),
            parked,
            silent_bell,
        })
    }
}

impl<B: Book> Keeper<B> {
    /// The memory a fold of its journal would have; nothing while it has read on without saying so there.
    pub fn memory(&self) -> Option<Vec<u8>> {
        if !self.moved.is_empty() {
            return None;
        }
        let read = self
            .readings
            .iter()
            .filter(|(_, reading)| !reading.fresh)
            .map(|(journal, reading)| (journal.as_str(), &reading.cursor));
        let left = self
            .left
            .iter()
            .map(|(journal, cursor)| (journal.as_str(), cursor));
        let cursors: BTreeMap<_, _> = read.chain(left).collect();
        let of_format_1 = cursors
            .iter()
            .filter(|(_, cursor)| matches!(cursor.part, Some(Part::Listened(..))))
            .map(|(journal, _)| *journal)
            .collect();
        Some(
            Memory {
                at: self.at,
                began: self.began,
                cursors,
                of_format_1,
                remembered: self.remembered.kept(),
                parked: &self.parked,
                silent_bell: self.silent_bell,
                book: &self.book,
            }
            .bytes(),
        )
    }
}
