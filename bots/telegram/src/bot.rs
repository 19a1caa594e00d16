//! Bot: its parts, each wired to those it uses.
//!
//! Three parts know nothing of each other: the books, the outbox and the dialogues. The drivers join them: the receiver
//! and its handler, the notices and the groups. It keeps no fact.

use std::sync::Arc;

use picket_bus::Client;

use crate::api_client::ApiClient;
use crate::books::BookClient;
use crate::channel::BotAccount;
use crate::courier::CourierReports;
use crate::dialogues::Dialogues;
use crate::groups::Groups;
use crate::handle::Handler;
use crate::invitation::Invitations;
use crate::lanes::Lanes;
use crate::lease::ReceiverLease;
use crate::notices::NoticeCarrier;
use crate::outbox::Outbox;
use crate::receive::Receiver;
use crate::settings::BotSettings;
use crate::shared_store::SharedStore;

/// Bot that is connected.
pub(crate) struct ChatBot {
    pub(crate) account: BotAccount,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) dialogues: Arc<Dialogues>,
    pub(crate) invitations: Arc<Invitations>,
    pub(crate) groups: Arc<Groups>,
    pub(crate) notices: Arc<NoticeCarrier>,
    pub(crate) handler: Arc<Handler>,
    pub(crate) receiver: Arc<Receiver>,
    pub(crate) lease: Arc<ReceiverLease>,
    courier: CourierReports,
    /// Lanes in which updates are handled and notices drawn, one for each person and group.
    lanes: Lanes,
}

impl ChatBot {
    /// Wires a bot. Its short-lived things lie under `prefix`.
    pub(crate) fn new(
        account: BotAccount,
        client: Client,
        settings: BotSettings,
        api: ApiClient,
        prefix: String,
    ) -> Self {
        let store = SharedStore::new(settings.ephemera.clone(), prefix);
        let settings = Arc::new(settings);
        let lanes = Lanes::default();
        let books = Arc::new(BookClient::new(client));
        let outbox = Arc::new(Outbox::new(api, &settings, store.clone()));
        let dialogues = Arc::new(Dialogues::new(settings.clone(), store.clone()));
        let lease = Arc::new(ReceiverLease::new(
            store,
            settings.holder.clone(),
            settings.shared,
        ));
        let invitations = Arc::new(Invitations::new(books.clone(), settings.clone(), &account));
        let courier = CourierReports::new(books.clone(), outbox.clone(), settings.clone());
        let groups = Arc::new(Groups::new(
            books.clone(),
            outbox.clone(),
            settings.clone(),
            courier.clone(),
            invitations.clone(),
            lease.clone(),
            lanes.clone(),
        ));
        let notices = Arc::new(NoticeCarrier::new(
            books.clone(),
            outbox.clone(),
            dialogues.clone(),
            groups.clone(),
            settings,
            lease.clone(),
            lanes.clone(),
        ));
        let handler = Arc::new(Handler::new(
            account.clone(),
            books,
            outbox.clone(),
            dialogues.clone(),
            courier.clone(),
            groups.clone(),
            invitations.clone(),
        ));
        let receiver = Arc::new(Receiver::new(
            outbox.clone(),
            dialogues.clone(),
            lease.clone(),
            lanes.clone(),
            handler.clone(),
        ));
        Self {
            account,
            outbox,
            dialogues,
            invitations,
            groups,
            notices,
            handler,
            receiver,
            lease,
            courier,
            lanes,
        }
    }

    /// True while nothing is under way: nothing to be handled, shown, reported or carried.
    pub(crate) fn is_idle(&self) -> bool {
        self.lanes.is_empty()
            && self.outbox.deliveries.is_empty()
            && self.courier.is_idle()
            && self.notices.is_idle()
    }

    /// Forgets memories of people, which are as old as this process's last turn as the one that receives: another had
    /// it since.
    pub(crate) fn forget(&self) {
        self.dialogues.sessions.clear_cache();
        self.outbox.reachability.forget();
    }
}

#[cfg(test)]
pub(crate) mod wire_tests;
