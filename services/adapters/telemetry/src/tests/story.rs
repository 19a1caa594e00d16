//! One trace from a press to the notice it led to, whoever saw which commit.

use std::collections::BTreeMap;

use super::{ACCEPTED, HANDED, QUEUED, SENT, STARTED, STEPPED, commit, entry, story};
use crate::{CommitSpan, Threads, TraceParent, span_for, span_of_commit};

fn told(threads: &mut Threads, commits: &[picket_schemas::Commit]) -> Vec<CommitSpan> {
    commits
        .iter()
        .flat_map(|commit| threads.commit(commit))
        .collect()
}

/// Asserts that every span leads to the wish, and answers names from the last span up to the wish.
fn way_up(spans: &[CommitSpan], wish: TraceParent) -> Vec<String> {
    let by_id: BTreeMap<_, _> = spans.iter().map(|span| (span.at.span, span)).collect();
    let mut names = Vec::new();
    let mut at = spans.last().unwrap();
    for _ in 0..=spans.len() {
        names.push(at.name.clone());
        let parent = at.parent.expect("only the wish has no parent");
        if parent == wish.span {
            return names;
        }
        at = by_id[&parent];
    }
    panic!("the spans go round: {names:?}");
}

#[test]
fn one_trace_goes_from_the_press_to_the_notice_sent() {
    let wish = TraceParent::of_wish("press-1");
    let spans = told(&mut Threads::default(), &story(&wish.inject()));
    assert!(
        spans.iter().all(|span| span.at.trace == wish.trace),
        "{spans:#?}"
    );
    assert_eq!(
        way_up(&spans, wish),
        [
            "commit courier",
            "courier.report_delivery",
            "commit courier",
            "courier.ring notice.handed",
            "commit courier",
            "courier.react notice.queued",
            "commit escalation",
            "escalation.ring ladder.stepped",
            "commit escalation",
            "escalation.react clock.started",
            "commit dispatch",
            "dispatch.accept_task",
        ]
    );
}

#[test]
fn who_only_reads_what_another_process_wrote_goes_on_in_the_same_trace() {
    let wish = TraceParent::of_wish("press-1");
    let commits = story(&wish.inject());
    let all = told(&mut Threads::default(), &commits);
    // Courier's process reads escalation's journal and nothing else.
    let courier = told(&mut Threads::default(), &commits[1..]);
    assert_eq!(all[2..], courier[..], "the same spans, computed apart");
}

#[test]
fn the_same_commit_gives_the_same_spans_and_different_ones_differ() {
    let wish = TraceParent::of_wish("press-1");
    let mut ids: Vec<_> = told(&mut Threads::default(), &story(&wish.inject()))
        .iter()
        .map(|span| span.at.span)
        .collect();
    let again: Vec<_> = told(&mut Threads::default(), &story(&wish.inject()))
        .iter()
        .map(|span| span.at.span)
        .collect();
    assert_eq!(ids, again);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), again.len());
}

#[test]
fn what_was_forgotten_begins_a_trace_of_its_own_and_others_still_join_it() {
    let commits = story(&TraceParent::of_wish("press-1").inject());
    let escalation = told(&mut Threads::default(), &commits[2..3]);
    let courier = told(&mut Threads::default(), &commits[3..]);
    assert_eq!(escalation[0].parent, None);
    assert_eq!(
        courier[0].at.trace, escalation[0].at.trace,
        "neither remembers the clock, both name the commit"
    );
    assert_eq!(courier[0].parent, Some(escalation[1].at.span));
}

#[test]
fn a_bell_that_speaks_of_two_things_goes_on_in_two_traces() {
    let [one, two] = ["press-1", "press-2"].map(TraceParent::of_wish);
    let other = |json: &str| {
        json.replace("K-1", "K-2")
            .replace("T-1", "T-2")
            .replace("E-1", "E-2")
    };
    let mut threads = Threads::default();
    threads.commit(&commit(
        "escalation/420902",
        1,
        &[entry(
            "fact",
            "dispatch/420902:1",
            "escalation.react",
            &one.inject(),
            &[STARTED],
        )],
    ));
    threads.commit(&commit(
        "escalation/420902",
        2,
        &[entry(
            "fact",
            "dispatch/420902:2",
            "escalation.react",
            &two.inject(),
            &[&other(STARTED)],
        )],
    ));
    let rung = threads.commit(&commit(
        "escalation/420902",
        3,
        &[entry(
            "bell",
            "2026-03-13T00:30:00Z",
            "escalation.ring",
            "",
            &[STEPPED, &other(STEPPED)],
        )],
    ));
    let traces: Vec<_> = rung
        .iter()
        .map(|span| (span.name.as_str(), span.at.trace))
        .collect();
    assert_eq!(
        traces,
        [
            ("escalation.ring ladder.stepped", one.trace),
            ("escalation.ring ladder.stepped", two.trace),
            ("commit escalation", one.trace),
            ("commit escalation", two.trace),
        ]
    );
}

#[test]
fn a_notice_that_goes_along_with_another_goes_on_in_its_own_trace_too() {
    let [one, two] = ["press-1", "press-2"].map(TraceParent::of_wish);
    let mut threads = Threads::default();
    for (n, (wish, notice)) in [(one, "N-1"), (two, "N-2")].into_iter().enumerate() {
        let queued = QUEUED
            .replace("N-1", notice)
            .replace(r#","clock":"K-1""#, "");
        threads.commit(&commit(
            "courier/420902",
            n as u64 + 1,
            &[entry(
                "fact",
                "dispatch/420902:1",
                "courier.react",
                &wish.inject(),
                &[&queued],
            )],
        ));
    }
    let handed = HANDED.replace('}', r#","also":[{"notice":"N-2","about":"E-2"}]}"#);
    let sent = SENT.replace('}', r#","also":["N-2"]}"#);
    for (n, said) in [
        (
            3,
            entry(
                "bell",
                "2026-03-13T00:30:00Z",
                "courier.ring",
                "",
                &[&handed],
            ),
        ),
        (
            4,
            entry("command", "", "courier.report_delivery", "", &[&sent]),
        ),
    ] {
        let traces: Vec<_> = threads
            .commit(&commit("courier/420902", n, &[said]))
            .iter()
            .filter(|span| span.cause.is_some())
            .map(|span| span.at.trace)
            .collect();
        assert_eq!(traces, [one.trace, two.trace], "commit {n}");
    }
}

#[test]
fn a_thing_of_one_jurisdiction_is_not_the_thing_of_another() {
    let wish = TraceParent::of_wish("press-1");
    let mut threads = Threads::default();
    threads.commit(&commit(
        "escalation/420902",
        1,
        &[entry(
            "fact",
            "dispatch/420902:1",
            "escalation.react",
            &wish.inject(),
            &[STARTED],
        )],
    ));
    let rung = threads.commit(&commit(
        "escalation/420903",
        1,
        &[entry(
            "bell",
            "2026-03-13T00:30:00Z",
            "escalation.ring",
            "",
            &[STEPPED],
        )],
    ));
    assert_ne!(rung[0].at.trace, wish.trace);
}

#[test]
fn a_wish_on_a_thing_of_another_trace_keeps_its_own() {
    let [issue, press] = ["issue", "press"].map(TraceParent::of_wish);
    let mut threads = Threads::default();
    threads.commit(&commit(
        "dispatch/420902",
        1,
        &[entry(
            "command",
            "",
            "dispatch.issue_batch",
            &issue.inject(),
            &[ACCEPTED],
        )],
    ));
    let spans = threads.commit(&commit(
        "dispatch/420902",
        2,
        &[entry(
            "command",
            "",
            "dispatch.accept_task",
            &press.inject(),
            &[ACCEPTED],
        )],
    ));
    assert_eq!(
        spans[0].at,
        press.at(span_for("dispatch/420902", 2, 0, &press.trace))
    );
    assert_eq!(spans[0].parent, Some(press.span));
    assert_eq!(
        spans[1].at,
        press.at(span_of_commit("dispatch/420902", 2, &press.trace))
    );
    assert_eq!(spans[1].parent, Some(spans[0].at.span));
}

#[test]
fn memory_is_bounded_and_what_is_recent_stays() {
    let wish = TraceParent::of_wish("press-1").inject();
    let mut threads = Threads::default();
    for n in 0..200 {
        let many: Vec<_> = (0..500)
            .map(|m| QUEUED.replace("N-1", &format!("N-{n}-{m}")))
            .collect();
        threads.commit(&commit(
            "courier/420902",
            n + 1,
            &[entry(
                "fact",
                "escalation/420902:4",
                "courier.react",
                &wish,
                &many.iter().map(String::as_str).collect::<Vec<_>>(),
            )],
        ));
    }
    let shown = format!("{threads:?}");
    assert!(
        shown.matches("420902/N-").count() <= 2 * 32_768,
        "{} things",
        shown.matches("420902/N-").count()
    );
    assert!(shown.contains("420902/N-199-499"));
}

#[test]
fn no_field_of_an_event_becomes_an_attribute() {
    for told in told(
        &mut Threads::default(),
        &story(&TraceParent::of_wish("press-1").inject()),
    ) {
        for (name, value) in &told.attributes {
            assert!(
                [
                    "picket.book",
                    "picket.n",
                    "picket.at",
                    "picket.via",
                    "picket.entry",
                    "picket.events"
                ]
                .contains(name)
            );
            assert!(
                !value.contains("P-00") && !value.contains("working"),
                "{name}={value}"
            );
        }
    }
}
