//! Batches that follow from an occurrence of a schedule, or from a batch above.

use jiff::civil::datetime;
use picket_schemas::dispatch::{Accept, AssignTo, Event, Select};
use picket_schemas::schedule::{self, Does};

use super::*;

fn fired(occurrence: &str, select: Select) -> schedule::Event {
    let does = Does::IssueBatch {
        name: "weekly sweep".into(),
        campaign: None,
        round: None,
        select,
        assign: Assign::default(),
        checklist: String::new(),
        window: None,
    };
    schedule::Event::OccurrenceFired {
        occurrence: occurrence.into(),
        schedule: "weekly".into(),
        nominal: datetime(2023, 3, 1, 9, 0, 0, 0),
        due: MORNING.parse().expect("an instant"),
        does,
        by: None,
    }
}

fn late(occurrence: &str) -> schedule::Event {
    let schedule::Event::OccurrenceFired {
        occurrence,
        schedule,
        nominal,
        due,
        does,
        ..
    } = fired(occurrence, Select::default())
    else {
        panic!("fired")
    };
    schedule::Event::OccurrenceLate {
        occurrence,
        schedule,
        nominal,
        due,
        does,
        why: "nothing ran".into(),
    }
}

/// A batch of the city above, as its journal holds it.
pub(super) fn above(batch_id: &str, select: Select, assign: Assign) -> Event {
    Event::BatchConfirmed {
        batch: batch_id.into(),
        name: "city sweep".into(),
        campaign: Some("city".into()),
        round: Some(1),
        select,
        assign,
        checklist: "sweep".into(),
        window: picket_schemas::Span::working_days(3),
        sealed_until: None,
        roster_hash: String::new(),
        count: 0,
        occurrence: None,
        parent: None,
    }
}

#[test]
fn an_occurrence_issues_one_batch_even_when_it_is_told_twice() {
    let mut desk = Desk::county();
    let events = desk.reads(COUNTY, "schedule", fired("weekly@1", Select::default()));
    assert!(
        matches!(&events[..], [Event::BatchConfirmed { occurrence: Some(occurrence), count: 3, .. }] if *occurrence == "weekly@1")
    );
    assert_eq!(
        desk.reads(COUNTY, "schedule", fired("weekly@1", Select::default())),
        []
    );
    assert_eq!(desk.reads(COUNTY, "schedule", late("weekly@1")), []);
    assert_eq!(count(&desk.rings(), "task.issued"), 3);
    assert_eq!(
        kinds(&desk.reads(COUNTY, "schedule", late("weekly@2"))),
        ["batch.confirmed"]
    );
}

#[test]
fn an_occurrence_that_selects_nothing_is_still_answered() {
    let mut desk = Desk::county();
    let none = Select {
        risk: Some("high".into()),
        ..Select::default()
    };
    assert_eq!(
        kinds(&desk.reads(COUNTY, "schedule", fired("weekly@1", none))),
        ["batch.confirmed"]
    );
    assert_eq!(
        desk.rings(),
        [Event::BatchIssued {
            batch: "B-1".into(),
            count: 0
        }]
    );
}

#[test]
fn other_occurrences_bring_nothing() {
    let mut desk = Desk::county();
    let schedule::Event::OccurrenceFired {
        occurrence,
        schedule,
        nominal,
        due,
        ..
    } = fired("digest@1", Select::default())
    else {
        panic!("fired")
    };
    let digest = schedule::Event::OccurrenceFired {
        occurrence,
        schedule,
        nominal,
        due,
        does: Does::Digest { to: Vec::new() },
        by: None,
    };
    assert_eq!(desk.reads(COUNTY, "schedule", digest), []);
}

#[test]
fn a_batch_of_the_city_becomes_a_batch_here_once() {
    let mut desk = Desk::county();
    let events = desk.reads(
        "4209",
        "dispatch",
        above("B-7", Select::default(), Assign::default()),
    );
    let [
        Event::BatchConfirmed {
            batch,
            parent,
            campaign,
            count: 3,
            ..
        },
    ] = &events[..]
    else {
        panic!("a batch: {events:?}")
    };
    assert_eq!(
        (
            batch.as_str(),
            parent.as_ref().map(|above| above.as_str()),
            campaign.as_deref()
        ),
        ("B-1", Some("4209/B-7"), Some("city"))
    );
    assert_eq!(
        desk.reads(
            "4209",
            "dispatch",
            above("B-7", Select::default(), Assign::default())
        ),
        []
    );
    let sheets = desk.rings();
    assert!(
        matches!(&sheets[0], Event::TaskIssued { round: Some(1), window, .. } if window.amount == 3)
    );
}

#[test]
fn an_area_of_the_city_means_the_whole_county_and_a_foreign_one_nothing() {
    let mut desk = Desk::county();
    let of = |area: &str| {
        above(
            &format!("B-{area}"),
            Select {
                area: Some(area.into()),
                ..Select::default()
            },
            Assign::default(),
        )
    };
    assert!(matches!(
        desk.reads("4209", "dispatch", of("4209"))[..],
        [Event::BatchConfirmed { count: 3, .. }]
    ));
    assert!(matches!(
        desk.reads("4209", "dispatch", of(&community(2)))[..],
        [Event::BatchConfirmed { count: 1, .. }]
    ));
    assert_eq!(desk.reads("4209", "dispatch", of("420923")), []);
    assert_eq!(
        desk.reads(
            "4209",
            "dispatch",
            above("B-8", of_post(9), Assign::default())
        ),
        [],
        "nothing of it is here"
    );
}

#[test]
fn a_city_without_posts_confirms_a_batch_for_those_below() {
    let mut desk = Desk::bare();
    let select = Select {
        post: Some("PO-1".into()),
        area: Some("42090201".into()),
        ..Select::default()
    };
    let events = desk.does(
        "P-C",
        &batch(select, assign(AssignTo::Person, &["P-D"], Accept::First)),
    );
    let [
        Event::BatchConfirmed {
            count: 0, assign, ..
        },
    ] = &events[..]
    else {
        panic!("a batch: {events:?}")
    };
    assert_eq!(
        assign.people,
        ["420902/P-D"],
        "people are named in full, for those below"
    );
    assert_eq!(
        desk.rings(),
        [Event::BatchIssued {
            batch: "B-1".into(),
            count: 0
        }]
    );
    assert!(
        matches!(
            desk.reads(
                "42",
                "dispatch",
                above("B-1", Select::default(), Assign::default())
            )[..],
            [Event::BatchConfirmed { count: 0, .. }]
        ),
        "and passes on one from above"
    );
}
