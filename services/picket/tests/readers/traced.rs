//! One trace from a press through command, commit, reaction, bell and ladder step to the notice.

use std::collections::BTreeMap;

use picket_telemetry::{CommitSpan, Threads, TraceParent};
use serde_json::json;

use crate::county::County;

/// Names from a span up to the wish; every span on the way is there.
fn way_up(spans: &[CommitSpan], from: &CommitSpan, wish: TraceParent) -> Vec<String> {
    let by_id: BTreeMap<_, _> = spans.iter().map(|span| (span.at.span, span)).collect();
    let (mut names, mut at) = (Vec::new(), from);
    for _ in 0..=spans.len() {
        names.push(at.name.clone());
        match at.parent {
            Some(parent) if parent == wish.span => return names,
            Some(parent) => {
                at = by_id
                    .get(&parent)
                    .unwrap_or_else(|| panic!("after {names:?} a span is missing"))
            }
            None => panic!("{names:?} leads to no wish"),
        }
    }
    panic!("the spans go round: {names:?}");
}

#[tokio::test]
async fn a_sheet_that_is_accepted_and_left_lying_is_one_trace_up_to_the_notice_that_says_so() {
    let mut county = County::new().await;
    county.wishes("issue", "P-0001", json!({"do": "dispatch.issue_batch", "name": "sweep", "window": {"amount": 2, "unit": "working_day"}})).await;
    county
        .wishes(
            "press",
            "P-0017",
            json!({"do": "dispatch.accept_task", "task": "T-1"}),
        )
        .await;
    county.days(8).await;
    let press = TraceParent::of_wish("press");
    let mut threads = Threads::default();
    let all: Vec<CommitSpan> = county
        .commits()
        .await
        .iter()
        .flat_map(|commit| threads.commit(commit))
        .collect();
    let ours: Vec<CommitSpan> = all
        .into_iter()
        .filter(|span| span.at.trace == press.trace)
        .collect();
    let names: Vec<_> = ours.iter().map(|span| span.name.as_str()).collect();
    let find = |name: &str, events: &str| {
        let has = |span: &&CommitSpan| {
            span.name.starts_with(name)
                && span
                    .attributes
                    .iter()
                    .any(|(key, value)| *key == "picket.events" && value.contains(events))
        };
        ours.iter()
            .find(has)
            .unwrap_or_else(|| panic!("no `{name}` with {events} in {names:#?}"))
    };
    let stepped = find("escalation.ring", "ladder.stepped");
    assert_eq!(
        way_up(&ours, stepped, press).last().map(String::as_str),
        Some("dispatch.accept_task")
    );
    // The notice that follows from the step, on its way out.
    let step_commit = ours
        .iter()
        .find(|span| span.parent == Some(stepped.at.span))
        .unwrap();
    let told = ours
        .iter()
        .find(|span| {
            span.parent == Some(step_commit.at.span)
                && span.name.starts_with("courier.react notice.queued")
        })
        .unwrap_or_else(|| panic!("nobody is told of the step: {names:#?}"));
    let queued = ours
        .iter()
        .find(|span| span.parent == Some(told.at.span))
        .unwrap();
    let handed = ours
        .iter()
        .find(|span| span.parent == Some(queued.at.span))
        .unwrap_or_else(|| panic!("the notice never leaves: {names:#?}"));
    assert!(
        handed.name.starts_with("courier.ring notice."),
        "{}",
        handed.name
    );
    let way = way_up(&ours, handed, press);
    for part in [
        "dispatch.accept_task",
        "commit dispatch",
        "escalation.react",
        "commit escalation",
        "escalation.ring",
        "courier.react notice.queued",
        "commit courier",
    ] {
        assert!(
            way.iter().any(|name| name.starts_with(part)),
            "no `{part}` on the way {way:#?}"
        );
    }
    let mut ids: Vec<_> = ours.iter().map(|span| span.at.span).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), ours.len(), "each span has an id of its own");
}
