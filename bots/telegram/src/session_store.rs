//! Session store: the session of each account, cached in this process and stored for the next one.
//!
//! Sessions may be lost at any instant. One that is gone begins anew, and anything a person had finished is in
//! the books. It does not know what a session is about.

use std::num::NonZeroUsize;
use std::time::Duration;

use jiff::Timestamp;
use lru::LruCache;
use parking_lot::Mutex;
use picket_conversation::Session;
use picket_ephemera::MAX_VALUE_BYTES;
use picket_schemas::ask::After;
use serde::{Deserialize, Serialize};

use crate::output::Output;
use crate::shared_store::SharedStore;

/// Bound on the sessions cached in this process.
const CACHED: NonZeroUsize = NonZeroUsize::new(5_000).expect("it is not zero");
/// Expiry of a stored session.
const SESSION_TTL: Duration = Duration::from_secs(48 * 60 * 60);

/// Session record of an account, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SessionRecord {
    /// Person of the session; an account that is somebody else's now begins anew.
    pub(crate) person: String,
    pub(crate) session: Session,
    /// Commits the person's wishes led to; nothing older is read.
    pub(crate) after: After,
    /// Last update that had its effect here, for idempotency: it and all before it have it once, however often they
    /// are delivered.
    #[serde(default)]
    pub(crate) handled: u32,
    /// Outputs of that update, for as long as nobody knows whether they were shown.
    #[serde(default, rename = "said", skip_serializing_if = "Vec::is_empty")]
    pub(crate) outputs: Vec<Output>,
    /// Last wish with an unknown outcome: its fingerprint, its id, and when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unclear: Option<(String, String, Timestamp)>,
}

impl SessionRecord {
    /// New session of a person.
    pub(crate) fn of(person: &str) -> Self {
        Self {
            person: person.to_owned(),
            ..Self::default()
        }
    }

    /// Notes an update as handled, with its outputs.
    pub(crate) fn handle(&mut self, update: u32, outputs: &[Output]) {
        (self.handled, self.outputs) = (update, outputs.to_vec());
    }
}

/// Session store: a cache before the shared store.
pub(crate) struct SessionStore {
    /// Sessions by account; the least recently used give way.
    cache: Mutex<LruCache<i64, SessionRecord>>,
    shared: SharedStore,
}

impl SessionStore {
    pub(crate) fn new(shared: SharedStore) -> Self {
        Self {
            cache: Mutex::new(LruCache::new(CACHED)),
            shared,
        }
    }

    /// Session of an account; a new one where none is left.
    pub(crate) async fn load(&self, account: i64, person: &str) -> SessionRecord {
        let cached = self.cache.lock().get(&account).cloned();
        let record: Option<SessionRecord> = match cached {
            Some(record) => Some(record),
            // A store that is away is one that lost it.
            None => self
                .shared
                .get(&name(account))
                .await
                .ok()
                .flatten()
                .and_then(|bytes| serde_json::from_slice(&bytes).ok()),
        };
        record
            .filter(|record| record.person == person)
            .unwrap_or_else(|| SessionRecord::of(person))
    }

    /// Clears the cache: another process may have gone on with any session, and the stored one counts.
    pub(crate) fn clear_cache(&self) {
        self.cache.lock().clear();
    }

    /// Saves a session.
    pub(crate) async fn save(&self, account: i64, record: SessionRecord) {
        let bytes = match serde_json::to_vec(&record).unwrap_or_default() {
            bytes if bytes.len() <= MAX_VALUE_BYTES => bytes,
            // Outputs can be asked for again; the session itself is worth more.
            _ => serde_json::to_vec(&SessionRecord {
                outputs: Vec::new(),
                ..record.clone()
            })
            .unwrap_or_default(),
        };
        self.cache.lock().put(account, record);
        if (1..=MAX_VALUE_BYTES).contains(&bytes.len()) {
            // A session that cannot be stored is lost with this process, which is allowed.
            drop(self.shared.put(&name(account), &bytes, SESSION_TTL).await);
        }
    }
}

/// Name of a stored session.
fn name(account: i64) -> String {
    format!("seat/{account}")
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use picket_conversation::Language;
    use picket_ephemera::MemoryEphemera;

    use super::*;

    fn store(ephemera: &Arc<MemoryEphemera>) -> SessionStore {
        SessionStore::new(SharedStore::new(ephemera.clone(), "telegram/7".into()))
    }

    fn english(person: &str) -> SessionRecord {
        SessionRecord {
            session: Session::speaking(Language::En),
            ..SessionRecord::of(person)
        }
    }

    #[tokio::test]
    async fn another_process_goes_on_where_this_one_ended() {
        let shared = Arc::default();
        store(&shared).save(17, english("420902/P-0017")).await;
        let record = store(&shared).load(17, "420902/P-0017").await;
        assert_eq!(record.session.language(), Language::En);
    }

    #[tokio::test]
    async fn a_session_that_is_lost_begins_anew() {
        let shared = Arc::default();
        store(&shared).save(17, english("420902/P-0017")).await;
        shared.wipe();
        assert_eq!(
            store(&shared).load(17, "420902/P-0017").await,
            SessionRecord::of("420902/P-0017")
        );
    }

    #[tokio::test]
    async fn an_account_that_is_somebody_else_s_now_does_not_read_on_in_another_s_session() {
        let sessions = store(&Arc::default());
        sessions.save(17, english("420902/P-0017")).await;
        assert_eq!(
            sessions.load(17, "420902/P-0018").await,
            SessionRecord::of("420902/P-0018")
        );
    }

    #[tokio::test]
    async fn what_another_process_did_meanwhile_counts_once_this_one_forgot() {
        let shared = Arc::default();
        let (one, two) = (store(&shared), store(&shared));
        let handled = |update| SessionRecord {
            handled: update,
            ..SessionRecord::of("p")
        };
        one.save(17, handled(5)).await;
        two.save(17, handled(9)).await;
        one.clear_cache();
        assert_eq!(one.load(17, "p").await.handled, 9);
    }

    #[tokio::test]
    async fn a_session_is_saved_even_if_its_last_outputs_are_too_large() {
        let shared = Arc::default();
        let mut record = english("p");
        record.handle(5, &[Output::Words("x".repeat(MAX_VALUE_BYTES))]);
        store(&shared).save(17, record).await;
        let record = store(&shared).load(17, "p").await;
        assert_eq!(
            (
                record.handled,
                record.outputs.len(),
                record.session.language()
            ),
            (5, 0, Language::En)
        );
    }

    #[tokio::test]
    async fn cached_sessions_are_bounded() {
        let sessions = store(&Arc::default());
        for account in 0..(CACHED.get() as i64 + 50) {
            sessions.save(account, SessionRecord::of("p")).await;
        }
        assert_eq!(sessions.cache.lock().len(), CACHED.get());
    }
}
