//! Leads in words: routing, joint action and verdict.

use picket_schemas::ask::{Named, Question, View};
use picket_schemas::rectification::Event as Case;

use super::{StoryLine, StoryTeller};
use crate::halt::Halt;

impl StoryTeller<'_> {
    pub(super) fn lead(&mut self, event: &Case, by: &str) -> Result<Option<StoryLine>, Halt> {
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
                self.routed(lead.as_str(), by)?.into()
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
                StoryLine {
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

    fn routed(&mut self, lead: &str, by: &str) -> Result<String, Halt> {
        let (leads, assists) = self.departments(lead)?;
        let who = self.actor(by)?;
        Ok(if assists.is_empty() {
            self.words.routed_alone(who, lead, leads)
        } else {
            let assists = assists.join(&self.words.comma());
            self.words.routed(who, lead, leads, assists)
        })
    }

    /// The names of the leading department and of the assisting ones.
    fn departments(&self, lead: &str) -> Result<(String, Vec<String>), Halt> {
        let question = Question::Lead {
            jurisdiction: self.county.clone(),
            lead: lead.to_owned(),
        };
        let View::Lead(view) = self.ask(question)? else {
            return Ok(Default::default());
        };
        let name = |named: Named| named.name;
        Ok((
            view.department.map(name).unwrap_or_default(),
            view.assist.into_iter().map(name).collect(),
        ))
    }
}
