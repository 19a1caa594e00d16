//! The roster of a batch: the tasks its sheets become, and in which order.
//!
//! Worked out when a batch is confirmed and again before each part of it is issued; the hash tells whether
//! the registry moved in between. It knows no book and no state: the same directory, the same roster.

use std::cmp::Ordering;

use picket_book::Decision;
use picket_schemas::dispatch::{Accept, Assign, AssignTo};
use picket_schemas::{AreaCode, PersonId, PostCode, commit};
use serde::{Deserialize, Serialize};

use crate::candidates;
use crate::selection::SelectedSheet;

/// A task to come: a sheet, and whose it is where everybody gets one of their own.
pub(crate) struct PlannedTask<'a> {
    pub(crate) sheet: &'a SelectedSheet<'a>,
    pub(crate) person: Option<PersonId>,
}

impl PlannedTask<'_> {
    fn key(&self) -> (Option<&str>, &str, Option<&str>) {
        (
            self.sheet.post.map(|post| post.code.as_str()),
            self.sheet.area.as_str(),
            self.person.as_ref().map(PersonId::as_str),
        )
    }

    /// True if it comes after the one issued last.
    pub(crate) fn is_after(&self, last: &RosterPosition) -> bool {
        self.key().cmp(&last.parts()) == Ordering::Greater
    }
}

/// The position in the roster up to which a batch is issued.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RosterPosition {
    pub(crate) post: Option<PostCode>,
    pub(crate) area: AreaCode,
    pub(crate) person: Option<PersonId>,
}

impl RosterPosition {
    fn parts(&self) -> (Option<&str>, &str, Option<&str>) {
        (
            self.post.as_ref().map(PostCode::as_str),
            self.area.as_str(),
            self.person.as_ref().map(PersonId::as_str),
        )
    }
}

/// True if everybody gets a sheet of their own. The least loaded is one person in any case.
pub(crate) fn is_personal(assign: &Assign) -> bool {
    assign.accept == Accept::Each && assign.to != AssignTo::LeastLoaded
}

/// The tasks of the sheets, in the order in which they are issued.
pub(crate) fn planned<'a>(
    sheets: &'a [SelectedSheet<'a>],
    assign: &Assign,
    cx: &Decision<'_>,
) -> Vec<PlannedTask<'a>> {
    if !is_personal(assign) {
        return sheets
            .iter()
            .map(|sheet| PlannedTask {
                sheet,
                person: None,
            })
            .collect();
    }
    let mut planned = Vec::new();
    for sheet in sheets {
        let people = candidates::pool(sheet, assign, cx);
        if people.is_empty() {
            planned.push(PlannedTask {
                sheet,
                person: None,
            });
        }
        planned.extend(people.into_iter().map(|person| PlannedTask {
            sheet,
            person: Some(person),
        }));
    }
    planned
}

/// The hash of the posts, people and rows as they stand.
pub(crate) fn digest(planned: &[PlannedTask<'_>]) -> String {
    let mut text = String::new();
    for task in planned {
        let (post, area, person) = task.key();
        text.extend([
            post.unwrap_or_default(),
            "\t",
            area,
            "\t",
            person.unwrap_or_default(),
            "\t",
        ]);
        for institution in &task.sheet.institutions {
            text.extend([institution.code.as_str(), ","]);
        }
        text.push('\n');
    }
    commit::hash(text.as_bytes())
}
