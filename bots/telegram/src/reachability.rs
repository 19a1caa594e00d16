//! Reachability of chats: which can be written to, as far as this process knows.
//!
//! A message from a chat makes it reachable. Courier is told so the first time in each turn of this process as the
//! one that receives: an earlier report may have been lost with another process, or on its way. An unreachable chat
//! is left alone and retried after a while, for it may be reachable without anybody having said so.
//! All of it may be forgotten; it does not know what waits for anybody, nor how courier is told.

use std::num::NonZeroUsize;
use std::time::Duration;

use lru::LruCache;
use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

/// Reason of a chat that is unreachable because its person told the platform so.
pub(crate) const BLOCKED: &str = "the person blocked the bot";
/// Backoff of an unreachable chat: after that it is written to again.
const RETRIED_AFTER: Duration = Duration::from_secs(60 * 60);
/// Bound on the chats of which something is remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(20_000).expect("it is not zero");

/// State of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ChatState {
    /// Unknown: nobody was heard from in this turn.
    Unknown,
    /// Reachable, and courier was told so.
    Reachable,
    /// Unreachable: since when, and the platform's reason.
    Unreachable(Instant, String),
}

/// Reachability of all chats; the least recently used are forgotten first.
#[derive(Debug)]
pub(crate) struct Reachability(Mutex<LruCache<i64, ChatState>>);

impl Default for Reachability {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }
}

impl Reachability {
    /// Sets the state of a chat; the state before comes back.
    pub(crate) fn set(&self, chat: i64, state: ChatState) -> ChatState {
        let before = self.chats().put(chat, state);
        before.unwrap_or(ChatState::Unknown)
    }

    /// Sets a chat as unreachable from now on.
    pub(crate) fn set_unreachable(&self, chat: i64, reason: &str) {
        self.set(
            chat,
            ChatState::Unreachable(Instant::now(), reason.to_owned()),
        );
    }

    /// Reason for which a chat is left alone now, if it is.
    pub(crate) fn why_unreachable(&self, chat: i64) -> Option<String> {
        match self.of(chat) {
            ChatState::Unreachable(since, reason) if since.elapsed() < RETRIED_AFTER => {
                Some(reason)
            }
            _ => None,
        }
    }

    /// True where a chat was found unreachable so recently that a word from there says nothing.
    pub(crate) fn was_unreachable_within(&self, chat: i64, period: Duration) -> bool {
        matches!(self.of(chat), ChatState::Unreachable(since, _) if since.elapsed() < period)
    }

    pub(crate) fn is_reachable(&self, chat: i64) -> bool {
        self.of(chat) == ChatState::Reachable
    }

    /// Forgets all: another process may have heard otherwise since.
    pub(crate) fn forget(&self) {
        self.chats().clear();
    }

    /// Forgets that a chat is reachable, so that the next word there is reported: courier was not told, or may have
    /// heard otherwise since.
    pub(crate) fn forget_reachable(&self, chat: i64) {
        let mut chats = self.chats();
        if let Some(state) = chats
            .get_mut(&chat)
            .filter(|state| **state == ChatState::Reachable)
        {
            *state = ChatState::Unknown;
        }
    }

    fn of(&self, chat: i64) -> ChatState {
        self.chats()
            .get(&chat)
            .cloned()
            .unwrap_or(ChatState::Unknown)
    }

    fn chats(&self) -> MutexGuard<'_, LruCache<i64, ChatState>> {
        self.0.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_chat_that_was_reachable_the_next_word_is_no_news() {
        let chats = Reachability::default();
        assert_eq!(
            (
                chats.set(17, ChatState::Reachable),
                chats.set(17, ChatState::Reachable)
            ),
            (ChatState::Unknown, ChatState::Reachable)
        );
        chats.forget_reachable(17);
        assert_eq!(
            chats.set(17, ChatState::Reachable),
            ChatState::Unknown,
            "courier was not told after all"
        );
        chats.forget();
        assert_eq!(
            chats.set(17, ChatState::Reachable),
            ChatState::Unknown,
            "another process may have told it otherwise"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_chat_that_is_unreachable_is_left_alone_for_an_hour_and_then_tried_again() {
        let chats = Reachability::default();
        chats.set_unreachable(-1_001, "bot was kicked");
        chats.forget_reachable(-1_001);
        assert_eq!(
            chats.why_unreachable(-1_001).as_deref(),
            Some("bot was kicked")
        );
        tokio::time::advance(RETRIED_AFTER).await;
        assert_eq!(chats.why_unreachable(-1_001), None);
        assert!(
            matches!(
                chats.set(-1_001, ChatState::Reachable),
                ChatState::Unreachable(..)
            ),
            "and a word from there is news all the same"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_said_in_a_group_the_bot_is_muted_in_does_not_make_it_reachable_each_time() {
        let (chats, period) = (Reachability::default(), Duration::from_secs(60));
        assert!(
            !chats.was_unreachable_within(-1_001, period),
            "of which nothing is known, it may be reachable"
        );
        chats.set_unreachable(
            -1_001,
            "not enough rights to send text messages to the chat",
        );
        assert!(chats.was_unreachable_within(-1_001, period));
        tokio::time::advance(period).await;
        assert!(
            !chats.was_unreachable_within(-1_001, period),
            "it is tried once in that while"
        );
        chats.set(-1_001, ChatState::Reachable);
        assert!(!chats.was_unreachable_within(-1_001, period));
    }

    #[tokio::test(start_paused = true)]
    async fn the_chats_that_are_remembered_are_bounded() {
        let chats = Reachability::default();
        for chat in 0..(REMEMBERED.get() as i64 + 50) {
            chats.set_unreachable(chat, "blocked");
            chats.set(chat, ChatState::Reachable);
            chats.set_unreachable(chat, "blocked again");
        }
        let known = chats.chats();
        assert_eq!(known.len(), REMEMBERED.get());
        assert!(
            known.contains(&(REMEMBERED.get() as i64 + 49)) && !known.contains(&0),
            "those noted first are forgotten first"
        );
    }
}
