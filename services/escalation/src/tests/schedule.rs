//! Reminders that a schedule asks for.

use picket_schemas::schedule::{Does, Event as Fact, RemindOf};

use super::*;

impl County {
    fn fired(&mut self, occurrence: &str, of: RemindOf, within: u32) -> Vec<Event> {
        let nominal = "2026-03-03T08:30".parse().expect("a date and a time");
        let (schedule, due) = ("remind".into(), self.bench.at);
        let fact = Fact::OccurrenceFired {
            occurrence: occurrence.into(),
            schedule,
            nominal,
            due,
            does: Does::Remind { of, within },
            by: None,
        };
        let events = self.bench.fact("schedule", COORDINATOR, fact);
        self.kept(events)
    }
}

fn about(events: &[Event]) -> Vec<String> {
    let on = |event: &Event| match event {
        Event::ReminderDue {
            on,
            to,
            occurrence: Some(_),
            ..
        } => format!(
            "{on} {}",
            to.iter().map(PersonId::code).collect::<Vec<_>>().join(" ")
        ),
        other => other.kind().to_owned(),
    };
    events.iter().map(on).collect()
}

#[test]
fn those_who_have_not_accepted_are_reminded_once_an_occurrence() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL, SECOND], days(5));
    county.issue("T-2", &[SENTINEL], days(5));
    county.accept("T-2", SENTINEL);
    let before = county.bench.book.due();
    assert_eq!(
        about(&county.fired("r@1", RemindOf::NotAccepted, 0)),
        ["T-1 P-17 P-18"]
    );
    assert!(county.fired("r@1", RemindOf::NotAccepted, 0).is_empty());
    assert_eq!(
        about(&county.fired("r@2", RemindOf::NotAccepted, 0)),
        ["T-1 P-17 P-18"]
    );
    assert_eq!(
        county.bench.book.due(),
        before,
        "the clock's own bells are as they were"
    );
}

#[test]
fn those_who_have_not_submitted_are_reminded() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    county.issue("T-2", &[SENTINEL], days(5));
    county.accept("T-2", SENTINEL);
    assert_eq!(
        about(&county.fired("r@1", RemindOf::NotSubmitted, 0)),
        ["T-2 P-17"]
    );
}

#[test]
fn orders_due_within_some_working_days_are_reminded_of() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(3));
    county.serve("Z-2", days(4));
    county.serve("Z-3", days(2));
    county.park("Z-3");
    assert_eq!(
        about(&county.fired("r@1", RemindOf::OrdersDue, 3)),
        ["Z-1 P-30 P-31"]
    );
}

#[test]
fn thousands_are_reminded_in_bounded_steps() {
    let mut county = County::at("2026-03-02T10:00");
    for n in 1..=2_100 {
        county.issue(&format!("T-{n}"), &[SENTINEL], days(5));
    }
    assert_eq!(county.fired("r@1", RemindOf::NotAccepted, 0).len(), 2_100);
}

#[test]
fn an_occurrence_that_does_something_else_reminds_nobody() {
    let mut county = County::at("2026-03-02T10:00");
    county.issue("T-1", &[SENTINEL], days(5));
    let does = Does::Digest {
        to: vec![Role::Supervisor],
    };
    let nominal = "2026-03-03T08:30".parse().expect("a date and a time");
    let fact = Fact::OccurrenceFired {
        occurrence: "d@1".into(),
        schedule: "d".into(),
        nominal,
        due: county.bench.at,
        does,
        by: None,
    };
    assert!(county.bench.fact("schedule", COORDINATOR, fact).is_empty());
}
