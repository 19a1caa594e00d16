//! SQL values: how those of the schemas are written into columns and read back.
//!
//! Used by the fold and by every query. Instants are microseconds, lists are JSON or nothing,
//! words are the names on the wire. It knows no table.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_schemas::dispatch::Outcome;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The zone in which local days are counted.
pub const LOCAL_ZONE: &str = "Asia/Shanghai";

/// The zone in which local days are counted.
pub fn local_zone() -> TimeZone {
    static ZONE: LazyLock<TimeZone> =
        LazyLock::new(|| TimeZone::get(LOCAL_ZONE).expect("the zone database is compiled in"));
    ZONE.clone()
}

/// An instant as it is stored.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// An instant as it was stored.
pub(crate) fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or_default()
}

/// A count as SQL keeps it.
pub(crate) fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// A count as SQL kept it.
pub(crate) fn count(n: i64) -> u32 {
    u32::try_from(n).unwrap_or_default()
}

/// A list; an empty one is nothing.
pub(crate) fn list<T: Serialize>(items: &[T]) -> Option<String> {
    if items.is_empty() {
        None
    } else {
        serde_json::to_string(items).ok()
    }
}

/// A list as it was stored.
pub(crate) fn unlist(text: Option<String>) -> Vec<String> {
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// The name an enum has on the wire.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// An enum from its name on the wire.
pub(crate) fn unword<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

/// The name of an outcome; rows are written often, so no detour.
pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Problem => "problem",
        Outcome::ClosedDoor => "closed_door",
        Outcome::Moved => "moved",
        Outcome::NotFound => "not_found",
        Outcome::Refused => "refused",
        Outcome::NotVisited => "not_visited",
    }
}
