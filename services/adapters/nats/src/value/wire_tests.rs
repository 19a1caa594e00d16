//! Words by which one value is kept in a stream of its own: publishers of other versions read and write the same one.

use super::*;
use crate::call::read;

/// The source, a blank for each run of white space: what is asked for is written where it is sent, behind a connection.
fn source() -> String {
    include_str!("../value.rs")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn the_stream_of_a_value_is_made_as_it_always_was() {
    let made = r#"json!({ "name": stream, "description": "How far Picket has told other systems.", "subjects": [subject], "retention": "limits", "storage": "file", "num_replicas": replicas, "discard": "old", "max_msgs_per_subject": 1, "max_bytes": 8 << 20, });"#;
    assert!(source().contains(made));
    assert!(
        source().contains(
            r#"format!("$JS.API.STREAM.CREATE.{stream}"), wanted.to_string().into_bytes()"#
        )
    );
    assert_eq!(IN_USE, 10058);
}

#[test]
fn a_value_is_asked_for_and_read_as_it_always_was() {
    assert!(source().contains(r#"json!({ "last_by_subj": self.subject }).to_string().into_bytes(); match call::<Answered>(&self.client, format!("$JS.API.STREAM.MSG.GET.{}", self.stream), which"#));
    let Answered { message } = read(br#"{"message":{"subject":"picket.publisher.place","seq":9,"data":"eyJhIjoxfQ==","time":"2026-03-04T02:12:00Z"}}"#).unwrap();
    assert_eq!(
        (message.seq, STANDARD.decode(message.data).unwrap()),
        (9, br#"{"a":1}"#.to_vec())
    );
    let Answered { message } =
        read(br#"{"message":{"subject":"picket.publisher.place","seq":9}}"#).unwrap();
    assert_eq!(
        (message.seq, message.data.as_str()),
        (9, ""),
        "an empty value has no data"
    );
}

#[test]
fn a_value_is_written_in_place_of_what_was_read_by_the_header_it_always_was() {
    assert!(source().contains("headers.insert(EXPECTED, self.seen.to_string().as_str()); let ack = publish(&self.client, self.subject.clone(), headers, bytes.into(), self.patience)"));
    assert_eq!(EXPECTED, "Nats-Expected-Last-Subject-Sequence");
}
