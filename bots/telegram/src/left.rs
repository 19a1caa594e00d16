//! What is left of an update whose effect is durable: what its person is shown.
//!
//! By then the update is done with, so that whoever is shown much holds up nobody else. Should the process end in
//! between, and the update come again, what it said is said again unless it was shown. It does not know what led
//! to it.

use std::sync::Arc;
use std::time::Duration;

use picket_conversation::Language;
use picket_ephemera::Rank;
use tokio::time::Instant;

use crate::bot::Bot;
use crate::line::ANSWER;
use crate::menu;
use crate::seats::Seat;
use crate::show::{Press, Say, Show};

/// How long it is remembered which update a person was shown last.
const TOLD: Duration = Duration::from_secs(48 * 60 * 60);

/// What is left to be shown.
pub(crate) struct Left {
    pub(crate) update: u32,
    /// The chat it concerns.
    pub(crate) chat: i64,
    pub(crate) language: Language,
    pub(crate) said: Vec<Say>,
    pub(crate) deadline: Instant,
    pub(crate) group: Option<i64>,
    pub(crate) press: Option<Arc<Press>>,
    pub(crate) album: Option<String>,
    /// Whose list of commands may have changed.
    pub(crate) roles: Option<Vec<String>>,
}

impl Left {
    /// In somebody's private chat, unless told otherwise.
    pub(crate) fn new(update: u32, chat: i64, language: Language, said: Vec<Say>) -> Self {
        Self {
            update,
            chat,
            language,
            said,
            deadline: Instant::now() + ANSWER,
            group: None,
            press: None,
            album: None,
            roles: None,
        }
    }

    /// Shows it.
    pub(crate) async fn show(self, bot: &Bot) {
        let mut show = Show::new(bot, self.chat, self.language, Rank::Answer, self.deadline);
        (show.group, show.press, show.album) = (self.group, self.press, self.album);
        show.all(self.said).await;
        // Forgotten, it costs a card once more, and only if the update comes again.
        drop(
            bot.settings
                .ephemera
                .put(
                    &told(bot, self.chat),
                    self.update.to_string().as_bytes(),
                    TOLD,
                )
                .await,
        );
        if let Some(roles) = self.roles {
            menu::refresh(bot, self.chat, &roles, self.language).await;
        }
    }
}

fn told(bot: &Bot, chat: i64) -> String {
    bot.key(&format!("told/{chat}"))
}

/// Of an update that had its effect before: what of it is still to be shown. Nothing for one that is new.
pub(crate) async fn had(bot: &Bot, account: i64, seat: &Seat, update: u32) -> Option<Vec<Say>> {
    if update > seat.handled {
        return None;
    }
    let last = bot
        .settings
        .ephemera
        .get(&told(bot, account))
        .await
        .ok()
        .flatten();
    let shown = last.and_then(|last| std::str::from_utf8(&last).ok()?.parse::<u32>().ok());
    let open = update == seat.handled && shown.is_none_or(|shown| shown < update);
    Some(if open { seat.said.clone() } else { Vec::new() })
}

#[cfg(test)]
mod wire_tests;
