//! Menu of commands a person sees, by role and language.
//!
//! A menu is set again when it differs from the one set last; when that is forgotten it is set once more,
//! which is idempotent. It does not know what a command does.

use std::time::Duration;

use picket_conversation::{Language, Texts};
use serde_json::Value;
use teloxide::payloads::{SetMyCommands, SetMyCommandsSetters};
use teloxide::types::{BotCommand, BotCommandScope, ChatId};

use crate::api_client::CALL;
use crate::outbox::Outbox;

/// Expiry of the memory which menu was set.
const MENU_TTL: Duration = Duration::from_secs(48 * 60 * 60);

/// Commands, and the roles they are for; no role is everybody.
const COMMANDS: [(&str, &[&str]); 11] = [
    ("inbox", &[]),
    (
        "report",
        &["sentinel", "post_leader", "street", "inspector"],
    ),
    (
        "resume",
        &[
            "sentinel",
            "post_leader",
            "street",
            "inspector",
            "coordinator",
            "dispatcher",
            "verifier",
            "head",
        ],
    ),
    ("leads", &["dispatcher", "inspector", "head", "coordinator"]),
    (
        "board",
        &["coordinator", "street", "dispatcher", "supervisor"],
    ),
    ("new", &["coordinator", "street"]),
    ("bulletin", &[]),
    ("notices", &[]),
    ("whoami", &[]),
    ("lang", &[]),
    ("help", &[]),
];

/// Commands of somebody with these roles.
pub(crate) fn commands(roles: &[String], language: Language) -> Vec<BotCommand> {
    let words = Texts::of(language);
    let fits = |needed: &[&str]| {
        needed.is_empty()
            || needed
                .iter()
                .any(|role| roles.iter().any(|own| own == role))
    };
    COMMANDS
        .iter()
        .filter(|(_, needed)| fits(needed))
        .map(|(name, _)| BotCommand::new(*name, words.say(&format!("chat-menu-{name}"))))
        .collect()
}

/// Sets the menu of a person's private chat, unless it is set.
pub(crate) async fn refresh(outbox: &Outbox, account: i64, roles: &[String], language: Language) {
    let wanted = format!("{}:{}", language.as_str(), roles.join(","));
    let name = format!("menu/{account}");
    if outbox
        .store
        .get(&name)
        .await
        .ok()
        .flatten()
        .is_some_and(|set| set == wanted.as_bytes())
    {
        return;
    }
    let payload = SetMyCommands::new(commands(roles, language)).scope(BotCommandScope::Chat {
        chat_id: ChatId(account).into(),
    });
    // A menu that could not be set is set with the next message.
    if outbox
        .api
        .bot_api
        .call::<_, Value>(&payload, CALL)
        .await
        .is_ok()
    {
        drop(outbox.store.put(&name, wanted.as_bytes(), MENU_TTL).await);
    }
}

/// Sets the menus for strangers, and for groups.
pub(crate) async fn defaults(outbox: &Outbox) {
    for (language, code) in [(Language::Zh, None), (Language::En, Some("en"))] {
        let words = Texts::of(language);
        let list = |names: &[&str]| {
            names
                .iter()
                .map(|name| BotCommand::new(*name, words.say(&format!("chat-menu-{name}"))))
                .collect::<Vec<_>>()
        };
        for (scope, names) in [
            (BotCommandScope::AllPrivateChats, ["start", "help"]),
            (BotCommandScope::AllGroupChats, ["board", "help"]),
        ] {
            let mut payload = SetMyCommands::new(list(&names)).scope(scope);
            payload.language_code = code.map(str::to_owned);
            if let Err(why) = outbox.api.bot_api.call::<_, Value>(&payload, CALL).await {
                outbox
                    .log
                    .note(format!("a list of commands was not set: {why}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_sees_its_own_commands_in_its_own_language() {
        let names = |roles: &[&str]| {
            commands(
                &roles
                    .iter()
                    .map(|role| (*role).to_owned())
                    .collect::<Vec<_>>(),
                Language::Zh,
            )
            .into_iter()
            .map(|one| one.command)
            .collect::<Vec<_>>()
        };
        assert!(
            names(&["sentinel"]).contains(&"report".to_owned())
                && !names(&["sentinel"]).contains(&"new".to_owned())
        );
        assert!(
            names(&["coordinator"]).contains(&"new".to_owned())
                && names(&["coordinator"]).contains(&"board".to_owned())
        );
        assert_eq!(
            names(&["clerk"]),
            ["inbox", "bulletin", "notices", "whoami", "lang", "help"]
        );
    }

    #[test]
    fn a_command_is_named_as_the_platform_allows_and_says_what_it_does() {
        for language in [Language::Zh, Language::En] {
            for one in commands(
                &COMMANDS
                    .iter()
                    .flat_map(|(_, roles)| roles.iter().map(|role| (*role).to_owned()))
                    .collect::<Vec<_>>(),
                language,
            ) {
                assert!(
                    one.command.len() <= 32 && one.command.bytes().all(|b| b.is_ascii_lowercase()),
                    "{}",
                    one.command
                );
                assert!(
                    !one.description.starts_with("chat-menu")
                        && (1..=256).contains(&one.description.chars().count()),
                    "{}",
                    one.description
                );
            }
        }
    }
}
