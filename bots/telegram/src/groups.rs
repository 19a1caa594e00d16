//! Groups: the live board, offers several may take, bulletins; and how a group becomes one of Picket's.
//!
//! A group has one board, pinned, which is edited in its place when something happened, and not more often than
//! every quarter of a minute. Offers change when they are taken. Which message shows which card is remembered in the
//! shared store and may be lost: then a new board comes. Nothing here is asked in anybody's name but the group's own,
//! so a fact a group may not see never gets here. It does not know what a sheet is.

mod board;
mod cards;
mod notice;

use std::sync::Arc;

use picket_bus::{Carried, Handed};
use picket_conversation::group;
use picket_schemas::ask::{After, GroupAccount, GroupView, Question, View};
use picket_schemas::courier::NoticeKind;
use picket_schemas::{PersonId, split_id};
use tokio::time::Instant;

use crate::books::{BookClient, BooksUnreachable, Patience};
use crate::channel::{CHANNEL, edge};
use crate::courier::CourierReports;
use crate::delivery::outcome;
use crate::groups::cards::{GroupLocks, load_or_none, save};
use crate::invitation::{BindResult, Invitations, Invitee};
use crate::lanes::Lanes;
use crate::lease::ReceiverLease;
use crate::outbox::Outbox;
use crate::reachability::ChatState;
use crate::settings::BotSettings;

/// Groups of the bot.
pub(crate) struct Groups {
    books: Arc<BookClient>,
    outbox: Arc<Outbox>,
    settings: Arc<BotSettings>,
    courier: CourierReports,
    invitations: Arc<Invitations>,
    lease: Arc<ReceiverLease>,
    lanes: Lanes,
    locks: GroupLocks,
}

impl Groups {
    pub(crate) fn new(
        books: Arc<BookClient>,
        outbox: Arc<Outbox>,
        settings: Arc<BotSettings>,
        courier: CourierReports,
        invitations: Arc<Invitations>,
        lease: Arc<ReceiverLease>,
        lanes: Lanes,
    ) -> Self {
        Self {
            books,
            outbox,
            settings,
            courier,
            invitations,
            lease,
            lanes,
            locks: GroupLocks::default(),
        }
    }

    /// Keeps boards up to date as long as it is let.
    pub(crate) async fn serve(self: &Arc<Self>) {
        let mut receiving = self.lease.receiving.subscribe();
        loop {
            // The replica that receives draws; the sender lives as long as the lease.
            drop(receiving.wait_for(|receiving| *receiving).await);
            self.note_migrations().await;
            for one in self.all().await {
                let Some(chat) = one
                    .account
                    .parse::<i64>()
                    .ok()
                    .filter(|chat| self.locks.is_free(*chat))
                else {
                    continue;
                };
                let (groups, log) = (self.clone(), self.outbox.log.clone());
                self.lanes.put(
                    chat,
                    move || async move {
                        if !groups.outbox.api.is_stopping() {
                            groups.refresh(chat, &one.group).await;
                        }
                    },
                    move |why| async move {
                        log.error(format!("the board of {chat} broke and was left: {why}"))
                    },
                );
            }
            tokio::time::sleep(self.settings.boards).await;
        }
    }

    async fn all(&self) -> Vec<GroupAccount> {
        let question = Question::Groups {
            channel: CHANNEL.to_owned(),
        };
        match self.books.ask(&edge(), &question, &After::new()).await {
            Ok(Ok(View::Groups(groups))) => groups,
            // Unavailable books: the boards stay as they are for now.
            _ => Vec::new(),
        }
    }

    /// View of a group; with sheets, of those and no others.
    async fn view(
        &self,
        group: &PersonId,
        tasks: &[String],
    ) -> Result<Option<GroupView>, BooksUnreachable> {
        let question = Question::Group {
            group: group.clone(),
            tasks: tasks.to_vec(),
        };
        match self.books.ask(group, &question, &After::new()).await? {
            Ok(View::Group(view)) => Ok(Some(*view)),
            Ok(View::Stale) => Err(BooksUnreachable),
            _ => Ok(None),
        }
    }

    /// Opens an invitation in a group. False where it is no group of Picket's after that.
    pub(crate) async fn bind(
        &self,
        chat: i64,
        home: &str,
        token: &str,
        cause: &str,
        patience: Patience,
    ) -> Result<bool, BooksUnreachable> {
        let mut after = After::new();
        match self
            .invitations
            .bind(Invitee::Group(chat), home, token, cause)
            .await?
        {
            BindResult::Bound(book, n) => drop(after.insert(book, n)),
            BindResult::Refused => return Ok(self.books.group_of(chat, &after).await?.is_some()),
        }
        let Some(group) = self.books.group_of(chat, &after).await? else {
            return Ok(true);
        };
        // Notices that waited because the group was left come here; reachable first, for they come at once.
        self.outbox.reachability.set(chat, ChatState::Reachable);
        self.courier
            .report(chat, &group, true, &format!("{cause}-bound"), patience)
            .await?;
        if let Some(view) = self.view(&group, &[]).await? {
            self.outbox.say(chat, &group::welcome(&view)).await;
        }
        self.refresh(chat, &group).await;
        Ok(true)
    }

    /// Shows a group its board anew, or brings its offers up to date: in the group's own lane, for nobody waits for it.
    pub(crate) fn show_later(self: &Arc<Self>, chat: i64, board: bool) {
        let (groups, log) = (self.clone(), self.outbox.log.clone());
        self.lanes.put(
            chat,
            move || async move {
                // Where the books are unavailable the group is brought up to date with its next round.
                match groups.books.group_of(chat, &After::new()).await {
                    Ok(Some(group)) if board => groups.show_board(chat, &group).await,
                    Ok(Some(group)) => groups.refresh_offers(chat, &group).await,
                    _ => {}
                }
            },
            move |why| async move {
                log.error(format!("the cards of {chat} broke and were left: {why}"))
            },
        );
    }

    /// Shows a notice to a group; its turn has come.
    pub(crate) async fn show(&self, chat: i64, handed: &Handed, deadline: Instant) -> Carried {
        let notice = &handed.notice;
        let away = || Carried::Deferred("the books did not answer".to_owned(), None);
        let Ok(found) = self.books.group_of(chat, &notice.after).await else {
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
        let _alone = self.locks.lock(chat).await;
        let shown = match notice.kind {
            NoticeKind::Offer => self.show_offers(chat, &notice.to, about, deadline).await,
            NoticeKind::Bulletin => self.show_bulletin(chat, handed, deadline).await,
            _ => return Carried::Failed("nothing a group is shown".to_owned()),
        };
        match shown {
            Err(BooksUnreachable) => away(),
            Ok(Some(Err(error))) => {
                self.outbox.not_sent(chat, &error);
                outcome(error)
            }
            Ok(Some(Ok(()))) => Carried::Sent,
            Ok(None) => Carried::Failed("it is over by now: nothing is left to show".to_owned()),
        }
    }

    /// Binds migrated groups at their new number: in the operator's name the bot invites them, and opens the link.
    async fn note_migrations(&self) {
        for (from, to) in self.outbox.api.migrations.take_fresh() {
            if self.bind_migrated(from, to).await.is_err() {
                self.outbox.api.migrations.put_back(from, to);
            }
        }
    }

    async fn bind_migrated(&self, from: i64, to: i64) -> Result<(), BooksUnreachable> {
        let Some(group) = self.books.group_of(from, &After::new()).await? else {
            return Ok(());
        };
        let cards = load_or_none(&self.outbox, from).await;
        let cause = format!("moved-{from}-{to}");
        if self.invitations.rebind(&group, to, &cause).await? {
            self.outbox.reachability.set(to, ChatState::Reachable);
            self.courier.report_soon(to, &group, &cause);
            save(&self.outbox, to, &cards).await;
            self.outbox
                .log
                .note(format!("the group {group} has another number"));
        }
        Ok(())
    }
}
