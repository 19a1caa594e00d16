//! People who follow a script: what they do in the chat, and what they see of it.

use std::time::Instant;

use serde_json::{Value, json};

use crate::chat::FakeChat;
use crate::group::Group;
use crate::world::{Query, Said, SaidWhat};

/// Somebody with a phone.
#[derive(Clone, Debug)]
pub struct Person {
    chat: FakeChat,
    number: i64,
}

/// What a person sees in the private chat now: after all edits.
#[derive(Clone, Debug)]
pub struct Screen {
    /// The bot's messages, oldest first.
    pub messages: Vec<Shown>,
}

/// One message on a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its number.
    pub message: i32,
    /// Its words.
    pub text: String,
    /// The labels of its buttons, row by row.
    pub buttons: Vec<Vec<String>>,
    /// The bytes of a picture.
    pub picture: Option<Vec<u8>>,
}

impl Screen {
    /// The last message.
    pub fn last(&self) -> &Shown {
        self.messages.last().expect("the bot said something")
    }

    /// How many messages hold these words.
    pub fn count(&self, words: &str) -> usize {
        self.messages
            .iter()
            .filter(|message| message.text.contains(words))
            .count()
    }
}

/// A press that was made.
#[derive(Debug)]
pub struct Press {
    chat: FakeChat,
    query: String,
}

impl Press {
    /// Waits for what the platform shows as its answer; the test looked at it then.
    pub async fn answer(&self) -> String {
        let (person, text) = self
            .chat
            .until("a press is answered", |world| {
                let query = world.queries.get(&self.query)?;
                query
                    .answered
                    .as_ref()
                    .map(|(text, _)| (query.person, text.clone()))
            })
            .await;
        self.chat.with_quietly(|world| {
            if let Some(said) = world.said.iter_mut().find(|said| {
                !said.expected
                    && said.what == SaidWhat::Toast
                    && said.chat == person
                    && said.text == text
            }) {
                said.expected = true;
            }
        });
        text
    }
}

impl Press {
    /// Waits until the person hears these words: as the answer to the press or, where they took longer, in the chat.
    /// A card they stand above is still to be looked at.
    pub async fn says(&self, words: &str) {
        let answer = self.answer().await;
        if !answer.is_empty() {
            return assert!(
                answer.contains(words),
                "`{words}` is not what was answered: {answer}"
            );
        }
        let person = self.chat.with_quietly(|world| {
            world
                .queries
                .get(&self.query)
                .map_or(0, |query| query.person)
        });
        self.chat
            .until(&format!("{person} hears `{words}`"), |world| {
                let late = world.said.iter().position(|said| {
                    !said.expected
                        && said.what != SaidWhat::Toast
                        && said.chat == person
                        && said.text.contains(words)
                })?;
                world.said[late].expected = world.is_but_an_answer(late);
                Some(())
            })
            .await;
    }
}

impl Person {
    pub(crate) fn new(chat: FakeChat, number: i64) -> Self {
        Self { chat, number }
    }

    /// The number of the account.
    pub fn number(&self) -> i64 {
        self.number
    }

    /// Wrote to the bot long ago: it may write to them.
    pub fn wrote_before(&self) {
        self.chat.with(|world| {
            if let Some(account) = world.people.get_mut(&self.number) {
                account.started = true;
            }
        });
    }

    /// Writes in the private chat, and returns the number of the update.
    pub fn says(&self, text: &str) -> u32 {
        self.writes(json!({"text": text}))
    }

    /// Writes in a group.
    pub fn says_in(&self, group: &Group, text: &str) -> u32 {
        self.chat
            .with(|world| world.wrote(self.number, group.number(), &json!({"text": text})))
    }

    /// Opens `https://t.me/<bot>?start=TOKEN`.
    pub fn opens(&self, link: &str) -> u32 {
        let token = link.split_once("?start=").map_or("", |(_, token)| token);
        assert!(
            !token.is_empty()
                && token.len() <= 64
                && token
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')),
            "the platform opens no such link: {link}"
        );
        self.says(&format!("/start {token}"))
    }

    /// Opens `https://t.me/<bot>?startgroup=TOKEN` and chooses a group.
    pub fn opens_in(&self, group: &Group, link: &str) -> u32 {
        let (_, token) = link.split_once("?startgroup=").expect("a link for groups");
        let bot = self.chat.with_quietly(|world| world.bot_name.clone());
        self.says_in(group, &format!("/start@{bot} {token}"))
    }

    /// Sends a photo.
    pub fn sends_photo(&self, bytes: Vec<u8>) -> u32 {
        self.sends_photo_with(bytes, "")
    }

    /// Sends a photo with words below it.
    pub fn sends_photo_with(&self, bytes: Vec<u8>, caption: &str) -> u32 {
        let size = bytes.len() as u64;
        let photo = self.photo(bytes, size);
        self.writes(if caption.is_empty() {
            json!({"photo": photo})
        } else {
            json!({"photo": photo, "caption": caption})
        })
    }

    /// Sends several photos at once.
    pub fn sends_album(&self, photos: Vec<Vec<u8>>) {
        let album = format!(
            "album-{}",
            self.chat.with_quietly(|world| world.last_update)
        );
        for bytes in photos {
            let size = bytes.len() as u64;
            let photo = self.photo(bytes, size);
            self.writes(json!({"photo": photo, "media_group_id": album}));
        }
    }

    /// Sends a picture as a file, of the size the platform announces.
    pub fn sends_document(&self, bytes: Vec<u8>, name: &str, mime: &str, announced: u64) -> u32 {
        let id = self.chat.with(|world| world.files.keep(bytes, announced));
        self.writes(json!({"document": {"file_id": id, "file_unique_id": id, "file_name": name, "mime_type": mime, "file_size": announced}}))
    }

    /// Sends where they stand.
    pub fn sends_location(&self, latitude: f64, longitude: f64, accuracy_m: f64) -> u32 {
        self.writes(json!({"location": {"latitude": latitude, "longitude": longitude, "horizontal_accuracy": accuracy_m}}))
    }

    /// Passes on what somebody else wrote.
    pub fn forwards(&self, text: &str) -> u32 {
        self.writes(json!({"text": text, "forward_origin": {"type": "hidden_user", "date": 1_700_000_000, "sender_user_name": "somebody"}}))
    }

    /// Sends anything else.
    pub fn sends(&self, what: Value) -> u32 {
        self.writes(what)
    }

    /// Blocks the bot.
    pub fn blocks(&self) {
        self.membership(true);
    }

    /// Takes that back.
    pub fn unblocks(&self) {
        self.membership(false);
    }

    /// Blocks the bot without the bot hearing of it.
    pub fn blocks_silently(&self) {
        self.chat.with(|world| {
            if let Some(account) = world.people.get_mut(&self.number) {
                account.blocked = true;
            }
        });
    }

    /// Takes that back while another one receives: the bot at hand does not hear of it.
    pub fn unblocks_silently(&self) {
        self.chat.with(|world| {
            if let Some(account) = world.people.get_mut(&self.number) {
                account.blocked = false;
            }
        });
    }

    /// Passes on a photo of somebody else's, with the words below it.
    pub fn forwards_photo(&self, bytes: Vec<u8>, caption: &str) -> u32 {
        let size = bytes.len() as u64;
        let photo = self.photo(bytes, size);
        self.writes(json!({"photo": photo, "caption": caption, "forward_origin": {"type": "hidden_user", "date": 1_700_000_000, "sender_user_name": "somebody"}}))
    }

    /// Presses the newest button in the private chat whose label holds these words, once there is one.
    pub async fn presses(&self, label: &str) -> Press {
        self.presses_in_chat(self.number, label).await
    }

    /// Presses a button in a group.
    pub async fn presses_in(&self, group: &Group, label: &str) -> Press {
        self.presses_in_chat(group.number(), label).await
    }

    async fn presses_in_chat(&self, chat: i64, label: &str) -> Press {
        let (message, data) = self
            .chat
            .until(&format!("{} can press `{label}`", self.number), |world| {
                let mine = world.messages.range((chat, 0)..=(chat, i32::MAX)).rev();
                mine.filter(|(_, message)| message.by_bot)
                    .find_map(|((_, id), message)| {
                        let button = message
                            .buttons
                            .iter()
                            .flatten()
                            .find(|(text, _)| text.contains(label))?;
                        Some((*id, button.1.clone()))
                    })
            })
            .await;
        self.presses_data(chat, message, &data)
    }

    /// Presses with any data at all, as a changed program might.
    pub fn presses_data(&self, chat: i64, message: i32, data: &str) -> Press {
        let query = self.chat.with(|world| {
            let id = format!("query-{}", world.queries.len() + 1);
            world.queries.insert(id.clone(), Query { person: self.number, made: Instant::now(), answered: None });
            let shown = match world.messages.get(&(chat, message)) {
                Some(known) => world.message_json(known),
                // Too old to be shown to the bot.
                None => json!({"message_id": message, "date": 0, "chat": world.chat_json(chat)}),
            };
            let press = json!({"id": id, "from": world.user_json(self.number), "message": shown, "chat_instance": "1", "data": data});
            world.update("callback_query", press);
            id
        });
        Press {
            chat: self.chat.clone(),
            query,
        }
    }

    /// What the person sees now.
    pub fn sees(&self) -> Screen {
        self.chat.screen(self.number)
    }

    /// Waits until some message on the screen holds these words, whoever looked for it before.
    pub async fn sees_now(&self, words: &str) -> Shown {
        self.chat
            .until(&format!("{} sees `{words}`", self.number), |world| {
                let mine = world
                    .messages
                    .range((self.number, 0)..=(self.number, i32::MAX))
                    .rev();
                mine.filter(|(_, message)| message.by_bot && message.text.contains(words))
                    .map(|((_, id), message)| (*id, message.clone()))
                    .next()
                    .map(|(message, found)| Shown {
                        message,
                        text: found.text,
                        buttons: found
                            .buttons
                            .iter()
                            .map(|row| row.iter().map(|(label, _)| label.clone()).collect())
                            .collect(),
                        picture: found.picture,
                    })
            })
            .await
    }

    /// Waits for a new message or a changed one that holds these words.
    pub async fn gets(&self, words: &str) -> Said {
        self.chat
            .expect(self.number, words, &[SaidWhat::Message, SaidWhat::Edit])
            .await
    }

    /// Waits for a picture.
    pub async fn gets_picture(&self) -> Said {
        self.chat
            .expect(self.number, "", &[SaidWhat::Picture])
            .await
    }

    /// The buttons of a message a while ago: its number, and the data behind each label.
    pub fn buttons_of(&self, message: i32) -> Vec<(String, String)> {
        self.chat.with_quietly(|world| {
            world
                .messages
                .get(&(self.number, message))
                .map(|message| message.buttons.iter().flatten().cloned().collect())
                .unwrap_or_default()
        })
    }

    fn writes(&self, what: Value) -> u32 {
        self.chat.with(|world| {
            if let Some(account) = world.people.get_mut(&self.number) {
                account.started = true;
            }
            world.wrote(self.number, self.number, &what)
        })
    }

    fn photo(&self, bytes: Vec<u8>, size: u64) -> Value {
        let (small, large) = self.chat.with(|world| {
            (
                world.files.keep(b"a small one".to_vec(), 11),
                world.files.keep(bytes, size),
            )
        });
        json!([{"file_id": small, "file_unique_id": small, "width": 90, "height": 60, "file_size": 11}, {"file_id": large, "file_unique_id": large, "width": 1280, "height": 960, "file_size": size}])
    }

    fn membership(&self, blocks: bool) {
        self.chat.with(|world| {
            if let Some(account) = world.people.get_mut(&self.number) {
                account.blocked = blocks;
            }
            let (old, new) = if blocks {
                ("member", "kicked")
            } else {
                ("kicked", "member")
            };
            world.membership(self.number, self.number, old, new);
        });
    }
}
