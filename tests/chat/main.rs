//! The story of the demo, told through chat: real processes in two replicas, NATS, Redis, and people with phones.
//!
//! It ends in the very bulletin that a replay of the same acts in one process prints. On the way one replica is killed
//! and started again, and the other rolled. A message nobody looked for, an error in a log, or a name that must not
//! be in one, fails it. The acts stand in `story/`, as a scenario.

mod cluster;
mod driver;
mod phones;
mod story;

use std::path::Path;
use std::process::Command;

use picket_harness::picket;
use serde_json::Value;

use cluster::finished;

/// What the replay of the same acts in one process prints.
fn embedded(story: &Path) -> Value {
    let mut command = Command::new(picket());
    command
        .arg("replay")
        .arg(story)
        .arg("--json")
        .env_remove("PICKET_DATA");
    let said: Value = serde_json::from_str(&finished(command)).expect("JSON");
    assert_eq!(said["ok"], true, "{said}");
    said["bulletin"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_story_told_in_chat_ends_in_the_bulletin_of_a_replay_of_the_same_acts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("chat/story");
    let told = story::tell(&folder).await;
    let replayed = embedded(&folder);
    assert_eq!(
        told["text"], replayed["text"],
        "not one byte of what people read differs"
    );
    for (key, value) in replayed.as_object().expect("a bulletin") {
        assert_eq!(told[key], *value, "nor does `{key}`");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_somebody_else_drives_is_refused_where_people_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(picket());
    command
        .args(["serve", "--clock", "driven", "--data"])
        .arg(folder.path().join("one"))
        .env_remove("PICKET_TEST")
        .env_remove("PICKET_TELEGRAM_TOKEN");
    let done = command.output().expect("it runs");
    let err = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{err}");
    assert!(
        err.contains("this is no test") && err.contains("PICKET_TEST=yes"),
        "{err}"
    );
    assert!(
        !folder.path().join("one").join("lock").exists(),
        "nothing was begun"
    );
}
