//! What a chat group is shown: counts and sheets several may take, within its area, and nobody's name.

use picket_schemas::ask::{GroupView, Question, View, Viewer};
use serde_json::{Value, json};

use super::{World, batch, inst, t, task};

const GROUP: &str = "420902/G-01";
const ELSEWHERE: &str = "420902/G-02";
const NOON: &str = "2023-03-06 12:00";

/// A county with a group in the town of the story and one in the next, and a sheet for two.
fn world() -> World {
    let mut world = World::new();
    let group = |code: &str, area: &str| json!({"type":"person.enrolled","person":{"id":code,"name":format!("group {code}"),"roles":["group"],"area":area}});
    world.tell("registry/420902", json!([group(GROUP, "420902003"), group(ELSEWHERE, "420902009"), {"type":"identity.bound","person":GROUP,"channel":"telegram","account":"-1001","token_hash":"h"}]));
    let mut sheet = task("T-1", "B-1");
    sheet["offered"] = json!(["420902/P-17", "420902/P-18"]);
    sheet["rows"] = json!([inst("I-1"), inst("I-2")]);
    world
        .at("2023-03-06 09:00")
        .by("420902/P-30")
        .dispatch(json!([batch("B-1", 1), {"type":"batch.issued","batch":"B-1","count":1}, sheet]));
    world
}

fn seen_by(world: &World, who: &str, group: &str, tasks: &[&str]) -> View {
    let question = Question::Group {
        group: group.into(),
        tasks: tasks.iter().map(|task| (*task).to_owned()).collect(),
    };
    world
        .seen_by(&Viewer::person(&who.into()), &question, NOON)
        .view
}

fn view(world: &World, group: &str, tasks: &[&str]) -> GroupView {
    match seen_by(world, group, group, tasks) {
        View::Group(view) => *view,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_group_sees_batches_in_counts_and_sheets_several_may_take_and_nobodys_name() {
    let world = world();
    let shown = view(&world, GROUP, &[]);
    assert_eq!(
        (
            shown.area.name.as_str(),
            shown.waiting,
            shown.batches[0].count,
            shown.batches[0].accepted
        ),
        ("书院街道", 1, 1, 0)
    );
    let sheet = &shown.tasks[0];
    assert_eq!(
        (
            sheet.task.as_str(),
            sheet.open,
            sheet.taken,
            sheet.need,
            sheet.rows
        ),
        ("T-1", true, 0, 1, 2)
    );
    let all = serde_json::to_string(&shown).expect("plain data");
    for secret in ["sentinel", "P-17", "P-18", "coordinator", "leader"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[test]
fn a_sheet_that_was_taken_waits_for_nobody_and_is_shown_as_taken_where_it_is_asked_for() {
    let mut world = world();
    world.at("2023-03-06 10:00").by("420902/P-17").dispatch(
        json!([{"type":"task.accepted","task":"T-1","person":"420902/P-17","taken":true}]),
    );
    let shown = view(&world, GROUP, &[]);
    assert_eq!(
        (shown.waiting, shown.tasks.len(), shown.batches[0].accepted),
        (0, 0, 1)
    );
    let asked = view(&world, GROUP, &["420902/T-1"]);
    assert_eq!(
        (
            asked.tasks[0].open,
            asked.tasks[0].taken,
            asked.tasks[0].state.as_str()
        ),
        (false, 1, "accepted")
    );
}

#[test]
fn a_group_of_another_town_sees_nothing_of_it_nor_by_asking_for_it() {
    let world = world();
    let shown = view(&world, ELSEWHERE, &["420902/T-1"]);
    assert_eq!((shown.tasks.len(), shown.waiting), (0, 0));
    assert!(view(&world, ELSEWHERE, &[]).batches.is_empty());
}

#[test]
fn what_is_sealed_is_not_there_for_a_group_by_any_way_until_its_release() {
    let mut world = world();
    let (mut secret, mut sheet) = (batch("B-2", 1), task("T-2", "B-2"));
    for sealed in [&mut secret, &mut sheet] {
        sealed["sealed_until"] = json!(t("2023-03-08 09:00"));
    }
    sheet["offered"] = json!(["420902/P-17", "420902/P-18"]);
    world
        .at("2023-03-06 09:30")
        .by("420902/P-30")
        .dispatch(json!([secret, {"type":"batch.issued","batch":"B-2","count":1}, sheet]));
    let before = serde_json::to_string(&(view(&world, GROUP, &[]), view(&world, GROUP, &["T-2"])))
        .expect("plain data");
    assert!(
        !before.contains("T-2") && !before.contains("B-2"),
        "{before}"
    );
    let question = Question::Group {
        group: GROUP.into(),
        tasks: Vec::new(),
    };
    let after = serde_json::to_value(
        world
            .seen_by(
                &Viewer::person(&GROUP.into()),
                &question,
                "2023-03-08 10:00",
            )
            .view,
    )
    .unwrap_or(Value::Null);
    assert!(after.to_string().contains("T-2"));
}

#[test]
fn nobody_looks_through_the_eyes_of_a_group_and_a_person_is_none() {
    let world = world();
    assert_eq!(seen_by(&world, "420902/P-17", GROUP, &[]), View::Unknown);
    assert_eq!(seen_by(&world, ELSEWHERE, GROUP, &[]), View::Unknown);
    assert_eq!(
        seen_by(&world, "420902/P-17", "420902/P-17", &[]),
        View::Unknown,
        "a person has a board of their own"
    );
    let groups = Question::Groups {
        channel: "telegram".into(),
    };
    assert_eq!(
        world
            .seen_by(&Viewer::person(&"420902/P-30".into()), &groups, NOON)
            .view,
        View::Unknown
    );
    match world
        .seen_by(&Viewer::person(&"420902/operator".into()), &groups, NOON)
        .view
    {
        View::Groups(groups) => {
            assert_eq!((groups.len(), groups[0].account.as_str()), (1, "-1001"))
        }
        other => panic!("{other:?}"),
    }
}
