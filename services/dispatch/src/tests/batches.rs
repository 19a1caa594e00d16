//! Batches: what is selected, how it becomes sheets, and in which parts they are issued.

use picket_book::Provenance;
use picket_schemas::Span;
use picket_schemas::dispatch::{Accept, AssignTo, Command, Event, Select};
use picket_schemas::registry::{Institution, Role};

use super::*;

fn confirmed(events: &[Event]) -> (u32, String) {
    events
        .iter()
        .find_map(|event| match event {
            Event::BatchConfirmed {
                count, roster_hash, ..
            } => Some((*count, roster_hash.clone())),
            _ => None,
        })
        .expect("a batch was confirmed")
}

#[test]
fn a_coordinators_batch_makes_one_sheet_for_each_of_three_posts() {
    let mut desk = Desk::county();
    let confirmed_events = desk.does("P-C", &batch(Select::default(), Assign::default()));
    assert_eq!(
        kinds(&confirmed_events),
        ["batch.confirmed"],
        "confirming is one fact, the sheets follow"
    );
    assert_eq!(confirmed(&confirmed_events).0, 3);
    let events = desk.rings();
    assert_eq!(
        kinds(&events),
        ["task.issued", "task.issued", "task.issued", "batch.issued"]
    );
    let sheets = issued(&events);
    assert_eq!(
        sheets[0],
        Issued {
            task: "T-1".into(),
            post: Some("PO-1".into()),
            rows: vec!["I-11".into(), "I-12".into()],
            offered: vec!["P-1A".into(), "P-1B".into()],
            need: 1
        }
    );
    assert_eq!(sheets[2].task, "T-3");
    assert_eq!(
        events.last(),
        Some(&Event::BatchIssued {
            batch: "B-1".into(),
            count: 3
        })
    );
}

#[test]
fn a_sheet_carries_the_terms_of_its_batch_and_an_answer_is_due_after_one_working_day() {
    let mut desk = Desk::county();
    let events = desk.batch(of_post(1), Assign::default());
    let Some(Event::TaskIssued {
        checklist,
        window,
        campaign,
        round,
        answer_by,
        provisional,
        area,
        ..
    }) = events.iter().find(|event| event.kind() == "task.issued")
    else {
        panic!("a sheet")
    };
    assert_eq!(
        (checklist.as_str(), *window, campaign.as_deref(), *round),
        ("sweep", Span::working_days(5), Some("spring"), Some(2))
    );
    assert_eq!(
        (answer_by.to_string().as_str(), *provisional),
        ("2023-03-02T16:00:00Z", false),
        "the end of Thursday in Shanghai"
    );
    assert_eq!(*area, *community(1));
}

#[test]
fn an_empty_selection_is_refused() {
    let mut desk = Desk::county();
    let select = Select {
        risk: Some("high".into()),
        ..Select::default()
    };
    assert_eq!(
        desk.refused("P-C", &batch(select, Assign::default())),
        "nothing_selected"
    );
}

#[test]
fn names_that_are_not_there_are_refused_by_name() {
    let mut desk = Desk::county();
    assert_eq!(
        desk.refused("P-C", &batch(of_post(9), Assign::default())),
        "unknown"
    );
    assert_eq!(
        desk.refused(
            "P-C",
            &batch(
                Select {
                    area: Some("4711".into()),
                    ..Select::default()
                },
                Assign::default()
            )
        ),
        "unknown"
    );
    assert_eq!(
        desk.refused(
            "P-C",
            &batch(
                Select {
                    institutions: vec![code("I-99")],
                    ..Select::default()
                },
                Assign::default()
            )
        ),
        "unknown"
    );
    assert_eq!(
        desk.refused(
            "P-C",
            &batch(
                Select {
                    kind: Some("cooking".into()),
                    ..Select::default()
                },
                Assign::default()
            )
        ),
        "invalid"
    );
    assert_eq!(
        desk.refused(
            "P-C",
            &batch(
                of_post(1),
                assign(AssignTo::Person, &["P-99"], Accept::First)
            )
        ),
        "unknown_person"
    );
}

#[test]
fn terms_that_make_no_sense_are_refused() {
    let mut desk = Desk::county();
    assert_eq!(
        desk.refused(
            "P-C",
            &batch(of_post(1), assign(AssignTo::Person, &[], Accept::First))
        ),
        "missing"
    );
    assert_eq!(
        desk.refused(
            "P-C",
            &batch(
                of_post(1),
                assign(AssignTo::PostSentinel, &[], Accept::N(0))
            )
        ),
        "invalid"
    );
    assert_eq!(
        desk.refused(
            "P-C",
            &batch(
                of_post(1),
                assign(AssignTo::Person, &["P-1A"], Accept::N(2))
            )
        ),
        "invalid"
    );
    let Command::IssueBatch { select, assign, .. } = batch(of_post(1), Assign::default()) else {
        panic!("a batch")
    };
    let with = |name: &str, window, sealed_until| Command::IssueBatch {
        name: name.into(),
        campaign: None,
        round: None,
        select: select.clone(),
        assign: assign.clone(),
        checklist: String::new(),
        window,
        sealed_until,
    };
    assert_eq!(desk.refused("P-C", &with(" ", None, None)), "missing");
    assert_eq!(
        desk.refused("P-C", &with("sweep", Some(Span::working_days(0)), None)),
        "invalid"
    );
    assert_eq!(
        desk.refused(
            "P-C",
            &with("sweep", None, Some(MORNING.parse().expect("an instant")))
        ),
        "invalid"
    );
}

#[test]
fn a_sentinel_may_not_issue_and_a_leader_only_at_home() {
    let mut desk = Desk::county();
    assert_eq!(
        desk.refused("P-1A", &batch(of_post(1), Assign::default())),
        "not_allowed"
    );
    assert_eq!(
        desk.refused("P-1L", &batch(of_post(2), Assign::default())),
        "not_allowed"
    );
    assert_eq!(
        desk.refused("P-1L", &batch(Select::default(), Assign::default())),
        "not_allowed"
    );
    desk.does("P-1L", &batch(of_post(1), Assign::default()));
}

#[test]
fn area_kind_list_and_names_narrow_the_selection() {
    let mut desk = Desk::county();
    desk.registered(listed("I-13", "black"));
    let area = Select {
        area: Some(community(2).as_str().into()),
        ..Select::default()
    };
    assert_eq!(
        issued(&desk.batch(area, Assign::default()))[0]
            .post
            .as_deref(),
        Some("PO-2")
    );
    let town = Select {
        area: Some(TOWN.into()),
        ..Select::default()
    };
    assert_eq!(issued(&desk.batch(town, Assign::default())).len(), 3);
    let black = Select {
        list: Some("black".into()),
        ..Select::default()
    };
    assert_eq!(
        issued(&desk.batch(black, Assign::default()))[0].rows,
        ["I-13"]
    );
    let arts = Select {
        kind: Some("arts".into()),
        ..of_post(3)
    };
    assert_eq!(
        issued(&desk.batch(arts, Assign::default()))[0].rows,
        ["I-31", "I-32"]
    );
    let named = Select {
        institutions: vec![code("I-32"), code("I-11")],
        ..Select::default()
    };
    let rows: Vec<_> = issued(&desk.batch(named, Assign::default()))
        .into_iter()
        .map(|sheet| sheet.rows)
        .collect();
    assert_eq!(rows, [["I-11"], ["I-32"]]);
}

#[test]
fn a_place_on_no_list_is_swept_only_when_named() {
    let mut desk = Desk::county();
    desk.registered(Institution {
        kind: SubjectKind::UnlistedPlace,
        ..institution("U-1", &community(1))
    });
    assert_eq!(
        issued(&desk.batch(of_post(1), Assign::default()))[0].rows,
        ["I-11", "I-12"]
    );
    let named = Select {
        institutions: vec![code("U-1")],
        ..Select::default()
    };
    assert_eq!(
        issued(&desk.batch(named, Assign::default()))[0].rows,
        ["U-1"]
    );
}

#[test]
fn a_post_without_institutions_gets_an_empty_sheet_only_when_asked_for() {
    let mut desk = Desk::county();
    desk.post(4, &["A"]);
    assert_eq!(
        issued(&desk.batch(Select::default(), Assign::default())).len(),
        3
    );
    assert_eq!(
        desk.refused("P-C", &batch(of_post(4), Assign::default())),
        "nothing_selected"
    );
    let sheets = issued(&desk.batch(
        Select {
            empty_posts: true,
            ..Select::default()
        },
        Assign::default(),
    ));
    assert_eq!(
        (
            sheets.len(),
            sheets[3].rows.len(),
            sheets[3].post.as_deref()
        ),
        (4, 0, Some("PO-4"))
    );
}

#[test]
fn an_area_no_post_holds_becomes_an_unassigned_sheet_unless_people_are_named() {
    let mut desk = Desk::county();
    desk.registered(institution("I-91", TOWN));
    let select = Select {
        institutions: vec![code("I-91")],
        ..Select::default()
    };
    let events = desk.batch(select.clone(), Assign::default());
    assert_eq!(
        kinds(&events),
        [
            "batch.confirmed",
            "task.issued",
            "task.unassigned",
            "batch.issued"
        ]
    );
    assert_eq!(
        (
            issued(&events)[0].post.as_deref(),
            issued(&events)[0].offered.len()
        ),
        (None, 0)
    );
    let events = desk.batch(
        select,
        assign(AssignTo::PostSentinel, &["P-1A"], Accept::First),
    );
    assert_eq!(issued(&events)[0].offered, ["P-1A"]);
}

#[test]
fn people_named_get_every_sheet_offered() {
    let mut desk = Desk::county();
    let sheets = issued(&desk.batch(
        Select::default(),
        assign(AssignTo::Person, &["P-3A", "P-2A"], Accept::First),
    ));
    assert!(
        sheets.iter().all(|sheet| sheet.offered == ["P-2A", "P-3A"]),
        "{sheets:?}"
    );
}

#[test]
fn an_offer_to_nobody_in_particular_goes_to_all_sentinels_of_the_area() {
    let mut desk = Desk::county();
    desk.person("P-1X", &[Role::Sentinel], &community(1));
    let sheets = issued(&desk.batch(of_post(1), assign(AssignTo::Offer, &[], Accept::First)));
    assert_eq!(sheets[0].offered, ["P-1A", "P-1B", "P-1X"]);
}

#[test]
fn everybody_gets_a_sheet_of_their_own_where_each_must_accept() {
    let mut desk = Desk::county();
    let events = desk.batch(
        of_post(1),
        assign(AssignTo::PostSentinel, &[], Accept::Each),
    );
    let people: Vec<_> = issued(&events)
        .into_iter()
        .map(|sheet| sheet.offered)
        .collect();
    assert_eq!(people, [["P-1A"], ["P-1B"]]);
    assert_eq!(confirmed(&events).0, 2);
}

#[test]
fn the_least_loaded_member_is_asked_counting_the_sheets_of_the_same_batch() {
    let mut desk = Desk::bare();
    desk.post(1, &["A", "B"]);
    desk.post(2, &[]);
    desk.redefine(2, "P-2L", &["P-1A", "P-1B"]);
    desk.institution("I-11", 1);
    desk.institution("I-21", 2);
    let sheets = issued(&desk.batch(
        Select::default(),
        assign(AssignTo::LeastLoaded, &[], Accept::First),
    ));
    assert_eq!(
        (sheets[0].offered.as_slice(), sheets[1].offered.as_slice()),
        (
            ["P-1A".to_owned()].as_slice(),
            ["P-1B".to_owned()].as_slice()
        )
    );
    desk.does("P-1A", &accept("T-1"));
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    desk.does("P-1A", &submit("T-1"));
    let sheets = issued(&desk.batch(
        of_post(1),
        assign(AssignTo::LeastLoaded, &[], Accept::First),
    ));
    assert_eq!(sheets[0].offered, ["P-1A"], "a submitted sheet is no load");
}

#[test]
fn somebody_away_is_replaced_by_the_substitute_or_left_out() {
    let mut desk = Desk::county();
    desk.away("P-1A", Some("P-2A"));
    desk.away("P-1B", None);
    let sheets = issued(&desk.batch(of_post(1), Assign::default()));
    assert_eq!(sheets[0].offered, ["P-2A"]);
}

#[test]
fn no_more_can_be_needed_than_are_asked() {
    let mut desk = Desk::county();
    let sheets = issued(&desk.batch(
        of_post(1),
        assign(AssignTo::PostSentinel, &[], Accept::N(5)),
    ));
    assert_eq!(sheets[0].need, 2);
}

#[test]
fn two_thousand_five_hundred_tasks_are_issued_over_many_rings() {
    let mut desk = Desk::bare();
    let people: Vec<_> = (1..=25).map(|person| format!("P-S{person:02}")).collect();
    for person in &people {
        desk.person(person, &[Role::Sentinel], TOWN);
    }
    for post in 1..=100 {
        desk.area(&community(post), Level::Community, Some(TOWN));
        desk.redefine(post, "P-C", &[]);
        desk.institution(&format!("I-{post:03}"), post);
    }
    let people: Vec<_> = people.iter().map(String::as_str).collect();
    desk.does(
        "P-C",
        &batch(
            Select::default(),
            assign(AssignTo::Person, &people, Accept::Each),
        ),
    );
    let events = desk.rings();
    assert_eq!(
        (
            count(&events, "task.issued"),
            count(&events, "batch.recounted")
        ),
        (2_500, 0)
    );
    assert_eq!(
        events.last(),
        Some(&Event::BatchIssued {
            batch: "B-1".into(),
            count: 2_500
        })
    );
    let sheets = issued(&events);
    assert_eq!(sheets[2_499].task, "T-2500");
    let pairs: std::collections::BTreeSet<_> = sheets
        .iter()
        .map(|sheet| (sheet.post.clone(), sheet.offered.clone()))
        .collect();
    assert_eq!(pairs.len(), 2_500, "nobody gets the same sheet twice");
}

#[test]
fn one_ring_brings_at_most_a_hundred_tasks() {
    let mut desk = Desk::bare();
    for post in 1..=120 {
        desk.area(&community(post), Level::Community, Some(TOWN));
        desk.redefine(post, "P-C", &["P-D"]);
        desk.institution(&format!("I-{post:03}"), post);
    }
    desk.does("P-C", &batch(Select::default(), Assign::default()));
    let step = ring_once(&desk);
    assert_eq!(
        (count(&step, "task.issued"), count(&step, "batch.issued")),
        (100, 0)
    );
}

/// One step of the bells, not evolved.
pub(super) fn ring_once(desk: &Desk) -> Vec<Event> {
    let (jurisdiction, actor, id) = (COUNTY.into(), full("dispatch"), "b-1".into());
    let cx = picket_book::Decision {
        book: "dispatch/420902",
        jurisdiction: &jurisdiction,
        at: desk.bench.at,
        actor: &actor,
        observed: desk.bench.at,
        id: &id,
        directory: desk.bench.directory(),
    };
    desk.bench.book.ring(&cx).into_events()
}

#[test]
fn a_roster_that_moved_before_it_was_issued_is_recounted() {
    let mut desk = Desk::county();
    let (before, hash) = confirmed(&desk.does("P-C", &batch(Select::default(), Assign::default())));
    desk.post(4, &["A"]);
    desk.institution("I-41", 4);
    let events = desk.rings();
    let Event::BatchRecounted {
        roster_hash,
        count: now,
        ..
    } = &events[0]
    else {
        panic!("recounted first: {:?}", kinds(&events))
    };
    assert_eq!((before, *now), (3, 4));
    assert_ne!(*roster_hash, hash);
    assert_eq!(
        (
            count(&events, "task.issued"),
            count(&events, "batch.recounted")
        ),
        (4, 1)
    );
}

#[test]
fn what_comes_to_the_roster_half_way_is_issued_and_nothing_twice() {
    let mut desk = Desk::bare();
    for post in 1..=120 {
        desk.area(&community(post), Level::Community, Some(TOWN));
        desk.redefine(post, "P-C", &["P-D"]);
        desk.institution(&format!("I-{post:03}"), post);
    }
    desk.does("P-C", &batch(Select::default(), Assign::default()));
    let first = ring_once(&desk);
    for event in &first {
        desk.bench
            .book
            .evolve(event, Provenance::unknown(desk.bench.at));
    }
    // One that was issued already goes, one that was not comes.
    desk.registered(Institution {
        kind: SubjectKind::UnlistedPlace,
        ..institution("I-001", &community(1))
    });
    desk.area(&community(999), Level::Community, Some(TOWN));
    desk.redefine(999, "P-C", &["P-D"]);
    desk.institution("I-999", 999);
    let rest = desk.rings();
    assert_eq!(rest[0].kind(), "batch.recounted");
    let posts: Vec<_> = issued(&first)
        .into_iter()
        .chain(issued(&rest))
        .filter_map(|sheet| sheet.post)
        .collect();
    let distinct: std::collections::BTreeSet<_> = posts.iter().collect();
    assert_eq!((posts.len(), distinct.len()), (121, 121));
    assert_eq!(
        rest.last(),
        Some(&Event::BatchIssued {
            batch: "B-1".into(),
            count: 121
        })
    );
}

#[test]
fn a_guess_for_want_of_a_calendar_is_stored_and_never_rings() {
    let mut desk = Desk::county();
    desk.bench.at = "2031-03-03T01:00:00Z".parse().expect("an instant");
    let events = desk.batch(of_post(1), Assign::default());
    assert!(events.iter().any(|event| matches!(
        event,
        Event::TaskIssued {
            provisional: true,
            ..
        }
    )));
    assert_eq!(desk.later("2031-06-03T01:00:00Z"), []);
}
