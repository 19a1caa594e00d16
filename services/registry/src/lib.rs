//! The registry book: who and what there is in one jurisdiction.
//!
//! Importers, coordinators and the web console tell it areas, departments, posts, people, institutions,
//! owners, routes, ladders and calendars; every other book reads its journal for the directory.
//! To say the same thing again changes nothing, so a repeated import is harmless.
//! It does not know tasks, leads or clocks, and of an invitation it keeps only the hash of its token.

mod access;
mod identity;
mod known;
mod people;
mod places;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use picket_book::{Book, Decision, Fact, Provenance, Step, Upstream};
use picket_directory::Layer;
use picket_schemas::registry::{Command, Event, Role};
use picket_schemas::{AreaCode, Event as Any, PersonId, Refusal, dispatch};
use serde::{Deserialize, Serialize};

/// The reason why a record needs a name.
pub(crate) const ON_CARDS: &str = "people read it on every card";

/// Everything the registry knows about one jurisdiction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Registry {
    /// The records. Whose they are the book's name says, not the layer.
    layer: Layer,
    /// The first area without one around it in this registry: the whole jurisdiction.
    root: Option<AreaCode>,
    /// The holder of each certificate, by its number.
    certificates: BTreeMap<String, PersonId>,
    /// Whoever is a chat group, or was one before it left: the accounts of such a code are groups, and stay so.
    groups: BTreeSet<PersonId>,
    /// Open invitations by the instant they end.
    expiring: BTreeSet<(Timestamp, String)>,
}

impl Registry {
    /// The records as they stand.
    pub fn layer(&self) -> &Layer {
        &self.layer
    }
}

impl Book for Registry {
    const SERVICE: &'static str = "registry";
    const READS: &'static [Upstream] = &[Upstream::Own("dispatch")];
    const LISTENS: &'static [&'static str] = &["place.reported"];
    type Command = Command;
    type Event = Event;

    fn decide(&self, command: &Command, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::DefineArea { .. } => self.define_area(command, cx),
            Command::DefineDepartment { .. } => self.define_department(command, cx),
            Command::DefinePost { .. } => self.define_post(command, cx),
            Command::RegisterInstitution { .. } => self.register_institution(command, cx),
            Command::EnrolPerson { .. } => self.enrol_person(command, cx),
            Command::AssignOwner {
                area,
                institution,
                person,
            } => self.assign_owner(area.as_ref(), institution.as_ref(), person, cx),
            Command::SetAway {
                person,
                from,
                until,
                substitute,
            } => self.set_away(person, *from, *until, substitute.as_deref(), cx),
            Command::AdmitVisitor { .. } => self.admit_visitor(command, cx),
            Command::LogRead { what } => self.log_read(what, cx),
            Command::Invite { person, token } => self.invite(person, token, cx),
            Command::BindIdentity {
                token,
                channel,
                account,
                group,
            } => self.bind_identity(token, channel, account, *group, cx),
            Command::SetRoute { .. } => self.set_route(command, cx),
            Command::SetLadder { clock, rungs } => self.set_ladder(clock, rungs, cx),
            Command::PublishCalendar { year, off, work } => {
                self.publish_calendar(*year, off, work, cx)
            }
        }
    }

    fn evolve(&mut self, event: &Event, of: Provenance<'_>) {
        match event {
            Event::AreaDefined { area } => {
                let within_own = area
                    .parent
                    .as_ref()
                    .is_some_and(|parent| self.layer.areas.contains_key(parent));
                if self.root.is_none() && !within_own {
                    self.root = Some(area.code.clone());
                }
            }
            Event::PersonEnrolled { person } => {
                if let Some(before) = self
                    .layer
                    .people
                    .get(&person.id)
                    .and_then(|known| known.certificate.as_ref())
                {
                    self.certificates.remove(before);
                }
                if let Some(certificate) = &person.certificate {
                    self.certificates
                        .insert(certificate.clone(), person.id.clone());
                }
                if person.roles.contains(&Role::Group) {
                    self.groups.insert(person.id.clone());
                }
            }
            Event::PersonInvited {
                token_hash, until, ..
            } => {
                self.forget_ended_invitations(of.at);
                self.expiring.insert((*until, token_hash.clone()));
            }
            Event::IdentityBound { token_hash, .. } => {
                if let Some(invite) = self.layer.invites.get(token_hash) {
                    self.expiring.remove(&(invite.until, token_hash.clone()));
                }
            }
            _ => {}
        }
        self.layer.apply(event);
    }

    /// A place somebody found is from then on on the list, as unlisted.
    fn react(&self, fact: &Fact<'_>, _step: u32, _cx: &Decision<'_>) -> Step<Event> {
        match fact.event {
            Any::Dispatch(dispatch::Event::PlaceReported {
                place,
                area,
                address,
                ..
            }) => Step::Done(self.list_place(place, area, address)),
            _ => Step::nothing(),
        }
    }

    fn due(&self) -> Option<Timestamp> {
        None
    }

    fn ring(&self, _cx: &Decision<'_>) -> Step<Event> {
        Step::nothing()
    }
}
