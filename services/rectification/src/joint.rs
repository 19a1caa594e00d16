//! Joint action: a decision of its own, and what each department reports of it.
//!
//! Decided once for each routing, with a reason, also when the answer is no. A joint action is sealed
//! until the day it happens and closes only when each department named has said what came of it.
//! It does not know visits: those are dispatch's.

use std::collections::BTreeMap;

use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::rectification::{Command, Event};
use picket_schemas::registry::Person;
use picket_schemas::{ActionId, DepartmentCode, Refusal};

use crate::checks::{already, certificate, people, two_certified, wrong_state};
use crate::state::{Handling, LeadStage};
use crate::{Decided, Rectification};

impl Rectification {
    /// Decides whether departments act together on a lead.
    pub(crate) fn decide_joint(&self, command: &Command, cx: &Decision<'_>) -> Decided {
        let Command::DecideJoint {
            lead: id,
            joint,
            reason: given,
            date,
            crew,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        let lead = self.lead(id, cx)?;
        cx.allow("rectification.decide_joint", Resource::at(&lead.area))?;
        let LeadStage::Routed(handling) = &lead.stage else {
            return Err(wrong_state(id, &lead.stage, "routed"));
        };
        if let Some(joint) = handling.joint {
            return Err(already(
                id,
                if joint {
                    "decided: joint action"
                } else {
                    "decided: no joint action"
                },
            ));
        }
        let reason = fields::reason(given, "deciding about joint action")?;
        let mut events = vec![Event::JointDecided {
            lead: id.clone(),
            joint: *joint,
            reason,
            by: cx.actor.clone(),
        }];
        if *joint {
            let date =
                date.ok_or_else(|| fields::missing("date", "joint action happens on a day"))?;
            if date < cx.calendar().date_of(cx.observed) {
                return Err(fields::invalid("date", format!("{date} is past")));
            }
            let crew = people(crew, cx)?;
            enough(&crew, handling)?;
            events.push(Event::ActionOpened {
                action: ActionId::from(format!("J-{}", self.counts.actions + 1)),
                lead: id.clone(),
                department: handling.department.clone(),
                assist: handling.assist.clone(),
                crew: crew.into_iter().map(|person| person.id.clone()).collect(),
                date,
                sealed_until: Some(cx.calendar().at(date, 0, 0)),
            });
        }
        Ok(events)
    }

    /// Records the outcome of a joint action for one department.
    pub(crate) fn report_action(
        &self,
        id: &ActionId,
        department: &DepartmentCode,
        outcome: &str,
        cx: &Decision<'_>,
    ) -> Decided {
        let action = self.action(id, cx)?;
        cx.allow(
            "rectification.report_action",
            Resource {
                area: Some(&action.area),
                departments: &[department],
            },
        )?;
        let named = action.departments();
        if !named.contains(&department) {
            return Err(fields::invalid(
                "department",
                format!("{department} is not named in {id}"),
            ));
        }
        if action.reported.contains(department) {
            return Err(already(id, format!("reported by {department}")));
        }
        let outcome = fields::needed_text("outcome", outcome, "say what came of it")?;
        let mut events = vec![Event::ActionReported {
            action: id.clone(),
            department: department.clone(),
            outcome,
        }];
        if action.reported.len() + 1 == named.len() {
            events.push(Event::ActionClosed {
                action: id.clone(),
                lead: action.lead.clone(),
            });
        }
        Ok(events)
    }
}

/// Each inspecting department brings two people with certificates: the leading one in any case,
/// an assisting one when anybody of it goes along.
fn enough(crew: &[&Person], handling: &Handling) -> Result<(), Refusal> {
    let mut of: BTreeMap<&DepartmentCode, Vec<&Person>> =
        BTreeMap::from([(&handling.department, Vec::new())]);
    for person in crew {
        if let Some(own) = &person.department
            && (*own == handling.department || handling.assist.contains(own))
        {
            of.entry(own).or_default().push(person);
        }
    }
    for (department, members) in of {
        two_certified(members, department.as_str())?;
    }
    // The same certificate must not count for two departments either.
    two_certified(
        crew.iter()
            .copied()
            .filter(|person| certificate(person).is_some()),
        "the crew",
    )
}
