//! Feeding insight: everything the journals hold, in causal order, then what is published.
//!
//! A damaged journal is read up to the damage and the others to their ends. It prints nothing: how insight
//! stands is asked for by whoever tells people.

use std::sync::Arc;
use std::time::Duration;

use picket_journal::BookName;
use picket_runtime::{Causal, Decoded, Gate, Hindrance, Live, Office};

use super::insight::{Asker, NotFolded};

/// Commits folded at a time.
pub(super) const BATCH: usize = 512;
/// How often in a row it must fail before it is told, or made anew where that helps.
const OFTEN: u32 = 4;

/// Reads the journals from where insight is, then follows what is published, for ever.
///
/// A projection that cannot go on, because the journal is not the one it was made from, is made anew.
pub(crate) async fn feed(office: Arc<Office>, asker: Asker, live: Arc<Live>) {
    let mut place = office.hub.place();
    let mut behind = true;
    let mut gate = Gate::default();
    let mut failed = 0_u32;
    let mut wait = Duration::from_millis(100);
    loop {
        let changed = office.hub.changed();
        let fed = match office.hub.published_after(place) {
            Some((commits, end)) if !behind => {
                place = end;
                follow(&asker, &mut gate, commits).await
            }
            _ => {
                place = office.hub.place();
                let caught_up = catch_up(&office, &asker, &live).await;
                gate = gate_of(&office, &asker);
                caught_up.map(|()| true)
            }
        };
        behind = !matches!(fed, Ok(true));
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
            // A cause that does not come is in the store.
            () = tokio::time::sleep(Duration::from_secs(1)) => behind |= gate.waiting() > 0,
        }
    }
}

/// Where insight stands, for what is published from here on. What is damaged is not waited for.
fn gate_of(office: &Office, asker: &Asker) -> Gate {
    let standing = asker.standing();
    let read = |book: &str| standing.positions.get(book).map_or(0, |(n, _)| *n);
    Gate::new(office.books().iter().filter(|book| !standing.damaged.contains_key(book.as_str())).map(|book| (book.to_string(), read(book.as_str()))))
}

/// Folds what goes through the gate; false where commits are missing that only the store has.
async fn follow(asker: &Asker, gate: &mut Gate, commits: Vec<Arc<Decoded>>) -> Result<bool, NotFolded> {
    let mut ready = Vec::new();
    let mut whole = true;
    for commit in commits {
        match gate.push(commit) {
            Ok(through) => ready.extend(through),
            Err(_) => {
                whole = false;
                break;
            }
        }
    }
    for batch in ready.chunks(BATCH) {
        asker.apply(batch.to_vec()).await?;
    }
    Ok(whole)
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
