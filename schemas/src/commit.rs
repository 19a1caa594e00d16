//! The commit: one JSON document, stored byte for byte as it was hashed.
//!
//! A commit is a group of decisions made together by one book: all of it or none of it.
//! The keeper writes it, every reader of the journal decodes it here. It knows nothing of stores.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::event::Event;
use crate::formats;
use crate::ids::CommandId;

/// The lowest format that can fold what this release writes.
pub const READER: u32 = 3;

/// The first format in which [`Cursor::part`] counts every event of a commit.
const EVERY_EVENT: u32 = 2;

/// A group of decisions of one book.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Commit {
    /// Whose: `dispatch/420902`.
    pub book: String,
    /// Dense within the book, from 1.
    pub n: u64,
    /// The instant of the group; never earlier than the commit before.
    pub at: Timestamp,
    /// SHA-256 of the commit before, empty for the first.
    pub prev: String,
    /// When the book next wants to be woken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Cursors that moved since the commit before.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<String, Cursor>,
    /// The lowest format version that can fold this commit.
    pub reader: u32,
    /// In the first commit of a book: the format that the youngest service came with which its program
    /// knew, where that is later than [`formats::UNSAID`]. It tells which services are younger than the
    /// book; to read the commit nobody needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub began: Option<u32>,
    /// The decisions, in order.
    pub entries: Vec<Entry>,
}

/// Progress within the commit after a [`Cursor`]: what of it is already acted upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// So many of its events, whichever they are, and the step reached in the next one.
    Events(u32, u32),
    /// As format 1 counted: so many of the events the book listened to at that time, and the step
    /// reached in the next of those.
    Listened(u32, u32),
}

/// How far a book has read another journal: number, hash, the store's own position,
/// and how much of the commit after it is already acted upon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CursorWire", into = "CursorWire")]
pub struct Cursor {
    /// The last commit read to its end.
    pub n: u64,
    /// Its hash.
    pub hash: String,
    /// Where the store keeps it.
    pub position: String,
    /// How much of commit `n + 1` is already acted upon.
    ///
    /// Both kinds are stored alike; the format of the commit that holds the cursor tells them apart,
    /// and read by itself a part counts every event.
    pub part: Option<Part>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum CursorWire {
    Whole(u64, String, String),
    Part(u64, String, String, (u32, u32)),
}

impl From<CursorWire> for Cursor {
    fn from(wire: CursorWire) -> Self {
        match wire {
            CursorWire::Whole(n, hash, position) => Self {
                n,
                hash,
                position,
                part: None,
            },
            CursorWire::Part(n, hash, position, (events, step)) => Self {
                n,
                hash,
                position,
                part: Some(Part::Events(events, step)),
            },
        }
    }
}

impl From<Cursor> for CursorWire {
    fn from(cursor: Cursor) -> Self {
        match cursor.part {
            None => Self::Whole(cursor.n, cursor.hash, cursor.position),
            Some(Part::Events(done, step) | Part::Listened(done, step)) => {
                Self::Part(cursor.n, cursor.hash, cursor.position, (done, step))
            }
        }
    }
}

/// Why a decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Somebody wished it.
    Command,
    /// A fact of another journal.
    Fact,
    /// A bell.
    Bell,
    /// The keeper itself: a journal began to be read, a cursor was parked or unparked.
    Keeper,
}

/// One decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// The command's id, or one derived from the cause.
    pub id: CommandId,
    /// Who: a person in full, or the service itself.
    pub by: String,
    /// By which way: `telegram`, `terminal`, `cli`, `import`, `replay`, `journal`, `clock`.
    pub via: String,
    /// Why.
    pub cause: Cause,
    /// For a fact: `journal:n:index`; for a bell: its due instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The verb.
    pub does: String,
    /// When the wish was made.
    pub made: Timestamp,
    /// W3C trace parent.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub trace: String,
    /// How many reactions lie between this entry and a wish.
    #[serde(skip_serializing_if = "is_zero")]
    pub hops: u32,
    /// What happened.
    pub events: Vec<Event>,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Why bytes are not a commit.
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    /// Not the JSON of a commit.
    #[error("not a commit of this format")]
    Shape(#[source] serde_json::Error),
    /// An event of an unknown or newer shape.
    #[error("entry {entry} of commit {n} of `{book}` holds an event this version cannot read")]
    Event {
        /// The book.
        book: String,
        /// The commit.
        n: u64,
        /// Which entry, from 0.
        entry: usize,
        /// What the decoder said.
        #[source]
        source: serde_json::Error,
    },
    /// An event no service of this version says: a later version wrote it.
    #[error(
        "commit {n} of `{book}` holds `{kind}`, which this version does not know: upgrade Picket"
    )]
    Unknown {
        /// The book.
        book: String,
        /// The commit.
        n: u64,
        /// The kind of the event.
        kind: String,
    },
    /// Written by a later version.
    #[error(
        "commit {n} of `{book}` needs format {needs}, this version reads up to {READER}: upgrade Picket"
    )]
    Newer {
        /// The book.
        book: String,
        /// The commit.
        n: u64,
        /// The format it needs.
        needs: u32,
    },
}

impl Undecodable {
    /// Whether a later version can read it.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Newer { .. } | Self::Unknown { .. })
    }
}

/// The kind of an event that no service of this version says.
fn unknown_kind(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Tagged {
        #[serde(rename = "type")]
        kind: String,
    }
    let Tagged { kind } = serde_json::from_str(json).ok()?;
    // One of another service is a mistake, and no sign of a newer program.
    let known = crate::event::kinds()
        .into_iter()
        .any(|(_, known)| known == kind);
    (!known).then_some(kind)
}

#[derive(Deserialize)]
struct RawCommit<'a> {
    book: String,
    n: u64,
    at: Timestamp,
    prev: String,
    #[serde(default)]
    due: Option<Timestamp>,
    #[serde(default)]
    seen: BTreeMap<String, Cursor>,
    reader: u32,
    #[serde(default)]
    began: Option<u32>,
    #[serde(borrow)]
    entries: Vec<RawEntry<'a>>,
}

#[derive(Deserialize)]
struct RawEntry<'a> {
    id: CommandId,
    by: String,
    via: String,
    cause: Cause,
    #[serde(default)]
    of: Option<String>,
    does: String,
    made: Timestamp,
    #[serde(default)]
    trace: String,
    #[serde(default)]
    hops: u32,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

impl Cursor {
    /// The last commit of which anything was acted upon.
    pub fn begun(&self) -> u64 {
        self.n + u64::from(self.part.is_some())
    }

    /// The same with a part that counts as format 1 did.
    #[must_use]
    pub fn of_format_1(mut self) -> Self {
        if let Some(Part::Events(facts, step)) = self.part {
            self.part = Some(Part::Listened(facts, step));
        }
        self
    }
}

impl Commit {
    /// The lowest format that can fold a commit with these cursors and entries.
    pub fn needed_for(seen: &BTreeMap<String, Cursor>, entries: &[Entry]) -> u32 {
        let counts_every_event = |cursor: &Cursor| matches!(cursor.part, Some(Part::Events(..)));
        let cursors = if seen.values().any(counts_every_event) {
            EVERY_EVENT
        } else {
            1
        };
        let events = entries.iter().flat_map(|entry| &entry.events);
        events.map(formats::needed_by).fold(cursors, u32::max)
    }

    /// The bytes to store and to hash.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self)
            .expect("a commit holds only strings, numbers and maps with string keys")
    }

    /// Reads stored bytes. The service in `book` tells how events are read.
    pub fn decode(bytes: &[u8]) -> Result<Self, Undecodable> {
        let raw: RawCommit<'_> = serde_json::from_slice(bytes).map_err(Undecodable::Shape)?;
        if raw.reader > READER {
            return Err(Undecodable::Newer {
                book: raw.book,
                n: raw.n,
                needs: raw.reader,
            });
        }
        let Some((service, _)) = raw.book.split_once('/') else {
            return Err(Undecodable::Shape(serde_json::Error::custom(
                "a book is named service/jurisdiction",
            )));
        };
        let seen = if raw.reader < EVERY_EVENT {
            let of_format_1 = |(journal, cursor): (String, Cursor)| (journal, cursor.of_format_1());
            raw.seen.into_iter().map(of_format_1).collect()
        } else {
            raw.seen
        };
        let mut entries = Vec::with_capacity(raw.entries.len());
        for (index, entry) in raw.entries.into_iter().enumerate() {
            let mut events = Vec::with_capacity(entry.events.len());
            for event in entry.events {
                events.push(Event::decode(service, event.get()).map_err(|source| {
                    let (book, n) = (raw.book.clone(), raw.n);
                    match unknown_kind(event.get()) {
                        Some(kind) => Undecodable::Unknown { book, n, kind },
                        None => Undecodable::Event {
                            book,
                            n,
                            entry: index,
                            source,
                        },
                    }
                })?);
            }
            entries.push(Entry {
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
        Ok(Self {
            book: raw.book,
            n: raw.n,
            at: raw.at,
            prev: raw.prev,
            due: raw.due,
            seen,
            reader: raw.reader,
            began: raw.began,
            entries,
        })
    }
}

/// The hash a commit is known by: SHA-256 of its stored bytes, in hex.
pub fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)] as char);
        text.push(DIGITS[usize::from(byte & 15)] as char);
    }
    text
}
