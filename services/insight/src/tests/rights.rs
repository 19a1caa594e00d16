//! Who may see what of what is not sealed: by role and area, by department, by having a part in it.

use picket_schemas::ask::{Question, View, Viewer};
use serde_json::{Value, json};

use super::{World, t, tasks};

const NOW: &str = "2023-03-21 09:00";

/// Asks as somebody.
fn ask(world: &World, who: &str, question: Value) -> View {
    world
        .seen_by(
            &Viewer::person(&who.into()),
            &serde_json::from_value(question).expect("a question"),
            NOW,
        )
        .view
}

/// What each question is about; each is put to each person of the table.
fn table() -> [(&'static str, Value); 13] {
    let j = "420902";
    [
        ("task", json!({"ask":"task","jurisdiction":j,"task":"T-1"})),
        (
            "batch",
            json!({"ask":"batch","jurisdiction":j,"batch":"B-1"}),
        ),
        ("board", json!({"ask":"board","jurisdiction":j})),
        (
            "sheet's timeline",
            json!({"ask":"timeline","jurisdiction":j,"of":"T-1"}),
        ),
        ("lead", json!({"ask":"lead","jurisdiction":j,"lead":"L-1"})),
        ("case", json!({"ask":"case","jurisdiction":j,"case":"C-1"})),
        (
            "order",
            json!({"ask":"order","jurisdiction":j,"order":"Z-1"}),
        ),
        (
            "case's timeline",
            json!({"ask":"timeline","jurisdiction":j,"of":"C-1"}),
        ),
        ("overdue", json!({"ask":"overdue","jurisdiction":j})),
        (
            "figures",
            json!({"ask":"figures","jurisdiction":j,"from":t("2023-01-01 00:00"),"as_of":t(NOW)}),
        ),
        ("schedules", json!({"ask":"schedules","jurisdiction":j})),
        ("people", json!({"ask":"people","jurisdiction":j})),
        (
            "another's inbox",
            json!({"ask":"inbox","person":"420902/P-18"}),
        ),
    ]
}

/// What somebody is not told to be unknown.
fn sees(world: &World, who: &str) -> Vec<&'static str> {
    table()
        .into_iter()
        .filter(|(_, question)| ask(world, who, question.clone()) != View::Unknown)
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn everybody_sees_as_far_as_the_role_the_area_and_the_department_go() {
    let mut world = World::new();
    world.cleared();
    let roles = |code: &str, roles: Value, area: &str| json!({"type":"person.enrolled","person":{"id":format!("420902/{code}"),"name":code,"roles":roles,"area":area}});
    world.tell(
        "registry/420902",
        json!([
            roles("P-80", json!(["clerk"]), "420902"),
            roles("P-81", json!(["coordinator"]), "420902009"),
            roles("P-82", json!([]), "420902"),
            roles("P-83", json!(["street"]), "420902003")
        ]),
    );
    let whole = [
        "task",
        "batch",
        "board",
        "sheet's timeline",
        "lead",
        "case",
        "order",
        "case's timeline",
        "overdue",
        "figures",
        "schedules",
        "people",
    ];
    for who in [
        "420902/P-30",
        "420902/P-31",
        "420902/P-60",
        "4209/P-1",
        "4209/P-2",
    ] {
        assert_eq!(sees(&world, who), whole, "{who}");
    }
    let street: Vec<_> = whole
        .into_iter()
        .filter(|name| *name != "figures")
        .collect();
    assert_eq!(
        sees(&world, "420902/P-83"),
        street,
        "the street has no figures of the whole county"
    );
    let cases = [
        "lead",
        "case",
        "order",
        "case's timeline",
        "overdue",
        "people",
    ];
    assert_eq!(
        sees(&world, "420902/P-40"),
        cases,
        "the handling department: no sheet, which names who filled it"
    );
    assert_eq!(
        sees(&world, "420902/P-42"),
        cases,
        "the assisting department"
    );
    assert_eq!(sees(&world, "420902/P-50"), cases, "the verifier");
    assert_eq!(sees(&world, "420902/P-70"), cases, "the territorial owner");
    assert_eq!(
        sees(&world, "420902/P-17"),
        [
            "task",
            "sheet's timeline",
            "lead",
            "case",
            "order",
            "case's timeline",
            "overdue",
            "people"
        ],
        "who held the sheet and found it"
    );
    assert_eq!(
        sees(&world, "420902/P-18"),
        [
            "task",
            "sheet's timeline",
            "overdue",
            "people",
            "another's inbox"
        ],
        "who was offered the sheet, and the own inbox"
    );
    assert_eq!(
        sees(&world, "420902/P-80"),
        ["overdue", "figures", "schedules", "people"],
        "a clerk"
    );
    assert_eq!(
        sees(&world, "420902/P-81"),
        ["board", "overdue", "schedules", "people"],
        "a coordinator of another street"
    );
    for stranger in [
        "420902/P-82",
        "420921/P-30",
        "420921/P-17",
        "420902/P-99",
        "4209/system",
    ] {
        assert!(
            sees(&world, stranger).is_empty(),
            "{stranger} left, or works elsewhere, or is nobody"
        );
    }
    let nobody = Viewer::default();
    assert!(table().into_iter().all(|(_, question)| {
        world
            .seen_by(
                &nobody,
                &serde_json::from_value(question).expect("a question"),
                NOW,
            )
            .view
            == View::Unknown
    }));
}

#[test]
fn lists_hold_only_what_their_reader_may_open() {
    let mut world = World::new();
    world.served();
    let j = "420902";
    assert!(matches!(
        ask(
            &world,
            "420902/P-81",
            json!({"ask":"board","jurisdiction":j})
        ),
        View::Unknown
    ));
    let found = |who: &str, find: &str| {
        ask(
            &world,
            who,
            json!({"ask":"find","jurisdiction":j,"find":find,"by":{}}),
        )
    };
    for (who, find, expected) in [
        ("420902/P-30", "task", vec!["T-1"]),
        ("420902/P-40", "task", vec![]),
        ("420902/P-40", "lead", vec!["L-1"]),
        ("420902/P-18", "lead", vec![]),
        ("420902/P-17", "lead", vec!["L-1"]),
        ("420902/P-30", "notice", vec![]),
    ] {
        assert_eq!(
            found(who, find),
            View::Found(expected.into_iter().map(str::to_owned).collect()),
            "{who} {find}"
        );
    }
    assert_eq!(found("420921/P-30", "task"), View::Unknown);
    let history = |who: &str| match ask(
        &world,
        who,
        json!({"ask":"institution","jurisdiction":j,"code":"I-3"}),
    ) {
        View::Institution(place) => (
            place.leads.len(),
            place.cases.len(),
            place
                .timeline
                .iter()
                .filter(|item| item.kind == "row.filled")
                .count(),
        ),
        other => panic!("{who}: {other:?}"),
    };
    assert_eq!(
        (
            history("420902/P-30"),
            history("420902/P-42"),
            history("420902/P-18")
        ),
        ((1, 1, 1), (1, 1, 0), (0, 0, 1)),
        "each line by the right to what it is about"
    );
}

#[test]
fn a_batch_is_counted_within_the_area_of_whoever_looks() {
    let mut world = World::new();
    world.issued();
    let street = |code: &str, area: &str| json!({"type":"person.enrolled","person":{"id":format!("420902/{code}"),"name":code,"roles":["street"],"area":area}});
    world.tell(
        "registry/420902",
        json!([street("P-83", "420902003"), street("P-84", "420902009")]),
    );
    let mut other = super::task("T-2", "B-1");
    other["area"] = json!("420902009");
    world.dispatch(json!([other]));
    let count = |who: &str| match ask(
        &world,
        who,
        json!({"ask":"batch","jurisdiction":"420902","batch":"B-1"}),
    ) {
        View::Batch(batch) => (batch.count, batch.issued, batch.rows),
        other => panic!("{who}: {other:?}"),
    };
    assert_eq!(
        (
            count("420902/P-30"),
            count("420902/P-83"),
            count("420902/P-84")
        ),
        ((1, 2, 6), (1, 1, 3), (1, 1, 3))
    );
    let board = |who: &str| match ask(&world, who, json!({"ask":"board","jurisdiction":"420902"})) {
        View::Board(board) => tasks(&board.silent)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>(),
        other => panic!("{who}: {other:?}"),
    };
    assert_eq!(
        (board("420902/P-30"), board("420902/P-84")),
        (
            vec!["T-1".to_owned(), "T-2".to_owned()],
            vec!["T-2".to_owned()]
        )
    );
}

#[test]
fn who_handles_a_lead_reads_the_post_that_found_it_and_never_who() {
    let mut world = World::new();
    world.cleared();
    for who in ["420902/P-40", "420902/P-42", "420902/P-50", "420902/P-70"] {
        for (name, question) in table().into_iter().filter(|(name, _)| *name != "people") {
            let answer = serde_json::to_string(&ask(&world, who, question)).expect("json");
            assert!(
                !answer.contains("sentinel 17") && !answer.contains("P-17"),
                "{who}, {name}: {answer}"
            );
        }
    }
}

#[test]
fn another_pair_of_eyes_sees_an_order_while_its_fix_waits_and_after_having_looked() {
    let mut world = World::new();
    world.served();
    let person = json!({"type":"person.enrolled","person":{"id":"420902/P-45","name":"inspector 45","roles":["inspector"],"department":"fir","area":"420902"}});
    world.tell("registry/420902", json!([person]));
    let order = |world: &World| {
        ask(
            world,
            "420902/P-45",
            json!({"ask":"order","jurisdiction":"420902","order":"Z-1"}),
        ) != View::Unknown
    };
    assert!(!order(&world), "another department's");
    world
        .at("2023-03-17 10:00")
        .by("420902/P-40")
        .rectify(json!([{"type":"fix.reported","order":"Z-1","note":"closed","by":"420902/P-40"}]));
    assert!(order(&world));
    world.at("2023-03-20 10:00").by("420902/P-45").rectify(
        json!([{"type":"fix.passed","order":"Z-1","case":"C-1","note":"seen","by":"420902/P-45"}]),
    );
    assert!(order(&world), "and the card stays");
}

#[test]
fn a_visitor_sees_what_the_visit_is_for_within_its_dates() {
    let mut world = World::new();
    world.cleared();
    world.tell("registry/420902", json!([{"type":"visitor.admitted","person":"420921/P-30","from":t("2023-03-21 00:00"),"until":t("2023-03-25 00:00"),"roles":["coordinator"],"areas":["420902003"],"reason":"a campaign of two counties","by":"420902/P-30"}]));
    let task = serde_json::from_value(json!({"ask":"task","jurisdiction":"420902","task":"T-1"}))
        .expect("a question");
    let visitor = Viewer::person(&"420921/P-30".into());
    let sees = |at: &str| world.seen_by(&visitor, &task, at).view != View::Unknown;
    assert_eq!(
        [
            sees("2023-03-20 23:59"),
            sees("2023-03-21 00:00"),
            sees("2023-03-24 23:59"),
            sees("2023-03-25 00:00")
        ],
        [false, true, true, false]
    );
    let figures = json!({"ask":"figures","jurisdiction":"420902","from":t("2023-01-01 00:00"),"as_of":t(NOW)});
    assert_eq!(
        ask(&world, "420921/P-30", figures),
        View::Unknown,
        "the street, not the county"
    );
}

#[test]
fn a_registry_cannot_give_its_people_areas_of_another_jurisdiction() {
    let mut world = World::new();
    world.issued();
    world.tell("registry/420921", json!([
        {"type":"area.defined","area":{"code":"420902003","name":"taken over","level":"town","parent":"420921"}},
        {"type":"person.enrolled","person":{"id":"420921/P-66","name":"coordinator 66","roles":["coordinator"],"area":"420902"}},
    ]));
    for who in ["420921/P-30", "420921/P-66"] {
        assert!(sees(&world, who).is_empty(), "{who}");
    }
}

#[test]
fn every_look_of_who_oversees_is_to_be_logged_and_nobody_elses() {
    let mut world = World::new();
    world.cleared();
    let person = |code: &str, roles: Value| json!({"type":"person.enrolled","person":{"id":format!("4209/{code}"),"name":code,"roles":roles,"area":"4209"}});
    world.tell(
        "registry/4209",
        json!([
            person("P-5", json!(["overseer"])),
            person("P-6", json!(["overseer", "supervisor"]))
        ]),
    );
    let reading = |who: &str, question: Value| {
        world
            .seen_by(
                &Viewer::person(&who.into()),
                &serde_json::from_value(question).expect("a question"),
                NOW,
            )
            .reading
    };
    for (name, question) in table() {
        let logged = reading("4209/P-5", question.clone());
        assert!(
            logged
                .as_ref()
                .is_some_and(|reading| !reading.what.is_empty()),
            "{name}"
        );
        assert!(
            reading("4209/P-6", question.clone()).is_some(),
            "{name}: another role besides does not hide it"
        );
        assert_eq!(reading("420902/P-30", question), None);
    }
    let task = reading(
        "4209/P-5",
        json!({"ask":"task","jurisdiction":"4209","task":"420902/T-1"}),
    )
    .expect("logged");
    assert_eq!(
        (task.jurisdiction.as_str(), task.what.as_str()),
        ("420902", "task T-1"),
        "where the record is"
    );
    assert!(
        reading(
            "4209/P-5",
            json!({"ask":"lead","jurisdiction":"420902","lead":"L-77"})
        )
        .is_some(),
        "also what is not there"
    );
    assert_eq!(
        reading("4209/P-5", json!({"ask":"inbox","person":"4209/P-5"})),
        None,
        "one's own is nobody's to log"
    );
    assert!(
        sees(&world, "4209/P-5").len() >= 12,
        "and the overseer sees the area"
    );
}

#[test]
fn a_draft_of_a_bulletin_is_for_those_who_make_it_and_an_approved_one_for_everybody_who_works_there()
 {
    let mut world = World::new();
    let frozen = |id: &str| json!({"type":"bulletin.frozen","bulletin":id,"name":"weekly","from":t("2023-01-01 00:00"),"as_of":t("2023-03-01 08:00"),"rounding":"exact","positions":{},"figures":{"leads":1},"areas":{},"code_version":"0.1.0"});
    world.tell("bulletin/420902", json!([frozen("BU-1"), {"type":"bulletin.approved","bulletin":"BU-1","by":"420902/P-60"}, frozen("BU-2")]));
    let latest = |who: &str| match ask(
        &world,
        who,
        json!({"ask":"bulletin","jurisdiction":"420902"}),
    ) {
        View::Bulletin(bulletin) => bulletin.map(|bulletin| bulletin.bulletin),
        View::Unknown => Some("unknown".into()),
        other => panic!("{who}: {other:?}"),
    };
    assert_eq!(latest("420902/P-30").as_deref(), Some("BU-2"));
    assert_eq!(
        (
            latest("420902/P-17").as_deref(),
            latest("4209/P-1").as_deref()
        ),
        (Some("BU-1"), Some("BU-2"))
    );
    assert_eq!(latest("420921/P-17"), None, "of a neighbour");
    let draft = |question: Question| {
        world
            .seen_by(&Viewer::person(&"420902/P-17".into()), &question, NOW)
            .view
    };
    assert_eq!(
        draft(Question::Bulletin {
            jurisdiction: "420902".into(),
            bulletin: Some("BU-2".into())
        }),
        View::Bulletin(None)
    );
}
