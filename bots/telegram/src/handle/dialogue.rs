//! The dialogue an update goes into: somebody's own, or one beside it.

use std::sync::Arc;

use picket_conversation::{Context, Input, Language, Session, fills};
use picket_schemas::PersonId;
use picket_schemas::ask::{After, PersonView};

use crate::bot::{Bot, NotNow};
use crate::handle::Attempt;
use crate::seats::Seat;
use crate::show::Say;
use crate::talk::Talk;
use crate::update::Account;

/// Who an account is, as long as that person is on the roster.
pub(super) async fn on_roster(bot: &Bot, by: &Account) -> Result<Option<PersonView>, NotNow> {
    let person = bot.identity(by.number, &After::new()).await?;
    Ok(person.filter(|person| !person.roles.is_empty()))
}

/// One round with what was pressed, or typed in a group; what it says, in which language.
pub(super) async fn round(
    bot: &Arc<Bot>,
    by: &Account,
    person: &PersonView,
    own: Seat,
    in_group: bool,
    input: Input,
    attempt: &Attempt<'_>,
) -> Result<(Language, Vec<Say>), NotNow> {
    // In a group nothing disturbs what somebody is doing in private; what is filled in is private.
    let beside = in_group && !fills(&input);
    let mut seat = if beside { aside(&own) } else { own };
    meet(bot, &mut seat, person);
    let said = Talk::new(bot, &mut seat, attempt.cause.clone(), attempt.patience)
        .round(input)
        .await?;
    let language = seat.session.language();
    put_back(bot, by.number, seat, beside, attempt.number, &said).await;
    Ok((language, said))
}

/// The dialogue takes over what the roster says of the person now.
pub(crate) fn meet(bot: &Bot, seat: &mut Seat, person: &PersonView) {
    let id = PersonId::from(person.id.as_str());
    let cx = Context {
        now: bot.now(),
        zone: &bot.settings.zone,
        person: &id,
    };
    seat.session.meet(person, &cx);
}

/// A dialogue beside somebody's own, in the same language.
fn aside(own: &Seat) -> Seat {
    Seat {
        session: Session::speaking(own.session.language()),
        after: own.after.clone(),
        unclear: own.unclear.clone(),
        ..Seat::of(&own.person)
    }
}

/// Puts a dialogue back, with what the update led to; of one beside the own only what was written is kept.
async fn put_back(bot: &Bot, account: i64, mut seat: Seat, aside: bool, update: u32, said: &[Say]) {
    if aside {
        let own = bot.seats.seat(account, &seat.person).await;
        seat = Seat {
            after: seat.after,
            unclear: seat.unclear,
            ..own
        };
    }
    seat.had(update, said);
    bot.seats.keep(account, seat).await;
}
