//! Who can be written to: what is known of it here, and telling courier, with whom notices wait for it.
//!
//! Whoever writes can be written to. Courier hears so the first time in each turn of this process as the one that
//! receives: what was known of that account may have been lost with another process, or on its way here. A chat that
//! is shut is spared, and tried again after a while, for it may be open without anybody having said so.
//! All that is remembered may be forgotten; it does not know what waits for anybody.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use picket_schemas::ask::After;
use picket_schemas::{CommandId, PersonId, Wish, courier};
use tokio::time::Instant;

use crate::bot::{Bot, CHANNEL, NotNow, is_away};
use crate::groups;
use crate::talk::Patience;

/// Why somebody cannot be written to who said so to the platform.
pub(crate) const BLOCKED: &str = "the person blocked the bot";
/// How long a chat that is shut is spared: after that the platform is asked again.
const SPARED: Duration = Duration::from_secs(60 * 60);
/// What a book answers that neither did a thing nor refused it for good, besides that it is away.
const UNTOLD: [&str; 6] = [
    "busy",
    "lost_race",
    "not_saved",
    "parked",
    "stopped",
    "unknown",
];
/// Of how many chats something is remembered.
const KNOWN: usize = 20_000;

/// What is known of the way to a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Nothing: nobody was heard from in this turn.
    Unknown,
    /// It is open, and courier was told so.
    Open,
    /// It is shut: since when, and what the platform says.
    Shut(Instant, String),
}

#[derive(Debug, Default)]
struct Known {
    ways: HashMap<i64, Way>,
    /// The chats that are in `ways`, those noted first in front.
    order: VecDeque<i64>,
}

/// The ways to all chats.
#[derive(Debug, Default)]
pub(crate) struct Ways(Mutex<Known>);

impl Ways {
    /// Notes what is known of a way from now on, and returns what was known before.
    pub(crate) fn put(&self, chat: i64, way: Way) -> Way {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.ways.insert(chat, way);
        if before.is_none() {
            known.order.push_back(chat);
        }
        while known.ways.len() > KNOWN
            && let Some(first) = known.order.pop_front()
        {
            known.ways.remove(&first);
        }
        before.unwrap_or(Way::Unknown)
    }

    /// Notes that a chat is shut.
    pub(crate) fn shut(&self, chat: i64, why: &str) {
        self.put(chat, Way::Shut(Instant::now(), why.to_owned()));
    }

    /// Why a chat is spared now, if it is.
    pub(crate) fn why_shut(&self, chat: i64) -> Option<String> {
        match self.of(chat) {
            Way::Shut(since, why) if since.elapsed() < SPARED => Some(why),
            _ => None,
        }
    }

    /// Whether a word from a chat says nothing, for it was found shut only just now.
    fn rests(&self, chat: i64, rests: Duration) -> bool {
        matches!(self.of(chat), Way::Shut(since, _) if since.elapsed() < rests)
    }

    /// Another process may have heard otherwise since.
    pub(crate) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Known::default();
    }

    /// Courier was not told, or may have heard otherwise since: the next word there tells it.
    fn unhear(&self, chat: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(way) = known.ways.get_mut(&chat).filter(|way| **way == Way::Open) {
            *way = Way::Unknown;
        }
    }

    fn of(&self, chat: i64) -> Way {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .ways
            .get(&chat)
            .cloned()
            .unwrap_or(Way::Unknown)
    }
}

/// Somebody was heard from: what waited for them goes out. Nothing waits until courier has heard it, unless the way
/// was known to be shut, or the one it leads to came anew.
pub(crate) async fn heard(
    bot: &Arc<Bot>,
    chat: i64,
    whose: &PersonId,
    anew: bool,
    cause: &str,
    patience: Patience,
) -> Result<(), NotNow> {
    // First here: what courier hands over the moment it hears of it must find the way open.
    match bot.ways.put(chat, Way::Open) {
        Way::Open if !anew => Ok(()),
        Way::Unknown if !anew => {
            soon(bot, chat, whose, cause);
            Ok(())
        }
        before => {
            if let Err(NotNow) = tell(bot, chat, whose, true, cause, patience).await {
                bot.ways.put(chat, before);
                return Err(NotNow);
            }
            told_from(bot, chat, &before);
            Ok(())
        }
    }
}

/// What was reported while the way was shut may reach courier behind what it was told now: the next word tells it once more.
fn told_from(bot: &Bot, chat: i64, before: &Way) {
    if matches!(before, Way::Shut(..)) {
        bot.ways.unhear(chat);
    }
}

/// Something was said or pressed in a chat that may be a group: it can be written to, unless that failed only just now.
pub(crate) fn heard_in_group(bot: &Arc<Bot>, chat: i64, cause: &str) {
    if bot.ways.rests(chat, bot.settings.rests) {
        return;
    }
    let before = bot.ways.put(chat, Way::Open);
    if before == Way::Open {
        return;
    }
    let (work, cause) = (bot.clone(), cause.to_owned());
    beside(bot, chat, async move {
        // Of a chat that is no group of Picket's there is nothing to tell.
        match groups::of(&work, chat, &After::new()).await {
            Ok(Some(group)) => tell(&work, chat, &group, true, &cause, Patience::Waits)
                .await
                .inspect(|()| told_from(&work, chat, &before)),
            Ok(None) => Ok(()),
            Err(NotNow) => Err(NotNow),
        }
    });
}

/// Tells courier that a chat is open, behind everything anybody waits for. Where that fails the next word there does.
pub(crate) fn soon(bot: &Arc<Bot>, chat: i64, whose: &PersonId, cause: &str) {
    let (work, whose, cause) = (bot.clone(), whose.clone(), cause.to_owned());
    beside(bot, chat, async move {
        tell(&work, chat, &whose, true, &cause, Patience::Waits).await
    });
}

fn beside(
    bot: &Arc<Bot>,
    chat: i64,
    tells: impl Future<Output = Result<(), NotNow>> + Send + 'static,
) {
    let (work, broken) = (bot.clone(), bot.clone());
    bot.tells.put(
        chat,
        move || async move {
            // It may have been shut again meanwhile.
            if work.ways.of(chat) == Way::Open && tells.await.is_err() {
                work.ways.unhear(chat);
            }
        },
        move |why| async move {
            broken.error(format!(
                "courier was not told that {chat} can be written to: {why}"
            ))
        },
    );
}

/// Tells courier that somebody can be written to again, or not any more: what waited goes out, or waits. Where courier
/// neither did it nor refused it for good, the way is not known to be open, also where that is waited for no longer.
pub(crate) async fn tell(
    bot: &Bot,
    chat: i64,
    whose: &PersonId,
    reachable: bool,
    cause: &str,
    patience: Patience,
) -> Result<(), NotNow> {
    let (person, channel) = (whose.to_string(), CHANNEL.to_owned());
    let (verb, command) = if reachable {
        ("reachable", courier::Command::Reachable { person, channel })
    } else {
        (
            "unreachable",
            courier::Command::Unreachable {
                person,
                channel,
                reason: BLOCKED.to_owned(),
            },
        )
    };
    let wish = Wish {
        id: CommandId::from(format!("{cause}-{verb}")),
        by: whose.clone(),
        via: CHANNEL.to_owned(),
        made: bot.now(),
        observed: None,
        trace: String::new(),
        command: command.into(),
    };
    match bot.client.wish(&whose.jurisdiction(), &wish).await {
        Err(problem) if is_away(&problem) || UNTOLD.contains(&problem.code.as_str()) => {
            bot.ways.unhear(chat);
            if patience == Patience::Waits || !bot.books_answer().await {
                Err(NotNow)
            } else {
                Ok(())
            }
        }
        // A refusal changes nothing: the next notice finds out.
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_chat_that_was_open_the_next_word_is_no_news() {
        let ways = Ways::default();
        assert_eq!(
            (ways.put(17, Way::Open), ways.put(17, Way::Open)),
            (Way::Unknown, Way::Open)
        );
        ways.unhear(17);
        assert_eq!(
            ways.put(17, Way::Open),
            Way::Unknown,
            "courier was not told after all"
        );
        ways.forget();
        assert_eq!(
            ways.put(17, Way::Open),
            Way::Unknown,
            "another process may have told it otherwise"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_chat_that_is_shut_is_spared_for_an_hour_and_then_tried_again() {
        let ways = Ways::default();
        ways.shut(-1_001, "bot was kicked");
        ways.unhear(-1_001);
        assert_eq!(ways.why_shut(-1_001).as_deref(), Some("bot was kicked"));
        tokio::time::advance(SPARED).await;
        assert_eq!(ways.why_shut(-1_001), None);
        assert!(
            matches!(ways.put(-1_001, Way::Open), Way::Shut(..)),
            "and a word from there is news all the same"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_said_in_a_group_the_bot_is_muted_in_does_not_open_it_each_time() {
        let (ways, rests) = (Ways::default(), Duration::from_secs(60));
        assert!(
            !ways.rests(-1_001, rests),
            "of which nothing is known, it may be open"
        );
        ways.shut(
            -1_001,
            "not enough rights to send text messages to the chat",
        );
        assert!(ways.rests(-1_001, rests));
        tokio::time::advance(rests).await;
        assert!(!ways.rests(-1_001, rests), "it is tried once in that while");
        ways.put(-1_001, Way::Open);
        assert!(!ways.rests(-1_001, rests));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_known_of_chats_is_bounded() {
        let ways = Ways::default();
        for chat in 0..(KNOWN as i64 + 50) {
            ways.shut(chat, "blocked");
            ways.put(chat, Way::Open);
            ways.shut(chat, "blocked again");
        }
        let known = ways.0.lock().expect("unbroken");
        assert_eq!((known.ways.len(), known.order.len()), (KNOWN, KNOWN));
        assert!(
            known.ways.contains_key(&(KNOWN as i64 + 49)) && !known.ways.contains_key(&0),
            "those noted first are forgotten first"
        );
    }
}
