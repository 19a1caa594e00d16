//! Notices: what courier handed over goes to the person's private chat, and what became of it goes back.
//!
//! A notice waits for its turn before it enters the person's lane, so that nobody's own conversation waits
//! behind it. One attempt is carried once, also by two replicas. Where nobody knows whether it arrived,
//! that is the answer: courier counts it as unknown. It does not know why somebody is told something.

use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Carried, Carry, Handed, Notice};
use picket_conversation::Input;
use picket_schemas::PersonId;
use picket_schemas::ask::{After, Question, View};
use picket_schemas::courier::Priority;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::Instant;

use crate::bot::{Bot, CHANNEL, NotNow};
use crate::handle;
use crate::line::Haste;
use crate::talk::Talk;
use crate::trouble::Trouble;

/// How many notices are under way at once.
const AT_ONCE: usize = 1_024;
/// The longest one is under way, whatever courier says.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// How long it is remembered that an attempt was carried.
const CARRIED: Duration = Duration::from_secs(24 * 60 * 60);
/// Between two tries to reach the books.
const PAUSE: Duration = Duration::from_secs(1);

/// Carries notices as long as it is let.
pub(crate) async fn serve(bot: &Arc<Bot>) {
    let limit = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        if let Ok(mut carrying) = bot.client.carrying(CHANNEL).await {
            while let Some(carry) = carrying.next().await {
                let Ok(permit) = limit.clone().acquire_owned().await else { return };
                let bot = bot.clone();
                tokio::spawn(async move {
                    one(&bot, carry).await;
                    drop(permit);
                });
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn one(bot: &Arc<Bot>, carry: Carry) {
    let left = u64::try_from(carry.handed.until.duration_since(bot.now()).as_secs()).unwrap_or_default();
    let deadline = Instant::now() + Duration::from_secs(left).min(LONGEST);
    let to = carry.handed.notice.to.clone();
    let Ok(account) = account(bot, &to, deadline).await else { return };
    let Some(account) = account else { return carry.answer(&Carried::NotHere) };
    if let Some(why) = bot.why_blocked(account) {
        return carry.answer(&Carried::Blocked(why));
    }
    if let Err(why) = bot.line.pace(account, haste(carry.handed.priority), deadline).await {
        return carry.answer(&outcome(why));
    }
    let notice = &carry.handed.notice;
    let once = bot.key(&format!("carried/{}/{}/{}", notice.jurisdiction, notice.notice, carry.handed.attempt));
    // Another replica has it, or had: its answer counts. A store that is away cannot say; this one holds the lease.
    if matches!(bot.settings.ephemera.put_if_absent(&once, b"1", CARRIED).await, Ok(false)) {
        return;
    }
    let (done, carried) = oneshot::channel();
    let (work, broken) = (bot.clone(), bot.clone());
    let handed = carry.handed.clone();
    let name = format!("{}/{}", notice.jurisdiction, notice.notice);
    bot.lanes.put(
        account,
        move || async move {
            // Whoever waited for it may be gone by now.
            drop(done.send(show(&work, account, &handed, deadline).await));
        },
        move |why| async move { broken.error(format!("notice {name} broke and was left: {why}")) },
    );
    // A piece of work that broke drops its sender: nobody knows what was seen.
    let broke = || Carried::Unknown("something broke while it was shown".to_owned());
    let carried = carried.await.unwrap_or_else(|_| broke());
    carry.answer(&carried);
}

/// What a failure to send comes to.
fn outcome(why: Trouble) -> Carried {
    match why {
        Trouble::RetryAfter(wait) => Carried::Deferred(why.to_string(), u32::try_from(wait.as_secs().max(1)).ok()),
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

/// Shows a notice in its person's chat.
async fn show(bot: &Bot, account: i64, handed: &Handed, deadline: Instant) -> Carried {
    let away = || Carried::Deferred("the books did not answer".to_owned(), None);
    let notice = &handed.notice;
    let Ok(Ok(View::Person(person))) = bot.ask(&notice.to, &Question::Person { person: notice.to.clone() }, &After::new()).await else { return away() };
    let mut seat = bot.seats.seat(account, &person.id).await;
    handle::meet(bot, &mut seat, &person);
    let Notice { notice: id, kind, about, jurisdiction, with, .. } = handed.notice.clone();
    let input = Input::Notice(picket_conversation::Notice { notice: id, kind, about, jurisdiction, with });
    let mut talk = Talk::new(bot, &mut seat, account, format!("notice-{}", notice.notice), haste(handed.priority), deadline);
    let done = talk.round(input).await;
    let (shown, trouble) = (talk.shown, talk.trouble.take());
    bot.seats.keep(account, seat).await;
    match (done, trouble, shown) {
        (Err(NotNow), ..) => away(),
        (_, Some(why), _) => outcome(why),
        (_, None, 0) => Carried::Failed("it is over by now: nothing is left to show".to_owned()),
        (_, None, _) => Carried::Sent,
    }
}

fn haste(priority: Priority) -> Haste {
    match priority {
        Priority::News => Haste::Bulk,
        Priority::Urgent | Priority::Work => Haste::Notice,
    }
}
