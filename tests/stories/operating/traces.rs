//! One trace from a press in chat to the notice that the ladder sent, across three processes; and what is in no trace,
//! number or log line of any of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use picket_bus::Bus;
use picket_fakechat::FakeChat;
use picket_harness::Collector;
use picket_nats::NatsBus;
use serde_json::json;

use super::Cluster;

/// A Monday morning at work.
const MORNING: &str = "2026-11-23T01:00:00Z";

/// Says what time it is to processes that ask, and moves it on.
struct Driver {
    bus: Arc<NatsBus>,
    now: Arc<Mutex<Timestamp>>,
}

impl Driver {
    async fn start(cluster: &Cluster) -> Self {
        let bus = Arc::new(NatsBus::new(cluster.listener().await));
        let now = Arc::new(Mutex::new(MORNING.parse::<Timestamp>().unwrap()));
        let mut asked = bus.serve("picket.test.clock.present").await.unwrap();
        let present = now.clone();
        tokio::spawn(async move {
            while let Some(request) = asked.next().await {
                let now = *present.lock().unwrap();
                request.reply(json!({ "now": now }).to_string().into_bytes());
            }
        });
        Self { bus, now }
    }

    async fn moves(&self, by: SignedDuration) {
        let now = {
            let mut now = self.now.lock().unwrap();
            *now += by;
            *now
        };
        self.bus
            .tell(
                "picket.test.clock",
                json!({ "now": now }).to_string().into_bytes(),
            )
            .await
            .unwrap();
    }
}

/// A span as the collector has it.
#[derive(Clone, Debug)]
struct Seen {
    process: String,
    name: String,
    trace: Vec<u8>,
    span: Vec<u8>,
    parent: Vec<u8>,
}

fn seen(collector: &Collector) -> Vec<Seen> {
    let one = |(process, span): (String, _)| {
        let span: opentelemetry_proto::tonic::trace::v1::Span = span;
        Seen {
            process,
            name: span.name,
            trace: span.trace_id,
            span: span.span_id,
            parent: span.parent_span_id,
        }
    };
    collector.seen().into_iter().map(one).collect()
}

/// From a span up to where its trace begins; shorter where a span on the way has not arrived.
fn way_up(all: &[Seen], from: &Seen) -> Vec<Seen> {
    let mine: BTreeMap<_, _> = all
        .iter()
        .filter(|span| span.trace == from.trace)
        .map(|span| (&span.span, span))
        .collect();
    let mut way = vec![from.clone()];
    while let Some(parent) = way
        .last()
        .and_then(|last| mine.get(&last.parent))
        .filter(|_| way.len() < 64)
    {
        way.push((*parent).clone());
    }
    way
}

/// The ways from notices in the press's trace that pass a step of the ladder and reach the press.
fn told_by_the_ladder(all: &[Seen]) -> Option<Vec<Seen>> {
    let notices = all.iter().filter(|span| span.name == "notice telegram");
    notices.map(|notice| way_up(all, notice)).find(|way| {
        let has = |name: &str| way.iter().any(|span| span.name.starts_with(name));
        has("escalation.ring ladder.stepped")
            && way
                .last()
                .is_some_and(|first| first.name == "wish dispatch.accept_task")
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_in_chat_and_the_notice_the_ladder_sends_a_week_later_are_one_trace_over_three_processes()
 {
    let (cluster, collector, chat) = (
        Cluster::start(),
        Collector::start(),
        FakeChat::start().await,
    );
    let driver = Driver::start(&cluster).await;
    let otlp = collector.address();
    let common = [
        ("PICKET_TEST", "yes"),
        ("PICKET_OTLP", otlp.as_str()),
        ("PICKET_LOG", "debug"),
    ];
    let with_bot = [
        &common[..],
        &[
            ("PICKET_TELEGRAM_TOKEN", chat.token()),
            ("PICKET_TELEGRAM_API", chat.url()),
        ],
    ]
    .concat();
    let driven = ["--clock", "driven", "--listen", "127.0.0.1:0"];
    let mut books = cluster.serve("books", &["dispatch", "rectification"], &driven, &common);
    let mut rest = cluster.serve(
        "rest",
        &["escalation", "courier", "schedule", "registry", "bulletin"],
        &driven,
        &common,
    );
    let mut edge = cluster.serve(
        "edge",
        &["insight", "telegram"],
        &["--clock", "driven", "--invite", "P-03"],
        &with_bot,
    );
    cluster.import("edge");
    books.says("16 of 16 shards");
    rest.says("40 of 40 shards");
    let link = edge.says("https://t.me/").trim().to_owned();
    let sentinel = chat.person("sentinel 3", 43);
    sentinel.opens(&link);
    sentinel.gets("绑定成功").await;
    cluster.wish(
        "edge",
        "P-07",
        &["courier.set_quiet_hours", "from=00:00", "until=00:00"],
    );
    cluster.wish(
        "edge",
        "operator",
        &[
            "registry.enrol_person",
            "code=P-90",
            "name=canary-name",
            "roles=sentinel",
            "area=990101001002",
        ],
    );
    cluster.wish(
        "edge",
        "P-08",
        &[
            "rectification.receive_report",
            "source=hotline",
            "area=990101001002",
            "text=canary-words 13800001234",
        ],
    );
    cluster.wish(
        "edge",
        "P-07",
        &[
            "dispatch.issue_batch",
            "name=canary-sweep",
            "select.post=PO-02",
        ],
    );
    // An offer waits a little for others; when it began to wait is the other process's affair.
    let offered = sentinel.gets("canary-sweep");
    tokio::pin!(offered);
    while tokio::time::timeout(Duration::from_millis(300), &mut offered)
        .await
        .is_err()
    {
        driver.moves(SignedDuration::from_mins(10)).await;
    }
    sentinel.presses("✋ 我来接").await;
    // The sheet is left lying: bells ring in one process, notices leave from it, the chat is another's.
    let end = Instant::now() + Duration::from_secs(90);
    let mut moved = SignedDuration::ZERO;
    let way = loop {
        if moved < SignedDuration::from_hours(24 * 12) {
            driver.moves(SignedDuration::from_hours(2)).await;
            moved += SignedDuration::from_hours(2);
        }
        tokio::time::sleep(Duration::from_millis(150)).await;
        let all = seen(&collector);
        if let Some(way) = told_by_the_ladder(&all) {
            break way;
        }
        let names: Vec<_> = all
            .iter()
            .filter(|span| {
                span.name.starts_with("notice")
                    || span.name.starts_with("escalation")
                    || span.name.starts_with("wish")
            })
            .map(|span| format!("{} of {}", span.name, span.process))
            .collect();
        assert!(
            Instant::now() < end,
            "no notice of the ladder leads back to the press: {names:#?}"
        );
    };
    // From the notice up to the press: causes in order, each from the process that keeps the book.
    let (books_name, rest_name, edge_name) = (
        "picket-dispatch-rectification",
        "picket-escalation-courier-schedule-registry-bulletin",
        "picket-insight-telegram",
    );
    let mut at = 0;
    for (name, process) in [
        ("notice telegram", rest_name),
        ("courier.", rest_name),
        ("commit courier", rest_name),
        ("courier.react notice.queued", rest_name),
        ("commit escalation", rest_name),
        ("escalation.ring ladder.stepped", rest_name),
        ("commit escalation", rest_name),
        ("commit dispatch", books_name),
        ("dispatch.accept_task", books_name),
        ("wish dispatch.accept_task", edge_name),
    ] {
        let found = way[at..]
            .iter()
            .position(|span| span.name.starts_with(name) && span.process == process);
        at += found
            .unwrap_or_else(|| panic!("no `{name}` of {process} after {at} steps up: {way:#?}"))
            + 1;
    }
    assert_eq!(
        at,
        way.len(),
        "the wish is where the trace begins: {way:#?}"
    );
    // What must be nowhere: in no span, number or log line, and in nothing a process said or shows.
    let mut said: Vec<String> = [books, rest, edge]
        .into_iter()
        .map(|process| {
            process.signal("TERM");
            let said = process.ends(Duration::from_secs(30));
            assert_eq!(said.code(), 0, "{said:?}");
            format!("{}{}", said.out, said.err)
        })
        .collect();
    said.push(String::from_utf8_lossy(&collector.taken().raw).into_owned());
    assert!(!collector.taken().metrics.is_empty(), "numbers arrived");
    let secret = chat
        .token()
        .split_once(':')
        .map_or(chat.token(), |(_, secret)| secret);
    for text in &said {
        for never in ["canary", "13800001234", "哨兵", "统筹员", secret] {
            assert!(
                !text.contains(never),
                "`{never}` was told: {}",
                text.lines()
                    .find(|line| line.contains(never))
                    .unwrap_or_default()
            );
        }
        assert!(
            !text.contains("ERROR") && !text.contains("panicked"),
            "{text}"
        );
    }
}
