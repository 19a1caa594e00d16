//! Deliveries: what arrives, and how often, whatever happens to the publisher, the sink and the journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use picket_journal::{BookName, hash_of};
use picket_schemas::Cause;

use super::sealed::ISSUED;
use super::{ACCEPTED, SUBMITTED, World, at, ids, published, settle};
use crate::{
    CheckpointError, CheckpointStore, CloudEvent, MemorySink, PublishError, Publisher,
    PublisherEnd, Sink, SinkError,
};

#[tokio::test]
async fn every_public_fact_is_emitted_once_and_a_restart_goes_on() {
    let mut world = World::new();
    world.says("dispatch/420902", &[ACCEPTED, SUBMITTED]);
    assert_eq!(
        ids(&published(&world, at(0)).await),
        [
            "dispatch/420902/1/0/0 task.accepted",
            "dispatch/420902/1/1/0 task.submitted"
        ]
    );
    assert!(
        published(&world, at(0)).await.is_empty(),
        "it was all emitted before"
    );
    world.says(
        "dispatch/420902",
        &[r#"{"type":"task.approved","task":"T-1","by":"420902/P-0011"}"#],
    );
    assert_eq!(
        ids(&published(&world, at(0)).await),
        ["dispatch/420902/2/0/0 task.approved"]
    );
}

#[tokio::test]
async fn a_lost_checkpoint_repeats_everything_under_the_same_ids() {
    let mut world = World::new();
    world.says("dispatch/420902", &[ACCEPTED, SUBMITTED]);
    let first = published(&world, at(0)).await;
    std::fs::remove_file(world.file()).unwrap();
    assert_eq!(published(&world, at(0)).await, first);
}

#[tokio::test]
async fn a_damaged_checkpoint_is_an_error_that_says_what_to_do() {
    let world = World::new();
    for text in [
        "",
        "{}",
        "not json",
        r#"{"version":99,"read":{},"sealed":{},"waiting":[]}"#,
    ] {
        std::fs::write(world.file(), text).unwrap();
        let why = world
            .open(MemorySink::default())
            .await
            .err()
            .expect("it cannot be used")
            .to_string();
        assert!(why.contains("delete it"), "{why}");
    }
}

/// Fails every other time, after it took what it was given.
#[derive(Clone, Default)]
struct Shaky {
    calls: Arc<AtomicUsize>,
    kept: MemorySink,
}

#[async_trait]
impl Sink for Shaky {
    async fn emit(&self, events: &[CloudEvent]) -> Result<(), SinkError> {
        self.kept.emit(events).await?;
        if self.calls.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
            Err(SinkError("the answer was lost".into()))
        } else {
            Ok(())
        }
    }
}

#[tokio::test]
async fn a_sink_that_fails_gets_everything_and_repetitions_have_the_same_id() {
    let mut world = World::new();
    for _ in 0..40 {
        world.says("dispatch/420902", &[ACCEPTED; 30]);
    }
    let sink = Shaky::default();
    let mut publisher = world.publisher(sink.clone()).await;
    let mut failures = 0;
    for _ in 0..100 {
        match publisher.advance(at(0)).await {
            Ok(progress) if progress.commits == 0 && progress.events == 0 => break,
            Ok(_) => {}
            Err(PublishError::Sink(_)) => failures += 1,
            Err(why) => panic!("{why}"),
        }
    }
    assert!(failures > 1, "the sink failed {failures} times");
    let mut seen = ids(&sink.kept.emitted());
    assert!(seen.len() > 1_200, "what was not confirmed comes again");
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 1_200, "and nothing is left out");
    assert!(
        published(&world, at(0)).await.is_empty(),
        "what was confirmed does not come again"
    );
}

#[tokio::test]
async fn what_was_not_confirmed_before_a_crash_comes_again() {
    let mut world = World::new();
    world.says("dispatch/420902", &[ACCEPTED]);
    let sink = Shaky::default();
    assert!(
        world
            .publisher(sink.clone())
            .await
            .advance(at(0))
            .await
            .is_err()
    );
    assert_eq!(published(&world, at(0)).await, sink.kept.emitted());
}

#[tokio::test]
async fn an_effect_comes_after_its_cause_whatever_the_names_of_the_books() {
    let mut world = World::new();
    world.says(
        "rectification/420902",
        &[r#"{"type":"lead.archived","lead":"L-1","reason":"answered"}"#],
    );
    world.decides(
        "escalation/420902",
        &["rectification/420902"],
        Cause::Fact,
        &[vec![
            r#"{"type":"clock.paused","clock":"K-1","reason":"x","by":"420902/P-0001"}"#,
        ]],
    );
    world.decides(
        "dispatch/420902",
        &["escalation/420902"],
        Cause::Fact,
        &[vec![ACCEPTED]],
    );
    assert_eq!(
        ids(&published(&world, at(0)).await),
        [
            "rectification/420902/1/0/0 lead.archived",
            "escalation/420902/1/0/0 clock.paused",
            "dispatch/420902/1/0/0 task.accepted",
        ]
    );
}

#[tokio::test]
async fn a_commit_whose_cause_is_lost_waits_and_says_so() {
    let mut world = World::new();
    world.says(
        "rectification/420902",
        &[r#"{"type":"lead.archived","lead":"L-1","reason":"answered"}"#],
    );
    world.decides(
        "dispatch/420902",
        &["rectification/420902"],
        Cause::Fact,
        &[vec![ACCEPTED]],
    );
    world
        .journal
        .forget_after(&BookName::parse("rectification/420902").unwrap(), 0);
    let sink = MemorySink::default();
    let progress = world
        .publisher(sink.clone())
        .await
        .advance(at(0))
        .await
        .unwrap();
    assert_eq!(
        (progress.commits, progress.blocked),
        (0, vec!["dispatch/420902".to_owned()])
    );
    assert!(sink.emitted().is_empty());
}

#[tokio::test]
async fn after_a_damaged_commit_neither_its_journal_goes_on_nor_what_follows_from_it() {
    const ARCHIVED: &str = r#"{"type":"lead.archived","lead":"L-1","reason":"answered"}"#;
    let mut world = World::new();
    world.says("rectification/420902", &[ARCHIVED]);
    // It may have sealed anything.
    let spoilt = b"{}".to_vec();
    let head = world
        .journal
        .append_blocking(
            &BookName::parse("rectification/420902").unwrap(),
            &world.heads["rectification/420902"],
            &hash_of(&spoilt),
            spoilt.into(),
        )
        .unwrap();
    world.heads.insert("rectification/420902".into(), head);
    world.decides(
        "dispatch/420902",
        &["rectification/420902"],
        Cause::Fact,
        &[vec![ACCEPTED]],
    );
    world.says(
        "escalation/420902",
        &[r#"{"type":"clock.paused","clock":"K-1","reason":"x","by":"420902/P-0001"}"#],
    );
    let sink = MemorySink::default();
    let mut publisher = world.publisher(sink.clone()).await;
    assert_eq!(publisher.advance(at(0)).await.unwrap().commits, 2);
    for _ in 0..2 {
        let why = publisher.advance(at(0)).await.unwrap_err().to_string();
        assert!(
            why.contains("commit 2 of `rectification/420902`") && why.contains("picket verify"),
            "{why}"
        );
    }
    assert_eq!(
        ids(&sink.emitted()),
        [
            "escalation/420902/1/0/0 clock.paused",
            "rectification/420902/1/0/0 lead.archived"
        ]
    );
}

#[tokio::test]
async fn a_journal_that_lost_what_was_read_is_told_of_and_the_others_go_on() {
    let mut world = World::new();
    world.says("dispatch/420902", &[ACCEPTED]);
    world.says(
        "rectification/420902",
        &[r#"{"type":"lead.archived","lead":"L-1","reason":"answered"}"#],
    );
    assert_eq!(published(&world, at(0)).await.len(), 2);
    let dispatch = BookName::parse("dispatch/420902").unwrap();
    world.journal.forget_after(&dispatch, 0);
    world.heads.remove("dispatch/420902");
    // Another history under the same name.
    world.says("dispatch/420902", &[SUBMITTED]);
    world.says("dispatch/420902", &[SUBMITTED]);
    world.says(
        "rectification/420902",
        &[r#"{"type":"lead.archived","lead":"L-2","reason":"answered"}"#],
    );
    let sink = MemorySink::default();
    let mut publisher = world.publisher(sink.clone()).await;
    assert_eq!(publisher.advance(at(0)).await.unwrap().commits, 1);
    let why = publisher.advance(at(0)).await.unwrap_err();
    assert!(why.to_string().contains("dispatch/420902"), "{why}");
    assert_eq!(
        ids(&sink.emitted()),
        ["rectification/420902/2/0/0 lead.archived"]
    );
}

#[tokio::test]
async fn a_journal_that_ends_before_what_was_read_or_otherwise_is_told_of_before_it_has_grown_again()
 {
    for regrown in [0, 1] {
        let mut world = World::new();
        world.says("dispatch/420902", &[ACCEPTED]);
        world.says("dispatch/420902", &[ACCEPTED]);
        assert_eq!(published(&world, at(0)).await.len(), 2);
        world
            .journal
            .forget_after(&BookName::parse("dispatch/420902").unwrap(), 1 - regrown);
        if regrown == 1 {
            world.heads.remove("dispatch/420902");
            world.says("dispatch/420902", &[SUBMITTED]);
            world.says("dispatch/420902", &[SUBMITTED]);
        }
        world.says(
            "rectification/420902",
            &[r#"{"type":"lead.archived","lead":"L-1","reason":"answered"}"#],
        );
        let sink = MemorySink::default();
        let mut publisher = world.publisher(sink.clone()).await;
        assert_eq!(
            publisher.advance(at(0)).await.unwrap().commits,
            1,
            "the others go on"
        );
        let why = publisher.advance(at(0)).await.unwrap_err().to_string();
        assert!(
            why.contains("commit 2 of `dispatch/420902`") && why.contains("not there any more"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn a_long_journal_is_read_to_its_end() {
    let mut world = World::new();
    for _ in 0..1_000 {
        world.says("dispatch/420902", &[ACCEPTED]);
    }
    let sink = MemorySink::default();
    let mut publisher = world.publisher(sink.clone()).await;
    settle(&mut publisher, at(0)).await;
    let numbers: Vec<_> = sink
        .emitted()
        .iter()
        .map(|event| event.id.clone())
        .collect();
    assert_eq!(
        numbers,
        (1..=1_000)
            .map(|n| format!("dispatch/420902/{n}/0/0"))
            .collect::<Vec<_>>()
    );
}

#[tokio::test(start_paused = true)]
async fn it_runs_until_it_is_told_to_stop_and_picks_up_what_comes_meanwhile() {
    let mut world = World::new();
    world.says("dispatch/420902", &[ACCEPTED]);
    let sink = MemorySink::default();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(world.publisher(sink.clone()).await.run(
        || at(0),
        soon,
        async move { drop(stopped.await) },
    ));
    let arrived = async |count: usize| {
        for _ in 0..1_000 {
            if sink.emitted().len() == count {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        panic!("{} of {count} arrived", sink.emitted().len());
    };
    arrived(1).await;
    world.says("dispatch/420902", &[SUBMITTED]);
    arrived(2).await;
    stop.send(()).unwrap();
    running.await.unwrap();
}

/// There may be news twice a second.
fn soon() -> tokio::time::Sleep {
    tokio::time::sleep(std::time::Duration::from_millis(500))
}

/// A checkpoint store that two publishers share: whoever saves must have loaded what is there.
#[derive(Clone, Default)]
struct SharedStore {
    kept: Arc<std::sync::Mutex<(u64, Vec<u8>)>>,
    read: u64,
}

#[async_trait]
impl CheckpointStore for SharedStore {
    fn name(&self) -> String {
        "memory".into()
    }

    async fn load(&mut self) -> Result<Option<Vec<u8>>, CheckpointError> {
        let kept = self.kept.lock().unwrap();
        self.read = kept.0;
        Ok((kept.0 > 0).then(|| kept.1.clone()))
    }

    async fn save(&mut self, bytes: Vec<u8>) -> Result<(), CheckpointError> {
        let mut kept = self.kept.lock().unwrap();
        if kept.0 != self.read {
            return Err(CheckpointError::Overtaken);
        }
        *kept = (kept.0 + 1, bytes);
        self.read = kept.0;
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_publishers_the_slower_ends_and_what_is_sealed_stays_with_the_other() {
    let mut world = World::new();
    let (store, sink) = (SharedStore::default(), MemorySink::default());
    let books = vec![BookName::parse("dispatch/420902").unwrap()];
    let journal = Arc::new(world.journal.clone());
    let open = || Publisher::open(journal.clone(), books.clone(), store.clone(), sink.clone());
    let (mut first, second) = (open().await.unwrap(), open().await.unwrap());
    world.says("dispatch/420902", &[ISSUED]);
    settle(&mut first, at(0)).await;
    let ended = tokio::time::timeout(
        std::time::Duration::from_secs(60),
        second.run(|| at(0), soon, std::future::pending()),
    )
    .await;
    assert_eq!(
        ended,
        Ok(PublisherEnd::Overtaken),
        "what it would write is older than what is there"
    );
    assert!(sink.emitted().is_empty(), "it is sealed");
    settle(&mut open().await.unwrap(), at(6)).await;
    assert_eq!(
        ids(&sink.emitted()),
        ["dispatch/420902/1/0/0 task.issued"],
        "whoever comes next releases it"
    );
}
