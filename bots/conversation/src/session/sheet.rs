//! Filling a sheet row by row. A complete row is sent at once; what is typed belongs to the row at hand.

use picket_schemas::ask::TaskView;
use picket_schemas::{dispatch, split_id};

use crate::cards;
use crate::cards::sheet::{OUTCOMES, wire};
use crate::cards::task::{filled, problems};
use crate::intent::{Intent, IntentVerb};
use crate::session::{Context, Effect, Focus, Session};
use crate::sheet::{RowDraft, RowStage};

/// More photos than this to a row are a mistake.
const PHOTOS: usize = 20;

impl Session {
    pub(super) fn on_sheet(
        &mut self,
        intent: &Intent,
        task: &TaskView,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        let id = self.draw(cx, |look| look.id(&task.jurisdiction, &task.task));
        if intent.verb == IntentVerb::Summary && intent.argument() == "receipt" {
            self.draft = None;
            return self.plain_card(cx, |look| cards::task::receipt(task, look));
        }
        if !self.me.among(&task.holders) || !matches!(task.state.as_str(), "accepted" | "returned")
        {
            self.focus = Focus::Nothing;
            let mut turns = vec![self.toast("not-filling")];
            turns.extend(self.show(self.draw(cx, |look| cards::task::card(task, look))));
            return turns;
        }
        match intent.verb {
            IntentVerb::Start => self.start(intent, task, &id),
            IntentVerb::Summary => self.draft = Some(self.draft_at(&id, task, task.rows.len())),
            IntentVerb::Submit | IntentVerb::Nil => return self.submit(intent, task, &id, cx),
            IntentVerb::Later => {
                self.focus = Focus::Nothing;
                let mut turns = vec![self.toast("sheet-kept")];
                turns.extend(self.show(self.draw(cx, |look| cards::task::card(task, look))));
                return turns;
            }
            _ => return self.on_row(intent, task, &id, cx),
        }
        self.sheet_card(task, cx)
    }

    /// A row with what is known of it, and with what was kept of it half done.
    fn draft_at(&self, id: &str, task: &TaskView, row: usize) -> RowDraft {
        RowDraft::at(id, task, row)
            .with_kept(self.kept.as_deref().unwrap_or_default(), &task.jurisdiction)
    }

    /// The row that was left half done last, else the first one open.
    fn first_at(&self, id: &str, task: &TaskView) -> RowDraft {
        let half_done = self
            .kept
            .iter()
            .flatten()
            .filter(|draft| draft.jurisdiction == task.jurisdiction)
            .find_map(|draft| match &draft.of {
                dispatch::DraftOf::Row { task: of, row } if *of == *split_id(&task.task).1 => {
                    task.rows.iter().position(|known| known.row == *row)
                }
                _ => None,
            });
        match half_done {
            Some(row) => self.draft_at(id, task, row),
            None => self.open_from(id, task, 0),
        }
    }

    /// The first row without an answer from there on.
    fn open_from(&self, id: &str, task: &TaskView, from: usize) -> RowDraft {
        let row = RowDraft::at_open(id, task, from).row;
        self.draft_at(id, task, row)
    }

    fn sheet_card(&mut self, task: &TaskView, cx: &Context<'_>) -> Vec<Effect> {
        self.focus = Focus::Sheet;
        let draft = self.draft.clone().unwrap_or_default();
        self.show(self.draw(cx, |look| cards::sheet::row(task, &draft, look)))
    }

    /// Begins at the first open row, goes on behind the row just filled, or takes up the row at hand.
    fn start(&mut self, intent: &Intent, task: &TaskView, id: &str) {
        if let Ok(from) = intent.argument().parse() {
            self.draft = Some(self.open_from(id, task, from));
            return;
        }
        let at_hand = self
            .draft
            .as_ref()
            .filter(|draft| draft.task == id && draft.row < task.rows.len());
        match at_hand {
            Some(draft)
                if draft.stage != RowStage::Outcome
                    || !draft.note.is_empty()
                    || !draft.place.is_empty()
                    || !draft.evidence.is_empty() => {}
            Some(draft) => self.draft = Some(self.open_from(id, task, draft.row)),
            None => self.draft = Some(self.first_at(id, task)),
        }
    }

    fn on_row(
        &mut self,
        intent: &Intent,
        task: &TaskView,
        id: &str,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        let (row, rest) = intent
            .argument()
            .split_once('.')
            .unwrap_or((intent.argument(), ""));
        let Ok(row) = row.parse::<usize>() else {
            return vec![self.toast("bad-button")];
        };
        // A session that lost its memory takes up the row on the card, if nothing changed since.
        let lost = self.draft.as_ref().is_none_or(|draft| draft.task != id);
        if lost && !Self::is_stale(intent, task.rev) {
            self.draft = Some(self.draft_at(id, task, row));
        }
        let last = task.rows.len();
        let (next, previous) = (
            self.draft_at(id, task, (row + 1).min(last)),
            self.draft_at(id, task, row.saturating_sub(1).min(last.saturating_sub(1))),
        );
        let Some(draft) = self
            .draft
            .as_mut()
            .filter(|draft| draft.task == id && (draft.row == row || row >= last))
        else {
            self.start(&Intent::new(IntentVerb::Start, id), task, id);
            let mut turns = vec![self.toast("card-updated")];
            turns.extend(self.sheet_card(task, cx));
            return turns;
        };
        match intent.verb {
            IntentVerb::Row => *draft = next,
            IntentVerb::Back if draft.row == row && draft.stage == RowStage::Detail => {
                draft.stage = RowStage::Codes
            }
            IntentVerb::Back if draft.row == row && draft.stage == RowStage::Codes => {
                draft.stage = RowStage::Outcome
            }
            IntentVerb::Back => *draft = previous,
            IntentVerb::Fill if rest == "problem" => draft.turn(RowStage::Codes),
            IntentVerb::Fill => {
                let Some(outcome) = OUTCOMES.into_iter().find(|outcome| wire(*outcome) == rest)
                else {
                    return vec![self.toast("bad-button")];
                };
                draft.codes.clear();
                draft.urgent = false;
                return self.fill(task, id, outcome);
            }
            IntentVerb::Code if crate::codes::CATALOGUE.contains(&rest) => draft.toggle(rest),
            IntentVerb::Page => draft.page = rest.parse().unwrap_or_default(),
            IntentVerb::Picked => draft.turn(RowStage::Detail),
            IntentVerb::Urgent => {
                draft.urgent = !draft.urgent;
                draft.unsaved = true;
            }
            IntentVerb::Save => return self.fill(task, id, dispatch::Outcome::Problem),
            _ => return vec![self.toast("bad-button")],
        }
        let mut turns = self.sheet_card(task, cx);
        turns.extend(self.keep_row(cx));
        turns
    }

    fn fill(&mut self, task: &TaskView, id: &str, outcome: dispatch::Outcome) -> Vec<Effect> {
        let Some((draft, row)) = self
            .draft
            .as_ref()
            .and_then(|draft| Some((draft, task.rows.get(draft.row)?)))
        else {
            return vec![self.toast("bad-button")];
        };
        let command = dispatch::Command::FillRow {
            task: split_id(&task.task).1.into(),
            row: row.row.clone(),
            outcome,
            codes: draft.codes.clone(),
            note: draft.full_note(),
            evidence: draft.evidence.clone(),
            observed: None,
            urgent: draft.urgent,
        };
        let next = Intent::new(IntentVerb::Start, id).with((draft.row + 1).to_string());
        self.focus = Focus::Sheet;
        self.act(
            &task.jurisdiction,
            command,
            Some("done-row"),
            id,
            Some(next),
        )
    }

    fn submit(
        &mut self,
        intent: &Intent,
        task: &TaskView,
        id: &str,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        let complete = filled(task) == task.rows.len();
        let nil = problems(task) == 0;
        // A nil return is only sent by the press that says so, and by nothing typed.
        if !complete || nil && intent.verb != IntentVerb::Nil || Self::is_stale(intent, task.rev) {
            self.draft = Some(self.draft_at(id, task, task.rows.len()));
            let key = if complete && !Self::is_stale(intent, task.rev) {
                "confirm-nil"
            } else if complete {
                "card-updated"
            } else {
                "rows-missing"
            };
            let mut turns = vec![self.toast(key)];
            turns.extend(self.sheet_card(task, cx));
            return turns;
        }
        self.focus = Focus::Nothing;
        let command = dispatch::Command::SubmitTask {
            task: split_id(&task.task).1.into(),
        };
        self.act(
            &task.jurisdiction,
            command,
            None,
            id,
            Some(Intent::new(IntentVerb::Summary, id).with("receipt")),
        )
    }

    /// Text belongs to the row at hand.
    pub(super) fn sheet_text(&mut self, text: &str, cx: &Context<'_>) -> Vec<Effect> {
        let note = crate::plain::plain(text, 300);
        if let Some(draft) = &mut self.draft {
            draft.note = note;
            draft.unsaved = true;
        }
        let mut turns = vec![self.toast("note-kept")];
        turns.extend(self.keep_row(cx));
        turns
    }

    pub(super) fn photo(&mut self, hash: &str, name: &str, cx: &Context<'_>) -> Vec<Effect> {
        let list = match (self.focus, &mut self.form, &mut self.draft) {
            (Focus::Form, Some(form), _) if form.kind.takes_photos() => &mut form.evidence,
            // What the command could not carry is not taken.
            (Focus::Form, Some(_), _) => return vec![self.toast("photo-not-here")],
            (Focus::Sheet, _, Some(draft)) if draft.is_at_row() => &mut draft.evidence,
            _ => return vec![self.toast("photo-unexpected")],
        };
        if list.iter().any(|known| known == hash) {
            return vec![self.toast("photo-known")];
        }
        if list.len() >= PHOTOS {
            return vec![self.toast("photo-too-many")];
        }
        list.push(hash.to_owned());
        let n = list.len();
        let mut turns = vec![Effect::Toast(self.words().with(
            "photo-kept",
            &[
                ("n", n.into()),
                ("name", crate::plain::plain(name, 40).into()),
            ],
        ))];
        match (self.focus, &mut self.form, &mut self.draft) {
            (Focus::Form, Some(form), _) => {
                form.unsaved = true;
                turns.extend(self.form_on(cx));
            }
            (_, _, Some(draft)) => {
                draft.unsaved = true;
                turns.extend(self.keep_row(cx));
            }
            _ => {}
        }
        turns
    }

    /// A place is part of an address; at a row it stands beside the note, for whoever looks at the sheet.
    pub(super) fn location(
        &mut self,
        latitude: f64,
        longitude: f64,
        accuracy_m: Option<f64>,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
            return vec![self.toast("location-unexpected")];
        }
        let place = crate::sheet::place(latitude, longitude, accuracy_m);
        match (self.focus, &mut self.draft) {
            (Focus::Form, _)
                if self
                    .form
                    .as_ref()
                    .and_then(crate::forms::OpenForm::current)
                    .is_some_and(|field| field.key == "address") =>
            {
                self.form_text(&place, cx)
            }
            (Focus::Sheet, Some(draft)) if draft.is_at_row() => {
                draft.place = place;
                draft.unsaved = true;
                let mut turns = vec![self.toast("place-kept")];
                turns.extend(self.keep_row(cx));
                turns
            }
            _ => vec![self.toast("location-unexpected")],
        }
    }
}
