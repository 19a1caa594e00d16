//! Questions: which somebody may ask of a jurisdiction, and what is written down about it.

use picket_directory::{Sight, sight};
use picket_schemas::ask::Question;
use picket_schemas::registry::Role;
use picket_schemas::{Jurisdiction, split_id};

use super::{ResolvedViewer, Rights};
use crate::reading::AccessEntry;
use crate::tables::InsightResult;

impl Rights<'_> {
    /// True if the question may be put at all; what it then shows is looked at one by one.
    pub(crate) fn may_ask(&self, question: &Question) -> InsightResult<bool> {
        match question {
            Question::Inbox { person }
            | Question::Notices { person }
            | Question::Group { group: person, .. } => Ok(self.eyes.is(person.as_str())),
            Question::Accounts { person } => Ok(self.eyes.is(person.as_str())
                || matches!(
                    self.eyes,
                    ResolvedViewer::Whole | ResolvedViewer::Owner { .. }
                )),
            // Only an edge asks, to prove who somebody is; it does so as the owner it runs for.
            Question::Identity { .. } | Question::Groups { .. } => Ok(matches!(
                self.eyes,
                ResolvedViewer::Whole | ResolvedViewer::Owner { .. }
            )),
            Question::Person { person } | Question::Areas { person } => {
                Ok(self.eyes.is(person.as_str())
                    || self.right(|me| Ok(self.stands_as(me, &person.jurisdiction(), |_| true)))?)
            }
            Question::Board { jurisdiction } => self.right(|me| {
                Ok(self.stands_as(me, jurisdiction, |grant| sight(grant.role) == Sight::Area))
            }),
            Question::Overdue { jurisdiction }
            | Question::People { jurisdiction, .. }
            | Question::Find { jurisdiction, .. } => {
                self.right(|me| Ok(self.stands_as(me, jurisdiction, |_| true)))
            }
            // For those who answer for the area; not for those whose looks they are.
            Question::Readings { jurisdiction } => self.right(|me| {
                self.covers(me, jurisdiction.as_str(), jurisdiction.as_str(), |grant| {
                    matches!(grant.role, Role::Supervisor | Role::Coordinator)
                })
            }),
            // Counts, and who cannot be written to: for those who run the area.
            Question::Deliveries { jurisdiction } => self.right(|me| {
                Ok(self.stands_as(me, jurisdiction, |grant| sight(grant.role) == Sight::Area))
            }),
            Question::Schedules { jurisdiction } => Ok(self.may_schedules(jurisdiction)),
            Question::Figures { jurisdiction, .. } => self.right(|me| {
                self.sees(
                    me,
                    jurisdiction.as_str(),
                    jurisdiction.as_str(),
                    &[Sight::Area, Sight::Figures],
                )
            }),
            // Decided by the record itself.
            Question::Task { .. }
            | Question::Batch { .. }
            | Question::Lead { .. }
            | Question::Case { .. }
            | Question::Order { .. }
            | Question::Timeline { .. }
            | Question::Institution { .. }
            | Question::Bulletin { .. } => Ok(!matches!(self.eyes, ResolvedViewer::Nobody)),
        }
    }

    pub(crate) fn may_schedules(&self, jurisdiction: &Jurisdiction) -> bool {
        match self.eyes {
            ResolvedViewer::Whole | ResolvedViewer::Owner { .. } => true,
            ResolvedViewer::Nobody => false,
            ResolvedViewer::Person(me) => self.stands_as(me, jurisdiction, |grant| {
                grant.role == Role::Operator
                    || matches!(sight(grant.role), Sight::Area | Sight::Figures)
            }),
        }
    }

    /// An approved bulletin is for everybody who works there, above or below; a draft for whoever makes it and runs the place.
    pub(crate) fn may_bulletin(&self, j: &str, id: &str) -> InsightResult<bool> {
        self.right(|me| {
            let Some(approved) = self.tables.one(
                "SELECT approved FROM bulletins WHERE j = ?1 AND id = ?2",
                (j, id),
                |row| row.get::<_, bool>(0),
            )?
            else {
                return Ok(false);
            };
            let here = Jurisdiction::from(j);
            if self.stands_as(me, &here, |grant| {
                matches!(sight(grant.role), Sight::Area | Sight::Figures)
            }) {
                return Ok(true);
            }
            Ok(approved
                && me.grants.iter().any(|grant| {
                    self.tables.chain(&grant.home).contains(&here)
                        || self
                            .tables
                            .chain(j)
                            .iter()
                            .any(|level| level.as_str() == grant.home)
                }))
        })
    }

    /// True if something that matches a description is there to be found.
    pub(crate) fn may_find(&self, kind: &str, j: &str, id: &str) -> InsightResult<bool> {
        match kind {
            _ if matches!(self.eyes, ResolvedViewer::Whole) => Ok(true),
            "task" => self.may_task(j, id),
            "batch" => Ok(self.extent(j, id)?.is_some()),
            "lead" => self.may_lead(j, id),
            "report" => self.may_report(j, id),
            "place" => self.may_place(j, id),
            "action" => self.may_action(j, id),
            "case" => self.may_case(j, id),
            "order" => self.may_order(j, id),
            "clock" => self.may_clock(j, id),
            "step" => self.may_step(j, id),
            "sortie" => self.may_sortie(j, id),
            "institution" => self.may_institution(j, id),
            "bulletin" => self.may_bulletin(j, id),
            "notice" => match self.tables.one(
                "SELECT person, about FROM notices WHERE j = ?1 AND id = ?2",
                (j, id),
                |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
            )? {
                Some((person, about)) => {
                    Ok(self.eyes.is(&person) && !self.is_told_of_sealed(j, &about)?)
                }
                None => Ok(false),
            },
            // Posts stand on the roster, for whoever may ask here at all.
            "post" => Ok(true),
            _ => Ok(false),
        }
    }

    /// True if something a notice is about is sealed from these eyes.
    pub(crate) fn is_told_of_sealed(&self, j: &str, about: &str) -> InsightResult<bool> {
        let (home, id) = split_id(about);
        let j = home.unwrap_or(j);
        match id.split('-').next().unwrap_or_default() {
            "T" => self.is_task_sealed(j, id),
            "B" => self.is_batch_sealed(j, id),
            "L" => self.is_lead_sealed(j, id),
            "C" => self.is_case_sealed(j, id),
            "Z" => self.is_on_sealed("order", j, id),
            "J" => self.is_action_sealed(j, id),
            "E" => match self.tables.one(
                "SELECT kind, on_id FROM steps WHERE j = ?1 AND id = ?2",
                (j, id),
                |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
            )? {
                Some((kind, on)) => self.is_on_sealed(&kind, j, &on),
                None => Ok(false),
            },
            _ => Ok(false),
        }
    }

    /// The access log's entry of a question, where this viewer is logged: for all but what is their own.
    pub(crate) fn reading(&self, question: &Question) -> Option<AccessEntry> {
        let own = matches!(question, Question::Inbox { person } | Question::Notices { person } | Question::Person { person } | Question::Areas { person } if self.eyes.is_self(person.as_str()));
        (self.eyes.leaves_a_trace() && !own)
            .then(|| AccessEntry::of(question, matches!(self.eyes, ResolvedViewer::Owner { .. })))
    }
}
