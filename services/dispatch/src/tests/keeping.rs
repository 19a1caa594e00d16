//! Records the book keeps, and for how long.

use picket_book::Provenance;
use picket_schemas::dispatch::{Accept, AssignTo, Event, Outcome, Select};

use super::*;

/// A day in which a little of everything happens.
fn busy_desk() -> Desk {
    let mut desk = Desk::county();
    desk.batch(
        Select::default(),
        assign(AssignTo::PostSentinel, &[], Accept::N(2)),
    );
    for who in ["P-1A", "P-1B"] {
        desk.does(who, &accept("T-1"));
    }
    desk.does("P-1A", &hand_over("T-1", "P-2A"));
    desk.does("P-2A", &accept("T-1"));
    desk.does("P-1B", &urgent("T-1", "I-11"));
    desk.does("P-2A", &fill("T-1", "I-12", Outcome::ClosedDoor));
    desk.does("P-2A", &submit("T-1"));
    desk.does("P-1L", &approve("T-1"));
    desk.does("P-2A", &decline("T-2"));
    desk.does("P-C", &cancel("T-3"));
    desk.batch(
        of_post(1),
        assign(AssignTo::LeastLoaded, &[], Accept::First),
    );
    desk.later("2023-03-03T01:00:00Z");
    desk
}

fn value(book: &Dispatch) -> serde_json::Value {
    serde_json::to_value(book).expect("a book is JSON")
}

#[test]
fn a_book_folded_from_its_facts_equals_the_live_one() {
    let desk = busy_desk();
    assert_eq!(value(&desk.refolded()), value(&desk.bench.book));
}

#[test]
fn a_book_that_was_put_away_and_read_again_goes_on_alike() {
    let mut desk = busy_desk();
    desk.bench.book =
        serde_json::from_value(value(&desk.bench.book)).expect("the book reads what it wrote");
    desk.later("2023-03-09T01:00:00Z");
    desk.does("P-C", &hand_over("T-2", "P-3A"));
    desk.does("P-3A", &accept("T-2"));
    assert_eq!(value(&desk.refolded()), value(&desk.bench.book));
}

#[test]
fn the_same_wishes_make_the_same_facts() {
    assert_eq!(busy_desk().said, busy_desk().said);
}

#[test]
fn loads_and_bells_come_to_nothing_when_all_is_closed() {
    let mut desk = Desk::county();
    desk.batch(Select::default(), Assign::default());
    desk.does("P-1A", &accept("T-1"));
    for task in ["T-1", "T-2", "T-3"] {
        desk.does("P-C", &cancel(task));
    }
    assert!(
        desk.bench.book.loads.is_empty(),
        "{:?}",
        desk.bench.book.loads
    );
    assert_eq!(desk.bench.book.due(), None);
}

#[test]
fn a_refused_wish_changes_nothing() {
    let mut desk = Desk::taken_sheet();
    let before = value(&desk.bench.book);
    desk.refused("P-1B", &accept("T-1"));
    desk.refused("P-1A", &submit("T-1"));
    assert_eq!(value(&desk.bench.book), before);
}

#[test]
fn a_closed_sheet_leaves_the_book_after_thirty_days() {
    let mut desk = Desk::one_sheet();
    desk.does("P-C", &cancel("T-1"));
    desk.later("2023-03-31T00:59:59Z");
    assert_eq!(desk.refused("P-C", &cancel("T-1")), "already");
    desk.later("2023-03-31T01:00:00Z");
    assert_eq!(desk.refused("P-C", &cancel("T-1")), "unknown");
    assert_eq!(desk.bench.book.tasks.len(), 1);
    let sheets = issued(&desk.batch(of_post(1), Assign::default()));
    assert_eq!(sheets[0].task, "T-2", "its number is not used again");
    assert_eq!(desk.bench.book.tasks.len(), 1, "the next fact lets it go");
}

#[test]
fn an_outing_leaves_the_book_when_no_record_of_its_day_can_arrive() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    desk.later("2023-05-29T01:00:00Z");
    let seen = MORNING.parse().expect("an instant");
    assert_eq!(
        kinds(
            &desk
                .wish_seen("P-1A", &fill("T-1", "I-11", Outcome::Ok), seen)
                .expect("a late record")
        ),
        ["row.filled"]
    );
    desk.later("2023-06-05T01:00:00Z");
    desk.does("P-1A", &fill("T-1", "I-12", Outcome::Ok));
    assert_eq!(
        (desk.bench.book.sorties.len(), desk.bench.book.outings.len()),
        (1, 1)
    );
}

#[test]
fn only_the_last_thousand_causes_are_remembered() {
    let mut book = Dispatch::default();
    let at: Timestamp = MORNING.parse().expect("an instant");
    for n in 1..=1_005 {
        book.evolve(&confirmed(n), Provenance::unknown(at));
        book.evolve(
            &Event::BatchIssued {
                batch: format!("B-{n}").into(),
                count: 0,
            },
            Provenance::unknown(at),
        );
    }
    assert_eq!(
        (book.answered.len(), book.issuing.len(), book.bells.len()),
        (1_000, 0, 0)
    );
    assert_eq!(book.answered.front().map(String::as_str), Some("weekly@6"));
}

fn confirmed(n: u32) -> Event {
    Event::BatchConfirmed {
        batch: format!("B-{n}").into(),
        name: "weekly".into(),
        campaign: None,
        round: None,
        select: Select::default(),
        assign: Assign::default(),
        checklist: "sweep".into(),
        window: picket_schemas::Span::working_days(5),
        sealed_until: None,
        roster_hash: String::new(),
        count: 0,
        occurrence: Some(format!("weekly@{n}").into()),
        parent: None,
    }
}

#[test]
fn facts_about_what_is_not_here_change_nothing() {
    let mut book = Dispatch::default();
    let at: Timestamp = MORNING.parse().expect("an instant");
    let before = value(&book);
    book.evolve(
        &Event::TaskAccepted {
            task: "T-9".into(),
            person: full("P-1A"),
            instead_of: None,
            taken: true,
        },
        Provenance::unknown(at),
    );
    book.evolve(
        &Event::TaskUnassigned {
            task: "no number".into(),
            reason: String::new(),
        },
        Provenance::unknown(at),
    );
    book.evolve(
        &Event::BatchIssued {
            batch: "B-9".into(),
            count: 3,
        },
        Provenance::unknown(at),
    );
    assert_eq!(value(&book), before);
}

#[test]
fn a_book_of_a_hundred_thousand_sheets_finds_one_among_them() {
    let mut desk = Desk::county();
    let template = desk
        .batch(of_post(1), Assign::default())
        .into_iter()
        .find(|event| event.kind() == "task.issued")
        .expect("a sheet");
    for number in 2..=100_000 {
        let mut event = template.clone();
        if let Event::TaskIssued { task, batch, .. } = &mut event {
            *task = format!("T-{number}").into();
            *batch = "B-1".into();
        }
        desk.bench
            .book
            .evolve(&event, Provenance::unknown(desk.bench.at));
    }
    assert_eq!(desk.bench.book.tasks.len(), 100_000);
    assert_eq!(
        kinds(&desk.does("P-1A", &accept("T-77777"))),
        ["task.accepted"]
    );
    assert_eq!(desk.bench.book.loads.get(&full("P-1B")), Some(&99_999));
    assert!(desk.bench.book.bells.len() == 99_999 && desk.bench.book.due().is_some());
}
