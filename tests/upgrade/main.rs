//! An upgrade under way: a process of the version before and one of today keep the books of one county together.
//!
//! `tests/run upgrade` builds the version before from the history of the repository and names it in `PICKET_BEFORE`.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test fails it, with its place"
)]

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use picket_harness::{Nats, Place, Redis, picket};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take to come about.
const PATIENCE: Duration = Duration::from_secs(60);

fn before() -> PathBuf {
    let named = std::env::var_os("PICKET_BEFORE");
    named
        .expect(
            "PICKET_BEFORE names the program of the version before; `tests/run upgrade` builds it",
        )
        .into()
}

/// A county on NATS and Redis.
struct County {
    folder: TempDir,
    place: Place,
    redis: Redis,
    _nats: Nats,
}

/// A process that stays until it is told to go.
struct Replica(Child);

impl Replica {
    /// Ends it as Ctrl-C does.
    fn end(mut self) {
        let pid = self.0.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(status) = self.0.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it does not end");
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl County {
    fn start() -> Self {
        let nats = Nats::one();
        Self {
            folder: tempfile::tempdir().unwrap(),
            place: nats.place(),
            redis: Redis::start(),
            _nats: nats,
        }
    }

    fn folder(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn replica(&self, program: &PathBuf, name: &str) -> Replica {
        let mut serve = Command::new(program);
        serve.args(["serve", "--name", name, "--data", &self.folder(name)]);
        serve.args([
            "--redis",
            &self.redis.url(),
            "--nats",
            &self.place.urls.join(","),
        ]);
        serve.args(["--nats-monitor", &self.place.monitors.join(",")]);
        serve.args(["--nats-max-bytes", "1073741824"]);
        serve.stdin(Stdio::null()).stdout(Stdio::null());
        Replica(serve.spawn().unwrap())
    }

    fn run(&self, program: &PathBuf, through: &str, words: &[&str]) -> Output {
        let mut command = Command::new(program);
        command
            .args(words)
            .args(["--data", &self.folder(through), "--json"]);
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// Says it until it is done: while shards move, a command may have to be sent again under its id.
    fn say(&self, program: &PathBuf, through: &str, words: &[&str]) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let out = self.run(program, through, words);
            if out.status.success() {
                return serde_json::from_slice(&out.stdout).unwrap();
            }
            let why = String::from_utf8_lossy(&out.stderr).into_owned();
            assert!(Instant::now() < until, "{words:?}: {why}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn issue(&self, program: &PathBuf, through: &str, id: &str) -> Value {
        let name = format!("name={id}");
        let words = [
            "do",
            "dispatch.issue_batch",
            "--as",
            "P-07",
            "--id",
            id,
            &name,
        ];
        self.say(program, through, &words)["answer"].clone()
    }

    /// Waits until a process answers with so many batches.
    fn has_batches(&self, program: &PathBuf, through: &str, many: usize) {
        let until = Instant::now() + PATIENCE;
        loop {
            let board = self.say(program, through, &["ask", "board"]);
            let seen = board["view"]["of"]["batches"]
                .as_array()
                .map_or(0, Vec::len);
            if seen == many {
                return;
            }
            assert!(
                Instant::now() < until,
                "{many} batches are not known to {through}: {board}"
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

#[test]
fn a_process_of_the_version_before_and_one_of_today_keep_a_county_together_and_hand_it_over() {
    let (old, new) = (before(), picket());
    let county = County::start();
    let one = county.replica(&old, "one");
    let files = county.folder("county");
    assert!(
        Command::new(&old)
            .args(["example", &files])
            .output()
            .unwrap()
            .status
            .success()
    );
    county.say(&old, "one", &["import", &files, "--yes"]);
    let first = county.issue(&old, "one", "sweep-1");
    let two = county.replica(&new, "two");
    // Each through the other, while shards are handed over.
    for number in 2..=6 {
        let id = format!("sweep-{number}");
        if number % 2 == 0 {
            county.issue(&new, "two", &id);
        } else {
            county.issue(&old, "one", &id);
        }
    }
    assert_eq!(
        county.issue(&new, "two", "sweep-1"),
        first,
        "a repeat has the answer of the first"
    );
    county.has_batches(&old, "one", 6);
    county.has_batches(&new, "two", 6);
    let accept = [
        "do",
        "dispatch.accept_task",
        "--as",
        "P-03",
        "--id",
        "accept-1",
        "task=T-2",
    ];
    county.say(&old, "one", &accept);
    assert_eq!(
        county.say(&old, "one", &["ask", "task", "T-2"])["view"],
        county.say(&new, "two", &["ask", "task", "T-2"])["view"],
        "both tell the same of a sheet"
    );
    one.end();
    let again = county.issue(&new, "two", "sweep-5");
    assert_eq!(again["created"], json!(["B-5"]), "{again}");
    county.issue(&new, "two", "sweep-7");
    county.has_batches(&new, "two", 7);
    // And back: the version before reads what today's wrote.
    let three = county.replica(&old, "three");
    county.has_batches(&old, "three", 7);
    two.end();
    county.issue(&old, "three", "sweep-8");
    county.has_batches(&old, "three", 8);
    three.end();
}
