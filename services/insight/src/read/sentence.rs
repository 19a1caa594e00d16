//! One plain English sentence for each event of a timeline.
//!
//! Names come from the registry, codes stand where nobody named them. People whose name must not be
//! said go by their post. It knows the events and nothing of how they were found.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};
use picket_schemas::{
    Event, PersonId, Subject, bulletin, dispatch, escalation, rectification, schedule,
};

use super::{Answered, Reader};
use crate::sql::{local_zone, word};

/// People whose name must not be said, each with what is said instead.
pub(super) type Hidden = BTreeMap<String, String>;

/// Puts events into words.
pub(super) struct Words<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) j: &'a str,
    pub(super) hidden: &'a Hidden,
}

/// A deadline as people write it: midnight is 24:00 of the day that ends.
fn due(at: Timestamp) -> String {
    let local = at.to_zoned(local_zone()).datetime();
    if local.time() == jiff::civil::Time::midnight() {
        let day = local.date().checked_sub(1.day()).unwrap_or(local.date());
        return format!("{day} 24:00");
    }
    local.strftime("%Y-%m-%d %H:%M").to_string()
}

/// `: note`, or nothing.
fn noted(note: &str) -> String {
    if note.trim().is_empty() {
        String::new()
    } else {
        format!(": {}", note.trim())
    }
}

fn coded(codes: &[String]) -> String {
    if codes.is_empty() {
        String::new()
    } else {
        format!(" ({})", codes.join(", "))
    }
}

fn plain<T: serde::Serialize>(value: &T) -> String {
    word(value).replace('_', " ")
}

fn yuan(fen: u64) -> String {
    format!("{}.{:02} yuan", fen / 100, fen % 100)
}

fn plural(n: u32, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

impl Words<'_> {
    /// A person by name, or by what stands in its place.
    pub(super) fn person(&self, id: &str) -> Answered<String> {
        match self.hidden.get(id) {
            Some(instead) => Ok(instead.clone()),
            None => Ok(self.reader.who(id)?.name),
        }
    }

    fn people(&self, ids: &[PersonId]) -> Answered<String> {
        let names = ids
            .iter()
            .map(|id| self.person(id.as_str()))
            .collect::<Answered<Vec<_>>>()?;
        Ok(if names.is_empty() {
            "nobody".to_owned()
        } else {
            names.join(", ")
        })
    }

    fn at(&self, subject: &Subject) -> Answered<String> {
        Ok(self.reader.subject(self.j, &subject.id)?.0.name)
    }

    fn department(&self, code: &str) -> Answered<String> {
        Ok(self.reader.department(self.j, code)?.name)
    }

    fn departments<S: AsRef<str>>(&self, lead: &str, assist: &[S]) -> Answered<String> {
        let mut text = self.department(lead)?;
        if !assist.is_empty() {
            let names = assist
                .iter()
                .map(|code| self.department(code.as_ref()))
                .collect::<Answered<Vec<_>>>()?;
            text.push_str(", assisted by ");
            text.push_str(&names.join(", "));
        }
        Ok(text)
    }

    /// One sentence.
    pub(super) fn sentence(&self, event: &Event) -> Answered<String> {
        match event {
            Event::Dispatch(event) => self.dispatch(event),
            Event::Rectification(event) => self.rectification(event),
            Event::Escalation(event) => self.escalation(event),
            Event::Schedule(event) => Ok(self.schedule(event)),
            Event::Bulletin(event) => self.bulletin(event),
            other => Ok(other.kind().replace('.', " ")),
        }
    }

    fn dispatch(&self, event: &dispatch::Event) -> Answered<String> {
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

    fn rectification(&self, event: &rectification::Event) -> Answered<String> {
        use rectification::Event as E;
        Ok(match event {
            E::ReportReceived {
                report,
                source,
                text,
                ..
            } => format!("report {report} came in ({}){}", plain(source), noted(text)),
            E::LeadOpened {
                lead,
                report,
                urgent,
                codes,
                ..
            } => format!(
                "{}lead {lead} was opened from report {report}{}",
                if *urgent { "urgent " } else { "" },
                coded(codes)
            ),
            E::LeadMerged { lead, into, .. } => format!("lead {lead} was merged into {into}"),
            E::LeadClassified {
                lead,
                codes,
                proposal,
                ..
            } => {
                let table = proposal
                    .as_ref()
                    .map(|proposal| format!("; the table proposes {}", proposal.rule))
                    .unwrap_or_default();
                format!("lead {lead} was classified{}{table}", coded(codes))
            }
            E::LeadRouted {
                lead,
                department,
                assist,
                reason,
                ..
            } => format!(
                "lead {lead} was routed to {}{}",
                self.departments(department.as_str(), assist)?,
                noted(reason)
            ),
            E::LeadReturned {
                lead,
                department,
                reason,
                ..
            } => format!(
                "{} returned lead {lead}{}",
                self.department(department.as_str())?,
                noted(reason)
            ),
            E::JointDecided {
                lead,
                joint,
                reason,
                by,
                ..
            } => {
                format!(
                    "{} decided {} joint action on lead {lead}{}",
                    self.person(by.as_str())?,
                    if *joint { "for" } else { "against" },
                    noted(reason)
                )
            }
            E::ActionOpened {
                action,
                department,
                assist,
                crew,
                date,
                ..
            } => {
                format!(
                    "joint action {action} on {date} was opened: {}; crew: {}",
                    self.departments(department.as_str(), assist)?,
                    self.people(crew)?
                )
            }
            E::ActionReported {
                action,
                department,
                outcome,
                ..
            } => format!(
                "{} reported on joint action {action}{}",
                self.department(department.as_str())?,
                noted(outcome)
            ),
            E::ActionClosed { action, .. } => format!("joint action {action} was closed"),
            E::VerdictRecorded {
                lead,
                verdict,
                note,
                codes,
                by,
                ..
            } => {
                let found = match verdict {
                    rectification::Verdict::Substantiated => "substantiated",
                    rectification::Verdict::Partly => "partly substantiated",
                    rectification::Verdict::Not => "not substantiated",
                    rectification::Verdict::Undeterminable => "undeterminable",
                };
                format!(
                    "{} found lead {lead} {found}{}{}",
                    self.person(by.as_str())?,
                    coded(codes),
                    noted(note)
                )
            }
            E::LeadArchived { lead, reason, .. } => {
                format!("lead {lead} was archived{}", noted(reason))
            }
            E::CaseFiled {
                case,
                subject,
                department,
                officers,
                generation,
                codes,
                ..
            } => {
                let again = if *generation > 1 {
                    format!(", for the {} time", ordinal(*generation))
                } else {
                    String::new()
                };
                format!(
                    "{} filed case {case} on {}{again}{}; officers: {}",
                    self.department(department.as_str())?,
                    self.at(subject)?,
                    coded(codes),
                    self.people(officers)?
                )
            }
            E::OrderIssued {
                order,
                number,
                year,
                focus,
                deadline,
                by,
                ..
            } => format!(
                "{} issued order {order} (no. {number} of {year}): {focus}; to be fixed within {deadline}",
                self.person(by.as_str())?
            ),
            E::OrderServed {
                order, deadline, ..
            } => match self.first_due(order.as_str())? {
                Some(at) => format!("order {order} was served; due {}", due(at)),
                None => format!("order {order} was served; to be fixed within {deadline}"),
            },
            E::OrderExtended {
                order,
                span,
                reason,
                by,
                ..
            } => format!(
                "{} extended order {order} by {span}{}",
                self.person(by.as_str())?,
                noted(reason)
            ),
            E::OrderParked {
                order, reason, by, ..
            } => format!(
                "{} parked order {order}{}",
                self.person(by.as_str())?,
                noted(reason)
            ),
            E::OrderResumed {
                order, reason, by, ..
            } => format!(
                "{} resumed order {order}{}",
                self.person(by.as_str())?,
                noted(reason)
            ),
            E::FixReported {
                order, note, by, ..
            } => format!(
                "{} recorded the fix of order {order}{}",
                self.person(by.as_str())?,
                noted(note)
            ),
            E::FixPassed {
                order, note, by, ..
            } => format!(
                "{} verified order {order}: in order{}",
                self.person(by.as_str())?,
                noted(note)
            ),
            E::FixFailed {
                order, note, by, ..
            } => format!(
                "{} verified order {order}: not in order{}",
                self.person(by.as_str())?,
                noted(note)
            ),
            E::CaseCleared { case, .. } => format!("case {case} was cleared"),
            E::CaseReopened { case, reason, .. } => {
                format!("case {case} was reopened{}", noted(reason))
            }
            E::PenaltyRecorded {
                case,
                kind,
                amount_fen,
                ..
            } => {
                let amount = if *amount_fen == 0 {
                    String::new()
                } else {
                    format!(", {}", yuan(*amount_fen))
                };
                format!("a penalty was recorded in case {case}: {kind}{amount}")
            }
            E::RefundRecorded {
                case, amount_fen, ..
            } => format!("{} were refunded in case {case}", yuan(*amount_fen)),
            E::InstitutionSuspended { case, subject, .. } => {
                format!("{} was suspended in case {case}", self.at(subject)?)
            }
            E::DocumentIssued { case, kind, .. } => match kind {
                rectification::DocumentKind::Notice => {
                    format!("a notice was issued in case {case}")
                }
                rectification::DocumentKind::PublicNotice => {
                    format!("a public notice was published in case {case}")
                }
            },
            E::LookBackRecorded {
                case, result, by, ..
            } => match result {
                rectification::LookBack::Held => format!(
                    "{} looked back at case {case}: still in order",
                    self.person(by.as_str())?
                ),
                rectification::LookBack::Relapsed => format!(
                    "{} looked back at case {case}: as before",
                    self.person(by.as_str())?
                ),
            },
        })
    }

    /// The due instant an order had when it was served.
    pub(super) fn first_due(&self, order: &str) -> Answered<Option<Timestamp>> {
        self.reader.one(
            "SELECT d.due FROM clocks c JOIN dues d ON d.j = c.j AND d.clock = c.id WHERE c.j = ?1 AND c.on_id = ?2 AND c.kind = 'order.fix' ORDER BY d.ord LIMIT 1",
            (self.j, order),
            |row| row.get(0).map(crate::sql::instant),
        )
    }

    fn escalation(&self, event: &escalation::Event) -> Answered<String> {
        use escalation::Event as E;
        Ok(match event {
            E::ClockStarted {
                kind,
                on,
                due: at,
                provisional,
                span,
                ..
            } => {
                format!(
                    "the clock for {} on {on} was started: {span}, due {}{}",
                    kind_words(kind.as_str()),
                    due(*at),
                    if *provisional { ", provisional" } else { "" }
                )
            }
            E::ClockSettled { clock, due: at, .. } => {
                format!("the calendar settled clock {clock}: due {}", due(*at))
            }
            E::ClockMoved {
                clock,
                due: at,
                reason,
                by,
                ..
            } => format!(
                "{} moved clock {clock}: due {}{}",
                self.person(by.as_str())?,
                due(*at),
                noted(reason)
            ),
            E::ClockPaused {
                clock, reason, by, ..
            } => format!(
                "{} paused clock {clock}{}",
                self.person(by.as_str())?,
                noted(reason)
            ),
            E::ClockResumed {
                clock, due: at, by, ..
            } => format!(
                "{} resumed clock {clock}: due {}",
                self.person(by.as_str())?,
                due(*at)
            ),
            E::ClockHanded { on, duty, .. } => {
                format!("{on} went on with {}", self.people(&duty.people)?)
            }
            E::ClockStopped { kind, on, late, .. } => format!(
                "the clock for {} on {on} was stopped{}",
                kind_words(kind.as_str()),
                if *late { ", late" } else { "" }
            ),
            E::ReminderDue {
                on, to, due: at, ..
            } => format!(
                "{} was reminded of {on}, due {}",
                self.people(to)?,
                due(*at)
            ),
            E::DeadlinePassed {
                on, due: at, kind, ..
            } => format!(
                "the deadline for {} on {on} passed: {}",
                kind_words(kind.as_str()),
                due(*at)
            ),
            E::LadderStepped {
                step,
                level,
                on,
                to,
                why,
                ..
            } => format!(
                "step {level} ({step}) on {on} was taken, to {}{}",
                self.people(to)?,
                noted(why)
            ),
            E::LadderProposed {
                step,
                level,
                on,
                why,
                ..
            } => format!(
                "step {level} ({step}) on {on} was proposed for signature{}",
                noted(why)
            ),
            E::LadderSigned {
                step,
                level,
                on,
                to,
                by,
                ..
            } => format!(
                "{} signed step {level} ({step}) on {on}, to {}",
                self.person(by.as_str())?,
                self.people(to)?
            ),
            E::LadderSkipped {
                clock,
                level,
                reason,
                ..
            } => format!("step {level} of clock {clock} was skipped{}", noted(reason)),
            E::LadderSuperseded { clock, level, .. } => {
                format!("step {level} of clock {clock} was passed over: a later one was due")
            }
            E::StepAcknowledged {
                step, promise, by, ..
            } => format!(
                "{} answered step {step} and promised {}",
                self.person(by.as_str())?,
                due(*promise)
            ),
            E::BreachWithdrawn { on, .. } => {
                format!("the breach on {on} was withdrawn: what it waited for had happened in time")
            }
            other => other.kind().replace('.', " "),
        })
    }

    fn schedule(&self, event: &schedule::Event) -> String {
        use schedule::Event as E;
        match event {
            E::ScheduleDefined {
                schedule, words, ..
            } => format!("schedule {} was defined: {words}", schedule.code),
            E::OccurrencePlanned { occurrence, .. } => format!("{occurrence} was planned"),
            E::OccurrenceFired { occurrence, .. } => format!("{occurrence} ran"),
            E::OccurrenceLate {
                occurrence, why, ..
            } => format!("{occurrence} ran late{}", noted(why)),
            E::OccurrenceMissed {
                occurrence, why, ..
            } => format!("{occurrence} was missed{}", noted(why)),
            E::OccurrenceSkipped {
                occurrence, why, ..
            } => format!("{occurrence} was skipped{}", noted(why)),
            E::OccurrenceDone {
                occurrence, caused, ..
            } => format!("{occurrence} is done: {caused}"),
            other => other.kind().replace('.', " "),
        }
    }

    fn bulletin(&self, event: &bulletin::Event) -> Answered<String> {
        use bulletin::Event as E;
        Ok(match event {
            E::BulletinRequested {
                bulletin,
                name,
                as_of,
                ..
            } => format!(
                "bulletin {bulletin} ({name}) was asked for as of {}",
                due(*as_of)
            ),
            E::BulletinFrozen {
                bulletin,
                name,
                as_of,
                ..
            } => format!(
                "bulletin {bulletin} ({name}) was frozen as of {}",
                due(*as_of)
            ),
            E::BulletinApproved { bulletin, by, .. } => {
                format!("{} approved bulletin {bulletin}", self.person(by.as_str())?)
            }
        })
    }
}

/// What a clock waits for, in words.
fn kind_words(kind: &str) -> &str {
    match kind {
        "task.accept" => "taking the task",
        "task.submit" => "submitting",
        "task.review" => "sign-off",
        "task.assign" => "finding somebody",
        "lead.screen" => "screening",
        "lead.handle" => "handling",
        "order.fix" => "the fix",
        "order.verify" => "verification",
        other => other,
    }
}

fn ordinal(n: u32) -> String {
    let suffix = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}
