//! `picket serve publish`: what other systems hear, who tells them, and what they never hear.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use jiff::{SignedDuration, Timestamp};
use picket_nats::Client;
use serde_json::Value;

use super::super::harness::run;
use super::Cluster;

/// What a listener heard: ids of events with their type and what they say, and how often each came.
struct Heard {
    events: Vec<(String, String, String)>,
    times: BTreeMap<String, usize>,
    arriving: std::pin::Pin<Box<dyn futures_util::Stream<Item = (String, String, String)> + Send>>,
}

impl Heard {
    async fn on(client: &Client) -> Self {
        let arriving = client.subscribe("picket.event.990101.>").await.unwrap();
        client.flush().await.unwrap();
        let read = arriving.map(|message| {
            let header = |name: &str| {
                message
                    .headers
                    .as_ref()
                    .and_then(|all| all.get(name))
                    .map(ToString::to_string)
                    .unwrap_or_default()
            };
            assert_eq!(
                message.subject.as_str(),
                format!("picket.event.990101.{}", header("ce-type"))
            );
            (
                header("ce-id"),
                header("ce-type"),
                String::from_utf8(message.payload.to_vec()).unwrap(),
            )
        });
        Self {
            events: Vec::new(),
            times: BTreeMap::new(),
            arriving: Box::pin(read),
        }
    }

    /// Waits until an event of this type says these words.
    async fn until(&mut self, kind: &str, words: &str) {
        let end = Instant::now() + Duration::from_secs(60);
        while !self.has(kind, words) {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(Some(event)) = tokio::time::timeout(left, self.arriving.next()).await else {
                panic!(
                    "no `{kind}` with {words} came; these did: {:#?}",
                    self.events
                )
            };
            *self.times.entry(event.0.clone()).or_default() += 1;
            self.events.push(event);
        }
    }

    fn has(&self, kind: &str, words: &str) -> bool {
        self.events
            .iter()
            .any(|(_, of, data)| of == kind && data.contains(words))
    }
}

/// Who publishes now, by the map.
fn publishing(cluster: &Cluster) -> Vec<String> {
    let words: Vec<String> = ["map", "--live", "--json"]
        .map(str::to_owned)
        .into_iter()
        .chain(cluster.nats()[..2].to_vec())
        .collect();
    let map: Value = serde_json::from_str(&run(words).out).unwrap();
    let holds = |process: &&Value| {
        process["holds"]
            .as_array()
            .unwrap()
            .iter()
            .any(|hold| hold["service"] == "publish")
    };
    map["processes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(holds)
        .map(|process| process["process"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_systems_hear_what_is_public_from_one_process_of_two_and_go_on_hearing_when_it_dies()
{
    let cluster = Cluster::start();
    let mut books = cluster.serve("books", &[], &[], &[]);
    let mut publishers = BTreeMap::from(
        ["first", "second"]
            .map(|name| (name.to_owned(), cluster.serve(name, &["publish"], &[], &[]))),
    );
    let mut heard = Heard::on(&cluster.listener().await).await;
    cluster.import("books");
    books.says("56 of 56 shards");
    let release = Timestamp::now() + SignedDuration::from_secs(25);
    cluster.wish(
        "books",
        "P-07",
        &[
            "dispatch.issue_batch",
            "name=canary-sweep",
            "select.post=PO-02",
        ],
    );
    cluster.wish("books", "P-03", &["dispatch.accept_task", "task=T-1"]);
    cluster.wish(
        "books",
        "P-03",
        &[
            "dispatch.fill_row",
            "task=T-1",
            "row=I-05",
            "outcome=problem",
            "codes=H1",
            "note=canary-note",
        ],
    );
    cluster.wish(
        "books",
        "P-07",
        &[
            "dispatch.issue_batch",
            "name=sealed",
            "select.post=PO-02",
            &format!("sealed_until={release}"),
        ],
    );
    cluster.wish("books", "P-03", &["dispatch.accept_task", "task=T-2"]);
    heard.until("task.accepted", "990101/T-1").await;
    cluster.wish(
        "books",
        "P-03",
        &[
            "dispatch.report_place",
            "area=990101001002",
            "address=canary-lane",
            "seen=canary-lights",
            "codes=H1",
            "urgent=true",
        ],
    );
    heard.until("place.reported", "").await;
    if Timestamp::now() < release {
        assert!(
            !heard
                .events
                .iter()
                .any(|(_, _, data)| data.contains("T-2") || data.contains("B-2")),
            "it is sealed: {:#?}",
            heard.events
        );
    }
    heard.until("task.accepted", "990101/T-2").await;
    assert!(
        Timestamp::now() >= release,
        "and told of when it is released"
    );
    let mut told: Vec<String> = Vec::new();
    for _ in 0..100 {
        told = publishing(&cluster);
        if told.len() == 1 {
            break;
        }
    }
    let [one] = told.as_slice() else {
        panic!("one publishes: {told:?}")
    };
    let before: BTreeSet<String> = heard.events.iter().map(|(id, _, _)| id.clone()).collect();
    publishers.remove(one).unwrap().kill_9();
    cluster.wish(
        "books",
        "P-07",
        &["dispatch.issue_batch", "name=after", "select.post=PO-02"],
    );
    heard.until("task.issued", "990101/T-3").await;
    let again: Vec<_> = heard
        .times
        .iter()
        .filter(|(id, times)| before.contains(*id) && **times > 1)
        .collect();
    assert!(
        again.is_empty(),
        "the other went on where the first one was: {again:?}"
    );
    for (id, kind, data) in &heard.events {
        for never in ["canary", "P-0", "哨兵", "统筹员"] {
            assert!(
                !data.contains(never) && !id.contains(never),
                "`{never}` was told in {kind}: {data}"
            );
        }
    }
    for (_, publisher) in publishers {
        publisher.signal("TERM");
        assert_eq!(publisher.ends(Duration::from_secs(30)).code(), 0);
    }
}
