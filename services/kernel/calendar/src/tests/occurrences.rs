//! The next occurrence, against examples and against a clock watched minute by minute.
//!
//! The oracle knows the zone's offsets only: it looks at every minute of real
//! time and asks what the wall clock shows, so it shares nothing with the search.

use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};
use picket_schemas::schedule::{Days, Fold, Gap};
use proptest::prelude::*;

use super::{at, cron, day, instant, new_york, zone};
use crate::{Calendar, NextOccurrence, Nominal, Recurrence, RecurrenceRule};

fn rule(days: Days, gap: Gap, fold: Fold) -> RecurrenceRule {
    RecurrenceRule {
        days,
        gap,
        fold,
        ..RecurrenceRule::default()
    }
}

/// The instants an expression fires at after `from`, before `to`.
fn fires(
    expression: &str,
    rule: &RecurrenceRule,
    calendar: &Calendar,
    from: &str,
    to: &str,
) -> Vec<String> {
    let (mut after, to) = (instant(from), instant(to));
    let mut fired = Vec::new();
    while let NextOccurrence::At(next) = cron(expression).next(after, rule, calendar) {
        assert!(next.at > after, "{} after {after}", next.at);
        after = next.at;
        if after >= to {
            break;
        }
        fired.push(after.to_string());
    }
    fired
}

fn first(expression: &str, rule: &RecurrenceRule, calendar: &Calendar, after: &str) -> Nominal {
    match cron(expression).next(at(calendar, after), rule, calendar) {
        NextOccurrence::At(next) => next,
        other => panic!("{expression} gives {other:?}"),
    }
}

#[test]
fn an_occurrence_is_strictly_after_the_instant_asked_from() {
    let china = Calendar::china();
    let any = RecurrenceRule::default();
    let next = first("30 8 * * MON", &any, &china, "2026-09-18T10:00");
    assert_eq!(next.at, at(&china, "2026-09-21T08:30"));
    assert_eq!(next.local, day("2026-09-21").at(8, 30, 0, 0));
    let next = first("30 8 * * MON", &any, &china, "2026-09-21T08:30");
    assert_eq!(next.at, at(&china, "2026-09-28T08:30"));
    let almost = at(&china, "2026-09-21T08:30") - 1.nanosecond();
    let next = cron("30 8 * * MON").next(almost, &any, &china);
    assert!(matches!(next, NextOccurrence::At(next) if next.at == at(&china, "2026-09-21T08:30")));
}

#[test]
fn a_day_of_the_month_and_a_weekday_must_both_hold() {
    let china = Calendar::china();
    let next = first(
        "0 9 13 * FRI",
        &RecurrenceRule::default(),
        &china,
        "2026-03-13T09:00",
    );
    assert_eq!(next.at, at(&china, "2026-11-13T09:00"));
}

#[test]
fn the_twenty_ninth_of_february_is_found_four_years_on() {
    let china = Calendar::china();
    let next = first(
        "0 9 29 2 *",
        &RecurrenceRule::default(),
        &china,
        "2024-02-29T12:00",
    );
    assert_eq!(next.at, at(&china, "2028-02-29T09:00"));
}

#[test]
fn working_days_pass_over_holidays_and_take_make_up_days() {
    let china = Calendar::china();
    let working = rule(Days::Working, Gap::Shift, Fold::First);
    for (after, then) in [
        ("2026-09-18T08:30", "2026-09-20T08:30"),
        ("2026-09-30T09:00", "2026-10-08T08:30"),
        ("2026-10-09T09:00", "2026-10-10T08:30"),
    ] {
        assert_eq!(
            first("30 8 * * *", &working, &china, after).at,
            at(&china, then),
            "{after}"
        );
    }
}

#[test]
fn days_off_are_weekends_that_are_not_worked_and_holidays() {
    let china = Calendar::china();
    let off = rule(Days::NonWorking, Gap::Shift, Fold::First);
    for (after, then) in [
        ("2026-09-18T08:00", "2026-09-19T00:00"),
        ("2026-09-19T23:59", "2026-09-25T00:00"),
        ("2026-09-27T23:59", "2026-10-01T00:00"),
    ] {
        assert_eq!(
            first("* * * * *", &off, &china, after).at,
            at(&china, then),
            "{after}"
        );
    }
}

#[test]
fn a_year_without_a_table_is_asked_for() {
    let china = Calendar::china();
    let from = at(&china, "2026-12-31T09:00");
    for days in [Days::Working, Days::NonWorking] {
        let rule = rule(days, Gap::Shift, Fold::First);
        assert_eq!(
            cron("30 8 * * *").next(from, &rule, &china),
            NextOccurrence::NeedsYear(2027)
        );
    }
    let next = cron("30 8 * * *").next(from, &RecurrenceRule::default(), &china);
    assert!(matches!(next, NextOccurrence::At(next) if next.at == at(&china, "2027-01-01T08:30")));
    // A candidate of a known year comes first even if the year after is unknown.
    let working = rule(Days::Working, Gap::Shift, Fold::First);
    let next = first("0 18 * * *", &working, &china, "2026-12-31T09:00");
    assert_eq!(next.at, at(&china, "2026-12-31T18:00"));
}

#[test]
fn what_the_days_never_allow_never_comes() {
    let mut calendar = Calendar::china();
    for year in 2026..2033 {
        calendar = calendar.with_year(crate::YearTable {
            year,
            off: [].into(),
            work: [].into(),
            version: format!("plain-{year}"),
            source: "test".to_owned(),
        });
    }
    let working = rule(Days::Working, Gap::Shift, Fold::First);
    let from = at(&calendar, "2026-01-01T00:00");
    assert_eq!(
        cron("0 9 * * SUN").next(from, &working, &calendar),
        NextOccurrence::Never
    );
    let late = instant("2100-12-31T23:59:00Z");
    assert_eq!(
        cron("0 9 * * *").next(late, &RecurrenceRule::default(), &calendar),
        NextOccurrence::Never
    );
}

#[test]
fn the_ends_of_the_range_are_no_trap() {
    let china = Calendar::china();
    for at in [Timestamp::MIN, Timestamp::MAX] {
        assert_eq!(
            cron("0 9 * * *").next(at, &RecurrenceRule::default(), &china),
            NextOccurrence::Never
        );
    }
}

#[test]
fn a_time_in_the_spring_gap_fires_once_right_after_it() {
    let days = ("2025-03-08T12:00:00Z", "2025-03-10T12:00:00Z");
    let shift = rule(Days::Any, Gap::Shift, Fold::First);
    let daily = fires("30 2 * * *", &shift, &new_york(), days.0, days.1);
    assert_eq!(daily, ["2025-03-09T07:00:00Z", "2025-03-10T06:30:00Z"]);
    let hours = ("2025-03-09T06:00:00Z", "2025-03-09T08:00:00Z");
    let often = fires("*/30 * * * *", &shift, &new_york(), hours.0, hours.1);
    assert_eq!(
        often,
        [
            "2025-03-09T06:30:00Z",
            "2025-03-09T07:00:00Z",
            "2025-03-09T07:30:00Z"
        ]
    );
    let named = first("30 2 * * *", &shift, &new_york(), "2025-03-08T12:00");
    assert_eq!(named.local, day("2025-03-09").at(2, 30, 0, 0));
}

#[test]
fn a_time_in_the_spring_gap_may_be_skipped() {
    let days = ("2025-03-08T12:00:00Z", "2025-03-10T12:00:00Z");
    let skip = rule(Days::Any, Gap::Skip, Fold::First);
    let daily = fires("30 2 * * *", &skip, &new_york(), days.0, days.1);
    assert_eq!(daily, ["2025-03-10T06:30:00Z"]);
}

#[test]
fn a_time_in_the_autumn_fold_fires_first_last_or_both() {
    let days = ("2025-11-01T12:00:00Z", "2025-11-02T12:00:00Z");
    let early = "2025-11-02T05:30:00Z";
    let late = "2025-11-02T06:30:00Z";
    for (fold, fired) in [
        (Fold::First, vec![early]),
        (Fold::Last, vec![late]),
        (Fold::Both, vec![early, late]),
    ] {
        let rule = rule(Days::Any, Gap::Shift, fold);
        assert_eq!(
            fires("30 1 * * *", &rule, &new_york(), days.0, days.1),
            fired,
            "{fold:?}"
        );
    }
}

#[test]
fn both_passes_of_a_fold_come_in_order() {
    let hours = ("2025-11-02T04:30:00Z", "2025-11-02T07:30:00Z");
    let both = rule(Days::Any, Gap::Shift, Fold::Both);
    let fired = fires("*/30 * * * *", &both, &new_york(), hours.0, hours.1);
    let expected =
        ["05:00", "05:30", "06:00", "06:30", "07:00"].map(|t| format!("2025-11-02T{t}:00Z"));
    assert_eq!(fired, expected);
}

#[test]
fn jitter_is_the_same_everywhere_and_within_its_bound() {
    let china = Calendar::china();
    let jittered = |seed: &str, jitter_s| RecurrenceRule {
        jitter_s,
        seed: seed.to_owned(),
        ..RecurrenceRule::default()
    };
    let next = first(
        "30 8 * * *",
        &jittered("patrol", 600),
        &china,
        "2026-09-18T10:00",
    );
    assert_eq!(next.jitter_s, PATROL_JITTER);
    assert_eq!(
        next.fires_at(),
        next.at + i64::from(PATROL_JITTER).seconds()
    );
    let other = first(
        "30 8 * * *",
        &jittered("sweep", 600),
        &china,
        "2026-09-18T10:00",
    );
    assert_ne!(next.jitter_s, other.jitter_s);
    assert_eq!(
        first(
            "30 8 * * *",
            &jittered("patrol", 0),
            &china,
            "2026-09-18T10:00"
        )
        .jitter_s,
        0
    );
    let mut seen = std::collections::BTreeSet::new();
    let mut after = at(&china, "2026-01-01T00:00");
    for _ in 0..200 {
        let NextOccurrence::At(next) = cron("30 8 * * *").next(after, &jittered("a", 3), &china)
        else {
            panic!("a daily schedule goes on");
        };
        seen.insert(next.jitter_s);
        after = next.at;
    }
    assert_eq!(seen, [0, 1, 2, 3].into());
    let most = first(
        "30 8 * * *",
        &jittered("a", u32::MAX),
        &china,
        "2026-01-01T00:00",
    );
    assert!(most.fires_at() > most.at);
}

/// Recorded once: stored schedules rely on it.
const PATROL_JITTER: u32 = 316;

#[test]
fn a_rule_is_read_with_its_defaults() {
    let rule: RecurrenceRule = serde_json::from_str("{}").expect("every part has a default");
    assert_eq!(rule, RecurrenceRule::default());
    let rule: RecurrenceRule = serde_json::from_str(
        r#"{"days":"non_working","gap":"skip","fold":"both","jitter_s":60,"seed":"S-1"}"#,
    )
    .expect("these are the names of the wire");
    assert_eq!(
        rule,
        RecurrenceRule {
            days: Days::NonWorking,
            gap: Gap::Skip,
            fold: Fold::Both,
            jitter_s: 60,
            seed: "S-1".to_owned()
        }
    );
}

/// An expression as sets, written down beside its text.
#[derive(Clone, Debug)]
struct Pattern {
    minutes: Vec<i8>,
    hours: Vec<i8>,
    days: Vec<i8>,
    weekdays: Vec<usize>,
}

const NAMES: [&str; 7] = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

impl Pattern {
    fn shows(&self, local: DateTime) -> bool {
        let weekday = local.weekday().to_monday_zero_offset();
        let weekday = usize::try_from(weekday).expect("an offset is not negative");
        let in_list = |list: &[i8], n: i8| list.is_empty() || list.contains(&n);
        in_list(&self.minutes, local.minute())
            && in_list(&self.hours, local.hour())
            && in_list(&self.days, local.day())
            && (self.weekdays.is_empty() || self.weekdays.contains(&weekday))
    }

    fn expression(&self) -> String {
        let field = |list: &[i8]| {
            let list: Vec<String> = list.iter().map(i8::to_string).collect();
            if list.is_empty() {
                "*".to_owned()
            } else {
                list.join(",")
            }
        };
        let weekdays: Vec<&str> = self.weekdays.iter().map(|n| NAMES[*n]).collect();
        let weekdays = if weekdays.is_empty() {
            "*".to_owned()
        } else {
            weekdays.join(",")
        };
        let (minutes, hours) = (field(&self.minutes), field(&self.hours));
        format!("{minutes} {hours} {} * {weekdays}", field(&self.days))
    }
}

/// Watches the clock minute by minute after `from` and returns the first instant that fires.
fn watched(
    pattern: &Pattern,
    rule: &RecurrenceRule,
    calendar: &Calendar,
    from: Timestamp,
    minutes: u32,
) -> Option<Timestamp> {
    let zone = calendar.zone();
    let takes = |local: DateTime| match rule.days {
        Days::Any => true,
        Days::Working => calendar.is_working_day(local.date()) == Ok(true),
        Days::NonWorking => calendar.is_working_day(local.date()) == Ok(false),
    };
    let mut before = zone.to_datetime(from);
    let mut now = from;
    for _ in 0..minutes {
        now += 1.minute();
        let local = zone.to_datetime(now);
        let mut jumped = before + 1.minute();
        while jumped < local {
            if rule.gap == Gap::Shift && pattern.shows(jumped) && takes(jumped) {
                return Some(now);
            }
            jumped += 1.minute();
        }
        before = local;
        let seen = |hours: i64| zone.to_datetime(now + hours.minutes()) == local;
        let comes_again = seen(60) || seen(30);
        let came_before = seen(-60) || seen(-30);
        let counts = match rule.fold {
            Fold::First => !came_before,
            Fold::Last => !comes_again,
            Fold::Both => true,
        };
        if counts && pattern.shows(local) && takes(local) {
            return Some(now);
        }
    }
    None
}

fn patterns() -> impl Strategy<Value = Pattern> {
    let some = |range: std::ops::Range<i8>, most| {
        proptest::collection::btree_set(range, 0..most).prop_map(|set| set.into_iter().collect())
    };
    let weekdays = proptest::collection::btree_set(0usize..7, 0..4);
    (some(0..60, 4), some(0..24, 6), some(1..29, 3), weekdays).prop_map(
        |(minutes, hours, days, weekdays)| Pattern {
            minutes,
            hours,
            days,
            weekdays: weekdays.into_iter().collect(),
        },
    )
}

fn rules() -> impl Strategy<Value = RecurrenceRule> {
    let gaps = prop_oneof![Just(Gap::Shift), Just(Gap::Skip)];
    let folds = prop_oneof![Just(Fold::First), Just(Fold::Last), Just(Fold::Both)];
    (gaps, folds).prop_map(|(gap, fold)| rule(Days::Any, gap, fold))
}

/// Compares search and watch over `hours` after `from`, following the search from hit to hit.
fn agree(
    pattern: &Pattern,
    rule: &RecurrenceRule,
    calendar: &Calendar,
    from: Timestamp,
    hours: u32,
) {
    let Ok(recurrence) = Recurrence::parse(&pattern.expression()) else {
        return;
    };
    let end = from + i64::from(hours).hours();
    let mut after = from;
    for _ in 0..30 {
        let left = u32::try_from(end.duration_since(after).as_mins()).expect("the end is ahead");
        let found = match recurrence.next(after, rule, calendar) {
            NextOccurrence::At(next) if next.at <= end => Some(next.at),
            _ => None,
        };
        let expected = watched(pattern, rule, calendar, after, left);
        assert_eq!(
            found,
            expected,
            "`{}` after {after} by {rule:?}",
            pattern.expression()
        );
        let Some(found) = found else { return };
        after = found;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_search_agrees_with_watching_the_clock_through_a_gap(pattern in patterns(), rule in rules(), start in 0i64..1800) {
        let pattern = Pattern { days: vec![], weekdays: vec![], ..pattern };
        let from = instant("2025-03-08T04:00:00Z") + start.minutes();
        agree(&pattern, &rule, &new_york(), from, 30);
    }

    #[test]
    fn the_search_agrees_with_watching_the_clock_through_a_fold(pattern in patterns(), rule in rules(), start in 0i64..1800) {
        let pattern = Pattern { days: vec![], weekdays: vec![], ..pattern };
        let from = instant("2025-11-01T04:00:00Z") + start.minutes();
        agree(&pattern, &rule, &new_york(), from, 30);
    }

    #[test]
    fn the_search_agrees_with_watching_a_clock_that_moves_half_an_hour(pattern in patterns(), rule in rules(), start in 0i64..1200, spring: bool) {
        let pattern = Pattern { days: vec![], weekdays: vec![], ..pattern };
        let calendar = Calendar::new(zone("Australia/Lord_Howe"));
        let from = if spring { "2025-10-03T18:00:00Z" } else { "2025-04-04T18:00:00Z" };
        agree(&pattern, &rule, &calendar, instant(from) + start.minutes(), 24);
    }

    #[test]
    fn the_search_agrees_with_watching_the_calendar(pattern in patterns(), working: bool, start in 0i64..400_000) {
        let days = if working { Days::Working } else { Days::NonWorking };
        let rule = rule(days, Gap::Shift, Fold::First);
        let from = instant("2025-12-01T00:00:00Z") + start.minutes();
        agree(&pattern, &rule, &Calendar::china(), from, 24 * 20);
    }
}
