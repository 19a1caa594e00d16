//! The rouser: the one task of a process that looks whether commits concern its dormant books, and wakes those.
//!
//! It follows the commit cache, in which a process finds what its own keepers append and what the tailer brings. What
//! has fallen out of the cache is read from the store. It knows nothing of what an event says.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use picket_journal::BookName;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::books::{LiveBooks, Roused};
use crate::commit_cache::CommitCache;

/// How often all dormant books are looked for although nothing was published.
const IDLE_POLL: Duration = Duration::from_secs(30);
/// The pause before books are looked for again whose journals could not be read.
const PAUSE: Duration = Duration::from_millis(500);

/// Wakes dormant books, as long as it lives.
#[derive(Debug)]
pub(super) struct Rouser(JoinHandle<()>);

impl Drop for Rouser {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Rouser {
    /// From now on nothing that is published is missed.
    pub(super) fn start(books: &Arc<LiveBooks>) -> Self {
        let cache = books.engine.cache.clone();
        let place = cache.place();
        Self(tokio::spawn(run(Arc::downgrade(books), cache, place)))
    }
}

async fn run(books: Weak<LiveBooks>, cache: Arc<CommitCache>, mut place: u64) {
    let mut again = BTreeSet::new();
    loop {
        // What is published from here on counts.
        let changed = cache.changed();
        let Some(books) = books.upgrade() else {
            return;
        };
        let mut names: BTreeSet<BookName> = std::mem::take(&mut again);
        match cache.published_after(place) {
            Some((commits, next)) => {
                place = next;
                names.extend(books.concerned_by(&commits));
            }
            None => {
                place = cache.place();
                names.extend(books.dormant());
            }
        }
        for name in names {
            if books.rouse(&name, false).await == Roused::Unknown {
                again.insert(name);
            }
        }
        if !again.is_empty() {
            drop(books);
            sleep(PAUSE).await;
            continue;
        }
        tokio::select! {
            () = changed => {}
            () = sleep(IDLE_POLL) => again.extend(books.dormant()),
        }
    }
}
