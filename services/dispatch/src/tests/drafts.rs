//! Drafts: what is half typed survives, counts nowhere, and ends with what it was about.

use std::collections::BTreeMap;

use picket_book::fields;
use picket_schemas::dispatch::{Command, DraftOf, Event, Outcome};

use super::*;

fn of_row(row: &str) -> DraftOf {
    DraftOf::Row {
        task: "T-1".into(),
        row: row.into(),
    }
}

fn of_form(form: &str, about: &str) -> DraftOf {
    DraftOf::Form {
        form: form.into(),
        about: about.into(),
    }
}

fn keep(of: DraftOf, answers: &[(&str, &str)]) -> Command {
    Command::KeepDraft {
        of,
        answers: answers
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        evidence: Vec::new(),
    }
}

fn drop_draft(of: DraftOf) -> Command {
    Command::KeepDraft {
        of,
        answers: BTreeMap::new(),
        evidence: Vec::new(),
    }
}

#[test]
fn a_row_half_answered_is_kept_and_dropped() {
    let mut desk = Desk::taken_sheet();
    assert_eq!(
        kinds(&desk.does("P-1A", &keep(of_row("I-11"), &[("codes", "H1")]))),
        ["draft.kept"]
    );
    assert_eq!(
        kinds(&desk.does("P-1A", &drop_draft(of_row("I-11")))),
        ["draft.dropped"]
    );
    assert!(
        desk.does("P-1A", &drop_draft(of_row("I-11"))).is_empty(),
        "there is nothing left to drop"
    );
}

#[test]
fn the_same_draft_again_changes_nothing_however_the_sheet_is_written() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-1A", &keep(of_row("I-11"), &[("codes", "H1")]));
    let full = DraftOf::Row {
        task: "420902/T-1".into(),
        row: "I-11".into(),
    };
    assert!(
        desk.does("P-1A", &keep(full, &[("codes", "H1")]))
            .is_empty()
    );
    assert_eq!(
        desk.does("P-1A", &keep(of_row("I-11"), &[("codes", "H1;F2")]))
            .len(),
        1
    );
}

#[test]
fn only_whoever_fills_a_sheet_keeps_drafts_of_its_rows() {
    let mut desk = Desk::taken_sheet();
    assert_eq!(
        desk.refused("P-1B", &keep(of_row("I-11"), &[("codes", "H1")])),
        "not_yours"
    );
    assert_eq!(
        desk.refused("P-1A", &keep(of_row("I-21"), &[("codes", "H1")])),
        "unknown_row"
    );
    assert_eq!(
        desk.refused("P-404", &keep(of_form("place", ""), &[("address", "x")])),
        "unknown_person"
    );
}

#[test]
fn an_answered_row_ends_its_draft_and_no_other() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-1A", &keep(of_row("I-11"), &[("codes", "H1")]));
    desk.does("P-1A", &keep(of_row("I-12"), &[("codes", "F2")]));
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Problem));
    assert!(desk.does("P-1A", &drop_draft(of_row("I-11"))).is_empty());
    assert_eq!(desk.does("P-1A", &drop_draft(of_row("I-12"))).len(), 1);
}

#[test]
fn a_sheet_that_goes_in_takes_its_drafts_with_it() {
    let mut desk = Desk::taken_sheet();
    for row in ["I-11", "I-12"] {
        desk.does("P-1A", &fill("T-1", row, Outcome::Ok));
        desk.does("P-1A", &keep(of_row(row), &[("note", "second thoughts")]));
    }
    desk.does("P-1A", &submit("T-1"));
    for row in ["I-11", "I-12"] {
        assert!(desk.does("P-1A", &drop_draft(of_row(row))).is_empty());
    }
}

#[test]
fn a_place_that_was_reported_is_no_draft_any_more() {
    let mut desk = Desk::taken_sheet();
    desk.does(
        "P-1A",
        &keep(of_form("place", ""), &[("address", "1 Main Street")]),
    );
    let place = Command::ReportPlace {
        area: community(1).as_str().into(),
        address: "1 Main Street".into(),
        seen: "lessons".into(),
        codes: Vec::new(),
        evidence: Vec::new(),
        urgent: false,
    };
    desk.does("P-1A", &place);
    assert!(
        desk.does("P-1A", &drop_draft(of_form("place", "")))
            .is_empty()
    );
}

#[test]
fn a_draft_is_forgotten_after_a_month() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-1A", &keep(of_form("fix", "Z-1"), &[("note", "old")]));
    desk.later("2023-03-20T01:00:00Z");
    desk.does("P-1A", &keep(of_form("fix", "Z-2"), &[("note", "new")]));
    desk.later("2023-04-02T01:00:00Z");
    desk.does("P-1A", &keep(of_form("fix", "Z-3"), &[("note", "newest")]));
    assert!(
        desk.does("P-1A", &drop_draft(of_form("fix", "Z-1")))
            .is_empty()
    );
    assert_eq!(
        desk.does("P-1A", &drop_draft(of_form("fix", "Z-2"))).len(),
        1
    );
}

#[test]
fn drafts_have_bounds_and_the_oldest_makes_room() {
    let mut desk = Desk::taken_sheet();
    let long = "长".repeat(fields::TEXT + 1);
    assert_eq!(
        desk.refused("P-1A", &keep(of_form("fix", "Z-1"), &[("note", &long)])),
        "invalid"
    );
    let many: Vec<_> = (0..33).map(|n| format!("q{n}")).collect();
    let many: Vec<_> = many.iter().map(|key| (key.as_str(), "x")).collect();
    assert_eq!(
        desk.refused("P-1A", &keep(of_form("fix", "Z-1"), &many)),
        "invalid"
    );
    assert_eq!(
        desk.refused(
            "P-1A",
            &keep(of_form(&"x".repeat(81), ""), &[("note", "x")])
        ),
        "invalid"
    );
    let photos = Command::KeepDraft {
        of: of_form("fix", "Z-1"),
        answers: BTreeMap::new(),
        evidence: (0..21).map(|n| format!("h{n}")).collect(),
    };
    assert_eq!(desk.refused("P-1A", &photos), "invalid");
    for n in 0..21 {
        desk.does(
            "P-1A",
            &keep(of_form("fix", &format!("Z-{n}")), &[("note", "x")]),
        );
    }
    assert!(
        desk.does("P-1A", &drop_draft(of_form("fix", "Z-0")))
            .is_empty(),
        "the oldest went"
    );
    assert_eq!(
        desk.does("P-1A", &drop_draft(of_form("fix", "Z-1"))).len(),
        1
    );
}

#[test]
fn drafts_are_folded_as_they_were_kept() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-1A", &keep(of_row("I-11"), &[("codes", "H1")]));
    desk.does("P-1A", &keep(of_form("place", ""), &[("address", "x")]));
    let events = desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    assert!(
        events
            .iter()
            .any(|event| matches!(event, Event::RowFilled { .. }))
    );
    let json = |book: &Dispatch| serde_json::to_value(book).expect("a book is data");
    assert_eq!(
        json(&desk.refolded())["drafts"],
        json(&desk.bench.book)["drafts"]
    );
}
