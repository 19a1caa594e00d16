//! Sheets in words: from the schedule that sends one out to its approval.

use picket_schemas::dispatch::Event as Sheet;
use picket_schemas::schedule::{Does, Event as Plan};

use super::{REMINDER, SWEEP, StoryLine, StoryTeller};
use crate::halt::Halt;

impl StoryTeller<'_> {
    pub(super) fn plan(&self, event: &Plan) -> Option<StoryLine> {
        match event {
            Plan::OccurrenceFired {
                schedule,
                does: Does::IssueBatch { name, .. },
                ..
            } if *schedule == *SWEEP && !self.known.issued => {
                Some(self.words.fired_sheet(name).into())
            }
            Plan::OccurrenceFired {
                schedule,
                does: Does::Remind { .. },
                ..
            } if *schedule == *REMINDER && !self.known.accepted => {
                Some(self.words.fired_reminder().into())
            }
            _ => None,
        }
    }

    pub(super) fn sheet(&mut self, event: &Sheet) -> Result<Option<StoryLine>, Halt> {
        Ok(Some(match event {
            Sheet::TaskIssued {
                task,
                rows,
                offered,
                ..
            } if self.ours(task.as_str()) => {
                let people = self.people(offered)?;
                self.words.issued(task, rows.len(), people).into()
            }
            Sheet::TaskOffered { task, to, .. } if self.ours(task.as_str()) => {
                let people = self.people(to)?;
                self.words.offered(task, people).into()
            }
            Sheet::TaskUnassigned { task, .. } if self.ours(task.as_str()) => {
                self.words.unassigned(task).into()
            }
            Sheet::TaskAccepted { task, person, .. } if self.ours(task.as_str()) => {
                self.known.accepted = true;
                self.words.accepted(self.person(person)?, task).into()
            }
            Sheet::RowFilled {
                task,
                subject,
                outcome,
                codes,
                note,
                by,
                ..
            } if self.ours(task.as_str()) => {
                let place = self.place(&subject.id)?;
                let line: StoryLine = self
                    .words
                    .row(self.person(by)?, place, self.words.outcome(*outcome, codes))
                    .into();
                StoryLine {
                    note: (!note.is_empty()).then(|| self.words.quoted(note)),
                    ..line
                }
            }
            Sheet::PlaceReported {
                place,
                address,
                finder,
                ..
            } if self.ours(place.as_str()) => {
                self.words.reported(self.person(finder)?, address).into()
            }
            Sheet::TaskSubmitted {
                task,
                by,
                rows,
                problems,
                ..
            } if self.ours(task.as_str()) => self
                .words
                .submitted(self.person(by)?, task, rows, problems)
                .into(),
            Sheet::TaskApproved { task, by, .. } if self.ours(task.as_str()) => {
                self.words.approved(self.person(by)?, task).into()
            }
            _ => return Ok(None),
        }))
    }
}
