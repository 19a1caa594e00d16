//! What follows from one update: who it is, what was said or pressed, and the round it begins.
//!
//! An update is done with when its effect is durable or it was refused in words. While the books are away it
//! waits, as often as it takes. It does not know how updates are received.

use std::sync::Arc;
use std::time::Duration;

use picket_conversation::{Context, Input, Session, Words};
use picket_schemas::ask::{After, PersonView};
use picket_schemas::{CommandId, PersonId, Wish, courier};
use tokio::time::Instant;

use crate::bot::{Bot, CHANNEL, NotNow, is_away, words_for};
use crate::invite::{self, Bound, Payload};
use crate::line::{ANSWER, Haste};
use crate::seats::Seat;
use crate::talk::{Press, Talk};
use crate::update::{Account, Came, Said, What};
use crate::{menu, photos};

/// A press is answered within a second, come what may.
const SOON: Duration = Duration::from_millis(500);
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The press an update is, if it is one. Whatever waits before it in its lane, it is answered within a second.
pub(crate) fn press(bot: &Arc<Bot>, what: &What) -> Option<Arc<Press>> {
    let What::Pressed { query, message, .. } = what else { return None };
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

/// Handles an update until it is done with. False when the bot stops before.
pub(crate) async fn update(bot: &Bot, came: &Came, press: Option<&Press>) -> bool {
    let mut pause = FIRST_PAUSE;
    let mut told = false;
    while !bot.is_stopping() {
        if once(bot, came, press).await.is_ok() {
            return true;
        }
        if !std::mem::replace(&mut told, true) {
            bot.warn(format!("the books do not answer; update {} waits", came.number));
            if let Some(by) = who(&came.what) {
                bot.say(by.number, &words_for(by).say("chat-busy")).await;
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    false
}

/// What is said to whom when an update broke.
pub(crate) async fn broke(bot: &Bot, came: &Came, why: &str) {
    bot.error(format!("update {} broke and was left: {why}", came.number));
    if let Some(by) = who(&came.what) {
        bot.say(by.number, &words_for(by).with("chat-broken", &[("number", format!("E-{}", came.number).into())])).await;
    }
}

/// The lane an update belongs to.
pub(crate) fn lane(what: &What) -> i64 {
    who(what).map_or(0, |by| by.number)
}

fn who(what: &What) -> Option<&Account> {
    match what {
        What::Said { by, .. } | What::InGroup { by, .. } | What::Pressed { by, .. } | What::Blocked { by, .. } => Some(by),
        What::Nothing(_) => None,
    }
}

async fn once(bot: &Bot, came: &Came, press: Option<&Press>) -> Result<(), NotNow> {
    let cause = format!("tg-{}-{}", bot.id, came.number);
    match &came.what {
        What::Nothing(why) => {
            bot.note(format!("update {} was left: {why}", came.number));
            Ok(())
        }
        What::Blocked { by, blocked } => {
            bot.block(by.number, blocked.then_some("the person blocked the bot"));
            if *blocked { Ok(()) } else { reachable(bot, by, &After::new(), &cause).await }
        }
        What::Said { by, said } => private(bot, by, said, cause).await,
        What::Pressed { by, data, chat, group, .. } => match press {
            Some(press) => pressed(bot, by, data, group.then_some(*chat), press, cause).await,
            None => Ok(()),
        },
        What::InGroup { by, chat, text } => in_group(bot, by, *chat, text, cause).await,
    }
}

/// Somebody wrote in private.
async fn private(bot: &Bot, by: &Account, said: &Said, cause: String) -> Result<(), NotNow> {
    // Whoever writes can be written to again.
    let was_blocked = bot.why_blocked(by.number).is_some();
    bot.block(by.number, None);
    let mut after = After::new();
    let mut input = None;
    if let Said::Text(text) = said
        && let Some(rest) = text.trim().strip_prefix("/start").filter(|rest| rest.is_empty() || rest.starts_with(' '))
    {
        input = Some(Input::Start);
        match invite::payload(rest.trim()) {
            Some(Payload::Open(id)) => input = Some(Input::Text(id)),
            Some(Payload::Invitation { home, token }) => match invite::bind(bot, by, &home, &token, &cause).await? {
                Bound::Now(book, n) => {
                    after.insert(book, n);
                    if let Some(person) = bot.identity(by.number, &after).await? {
                        bot.say(by.number, &words_of(&person).with("chat-linked", &[("name", person.name.as_str().into())])).await;
                    }
                }
                // Opened once more by the one it belongs to, a link does no harm.
                Bound::No if bot.identity(by.number, &after).await?.is_some() => {}
                Bound::No => {
                    bot.say_to_stranger(by, "chat-bad-invite").await;
                    return Ok(());
                }
            },
            None => {}
        }
    }
    if was_blocked || input.is_some() {
        reachable(bot, by, &after, &cause).await?;
    }
    let Some(person) = known(bot, by, &after).await? else { return Ok(()) };
    let mut seat = bot.seats.seat(by.number, &person.id).await;
    seat.after.append(&mut after);
    meet(bot, &mut seat, &person);
    let words = Words::of(seat.session.language());
    let (inputs, album) = match input {
        Some(input) => (vec![input], None),
        None => match inputs(bot, said).await {
            Ok(read) => read,
            Err(key) => {
                bot.say(by.number, &words.say(key)).await;
                return Ok(());
            }
        },
    };
    for (n, input) in inputs.into_iter().enumerate() {
        let mut talk = Talk::new(bot, &mut seat, by.number, format!("{cause}-{n}"), Haste::Answer, Instant::now() + ANSWER);
        talk.album.clone_from(&album);
        talk.round(input).await?;
    }
    let language = seat.session.language();
    bot.seats.keep(by.number, seat).await;
    menu::refresh(bot, by.number, &person.roles, language).await;
    Ok(())
}

/// Somebody can be written to again: courier hears of it, and what waited goes out.
async fn reachable(bot: &Bot, by: &Account, after: &After, cause: &str) -> Result<(), NotNow> {
    let Some(person) = bot.identity(by.number, after).await? else { return Ok(()) };
    let person = PersonId::from(person.id.as_str());
    let command = courier::Command::Reachable { person: person.to_string(), channel: CHANNEL.to_owned() };
    let wish = Wish {
        id: CommandId::from(format!("{cause}-reachable")),
        by: person.clone(),
        via: CHANNEL.to_owned(),
        made: bot.now(),
        observed: None,
        trace: String::new(),
        command: command.into(),
    };
    match bot.client.wish(&person.jurisdiction(), &wish).await {
        Err(problem) if is_away(&problem) && !bot.books_answer().await => Err(NotNow),
        // A refusal says that nobody took the person for lost.
        _ => Ok(()),
    }
}

type Read = (Vec<Input>, Option<String>);

/// What somebody said, for the dialogue; or the text that says why it cannot be taken.
async fn inputs(bot: &Bot, said: &Said) -> Result<Read, &'static str> {
    match said {
        Said::Text(text) => Ok((vec![Input::Text(text.clone())], None)),
        Said::Location { latitude, longitude, accuracy_m } => {
            Ok((vec![Input::Location { latitude: *latitude, longitude: *longitude, accuracy_m: *accuracy_m }], None))
        }
        Said::File { file, size, name, album, caption } => {
            let hash = photos::fetch(bot, file, *size).await?;
            // A photo has no name of its own; the front of its hash tells it from others.
            let name = if name.is_empty() { hash.chars().take(8).collect() } else { name.clone() };
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
async fn pressed(bot: &Bot, by: &Account, data: &str, group: Option<i64>, press: &Press, cause: String) -> Result<(), NotNow> {
    let Some(person) = bot.identity(by.number, &After::new()).await?.filter(|person| !person.roles.is_empty()) else {
        if press.claim() {
            drop(bot.line.answer(&press.query, &words_for(by).say("chat-not-linked")).await);
        }
        return Ok(());
    };
    let own = bot.seats.seat(by.number, &person.id).await;
    // In a group one presses without disturbing what one is doing in private.
    let mut seat = if group.is_some() { aside(&own) } else { own };
    meet(bot, &mut seat, &person);
    let mut talk = Talk::new(bot, &mut seat, by.number, cause, Haste::Answer, Instant::now() + ANSWER);
    talk.group = group;
    talk.press = Some(press);
    talk.round(Input::Press(data.to_owned())).await?;
    put_back(bot, by.number, seat, group.is_some()).await;
    Ok(())
}

/// Somebody wrote in a group: only commands to this bot are answered, and only to people on the roster.
async fn in_group(bot: &Bot, by: &Account, chat: i64, text: &str, cause: String) -> Result<(), NotNow> {
    let Some(command) = command_to(&bot.name, text) else { return Ok(()) };
    let Some(person) = bot.identity(by.number, &After::new()).await?.filter(|person| !person.roles.is_empty()) else { return Ok(()) };
    let own = bot.seats.seat(by.number, &person.id).await;
    let mut seat = aside(&own);
    meet(bot, &mut seat, &person);
    let mut talk = Talk::new(bot, &mut seat, by.number, cause, Haste::Answer, Instant::now() + ANSWER);
    talk.group = Some(chat);
    talk.round(Input::Text(command)).await?;
    put_back(bot, by.number, seat, true).await;
    Ok(())
}

/// A dialogue beside somebody's own, in the same language.
fn aside(own: &Seat) -> Seat {
    Seat { person: own.person.clone(), session: Session::speaking(own.session.language()), after: own.after.clone(), album: None }
}

/// Puts a dialogue back; of one beside the own only what was written is kept.
async fn put_back(bot: &Bot, account: i64, seat: Seat, aside: bool) {
    if !aside {
        return bot.seats.keep(account, seat).await;
    }
    let mut own = bot.seats.seat(account, &seat.person).await;
    own.after = seat.after;
    bot.seats.keep(account, own).await;
}

/// Who writes; strangers and those who left are told, a few times an hour.
async fn known(bot: &Bot, by: &Account, after: &After) -> Result<Option<PersonView>, NotNow> {
    match bot.identity(by.number, after).await? {
        Some(person) if !person.roles.is_empty() => Ok(Some(person)),
        Some(_) => {
            bot.say_to_stranger(by, "chat-left").await;
            Ok(None)
        }
        None => {
            bot.say_to_stranger(by, "chat-not-linked").await;
            Ok(None)
        }
    }
}

/// The dialogue takes over what the roster says of the person now.
pub(crate) fn meet(bot: &Bot, seat: &mut Seat, person: &PersonView) {
    let id = PersonId::from(person.id.as_str());
    let cx = Context { now: bot.now(), zone: &bot.settings.zone, person: &id };
    seat.session.meet(person, &cx);
}

fn words_of(person: &PersonView) -> &'static Words {
    Words::of(picket_conversation::Language::parse(&person.language).unwrap_or_default())
}

/// `/board@our_bot now` as `/board now`; nothing for what is meant for others.
fn command_to(bot: &str, text: &str) -> Option<String> {
    let text = text.trim();
    let (name, rest) = text.strip_prefix('/')?.split_once(char::is_whitespace).unwrap_or((&text[1..], ""));
    let (name, to) = name.split_once('@').unwrap_or((name, bot));
    to.eq_ignore_ascii_case(bot).then(|| format!("/{name} {rest}").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::command_to;

    #[test]
    fn in_a_group_only_commands_to_this_bot_are_read() {
        assert_eq!(command_to("picket_bot", "/board").as_deref(), Some("/board"));
        assert_eq!(command_to("picket_bot", " /task@Picket_Bot T-1 ").as_deref(), Some("/task T-1"));
        assert_eq!(command_to("picket_bot", "/board@another_bot"), None);
        assert_eq!(command_to("picket_bot", "hello /board"), None);
        assert_eq!(command_to("picket_bot", ""), None);
    }
}
