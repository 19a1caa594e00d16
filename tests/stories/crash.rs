//! Pulling the plug: what was answered is there, and there once.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::harness::{County, Running, run};

/// Numbers that differ from run to run; the seed is told when a story fails.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        let seed = std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish()
            | 1;
        eprintln!("the dice start at {seed}");
        Self(seed)
    }

    fn up_to(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

fn acked(path: &str) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(str::to_owned).collect()
}

/// A machine that needs longer than this hangs.
const LONGEST: Duration = Duration::from_secs(300);

#[test]
fn fifty_kills_under_load_lose_nothing_and_double_nothing() {
    let place = tempfile::tempdir().unwrap();
    let [data, acks] =
        ["data", "acks.txt"].map(|name| place.path().join(name).to_str().unwrap().to_owned());
    let mut dice = Dice::new();
    let began = Instant::now();
    let mut kills = 0;
    while kills < 50 || acked(&acks).len() < 5_000 {
        assert!(
            began.elapsed() < LONGEST,
            "{kills} kills and {} answers in {:?}",
            acked(&acks).len(),
            began.elapsed()
        );
        let mut load = Running::start(["bench", "--data", &data, "--acks", &acks]);
        load.says("ready");
        // Some die at once, some in the middle of a commit, some after hundreds of answers: a busy machine too.
        let enough = acked(&acks).len()
            + usize::try_from(if kills % 3 == 0 { 0 } else { dice.up_to(400) }).unwrap();
        while acked(&acks).len() < enough && began.elapsed() < LONGEST {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(dice.up_to(15)));
        assert!(!load.is_over(), "the load ended by itself");
        load.kill_9();
        forget_the_torn_line(&acks);
        kills += 1;
        if kills % 10 == 0 {
            verified(&data, &acks);
        }
    }
    verified(&data, &acks);
    eprintln!(
        "{kills} kills, {} answers, {:?}",
        acked(&acks).len(),
        began.elapsed()
    );
}

/// A line without its end was being written when the process died; the next run would write on behind it.
fn forget_the_torn_line(path: &str) {
    if let Ok(text) = fs::read_to_string(path)
        && !text.ends_with('\n')
    {
        fs::write(path, &text[..text.rfind('\n').map_or(0, |end| end + 1)]).unwrap();
    }
}

#[track_caller]
fn verified(data: &str, acks: &str) {
    let report = run(["verify", "--json", "--data", data, "--acks", acks]).json();
    assert_eq!(report["ok"], true, "{report}");
    let answered: BTreeSet<_> = acked(acks).into_iter().collect();
    assert_eq!(
        report["acks"]["acked"],
        answered.len(),
        "{}",
        report["acks"]
    );
    for none in ["missing", "doubled"] {
        assert!(
            report["acks"][none].as_array().unwrap().is_empty(),
            "{none}: {}",
            report["acks"]
        );
    }
}

#[test]
fn a_running_county_that_is_killed_goes_on_where_it_was() {
    let county = County::imported();
    let mut dice = Dice::new();
    let mut given = Vec::new();
    for round in 0..6 {
        let up = county.up(&["--clock", "fast", "--factor", "600"]);
        for wish in 0..4 {
            let id = format!("story-{round}-{wish}");
            let name = format!("name=sweep {round}-{wish}");
            let answer = county.wish("P-07", &["--id", &id, "dispatch.issue_batch", &name]);
            given.push((id, name, answer));
        }
        thread::sleep(Duration::from_millis(dice.up_to(400)));
        up.kill_9();
        county.entries();
    }
    let before = county.entries();
    assert!(Path::new(&county.journal()).is_file());
    let up = county.up(&[]);
    // The ids of the last round are young enough to be remembered on any clock.
    for (id, name, answer) in given.iter().rev().take(4) {
        let again = county.wish("P-07", &["--id", id, "dispatch.issue_batch", name]);
        assert_eq!(&again, answer, "the same wish twice is one wish");
    }
    up.signal("INT");
    up.ends(Duration::from_secs(5)).fine();
    assert!(county.entries() >= before);
    let batches: BTreeSet<_> = given
        .iter()
        .map(|(.., answer)| answer["created"][0].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        batches.len(),
        given.len(),
        "every batch has a number of its own"
    );
}
