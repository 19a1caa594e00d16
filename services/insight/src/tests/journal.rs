//! Reading journals: order, repetition, gaps, rebuilding, damaged files.

use picket_schemas::ask::Question;
use picket_schemas::{PersonId, dispatch};
use serde_json::json;

use super::{World, t, territory};
use crate::{Insight, InsightError};

/// Everything people may ask about a whole story.
fn everything(insight: &Insight) -> String {
    let j = "420902";
    let questions = [
        json!({"ask":"inbox","person":"420902/P-17"}),
        json!({"ask":"inbox","person":"420902/P-31"}),
        json!({"ask":"inbox","person":"420902/P-40"}),
        json!({"ask":"task","jurisdiction":j,"task":"T-1"}),
        json!({"ask":"batch","jurisdiction":j,"batch":"B-1"}),
        json!({"ask":"board","jurisdiction":"4209"}),
        json!({"ask":"lead","jurisdiction":j,"lead":"L-1"}),
        json!({"ask":"case","jurisdiction":j,"case":"C-1"}),
        json!({"ask":"order","jurisdiction":j,"order":"Z-1"}),
        json!({"ask":"timeline","jurisdiction":j,"of":"T-1"}),
        json!({"ask":"timeline","jurisdiction":j,"of":"B-1"}),
        json!({"ask":"overdue","jurisdiction":"4209"}),
        json!({"ask":"institution","jurisdiction":j,"code":"I-3"}),
        json!({"ask":"people","jurisdiction":j}),
    ];
    let mut text = String::new();
    for question in questions {
        let question: Question = serde_json::from_value(question).expect("a question");
        let view = insight
            .answer(&question, t("2023-04-01 12:00"))
            .expect("answers");
        text.push_str(&serde_json::to_string(&view).expect("json"));
        text.push('\n');
    }
    let figures = insight
        .figures(&"4209".into(), t("2023-01-01 00:00"), t("2023-04-01 00:00"))
        .expect("counts");
    text.push_str(
        &serde_json::to_string(&(figures.figures, figures.areas, figures.names)).expect("json"),
    );
    text
}

#[test]
fn rebuilding_equals_reading_as_it_came() {
    let mut world = World::new();
    world.cleared();
    let live = everything(&world.insight);
    let mut rebuilt = Insight::in_memory(territory()).expect("opens");
    rebuilt.apply(&world.log).expect("applies");
    assert_eq!(live, everything(&rebuilt));
    assert_eq!(world.insight.positions(), rebuilt.positions());
}

#[test]
fn journals_may_be_brought_one_after_the_other_in_any_order() {
    let mut world = World::new();
    world.cleared();
    let live = everything(&world.insight);
    for backwards in [false, true] {
        let mut sorted = world.log.clone();
        sorted.sort_by_key(|(commit, _)| (commit.book.clone(), commit.n));
        if backwards {
            sorted.sort_by_key(|(commit, _)| (std::cmp::Reverse(commit.book.clone()), commit.n));
        }
        let mut rebuilt = Insight::in_memory(territory()).expect("opens");
        rebuilt.apply(&sorted).expect("applies");
        assert_eq!(live, everything(&rebuilt), "backwards: {backwards}");
    }
}

#[test]
fn commits_read_before_are_passed_over() {
    let mut world = World::new();
    world.cleared();
    let before = everything(&world.insight);
    let positions = world.insight.positions();
    world.insight.apply(&world.log.clone()).expect("applies");
    assert_eq!(before, everything(&world.insight));
    assert_eq!(positions, world.insight.positions());
}

#[test]
fn a_missing_commit_is_an_error_and_changes_nothing() {
    let mut world = World::new();
    world.issued();
    let before = everything(&world.insight);
    let event = |n: u32| {
        picket_schemas::Event::from(dispatch::Event::BatchIssued {
            batch: "B-1".into(),
            count: n,
        })
    };
    let good = world.write("dispatch/420902", vec![event(5)]);
    let lost = world.write("dispatch/420902", vec![event(6)]);
    let late = world.write("dispatch/420902", vec![event(7)]);
    let error = world
        .insight
        .apply(&[good.clone(), late.clone()])
        .expect_err("a gap");
    assert!(
        matches!(
            &error,
            InsightError::Gap {
                read: 2,
                got: 4,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(before, everything(&world.insight));
    assert_eq!(world.insight.positions()["dispatch/420902"].0, 1);
    world.insight.apply(&[good, lost, late]).expect("applies");
    assert_eq!(world.insight.positions()["dispatch/420902"].0, 4);
}

#[test]
fn a_commit_of_another_history_is_refused() {
    let mut world = World::new();
    world.issued();
    let (commit, hash) = world.write("dispatch/420902", vec![]);
    let mut forked = (*commit).clone();
    forked.prev = "somebody else's".into();
    let error = world
        .insight
        .apply(&[(forked.into(), hash)])
        .expect_err("a fork");
    assert!(matches!(error, InsightError::Forked { n: 2, .. }));
}

#[test]
fn positions_and_answers_survive_closing_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("insight.db");
    let mut world = World::new();
    world.cleared();
    let mut insight = Insight::open(&path, territory()).expect("opens");
    insight.apply(&world.log).expect("applies");
    drop(insight);
    let again = Insight::open(&path, territory()).expect("opens");
    assert_eq!(again.positions(), world.insight.positions());
    assert_eq!(everything(&again), everything(&world.insight));
}

#[test]
fn a_damaged_file_is_begun_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("insight.db");
    std::fs::write(&path, "this was a database once, and then came the rain").expect("writes");
    let mut insight = Insight::open(&path, territory()).expect("opens");
    assert!(insight.positions().is_empty());
    let mut world = World::new();
    world.cleared();
    insight.apply(&world.log).expect("applies");
    drop(insight);
    // Half of it is lost.
    let bytes = std::fs::read(&path).expect("reads");
    std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("writes");
    let insight = Insight::open(&path, territory()).expect("opens");
    assert!(insight.positions().is_empty());
}

#[test]
fn a_file_of_another_version_is_begun_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("insight.db");
    let mut world = World::new();
    world.issued();
    let mut insight = Insight::open(&path, territory()).expect("opens");
    insight.apply(&world.log).expect("applies");
    insight
        .conn
        .pragma_update(None, "user_version", 99)
        .expect("writes");
    drop(insight);
    assert!(
        Insight::open(&path, territory())
            .expect("opens")
            .positions()
            .is_empty()
    );
}

#[test]
fn a_keepers_own_records_change_no_answer() {
    let mut world = World::new();
    world.issued();
    let before = everything(&world.insight);
    let began = picket_schemas::event::KeeperEvent::ReadingBegan {
        journal: "registry/420902".into(),
        from: 0,
    };
    let written = world.write(
        "dispatch/420902",
        vec![picket_schemas::Event::Keeper(began)],
    );
    world.insight.apply(&[written]).expect("applies");
    assert_eq!(before, everything(&world.insight));
}

#[test]
fn nobody_knows_what_was_never_said() {
    let world = World::new();
    for question in [
        json!({"ask":"task","jurisdiction":"420902","task":"T-9"}),
        json!({"ask":"lead","jurisdiction":"420902","lead":"L-9"}),
        json!({"ask":"case","jurisdiction":"420902","case":"C-9"}),
        json!({"ask":"order","jurisdiction":"420902","order":"Z-9"}),
        json!({"ask":"timeline","jurisdiction":"420902","of":"Z-9"}),
        json!({"ask":"institution","jurisdiction":"420902","code":"I-9"}),
        json!({"ask":"person","person":"420902/P-99"}),
    ] {
        let question: Question = serde_json::from_value(question).expect("a question");
        assert_eq!(
            world.ask(&question),
            picket_schemas::ask::View::Unknown,
            "{question:?}"
        );
    }
    let stranger = world.inbox(PersonId::from("420902/P-99").as_str());
    assert_eq!(stranger, picket_schemas::ask::Inbox::default());
}
