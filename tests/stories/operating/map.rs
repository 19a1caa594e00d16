//! `picket map --live`: what is kept and what is not, as the processes themselves say.

use serde_json::Value;

use super::super::harness::{Said, run, until};
use super::Cluster;

fn map(cluster: &Cluster, more: &[&str]) -> Said {
    let words: Vec<String> = ["map", "--live"]
        .iter()
        .chain(more)
        .map(|word| (*word).to_owned())
        .chain(cluster.nats()[..2].to_vec())
        .collect();
    run(words)
}

#[test]
fn the_live_map_tells_what_each_process_keeps_and_what_nobody_does() {
    let cluster = Cluster::start();
    let nobody = map(&cluster, &[]);
    assert_eq!(nobody.code(), 1);
    assert!(nobody.out.contains("no process answers"), "{nobody:?}");
    let mut one = cluster.serve(
        "one",
        &["registry", "schedule", "dispatch", "insight"],
        &[],
        &[],
    );
    cluster.import("one");
    one.says("24 of 24 shards");
    let part: Value = serde_json::from_str(&map(&cluster, &["--json"]).out).unwrap();
    assert_eq!(part["ok"], false);
    let wrong: Vec<_> = part["wrong"]
        .as_array()
        .unwrap()
        .iter()
        .map(|wrong| wrong.as_str().unwrap())
        .collect();
    assert_eq!(
        wrong,
        [
            "nobody serves rectification",
            "nobody serves escalation",
            "nobody serves bulletin",
            "nobody serves courier"
        ]
    );
    let dispatch = part["services"]
        .as_array()
        .unwrap()
        .iter()
        .find(|service| service["service"] == "dispatch")
        .unwrap();
    assert_eq!(
        dispatch["kept"][0]["books"],
        serde_json::json!(["dispatch/990101"])
    );
    assert!(
        dispatch["kept"][0]["since"].as_str().is_some(),
        "{dispatch}"
    );
    let mut two = cluster.serve(
        "two",
        &["rectification", "escalation", "bulletin", "courier", "edge"],
        &[],
        &[],
    );
    two.says("32 of 32 shards");
    until("everything is kept and read", || {
        let whole = map(&cluster, &["--json"]);
        whole.code() == 0
            && serde_json::from_str::<Value>(&whole.out).unwrap()["processes"]
                .as_array()
                .unwrap()
                .iter()
                .all(|process| {
                    process["behind"]
                        .as_object()
                        .unwrap()
                        .values()
                        .all(|behind| behind == 0)
                })
    });
    let text = map(&cluster, &[]).fine();
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
    assert!(
        text.lines().any(|line| line.starts_with("courier")
            && line.contains("two")
            && line.contains("0-7")),
        "{text}"
    );
    one.kill_9();
    until("what died is missed", || {
        map(&cluster, &[]).out.contains("! nobody serves dispatch")
    });
}
