//! The terminal transport: follows courier's journals, shows handed notices on open screens, reports how it went.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Client, Notice, Seen};
use picket_runtime::{Causal, Decoded, Live, Office};
use picket_schemas::courier::{self, Delivery};
use picket_schemas::{Event, Jurisdiction};
use tokio::sync::Semaphore;

/// How many screens are written to at once.
const AT_ONCE: usize = 64;

pub(super) async fn carry(office: Arc<Office>, live: Arc<Live>, client: Client) {
    let limit = Arc::new(Semaphore::new(AT_ONCE));
    // All that was published since this process began; what was handed before counts as unknown by itself.
    let mut place = 0;
    let mut seen: BTreeMap<String, (u64, String)> = BTreeMap::new();
    loop {
        let changed = office.hub.changed();
        let mut commits = match office.hub.published_after(place) {
            Some((commits, end)) => {
                place = end;
                commits
            }
            None => {
                place = office.hub.place();
                missed(&office, &seen).await
            }
        };
        commits.retain(|commit| seen.get(&commit.commit.book).is_none_or(|(n, _)| commit.head.number > *n));
        for commit in &commits {
            seen.insert(commit.commit.book.clone(), (commit.head.number, commit.head.hash.clone()));
        }
        for commit in commits.iter().filter(|commit| commit.commit.book.starts_with("courier/")) {
            let jurisdiction = Jurisdiction::from(commit.commit.book.trim_start_matches("courier/"));
            for event in commit.commit.entries.iter().flat_map(|entry| &entry.events) {
                if let Event::Courier(courier::Event::NoticeHanded { notice, to, kind, about, attempt, with, .. }) = event {
                    let shown = Notice {
                        jurisdiction: jurisdiction.clone(),
                        notice: notice.to_string(),
                        to: to.clone(),
                        kind: *kind,
                        about: about.clone(),
                        at: commit.commit.at,
                        with: with.clone(),
                    };
                    let Ok(permit) = limit.clone().acquire_owned().await else { return };
                    let (live, client, attempt) = (live.clone(), client.clone(), *attempt);
                    tokio::spawn(async move {
                        report(&live, &client, shown, attempt).await;
                        drop(permit);
                    });
                }
            }
        }
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
        }
    }
}

/// What courier's journals say after what was seen, where the hub no longer reaches back so far.
async fn missed(office: &Office, seen: &BTreeMap<String, (u64, String)>) -> Vec<Arc<Decoded>> {
    let books: Vec<_> = office.books().into_iter().filter(|book| book.service() == "courier" && seen.contains_key(book.as_str())).collect();
    let mut causal = Causal::new(office.journal.clone(), &books, seen);
    let mut commits = Vec::new();
    while let Ok(batch) = causal.next(512).await {
        if batch.is_empty() {
            break;
        }
        commits.extend(batch);
    }
    commits
}

async fn report(live: &Live, client: &Client, notice: Notice, attempt: u32) {
    let (delivery, reason) = match client.show(&notice).await {
        Ok(Seen::Shown) => (Delivery::Sent, String::new()),
        Ok(Seen::NobodyThere) => (Delivery::Failed, "no screen is open for this person".to_owned()),
        // Not known: courier counts it as such when its time is over.
        Err(_) => return,
    };
    let id = format!("delivery:{}:{}:{attempt}", notice.jurisdiction, notice.notice);
    let command = courier::Command::ReportDelivery { notice: notice.notice.as_str().into(), attempt, delivery, reason };
    let wish = super::system_wish(id, &notice.jurisdiction, live.office().clock.now(), command.into());
    // A refusal says that the outcome came another way, or too late.
    drop(live.wish(&notice.jurisdiction, wish).await);
}
