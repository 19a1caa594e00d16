//! Notices: each that courier handed over goes to the person's private chat or to the group, and its outcome goes back.
//!
//! A notice waits for its turn under the rate limit before it enters the person's lane, so that nobody's own
//! dialogue waits behind it. Delivery is at most once: one attempt is carried once, also by two replicas, and where
//! nobody knows whether it arrived, that is the outcome. It does not know why somebody is told something.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use picket_bus::{Carried, Carry, Handed, Notice};
use picket_conversation::{Input, Language};
use picket_ephemera::Rank;
use picket_schemas::PersonId;
use picket_schemas::ask::{PersonView, Question, View};
use picket_schemas::courier::Priority;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::Instant;

use crate::api_error::ApiError;
use crate::books::{BookClient, BooksUnreachable, Patience};
use crate::delivery::{OutputDelivery, outcome};
use crate::dialogues::Dialogues;
use crate::groups::Groups;
use crate::lanes::Lanes;
use crate::lease::ReceiverLease;
use crate::outbox::Outbox;
use crate::output::Output;
use crate::round;
use crate::settings::BotSettings;

/// Limit of the notices under way at once.
const AT_ONCE: usize = 1_024;
/// Timeout of one notice, whatever courier says.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Time kept of a notice's for reporting its outcome.
const SPARE: Duration = Duration::from_secs(20);
/// Expiry of the mark that an attempt was carried.
const CARRIED_TTL: Duration = Duration::from_secs(24 * 60 * 60);
/// Time until a replica that receives no more has heard so.
const SETTLES: Duration = Duration::from_millis(500);
/// Backoff between two tries to reach the books.
const PAUSE: Duration = Duration::from_secs(1);

/// Notices of the bot.
pub(crate) struct NoticeCarrier {
    books: Arc<BookClient>,
    outbox: Arc<Outbox>,
    dialogues: Arc<Dialogues>,
    groups: Arc<Groups>,
    settings: Arc<BotSettings>,
    lease: Arc<ReceiverLease>,
    lanes: Lanes,
    /// Count of notices that wait for their outcome.
    carrying: AtomicUsize,
}

/// Guard that counts a notice as under way until it is dropped.
struct CarryGuard(Arc<NoticeCarrier>);

impl CarryGuard {
    fn new(notices: Arc<NoticeCarrier>) -> Self {
        notices.carrying.fetch_add(1, Ordering::SeqCst);
        Self(notices)
    }
}

impl Drop for CarryGuard {
    fn drop(&mut self) {
        self.0.carrying.fetch_sub(1, Ordering::SeqCst);
    }
}

impl NoticeCarrier {
    pub(crate) fn new(
        books: Arc<BookClient>,
        outbox: Arc<Outbox>,
        dialogues: Arc<Dialogues>,
        groups: Arc<Groups>,
        settings: Arc<BotSettings>,
        lease: Arc<ReceiverLease>,
        lanes: Lanes,
    ) -> Self {
        Self {
            books,
            outbox,
            dialogues,
            groups,
            settings,
            lease,
            lanes,
            carrying: AtomicUsize::new(0),
        }
    }

    /// True while no notice waits for its outcome.
    pub(crate) fn is_idle(&self) -> bool {
        self.carrying.load(Ordering::SeqCst) == 0
    }

    /// Carries notices as long as it is let, and while this replica is the one that receives: that one alone does both.
    pub(crate) async fn serve(self: &Arc<Self>) {
        let mut receiving = self.lease.receiving.subscribe();
        loop {
            // The sender lives as long as the lease.
            drop(receiving.wait_for(|receiving| *receiving).await);
            if !self.lease.is_shared() {
                // Another replica, if there is one, hears in this moment that it does not receive any more.
                tokio::time::sleep(SETTLES).await;
            }
            if *receiving.borrow() {
                tokio::select! {
                    () = self.carry() => {}
                    _ = receiving.wait_for(|receiving| !*receiving) => {}
                }
            }
        }
    }

    async fn carry(self: &Arc<Self>) {
        let limit = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            if let Ok(mut carrying) = self.books.notices().await {
                while let Some(carry) = carrying.next().await {
                    let (guard, limit) = (CarryGuard::new(self.clone()), limit.clone());
                    tokio::spawn(async move {
                        let notices = &guard.0;
                        // An urgent notice waits for nothing else; courier lets so many out that this is bounded.
                        let permit = match carry.handed.priority {
                            Priority::Urgent => None,
                            Priority::Work | Priority::News => tokio::select! {
                                permit = limit.acquire() => permit.ok(),
                                () = notices.outbox.api.stopped() => None,
                            },
                        };
                        notices.one(carry).await;
                        drop(permit);
                    });
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn one(self: &Arc<Self>, carry: Carry) {
        let until = carry.handed.until.duration_since(self.settings.now());
        let left = u64::try_from(until.as_secs()).unwrap_or_default();
        let deadline = Instant::now() + Duration::from_secs(left).min(LONGEST);
        let ready = tokio::select! {
            ready = self.ready(&carry.handed, deadline) => ready,
            () = self.outbox.api.stopped() => Err(going()),
        };
        match ready {
            Err(carried) => carry.answer(&carried),
            Ok(account) => {
                // A notice without an outcome here has one from the other replica, which has it, or had.
                if let Some(carried) = self.in_lanes(account, &carry.handed, deadline).await {
                    carry.answer(&carried);
                }
            }
        }
    }

    /// Waits for the turn of a notice: its account, or its outcome before that.
    async fn ready(&self, handed: &Handed, deadline: Instant) -> Result<i64, Carried> {
        // A notice that gets no turn is answered while courier still waits for the outcome.
        let soon = deadline
            .checked_sub(SPARE)
            .unwrap_or(deadline)
            .max(Instant::now());
        let account = self
            .account(&handed.notice.to, soon)
            .await
            .map_err(|BooksUnreachable| away())?
            .ok_or(Carried::NotHere)?;
        if let Some(reason) = self.outbox.reachability.why_unreachable(account) {
            return Err(Carried::Blocked(reason));
        }
        self.outbox
            .api
            .turn(account, rank(handed.priority), soon)
            .await
            .map_err(outcome)?;
        Ok(account)
    }

    /// Account the person can be written to at, once the books say so.
    async fn account(
        &self,
        person: &PersonId,
        deadline: Instant,
    ) -> Result<Option<i64>, BooksUnreachable> {
        loop {
            match self.books.account_of(person).await {
                Err(BooksUnreachable) if Instant::now() + PAUSE < deadline => {
                    tokio::time::sleep(PAUSE).await
                }
                result => return result,
            }
        }
    }

    /// Draws a notice in its person's lane and shows it behind the deliveries there already. None where another replica
    /// does.
    async fn in_lanes(
        self: &Arc<Self>,
        account: i64,
        handed: &Handed,
        deadline: Instant,
    ) -> Option<Carried> {
        let (done, carried) = oneshot::channel();
        let (notices, handed) = (self.clone(), handed.clone());
        let broke = self.broke(&handed);
        self.lanes.put(
            account,
            move || async move {
                if notices.outbox.api.is_stopping() {
                    return drop(done.send(Some(going())));
                }
                if !notices.is_first(&handed).await {
                    return drop(done.send(None));
                }
                if account < 0 {
                    let carried = notices.groups.show(account, &handed, deadline).await;
                    return drop(done.send(Some(carried)));
                }
                let drawn = match notices.draw(account, &handed).await {
                    Ok(drawn) => drawn,
                    // Courier, which waited for it, may be gone by now.
                    Err(carried) => return drop(done.send(Some(carried))),
                };
                let broke = notices.broke(&handed);
                let showing = notices.clone();
                notices.outbox.deliveries.put(
                    account,
                    move || async move {
                        let rank = rank(handed.priority);
                        let carried = showing.show(account, drawn, rank, deadline).await;
                        drop(done.send(Some(carried)));
                    },
                    move |why| async move { broke(why) },
                );
            },
            move |why| async move { broke(why) },
        );
        // A job that broke drops its sender: nobody knows what was seen.
        carried.await.unwrap_or_else(|_| {
            Some(Carried::Unknown(
                "something broke while it was shown".to_owned(),
            ))
        })
    }

    /// Logger of a notice that broke.
    fn broke(&self, handed: &Handed) -> impl FnOnce(String) + Send + 'static + use<> {
        let name = format!("{}/{}", handed.notice.jurisdiction, handed.notice.notice);
        let log = self.outbox.log.clone();
        move |why| log.error(format!("notice {name} broke and was left: {why}"))
    }

    /// Marks an attempt as carried; false where a replica did so before. A store that is away cannot say; this replica
    /// is the one that receives.
    async fn is_first(&self, handed: &Handed) -> bool {
        let notice = &handed.notice;
        let once = format!(
            "carried/{}/{}/{}",
            notice.jurisdiction, notice.notice, handed.attempt
        );
        !matches!(
            self.outbox
                .store
                .put_if_absent(&once, b"1", CARRIED_TTL)
                .await,
            Ok(false)
        )
    }

    /// Draws a notice as of now. One that cannot be drawn yet, because it is not read yet or nobody answers, comes later.
    async fn draw(
        &self,
        account: i64,
        handed: &Handed,
    ) -> Result<(Language, Vec<Output>), Carried> {
        let notice = &handed.notice;
        let person = self.person(notice).await.ok_or_else(away)?;
        let mut record = self.dialogues.sessions.load(account, &person.id).await;
        // Its card is drawn from the commits it follows from, whoever answers, and not from before them.
        for (book, n) in &notice.after {
            let read = record.after.entry(book.clone()).or_default();
            *read = (*n).max(*read);
        }
        self.dialogues.meet(&mut record, &person);
        let cause = format!("notice-{}", notice.notice);
        let dialogue = self.dialogues.begin(&mut record, cause, input_of(notice));
        let outputs = round::run(&self.books, dialogue, Patience::Unasked)
            .await
            .map_err(|BooksUnreachable| away())?;
        let language = record.session.language();
        self.dialogues.sessions.save(account, record).await;
        if outputs.is_empty() {
            Err(Carried::Failed(
                "it is over by now: nothing is left to show".to_owned(),
            ))
        } else {
            Ok((language, outputs))
        }
    }

    /// Person a notice is for, once the commits it follows from are read.
    async fn person(&self, notice: &Notice) -> Option<PersonView> {
        let question = Question::Person {
            person: notice.to.clone(),
        };
        match self.books.ask(&notice.to, &question, &notice.after).await {
            Ok(Ok(View::Person(person))) => Some(person),
            _ => None,
        }
    }

    /// Shows a notice in its person's chat.
    async fn show(
        &self,
        account: i64,
        (language, outputs): (Language, Vec<Output>),
        rank: Rank,
        deadline: Instant,
    ) -> Carried {
        if self.outbox.api.is_stopping() {
            return going();
        }
        let mut delivery = OutputDelivery::new(&self.outbox, account, language, rank, deadline);
        delivery.show(outputs).await;
        match (delivery.error, delivery.shown) {
            // Messages that were shown must not come twice.
            (Some(error), shown) if shown > 0 && !matches!(error, ApiError::Unreachable(_)) => {
                Carried::Unknown(format!("a part of it was shown, then: {error}"))
            }
            (Some(error), _) => outcome(error),
            (None, 0) => Carried::Failed("nothing of it was shown".to_owned()),
            (None, _) => Carried::Sent,
        }
    }
}

/// Outcome of a notice the bot has no time for.
fn going() -> Carried {
    Carried::Deferred("the bot is going down".to_owned(), None)
}

/// Outcome of a notice that cannot be drawn now.
fn away() -> Carried {
    Carried::Deferred("the books did not answer".to_owned(), None)
}

/// Notice as an input of its person's dialogue.
fn input_of(notice: &Notice) -> Input {
    let Notice {
        notice,
        kind,
        about,
        jurisdiction,
        with,
        ..
    } = notice.clone();
    Input::Notice(picket_conversation::CourierNotice {
        notice,
        kind,
        about,
        jurisdiction,
        with,
    })
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
