//! What a keeper keeps of its journal: the book, its cursors, the ids it remembers, and what waits for a person.
//!
//! Folding a journal makes it and a snapshot carries it; both are the same to the byte. It knows no file.

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_book::Book;
use picket_journal::{BookName, Head};
use picket_schemas::Cursor;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::remembered::{Kept, Remembered};
use super::{Folding, Keeper, Parked};

#[derive(Serialize)]
struct Memory<'a, B> {
    at: Timestamp,
    cursors: BTreeMap<&'a str, &'a Cursor>,
    remembered: Vec<Kept>,
    parked: &'a Option<Parked>,
    silent_bell: Option<Timestamp>,
    book: &'a B,
}

#[derive(Deserialize)]
#[serde(bound = "B: DeserializeOwned")]
struct Recalled<B> {
    at: Timestamp,
    cursors: BTreeMap<String, Cursor>,
    remembered: Vec<Kept>,
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

impl<B: Book> Folding<B> {
    /// Goes on from what was folded up to a commit.
    pub fn recall(name: BookName, head: Head, memory: &[u8]) -> Result<Self, serde_json::Error> {
        let Recalled {
            at,
            cursors,
            remembered,
            parked,
            silent_bell,
            book,
        } = serde_json::from_slice(memory)?;
        Ok(Self {
            name,
            book,
            head,
            at,
            cursors,
            remembered: Remembered::of(remembered),
            parked,
            silent_bell,
        })
    }
}

impl<B: Book> Keeper<B> {
    /// What a fold of its journal would hold; nothing while it has read on without saying so there.
    pub fn memory(&self) -> Option<Vec<u8>> {
        if !self.moved.is_empty() {
            return None;
        }
        let read = self
            .readings
            .iter()
            .filter(|(_, reading)| !reading.fresh)
            .map(|(journal, reading)| (journal.as_str(), &reading.cursor));
        let cursors = read
            .chain(
                self.left
                    .iter()
                    .map(|(journal, cursor)| (journal.as_str(), cursor)),
            )
            .collect();
        Some(
            Memory {
                at: self.at,
                cursors,
                remembered: self.remembered.kept(),
                parked: &self.parked,
                silent_bell: self.silent_bell,
                book: &self.book,
            }
            .bytes(),
        )
    }
}
