//! The terminal transport: follows courier's journals, shows handed notices on open screens, reports how it went.

use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Client, Notice, Seen};
use picket_runtime::{Live, Office};
use picket_schemas::courier::{self, Delivery};
use picket_schemas::{Event, Jurisdiction};
use tokio::sync::Semaphore;

/// How many screens are written to at once.
const AT_ONCE: usize = 64;

pub(super) async fn carry(office: Arc<Office>, live: Arc<Live>, client: Client) {
    let limit = Arc::new(Semaphore::new(AT_ONCE));
    let mut place = office.hub.place();
    loop {
        let changed = office.hub.changed();
        let (commits, end) = office.hub.published_after(place).unwrap_or_else(|| (Vec::new(), office.hub.place()));
        place = end;
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
