//! Notices: what courier handed over goes to the person's private chat or to the group, and what became of it goes back.
//!
//! A notice waits for its turn before it enters the person's lane, so that nobody's own conversation waits
//! behind it. One attempt is carried once, also by two replicas. Where nobody knows whether it arrived,
//! that is the answer: courier counts it as unknown. It does not know why somebody is told something.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use picket_bus::{Carried, Carry, Handed, Notice};
use picket_conversation::{Input, Language};
use picket_ephemera::Rank;
use picket_schemas::PersonId;
use picket_schemas::ask::{Question, View};
use picket_schemas::courier::Priority;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::Instant;

use crate::bot::{Bot, CHANNEL, NotNow};
use crate::show::{Say, Show};
use crate::talk::{Patience, Talk};
use crate::trouble::Trouble;
use crate::{groups, handle};

/// How many notices are under way at once.
const AT_ONCE: usize = 1_024;
/// The longest one is under way, whatever courier says.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// What is kept of its time for telling how it went.
const SPARE: Duration = Duration::from_secs(20);
/// How long it is remembered that an attempt was carried.
const CARRIED: Duration = Duration::from_secs(24 * 60 * 60);
/// How long it takes until one who receives no more has heard so.
const SETTLES: Duration = Duration::from_millis(500);
/// Between two tries to reach the books.
const PAUSE: Duration = Duration::from_secs(1);

/// Carries notices as long as it is let, and while this process is the one that receives: that one alone does both.
pub(crate) async fn serve(bot: &Arc<Bot>) {
    let mut receiving = bot.receiving.subscribe();
    loop {
        // The sender lives as long as the bot.
        drop(receiving.wait_for(|receiving| *receiving).await);
        if !bot.settings.shared {
            // The other one, if there is one, hears in this moment that it does not receive any more.
            tokio::time::sleep(SETTLES).await;
        }
        if *receiving.borrow() {
            tokio::select! {
                () = carry(bot) => {}
                _ = receiving.wait_for(|receiving| !*receiving) => {}
            }
        }
    }
}

async fn carry(bot: &Arc<Bot>) {
    let limit = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        if let Ok(mut carrying) = bot.client.carrying(CHANNEL).await {
            while let Some(carry) = carrying.next().await {
                let (bot, limit) = (bot.clone(), limit.clone());
                bot.carrying.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let _counted = Counted(bot.clone());
                    // What is urgent waits for nothing else; courier lets so many out that this is bounded.
                    let permit = match carry.handed.priority {
                        Priority::Urgent => None,
                        Priority::Work | Priority::News => tokio::select! {
                            permit = limit.acquire() => permit.ok(),
                            () = bot.left() => None,
                        },
                    };
                    one(&bot, carry).await;
                    drop(permit);
                });
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// One notice at hand, until this is dropped.
struct Counted(Arc<Bot>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.carrying.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn one(bot: &Arc<Bot>, carry: Carry) {
    let left =
        u64::try_from(carry.handed.until.duration_since(bot.now()).as_secs()).unwrap_or_default();
    let deadline = Instant::now() + Duration::from_secs(left).min(LONGEST);
    let ready = tokio::select! {
        ready = ready(bot, &carry.handed, deadline) => ready,
        () = bot.left() => Err(going()),
    };
    match ready {
        Err(carried) => carry.answer(&carried),
        Ok(account) => {
            // Whom nobody tells anything hears from the other replica, which has it, or had.
            if let Some(carried) = in_lanes(bot, account, &carry.handed, deadline).await {
                carry.answer(&carried);
            }
        }
    }
}

fn going() -> Carried {
    Carried::Deferred("the bot is going down".to_owned(), None)
}

/// Where a notice goes, once its turn has come; or what became of it before that.
async fn ready(bot: &Bot, handed: &Handed, deadline: Instant) -> Result<i64, Carried> {
    // Who gets no turn says so while somebody still waits for the outcome.
    let soon = deadline
        .checked_sub(SPARE)
        .unwrap_or(deadline)
        .max(Instant::now());
    let account = account(bot, &handed.notice.to, soon)
        .await
        .map_err(|NotNow| away())?
        .ok_or(Carried::NotHere)?;
    if let Some(why) = bot.ways.why_shut(account) {
        return Err(Carried::Blocked(why));
    }
    bot.line
        .turn(account, rank(handed.priority), soon)
        .await
        .map_err(outcome)?;
    Ok(account)
}

/// Draws a notice in its person's lane and shows it behind what is shown there already. Nothing where another replica does.
async fn in_lanes(
    bot: &Arc<Bot>,
    account: i64,
    handed: &Handed,
    deadline: Instant,
) -> Option<Carried> {
    let (done, carried) = oneshot::channel();
    let (work, broken, handed) = (bot.clone(), bot.clone(), handed.clone());
    let name = format!("{}/{}", handed.notice.jurisdiction, handed.notice.notice);
    bot.lanes.put(
        account,
        move || async move {
            if work.is_leaving() {
                return drop(done.send(Some(going())));
            }
            if !is_first(&work, &handed).await {
                return drop(done.send(None));
            }
            if account < 0 {
                return drop(
                    done.send(Some(groups::show(&work, account, &handed, deadline).await)),
                );
            }
            let drawn = match draw(&work, account, &handed).await {
                Ok(drawn) => drawn,
                // Whoever waited for it may be gone by now.
                Err(carried) => return drop(done.send(Some(carried))),
            };
            let (shows, broken) = (work.clone(), work.clone());
            let name = format!("{}/{}", handed.notice.jurisdiction, handed.notice.notice);
            shows.shows.put(
                account,
                move || async move {
                    drop(done.send(Some(
                        show(&work, account, drawn, rank(handed.priority), deadline).await,
                    )))
                },
                move |why| async move {
                    broken.error(format!("notice {name} broke and was left: {why}"))
                },
            );
        },
        move |why| async move { broken.error(format!("notice {name} broke and was left: {why}")) },
    );
    // A piece of work that broke drops its sender: nobody knows what was seen.
    carried.await.unwrap_or_else(|_| {
        Some(Carried::Unknown(
            "something broke while it was shown".to_owned(),
        ))
    })
}

/// Whether no replica carried this attempt yet. A store that is away cannot say; this one receives.
async fn is_first(bot: &Bot, handed: &Handed) -> bool {
    let notice = &handed.notice;
    let once = bot.key(&format!(
        "carried/{}/{}/{}",
        notice.jurisdiction, notice.notice, handed.attempt
    ));
    !matches!(
        bot.settings
            .ephemera
            .put_if_absent(&once, b"1", CARRIED)
            .await,
        Ok(false)
    )
}

/// What a failure to send comes to.
pub(crate) fn outcome(why: Trouble) -> Carried {
    match why {
        Trouble::RetryAfter(wait) => {
            Carried::Deferred(why.to_string(), u32::try_from(wait.as_secs().max(1)).ok())
        }
        Trouble::Server(_) | Trouble::NotSent(_) => Carried::Deferred(why.to_string(), None),
        Trouble::Unreachable(words) => Carried::Blocked(words),
        Trouble::Unclear(_) => Carried::Unknown(why.to_string()),
        other => Carried::Failed(other.to_string()),
    }
}

/// Where the person can be written to, once the books say so.
async fn account(bot: &Bot, person: &PersonId, deadline: Instant) -> Result<Option<i64>, NotNow> {
    loop {
        match bot.account_of(person).await {
            Err(NotNow) if Instant::now() + PAUSE < deadline => tokio::time::sleep(PAUSE).await,
            result => return result,
        }
    }
}

fn away() -> Carried {
    Carried::Deferred("the books did not answer".to_owned(), None)
}

/// What a notice says now. What cannot be drawn yet, because it is not read yet or nobody answers, comes later.
async fn draw(bot: &Bot, account: i64, handed: &Handed) -> Result<(Language, Vec<Say>), Carried> {
    let notice = &handed.notice;
    let Ok(Ok(View::Person(person))) = bot
        .ask(
            &notice.to,
            &Question::Person {
                person: notice.to.clone(),
            },
            &notice.after,
        )
        .await
    else {
        return Err(away());
    };
    let mut seat = bot.seats.seat(account, &person.id).await;
    // Its card is drawn from what it follows from, whoever answers, and not from before that.
    for (book, n) in &notice.after {
        let read = seat.after.entry(book.clone()).or_default();
        *read = (*n).max(*read);
    }
    handle::meet(bot, &mut seat, &person);
    let Notice {
        notice: id,
        kind,
        about,
        jurisdiction,
        with,
        ..
    } = handed.notice.clone();
    let input = Input::Notice(picket_conversation::Notice {
        notice: id,
        kind,
        about,
        jurisdiction,
        with,
    });
    let said = Talk::new(
        bot,
        &mut seat,
        format!("notice-{}", notice.notice),
        Patience::Unasked,
    )
    .round(input)
    .await
    .map_err(|NotNow| away())?;
    let language = seat.session.language();
    bot.seats.keep(account, seat).await;
    if said.is_empty() {
        Err(Carried::Failed(
            "it is over by now: nothing is left to show".to_owned(),
        ))
    } else {
        Ok((language, said))
    }
}

/// Shows a notice in its person's chat.
async fn show(
    bot: &Bot,
    account: i64,
    (language, said): (Language, Vec<Say>),
    rank: Rank,
    deadline: Instant,
) -> Carried {
    if bot.is_leaving() {
        return going();
    }
    let mut show = Show::new(bot, account, language, rank, deadline);
    show.all(said).await;
    match (show.trouble, show.shown) {
        // What was shown of it must not come twice.
        (Some(why), shown) if shown > 0 && !matches!(why, Trouble::Unreachable(_)) => {
            Carried::Unknown(format!("a part of it was shown, then: {why}"))
        }
        (Some(why), _) => outcome(why),
        (None, 0) => Carried::Failed("nothing of it was shown".to_owned()),
        (None, _) => Carried::Sent,
    }
}

fn rank(priority: Priority) -> Rank {
    match priority {
        Priority::Urgent => Rank::Urgent,
        Priority::Work => Rank::Work,
        Priority::News => Rank::News,
    }
}

#[cfg(test)]
mod wire_tests;
