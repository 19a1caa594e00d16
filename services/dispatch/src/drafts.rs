//! Drafts: half an answer, kept so that it survives the phone it was typed on.
//!
//! A draft is of a row somebody fills, or of a form about anything. It says nothing about a place and counts
//! nowhere; an answered row, a closed sheet and a month without a word end it. What a form asks, and what its
//! answers mean, is not known here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::dispatch::{DraftOf, Event};
use picket_schemas::{PersonId, RecordId, Refusal, TaskId, split_id};
use serde::{Deserialize, Serialize};

use crate::Dispatch;

/// The time a draft stays when nobody goes on with it.
const STAYS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The most drafts one person may have; the oldest makes room.
const A_PERSON: usize = 20;
/// The most answers and photos of one draft.
const ANSWERS: usize = 32;
const EVIDENCE: usize = 20;
/// The longest name of a form, a thing or a question, and the longest hash.
const NAME: usize = 80;
/// All answers of a draft together, in bytes.
const BYTES: usize = 16 * 1024;

/// A draft as it was last kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AnswerDraft {
    of: DraftOf,
    answers: BTreeMap<String, String>,
    evidence: Vec<String>,
    at: Timestamp,
}

/// Everybody's drafts.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Drafts {
    /// Each person's in the order they were kept.
    by_person: BTreeMap<PersonId, Vec<AnswerDraft>>,
    /// The instants at which each person's oldest is forgotten.
    ending: BTreeSet<(Timestamp, PersonId)>,
}

impl Drafts {
    fn of(&self, person: &PersonId, of: &DraftOf) -> Option<&AnswerDraft> {
        self.by_person
            .get(person)?
            .iter()
            .find(|draft| draft.of == *of)
    }

    pub(crate) fn keep(
        &mut self,
        person: &PersonId,
        of: &DraftOf,
        answers: &BTreeMap<String, String>,
        evidence: &[String],
        at: Timestamp,
    ) {
        self.change(person, |mine| {
            mine.retain(|draft| draft.of != *of);
            mine.push(AnswerDraft {
                of: of.clone(),
                answers: answers.clone(),
                evidence: evidence.to_vec(),
                at,
            });
            if mine.len() > A_PERSON {
                mine.remove(0);
            }
        });
    }

    pub(crate) fn drop_of(&mut self, person: &PersonId, of: &DraftOf) {
        self.change(person, |mine| mine.retain(|draft| draft.of != *of));
    }

    /// Nobody goes on with a row of a sheet that went in or was closed.
    pub(crate) fn end_sheet(&mut self, task: &TaskId) {
        let of_it =
            |draft: &AnswerDraft| matches!(&draft.of, DraftOf::Row { task: of, .. } if of == task);
        let theirs: Vec<_> = self
            .by_person
            .iter()
            .filter(|(_, mine)| mine.iter().any(of_it))
            .map(|(person, _)| person.clone())
            .collect();
        for person in theirs {
            self.change(&person, |mine| mine.retain(|draft| !of_it(draft)));
        }
    }

    /// Lets go of what nobody went on with.
    pub(crate) fn let_go(&mut self, at: Timestamp) {
        while let Some((_, person)) = self.ending.first().filter(|(ends, _)| *ends <= at).cloned() {
            self.change(&person, |mine| mine.retain(|draft| ends(draft.at) > at));
        }
    }

    /// Changes a person's drafts, and with them when the oldest ends.
    fn change(&mut self, person: &PersonId, with: impl FnOnce(&mut Vec<AnswerDraft>)) {
        let mut mine = self.by_person.remove(person).unwrap_or_default();
        if let Some(oldest) = mine.first() {
            self.ending.remove(&(ends(oldest.at), person.clone()));
        }
        with(&mut mine);
        if let Some(oldest) = mine.first() {
            self.ending.insert((ends(oldest.at), person.clone()));
            self.by_person.insert(person.clone(), mine);
        }
    }
}

/// The instant at which a draft kept at this one is forgotten.
fn ends(kept: Timestamp) -> Timestamp {
    kept.checked_add(STAYS).unwrap_or(Timestamp::MAX)
}

impl Dispatch {
    pub(crate) fn keep_draft(
        &self,
        of: &DraftOf,
        answers: &BTreeMap<String, String>,
        evidence: &[String],
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        cx.allow("dispatch.keep_draft", Resource::default())?;
        let of = written_here(of, cx)?;
        let kept = self.drafts.of(cx.actor, &of);
        if answers.is_empty() && evidence.is_empty() {
            return Ok(kept
                .map(|_| Event::DraftDropped {
                    person: cx.actor.clone(),
                    of,
                })
                .into_iter()
                .collect());
        }
        self.needs_own_row(&of, cx)?;
        check_size(answers, evidence)?;
        let answers = answers
            .iter()
            .map(|(key, value)| Ok((name("answers", key)?, fields::text("answers", value)?)))
            .collect::<Result<_, _>>()?;
        let evidence = evidence
            .iter()
            .map(|hash| name("evidence", hash))
            .collect::<Result<_, _>>()?;
        if kept.is_some_and(|draft| draft.answers == answers && draft.evidence == evidence) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::DraftKept {
            person: cx.actor.clone(),
            of,
            answers,
            evidence,
        }])
    }

    /// Half an answer to a row is kept for those who hold its sheet.
    fn needs_own_row(&self, of: &DraftOf, cx: &Decision<'_>) -> Result<(), Refusal> {
        let DraftOf::Row { task, row } = of else {
            return Ok(());
        };
        let unknown = || Refusal::UnknownRow {
            task: task.to_string(),
            row: row.clone(),
        };
        self.held(task, "dispatch.keep_draft", cx)?
            .row(row)
            .ok_or_else(unknown)?;
        Ok(())
    }
}

/// The subject of a draft, as it is written in this jurisdiction.
fn written_here(of: &DraftOf, cx: &Decision<'_>) -> Result<DraftOf, Refusal> {
    Ok(match of {
        DraftOf::Row { task, row } => {
            let (home, short) = split_id(task.as_str());
            DraftOf::Row {
                task: if home.is_none_or(|home| *cx.jurisdiction == *home) {
                    short.into()
                } else {
                    task.clone()
                },
                row: row.clone(),
            }
        }
        DraftOf::Form { form, about } => DraftOf::Form {
            form: name("form", form)?,
            about: if about.is_empty() {
                RecordId::default()
            } else {
                name("about", about.as_str())?.into()
            },
        },
    })
}

fn check_size(answers: &BTreeMap<String, String>, evidence: &[String]) -> Result<(), Refusal> {
    let bytes: usize = answers
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    if answers.len() > ANSWERS || bytes > BYTES {
        return Err(fields::invalid(
            "answers",
            format!("a draft holds at most {ANSWERS} answers of {BYTES} bytes together"),
        ));
    }
    if evidence.len() > EVIDENCE {
        return Err(fields::invalid(
            "evidence",
            format!("a draft holds at most {EVIDENCE} photos"),
        ));
    }
    Ok(())
}

/// A short word that names something.
fn name(field: &str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.len() > NAME {
        return Err(fields::invalid(
            field,
            format!("a name has 1 to {NAME} bytes"),
        ));
    }
    Ok(text.to_owned())
}
