//! Offers, hand-backs and sheets to sign off.

use super::*;

#[test]
fn everybody_offered_a_task_gets_an_offer_at_once() {
    let mut desk = Desk::at(MORNING);
    assert_eq!(
        told(&desk.hears("dispatch", issued("T-1", &[FINDER, SECOND], None))),
        ["offer:P-0017", "offer:P-0018"]
    );
    assert_eq!(handed(&desk.rings_now()), ["offer:P-0017", "offer:P-0018"]);
    desk.folds();
}

#[test]
fn an_offer_shows_the_place_by_name_and_nobody() {
    let mut desk = Desk::at(MORNING);
    let events = desk.hears("dispatch", issued("T-1", &[FINDER], None));
    let Some(Event::NoticeQueued {
        with,
        about,
        urgent,
        ..
    }) = events.first()
    else {
        panic!("{events:?}")
    };
    assert_eq!((about.as_str(), *urgent), ("T-1", false));
    assert_eq!(
        (
            with["area"].as_str(),
            with["post"].as_str(),
            with["rows"].as_str()
        ),
        ("area 420902003004", "Station Road post", "0")
    );
}

#[test]
fn a_task_taken_overnight_is_offered_to_nobody_in_the_morning() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("dispatch", issued("T-1", &[FINDER, SECOND], None));
    let events = desk.hears("dispatch", accepted("T-1", FINDER));
    assert_eq!(
        suppressed(&events),
        [
            "N-1: already accepted by the recipient",
            "N-2: already accepted by somebody else"
        ]
    );
    assert_eq!(
        handed(&desk.rings("2023-03-07T02:00:00Z")),
        Vec::<String>::new()
    );
    desk.folds();
}

#[test]
fn an_offer_of_which_more_are_wanted_stays_for_the_others() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("dispatch", issued("T-1", &[FINDER, SECOND], None));
    let events = desk.hears(
        "dispatch",
        Dispatch::TaskAccepted {
            task: "T-1".into(),
            person: FINDER.into(),
            instead_of: None,
            taken: false,
        },
    );
    assert_eq!(
        suppressed(&events),
        ["N-1: already accepted by the recipient"]
    );
    assert_eq!(handed(&desk.rings(DAWN)), ["offer:P-0018"]);
}

#[test]
fn a_declined_or_cancelled_offer_is_withdrawn_with_its_reason() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("dispatch", issued("T-1", &[FINDER, SECOND], None));
    let declined = desk.hears(
        "dispatch",
        Dispatch::TaskDeclined {
            task: "T-1".into(),
            person: FINDER.into(),
            reason: "ill".into(),
        },
    );
    assert_eq!(
        suppressed(&declined),
        ["N-1: the recipient declined the task"]
    );
    let cancelled = desk.hears(
        "dispatch",
        Dispatch::TaskCancelled {
            task: "T-1".into(),
            by: COORDINATOR.into(),
            reason: "twice".into(),
        },
    );
    assert_eq!(suppressed(&cancelled), ["N-2: the task was cancelled"]);
    assert!(desk.bench.book.matters.is_empty());
}

#[test]
fn a_task_with_nobody_goes_to_the_coordinators_until_it_is_offered() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("dispatch", issued("T-1", &[], None));
    let unassigned = Dispatch::TaskUnassigned {
        task: "T-1".into(),
        reason: "nobody answered".into(),
    };
    assert_eq!(
        told(&desk.hears("dispatch", unassigned)),
        ["unassigned:P-0001"]
    );
    let events = desk.hears("dispatch", offered("T-1", &[SECOND]));
    assert_eq!(
        suppressed(&events),
        ["N-1: the task was offered to somebody"]
    );
    assert_eq!(told(&events), ["offer:P-0018"]);
}

#[test]
fn a_sheet_waits_for_the_leader_of_the_post() {
    let mut desk = Desk::at(MORNING);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    desk.hears("dispatch", accepted("T-1", FINDER));
    assert_eq!(
        told(&desk.hears("dispatch", submitted("T-1", FINDER))),
        ["review:P-0003"]
    );
}

#[test]
fn a_leader_does_not_review_the_own_sheet() {
    let mut desk = Desk::at(MORNING);
    desk.hears("dispatch", issued("T-1", &[LEADER], None));
    assert_eq!(
        told(&desk.hears("dispatch", submitted("T-1", LEADER))),
        ["review:P-0001"]
    );
}

#[test]
fn a_returned_sheet_goes_back_to_whoever_holds_it() {
    let mut desk = Desk::at(MORNING);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    desk.hears("dispatch", accepted("T-1", FINDER));
    desk.hears(
        "dispatch",
        Dispatch::TaskAccepted {
            task: "T-1".into(),
            person: SECOND.into(),
            instead_of: Some(FINDER.into()),
            taken: true,
        },
    );
    desk.hears("dispatch", submitted("T-1", SECOND));
    let events = desk.hears("dispatch", returned("T-1"));
    assert_eq!(told(&events), ["returned:P-0018"]);
    desk.folds();
}

#[test]
fn a_sheet_may_be_returned_twice_and_is_told_twice() {
    let mut desk = Desk::at(MORNING);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    desk.hears("dispatch", accepted("T-1", FINDER));
    for _ in 0..2 {
        desk.hears("dispatch", submitted("T-1", FINDER));
        assert_eq!(
            told(&desk.hears("dispatch", returned("T-1"))),
            ["returned:P-0017"]
        );
    }
}

#[test]
fn a_sheet_signed_off_at_night_needs_no_review_in_the_morning() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    desk.hears("dispatch", accepted("T-1", FINDER));
    desk.hears("dispatch", submitted("T-1", FINDER));
    let events = desk.hears(
        "dispatch",
        Dispatch::TaskApproved {
            task: "T-1".into(),
            by: COORDINATOR.into(),
            revisit: None,
        },
    );
    assert_eq!(suppressed(&events), ["N-2: the sheet was already approved"]);
    assert!(desk.bench.book.matters.is_empty(), "closed things leave");
    desk.folds();
}

#[test]
fn a_sealed_task_is_told_to_its_crew_only_until_it_is_released() {
    let mut desk = Desk::at(MORNING);
    let release = "2023-03-08T02:00:00Z";
    desk.hears("dispatch", issued("T-1", &[FINDER], Some(release)));
    assert_eq!(handed(&desk.rings_now()), ["offer:P-0017"]);
    desk.hears(
        "dispatch",
        Dispatch::TaskUnassigned {
            task: "T-1".into(),
            reason: "declined".into(),
        },
    );
    desk.hears("dispatch", offered("T-2", &[]));
    assert_eq!(
        handed(&desk.rings("2023-03-08T01:59:59Z")),
        Vec::<String>::new()
    );
    assert_eq!(handed(&desk.rings(release)), ["unassigned:P-0001"]);
}

#[test]
fn an_offer_to_thousands_is_told_in_steps_and_to_each_once() {
    let mut desk = Desk::at(MORNING);
    let people: Vec<String> = (0..2_500).map(|n| format!("420902/S-{n}")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let events = desk.hears("dispatch", issued("T-1", &people, None));
    let mut recipients = told(&events);
    assert_eq!(recipients.len(), 2_500);
    recipients.sort();
    recipients.dedup();
    assert_eq!(recipients.len(), 2_500);
    desk.folds();
}

#[test]
fn whoever_had_sheets_of_a_cancelled_batch_is_told_once_with_the_reason() {
    let mut desk = Desk::at(MORNING);
    for task in ["T-1", "T-2"] {
        desk.hears("dispatch", issued(task, &[FINDER], None));
    }
    let cancelled = Dispatch::BatchCancelled {
        batch: "B-1".into(),
        name: "spring sweep".into(),
        by: COORDINATOR.into(),
        reason: "the wrong list".into(),
        parent: None,
        people: [
            (FINDER.into(), 2),
            (SECOND.into(), 1),
            (COORDINATOR.into(), 1),
        ]
        .into(),
    };
    let events = desk.hears("dispatch", cancelled);
    assert_eq!(told(&events), ["cancelled:P-0017", "cancelled:P-0018"]);
    let said: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::NoticeQueued { about, with, .. } => Some((
                about.as_str(),
                with["reason"].as_str(),
                with["sheets"].as_str(),
            )),
            _ => None,
        })
        .collect();
    assert_eq!(
        said,
        [
            ("B-1", "the wrong list", "2"),
            ("B-1", "the wrong list", "1")
        ]
    );
    for task in ["T-1", "T-2"] {
        let over = Dispatch::TaskCancelled {
            task: task.into(),
            by: COORDINATOR.into(),
            reason: "the wrong list".into(),
        };
        let events = desk.hears("dispatch", over);
        assert_eq!(
            (told(&events).len(), suppressed(&events).len()),
            (0, 1),
            "the offer goes, and nobody hears of it a second time"
        );
    }
}
