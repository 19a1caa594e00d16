//! Groups: the live board, sheets several may take, bulletins; and how a group becomes one of Picket's.
//!
//! A group has one board, pinned, which changes in its place when something happened, and not more often than
//! every quarter of a minute. Offers change when they are taken. What stands where is remembered in the shared
//! store and may be lost: then a new board comes. Nothing here is asked in anybody's name but the group's own,
//! so what a group may not see never gets here. It does not know what a sheet is.

mod standing;

use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Carried, Handed};
use picket_conversation::group;
use picket_ephemera::Rank;
use picket_schemas::ask::{After, GroupAccount, GroupView, Question, View};
use picket_schemas::courier::NoticeKind;
use picket_schemas::{PersonId, split_id};
use tokio::time::Instant;

use crate::bot::{Bot, CHANNEL, NotNow};
use crate::invite::{self, Bound};
use crate::line::ANSWER;
use crate::notices::outcome;
use crate::reach::{self, Way};
use crate::render::{self, Rendered};
use crate::talk::Patience;
use crate::trouble::Trouble;
pub(crate) use standing::Turns;
use standing::{Live, Standing, hash, keep, known, push, standing};

/// How long a board waits for its turn; after that the next look at it does.
const PATIENCE: Duration = Duration::from_secs(8);

/// Keeps boards up to date as long as it is let.
pub(crate) async fn serve(bot: &Arc<Bot>) {
    let mut receiving = bot.receiving.subscribe();
    loop {
        // The one that receives draws; the sender lives as long as the bot.
        drop(receiving.wait_for(|receiving| *receiving).await);
        note_moves(bot).await;
        for one in all(bot).await {
            let Some(chat) = one
                .account
                .parse::<i64>()
                .ok()
                .filter(|chat| bot.groups.is_free(*chat))
            else {
                continue;
            };
            let (work, broken) = (bot.clone(), bot.clone());
            bot.lanes.put(
                chat,
                move || async move {
                    if !work.is_leaving() {
                        refresh(&work, chat, &one.group).await;
                    }
                },
                move |why| async move {
                    broken.error(format!("the board of {chat} broke and was left: {why}"))
                },
            );
        }
        tokio::time::sleep(bot.settings.boards).await;
    }
}

async fn all(bot: &Bot) -> Vec<GroupAccount> {
    match bot
        .ask(
            &crate::bot::edge(),
            &Question::Groups {
                channel: CHANNEL.to_owned(),
            },
            &After::new(),
        )
        .await
    {
        Ok(Ok(View::Groups(groups))) => groups,
        // Away: the boards stay as they are for now.
        _ => Vec::new(),
    }
}

/// The group a chat is, if it is one.
pub(crate) async fn of(bot: &Bot, chat: i64, after: &After) -> Result<Option<PersonId>, NotNow> {
    Ok(bot
        .identity(chat, after)
        .await?
        .filter(|known| known.roles.iter().any(|role| role == "group"))
        .map(|known| known.id.as_str().into()))
}

/// What a group is shown; with sheets, those and no others.
async fn view(bot: &Bot, group: &PersonId, tasks: &[String]) -> Result<Option<GroupView>, NotNow> {
    match bot
        .ask(
            group,
            &Question::Group {
                group: group.clone(),
                tasks: tasks.to_vec(),
            },
            &After::new(),
        )
        .await?
    {
        Ok(View::Group(view)) => Ok(Some(*view)),
        Ok(View::Stale) => Err(NotNow),
        _ => Ok(None),
    }
}

/// Opens an invitation in a group.
pub(crate) async fn bind(
    bot: &Bot,
    chat: i64,
    home: &str,
    token: &str,
    cause: &str,
    patience: Patience,
) -> Result<bool, NotNow> {
    let mut after = After::new();
    match invite::bind(bot, chat, true, home, token, cause).await? {
        Bound::Now(book, n) => drop(after.insert(book, n)),
        Bound::No => return Ok(of(bot, chat, &after).await?.is_some()),
    }
    let Some(group) = of(bot, chat, &after).await? else {
        return Ok(true);
    };
    // What waited because the group was left comes here; the way first, for it comes at once.
    bot.ways.put(chat, Way::Open);
    reach::tell(bot, chat, &group, true, &format!("{cause}-bound"), patience).await?;
    if let Some(view) = view(bot, &group, &[]).await? {
        bot.say(chat, &group::welcome(&view)).await;
    }
    refresh(bot, chat, &group).await;
    Ok(true)
}

/// Shows the board anew, at the end of what was said.
pub(crate) async fn show_board(bot: &Bot, chat: i64, group: &PersonId) {
    let _alone = bot.groups.of(chat).await;
    let mut standing = standing(bot, chat).await;
    let before = standing.board.take();
    draw_board(bot, chat, group, &mut standing, true).await;
    keep(bot, chat, &standing).await;
    if let (Some(before), true) = (before, standing.board.is_some()) {
        bot.line.strip(chat, before.message).await;
    }
}

/// Brings what stands in a group up to date.
pub(crate) async fn refresh(bot: &Bot, chat: i64, group: &PersonId) {
    if bot.ways.why_shut(chat).is_some() {
        return;
    }
    let _alone = bot.groups.of(chat).await;
    // Drawn without knowing what stands there, it would stand there twice.
    let Some(mut standing) = known(bot, chat).await else {
        return;
    };
    draw_board(bot, chat, group, &mut standing, false).await;
    redraw_offers(bot, chat, group, &mut standing).await;
    keep(bot, chat, &standing).await;
}

/// Brings the offers of a group up to date, after somebody pressed there.
pub(crate) async fn refresh_offers(bot: &Bot, chat: i64, group: &PersonId) {
    let _alone = bot.groups.of(chat).await;
    // Drawn without knowing what stands there, it would stand there twice.
    let Some(mut standing) = known(bot, chat).await else {
        return;
    };
    redraw_offers(bot, chat, group, &mut standing).await;
    keep(bot, chat, &standing).await;
}

async fn draw_board(bot: &Bot, chat: i64, group: &PersonId, standing: &mut Standing, asked: bool) {
    let Ok(Some(view)) = view(bot, group, &[]).await else {
        return;
    };
    if standing.board.is_none() && !asked && view.batches.is_empty() && view.tasks.is_empty() {
        return;
    }
    let shown = render::card(&group::board(&view, bot.now(), &bot.settings.zone));
    let shows = hash(&shown);
    if standing
        .board
        .as_ref()
        .is_some_and(|live| live.shows == shows)
    {
        return;
    }
    let deadline = Instant::now() + if asked { ANSWER } else { PATIENCE };
    let failed = |why: Trouble| match why {
        // Others are more pressing now.
        Trouble::RetryAfter(_) => {}
        why => bot.not_sent(chat, &why),
    };
    if let Some(live) = &mut standing.board {
        match bot
            .line
            .edit(chat, live.message, &shown, Rank::News, deadline)
            .await
        {
            Ok(()) => return live.shows = shows,
            Err(Trouble::NoMessage) => standing.board = None,
            Err(why) => return failed(why),
        }
    }
    let rank = if asked { Rank::Work } else { Rank::News };
    match post(bot, chat, &shown, rank, deadline).await {
        Ok((at, message)) => {
            if let Err(why) = bot.line.pin(at, message).await {
                bot.note(format!("the board of {chat} is not pinned: {why}"));
            }
            standing.board = Some(Live {
                at,
                message,
                shows,
                of: Vec::new(),
            });
        }
        Err(why) => failed(why),
    }
}

async fn redraw_offers(bot: &Bot, chat: i64, group: &PersonId, standing: &mut Standing) {
    for mut live in std::mem::take(&mut standing.offers) {
        let stands = match view(bot, group, &live.of).await {
            Ok(Some(view)) => redraw(bot, chat, &mut live, &view).await,
            // The books are away, or the group is none any more: it stays as it is.
            _ => true,
        };
        if stands {
            standing.offers.push(live);
        }
    }
}

/// Whether the card is kept up to date any longer.
async fn redraw(bot: &Bot, chat: i64, live: &mut Live, view: &GroupView) -> bool {
    let shown = render::card(&group::offers(view, bot.now(), &bot.settings.zone));
    let shows = hash(&shown);
    if !view.tasks.is_empty() && live.shows != shows {
        match bot
            .line
            .edit(
                chat,
                live.message,
                &shown,
                Rank::Work,
                Instant::now() + PATIENCE,
            )
            .await
        {
            Ok(()) => live.shows = shows,
            Err(Trouble::NoMessage) => return false,
            Err(Trouble::RetryAfter(_)) => return true,
            Err(why) => {
                bot.not_sent(chat, &why);
                return true;
            }
        }
    }
    view.tasks
        .iter()
        .any(|task| matches!(task.state.as_str(), "issued" | "accepted" | "returned"))
}

/// Shows a notice to a group; its turn has come.
pub(crate) async fn show(bot: &Bot, chat: i64, handed: &Handed, deadline: Instant) -> Carried {
    let notice = &handed.notice;
    let away = || Carried::Deferred("the books did not answer".to_owned(), None);
    let Ok(found) = of(bot, chat, &notice.after).await else {
        return away();
    };
    if found.as_ref() != Some(&notice.to) {
        return Carried::NotHere;
    }
    let about: Vec<String> = match notice.with.get("items") {
        Some(items) => items.split(';').map(str::to_owned).collect(),
        None => vec![notice.about.clone()],
    };
    let full = |id: &String| {
        if split_id(id).0.is_some() {
            id.clone()
        } else {
            format!("{}/{id}", notice.jurisdiction)
        }
    };
    let about: Vec<_> = about.iter().map(full).collect();
    let _alone = bot.groups.of(chat).await;
    let shown = match notice.kind {
        NoticeKind::Offer => show_offers(bot, chat, &notice.to, about, deadline).await,
        NoticeKind::Bulletin => show_bulletin(bot, chat, handed, deadline).await,
        _ => return Carried::Failed("nothing a group is shown".to_owned()),
    };
    match shown {
        Err(NotNow) => away(),
        Ok(Some(Err(why))) => {
            bot.not_sent(chat, &why);
            outcome(why)
        }
        Ok(Some(Ok(()))) => Carried::Sent,
        Ok(None) => Carried::Failed("it is over by now: nothing is left to show".to_owned()),
    }
}

type Shown = Result<Option<Result<(), Trouble>>, NotNow>;

async fn show_offers(
    bot: &Bot,
    chat: i64,
    group: &PersonId,
    about: Vec<String>,
    deadline: Instant,
) -> Shown {
    let Some(view) = view(bot, group, &about).await? else {
        return Ok(None);
    };
    if !view.tasks.iter().any(|task| task.open) {
        return Ok(None);
    }
    let shown = render::card(&group::offers(&view, bot.now(), &bot.settings.zone));
    let (at, message) = match bot.line.place(chat, &shown, Rank::Work, deadline).await {
        Ok(placed) => placed,
        Err(why) => return Ok(Some(Err(why))),
    };
    let mut standing = standing(bot, chat).await;
    push(
        &mut standing.offers,
        Live {
            at,
            message,
            shows: hash(&shown),
            of: about,
        },
    );
    keep(bot, chat, &standing).await;
    Ok(Some(Ok(())))
}

/// One message a bulletin: what corrects it takes its place.
async fn show_bulletin(bot: &Bot, chat: i64, handed: &Handed, deadline: Instant) -> Shown {
    let notice = &handed.notice;
    let question = Question::Bulletin {
        jurisdiction: notice.jurisdiction.clone(),
        bulletin: Some(notice.about.clone()),
    };
    let bulletin = match bot.ask(&notice.to, &question, &After::new()).await? {
        Ok(View::Bulletin(Some(bulletin))) if bulletin.approved => bulletin,
        Ok(View::Stale) => return Err(NotNow),
        _ => return Ok(None),
    };
    let Some(view) = view(bot, &notice.to, &[]).await? else {
        return Ok(None);
    };
    let shown = render::card(&group::bulletin(
        &view,
        &bulletin,
        bot.now(),
        &bot.settings.zone,
    ));
    let mut standing = standing(bot, chat).await;
    let earlier = standing.bulletins.iter_mut().find(|live| {
        live.of.contains(&bulletin.bulletin)
            || bulletin
                .corrects
                .as_ref()
                .is_some_and(|corrected| live.of.contains(corrected))
    });
    if let Some(live) = earlier
        && shown.parts.len() == 1
    {
        match bot
            .line
            .edit(chat, live.message, &shown, Rank::News, deadline)
            .await
        {
            Ok(()) => {
                live.of.push(bulletin.bulletin.clone());
                live.shows = hash(&shown);
                keep(bot, chat, &standing).await;
                return Ok(Some(Ok(())));
            }
            Err(Trouble::NoMessage) => {}
            Err(why) => return Ok(Some(Err(why))),
        }
    }
    let (at, message) = match bot.line.place(chat, &shown, Rank::News, deadline).await {
        Ok(placed) => placed,
        Err(why) => return Ok(Some(Err(why))),
    };
    push(
        &mut standing.bulletins,
        Live {
            at,
            message,
            shows: hash(&shown),
            of: vec![bulletin.bulletin.clone()],
        },
    );
    keep(bot, chat, &standing).await;
    Ok(Some(Ok(())))
}

/// Sends what nobody's notice had a turn for.
async fn post(
    bot: &Bot,
    chat: i64,
    shown: &Rendered,
    rank: Rank,
    deadline: Instant,
) -> Result<(i64, i32), Trouble> {
    bot.line.turn(chat, rank, deadline).await?;
    bot.line.place(chat, shown, rank, deadline).await
}

/// A group with another number is bound there: whoever runs the bot invites it, and the bot opens the link.
async fn note_moves(bot: &Arc<Bot>) {
    for (from, to) in bot.line.fresh_moves() {
        let moved = async {
            let Some(group) = of(bot, from, &After::new()).await? else {
                return Ok(());
            };
            let standing = standing(bot, from).await;
            let cause = format!("moved-{from}-{to}");
            if invite::rebind(bot, &group, to, &cause).await? {
                bot.ways.put(to, Way::Open);
                reach::soon(bot, to, &group, &cause);
                keep(bot, to, &standing).await;
                bot.note(format!("the group {group} has another number"));
            }
            Ok::<(), NotNow>(())
        };
        if moved.await.is_err() {
            bot.line.again(from, to);
        }
    }
}
