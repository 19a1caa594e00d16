//! Bytes of the publisher's checkpoint: a publisher of another version goes on from them.

use super::*;
use crate::FileCheckpointStore;

const CHECKPOINT: &str = r#"{"version":1,"read":{"courier/420902":[7,"c0ffee"],"dispatch/420902":[1834,"ab12"]},"sealed":{"420902/B-12":"2026-03-06T01:30:00.25Z","420902/T-2041":"2026-03-05T00:00:00Z"},"waiting":[{"book":"dispatch/420902","n":1833,"prev":"cd34","until":{"2026-03-05T00:00:00Z":[[0,2],[1,0]],"2026-03-06T01:30:00.25Z":[[3,1]]}}]}"#;

fn checkpoint() -> Checkpoint {
    let (first, later): (Timestamp, Timestamp) = (
        "2026-03-05T00:00:00Z".parse().unwrap(),
        "2026-03-06T01:30:00.25Z".parse().unwrap(),
    );
    Checkpoint {
        version: VERSION,
        read: [
            ("dispatch/420902".to_owned(), (1834, "ab12".to_owned())),
            ("courier/420902".to_owned(), (7, "c0ffee".to_owned())),
        ]
        .into(),
        sealed: [
            ("420902/T-2041".to_owned(), first),
            ("420902/B-12".to_owned(), later),
        ]
        .into(),
        withheld: vec![WithheldCommit {
            book: "dispatch/420902".to_owned(),
            n: 1833,
            prev: "cd34".to_owned(),
            until: [(first, vec![(0, 2), (1, 0)]), (later, vec![(3, 1)])].into(),
        }],
    }
}

#[test]
fn a_checkpoint_is_written_and_read_as_it_always_was() {
    assert_eq!(serde_json::to_string(&checkpoint()).unwrap(), CHECKPOINT);
    assert_eq!(
        serde_json::from_str::<Checkpoint>(CHECKPOINT).unwrap(),
        checkpoint()
    );
}

#[tokio::test]
async fn a_stored_checkpoint_is_these_bytes_and_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("publish.json");
    checkpoint()
        .save(&mut FileCheckpointStore::at(&path))
        .await
        .unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), CHECKPOINT);
    std::fs::write(&path, CHECKPOINT).unwrap();
    assert_eq!(
        Checkpoint::load(&mut FileCheckpointStore::at(&path))
            .await
            .unwrap(),
        checkpoint()
    );
}
