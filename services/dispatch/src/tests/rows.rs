//! Rows: who fills them, which answer stands, and when something is found.

use picket_book::fields;
use picket_schemas::dispatch::{Accept, AssignTo, Command, Event, Outcome};

use super::*;

fn noted(task: &str, row: &str, outcome: Outcome, note: &str) -> Command {
    Command::FillRow {
        task: task.into(),
        row: row.into(),
        outcome,
        codes: Vec::new(),
        note: note.into(),
        evidence: Vec::new(),
        observed: None,
        urgent: false,
    }
}

#[test]
fn a_row_is_filled_by_whoever_holds_the_sheet() {
    let mut desk = Desk::one_sheet();
    assert_eq!(
        desk.refused("P-1A", &fill("T-1", "I-11", Outcome::Ok)),
        "not_yours"
    );
    desk.does("P-1A", &accept("T-1"));
    assert_eq!(
        desk.refused("P-1B", &fill("T-1", "I-11", Outcome::Ok)),
        "not_yours"
    );
    assert_eq!(
        desk.refused("P-1A", &fill("T-1", "I-21", Outcome::Ok)),
        "unknown_row"
    );
    let events = desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    assert_eq!(kinds(&events), ["sortie.opened", "row.filled"]);
}

#[test]
fn codes_and_urgency_belong_to_problems() {
    let mut desk = Desk::taken_sheet();
    let with = |outcome, codes: &[&str], urgent| Command::FillRow {
        task: "T-1".into(),
        row: "I-11".into(),
        outcome,
        codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        note: String::new(),
        evidence: Vec::new(),
        observed: None,
        urgent,
    };
    assert_eq!(
        desk.refused("P-1A", &with(Outcome::Ok, &["H1"], false)),
        "invalid"
    );
    assert_eq!(
        desk.refused("P-1A", &with(Outcome::Refused, &[], true)),
        "invalid"
    );
    assert_eq!(
        desk.refused("P-1A", &with(Outcome::Problem, &["ZZ"], false)),
        "invalid",
        "no catalogue and no route knows it"
    );
    desk.does("P-1A", &with(Outcome::Problem, &[], false));
}

#[test]
fn a_note_has_a_length() {
    let mut desk = Desk::taken_sheet();
    assert_eq!(
        desk.refused(
            "P-1A",
            &noted("T-1", "I-11", Outcome::Ok, &"长".repeat(fields::TEXT + 1))
        ),
        "invalid"
    );
    desk.does(
        "P-1A",
        &noted("T-1", "I-11", Outcome::Ok, &"长".repeat(fields::TEXT)),
    );
}

#[test]
fn nothing_is_seen_in_the_future_or_a_season_ago() {
    let mut desk = Desk::taken_sheet();
    let at = |observed: &str| Command::FillRow {
        task: "T-1".into(),
        row: "I-11".into(),
        outcome: Outcome::Ok,
        codes: Vec::new(),
        note: String::new(),
        evidence: Vec::new(),
        observed: Some(observed.parse().expect("an instant")),
        urgent: false,
    };
    assert_eq!(desk.refused("P-1A", &at("2023-03-01T01:00:01Z")), "invalid");
    assert_eq!(desk.refused("P-1A", &at("2022-11-01T01:00:00Z")), "invalid");
    desk.does("P-1A", &at("2023-03-01T00:59:59Z"));
}

#[test]
fn a_sheet_goes_in_when_every_row_has_an_answer() {
    let mut desk = Desk::taken_sheet();
    let refusal = desk.wish("P-1A", &submit("T-1")).expect_err("open rows");
    assert_eq!(
        refusal,
        Refusal::RowsOpen {
            task: "T-1".into(),
            rows: "I-11, I-12".into()
        }
    );
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    desk.does("P-1A", &fill("T-1", "I-12", Outcome::NotVisited));
    assert_eq!(desk.refused("P-1B", &submit("T-1")), "not_yours");
    desk.does("P-1A", &submit("T-1"));
    assert_eq!(desk.refused("P-1A", &submit("T-1")), "wrong_state");
    assert_eq!(
        desk.refused("P-1A", &fill("T-1", "I-11", Outcome::Ok)),
        "wrong_state"
    );
}

#[test]
fn a_refusal_names_five_open_rows_and_counts_the_others() {
    let mut desk = Desk::county();
    (3..=9).for_each(|row| desk.institution(&format!("I-1{row}"), 1));
    desk.batch(of_post(1), Assign::default());
    desk.does("P-1A", &accept("T-1"));
    let refusal = desk.wish("P-1A", &submit("T-1")).expect_err("open rows");
    assert_eq!(
        refusal,
        Refusal::RowsOpen {
            task: "T-1".into(),
            rows: "I-11, I-12, I-13, I-14, I-15 and 4 more".into()
        }
    );
}

#[test]
fn a_nil_return_is_a_full_sheet_without_a_problem() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    desk.does("P-1A", &fill("T-1", "I-12", Outcome::Moved));
    let events = desk.does("P-1A", &submit("T-1"));
    assert!(
        matches!(
            &events[..],
            [Event::TaskSubmitted {
                nil: true,
                rows: 2,
                problems: 0,
                ..
            }]
        ),
        "{events:?}"
    );
}

#[test]
fn a_sheet_without_rows_goes_in_as_nil() {
    let mut desk = Desk::county();
    desk.post(4, &["A"]);
    desk.batch(
        Select {
            empty_posts: true,
            ..of_post(4)
        },
        Assign::default(),
    );
    desk.does("P-4A", &accept("T-1"));
    assert!(matches!(
        desk.does("P-4A", &submit("T-1"))[..],
        [Event::TaskSubmitted {
            nil: true,
            rows: 0,
            ..
        }]
    ));
}

#[test]
fn problems_are_found_when_the_sheet_goes_in() {
    let mut desk = Desk::taken_sheet();
    assert_eq!(
        count(
            &desk.does("P-1A", &fill("T-1", "I-11", Outcome::Problem)),
            "row.found"
        ),
        0
    );
    desk.does("P-1A", &fill("T-1", "I-12", Outcome::Ok));
    let events = desk.does("P-1A", &submit("T-1"));
    assert_eq!(kinds(&events), ["task.submitted", "row.found"]);
    let Event::RowFound {
        row,
        area,
        codes,
        finder,
        post,
        campaign,
        round,
        urgent,
        ..
    } = &events[1]
    else {
        panic!("found")
    };
    assert_eq!(
        (row.as_str(), area.as_str(), codes.as_slice()),
        ("I-11", community(1).as_str(), ["H1".to_owned()].as_slice())
    );
    assert_eq!(
        (
            finder.as_str(),
            post.as_ref().map(PostCode::as_str),
            *urgent
        ),
        ("420902/P-1A", Some("PO-1"), false)
    );
    assert_eq!((campaign.as_deref(), *round), (Some("spring"), Some(2)));
}

#[test]
fn an_urgent_problem_is_found_at_once_and_only_once() {
    let mut desk = Desk::taken_sheet();
    let events = desk.does("P-1A", &urgent("T-1", "I-11"));
    assert_eq!(kinds(&events), ["sortie.opened", "row.filled", "row.found"]);
    desk.does("P-1A", &fill("T-1", "I-12", Outcome::Ok));
    let events = desk.does("P-1A", &submit("T-1"));
    assert_eq!(kinds(&events), ["task.submitted"]);
    assert!(matches!(
        events[0],
        Event::TaskSubmitted {
            nil: false,
            problems: 1,
            ..
        }
    ));
}

#[test]
fn a_row_corrected_after_its_lead_opened_is_an_annotation() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-1A", &urgent("T-1", "I-11"));
    let events = desk.does(
        "P-1A",
        &noted("T-1", "I-11", Outcome::Ok, "the tap was closed"),
    );
    assert_eq!(kinds(&events), ["row.filled", "row.annotated"]);
    assert!(
        matches!(&events[1], Event::RowAnnotated { note, .. } if note == "ok: the tap was closed")
    );
    assert_eq!(
        kinds(&desk.does("P-1A", &urgent("T-1", "I-11"))),
        ["row.filled", "row.annotated"],
        "never a second lead"
    );
    assert_eq!(
        kinds(&desk.does("P-1A", &urgent("T-1", "I-11"))),
        ["row.filled"],
        "the same again annotates nothing"
    );
}

#[test]
fn a_plain_problem_made_urgent_is_found_at_once() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Problem));
    assert_eq!(
        kinds(&desk.does("P-1A", &urgent("T-1", "I-11"))),
        ["row.filled", "row.found"]
    );
}

#[test]
fn of_two_fillers_the_last_one_wins_and_both_are_on_record() {
    let mut desk = Desk::county();
    desk.batch(
        of_post(1),
        assign(AssignTo::PostSentinel, &[], Accept::N(2)),
    );
    desk.does("P-1A", &accept("T-1"));
    desk.does("P-1B", &accept("T-1"));
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    desk.does("P-1B", &fill("T-1", "I-11", Outcome::Problem));
    desk.does("P-1A", &fill("T-1", "I-12", Outcome::Ok));
    let events = desk.does("P-1A", &submit("T-1"));
    assert!(matches!(&events[1], Event::RowFound { finder, .. } if *finder == full("P-1B")));
    let fills: Vec<_> = desk
        .said
        .iter()
        .filter(|(event, _)| matches!(event, Event::RowFilled { row, .. } if row == "I-11"))
        .collect();
    assert_eq!(fills.len(), 2);
}

#[test]
fn a_problem_on_a_corrected_return_is_found_when_it_goes_in_again() {
    let mut desk = Desk::submitted(Outcome::Ok, Outcome::Ok);
    desk.does("P-1L", &give_back("T-1", &["I-11"]));
    assert_eq!(
        kinds(&desk.does("P-1A", &fill("T-1", "I-11", Outcome::Problem))),
        ["row.filled"]
    );
    assert_eq!(
        kinds(&desk.does("P-1A", &submit("T-1"))),
        ["task.submitted", "row.found"]
    );
}
