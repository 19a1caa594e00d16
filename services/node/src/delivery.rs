//! The transports of this process: follows courier's journals, shows handed notices on open screens and gives
//! them to the chat channel, reports how it went.
//!
//! The loop takes what the cache published of courier's own journals and starts an attempt for every notice handed. Its
//! events are a change of the cache and a tenth of a second gone by; where the cache no longer reaches back, the
//! journals are read. Its price is at most 1,024 attempts at once. Why courier decides and this only carries: decision
//! 0009.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use picket_bus::{Bus, Carried, Client, Handed, Notice, ScreenOutcome, subjects};
use picket_reading::{CausalReader, Decoded};
use picket_runtime::{Engine, Live, book_name};
use picket_schemas::ask::{After, Question, View, Viewer};
use picket_schemas::courier::{self, Delivery, Priority};
use picket_schemas::{Commit, Event, Jurisdiction, PersonId, Problem};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::ids::system_wish;

/// How many notices are under way at once; a chat platform has a pace of its own.
const AT_ONCE: usize = 1_024;
/// Open screens, and the channel people have besides them.
const SCREEN: &str = "terminal";
const CHAT: &str = "telegram";
/// How soon an outcome is told again that did not find its book, and how long one telling may take.
const AGAIN: Duration = Duration::from_millis(500);
const ASKED: Duration = Duration::from_secs(5);
/// The longest a notice is under way.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// How long something urgent looks for whoever serves the chat, which may just be changing hands, and how often.
const LOOKS: Duration = Duration::from_secs(30);
/// The same for what is not: a bot that has just begun listens before it carries.
const BEGINS: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_secs(1);

/// Carries every notice that courier hands over in this process, for ever.
pub(crate) async fn carry(engine: Arc<Engine>, live: Arc<Live>, client: Client) {
    let carrier = Carrier {
        live,
        client,
        limit: Arc::new(Semaphore::new(AT_ONCE)),
    };
    // All that was published since this process began; what was handed before counts as unknown by itself.
    let mut place = 0;
    let mut seen: BTreeMap<String, (u64, String)> = BTreeMap::new();
    loop {
        let changed = engine.cache.changed();
        let mut commits = match engine.cache.own_after(place) {
            Some((commits, end)) => {
                place = end;
                commits
            }
            None => {
                place = engine.cache.own_place();
                missed(&engine, &carrier.live, &seen).await
            }
        };
        commits.retain(|commit| {
            seen.get(&commit.commit.book)
                .is_none_or(|(n, _)| commit.head.number > *n)
        });
        for commit in &commits {
            seen.insert(
                commit.commit.book.clone(),
                (commit.head.number, commit.head.hash.clone()),
            );
        }
        for handed in commits.iter().flat_map(|commit| notices(&commit.commit)) {
            carrier.start(handed);
        }
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
        }
    }
}

/// The notices a commit hands over; only courier's do.
fn notices(commit: &Commit) -> Vec<Handed> {
    let Some(home) = commit.book.strip_prefix("courier/") else {
        return Vec::new();
    };
    let handed = |event: &Event| {
        let Event::Courier(courier::Event::NoticeHanded {
            notice,
            to,
            kind,
            about,
            attempt,
            until,
            with,
            priority,
            also,
            ..
        }) = event
        else {
            return None;
        };
        let notice = Notice {
            jurisdiction: home.into(),
            notice: notice.to_string(),
            to: to.clone(),
            kind: *kind,
            about: about.to_string(),
            at: commit.at,
            with: with.clone(),
            after: [(commit.book.clone(), commit.n)].into(),
        };
        Some(Handed {
            notice,
            attempt: *attempt,
            priority: *priority,
            also: also.clone(),
            until: *until,
        })
    };
    let events = commit.entries.iter().flat_map(|entry| &entry.events);
    events.filter_map(handed).collect()
}

/// Brings notices to people, and tells their books how that went.
struct Carrier {
    live: Arc<Live>,
    client: Client,
    limit: Arc<Semaphore>,
}

impl Carrier {
    /// Starts to carry a notice. What is urgent waits for nothing else; courier lets so many out that this is bounded.
    fn start(&self, handed: Handed) {
        let (live, client) = (self.live.clone(), self.client.clone());
        let permit =
            (handed.priority != Priority::Urgent).then(|| self.limit.clone().acquire_owned());
        tokio::spawn(async move {
            let permit = match permit {
                Some(permit) => permit.await.ok(),
                None => None,
            };
            report(&live, &client, handed).await;
            drop(permit);
        });
    }
}

/// The commits of courier's journals after those that were seen, where the cache no longer reaches back so far.
async fn missed(
    engine: &Engine,
    live: &Live,
    seen: &BTreeMap<String, (u64, String)>,
) -> Vec<Arc<Decoded>> {
    let books: Vec<_> = engine
        .books()
        .into_iter()
        .filter(|book| {
            book.service() == "courier" && live.keeps(book) && seen.contains_key(book.as_str())
        })
        .collect();
    let mut causal = CausalReader::new(engine.journal.clone(), &books, seen);
    let mut commits = Vec::new();
    while let Ok(batch) = causal.next(512).await {
        if batch.is_empty() {
            break;
        }
        commits.extend(batch);
    }
    commits
}

/// The outcome of an attempt, as it is reported.
struct DeliveryOutcome {
    delivery: Delivery,
    reason: String,
    channel: &'static str,
    retry_after: Option<u32>,
}

impl DeliveryOutcome {
    fn of(channel: &'static str, delivery: Delivery, reason: impl Into<String>) -> Self {
        Self {
            delivery,
            reason: reason.into(),
            channel,
            retry_after: None,
        }
    }
}

async fn report(live: &Live, client: &Client, handed: Handed) {
    let (notice, attempt) = (&handed.notice, handed.attempt);
    let Some(DeliveryOutcome {
        delivery,
        reason,
        channel,
        retry_after,
    }) = deliver(client, &handed, live.engine().clock.now()).await
    else {
        // Not known: courier counts it as such when its time is over.
        return;
    };
    let wish = Reported {
        id: format!(
            "delivery:{}:{}:{attempt}",
            notice.jurisdiction, notice.notice
        ),
        command: courier::Command::ReportDelivery {
            notice: notice.notice.as_str().into(),
            attempt,
            delivery,
            reason,
            channel: channel.to_owned(),
            retry_after,
        },
    };
    // The book may be on its way to another process: told until nobody waits for it any more.
    while !tell(live, client, &notice.jurisdiction, &wish).await
        && live.engine().clock.now() < handed.until
    {
        tokio::time::sleep(AGAIN).await;
    }
}

/// An outcome as it travels to whoever keeps the book.
#[derive(Debug, Serialize, Deserialize)]
struct Reported {
    id: String,
    command: courier::Command,
}

fn subject(jurisdiction: &Jurisdiction) -> String {
    subjects::outcome(jurisdiction)
}

/// Tells the book; false where it has to be told again. Any other refusal says that the outcome came another way.
async fn tell(
    live: &Live,
    client: &Client,
    jurisdiction: &Jurisdiction,
    reported: &Reported,
) -> bool {
    if book_name("courier", jurisdiction).is_ok_and(|book| live.keeps(&book)) {
        return put(live, jurisdiction, reported).await;
    }
    let body = serde_json::to_vec(reported).unwrap_or_default();
    client
        .bus()
        .ask(&subject(jurisdiction), body, ASKED)
        .await
        .is_ok_and(|answer| answer == b"told")
}

async fn put(live: &Live, jurisdiction: &Jurisdiction, reported: &Reported) -> bool {
    let wish = system_wish(
        reported.id.clone(),
        jurisdiction,
        live.engine().clock.now(),
        reported.command.clone().into(),
    );
    let answer = live.wish(jurisdiction, wish).await;
    !answer.is_err_and(|problem| {
        matches!(
            problem.code.as_str(),
            "busy" | "lost_race" | "not_saved" | "outcome_unknown" | "stopped" | "unknown"
        )
    })
}

/// Takes outcomes that other processes have for a book kept here.
pub(crate) async fn outcomes(bus: Arc<dyn Bus>, live: Arc<Live>, jurisdiction: Jurisdiction) {
    let mut requests = loop {
        match bus.serve(&subject(&jurisdiction)).await {
            Ok(requests) => break requests,
            Err(_) => tokio::time::sleep(AGAIN).await,
        }
    };
    while let Some(request) = requests.next().await {
        if let Ok(reported) = serde_json::from_slice::<Reported>(&request.body)
            && matches!(reported.command, courier::Command::ReportDelivery { .. })
            && put(&live, &jurisdiction, &reported).await
        {
            request.reply(b"told".to_vec());
        }
    }
}

/// On every open screen of the person, and in the chat: seen on one of them it is sent.
async fn deliver(client: &Client, handed: &Handed, now: Timestamp) -> Option<DeliveryOutcome> {
    let patience = Duration::try_from(handed.until.duration_since(now))
        .unwrap_or_default()
        .min(LONGEST);
    let (screen, mut chat) = tokio::join!(
        client.show(&handed.notice),
        client.carry(CHAT, handed, patience)
    );
    let unserved = |chat: &Result<Carried, Problem>| *chat == Ok(Carried::Unserved);
    if screen == Ok(ScreenOutcome::NobodyThere) && unserved(&chat) {
        if !is_in_chat(client, &handed.notice.to).await {
            chat = Ok(Carried::NotHere);
        } else {
            let ends = Instant::now()
                + if handed.priority == Priority::Urgent {
                    LOOKS
                } else {
                    BEGINS
                };
            while unserved(&chat) && Instant::now() < ends {
                tokio::time::sleep(LOOK).await;
                chat = client.carry(CHAT, handed, patience).await;
            }
        }
    }
    Some(match (screen, chat) {
        (Ok(ScreenOutcome::Shown), _) => DeliveryOutcome::of(SCREEN, Delivery::Sent, ""),
        (_, Ok(Carried::Sent)) => DeliveryOutcome::of(CHAT, Delivery::Sent, ""),
        (_, Ok(Carried::Failed(why))) => DeliveryOutcome::of(CHAT, Delivery::Failed, why),
        (_, Ok(Carried::Blocked(why))) => DeliveryOutcome::of(CHAT, Delivery::Blocked, why),
        (_, Ok(Carried::Unknown(why))) => DeliveryOutcome::of(CHAT, Delivery::Unknown, why),
        (_, Ok(Carried::Deferred(why, retry_after))) => DeliveryOutcome {
            retry_after,
            ..DeliveryOutcome::of(CHAT, Delivery::Deferred, why)
        },
        (Err(_), _) | (_, Err(_)) => return None,
        (Ok(ScreenOutcome::NobodyThere), Ok(Carried::Unserved)) => DeliveryOutcome::of(
            CHAT,
            Delivery::Away,
            "nobody carries notices to the chat now",
        ),
        (Ok(ScreenOutcome::NobodyThere), Ok(Carried::NotHere)) => DeliveryOutcome::of(
            SCREEN,
            Delivery::Failed,
            "no screen is open for this person",
        ),
    })
}

/// True where the person has an account in the chat, and while that cannot be known.
async fn is_in_chat(client: &Client, person: &PersonId) -> bool {
    let question = Question::Accounts {
        person: person.clone(),
    };
    match client
        .ask(&Viewer::person(person), &question, &After::new())
        .await
        .map(|reply| reply.view)
    {
        Ok(View::Accounts(accounts)) => accounts.iter().any(|account| account.channel == CHAT),
        Ok(View::Stale) | Err(_) => true,
        Ok(_) => false,
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod wire_tests;
