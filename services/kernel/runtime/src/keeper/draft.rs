//! A draft: the commit of a group while it is decided. Each entry is encoded once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_journal::{BookName, Head};
use picket_schemas::{Cause, CommandId, Commit, Cursor, Entry, Event, Wish};
use serde::Serialize;

use super::SealedCommit;
use super::births::to_say;

/// An entry without its events.
#[derive(Debug)]
pub(super) struct NewEntry {
    pub(super) id: CommandId,
    pub(super) by: String,
    pub(super) via: String,
    pub(super) cause: Cause,
    pub(super) of: Option<String>,
    pub(super) does: String,
    pub(super) made: Timestamp,
    pub(super) trace: String,
    pub(super) hops: u32,
}

impl NewEntry {
    pub(super) fn wished(wish: &Wish) -> Self {
        Self {
            id: wish.id.clone(),
            by: wish.by.to_string(),
            via: wish.via.clone(),
            cause: Cause::Command,
            of: None,
            does: wish.command.verb().to_owned(),
            made: wish.made,
            trace: wish.trace.clone(),
            hops: 0,
        }
    }

    pub(super) fn bell(book: &BookName, id: String, due: Timestamp, at: Timestamp) -> Self {
        Self {
            id: CommandId::from(id),
            by: book.service().to_owned(),
            via: "clock".into(),
            cause: Cause::Bell,
            of: Some(due.to_string()),
            does: format!("{}.ring", book.service()),
            made: at,
            trace: String::new(),
            hops: 0,
        }
    }

    pub(super) fn keeper(book: &BookName, does: &str, at: Timestamp) -> Self {
        Self {
            id: CommandId::from(format!("{does}:{at}")),
            by: book.service().to_owned(),
            via: "keeper".into(),
            cause: Cause::Keeper,
            of: None,
            does: does.to_owned(),
            made: at,
            trace: String::new(),
            hops: 0,
        }
    }
}

/// An entry as it is stored.
#[derive(Serialize)]
struct EntryOut<'a, E> {
    id: &'a CommandId,
    by: &'a str,
    via: &'a str,
    cause: Cause,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<&'a str>,
    does: &'a str,
    made: Timestamp,
    #[serde(skip_serializing_if = "str::is_empty")]
    trace: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    hops: u32,
    events: &'a [E],
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// The fields of a commit that stand before its entries.
#[derive(Serialize)]
struct HeadOut<'a> {
    book: &'a str,
    n: u64,
    at: Timestamp,
    prev: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    seen: &'a BTreeMap<String, Cursor>,
    reader: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    began: Option<u32>,
}

/// A commit being written.
#[derive(Debug)]
pub(super) struct CommitDraft {
    at: Timestamp,
    json: Vec<u8>,
    entries: Vec<Entry>,
}

impl CommitDraft {
    pub(super) fn new(at: Timestamp) -> Self {
        Self {
            at,
            json: Vec::new(),
            entries: Vec::new(),
        }
    }

    pub(super) fn at(&self) -> Timestamp {
        self.at
    }

    pub(super) fn bytes(&self) -> usize {
        self.json.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether an entry of so many bytes still belongs into this group; a first one always does.
    pub(super) fn has_room(&self, bytes: usize, limit: usize) -> bool {
        self.entries.is_empty() || self.json.len() + bytes < limit
    }

    pub(super) fn encode<E: Serialize>(&self, entry: &NewEntry, events: &[E]) -> Vec<u8> {
        let out = EntryOut {
            id: &entry.id,
            by: &entry.by,
            via: &entry.via,
            cause: entry.cause,
            of: entry.of.as_deref(),
            does: &entry.does,
            made: entry.made,
            trace: &entry.trace,
            hops: entry.hops,
            events,
        };
        serde_json::to_vec(&out)
            .expect("an entry holds only strings, numbers and maps with string keys")
    }

    pub(super) fn push(&mut self, entry: NewEntry, events: Vec<Event>) {
        let json = self.encode(&entry, &events);
        self.push_encoded(entry, events, json);
    }

    pub(super) fn push_encoded(&mut self, entry: NewEntry, events: Vec<Event>, json: Vec<u8>) {
        if !self.json.is_empty() {
            self.json.push(b',');
        }
        self.json.extend_from_slice(&json);
        self.entries.push(Entry {
            id: entry.id,
            by: entry.by,
            via: entry.via,
            cause: entry.cause,
            of: entry.of,
            does: entry.does,
            made: entry.made,
            trace: entry.trace,
            hops: entry.hops,
            events,
        });
    }

    /// Writes the head before the entries; the bytes are those of [`Commit::encode`]. A first commit says which
    /// generation its book began in.
    pub(super) fn seal(
        self,
        book: &BookName,
        head: &Head,
        generation: u32,
        due: Option<Timestamp>,
        seen: BTreeMap<String, Cursor>,
    ) -> SealedCommit {
        let n = head.number + 1;
        let reader = Commit::needed_for(&seen, &self.entries);
        let began = to_say(generation).filter(|_| n == 1);
        let out = HeadOut {
            book: book.as_str(),
            n,
            at: self.at,
            prev: &head.hash,
            due,
            seen: &seen,
            reader,
            began,
        };
        let mut bytes = serde_json::to_vec(&out)
            .expect("a head holds only strings, numbers and maps with string keys");
        bytes.pop();
        bytes.reserve(self.json.len() + 16);
        bytes.extend_from_slice(b",\"entries\":[");
        bytes.extend_from_slice(&self.json);
        bytes.extend_from_slice(b"]}");
        let hash = picket_journal::hash_of(&bytes);
        let commit = Commit {
            book: book.to_string(),
            n,
            at: self.at,
            prev: head.hash.clone(),
            due,
            seen,
            reader,
            began,
            entries: self.entries,
        };
        SealedCommit {
            bytes,
            hash,
            commit,
        }
    }
}
