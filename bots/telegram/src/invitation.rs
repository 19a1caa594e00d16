//! Invitations: a deep link that makes the account that opens it somebody's, once, within a day.
//!
//! The token is 128 random bits, made here and printed once; the registry keeps its hash. The link names the
//! jurisdiction too, so that the registry it belongs to can be found without trying all. Wrong, used and
//! expired links are answered alike. It does not know how a link reaches anybody.

use std::sync::Arc;

use picket_bus::random_hex;
use picket_schemas::ask::{After, Question, View};
use picket_schemas::{CommandId, Jurisdiction, PersonId, Problem, Wish, registry};

use crate::books::{BookClient, BooksUnreachable, is_group, is_unavailable};
use crate::channel::{BotAccount, CHANNEL, edge};
use crate::log::Log;
use crate::settings::BotSettings;

/// Prefix of the id of a thing in a link that opens it.
const OPENS: &str = "o_";

/// Invitation of a person or a group.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Person or group that the account that opens it becomes.
    pub person: PersonId,
    /// Deep link; the account that opens it first is the person's.
    pub link: String,
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invitation")
            .field("person", &self.person)
            .finish_non_exhaustive()
    }
}

/// Account to be bound by an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invitee {
    Person(i64),
    Group(i64),
}

/// Result of opening an invitation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BindResult {
    /// Bound: the account is somebody's, as far as this commit of a registry tells.
    Bound(String, u64),
    /// Refused: the link does not work.
    Refused,
}

/// Invitations to a bot.
pub(crate) struct Invitations {
    books: Arc<BookClient>,
    settings: Arc<BotSettings>,
    log: Log,
    /// Name of the bot to link to.
    bot: String,
}

impl Invitations {
    pub(crate) fn new(
        books: Arc<BookClient>,
        settings: Arc<BotSettings>,
        bot: &BotAccount,
    ) -> Self {
        Self {
            books,
            log: settings.redacted_log(),
            settings,
            bot: bot.name.clone(),
        }
    }

    /// Invites a person of the roster, in the name of `by`.
    pub(crate) async fn invite(
        &self,
        person: &PersonId,
        by: &PersonId,
    ) -> Result<Invitation, Problem> {
        // 128 bits: nobody guesses it.
        let token = random_hex::<16>();
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
        let wish = self.wish(id, by.clone(), command);
        self.books.wish_once(&home, &wish).await?;
        // A person who cannot be looked up now gets this one, of which the platform asks less.
        let opens = if self.invites_group(person).await {
            "startgroup"
        } else {
            "start"
        };
        let bot = &self.bot;
        Ok(Invitation {
            person: person.clone(),
            link: format!("https://t.me/{bot}?{opens}={home}_{token}"),
        })
    }

    /// True where a group was invited.
    async fn invites_group(&self, person: &PersonId) -> bool {
        let question = Question::Person {
            person: person.clone(),
        };
        let asked = self.books.ask_once(&edge(), &question, &After::new()).await;
        asked.is_ok_and(|reply| matches!(reply.view, View::Person(known) if is_group(&known)))
    }

    /// Binds a group to the number it has now. False where the books refuse it.
    pub(crate) async fn rebind(
        &self,
        group: &PersonId,
        account: i64,
        cause: &str,
    ) -> Result<bool, BooksUnreachable> {
        let home = group.jurisdiction();
        match self.invite(group, &PersonId::new(&home, "operator")).await {
            Ok(invitation) => {
                let token = invitation
                    .link
                    .rsplit('_')
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                let bound = self
                    .bind(Invitee::Group(account), home.as_str(), &token, cause)
                    .await?;
                Ok(matches!(bound, BindResult::Bound(..)))
            }
            Err(problem) if problem.code == "busy" || is_unavailable(&problem) => {
                Err(BooksUnreachable)
            }
            Err(problem) => {
                self.log.warn(format!(
                    "{group} has another number and cannot be bound to it: {}",
                    problem.title
                ));
                Ok(false)
            }
        }
    }

    /// Exchanges an invitation for the account that opened it, a person's or a group's.
    pub(crate) async fn bind(
        &self,
        invitee: Invitee,
        home: &str,
        token: &str,
        cause: &str,
    ) -> Result<BindResult, BooksUnreachable> {
        let home = Jurisdiction::from(home);
        let (account, group) = match invitee {
            Invitee::Person(account) => (account, false),
            Invitee::Group(account) => (account, true),
        };
        let command = registry::Command::BindIdentity {
            token: token.to_owned(),
            channel: CHANNEL.to_owned(),
            account: account.to_string(),
            group,
        };
        let id = CommandId::from(format!("{cause}-bind_identity"));
        // The person behind the account is known only when it is done.
        let wish = self.wish(id, PersonId::new(&home, "unbound"), command);
        match self.books.wish_once(&home, &wish).await {
            Ok(answer) => Ok(BindResult::Bound(answer.book, answer.n)),
            // A jurisdiction nobody serves may be one that is not, or one that is away.
            Err(problem)
                if problem.code == "busy"
                    || is_unavailable(&problem)
                        && !(problem.code == "nobody" && self.books.is_available().await) =>
            {
                Err(BooksUnreachable)
            }
            Err(_) => Ok(BindResult::Refused),
        }
    }

    fn wish(&self, id: CommandId, by: PersonId, command: registry::Command) -> Wish {
        Wish {
            id,
            by,
            via: CHANNEL.to_owned(),
            made: self.settings.now(),
            observed: None,
            trace: String::new(),
            command: command.into(),
        }
    }
}

/// Parameter of a deep link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeepLink {
    /// Invitation of a registry.
    Invitation { home: String, token: String },
    /// Something to open, as one would type it.
    Open(String),
}

/// Parses the parameter of a deep link; none of a link that is not ours.
pub(crate) fn parse(text: &str) -> Option<DeepLink> {
    let clean = text.len() <= 64
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if !clean {
        return None;
    }
    if let Some(id) = text.strip_prefix(OPENS) {
        return Some(DeepLink::Open(id.replacen('_', "/", 1)));
    }
    let (home, token) = text.split_once('_')?;
    let named =
        !home.is_empty() && home.len() <= 16 && home.bytes().all(|b| b.is_ascii_alphanumeric());
    (named && token.len() >= 22).then(|| DeepLink::Invitation {
        home: home.to_owned(),
        token: token.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_as_it_was_written_and_nothing_else_is() {
        let token = "0123456789abcdef0123456789abcdef";
        assert_eq!(
            parse(&format!("420902_{token}")),
            Some(DeepLink::Invitation {
                home: "420902".into(),
                token: token.into()
            })
        );
        assert_eq!(
            parse("o_420902_T-7"),
            Some(DeepLink::Open("420902/T-7".into()))
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
            assert_eq!(parse(bad), None, "{bad}");
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
