//! Working days, mornings and versions of tables.
//!
//! The counts per year and quarter are those of the published notices; the
//! property compares counting with a walk that knows nothing of the code.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::{at, day, instant, new_york, zone};
use crate::{BadTable, Calendar, UnknownYear, YearTable};

fn table(year: i16, off: &[&str], work: &[&str]) -> YearTable {
    YearTable {
        year,
        off: off.iter().map(|date| day(date)).collect(),
        work: work.iter().map(|date| day(date)).collect(),
        version: format!("cn-{year}"),
        source: "test".to_owned(),
    }
}

fn working_days(from: &str, to: &str) -> usize {
    let china = Calendar::china();
    let days = day(from)
        .series(1.day())
        .take_while(|date| *date <= day(to));
    days.filter(|date| china.is_working_day(*date) == Ok(true))
        .count()
}

#[test]
fn years_have_the_working_days_of_their_notices() {
    for (year, count) in [
        (2021, 250),
        (2022, 249),
        (2023, 249),
        (2024, 251),
        (2025, 248),
        (2026, 248),
    ] {
        let (from, to) = (format!("{year}-01-01"), format!("{year}-12-31"));
        assert_eq!(working_days(&from, &to), count, "{year}");
    }
}

#[test]
fn quarters_have_the_working_days_of_their_notices() {
    for (year, counts) in [(2025, [59, 61, 67, 61]), (2026, [59, 61, 66, 62])] {
        let ends = ["03-31", "06-30", "09-30", "12-31"];
        let starts = ["01-01", "04-01", "07-01", "10-01"];
        for ((start, end), count) in starts.iter().zip(ends).zip(counts) {
            let (from, to) = (format!("{year}-{start}"), format!("{year}-{end}"));
            assert_eq!(working_days(&from, &to), count, "{from}");
        }
    }
}

#[test]
fn built_in_tables_are_sound_and_name_their_source() {
    for table in crate::table::china() {
        assert_eq!(table.check(), Ok(()));
        assert_eq!(table.version, format!("cn-{}", table.year));
        assert!(table.source.contains("State Council"), "{}", table.source);
        assert!(table.source.contains("holiday-cn"), "{}", table.source);
        for date in &table.work {
            assert!(
                crate::calendar::is_weekend(*date),
                "{date} is worked anyway"
            );
        }
    }
}

#[test]
fn holidays_are_off_and_their_make_up_days_are_worked() {
    let china = Calendar::china();
    for date in [
        "2026-02-15",
        "2026-02-23",
        "2025-10-08",
        "2024-02-17",
        "2023-01-02",
        "2021-02-11",
    ] {
        assert_eq!(china.is_working_day(day(date)), Ok(false), "{date}");
    }
    for date in [
        "2026-02-14",
        "2026-02-28",
        "2025-01-26",
        "2024-04-28",
        "2023-10-07",
        "2021-09-18",
    ] {
        assert_eq!(china.is_working_day(day(date)), Ok(true), "{date}");
    }
}

#[test]
fn a_notice_overrules_the_december_before_it() {
    let notice = table(2027, &["2026-12-31"], &["2026-12-27"]);
    let china = Calendar::china();
    assert_eq!(china.is_working_day(day("2026-12-31")), Ok(true));
    let china = china.with_year(notice);
    assert_eq!(china.is_working_day(day("2026-12-31")), Ok(false));
    assert_eq!(china.is_working_day(day("2026-12-27")), Ok(true));
    assert_eq!(china.is_working_day(day("2026-12-30")), Ok(true));
}

#[test]
fn an_unknown_year_is_an_answer_and_never_the_weekend() {
    let china = Calendar::china();
    let unknown = Err(UnknownYear { year: 2027 });
    assert_eq!(china.is_working_day(day("2027-01-02")), unknown);
    assert_eq!(china.is_working_day(day("2027-06-16")), unknown);
    assert_eq!(
        china.add_working_days(day("2026-12-31"), 1),
        Err(UnknownYear { year: 2027 })
    );
    assert_eq!(
        china.add_working_days(day("2021-01-04"), -1),
        Err(UnknownYear { year: 2020 })
    );
    assert_eq!(
        china.working_days_between(day("2026-12-30"), day("2027-01-04")),
        Err(UnknownYear { year: 2027 })
    );
    let evening = at(&china, "2026-12-31T09:00");
    assert_eq!(china.next_morning(evening), Err(UnknownYear { year: 2027 }));
    assert_eq!(
        china.morning_after(evening, 1),
        Err(UnknownYear { year: 2027 })
    );
    assert_eq!(
        UnknownYear { year: 2027 }.to_string(),
        "no table of working days for 2027"
    );
    assert_eq!(
        UnknownYear { year: 2027 }.hint(),
        "Publish the calendar of 2027."
    );
    assert!(china.knows(2026) && !china.knows(2027));
    assert!(china.with_year(table(2027, &[], &[])).knows(2027));
}

#[test]
fn no_working_days_lead_nowhere_even_from_an_unknown_year() {
    let china = Calendar::china();
    assert_eq!(
        china.add_working_days(day("2030-01-01"), 0),
        Ok(day("2030-01-01"))
    );
    assert_eq!(
        china.add_working_days(day("2027-01-01"), -1),
        Ok(day("2026-12-31"))
    );
}

#[test]
fn the_end_of_the_almanac_is_an_unknown_year() {
    let off: BTreeSet<Date> = day("9999-12-01").series(1.day()).collect();
    let doomed = YearTable {
        off,
        ..table(9999, &[], &[])
    };
    let calendar = Calendar::new(TimeZone::UTC).with_year(doomed);
    assert_eq!(
        calendar.add_working_days(day("9999-11-30"), 1),
        Err(UnknownYear { year: 10000 })
    );
    let due = super::clock(&calendar, "9999-11-30T00:00", "1wd");
    assert_eq!(due.last_day, Date::MAX);
}

#[test]
fn the_version_names_runs_of_tables_and_every_exception() {
    let china = Calendar::china();
    assert_eq!(china.version(), "cn-2021..2026");
    assert_eq!(Calendar::new(TimeZone::UTC).version(), "none");
    assert_eq!(
        china.with_year(table(2027, &[], &[])).version(),
        "cn-2021..2027"
    );
    assert_eq!(
        china.with_year(table(2029, &[], &[])).version(),
        "cn-2021..2026+cn-2029"
    );
    let corrected = YearTable {
        version: "cn-2026b".to_owned(),
        ..table(2026, &[], &[])
    };
    assert_eq!(
        china.with_year(corrected).version(),
        "cn-2021..2025+cn-2026b"
    );
}

#[test]
fn changing_a_copy_leaves_the_calendar_alone() {
    let china = Calendar::china();
    let moved = china
        .with_year(table(2026, &[], &[]))
        .with_zone(TimeZone::UTC);
    assert_eq!(moved.is_working_day(day("2026-10-01")), Ok(true));
    assert_eq!(china.is_working_day(day("2026-10-01")), Ok(false));
    assert_eq!(china.zone().iana_name(), Some("Asia/Shanghai"));
}

#[test]
fn a_table_with_a_day_of_two_kinds_or_of_another_year_is_refused() {
    let both = table(2026, &["2026-05-01"], &["2026-05-01"]);
    assert_eq!(
        both.check(),
        Err(BadTable::Both {
            date: day("2026-05-01")
        })
    );
    let elsewhere = table(2026, &["2025-11-30"], &[]);
    let date = day("2025-11-30");
    assert_eq!(
        elsewhere.check(),
        Err(BadTable::Elsewhere { date, year: 2026 })
    );
    assert_eq!(
        table(2026, &["2025-12-31", "2026-01-01"], &[]).check(),
        Ok(())
    );
}

#[test]
fn a_table_survives_the_wire() {
    let sent = table(2027, &["2027-01-01"], &["2027-01-03"]);
    let text = serde_json::to_string(&sent).expect("a table is data");
    assert_eq!(
        text,
        r#"{"year":2027,"off":["2027-01-01"],"work":["2027-01-03"],"version":"cn-2027","source":"test"}"#
    );
    assert_eq!(
        serde_json::from_str::<YearTable>(&text).expect("it was written above"),
        sent
    );
}

#[test]
fn the_next_morning_is_the_first_opening_not_yet_past() {
    let china = Calendar::china();
    for (from, morning) in [
        ("2026-09-18T08:29", "2026-09-18T08:30"),
        ("2026-09-18T08:30", "2026-09-18T08:30"),
        ("2026-09-18T08:31", "2026-09-20T08:30"),
        ("2026-09-30T23:00", "2026-10-08T08:30"),
        ("2026-02-14T00:00", "2026-02-14T08:30"),
    ] {
        assert_eq!(
            china.next_morning(at(&china, from)),
            Ok(at(&china, morning)),
            "{from}"
        );
    }
}

#[test]
fn mornings_are_counted_from_the_day_that_ended_at_midnight() {
    let china = Calendar::china();
    let due = super::clock(&china, "2024-08-25T10:00", "15wd").at;
    for (from, days, morning) in [
        (due, -1, "2024-09-12T08:30"),
        (due, -3, "2024-09-10T08:30"),
        (due, 0, "2024-09-13T08:30"),
        (due, 1, "2024-09-14T08:30"),
        (due, 2, "2024-09-18T08:30"),
        (at(&china, "2024-09-14T00:01"), 1, "2024-09-18T08:30"),
        (at(&china, "2024-09-13T23:59"), 1, "2024-09-14T08:30"),
        (at(&china, "2024-09-15T12:00"), 0, "2024-09-18T08:30"),
    ] {
        assert_eq!(
            china.morning_after(from, days),
            Ok(at(&china, morning)),
            "{from} {days:+}"
        );
    }
}

#[test]
fn mornings_follow_the_office_hours() {
    let hours = "09:00-12:00 13:00-18:00"
        .parse()
        .expect("these are office hours");
    let china = Calendar::china().with_hours(hours);
    let morning = china.next_morning(at(&china, "2026-09-18T08:45"));
    assert_eq!(morning, Ok(at(&china, "2026-09-18T09:00")));
}

#[test]
fn a_wall_time_in_a_gap_is_the_first_instant_after_it() {
    let calendar = new_york();
    assert_eq!(
        at(&calendar, "2025-03-09T02:30"),
        instant("2025-03-09T07:00:00Z")
    );
    assert_eq!(
        at(&calendar, "2025-11-02T01:30"),
        instant("2025-11-02T05:30:00Z")
    );
}

#[test]
fn a_day_ends_where_the_next_begins_whatever_clocks_do() {
    // Cairo sets its clocks forward at 00:00; Samoa left out a whole day.
    let cairo = Calendar::new(zone("Africa/Cairo"));
    let end = cairo.end_of_day(day("2025-04-24"));
    assert_eq!(end, instant("2025-04-24T22:00:00Z"));
    assert_eq!(cairo.date_of(end), day("2025-04-25"));
    assert_eq!(cairo.day_ended_by(end), day("2025-04-24"));
    let apia = Calendar::new(zone("Pacific/Apia"));
    assert_eq!(
        apia.end_of_day(day("2011-12-29")),
        apia.end_of_day(day("2011-12-30"))
    );
}

#[test]
fn times_at_the_ends_of_the_range_are_cut_off() {
    let calendar = new_york();
    assert_eq!(calendar.end_of_day(Date::MAX), jiff::Timestamp::MAX);
    assert_eq!(
        calendar
            .at(Date::MIN, 0, 0)
            .min(instant("-009999-01-03T00:00Z")),
        calendar.at(Date::MIN, 0, 0)
    );
    assert_eq!(
        calendar.at(day("2026-01-01"), 25, 0),
        calendar.at(day("2026-01-02"), 1, 0)
    );
}

/// Counts working days on a list of the days of 2021–2026 that are worked.
fn walk(from: Date, n: i32) -> Option<Date> {
    let china = Calendar::china();
    let all = day("2021-01-01")
        .series(1.day())
        .take_while(|date| date.year() < 2027);
    let worked: Vec<Date> = all
        .filter(|date| china.is_working_day(*date) == Ok(true))
        .collect();
    let steps = usize::try_from(n.unsigned_abs()).ok()?;
    if n > 0 {
        worked
            .iter()
            .filter(|date| **date > from)
            .nth(steps - 1)
            .copied()
    } else {
        worked
            .iter()
            .rev()
            .filter(|date| **date < from)
            .nth(steps - 1)
            .copied()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counting_working_days_agrees_with_a_walk(start in 0i32..2191, n in -400i32..400) {
        prop_assume!(n != 0);
        let china = Calendar::china();
        let from = day("2021-01-01") + start.days();
        let there = china.add_working_days(from, n);
        prop_assert_eq!(there.ok(), walk(from, n));
        if let Ok(there) = there {
            prop_assert_eq!(china.working_days_between(from, there), Ok(n));
        }
    }
}
