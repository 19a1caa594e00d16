//! The first half of the story: a sheet goes out, is accepted late, filled at the door, and handed in.
//!
//! On a terminal the viewer may accept and answer the row that matters; whatever is pressed goes on record,
//! and the story finds its way back.

use picket_conversation::{RowDraft, cards};
use picket_schemas::dispatch::Outcome;
use serde_json::json;

use super::halt::Halt;
use super::stage::DemoStage;

/// Whose sheet it is.
pub(super) const SENTINEL: &str = "P-0017";
const LEADER: &str = "P-0109";
const COMMUNITY: &str = "420902003004";
/// The finding.
pub(super) const CODE: &str = "H1";

/// The state the second half goes on from.
pub(super) struct Told {
    /// The lead of the problem on the sheet.
    pub(super) lead: String,
    /// The lead of the place on no list.
    pub(super) other: String,
    /// Where the problem is.
    pub(super) place: String,
}

/// Tells it.
pub(super) async fn tell(stage: &mut DemoStage) -> Result<Told, Halt> {
    let words = stage.words;
    stage.scene(words.scene_schedule()).await?;
    stage.note(words.planned()).await?;
    stage.until("2023-12-25T08:35").await?;

    stage.scene(words.scene_phone()).await?;
    let task = stage.first_task()?;
    let view = stage.task(&task)?;
    stage
        .show(SENTINEL, |look| cards::task::card(&view, look))
        .await?;

    stage.scene(words.scene_reminder()).await?;
    stage.until("2023-12-27T09:04").await?;

    stage.scene(words.scene_accept()).await?;
    stage
        .screen
        .choose(&words.accept_question(), &[words.accept_choice()], 0)
        .await?;
    stage
        .act(
            "2023-12-27T09:05",
            SENTINEL,
            json!({"do": "dispatch.accept_task", "task": task}),
        )
        .await?;

    let place = rows(stage, &task).await?;

    stage.scene(words.scene_place()).await?;
    let report = json!({"do": "dispatch.report_place", "area": COMMUNITY, "address": words.place_address(), "seen": words.place_seen(), "codes": ["Q1"]});
    let unlisted = stage
        .act("2023-12-27T10:50", SENTINEL, report)
        .await?
        .unwrap_or_default();
    stage.note(words.quoted(words.place_seen())).await?;

    stage.scene(words.scene_submit()).await?;
    let view = stage.task(&task)?;
    stage
        .show(SENTINEL, |look| cards::sheet::summary(&view, look))
        .await?;
    stage
        .act(
            "2023-12-27T11:10",
            SENTINEL,
            json!({"do": "dispatch.submit_task", "task": task}),
        )
        .await?;
    stage
        .act(
            "2023-12-27T16:00",
            LEADER,
            json!({"do": "dispatch.approve_task", "task": task}),
        )
        .await?;
    let lead = stage.find("lead", &[("task", &task), ("row", &place)])?;
    let other = stage.find("lead", &[("place", &unlisted)])?;
    let place = view
        .rows
        .iter()
        .find(|row| row.row == place)
        .map(|row| row.name.clone())
        .unwrap_or_default();
    Ok(Told { lead, other, place })
}

/// The rows: all in order but the care centre. Returns its code.
async fn rows(stage: &mut DemoStage, task: &str) -> Result<String, Halt> {
    let words = stage.words;
    stage.scene(words.scene_rows()).await?;
    let view = stage.task(task)?;
    let care = view
        .rows
        .iter()
        .position(|row| row.name.contains("托管"))
        .unwrap_or(view.rows.len().saturating_sub(1));
    for (n, row) in view.rows.iter().enumerate().filter(|(n, _)| *n != care) {
        let at = format!("2023-12-27T10:{:02}", 5 + n * 10);
        stage
            .act(
                &at,
                SENTINEL,
                json!({"do": "dispatch.fill_row", "task": task, "row": row.row, "outcome": "ok"}),
            )
            .await?;
    }
    stage.until("2023-12-27T10:35").await?;
    let view = stage.task(task)?;
    let draft = RowDraft::at(task, &view, care);
    stage
        .show(SENTINEL, |look| cards::sheet::row(&view, &draft, look))
        .await?;
    let row = view
        .rows
        .get(care)
        .map(|row| row.row.clone())
        .unwrap_or_default();
    let outcomes = [Outcome::Ok, Outcome::Problem, Outcome::ClosedDoor];
    let labels = outcomes.map(|outcome| words.outcome(outcome, &[]));
    let chosen = stage
        .screen
        .choose(&words.row_question(), &labels, 1)
        .await?;
    if outcomes[chosen] != Outcome::Problem {
        stage.act("2023-12-27T10:36", SENTINEL, json!({"do": "dispatch.fill_row", "task": task, "row": row, "outcome": outcomes[chosen]})).await?;
        stage.note(words.row_first()).await?;
    }
    let problem = json!({"do": "dispatch.fill_row", "task": task, "row": row, "outcome": "problem", "codes": [CODE], "note": words.row_note()});
    stage.act("2023-12-27T10:40", SENTINEL, problem).await?;
    Ok(row)
}
