//! What follows from one update: who it is, what was said or pressed, and the round it begins.
//!
//! An update is done with when its effect is durable or it was refused in words; what it says is shown after that.
//! While the books are away it waits, as often as it takes; for one book alone it waits half a minute, within which
//! another process takes that book over. It does not know how updates are received.

use std::sync::Arc;
use std::time::Duration;

use picket_conversation::{Context, Input, Session, Words, fills};
use picket_schemas::PersonId;
use picket_schemas::ask::{After, PersonView};
use tokio::time::Instant;

use crate::bot::{Bot, NotNow, language_of, words_for};
use crate::invite::{self, Bound, Payload};
use crate::left::{self, Left};
use crate::reach::{self, BLOCKED};
use crate::seats::Seat;
use crate::show::{Press, Say};
use crate::talk::{Patience, Talk};
use crate::update::{Account, Came, Said, What};
use crate::{groups, photos};

/// A press is answered within a second, come what may.
const SOON: Duration = Duration::from_millis(500);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a book that alone does not answer is waited for; after that its person is told.
const ONE_BOOK: Duration = Duration::from_secs(30);

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

/// An update at hand.
struct Case<'a> {
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
            Case {
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

async fn once(bot: &Arc<Bot>, came: &Came, case: Case<'_>) -> Result<Option<Left>, NotNow> {
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
                reach::tell(bot, by.number, &whose, false, &case.cause, case.patience).await?;
            } else {
                reach::heard(bot, by.number, &whose, true, &case.cause, case.patience).await?;
            }
            Ok(None)
        }
        What::Said { by, said } => private(bot, by, said, &case).await,
        What::Pressed {
            by,
            data,
            chat,
            group,
            ..
        } => pressed(bot, by, data, group.then_some(*chat), &case).await,
        What::InGroup { by, chat, text } => {
            reach::heard_in_group(bot, *chat, &case.cause);
            in_group(bot, by, *chat, text, &case).await
        }
    }
}

/// A message of the bot's own to an account.
fn words(case: &Case<'_>, by: &Account, text: Option<String>) -> Option<Left> {
    text.map(|text| {
        Left::new(
            case.number,
            by.number,
            language_of(by),
            vec![Say::Words(text)],
        )
    })
}

/// Somebody wrote in private.
async fn private(
    bot: &Arc<Bot>,
    by: &Account,
    said: &Said,
    case: &Case<'_>,
) -> Result<Option<Left>, NotNow> {
    let mut after = After::new();
    let mut input = None;
    let mut says = Vec::new();
    if let Said::Text(text) = said
        && let Some(rest) = text
            .trim()
            .strip_prefix("/start")
            .filter(|rest| rest.is_empty() || rest.starts_with(' '))
    {
        input = Some(Input::Start);
        match invite::payload(rest.trim()) {
            Some(Payload::Open(id)) => input = Some(Input::Text(id)),
            Some(Payload::Invitation { home, token }) => {
                match invite::bind(bot, by.number, false, &home, &token, &case.cause).await? {
                    Bound::Now(book, n) => {
                        after.insert(book, n);
                        if let Some(person) = bot.identity(by.number, &after).await? {
                            says.push(Say::Words(
                                words_of(&person)
                                    .with("chat-linked", &[("name", person.name.as_str().into())]),
                            ));
                        }
                    }
                    // Opened once more by the one it belongs to, a link does no harm.
                    Bound::No if bot.identity(by.number, &after).await?.is_some() => {}
                    Bound::No => {
                        return Ok(words(
                            case,
                            by,
                            bot.words_for_stranger(by, "chat-bad-invite"),
                        ));
                    }
                }
            }
            None => {}
        }
    }
    let person = match known(bot, by, &after).await? {
        Ok(person) => person,
        Err(text) => return Ok(words(case, by, text)),
    };
    reach::heard(
        bot,
        by.number,
        &PersonId::from(person.id.as_str()),
        input.is_some(),
        &case.cause,
        case.patience,
    )
    .await?;
    let mut seat = bot.seats.seat(by.number, &person.id).await;
    if let Some(said) = left::had(bot, by.number, &seat, case.number).await {
        return Ok(Some(Left::new(
            case.number,
            by.number,
            seat.session.language(),
            said,
        )));
    }
    seat.after.append(&mut after);
    meet(bot, &mut seat, &person);
    let mut album = None;
    match input {
        Some(input) => says.extend(
            Talk::new(bot, &mut seat, format!("{}-0", case.cause), case.patience)
                .round(input)
                .await?,
        ),
        None => match inputs(bot, said).await {
            Ok((inputs, of)) => {
                album = of;
                for (n, input) in inputs.into_iter().enumerate() {
                    says.extend(
                        Talk::new(bot, &mut seat, format!("{}-{n}", case.cause), case.patience)
                            .round(input)
                            .await?,
                    );
                }
            }
            Err(key) => says.push(Say::Words(Words::of(seat.session.language()).say(key))),
        },
    }
    let language = seat.session.language();
    seat.had(case.number, &says);
    bot.seats.keep(by.number, seat).await;
    Ok(Some(Left {
        album,
        roles: Some(person.roles),
        ..Left::new(case.number, by.number, language, says)
    }))
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

/// Somebody pressed a button.
async fn pressed(
    bot: &Arc<Bot>,
    by: &Account,
    data: &str,
    group: Option<i64>,
    case: &Case<'_>,
) -> Result<Option<Left>, NotNow> {
    let left = |language, said| {
        Some(Left {
            group,
            press: case.press.cloned(),
            ..Left::new(case.number, by.number, language, said)
        })
    };
    let Some(person) = bot
        .identity(by.number, &After::new())
        .await?
        .filter(|person| !person.roles.is_empty())
    else {
        return Ok(left(
            language_of(by),
            vec![Say::Toast(words_for(by).say("chat-not-linked"))],
        ));
    };
    match group {
        Some(chat) => reach::heard_in_group(bot, chat, &case.cause),
        None => {
            reach::heard(
                bot,
                by.number,
                &PersonId::from(person.id.as_str()),
                false,
                &case.cause,
                case.patience,
            )
            .await?
        }
    }
    let own = bot.seats.seat(by.number, &person.id).await;
    if let Some(said) = left::had(bot, by.number, &own, case.number).await {
        return Ok(left(own.session.language(), said));
    }
    let input = Input::Press(data.to_owned());
    // In a group one presses without disturbing what one is doing in private; what is filled in is private.
    let beside = group.is_some() && !fills(&input);
    let mut seat = if beside { aside(&own) } else { own };
    meet(bot, &mut seat, &person);
    let said = Talk::new(bot, &mut seat, case.cause.clone(), case.patience)
        .round(input)
        .await?;
    let language = seat.session.language();
    put_back(bot, by.number, seat, beside, case.number, &said).await;
    if let Some(chat) = group {
        of_group(bot, chat, false);
    }
    Ok(left(language, said))
}

/// Somebody wrote in a group: only commands to this bot are answered, and only to people on the roster.
async fn in_group(
    bot: &Arc<Bot>,
    by: &Account,
    chat: i64,
    text: &str,
    case: &Case<'_>,
) -> Result<Option<Left>, NotNow> {
    let Some(command) = command_to(&bot.name, text) else {
        return Ok(None);
    };
    if let Some(Payload::Invitation { home, token }) = command
        .strip_prefix("/start ")
        .and_then(|rest| invite::payload(rest.trim()))
    {
        let bound = groups::bind(bot, chat, &home, &token, &case.cause, case.patience).await?;
        let told = !bound && bot.identity(by.number, &After::new()).await?.is_some();
        return Ok(words(
            case,
            by,
            told.then(|| words_for(by).say("chat-bad-invite")),
        ));
    }
    let Some(person) = bot
        .identity(by.number, &After::new())
        .await?
        .filter(|person| !person.roles.is_empty())
    else {
        return Ok(None);
    };
    if command == "/board" && groups::of(bot, chat, &After::new()).await?.is_some() {
        of_group(bot, chat, true);
        return Ok(None);
    }
    let own = bot.seats.seat(by.number, &person.id).await;
    let left = |language, said| {
        Some(Left {
            group: Some(chat),
            ..Left::new(case.number, by.number, language, said)
        })
    };
    if let Some(said) = left::had(bot, by.number, &own, case.number).await {
        return Ok(left(own.session.language(), said));
    }
    let input = Input::Text(command);
    let beside = !fills(&input);
    let mut seat = if beside { aside(&own) } else { own };
    meet(bot, &mut seat, &person);
    let said = Talk::new(bot, &mut seat, case.cause.clone(), case.patience)
        .round(input)
        .await?;
    let language = seat.session.language();
    put_back(bot, by.number, seat, beside, case.number, &said).await;
    Ok(left(language, said))
}

/// Shows a group its board anew, or brings its offers up to date: in the group's own lane, for nobody waits for it.
fn of_group(bot: &Arc<Bot>, chat: i64, board: bool) {
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

fn words_of(person: &PersonView) -> &'static Words {
    Words::of(picket_conversation::Language::parse(&person.language).unwrap_or_default())
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
mod wire_tests;

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
