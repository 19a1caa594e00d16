//! Exports to a collector: what it gets from a process, and what it never gets.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use picket_bus::{Bus, BusError, Client, EdgeReply, EdgeRequest, MemoryBus, serve_books};
use picket_harness::Collector;
use picket_schemas::{Answer, Command, Jurisdiction, PersonId, Problem, Wish, dispatch};

use super::story;
use crate::{Guard, Secrets, TelemetrySettings, TraceParent, TracedBus, build, span_of_commit};

/// A secret of this process; its other shapes are made of it.
const CANARY: &str = "canary-7b1e94";

fn settings(collector: &str) -> TelemetrySettings {
    TelemetrySettings {
        collector: Some(collector.parse().unwrap()),
        instance: "a".into(),
        secrets: Secrets::new([CANARY.to_owned()]),
        ..TelemetrySettings::new("picket-test")
    }
}

/// Runs what is said under telemetry of its own, and ends it.
fn told(settings: TelemetrySettings, say: impl FnOnce(&Guard)) {
    let (guard, subscriber) = build(settings).unwrap();
    tracing::subscriber::with_default(subscriber, || say(&guard));
}

#[test]
fn the_spans_of_commits_arrive_with_their_names_and_parents() {
    let collector = Collector::start();
    let wish = TraceParent::of_wish("press-1");
    told(settings(&collector.address()), |guard| {
        story(&wish.inject())
            .iter()
            .for_each(|commit| guard.spans().committed(commit))
    });
    let spans = collector.spans();
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(spans.len(), 12, "{names:?}");
    assert!(spans.iter().all(|span| span.trace_id == wish.trace));
    let find = |name: &str| {
        spans
            .iter()
            .find(|span| span.name == name)
            .unwrap_or_else(|| panic!("no `{name}` in {names:?}"))
    };
    assert_eq!(find("dispatch.accept_task").parent_span_id, wish.span);
    assert_eq!(
        find("commit dispatch").parent_span_id,
        find("dispatch.accept_task").span_id
    );
    assert_eq!(
        find("escalation.react clock.started").parent_span_id,
        find("commit dispatch").span_id
    );
    let taken = collector.taken();
    let of: Vec<_> = taken.traces[0].resource_spans[0]
        .resource
        .as_ref()
        .unwrap()
        .attributes
        .iter()
        .map(|pair| {
            (
                pair.key.as_str(),
                pair.value.clone().unwrap().value.unwrap(),
            )
        })
        .collect();
    for (key, value) in [
        ("service.name", "picket-test"),
        ("service.instance.id", "a"),
        ("service.version", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(
            of.contains(&(key, Value::StringValue(value.into()))),
            "{key}: {of:?}"
        );
    }
}

#[test]
fn what_was_only_read_is_no_span_of_this_process() {
    let collector = Collector::start();
    let wish = TraceParent::of_wish("press-1");
    told(settings(&collector.address()), |guard| {
        let commits = story(&wish.inject());
        commits[..3]
            .iter()
            .for_each(|commit| guard.spans().read(commit));
        commits[3..]
            .iter()
            .for_each(|commit| guard.spans().committed(commit));
    });
    let spans = collector.spans();
    assert_eq!(spans.len(), 6);
    assert!(
        spans.iter().all(|span| span.trace_id == wish.trace),
        "and yet it is the same trace"
    );
}

#[test]
fn an_unsampled_trace_and_what_is_beyond_the_share_are_not_exported() {
    let collector = Collector::start();
    let silent = TraceParent {
        sampled: false,
        ..TraceParent::of_wish("press-1")
    };
    told(settings(&collector.address()), |guard| {
        story(&silent.inject())
            .iter()
            .for_each(|commit| guard.spans().committed(commit))
    });
    told(
        TelemetrySettings {
            share: 0.0,
            ..settings(&collector.address())
        },
        |guard| {
            story(&TraceParent::of_wish("press-2").inject())
                .iter()
                .for_each(|commit| guard.spans().committed(commit))
        },
    );
    assert!(collector.spans().is_empty());
}

/// Somebody who answers every wish on a bus.
async fn answered(
    bus: Arc<dyn Bus>,
    seen: Arc<std::sync::Mutex<Vec<String>>>,
    reply: impl Fn() -> EdgeReply + Clone + Send + Sync + 'static,
) {
    let books = [("dispatch".to_owned(), Jurisdiction::from("420902"))];
    let answer = move |_, wanted| {
        let (seen, reply) = (seen.clone(), reply.clone());
        async move {
            if let EdgeRequest::Wish { trace, .. } = wanted {
                seen.lock().unwrap().push(trace);
            }
            Some(reply())
        }
    };
    serve_books(bus, &books, answer).await.unwrap();
}

fn wish(id: &str, trace: &str) -> Wish {
    let command = Command::from(dispatch::Command::AcceptTask { task: "T-1".into() });
    Wish {
        id: id.into(),
        by: PersonId::from("420902/P-0017"),
        via: "telegram".into(),
        made: jiff::Timestamp::UNIX_EPOCH,
        observed: None,
        trace: trace.into(),
        command,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_gets_a_trace_and_is_the_span_everything_else_hangs_on() {
    let collector = Collector::start();
    let (guard, _subscriber) = build(settings(&collector.address())).unwrap();
    let memory: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    answered(memory.clone(), seen.clone(), || {
        EdgeReply::Done(Answer {
            book: "dispatch/420902".into(),
            n: 7,
            created: Vec::new(),
            unchanged: false,
        })
    })
    .await;
    let client = Client::new(TracedBus::around(memory, guard.spans()));
    let county = Jurisdiction::from("420902");
    client.wish(&county, &wish("press-1", "")).await.unwrap();
    let given = TraceParent::of_wish("another").inject();
    client
        .wish(&county, &wish("press-2", &given))
        .await
        .unwrap();
    assert_eq!(
        *seen.lock().unwrap(),
        [TraceParent::of_wish("press-1").inject(), given.clone()],
        "the book hears the trace"
    );
    tokio::task::spawn_blocking(move || drop(guard))
        .await
        .unwrap();
    let spans = collector.spans();
    assert_eq!(
        spans
            .iter()
            .map(|span| (span.name.as_str(), span.span_id.clone()))
            .collect::<Vec<_>>(),
        [
            (
                "wish dispatch.accept_task",
                TraceParent::of_wish("press-1").span.to_vec()
            ),
            (
                "wish dispatch.accept_task",
                TraceParent::extract(&given).unwrap().span.to_vec()
            ),
        ]
    );
    assert!(spans.iter().all(|span| span.parent_span_id.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_on_its_way_is_a_span_of_the_trace_that_led_to_it() {
    let collector = Collector::start();
    let (guard, _subscriber) = build(settings(&collector.address())).unwrap();
    let wish = TraceParent::of_wish("press-1");
    story(&wish.inject())[..5]
        .iter()
        .for_each(|commit| guard.spans().read(commit));
    let memory: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut carrying = memory.serve("picket.carry.telegram").await.unwrap();
    tokio::spawn(async move {
        while let Some(request) = carrying.next().await {
            request.reply(br#"{"failed":"bot was blocked by the user"}"#.to_vec());
        }
    });
    let bus = TracedBus::around(memory, guard.spans());
    for id in ["N-1", "N-nobody-saw"] {
        let handed = format!(
            r#"{{"notice":{{"jurisdiction":"420902","notice":"{id}","to":"420902/P-0011","kind":"ladder","about":"E-1"}},"attempt":1}}"#
        );
        bus.ask(
            "picket.carry.telegram",
            handed.into_bytes(),
            Duration::from_secs(20),
        )
        .await
        .unwrap();
    }
    tokio::task::spawn_blocking(move || drop(guard))
        .await
        .unwrap();
    let spans = collector.spans();
    let [span] = &spans[..] else {
        panic!("{spans:?}")
    };
    assert_eq!(
        (span.name.as_str(), span.trace_id.as_slice()),
        ("notice telegram", wish.trace.as_slice())
    );
    assert_eq!(
        span.parent_span_id,
        span_of_commit("courier/420902", 10, &wish.trace),
        "it hangs on the commit that handed it over"
    );
    assert_eq!(
        span.status.as_ref().map(|status| status.message.as_str()),
        Some("failed")
    );
    assert!(!format!("{span:?}").contains("P-0011"), "nobody is named");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_picket_itself_reports_gets_no_trace_of_its_own() {
    let collector = Collector::start();
    let (guard, _subscriber) = build(settings(&collector.address())).unwrap();
    let memory: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    answered(memory.clone(), seen.clone(), || {
        EdgeReply::Done(Answer {
            book: "dispatch/420902".into(),
            n: 7,
            created: Vec::new(),
            unchanged: false,
        })
    })
    .await;
    let report = Wish {
        by: PersonId::from("420902/system"),
        ..wish("delivery:N-1:1", "")
    };
    Client::new(TracedBus::around(memory, guard.spans()))
        .wish(&Jurisdiction::from("420902"), &report)
        .await
        .unwrap();
    tokio::task::spawn_blocking(move || drop(guard))
        .await
        .unwrap();
    assert_eq!(*seen.lock().unwrap(), [""]);
    assert!(collector.spans().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_an_outcome_and_a_lost_answer_an_error() {
    let collector = Collector::start();
    let (guard, _subscriber) = build(settings(&collector.address())).unwrap();
    let memory: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    answered(memory.clone(), Arc::default(), || {
        EdgeReply::No(Problem::new("not_yours", "it is not yours", "Ask."))
    })
    .await;
    let county = Jurisdiction::from("420902");
    assert!(
        Client::new(TracedBus::around(memory, guard.spans()))
            .wish(&county, &wish("press-1", ""))
            .await
            .is_err()
    );
    assert!(
        Client::new(TracedBus::around(Arc::new(Mute), guard.spans()))
            .wish(&county, &wish("press-2", ""))
            .await
            .is_err()
    );
    tokio::task::spawn_blocking(move || drop(guard))
        .await
        .unwrap();
    let outcome = |index: usize| {
        let span = &collector.spans()[index];
        let pair = span
            .attributes
            .iter()
            .find(|pair| pair.key == "picket.outcome")
            .unwrap()
            .clone();
        (
            pair.value.unwrap().value.unwrap(),
            span.status.clone().is_some_and(|status| status.code == 2),
        )
    };
    assert_eq!(outcome(0), (Value::StringValue("not_yours".into()), false));
    assert_eq!(outcome(1), (Value::StringValue("lost".into()), true));
}

struct Mute;

#[async_trait]
impl Bus for Mute {
    async fn ask(&self, subject: &str, _: Vec<u8>, _: Duration) -> Result<Vec<u8>, BusError> {
        Err(BusError::TimedOut(subject.into()))
    }
    async fn serve(&self, subject: &str) -> Result<picket_bus::Requests, BusError> {
        Err(BusError::Nobody(subject.into()))
    }
    async fn tell(&self, _: &str, _: Vec<u8>) -> Result<(), BusError> {
        Ok(())
    }
}

#[test]
fn logs_and_spans_of_the_code_join_the_trace_they_are_given() {
    let collector = Collector::start();
    let wish = TraceParent::of_wish("press-1");
    told(settings(&collector.address()), |_| {
        let update = tracing::info_span!(target: "picket_telegram", "update", trace = %wish, chat = 7, outcome = tracing::field::Empty);
        let _in = update.enter();
        update.record("outcome", "shown");
        let inner = tracing::info_span!(target: "picket_telegram", "send");
        inner.in_scope(|| tracing::warn!(target: "picket_telegram", hint = "Wait.", tries = 3, "the platform is slow"));
        tracing::info!(target: "hyper", "a library speaks");
        drop(tracing::info_span!(target: "reqwest::connect", "a library works"));
        tracing::debug!(target: "picket_telegram", "not told at this level");
    });
    let spans = collector.spans();
    let [send, update] = &spans[..] else {
        panic!("{spans:?}")
    };
    assert_eq!(
        (send.name.as_str(), update.name.as_str()),
        ("send", "update")
    );
    assert_eq!(
        (update.trace_id.as_slice(), update.parent_span_id.as_slice()),
        (wish.trace.as_slice(), wish.span.as_slice())
    );
    assert_eq!(send.parent_span_id, update.span_id);
    assert_eq!(
        update
            .attributes
            .iter()
            .map(|pair| pair.key.as_str())
            .collect::<Vec<_>>(),
        ["chat", "outcome"]
    );
    let taken = collector.taken();
    let records: Vec<_> = taken
        .logs
        .iter()
        .flat_map(|request| &request.resource_logs)
        .flat_map(|of| &of.scope_logs)
        .flat_map(|of| &of.log_records)
        .collect();
    let [record] = &records[..] else {
        panic!("{records:?}")
    };
    assert_eq!(
        record.body.clone().unwrap().value,
        Some(Value::StringValue("the platform is slow".into()))
    );
    assert_eq!(
        (
            record.severity_text.as_str(),
            &record.trace_id,
            &record.span_id
        ),
        ("WARN", &send.trace_id, &send.span_id)
    );
    assert_eq!(
        record
            .attributes
            .iter()
            .map(|pair| pair.key.as_str())
            .collect::<Vec<_>>(),
        ["hint", "tries"]
    );
}

#[test]
fn the_numbers_arrive_as_well() {
    let collector = Collector::start();
    told(settings(&collector.address()), |guard| {
        guard.metrics().answered("dispatch", "done")
    });
    let taken = collector.taken();
    let names: Vec<_> = taken
        .metrics
        .iter()
        .flat_map(|request| &request.resource_metrics)
        .flat_map(|of| &of.scope_metrics)
        .flat_map(|of| &of.metrics)
        .map(|metric| metric.name.as_str())
        .collect();
    assert!(names.contains(&"picket_commands"), "{names:?}");
}

#[test]
fn a_canary_never_reaches_the_collector() {
    let collector = Collector::start();
    let token = format!("1234567890:AA{}", "k".repeat(33));
    told(settings(&collector.address()), |guard| {
        let span = tracing::info_span!(target: "picket", "send", url = %format!("http://127.0.0.1:1/bot{token}/sendMessage"), key = CANARY);
        span.in_scope(|| {
            tracing::error!(target: "picket", password = "hunter2-canary", "redis://u:hunter2-canary@127.0.0.1/ with {CANARY} failed");
            tracing::info!(target: "picket", "{:?}", format!("token={token}"));
        });
        let mut commits = story(&TraceParent::of_wish("press-1").inject());
        // An id is made by an edge; nobody promises that it holds nothing.
        commits[0].entries[0].id = format!("tg:{token}").into();
        commits[0].entries[0].via = format!("telegram {CANARY}");
        commits
            .iter()
            .for_each(|commit| guard.spans().committed(commit));
    });
    assert!(collector.spans().len() > 12, "something arrived");
    let raw = String::from_utf8_lossy(&collector.taken().raw).into_owned();
    assert!(raw.contains("[secret]"));
    for secret in [CANARY, token.as_str(), &token[11..], "hunter2"] {
        assert!(!raw.contains(secret), "`{secret}` arrived");
    }
}

#[test]
fn a_collector_that_is_away_or_silent_holds_nobody_up() {
    // Nobody accepts on this port, and it stays taken.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for address in [silent.local_addr().unwrap(), closed] {
        let began = Instant::now();
        told(
            TelemetrySettings {
                patience: Duration::from_millis(300),
                ..settings(&format!("http://{address}"))
            },
            |guard| {
                for n in 0..5_000 {
                    guard
                        .spans()
                        .committed(&story(&TraceParent::of_wish(&n.to_string()).inject())[n % 6]);
                }
                assert!(
                    began.elapsed() < Duration::from_secs(60),
                    "committing waited for the collector: {:?}",
                    began.elapsed()
                );
            },
        );
        assert!(
            began.elapsed() < Duration::from_secs(90),
            "the end waited for the collector: {:?}",
            began.elapsed()
        );
    }
}
