//! What other systems hear of a county at work, and what they never hear.

use std::sync::Arc;

use jiff::SignedDuration;
use picket_publish::{CloudEvent, FileCheckpointStore, MemorySink, Publisher};
use serde_json::json;

use crate::county::County;

async fn published(county: &County, folder: &tempfile::TempDir) -> Vec<CloudEvent> {
    let sink = MemorySink::default();
    let checkpoint = FileCheckpointStore::at(folder.path().join("publish.json"));
    let mut publisher = Publisher::open(
        Arc::new(county.journal.clone()),
        county.names(),
        checkpoint,
        sink.clone(),
    )
    .await
    .unwrap();
    for _ in 0..1_000 {
        let progress = publisher.advance(county.now()).await.unwrap();
        assert_eq!(progress.blocked, Vec::<String>::new());
        if progress.commits == 0 && progress.events == 0 {
            return sink.emitted();
        }
    }
    panic!("it never came to an end");
}

fn has(events: &[CloudEvent], kind: &str) -> bool {
    events.iter().any(|event| event.kind == kind)
}

#[tokio::test]
async fn a_working_week_is_told_without_a_person_an_address_or_a_sentence() {
    let mut county = County::new().await;
    county.wishes("issue", "P-0001", json!({"do": "dispatch.issue_batch", "name": "canary sweep", "window": {"amount": 2, "unit": "working_day"}})).await;
    county
        .wishes(
            "accept",
            "P-0017",
            json!({"do": "dispatch.accept_task", "task": "T-1"}),
        )
        .await;
    county
        .wishes("row", "P-0017", json!({"do": "dispatch.fill_row", "task": "T-1", "row": "I-1", "outcome": "problem", "codes": ["H1"], "note": "canary note"}))
        .await;
    county
        .wishes(
            "row-2",
            "P-0017",
            json!({"do": "dispatch.fill_row", "task": "T-1", "row": "I-2", "outcome": "ok"}),
        )
        .await;
    county
        .wishes(
            "submit",
            "P-0017",
            json!({"do": "dispatch.submit_task", "task": "T-1"}),
        )
        .await;
    county
        .wishes(
            "place",
            "P-0017",
            json!({"do": "dispatch.report_place", "area": "420902003", "address": "canary lane 9", "seen": "canary lights", "codes": ["H1"], "urgent": true}),
        )
        .await;
    county.days(8).await;
    let folder = tempfile::tempdir().unwrap();
    let events = published(&county, &folder).await;
    for kind in [
        "batch.confirmed",
        "task.issued",
        "task.accepted",
        "task.submitted",
        "place.reported",
        "report.received",
        "lead.opened",
        "clock.started",
        "deadline.passed",
        "ladder.stepped",
    ] {
        assert!(has(&events, kind), "`{kind}` was not told");
    }
    for event in &events {
        let sent = format!(
            "{:?} {}",
            event.headers(),
            String::from_utf8_lossy(&event.data)
        );
        for never in ["P-00", "canary", "sentinel 17", "street", "reason", "note"] {
            assert!(!sent.contains(never), "`{never}` was told: {sent}");
        }
    }
    let mut ids: Vec<_> = events.iter().map(|event| event.id.clone()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), events.len(), "each once");
    assert!(
        published(&county, &folder).await.is_empty(),
        "and never again"
    );
}

#[tokio::test]
async fn a_sealed_batch_is_silent_in_every_book_until_its_release() {
    let mut county = County::new().await;
    let folder = tempfile::tempdir().unwrap();
    published(&county, &folder).await;
    let release = county.now() + SignedDuration::from_hours(72);
    county
        .wishes(
            "issue",
            "P-0001",
            json!({"do": "dispatch.issue_batch", "name": "sweep", "window": {"amount": 2, "unit": "working_day"}, "sealed_until": release.to_string()}),
        )
        .await;
    county
        .wishes(
            "accept",
            "P-0017",
            json!({"do": "dispatch.accept_task", "task": "T-1"}),
        )
        .await;
    county
        .wishes("row", "P-0017", json!({"do": "dispatch.fill_row", "task": "T-1", "row": "I-1", "outcome": "problem", "codes": ["H1"], "urgent": true}))
        .await;
    county.days(2).await;
    let leaked: Vec<_> = published(&county, &folder)
        .await
        .iter()
        .map(|event| format!("{} {}", event.kind, String::from_utf8_lossy(&event.data)))
        .collect();
    assert!(leaked.is_empty(), "{leaked:#?}");
    county.days(2).await;
    let events = published(&county, &folder).await;
    for kind in [
        "batch.confirmed",
        "task.issued",
        "task.accepted",
        "sortie.opened",
        "lead.opened",
        "clock.started",
    ] {
        assert!(
            has(&events, kind),
            "`{kind}` was not told after the release"
        );
    }
}
