//! Ids an event names, so that a timeline finds it.
//!
//! An event stands under the things of its own book only; links between books (a clock and what it
//! waits for, a lead and the row it came from) are followed when somebody asks. How often a thing is
//! named is its revision. Events of registry, courier and the keeper are not part of any timeline.

use std::borrow::Cow;

use picket_schemas::{Event, Subject, bulletin, dispatch, escalation, rectification, schedule};

/// Up to four ids, without an allocation for the list.
#[derive(Default)]
pub(super) struct Ids<'a> {
    held: [Option<Cow<'a, str>>; 4],
}

impl<'a> Ids<'a> {
    fn and(mut self, id: impl Into<Cow<'a, str>>) -> Self {
        if let Some(free) = self.held.iter_mut().find(|slot| slot.is_none()) {
            *free = Some(id.into());
        }
        self
    }

    fn subject(self, subject: &Subject) -> Self {
        self.and(subject_key(&subject.id))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held[0].is_none()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Cow<'a, str>> {
        self.held.iter().flatten()
    }
}

/// The key of an institution or place, kept apart from ids of records.
pub(crate) fn subject_key(id: &str) -> String {
    format!("i:{id}")
}

fn one<'a>(id: impl Into<Cow<'a, str>>) -> Ids<'a> {
    Ids::default().and(id)
}

/// The ids an event names.
pub(super) fn named(event: &Event) -> Ids<'_> {
    match event {
        Event::Dispatch(event) => in_dispatch(event),
        Event::Rectification(event) => in_rectification(event),
        Event::Escalation(event) => in_escalation(event),
        Event::Schedule(event) => in_schedule(event),
        Event::Bulletin(event) => in_bulletin(event),
        Event::Registry(_) | Event::Courier(_) | Event::Keeper(_) => Ids::default(),
    }
}

fn in_dispatch(event: &dispatch::Event) -> Ids<'_> {
    use dispatch::Event as E;
    match event {
        E::BatchConfirmed { batch, .. }
        | E::BatchRecounted { batch, .. }
        | E::BatchIssued { batch, .. }
        | E::BatchCancelled { batch, .. } => one(batch.as_str()),
        E::TaskIssued { task, .. }
        | E::TaskOffered { task, .. }
        | E::TaskAccepted { task, .. }
        | E::TaskDeclined { task, .. }
        | E::TaskUnassigned { task, .. }
        | E::RowAnnotated { task, .. }
        | E::TaskSubmitted { task, .. }
        | E::TaskReturned { task, .. }
        | E::TaskApproved { task, .. }
        | E::TaskCancelled { task, .. } => one(task.as_str()),
        E::RowFilled { task, subject, .. } | E::RowFound { task, subject, .. } => {
            one(task.as_str()).subject(subject)
        }
        E::PlaceReported { place, .. } => one(place.as_str()).and(subject_key(place.as_str())),
        E::SortieOpened { sortie, .. } => one(sortie.as_str()),
        E::VisitRecorded {
            sortie, subject, ..
        } => one(sortie.as_str()).subject(subject),
        // Half an answer is nobody's business but its author's.
        E::DraftKept { .. } | E::DraftDropped { .. } => Ids::default(),
    }
}

fn in_rectification(event: &rectification::Event) -> Ids<'_> {
    use rectification::Event as E;
    let with = |ids: Ids<'static>, subject: &Option<Subject>| match subject {
        Some(subject) => ids.subject(subject),
        None => ids,
    };
    match event {
        E::ReportReceived {
            report, subject, ..
        } => with(one(report.to_string()), subject),
        E::LeadOpened { lead, subject, .. } | E::VerdictRecorded { lead, subject, .. } => {
            with(one(lead.to_string()), subject)
        }
        E::LeadMerged { lead, into, .. } => one(lead.as_str()).and(into.as_str()),
        E::LeadClassified { lead, .. }
        | E::LeadRouted { lead, .. }
        | E::LeadReturned { lead, .. }
        | E::JointDecided { lead, .. }
        | E::LeadArchived { lead, .. } => one(lead.as_str()),
        E::ActionOpened { action, lead, .. } | E::ActionClosed { action, lead, .. } => {
            one(action.as_str()).and(lead.as_str())
        }
        E::ActionReported { action, .. } => one(action.as_str()),
        E::CaseFiled {
            case,
            lead,
            subject,
            ..
        }
        | E::CaseCleared {
            case,
            lead,
            subject,
            ..
        } => one(case.as_str()).and(lead.as_str()).subject(subject),
        E::OrderIssued {
            order,
            case,
            subject,
            ..
        }
        | E::OrderServed {
            order,
            case,
            subject,
            ..
        } => one(order.as_str()).and(case.as_str()).subject(subject),
        E::FixPassed { order, case, .. } | E::FixFailed { order, case, .. } => {
            one(order.as_str()).and(case.as_str())
        }
        E::OrderExtended { order, .. }
        | E::OrderParked { order, .. }
        | E::OrderResumed { order, .. }
        | E::FixReported { order, .. } => one(order.as_str()),
        E::CaseReopened { case, .. } | E::LookBackRecorded { case, .. } => one(case.as_str()),
        E::PenaltyRecorded { case, subject, .. }
        | E::RefundRecorded { case, subject, .. }
        | E::InstitutionSuspended { case, subject, .. }
        | E::DocumentIssued { case, subject, .. } => one(case.as_str()).subject(subject),
    }
}

fn in_escalation(event: &escalation::Event) -> Ids<'_> {
    use escalation::Event as E;
    match event {
        E::LadderStepped { step, clock, .. }
        | E::LadderProposed { step, clock, .. }
        | E::LadderSigned { step, clock, .. }
        | E::StepAcknowledged { step, clock, .. } => one(clock.as_str()).and(step.as_str()),
        E::ClockStarted { clock, .. }
        | E::ClockHanded { clock, .. }
        | E::ClockSettled { clock, .. }
        | E::ClockMoved { clock, .. }
        | E::ClockPaused { clock, .. }
        | E::ClockResumed { clock, .. }
        | E::ClockStopped { clock, .. }
        | E::ReminderDue { clock, .. }
        | E::DeadlinePassed { clock, .. }
        | E::LadderSkipped { clock, .. }
        | E::LadderSuperseded { clock, .. }
        | E::BreachWithdrawn { clock, .. } => one(clock.as_str()),
        // Book-keeping that no person asks about.
        _ => Ids::default(),
    }
}

fn in_schedule(event: &schedule::Event) -> Ids<'_> {
    use schedule::Event as E;
    match event {
        E::ScheduleDefined { schedule, .. } => one(schedule.code.as_str()),
        E::SchedulePaused { schedule, .. }
        | E::ScheduleResumed { schedule, .. }
        | E::OccurrenceWaiting { schedule, .. } => one(schedule.as_str()),
        E::OccurrencePlanned {
            occurrence,
            schedule,
            ..
        }
        | E::OccurrenceFired {
            occurrence,
            schedule,
            ..
        }
        | E::OccurrenceLate {
            occurrence,
            schedule,
            ..
        }
        | E::OccurrenceMissed {
            occurrence,
            schedule,
            ..
        }
        | E::OccurrenceSkipped {
            occurrence,
            schedule,
            ..
        } => one(schedule.as_str()).and(occurrence.as_str()),
        E::OccurrenceCaused { occurrence, .. } | E::OccurrenceDone { occurrence, .. } => {
            one(occurrence.as_str())
        }
    }
}

fn in_bulletin(event: &bulletin::Event) -> Ids<'_> {
    use bulletin::Event as E;
    match event {
        E::BulletinRequested { bulletin, .. }
        | E::BulletinFrozen { bulletin, .. }
        | E::BulletinApproved { bulletin, .. } => one(bulletin.as_str()),
    }
}
