//! Dialogues of all accounts: their sessions, their rounds, and the replies that were shown.
//!
//! It keeps no fact: a session that is lost begins anew. It does not know the books, nor how anything is shown.

use std::sync::Arc;

use picket_conversation::{Context, Input, Session};
use picket_schemas::PersonId;
use picket_schemas::ask::PersonView;

use crate::dialogue::Dialogue;
use crate::output::Output;
use crate::reply::ShownReplies;
use crate::session_store::{SessionRecord, SessionStore};
use crate::settings::BotSettings;
use crate::shared_store::SharedStore;

/// Dialogues of all accounts.
pub(crate) struct Dialogues {
    settings: Arc<BotSettings>,
    pub(crate) sessions: SessionStore,
    pub(crate) shown: ShownReplies,
}

impl Dialogues {
    pub(crate) fn new(settings: Arc<BotSettings>, store: SharedStore) -> Self {
        Self {
            settings,
            sessions: SessionStore::new(store.clone()),
            shown: ShownReplies::new(store),
        }
    }

    /// Begins a round.
    pub(crate) fn begin<'a>(
        &'a self,
        record: &'a mut SessionRecord,
        cause: String,
        input: Input,
    ) -> Dialogue<'a> {
        Dialogue::new(&self.settings, record, cause, input)
    }

    /// Takes over into a session what the roster says of its person now.
    pub(crate) fn meet(&self, record: &mut SessionRecord, person: &PersonView) {
        let id = PersonId::from(person.id.as_str());
        let cx = Context {
            now: self.settings.now(),
            zone: &self.settings.zone,
            person: &id,
        };
        record.session.meet(person, &cx);
    }

    /// Session beside somebody's own, in the same language.
    pub(crate) fn beside(own: &SessionRecord) -> SessionRecord {
        SessionRecord {
            session: Session::speaking(own.session.language()),
            after: own.after.clone(),
            unclear: own.unclear.clone(),
            ..SessionRecord::of(&own.person)
        }
    }

    /// Saves a session with the outputs of an update.
    pub(crate) async fn save(
        &self,
        account: i64,
        mut record: SessionRecord,
        update: u32,
        outputs: &[Output],
    ) {
        record.handle(update, outputs);
        self.sessions.save(account, record).await;
    }

    /// Saves of a session beside the own only what it wrote, with the outputs of an update.
    pub(crate) async fn save_beside(
        &self,
        account: i64,
        beside: SessionRecord,
        update: u32,
        outputs: &[Output],
    ) {
        let own = self.sessions.load(account, &beside.person).await;
        let record = SessionRecord {
            after: beside.after,
            unclear: beside.unclear,
            ..own
        };
        self.save(account, record, update, outputs).await;
    }
}
