//! Hindrances: a book does not do its work, until a person looks at it.

use picket_journal::BookName;
use serde::{Deserialize, Serialize};

/// The kind of work a book does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hindrance {
    /// Its journal is damaged or lost facts: nothing is decided until it is restored.
    Stopped,
    /// It stumbled over a fact or a bell: nothing is decided until a person unparks it.
    Parked,
    /// Its next bell says nothing: bells wait until a person unparks it, wishes go on.
    SilentBell,
}

/// A book that a person must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The book.
    pub book: BookName,
    /// The work it does not do.
    pub hindrance: Hindrance,
    /// Why.
    pub why: String,
}
