//! The line to the platform: every call at the platform's pace, tried again where that is safe.
//!
//! Whose turn it is, by chat and over all replicas, [`Pace`] says; the gate keeps what a slow moment bunches
//! apart. What the platform asks to wait is waited, and edits of one card that wait become one.
//! A call whose outcome is unknown is repeated only where a repeat changes nothing, or at the worst shows a
//! person the same card twice; that is counted. It does not know what a message says.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use picket_ephemera::{Ephemera, Limits, Pace, Place, Rank, Rate};
use serde::Deserialize;
use serde_json::Value;
use teloxide::payloads::{
    AnswerCallbackQuery, AnswerCallbackQuerySetters, EditMessageReplyMarkup, EditMessageText,
    EditMessageTextSetters, PinChatMessage, PinChatMessageSetters, SendMessage, SendMessageSetters,
};
use teloxide::types::{CallbackQueryId, ChatId, LinkPreviewOptions, MessageId, ParseMode};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::api::Api;
use crate::edits::{Edited, Edits};
use crate::gate::Gate;
use crate::render::Rendered;
use crate::trouble::Trouble;

/// Below 30 in any second over all in the long run. A machine that was busy for a moment catches up: what that
/// bunches the gate keeps apart.
const OVERALL: Rate = Rate {
    burst: 6,
    per: Duration::from_millis(210),
};
/// How long one call may take.
pub(crate) const CALL: Duration = Duration::from_secs(15);
/// How long an answer to a person is tried.
pub(crate) const ANSWER: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What happened on the line since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that did what they should.
    pub done: u64,
    /// Times the platform asked to wait.
    pub waited: u64,
    /// Messages sent a second time because no clear answer came: at most so many were seen twice.
    pub perhaps_twice: u64,
    /// Edits that were not made because a newer one of the same card said it all.
    pub overtaken: u64,
}

#[derive(Debug, Default)]
struct Counters {
    done: AtomicU64,
    waited: AtomicU64,
    perhaps_twice: AtomicU64,
    overtaken: AtomicU64,
}

#[derive(Deserialize)]
struct Sent {
    message_id: i32,
}

/// Whether a call may be repeated when nobody knows whether it was done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    /// As often as there is time: a repeat changes nothing.
    Freely,
    /// Once: a repeat may show the same twice.
    Once,
    /// Never.
    Never,
}

/// The line.
pub(crate) struct Line {
    pub(crate) api: Api,
    pace: Pace,
    gate: Gate,
    edits: Edits,
    /// Chats the platform asked to leave alone, and until when.
    pauses: Mutex<HashMap<i64, Instant>>,
    moves: Mutex<Moves>,
    /// The bot is told to stop: what was not begun is not begun any more.
    pub(crate) leaving: watch::Sender<bool>,
    counters: Counters,
}

/// Groups that have another number by now.
#[derive(Debug, Default)]
struct Moves {
    to: HashMap<i64, i64>,
    /// Those nobody took note of yet.
    fresh: Vec<(i64, i64)>,
}

impl Line {
    pub(crate) fn new(api: Api, shared: Arc<dyn Ephemera>, prefix: String) -> Self {
        let pace = Pace::new(
            shared,
            prefix,
            Limits {
                overall: OVERALL,
                ..Limits::default()
            },
        );
        Self {
            api,
            pace,
            gate: Gate::default(),
            edits: Edits::default(),
            pauses: Mutex::default(),
            moves: Mutex::default(),
            leaving: watch::Sender::new(false),
            counters: Counters::default(),
        }
    }

    /// Ends when the bot is told to stop.
    pub(crate) async fn left(&self) {
        // The sender lives as long as this does.
        drop(self.leaving.subscribe().wait_for(|leaving| *leaving).await);
    }

    /// What happened so far.
    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (done, waited) = (read(&self.counters.done), read(&self.counters.waited));
        Counts {
            done,
            waited,
            perhaps_twice: read(&self.counters.perhaps_twice),
            overtaken: read(&self.counters.overtaken),
        }
    }

    /// Waits until a chat may be written to, the most pressing first.
    pub(crate) async fn turn(
        &self,
        chat: i64,
        rank: Rank,
        deadline: Instant,
    ) -> Result<(), Trouble> {
        if let Some(until) = self.rests_until(chat).filter(|until| *until >= deadline) {
            return Err(Trouble::RetryAfter(until.duration_since(Instant::now())));
        }
        self.turn_at(&place(chat), rank, deadline).await
    }

    async fn turn_at(&self, place: &Place, rank: Rank, deadline: Instant) -> Result<(), Trouble> {
        let turn = tokio::time::timeout_at(deadline, self.pace.turn(place, rank)).await;
        turn.map_err(|_| Trouble::RetryAfter(Duration::from_secs(1)))
    }

    /// Sends a message; the parts before the last go ahead without buttons. The number of the last one comes back.
    /// The first part of what nobody just asked for has had its turn: it is waited for outside the person's lane.
    pub(crate) async fn send(
        &self,
        chat: i64,
        message: &Rendered,
        rank: Rank,
        deadline: Instant,
    ) -> Result<i32, Trouble> {
        self.place(chat, message, rank, deadline)
            .await
            .map(|(_, message)| message)
    }

    /// The same, with the number the chat had then.
    pub(crate) async fn place(
        &self,
        chat: i64,
        message: &Rendered,
        rank: Rank,
        deadline: Instant,
    ) -> Result<(i64, i32), Trouble> {
        let mut gone = 0;
        self.parts(chat, message, rank, deadline, &mut gone)
            .await
            .map_err(|why| match why {
                // Sent again as a whole, what went out would be read twice.
                why if gone > 0 && !matches!(why, Trouble::Unreachable(_)) => {
                    Trouble::Unclear(format!(
                        "{gone} of {} parts went out, then: {why}",
                        message.parts.len()
                    ))
                }
                why => why,
            })
    }

    async fn parts(
        &self,
        chat: i64,
        message: &Rendered,
        rank: Rank,
        deadline: Instant,
        gone: &mut usize,
    ) -> Result<(i64, i32), Trouble> {
        let again = if rank == Rank::Answer {
            Again::Once
        } else {
            Again::Never
        };
        let (mut chat, mut last) = (self.number_of(chat), 0);
        for (n, part) in message.parts.iter().enumerate() {
            let is_last = n + 1 == message.parts.len();
            if rank == Rank::Answer || n > 0 {
                self.turn(chat, rank, deadline).await?;
            }
            let mut payload = SendMessage::new(ChatId(chat), part)
                .parse_mode(ParseMode::Html)
                .link_preview_options(no_preview());
            if message.silent {
                payload = payload.disable_notification(true);
            }
            if is_last && !message.buttons.inline_keyboard.is_empty() {
                payload = payload.reply_markup(message.buttons.clone());
            }
            let sent: Sent = match self
                .written(chat, again, rank, deadline, || {
                    self.api.call(&payload, CALL)
                })
                .await
            {
                // The group became another one; there it is the same message.
                Err(Trouble::Migrated(moved)) => {
                    self.moved(chat, moved);
                    chat = moved;
                    payload.chat_id = ChatId(moved).into();
                    self.written(moved, again, rank, deadline, || {
                        self.api.call(&payload, CALL)
                    })
                    .await?
                }
                result => result?,
            };
            last = sent.message_id;
            *gone += 1;
        }
        Ok((chat, last))
    }

    /// Puts other words and buttons in the place of a message; of several that wait, the newest.
    pub(crate) async fn edit(
        &self,
        chat: i64,
        message: i32,
        to: &Rendered,
        rank: Rank,
        deadline: Instant,
    ) -> Result<(), Trouble> {
        let chat = self.number_of(chat);
        let turn = async {
            self.rested(chat, deadline).await?;
            self.turn_at(&Place::Anywhere, rank, deadline).await
        };
        let send = |to: Rendered| async move {
            let text = to.parts.last().cloned().unwrap_or_default();
            let mut payload = EditMessageText::new(ChatId(chat), MessageId(message), text)
                .parse_mode(ParseMode::Html)
                .link_preview_options(no_preview());
            payload.reply_markup = Some(to.buttons);
            match self
                .written::<Value, _, _>(chat, Again::Freely, rank, deadline, || {
                    self.api.call(&payload, CALL)
                })
                .await
            {
                Ok(_) | Err(Trouble::NotModified) => Ok(()),
                Err(Trouble::Migrated(moved)) => {
                    self.moved(chat, moved);
                    // What was said at the old number stays there.
                    Err(Trouble::NoMessage)
                }
                Err(other) => Err(other),
            }
        };
        match self.edits.edit((chat, message), to, turn, send).await {
            Edited::Sent(result) => result,
            Edited::Overtaken(result) => {
                self.counters.overtaken.fetch_add(1, Ordering::Relaxed);
                result
            }
        }
    }

    /// Takes the buttons off a message that another one replaced. Whether that works matters to nobody.
    pub(crate) async fn strip(&self, chat: i64, message: i32) {
        let deadline = Instant::now() + CALL;
        if self.rested(chat, deadline).await.is_ok()
            && self
                .turn_at(&Place::Anywhere, Rank::Work, deadline)
                .await
                .is_ok()
        {
            let payload = EditMessageReplyMarkup::new(ChatId(chat), MessageId(message));
            drop(
                self.written::<Value, _, _>(chat, Again::Freely, Rank::Work, deadline, || {
                    self.api.call(&payload, CALL)
                })
                .await,
            );
        }
    }

    /// Keeps a message of a group in sight, without a sound. Where the bot may not, the group scrolls instead.
    pub(crate) async fn pin(&self, chat: i64, message: i32) -> Result<(), Trouble> {
        let deadline = Instant::now() + CALL;
        self.turn_at(&Place::Anywhere, Rank::News, deadline).await?;
        let payload =
            PinChatMessage::new(ChatId(chat), MessageId(message)).disable_notification(true);
        self.written::<Value, _, _>(chat, Again::Freely, Rank::News, deadline, || {
            self.api.call(&payload, CALL)
        })
        .await
        .map(drop)
    }

    /// Answers a press; the platform shows the text for a moment.
    pub(crate) async fn answer(&self, query: &str, text: &str) -> Result<(), Trouble> {
        let mut payload = AnswerCallbackQuery::new(CallbackQueryId(query.to_owned()));
        if !text.is_empty() {
            payload = payload.text(text);
        }
        // Late is as good as never here.
        let deadline = Instant::now() + Duration::from_secs(10);
        self.surely::<Value, _, _>(None, Again::Freely, deadline, || {
            self.api.call(&payload, CALL)
        })
        .await
        .map(drop)
    }

    /// Sends a picture, without a sound.
    pub(crate) async fn picture(
        &self,
        chat: i64,
        jpeg: Vec<u8>,
        rank: Rank,
        deadline: Instant,
    ) -> Result<(), Trouble> {
        self.turn(chat, rank, deadline).await?;
        let form = || {
            let file = reqwest::multipart::Part::bytes(jpeg.clone()).file_name("photo.jpg");
            reqwest::multipart::Form::new()
                .text("chat_id", chat.to_string())
                .text("disable_notification", "true")
                .part("photo", file)
        };
        self.written::<Value, _, _>(chat, Again::Never, rank, deadline, || {
            self.api.upload("sendPhoto", form(), CALL)
        })
        .await
        .map(drop)
    }

    /// Reads something: that may be repeated as often as there is time.
    pub(crate) async fn read<T, F, C>(&self, deadline: Instant, call: F) -> Result<T, Trouble>
    where
        F: Fn() -> C,
        C: Future<Output = Result<T, Trouble>>,
    {
        self.surely(None, Again::Freely, deadline, call).await
    }

    /// Calls something that counts against the limits; its turn has come.
    async fn written<T, F, C>(
        &self,
        chat: i64,
        again: Again,
        rank: Rank,
        deadline: Instant,
        call: F,
    ) -> Result<T, Trouble>
    where
        F: Fn() -> C,
        C: Future<Output = Result<T, Trouble>>,
    {
        self.surely(Some((chat, rank)), again, deadline, || {
            self.gate.through(call())
        })
        .await
    }

    /// Calls until it is done, refused, or the time is up.
    async fn surely<T, F, C>(
        &self,
        chat: Option<(i64, Rank)>,
        again: Again,
        deadline: Instant,
        call: F,
    ) -> Result<T, Trouble>
    where
        F: Fn() -> C,
        C: Future<Output = Result<T, Trouble>>,
    {
        let mut pause = FIRST_PAUSE;
        let mut unclear = 0;
        loop {
            let trouble = match call().await {
                Ok(done) => {
                    self.counters.done.fetch_add(1, Ordering::Relaxed);
                    return Ok(done);
                }
                Err(trouble) => trouble,
            };
            let wait = match &trouble {
                Trouble::RetryAfter(wait) => {
                    self.counters.waited.fetch_add(1, Ordering::Relaxed);
                    if let Some((chat, _)) = chat {
                        self.leave_alone(chat, *wait);
                    }
                    *wait
                }
                Trouble::Unclear(_) => {
                    unclear += 1;
                    if again == Again::Never || again == Again::Once && unclear > 1 {
                        return Err(trouble);
                    }
                    if again == Again::Once {
                        self.counters.perhaps_twice.fetch_add(1, Ordering::Relaxed);
                    }
                    pause
                }
                other if other.is_passing() => pause,
                _ => return Err(trouble),
            };
            if Instant::now() + wait >= deadline {
                return Err(trouble);
            }
            let again = async {
                tokio::time::sleep(wait).await;
                // Written once more, it counts once more; a chat that rests is waited for in the line.
                match chat {
                    Some((chat, rank)) => self.turn(chat, rank, deadline).await,
                    None => Ok(()),
                }
            };
            // What nobody just asked for is handed back when the bot goes, for it certainly was not done.
            let unasked = chat.is_some_and(|(_, rank)| rank != Rank::Answer)
                && !matches!(trouble, Trouble::Unclear(_));
            tokio::select! {
                again = again => again?,
                () = self.left(), if unasked => return Err(trouble),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn leave_alone(&self, chat: i64, wait: Duration) {
        self.pace.rest(&place(chat), wait);
        let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        pauses.retain(|_, end| *end > now);
        pauses.insert(chat, now + wait);
    }

    /// Waits while the platform asked to leave a chat alone.
    async fn rested(&self, chat: i64, deadline: Instant) -> Result<(), Trouble> {
        match self.rests_until(chat) {
            Some(until) if until >= deadline => {
                Err(Trouble::RetryAfter(until.duration_since(Instant::now())))
            }
            Some(until) => {
                tokio::time::sleep_until(until).await;
                Ok(())
            }
            None => Ok(()),
        }
    }

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

    /// Until when the platform asked to leave a chat alone.
    fn rests_until(&self, chat: i64) -> Option<Instant> {
        self.pauses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&chat)
            .copied()
            .filter(|until| *until > Instant::now())
    }
}

/// Groups have numbers below zero.
fn place(chat: i64) -> Place {
    if chat < 0 {
        Place::Group(chat.to_string())
    } else {
        Place::Private(chat.to_string())
    }
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}
