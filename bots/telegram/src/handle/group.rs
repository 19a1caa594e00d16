//! Messages in a group: commands to this bot, from people on the roster.

use std::sync::Arc;

use picket_conversation::Input;
use picket_schemas::ask::After;

use crate::bot::{Bot, NotNow, words_for};
use crate::groups;
use crate::handle::dialogue::{on_roster, round};
use crate::handle::{Attempt, words};
use crate::invite::{self, Payload};
use crate::left::{self, Left};
use crate::update::Account;

/// Somebody wrote in a group: only commands to this bot are answered, and only to people on the roster.
pub(super) async fn in_group(
    bot: &Arc<Bot>,
    by: &Account,
    chat: i64,
    text: &str,
    attempt: &Attempt<'_>,
) -> Result<Option<Left>, NotNow> {
    let Some(command) = command_to(&bot.name, text) else {
        return Ok(None);
    };
    if let Some(Payload::Invitation { home, token }) = command
        .strip_prefix("/start ")
        .and_then(|rest| invite::payload(rest.trim()))
    {
        let bound =
            groups::bind(bot, chat, &home, &token, &attempt.cause, attempt.patience).await?;
        let told = !bound && bot.identity(by.number, &After::new()).await?.is_some();
        return Ok(words(
            attempt,
            by,
            told.then(|| words_for(by).say("chat-bad-invite")),
        ));
    }
    let Some(person) = on_roster(bot, by).await? else {
        return Ok(None);
    };
    if command == "/board" && groups::of(bot, chat, &After::new()).await?.is_some() {
        show_group(bot, chat, true);
        return Ok(None);
    }
    let own = bot.seats.seat(by.number, &person.id).await;
    let left = |(language, said)| {
        Some(Left {
            group: Some(chat),
            ..Left::new(attempt.number, by.number, language, said)
        })
    };
    if let Some(said) = left::had(bot, by.number, &own, attempt.number).await {
        return Ok(left((own.session.language(), said)));
    }
    let done = round(bot, by, &person, own, true, Input::Text(command), attempt).await?;
    Ok(left(done))
}

/// Shows a group its board anew, or brings its offers up to date: in the group's own lane, for nobody waits for it.
pub(super) fn show_group(bot: &Arc<Bot>, chat: i64, board: bool) {
    let (work, broken) = (bot.clone(), bot.clone());
    bot.lanes.put(
        chat,
        move || async move {
            // Where the books are away now the group is brought up to date with its next round.
            match groups::of(&work, chat, &After::new()).await {
                Ok(Some(group)) if board => groups::show_board(&work, chat, &group).await,
                Ok(Some(group)) => groups::refresh_offers(&work, chat, &group).await,
                _ => {}
            }
        },
        move |why| async move {
            broken.error(format!("the cards of {chat} broke and were left: {why}"))
        },
    );
}

/// `/board@our_bot now` as `/board now`; nothing for what is meant for others.
fn command_to(bot: &str, text: &str) -> Option<String> {
    let text = text.trim();
    let (name, rest) = text
        .strip_prefix('/')?
        .split_once(char::is_whitespace)
        .unwrap_or((&text[1..], ""));
    let (name, to) = name.split_once('@').unwrap_or((name, bot));
    to.eq_ignore_ascii_case(bot)
        .then(|| format!("/{name} {rest}").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::command_to;

    #[test]
    fn in_a_group_only_commands_to_this_bot_are_read() {
        assert_eq!(
            command_to("picket_bot", "/board").as_deref(),
            Some("/board")
        );
        assert_eq!(
            command_to("picket_bot", " /task@Picket_Bot T-1 ").as_deref(),
            Some("/task T-1")
        );
        assert_eq!(command_to("picket_bot", "/board@another_bot"), None);
        assert_eq!(command_to("picket_bot", "hello /board"), None);
        assert_eq!(command_to("picket_bot", ""), None);
    }
}
