//! Single things as people see them: tasks, batches, boards, leads, cases, orders, people, institutions.

use picket_schemas::ask::{BatchView, Board, Question, View};
use picket_schemas::dispatch::Outcome;
use serde_json::json;

use super::{World, batch, clock, inst, problem, row, t, task, tasks};

fn batch_of(world: &World, id: &str, now: &str) -> Option<BatchView> {
    match world.ask_at(
        &Question::Batch {
            jurisdiction: "420902".into(),
            batch: id.into(),
        },
        now,
    ) {
        View::Batch(batch) => Some(batch),
        View::Unknown => None,
        other => panic!("{other:?}"),
    }
}

fn board_of(world: &World, jurisdiction: &str, now: &str) -> Board {
    match world.ask_at(
        &Question::Board {
            jurisdiction: jurisdiction.into(),
        },
        now,
    ) {
        View::Board(board) => board,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_task_shows_its_sheet_with_names_and_the_lead_a_row_opened() {
    let mut world = World::new();
    world.found();
    let task = world.task("T-1");
    assert_eq!(
        (task.state.as_str(), task.batch.name.as_str()),
        ("submitted", "spring sweep")
    );
    assert_eq!(
        task.post.as_ref().map(|post| post.name.as_str()),
        Some("书院哨点")
    );
    assert_eq!(
        task.holders
            .iter()
            .map(|who| who.name.as_str())
            .collect::<Vec<_>>(),
        ["sentinel 17"]
    );
    assert_eq!(
        task.offered
            .iter()
            .map(|who| who.name.as_str())
            .collect::<Vec<_>>(),
        ["sentinel 18"]
    );
    assert_eq!(task.rows.len(), 3);
    let third = &task.rows[2];
    assert_eq!(
        (
            third.row.as_str(),
            third.name.as_str(),
            third.address.as_str()
        ),
        ("I-3", "机构3", "槐荫路3号")
    );
    assert_eq!(
        (third.outcome, third.lead.as_deref(), third.by.as_deref()),
        (Some(Outcome::Problem), Some("L-1"), Some("sentinel 17"))
    );
    assert_eq!(
        (third.codes.as_slice(), third.evidence.as_slice()),
        (["H1".to_owned()].as_slice(), ["abc".to_owned()].as_slice())
    );
}

#[test]
fn the_last_answer_to_a_row_is_shown() {
    let mut world = World::new();
    world.accepted().dispatch(json!([
        problem("T-1", "I-1", "2023-03-07 09:00"),
        row("T-1", "I-1", "ok", "2023-03-07 09:05")
    ]));
    let task = world.task("T-1");
    assert_eq!(task.rows[0].outcome, Some(Outcome::Ok));
    assert!(task.rows[0].codes.is_empty());
}

#[test]
fn every_change_makes_a_task_newer_and_a_reminder_does_not() {
    let mut world = World::new();
    world.accepted();
    let before = world.task("T-1").rev;
    world.escalate(json!([{"type":"reminder.due","clock":"K-1","kind":"task.submit","on":"T-1","to":["420902/P-17"],"due":t("2023-03-14 00:00")}]));
    assert_eq!(world.task("T-1").rev, before);
    world.dispatch(json!([row("T-1", "I-1", "ok", "2023-03-07 09:05")]));
    assert_eq!(world.task("T-1").rev, before + 1);
}

#[test]
fn a_deadline_is_overdue_from_its_instant_on_until_it_is_stopped() {
    let mut world = World::new();
    world.accepted();
    let deadline = |world: &World, now: &str| match world.ask_at(
        &Question::Task {
            jurisdiction: "420902".into(),
            task: "T-1".into(),
        },
        now,
    ) {
        View::Task(task) => task.deadline.expect("a deadline"),
        other => panic!("{other:?}"),
    };
    assert!(!deadline(&world, "2023-03-13 23:59").overdue);
    assert!(deadline(&world, "2023-03-14 00:00").overdue);
    world.at("2023-03-15 09:00").escalate(json!([{"type":"clock.stopped","clock":"K-1","kind":"task.submit","on":"T-1","at":t("2023-03-15 09:00"),"late":true}]));
    let stopped = deadline(&world, "2023-03-16 00:00");
    assert_eq!(
        (stopped.overdue, stopped.stopped),
        (false, Some(t("2023-03-15 09:00")))
    );
}

#[test]
fn a_provisional_or_paused_deadline_says_so_and_is_not_overdue() {
    let mut world = World::new();
    let mut guess = clock(
        "K-1",
        "task.submit",
        "T-1",
        "2023-03-06 10:00",
        "2023-03-14 00:00",
        json!({"people":["420902/P-17"]}),
    );
    guess["provisional"] = json!(true);
    world
        .issued()
        .escalate(json!([guess]))
        .at("2023-04-01 09:00");
    let seen = world.task("T-1").deadline.expect("a deadline");
    assert!(seen.provisional && !seen.overdue);
    world.escalate(json!([{"type":"clock.settled","clock":"K-1","due":t("2023-03-15 00:00"),"calendar":"cn-2023","next":null}]));
    let seen = world.task("T-1").deadline.expect("a deadline");
    assert!(!seen.provisional && seen.overdue);
    world.escalate(
        json!([{"type":"clock.paused","clock":"K-1","reason":"flood","by":"420902/P-60"}]),
    );
    let seen = world.task("T-1").deadline.expect("a deadline");
    assert!(seen.paused && !seen.overdue);
}

#[test]
fn a_batch_counts_its_tasks_and_rows() {
    let mut world = World::new();
    world.at("2023-03-06 09:00").dispatch(json!([
        batch("B-1", 3),
        task("T-1", "B-1"),
        task("T-2", "B-1"),
        task("T-3", "B-1")
    ]));
    world.dispatch(json!([
        {"type":"task.accepted","task":"T-1","person":"420902/P-17","taken":true},
        row("T-1", "I-1", "ok", "2023-03-07 09:05"), problem("T-1", "I-2", "2023-03-07 09:10"), row("T-1", "I-1", "moved", "2023-03-07 09:15"),
        {"type":"task.unassigned","task":"T-2","reason":"nobody answered"},
        {"type":"task.cancelled","task":"T-3","by":"420902/P-30","reason":"twice"},
    ]));
    world.escalate(json!([clock(
        "K-1",
        "task.submit",
        "T-1",
        "2023-03-06 10:00",
        "2023-03-14 00:00",
        json!({"people":["420902/P-17"]})
    )]));
    let seen = batch_of(&world, "B-1", "2023-03-20 09:00").expect("a batch");
    assert_eq!(
        (
            seen.count,
            seen.issued,
            seen.accepted,
            seen.submitted,
            seen.cancelled,
            seen.unassigned,
            seen.overdue
        ),
        (3, 3, 1, 0, 1, 1, 1)
    );
    assert_eq!((seen.rows, seen.rows_filled, seen.problems), (6, 2, 1));
}

#[test]
fn a_batch_is_open_until_its_sheets_are_over_or_it_is_cancelled() {
    let mut world = World::new();
    let state = |world: &World, id: &str| {
        let seen = batch_of(world, id, "2023-03-20 09:00").expect("a batch");
        (seen.state, seen.cancelled_because, seen.rev)
    };
    world.at("2023-03-06 09:00").dispatch(json!([
        batch("B-1", 1),
        task("T-1", "B-1"),
        batch("B-2", 1),
        task("T-2", "B-2")
    ]));
    assert_eq!(state(&world, "B-1"), ("open".into(), None, 1));
    // A sheet for a second visit makes more than were counted, and the batch is open for all that.
    world.dispatch(json!([
        task("T-3", "B-1"),
        {"type":"task.approved","task":"T-1","by":"420902/P-30"},
        {"type":"task.approved","task":"T-2","by":"420902/P-30"},
    ]));
    assert_eq!(state(&world, "B-1").0, "open");
    assert_eq!(state(&world, "B-2").0, "over");
    world.dispatch(json!([
        {"type":"batch.cancelled","batch":"B-1","name":"sweep","by":"420902/P-30","reason":"the wrong list","people":{"420902/P-17":1}},
        {"type":"task.cancelled","task":"T-3","by":"420902/P-30","reason":"the wrong list"},
    ]));
    assert_eq!(
        state(&world, "B-1"),
        ("cancelled".into(), Some("the wrong list".into()), 2)
    );
}

#[test]
fn the_board_sorts_open_tasks_by_what_they_wait_for_and_a_city_sees_its_counties() {
    let mut world = World::new();
    world.at("2023-03-06 09:00").dispatch(json!([
        batch("B-1", 4),
        task("T-1", "B-1"),
        task("T-2", "B-1"),
        task("T-3", "B-1"),
        task("T-4", "B-1")
    ]));
    world.dispatch(json!([
        {"type":"task.accepted","task":"T-1","person":"420902/P-17","taken":true},
        {"type":"task.unassigned","task":"T-2","reason":"nobody answered"},
        {"type":"task.accepted","task":"T-4","person":"420902/P-18","taken":true},
        {"type":"task.submitted","task":"T-4","by":"420902/P-18","nil":true,"rows":3,"problems":0,"area":"420902003"},
    ]));
    world.escalate(json!([clock(
        "K-1",
        "task.submit",
        "T-1",
        "2023-03-06 10:00",
        "2023-03-14 00:00",
        json!({"people":["420902/P-17"]})
    )]));
    for jurisdiction in ["420902", "4209"] {
        let board = board_of(&world, jurisdiction, "2023-03-20 09:00");
        assert_eq!(
            (
                tasks(&board.silent),
                tasks(&board.late),
                tasks(&board.unassigned)
            ),
            (vec!["T-3"], vec!["T-1"], vec!["T-2"])
        );
        assert_eq!(
            (
                tasks(&board.accepted),
                tasks(&board.submitted),
                board.batches.len()
            ),
            (vec!["T-1"], vec!["T-4"], 1)
        );
    }
    assert_eq!(
        board_of(&world, "420921", "2023-03-20 09:00"),
        Board::default()
    );
}

#[test]
fn a_sealed_batch_is_in_no_list_or_count_until_its_release() {
    let mut world = World::new();
    let release = t("2023-03-10 08:00");
    let (mut sealed, mut sheet) = (batch("B-1", 1), task("T-1", "B-1"));
    sealed["sealed_until"] = json!(release);
    sheet["sealed_until"] = json!(release);
    world
        .at("2023-03-06 09:00")
        .dispatch(json!([sealed, sheet, {"type":"task.unassigned","task":"T-1","reason":"x"}]));
    assert_eq!(
        board_of(&world, "420902", "2023-03-09 09:00"),
        Board::default()
    );
    assert_eq!(batch_of(&world, "B-1", "2023-03-09 09:00"), None);
    assert_eq!(world.year_to("2023-03-09 09:00").get("tasks_issued"), 0);
    assert!(world.inbox("420902/P-30").unassigned.is_empty());
    assert_eq!(world.task("T-1").sealed_until, Some(release));
    assert_eq!(
        tasks(&board_of(&world, "420902", "2023-03-10 08:00").unassigned),
        ["T-1"]
    );
    assert!(batch_of(&world, "B-1", "2023-03-10 08:00").is_some());
    assert_eq!(world.year_to("2023-03-10 08:00").get("tasks_issued"), 1);
    world.at("2023-03-10 08:00");
    assert_eq!(tasks(&world.inbox("420902/P-30").unassigned), ["T-1"]);
}

#[test]
fn a_lead_carries_three_names_and_its_way() {
    let mut world = World::new();
    world.routed();
    let lead = world.lead("L-1");
    assert_eq!(
        (
            lead.state.as_str(),
            lead.source.as_str(),
            lead.text.as_str()
        ),
        ("routed", "row", "maths in a flat")
    );
    assert_eq!(
        lead.post.as_ref().map(|post| post.name.as_str()),
        Some("书院哨点")
    );
    assert_eq!(
        lead.department
            .as_ref()
            .map(|department| department.name.as_str()),
        Some("教育局")
    );
    assert_eq!(
        lead.owner.as_ref().map(|owner| owner.name.as_str()),
        Some("owner 70")
    );
    assert_eq!(
        (lead.subject_address.as_str(), lead.assist.len(), lead.joint),
        ("槐荫路3号", 1, None)
    );
    assert_eq!(lead.evidence, ["abc"]);
    assert_eq!(
        lead.proposal
            .as_ref()
            .map(|proposal| proposal.rule.as_str()),
        Some("row 3: H1, any training (of 4209)")
    );
    assert_eq!(
        lead.deadline
            .as_ref()
            .map(|deadline| deadline.kind.as_str()),
        Some("lead.handle")
    );
}

#[test]
fn a_returned_lead_is_classified_again_with_nobody() {
    let mut world = World::new();
    world.routed().rectify(
        json!([{"type":"lead.returned","lead":"L-1","department":"edu","reason":"not ours"}]),
    );
    let lead = world.lead("L-1");
    assert_eq!(
        (lead.state.as_str(), lead.department, lead.assist.len()),
        ("classified", None, 0)
    );
}

#[test]
fn a_place_on_no_list_is_shown_by_its_address() {
    let mut world = World::new();
    world.at("2023-03-07 19:00").by("420902/P-17").dispatch(json!([{"type":"place.reported","place":"U-1","area":"420902003","address":"解放街9号二楼","seen":"teaching at night","codes":[],"evidence":["def"],"urgent":false,"finder":"420902/P-17","post":"PO-01","sortie":"S-1","observed":t("2023-03-07 18:50")}]));
    world.rectify(json!([
        {"type":"report.received","report":"R-1","source":"place","subject":{"kind":"unlisted_place","id":"U-1"},"area":"420902003","text":"teaching at night","urgent":false,"place":"U-1","finder":"420902/P-17","post":"PO-01","observed":t("2023-03-07 18:50")},
        {"type":"lead.opened","lead":"L-1","report":"R-1","subject":{"kind":"unlisted_place","id":"U-1"},"area":"420902003","urgent":false,"post":"PO-01"},
    ]));
    let lead = world.lead("L-1");
    assert_eq!(
        lead.subject.as_ref().map(|subject| subject.name.as_str()),
        Some("解放街9号二楼")
    );
    assert_eq!(lead.evidence, ["def"]);
    assert_eq!(
        lead.owner.as_ref().map(|owner| owner.name.as_str()),
        Some("owner 70"),
        "found through the area"
    );
    let View::Institution(place) = world.ask(&Question::Institution {
        jurisdiction: "420902".into(),
        code: "U-1".into(),
    }) else {
        panic!("no place")
    };
    assert_eq!(
        (place.kind.as_str(), place.leads.as_slice()),
        ("unlisted_place", ["L-1".to_owned()].as_slice())
    );
}

#[test]
fn an_order_shows_its_states_and_its_due_instant() {
    let mut world = World::new();
    world.served();
    let order = world.order("Z-1");
    assert_eq!(
        (order.state.as_str(), order.served, order.span.as_str()),
        ("served", Some(t("2023-03-10 10:00")), "7 working days")
    );
    assert_eq!(
        order.deadline.as_ref().map(|deadline| deadline.due),
        Some(t("2023-03-21 00:00"))
    );
    world.rectify(
        json!([{"type":"order.parked","order":"Z-1","reason":"appeal","by":"420902/P-60"}]),
    );
    assert!(world.order("Z-1").parked);
    world.rectify(json!([{"type":"order.resumed","order":"Z-1","reason":"decided","by":"420902/P-60"}, {"type":"fix.reported","order":"Z-1","note":"closed","by":"420902/P-40"}]));
    assert_eq!(
        (
            world.order("Z-1").state.as_str(),
            world.order("Z-1").fix_note.as_deref()
        ),
        ("reported", Some("closed"))
    );
    world.rectify(json!([{"type":"fix.failed","order":"Z-1","case":"C-1","note":"open again","by":"420902/P-50"}]));
    assert_eq!(world.order("Z-1").state, "served");
}

#[test]
fn a_case_holds_its_orders_refunds_and_penalties() {
    let mut world = World::new();
    world.cleared().rectify(json!([
        {"type":"refund.recorded","case":"C-1","subject":inst("I-3"),"amount_fen":120_000,"proof":"receipts","by":"420902/P-40"},
        {"type":"refund.recorded","case":"C-1","subject":inst("I-3"),"amount_fen":30_050,"proof":"receipts","by":"420902/P-40"},
        {"type":"penalty.recorded","case":"C-1","subject":inst("I-3"),"kind":"warning","amount_fen":0,"by":"420902/P-40"},
    ]));
    let case = world.case("C-1");
    assert_eq!(
        (
            case.state.as_str(),
            case.refund_fen,
            case.penalties,
            case.generation
        ),
        ("cleared", 150_050, 1, 1)
    );
    assert_eq!(
        (case.orders.len(), case.orders[0].state.as_str()),
        (1, "cleared")
    );
    assert_eq!(
        case.officers
            .iter()
            .map(|who| who.name.as_str())
            .collect::<Vec<_>>(),
        ["inspector 40", "inspector 41"]
    );
    assert_eq!(world.lead("L-1").case.as_deref(), Some("C-1"));
}

#[test]
fn overdue_lists_open_clocks_oldest_first_with_who_owes_them() {
    let mut world = World::new();
    world.served();
    world.escalate(json!([{"type":"ladder.stepped","step":"E-1","clock":"K-4","kind":"order.fix","on":"Z-1","level":"B1","to":["420902/P-40"],"due":t("2023-03-21 00:00"),"nominal":t("2023-03-22 08:30"),"why":"late","next":null}, {"type":"step.acknowledged","step":"E-1","clock":"K-4","promise":t("2023-03-24 12:00"),"by":"420902/P-40","next":null}]));
    let View::Overdue(late) = world.ask_at(
        &Question::Overdue {
            jurisdiction: "4209".into(),
        },
        "2023-03-22 09:00",
    ) else {
        panic!("no list")
    };
    assert_eq!(late.len(), 1, "the handling clock is not due yet");
    assert_eq!(
        (
            late[0].on.as_str(),
            late[0].what.as_str(),
            late[0].level.as_deref()
        ),
        ("Z-1", "机构3 · unlicensed teaching", Some("B1"))
    );
    assert_eq!(
        late[0]
            .duty
            .iter()
            .map(|who| who.name.as_str())
            .collect::<Vec<_>>(),
        ["inspector 40", "教育局"]
    );
    assert_eq!(
        late[0].promise,
        Some(t("2023-03-24 12:00")),
        "a promise hides nothing"
    );
    let View::Overdue(late) = world.ask_at(
        &Question::Overdue {
            jurisdiction: "4209".into(),
        },
        "2023-03-24 09:00",
    ) else {
        panic!("no list")
    };
    assert_eq!(
        late.iter().map(|item| item.on.as_str()).collect::<Vec<_>>(),
        ["Z-1", "L-1"]
    );
}

#[test]
fn an_institution_tells_its_visits_leads_and_cases() {
    let mut world = World::new();
    world.cleared();
    let View::Institution(seen) = world.ask(&Question::Institution {
        jurisdiction: "420902".into(),
        code: "I-3".into(),
    }) else {
        panic!("unknown")
    };
    assert_eq!(
        (seen.visits, seen.leads.as_slice(), seen.cases.as_slice()),
        (
            1,
            ["L-1".to_owned()].as_slice(),
            ["C-1".to_owned()].as_slice()
        )
    );
    assert_eq!(
        seen.owner.as_ref().map(|owner| owner.name.as_str()),
        Some("owner 70")
    );
    assert!(seen.timeline.iter().any(|item| item.kind == "order.served"));
}

#[test]
fn people_are_found_by_role_and_areas_begin_with_the_posts_own() {
    let mut world = World::new();
    world.accepted();
    let View::People(people) = world.ask(&Question::People {
        jurisdiction: "420902".into(),
        role: Some("sentinel".into()),
    }) else {
        panic!("nobody")
    };
    assert_eq!(
        people
            .iter()
            .map(|person| (person.name.as_str(), person.open_tasks))
            .collect::<Vec<_>>(),
        [("sentinel 17", 1), ("sentinel 18", 0)]
    );
    let View::Areas(areas) = world.ask(&Question::Areas {
        person: "420902/P-17".into(),
    }) else {
        panic!("nowhere")
    };
    assert_eq!(
        areas
            .iter()
            .map(|area| area.name.as_str())
            .collect::<Vec<_>>(),
        ["书院街道", "新铺镇", "孝南区"]
    );
    let View::Person(person) = world.ask(&Question::Person {
        person: "420902/P-40".into(),
    }) else {
        panic!("nobody")
    };
    assert_eq!(
        (
            person
                .department
                .map(|department| department.name)
                .as_deref(),
            person.certificate.as_deref(),
            person.language.as_str()
        ),
        (Some("教育局"), Some("C-P-40"), "zh")
    );
}

#[test]
fn notices_say_what_became_of_them_and_why() {
    let mut world = World::new();
    let queued = |id: &str| json!({"type":"notice.queued","notice":id,"to":"420902/P-17","kind":"offer","about":"T-1","urgent":false,"after":t("2023-03-06 09:00")});
    world.tell("courier/420902", json!([queued("N-1"), queued("N-2"), queued("N-3"), {"type":"notice.sent","notice":"N-1","attempt":1}, {"type":"notice.suppressed","notice":"N-2","reason":"already taken"}]));
    let View::Notices(notices) = world.ask(&Question::Notices {
        person: "420902/P-17".into(),
    }) else {
        panic!("none")
    };
    let seen: Vec<_> = notices
        .iter()
        .map(|notice| {
            (
                notice.notice.as_str(),
                notice.state.as_str(),
                notice.reason.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("N-1", "sent", None),
            ("N-2", "suppressed", Some("already taken")),
            ("N-3", "queued", None)
        ]
    );
}

#[test]
fn the_outcome_of_a_bundle_is_that_of_each_notice_in_it() {
    let mut world = World::new();
    let queued = |id: &str| json!({"type":"notice.queued","notice":id,"to":"420902/P-17","kind":"offer","about":id.replace('N', "T"),"urgent":false,"after":t("2023-03-06 09:00"),"waits":"quiet hours"});
    let handed = |id: &str, also: &[&str]| {
        let also: Vec<_> = also
            .iter()
            .map(|id| json!({"notice":id,"about":id.replace('N', "T")}))
            .collect();
        json!({"type":"notice.handed","notice":id,"to":"420902/P-17","kind":"offer","about":id.replace('N', "T"),"attempt":1,"channel":"terminal","until":t("2023-03-06 09:10"),"also":also})
    };
    let seen = |world: &World| {
        let View::Notices(notices) = world.ask(&Question::Notices {
            person: "420902/P-17".into(),
        }) else {
            panic!("none")
        };
        notices
            .into_iter()
            .map(|notice| format!("{} {}", notice.state, notice.reason.unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    world.tell(
        "courier/420902",
        json!([queued("N-1"), queued("N-2"), queued("N-3"), queued("N-4")]),
    );
    assert_eq!(seen(&world), ["queued quiet hours"; 4]);
    world.tell("courier/420902", json!([handed("N-1", &["N-2", "N-3"])]));
    assert_eq!(
        seen(&world),
        ["handed ", "handed ", "handed ", "queued quiet hours"]
    );
    world.tell("courier/420902", json!([
        {"type":"notice.failed","notice":"N-1","attempt":1,"reason":"too much at once","next":{"again":t("2023-03-06 09:01")},"also":["N-2"]},
        {"type":"notice.failed","notice":"N-3","attempt":5,"reason":"too much at once","next":"never"},
    ]));
    assert_eq!(
        seen(&world),
        [
            "queued too much at once",
            "queued too much at once",
            "failed too much at once",
            "queued quiet hours"
        ]
    );
    world.tell("courier/420902", json!([handed("N-2", &["N-1"]), {"type":"notice.sent","notice":"N-2","attempt":2,"also":["N-1"]}, handed("N-4", &[]), {"type":"notice.unknown","notice":"N-4","attempt":1,"reason":"cut off"}]));
    assert_eq!(
        seen(&world),
        [
            "sent ",
            "sent ",
            "failed too much at once",
            "unknown cut off"
        ]
    );
    let View::Deliveries(deliveries) = world.ask(&Question::Deliveries {
        jurisdiction: "420902".into(),
    }) else {
        panic!("none")
    };
    assert_eq!(
        deliveries.states,
        [
            ("failed".to_owned(), 1),
            ("sent".to_owned(), 2),
            ("unknown".to_owned(), 1)
        ]
        .into()
    );
}

#[test]
fn a_notice_says_on_which_channel_it_was_and_waits_while_the_channel_or_the_person_is_away() {
    let mut world = World::new();
    let queued = |id: &str| json!({"type":"notice.queued","notice":id,"to":"420902/P-17","kind":"offer","about":id.replace('N', "T"),"urgent":false,"after":t("2023-03-06 09:00")});
    let failed = |id: &str, next: serde_json::Value| json!({"type":"notice.failed","notice":id,"attempt":1,"reason":"not now","next":next,"channel":"telegram"});
    world.tell("courier/420902", json!([
        queued("N-1"), queued("N-2"), queued("N-3"), queued("N-4"),
        {"type":"notice.sent","notice":"N-1","attempt":1,"channel":"terminal"},
        failed("N-2", json!({"served":t("2023-03-06 09:01")})),
        failed("N-3", json!({"reachable":t("2023-03-09 09:00")})),
        {"type":"notice.unknown","notice":"N-4","attempt":1,"reason":"cut off","channel":"telegram"},
    ]));
    let View::Notices(notices) = world.ask(&Question::Notices {
        person: "420902/P-17".into(),
    }) else {
        panic!("none")
    };
    let seen: Vec<_> = notices
        .iter()
        .map(|notice| {
            (
                notice.state.as_str(),
                notice.channel.as_deref().unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("sent", "terminal"),
            ("queued", "telegram"),
            ("queued", "telegram"),
            ("unknown", "telegram")
        ]
    );
}

#[test]
fn who_cannot_be_written_to_is_shown_to_coordinators_until_they_can() {
    let mut world = World::new();
    let unreachable = |world: &World, person: &str| {
        world
            .inbox(person)
            .unreachable
            .into_iter()
            .map(|one| format!("{} {} {}", one.person.code, one.channel, one.reason))
            .collect::<Vec<_>>()
    };
    world.tell("courier/420902", json!([{"type":"channel.lost","person":"420902/P-17","channel":"telegram","reason":"bot was blocked by the user"}]));
    assert_eq!(
        unreachable(&world, "420902/P-30"),
        ["420902/P-17 telegram bot was blocked by the user"]
    );
    assert_eq!(
        unreachable(&world, "420902/P-17"),
        Vec::<String>::new(),
        "it concerns nobody else"
    );
    let View::Deliveries(deliveries) = world.ask(&Question::Deliveries {
        jurisdiction: "420902".into(),
    }) else {
        panic!("none")
    };
    assert_eq!(deliveries.unreachable.len(), 1);
    world.tell(
        "courier/420902",
        json!([{"type":"channel.restored","person":"420902/P-17","channel":"telegram"}]),
    );
    assert_eq!(unreachable(&world, "420902/P-30"), Vec::<String>::new());
}

#[test]
fn schedules_show_the_next_run_and_how_the_last_one_went() {
    let mut world = World::new();
    world.tell("schedule/420902", json!([
        {"type":"schedule.defined","schedule":{"code":"weekly","cron":"30 8 * * Mon","does":{"issue_batch":{"name":"weekly sweep"}}},"words":"every Monday at 08:30"},
        {"type":"occurrence.planned","occurrence":"weekly@2023-03-06T08:30","schedule":"weekly","nominal":"2023-03-06T08:30:00","at":t("2023-03-06 08:30")},
        {"type":"occurrence.fired","occurrence":"weekly@2023-03-06T08:30","schedule":"weekly","nominal":"2023-03-06T08:30:00","due":t("2023-03-06 08:30"),"does":{"issue_batch":{"name":"weekly sweep"}}},
        {"type":"occurrence.planned","occurrence":"weekly@2023-03-13T08:30","schedule":"weekly","nominal":"2023-03-13T08:30:00","at":t("2023-03-13 08:30")},
        {"type":"schedule.paused","schedule":"weekly","reason":"holidays","by":"420902/P-30"},
    ]));
    let View::Schedules(seen) = world.ask(&Question::Schedules {
        jurisdiction: "420902".into(),
    }) else {
        panic!("none")
    };
    assert_eq!(
        (
            seen[0].next,
            seen[0].last.as_deref(),
            seen[0].paused.as_deref()
        ),
        (
            Some(t("2023-03-13 08:30")),
            Some("fired 2023-03-06 08:30"),
            Some("holidays")
        )
    );
    assert_eq!(seen[0].does, "issues the batch weekly sweep");
}

#[test]
fn an_account_is_whose_it_was_bound_to_last_and_a_person_has_one_on_each_channel() {
    let mut world = World::new();
    let bound = |person: &str, account: &str| json!({"type":"identity.bound","person":person,"channel":"telegram","account":account,"token_hash":format!("hash of {person} {account}")});
    let whose = |world: &World, account: &str| match world.ask(&Question::Identity {
        channel: "telegram".into(),
        account: account.into(),
    }) {
        View::Person(person) => Some(person.id),
        _ => None,
    };
    let reached = |world: &World, person: &str| match world.ask(&Question::Accounts {
        person: person.into(),
    }) {
        View::Accounts(accounts) => accounts
            .into_iter()
            .map(|one| format!("{} {}", one.channel, one.account))
            .collect::<Vec<_>>(),
        _ => panic!("accounts are asked for"),
    };
    assert_eq!(whose(&world, "7017"), None);
    world.tell("registry/420902", json!([bound("420902/P-17", "7017")]));
    assert_eq!(whose(&world, "7017").as_deref(), Some("420902/P-17"));
    // Another phone: the one that was lost is nobody's from then on.
    world.tell("registry/420902", json!([bound("420902/P-17", "7117")]));
    assert_eq!(
        (whose(&world, "7017"), whose(&world, "7117").as_deref()),
        (None, Some("420902/P-17"))
    );
    assert_eq!(reached(&world, "420902/P-17"), ["telegram 7117"]);
    // The same phone for somebody else, in another county.
    world
        .at("2023-03-02 08:30")
        .tell("registry/420921", json!([bound("420921/P-18", "7117")]));
    assert_eq!(whose(&world, "7117").as_deref(), Some("420921/P-18"));
    assert_eq!(reached(&world, "420902/P-17"), Vec::<String>::new());
}

#[test]
fn every_state_a_button_waits_for_is_one_that_views_have() {
    use picket_schemas::declared::{Button, Thing, forms};

    let folded = [
        include_str!("../fold/dispatch.rs"),
        include_str!("../fold/rectification.rs"),
        include_str!("../read/tasks.rs"),
    ]
    .concat();
    for (_, form) in forms() {
        let Some(card) = form.card else { continue };
        let Button::Listed { states, .. } = card.button else {
            continue;
        };
        if matches!(card.thing, Thing::Step | Thing::Bulletin) {
            continue;
        }
        for state in states {
            let written = [format!("'{state}'"), format!("\"{state}\"")];
            assert!(
                written.iter().any(|state| folded.contains(state)),
                "the button of `{}` waits for `{state}`, which nothing is ever in",
                form.name
            );
        }
    }
}
