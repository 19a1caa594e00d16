//! Sealed sheets and sealed joint actions: nobody outside hears of them by any question, any list or any count.

use picket_schemas::ask::{Question, View, Viewer};
use serde_json::{Value, json};

use super::{World, batch, clock, inst, t, task, tasks};

/// Before the release; the story so far is over.
const BEFORE: &str = "2023-03-25 09:00";
const RELEASE: &str = "2023-04-01 08:00";
const AFTER: &str = "2023-04-03 09:00";
/// Whatever would give the sealed sheet away: its ids and what hangs on it, its name, its finding, its days.
const SHEET: [&str; 11] = [
    "T-2",
    "B-2",
    "L-2",
    "R-2",
    "S-2",
    "K-20",
    "K-21",
    "E-20",
    "secret sweep",
    "behind the curtain",
    "2023-04-01",
];
/// And the joint action: its id, its crew, its day, and why then.
const ACTION: [&str; 5] = [
    "J-1",
    "inspector 43",
    "inspector 44",
    "2023-04-05",
    "before they move",
];

/// A story that is over, with two certified inspectors more.
fn story() -> World {
    let mut world = World::new();
    world.cleared();
    let inspector = |code: &str, n: u32| json!({"type":"person.enrolled","person":{"id":format!("420902/{code}"),"name":format!("inspector {n}"),"roles":["inspector"],"department":"edu","area":"420902","certificate":format!("C-{n}")}});
    world.tell(
        "registry/420902",
        json!([inspector("P-43", 43), inspector("P-44", 44)]),
    );
    let overseer = json!({"type":"person.enrolled","person":{"id":"4209/P-5","name":"overseer 5","roles":["overseer"],"area":"4209"}});
    world.tell("registry/4209", json!([overseer]));
    // A lead that waits for the decision about a joint action.
    world.at("2023-03-20 15:00").by("420902/P-31").rectify(json!([
        {"type":"report.received","report":"R-3","source":"hotline","area":"420902003","text":"a hall","codes":["H1"],"urgent":false,"observed":t("2023-03-20 15:00")},
        {"type":"lead.opened","lead":"L-3","report":"R-3","area":"420902003","codes":["H1"],"urgent":false,"owner":"420902/P-70"},
        {"type":"lead.routed","lead":"L-3","department":"edu","assist":["mkt"],"reason":"row 3: H1"},
    ]));
    world
}

/// The same with a sealed sheet for sentinel 18 alone, who found something urgent; late already, and stepped upon.
fn with_a_sealed_sheet(world: &mut World) {
    let release = t(RELEASE);
    let (mut confirmed, mut sheet) = (batch("B-2", 1), task("T-2", "B-2"));
    for (key, value) in [
        ("name", json!("secret sweep")),
        ("sealed_until", json!(release)),
        ("round", json!(2)),
    ] {
        confirmed[key] = value;
    }
    for (key, value) in [
        ("rows", json!([inst("I-4")])),
        ("offered", json!(["420902/P-18"])),
        ("sealed_until", json!(release)),
        ("round", json!(2)),
    ] {
        sheet[key] = value;
    }
    world
        .at("2023-03-21 09:00")
        .by("420902/P-30")
        .dispatch(json!([confirmed, {"type":"batch.issued","batch":"B-2","count":1}, sheet]));
    world.by("420902/P-18").dispatch(
        json!([{"type":"task.accepted","task":"T-2","person":"420902/P-18","taken":true}]),
    );
    world.does("dispatch.fill_row").dispatch(json!([
        {"type":"sortie.opened","sortie":"S-2","members":["420902/P-18"],"kind":"sweep","date":"2023-03-21"},
        {"type":"row.filled","task":"T-2","row":"I-4","subject":inst("I-4"),"outcome":"problem","codes":["H2"],"note":"behind the curtain","urgent":true,"by":"420902/P-18","sortie":"S-2","observed":t("2023-03-21 09:00")},
        {"type":"row.found","task":"T-2","row":"I-4","subject":inst("I-4"),"area":"420902003","codes":["H2"],"note":"behind the curtain","urgent":true,"finder":"420902/P-18","post":"PO-01","observed":t("2023-03-21 09:00"),"sealed_until":release},
    ]));
    world.does("test").by("rectification").rectify(json!([
        {"type":"report.received","report":"R-2","source":"row","subject":inst("I-4"),"area":"420902003","text":"behind the curtain","codes":["H2"],"urgent":true,"task":"T-2","row":"I-4","finder":"420902/P-18","post":"PO-01","observed":t("2023-03-21 09:00"),"sealed_until":release},
        {"type":"lead.opened","lead":"L-2","report":"R-2","subject":inst("I-4"),"area":"420902003","codes":["H2"],"urgent":true,"post":"PO-01","owner":"420902/P-70","sealed_until":release},
    ]));
    world.by("escalation").escalate(json!([
        clock("K-20", "task.submit", "T-2", "2023-03-21 09:00", "2023-03-23 00:00", json!({"people":["420902/P-18"]})),
        clock("K-21", "lead.screen", "L-2", "2023-03-21 09:00", "2023-03-23 00:00", json!({"role":"dispatcher"})),
        {"type":"reminder.due","clock":"K-20","kind":"task.submit","on":"T-2","to":["420902/P-18"],"due":t("2023-03-23 00:00")},
        {"type":"ladder.stepped","step":"E-20","clock":"K-20","kind":"task.submit","on":"T-2","level":"B1","to":["420902/P-18","420902/P-20"],"due":t("2023-03-23 00:00"),"nominal":t("2023-03-24 08:30"),"why":"one working day late","next":null},
    ]));
    world.by("courier").tell("courier/420902", json!([
        {"type":"notice.queued","notice":"N-20","to":"420902/P-31","kind":"screen","about":"L-2","urgent":true,"after":release,"with":{},"cause":"rectification/420902:9:0"},
        {"type":"notice.queued","notice":"N-21","to":"420902/P-20","kind":"ladder","about":"E-20","urgent":false,"after":release,"with":{"on":"T-2"},"cause":"escalation/420902:9:0"},
    ]));
}

fn with_a_joint_action(world: &mut World) {
    world.at("2023-03-21 10:00").by("420902/P-31").rectify(json!([
        {"type":"joint.decided","lead":"L-3","joint":true,"reason":"on 2023-04-05, before they move","by":"420902/P-31"},
        {"type":"action.opened","action":"J-1","lead":"L-3","department":"edu","assist":["mkt"],"crew":["420902/P-43","420902/P-44"],"date":"2023-04-05","sealed_until":t("2023-04-05 00:00")},
    ]));
}

/// Every question there is about the county and the city, about what is there and about what is sealed.
fn questions() -> Vec<Question> {
    let mut all = Vec::new();
    for j in ["420902", "4209"] {
        // What is of the county is not of the city: one look there is enough.
        let ids: &[&str] = if j == "4209" {
            &["2"]
        } else {
            &["1", "2", "3"]
        };
        for id in ids {
            for (ask, field, letter) in [
                ("task", "task", "T"),
                ("batch", "batch", "B"),
                ("lead", "lead", "L"),
                ("case", "case", "C"),
                ("order", "order", "Z"),
                ("institution", "code", "I"),
            ] {
                all.push(json!({"ask":ask,"jurisdiction":j,field:format!("{letter}-{id}")}));
            }
            all.extend(["T", "B", "L", "C", "Z", "I", "R", "S", "J"].map(
                |letter| json!({"ask":"timeline","jurisdiction":j,"of":format!("{letter}-{id}")}),
            ));
        }
        all.push(json!({"ask":"institution","jurisdiction":j,"code":"I-4"}));
        all.extend(
            ["K-20", "K-21", "E-20", "i:I-4"]
                .map(|of| json!({"ask":"timeline","jurisdiction":j,"of":of})),
        );
        all.extend(
            ["board", "overdue", "schedules", "bulletin", "people"]
                .map(|ask| json!({"ask":ask,"jurisdiction":j})),
        );
        // Behind the release, too: nothing is counted ahead.
        all.extend([BEFORE, AFTER].map(|as_of| json!({"ask":"figures","jurisdiction":j,"from":t("2023-01-01 00:00"),"as_of":t(as_of)})));
        for find in [
            "lead",
            "task",
            "batch",
            "report",
            "place",
            "action",
            "case",
            "order",
            "clock",
            "step",
            "notice",
            "institution",
            "post",
            "sortie",
            "bulletin",
        ] {
            all.push(json!({"ask":"find","jurisdiction":j,"find":find,"by":{}}));
        }
        all.push(json!({"ask":"find","jurisdiction":j,"find":"task","by":{"row":"I-4"}}));
        all.push(json!({"ask":"find","jurisdiction":j,"find":"lead","by":{"task":"T-2"}}));
    }
    for code in [
        "P-17", "P-18", "P-20", "P-30", "P-31", "P-40", "P-43", "P-60",
    ] {
        all.extend(
            ["inbox", "person", "notices", "areas"]
                .map(|ask| json!({"ask":ask,"person":format!("420902/{code}")})),
        );
    }
    all.into_iter()
        .map(|question| serde_json::from_value(question).expect("a question"))
        .collect()
}

/// Everybody but sentinel 18, who has the sealed sheet.
const OTHERS: [&str; 16] = [
    "420902/P-17",
    "420902/P-20",
    "420902/P-30",
    "420902/P-31",
    "420902/P-40",
    "420902/P-42",
    "420902/P-43",
    "420902/P-50",
    "420902/P-60",
    "420902/P-70",
    "4209/P-1",
    "4209/P-2",
    "4209/P-5",
    "420921/P-30",
    "420921/P-99",
    "420902/operator",
];

fn viewers() -> impl Iterator<Item = Viewer> {
    OTHERS
        .iter()
        .map(|id| Viewer::person(&(*id).into()))
        .chain([Viewer::default()])
}

/// An answer as it leaves; where figures were read says only how far.
fn bytes(world: &World, viewer: &Viewer, question: &Question, now: &str) -> String {
    let mut view = serde_json::to_value(world.seen_by(viewer, question, now).view).expect("json");
    if let Some(of) = view.get_mut("of").and_then(Value::as_object_mut) {
        of.remove("positions");
    }
    view.to_string()
}

#[test]
fn no_answer_differs_by_a_sealed_sheet_for_anybody_outside_its_crew() {
    let (plain, mut sealed) = (story(), story());
    with_a_sealed_sheet(&mut sealed);
    let (mut asked, mut told) = (0, 0);
    for viewer in viewers() {
        for question in questions() {
            let answer = bytes(&sealed, &viewer, &question, BEFORE);
            assert_eq!(
                answer,
                bytes(&plain, &viewer, &question, BEFORE),
                "{viewer:?} asked {question:?}"
            );
            assert!(
                !SHEET.iter().any(|secret| answer.contains(secret)),
                "{viewer:?} asked {question:?} and read {answer}"
            );
            asked += 1;
            told += usize::from(!answer.contains("unknown"));
        }
    }
    assert!(
        asked > 2_000 && told > 400,
        "the table asks of what is there, too: {told} of {asked}"
    );
}

#[test]
fn who_has_the_sealed_sheet_sees_it_and_neither_its_batch_nor_the_board() {
    let mut world = story();
    with_a_sealed_sheet(&mut world);
    let me = Viewer::person(&"420902/P-18".into());
    let ask = |question: Value| {
        world
            .seen_by(
                &me,
                &serde_json::from_value(question).expect("a question"),
                BEFORE,
            )
            .view
    };
    assert!(
        matches!(ask(json!({"ask":"task","jurisdiction":"420902","task":"T-2"})), View::Task(task) if task.rows.len() == 1)
    );
    assert!(
        matches!(ask(json!({"ask":"inbox","person":"420902/P-18"})), View::Inbox(inbox) if tasks(&inbox.tasks) == ["T-2"] && inbox.steps.len() == 1)
    );
    assert!(
        matches!(ask(json!({"ask":"person","person":"420902/P-18"})), View::Person(person) if person.open_tasks == 1)
    );
    assert!(
        matches!(ask(json!({"ask":"timeline","jurisdiction":"420902","of":"T-2"})), View::Timeline(items) if items.len() > 4)
    );
    assert!(
        matches!(
            ask(json!({"ask":"lead","jurisdiction":"420902","lead":"L-2"})),
            View::Lead(_)
        ),
        "what one found"
    );
    for hidden in [
        json!({"ask":"batch","jurisdiction":"420902","batch":"B-2"}),
        json!({"ask":"timeline","jurisdiction":"420902","of":"B-2"}),
        json!({"ask":"board","jurisdiction":"420902"}),
    ] {
        assert_eq!(ask(hidden), View::Unknown);
    }
}

#[test]
fn from_its_release_on_a_sealed_sheet_is_there_and_counts_in_the_window_of_the_release() {
    let mut world = story();
    with_a_sealed_sheet(&mut world);
    let coordinator = Viewer::person(&"420902/P-30".into());
    let question =
        serde_json::from_value(json!({"ask":"task","jurisdiction":"420902","task":"T-2"}))
            .expect("a question");
    assert!(matches!(
        world.seen_by(&coordinator, &question, RELEASE).view,
        View::Task(_)
    ));
    let counted = |from: &str, as_of: &str| {
        let figures = world.figures("420902", from, as_of);
        [
            "person_times",
            "visits",
            "institutions",
            "rounds",
            "raw_reports",
            "leads",
            "tasks_issued",
            "tasks_accepted",
            "tasks_overdue",
            "reminders",
            "escalations",
        ]
        .map(|key| figures.get(key))
    };
    assert_eq!(
        counted("2023-03-21 00:00", "2023-03-31 00:00"),
        [0; 11],
        "frozen before: not there"
    );
    assert_eq!(
        counted("2023-03-31 00:00", "2023-04-02 00:00"),
        [1; 11],
        "the window the release falls into"
    );
    assert_eq!(
        counted("2023-04-02 00:00", "2023-04-30 00:00"),
        [0; 11],
        "and no other"
    );
    let (early, late) = (
        counted("2023-01-01 00:00", "2023-03-31 00:00"),
        counted("2023-01-01 00:00", "2023-04-30 00:00"),
    );
    assert!(
        early
            .iter()
            .zip(late)
            .all(|(before, after)| before + 1 == after),
        "{early:?} {late:?}"
    );
}

#[test]
fn an_outing_that_went_for_an_open_sheet_too_is_no_secret() {
    let mut world = story();
    with_a_sealed_sheet(&mut world);
    let before = world.year_to(BEFORE).get("person_times");
    world.at("2023-03-21 11:00").by("420902/P-18").does("dispatch.fill_row").dispatch(json!([
        {"type":"row.filled","task":"T-1","row":"I-1","subject":inst("I-1"),"outcome":"ok","by":"420902/P-18","sortie":"S-2","observed":t("2023-03-21 11:00")},
    ]));
    assert_eq!(world.year_to(BEFORE).get("person_times"), before + 1);
}

#[test]
fn until_its_day_a_joint_action_has_neither_date_nor_crew_nor_name_for_anybody_else() {
    let mut world = story();
    with_a_joint_action(&mut world);
    // Those who decided on it and those who go know; the roster names everybody.
    let roster = |question: &Question| {
        matches!(
            question,
            Question::People { .. } | Question::Person { .. } | Question::Inbox { .. }
        )
    };
    for viewer in viewers().filter(|viewer| {
        !matches!(
            viewer.person.as_ref().map(|id| id.code()),
            Some("P-31" | "P-43")
        )
    }) {
        for question in questions().iter().filter(|question| !roster(question)) {
            let answer = bytes(&world, &viewer, question, BEFORE);
            assert!(
                !ACTION.iter().any(|secret| answer.contains(secret)),
                "{viewer:?} asked {question:?} and read {answer}"
            );
        }
    }
}

#[test]
fn crew_and_decider_see_a_joint_action_and_from_its_day_on_everybody_who_sees_the_lead() {
    let mut world = story();
    with_a_joint_action(&mut world);
    let action = |who: &str, now: &str| {
        let question =
            serde_json::from_value(json!({"ask":"lead","jurisdiction":"420902","lead":"L-3"}))
                .expect("a question");
        match world
            .seen_by(&Viewer::person(&who.into()), &question, now)
            .view
        {
            View::Lead(lead) => lead.action.is_some(),
            other => panic!("{who}: {other:?}"),
        }
    };
    for who in ["420902/P-43", "420902/P-31"] {
        assert!(action(who, BEFORE), "{who}");
    }
    for who in ["420902/P-40", "420902/P-42", "420902/P-60", "4209/P-2"] {
        assert!(!action(who, BEFORE), "{who}");
        assert!(action(who, "2023-04-05 00:00"), "{who}");
    }
    let timeline =
        serde_json::from_value(json!({"ask":"timeline","jurisdiction":"420902","of":"L-3"}))
            .expect("a question");
    let lines = |who: &str, now: &str| match world
        .seen_by(&Viewer::person(&who.into()), &timeline, now)
        .view
    {
        View::Timeline(items) => items
            .into_iter()
            .map(|item| item.text)
            .collect::<Vec<_>>()
            .join("\n"),
        other => panic!("{who}: {other:?}"),
    };
    assert!(
        lines("420902/P-40", BEFORE).contains("decided for joint action on lead L-3\n")
            || lines("420902/P-40", BEFORE).ends_with("decided for joint action on lead L-3")
    );
    assert!(lines("420902/P-43", BEFORE).contains("before they move"));
    assert!(lines("420902/P-40", "2023-04-05 00:00").contains("crew: inspector 43, inspector 44"));
}

#[test]
fn the_owner_of_the_folder_sees_what_is_sealed_only_when_that_is_said_and_it_is_logged() {
    let mut world = story();
    with_a_sealed_sheet(&mut world);
    let question: Question =
        serde_json::from_value(json!({"ask":"task","jurisdiction":"420902","task":"T-2"}))
            .expect("a question");
    let owner = Viewer::person(&"420902/operator".into());
    let plainly = world.seen_by(&owner, &question, BEFORE);
    assert_eq!((plainly.view, plainly.reading), (View::Unknown, None));
    let past = world.seen_by(
        &Viewer {
            sealed: true,
            ..owner
        },
        &question,
        BEFORE,
    );
    assert!(matches!(past.view, View::Task(_)));
    let reading = past.reading.expect("logged");
    assert_eq!(
        (reading.jurisdiction.as_str(), reading.what.as_str()),
        ("420902", "task T-2 (with what is sealed)")
    );
    let board: Question =
        serde_json::from_value(json!({"ask":"board","jurisdiction":"420902"})).expect("a question");
    let owner = Viewer {
        person: Some("420902/operator".into()),
        sealed: true,
    };
    assert!(
        matches!(world.seen_by(&owner, &board, BEFORE).view, View::Board(board) if tasks(&board.accepted) == ["T-2"] && board.batches.iter().any(|batch| batch.batch == "B-2" && batch.rows_filled == 1))
    );
}

#[test]
fn nobody_else_looks_past_a_seal_by_asking_for_it() {
    let mut world = story();
    with_a_sealed_sheet(&mut world);
    let question =
        serde_json::from_value(json!({"ask":"task","jurisdiction":"420902","task":"T-2"}))
            .expect("a question");
    for who in ["420902/P-30", "420902/P-60", "4209/P-5", "420902/system"] {
        assert_eq!(
            world
                .seen_by(
                    &Viewer {
                        person: Some(who.into()),
                        sealed: true
                    },
                    &question,
                    BEFORE
                )
                .view,
            View::Unknown,
            "{who}"
        );
    }
}
