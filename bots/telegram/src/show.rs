//! What a round said, shown: the answer to the press, cards in their place or anew, photos.
//!
//! It comes when the effect is durable and the update is done with, in a lane of its own for each person, so that
//! who writes more than may be shown in a second holds up nobody. What cannot be shown is told to whoever runs
//! the bot. It does not know what a card is about.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use picket_conversation::{Card, Language, Words};
use picket_ephemera::Rank;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::bot::Bot;
use crate::render::{self, Rendered};
use crate::trouble::Trouble;

/// The longest text the platform shows as the answer to a press.
const TOAST: usize = 190;
/// How many photos are shown with one card.
const PHOTOS: usize = 10;
/// How long it is remembered that a photo was shown in a chat, and which message shows a card.
const SHOWN: Duration = Duration::from_secs(12 * 60 * 60);
const CARD: Duration = Duration::from_secs(48 * 60 * 60);
/// How long the message that counts an album is remembered.
const ALBUM: Duration = Duration::from_secs(10 * 60);

/// One thing a round said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Say {
    /// A card; in the place of the one with its key where it edits.
    Card { card: Box<Card>, edit: bool },
    /// A few words: as the answer to a press, or above the next card.
    Toast(String),
    /// A message of the bot's own.
    Words(String),
}

/// A press that waits for its answer.
#[derive(Debug)]
pub(crate) struct Press {
    pub(crate) query: String,
    /// The message the button stands on.
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

    /// True for the first who asks: that one answers.
    pub(crate) fn claim(&self) -> bool {
        !self.answered.swap(true, Ordering::SeqCst)
    }
}

/// Shows what was said.
pub(crate) struct Show<'a> {
    bot: &'a Bot,
    /// Where private cards go.
    private: i64,
    /// The group it happens in, if in one.
    pub(crate) group: Option<i64>,
    pub(crate) press: Option<Arc<Press>>,
    /// The album a photo came in.
    pub(crate) album: Option<String>,
    language: Language,
    rank: Rank,
    deadline: Instant,
    toasts: Vec<String>,
    /// The pressed message still shows what was pressed.
    fresh: bool,
    /// How many messages went out.
    pub(crate) shown: usize,
    /// What kept the first that did not.
    pub(crate) trouble: Option<Trouble>,
}

impl<'a> Show<'a> {
    pub(crate) fn new(
        bot: &'a Bot,
        private: i64,
        language: Language,
        rank: Rank,
        deadline: Instant,
    ) -> Self {
        Self {
            bot,
            private,
            group: None,
            press: None,
            album: None,
            language,
            rank,
            deadline,
            toasts: Vec::new(),
            fresh: true,
            shown: 0,
            trouble: None,
        }
    }

    /// Everything, in order.
    pub(crate) async fn all(&mut self, said: Vec<Say>) {
        for one in said {
            match one {
                Say::Card { card, edit } => self.card(&card, edit).await,
                Say::Toast(text) => self.toasts.push(text),
                Say::Words(text) => self.send(self.private, &render::words(&text)).await,
            }
        }
        self.say_the_rest().await;
    }

    async fn send(&mut self, chat: i64, shown: &Rendered) {
        match self
            .bot
            .line
            .send(chat, shown, self.rank, self.deadline)
            .await
        {
            Ok(_) => self.shown += 1,
            Err(why) => self.did_not(chat, why),
        }
    }

    /// Shows a card in its chat: in place where it stands already, else as a new message.
    async fn card(&mut self, card: &Card, edit: bool) {
        // It was drawn for one person's eyes. What a group sees is drawn for the group.
        let (chat, moved) = (self.private, self.group.is_some());
        if moved {
            self.toasts.push(self.words().say("chat-in-private"));
        }
        self.answer_press().await;
        let mut shown = render::card(card);
        // What the answer to the press could not say any more.
        self.lead_with_toasts(&mut shown);
        let before = self.message_of(chat, &card.key).await;
        if edit && !moved && shown.parts.len() == 1 {
            let pressed = self
                .press
                .as_ref()
                .and_then(|press| press.message)
                .filter(|_| self.fresh);
            self.fresh = false;
            if let Some(message) = pressed.or(before) {
                match self
                    .bot
                    .line
                    .edit(chat, message, &shown, self.rank, self.deadline)
                    .await
                {
                    Ok(()) => {
                        self.shown += 1;
                        self.stands_at(chat, &card.key, message, before).await;
                        return self.photos(chat, card).await;
                    }
                    Err(Trouble::NoMessage) => {}
                    Err(why) => return self.did_not(chat, why),
                }
            }
        }
        match self
            .bot
            .line
            .send(chat, &shown, self.rank, self.deadline)
            .await
        {
            Ok(message) => {
                self.shown += 1;
                self.stands_at(chat, &card.key, message, before).await;
                self.photos(chat, card).await;
            }
            Err(why) => self.did_not(chat, why),
        }
    }

    fn words(&self) -> &'static Words {
        Words::of(self.language)
    }

    fn did_not(&mut self, chat: i64, why: Trouble) {
        self.bot.not_sent(chat, &why);
        self.trouble.get_or_insert(why);
    }

    /// What was said before the card stands above it, so that one message does.
    fn lead_with_toasts(&mut self, shown: &mut Rendered) {
        if self.toasts.is_empty() || self.album.is_some() {
            return;
        }
        let said: Vec<_> = self
            .toasts
            .drain(..)
            .map(|text| format!("<i>{}</i>", render::escape(&text)))
            .collect();
        if let Some(first) = shown.parts.first_mut() {
            *first = format!("{}\n\n{first}", said.join("\n"));
        }
    }

    /// Answers the press with what was said so far. What is too long for that, or comes too late, stays to be said.
    async fn answer_press(&mut self) {
        let Some(press) = self.press.clone() else {
            return;
        };
        if !press.claim() {
            return;
        }
        let text = self.toasts.join("\n");
        let cut: String = text.chars().take(TOAST).collect();
        let whole = cut.len() == text.len();
        let answered = self
            .bot
            .line
            .answer(&press.query, &if whole { cut } else { format!("{cut}…") })
            .await;
        if whole && answered.is_ok() {
            self.toasts.clear();
        }
    }

    /// Says what no card carried.
    async fn say_the_rest(&mut self) {
        self.answer_press().await;
        if self.toasts.is_empty() {
            return;
        }
        let said = render::words(&std::mem::take(&mut self.toasts).join("\n"));
        match self.album.clone() {
            Some(album) => self.count_album(&album, &said).await,
            None => self.send(self.private, &said).await,
        }
    }

    /// The photos of an album come one by one; one message counts them.
    async fn count_album(&mut self, album: &str, said: &Rendered) {
        let name = self.bot.key(&format!("album/{}/{album}", self.private));
        if let Some(counting) = self.number_at(&name).await
            && self
                .bot
                .line
                .edit(self.private, counting, said, self.rank, self.deadline)
                .await
                .is_ok()
        {
            return;
        }
        match self
            .bot
            .line
            .send(self.private, said, self.rank, self.deadline)
            .await
        {
            // Forgotten, it costs another message.
            Ok(message) => drop(
                self.bot
                    .settings
                    .ephemera
                    .put(&name, message.to_string().as_bytes(), ALBUM)
                    .await,
            ),
            Err(why) => self.did_not(self.private, why),
        }
    }

    /// The photos of a card, each once in a chat. Only in private: there may be people on them.
    async fn photos(&mut self, chat: i64, card: &Card) {
        let mut missing = 0_usize;
        for hash in card
            .media
            .iter()
            .take(PHOTOS)
            .filter(|_| chat == self.private)
        {
            let known = self.bot.key(&format!("shown/{chat}/{hash}"));
            // Whether it was shown before is unknown when the store is away: a photo twice is better than none.
            if matches!(self.bot.settings.ephemera.get(&known).await, Ok(Some(_))) {
                continue;
            }
            let gone = match self.bot.blobs.look(hash).await {
                Some(jpeg) => match self
                    .bot
                    .line
                    .picture(chat, jpeg, self.rank, self.deadline)
                    .await
                {
                    Ok(()) => false,
                    // The next time the card is shown it is tried again.
                    Err(why) => {
                        self.bot.not_sent(chat, &why);
                        continue;
                    }
                },
                None => true,
            };
            missing += usize::from(gone);
            drop(self.bot.settings.ephemera.put(&known, b"1", SHOWN).await);
        }
        if missing > 0 {
            self.bot.warn(format!("{missing} photos of a card are not in the folder of photos, which all replicas of the bot must share"));
            let said = render::words(
                &self
                    .words()
                    .with("chat-evidence-missing", &[("n", missing.into())]),
            );
            if let Err(why) = self
                .bot
                .line
                .send(chat, &said, self.rank, self.deadline)
                .await
            {
                self.bot.not_sent(chat, &why);
            }
        }
    }

    fn card_name(&self, chat: i64, key: &str) -> String {
        self.bot.key(&format!(
            "card/{chat}/{}",
            picket_schemas::commit::hash(key.as_bytes())
        ))
    }

    /// The message that shows a card, as far as that is known. One that shows another card by now does not.
    async fn message_of(&self, chat: i64, key: &str) -> Option<i32> {
        let message = self.number_at(&self.card_name(chat, key)).await?;
        let shows = self
            .bot
            .settings
            .ephemera
            .get(&self.message_name(chat, message))
            .await
            .ok()
            .flatten()?;
        (shows == key.as_bytes()).then_some(message)
    }

    async fn number_at(&self, name: &str) -> Option<i32> {
        let bytes = self.bot.settings.ephemera.get(name).await.ok().flatten()?;
        std::str::from_utf8(&bytes).ok()?.parse().ok()
    }

    fn message_name(&self, chat: i64, message: i32) -> String {
        self.bot.key(&format!("message/{chat}/{message}"))
    }

    /// A card stands at a message from now on; the one before loses its buttons, so that one thing has one live card.
    async fn stands_at(&self, chat: i64, key: &str, message: i32, before: Option<i32>) {
        // Lost, it costs a new message and nothing else.
        drop(
            self.bot
                .settings
                .ephemera
                .put(
                    &self.card_name(chat, key),
                    message.to_string().as_bytes(),
                    CARD,
                )
                .await,
        );
        drop(
            self.bot
                .settings
                .ephemera
                .put(&self.message_name(chat, message), key.as_bytes(), CARD)
                .await,
        );
        if let Some(before) = before.filter(|before| *before != message) {
            self.bot.line.strip(chat, before).await;
        }
    }
}

#[cfg(test)]
mod wire_tests;
