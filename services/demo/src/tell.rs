//! The teller: from events to lines, what concerns the story, in words.
//!
//! A story begins with a schedule; what follows from it is recognised by the ids the events name, so that
//! nothing of the rest of the county is told. Names come from insight.
//! It does not know when a line is shown.

mod cases;
mod clocks;
mod leads;
mod names;
mod sheets;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use picket_calendar::Calendar;
use picket_insight::Insight;
use picket_schemas::courier::NoticeKind;
use picket_schemas::dispatch::Event as Sheet;
use picket_schemas::escalation::Event as Clock;
use picket_schemas::rectification::Event as Case;
use picket_schemas::registry::Event as Register;
use picket_schemas::{Entry, Event, Jurisdiction, PersonId, RecordId, courier};

use super::halt::Halt;
use super::words::DemoWords;

/// The schedules the story begins with; the county's own.
const SWEEP: &str = "weekly-sweep";
const REMINDER: &str = "wednesday-reminder";

/// A line of the story.
pub(super) struct StoryLine {
    pub(super) text: String,
    /// The explanation.
    pub(super) note: Option<String>,
}

/// The subject of the story, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct Known {
    ids: BTreeSet<String>,
    names: BTreeMap<String, String>,
    /// The sheet is out: later ones of the same schedule are not told.
    issued: bool,
    /// Somebody has the sheet: nobody is reminded any more.
    accepted: bool,
}

impl Known {
    /// The first sheet.
    pub(super) fn task(&self) -> Option<&str> {
        self.ids
            .iter()
            .map(String::as_str)
            .find(|id| id.starts_with("T-"))
    }

    /// True where the story is about it.
    pub(super) fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }
}

/// The teller, which puts events into words.
pub(super) struct StoryTeller<'a> {
    pub(super) insight: &'a Insight,
    pub(super) words: DemoWords,
    pub(super) county: &'a Jurisdiction,
    pub(super) calendar: &'a Calendar,
    pub(super) now: Timestamp,
    pub(super) known: &'a mut Known,
}

impl StoryTeller<'_> {
    /// The lines of a commit, in order; notices of one kind about one thing are one line.
    pub(super) fn lines(&mut self, entries: &[Entry]) -> Result<Vec<StoryLine>, Halt> {
        let mut lines = Vec::new();
        let mut notices: Vec<(NoticeKind, &str, Vec<&PersonId>)> = Vec::new();
        for (entry, event) in entries
            .iter()
            .flat_map(|entry| entry.events.iter().map(move |event| (entry, event)))
        {
            self.grow(event);
            if let Event::Courier(courier::Event::NoticeHanded {
                to,
                kind,
                about,
                attempt: 1,
                also,
                ..
            }) = event
            {
                for about in std::iter::once(about)
                    .chain(also.iter().map(|one| &one.about))
                    .map(RecordId::as_str)
                    .filter(|about| self.ours(about))
                {
                    match notices
                        .iter_mut()
                        .find(|(known, of, _)| known == kind && *of == about)
                    {
                        Some((_, _, people)) => people.push(to),
                        None => notices.push((*kind, about, vec![to])),
                    }
                }
                continue;
            }
            lines.extend(self.line(event, &entry.by)?);
        }
        for (kind, about, people) in notices {
            lines.extend(
                self.notice(kind, about, &people)?
                    .map(|text| StoryLine { text, note: None }),
            );
        }
        Ok(lines)
    }

    fn ours(&self, id: &str) -> bool {
        self.known.has(id)
    }

    /// Ids that come of what the story is about belong to it.
    fn grow(&mut self, event: &Event) {
        let (cause, id) = match event {
            Event::Dispatch(Sheet::BatchConfirmed {
                batch,
                occurrence: Some(occurrence),
                ..
            }) if occurrence.as_str().starts_with(SWEEP) && !self.known.issued => {
                self.known.issued = true;
                self.known.ids.insert(batch.to_string());
                return;
            }
            Event::Dispatch(Sheet::TaskIssued { task, batch, .. }) => {
                (batch.as_str(), task.as_str())
            }
            Event::Dispatch(Sheet::PlaceReported { place, sortie, .. }) => {
                (sortie.as_str(), place.as_str())
            }
            Event::Dispatch(Sheet::RowFilled { task, sortie, .. }) => {
                (task.as_str(), sortie.as_str())
            }
            Event::Rectification(Case::ReportReceived {
                report,
                task: Some(task),
                ..
            }) => (task.as_str(), report.as_str()),
            Event::Rectification(Case::ReportReceived {
                report,
                place: Some(place),
                ..
            }) => (place.as_str(), report.as_str()),
            Event::Rectification(Case::LeadOpened { lead, report, .. }) => {
                (report.as_str(), lead.as_str())
            }
            Event::Rectification(Case::ActionOpened { action, lead, .. }) => {
                (lead.as_str(), action.as_str())
            }
            Event::Rectification(Case::CaseFiled { case, lead, .. }) => {
                (lead.as_str(), case.as_str())
            }
            Event::Rectification(Case::OrderIssued { order, case, .. }) => {
                (case.as_str(), order.as_str())
            }
            Event::Escalation(Clock::LadderStepped { step, on, .. }) => {
                (on.as_str(), step.as_str())
            }
            _ => return,
        };
        if self.ours(cause) {
            self.known.ids.insert(id.to_owned());
        }
    }

    fn line(&mut self, event: &Event, by: &str) -> Result<Option<StoryLine>, Halt> {
        let told = match event {
            Event::Schedule(event) => self.plan(event),
            Event::Registry(Register::InstitutionRegistered { institution })
                if self.ours(institution.code.as_str()) =>
            {
                Some(self.words.registered(&institution.code).into())
            }
            Event::Dispatch(event) => self.sheet(event)?,
            Event::Rectification(event) => self
                .lead(event, by)?
                .map_or_else(|| self.case(event, by), |line| Ok(Some(line)))?,
            Event::Escalation(event) => self.clock(event)?,
            _ => None,
        };
        Ok(told)
    }

    fn notice(
        &mut self,
        kind: NoticeKind,
        about: &str,
        people: &[&PersonId],
    ) -> Result<Option<String>, Halt> {
        let people = self.people(people.iter().copied())?;
        Ok(match kind {
            NoticeKind::Offer => Some(self.words.told_offer(people, about)),
            NoticeKind::Reminder if about.starts_with("T-") => {
                Some(self.words.told_reminder_task(people, about))
            }
            NoticeKind::Reminder => Some(self.words.told_reminder_order(people, about)),
            NoticeKind::Routed => Some(self.words.told_routed(people, about)),
            NoticeKind::FindingRouted => Some(self.words.told_finder_routed(people, about)),
            NoticeKind::Verify => Some(self.words.told_verify(people, about)),
            NoticeKind::FindingCleared => Some(self.words.told_finder_cleared(people)),
            _ => None,
        })
    }
}

impl From<String> for StoryLine {
    fn from(text: String) -> Self {
        Self { text, note: None }
    }
}
