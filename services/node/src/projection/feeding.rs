//! The feed of insight: everything the journals hold, in causal order, then what is published.
//!
//! A damaged journal is read up to the damage and the others to their ends; what is known of a journal that lost
//! commits is kept. It prints nothing: how insight stands is asked for by whoever tells people.
//!
//! The loop folds the commits that were published, or catches up with the journals where the cache no longer reaches
//! back. Its events are a change of the cache and a second gone by; a fold that fails is tried again after a backoff,
//! and a projection that disagrees with the journal is made anew. Its price: many commits at once wait up to a tenth of
//! a second to be folded in one transaction. No fact is in it alone, so it may be thrown away at any time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use picket_journal::{BookName, ReadError};
use picket_reading::{CausalBuffer, CausalReader, Decoded};
use picket_runtime::{CannotKeep, Engine, Hindrance, Live};
use tokio::time::Instant;

use super::{Asker, NotFolded};

/// Commits folded at a time.
pub(super) const BATCH: usize = 1_024;
/// How often in a row it must fail before it is told, or made anew where that helps.
const OFTEN: u32 = 4;

/// How many commits at once mean that more are on their way. Those are waited for, twice as long as folding took and so
/// long at the most: a transaction of many costs little more than one of few, and books have the processor meanwhile.
const MANY: usize = 32;
const GATHERS: u32 = 2;
const LONGEST: Duration = Duration::from_millis(100);

/// How often it is looked whether a journal that lost commits has them again.
const LOOK: Duration = Duration::from_secs(10);

/// Journals that lack what was seen in them, each with why.
type Lost = BTreeMap<BookName, String>;

/// Reads the journals from where insight is, then follows what is published, for ever.
///
/// A projection that cannot go on, because the journal is not the one it was made from, is made anew. Where it is
/// known that the journal lost what was read, the projection may be all that is left of it, and is kept.
pub(crate) async fn feed(engine: Arc<Engine>, asker: Asker, live: Arc<Live>) {
    let mut place = engine.cache.place();
    let mut behind = true;
    let mut gate = CausalBuffer::default();
    let mut failed = 0_u32;
    let mut lost = Lost::new();
    let mut looked = Instant::now();
    let mut wait = Duration::from_millis(100);
    loop {
        let changed = engine.cache.changed();
        let many;
        let began = Instant::now();
        let fed = match engine.cache.published_after(place) {
            Some((commits, end)) if !behind => {
                place = end;
                many = commits.len() >= MANY;
                follow(&asker, &mut gate, commits).await
            }
            _ => {
                place = engine.cache.place();
                many = false;
                let caught_up = catch_up(&engine, &asker, &live, &mut lost).await;
                looked = Instant::now();
                gate = gate_of(&engine, &asker);
                caught_up.map(|()| true)
            }
        };
        behind = !matches!(fed, Ok(true));
        if let Err(NotFolded { why, passing }) = fed {
            failed += 1;
            // A store that is away or full for a moment comes back; a projection that disagrees with the journal does
            // not. Whoever waits for it waits for the new one, so nothing is told before that fails as well.
            if failed == OFTEN && !passing {
                asker.anew(Some(why));
                asker.start_over().await;
            } else if failed >= OFTEN {
                asker.troubled(Some(why));
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(10));
            continue;
        }
        asker.anew(None);
        asker.troubled(lost.values().next().cloned());
        failed = 0;
        wait = Duration::from_millis(100);
        if many {
            tokio::time::sleep((began.elapsed() * GATHERS).min(LONGEST)).await;
        }
        if engine.cache.place() > place {
            continue;
        }
        tokio::select! {
            () = changed => {}
            // A cause that does not come is in the store.
            () = tokio::time::sleep(Duration::from_secs(1)) => behind |= gate.waiting() > 0 || (!lost.is_empty() && looked.elapsed() >= LOOK),
        }
    }
}

/// Where insight stands, for what is published from here on. What is damaged is not waited for.
fn gate_of(engine: &Engine, asker: &Asker) -> CausalBuffer {
    let standing = asker.standing();
    let read = |book: &str| standing.positions.get(book).map_or(0, |(n, _)| *n);
    CausalBuffer::new(
        engine
            .books()
            .iter()
            .filter(|book| !standing.damaged.contains_key(book.as_str()))
            .map(|book| (book.to_string(), read(book.as_str()))),
    )
}

/// Folds what goes through the gate; false where commits are missing that only the store has.
async fn follow(
    asker: &Asker,
    gate: &mut CausalBuffer,
    commits: Vec<Arc<Decoded>>,
) -> Result<bool, NotFolded> {
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

/// Folds everything the journals hold, in causal order; what is `lost` is passed over.
async fn catch_up(
    engine: &Engine,
    asker: &Asker,
    live: &Live,
    lost: &mut Lost,
) -> Result<(), NotFolded> {
    let mut as_they_are: Vec<BookName> = live
        .troubles()
        .into_iter()
        .filter(|trouble| trouble.hindrance == Hindrance::Stopped)
        .map(|trouble| trouble.book)
        .collect();
    lost.clear();
    let read_on = async |as_they_are: &[BookName]| {
        let causal = CausalReader::new(engine.journal.clone(), &engine.books(), &asker.positions())
            .accepting_losses(as_they_are)
            .skipping_unchanged()
            .await;
        causal.map_err(|why| NotFolded {
            passing: true,
            why: why.to_string(),
        })
    };
    let mut causal = read_on(&as_they_are).await?;
    loop {
        let batch = causal.next(BATCH).await.map_err(CannotKeep::from);
        // What cannot be read is known before anybody waits for it.
        asker.lacks(causal.damaged());
        match batch {
            Ok(batch) if batch.is_empty() => return Ok(()),
            Ok(batch) => asker.apply(batch).await?,
            Err(why) => match lost_in(engine, &why).await {
                Some((book, why)) if !as_they_are.contains(&book) => {
                    as_they_are.push(book.clone());
                    lost.insert(book, why);
                    causal = read_on(&as_they_are).await?;
                }
                _ => {
                    return Err(NotFolded {
                        passing: !why.is_damage(),
                        why: why.to_string(),
                    });
                }
            },
        }
    }
}

/// The journal that lost what this process saw in it, if that is why it cannot be read on.
async fn lost_in(engine: &Engine, why: &CannotKeep) -> Option<(BookName, String)> {
    let CannotKeep::Read {
        book,
        source: ReadError::Shortened { .. },
    } = why
    else {
        return None;
    };
    let name = BookName::parse(book).ok()?;
    let ends = engine.loss(&name).await?.ends;
    Some((
        name,
        format!(
            "the journal of `{book}` lost facts: it ends at commit {ends}, and more was seen; what is known of it is kept"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use picket_calendar::Calendar;
    use picket_journal::{Head, Journal as _, MemoryJournal, hash_of};
    use picket_runtime::{Clock, HighWater};
    use picket_schemas::Commit;
    use picket_schemas::ask::{After, Question, View, Viewer};
    use picket_schemas::registry::Territory;

    use super::*;
    use crate::projection::InsightThread;

    async fn append(journal: &MemoryJournal, book: &str) {
        let name = BookName::parse(book).unwrap();
        let before = journal
            .last(std::slice::from_ref(&name))
            .await
            .unwrap()
            .remove(0);
        let commit = Commit {
            book: book.into(),
            n: before.number + 1,
            at: jiff::Timestamp::UNIX_EPOCH,
            prev: before.hash.clone(),
            due: None,
            seen: BTreeMap::new(),
            reader: 1,
            began: None,
            entries: Vec::new(),
        };
        let bytes = commit.encode();
        journal
            .append(&name, &before, &hash_of(&bytes), bytes.into())
            .await
            .unwrap();
    }

    async fn until(what: &str, mut come: impl FnMut() -> bool) {
        for _ in 0..2_000 {
            if come() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("{what} did not come about");
    }

    /// Insight reads four commits, of which the journal loses two while nobody looks; then it is started again.
    async fn after_a_loss(marked: bool) -> (Option<String>, BTreeMap<String, u64>) {
        let journal = MemoryJournal::new();
        let territory = Territory {
            jurisdictions: [("990101".into(), None)].into(),
        };
        let folder = tempfile::tempdir().unwrap();
        let marks = HighWater::open(&folder.path().join("marks.json")).unwrap();
        let engine = Arc::new(
            Engine::new(
                Arc::new(journal.clone()),
                territory.clone(),
                crate::services::kinds(),
                Clock::real(),
                Calendar::china(),
            )
            .with_marks(marks)
            .with_other_writers(),
        );
        let live = Arc::new(Live::start(engine.clone(), &[], true).await.unwrap());
        let insight = InsightThread::in_memory(&territory).unwrap();
        let asker = insight.asker();
        for _ in 0..4 {
            append(&journal, "dispatch/990101").await;
        }
        let read = |asker: &Asker| {
            asker
                .positions()
                .into_iter()
                .map(|(book, (n, _))| (book, n))
                .collect::<BTreeMap<_, _>>()
        };
        let feeding = tokio::spawn(feed(engine.clone(), asker.clone(), live.clone()));
        until("reading", || {
            read(&asker).get("dispatch/990101") == Some(&4)
        })
        .await;
        feeding.abort();
        let name = BookName::parse("dispatch/990101").unwrap();
        if marked {
            let head: Head = journal
                .last(std::slice::from_ref(&name))
                .await
                .unwrap()
                .remove(0);
            engine.marks().upgrade().unwrap().saw(name.as_str(), &head);
        }
        journal.forget_after(&name, 2);
        append(&journal, "schedule/990101").await;
        let feeding = tokio::spawn(feed(engine.clone(), asker.clone(), live));
        // Where it can be mended, whoever waits for an answer gets it from the whole.
        let heads = [
            ("dispatch/990101".to_owned(), 2),
            ("schedule/990101".to_owned(), 1),
        ]
        .into();
        assert!(
            marked || asker.reaches(&heads, Duration::from_secs(10)).await,
            "{:?}",
            asker.stands()
        );
        until("reading the other", || {
            read(&asker).get("schedule/990101") == Some(&1)
        })
        .await;
        until("it is as it stays", || asker.stands().1.is_some() == marked).await;
        feeding.abort();
        let ended = (asker.stands().1, read(&asker));
        insight.close();
        ended
    }

    #[tokio::test]
    async fn what_insight_knows_of_a_journal_that_lost_commits_is_kept_and_told_of() {
        let (trouble, read) = after_a_loss(true).await;
        let why = trouble.unwrap();
        assert!(
            why.contains("`dispatch/990101` lost facts") && why.contains("ends at commit 2"),
            "{why}"
        );
        assert_eq!(read["dispatch/990101"], 4, "nothing was thrown away");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_answered_from_a_projection_that_is_only_begun() {
        let territory = Territory {
            jurisdictions: [("990101".into(), None)].into(),
        };
        let insight = InsightThread::in_memory(&territory).unwrap();
        let asker = insight.asker();
        let ask = || {
            asker.ask(
                Viewer::default(),
                Question::Person {
                    person: "990101/P-01".into(),
                },
                After::new(),
                jiff::Timestamp::UNIX_EPOCH,
            )
        };
        asker.anew(Some("another journal".into()));
        assert_eq!(ask().await.unwrap().0.view, View::Stale);
        assert_eq!(
            asker.stands().1.as_deref(),
            Some("it is made anew from the journals: another journal")
        );
        asker.anew(None);
        assert_ne!(ask().await.unwrap().0.view, View::Stale);
        insight.close();
    }

    #[tokio::test]
    async fn a_projection_of_another_journal_is_made_anew() {
        let (trouble, read) = after_a_loss(false).await;
        assert_eq!((trouble, read["dispatch/990101"]), (None, 2));
    }
}
