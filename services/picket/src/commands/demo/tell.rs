//! From events to lines: what concerns the story, in words.
//!
//! A story begins with a schedule; what follows from it is recognised by the ids the events name, so that
//! nothing of the rest of the county is told. Names come from insight.
//! It does not know when a line is shown.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use picket_calendar::Calendar;
use picket_insight::Insight;
use picket_schemas::ask::{Named, Question, View};
use picket_schemas::courier::NoticeKind;
use picket_schemas::dispatch::Event as Sheet;
use picket_schemas::escalation::{ClockKind, Event as Clock};
use picket_schemas::rectification::Event as Case;
use picket_schemas::registry::Event as Register;
use picket_schemas::schedule::{Does, Event as Plan};
use picket_schemas::{Entry, Event, Jurisdiction, PersonId, courier};

use super::stage::Halt;
use super::words::Words;

/// The schedules the story begins with; the county's own.
const SWEEP: &str = "weekly-sweep";
const REMINDER: &str = "wednesday-reminder";

/// The leading department and the assisting ones.
type Departments = (Option<Named>, Vec<Named>);

/// One thing to tell.
pub(super) struct Line {
    pub(super) text: String,
    /// What explains it.
    pub(super) note: Option<String>,
}

/// What the story is about, as far as it has come.
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

    /// Whether the story is about it.
    pub(super) fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }
}

/// Puts events into words.
pub(super) struct Teller<'a> {
    pub(super) insight: &'a Insight,
    pub(super) words: Words,
    pub(super) county: &'a Jurisdiction,
    pub(super) calendar: &'a Calendar,
    pub(super) now: Timestamp,
    pub(super) known: &'a mut Known,
}

impl Teller<'_> {
    /// The lines of a commit, in order; notices of one kind about one thing are one line.
    pub(super) fn lines(&mut self, entries: &[Entry]) -> Result<Vec<Line>, Halt> {
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
                    .filter(|about| self.ours(about))
                {
                    match notices
                        .iter_mut()
                        .find(|(known, of, _)| known == kind && of == about)
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
                    .map(|text| Line { text, note: None }),
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

    fn line(&mut self, event: &Event, by: &str) -> Result<Option<Line>, Halt> {
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

    fn plan(&self, event: &Plan) -> Option<Line> {
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

    fn sheet(&mut self, event: &Sheet) -> Result<Option<Line>, Halt> {
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
                let line: Line = self
                    .words
                    .row(self.person(by)?, place, self.words.outcome(*outcome, codes))
                    .into();
                Line {
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

    fn lead(&mut self, event: &Case, by: &str) -> Result<Option<Line>, Halt> {
        Ok(Some(match event {
            Case::LeadOpened {
                lead,
                subject,
                codes,
                ..
            } if self.ours(lead.as_str()) => {
                let place = subject
                    .as_ref()
                    .map_or(Ok(String::new()), |subject| self.place(&subject.id))?;
                self.words
                    .lead_opened(lead, place, self.words.codes(codes))
                    .into()
            }
            Case::LeadClassified { lead, codes, .. } if self.ours(lead.as_str()) => self
                .words
                .classified(self.actor(by)?, lead, self.words.codes(codes))
                .into(),
            Case::LeadRouted { lead, .. } if self.ours(lead.as_str()) => {
                let view = self.lead_view(lead.as_str())?;
                let leads = view
                    .as_ref()
                    .and_then(|view| view.0.clone())
                    .map(|named| named.name)
                    .unwrap_or_default();
                let assists: Vec<_> = view
                    .into_iter()
                    .flat_map(|view| view.1)
                    .map(|named| named.name)
                    .collect();
                let who = self.actor(by)?;
                if assists.is_empty() {
                    self.words.routed_alone(who, lead, leads).into()
                } else {
                    self.words
                        .routed(who, lead, leads, assists.join(self.words.comma()))
                        .into()
                }
            }
            Case::JointDecided {
                lead,
                joint,
                reason,
                by,
            } if self.ours(lead.as_str()) => {
                let who = self.person(by)?;
                let text = if *joint {
                    self.words.joint_yes(who, lead)
                } else {
                    self.words.joint_no(who, lead)
                };
                Line {
                    text,
                    note: Some(self.words.reason(reason)),
                }
            }
            Case::ActionOpened {
                action,
                lead,
                crew,
                date,
                ..
            } if self.ours(lead.as_str()) => self
                .words
                .action(self.actor(by)?, action, date, crew.len())
                .into(),
            Case::ActionReported {
                action, outcome, ..
            } if self.ours(action.as_str()) => self
                .words
                .action_reported(self.actor(by)?, action, outcome)
                .into(),
            Case::ActionClosed { action, .. } if self.ours(action.as_str()) => {
                self.words.action_closed(action).into()
            }
            Case::VerdictRecorded {
                lead, verdict, by, ..
            } if self.ours(lead.as_str()) => self
                .words
                .verdict(self.person(by)?, lead, self.words.verdict_word(*verdict))
                .into(),
            Case::LeadArchived { lead, .. } if self.ours(lead.as_str()) => {
                self.words.archived(lead).into()
            }
            _ => return Ok(None),
        }))
    }

    fn case(&mut self, event: &Case, by: &str) -> Result<Option<Line>, Halt> {
        Ok(Some(match event {
            Case::CaseFiled {
                case,
                officers,
                generation,
                ..
            } if self.ours(case.as_str()) => {
                let line: Line = self
                    .words
                    .filed(self.actor(by)?, case, self.people(officers)?)
                    .into();
                Line {
                    note: (*generation > 1).then(|| self.words.again(generation)),
                    ..line
                }
            }
            Case::OrderIssued {
                order,
                number,
                year,
                ..
            } if self.ours(order.as_str()) => self
                .words
                .order(self.actor(by)?, order, year, number)
                .into(),
            Case::OrderServed {
                order, proof, by, ..
            } if self.ours(order.as_str()) => {
                self.words.served(self.person(by)?, order, proof).into()
            }
            Case::RefundRecorded {
                case,
                amount_fen,
                proof,
                ..
            } if self.ours(case.as_str()) => self
                .words
                .refunded(
                    self.actor(by)?,
                    format!("{}.{:02}", amount_fen / 100, amount_fen % 100),
                    proof,
                )
                .into(),
            Case::FixReported {
                order, note, by, ..
            } if self.ours(order.as_str()) => {
                self.words.fixed(self.person(by)?, order, note).into()
            }
            Case::FixPassed { order, by, .. } if self.ours(order.as_str()) => {
                self.words.passed(self.person(by)?, order).into()
            }
            Case::CaseCleared { case, lead, .. } if self.ours(case.as_str()) => {
                self.words.cleared(case, lead).into()
            }
            _ => return Ok(None),
        }))
    }

    fn clock(&mut self, event: &Clock) -> Result<Option<Line>, Halt> {
        Ok(Some(match event {
            Clock::ClockStarted {
                kind: ClockKind::OrderFix,
                on,
                span,
                from,
                due,
                ..
            } if self.ours(on) => {
                let skipped = self.skipped(*from, *due);
                Line {
                    text: self.words.clock(span.amount, self.end(*due)),
                    note: (!skipped.is_empty()).then(|| self.words.skips(skipped)),
                }
            }
            Clock::DeadlinePassed { kind, on, due, .. } if self.ours(on) => self
                .words
                .overdue(self.words.owed(kind.as_str(), on), self.end(*due))
                .into(),
            Clock::LadderStepped {
                kind,
                on,
                level,
                to,
                ..
            } if self.ours(on) => {
                let text = self.words.step(level, self.people(to)?);
                Line {
                    text,
                    note: Some(self.words.why(level, &self.words.owed(kind.as_str(), on))),
                }
            }
            Clock::StepAcknowledged {
                step, promise, by, ..
            } if self.ours(step.as_str()) => {
                let promise = promise
                    .to_zoned(self.calendar.zone().clone())
                    .strftime("%m-%d %H:%M")
                    .to_string();
                self.words.acknowledged(self.person(by)?, promise).into()
            }
            _ => return Ok(None),
        }))
    }

    fn notice(
        &mut self,
        kind: NoticeKind,
        about: &str,
        people: &[&PersonId],
    ) -> Result<Option<String>, Halt> {
        let people = people
            .iter()
            .map(|person| self.person(person))
            .collect::<Result<Vec<_>, _>>()?
            .join(self.words.comma());
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

    fn ask(&self, question: Question) -> Result<View, Halt> {
        Ok(self.insight.answer(&question, self.now)?)
    }

    fn named(
        &mut self,
        id: &str,
        question: impl FnOnce(&Self) -> Question,
    ) -> Result<String, Halt> {
        if let Some(name) = self.known.names.get(id) {
            return Ok(name.clone());
        }
        let name = match self.ask(question(self))? {
            View::Person(person) => self.words.person(&person.name),
            View::Institution(place) => place.name,
            _ => return Ok(id.to_owned()),
        };
        self.known.names.insert(id.to_owned(), name.clone());
        Ok(name)
    }

    fn person(&mut self, id: &PersonId) -> Result<String, Halt> {
        self.named(id.as_str(), |_| Question::Person { person: id.clone() })
    }

    /// Whoever made the decision.
    fn actor(&mut self, by: &str) -> Result<String, Halt> {
        self.person(&PersonId::from(by))
    }

    fn people(&mut self, ids: &[PersonId]) -> Result<String, Halt> {
        Ok(ids
            .iter()
            .map(|id| self.person(id))
            .collect::<Result<Vec<_>, _>>()?
            .join(self.words.comma()))
    }

    fn place(&mut self, code: &str) -> Result<String, Halt> {
        self.named(code, |teller| Question::Institution {
            jurisdiction: teller.county.clone(),
            code: code.to_owned(),
        })
    }

    /// The leading department and the assisting ones.
    fn lead_view(&self, lead: &str) -> Result<Option<Departments>, Halt> {
        Ok(
            match self.ask(Question::Lead {
                jurisdiction: self.county.clone(),
                lead: lead.to_owned(),
            })? {
                View::Lead(view) => Some((view.department, view.assist)),
                _ => None,
            },
        )
    }

    /// The end of a day is 24:00 of that day.
    fn end(&self, at: Timestamp) -> String {
        let local = self.calendar.zone().to_datetime(at);
        if local.hour() == 0 && local.minute() == 0 {
            return format!("{} 24:00", local.date().yesterday().unwrap_or(local.date()));
        }
        local.strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The days off a clock passes over, weekends and holidays told apart.
    fn skipped(&self, from: Timestamp, due: Timestamp) -> String {
        let (mut weekends, mut holidays) = (Vec::new(), Vec::new());
        let mut day = self.calendar.date_of(from);
        let last = self.calendar.date_of(due);
        while let Ok(next) = day.checked_add(1.day())
            && next < last
        {
            day = next;
            if self.calendar.is_working_day(day).unwrap_or(true) {
                continue;
            }
            let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
            if weekend {
                weekends.push(day)
            } else {
                holidays.push(day)
            }
        }
        let say = |days: &[Date]| {
            days.iter()
                .map(|day| day.strftime("%m-%d").to_string())
                .collect::<Vec<_>>()
                .join(self.words.comma())
        };
        let weekends = (!weekends.is_empty()).then(|| self.words.weekends(say(&weekends)));
        let holidays = (!holidays.is_empty()).then(|| self.words.holidays(say(&holidays)));
        weekends
            .into_iter()
            .chain(holidays)
            .collect::<Vec<_>>()
            .join(self.words.semicolon())
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self { text, note: None }
    }
}
