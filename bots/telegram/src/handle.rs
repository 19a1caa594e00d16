//! Handler of updates: who one is from, what it asks for, and the round it begins.
//!
//! An update is done when its effect is durable or it was refused in words; its reply is shown after that. While the
//! books are unavailable it is retried with backoff, as often as it takes; for one book alone it waits half a minute,
//! within which another process takes that book over. The ids of its wishes are derived from its number, so handling
//! it again is idempotent. It does not know how updates are received.

mod callback;
mod group;
mod private;
mod round;
mod strangers;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use picket_ephemera::Rank;
use picket_schemas::PersonId;
use picket_schemas::ask::After;
use tokio::time::Instant;

use crate::books::{BookClient, BooksUnreachable, Patience};
use crate::channel::BotAccount;
use crate::courier::CourierReports;
use crate::delivery::OutputDelivery;
use crate::dialogues::Dialogues;
use crate::groups::Groups;
use crate::handle::strangers::StrangerLimit;
use crate::invitation::Invitations;
use crate::menu;
use crate::outbox::Outbox;
use crate::output::{Output, Press};
use crate::reachability::BLOCKED;
use crate::reply::UpdateReply;
use crate::update::{Account, IncomingUpdate, UpdateBody};

/// Backoff of an update while the books are unavailable; with its jitter a pause lasts up to half a second at first, and
/// up to five seconds.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_jitter()
    .with_min_delay(Duration::from_millis(250))
    .with_max_delay(Duration::from_millis(2_500))
    .without_max_times();
/// Timeout of one book that alone does not answer; after that its person is told.
const ONE_BOOK: Duration = Duration::from_secs(30);

/// Attempt at an update.
struct Attempt<'a> {
    number: u32,
    /// Prefix of the ids of its wishes.
    cause: String,
    patience: Patience,
    press: Option<&'a Arc<Press>>,
}

/// Handler of updates.
pub(crate) struct Handler {
    account: BotAccount,
    books: Arc<BookClient>,
    outbox: Arc<Outbox>,
    dialogues: Arc<Dialogues>,
    courier: CourierReports,
    groups: Arc<Groups>,
    invitations: Arc<Invitations>,
    strangers: StrangerLimit,
    stopping: AtomicBool,
}

impl Handler {
    pub(crate) fn new(
        account: BotAccount,
        books: Arc<BookClient>,
        outbox: Arc<Outbox>,
        dialogues: Arc<Dialogues>,
        courier: CourierReports,
        groups: Arc<Groups>,
        invitations: Arc<Invitations>,
    ) -> Self {
        Self {
            account,
            books,
            outbox,
            dialogues,
            courier,
            groups,
            invitations,
            strangers: StrangerLimit::default(),
            stopping: AtomicBool::new(false),
        }
    }

    /// Lets no update be retried any more.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Handles an update until it is done; its reply comes back. [`BooksUnreachable`] when the bot stops before.
    pub(crate) async fn update(
        &self,
        update: &IncomingUpdate,
        press: Option<&Arc<Press>>,
    ) -> Result<Option<UpdateReply>, BooksUnreachable> {
        let begun = Instant::now();
        let mut backoff = BACKOFF.build();
        let mut told = false;
        while !self.stopping.load(Ordering::SeqCst) {
            let patience = if begun.elapsed() < ONE_BOOK {
                Patience::Waits
            } else {
                Patience::Ends
            };
            let attempt = Attempt {
                number: update.number,
                cause: format!("tg-{}-{}", self.account.id, update.number),
                patience,
                press,
            };
            if let Ok(reply) = self.once(update, attempt).await {
                return Ok(reply);
            }
            if !std::mem::replace(&mut told, true) {
                self.say_busy(update).await;
            }
            let pause = backoff.next().expect("a backoff without a last attempt");
            tokio::time::sleep(pause).await;
        }
        Err(BooksUnreachable)
    }

    /// Shows the reply to an update, behind earlier ones.
    pub(crate) fn show_later(self: &Arc<Self>, update: &Arc<IncomingUpdate>, reply: UpdateReply) {
        let (handler, broken, update) = (self.clone(), self.clone(), update.clone());
        self.outbox.deliveries.put(
            reply.chat,
            move || async move { handler.show(reply).await },
            move |why| async move { broken.broke(&update, &why).await },
        );
    }

    /// Logs an update that broke, and tells its person.
    pub(crate) async fn broke(&self, update: &IncomingUpdate, why: &str) {
        let number = update.number;
        self.outbox
            .log
            .error(format!("update {number} broke and was left: {why}"));
        if let Some(by) = update.body.account() {
            let words = by
                .words()
                .with("chat-broken", &[("number", format!("E-{number}").into())]);
            self.outbox.say(by.number, &words).await;
        }
    }

    async fn say_busy(&self, update: &IncomingUpdate) {
        self.outbox.log.warn(format!(
            "the books do not answer; update {} waits",
            update.number
        ));
        if let Some(by) = update.body.account().filter(|by| by.number > 0) {
            self.outbox
                .say(by.number, &by.words().say("chat-busy"))
                .await;
        }
    }

    async fn show(&self, reply: UpdateReply) {
        let mut delivery = OutputDelivery::new(
            &self.outbox,
            reply.chat,
            reply.language,
            Rank::Answer,
            reply.deadline,
        );
        (delivery.group, delivery.press, delivery.album) = (reply.group, reply.press, reply.album);
        delivery.show(reply.outputs).await;
        self.dialogues.shown.mark(reply.chat, reply.update).await;
        if let Some(roles) = reply.roles {
            menu::refresh(&self.outbox, reply.chat, &roles, reply.language).await;
        }
    }

    async fn once(
        &self,
        update: &IncomingUpdate,
        attempt: Attempt<'_>,
    ) -> Result<Option<UpdateReply>, BooksUnreachable> {
        match &update.body {
            UpdateBody::Ignored(why) => {
                let number = update.number;
                self.outbox
                    .log
                    .note(format!("update {number} was left: {why}"));
                Ok(None)
            }
            UpdateBody::Migrated { from, to } => {
                self.outbox.api.migrations.note(*from, *to);
                Ok(None)
            }
            UpdateBody::Blocked { by, blocked } => self.blocked(by, *blocked, &attempt).await,
            UpdateBody::Private { by, content } => self.private(by, content, &attempt).await,
            UpdateBody::Callback {
                by,
                data,
                chat,
                group,
                ..
            } => {
                self.callback(by, data, group.then_some(*chat), &attempt)
                    .await
            }
            UpdateBody::Group { by, chat, text } => {
                self.courier.heard_in_group(*chat, &attempt.cause);
                self.in_group(by, *chat, text, &attempt).await
            }
        }
    }

    /// Reports to courier that somebody blocked the bot, or took that back.
    async fn blocked(
        &self,
        by: &Account,
        blocked: bool,
        attempt: &Attempt<'_>,
    ) -> Result<Option<UpdateReply>, BooksUnreachable> {
        let (chat, cause, patience) = (by.number, &attempt.cause, attempt.patience);
        let Some(person) = self.books.identity(chat, &After::new()).await? else {
            return Ok(None);
        };
        let person = PersonId::from(person.id.as_str());
        if blocked {
            self.outbox.reachability.set_unreachable(chat, BLOCKED);
            self.courier
                .report(chat, &person, false, cause, patience)
                .await?;
        } else {
            self.courier
                .heard(chat, &person, true, cause, patience)
                .await?;
        }
        Ok(None)
    }

    /// Words for a stranger, a few times an hour.
    fn words_for_stranger(&self, by: &Account, key: &str) -> Option<String> {
        self.strangers
            .allows(by.number)
            .then(|| by.words().say(key))
    }
}

/// Reply of the bot's own words, if there are any.
fn words(attempt: &Attempt<'_>, by: &Account, text: Option<String>) -> Option<UpdateReply> {
    text.map(|text| {
        UpdateReply::new(
            attempt.number,
            by.number,
            by.speaks(),
            vec![Output::Words(text)],
        )
    })
}

#[cfg(test)]
mod wire_tests;
