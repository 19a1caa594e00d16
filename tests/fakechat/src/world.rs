//! Everything the server knows: people, groups, messages, updates that wait, and what the bot said.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use serde_json::{Value, json};

use crate::faults::Rule;
use crate::file::Files;
use crate::limits::{Limits, Sent};

/// A person's account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) language: String,
    /// Wrote to the bot at least once; before that no bot may write.
    pub(crate) started: bool,
    pub(crate) blocked: bool,
}

/// A group.
#[derive(Clone, Debug)]
pub(crate) struct GroupChat {
    pub(crate) title: String,
    pub(crate) moved_to: Option<i64>,
    /// The bot is in it no more.
    pub(crate) removed: bool,
}

/// A message in a chat.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: i32,
    pub(crate) chat: i64,
    pub(crate) by_bot: bool,
    pub(crate) text: String,
    /// As it was sent, for telling an edit that changes nothing.
    pub(crate) raw: String,
    pub(crate) buttons: Vec<Vec<(String, String)>>,
    /// Bytes of a picture the bot sent.
    pub(crate) picture: Option<Vec<u8>>,
}

/// What the bot did to a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaidWhat {
    /// A new message.
    Message,
    /// A message with other words or buttons in its place.
    Edit,
    /// The answer to a press; empty when it says nothing.
    Toast,
    /// A picture.
    Picture,
}

/// One thing the bot said, as it was then.
#[derive(Clone, Debug)]
pub struct Said {
    /// In which chat; for the answer to a press, whose press.
    pub chat: i64,
    /// How.
    pub what: SaidWhat,
    /// The message it is, or replaced.
    pub message: i32,
    /// The words.
    pub text: String,
    /// The labels of the buttons.
    pub buttons: Vec<String>,
    /// Without a sound.
    pub silent: bool,
    /// When.
    pub at: Instant,
    /// A test looked for it.
    pub(crate) expected: bool,
}

/// A press that waits for its answer.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) person: i64,
    pub(crate) made: Instant,
    pub(crate) answered: Option<(String, Instant)>,
}

/// A call the bot made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method, as it was named.
    pub method: String,
    /// The chat it was about, if any.
    pub chat: Option<i64>,
    /// 200, or the number of the error.
    pub code: u16,
}

/// Everything.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) token: String,
    pub(crate) bot: i64,
    pub(crate) bot_name: String,
    pub(crate) people: BTreeMap<i64, Account>,
    pub(crate) groups: BTreeMap<i64, GroupChat>,
    pub(crate) messages: BTreeMap<(i64, i32), Message>,
    /// The message in sight in each chat, the last one pinned.
    pub(crate) pinned: BTreeMap<i64, i32>,
    pub(crate) last_message: i32,
    pub(crate) last_update: u32,
    pub(crate) updates: VecDeque<(u32, Value)>,
    /// Delivered once more with the next answer, although they were confirmed.
    pub(crate) again: Vec<(u32, Value)>,
    pub(crate) doubles: bool,
    pub(crate) reorders: bool,
    /// Counts askers for updates; only the last one is answered.
    pub(crate) poll: u64,
    pub(crate) queries: BTreeMap<String, Query>,
    pub(crate) files: Files,
    pub(crate) commands: BTreeMap<(String, String), Vec<(String, String)>>,
    pub(crate) said: Vec<Said>,
    /// Chats whose messages nobody looks at.
    pub(crate) unseen: BTreeSet<i64>,
    pub(crate) calls: Vec<Call>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) hit: u64,
    pub(crate) limits: Option<Limits>,
    pub(crate) sent: Sent,
    /// What no bot should do, whatever the answer was.
    pub(crate) wrong: Vec<String>,
}

/// Now, as the platform writes it. Any instant does, as long as it is one.
const DATE: i64 = 1_800_000_000;

impl World {
    /// The chat as it stands in messages.
    pub(crate) fn chat_json(&self, chat: i64) -> Value {
        match (self.people.get(&chat), self.groups.get(&chat)) {
            (Some(person), _) => json!({"id": chat, "type": "private", "first_name": person.name}),
            (None, Some(group)) => json!({"id": chat, "type": "supergroup", "title": group.title}),
            _ => json!({"id": chat, "type": "private", "first_name": "?"}),
        }
    }

    /// A person as they stand in updates.
    pub(crate) fn user_json(&self, person: i64) -> Value {
        let account = self.people.get(&person);
        json!({"id": person, "is_bot": false, "first_name": account.map_or("?", |one| one.name.as_str()), "language_code": account.map_or("zh", |one| one.language.as_str())})
    }

    /// The bot as it stands in messages.
    pub(crate) fn bot_json(&self) -> Value {
        json!({"id": self.bot, "is_bot": true, "first_name": "Picket", "username": self.bot_name})
    }

    /// A message as the platform shows it to the bot.
    pub(crate) fn message_json(&self, message: &Message) -> Value {
        let mut shown = json!({"message_id": message.id, "date": DATE, "chat": self.chat_json(message.chat), "text": message.text});
        if message.by_bot {
            shown["from"] = self.bot_json();
        }
        if !message.buttons.is_empty() {
            let rows: Vec<Vec<Value>> = message
                .buttons
                .iter()
                .map(|row| {
                    row.iter()
                        .map(|(text, data)| json!({"text": text, "callback_data": data}))
                        .collect()
                })
                .collect();
            shown["reply_markup"] = json!({"inline_keyboard": rows});
        }
        shown
    }

    /// The number of a new message.
    pub(crate) fn message_number(&mut self) -> i32 {
        self.last_message += 1;
        self.last_message
    }

    /// Puts an update before the bot.
    pub(crate) fn update(&mut self, kind: &str, what: Value) -> u32 {
        self.last_update += 1;
        let number = self.last_update;
        self.updates
            .push_back((number, json!({"update_id": number, kind: what})));
        number
    }

    /// Tells the bot that somebody changed what it is in a chat.
    pub(crate) fn membership(&mut self, chat: i64, by: i64, old: &str, new: &str) {
        let member = |status: &str| {
            let mut one = json!({"user": self.bot_json(), "status": status});
            if status == "kicked" {
                one["until_date"] = json!(0);
            }
            one
        };
        let change = json!({"chat": self.chat_json(chat), "from": self.user_json(by), "date": DATE, "old_chat_member": member(old), "new_chat_member": member(new)});
        self.update("my_chat_member", change);
    }

    /// Something a person wrote.
    pub(crate) fn wrote(&mut self, person: i64, chat: i64, rest: &Value) -> u32 {
        let id = self.message_number();
        let mut message = json!({"message_id": id, "date": DATE, "chat": self.chat_json(chat), "from": self.user_json(person)});
        if let (Some(into), Some(from)) = (message.as_object_mut(), rest.as_object()) {
            into.extend(from.clone());
        }
        if let Some(text) = rest.get("text").and_then(Value::as_str) {
            let text = text.to_owned();
            self.messages.insert(
                (chat, id),
                Message {
                    id,
                    chat,
                    by_bot: false,
                    raw: text.clone(),
                    text,
                    buttons: Vec::new(),
                    picture: None,
                },
            );
        }
        self.update("message", message)
    }

    /// Whether something said is what a press might have been answered with and nothing else: in a message of its own, or
    /// above a card that is as it was before.
    pub(crate) fn is_but_an_answer(&self, at: usize) -> bool {
        let said = &self.said[at];
        let Some((_, card)) = said.text.split_once("\n\n") else {
            return said.what == SaidWhat::Message && said.buttons.is_empty();
        };
        let before = self.said[..at]
            .iter()
            .rfind(|one| (one.chat, one.message) == (said.chat, said.message));
        said.what == SaidWhat::Edit
            && before.is_some_and(|one| {
                one.buttons == said.buttons
                    && (one.text == card || one.text.ends_with(&format!("\n\n{card}")))
            })
    }

    /// Notes what the bot did to a chat.
    pub(crate) fn note(
        &mut self,
        chat: i64,
        what: SaidWhat,
        message: i32,
        text: &str,
        buttons: &[Vec<(String, String)>],
        silent: bool,
    ) {
        let buttons = buttons
            .iter()
            .flatten()
            .map(|(label, _)| label.clone())
            .collect();
        self.said.push(Said {
            chat,
            what,
            message,
            text: text.to_owned(),
            buttons,
            silent,
            at: Instant::now(),
            expected: false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_answer_is_told_from_the_card_it_stands_above() {
        let mut world = World::default();
        let button = |label: &str| vec![vec![(label.to_owned(), "data".to_owned())]];
        world.note(
            17,
            SaidWhat::Message,
            1,
            "the sheet",
            &button("take"),
            false,
        );
        world.note(17, SaidWhat::Message, 2, "taken", &[], false);
        assert!(world.is_but_an_answer(1), "a message of its own");
        world.note(
            17,
            SaidWhat::Edit,
            1,
            "too late\n\nthe sheet",
            &button("take"),
            true,
        );
        assert!(
            world.is_but_an_answer(2),
            "the card below is the one that stood there"
        );
        world.note(
            17,
            SaidWhat::Edit,
            1,
            "still too late\n\nthe sheet",
            &button("take"),
            true,
        );
        assert!(world.is_but_an_answer(3), "and stands there yet");
        for (text, label) in [
            ("taken\n\nthe sheet of another", "take"),
            ("taken\n\nthe sheet", "fill in"),
        ] {
            world.note(17, SaidWhat::Edit, 1, text, &button(label), true);
            assert!(
                !world.is_but_an_answer(world.said.len() - 1),
                "{text}: a card one has not seen"
            );
        }
        world.note(
            17,
            SaidWhat::Message,
            3,
            "taken\n\nthe sheet",
            &button("take"),
            false,
        );
        assert!(!world.is_but_an_answer(world.said.len() - 1), "a new card");
    }
}
