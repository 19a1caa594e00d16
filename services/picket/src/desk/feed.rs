//! Feeding insight: everything the journals hold, in causal order, then what is published.
//!
//! A damaged journal is read up to the damage and the others to their ends. It prints nothing: how insight
//! stands is asked for by whoever tells people.

use std::sync::Arc;
use std::time::Duration;

use picket_journal::BookName;
use picket_runtime::{Causal, Decoded, Hindrance, Live, Office};

use super::insight::{Asker, NotFolded};

/// Commits folded at a time.
pub(super) const BATCH: usize = 512;
/// How often in a row it must fail before it is told, or made anew where that helps.
const OFTEN: u32 = 4;

/// Reads the journals from where insight is, then follows what is published, for ever.
///
/// A projection that cannot go on, because the journal is not the one it was made from, is made anew.
pub(super) async fn feed(office: Arc<Office>, asker: Asker, live: Arc<Live>) {
    let mut place = office.hub.place();
    let mut behind = true;
    let mut failed = 0_u32;
    let mut wait = Duration::from_millis(100);
    loop {
        let changed = office.hub.changed();
        let fed = match office.hub.published_after(place) {
            Some((commits, end)) if !behind => {
                place = end;
                follow(&asker, commits).await
            }
            _ => {
                place = office.hub.place();
                catch_up(&office, &asker, &live).await
            }
        };
        behind = fed.is_err();
        if let Err(NotFolded { why, passing }) = fed {
            failed += 1;
            if failed >= OFTEN {
                asker.troubled(Some(why));
            }
            // A store that is away or full for a moment comes back; a projection that disagrees with the journal does not.
            if failed == OFTEN && !passing {
                asker.start_over().await;
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(10));
            continue;
        }
        asker.troubled(None);
        failed = 0;
        wait = Duration::from_millis(100);
        if office.hub.place() > place {
            continue;
        }
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

async fn follow(asker: &Asker, commits: Vec<Arc<Decoded>>) -> Result<(), NotFolded> {
    let at = asker.positions();
    let fresh: Vec<_> = commits.into_iter().filter(|commit| at.get(&commit.commit.book).is_none_or(|(n, _)| commit.head.number > *n)).collect();
    for batch in fresh.chunks(BATCH) {
        asker.apply(batch.to_vec()).await?;
    }
    Ok(())
}

/// Folds everything the journals hold, in causal order.
async fn catch_up(office: &Office, asker: &Asker, live: &Live) -> Result<(), NotFolded> {
    let stopped: Vec<BookName> = live.troubles().into_iter().filter(|trouble| trouble.hindrance == Hindrance::Stopped).map(|trouble| trouble.book).collect();
    let mut causal = Causal::new(office.journal.clone(), &office.books(), &asker.positions()).as_they_are(&stopped);
    loop {
        let batch = causal.next(BATCH).await.map_err(|why| NotFolded { passing: !why.is_damage(), why: why.to_string() });
        // What cannot be read is known before anybody waits for it.
        asker.lacks(causal.damaged());
        let batch = batch?;
        if batch.is_empty() {
            return Ok(());
        }
        asker.apply(batch).await?;
    }
}
