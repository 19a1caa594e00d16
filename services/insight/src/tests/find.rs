//! Scripts find what reactions created.

use picket_schemas::ask::{Question, View};
use serde_json::json;

use super::{World, task};

fn found(world: &World, find: &str, by: &[(&str, &str)]) -> Vec<String> {
    let by = by
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    match world.ask(&Question::Find {
        jurisdiction: "420902".into(),
        find: find.into(),
        by,
    }) {
        View::Found(ids) => ids,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_reaction_created_is_found_by_what_it_came_from() {
    let mut world = World::new();
    world.cleared();
    for (find, by, id) in [
        ("lead", vec![("task", "T-1"), ("row", "I-3")], "L-1"),
        ("lead", vec![("report", "R-1")], "L-1"),
        ("report", vec![("lead", "L-1")], "R-1"),
        ("task", vec![("batch", "B-1"), ("post", "PO-01")], "T-1"),
        (
            "task",
            vec![("batch", "420902/B-1"), ("person", "420902/P-17")],
            "T-1",
        ),
        ("task", vec![("person", "P-17")], "T-1"),
        ("case", vec![("lead", "L-1")], "C-1"),
        ("order", vec![("case", "C-1")], "Z-1"),
        ("clock", vec![("on", "Z-1"), ("kind", "order.fix")], "K-4"),
    ] {
        assert_eq!(found(&world, find, &by), [id], "{find} {by:?}");
    }
}

#[test]
fn what_a_batch_would_reach_is_counted_within_an_area() {
    let mut world = World::new();
    world.cleared();
    let whole = found(&world, "institution", &[("area", "420902")]);
    assert!(whole.contains(&"I-3".to_owned()), "{whole:?}");
    assert_eq!(
        whole,
        found(
            &world,
            "institution",
            &[("area", "420902003"), ("kind", "arts"), ("risk", "high")]
        )
    );
    assert!(
        found(
            &world,
            "institution",
            &[("area", "420902"), ("kind", "sports")]
        )
        .is_empty()
    );
    assert!(found(&world, "post", &[("area", "420902")]).contains(&"PO-01".to_owned()));
}

#[test]
fn all_that_match_come_in_the_order_of_their_numbers() {
    let mut world = World::new();
    let sheets: Vec<_> = (1..=11).map(|n| task(&format!("T-{n}"), "B-1")).collect();
    world.dispatch(json!(sheets));
    let ids = found(&world, "task", &[("batch", "B-1")]);
    assert_eq!(
        (ids.len(), ids[1].as_str(), ids[10].as_str()),
        (11, "T-2", "T-11")
    );
}

#[test]
fn an_unknown_condition_matches_nothing() {
    let mut world = World::new();
    world.cleared();
    assert!(found(&world, "lead", &[("taks", "T-1")]).is_empty());
    assert!(found(&world, "thing", &[]).is_empty());
    assert!(found(&world, "lead", &[("task", "T-1' OR '1'='1")]).is_empty());
}
