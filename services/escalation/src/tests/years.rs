//! Clocks that reach a year without a calendar.

use super::*;

fn year_2027() -> registry::Event {
    let off = ["2027-01-01", "2027-01-02", "2027-01-03"].map(|day| day.parse().expect("a date"));
    registry::Event::CalendarPublished {
        year: 2027,
        off: off.into(),
        work: Default::default(),
        version: "420902-2027.1".into(),
    }
}

#[test]
fn a_clock_that_reaches_an_unknown_year_does_not_ring_until_the_year_is_published() {
    let mut county = County::at("2026-12-28T10:00");
    let events = county.serve("Z-1", days(10));
    assert!(matches!(
        &events[1],
        Event::ClockStarted {
            provisional: true,
            next: None,
            ..
        }
    ));
    assert!(county.live("2027-02-01T10:00").is_empty());
    let events = county.on("2027-01-04T10:00").published(&year_2027());
    assert!(matches!(&events[0], Event::ClockSettled { due, .. } if *due == t("2027-01-13T00:00")));
    assert_eq!(
        diary(&county.live("2027-01-13T09:00")),
        [
            "01-07 08:30 reminder.due",
            "01-13 00:00 deadline.passed",
            "01-13 08:30 ladder.stepped B1"
        ]
    );
}

#[test]
fn a_known_deadline_rings_and_its_steps_wait_for_the_year() {
    let mut county = County::at("2026-12-24T10:00");
    county.serve("Z-1", days(5));
    assert_eq!(
        diary(&county.live("2027-01-20T10:00")),
        ["12-30 08:30 reminder.due", "01-01 00:00 deadline.passed"]
    );
    county.on("2027-01-08T10:00");
    let events = county.published(&year_2027());
    assert!(matches!(&events[0], Event::ClockSettled { due, .. } if *due == t("2027-01-01T00:00")));
    let said = county.ring("2027-01-08T10:00");
    assert_eq!(kinds(&said), ["ladder.superseded", "ladder.stepped"]);
}

#[test]
fn publishing_a_year_leaves_other_clocks_as_they_are() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    county.serve("Z-2", days(1));
    county.live("2026-03-25T10:00");
    let before = county.running();
    assert!(
        county.published(&year_2027()).is_empty(),
        "one runs, and the other's ladder has ended"
    );
    assert_eq!(county.running(), before);
}

#[test]
fn a_changed_calendar_never_moves_a_running_clock() {
    let mut county = County::at("2026-03-02T10:00");
    county.serve("Z-1", days(5));
    let off = ["2026-03-05", "2026-03-06"].map(|day| day.parse().expect("a date"));
    county.published(&registry::Event::CalendarPublished {
        year: 2026,
        off: off.into(),
        work: Default::default(),
        version: "v2".into(),
    });
    assert_eq!(county.running(), ["order.fix Z-1 03-10 00:00"]);
}

#[test]
fn thousands_of_clocks_are_settled_in_bounded_steps() {
    let mut county = County::at("2026-12-30T10:00");
    for n in 1..=2_500 {
        county.issue(&format!("T-{n}"), &[SENTINEL], days(5));
        county.accept(&format!("T-{n}"), SENTINEL);
    }
    assert_eq!(county.published(&year_2027()).len(), 2_500);
}

#[test]
fn an_order_parked_over_the_new_year_is_settled_when_the_year_is_known() {
    let mut county = County::at("2026-12-24T10:00");
    county.serve("Z-1", days(5));
    county.on("2026-12-29T10:00").park("Z-1");
    county.on("2026-12-30T10:00").unpark("Z-1");
    assert!(county.live("2027-01-04T08:00").is_empty());
    let events = county.published(&year_2027());
    assert_eq!(kinds(&events), ["clock.settled"]);
    assert_eq!(
        diary(&county.live("2027-01-05T09:00")),
        [
            "01-05 00:00 deadline.passed",
            "01-05 08:30 ladder.stepped B1"
        ]
    );
}
