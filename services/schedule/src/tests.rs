//! Schedules as people use them.
//!
//! Every story also checks that folding its events gives the very same book, and that no occurrence
//! ended twice.

mod catching_up;
mod defining;
mod turns;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use picket_book::{Bench, Book, Provenance};
use picket_schemas::registry::{self, Role};
use picket_schemas::schedule::{CatchUp, Command, Event, Overlap};
use picket_schemas::{Refusal, dispatch};
use serde_json::{Value, json};

use crate::ScheduleBook;

const COORDINATOR: &str = "420902/P-01";
const SENTINEL: &str = "420902/P-17";

/// A local wall time in Shanghai as an instant.
fn t(local: &str) -> Timestamp {
    zoned(local, "Asia/Shanghai")
}

fn zoned(local: &str, zone: &str) -> Timestamp {
    let local: DateTime = local.parse().expect("a test writes a date and a time");
    let zone = TimeZone::get(zone).expect("the zone database is compiled in");
    local
        .to_zoned(zone)
        .expect("a test writes a time that is")
        .timestamp()
}

struct Office {
    bench: Bench<ScheduleBook>,
    log: Vec<(Timestamp, Event)>,
}

impl Office {
    fn at(local: &str) -> Self {
        Self::at_instant(t(local))
    }

    fn at_instant(at: Timestamp) -> Self {
        let mut bench = Bench::new("420902", &at.to_string());
        for (id, role) in [(COORDINATOR, Role::Coordinator), (SENTINEL, Role::Sentinel)] {
            let person = json!({"id": id, "name": id, "roles": [role], "area": "420902"});
            bench.registered(&read(json!({"type": "person.enrolled", "person": person})));
        }
        bench.registered(&read(json!({"type": "area.defined", "area": {"code": "420902", "name": "county", "level": "county", "parent": null}})));
        Self {
            bench,
            log: Vec::new(),
        }
    }

    fn on(&mut self, local: &str) -> &mut Self {
        self.bench.at = t(local);
        self
    }

    fn kept(&mut self, events: Vec<Event>) -> Vec<Event> {
        let at = self.bench.at;
        self.log
            .extend(events.iter().map(|event| (at, event.clone())));
        events
    }

    fn wish(&mut self, command: &Command) -> Result<Vec<Event>, Refusal> {
        let events = self.bench.wish(COORDINATOR, command)?;
        Ok(self.kept(events))
    }

    /// Defines a schedule from its JSON, `code` and `does` filled in where they are not given.
    fn define(&mut self, mut fields: Value) -> Result<Vec<Event>, Refusal> {
        let all = fields.as_object_mut().expect("fields are an object");
        all.insert("do".into(), "schedule.define".into());
        all.entry("code").or_insert("s".into());
        all.entry("does")
            .or_insert(json!({"remind": {"of": "not_accepted"}}));
        self.wish(&read(fields))
    }

    fn defined(&mut self, fields: Value) -> Vec<Event> {
        self.define(fields).expect("the definition is in order")
    }

    fn ring(&mut self, local: &str) -> Vec<Event> {
        self.ring_at(t(local))
    }

    fn ring_at(&mut self, at: Timestamp) -> Vec<Event> {
        let events = self.bench.ring_at(at);
        self.kept(events)
    }

    /// Rings at each due instant up to `local`, as a keeper that never sleeps does.
    fn live(&mut self, local: &str) -> Vec<Event> {
        let mut all = Vec::new();
        while let Some(due) = self.bench.book.due().filter(|due| *due <= t(local)) {
            all.extend(self.ring_at(due));
        }
        self.on(local);
        all
    }

    fn confirmed(&mut self, batch: &str, occurrence: &str) -> Vec<Event> {
        let fact: dispatch::Event = read(json!({
            "type": "batch.confirmed", "batch": batch, "name": "sweep", "select": {}, "assign": {}, "checklist": "", "roster_hash": "", "count": 1,
            "window": {"amount": 5, "unit": "working_day"}, "occurrence": occurrence,
        }));
        let events = self.bench.fact("dispatch", COORDINATOR, fact);
        self.kept(events)
    }

    fn issued(&mut self, batch: &str) -> Vec<Event> {
        let events = self.bench.fact(
            "dispatch",
            COORDINATOR,
            dispatch::Event::BatchIssued {
                batch: batch.into(),
                count: 1,
            },
        );
        self.kept(events)
    }

    fn published(&mut self, year: i16) -> Vec<Event> {
        let event = registry::Event::CalendarPublished {
            year,
            off: Default::default(),
            work: Default::default(),
            version: format!("v-{year}"),
        };
        self.bench.registered(&event);
        let events = self.bench.fact("registry", COORDINATOR, event);
        self.kept(events)
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut folded = ScheduleBook::default();
        let mut ended = BTreeSet::new();
        for (at, event) in &self.log {
            folded.evolve(event, Provenance::unknown(*at));
            if let Some(occurrence) = end_of(event) {
                assert!(ended.insert(occurrence), "{occurrence} ended twice");
            }
        }
        let (folded, live) = (
            serde_json::to_value(&folded),
            serde_json::to_value(&self.bench.book),
        );
        assert_eq!(
            folded.expect("a book is JSON"),
            live.expect("a book is JSON")
        );
        let book: ScheduleBook =
            read(serde_json::to_value(&self.bench.book).expect("a book is JSON"));
        assert_eq!(book.due(), self.bench.book.due());
    }
}

fn end_of(event: &Event) -> Option<&str> {
    match event {
        Event::OccurrenceFired { occurrence, .. }
        | Event::OccurrenceLate { occurrence, .. }
        | Event::OccurrenceMissed { occurrence, .. }
        | Event::OccurrenceSkipped { occurrence, .. } => Some(occurrence.as_str()),
        _ => None,
    }
}

fn read<E: serde::de::DeserializeOwned>(json: Value) -> E {
    serde_json::from_value(json).expect("a test writes things as they are stored")
}

fn batch() -> Value {
    json!({"issue_batch": {"name": "weekly sweep"}})
}

/// Each event as its kind and what it is about.
fn diary(events: &[Event]) -> Vec<String> {
    let line = |event: &Event| {
        let about = match event {
            Event::OccurrencePlanned { occurrence, .. }
            | Event::OccurrenceDone { occurrence, .. }
            | Event::OccurrenceCaused { occurrence, .. } => occurrence.as_str(),
            Event::OccurrenceWaiting { year, .. } => return format!("waiting {year}"),
            other => end_of(other).unwrap_or_default(),
        };
        let kind = event.kind();
        format!(
            "{} {about}",
            kind.strip_prefix("occurrence.").unwrap_or(kind)
        )
        .trim_end()
        .to_owned()
    };
    events.iter().map(line).collect()
}

/// The ends only.
fn ends(events: &[Event]) -> Vec<String> {
    let ends: Vec<_> = events
        .iter()
        .filter(|event| end_of(event).is_some())
        .cloned()
        .collect();
    diary(&ends)
}

fn code(refusal: Result<Vec<Event>, Refusal>) -> &'static str {
    refusal.expect_err("this is refused").code()
}
