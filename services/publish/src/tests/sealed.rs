//! Sealed facts: told to nobody before their release, and to everybody after it.

use std::collections::BTreeMap;

use picket_schemas::{Cause, Event, Mention, Mentioned, RecordKind, Within};

use super::fields::{commit_of, golden_texts};
use super::{World, at, ids, published};
use crate::MemorySink;
use crate::cloud::in_full;
use crate::seal::seal;

pub(super) const ISSUED: &str = r#"{"type":"task.issued","task":"T-1","batch":"B-1","area":"420902003004","rows":[],"offered":[],"need":1,"checklist":"","window":{"amount":5,"unit":"working_day"},"sealed_until":"2026-03-04T07:00:00Z","answer_by":"2026-03-05T01:00:00Z"}"#;
const OPEN: &str = r#"{"type":"task.issued","task":"T-2","batch":"B-2","area":"420902003004","rows":[],"offered":[],"need":1,"checklist":"","window":{"amount":5,"unit":"working_day"},"answer_by":"2026-03-05T01:00:00Z"}"#;

fn accepted(task: &str) -> String {
    format!(r#"{{"type":"task.accepted","task":"{task}","person":"420902/P-0017","taken":true}}"#)
}

fn started(clock: &str, on: &str) -> String {
    format!(
        r#"{{"type":"clock.started","clock":"{clock}","kind":"task.submit","on":"{on}","area":"420902003004","duty":{{}},"span":{{"amount":5,"unit":"working_day"}},"rule":"r","calendar":"c","from":"2026-03-04T02:00:00Z","due":"2026-03-11T16:00:00Z","next":null}}"#
    )
}

fn passed(clock: &str, on: &str) -> String {
    format!(
        r#"{{"type":"deadline.passed","clock":"{clock}","kind":"task.submit","on":"{on}","due":"2026-03-11T16:00:00Z","next":null}}"#
    )
}

#[tokio::test]
async fn a_sealed_sheet_and_all_that_follows_from_it_wait_for_the_release() {
    let mut world = World::new();
    world.says("dispatch/420902", &[ISSUED, OPEN]);
    world.says("dispatch/420902", &[&accepted("T-1"), &accepted("T-2")]);
    world.decides(
        "escalation/420902",
        &["dispatch/420902"],
        Cause::Fact,
        &[vec![&started("K-1", "T-1")], vec![&started("K-2", "T-2")]],
    );
    world.decides(
        "escalation/420902",
        &[],
        Cause::Bell,
        &[vec![&passed("K-1", "T-1"), &passed("K-2", "T-2")]],
    );
    assert_eq!(
        ids(&published(&world, at(0)).await),
        [
            "dispatch/420902/1/1/0 task.issued",
            "dispatch/420902/2/1/0 task.accepted",
            "escalation/420902/1/1/0 clock.started",
            "escalation/420902/2/0/1 deadline.passed",
        ]
    );
    // Released at 07:00, five hours later; each time a publisher that was started anew.
    assert!(published(&world, at(4)).await.is_empty());
    assert_eq!(
        ids(&published(&world, at(5)).await),
        [
            "dispatch/420902/1/0/0 task.issued",
            "dispatch/420902/2/0/0 task.accepted",
            "escalation/420902/1/0/0 clock.started",
            "escalation/420902/2/0/0 deadline.passed",
        ]
    );
    assert!(published(&world, at(6)).await.is_empty(), "and only once");
}

#[tokio::test]
async fn what_was_decided_together_with_something_sealed_waits_with_it() {
    let mut world = World::new();
    let decided = r#"{"type":"joint.decided","lead":"L-1","joint":true,"reason":"three departments","by":"420902/P-0003"}"#;
    let opened = r#"{"type":"action.opened","action":"J-1","lead":"L-1","department":"edu","assist":["market"],"crew":[],"date":"2026-03-04","sealed_until":"2026-03-04T07:00:00Z"}"#;
    world.says(
        "rectification/420902",
        &[r#"{"type":"lead.classified","lead":"L-1","codes":["H1"]}"#],
    );
    world.decides(
        "rectification/420902",
        &[],
        Cause::Command,
        &[vec![decided, opened]],
    );
    world.says("rectification/420902", &[r#"{"type":"verdict.recorded","lead":"L-1","verdict":"not","note":"","codes":[],"by":"420902/P-0003"}"#]);
    assert_eq!(
        ids(&published(&world, at(0)).await),
        ["rectification/420902/1/0/0 lead.classified"],
        "nobody hears that there will be an action"
    );
    assert_eq!(
        ids(&published(&world, at(5)).await),
        [
            "rectification/420902/2/0/0 joint.decided",
            "rectification/420902/2/0/1 action.opened",
            "rectification/420902/3/0/0 verdict.recorded",
        ]
    );
}

#[tokio::test]
async fn an_outing_that_served_a_sealed_sheet_waits_and_what_else_was_found_on_it_does_not() {
    let mut world = World::new();
    let filled = r#"{"type":"row.filled","task":"T-1","row":"I-1","subject":{"kind":"institution","id":"I-1"},"outcome":"ok","by":"420902/P-0017","sortie":"S-1","observed":"2026-03-04T02:00:00Z"}"#;
    let opened = r#"{"type":"sortie.opened","sortie":"S-1","members":[],"kind":"sweep","date":"2026-03-04"}"#;
    let found = r#"{"type":"place.reported","place":"U-7","area":"420902003004","address":"a","seen":"b","codes":["H2"],"urgent":true,"finder":"420902/P-0017","sortie":"S-1","observed":"2026-03-04T02:40:00Z"}"#;
    let visited = r#"{"type":"visit.recorded","sortie":"S-1","subject":{"kind":"institution","id":"I-3"},"outcome":"ok","hazards":{"found":0,"fixed":0},"by":"420902/P-0031","observed":"2026-03-04T03:00:00Z"}"#;
    world.says("dispatch/420902", &[ISSUED]);
    world.decides(
        "dispatch/420902",
        &[],
        Cause::Command,
        &[vec![opened, filled]],
    );
    world.says("dispatch/420902", &[found, visited]);
    assert_eq!(
        ids(&published(&world, at(0)).await),
        ["dispatch/420902/3/0/0 place.reported"]
    );
    assert_eq!(
        ids(&published(&world, at(5)).await),
        [
            "dispatch/420902/1/0/0 task.issued",
            "dispatch/420902/2/0/0 sortie.opened",
            "dispatch/420902/3/1/0 visit.recorded"
        ]
    );
}

#[tokio::test]
async fn what_was_released_before_it_is_read_does_not_wait() {
    let mut world = World::new();
    world.says("dispatch/420902", &[ISSUED]);
    world.says("dispatch/420902", &[&accepted("T-1")]);
    assert_eq!(published(&world, at(5)).await.len(), 2);
}

#[tokio::test]
async fn a_seal_outlives_a_restart_and_covers_what_comes_later() {
    let mut world = World::new();
    world.says("dispatch/420902", &[ISSUED]);
    assert!(published(&world, at(0)).await.is_empty());
    world.says("dispatch/420902", &[&accepted("T-1")]);
    assert!(
        published(&world, at(1)).await.is_empty(),
        "the sheet was sealed in another life of the publisher"
    );
    assert_eq!(published(&world, at(5)).await.len(), 2);
}

#[tokio::test]
async fn a_round_says_how_many_commits_wait() {
    let mut world = World::new();
    world.says("dispatch/420902", &[ISSUED]);
    world.says("dispatch/420902", &[&accepted("T-1"), OPEN]);
    let progress = world
        .publisher(MemorySink::default())
        .await
        .advance(at(0))
        .await
        .unwrap();
    assert_eq!(
        (progress.commits, progress.events, progress.sealed),
        (2, 1, 2)
    );
}

/// The id by which a mention seals the event it stands in, in full: any but those of what is shared.
fn sealing(mention: &Mention<'_>) -> Option<String> {
    match mention.of {
        Mentioned::Record(RecordKind::Sortie | RecordKind::Schedule, _)
        | Mentioned::Person(_)
        | Mentioned::Seal(_) => None,
        Mentioned::Record(_, id) | Mentioned::Subject(id) => Some(in_full("420902", id)),
    }
}

#[test]
fn whatever_names_something_sealed_waits_and_seals_what_else_it_names() {
    let (mut held, mut carried) = (0, 0);
    for (service, text) in golden_texts() {
        let event = Event::decode(&service, &text).unwrap();
        let commit = commit_of(&service, &text);
        let mut all = Vec::new();
        event.mentions(&mut |mention| all.push(mention));
        for by in &all {
            let Some(id) = sealing(by) else { continue };
            let mut sealed = BTreeMap::from([(id.clone(), at(5))]);
            let waiting = seal(&mut sealed, &commit, at(0));
            // It may say of itself that it waits longer.
            assert!(waiting.values().all(|until| *until >= at(5)), "{text}");
            assert_eq!(waiting.len(), 1, "sealed by {id}: {text}");
            held += 1;
            let together = |one: &Mention<'_>| {
                let notice = matches!(one.of, Mentioned::Record(RecordKind::Notice, _));
                one.within < Within::Listed || (one.within == Within::Listed && !notice)
            };
            for other in all.iter().filter(|other| together(by) && together(other)) {
                if let (Some(id), Mentioned::Record(..)) = (sealing(other), other.of) {
                    assert!(
                        sealed.contains_key(&id),
                        "{id} goes on being told of: {text}"
                    );
                    carried += 1;
                }
            }
        }
    }
    assert!(held > 150 && carried > 150, "{held} {carried}");
}

#[test]
fn notices_that_go_out_together_do_not_seal_each_other() {
    let handed = r#"{"type":"notice.handed","notice":"N-1","to":"420902/P-0017","kind":"offer","about":"T-2","attempt":1,"channel":"any","until":"2026-03-04T02:10:00Z","also":[{"notice":"N-2","about":"T-1"}]}"#;
    let commit = commit_of("courier", handed);
    let mut sealed = BTreeMap::from([("420902/T-1".to_owned(), at(5))]);
    assert_eq!(seal(&mut sealed, &commit, at(0)).len(), 1);
    assert_eq!(sealed.len(), 1, "the open sheet stays open: {sealed:?}");
}
