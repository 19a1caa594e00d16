//! Bytes by which one value is kept in a stream of its own: publishers of other versions read and write the same one.

use super::*;
use crate::call::read;
use crate::commit_message::wire_tests::said;

/// A request and its body as text.
fn text((request, body): (String, Vec<u8>)) -> (String, String) {
    (request, String::from_utf8(body).unwrap())
}

#[test]
fn the_stream_of_a_value_is_made_as_it_always_was() {
    let (request, body) = text(create_request("PICKET_PLACE", "picket.publisher.place", 3));
    assert_eq!(request, "$JS.API.STREAM.CREATE.PICKET_PLACE");
    assert_eq!(
        body,
        r#"{"description":"How far Picket has told other systems.","discard":"old","max_bytes":8388608,"max_msgs_per_subject":1,"name":"PICKET_PLACE","num_replicas":3,"retention":"limits","storage":"file","subjects":["picket.publisher.place"]}"#
    );
    assert_eq!(code::IN_USE, 10058);
}

#[test]
fn a_value_is_asked_for_and_read_as_it_always_was() {
    let (request, body) = text(get_request("PICKET_PLACE", "picket.publisher.place"));
    assert_eq!(request, "$JS.API.STREAM.MSG.GET.PICKET_PLACE");
    assert_eq!(body, r#"{"last_by_subj":"picket.publisher.place"}"#);
    let ValueAnswer { message } = read(br#"{"message":{"subject":"picket.publisher.place","seq":9,"data":"eyJhIjoxfQ==","time":"2026-03-04T02:12:00Z"}}"#).unwrap();
    assert_eq!(
        (message.seq, STANDARD.decode(message.data).unwrap()),
        (9, br#"{"a":1}"#.to_vec())
    );
    let ValueAnswer { message } =
        read(br#"{"message":{"subject":"picket.publisher.place","seq":9}}"#).unwrap();
    assert_eq!(
        (message.seq, message.data.as_str()),
        (9, ""),
        "an empty value has no data"
    );
}

#[test]
fn a_value_is_written_in_place_of_what_was_read_by_the_header_it_always_was() {
    assert_eq!(
        said(&headers(9)),
        ["Nats-Expected-Last-Subject-Sequence: 9"]
    );
}
