//! Headers of commits that travel together: the stream keeps them, and processes of other versions read it.

use picket_journal::BookName;
use tokio::sync::oneshot;

use super::*;
use crate::commit_message::{subject_of, wire_tests::said};

#[test]
fn a_commit_in_a_batch_has_the_headers_it_always_had() {
    let append = AppendRequest {
        subject: subject_of(&BookName::parse("dispatch/420902").unwrap()),
        expected: 77,
        number: 1834,
        hash: "ab12".to_owned(),
        bytes: bytes::Bytes::from_static(br#"{"a":1}"#),
        reply: oneshot::channel().0,
    };
    assert_eq!(
        said(&headers("stem.3", 2, &append)),
        [
            "Nats-Batch-Id: stem.3",
            "Nats-Batch-Sequence: 2",
            "Nats-Expected-Last-Subject-Sequence: 77",
            "Picket-Hash: ab12",
            "Picket-Number: 1834"
        ]
    );
    assert_eq!(COMMIT, "Nats-Batch-Commit");
}
