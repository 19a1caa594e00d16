//! Tests against a collector on loopback: what arrives, under which names, and what never does.

mod exporting;
mod metrics;
mod story;

use picket_schemas::Commit;

/// A commit of a book with these entries, as JSON from `"cause"` on.
fn commit(book: &str, n: u64, entries: &[String]) -> Commit {
    let bytes = format!(
        r#"{{"book":"{book}","n":{n},"at":"2026-03-04T02:00:00Z","prev":"","reader":1,"entries":[{}]}}"#,
        entries.join(",")
    );
    Commit::decode(bytes.as_bytes()).unwrap()
}

fn entry(cause: &str, of: &str, does: &str, trace: &str, events: &[&str]) -> String {
    let of = if of.is_empty() {
        String::new()
    } else {
        format!(r#""of":"{of}","#)
    };
    format!(
        r#"{{"id":"e-1","by":"420902/P-0017","via":"telegram","cause":"{cause}",{of}"does":"{does}","made":"2026-03-04T02:00:00Z","trace":"{trace}","events":[{}]}}"#,
        events.join(",")
    )
}

const ACCEPTED: &str =
    r#"{"type":"task.accepted","task":"T-1","person":"420902/P-0017","taken":true}"#;
const STARTED: &str = r#"{"type":"clock.started","clock":"K-1","kind":"task.submit","on":"T-1","area":"420902003004","duty":{},"span":{"amount":5,"unit":"working_day"},"rule":"r","calendar":"c","from":"2026-03-04T02:00:00Z","due":"2026-03-11T16:00:00Z","next":null}"#;
const STEPPED: &str = r#"{"type":"ladder.stepped","step":"E-1","clock":"K-1","kind":"task.submit","on":"T-1","level":"B1","to":["420902/P-0011"],"due":"2026-03-11T16:00:00Z","nominal":"2026-03-13T00:30:00Z","why":"one working day late","next":null}"#;
const QUEUED: &str = r#"{"type":"notice.queued","notice":"N-1","to":"420902/P-0011","kind":"ladder","about":"E-1","clock":"K-1","urgent":false,"after":"2026-03-13T00:30:00Z"}"#;
const HANDED: &str = r#"{"type":"notice.handed","notice":"N-1","to":"420902/P-0011","kind":"ladder","about":"E-1","attempt":1,"channel":"telegram","until":"2026-03-13T00:31:00Z"}"#;
const SENT: &str = r#"{"type":"notice.sent","notice":"N-1","attempt":1}"#;

/// What follows from one press, over three books: commit by commit in the order of time.
fn story(trace: &str) -> Vec<Commit> {
    vec![
        commit(
            "dispatch/420902",
            7,
            &[entry(
                "command",
                "",
                "dispatch.accept_task",
                trace,
                &[ACCEPTED],
            )],
        ),
        commit(
            "escalation/420902",
            3,
            &[entry(
                "fact",
                "dispatch/420902:7",
                "escalation.react",
                trace,
                &[STARTED],
            )],
        ),
        commit(
            "escalation/420902",
            4,
            &[entry(
                "bell",
                "2026-03-13T00:30:00Z",
                "escalation.ring",
                "",
                &[STEPPED],
            )],
        ),
        commit(
            "courier/420902",
            9,
            &[entry(
                "fact",
                "escalation/420902:4",
                "courier.react",
                "",
                &[QUEUED],
            )],
        ),
        commit(
            "courier/420902",
            10,
            &[entry(
                "bell",
                "2026-03-13T00:30:00Z",
                "courier.ring",
                "",
                &[HANDED],
            )],
        ),
        commit(
            "courier/420902",
            11,
            &[entry("command", "", "courier.report_delivery", "", &[SENT])],
        ),
    ]
}
