//! Bytes by which the stream of all books is made: processes of other versions look at it when they start.

use super::*;

const STREAM: &str = r#"{"allow_atomic":true,"allow_direct":false,"allow_rollup_hdrs":false,"deny_delete":true,"deny_purge":true,"description":"Every commit of every book of Picket. Nothing is ever taken away.","discard":"new","max_age":0,"max_bytes":8589934592,"max_consumers":-1,"max_msg_size":1052672,"max_msgs":-1,"max_msgs_per_subject":-1,"name":"PICKET_JOURNAL","num_replicas":1,"retention":"limits","storage":"file","subjects":["picket.journal.>"]}"#;

#[test]
fn the_stream_is_made_as_it_always_was() {
    assert_eq!(wanted(&JournalSettings::default()).to_string(), STREAM);
    let three = JournalSettings {
        stream: "OTHER".to_owned(),
        replicas: 3,
        max_bytes: 1_000,
        ..JournalSettings::default()
    };
    let other = STREAM
        .replace("PICKET_JOURNAL", "OTHER")
        .replace(r#""num_replicas":1"#, r#""num_replicas":3"#)
        .replace("8589934592", "1000");
    assert_eq!(wanted(&three).to_string(), other);
}

#[test]
fn a_stream_that_another_version_made_is_taken() {
    let text = format!(
        r#"{{"config":{STREAM},"created":"2026-03-04T02:12:00Z","state":{{"last_seq":78}}}}"#
    );
    let info: StreamInfo = serde_json::from_str(&text).unwrap();
    assert_eq!(check(&info, &JournalSettings::default()), Ok(()));
}
