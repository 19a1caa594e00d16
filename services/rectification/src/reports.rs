//! Reports: a problem row, a place on no list, or what somebody told the desk. Each opens a lead.
//!
//! Rows and places come as facts of dispatch and open a lead once, however often they are delivered.
//! The finder's name stays in the report; the lead shows the post. It does not judge what was seen.

use jiff::Timestamp;
use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::rectification::{Command, Event, Source};
use picket_schemas::{
    AreaCode, LeadId, PersonId, PlaceId, PostCode, Refusal, ReportId, Subject, SubjectKind, TaskId,
    dispatch,
};

use crate::checks::{place_code, unknown};
use crate::state::Origin;
use crate::{Decided, Rectification};

/// A report as it comes in, by whichever way.
struct IncomingReport {
    source: Source,
    subject: Option<Subject>,
    area: AreaCode,
    text: String,
    codes: Vec<String>,
    urgent: bool,
    task: Option<TaskId>,
    row: Option<String>,
    place: Option<PlaceId>,
    finder: Option<PersonId>,
    post: Option<PostCode>,
    observed: Timestamp,
    campaign: Option<String>,
    round: Option<u32>,
    sealed_until: Option<Timestamp>,
}

impl Rectification {
    /// A report by telephone, letter or another way.
    pub(crate) fn receive_report(&self, command: &Command, cx: &Decision<'_>) -> Decided {
        let Command::ReceiveReport {
            source,
            subject,
            area,
            text: given,
            urgent,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        if cx.directory.area(area).is_none() {
            return Err(unknown("area", area));
        }
        cx.allow("rectification.receive_report", Resource::at(area))?;
        if matches!(source, Source::Row | Source::Place) {
            return Err(fields::invalid(
                "source",
                "rows and places come from sheets by themselves",
            ));
        }
        if let Some(subject) = subject {
            known(subject, cx)?;
        }
        fields::not_ahead("observed", cx.observed, cx.at)?;
        let text = fields::needed_text("text", given, "say what was reported")?;
        Ok(self.open(
            IncomingReport {
                source: *source,
                subject: subject.clone(),
                area: area.clone(),
                text,
                codes: Vec::new(),
                urgent: *urgent,
                task: None,
                row: None,
                place: None,
                finder: None,
                post: None,
                observed: cx.observed,
                campaign: None,
                round: None,
                sealed_until: None,
            },
            cx,
        ))
    }

    /// A problem row of a sheet.
    pub(crate) fn row_found(&self, fact: &dispatch::Event, cx: &Decision<'_>) -> Vec<Event> {
        let dispatch::Event::RowFound {
            task,
            row,
            subject,
            area,
            codes,
            note,
            evidence: _,
            urgent,
            finder,
            post,
            observed,
            campaign,
            round,
            sealed_until,
        } = fact
        else {
            return Vec::new();
        };
        if self.found.contains(&Origin::Row(task.clone(), row.clone())) {
            return Vec::new();
        }
        self.open(
            IncomingReport {
                source: Source::Row,
                subject: Some(subject.clone()),
                area: area.clone(),
                text: note.clone(),
                codes: codes.clone(),
                urgent: *urgent,
                task: Some(task.clone()),
                row: Some(row.clone()),
                place: None,
                finder: Some(finder.clone()),
                post: post.clone(),
                observed: *observed,
                campaign: campaign.clone(),
                round: *round,
                sealed_until: *sealed_until,
            },
            cx,
        )
    }

    /// A place on no list.
    pub(crate) fn place_reported(&self, fact: &dispatch::Event, cx: &Decision<'_>) -> Vec<Event> {
        let dispatch::Event::PlaceReported {
            place,
            area,
            address,
            seen,
            codes,
            evidence: _,
            urgent,
            finder,
            post,
            sortie: _,
            observed,
            campaign,
            round,
            sealed_until,
        } = fact
        else {
            return Vec::new();
        };
        if self.found.contains(&Origin::Place(place.clone())) {
            return Vec::new();
        }
        self.open(
            IncomingReport {
                source: Source::Place,
                subject: Some(Subject::unlisted(place.as_str())),
                area: area.clone(),
                text: format!("{address}: {seen}"),
                codes: codes.clone(),
                urgent: *urgent,
                task: None,
                row: None,
                place: Some(place.clone()),
                finder: Some(finder.clone()),
                post: post.clone(),
                observed: *observed,
                campaign: campaign.clone(),
                round: *round,
                sealed_until: *sealed_until,
            },
            cx,
        )
    }

    fn open(&self, came: IncomingReport, cx: &Decision<'_>) -> Vec<Event> {
        let report = ReportId::from(format!("R-{}", self.counts.reports + 1));
        let opened = Event::LeadOpened {
            lead: LeadId::from(format!("L-{}", self.counts.leads + 1)),
            report: report.clone(),
            owner: owner(came.subject.as_ref(), &came.area, cx),
            subject: came.subject.clone(),
            area: came.area.clone(),
            codes: came.codes.clone(),
            urgent: came.urgent,
            post: came.post.clone(),
            campaign: came.campaign.clone(),
            round: came.round,
            sealed_until: came.sealed_until,
        };
        let received = Event::ReportReceived {
            report,
            source: came.source,
            subject: came.subject,
            area: came.area,
            text: came.text,
            codes: came.codes,
            urgent: came.urgent,
            task: came.task,
            row: came.row,
            place: came.place,
            finder: came.finder,
            post: came.post,
            observed: came.observed,
            campaign: came.campaign,
            round: came.round,
            sealed_until: came.sealed_until,
        };
        vec![received, opened]
    }
}

/// The territorial owner: of the place by name, else of its area.
pub(crate) fn owner(
    subject: Option<&Subject>,
    area: &AreaCode,
    cx: &Decision<'_>,
) -> Option<PersonId> {
    let place = subject.and_then(place_code);
    place
        .and_then(|code| cx.directory.owner_of_institution(&code))
        .or_else(|| cx.directory.owner_of_area(area))
}

/// An institution or school must be on record; the rest is named by whoever reports it.
fn known(subject: &Subject, cx: &Decision<'_>) -> Result<(), Refusal> {
    let kind = match subject.kind {
        SubjectKind::Institution => "institution",
        SubjectKind::School => "school",
        _ if subject.id.trim().is_empty() => {
            return Err(fields::invalid("subject", "its id is empty"));
        }
        _ => return fields::length("subject", &subject.id, fields::NAME),
    };
    match place_code(subject).and_then(|code| cx.directory.institution(&code)) {
        Some(_) => Ok(()),
        None => Err(unknown(kind, &subject.id)),
    }
}
