//! What stands in a group: which message shows the board, which offers and bulletins are kept up to date.
//!
//! It lies in the shared store and may be lost; then a new board comes and older cards stay as they are. What
//! was said while the group had another number is none of it: there the same message is another one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::OwnedMutexGuard;

use crate::bot::Bot;
use crate::render::Rendered;

/// How long it is remembered what stands where.
const KEPT: Duration = Duration::from_secs(48 * 60 * 60);
/// How many cards of each kind are kept up to date in a group.
const CARDS: usize = 20;

/// What stands in a group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Standing {
    pub(super) board: Option<Live>,
    pub(super) offers: Vec<Live>,
    pub(super) bulletins: Vec<Live>,
}

/// A card in its place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Live {
    /// The number the group had then.
    pub(super) at: i64,
    pub(super) message: i32,
    /// The hash of what it shows.
    pub(super) shows: String,
    /// What it is about: sheets, or bulletins.
    pub(super) of: Vec<String>,
}

/// One at a time changes what stands in a group.
#[derive(Default)]
pub(crate) struct Turns(Mutex<HashMap<i64, Arc<tokio::sync::Mutex<()>>>>);

impl Turns {
    pub(super) async fn of(&self, chat: i64) -> OwnedMutexGuard<()> {
        let turn = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(chat)
            .or_default()
            .clone();
        turn.lock_owned().await
    }

    /// Whether nobody is at it.
    pub(super) fn is_free(&self, chat: i64) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&chat)
            .is_none_or(|turn| turn.try_lock().is_ok())
    }
}

/// Keeps a card up to date, and the oldest no longer where there are too many.
pub(super) fn push(cards: &mut Vec<Live>, live: Live) {
    cards.push(live);
    if cards.len() > CARDS {
        cards.remove(0);
    }
}

/// What a card shows, as a short hash.
pub(super) fn hash(shown: &Rendered) -> String {
    let buttons = serde_json::to_string(&shown.buttons).unwrap_or_default();
    picket_schemas::commit::hash(format!("{}\n{buttons}", shown.parts.join("\n")).as_bytes())[..16]
        .to_owned()
}

/// What stands in a group now; nothing where that cannot be known at present.
pub(super) async fn standing(bot: &Bot, chat: i64) -> Standing {
    known(bot, chat).await.unwrap_or_default()
}

/// What stands in a group now, where that can be known.
pub(super) async fn known(bot: &Bot, chat: i64) -> Option<Standing> {
    let bytes = bot
        .settings
        .ephemera
        .get(&bot.key(&format!("group/{chat}")))
        .await
        .ok()?;
    let mut standing: Standing = bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let now = bot.line.number_of(chat);
    standing.board = standing.board.filter(|live| live.at == now);
    standing.offers.retain(|live| live.at == now);
    standing.bulletins.retain(|live| live.at == now);
    Some(standing)
}

/// Remembers it.
pub(super) async fn keep(bot: &Bot, chat: i64, standing: &Standing) {
    let bytes = serde_json::to_vec(standing).unwrap_or_default();
    // Lost, it costs a new board and nothing else.
    drop(
        bot.settings
            .ephemera
            .put(&bot.key(&format!("group/{chat}")), &bytes, KEPT)
            .await,
    );
}

#[cfg(test)]
mod wire_tests;
