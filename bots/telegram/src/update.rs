//! An update, reduced to what Picket acts upon.
//!
//! Updates are read one by one: one that cannot be read costs nothing but itself, and its number is known all
//! the same. Anything not listed here is none of Picket's business. It does not know who somebody is.

use serde_json::Value;
use teloxide::types::{
    CallbackQuery, ChatKind, ChatMemberKind, Message, MessageKind, Update, UpdateKind,
};

/// The number of a chat.
pub(crate) type ChatNumber = i64;

/// An update with its number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Came {
    pub(crate) number: u32,
    pub(crate) what: What,
}

/// What came.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// Somebody wrote in the private chat.
    Said { by: Account, said: Said },
    /// Somebody wrote in a group.
    InGroup {
        by: Account,
        chat: ChatNumber,
        text: String,
    },
    /// Somebody pressed a button.
    Pressed {
        by: Account,
        query: String,
        data: String,
        chat: ChatNumber,
        message: Option<i32>,
        group: bool,
    },
    /// Somebody blocked the bot, or took that back.
    Blocked { by: Account, blocked: bool },
    /// A group has another number.
    Moved { from: ChatNumber, to: ChatNumber },
    /// Nothing to act upon, and why.
    Nothing(&'static str),
}

/// Who it came from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Account {
    pub(crate) number: i64,
    /// What the person's own program speaks.
    pub(crate) language: Option<String>,
}

/// What somebody said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    /// Words.
    Text(String),
    /// Words of somebody else, passed on.
    Forwarded,
    /// A file, with the number of the album it came in.
    File {
        file: String,
        size: u64,
        name: String,
        album: Option<String>,
        caption: String,
    },
    /// A place.
    Location {
        latitude: f64,
        longitude: f64,
        accuracy_m: Option<f64>,
    },
    /// Something Picket cannot take.
    Other,
}

/// The number of an update, if it has one.
pub(crate) fn number(raw: &Value) -> Option<u32> {
    raw.get("update_id")
        .and_then(Value::as_u64)
        .and_then(|number| u32::try_from(number).ok())
}

/// Reads an update.
pub(crate) fn read(number: u32, raw: &Value) -> Came {
    let (press, message) = (raw.get("callback_query"), raw.get("message"));
    // The types borrow the names of fields from a text, so a text it must be.
    let what = match serde_json::from_str::<Update>(&raw.to_string()).map(|update| update.kind) {
        Ok(UpdateKind::Message(message)) => match message.migrate_to_chat_id() {
            Some(to) => What::Moved {
                from: message.chat.id.0,
                to: to.0,
            },
            None => said(&message),
        },
        Ok(UpdateKind::CallbackQuery(query)) => pressed(&query),
        Ok(UpdateKind::MyChatMember(change)) => {
            // In a group it is the group that can be written to, or not.
            let by = if change.chat.is_private() {
                account(&change.from)
            } else {
                Account {
                    number: change.chat.id.0,
                    language: None,
                }
            };
            What::Blocked {
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
            .unwrap_or(What::Nothing("it cannot be read")),
        Ok(_) => What::Nothing("of a kind Picket does not use"),
    };
    Came { number, what }
}

fn account(user: &teloxide::types::User) -> Account {
    Account {
        number: i64::try_from(user.id.0).unwrap_or_default(),
        language: user.language_code.clone(),
    }
}

fn said(message: &Message) -> What {
    let Some(from) = message.from.as_ref().filter(|from| !from.is_bot) else {
        return What::Nothing("from nobody");
    };
    let by = account(from);
    // What the types do not know yet comes out empty. That somebody left, also this bot, is nobody's word.
    if !matches!(
        message.kind,
        MessageKind::Common(_) | MessageKind::Empty { .. }
    ) {
        return What::Nothing("a message about the chat itself");
    }
    match message.chat.kind {
        ChatKind::Private(_) => What::Said {
            by,
            said: what_was_said(message),
        },
        _ if message.chat.is_channel() => What::Nothing("in a channel"),
        _ => What::InGroup {
            by,
            chat: message.chat.id.0,
            text: message.text().unwrap_or_default().to_owned(),
        },
    }
}

fn what_was_said(message: &Message) -> Said {
    let forwarded = message.forward_origin().is_some();
    if let Some(text) = message.text() {
        return if forwarded {
            Said::Forwarded
        } else {
            Said::Text(text.to_owned())
        };
    }
    if let Some(place) = message.location() {
        // A place that was passed on is not where the person stands.
        return if forwarded || message.venue().is_some() {
            Said::Forwarded
        } else {
            Said::Location {
                latitude: place.latitude,
                longitude: place.longitude,
                accuracy_m: place.horizontal_accuracy,
            }
        };
    }
    if forwarded && (message.photo().is_some() || message.document().is_some()) {
        // Nobody can say where it was taken, or whose words stand below it.
        return Said::Forwarded;
    }
    let album = message.media_group_id().map(|album| album.0.clone());
    let caption = message.caption().unwrap_or_default().to_owned();
    if let Some(photo) = message.photo().and_then(|sizes| {
        sizes
            .iter()
            .max_by_key(|size| u64::from(size.width) * u64::from(size.height))
    }) {
        return Said::File {
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
        return Said::File {
            file: document.file.id.0.clone(),
            size: u64::from(document.file.size),
            name: document.file_name.clone().unwrap_or_default(),
            album,
            caption,
        };
    }
    Said::Other
}

fn pressed(query: &CallbackQuery) -> What {
    let by = account(&query.from);
    let (chat, message, group) = match &query.message {
        Some(message) => (
            message.chat().id.0,
            Some(message.id().0),
            !message.chat().is_private(),
        ),
        None => (by.number, None, false),
    };
    What::Pressed {
        query: query.id.0.clone(),
        data: query.data.clone().unwrap_or_default(),
        chat,
        message,
        group,
        by,
    }
}

/// A private message of a kind the types do not read: its person is told that it cannot be taken.
fn bare_message(message: &Value) -> Option<What> {
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
    private.then_some(What::Said {
        by,
        said: Said::Other,
    })
}

/// A press on a message too old to be shown with it, which the types do not read.
fn bare_press(query: &Value) -> Option<What> {
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
    Some(What::Pressed {
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
mod tests {
    use serde_json::json;

    use super::*;

    fn private(rest: Value) -> Value {
        let mut message = json!({"message_id": 5, "date": 1_800_000_000, "from": {"id": 17, "is_bot": false, "first_name": "s", "language_code": "zh"}, "chat": {"id": 17, "type": "private", "first_name": "s"}});
        message
            .as_object_mut()
            .expect("an object")
            .extend(rest.as_object().expect("an object").clone());
        json!({"update_id": 9, "message": message})
    }

    fn what(raw: Value) -> What {
        read(number(&raw).expect("a number"), &raw).what
    }

    #[test]
    fn words_photos_and_places_are_told_apart() {
        assert!(
            matches!(what(private(json!({"text": "hello"}))), What::Said { said: Said::Text(text), .. } if text == "hello")
        );
        let photo = json!({"photo": [{"file_id": "s", "file_unique_id": "s", "width": 90, "height": 60, "file_size": 10}, {"file_id": "l", "file_unique_id": "l", "width": 900, "height": 600, "file_size": 100}], "caption": "door", "media_group_id": "a"});
        assert!(
            matches!(what(private(photo)), What::Said { said: Said::File { file, album: Some(_), caption, .. }, .. } if file == "l" && caption == "door")
        );
        let place = what(private(
            json!({"location": {"latitude": 30.9, "longitude": 113.9, "horizontal_accuracy": 12.0}}),
        ));
        assert!(matches!(
            place,
            What::Said {
                said: Said::Location {
                    accuracy_m: Some(12.0),
                    ..
                },
                ..
            }
        ));
        assert!(matches!(
            what(private(
                json!({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3, "file_size": 10}})
            )),
            What::Said {
                said: Said::Other,
                ..
            }
        ));
    }

    #[test]
    fn what_was_passed_on_is_neither_an_instruction_nor_a_place_one_stands_at() {
        let origin = json!({"type": "hidden_user", "date": 1_700_000_000, "sender_user_name": "x"});
        assert!(matches!(
            what(private(
                json!({"text": "/accept T-1", "forward_origin": origin})
            )),
            What::Said {
                said: Said::Forwarded,
                ..
            }
        ));
        assert!(matches!(
            what(private(
                json!({"location": {"latitude": 1.0, "longitude": 1.0}, "forward_origin": origin})
            )),
            What::Said {
                said: Said::Forwarded,
                ..
            }
        ));
        let photo = json!([{"file_id": "l", "file_unique_id": "l", "width": 900, "height": 600, "file_size": 100}]);
        assert!(matches!(
            what(private(
                json!({"photo": photo, "caption": "/accept T-1", "forward_origin": origin})
            )),
            What::Said {
                said: Said::Forwarded,
                ..
            }
        ));
        let file = json!({"file_id": "d", "file_unique_id": "d", "file_name": "door.jpg", "mime_type": "image/jpeg", "file_size": 100});
        assert!(matches!(
            what(private(json!({"document": file, "forward_origin": origin}))),
            What::Said {
                said: Said::Forwarded,
                ..
            }
        ));
    }

    #[test]
    fn an_update_that_cannot_be_read_keeps_its_number() {
        for raw in [
            json!({"update_id": 9, "something_new": {"x": 1}}),
            json!({"update_id": 9, "message": {"nonsense": true}}),
            json!({"update_id": 9}),
        ] {
            assert!(matches!(what(raw), What::Nothing(_)));
        }
        assert_eq!(number(&json!({"update_id": "x"})), None);
    }

    #[test]
    fn a_press_on_a_card_too_old_to_be_shown_is_read_all_the_same() {
        let raw = json!({"update_id": 9, "callback_query": {"id": "q", "from": {"id": 17, "is_bot": false, "first_name": "s"}, "chat_instance": "1", "data": "1:inbox::", "message": {"message_id": 5, "date": 0, "chat": {"id": 17, "type": "private"}}}});
        assert!(
            matches!(what(raw), What::Pressed { message: Some(5), chat: 17, group: false, data, .. } if data == "1:inbox::")
        );
    }

    #[test]
    fn a_group_is_no_private_chat() {
        let raw = json!({"update_id": 9, "message": {"message_id": 5, "date": 1_800_000_000, "text": "/board", "from": {"id": 17, "is_bot": false, "first_name": "s"}, "chat": {"id": -100_500, "type": "supergroup", "title": "g"}}});
        assert!(matches!(what(raw), What::InGroup { chat: -100_500, .. }));
    }

    #[test]
    fn that_somebody_came_or_left_is_no_word_of_theirs() {
        let who = json!({"id": 17, "is_bot": false, "first_name": "s"});
        let bot = json!({"id": 7, "is_bot": true, "first_name": "b", "username": "b_bot"});
        let (left, came) = (
            json!({"left_chat_member": who}),
            json!({"new_chat_members": [who]}),
        );
        for rest in [
            json!({"left_chat_member": bot}),
            left,
            came,
            json!({"new_chat_title": "h"}),
        ] {
            let chat = json!({"id": -100_500, "type": "supergroup", "title": "g"});
            let mut message =
                json!({"message_id": 5, "date": 1_800_000_000, "from": who, "chat": chat});
            message
                .as_object_mut()
                .expect("an object")
                .extend(rest.as_object().expect("an object").clone());
            assert_eq!(
                what(json!({"update_id": 9, "message": message})),
                What::Nothing("a message about the chat itself"),
                "{rest}"
            );
        }
    }
}
