//! On time, late, missed; years, zones, jitter.

use super::*;

fn daily(office: &mut Office, catch_up: &str) {
    office.defined(json!({"cron": "30 8 * * *", "catch_up": catch_up}));
}

#[test]
fn an_occurrence_fires_on_time_and_the_next_is_planned() {
    let mut office = Office::at("2026-03-03T10:00");
    daily(&mut office, "latest");
    let events = office.ring("2026-03-04T08:31");
    assert_eq!(
        diary(&events),
        ["fired s@2026-03-04T08:30", "planned s@2026-03-05T08:30"]
    );
    assert!(
        matches!(&events[0], Event::OccurrenceFired { due, .. } if *due == t("2026-03-04T08:30"))
    );
}

#[test]
fn after_a_gap_the_latest_fires_late_and_says_why() {
    let mut office = Office::at("2026-03-03T10:00");
    daily(&mut office, "latest");
    let events = office.ring("2026-03-06T10:15");
    let expected = [
        "missed s@2026-03-04T08:30",
        "planned s@2026-03-05T08:30",
        "missed s@2026-03-05T08:30",
        "planned s@2026-03-06T08:30",
        "late s@2026-03-06T08:30",
        "planned s@2026-03-07T08:30",
    ];
    assert_eq!(diary(&events), expected);
    assert!(
        matches!(&events[4], Event::OccurrenceLate { why, .. } if why == "due at 2026-03-06 08:30, found at 2026-03-06 10:15: nothing ran here in between")
    );
}

#[test]
fn what_is_more_than_a_day_old_is_missed_however_one_catches_up() {
    let mut office = Office::at("2026-03-03T10:00");
    office.defined(json!({"cron": "30 8 * * MON", "catch_up": "all"}));
    assert_eq!(
        ends(&office.ring("2026-03-10T08:31")),
        ["missed s@2026-03-09T08:30"]
    );
}

#[test]
fn all_of_the_last_day_can_be_made_up_for() {
    let mut office = Office::at("2026-03-03T10:00");
    office.defined(json!({"cron": "0 */6 * * *", "catch_up": "all"}));
    let ended = ends(&office.ring("2026-03-04T19:00"));
    assert_eq!(
        ended,
        [
            "missed s@2026-03-03T12:00",
            "missed s@2026-03-03T18:00",
            "late s@2026-03-04T00:00",
            "late s@2026-03-04T06:00",
            "late s@2026-03-04T12:00",
            "late s@2026-03-04T18:00"
        ]
    );
}

#[test]
fn a_schedule_may_make_up_for_nothing() {
    let mut office = Office::at("2026-03-03T10:00");
    daily(&mut office, "none");
    assert_eq!(
        ends(&office.ring("2026-03-04T08:32")),
        ["missed s@2026-03-04T08:30"]
    );
    assert_eq!(
        ends(&office.ring("2026-03-05T08:30")),
        ["fired s@2026-03-05T08:30"]
    );
}

#[test]
fn a_long_gap_is_worked_off_in_bounded_steps_and_each_occurrence_ends_once() {
    let mut office = Office::at("2026-03-03T10:00");
    office.defined(json!({"cron": "* * * * *"}));
    let ended = ends(&office.ring("2026-03-05T10:00:30"));
    assert_eq!(ended.len(), 2 * 24 * 60);
    assert_eq!(
        ended
            .iter()
            .filter(|end| end.starts_with("fired"))
            .collect::<Vec<_>>(),
        ["fired s@2026-03-05T10:00"]
    );
    assert_eq!(office.bench.book.due(), Some(t("2026-03-05T10:01")));
}

#[test]
fn occurrences_on_working_days_follow_the_calendar() {
    // Saturday 9 May is worked; 1 to 5 May are off.
    let mut office = Office::at("2026-04-30T10:00");
    office.defined(json!({"cron": "30 8 * * *", "days": "working"}));
    let ended = ends(&office.live("2026-05-10T12:00"));
    assert_eq!(
        ended,
        [
            "fired s@2026-05-06T08:30",
            "fired s@2026-05-07T08:30",
            "fired s@2026-05-08T08:30",
            "fired s@2026-05-09T08:30"
        ]
    );
}

#[test]
fn a_schedule_waits_for_the_calendar_of_the_next_year_and_then_goes_on() {
    let mut office = Office::at("2026-12-31T08:00");
    office.defined(json!({"cron": "30 8 * * *", "days": "working"}));
    assert_eq!(
        diary(&office.live("2027-01-04T12:00")),
        ["fired s@2026-12-31T08:30", "waiting 2027"]
    );
    assert_eq!(office.bench.book.due(), None);
    assert_eq!(diary(&office.published(2028)), Vec::<String>::new());
    assert_eq!(
        diary(&office.published(2027)),
        ["planned s@2027-01-01T08:30"]
    );
    let ended = ends(&office.ring("2027-01-04T12:00"));
    assert_eq!(
        ended,
        ["missed s@2027-01-01T08:30", "late s@2027-01-04T08:30"]
    );
    assert!(office.published(2027).is_empty());
}

#[test]
fn a_schedule_defined_into_an_unknown_year_waits_from_the_start() {
    let mut office = Office::at("2026-12-31T10:00");
    assert_eq!(
        diary(&office.defined(json!({"cron": "30 8 * * *", "days": "working"}))),
        ["schedule.defined", "waiting 2027"]
    );
    let fill = Command::Backfill {
        code: "s".into(),
        from: t("2026-12-30T00:00"),
        to: t("2026-12-31T09:00"),
        dry_run: false,
    };
    assert_eq!(office.wish(&fill).expect("that year is known").len(), 2);
    assert_eq!(
        diary(&office.on("2027-01-02T10:00").published(2027)),
        ["planned s@2027-01-01T08:30"]
    );
}

#[test]
fn every_day_needs_no_calendar() {
    let mut office = Office::at("2026-12-31T08:00");
    daily(&mut office, "latest");
    assert_eq!(
        ends(&office.live("2027-01-01T12:00")),
        ["fired s@2026-12-31T08:30", "fired s@2027-01-01T08:30"]
    );
}

#[test]
fn a_time_that_the_clocks_pass_over_comes_right_after() {
    let zone = "America/New_York";
    let mut office = Office::at_instant(zoned("2026-03-07T12:00", zone));
    office.defined(json!({"cron": "30 2 * * *", "zone": zone}));
    office.defined(json!({"cron": "30 2 * * *", "zone": zone, "gap": "skip", "code": "k"}));
    let events = office.ring_at(zoned("2026-03-08T03:00", zone));
    assert_eq!(
        diary(&events),
        ["fired s@2026-03-08T02:30", "planned s@2026-03-09T02:30"]
    );
    assert_eq!(
        ends(&office.ring_at(zoned("2026-03-09T02:30", zone))),
        ["fired k@2026-03-09T02:30", "fired s@2026-03-09T02:30"]
    );
}

#[test]
fn a_time_that_comes_twice_fires_once_unless_both_are_wanted() {
    let zone = "America/New_York";
    let mut office = Office::at_instant(zoned("2026-10-31T12:00", zone));
    for (code, fold) in [("first", "first"), ("last", "last"), ("both", "both")] {
        office.defined(json!({"cron": "30 1 * * *", "zone": zone, "fold": fold, "code": code}));
    }
    let mut ended = Vec::new();
    while let Some(due) = office
        .bench
        .book
        .due()
        .filter(|due| *due <= zoned("2026-11-01T12:00", zone))
    {
        let events = office.ring_at(due);
        ended.extend(
            ends(&events)
                .into_iter()
                .map(|end| format!("{end} {}", due.strftime("%H:%M"))),
        );
    }
    assert_eq!(
        ended,
        [
            "fired both@2026-11-01T01:30 05:30",
            "fired first@2026-11-01T01:30 05:30",
            "fired both@2026-11-01T01:30~2 06:30",
            "fired last@2026-11-01T01:30 06:30"
        ]
    );
}

#[test]
fn jitter_delays_each_occurrence_by_its_own_amount_and_loses_none() {
    let run = || {
        let mut office = Office::at("2026-03-03T10:00");
        office.defined(json!({"cron": "0 * * * *", "jitter": 3_000}));
        office.live("2026-03-05T09:59")
    };
    let events = run();
    assert_eq!(ends(&events).len(), 47);
    let delays: BTreeSet<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::OccurrenceFired { nominal, due, .. } => {
                Some(due.duration_since(t(&nominal.to_string())).as_secs())
            }
            _ => None,
        })
        .collect();
    assert!(
        delays.len() > 30 && delays.iter().all(|delay| (0..=3_000).contains(delay)),
        "{delays:?}"
    );
    assert_eq!(events, run(), "the same delays each time");
}
