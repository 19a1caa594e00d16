//! The settling of bulletins: the figures that were asked for, counted by insight, put on record.
//!
//! Nothing is settled while a book below the bulletin's jurisdiction is damaged: what is frozen stays as it is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use picket_reading::{CausalReader, Decoded};
use picket_runtime::{CannotKeep, Engine, Hindrance, Live};
use picket_schemas::{Event, Jurisdiction, bulletin};

use super::feeding::BATCH;
use super::{Asker, heads};
use crate::ids::system_wish;
use crate::version::CODE_VERSION;

/// Answers requested freezes: the figures up to the as-of instant, and where they were read.
pub(crate) async fn freeze(engine: Arc<Engine>, asker: Asker, live: Arc<Live>) {
    let mut place = engine.cache.place();
    let mut open: BTreeMap<(String, String), bulletin::Event> = requests(&bulletins(&engine).await);
    loop {
        let changed = engine.cache.changed();
        match engine.cache.published_after(place) {
            Some((commits, end)) => {
                place = end;
                open.extend(requests(&commits));
            }
            None => {
                place = engine.cache.place();
                open.extend(requests(&bulletins(&engine).await));
            }
        }
        let mut left = BTreeMap::new();
        for ((book, id), request) in open {
            let jurisdiction = Jurisdiction::from(book.trim_start_matches("bulletin/"));
            // What another process keeps, it settles.
            let kept = picket_runtime::book_name("bulletin", &jurisdiction)
                .is_ok_and(|book| live.keeps(&book));
            if !kept || !settle(&engine, &asker, &live, &jurisdiction, &request).await {
                left.insert((book, id), request);
            }
        }
        open = left;
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}

fn requests(commits: &[Arc<Decoded>]) -> BTreeMap<(String, String), bulletin::Event> {
    let mut open = BTreeMap::new();
    for commit in commits {
        for event in commit.commit.entries.iter().flat_map(|entry| &entry.events) {
            if let Event::Bulletin(event @ bulletin::Event::BulletinRequested { bulletin, .. }) =
                event
            {
                open.insert(
                    (commit.commit.book.clone(), bulletin.to_string()),
                    event.clone(),
                );
            }
        }
    }
    open
}

/// The commits of every bulletin book that hold a request no freeze follows.
async fn bulletins(engine: &Engine) -> Vec<Arc<Decoded>> {
    let books: Vec<_> = engine
        .books()
        .into_iter()
        .filter(|book| book.service() == "bulletin")
        .collect();
    let mut causal = CausalReader::new(engine.journal.clone(), &books, &BTreeMap::new());
    let mut open: BTreeMap<(String, String), Arc<Decoded>> = BTreeMap::new();
    loop {
        let batch = match causal.next(BATCH).await.map_err(CannotKeep::from) {
            Ok(batch) if batch.is_empty() => break,
            Ok(batch) => batch,
            // A damaged journal is read so far; a store that is away comes back.
            Err(why) if why.is_damage() => break,
            Err(_) => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
        };
        for commit in batch {
            for event in commit.commit.entries.iter().flat_map(|entry| &entry.events) {
                match event {
                    Event::Bulletin(bulletin::Event::BulletinRequested { bulletin, .. }) => {
                        open.insert(
                            (commit.commit.book.clone(), bulletin.to_string()),
                            commit.clone(),
                        );
                    }
                    Event::Bulletin(bulletin::Event::BulletinFrozen { bulletin, .. }) => {
                        open.remove(&(commit.commit.book.clone(), bulletin.to_string()));
                    }
                    _ => {}
                }
            }
        }
    }
    open.into_values().collect()
}

/// True when it is settled, or was before.
async fn settle(
    engine: &Engine,
    asker: &Asker,
    live: &Live,
    jurisdiction: &Jurisdiction,
    requested: &bulletin::Event,
) -> bool {
    let bulletin::Event::BulletinRequested {
        bulletin,
        from,
        as_of,
        ..
    } = requested
    else {
        return true;
    };
    if !asker.reaches(&heads(engine), Duration::from_secs(30)).await
        || lacks(engine, asker, live, jurisdiction)
    {
        return false;
    }
    let Ok(figures) = asker.figures(jurisdiction.clone(), *from, *as_of).await else {
        return false;
    };
    let command = bulletin::Command::Settle {
        bulletin: bulletin.clone(),
        positions: figures.positions,
        figures: figures.figures,
        areas: figures.areas,
        code_version: CODE_VERSION.into(),
    };
    let wish = system_wish(
        format!("settle:{jurisdiction}:{bulletin}"),
        jurisdiction,
        engine.clock.now(),
        command.into(),
    );
    match live.wish(jurisdiction, wish).await {
        Ok(_) => true,
        // Whatever is not for now alone says that it was settled already.
        Err(problem) => !matches!(
            problem.code.as_str(),
            "busy"
                | "lost_race"
                | "not_saved"
                | "outcome_unknown"
                | "parked"
                | "stopped"
                | "unknown"
        ),
    }
}

/// True where something its figures are counted from cannot be read.
fn lacks(engine: &Engine, asker: &Asker, live: &Live, jurisdiction: &Jurisdiction) -> bool {
    let stopped = live
        .troubles()
        .into_iter()
        .filter(|trouble| trouble.hindrance == Hindrance::Stopped)
        .map(|trouble| trouble.book.to_string());
    let mut missing = stopped.chain(asker.standing().damaged.into_keys());
    missing.any(|book| {
        let home = book.split_once('/').map_or("", |(_, home)| home);
        engine
            .territory
            .chain(&Jurisdiction::from(home))
            .contains(jurisdiction)
    })
}
