//! The second half of the story: from a lead to a case that is cleared.
//!
//! Routing in two steps, a joint action, an order with its clock, the ladder when nobody moves, a fix, and
//! another person's verification. What the books refuse on the way is part of it.

use std::collections::BTreeMap;

use picket_conversation::cards;
use picket_schemas::courier::NoticeKind;
use serde_json::json;

use super::halt::Halt;
use super::sheet::{CODE, SENTINEL, Told};
use super::stage::DemoStage;

const DISPATCHER: &str = "P-0202";
const HEAD: &str = "P-0300";
const ISSUER: &str = "P-0301";
const HANDLER: &str = "P-0302";
const VISITOR: &str = "P-0303";
const VERIFIER: &str = "P-0221";
/// Two certified people of each department that goes along.
const CREW: [&str; 6] = [ISSUER, HANDLER, "P-0311", "P-0312", "P-0371", "P-0372"];

/// Tells it; returns the case.
pub(super) async fn tell(stage: &mut DemoStage, told: &Told) -> Result<String, Halt> {
    route(stage, told).await?;
    let case = verdict(stage, told).await?;
    let order = order(stage, &case).await?;
    late(stage, &order).await?;
    fix(stage, &case, &order).await?;
    verify(stage, &order, told).await?;
    Ok(case)
}

async fn route(stage: &mut DemoStage, told: &Told) -> Result<(), Halt> {
    let (words, lead) = (stage.words, &told.lead);
    stage.scene(words.scene_route()).await?;
    stage
        .act(
            "2023-12-28T09:00",
            DISPATCHER,
            json!({"do": "rectification.classify_lead", "lead": lead, "codes": [CODE]}),
        )
        .await?;
    stage.note(words.table()).await?;
    let view = stage.lead(lead)?;
    stage
        .show(DISPATCHER, |look| cards::lead::card(&view, look))
        .await?;
    stage
        .act(
            "2023-12-28T09:05",
            DISPATCHER,
            json!({"do": "rectification.route_lead", "lead": lead}),
        )
        .await?;
    let decide = json!({"do": "rectification.decide_joint", "lead": lead, "joint": true, "reason": words.joint_reason(), "date": "2023-12-29", "crew": CREW});
    stage.act("2023-12-28T09:20", DISPATCHER, decide).await?;

    let other = &told.other;
    stage
        .aside(
            "2023-12-28T09:40",
            DISPATCHER,
            json!({"do": "rectification.classify_lead", "lead": other, "codes": ["Q1"]}),
        )
        .await?;
    stage
        .aside(
            "2023-12-28T09:41",
            DISPATCHER,
            json!({"do": "rectification.route_lead", "lead": other}),
        )
        .await?;
    stage.aside("2023-12-28T09:42", DISPATCHER, json!({"do": "rectification.decide_joint", "lead": other, "joint": false, "reason": words.single_reason()})).await?;
    Ok(())
}

async fn verdict(stage: &mut DemoStage, told: &Told) -> Result<String, Halt> {
    let (words, lead) = (stage.words, &told.lead);
    stage.scene(words.scene_verdict()).await?;
    let action = stage.find("action", &[("lead", lead)])?;
    for (at, who, department, outcome) in [
        ("2023-12-29T10:30", ISSUER, "edu", words.outcome_edu()),
        ("2023-12-29T10:40", "P-0311", "mkt", words.outcome_mkt()),
        ("2023-12-29T10:50", "P-0371", "fir", words.outcome_fire()),
    ] {
        stage.act(at, who, json!({"do": "rectification.report_action", "action": action, "department": department, "outcome": outcome})).await?;
    }
    stage.act("2023-12-29T11:30", ISSUER, json!({"do": "rectification.record_verdict", "lead": lead, "verdict": "substantiated", "note": words.verdict_note()})).await?;
    let case = stage
        .act(
            "2023-12-29T14:30",
            ISSUER,
            json!({"do": "rectification.file_case", "lead": lead, "officers": [ISSUER, HANDLER]}),
        )
        .await?
        .unwrap_or_default();
    stage.aside("2023-12-29T14:40", VISITOR, json!({"do": "rectification.record_verdict", "lead": told.other, "verdict": "not", "note": words.nothing_found()})).await?;
    stage.note(words.other_lead()).await?;
    Ok(case)
}

async fn order(stage: &mut DemoStage, case: &str) -> Result<String, Halt> {
    let words = stage.words;
    stage.scene(words.scene_order()).await?;
    let mut wish = json!({
        "do": "rectification.issue_order", "case": case, "focus": words.focus(), "requirement": words.requirement(),
        "content": words.content(), "ground": words.ground(),
    });
    let problem = stage
        .refused("2023-12-29T14:50", ISSUER, wish.clone())
        .await?;
    let issuer = stage.name(ISSUER)?;
    stage
        .not_done(
            "rectification",
            words.order_missing(issuer, words.problem(&problem)),
        )
        .await?;
    wish["deadline"] = json!({"amount": 5, "unit": "working_day"});
    let order = stage
        .act("2023-12-29T15:00", ISSUER, wish)
        .await?
        .unwrap_or_default();
    stage
        .act(
            "2023-12-29T16:00",
            HANDLER,
            json!({"do": "rectification.serve_order", "order": order, "proof": words.proof()}),
        )
        .await?;
    let view = stage.order(&order)?;
    stage
        .show(HANDLER, |look| cards::order::card(&view, look))
        .await?;
    Ok(order)
}

async fn late(stage: &mut DemoStage, order: &str) -> Result<(), Halt> {
    let words = stage.words;
    stage.scene(words.scene_ladder()).await?;
    stage.until("2024-01-11T08:31").await?;
    let step = stage.find("step", &[("order", order), ("level", "B2")])?;
    let view = stage.step(&step, HEAD)?;
    stage
        .show(HEAD, |look| cards::ladder::card(&view, look))
        .await?;

    stage.scene(words.scene_fix()).await?;
    stage.act("2024-01-11T09:10", HEAD, json!({"do": "escalation.acknowledge", "step": step, "promise": stage.at("2024-01-12T17:00")})).await?;
    stage.note(words.promise_holds()).await
}

async fn fix(stage: &mut DemoStage, case: &str, order: &str) -> Result<(), Halt> {
    let words = stage.words;
    stage.act("2024-01-12T10:00", HANDLER, json!({"do": "rectification.record_refund", "case": case, "amount_fen": 1_268_000, "proof": words.refund_proof()})).await?;
    stage
        .act(
            "2024-01-12T10:30",
            HANDLER,
            json!({"do": "rectification.report_fix", "order": order, "note": words.fix_note()}),
        )
        .await?;
    Ok(())
}

async fn verify(stage: &mut DemoStage, order: &str, told: &Told) -> Result<(), Halt> {
    let words = stage.words;
    stage.scene(words.scene_verify()).await?;
    let pass = json!({"do": "rectification.verify_fix", "order": order, "result": "passed", "note": words.verify_note()});
    let problem = stage
        .refused("2024-01-12T14:00", ISSUER, pass.clone())
        .await?;
    let issuer = stage.name(ISSUER)?;
    stage
        .not_done(
            "rectification",
            words.refused_own(issuer, words.problem(&problem)),
        )
        .await?;
    stage.act("2024-01-15T10:00", VERIFIER, pass).await?;
    let with = BTreeMap::from([
        ("name".to_owned(), told.place.clone()),
        ("codes".to_owned(), CODE.to_owned()),
    ]);
    stage
        .show(SENTINEL, |look| {
            cards::short::finding(NoticeKind::FindingCleared, &told.lead, &with, look)
        })
        .await
}
