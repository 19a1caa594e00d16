//! Events: which lines of a timeline somebody reads.
//!
//! Whoever sees a thing reads its history, less what is sealed. A history of many things, such as that of an
//! institution or a batch, is read line by line, by the right to each of them. The right follows from the kind of
//! record a line is about; what is about none is read by nobody.

use picket_schemas::{Event, RecordKind, dispatch, rectification};

use super::Rights;
use crate::tables::InsightResult;

impl Rights<'_> {
    /// True if a line is read. `each` asks for the right to what it is about, not for the seal alone.
    pub(crate) fn may_read(&self, j: &str, event: &Event, each: bool) -> InsightResult<bool> {
        // That a place was visited names nobody.
        if let Event::Dispatch(dispatch::Event::VisitRecorded { .. }) = event {
            return Ok(true);
        }
        let Some((kind, id)) = event.about() else {
            return Ok(false);
        };
        match kind {
            RecordKind::Batch => Ok(!self.is_batch_sealed(j, id)?),
            RecordKind::Task if each => self.may_task(j, id),
            RecordKind::Task => Ok(!self.is_task_sealed(j, id)?),
            RecordKind::Place if each => self.may_place(j, id),
            RecordKind::Place => Ok(true),
            RecordKind::Sortie => self.may_sortie(j, id),
            RecordKind::Report => match self.opened_by(j, id)? {
                Some(lead) => self.may_read_of_lead(j, &lead, each),
                None => Ok(!each),
            },
            RecordKind::Lead => self.may_read_of_lead(j, id, each),
            RecordKind::Action if each => self.may_action(j, id),
            RecordKind::Action => Ok(!self.is_action_sealed(j, id)?),
            RecordKind::Case if each => self.may_case(j, id),
            RecordKind::Case => Ok(!self.is_case_sealed(j, id)?),
            RecordKind::Order if each => self.may_order(j, id),
            RecordKind::Order => Ok(!self.is_on_sealed("order", j, id)?),
            // Clocks and steps are gathered from what is seen; nobody has a seal on a schedule or a bulletin.
            RecordKind::Clock
            | RecordKind::Step
            | RecordKind::Schedule
            | RecordKind::Occurrence
            | RecordKind::Bulletin => Ok(true),
            RecordKind::Notice | RecordKind::Any => Ok(false),
        }
    }

    fn may_read_of_lead(&self, j: &str, id: &str, each: bool) -> InsightResult<bool> {
        if each {
            self.may_lead(j, id)
        } else {
            Ok(!self.is_lead_sealed(j, id)?)
        }
    }

    /// The decision for a joint action says why, and that may say when: until the day it is told without.
    pub(crate) fn without_what_is_sealed(&self, j: &str, event: &mut Event) -> InsightResult<()> {
        if let Event::Rectification(rectification::Event::JointDecided {
            lead,
            joint: true,
            reason,
            ..
        }) = event
        {
            for action in self.tables.all(
                "SELECT id FROM actions WHERE j = ?1 AND lead = ?2",
                (j, lead.as_str()),
                |row| row.get::<_, String>(0),
            )? {
                if self.is_action_sealed(j, &action)? {
                    reason.clear();
                }
            }
        }
        Ok(())
    }
}
