//! Words by which events are kept for other systems: publishers of other versions use the same stream.

use super::*;

/// The source, a blank for each run of white space: what is asked for is written where it is sent, behind a connection.
fn source() -> String {
    include_str!("../events.rs")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn an_event_is_known_again_by_the_header_it_always_was() {
    assert_eq!(MESSAGE_ID, "Nats-Msg-Id");
    let sends = r#"headers.insert(MESSAGE_ID, message.id.as_str()); for (name, value) in &message.headers { headers.insert(*name, value.as_str()); }"#;
    assert!(source().contains(sends));
}

#[test]
fn the_stream_of_events_is_made_as_it_always_was() {
    let made = r#"json!({ "name": stream, "description": "What Picket tells other systems.", "subjects": ["picket.event.>"], "retention": "limits", "storage": "file", "num_replicas": replicas, "discard": "old", "max_bytes": max_bytes, "max_age": 7 * 86_400_000_000_000_u64, "duplicate_window": 86_400_000_000_000_u64, });"#;
    assert!(source().contains(made));
    assert!(
        source().contains(
            r#"format!("$JS.API.STREAM.CREATE.{stream}"), wanted.to_string().into_bytes()"#
        )
    );
    assert_eq!(IN_USE, 10058);
}
