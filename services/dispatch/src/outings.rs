//! Outings: crews on a day, visits they made, and places found that stand on no list.
//!
//! A crew's outing of one local day is a sortie; every row, visit and place found names its own. A person's
//! first record of a day opens one, dated by when it was seen, not by when it arrived.
//! It does not know how sorties are counted.

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::dispatch::{Command, Event, SortieKind};
use picket_schemas::registry::{Institution, Role};
use picket_schemas::{AreaCode, InstitutionCode, PersonId, PlaceId, Refusal, SortieId, Subject};
use serde::{Deserialize, Serialize};

use crate::Dispatch;
use crate::ids::local_number;

/// The greatest age of a record when it arrives. Its day's outings must still be known then.
const OLDEST_RECORD_DAYS: i64 = 90;
/// The time an outing stays in the book.
const SORTIE_STAYS: SignedDuration = SignedDuration::from_hours((OLDEST_RECORD_DAYS + 2) * 24);

/// One crew's outing on one local day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Sortie {
    pub(crate) id: SortieId,
    pub(crate) members: Vec<PersonId>,
    pub(crate) date: Date,
}

impl Sortie {
    /// The instant it leaves the book, opened at this one.
    pub(crate) fn leaves(opened: Timestamp) -> Timestamp {
        opened.checked_add(SORTIE_STAYS).unwrap_or(Timestamp::MAX)
    }
}

/// The instant something was seen: as the record says, else as it was made. Not in the future, not long ago.
pub(crate) fn seen(given: Option<Timestamp>, cx: &Decision<'_>) -> Result<Timestamp, Refusal> {
    let observed = given.unwrap_or(cx.observed);
    fields::not_ahead("observed", observed, cx.at)?;
    if cx.at.duration_since(observed) > SignedDuration::from_hours(OLDEST_RECORD_DAYS * 24) {
        return Err(fields::invalid(
            "observed",
            format!("it is more than {OLDEST_RECORD_DAYS} days ago"),
        ));
    }
    Ok(observed)
}

/// True if the actor has one of the roles, and the area lies in theirs.
pub(crate) fn acts_as(roles: &[Role], area: Option<&AreaCode>, cx: &Decision<'_>) -> bool {
    cx.directory.person(cx.actor).is_some_and(|person| {
        roles.iter().any(|role| person.roles.contains(role))
            && area.is_none_or(|area| cx.directory.within(area, &person.area))
    })
}

impl Dispatch {
    /// The outing a person's record belongs to, with the fact that opens it where it is the first of that day.
    pub(crate) fn outing_of(
        &self,
        person: &PersonId,
        observed: Timestamp,
        cx: &Decision<'_>,
    ) -> (SortieId, Option<Event>) {
        let date = cx.calendar().date_of(observed);
        let known = self
            .outings
            .get(&date)
            .and_then(|day| day.get(person))
            .and_then(|number| self.sorties.get(number));
        if let Some(sortie) = known {
            return (sortie.id.clone(), None);
        }
        let sortie = self.next_sortie();
        (
            sortie.clone(),
            Some(Event::SortieOpened {
                sortie,
                members: vec![person.clone()],
                kind: SortieKind::Sweep,
                date,
            }),
        )
    }

    fn next_sortie(&self) -> SortieId {
        SortieId::from(format!("S-{}", self.last.sortie + 1))
    }

    pub(crate) fn report_place(
        &self,
        command: &Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::ReportPlace {
            area,
            address,
            seen: what,
            codes,
            evidence,
            urgent,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        cx.allow("dispatch.report_place", Resource::default())?;
        if cx.directory.area(area).is_none() {
            return Err(Refusal::Unknown {
                kind: "area".into(),
                id: area.to_string(),
            });
        }
        let address =
            fields::needed_text("address", address, "somebody has to find the place again")?;
        let what = fields::needed_text("seen", what, "say what was seen there")?;
        if let Some(code) = cx.directory.unknown_code(codes) {
            return Err(fields::invalid(
                "codes",
                format!("`{code}` is no violation code"),
            ));
        }
        let observed = seen(None, cx)?;
        let (sortie, opened) = self.outing_of(cx.actor, observed, cx);
        let mut events: Vec<_> = opened.into_iter().collect();
        events.push(Event::PlaceReported {
            place: PlaceId::from(format!("U-{}", self.last.place + 1)),
            area: area.clone(),
            address,
            seen: what,
            codes: codes.clone(),
            evidence: evidence.clone(),
            urgent: *urgent,
            finder: cx.actor.clone(),
            post: cx
                .directory
                .post_of_person(cx.actor)
                .map(|post| post.code.clone()),
            sortie,
            observed,
            campaign: None,
            round: None,
            sealed_until: None,
        });
        Ok(events)
    }

    pub(crate) fn open_sortie(
        &self,
        members: &[String],
        kind: SortieKind,
        date: Date,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        cx.allow("dispatch.open_sortie", Resource::default())?;
        let mut crew: Vec<PersonId> = Vec::with_capacity(members.len());
        for member in members {
            let person = cx.person(member)?;
            if !crew.contains(&person) {
                crew.push(person);
            }
        }
        if crew.is_empty() {
            return Err(fields::missing("members", "somebody has to go"));
        }
        if !crew.contains(cx.actor) && !acts_as(&[Role::Coordinator, Role::Dispatcher], None, cx) {
            return Err(Refusal::NotYours {
                what: "this outing".into(),
            });
        }
        let today = cx.calendar().date_of(cx.at);
        if date > today {
            return Err(fields::invalid(
                "date",
                format!("{date} is not here yet; an outing is opened on its day"),
            ));
        }
        if date < today.saturating_sub(OLDEST_RECORD_DAYS.days()) {
            return Err(fields::invalid(
                "date",
                format!("{date} is more than {OLDEST_RECORD_DAYS} days ago"),
            ));
        }
        if matches!(kind, SortieKind::Inspection | SortieKind::Joint) {
            check_certificates(&crew, cx)?;
        }
        Ok(vec![Event::SortieOpened {
            sortie: self.next_sortie(),
            members: crew,
            kind,
            date,
        }])
    }

    pub(crate) fn record_visit(
        &self,
        command: &Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let Command::RecordVisit {
            sortie: id,
            institution: code,
            outcome,
            hazards,
            campaign,
            round,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        let unknown = |kind: &str, id: &str| Refusal::Unknown {
            kind: kind.to_owned(),
            id: id.to_owned(),
        };
        let sortie = local_number(id.as_str(), "S-", cx)
            .and_then(|number| self.sorties.get(&number))
            .ok_or_else(|| unknown("sortie", id.as_str()))?;
        cx.allow("dispatch.record_visit", Resource::default())?;
        let institution = own_institution(code, cx);
        let area = institution.map(|institution| &institution.area);
        if !sortie.members.contains(cx.actor)
            && !acts_as(&[Role::Coordinator, Role::Dispatcher], area, cx)
        {
            return Err(Refusal::NotYours {
                what: sortie.id.to_string(),
            });
        }
        let institution = institution.ok_or_else(|| unknown("institution", code.as_str()))?;
        if !outcome.visited() {
            return Err(fields::invalid(
                "outcome",
                "a place nobody went to is no visit",
            ));
        }
        if hazards.fixed > hazards.found {
            return Err(fields::invalid(
                "hazards",
                "more spots are fixed than were found",
            ));
        }
        Ok(vec![Event::VisitRecorded {
            sortie: sortie.id.clone(),
            subject: Subject {
                kind: institution.kind,
                id: institution.code.to_string(),
            },
            outcome: *outcome,
            hazards: *hazards,
            by: cx.actor.clone(),
            observed: seen(None, cx)?,
            campaign: campaign.clone(),
            round: *round,
        }])
    }
}

/// The record is kept where the place is.
fn own_institution<'a>(code: &InstitutionCode, cx: &Decision<'a>) -> Option<&'a Institution> {
    cx.directory
        .layers()
        .first()
        .and_then(|own| own.institutions.get(code))
}

fn check_certificates(crew: &[PersonId], cx: &Decision<'_>) -> Result<(), Refusal> {
    let certificates: BTreeSet<_> = crew
        .iter()
        .filter_map(|person| cx.directory.person(person))
        .filter_map(|person| person.certificate.as_deref())
        .filter(|number| !number.is_empty())
        .collect();
    if certificates.len() < 2 {
        return Err(Refusal::NotCertified {
            why: format!(
                "the crew has {} certificate{}",
                certificates.len(),
                if certificates.len() == 1 { "" } else { "s" }
            ),
        });
    }
    Ok(())
}
