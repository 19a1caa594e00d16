//! Invitations and the chat accounts they are exchanged for.
//!
//! Whoever holds the token of an open invitation binds their account to the person invited, once.
//! Wrong, used and expired tokens get the same answer, so that trying teaches nothing.
//! It does not know how a channel proves that an account is somebody's: the edge does.

use jiff::{SignedDuration, Timestamp};
use picket_book::{Decision, fields};
use picket_schemas::Refusal;
use picket_schemas::commit::hash;
use picket_schemas::registry::{Event, Role};

use crate::Registry;
use crate::known::unknown;

/// The shortest token: 128 bit in base 64.
const TOKEN: usize = 22;
/// The time an invitation is open.
const OPEN: SignedDuration = SignedDuration::from_hours(24);

impl Registry {
    pub(crate) fn invite(
        &self,
        person: &str,
        token: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let person = self.needs_own_person(person, cx)?;
        self.may("registry.invite", Some(&person.area), cx)?;
        if person.roles.contains(&Role::Operator) && !self.is_operator(cx) {
            return Err(Refusal::NotAllowed {
                who: cx.directory.person_name(cx.actor),
                action: "invite an operator".into(),
            });
        }
        if person.roles.is_empty() {
            return Err(Refusal::WrongState {
                what: person.id.code().to_owned(),
                state: "no longer on the roster".into(),
                needs: "somebody with a role".into(),
            });
        }
        if token.len() < TOKEN || token.len() > 200 {
            return Err(fields::invalid(
                "token",
                format!("it must be made of at least 128 random bits, {TOKEN} characters or more"),
            ));
        }
        let token_hash = hash(token.as_bytes());
        if self.layer.invites.contains_key(&token_hash) {
            return Err(fields::invalid("token", "each invitation needs a new one"));
        }
        let until = cx.at.checked_add(OPEN).unwrap_or(Timestamp::MAX);
        Ok(vec![Event::PersonInvited {
            person: person.id.clone(),
            token_hash,
            until,
        }])
    }

    /// The token is the authority here: before it is exchanged nobody can know who the account belongs to.
    pub(crate) fn bind_identity(
        &self,
        token: &str,
        channel: &str,
        account: &str,
        group: bool,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let token_hash = hash(token.as_bytes());
        let open = self
            .layer
            .invites
            .get(&token_hash)
            .filter(|invite| cx.at < invite.until);
        let invite = open.ok_or_else(|| unknown("invitation", "…"))?;
        // What is for one person is never said to a group, nor the other way round.
        let for_group = self
            .layer
            .people
            .get(&invite.person)
            .is_some_and(|known| known.roles.contains(&Role::Group));
        if group != for_group {
            return Err(unknown("invitation", "…"));
        }
        fields::code("channel", channel)?;
        let account = fields::line("account", account, fields::NAME)?
            .ok_or_else(|| fields::missing("account", "it is what the person writes from"))?;
        Ok(vec![Event::IdentityBound {
            person: invite.person.clone(),
            channel: channel.to_owned(),
            account,
            token_hash,
        }])
    }

    /// Ended invitations leave the book when the next one is made.
    pub(crate) fn forget_ended_invitations(&mut self, at: Timestamp) {
        while let Some((until, token_hash)) = self.expiring.first()
            && *until <= at
        {
            self.layer.invites.remove(token_hash);
            self.expiring.pop_first();
        }
    }
}
