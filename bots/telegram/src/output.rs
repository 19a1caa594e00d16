//! Output of a dialogue, and the callback query it may answer.
//!
//! Outputs are stored with the session until they are shown, so the names they are written under stay. It does
//! not know how an output is shown.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use picket_conversation::Card;
use serde::{Deserialize, Serialize};

/// Timeout of an answer to a person.
pub(crate) const ANSWER: Duration = Duration::from_secs(60);

/// Output of a dialogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Output {
    /// Card; in the place of the one with its key where it edits.
    Card { card: Box<Card>, edit: bool },
    /// Toast: a few words as the answer to a callback query, or above the next card.
    Toast(String),
    /// Message of the bot's own.
    Words(String),
}

/// Press of a button: a callback query that waits for its answer.
#[derive(Debug)]
pub(crate) struct Press {
    pub(crate) query: String,
    /// Message the button stands on.
    pub(crate) message: Option<i32>,
    answered: AtomicBool,
}

impl Press {
    pub(crate) fn new(query: String, message: Option<i32>) -> Self {
        Self {
            query,
            message,
            answered: AtomicBool::new(false),
        }
    }

    /// Claims the answer: true for the first caller, and that one answers.
    pub(crate) fn claim(&self) -> bool {
        !self.answered.swap(true, Ordering::SeqCst)
    }
}
