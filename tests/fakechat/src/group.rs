//! Groups: what one sees, and what happens to it on the platform.
//!
//! It does not know who is in it: anybody may write there.

use serde_json::json;

use crate::chat::FakeChat;
use crate::person::{Person, Screen};
use crate::world::{Said, SaidWhat};

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    chat: FakeChat,
    number: i64,
}

impl Group {
    pub(crate) fn new(chat: FakeChat, number: i64) -> Self {
        Self { chat, number }
    }

    /// Its number.
    pub fn number(&self) -> i64 {
        self.number
    }

    /// It gets another number, as groups do when they grow.
    pub fn moves_to(&self, number: i64) -> Self {
        let title = self.chat.with(|world| {
            let group = world
                .groups
                .get_mut(&self.number)
                .expect("a group that was made");
            group.moved_to = Some(number);
            group.title.clone()
        });
        self.chat.group(&title, number)
    }

    /// Somebody removes the bot from it. The bot is told, and once it took note it gets what the group is told as well.
    pub async fn removes_bot(&self, by: &Person) {
        self.chat.with(|world| {
            world
                .groups
                .get_mut(&self.number)
                .expect("a group that was made")
                .removed = true;
            world.membership(self.number, by.number(), "member", "left");
        });
        self.chat.all_confirmed().await;
        self.chat.with(|world| {
            let left = json!({"left_chat_member": world.bot_json()});
            world.wrote(by.number(), self.number, &left);
        });
    }

    /// The bot is taken back without hearing of it.
    pub fn takes_bot_back_silently(&self) {
        self.chat.with(|world| {
            world
                .groups
                .get_mut(&self.number)
                .expect("a group that was made")
                .removed = false
        });
    }

    /// What the group sees now, after all edits: the bot's messages, oldest first.
    pub fn sees(&self) -> Screen {
        self.chat.screen(self.number)
    }

    /// The number of the pinned message.
    pub fn pinned(&self) -> Option<i32> {
        self.chat
            .with_quietly(|world| world.pinned.get(&self.number).copied())
    }

    /// The bot is told that the group has another number.
    pub fn tells_of_move(&self, to: i64) {
        self.chat.with(|world| {
            let id = world.message_number();
            let chat = world.chat_json(self.number);
            world.update("message", json!({"message_id": id, "date": 1_800_000_000, "chat": chat, "migrate_to_chat_id": to}));
        });
    }

    /// Waits for something new in the group that holds these words.
    pub async fn gets(&self, words: &str) -> Said {
        self.chat
            .expect(self.number, words, &[SaidWhat::Message, SaidWhat::Edit])
            .await
    }
}
