//! Draft: how a bulletin begins. Somebody asks for a freeze, or a schedule does.
//!
//! It says which window the figures are of; insight answers with the figures.
//! It does not know the figures, nor whether any are worth printing.

use jiff::{SignedDuration, Timestamp};
use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::bulletin::{Event, Rounding};
use picket_schemas::figures::FIGURES;
use picket_schemas::schedule::Does;
use picket_schemas::{OccurrenceId, Overrides, Refusal};

use crate::{Bulletin, OCCURRENCES};

impl Bulletin {
    pub(crate) fn freeze(
        &self,
        name: &str,
        from: Option<Timestamp>,
        as_of: Option<Timestamp>,
        rounding: Rounding,
        overrides: &Overrides,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        cx.allow("bulletin.freeze", Resource::default())?;
        let name =
            fields::name("name", name, "a bulletin is printed under its name").map_err(one_line)?;
        let as_of = as_of.unwrap_or(cx.at);
        if as_of > cx.at {
            return Err(fields::invalid(
                "as_of",
                format!("{as_of} has not come yet; what happens until then cannot be counted"),
            ));
        }
        let from = from.unwrap_or_else(|| start_of_year(as_of, cx));
        if from >= as_of {
            return Err(fields::invalid(
                "from",
                format!("the window must begin before it ends at {as_of}"),
            ));
        }
        known_figures(overrides)?;
        Ok(vec![Event::BulletinRequested {
            bulletin: self.next_id(),
            name,
            from,
            as_of,
            rounding,
            occurrence: None,
            by: Some(cx.actor.clone()),
            corrects: None,
            reason: None,
            overrides: overrides.clone(),
        }])
    }

    /// An occurrence of a schedule that freezes: figures as of the instant it was due, late or not.
    pub(crate) fn occurred(
        &self,
        occurrence: &OccurrenceId,
        due: Timestamp,
        does: &Does,
        cx: &Decision<'_>,
    ) -> Vec<Event> {
        let Does::Freeze {
            name,
            from,
            rounding,
        } = does
        else {
            return Vec::new();
        };
        if self.asked_for.contains(occurrence) {
            return Vec::new();
        }
        let name = if name.trim().is_empty() {
            occurrence.as_str()
        } else {
            name.trim()
        };
        vec![Event::BulletinRequested {
            bulletin: self.next_id(),
            name: name.to_owned(),
            from: from
                .filter(|from| *from < due)
                .unwrap_or_else(|| start_of_year(due, cx)),
            as_of: due,
            rounding: rounding.unwrap_or_default(),
            occurrence: Some(occurrence.clone()),
            by: None,
            corrects: None,
            reason: None,
            overrides: Overrides::new(),
        }]
    }

    pub(crate) fn remember(&mut self, occurrence: &OccurrenceId) {
        if self.asked_for.insert(occurrence.clone()) {
            self.asked.push_back(occurrence.clone());
        }
        if self.asked.len() > OCCURRENCES
            && let Some(oldest) = self.asked.pop_front()
        {
            self.asked_for.remove(&oldest);
        }
    }
}

/// Only figures are worded.
pub(crate) fn known_figures(overrides: &Overrides) -> Result<(), Refusal> {
    match overrides
        .keys()
        .find(|key| !FIGURES.iter().any(|(figure, _)| figure == key))
    {
        Some(other) => Err(fields::invalid(
            "overrides",
            format!(
                "`{other}` is no figure; figures are {}",
                FIGURES
                    .iter()
                    .map(|(key, _)| *key)
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        )),
        None => Ok(()),
    }
}

/// The refusal of a name that cannot be printed, in a sentence that says what can.
fn one_line(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Invalid { field, .. } => fields::invalid(
            &field,
            format!("it must be one line of at most {} characters", fields::NAME),
        ),
        other => other,
    }
}

/// The first instant of the local year that `as_of` closes: at midnight of New Year it is the year that ended.
fn start_of_year(as_of: Timestamp, cx: &Decision<'_>) -> Timestamp {
    let calendar = cx.calendar();
    let last = as_of
        .checked_sub(SignedDuration::from_nanos(1))
        .unwrap_or(as_of);
    calendar.at(calendar.date_of(last).first_of_year(), 0, 0)
}
