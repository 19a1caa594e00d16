//! Messages in a group: commands to this bot, from people on the roster.

use picket_conversation::Input;
use picket_schemas::ask::After;

use crate::books::BooksUnreachable;
use crate::handle::{Attempt, Handler, words};
use crate::invitation::{self, DeepLink};
use crate::reply::UpdateReply;
use crate::update::Account;

impl Handler {
    /// Handles a message in a group: only commands to this bot are answered, and only to people on the roster.
    pub(super) async fn in_group(
        &self,
        by: &Account,
        chat: i64,
        text: &str,
        attempt: &Attempt<'_>,
    ) -> Result<Option<UpdateReply>, BooksUnreachable> {
        let Some(command) = command_to(&self.account.name, text) else {
            return Ok(None);
        };
        if let Some(DeepLink::Invitation { home, token }) = command
            .strip_prefix("/start ")
            .and_then(|rest| invitation::parse(rest.trim()))
        {
            let bound = self
                .groups
                .bind(chat, &home, &token, &attempt.cause, attempt.patience)
                .await?;
            let told = !bound
                && self
                    .books
                    .identity(by.number, &After::new())
                    .await?
                    .is_some();
            let text = told.then(|| by.words().say("chat-bad-invite"));
            return Ok(words(attempt, by, text));
        }
        let Some(person) = self.on_roster(by).await? else {
            return Ok(None);
        };
        if command == "/board" && self.books.group_of(chat, &After::new()).await?.is_some() {
            self.groups.show_later(chat, true);
            return Ok(None);
        }
        let own = self.dialogues.sessions.load(by.number, &person.id).await;
        let reply = |(language, outputs)| {
            Some(UpdateReply {
                group: Some(chat),
                ..UpdateReply::new(attempt.number, by.number, language, outputs)
            })
        };
        if let Some(outputs) = self
            .dialogues
            .shown
            .repeated(by.number, &own, attempt.number)
            .await
        {
            return Ok(reply((own.session.language(), outputs)));
        }
        let input = Input::Text(command);
        let done = self.round(by, &person, own, true, input, attempt).await?;
        Ok(reply(done))
    }
}

/// Command to this bot: `/board@our_bot now` as `/board now`; none for one that is meant for others.
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
