//! Dispatch in sentences: batches, sheets and their rows, places, outings and visits.

use picket_schemas::dispatch;

use super::{Words, coded, noted, plain, plural};
use crate::tables::Answered;

impl Words<'_> {
    pub(super) fn dispatch(&self, event: &dispatch::Event) -> Answered<String> {
        use dispatch::Event as E;
        Ok(match event {
            E::BatchConfirmed {
                batch, name, count, ..
            } => format!(
                "batch {batch} ({name}) was confirmed with {}",
                plural(*count, "task")
            ),
            E::BatchRecounted { batch, count, .. } => format!(
                "the roster moved: batch {batch} now has {}",
                plural(*count, "task")
            ),
            E::BatchIssued { batch, count, .. } => {
                format!("batch {batch} was issued: {}", plural(*count, "task"))
            }
            E::BatchCancelled {
                batch, by, reason, ..
            } => format!(
                "{} cancelled batch {batch} with its open sheets{}",
                self.person(by.as_str())?,
                noted(reason)
            ),
            E::TaskIssued {
                task,
                rows,
                offered,
                revisit_of,
                ..
            } => {
                let rows = plural(u32::try_from(rows.len()).unwrap_or(u32::MAX), "row");
                let again = revisit_of
                    .as_ref()
                    .map(|first| format!(", again after {first}"))
                    .unwrap_or_default();
                format!(
                    "{task} was issued with {rows}{again} and offered to {}",
                    self.people(offered)?
                )
            }
            E::TaskOffered {
                task, to, reason, ..
            } => {
                let why = match reason {
                    dispatch::OfferReason::Next => "as the next in line",
                    dispatch::OfferReason::HandOver => "as a hand-over",
                    dispatch::OfferReason::Assigned => "by assignment",
                    dispatch::OfferReason::Substitute => "as a substitute",
                };
                format!("{task} was offered to {} {why}", self.people(to)?)
            }
            E::TaskAccepted {
                task,
                person,
                instead_of: Some(before),
                ..
            } => format!(
                "{} took {task} over from {}",
                self.person(person.as_str())?,
                self.person(before.as_str())?
            ),
            E::TaskAccepted { task, person, .. } => {
                format!("{} took {task}", self.person(person.as_str())?)
            }
            E::TaskDeclined {
                task,
                person,
                reason,
                ..
            } => format!(
                "{} declined {task}{}",
                self.person(person.as_str())?,
                noted(reason)
            ),
            E::TaskUnassigned { task, reason, .. } => {
                format!("{task} is with nobody{}", noted(reason))
            }
            E::RowFilled {
                task,
                row,
                subject,
                outcome,
                codes,
                note,
                by,
                ..
            } => {
                format!(
                    "{} answered row {row} of {task}: {}, {}{}{}",
                    self.person(by.as_str())?,
                    self.at(subject)?,
                    plain(outcome),
                    coded(codes),
                    noted(note)
                )
            }
            E::RowFound {
                task,
                row,
                subject,
                urgent,
                ..
            } => {
                format!(
                    "row {row} of {task} was reported as a finding at {}{}",
                    self.at(subject)?,
                    if *urgent { ", urgent" } else { "" }
                )
            }
            E::RowAnnotated {
                task,
                row,
                note,
                by,
                ..
            } => format!(
                "{} corrected row {row} of {task} after its lead was opened{}",
                self.person(by.as_str())?,
                noted(note)
            ),
            E::TaskSubmitted {
                task,
                by,
                nil: true,
                rows,
                ..
            } => format!(
                "{} submitted {task}: {}, nothing wrong",
                self.person(by.as_str())?,
                plural(*rows, "row")
            ),
            E::TaskSubmitted {
                task,
                by,
                rows,
                problems,
                ..
            } => format!(
                "{} submitted {task}: {}, {}",
                self.person(by.as_str())?,
                plural(*rows, "row"),
                plural(*problems, "problem")
            ),
            E::TaskReturned {
                task, by, reason, ..
            } => format!(
                "{} returned {task}{}",
                self.person(by.as_str())?,
                noted(reason)
            ),
            E::TaskApproved {
                task, by, revisit, ..
            } => {
                let again = revisit
                    .as_ref()
                    .map(|task| format!("; doors that stayed closed go to {task}"))
                    .unwrap_or_default();
                format!("{} approved {task}{again}", self.person(by.as_str())?)
            }
            E::TaskCancelled {
                task, by, reason, ..
            } => format!(
                "{} cancelled {task}{}",
                self.person(by.as_str())?,
                noted(reason)
            ),
            E::PlaceReported {
                place,
                address,
                seen,
                finder,
                codes,
                ..
            } => format!(
                "{} reported a place on no list, {place}, at {address}{}{}",
                self.person(finder.as_str())?,
                coded(codes),
                noted(seen)
            ),
            E::SortieOpened {
                sortie,
                members,
                date,
                kind,
                ..
            } => format!(
                "outing {sortie} ({}) on {date}: {}",
                plain(kind),
                self.people(members)?
            ),
            E::VisitRecorded {
                sortie,
                subject,
                outcome,
                hazards,
                ..
            } => {
                let spots = if hazards.found == 0 {
                    String::new()
                } else {
                    format!(
                        ", {} found, {} fixed",
                        plural(hazards.found, "hazard"),
                        hazards.fixed
                    )
                };
                format!(
                    "{} was visited on outing {sortie}: {}{spots}",
                    self.at(subject)?,
                    plain(outcome)
                )
            }
            E::DraftKept { .. } | E::DraftDropped { .. } => event.kind().replace('.', " "),
        })
    }
}
