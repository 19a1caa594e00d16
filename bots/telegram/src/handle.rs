//! Handling of an update: who it is from, what was said or pressed, and the round it begins.
//!
//! An update is done with when its effect is durable or it was refused in words; what it says is shown after that.
//! While the books are away it waits, as often as it takes; for one book alone it waits half a minute, within which
//! another process takes that book over. It does not know how updates are received.

mod callback;
mod dialogue;
mod group;
mod private;

use std::sync::Arc;
use std::time::Duration;

use picket_schemas::PersonId;
use picket_schemas::ask::After;
use tokio::time::Instant;

use crate::bot::{Bot, NotNow, language_of, words_for};
use crate::left::Left;
use crate::reach::{self, BLOCKED};
use crate::show::{Press, Say};
use crate::talk::Patience;
use crate::update::{Account, Came, What};

pub(crate) use callback::press;
pub(crate) use dialogue::meet;

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a book that alone does not answer is waited for; after that its person is told.
const ONE_BOOK: Duration = Duration::from_secs(30);

/// One attempt at an update.
struct Attempt<'a> {
    number: u32,
    /// The front of the ids of what is wished for it.
    cause: String,
    patience: Patience,
    press: Option<&'a Arc<Press>>,
}

/// Handles an update until it is done with; what is left to be shown comes back. `NotNow` when the bot stops before.
pub(crate) async fn update(
    bot: &Arc<Bot>,
    came: &Came,
    press: Option<&Arc<Press>>,
) -> Result<Option<Left>, NotNow> {
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut told = false;
    while !bot.is_stopping() {
        let patience = if begun.elapsed() < ONE_BOOK {
            Patience::Waits
        } else {
            Patience::Ends
        };
        if let Ok(left) = once(
            bot,
            came,
            Attempt {
                number: came.number,
                cause: format!("tg-{}-{}", bot.id, came.number),
                patience,
                press,
            },
        )
        .await
        {
            return Ok(left);
        }
        if !std::mem::replace(&mut told, true) {
            bot.warn(format!(
                "the books do not answer; update {} waits",
                came.number
            ));
            if let Some(by) = who(&came.what).filter(|by| by.number > 0) {
                bot.say(by.number, &words_for(by).say("chat-busy")).await;
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Err(NotNow)
}

/// Shows what is left of an update, behind what was said before.
pub(crate) fn show(bot: &Arc<Bot>, came: &Arc<Came>, left: Left) {
    let (work, broken, came) = (bot.clone(), bot.clone(), came.clone());
    bot.shows.put(
        left.chat,
        move || async move { left.show(&work).await },
        move |why| async move { broke(&broken, &came, &why).await },
    );
}

/// What is said to whom when an update broke.
pub(crate) async fn broke(bot: &Bot, came: &Came, why: &str) {
    bot.error(format!("update {} broke and was left: {why}", came.number));
    if let Some(by) = who(&came.what) {
        bot.say(
            by.number,
            &words_for(by).with(
                "chat-broken",
                &[("number", format!("E-{}", came.number).into())],
            ),
        )
        .await;
    }
}

/// The lane an update belongs to.
pub(crate) fn lane(what: &What) -> i64 {
    who(what).map_or(0, |by| by.number)
}

fn who(what: &What) -> Option<&Account> {
    match what {
        What::Said { by, .. }
        | What::InGroup { by, .. }
        | What::Pressed { by, .. }
        | What::Blocked { by, .. } => Some(by),
        What::Moved { .. } | What::Nothing(_) => None,
    }
}

async fn once(bot: &Arc<Bot>, came: &Came, attempt: Attempt<'_>) -> Result<Option<Left>, NotNow> {
    match &came.what {
        What::Nothing(why) => {
            bot.note(format!("update {} was left: {why}", came.number));
            Ok(None)
        }
        What::Moved { from, to } => {
            bot.line.moved(*from, *to);
            Ok(None)
        }
        What::Blocked { by, blocked } => {
            let Some(person) = bot.identity(by.number, &After::new()).await? else {
                return Ok(None);
            };
            let whose = PersonId::from(person.id.as_str());
            if *blocked {
                bot.ways.shut(by.number, BLOCKED);
                reach::tell(
                    bot,
                    by.number,
                    &whose,
                    false,
                    &attempt.cause,
                    attempt.patience,
                )
                .await?;
            } else {
                reach::heard(
                    bot,
                    by.number,
                    &whose,
                    true,
                    &attempt.cause,
                    attempt.patience,
                )
                .await?;
            }
            Ok(None)
        }
        What::Said { by, said } => private::private(bot, by, said, &attempt).await,
        What::Pressed {
            by,
            data,
            chat,
            group,
            ..
        } => callback::pressed(bot, by, data, group.then_some(*chat), &attempt).await,
        What::InGroup { by, chat, text } => {
            reach::heard_in_group(bot, *chat, &attempt.cause);
            group::in_group(bot, by, *chat, text, &attempt).await
        }
    }
}

/// A message of the bot's own to an account.
fn words(attempt: &Attempt<'_>, by: &Account, text: Option<String>) -> Option<Left> {
    text.map(|text| {
        Left::new(
            attempt.number,
            by.number,
            language_of(by),
            vec![Say::Words(text)],
        )
    })
}

#[cfg(test)]
mod wire_tests;
