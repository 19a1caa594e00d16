//! Bytes of a commit as a message, beside the commit itself: processes of other versions write and read the same
//! stream.

use picket_journal::hash_of;

use super::*;

fn book() -> BookName {
    BookName::parse("dispatch/420902").unwrap()
}

/// Names and values in the order of the names.
pub(crate) fn said(headers: &HeaderMap) -> Vec<String> {
    let mut lines: Vec<_> = headers
        .iter()
        .flat_map(|(name, values)| {
            values
                .iter()
                .map(move |value| format!("{}: {}", AsRef::<str>::as_ref(name), value.as_str()))
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn a_commit_is_published_where_it_always_was() {
    assert_eq!(
        (ROOT, subject_of(&book()).as_str()),
        ("picket.journal", "picket.journal.dispatch.420902")
    );
    assert_eq!(book_of("picket.journal.dispatch.420902"), Some(book()));
}

#[test]
fn an_append_has_the_headers_it_always_had() {
    let hash = "8b8a4d0bb6cbb4ed4ee4ad34bb5ed61a9e5e4ffc5d0e1ca9bd2b2dbe0ed1b9f3";
    assert_eq!(
        said(&headers(1834, hash, 77)),
        [
            "Nats-Expected-Last-Subject-Sequence: 77",
            "Picket-Hash: 8b8a4d0bb6cbb4ed4ee4ad34bb5ed61a9e5e4ffc5d0e1ca9bd2b2dbe0ed1b9f3",
            "Picket-Number: 1834"
        ]
    );
    assert_eq!(
        (NUMBER, HASH, EXPECTED),
        (
            "Picket-Number",
            "Picket-Hash",
            "Nats-Expected-Last-Subject-Sequence"
        )
    );
}

/// What is read of the commit `{"a":1}` at sequence 78.
fn found() -> CommitMessage {
    let hash = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862".to_owned();
    assert_eq!(hash_of(br#"{"a":1}"#), hash);
    let head = Head {
        number: 1834,
        hash,
        position: "78".to_owned(),
    };
    CommitMessage {
        book: book(),
        seq: 78,
        stored: StoredCommit {
            head,
            bytes: br#"{"a":1}"#.to_vec().into(),
        },
    }
}

#[test]
fn what_the_leader_of_the_stream_answers_is_read_as_it_always_was() {
    // NATS/1.0, Picket-Number: 1834, Picket-Hash: 015a…, Nats-Expected-Last-Subject-Sequence: 77.
    let answer = r#"{"subject":"picket.journal.dispatch.420902","seq":78,"hdrs":"TkFUUy8xLjANClBpY2tldC1OdW1iZXI6IDE4MzQNClBpY2tldC1IYXNoOiAwMTVhYmQ3ZjVjYzU3YTJkZDk0Yjc1OTBmMDRhZDgwODQyNzM5MDVlZTMzZWM1Y2ViZWFlNjIyNzZhOTdmODYyDQpOYXRzLUV4cGVjdGVkLUxhc3QtU3ViamVjdC1TZXF1ZW5jZTogNzcNCg0K","data":"eyJhIjoxfQ==","time":"2026-03-04T02:12:00Z"}"#;
    let raw: RawMessage = serde_json::from_str(answer).unwrap();
    assert_eq!(CommitMessage::answered(raw), Ok(found()));
}

#[test]
fn what_a_consumer_delivers_is_read_as_it_always_was() {
    let mut headers = HeaderMap::new();
    headers.insert("Picket-Number", "1834");
    headers.insert(
        "Picket-Hash",
        "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862",
    );
    let message = Message {
        subject: "picket.journal.dispatch.420902".into(),
        reply: Some("$JS.ACK.PICKET_JOURNAL.c.1.78.3.1795343323.0".into()),
        payload: r#"{"a":1}"#.into(),
        headers: Some(headers),
        status: None,
        description: None,
        length: 0,
    };
    assert_eq!(CommitMessage::delivered(&message), Ok(found()));
}
