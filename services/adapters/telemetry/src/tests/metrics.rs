//! The numbers, as `/metrics` shows them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use picket_journal::{
    AppendError, BookName, Bytes, Follower, Head, Journal, MemoryJournal, ReadError, StoredCommit,
    Unavailable,
};

use super::{HANDED, QUEUED, SENT, STARTED, commit, entry, story};
use crate::{Guard, TelemetrySettings, TimedJournal, build, names};

fn guard() -> Guard {
    build(TelemetrySettings::new("picket-test")).unwrap().0
}

fn line(text: &str, start: &str) -> f64 {
    let line = text
        .lines()
        .find(|line| {
            line.strip_prefix(start)
                .is_some_and(|rest| rest.starts_with([' ', '{']) || start.ends_with('}'))
        })
        .unwrap_or_else(|| panic!("no `{start}` in\n{text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn the_numbers_of_a_process_are_there_under_their_names() {
    let guard = guard();
    let metrics = guard.metrics();
    for _ in 0..3 {
        metrics.answered("dispatch", "done");
    }
    metrics.answered("dispatch", "not_yours");
    for commit in story("") {
        metrics.committed(&commit);
    }
    metrics.appended("dispatch", Duration::from_millis(3), true);
    metrics.lag("courier", 5);
    metrics.leases("shard", 4);
    metrics.stopped("dispatch", 1);
    metrics.published(12);
    let text = metrics.text();
    let has = |start: &str, value: f64| {
        assert!(
            (line(&text, start) - value).abs() < f64::EPSILON,
            "{start} in\n{text}"
        )
    };
    has(
        r#"picket_commands_total{outcome="done",service="dispatch"}"#,
        3.0,
    );
    has(
        r#"picket_commands_total{outcome="not_yours",service="dispatch"}"#,
        1.0,
    );
    has(r#"picket_group_entries_count{service="courier"}"#, 3.0);
    has(
        r#"picket_append_seconds_count{outcome="stored",service="dispatch"}"#,
        1.0,
    );
    has(r#"picket_journal_commits{service="escalation"}"#, 4.0);
    has(r#"picket_reading_lag_commits{service="courier"}"#, 5.0);
    has(r#"picket_notices_total{state="queued"}"#, 1.0);
    has(r#"picket_notices_total{state="sent"}"#, 1.0);
    has(r#"picket_leases_held{kind="shard"}"#, 4.0);
    has(r#"picket_books_stopped{service="dispatch"}"#, 1.0);
    has("picket_events_published_total", 12.0);
    for name in [
        names::COMMANDS,
        names::GROUP,
        names::APPEND,
        names::HEADS,
        names::LAG,
        names::NOTICES,
        names::LEASES,
        names::STOPPED,
        names::PUBLISHED,
    ] {
        assert!(text.contains(&format!("# TYPE {name}")), "{name}");
    }
}

#[test]
fn the_heads_of_all_books_of_a_service_are_one_number_and_no_label_holds_an_id() {
    let guard = guard();
    let metrics = guard.metrics();
    for (county, n) in [("420902", 7), ("420903", 5), ("420902", 8)] {
        metrics.head(&format!("dispatch/{county}"), n);
    }
    assert!(
        (line(
            &metrics.text(),
            r#"picket_journal_commits{service="dispatch"}"#
        ) - 13.0)
            .abs()
            < f64::EPSILON
    );
    metrics.gone("dispatch/420903");
    let text = metrics.text();
    assert!(
        (line(&text, r#"picket_journal_commits{service="dispatch"}"#) - 8.0).abs() < f64::EPSILON
    );
    metrics.committed(&commit(
        "courier/420902",
        1,
        &[entry(
            "fact",
            "escalation/420902:4",
            "courier.react",
            "",
            &[QUEUED, HANDED, SENT],
        )],
    ));
    assert!(!metrics.text().contains("4209"), "{}", metrics.text());
}

/// A store that stores, refuses, or says nothing for ever.
struct Store(MemoryJournal, Does);

#[derive(Clone, Copy)]
enum Does {
    Stores,
    IsAway,
    Hangs,
}

#[async_trait]
impl Journal for Store {
    async fn append(
        &self,
        book: &BookName,
        expected: &Head,
        hash: &str,
        bytes: Bytes,
    ) -> Result<Head, AppendError> {
        match self.1 {
            Does::Stores => self.0.append(book, expected, hash, bytes).await,
            Does::IsAway => Err(AppendError::Unavailable("away".into())),
            Does::Hangs => std::future::pending().await,
        }
    }
    async fn read(
        &self,
        book: &BookName,
        after: &Head,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, ReadError> {
        match self.1 {
            Does::Stores => self.0.read(book, after, limit).await,
            Does::IsAway => Err(ReadError::Unavailable("away".into())),
            Does::Hangs => std::future::pending().await,
        }
    }
    async fn last(&self, books: &[BookName]) -> Result<Vec<Head>, Unavailable> {
        self.0.last(books).await
    }
    async fn follow(&self, after: Vec<(BookName, Head)>) -> Result<Follower, Unavailable> {
        self.0.follow(after).await
    }
}

#[tokio::test]
async fn every_append_is_timed_also_one_that_nobody_waited_for_to_its_end() {
    let guard = guard();
    let book = BookName::parse("dispatch/420902").unwrap();
    let append = async |does: Does| {
        let journal =
            TimedJournal::around(Arc::new(Store(MemoryJournal::new(), does)), guard.metrics());
        let first = Head::default();
        let appended = journal.append(&book, &first, "hash", b"{}".to_vec().into());
        tokio::time::timeout(Duration::from_millis(20), appended).await
    };
    assert!(append(Does::Stores).await.unwrap().is_ok());
    assert!(append(Does::IsAway).await.unwrap().is_err());
    assert!(append(Does::Hangs).await.is_err(), "it was given up");
    let text = guard.metrics().text();
    let has = |start: &str, value: f64| {
        assert!(
            (line(&text, start) - value).abs() < f64::EPSILON,
            "{start} in\n{text}"
        )
    };
    has(
        r#"picket_append_seconds_count{outcome="stored",service="dispatch"}"#,
        1.0,
    );
    has(
        r#"picket_append_seconds_count{outcome="failed",service="dispatch"}"#,
        2.0,
    );
    assert!(
        line(
            &text,
            r#"picket_append_seconds_sum{outcome="failed",service="dispatch"}"#
        ) >= 0.01,
        "the time it was waited for counts\n{text}"
    );
}

#[tokio::test]
async fn how_long_a_store_is_silent_is_told_once_it_has_answered() {
    let guard = guard();
    let book = BookName::parse("dispatch/420902").unwrap();
    let read = async |does: Does| {
        TimedJournal::around(Arc::new(Store(MemoryJournal::new(), does)), guard.metrics())
            .read(&book, &Head::default(), 1)
            .await
    };
    assert!(read(Does::IsAway).await.is_err());
    assert!(
        !guard
            .metrics()
            .text()
            .lines()
            .any(|line| line.starts_with("picket_journal_silent_seconds")),
        "nothing is known of it yet"
    );
    assert!(read(Does::Stores).await.is_ok());
    let before = line(&guard.metrics().text(), "picket_journal_silent_seconds");
    assert!(read(Does::IsAway).await.is_err());
    assert!(
        line(&guard.metrics().text(), "picket_journal_silent_seconds") > before,
        "an answer that did not come is none"
    );
}

#[test]
fn a_bell_is_late_after_a_minute() {
    let guard = guard();
    // The commit is of two o'clock.
    for (n, due) in [
        (1, "2026-03-04T01:59:30Z"),
        (2, "2026-03-04T01:58:00Z"),
        (3, "2026-03-01T00:00:00Z"),
    ] {
        guard.metrics().committed(&commit(
            "escalation/420902",
            n,
            &[entry("bell", due, "escalation.ring", "", &[STARTED])],
        ));
    }
    assert!(
        (line(
            &guard.metrics().text(),
            r#"picket_bells_late_total{service="escalation"}"#
        ) - 2.0)
            .abs()
            < f64::EPSILON
    );
}
