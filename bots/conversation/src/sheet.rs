//! The row of a sheet somebody is filling, before it is a fact.
//!
//! Only the row at hand lives here: as soon as it is complete it is sent. Before that every change is kept in
//! dispatch as a draft, so a wizard that lost its memory goes on where it was.

use std::collections::BTreeMap;

use picket_schemas::ask::{DraftView, TaskView};
use picket_schemas::dispatch::DraftOf;
use picket_schemas::split_id;
use serde::{Deserialize, Serialize};

/// The stage of the row at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowStage {
    /// The outcome.
    #[default]
    Outcome,
    /// The violations.
    Codes,
    /// Words, photos, urgency.
    Detail,
}

/// The row at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowDraft {
    /// The task, as the person writes it.
    pub task: String,
    /// The index of the row, from 0; past the last one is the summary.
    pub row: usize,
    /// The code of the row.
    #[serde(default)]
    pub code: String,
    /// Something was picked or typed that dispatch does not keep yet.
    #[serde(default)]
    pub unsaved: bool,
    /// The stage it is at.
    pub stage: RowStage,
    /// The codes picked.
    pub codes: Vec<String>,
    /// The page of codes shown.
    pub page: usize,
    /// Words about it.
    pub note: String,
    /// The position of the person, as the note says it; a text does not replace it.
    #[serde(default)]
    pub place: String,
    /// Hashes of photos.
    pub evidence: Vec<String>,
    /// True if it cannot wait until the sheet is handed in.
    pub urgent: bool,
}

impl RowDraft {
    /// A draft at a row, with what is known of it already.
    pub fn at(task: &str, view: &TaskView, row: usize) -> Self {
        let known = view.rows.get(row);
        let (note, place) = known.map(|row| parted(&row.note)).unwrap_or_default();
        Self {
            task: task.to_owned(),
            row,
            code: known.map(|row| row.row.clone()).unwrap_or_default(),
            codes: known.map(|row| row.codes.clone()).unwrap_or_default(),
            note: note.to_owned(),
            place: place.to_owned(),
            evidence: known.map(|row| row.evidence.clone()).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// A draft at the first row without an answer from `from` on, then from the top; past the last where none is open.
    pub fn at_open(task: &str, view: &TaskView, from: usize) -> Self {
        let open =
            |(n, _): &(usize, &picket_schemas::ask::RowView)| view.rows[*n].outcome.is_none();
        let next = view
            .rows
            .iter()
            .enumerate()
            .skip(from)
            .find(open)
            .or_else(|| view.rows.iter().enumerate().find(open));
        Self::at(task, view, next.map_or(view.rows.len(), |(n, _)| n))
    }

    /// Goes on to what is asked next.
    pub(crate) fn turn(&mut self, stage: RowStage) {
        self.stage = stage;
        self.unsaved = true;
    }

    /// Picks a code, or drops it again.
    pub fn toggle(&mut self, code: &str) {
        toggle(&mut self.codes, code);
        self.unsaved = true;
    }

    /// True if it is at a row, and not at the summary behind the last one.
    pub(crate) fn is_at_row(&self) -> bool {
        !self.code.is_empty()
    }

    /// The note as it becomes a fact: the words, and where it was.
    pub(crate) fn full_note(&self) -> String {
        format!("{} {}", self.note, self.place).trim().to_owned()
    }

    /// The key under which dispatch keeps it.
    pub(crate) fn of(&self) -> DraftOf {
        DraftOf::Row {
            task: split_id(&self.task).1.into(),
            row: self.code.clone(),
        }
    }

    /// The fields dispatch keeps of it besides the photos.
    pub(crate) fn answers(&self) -> BTreeMap<String, String> {
        let stage = match self.stage {
            RowStage::Outcome => "outcome",
            RowStage::Codes => "codes",
            RowStage::Detail => "detail",
        };
        let urgent = if self.urgent { "true" } else { "" };
        let answers = [
            ("stage", stage.to_owned()),
            ("codes", self.codes.join(";")),
            ("note", self.note.clone()),
            ("place", self.place.clone()),
            ("urgent", urgent.to_owned()),
        ];
        answers
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (key.to_owned(), value))
            .collect()
    }

    /// Goes on with what was kept of this row, if anything was.
    pub(crate) fn with_kept(mut self, kept: &[DraftView], jurisdiction: &str) -> Self {
        let of = self.of();
        let Some(kept) = kept
            .iter()
            .find(|draft| draft.of == of && draft.jurisdiction == jurisdiction)
        else {
            return self;
        };
        let value = |key: &str| {
            kept.answers
                .get(key)
                .map(String::as_str)
                .unwrap_or_default()
        };
        self.stage = match value("stage") {
            "detail" => RowStage::Detail,
            "codes" => RowStage::Codes,
            _ => RowStage::Outcome,
        };
        self.codes = picket_schemas::lenient::parts(value("codes"))
            .map(str::to_owned)
            .collect();
        // A draft kept before a place had an answer of its own has it within the note.
        let (note, place) = parted(value("note"));
        self.note = note.to_owned();
        self.place = if value("place").is_empty() {
            place
        } else {
            value("place")
        }
        .to_owned();
        self.urgent = value("urgent") == "true";
        self.evidence.clone_from(&kept.evidence);
        self
    }
}

/// A place as a note says it.
pub(crate) fn place(latitude: f64, longitude: f64, accuracy_m: Option<f64>) -> String {
    let around = accuracy_m
        .filter(|metres| metres.is_finite() && *metres >= 0.0)
        .map(|metres| format!(" ±{metres:.0}m"))
        .unwrap_or_default();
    format!("({latitude:.5}, {longitude:.5}{around})")
}

/// The words of a note and the place at its end, if there is one.
fn parted(note: &str) -> (&str, &str) {
    let whole = (note.trim(), "");
    let Some(at) = note.rfind('(').filter(|_| note.trim_end().ends_with(')')) else {
        return whole;
    };
    let (words, place) = (note[..at].trim(), note[at..].trim());
    let inside = place.trim_matches(['(', ')']);
    let inside = inside
        .split_once(" ±")
        .map_or(inside, |(numbers, _)| numbers);
    let numbers = inside.split_once(", ").map(|(latitude, longitude)| {
        (
            latitude.parse::<f64>().is_ok(),
            longitude.parse::<f64>().is_ok(),
        )
    });
    if numbers == Some((true, true)) {
        (words, place)
    } else {
        whole
    }
}

/// Adds what is not there and takes out what is.
pub(crate) fn toggle(list: &mut Vec<String>, value: &str) {
    match list.iter().position(|known| known == value) {
        Some(at) => drop(list.remove(at)),
        None => list.push(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_gives_back_the_place_it_was_written_with_and_nothing_else_looks_like_one() {
        for accuracy in [None, Some(12.4), Some(f64::NAN)] {
            let place = place(30.92, -113.954_321, accuracy);
            assert_eq!(
                parted(&format!("门口有招牌 (二楼) {place}")),
                ("门口有招牌 (二楼)", place.as_str())
            );
            assert_eq!(parted(&place), ("", place.as_str()));
        }
        for note in [
            "",
            "门口有招牌",
            "二楼 (左边)",
            "(30.9, 113.9) 门口",
            "a (1, b)",
            "a )(",
        ] {
            assert_eq!(parted(note), (note, ""), "{note}");
        }
    }
}
