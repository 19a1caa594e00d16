//! Reports to courier: which people and groups can be written to, so that notices waiting for them go out.
//!
//! A report is a wish whose id is derived from its cause, which makes it idempotent. Of one that fails the chat is
//! not known to be reachable, so the next word there reports it again: at least once. It does not know what waits
//! for anybody.

use std::sync::Arc;

use picket_schemas::ask::After;
use picket_schemas::{CommandId, PersonId, Wish, courier};

use crate::books::{BookClient, BooksUnreachable, Patience, is_unavailable};
use crate::channel::CHANNEL;
use crate::lanes::Lanes;
use crate::outbox::Outbox;
use crate::reachability::{BLOCKED, ChatState};
use crate::settings::BotSettings;

/// Problems of a book that neither did a thing nor refused it for good, besides that it is unavailable.
const NOT_REPORTED: [&str; 6] = [
    "busy",
    "lost_race",
    "not_saved",
    "parked",
    "stopped",
    "unknown",
];

/// Reports to courier.
#[derive(Clone)]
pub(crate) struct CourierReports {
    books: Arc<BookClient>,
    outbox: Arc<Outbox>,
    settings: Arc<BotSettings>,
    /// Lanes of reports nobody waits for, one for each chat.
    lanes: Lanes,
}

impl CourierReports {
    pub(crate) fn new(
        books: Arc<BookClient>,
        outbox: Arc<Outbox>,
        settings: Arc<BotSettings>,
    ) -> Self {
        Self {
            books,
            outbox,
            settings,
            lanes: Lanes::default(),
        }
    }

    /// True while no report is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.lanes.is_empty()
    }

    /// Notes that somebody was heard from, and reports it: what waited for them goes out. Nothing waits until courier
    /// has heard it, unless the chat was known to be unreachable, or its person came anew.
    pub(crate) async fn heard(
        &self,
        chat: i64,
        person: &PersonId,
        anew: bool,
        cause: &str,
        patience: Patience,
    ) -> Result<(), BooksUnreachable> {
        // Noted first: a notice courier hands over the moment it hears of it must find the chat reachable.
        match self.outbox.reachability.set(chat, ChatState::Reachable) {
            ChatState::Reachable if !anew => Ok(()),
            ChatState::Unknown if !anew => {
                self.report_soon(chat, person, cause);
                Ok(())
            }
            before => {
                if let Err(BooksUnreachable) =
                    self.report(chat, person, true, cause, patience).await
                {
                    self.outbox.reachability.set(chat, before);
                    return Err(BooksUnreachable);
                }
                self.reported_from(chat, &before);
                Ok(())
            }
        }
    }

    /// Notes that a chat that may be a group was heard from: it can be written to, unless that failed only just now.
    pub(crate) fn heard_in_group(&self, chat: i64, cause: &str) {
        let reachability = &self.outbox.reachability;
        if reachability.was_unreachable_within(chat, self.settings.rests) {
            return;
        }
        let before = reachability.set(chat, ChatState::Reachable);
        if before == ChatState::Reachable {
            return;
        }
        let (reports, cause) = (self.clone(), cause.to_owned());
        self.put(chat, async move {
            // A chat that is no group of Picket's has nothing to report.
            match reports.books.group_of(chat, &After::new()).await {
                Ok(Some(group)) => reports
                    .report(chat, &group, true, &cause, Patience::Waits)
                    .await
                    .inspect(|()| reports.reported_from(chat, &before)),
                Ok(None) => Ok(()),
                Err(BooksUnreachable) => Err(BooksUnreachable),
            }
        });
    }

    /// Reports that a chat is reachable, behind everything anybody waits for. Where that fails the next word there does.
    pub(crate) fn report_soon(&self, chat: i64, person: &PersonId, cause: &str) {
        let (reports, person, cause) = (self.clone(), person.clone(), cause.to_owned());
        self.put(chat, async move {
            reports
                .report(chat, &person, true, &cause, Patience::Waits)
                .await
        });
    }

    /// Reports that a chat is reachable, or not any more: notices for it go out, or wait. Where courier neither did it
    /// nor refused it for good, the chat is not known to be reachable, also where that is waited for no longer.
    pub(crate) async fn report(
        &self,
        chat: i64,
        person: &PersonId,
        reachable: bool,
        cause: &str,
        patience: Patience,
    ) -> Result<(), BooksUnreachable> {
        let wish = self.wish(person, reachable, cause);
        match self.books.wish_once(&person.jurisdiction(), &wish).await {
            Err(problem)
                if is_unavailable(&problem) || NOT_REPORTED.contains(&problem.code.as_str()) =>
            {
                self.outbox.reachability.forget_reachable(chat);
                if patience == Patience::Waits || !self.books.is_available().await {
                    Err(BooksUnreachable)
                } else {
                    Ok(())
                }
            }
            // A refusal changes nothing: the next notice finds out.
            _ => Ok(()),
        }
    }

    /// Takes note of a report that may have overtaken one made while the chat was unreachable: the next word there
    /// reports it once more.
    fn reported_from(&self, chat: i64, before: &ChatState) {
        if matches!(before, ChatState::Unreachable(..)) {
            self.outbox.reachability.forget_reachable(chat);
        }
    }

    fn put(
        &self,
        chat: i64,
        report: impl Future<Output = Result<(), BooksUnreachable>> + Send + 'static,
    ) {
        let (outbox, log) = (self.outbox.clone(), self.outbox.log.clone());
        self.lanes.put(
            chat,
            move || async move {
                // The chat may have become unreachable again meanwhile.
                if outbox.reachability.is_reachable(chat) && report.await.is_err() {
                    outbox.reachability.forget_reachable(chat);
                }
            },
            move |why| async move {
                log.error(format!(
                    "courier was not told that {chat} can be written to: {why}"
                ))
            },
        );
    }

    fn wish(&self, person: &PersonId, reachable: bool, cause: &str) -> Wish {
        let (whose, channel) = (person.to_string(), CHANNEL.to_owned());
        let (verb, command) = if reachable {
            (
                "reachable",
                courier::Command::Reachable {
                    person: whose,
                    channel,
                },
            )
        } else {
            (
                "unreachable",
                courier::Command::Unreachable {
                    person: whose,
                    channel,
                    reason: BLOCKED.to_owned(),
                },
            )
        };
        Wish {
            id: CommandId::from(format!("{cause}-{verb}")),
            by: person.clone(),
            via: CHANNEL.to_owned(),
            made: self.settings.now(),
            observed: None,
            trace: String::new(),
            command: command.into(),
        }
    }
}
