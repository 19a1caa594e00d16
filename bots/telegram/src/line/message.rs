//! Messages on the line: sent, edited, pinned, without their buttons; and answers to presses.

use std::sync::atomic::Ordering;
use std::time::Duration;

use picket_ephemera::{Place, Rank};
use serde::Deserialize;
use serde_json::Value;
use teloxide::payloads::{
    AnswerCallbackQuery, AnswerCallbackQuerySetters, EditMessageReplyMarkup, EditMessageText,
    EditMessageTextSetters, PinChatMessage, PinChatMessageSetters, SendMessage, SendMessageSetters,
};
use teloxide::types::{CallbackQueryId, ChatId, LinkPreviewOptions, MessageId, ParseMode};
use tokio::time::Instant;

use crate::edits::Edited;
use crate::line::retry::Again;
use crate::line::{CALL, Line};
use crate::render::Rendered;
use crate::trouble::Trouble;

#[derive(Deserialize)]
struct Sent {
    message_id: i32,
}

impl Line {
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
