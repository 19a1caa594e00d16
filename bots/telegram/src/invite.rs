//! Invitations: a link that makes the account that opens it somebody's, once, within a day.
//!
//! The token is 128 random bits, made here and printed once; the registry keeps its hash. The link names the
//! jurisdiction too, so that the registry it belongs to can be found without trying all. Wrong, used and
//! expired links are answered alike.

use std::fs::File;
use std::io::Read;

use picket_bus::Client;
use picket_schemas::ask::{After, Question, View, Viewer};
use picket_schemas::{CommandId, Jurisdiction, PersonId, Problem, Wish, registry};

use crate::bot::{Bot, CHANNEL, NotNow, edge, is_away};

/// What stands before the id of a thing in a link that opens it.
const OPENS: &str = "o_";

/// An invitation.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Whom it makes the account that opens it.
    pub person: PersonId,
    /// The link; whoever opens it first is the person.
    pub link: String,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation")
            .field("person", &self.person)
            .finish_non_exhaustive()
    }
}

/// Invites a person of the roster to a bot, in the name of `by`.
pub async fn invite(
    client: &Client,
    bot: &str,
    person: &PersonId,
    by: &PersonId,
    now: jiff::Timestamp,
) -> Result<Invitation, Problem> {
    let token = random().map_err(|why| {
        Problem::new(
            "no_randomness",
            format!("this machine gives no random numbers: {why}"),
            "Without them an invitation could be guessed.",
        )
    })?;
    let home = person.jurisdiction();
    let command = registry::Command::Invite {
        person: person.code().to_owned(),
        token: token.clone(),
    };
    // Made of the token's hash: the id is kept for good, the token is not.
    let id = CommandId::from(format!(
        "invite-{}",
        &picket_schemas::commit::hash(token.as_bytes())[..32]
    ));
    let wish = Wish {
        id,
        by: by.clone(),
        via: CHANNEL.to_owned(),
        made: now,
        observed: None,
        trace: String::new(),
        command: command.into(),
    };
    client.wish(&home, &wish).await?;
    // Of somebody who cannot be looked up now the platform asks less with this one.
    let opens = if is_group(client, person).await {
        "startgroup"
    } else {
        "start"
    };
    Ok(Invitation {
        person: person.clone(),
        link: format!("https://t.me/{bot}?{opens}={home}_{token}"),
    })
}

/// Whether it is a group that was invited.
async fn is_group(client: &Client, person: &PersonId) -> bool {
    let asked = client
        .ask(
            &Viewer::person(&edge()),
            &Question::Person {
                person: person.clone(),
            },
            &After::new(),
        )
        .await;
    asked.is_ok_and(|reply| matches!(reply.view, View::Person(known) if known.roles.iter().any(|role| role == "group")))
}

/// Binds a group to the number it has now. False where the books refuse it.
pub(crate) async fn rebind(
    bot: &Bot,
    group: &PersonId,
    account: i64,
    cause: &str,
) -> Result<bool, NotNow> {
    let home = group.jurisdiction();
    match invite(
        &bot.client,
        &bot.name,
        group,
        &PersonId::new(&home, "operator"),
        bot.now(),
    )
    .await
    {
        Ok(invitation) => {
            let token = invitation
                .link
                .rsplit('_')
                .next()
                .unwrap_or_default()
                .to_owned();
            Ok(matches!(
                bind(bot, account, true, home.as_str(), &token, cause).await?,
                Bound::Now(..)
            ))
        }
        Err(problem) if problem.code == "busy" || is_away(&problem) => Err(NotNow),
        Err(problem) => {
            bot.warn(format!(
                "{group} has another number and cannot be bound to it: {}",
                problem.title
            ));
            Ok(false)
        }
    }
}

/// 128 random bits in hexadecimal.
fn random() -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What a link carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    /// An invitation of a registry.
    Invitation { home: String, token: String },
    /// Something to open, as one would type it.
    Open(String),
}

/// Reads what a link carries; nothing for what no link of ours does.
pub(crate) fn payload(text: &str) -> Option<Payload> {
    let clean = text.len() <= 64
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !clean {
        return None;
    }
    if let Some(id) = text.strip_prefix(OPENS) {
        return Some(Payload::Open(id.replacen('_', "/", 1)));
    }
    let (home, token) = text.split_once('_')?;
    let named =
        !home.is_empty() && home.len() <= 16 && home.bytes().all(|b| b.is_ascii_alphanumeric());
    (named && token.len() >= 22).then(|| Payload::Invitation {
        home: home.to_owned(),
        token: token.to_owned(),
    })
}

/// How opening an invitation ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// The account is somebody's now, as far as this commit of a registry tells.
    Now(String, u64),
    /// The link does not work.
    No,
}

/// Exchanges an invitation for the account that opened it, a person's or a group's.
pub(crate) async fn bind(
    bot: &Bot,
    account: i64,
    group: bool,
    home: &str,
    token: &str,
    cause: &str,
) -> Result<Bound, NotNow> {
    let home = Jurisdiction::from(home);
    let command = registry::Command::BindIdentity {
        token: token.to_owned(),
        channel: CHANNEL.to_owned(),
        account: account.to_string(),
        group,
    };
    let wish = Wish {
        id: CommandId::from(format!("{cause}-bind_identity")),
        // Who it is will be known when it is done.
        by: PersonId::new(&home, "unbound"),
        via: CHANNEL.to_owned(),
        made: bot.now(),
        observed: None,
        trace: String::new(),
        command: command.into(),
    };
    match bot.client.wish(&home, &wish).await {
        Ok(answer) => Ok(Bound::Now(answer.book, answer.n)),
        // A jurisdiction nobody serves may be one that is not, or one that is away.
        Err(problem)
            if problem.code == "busy"
                || is_away(&problem) && !(problem.code == "nobody" && bot.books_answer().await) =>
        {
            Err(NotNow)
        }
        Err(_) => Ok(Bound::No),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_128_bits_and_never_the_same() {
        let tokens: std::collections::BTreeSet<_> =
            (0..200).map(|_| random().expect("randomness")).collect();
        assert_eq!(tokens.len(), 200);
        assert!(tokens.iter().all(|token| token.len() == 32));
    }

    #[test]
    fn a_link_is_read_as_it_was_written_and_nothing_else_is() {
        let token = "0123456789abcdef0123456789abcdef";
        assert_eq!(
            payload(&format!("420902_{token}")),
            Some(Payload::Invitation {
                home: "420902".into(),
                token: token.into()
            })
        );
        assert_eq!(
            payload("o_420902_T-7"),
            Some(Payload::Open("420902/T-7".into()))
        );
        for bad in [
            "",
            "420902",
            "420902_short",
            "_0123456789abcdef0123456789abcdef",
            "4209.>_0123456789abcdef0123456789",
            "420902_0123456789abcdef 0123456789abcdef",
            &"a".repeat(65),
        ] {
            assert_eq!(payload(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_invitation_does_not_show_its_link_in_logs() {
        let invitation = Invitation {
            person: "420902/P-0017".into(),
            link: "https://t.me/b?start=420902_canary".into(),
        };
        assert!(!format!("{invitation:?}").contains("canary"));
    }
}
