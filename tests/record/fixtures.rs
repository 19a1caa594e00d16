//! One small data folder and one small stream as an earlier version left them: they open, say what they said, and
//! go on.
//!
//! The folder and the stream hold the example county with a sweep, a finding, an order that was fixed and a bulletin.
//! `*.answers.json` is what that version answered.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use picket_harness::{Nats, Redis, picket};
use serde_json::{Value, json};

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("record")
        .join(name)
}

/// Runs one command on a folder to its end; JSON comes back, or what went wrong.
fn say(data: &Path, words: &[&str]) -> Value {
    let out = Command::new(picket())
        .args(words)
        .arg("--data")
        .arg(data)
        .arg("--json")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{words:?}: {}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    serde_json::from_slice(&out.stdout).unwrap()
}

/// Everything the recorded version was asked, asked again.
fn answers(data: &Path) -> Value {
    let view = |words: &[&str]| say(data, words)["view"].clone();
    json!({
        "timeline-C-1": view(&["ask", "timeline", "C-1"]),
        "timeline-T-1": view(&["ask", "timeline", "T-1"]),
        "order-Z-1": view(&["ask", "order", "Z-1"]),
        "bulletin": say(data, &["bulletin"]),
    })
}

fn recorded_answers(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(recorded(name)).unwrap()).unwrap()
}

/// A process that stays until it is told to go.
struct Staying(std::process::Child);

impl Staying {
    fn start(words: &[String]) -> Self {
        Self(
            Command::new(picket())
                .args(words)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::inherit())
                .spawn()
                .unwrap(),
        )
    }

    /// Ends it as Ctrl-C does; it says whether all went well.
    fn end(mut self) {
        let pid = self.0.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            if let Some(status) = self.0.try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not end");
    }
}

impl Drop for Staying {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A repeat of an old command is answered as it was, and a new one is done.
fn goes_on(data: &Path) {
    let served = [
        "do",
        "rectification.serve_order",
        "--as",
        "P-09",
        "--id",
        "fx-13",
        "order=Z-1",
        "proof=handed over and signed for",
    ];
    assert_eq!(
        say(data, &served)["answer"]["n"],
        9,
        "a repeat has the answer of the first"
    );
    let report = [
        "do",
        "rectification.receive_report",
        "--as",
        "P-08",
        "source=hotline",
        "area=990101",
        "text=lights at night",
    ];
    assert_eq!(
        say(data, &report)["answer"]["created"],
        json!(["R-2", "L-2"]),
        "numbers go on where they were"
    );
    assert_eq!(
        say(data, &["ask", "lead", "L-2"])["view"]["of"]["lead"],
        "L-2"
    );
}

#[test]
fn a_folder_of_an_earlier_version_opens_verifies_answers_alike_and_goes_on() {
    let place = tempfile::tempdir().unwrap();
    for file in ["journal.db", "highwater.json", "territory.toml"] {
        fs::copy(recorded("folder").join(file), place.path().join(file)).unwrap();
    }
    let data = place.path();
    let verified = say(data, &["verify"]);
    assert_eq!(
        (&verified["ok"], &verified["commits"]),
        (&json!(true), &json!(72)),
        "{verified}"
    );
    assert_eq!(answers(data), recorded_answers("folder.answers.json"));
    goes_on(data);
    let up = Staying::start(&["up".into(), "--data".into(), data.to_str().unwrap().into()]);
    let until = Instant::now() + Duration::from_secs(20);
    while !data.join("picket.sock").exists() {
        assert!(Instant::now() < until, "it is not up");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(
        answers(data),
        recorded_answers("folder.answers.json"),
        "also of a running process"
    );
    up.end();
    let verified = say(data, &["verify"]);
    assert_eq!(verified["ok"], true, "{verified}");
    assert!(
        verified["commits"].as_u64() > Some(72),
        "it went on: {verified}"
    );
}

/// Puts the recorded messages into the stream a process has just made, as they were stored.
async fn fill(urls: &[String]) {
    let access = picket_nats::NatsAccess {
        urls: urls.to_vec(),
        ..picket_nats::NatsAccess::default()
    };
    let client = picket_nats::connect(&access, "record").await.unwrap();
    let text = fs::read_to_string(recorded("stream.jsonl")).unwrap();
    for line in text.lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let mut headers = async_nats::HeaderMap::new();
        for (name, value) in message["headers"]
            .as_str()
            .unwrap()
            .lines()
            .filter_map(|header| header.split_once(": "))
        {
            // A position in the old stream.
            if name != "Nats-Expected-Last-Subject-Sequence" {
                headers.insert(name, value);
            }
        }
        let subject = message["subject"].as_str().unwrap().to_owned();
        let body = message["data"].as_str().unwrap().to_owned();
        let reply = client
            .request_with_headers(subject, headers, body.into())
            .await
            .unwrap();
        assert!(
            String::from_utf8_lossy(&reply.payload).contains("\"seq\""),
            "{reply:?}"
        );
    }
}

#[test]
fn a_stream_of_an_earlier_version_opens_answers_alike_and_goes_on() {
    let (nats, redis, folder) = (Nats::one(), Redis::start(), tempfile::tempdir().unwrap());
    let place = nats.place();
    let data = folder.path().to_str().unwrap().to_owned();
    let at = |words: &[&str]| -> Vec<String> {
        let more = [
            "--nats",
            &place.urls.join(","),
            "--nats-monitor",
            &place.monitors.join(","),
            "--nats-max-bytes",
            "1073741824",
        ];
        words
            .iter()
            .chain(&more)
            .map(|word| (*word).to_owned())
            .collect()
    };
    // The stream is made by a start; what an earlier version stored is put into it while nobody is there.
    let doctor = Command::new(picket())
        .args(at(&["doctor", "--redis", &redis.url()]))
        .output()
        .unwrap();
    assert!(
        doctor.status.success(),
        "{}",
        String::from_utf8_lossy(&doctor.stderr)
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(fill(&place.urls));
    let one = Staying::start(&at(&[
        "serve",
        "--name",
        "one",
        "--data",
        &data,
        "--redis",
        &redis.url(),
    ]));
    let until = Instant::now() + Duration::from_secs(30);
    let ask = || {
        Command::new(picket())
            .args(["ask", "order", "Z-1", "--json", "--data", &data])
            .output()
            .unwrap()
    };
    while !ask().status.success() {
        assert!(
            Instant::now() < until,
            "it keeps no books: {}",
            String::from_utf8_lossy(&ask().stderr)
        );
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(
        answers(folder.path()),
        recorded_answers("stream.answers.json")
    );
    goes_on(folder.path());
    one.end();
}
