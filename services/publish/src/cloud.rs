//! One fact as a CloudEvent 1.0, in the binary content mode of the NATS protocol binding.
//!
//! The publisher makes them, a sink sends subject, headers and body. Pure: the same fact always gives the
//! same bytes. It does not know what is sealed.

use std::fmt::Write as _;

use jiff::Timestamp;
use picket_schemas::Commit;
use serde_json::{Map, Value};

use crate::public::{PublicFields, public};

/// A fact for other systems.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudEvent {
    /// `dispatch/420902/1834/0/2`: book, commit, entry, event. The same fact has it every time, so that a consumer may
    /// be idempotent by it.
    pub id: String,
    /// `/picket/dispatch/420902`.
    pub source: String,
    /// The event's name: `task.accepted`.
    pub kind: &'static str,
    /// The jurisdiction whose record it is.
    pub jurisdiction: String,
    /// Its subject, in full: `420902/T-2041`.
    pub about: Option<String>,
    /// When it was recorded.
    pub time: Timestamp,
    /// The public fields, as JSON.
    pub data: Vec<u8>,
}

impl CloudEvent {
    /// Where it is sent: `picket.event.<jurisdiction>.<type>`.
    pub fn subject(&self) -> String {
        picket_bus::subjects::event(&self.jurisdiction, self.kind)
    }

    /// The headers of the binary mode, names in lower case because clients compare them so.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("ce-specversion", "1.0".to_owned()),
            ("ce-id", percent(&self.id)),
            ("ce-source", percent(&self.source)),
            ("ce-type", percent(self.kind)),
            ("ce-time", self.time.to_string()),
            ("ce-datacontenttype", "application/json".to_owned()),
            ("content-type", "application/json".to_owned()),
        ];
        if let Some(about) = &self.about {
            headers.push(("ce-subject", percent(about)));
        }
        headers
    }
}

/// The event at a place of a commit, with what is public of it; nothing where nothing is.
pub fn cloud_event(commit: &Commit, entry: usize, index: usize) -> Option<CloudEvent> {
    let event = commit.entries.get(entry)?.events.get(index)?;
    let (service, jurisdiction) = commit.book.split_once('/')?;
    let line = public(service, event.kind())?;
    let stored = serde_json::to_value(event).ok()?;
    let (about, data) = data(line, jurisdiction, stored.as_object()?);
    Some(CloudEvent {
        id: format!("{}/{}/{entry}/{index}", commit.book, commit.n),
        source: format!("/picket/{}", commit.book),
        kind: event.kind(),
        jurisdiction: jurisdiction.to_owned(),
        about,
        time: commit.at,
        data: serde_json::to_vec(&data).expect("a map with string keys is JSON"),
    })
}

fn data(
    line: &PublicFields,
    jurisdiction: &str,
    stored: &Map<String, Value>,
) -> (Option<String>, Map<String, Value>) {
    let mut out = Map::new();
    for field in line.ids {
        if let Some(id) = stored.get(*field).and_then(Value::as_str) {
            out.insert(
                (*field).to_owned(),
                Value::String(in_full(jurisdiction, id)),
            );
        }
    }
    let about = line
        .ids
        .first()
        .and_then(|field| out.get(*field))
        .and_then(Value::as_str)
        .map(str::to_owned);
    for field in line.plain {
        match stored.get(*field) {
            Some(subject) if *field == "subject" => {
                if let Some(subject) = named(jurisdiction, subject) {
                    out.insert((*field).to_owned(), subject);
                }
            }
            Some(value) => {
                out.insert((*field).to_owned(), value.clone());
            }
            None => {}
        }
    }
    (about, out)
}

/// A subject in full; a person is nobody's business.
fn named(jurisdiction: &str, subject: &Value) -> Option<Value> {
    let (kind, id) = (subject.get("kind")?.as_str()?, subject.get("id")?.as_str()?);
    (kind != "person").then(|| serde_json::json!({ "kind": kind, "id": in_full(jurisdiction, id) }))
}

/// Outside its own book an id is written with its jurisdiction.
pub(crate) fn in_full(jurisdiction: &str, id: &str) -> String {
    if id.contains('/') {
        id.to_owned()
    } else {
        format!("{jurisdiction}/{id}")
    }
}

/// As the binding wants header values: anything but visible ASCII, and `"` and `%`, byte by byte as `%XX`.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'"' | b'%') {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing into a string does not fail");
        }
    }
    out
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_visible_ascii() {
        assert_eq!(percent("420902/T-1"), "420902/T-1");
        assert_eq!(percent("每 \"%"), "%E6%AF%8F%20%22%25");
        assert_eq!(percent("a\r\nb"), "a%0D%0Ab");
    }
}
