//! What waits for a person, and for nobody else.

use picket_schemas::ask::{Question, View};
use serde_json::json;

use super::{World, batch, clock, row, t, task, tasks};

#[test]
fn an_offer_waits_for_everybody_it_was_made_to_until_one_takes_it() {
    let mut world = World::new();
    world.issued();
    assert_eq!(
        (
            tasks(&world.inbox("420902/P-17").offers),
            tasks(&world.inbox("420902/P-18").offers)
        ),
        (vec!["T-1"], vec!["T-1"])
    );
    world.dispatch(
        json!([{"type":"task.accepted","task":"T-1","person":"420902/P-17","taken":true}]),
    );
    assert_eq!(
        (
            tasks(&world.inbox("420902/P-17").tasks),
            tasks(&world.inbox("420902/P-17").offers)
        ),
        (vec!["T-1"], vec![])
    );
    assert!(world.inbox("420902/P-18").offers.is_empty());
}

#[test]
fn a_declined_offer_waits_no_longer() {
    let mut world = World::new();
    world.issued().dispatch(
        json!([{"type":"task.declined","task":"T-1","person":"420902/P-17","reason":"ill"}]),
    );
    assert!(world.inbox("420902/P-17").offers.is_empty());
    assert_eq!(tasks(&world.inbox("420902/P-18").offers), ["T-1"]);
}

#[test]
fn a_task_handed_over_stays_with_its_holder_until_it_is_taken() {
    let mut world = World::new();
    world.accepted().dispatch(json!([{"type":"task.offered","task":"T-1","to":["420902/P-18"],"reason":"hand_over","by":"420902/P-17","answer_by":t("2023-03-08 00:00")}]));
    assert_eq!(
        (
            tasks(&world.inbox("420902/P-17").tasks),
            tasks(&world.inbox("420902/P-18").offers)
        ),
        (vec!["T-1"], vec!["T-1"])
    );
    world.dispatch(json!([{"type":"task.accepted","task":"T-1","person":"420902/P-18","instead_of":"420902/P-17","taken":true}]));
    assert!(world.inbox("420902/P-17").tasks.is_empty());
    assert_eq!(
        (
            tasks(&world.inbox("420902/P-18").tasks),
            world.inbox("420902/P-18").offers.len()
        ),
        (vec!["T-1"], 0)
    );
}

#[test]
fn a_task_its_last_holder_gave_back_is_free_again() {
    let mut world = World::new();
    world.accepted().dispatch(json!([
        {"type":"task.declined","task":"T-1","person":"420902/P-17","reason":"ill"},
        {"type":"task.offered","task":"T-1","to":["420902/P-18"],"reason":"next","answer_by":t("2023-03-08 00:00")},
    ]));
    assert_eq!(
        (
            world.task("T-1").state.as_str(),
            tasks(&world.inbox("420902/P-18").offers)
        ),
        ("issued", vec!["T-1"])
    );
    assert!(world.inbox("420902/P-17").tasks.is_empty());
    assert_eq!(
        world.year_to("2023-03-07 00:00").get("tasks_accepted"),
        1,
        "it had been accepted"
    );
}

#[test]
fn a_second_choice_takes_the_place_of_the_first() {
    let mut world = World::new();
    let offered = |to: &str| json!({"type":"task.offered","task":"T-1","to":[to],"reason":"hand_over","by":"420902/P-17","answer_by":t("2023-03-08 00:00")});
    world
        .accepted()
        .dispatch(json!([offered("420902/P-18")]))
        .dispatch(json!([offered("420902/P-20")]));
    assert!(world.inbox("420902/P-18").offers.is_empty());
    assert_eq!(tasks(&world.inbox("420902/P-20").offers), ["T-1"]);
}

#[test]
fn a_submitted_sheet_waits_for_the_leader_of_its_post() {
    let mut world = World::new();
    world.found();
    assert_eq!(tasks(&world.inbox("420902/P-20").reviews), ["T-1"]);
    assert!(world.inbox("420902/P-30").reviews.is_empty());
    assert!(world.inbox("420902/P-17").tasks.is_empty());
    world.dispatch(json!([{"type":"task.returned","task":"T-1","by":"420902/P-20","reason":"blurred","rows":["I-1"]}]));
    assert!(world.inbox("420902/P-20").reviews.is_empty());
    assert_eq!(tasks(&world.inbox("420902/P-17").tasks), ["T-1"]);
    assert_eq!(
        world.task("T-1").returned_because.as_deref(),
        Some("blurred")
    );
}

#[test]
fn a_sheet_its_leader_filled_waits_for_the_coordinator() {
    let mut world = World::new();
    let mut answer = row("T-1", "I-1", "ok", "2023-03-07 09:00");
    answer["by"] = json!("420902/P-20");
    world.accepted().dispatch(json!([answer, {"type":"task.submitted","task":"T-1","by":"420902/P-20","nil":true,"rows":3,"problems":0,"area":"420902003"}]));
    assert!(world.inbox("420902/P-20").reviews.is_empty());
    assert_eq!(tasks(&world.inbox("420902/P-30").reviews), ["T-1"]);
}

#[test]
fn a_task_with_nobody_waits_for_the_coordinators_whose_area_holds_it() {
    let mut world = World::new();
    world
        .issued()
        .dispatch(json!([{"type":"task.unassigned","task":"T-1","reason":"nobody answered"}]));
    assert_eq!(tasks(&world.inbox("420902/P-30").unassigned), ["T-1"]);
    assert_eq!(
        tasks(&world.inbox("4209/P-2").unassigned),
        ["T-1"],
        "the city's area holds the county's"
    );
    assert!(
        world.inbox("420921/P-30").unassigned.is_empty(),
        "another county's does not"
    );
    assert!(
        world.inbox("420902/P-31").unassigned.is_empty(),
        "a dispatcher is no coordinator"
    );
    world.dispatch(json!([{"type":"task.offered","task":"T-1","to":["420902/P-18"],"reason":"assigned","by":"420902/P-30","answer_by":t("2023-03-08 00:00")}]));
    assert!(world.inbox("420902/P-30").unassigned.is_empty());
}

#[test]
fn a_lead_waits_for_triage_until_joint_action_is_decided() {
    let mut world = World::new();
    world.found();
    assert_eq!(world.inbox("420902/P-31").triage.len(), 1);
    assert!(world.inbox("420921/P-31").triage.is_empty());
    assert!(world.inbox("420902/P-40").leads.is_empty());
    let mut world = World::new();
    world.routed();
    assert_eq!(
        world.inbox("420902/P-31").triage.len(),
        1,
        "routed, not yet decided"
    );
    world.rectify(json!([{"type":"joint.decided","lead":"L-1","joint":false,"reason":"one room","by":"420902/P-31"}]));
    assert!(world.inbox("420902/P-31").triage.is_empty());
}

#[test]
fn a_routed_lead_waits_for_its_departments_and_a_case_for_the_one_that_leads() {
    let mut world = World::new();
    world.routed();
    assert_eq!(
        (
            world.inbox("420902/P-40").leads.len(),
            world.inbox("420902/P-42").leads.len()
        ),
        (1, 1)
    );
    assert!(
        world.inbox("420921/P-40").leads.is_empty(),
        "the same department of another county"
    );
    world.rectify(json!([{"type":"verdict.recorded","lead":"L-1","verdict":"substantiated","note":"","codes":["H1"],"by":"420902/P-40"}]));
    assert_eq!(
        world.inbox("420902/P-40").leads.len(),
        1,
        "a case is still to be filed"
    );
    let mut world = World::new();
    world.served();
    assert!(world.inbox("420902/P-40").leads.is_empty());
    assert_eq!(
        (
            world.inbox("420902/P-40").cases.len(),
            world.inbox("420902/P-42").cases.len()
        ),
        (1, 0)
    );
    let mut world = World::new();
    world.cleared();
    assert!(world.inbox("420902/P-40").cases.is_empty());
}

#[test]
fn a_lead_not_substantiated_waits_for_nobody() {
    let mut world = World::new();
    world.routed().rectify(json!([
        {"type":"verdict.recorded","lead":"L-1","verdict":"not","note":"a family","codes":["H1"],"by":"420902/P-40"},
        {"type":"lead.archived","lead":"L-1","reason":"not substantiated"},
    ]));
    assert!(
        world.inbox("420902/P-40").leads.is_empty() && world.inbox("420902/P-31").triage.is_empty()
    );
    assert_eq!(world.lead("L-1").state, "archived");
}

#[test]
fn a_fix_waits_for_somebody_who_had_no_hand_in_it() {
    let mut world = World::new();
    world
        .served()
        .rectify(json!([{"type":"fix.reported","order":"Z-1","note":"closed","by":"420902/P-42"}]));
    assert_eq!(world.inbox("420902/P-50").verify.len(), 1);
    assert!(
        world.inbox("420902/P-40").verify.is_empty(),
        "issued the order"
    );
    assert!(
        world.inbox("420902/P-41").verify.is_empty(),
        "an officer of the case"
    );
    assert!(
        world.inbox("420902/P-42").verify.is_empty(),
        "recorded the fix"
    );
    assert!(
        world.inbox("420921/P-50").verify.is_empty(),
        "of another area"
    );
}

#[test]
fn a_step_waits_for_those_it_addresses_until_one_promises_or_the_clock_ends() {
    let mut world = World::new();
    world.accepted();
    let step = |id: &str| json!({"type":"ladder.stepped","step":id,"clock":"K-1","kind":"task.submit","on":"T-1","level":"B1","to":["420902/P-17","420902/P-20"],"due":t("2023-03-14 00:00"),"nominal":t("2023-03-15 08:30"),"why":"T-1 is late","next":null});
    world.at("2023-03-15 08:30").escalate(json!([step("E-1")]));
    let steps = world.inbox("420902/P-20").steps;
    assert_eq!(
        (
            steps.len(),
            steps[0].level.as_str(),
            steps[0].what.as_str(),
            steps[0].open
        ),
        (1, "B1", "spring sweep · 书院哨点", true)
    );
    assert_eq!(
        steps[0]
            .duty
            .iter()
            .map(|who| who.name.as_str())
            .collect::<Vec<_>>(),
        ["sentinel 17"]
    );
    world.escalate(json!([{"type":"step.acknowledged","step":"E-1","clock":"K-1","promise":t("2023-03-16 12:00"),"by":"420902/P-17","next":null}]));
    assert!(world.inbox("420902/P-20").steps.is_empty());
    world.escalate(json!([step("E-2")]));
    assert_eq!(world.inbox("420902/P-17").steps.len(), 1);
    world.escalate(json!([{"type":"clock.stopped","clock":"K-1","kind":"task.submit","on":"T-1","at":t("2023-03-15 09:00"),"late":true}]));
    assert!(world.inbox("420902/P-17").steps.is_empty());
}

#[test]
fn a_proposed_step_waits_for_a_supervisor_and_once_signed_for_those_it_addresses() {
    let mut world = World::new();
    world.accepted().escalate(json!([{"type":"ladder.proposed","step":"E-1","clock":"K-1","kind":"task.submit","on":"T-1","level":"B3","to":["420902/P-60"],"due":t("2023-03-14 00:00"),"why":"six days late","next":null}]));
    assert_eq!(
        (
            world.inbox("420902/P-60").proposals.len(),
            world.inbox("4209/P-1").proposals.len()
        ),
        (1, 1)
    );
    assert!(
        world.inbox("420902/P-60").steps.is_empty()
            && world.inbox("420921/P-60").proposals.is_empty()
    );
    world.escalate(json!([{"type":"ladder.signed","step":"E-1","clock":"K-1","kind":"task.submit","on":"T-1","level":"B3","to":["420902/P-17"],"by":"420902/P-60"}]));
    assert!(world.inbox("420902/P-60").proposals.is_empty());
    assert_eq!(world.inbox("420902/P-17").steps.len(), 1);
}

#[test]
fn a_sealed_task_is_seen_by_those_it_was_offered_to_only() {
    let mut world = World::new();
    let mut sheet = task("T-1", "B-1");
    sheet["sealed_until"] = json!(t("2023-03-10 08:00"));
    world.at("2023-03-06 09:00").dispatch(json!([batch("B-1", 1), sheet, {"type":"task.accepted","task":"T-1","person":"420902/P-17","taken":true}]));
    assert_eq!(tasks(&world.inbox("420902/P-17").tasks), ["T-1"]);
    world.dispatch(json!([{"type":"task.submitted","task":"T-1","by":"420902/P-17","nil":true,"rows":3,"problems":0,"area":"420902003"}]));
    world.escalate(json!([clock(
        "K-9",
        "task.review",
        "T-1",
        "2023-03-06 10:00",
        "2023-03-07 00:00",
        json!({"post":"PO-01"})
    )]));
    assert!(world.inbox("420902/P-20").reviews.is_empty(), "sealed");
    world.at("2023-03-10 09:00");
    assert_eq!(tasks(&world.inbox("420902/P-20").reviews), ["T-1"]);
}

fn kept(person: &str, of: serde_json::Value, answers: serde_json::Value) -> serde_json::Value {
    json!({"type":"draft.kept","person":person,"of":of,"answers":answers,"evidence":["p1"]})
}

#[test]
fn what_somebody_half_answered_waits_for_nobody_else() {
    let mut world = World::new();
    let row = json!({"row":{"task":"T-1","row":"I-3"}});
    world.accepted().dispatch(json!([
        kept("420902/P-17", row, json!({"codes":"H1"})),
        kept(
            "420902/P-17",
            json!({"form":{"form":"place"}}),
            json!({"address":"x"})
        ),
    ]));
    let drafts = world.inbox("420902/P-17").drafts;
    assert_eq!(drafts.len(), 2);
    let sheet = drafts
        .iter()
        .find(|draft| !draft.name.is_empty())
        .expect("the row, with the name of its place");
    assert_eq!(
        (
            sheet.name.as_str(),
            sheet.answers["codes"].as_str(),
            sheet.evidence.len()
        ),
        ("机构3", "H1", 1)
    );
    assert!(world.inbox("420902/P-18").drafts.is_empty());
    assert!(
        !serde_json::to_string(&world.timeline("T-1"))
            .expect("json")
            .contains("draft"),
        "no timeline tells of it"
    );
}

#[test]
fn a_draft_ends_with_its_row_its_sheet_or_when_nobody_goes_on() {
    let mut world = World::new();
    let of = |row: &str| json!({"row":{"task":"T-1","row":row}});
    world.accepted().dispatch(json!([
        kept("420902/P-17", of("I-1"), json!({"codes":"H1"})),
        kept("420902/P-17", of("I-3"), json!({"codes":"H1"}))
    ]));
    world.dispatch(json!([row("T-1", "I-1", "ok", "2023-03-02 10:00")]));
    assert_eq!(world.inbox("420902/P-17").drafts.len(), 1);
    world.dispatch(json!([{"type":"draft.dropped","person":"420902/P-17","of":of("I-3")}]));
    assert!(world.inbox("420902/P-17").drafts.is_empty());
    world.dispatch(json!([kept(
        "420902/P-17",
        of("I-3"),
        json!({"codes":"H1"})
    )]));
    world.dispatch(
        json!([{"type":"task.declined","task":"T-1","person":"420902/P-17","reason":"ill"}]),
    );
    assert!(
        world.inbox("420902/P-17").drafts.is_empty(),
        "somebody who gave the sheet back does not go on with it"
    );
}

#[test]
fn a_draft_stands_for_a_month() {
    let mut world = World::new();
    world.accepted().dispatch(json!([kept(
        "420902/P-17",
        json!({"form":{"form":"place"}}),
        json!({"address":"x"})
    )]));
    let question = Question::Inbox {
        person: "420902/P-17".into(),
    };
    let count = |at: &str| match world.insight.answer(&question, t(at)).expect("answers") {
        View::Inbox(inbox) => inbox.drafts.len(),
        other => panic!("{other:?} is no inbox"),
    };
    assert_eq!(
        (count("2023-03-20 10:00"), count("2023-04-20 10:00")),
        (1, 0)
    );
}
