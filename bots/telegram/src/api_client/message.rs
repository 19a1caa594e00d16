//! Messages of the API client: sent, edited, pinned, without their buttons; and answers to callback queries.

use std::sync::atomic::Ordering;
use std::time::Duration;

use picket_ephemera::{PacedChat, Rank};
use serde::Deserialize;
use serde_json::Value;
use teloxide::payloads::{
    AnswerCallbackQuery, AnswerCallbackQuerySetters, EditMessageReplyMarkup, EditMessageText,
    EditMessageTextSetters, PinChatMessage, PinChatMessageSetters, SendMessage, SendMessageSetters,
};
use teloxide::types::{CallbackQueryId, ChatId, LinkPreviewOptions, MessageId, ParseMode};
use tokio::time::Instant;

use crate::api_client::retry::CallRetry;
use crate::api_client::{ApiClient, CALL};
use crate::api_error::ApiError;
use crate::edits::EditResult;
use crate::render::RenderedMessage;

/// Message the platform sent, as `sendMessage` answers.
#[derive(Deserialize)]
struct SentMessage {
    message_id: i32,
}

impl ApiClient {
    /// Sends a message; the parts before the last go ahead without buttons. The number of the last one comes back.
    /// The first part of a message nobody just asked for has had its turn: that is waited for outside the person's lane.
    pub(crate) async fn send(
        &self,
        chat: i64,
        message: &RenderedMessage,
        rank: Rank,
        deadline: Instant,
    ) -> Result<i32, ApiError> {
        self.place(chat, message, rank, deadline)
            .await
            .map(|(_, message)| message)
    }

    /// Sends a message, and tells the number the chat had then too.
    pub(crate) async fn place(
        &self,
        chat: i64,
        message: &RenderedMessage,
        rank: Rank,
        deadline: Instant,
    ) -> Result<(i64, i32), ApiError> {
        let mut gone = 0;
        self.parts(chat, message, rank, deadline, &mut gone)
            .await
            .map_err(|why| match why {
                // Retried as a whole, the parts that went out would be read twice.
                why if gone > 0 && !matches!(why, ApiError::Unreachable(_)) => {
                    ApiError::Unclear(format!(
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
        message: &RenderedMessage,
        rank: Rank,
        deadline: Instant,
        gone: &mut usize,
    ) -> Result<(i64, i32), ApiError> {
        let policy = if rank == Rank::Answer {
            CallRetry::Once
        } else {
            CallRetry::Never
        };
        let (mut chat, mut last) = (self.migrations.number_of(chat), 0);
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
            let sent: SentMessage = match self
                .write(chat, policy, rank, deadline, || {
                    self.bot_api.call(&payload, CALL)
                })
                .await
            {
                // Migrated group: there it is the same message.
                Err(ApiError::Migrated(moved)) => {
                    self.migrations.note(chat, moved);
                    chat = moved;
                    payload.chat_id = ChatId(moved).into();
                    self.write(moved, policy, rank, deadline, || {
                        self.bot_api.call(&payload, CALL)
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

    /// Edits the words and buttons of a message; of several edits that wait, the newest is sent.
    pub(crate) async fn edit(
        &self,
        chat: i64,
        message: i32,
        to: &RenderedMessage,
        rank: Rank,
        deadline: Instant,
    ) -> Result<(), ApiError> {
        let chat = self.migrations.number_of(chat);
        let turn = async {
            self.rested(chat, deadline).await?;
            self.turn_at(&PacedChat::Anywhere, rank, deadline).await
        };
        let send = |to: RenderedMessage| async move {
            let text = to.parts.last().cloned().unwrap_or_default();
            let mut payload = EditMessageText::new(ChatId(chat), MessageId(message), text)
                .parse_mode(ParseMode::Html)
                .link_preview_options(no_preview());
            payload.reply_markup = Some(to.buttons);
            match self
                .write::<Value, _, _>(chat, CallRetry::Idempotent, rank, deadline, || {
                    self.bot_api.call(&payload, CALL)
                })
                .await
            {
                Ok(_) | Err(ApiError::NotModified) => Ok(()),
                Err(ApiError::Migrated(moved)) => {
                    self.migrations.note(chat, moved);
                    // Messages at the old number stay there.
                    Err(ApiError::NoMessage)
                }
                Err(other) => Err(other),
            }
        };
        match self.edits.edit((chat, message), to, turn, send).await {
            EditResult::Sent(result) => result,
            EditResult::Superseded(result) => {
                self.counters.overtaken.fetch_add(1, Ordering::Relaxed);
                result
            }
        }
    }

    /// Takes the buttons off a message that another one replaced. Its failure matters to nobody.
    pub(crate) async fn strip(&self, chat: i64, message: i32) {
        let deadline = Instant::now() + CALL;
        if self.rested(chat, deadline).await.is_ok()
            && self
                .turn_at(&PacedChat::Anywhere, Rank::Work, deadline)
                .await
                .is_ok()
        {
            let payload = EditMessageReplyMarkup::new(ChatId(chat), MessageId(message));
            drop(
                self.write::<Value, _, _>(
                    chat,
                    CallRetry::Idempotent,
                    Rank::Work,
                    deadline,
                    || self.bot_api.call(&payload, CALL),
                )
                .await,
            );
        }
    }

    /// Keeps a message of a group in sight, without a sound. Where the bot may not, the group scrolls instead.
    pub(crate) async fn pin(&self, chat: i64, message: i32) -> Result<(), ApiError> {
        let deadline = Instant::now() + CALL;
        self.turn_at(&PacedChat::Anywhere, Rank::News, deadline)
            .await?;
        let payload =
            PinChatMessage::new(ChatId(chat), MessageId(message)).disable_notification(true);
        self.write::<Value, _, _>(chat, CallRetry::Idempotent, Rank::News, deadline, || {
            self.bot_api.call(&payload, CALL)
        })
        .await
        .map(drop)
    }

    /// Answers a callback query; the platform shows the text for a moment.
    pub(crate) async fn answer(&self, query: &str, text: &str) -> Result<(), ApiError> {
        let mut payload = AnswerCallbackQuery::new(CallbackQueryId(query.to_owned()));
        if !text.is_empty() {
            payload = payload.text(text);
        }
        // Late is as good as never here.
        let deadline = Instant::now() + Duration::from_secs(10);
        self.retry::<Value, _, _>(None, CallRetry::Idempotent, deadline, || {
            self.bot_api.call(&payload, CALL)
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
    ) -> Result<(), ApiError> {
        self.turn(chat, rank, deadline).await?;
        let form = || {
            let file = reqwest::multipart::Part::bytes(jpeg.clone()).file_name("photo.jpg");
            reqwest::multipart::Form::new()
                .text("chat_id", chat.to_string())
                .text("disable_notification", "true")
                .part("photo", file)
        };
        self.write::<Value, _, _>(chat, CallRetry::Never, rank, deadline, || {
            self.bot_api.upload("sendPhoto", form(), CALL)
        })
        .await
        .map(drop)
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
