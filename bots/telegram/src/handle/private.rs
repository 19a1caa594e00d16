//! Messages in a private chat: links that open or invite, and whatever belongs to the dialogue.

use std::sync::Arc;

use picket_conversation::{Input, Language, Words};
use picket_schemas::PersonId;
use picket_schemas::ask::{After, PersonView};

use crate::bot::{Bot, NotNow};
use crate::handle::dialogue::meet;
use crate::handle::{Attempt, words};
use crate::invite::{self, Bound, Payload};
use crate::left::{self, Left};
use crate::show::Say;
use crate::talk::Talk;
use crate::update::{Account, Said};
use crate::{photos, reach};

/// Somebody wrote in private.
pub(super) async fn private(
    bot: &Arc<Bot>,
    by: &Account,
    said: &Said,
    attempt: &Attempt<'_>,
) -> Result<Option<Left>, NotNow> {
    let begun = match after_start(said) {
        Some(payload) => begin(bot, by, payload, attempt).await?,
        None => Some(Begun::default()),
    };
    let Some(mut begun) = begun else {
        let text = bot.words_for_stranger(by, "chat-bad-invite");
        return Ok(words(attempt, by, text));
    };
    let person = match known(bot, by, &begun.after).await? {
        Ok(person) => person,
        Err(text) => return Ok(words(attempt, by, text)),
    };
    reach::heard(
        bot,
        by.number,
        &PersonId::from(person.id.as_str()),
        begun.input.is_some(),
        &attempt.cause,
        attempt.patience,
    )
    .await?;
    let mut seat = bot.seats.seat(by.number, &person.id).await;
    if let Some(said) = left::had(bot, by.number, &seat, attempt.number).await {
        let language = seat.session.language();
        return Ok(Some(Left::new(attempt.number, by.number, language, said)));
    }
    seat.after.append(&mut begun.after);
    meet(bot, &mut seat, &person);
    let read = match begun.input {
        Some(input) => Ok((vec![input], None)),
        None => inputs(bot, said).await,
    };
    let (mut says, mut album) = (begun.says, None);
    match read {
        Ok((inputs, of)) => {
            album = of;
            for (n, input) in inputs.into_iter().enumerate() {
                let cause = format!("{}-{n}", attempt.cause);
                let talk = Talk::new(bot, &mut seat, cause, attempt.patience);
                says.extend(talk.round(input).await?);
            }
        }
        Err(key) => says.push(Say::Words(Words::of(seat.session.language()).say(key))),
    }
    let language = seat.session.language();
    seat.had(attempt.number, &says);
    bot.seats.keep(by.number, seat).await;
    Ok(Some(Left {
        album,
        roles: Some(person.roles),
        ..Left::new(attempt.number, by.number, language, says)
    }))
}

/// What stands behind `/start`, where that is what was said.
fn after_start(said: &Said) -> Option<&str> {
    let Said::Text(text) = said else {
        return None;
    };
    text.trim()
        .strip_prefix("/start")
        .filter(|rest| rest.is_empty() || rest.starts_with(' '))
        .map(str::trim)
}

/// What precedes the dialogue.
#[derive(Default)]
struct Begun {
    /// What `/start` means; nothing where something else was said.
    input: Option<Input>,
    /// What an invitation wrote; nothing older is read.
    after: After,
    says: Vec<Say>,
}

/// Begins with what `/start` brings; nothing where it brings an invitation that is good for nobody.
async fn begin(
    bot: &Arc<Bot>,
    by: &Account,
    payload: &str,
    attempt: &Attempt<'_>,
) -> Result<Option<Begun>, NotNow> {
    let mut begun = Begun {
        input: Some(Input::Start),
        ..Begun::default()
    };
    match invite::payload(payload) {
        Some(Payload::Open(id)) => begun.input = Some(Input::Text(id)),
        Some(Payload::Invitation { home, token }) => {
            match invite::bind(bot, by.number, false, &home, &token, &attempt.cause).await? {
                Bound::Now(book, n) => {
                    begun.after.insert(book, n);
                    if let Some(person) = bot.identity(by.number, &begun.after).await? {
                        let name = &[("name", person.name.as_str().into())];
                        let linked = words_of(&person).with("chat-linked", name);
                        begun.says.push(Say::Words(linked));
                    }
                }
                // Opened once more by the one it belongs to, a link does no harm.
                Bound::No if bot.identity(by.number, &begun.after).await?.is_some() => {}
                Bound::No => return Ok(None),
            }
        }
        None => {}
    }
    Ok(Some(begun))
}

/// Who writes; or what strangers and those who left are told, a few times an hour.
async fn known(
    bot: &Bot,
    by: &Account,
    after: &After,
) -> Result<Result<PersonView, Option<String>>, NotNow> {
    Ok(match bot.identity(by.number, after).await? {
        Some(person) if !person.roles.is_empty() => Ok(person),
        Some(_) => Err(bot.words_for_stranger(by, "chat-left")),
        None => Err(bot.words_for_stranger(by, "chat-not-linked")),
    })
}

fn words_of(person: &PersonView) -> &'static Words {
    Words::of(Language::parse(&person.language).unwrap_or_default())
}

type Read = (Vec<Input>, Option<String>);

/// What somebody said, for the dialogue; or the text that says why it cannot be taken.
async fn inputs(bot: &Bot, said: &Said) -> Result<Read, &'static str> {
    match said {
        Said::Text(text) => Ok((vec![Input::Text(text.clone())], None)),
        Said::Location {
            latitude,
            longitude,
            accuracy_m,
        } => Ok((
            vec![Input::Location {
                latitude: *latitude,
                longitude: *longitude,
                accuracy_m: *accuracy_m,
            }],
            None,
        )),
        Said::File {
            file,
            size,
            name,
            album,
            caption,
        } => {
            let hash = photos::fetch(bot, file, *size).await?;
            // A photo has no name of its own; the front of its hash tells it from others.
            let name = if name.is_empty() {
                hash.chars().take(8).collect()
            } else {
                name.clone()
            };
            let mut inputs = vec![Input::Photo { hash, name }];
            if !caption.trim().is_empty() {
                inputs.push(Input::Text(caption.clone()));
            }
            Ok((inputs, album.clone()))
        }
        Said::Forwarded => Err("chat-forwarded"),
        Said::Other => Err("chat-unsupported"),
    }
}
