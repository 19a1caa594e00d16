//! Bytes of a fact for other systems, its headers and where it is sent: listeners were written for them, and a
//! publisher of another version sends the same fact again under the same id.

use picket_schemas::{Cause, Entry, Event};

use super::*;

/// The second event of the first decision of commit 1834.
fn sent() -> CloudEvent {
    let submitted = r#"{"type":"task.submitted","task":"T-2041","by":"420902/P-0017","nil":true,"rows":12,"problems":0,"post":"PO-01","area":"420902003004"}"#;
    let accepted =
        r#"{"type":"task.accepted","task":"T-2041","person":"420902/P-0017","taken":true}"#;
    let entry = Entry {
        id: "w-1".into(),
        by: "420902/P-0017".into(),
        via: "telegram".into(),
        cause: Cause::Command,
        of: None,
        does: "dispatch.submit_task".into(),
        made: "2026-03-04T02:11:59Z".parse().unwrap(),
        trace: String::new(),
        hops: 0,
        events: [accepted, submitted]
            .map(|json| Event::decode("dispatch", json).unwrap())
            .into(),
    };
    let at = "2026-03-04T02:12:00.123Z".parse().unwrap();
    let commit = Commit {
        book: "dispatch/420902".into(),
        n: 1834,
        at,
        prev: "ab12".into(),
        due: None,
        seen: Default::default(),
        reader: 1,
        began: None,
        entries: vec![entry],
    };
    cloud_event(&commit, 0, 1).unwrap()
}

#[test]
fn a_fact_is_sent_where_it_always_was() {
    assert_eq!(sent().subject(), "picket.event.420902.task.submitted");
}

#[test]
fn a_fact_has_the_attributes_it_always_had() {
    let event = sent();
    assert_eq!(
        (event.id.as_str(), event.source.as_str(), event.kind),
        (
            "dispatch/420902/1834/0/1",
            "/picket/dispatch/420902",
            "task.submitted"
        )
    );
    assert_eq!(
        (
            event.jurisdiction.as_str(),
            event.about.as_deref(),
            event.time.to_string().as_str()
        ),
        ("420902", Some("420902/T-2041"), "2026-03-04T02:12:00.123Z")
    );
    assert_eq!(
        String::from_utf8(event.data).unwrap(),
        r#"{"area":"420902003004","nil":true,"post":"PO-01","problems":0,"rows":12,"task":"420902/T-2041"}"#
    );
}

#[test]
fn a_fact_has_the_headers_it_always_had() {
    let lines = |event: CloudEvent| {
        event
            .headers()
            .into_iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect::<Vec<_>>()
    };
    let all = [
        "ce-specversion: 1.0",
        "ce-id: dispatch/420902/1834/0/1",
        "ce-source: /picket/dispatch/420902",
        "ce-type: task.submitted",
        "ce-time: 2026-03-04T02:12:00.123Z",
        "ce-datacontenttype: application/json",
        "content-type: application/json",
        "ce-subject: 420902/T-2041",
    ];
    assert_eq!(lines(sent()), all);
    assert_eq!(
        lines(CloudEvent {
            about: None,
            ..sent()
        }),
        all[..7]
    );
}
