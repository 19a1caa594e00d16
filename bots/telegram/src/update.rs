//! Update of the platform, reduced to what Picket acts upon.
//!
//! Updates are parsed one by one: one that cannot be parsed costs nothing but itself, and its number is known
//! all the same. Anything not listed here is ignored. It does not know who somebody is.

use picket_conversation::{Language, Texts};
use serde_json::Value;
use teloxide::types::{
    CallbackQuery, ChatKind, ChatMemberKind, Message, MessageKind, Update, UpdateKind,
};

/// Number of a chat.
pub(crate) type ChatNumber = i64;

/// Update with its number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct IncomingUpdate {
    pub(crate) number: u32,
    pub(crate) body: UpdateBody,
}

/// Body of an update.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum UpdateBody {
    /// Message in a private chat.
    Private { by: Account, content: Content },
    /// Message in a group.
    Group {
        by: Account,
        chat: ChatNumber,
        text: String,
    },
    /// Callback query: somebody pressed a button.
    Callback {
        by: Account,
        query: String,
        data: String,
        chat: ChatNumber,
        message: Option<i32>,
        group: bool,
    },
    /// Change of membership: somebody blocked the bot, or took that back.
    Blocked { by: Account, blocked: bool },
    /// Migration of a group to another number.
    Migrated { from: ChatNumber, to: ChatNumber },
    /// Nothing to act upon, with the reason.
    Ignored(&'static str),
}

/// Account of a person or a group on the platform.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Account {
    pub(crate) number: i64,
    /// Language code of the person's own program.
    pub(crate) language: Option<String>,
}

/// Content of a private message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    /// Words.
    Text(String),
    /// Message of somebody else, forwarded.
    Forwarded,
    /// File, with the number of the album it came in.
    File {
        file: String,
        size: u64,
        name: String,
        album: Option<String>,
        caption: String,
    },
    /// Place.
    Location {
        latitude: f64,
        longitude: f64,
        accuracy_m: Option<f64>,
    },
    /// Anything Picket cannot take.
    Other,
}

impl Account {
    /// Language of the account's own program, as far as Picket speaks it: Chinese where it is another or unknown.
    pub(crate) fn speaks(&self) -> Language {
        if self
            .language
            .as_deref()
            .is_some_and(|code| code.starts_with("en"))
        {
            Language::En
        } else {
            Language::Zh
        }
    }

    /// Words for somebody nobody knows yet.
    pub(crate) fn words(&self) -> &'static Texts {
        Texts::of(self.speaks())
    }
}

impl UpdateBody {
    /// Account an update is from, if it is from one.
    pub(crate) fn account(&self) -> Option<&Account> {
        match self {
            Self::Private { by, .. }
            | Self::Group { by, .. }
            | Self::Callback { by, .. }
            | Self::Blocked { by, .. } => Some(by),
            Self::Migrated { .. } | Self::Ignored(_) => None,
        }
    }

    /// Lane an update belongs to.
    pub(crate) fn lane(&self) -> i64 {
        self.account().map_or(0, |by| by.number)
    }
}

/// Number of an update, if it has one.
pub(crate) fn number(raw: &Value) -> Option<u32> {
    raw.get("update_id")
        .and_then(Value::as_u64)
        .and_then(|number| u32::try_from(number).ok())
}

/// Parses an update.
pub(crate) fn parse(number: u32, raw: &Value) -> IncomingUpdate {
    let (press, message) = (raw.get("callback_query"), raw.get("message"));
    // Parsed from a text, since the types borrow the names of fields from it.
    let body = match serde_json::from_str::<Update>(&raw.to_string()).map(|update| update.kind) {
        Ok(UpdateKind::Message(message)) => match message.migrate_to_chat_id() {
            Some(to) => UpdateBody::Migrated {
                from: message.chat.id.0,
                to: to.0,
            },
            None => message_body(&message),
        },
        Ok(UpdateKind::CallbackQuery(query)) => callback_body(&query),
        Ok(UpdateKind::MyChatMember(change)) => {
            // The chat counts in a group: the group can be written to, or not.
            let by = if change.chat.is_private() {
                account(&change.from)
            } else {
                Account {
                    number: change.chat.id.0,
                    language: None,
                }
            };
            UpdateBody::Blocked {
                by,
                blocked: matches!(
                    change.new_chat_member.kind,
                    ChatMemberKind::Banned(_) | ChatMemberKind::Left
                ),
            }
        }
        Ok(UpdateKind::Error(_)) | Err(_) => press
            .and_then(bare_press)
            .or_else(|| message.and_then(bare_message))
            .unwrap_or(UpdateBody::Ignored("it cannot be read")),
        Ok(_) => UpdateBody::Ignored("of a kind Picket does not use"),
    };
    IncomingUpdate { number, body }
}

fn account(user: &teloxide::types::User) -> Account {
    Account {
        number: i64::try_from(user.id.0).unwrap_or_default(),
        language: user.language_code.clone(),
    }
}

fn message_body(message: &Message) -> UpdateBody {
    let Some(from) = message.from.as_ref().filter(|from| !from.is_bot) else {
        return UpdateBody::Ignored("from nobody");
    };
    let by = account(from);
    // A kind the types do not know yet comes out empty. That somebody left, also this bot, is nobody's word.
    if !matches!(
        message.kind,
        MessageKind::Common(_) | MessageKind::Empty { .. }
    ) {
        return UpdateBody::Ignored("a message about the chat itself");
    }
    match message.chat.kind {
        ChatKind::Private(_) => UpdateBody::Private {
            by,
            content: content_of(message),
        },
        _ if message.chat.is_channel() => UpdateBody::Ignored("in a channel"),
        _ => UpdateBody::Group {
            by,
            chat: message.chat.id.0,
            text: message.text().unwrap_or_default().to_owned(),
        },
    }
}

fn content_of(message: &Message) -> Content {
    let forwarded = message.forward_origin().is_some();
    if let Some(text) = message.text() {
        return if forwarded {
            Content::Forwarded
        } else {
            Content::Text(text.to_owned())
        };
    }
    if let Some(place) = message.location() {
        // A forwarded place is not where the person stands.
        return if forwarded || message.venue().is_some() {
            Content::Forwarded
        } else {
            Content::Location {
                latitude: place.latitude,
                longitude: place.longitude,
                accuracy_m: place.horizontal_accuracy,
            }
        };
    }
    if forwarded && (message.photo().is_some() || message.document().is_some()) {
        // Its place and its caption are somebody else's, nobody can say whose.
        return Content::Forwarded;
    }
    let album = message.media_group_id().map(|album| album.0.clone());
    let caption = message.caption().unwrap_or_default().to_owned();
    if let Some(photo) = message.photo().and_then(|sizes| {
        sizes
            .iter()
            .max_by_key(|size| u64::from(size.width) * u64::from(size.height))
    }) {
        return Content::File {
            file: photo.file.id.0.clone(),
            size: u64::from(photo.file.size),
            name: String::new(),
            album,
            caption,
        };
    }
    if let Some(document) = message.document().filter(|document| {
        document
            .mime_type
            .as_ref()
            .is_some_and(|kind| kind.type_() == "image" && kind.subtype() != "svg")
    }) {
        return Content::File {
            file: document.file.id.0.clone(),
            size: u64::from(document.file.size),
            name: document.file_name.clone().unwrap_or_default(),
            album,
            caption,
        };
    }
    Content::Other
}

fn callback_body(query: &CallbackQuery) -> UpdateBody {
    let by = account(&query.from);
    let (chat, message, group) = match &query.message {
        Some(message) => (
            message.chat().id.0,
            Some(message.id().0),
            !message.chat().is_private(),
        ),
        None => (by.number, None, false),
    };
    UpdateBody::Callback {
        query: query.id.0.clone(),
        data: query.data.clone().unwrap_or_default(),
        chat,
        message,
        group,
        by,
    }
}

/// Private message of a kind the types do not parse: its person is told that it cannot be taken.
fn bare_message(message: &Value) -> Option<UpdateBody> {
    let from = message
        .get("from")
        .filter(|from| from.get("is_bot") != Some(&Value::Bool(true)))?;
    let by = Account {
        number: from.get("id")?.as_i64()?,
        language: from
            .get("language_code")
            .and_then(Value::as_str)
            .map(str::to_owned),
    };
    let private = message.pointer("/chat/type").and_then(Value::as_str) == Some("private");
    private.then_some(UpdateBody::Private {
        by,
        content: Content::Other,
    })
}

/// Callback query whose message is too old to come with it, which the types do not parse.
fn bare_press(query: &Value) -> Option<UpdateBody> {
    let from = query.get("from")?;
    let by = Account {
        number: from.get("id")?.as_i64()?,
        language: from
            .get("language_code")
            .and_then(Value::as_str)
            .map(str::to_owned),
    };
    let message = query.get("message");
    let at = |path: &str| {
        message
            .and_then(|message| message.pointer(path))
            .and_then(Value::as_i64)
    };
    let chat = at("/chat/id").unwrap_or(by.number);
    Some(UpdateBody::Callback {
        query: query.get("id")?.as_str()?.to_owned(),
        data: query
            .get("data")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        message: at("/message_id").and_then(|number| i32::try_from(number).ok()),
        group: chat != by.number,
        chat,
        by,
    })
}

#[cfg(test)]
mod tests;
