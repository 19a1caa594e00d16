//! Callback queries: buttons somebody pressed, each answered within a second.

use std::sync::Arc;
use std::time::Duration;

use picket_conversation::Input;
use picket_schemas::PersonId;

use crate::bot::{Bot, NotNow, language_of, words_for};
use crate::handle::Attempt;
use crate::handle::dialogue::{on_roster, round};
use crate::handle::group::show_group;
use crate::left::{self, Left};
use crate::reach;
use crate::show::{Press, Say};
use crate::update::{Account, What};

/// A press is answered within a second, come what may.
const SOON: Duration = Duration::from_millis(500);

/// The press an update is, if it is one. Whatever waits before it in its lane, it is answered within a second.
pub(crate) fn press(bot: &Arc<Bot>, what: &What) -> Option<Arc<Press>> {
    let What::Pressed { query, message, .. } = what else {
        return None;
    };
    let press = Arc::new(Press::new(query.clone(), *message));
    let (bot, soon) = (bot.clone(), press.clone());
    tokio::spawn(async move {
        tokio::time::sleep(SOON).await;
        if soon.claim() {
            // The person's program stops waiting; what there is to say follows.
            drop(bot.line.answer(&soon.query, "").await);
        }
    });
    Some(press)
}

/// Somebody pressed a button.
pub(super) async fn pressed(
    bot: &Arc<Bot>,
    by: &Account,
    data: &str,
    group: Option<i64>,
    attempt: &Attempt<'_>,
) -> Result<Option<Left>, NotNow> {
    let left = |(language, said)| {
        Some(Left {
            group,
            press: attempt.press.cloned(),
            ..Left::new(attempt.number, by.number, language, said)
        })
    };
    let Some(person) = on_roster(bot, by).await? else {
        let toast = Say::Toast(words_for(by).say("chat-not-linked"));
        return Ok(left((language_of(by), vec![toast])));
    };
    match group {
        Some(chat) => reach::heard_in_group(bot, chat, &attempt.cause),
        None => {
            reach::heard(
                bot,
                by.number,
                &PersonId::from(person.id.as_str()),
                false,
                &attempt.cause,
                attempt.patience,
            )
            .await?
        }
    }
    let own = bot.seats.seat(by.number, &person.id).await;
    if let Some(said) = left::had(bot, by.number, &own, attempt.number).await {
        return Ok(left((own.session.language(), said)));
    }
    let input = Input::Press(data.to_owned());
    let done = round(bot, by, &person, own, group.is_some(), input, attempt).await?;
    if let Some(chat) = group {
        show_group(bot, chat, false);
    }
    Ok(left(done))
}
