//! Spans, office hours and the ends of clocks.
//!
//! The first table holds the worked examples of the trade: each has a holiday, a
//! make-up day or a start on a day off that a naive count gets wrong.

use jiff::ToSpan;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::{at, clock, day, instant, new_york};
use crate::{BadHours, BadSpan, Calendar, Due, OfficeHours, Span, Unit};

#[test]
fn worked_examples_end_on_the_days_the_trade_expects() {
    let china = Calendar::china();
    for (start, span, last_day) in [
        ("2024-08-25", "15wd", "2024-09-13"),
        ("2024-04-28", "3wd", "2024-05-06"),
        ("2024-09-10", "5wd", "2024-09-18"),
        ("2023-09-28", "7wd", "2023-10-13"),
        ("2025-09-26", "1wd", "2025-09-28"),
        ("2025-09-26", "5wd", "2025-10-10"),
        ("2025-09-26", "20wd", "2025-10-30"),
        ("2026-02-13", "1wd", "2026-02-14"),
        ("2026-02-13", "5wd", "2026-02-27"),
        ("2026-02-13", "20wd", "2026-03-19"),
        ("2026-09-18", "10wd", "2026-10-09"),
        ("2025-04-25", "15nd", "2025-05-10"),
        ("2025-04-25", "15rd", "2025-05-12"),
        ("2026-01-30", "15nd", "2026-02-14"),
        ("2026-01-30", "15rd", "2026-02-14"),
        ("2026-09-18", "15nd", "2026-10-03"),
        ("2026-09-18", "15rd", "2026-10-08"),
    ] {
        for hour in ["00:00", "10:15", "23:59"] {
            let due = clock(&china, &format!("{start}T{hour}"), span);
            assert_eq!(due.last_day, day(last_day), "{start} {hour} + {span}");
            assert_eq!(
                due.at,
                china.end_of_day(day(last_day)),
                "{start} {hour} + {span}"
            );
            assert!(!due.provisional, "{start} + {span}");
        }
    }
}

#[test]
fn a_day_clock_ends_at_the_midnight_after_its_last_day() {
    let china = Calendar::china();
    let due = clock(&china, "2024-08-25T10:00", "15wd");
    assert_eq!(due.at, instant("2024-09-13T16:00:00Z"));
}

#[test]
fn the_days_passed_over_are_listed() {
    let china = Calendar::china();
    let skipped = clock(&china, "2024-09-13T10:00", "2wd").skipped;
    assert_eq!(skipped, ["2024-09-15", "2024-09-16", "2024-09-17"].map(day));
    let skipped = clock(&china, "2025-04-25T10:00", "15rd").skipped;
    assert_eq!(skipped, ["2025-05-10", "2025-05-11"].map(day));
    assert_eq!(clock(&china, "2025-04-25T10:00", "15nd").skipped, []);
    let skipped = clock(&china, "2024-09-14T16:30", "2wh").skipped;
    assert_eq!(skipped, ["2024-09-15", "2024-09-16", "2024-09-17"].map(day));
    assert_eq!(clock(&china, "2024-01-02T10:00", "300wd").skipped.len(), 40);
}

#[test]
fn a_clock_that_reaches_an_unknown_year_is_provisional() {
    let china = Calendar::china();
    let due = clock(&china, "2026-12-04T10:00", "20wd");
    assert_eq!((due.provisional, due.last_day), (true, day("2027-01-01")));
    assert!(!clock(&china, "2026-12-04T10:00", "19wd").provisional);
    assert!(clock(&china, "2026-12-31T17:00", "1wh").provisional);
    assert!(!clock(&china, "2026-12-31T16:30", "1wh").provisional);
    assert!(clock(&china, "2026-12-30T10:00", "3rd").provisional);
}

#[test]
fn clocks_that_need_no_table_are_never_provisional() {
    let china = Calendar::china();
    assert!(!clock(&china, "2026-12-30T10:00", "30nd").provisional);
    assert!(!clock(&china, "2026-12-30T10:00", "72uh").provisional);
    assert!(!clock(&china, "2030-01-01T10:00", "0wd").provisional);
}

#[test]
fn working_hours_run_inside_office_hours_only() {
    let china = Calendar::china();
    for (start, span, end) in [
        ("2026-09-18T08:30", "1wh", "2026-09-18T09:30"),
        ("2026-09-18T11:00", "1wh", "2026-09-18T12:00"),
        ("2026-09-18T11:30", "1wh", "2026-09-18T14:30"),
        ("2026-09-18T08:30", "7wh", "2026-09-18T17:30"),
        ("2026-09-18T17:00", "1wh", "2026-09-20T09:00"),
        ("2026-09-30T16:30", "2wh", "2026-10-08T09:30"),
        ("2026-09-18T08:30", "15wh", "2026-09-21T09:30"),
        ("2026-09-18T10:00", "0wh", "2026-09-18T10:00"),
        ("2026-09-18T12:00", "0wh", "2026-09-18T14:00"),
    ] {
        let due = clock(&china, start, span);
        assert_eq!(due.at, at(&china, end), "{start} + {span}");
        assert_eq!(due.last_day, china.date_of(due.at), "{start} + {span}");
    }
}

#[test]
fn a_working_hour_clock_started_outside_hours_starts_at_the_next_opening() {
    let china = Calendar::china();
    for (start, end) in [
        ("2026-09-18T06:00", "2026-09-18T10:30"),
        ("2026-09-18T12:00", "2026-09-18T16:00"),
        ("2026-09-18T13:10", "2026-09-18T16:00"),
        ("2026-09-18T17:30", "2026-09-20T10:30"),
        ("2026-09-19T10:00", "2026-09-20T10:30"),
        ("2026-10-01T00:00", "2026-10-08T10:30"),
    ] {
        assert_eq!(clock(&china, start, "2wh").at, at(&china, end), "{start}");
    }
    assert_eq!(
        clock(&china, "2026-10-01T00:00", "0wh").at,
        at(&china, "2026-10-08T08:30")
    );
}

#[test]
fn urgent_hours_run_through_nights_and_holidays() {
    let china = Calendar::china();
    let due = clock(&china, "2026-09-30T23:30", "2uh");
    assert_eq!(
        (due.at, due.last_day),
        (at(&china, "2026-10-01T01:30"), day("2026-10-01"))
    );
    let midnight = clock(&china, "2026-09-30T22:00", "2uh");
    assert_eq!(midnight.last_day, day("2026-09-30"));
}

#[test]
fn urgent_hours_are_real_hours_when_clocks_change() {
    let due = clock(&new_york(), "2025-03-08T12:00", "24uh");
    assert_eq!(due.at, at(&new_york(), "2025-03-09T13:00"));
}

#[test]
fn a_natural_day_of_a_clock_change_still_ends_at_midnight() {
    let due = clock(&new_york(), "2025-03-08T12:00", "1nd");
    assert_eq!(due.at, at(&new_york(), "2025-03-10T00:00"));
}

#[test]
fn lengths_beyond_ten_years_are_cut_off() {
    let calendar = Calendar::new(TimeZone::UTC);
    let from = instant("2026-01-01T10:00:00Z");
    for unit in [
        Unit::WorkingDay,
        Unit::NaturalDay,
        Unit::RolledDay,
        Unit::WorkingHour,
        Unit::UrgentHour,
    ] {
        let most = calendar.due(from, Span::new(u32::MAX, unit));
        assert_eq!(
            most,
            calendar.due(from, Span::new(3650 * 24, unit)),
            "{unit}"
        );
        assert!(most.last_day < day("2041-01-01"), "{unit}");
    }
    let cut = calendar.add_working_days(day("2026-01-01"), i32::MIN);
    assert!(cut.is_err());
}

#[test]
fn office_hours_are_read_and_written_alike() {
    let hours = OfficeHours::default();
    assert_eq!(hours.to_string(), "08:30-12:00 14:00-17:30");
    assert_eq!("8:30-12:00,14:00-17:30".parse(), Ok(hours.clone()));
    let text = serde_json::to_string(&hours).expect("hours are data");
    assert_eq!(text, r#""08:30-12:00 14:00-17:30""#);
    assert_eq!(
        serde_json::from_str::<OfficeHours>(&text).expect("it was written above"),
        hours
    );
    assert_eq!(
        "20:00-24:00"
            .parse::<OfficeHours>()
            .map(|h| h.minutes_a_day()),
        Ok(240)
    );
}

#[test]
fn office_hours_out_of_order_or_of_no_use_are_refused() {
    for (text, is) in [
        ("14:00-17:30 08:30-12:00", "order"),
        ("08:00-12:00 11:00-17:30", "order"),
        ("", "short"),
        ("08:00-08:30", "short"),
        ("12:00-08:00", "spell"),
        ("08:00-24:30", "spell"),
        ("8-12", "spell"),
        ("+8:00-12:00", "spell"),
    ] {
        let bad = text.parse::<OfficeHours>().expect_err(text);
        let kind = match bad {
            BadHours::Spell { .. } => "spell",
            BadHours::Order { .. } => "order",
            BadHours::Short { .. } => "short",
        };
        assert_eq!(kind, is, "{text}");
    }
}

#[test]
fn an_evening_shift_ends_on_its_own_day() {
    let china = Calendar::china().with_hours("20:00-24:00".parse().expect("these are hours"));
    let due = clock(&china, "2026-09-21T20:00", "4wh");
    assert_eq!(
        (due.at, due.last_day),
        (at(&china, "2026-09-22T00:00"), day("2026-09-21"))
    );
}

#[test]
fn spans_are_read_in_short_in_words_and_from_the_wire() {
    let five = Span::new(5, Unit::WorkingDay);
    for text in [
        "5wd",
        "5 wd",
        " 5 working days ",
        "5 working_day",
        "5 Working Day",
    ] {
        assert_eq!(text.parse(), Ok(five), "{text}");
    }
    for text in [
        r#"{"amount":5,"unit":"working_day"}"#,
        r#"{"amount":5,"unit":"wd"}"#,
    ] {
        assert_eq!(serde_json::from_str::<Span>(text).expect(text), five);
    }
    let text = serde_json::to_string(&five).expect("a span is data");
    assert_eq!(text, r#"{"amount":5,"unit":"working_day"}"#);
    assert_eq!(five.to_string(), "5 working days");
    assert_eq!(Span::new(1, Unit::UrgentHour).to_string(), "1 urgent hour");
    for unit in ["wd", "nd", "rd", "wh", "uh"] {
        assert_eq!(unit.parse::<Unit>().map(Unit::short), Ok(unit));
    }
}

#[test]
fn a_span_that_does_not_say_which_days_is_refused() {
    let bad = |text: &str| text.parse::<Span>().expect_err(text);
    assert_eq!(
        bad("7d"),
        BadSpan::Kind {
            text: "7d".to_owned()
        }
    );
    assert_eq!(
        bad("7 days"),
        BadSpan::Kind {
            text: "7 days".to_owned()
        }
    );
    assert_eq!(
        bad("7 moons"),
        BadSpan::Unit {
            text: "7 moons".to_owned()
        }
    );
    assert_eq!(
        bad("wd"),
        BadSpan::Amount {
            text: "wd".to_owned()
        }
    );
    assert_eq!(
        bad("-1wd"),
        BadSpan::Amount {
            text: "-1wd".to_owned()
        }
    );
    assert_eq!(
        bad("99999999999wd"),
        BadSpan::Amount {
            text: "99999999999wd".to_owned()
        }
    );
}

#[test]
fn a_due_survives_the_wire() {
    let due = clock(&Calendar::china(), "2024-09-13T10:00", "2wd");
    let text = serde_json::to_string(&due).expect("a due is data");
    assert_eq!(
        serde_json::from_str::<Due>(&text).expect("it was written above"),
        due
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn working_hours_agree_with_counting_minutes(start in 0i64..500_000, hours in 0u32..40) {
        let china = Calendar::china();
        let from = instant("2025-06-01T00:00:00Z") + start.minutes();
        let due = china.due(from, Span::new(hours, Unit::WorkingHour));
        let open = |at: jiff::Timestamp| {
            let local = china.zone().to_datetime(at);
            let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
            china.is_working_day(local.date()) == Ok(true)
                && ((510..720).contains(&minute) || (840..1050).contains(&minute))
        };
        let mut now = from;
        let mut left = hours * 60;
        while left > 0 || (hours == 0 && !open(now)) {
            if open(now) {
                left -= 1;
            }
            now += 1.minute();
        }
        prop_assert_eq!(due.at, now);
    }

    #[test]
    fn a_longer_clock_never_ends_earlier(start in 0i64..900_000, amount in 0u32..200, unit in 0usize..5) {
        let china = Calendar::china();
        let from = instant("2024-12-01T00:00:00Z") + start.minutes();
        let unit = [Unit::WorkingDay, Unit::NaturalDay, Unit::RolledDay, Unit::WorkingHour, Unit::UrgentHour][unit];
        let short = china.due(from, Span::new(amount, unit));
        let long = china.due(from, Span::new(amount + 1, unit));
        prop_assert!(from <= short.at && short.at <= long.at);
    }
}
