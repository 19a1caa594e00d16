//! Bytes by which events are kept for other systems: publishers of other versions use the same stream.

use super::*;
use crate::commit_message::wire_tests::said;

#[test]
fn an_event_is_known_again_by_the_header_it_always_was() {
    let message = EventMessage {
        subject: "picket.event.420902.task.accepted".to_owned(),
        id: "dispatch/420902/1834/0".to_owned(),
        headers: vec![
            ("ce-specversion", "1.0".to_owned()),
            ("content-type", "application/json".to_owned()),
        ],
        body: Vec::new(),
    };
    assert_eq!(
        said(&headers(&message)),
        [
            "Nats-Msg-Id: dispatch/420902/1834/0",
            "ce-specversion: 1.0",
            "content-type: application/json"
        ]
    );
}

#[test]
fn the_stream_of_events_is_made_as_it_always_was() {
    let (request, body) = create_request("PICKET_EVENTS", 3, 1_000);
    assert_eq!(request, "$JS.API.STREAM.CREATE.PICKET_EVENTS");
    assert_eq!(
        String::from_utf8(body).unwrap(),
        r#"{"description":"What Picket tells other systems.","discard":"old","duplicate_window":86400000000000,"max_age":604800000000000,"max_bytes":1000,"name":"PICKET_EVENTS","num_replicas":3,"retention":"limits","storage":"file","subjects":["picket.event.>"]}"#
    );
    assert_eq!(code::IN_USE, 10058);
}
