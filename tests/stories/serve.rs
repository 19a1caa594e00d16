//! Many processes on one NATS and one Redis: who dies is replaced, what was answered stays.

use std::time::{Duration, Instant};

use picket_harness::{Nats, Place, Redis};
use serde_json::Value;

use super::harness::{Running, run, until};

/// How soon everything a process kept is kept again after it died.
const TAKEOVER: Duration = Duration::from_secs(10);

/// How large the journal may become: a story needs little, and the machine may have little.
const JOURNAL: &str = "1073741824";

/// A cluster for one story, and the county it keeps.
struct Cluster {
    place: tempfile::TempDir,
    nats: Nats,
    at: Place,
    redis: Redis,
}

impl Cluster {
    fn start() -> Self {
        let nats = Nats::one();
        Self {
            place: tempfile::tempdir().unwrap(),
            at: nats.place(),
            nats,
            redis: Redis::start(),
        }
    }

    fn folder(&self, name: &str) -> String {
        self.place.path().join(name).to_str().unwrap().to_owned()
    }

    /// Where NATS is, as flags say it.
    fn at(&self, more: &[&str]) -> Vec<String> {
        let nats = [
            "--nats".to_owned(),
            self.at.urls.join(","),
            "--nats-monitor".to_owned(),
            self.at.monitors.join(","),
            "--nats-max-bytes".to_owned(),
            JOURNAL.to_owned(),
        ];
        more.iter()
            .map(|word| (*word).to_owned())
            .chain(nats)
            .collect()
    }

    fn replica(&self, name: &str) -> Running {
        let (folder, redis) = (self.folder(name), self.redis.url());
        let mut replica = Running::start(self.at(&[
            "serve",
            "--name",
            name,
            "--data",
            &folder,
            "--redis",
            &redis,
            "--listen",
            "127.0.0.1:0",
        ]));
        replica.says("picket serves");
        replica
    }

    /// Imports the example county through a replica.
    fn import(&self, through: &str) {
        let county = self.folder("county");
        run(["example", &county]).fine();
        run(["import", &county, "--data", &self.folder(through), "--yes"]).fine();
    }

    fn issue(&self, through: &str, id: &str) -> Value {
        let data = self.folder(through);
        run([
            "do",
            "dispatch.issue_batch",
            "--as",
            "P-07",
            "--id",
            id,
            &format!("name={id}"),
            "--data",
            &data,
            "--json",
        ])
        .json()
    }

    /// How many shards each process says it has.
    fn kept(&self) -> Vec<usize> {
        let map = run([
            "map".to_owned(),
            "--live".into(),
            "--json".into(),
            "--nats".into(),
            self.at.urls.join(","),
        ])
        .json();
        map["processes"]
            .as_array()
            .expect("processes answer")
            .iter()
            .map(|sight| sight["holds"].as_array().map_or(0, Vec::len))
            .collect()
    }

    /// For longer than a lease lasts and a silence is waited for, every shard stays where it is.
    fn nothing_moves(&self, kept: &[usize], when: &str) {
        let end = Instant::now() + Duration::from_secs(12);
        while Instant::now() < end {
            assert_eq!(self.kept(), kept, "{when}");
        }
    }

    /// The names of all batches, as insight knows them once it has read so many: what another process wrote it reads a
    /// moment later.
    fn batches(&self, through: &str, many: usize) -> Vec<String> {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            let board = run(["ask", "board", "--data", &self.folder(through), "--json"]).json();
            let batches = within(&board, "batches")
                .and_then(Value::as_array)
                .expect("a board has batches");
            let mut names: Vec<_> = batches
                .iter()
                .filter_map(|batch| batch["name"].as_str().map(str::to_owned))
                .collect();
            if names.len() >= many || Instant::now() >= end {
                names.sort();
                return names;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The first value of a key, however deep.
fn within<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Object(fields) => fields
            .get(key)
            .or_else(|| fields.values().find_map(|one| within(one, key))),
        Value::Array(items) => items.iter().find_map(|one| within(one, key)),
        _ => None,
    }
}

#[test]
fn a_county_is_kept_by_two_processes_and_survives_the_death_of_either() {
    let cluster = Cluster::start();
    let mut one = cluster.replica("one");
    cluster.import("one");
    one.says("56 of 56 shards");
    let mut two = cluster.replica("two");
    two.says("28 of 56 shards");
    for number in 0..4 {
        cluster.issue(
            if number % 2 == 0 { "one" } else { "two" },
            &format!("sweep-{number}"),
        );
    }
    one.kill_9();
    let died = Instant::now();
    // The same wish again is the same batch; a new one is decided by whoever keeps the book now.
    let again = cluster.issue("two", "sweep-3");
    two.says("56 of 56 shards");
    assert!(
        died.elapsed() < TAKEOVER,
        "the other took over after {:?}",
        died.elapsed()
    );
    assert_eq!(again, cluster.issue("two", "sweep-3"));
    cluster.issue("two", "sweep-4");
    assert_eq!(
        cluster.batches("two", 5),
        ["sweep-0", "sweep-1", "sweep-2", "sweep-3", "sweep-4"],
        "each is there once"
    );
    let mut three = cluster.replica("three");
    three.says("28 of 56 shards");
    two.signal("INT");
    assert_eq!(two.ends(Duration::from_secs(30)).code(), 0);
    cluster.issue("three", "sweep-5");
    three.signal("TERM");
    assert_eq!(three.ends(Duration::from_secs(30)).code(), 0);
}

#[test]
fn a_process_says_whether_it_is_ready_and_what_it_counts() {
    let cluster = Cluster::start();
    let mut one = cluster.replica("one");
    let line = one.says("/metrics");
    let address = line
        .trim()
        .trim_start_matches("http://")
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    assert!(get(&address, "/live").starts_with("HTTP/1.1 200"));
    assert!(
        get(&address, "/ready").starts_with("HTTP/1.1 503"),
        "nothing is imported yet"
    );
    cluster.import("one");
    one.says("56 of 56 shards");
    until("it is ready", || {
        get(&address, "/ready").starts_with("HTTP/1.1 200")
    });
    cluster.issue("one", "counted");
    until("the commit is counted", || {
        get(&address, "/metrics").contains("picket_group_entries_count{service=\"dispatch\"}")
    });
    until("its way to the disk is timed", || {
        number(
            &address,
            "picket_append_seconds_count{outcome=\"stored\",service=\"dispatch\"}",
        )
        .is_some_and(|stored| stored >= 1.0)
    });
    let silent =
        || number(&address, "picket_journal_silent_seconds").expect("the store has answered");
    until("it is asked all the time", || silent() < 4.0);
    cluster.nats.kill(0);
    until("it is not ready", || {
        get(&address, "/ready").starts_with("HTTP/1.1 503")
    });
    until("how long nothing was heard is told", || silent() >= 4.0);
    assert!(
        get(&address, "/live").starts_with("HTTP/1.1 200"),
        "it is alive and waits"
    );
    cluster.nats.start(0);
    until("it is ready again", || {
        get(&address, "/ready").starts_with("HTTP/1.1 200")
    });
    until("it is heard again", || silent() < 4.0);
}

/// A number among those a process tells, by its name with its labels.
fn number(address: &str, name: &str) -> Option<f64> {
    get(address, "/metrics")
        .lines()
        .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

/// A page, with its head.
fn get(address: &str, path: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    page.replacen("HTTP/1.0", "HTTP/1.1", 1)
}

#[test]
fn redis_may_be_wiped_or_hang_or_be_away_and_everything_goes_on_where_it_was() {
    let mut cluster = Cluster::start();
    let mut one = cluster.replica("one");
    cluster.import("one");
    one.says("56 of 56 shards");
    let mut two = cluster.replica("two");
    two.says("28 of 56 shards");
    one.says("28 of 56 shards");
    cluster.issue("one", "before");
    cluster.redis.flush();
    cluster.issue("two", "wiped");
    cluster.nothing_moves(&[28, 28], "wiped");
    cluster.redis.pause();
    cluster.issue("one", "it hangs");
    cluster.nothing_moves(&[28, 28], "it hangs");
    cluster.redis.resume();
    cluster.redis.kill();
    cluster.issue("one", "away");
    cluster.nothing_moves(&[28, 28], "away");
    two.kill_9();
    let died = Instant::now();
    one.says("56 of 56 shards");
    assert!(
        died.elapsed() < TAKEOVER,
        "without a lease the other took over after {:?}",
        died.elapsed()
    );
    let mut three = cluster.replica("three");
    three.says("28 of 56 shards");
    cluster.issue("three", "still away");
    assert_eq!(
        cluster.batches("three", 5),
        ["away", "before", "it hangs", "still away", "wiped"],
        "each is there once"
    );
}

#[test]
fn a_year_replayed_on_nats_has_the_very_figures_of_one_in_memory() {
    let cluster = Cluster::start();
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/xiaogan");
    let embedded = run(["replay", scenario, "--json"]).fine();
    let twice = [(); 2]
        .map(|()| run(cluster.at(&["replay", scenario, "--backend", "cluster", "--json"])).fine());
    assert_eq!(twice[0], embedded, "not one byte differs");
    assert_eq!(twice[1], embedded, "nor the second time");
}

#[test]
fn without_nats_it_is_said_what_to_start() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("one");
    run([
        "serve",
        "--data",
        data.to_str().unwrap(),
        "--nats",
        "nats://127.0.0.1:1",
    ])
    .refused(4, &["127.0.0.1:1", "servers.sh"]);
}
