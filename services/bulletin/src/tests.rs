//! Bulletins as a clerk, an approver and a schedule see them.

use jiff::Timestamp;
use picket_book::{Bench, Book, Provenance};
use picket_schemas::bulletin::{Command, Event, Rounding};
use picket_schemas::registry::{Area, Event as Registry, Level, Person, Role};
use picket_schemas::schedule::{Does, Event as Schedule, RemindOf};
use picket_schemas::{Figures, Overrides, Printed, Refusal};

use crate::Bulletin;

const CLERK: &str = "420902/P-0041";
const APPROVER: &str = "420902/P-0042";
const SYSTEM: &str = "420902/system";

fn bench() -> Bench<Bulletin> {
    let mut bench = Bench::new("420902", "2023-07-01T02:00:00Z");
    bench.registered(&Registry::AreaDefined {
        area: Area {
            code: "420902".into(),
            name: "county".into(),
            level: Level::County,
            parent: None,
        },
    });
    for (id, roles) in [
        (CLERK, vec![Role::Clerk, Role::Approver]),
        (APPROVER, vec![Role::Approver]),
        ("420902/P-0017", vec![Role::Sentinel]),
    ] {
        let person = Person {
            id: id.into(),
            name: id.into(),
            roles: roles.into_iter().collect(),
            department: None,
            area: "420902".into(),
            certificate: None,
            language: None,
        };
        bench.registered(&Registry::PersonEnrolled { person });
    }
    bench
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("a test gives an RFC 3339 instant")
}

fn freeze(name: &str) -> Command {
    Command::Freeze {
        name: name.into(),
        from: None,
        as_of: None,
        rounding: Rounding::Over,
        overrides: Overrides::new(),
    }
}

fn settle(bulletin: &str) -> Command {
    Command::Settle {
        bulletin: bulletin.into(),
        positions: [("dispatch/420902".into(), (7, "ab".into()))].into(),
        figures: Figures::default(),
        areas: Default::default(),
        code_version: "0.1.0".into(),
    }
}

fn approve(bulletin: &str) -> Command {
    Command::Approve {
        bulletin: bulletin.into(),
    }
}

fn correct(bulletin: &str, reason: &str) -> Command {
    Command::Correct {
        bulletin: bulletin.into(),
        reason: reason.into(),
        overrides: None,
    }
}

fn fired(occurrence: &str, due: &str, does: Does) -> Schedule {
    Schedule::OccurrenceFired {
        occurrence: occurrence.into(),
        schedule: "monthly".into(),
        nominal: jiff::civil::datetime(2023, 7, 1, 8, 0, 0, 0),
        due: instant(due),
        does,
        by: None,
    }
}

fn freezes() -> Does {
    Does::Freeze {
        name: "monthly bulletin".into(),
        from: None,
        rounding: None,
    }
}

fn frozen() -> Bench<Bulletin> {
    let mut bench = bench();
    bench
        .wish(CLERK, &freeze("half year"))
        .expect("a clerk may");
    bench
        .wish(SYSTEM, &settle("BU-1"))
        .expect("insight answers");
    bench
}

fn code(answer: Result<Vec<Event>, Refusal>) -> &'static str {
    answer.map_or_else(|no| no.code(), |_| "done")
}

#[test]
fn a_clerk_freezes_from_new_year_until_now() {
    let mut bench = bench();
    let events = bench
        .wish(CLERK, &freeze(" half year "))
        .expect("a clerk may");
    let [
        Event::BulletinRequested {
            bulletin,
            name,
            from,
            as_of,
            by,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!(
        (
            bulletin.as_str(),
            name.as_str(),
            by.as_ref().map(|by| by.as_str())
        ),
        ("BU-1", "half year", Some(CLERK))
    );
    assert_eq!((*from, *as_of), (instant("2022-12-31T16:00:00Z"), bench.at));
}

#[test]
fn a_freeze_at_midnight_of_new_year_is_of_the_year_that_ended() {
    let mut bench = bench();
    let command = Command::Freeze {
        name: "year".into(),
        from: None,
        as_of: Some(instant("2022-12-31T16:00:00Z")),
        rounding: Rounding::Exact,
        overrides: Overrides::new(),
    };
    let events = bench.wish(CLERK, &command).expect("a clerk may");
    assert!(
        matches!(&events[..], [Event::BulletinRequested { from, .. }] if *from == instant("2021-12-31T16:00:00Z"))
    );
}

#[test]
fn what_has_not_happened_cannot_be_frozen() {
    let mut bench = bench();
    let freeze = |from: Option<&str>, as_of: &str| Command::Freeze {
        name: "later".into(),
        from: from.map(instant),
        as_of: Some(instant(as_of)),
        rounding: Rounding::Exact,
        overrides: Overrides::new(),
    };
    assert_eq!(
        code(bench.wish(CLERK, &freeze(None, "2023-07-01T02:00:01Z"))),
        "invalid"
    );
    assert_eq!(
        code(bench.wish(
            CLERK,
            &freeze(Some("2023-06-01T00:00:00Z"), "2023-06-01T00:00:00Z")
        )),
        "invalid"
    );
    assert_eq!(
        code(bench.wish(
            CLERK,
            &freeze(Some("2023-05-01T00:00:00Z"), "2023-06-01T00:00:00Z")
        )),
        "done"
    );
}

#[test]
fn a_bulletin_has_a_name() {
    let mut bench = bench();
    assert_eq!(code(bench.wish(CLERK, &freeze("  "))), "missing");
    assert_eq!(code(bench.wish(CLERK, &freeze("two\nlines"))), "invalid");
}

#[test]
fn a_sentinel_freezes_nothing() {
    assert_eq!(
        code(bench().wish("420902/P-0017", &freeze("mine"))),
        "not_allowed"
    );
}

#[test]
fn insight_settles_what_was_requested() {
    let mut bench = bench();
    bench
        .wish(CLERK, &freeze("half year"))
        .expect("a clerk may");
    let events = bench
        .wish(SYSTEM, &settle("BU-1"))
        .expect("insight answers");
    let [
        Event::BulletinFrozen {
            name,
            as_of,
            rounding,
            positions,
            corrects,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!(
        (name.as_str(), *as_of, *rounding, positions.len(), corrects),
        ("half year", bench.at, Rounding::Over, 1, &None)
    );
}

#[test]
fn only_picket_itself_settles_and_only_once() {
    let mut bench = bench();
    assert_eq!(code(bench.wish(SYSTEM, &settle("BU-1"))), "unknown");
    bench
        .wish(CLERK, &freeze("half year"))
        .expect("a clerk may");
    assert_eq!(code(bench.wish(CLERK, &settle("BU-1"))), "not_allowed");
    assert_eq!(code(bench.wish(SYSTEM, &settle("BU-1"))), "done");
    assert_eq!(code(bench.wish(SYSTEM, &settle("BU-1"))), "already");
}

#[test]
fn figures_name_the_version_that_counted_them() {
    let mut bench = bench();
    bench
        .wish(CLERK, &freeze("half year"))
        .expect("a clerk may");
    let Command::Settle {
        bulletin,
        positions,
        figures,
        areas,
        ..
    } = settle("BU-1")
    else {
        unreachable!()
    };
    assert_eq!(
        code(bench.wish(
            SYSTEM,
            &Command::Settle {
                bulletin,
                positions,
                figures,
                areas,
                code_version: String::new()
            }
        )),
        "missing"
    );
}

#[test]
fn somebody_else_approves() {
    let mut bench = frozen();
    assert_eq!(code(bench.wish(CLERK, &approve("BU-1"))), "same_person");
    assert_eq!(
        code(bench.wish("420902/P-0017", &approve("BU-1"))),
        "not_allowed"
    );
    assert_eq!(code(bench.wish(APPROVER, &approve("BU-1"))), "done");
    assert_eq!(code(bench.wish(APPROVER, &approve("BU-1"))), "already");
}

#[test]
fn nothing_is_approved_before_it_is_frozen() {
    let mut bench = bench();
    assert_eq!(code(bench.wish(APPROVER, &approve("BU-1"))), "unknown");
    bench
        .wish(CLERK, &freeze("half year"))
        .expect("a clerk may");
    assert_eq!(code(bench.wish(APPROVER, &approve("BU-1"))), "wrong_state");
}

#[test]
fn a_correction_is_a_new_bulletin_of_the_same_window() {
    let mut bench = frozen();
    let first = bench.at;
    bench.at = instant("2023-08-01T00:00:00Z");
    let events = bench
        .wish(CLERK, &correct("BU-1", "two orders were entered late"))
        .expect("a clerk may");
    let [
        Event::BulletinRequested {
            bulletin,
            as_of,
            rounding,
            corrects,
            reason,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!(
        (
            bulletin.as_str(),
            *as_of,
            *rounding,
            corrects.as_ref().map(|id| id.as_str())
        ),
        ("BU-2", first, Rounding::Over, Some("BU-1"))
    );
    assert_eq!(reason.as_deref(), Some("two orders were entered late"));
    let events = bench
        .wish(SYSTEM, &settle("BU-2"))
        .expect("insight answers");
    assert!(
        matches!(&events[..], [Event::BulletinFrozen { corrects: Some(old), .. }] if *old == "BU-1")
    );
}

#[test]
fn a_correction_needs_a_reason_and_something_frozen() {
    let mut bench = frozen();
    assert_eq!(
        code(bench.wish(CLERK, &correct("BU-1", " "))),
        "reason_needed"
    );
    assert_eq!(
        code(bench.wish(CLERK, &correct("BU-9", "wrong"))),
        "unknown"
    );
    assert_eq!(
        code(bench.wish(APPROVER, &correct("BU-1", "wrong"))),
        "not_allowed"
    );
    bench.wish(CLERK, &freeze("next")).expect("a clerk may");
    assert_eq!(
        code(bench.wish(CLERK, &correct("BU-2", "wrong"))),
        "wrong_state"
    );
}

fn worded(key: &str, text: &str) -> Overrides {
    [(key.to_owned(), text.parse::<Printed>().expect("a wording"))].into()
}

#[test]
fn a_figure_that_is_worded_stays_worded_from_the_freeze_on() {
    let mut bench = bench();
    let overrides = worded("person_times", "1198+");
    let freeze = Command::Freeze {
        name: "half year".into(),
        from: None,
        as_of: None,
        rounding: Rounding::Over,
        overrides: overrides.clone(),
    };
    let events = bench.wish(CLERK, &freeze).expect("a clerk may");
    assert!(
        matches!(&events[..], [Event::BulletinRequested { overrides: asked, .. }] if *asked == overrides),
        "{events:?}"
    );
    let events = bench
        .wish(SYSTEM, &settle("BU-1"))
        .expect("insight answers");
    assert!(
        matches!(&events[..], [Event::BulletinFrozen { overrides: kept, .. }] if *kept == overrides),
        "{events:?}"
    );
}

#[test]
fn a_correction_keeps_the_wording_or_says_another() {
    let mut bench = bench();
    let overrides = worded("person_times", "1198+");
    bench
        .wish(
            CLERK,
            &Command::Freeze {
                name: "half year".into(),
                from: None,
                as_of: None,
                rounding: Rounding::Over,
                overrides: overrides.clone(),
            },
        )
        .expect("a clerk may");
    bench
        .wish(SYSTEM, &settle("BU-1"))
        .expect("insight answers");
    let events = bench
        .wish(CLERK, &correct("BU-1", "two orders were entered late"))
        .expect("a clerk may");
    assert!(
        matches!(&events[..], [Event::BulletinRequested { overrides: kept, .. }] if *kept == overrides),
        "{events:?}"
    );
    bench
        .wish(SYSTEM, &settle("BU-2"))
        .expect("insight answers");
    let bare = Command::Correct {
        bulletin: "BU-2".into(),
        reason: "the wording was wrong".into(),
        overrides: Some(Overrides::new()),
    };
    bench.wish(CLERK, &bare).expect("a clerk may");
    let events = bench
        .wish(SYSTEM, &settle("BU-3"))
        .expect("insight answers");
    assert!(
        matches!(&events[..], [Event::BulletinFrozen { overrides: none, .. }] if none.is_empty()),
        "{events:?}"
    );
}

#[test]
fn only_figures_are_worded() {
    let mut bench = bench();
    let freeze = Command::Freeze {
        name: "half year".into(),
        from: None,
        as_of: None,
        rounding: Rounding::Over,
        overrides: worded("person_time", "1198+"),
    };
    let refusal = bench
        .wish(CLERK, &freeze)
        .expect_err("there is no such figure");
    assert!(
        refusal.problem().title.contains("person_times"),
        "{refusal}"
    );
    bench
        .wish(CLERK, &self::freeze("half year"))
        .expect("a clerk may");
    bench
        .wish(SYSTEM, &settle("BU-1"))
        .expect("insight answers");
    assert_eq!(
        code(bench.wish(
            CLERK,
            &Command::Correct {
                bulletin: "BU-1".into(),
                reason: "wrong".into(),
                overrides: Some(worded("lead", "3"))
            }
        )),
        "invalid"
    );
}

#[test]
fn one_correction_at_a_time() {
    let mut bench = frozen();
    assert_eq!(code(bench.wish(CLERK, &correct("BU-1", "wrong"))), "done");
    assert_eq!(
        code(bench.wish(CLERK, &correct("BU-1", "wrong again"))),
        "already"
    );
    bench
        .wish(SYSTEM, &settle("BU-2"))
        .expect("insight answers");
    assert_eq!(
        code(bench.wish(CLERK, &correct("BU-1", "wrong again"))),
        "done"
    );
}

#[test]
fn a_schedule_freezes_as_of_the_instant_it_was_due() {
    let mut bench = bench();
    let events = bench.fact(
        "schedule",
        "420902/schedule",
        fired(
            "monthly@2023-07-01T08:00",
            "2023-07-01T00:00:00Z",
            freezes(),
        ),
    );
    let [
        Event::BulletinRequested {
            name,
            from,
            as_of,
            by,
            rounding,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!(
        (name.as_str(), *from, *as_of),
        (
            "monthly bulletin",
            instant("2022-12-31T16:00:00Z"),
            instant("2023-07-01T00:00:00Z")
        )
    );
    assert_eq!((by, *rounding), (&None, Rounding::Exact));
}

#[test]
fn a_late_occurrence_freezes_the_same_window() {
    let mut bench = bench();
    bench.at = instant("2023-07-01T09:00:00Z");
    let due = instant("2023-07-01T00:00:00Z");
    let late = Schedule::OccurrenceLate {
        occurrence: "monthly@2023-07-01T08:00".into(),
        schedule: "monthly".into(),
        nominal: jiff::civil::datetime(2023, 7, 1, 8, 0, 0, 0),
        due,
        does: freezes(),
        why: "nothing ran".into(),
    };
    assert!(
        matches!(&bench.fact("schedule", "", late)[..], [Event::BulletinRequested { as_of, .. }] if *as_of == due)
    );
}

#[test]
fn an_occurrence_asks_once() {
    let mut bench = bench();
    let fact = fired(
        "monthly@2023-07-01T08:00",
        "2023-07-01T00:00:00Z",
        freezes(),
    );
    assert_eq!(bench.fact("schedule", "", fact.clone()).len(), 1);
    assert_eq!(bench.fact("schedule", "", fact).len(), 0);
}

#[test]
fn other_occurrences_are_none_of_its_business() {
    let mut bench = bench();
    let reminds = Does::Remind {
        of: RemindOf::NotAccepted,
        within: 0,
    };
    assert_eq!(
        bench
            .fact(
                "schedule",
                "",
                fired("nudge@2023-07-01T08:00", "2023-07-01T00:00:00Z", reminds)
            )
            .len(),
        0
    );
}

#[test]
fn what_a_schedule_drafted_any_approver_may_approve() {
    let mut bench = bench();
    bench.fact(
        "schedule",
        "",
        fired(
            "monthly@2023-07-01T08:00",
            "2023-07-01T00:00:00Z",
            freezes(),
        ),
    );
    bench
        .wish(SYSTEM, &settle("BU-1"))
        .expect("insight answers");
    assert_eq!(code(bench.wish(CLERK, &approve("BU-1"))), "done");
}

#[test]
fn it_remembers_only_so_many_occurrences() {
    let mut bench = bench();
    for day in 0..1_100 {
        bench.fact(
            "schedule",
            "",
            fired(&format!("monthly@{day}"), "2023-07-01T00:00:00Z", freezes()),
        );
    }
    assert_eq!(
        (bench.book.asked.len(), bench.book.asked_for.len()),
        (1_000, 1_000)
    );
}

#[test]
fn fold_equals_live() {
    let mut bench = frozen();
    let mut journal = bench_of("half year");
    for step in [
        bench.wish(CLERK, &correct("BU-1", "wrong")),
        bench.wish(SYSTEM, &settle("BU-2")),
        bench.wish(APPROVER, &approve("BU-2")),
        Ok(bench.fact(
            "schedule",
            "",
            fired(
                "monthly@2023-07-01T08:00",
                "2023-07-01T00:00:00Z",
                freezes(),
            ),
        )),
    ] {
        journal.extend(step.expect("each step is fine"));
    }
    let mut folded = Bulletin::default();
    for event in &journal {
        folded.evolve(event, Provenance::unknown(bench.at));
    }
    assert_eq!(
        serde_json::to_value(&folded).ok(),
        serde_json::to_value(&bench.book).ok()
    );
    assert_eq!((bench.book.due(), folded), (None, bench.book));
}

/// The events that lead to a frozen bulletin.
fn bench_of(name: &str) -> Vec<Event> {
    let mut bench = bench();
    let mut events = bench.wish(CLERK, &freeze(name)).expect("a clerk may");
    events.extend(
        bench
            .wish(SYSTEM, &settle("BU-1"))
            .expect("insight answers"),
    );
    events
}
