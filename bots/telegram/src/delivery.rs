//! Delivery of outputs to a chat: the answer to the press, cards in their place or anew, photos.
//!
//! It comes when the effect is durable and the update is acknowledged, in a lane of its own for each person, so that
//! somebody who writes more than may be shown in a second holds up nobody. An output that cannot be shown is logged.
//! It does not know what a card is about.

mod card_index;

use std::sync::Arc;
use std::time::Duration;

use picket_bus::Carried;
use picket_conversation::{Card, Language, Texts};
use picket_ephemera::Rank;
use tokio::time::Instant;

use crate::api_error::ApiError;
use crate::delivery::card_index::CardIndex;
use crate::outbox::Outbox;
use crate::output::{Output, Press};
use crate::render::{self, RenderedMessage};

/// Limit of a text as the answer to a callback query, in characters.
const TOAST_MAX: usize = 190;
/// Limit of the photos shown with one card.
const PHOTOS_MAX: usize = 10;
/// Expiry of the memory that a photo was shown in a chat.
const SHOWN_TTL: Duration = Duration::from_secs(12 * 60 * 60);
/// Expiry of the message that counts an album.
const ALBUM_TTL: Duration = Duration::from_secs(10 * 60);

/// Delivery of the outputs of one round.
pub(crate) struct OutputDelivery<'a> {
    outbox: &'a Outbox,
    index: CardIndex<'a>,
    /// Chat of private cards.
    private: i64,
    /// Group it happens in, if in one.
    pub(crate) group: Option<i64>,
    pub(crate) press: Option<Arc<Press>>,
    /// Album a photo came in.
    pub(crate) album: Option<String>,
    language: Language,
    rank: Rank,
    deadline: Instant,
    toasts: Vec<String>,
    /// True while the pressed message still shows the card that was pressed.
    fresh: bool,
    /// Count of messages that went out.
    pub(crate) shown: usize,
    /// Error of the first that did not.
    pub(crate) error: Option<ApiError>,
}

impl<'a> OutputDelivery<'a> {
    pub(crate) fn new(
        outbox: &'a Outbox,
        private: i64,
        language: Language,
        rank: Rank,
        deadline: Instant,
    ) -> Self {
        Self {
            outbox,
            index: CardIndex::new(&outbox.store),
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
            error: None,
        }
    }

    /// Shows all outputs, in order.
    pub(crate) async fn show(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Card { card, edit } => self.card(&card, edit).await,
                Output::Toast(text) => self.toasts.push(text),
                Output::Words(text) => self.send(self.private, &render::words(&text)).await,
            }
        }
        self.say_the_rest().await;
    }

    async fn send(&mut self, chat: i64, message: &RenderedMessage) {
        match self
            .outbox
            .api
            .send(chat, message, self.rank, self.deadline)
            .await
        {
            Ok(_) => self.shown += 1,
            Err(error) => self.failed(chat, error),
        }
    }

    /// Shows a card in its chat: in place where it stands already, else as a new message.
    async fn card(&mut self, card: &Card, edit: bool) {
        // The card was drawn for one person's eyes. A group sees cards drawn for the group.
        let (chat, moved) = (self.private, self.group.is_some());
        if moved {
            self.toasts.push(self.words().say("chat-in-private"));
        }
        self.answer_press().await;
        let mut message = render::card(card);
        // Toasts the answer to the press could not say any more.
        self.lead_with_toasts(&mut message);
        let before = self.index.message_of(chat, &card.key).await;
        if edit && !moved && message.parts.len() == 1 {
            let pressed = self
                .press
                .as_ref()
                .and_then(|press| press.message)
                .filter(|_| self.fresh);
            self.fresh = false;
            if let Some(place) = pressed.or(before) {
                match self
                    .outbox
                    .api
                    .edit(chat, place, &message, self.rank, self.deadline)
                    .await
                {
                    Ok(()) => return self.card_stands_at(chat, card, place, before).await,
                    Err(ApiError::NoMessage) => {}
                    Err(error) => return self.failed(chat, error),
                }
            }
        }
        match self
            .outbox
            .api
            .send(chat, &message, self.rank, self.deadline)
            .await
        {
            Ok(place) => self.card_stands_at(chat, card, place, before).await,
            Err(error) => self.failed(chat, error),
        }
    }

    /// Takes note of a card's message, and adds its photos. The message before loses its buttons, so that one thing
    /// has one live card.
    async fn card_stands_at(&mut self, chat: i64, card: &Card, place: i32, before: Option<i32>) {
        self.shown += 1;
        self.index.note(chat, &card.key, place).await;
        if let Some(before) = before.filter(|before| *before != place) {
            self.outbox.api.strip(chat, before).await;
        }
        self.photos(chat, card).await;
    }

    fn words(&self) -> &'static Texts {
        Texts::of(self.language)
    }

    fn failed(&mut self, chat: i64, error: ApiError) {
        self.outbox.not_sent(chat, &error);
        self.error.get_or_insert(error);
    }

    /// Puts toasts that were not said above the card, so that one message does.
    fn lead_with_toasts(&mut self, message: &mut RenderedMessage) {
        if self.toasts.is_empty() || self.album.is_some() {
            return;
        }
        let toasts: Vec<_> = self
            .toasts
            .drain(..)
            .map(|text| format!("<i>{}</i>", render::escape(&text)))
            .collect();
        if let Some(first) = message.parts.first_mut() {
            *first = format!("{}\n\n{first}", toasts.join("\n"));
        }
    }

    /// Answers the press with the toasts so far. Toasts that are too long for that, or come too late, stay to be said.
    async fn answer_press(&mut self) {
        let Some(press) = self.press.clone() else {
            return;
        };
        if !press.claim() {
            return;
        }
        let text = self.toasts.join("\n");
        let cut: String = text.chars().take(TOAST_MAX).collect();
        let whole = cut.len() == text.len();
        let answered = self
            .outbox
            .api
            .answer(&press.query, &if whole { cut } else { format!("{cut}…") })
            .await;
        if whole && answered.is_ok() {
            self.toasts.clear();
        }
    }

    /// Says the toasts no card carried.
    async fn say_the_rest(&mut self) {
        self.answer_press().await;
        if self.toasts.is_empty() {
            return;
        }
        let message = render::words(&std::mem::take(&mut self.toasts).join("\n"));
        match self.album.clone() {
            Some(album) => self.count_album(&album, &message).await,
            None => self.send(self.private, &message).await,
        }
    }

    /// Counts the photos of an album, which come one by one, in one message.
    async fn count_album(&mut self, album: &str, message: &RenderedMessage) {
        let name = format!("album/{}/{album}", self.private);
        if let Some(counting) = self.outbox.store.number(&name).await
            && self
                .outbox
                .api
                .edit(self.private, counting, message, self.rank, self.deadline)
                .await
                .is_ok()
        {
            return;
        }
        match self
            .outbox
            .api
            .send(self.private, message, self.rank, self.deadline)
            .await
        {
            // A number that is lost costs another message.
            Ok(place) => drop(
                self.outbox
                    .store
                    .put(&name, place.to_string().as_bytes(), ALBUM_TTL)
                    .await,
            ),
            Err(error) => self.failed(self.private, error),
        }
    }

    /// Shows the photos of a card, each once in a chat. Only in private: there may be people on them.
    async fn photos(&mut self, chat: i64, card: &Card) {
        let mut missing = 0_usize;
        for hash in card
            .media
            .iter()
            .take(PHOTOS_MAX)
            .filter(|_| chat == self.private)
        {
            let shown = format!("shown/{chat}/{hash}");
            // A store that is away cannot say whether it was shown before: a photo twice is better than none.
            if matches!(self.outbox.store.get(&shown).await, Ok(Some(_))) {
                continue;
            }
            let gone = match self.outbox.blobs.look(hash).await {
                Some(jpeg) => match self
                    .outbox
                    .api
                    .picture(chat, jpeg, self.rank, self.deadline)
                    .await
                {
                    Ok(()) => false,
                    // A photo that was not sent is tried again with its card.
                    Err(error) => {
                        self.outbox.not_sent(chat, &error);
                        continue;
                    }
                },
                None => true,
            };
            missing += usize::from(gone);
            drop(self.outbox.store.put(&shown, b"1", SHOWN_TTL).await);
        }
        if missing > 0 {
            self.say_missing(chat, missing).await;
        }
    }

    async fn say_missing(&self, chat: i64, missing: usize) {
        self.outbox.log.warn(format!("{missing} photos of a card are not in the folder of photos, which all replicas of the bot must share"));
        let message = render::words(
            &self
                .words()
                .with("chat-evidence-missing", &[("n", missing.into())]),
        );
        if let Err(error) = self
            .outbox
            .api
            .send(chat, &message, self.rank, self.deadline)
            .await
        {
            self.outbox.not_sent(chat, &error);
        }
    }
}

/// Outcome of a notice whose message met an error.
pub(crate) fn outcome(error: ApiError) -> Carried {
    match error {
        ApiError::RetryAfter(wait) => {
            Carried::Deferred(error.to_string(), u32::try_from(wait.as_secs().max(1)).ok())
        }
        ApiError::Server(_) | ApiError::NotSent(_) => Carried::Deferred(error.to_string(), None),
        ApiError::Unreachable(reason) => Carried::Blocked(reason),
        ApiError::Unclear(_) => Carried::Unknown(error.to_string()),
        other => Carried::Failed(other.to_string()),
    }
}
