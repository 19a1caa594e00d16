//! Tests of the publisher as its listeners see it: what comes, how often, when, and what never does.

mod fields;
mod publishing;
mod sealed;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use picket_journal::{BookName, Head, MemoryJournal, hash_of};
use picket_schemas::{Cause, Commit, Cursor, Entry, Event};
use tempfile::TempDir;

use crate::{CheckpointError, CloudEvent, FileCheckpointStore, MemorySink, Publisher, Sink};

/// Journals written by hand, and a folder for the publisher's checkpoint.
struct World {
    journal: MemoryJournal,
    heads: BTreeMap<String, Head>,
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        Self {
            journal: MemoryJournal::new(),
            heads: BTreeMap::new(),
            folder: TempDir::new().unwrap(),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("publish.json")
    }

    async fn publisher<S: Sink>(&self, sink: S) -> Publisher<S> {
        self.open(sink).await.unwrap()
    }

    async fn open<S: Sink>(&self, sink: S) -> Result<Publisher<S>, CheckpointError> {
        let books = [
            "bulletin/420902",
            "courier/420902",
            "dispatch/420902",
            "escalation/420902",
            "rectification/420902",
        ];
        Publisher::open(
            Arc::new(self.journal.clone()),
            books.map(|book| BookName::parse(book).unwrap()).to_vec(),
            FileCheckpointStore::at(self.file()),
            sink,
        )
        .await
    }

    /// Appends a commit whose entries are these events, each a decision of its own.
    fn says(&mut self, book: &str, events: &[&str]) -> u64 {
        self.decides(
            book,
            &[],
            Cause::Command,
            &events.iter().map(|event| vec![*event]).collect::<Vec<_>>(),
        )
    }

    fn decides(&mut self, book: &str, seen: &[&str], cause: Cause, entries: &[Vec<&str>]) -> u64 {
        let head = self.heads.get(book).cloned().unwrap_or_default();
        let service = book.split_once('/').unwrap().0;
        let entry = |events: &Vec<&str>| Entry {
            id: "c".into(),
            by: "420902/P-0017".into(),
            via: "test".into(),
            cause,
            of: None,
            does: "dispatch.accept_task".into(),
            made: at(0),
            trace: String::new(),
            hops: 0,
            events: events
                .iter()
                .map(|json| Event::decode(service, json).unwrap())
                .collect(),
        };
        let seen = seen
            .iter()
            .map(|other| ((*other).to_owned(), cursor(&self.heads[*other])))
            .collect();
        let commit = Commit {
            book: book.into(),
            n: head.number + 1,
            at: at(0),
            prev: head.hash.clone(),
            due: None,
            seen,
            reader: 1,
            began: None,
            entries: entries.iter().map(entry).collect(),
        };
        let bytes = commit.encode();
        let name = BookName::parse(book).unwrap();
        let head = self
            .journal
            .append_blocking(&name, &head, &hash_of(&bytes), bytes.into())
            .unwrap();
        self.heads.insert(book.into(), head.clone());
        head.number
    }
}

fn cursor(head: &Head) -> Cursor {
    Cursor {
        n: head.number,
        hash: head.hash.clone(),
        position: head.position.clone(),
        part: None,
    }
}

/// So many hours after an instant.
fn at(hours: i64) -> Timestamp {
    "2026-03-04T02:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(hours)
}

const ACCEPTED: &str =
    r#"{"type":"task.accepted","task":"T-1","person":"420902/P-0017","taken":true}"#;
const SUBMITTED: &str = r#"{"type":"task.submitted","task":"T-1","by":"420902/P-0017","nil":true,"rows":12,"problems":0,"post":"PO-01","area":"420902003004"}"#;

fn ids(events: &[CloudEvent]) -> Vec<String> {
    events
        .iter()
        .map(|event| format!("{} {}", event.id, event.kind))
        .collect()
}

/// Rounds until one finds nothing to do.
async fn settle<S: Sink>(publisher: &mut Publisher<S>, now: Timestamp) {
    for _ in 0..100 {
        let progress = publisher.advance(now).await.unwrap();
        if progress.commits == 0 && progress.events == 0 {
            return;
        }
    }
    panic!("it never came to an end");
}

/// What a publisher that begins where the file says emits at an instant.
async fn published(world: &World, now: Timestamp) -> Vec<CloudEvent> {
    let sink = MemorySink::default();
    settle(&mut world.publisher(sink.clone()).await, now).await;
    sink.emitted()
}
