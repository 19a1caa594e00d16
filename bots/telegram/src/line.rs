//! The line to the platform: every call at the platform's pace, tried again where that is safe.
//!
//! How often a chat may be written to, and how often all of them together, is counted in buckets all replicas
//! share; a local bucket stands in when those cannot be reached. What the platform asks to wait is waited.
//! A call whose outcome is unknown is repeated only where a repeat changes nothing, or at the worst shows a
//! person the same card twice; that is counted. It does not know what a message says.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use picket_ephemera::{Ephemera, MemoryEphemera, Rate};
use serde::Deserialize;
use serde_json::Value;
use teloxide::payloads::{
    AnswerCallbackQuery, AnswerCallbackQuerySetters, EditMessageReplyMarkup, EditMessageText, EditMessageTextSetters, SendMessage, SendMessageSetters,
};
use teloxide::types::{CallbackQueryId, ChatId, LinkPreviewOptions, MessageId, ParseMode};
use tokio::time::Instant;

use crate::api::Api;
use crate::render::Rendered;
use crate::trouble::Trouble;

/// One second a message in a private chat, three at once.
const PRIVATE: Rate = Rate { burst: 3, per: Duration::from_secs(3) };
/// Never more than 19 in any minute in a group.
const GROUP: Rate = Rate { burst: 4, per: Duration::from_secs(16) };
/// Never more than 30 in any second over all.
const OVERALL: Rate = Rate { burst: 5, per: Duration::from_millis(200) };
/// What nobody waits for leaves room for what somebody does.
const BULK: Rate = Rate { burst: 4, per: Duration::from_millis(200) };
/// How long one call may take.
pub(crate) const CALL: Duration = Duration::from_secs(15);
/// How long an answer to a person is tried.
pub(crate) const ANSWER: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What somebody waits for, and what nobody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Haste {
    /// Somebody just pressed or wrote something.
    Answer,
    /// A notice that its person should have soon.
    Notice,
    /// A digest, a bulletin, a reminder.
    Bulk,
}

/// What happened on the line since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that did what they should.
    pub done: u64,
    /// Times the platform asked to wait.
    pub waited: u64,
    /// Messages sent a second time because no clear answer came: at most so many were seen twice.
    pub perhaps_twice: u64,
}

#[derive(Debug, Default)]
struct Counters {
    done: AtomicU64,
    waited: AtomicU64,
    perhaps_twice: AtomicU64,
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
    shared: Arc<dyn Ephemera>,
    local: MemoryEphemera,
    /// The front of every name in the shared store.
    prefix: String,
    /// Chats the platform asked to leave alone, and until when.
    pauses: Mutex<HashMap<i64, Instant>>,
    counters: Counters,
}

impl Line {
    pub(crate) fn new(api: Api, shared: Arc<dyn Ephemera>, prefix: String) -> Self {
        Self { api, shared, local: MemoryEphemera::new(), prefix, pauses: Mutex::default(), counters: Counters::default() }
    }

    /// What happened so far.
    pub(crate) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts { done: read(&self.counters.done), waited: read(&self.counters.waited), perhaps_twice: read(&self.counters.perhaps_twice) }
    }

    /// Waits until a chat may be written to.
    pub(crate) async fn pace(&self, chat: i64, haste: Haste, deadline: Instant) -> Result<(), Trouble> {
        self.rest(chat, deadline).await?;
        let rate = if chat < 0 { GROUP } else { PRIVATE };
        self.take(&format!("{}/chat/{chat}", self.prefix), rate, deadline).await?;
        if haste == Haste::Bulk {
            self.take(&format!("{}/bulk", self.prefix), BULK, deadline).await?;
        }
        self.take(&format!("{}/all", self.prefix), OVERALL, deadline).await
    }

    /// Sends a message; the parts before the last go ahead without buttons. The number of the last one comes back.
    pub(crate) async fn send(&self, chat: i64, message: &Rendered, haste: Haste, deadline: Instant) -> Result<i32, Trouble> {
        let again = if haste == Haste::Answer { Again::Once } else { Again::Never };
        let mut last = 0;
        for (n, part) in message.parts.iter().enumerate() {
            let is_last = n + 1 == message.parts.len();
            // A notice waited for its turn before it entered the person's lane.
            if haste == Haste::Answer || n > 0 {
                self.pace(chat, haste, deadline).await?;
            }
            let mut payload = SendMessage::new(ChatId(chat), part).parse_mode(ParseMode::Html).link_preview_options(no_preview());
            if message.silent {
                payload = payload.disable_notification(true);
            }
            if is_last && !message.buttons.inline_keyboard.is_empty() {
                payload = payload.reply_markup(message.buttons.clone());
            }
            let sent: Sent = match self.surely(chat, again, deadline, || self.api.call(&payload, CALL)).await {
                // The group became another one; there it is the same message.
                Err(Trouble::Migrated(moved)) => {
                    payload.chat_id = ChatId(moved).into();
                    self.surely(moved, again, deadline, || self.api.call(&payload, CALL)).await?
                }
                result => result?,
            };
            last = sent.message_id;
        }
        Ok(last)
    }

    /// Puts other words and buttons in the place of a message.
    pub(crate) async fn edit(&self, chat: i64, message: i32, to: &Rendered, deadline: Instant) -> Result<(), Trouble> {
        self.take(&format!("{}/all", self.prefix), OVERALL, deadline).await?;
        let text = to.parts.last().cloned().unwrap_or_default();
        let mut payload = EditMessageText::new(ChatId(chat), MessageId(message), text).parse_mode(ParseMode::Html).link_preview_options(no_preview());
        payload.reply_markup = Some(to.buttons.clone());
        match self.surely::<Value, _, _>(chat, Again::Freely, deadline, || self.api.call(&payload, CALL)).await {
            Ok(_) | Err(Trouble::NotModified) => Ok(()),
            Err(other) => Err(other),
        }
    }

    /// Takes the buttons off a message that another one replaced. Whether that works matters to nobody.
    pub(crate) async fn strip(&self, chat: i64, message: i32) {
        let deadline = Instant::now() + CALL;
        if self.take(&format!("{}/all", self.prefix), OVERALL, deadline).await.is_ok() {
            let payload = EditMessageReplyMarkup::new(ChatId(chat), MessageId(message));
            drop(self.surely::<Value, _, _>(chat, Again::Freely, deadline, || self.api.call(&payload, CALL)).await);
        }
    }

    /// Answers a press; the platform shows the text for a moment.
    pub(crate) async fn answer(&self, query: &str, text: &str) -> Result<(), Trouble> {
        let mut payload = AnswerCallbackQuery::new(CallbackQueryId(query.to_owned()));
        if !text.is_empty() {
            payload = payload.text(text);
        }
        // Late is as good as never here.
        let deadline = Instant::now() + Duration::from_secs(10);
        self.surely::<Value, _, _>(0, Again::Freely, deadline, || self.api.call(&payload, CALL)).await.map(drop)
    }

    /// Sends a picture, without a sound.
    pub(crate) async fn picture(&self, chat: i64, jpeg: Vec<u8>, haste: Haste, deadline: Instant) -> Result<(), Trouble> {
        self.pace(chat, haste, deadline).await?;
        let form = || {
            let file = reqwest::multipart::Part::bytes(jpeg.clone()).file_name("photo.jpg");
            reqwest::multipart::Form::new().text("chat_id", chat.to_string()).text("disable_notification", "true").part("photo", file)
        };
        self.surely::<Value, _, _>(chat, Again::Never, deadline, || self.api.upload("sendPhoto", form(), CALL)).await.map(drop)
    }

    /// Reads something: that may be repeated as often as there is time.
    pub(crate) async fn read<T, F, C>(&self, deadline: Instant, call: F) -> Result<T, Trouble>
    where
        F: Fn() -> C,
        C: Future<Output = Result<T, Trouble>>,
    {
        self.surely(0, Again::Freely, deadline, call).await
    }

    /// Calls until it is done, refused, or the time is up.
    async fn surely<T, F, C>(&self, chat: i64, again: Again, deadline: Instant, call: F) -> Result<T, Trouble>
    where
        F: Fn() -> C,
        C: Future<Output = Result<T, Trouble>>,
    {
        let mut pause = FIRST_PAUSE;
        let mut unclear = 0;
        loop {
            self.rest(chat, deadline).await?;
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
                    self.leave_alone(chat, Instant::now() + *wait);
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
            tokio::time::sleep(wait).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Waits while the platform asked to leave a chat alone.
    async fn rest(&self, chat: i64, deadline: Instant) -> Result<(), Trouble> {
        let until = self.pauses.lock().unwrap_or_else(PoisonError::into_inner).get(&chat).copied();
        let Some(until) = until.filter(|until| *until > Instant::now()) else { return Ok(()) };
        if until >= deadline {
            return Err(Trouble::RetryAfter(until - Instant::now()));
        }
        tokio::time::sleep_until(until).await;
        Ok(())
    }

    fn leave_alone(&self, chat: i64, until: Instant) {
        let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        pauses.retain(|_, end| *end > now);
        pauses.insert(chat, until);
    }

    /// Takes one out of a bucket, waiting for it.
    async fn take(&self, bucket: &str, rate: Rate, deadline: Instant) -> Result<(), Trouble> {
        loop {
            let taken = match self.shared.take(bucket, 1, rate).await {
                Ok(taken) => taken,
                // Alone one may take less than together, for others may do the same.
                Err(_) => match self.local.take(bucket, 1, Rate { burst: rate.burst, per: rate.per * 2 }).await {
                    Ok(taken) => taken,
                    Err(_) => return Ok(()),
                },
            };
            if taken.allowed {
                return Ok(());
            }
            let wait = taken.retry_after.max(Duration::from_millis(1));
            if Instant::now() + wait >= deadline {
                return Err(Trouble::RetryAfter(wait));
            }
            tokio::time::sleep(wait).await;
        }
    }
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions { is_disabled: true, url: None, prefer_small_media: false, prefer_large_media: false, show_above_text: false }
}
