//! The migration of groups: one that became another is written to at its new number.

use std::collections::HashMap;
use std::sync::PoisonError;

use crate::line::Line;

/// Groups that have another number by now.
#[derive(Debug, Default)]
pub(super) struct Moves {
    to: HashMap<i64, i64>,
    /// Those nobody took note of yet.
    fresh: Vec<(i64, i64)>,
}

impl Line {
    /// Notes that a group has another number.
    pub(crate) fn moved(&self, from: i64, to: i64) {
        let mut moves = self.moves.lock().unwrap_or_else(PoisonError::into_inner);
        if from != to && moves.to.insert(from, to) != Some(to) {
            moves.fresh.push((from, to));
        }
    }

    /// A move that could not be noted is to be noted again.
    pub(crate) fn again(&self, from: i64, to: i64) {
        self.moves
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fresh
            .push((from, to));
    }

    /// Moves nobody took note of yet.
    pub(crate) fn fresh_moves(&self) -> Vec<(i64, i64)> {
        std::mem::take(
            &mut self
                .moves
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .fresh,
        )
    }

    /// The number a chat has now.
    pub(crate) fn number_of(&self, chat: i64) -> i64 {
        self.moves
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .to
            .get(&chat)
            .copied()
            .unwrap_or(chat)
    }
}
