//! A lead in a dialogue: shown, routed as proposed, or a form about it begun.

use picket_schemas::ask::{LeadView, Named};
use picket_schemas::{rectification, split_id};

use crate::cards;
use crate::forms::{Form, Kind, departments};
use crate::intent::{Intent, Verb};
use crate::look::Look;
use crate::session::{Context, Session, Turn};

/// The verdicts a button or a typed word may name.
const VERDICTS: [&str; 4] = ["substantiated", "partly", "not", "undeterminable"];

impl Session {
    pub(super) fn on_lead(
        &mut self,
        intent: &Intent,
        lead: &LeadView,
        cx: &Context<'_>,
    ) -> Vec<Turn> {
        let card = |look: &Look<'_>| cards::lead::card(lead, look);
        if intent.verb != Verb::Lead && Self::is_stale(intent, lead.rev) {
            return self.updated(cx, card);
        }
        let id = self.draw(cx, |look| look.id(&lead.jurisdiction, &lead.lead));
        let kind = match intent.verb {
            Verb::Lead => return self.plain_card(cx, card),
            Verb::Route if intent.argument().is_empty() => return self.route(lead, &id),
            Verb::Classify => Kind::Classify,
            Verb::Route | Verb::RouteTo => Kind::RouteTo,
            Verb::Joint => Kind::Joint,
            Verb::Merge => Kind::Merge,
            Verb::NotOurs => Kind::NotOurs,
            Verb::Outcome => Kind::Outcome,
            Verb::Verdict => Kind::Verdict,
            _ => Kind::FileCase,
        };
        let form = self
            .form(kind, &lead.jurisdiction, &id, cx)
            .subject(subject(lead));
        let Some(form) = self.with_known(form, intent, lead) else {
            return self.plain_card(cx, card);
        };
        // What stands behind these verbs is an answer already and not the first one typed.
        let typed = match kind {
            Kind::Joint | Kind::Verdict => "",
            _ => intent.argument(),
        };
        self.begin(form, typed, cx)
    }

    /// Routes a lead to where the table proposes.
    fn route(&mut self, lead: &LeadView, id: &str) -> Vec<Turn> {
        let command = rectification::Command::RouteLead {
            lead: split_id(&lead.lead).1.into(),
            lead_department: None,
            assist: Vec::new(),
            reason: String::new(),
        };
        let open = Intent::new(Verb::Lead, id);
        self.act_at_once(&lead.jurisdiction, command, "done-route", id, open)
    }

    /// The form with what the lead and the intent say beforehand; nothing where they leave nothing to fill in.
    fn with_known(&self, mut form: Form, intent: &Intent, lead: &LeadView) -> Option<Form> {
        Some(match form.kind {
            Kind::Classify if !lead.codes.is_empty() => {
                form.set("codes-known", lead.codes.join(";"))
            }
            Kind::RouteTo => {
                let proposed = lead
                    .proposal
                    .iter()
                    .flat_map(|table| std::iter::once(&table.lead).chain(&table.assist));
                form.offer(departments(proposed.map(|code| Named {
                    code: code.to_string(),
                    name: String::new(),
                })));
                form
            }
            Kind::Joint => {
                let joint = matches!(intent.argument(), "true" | "yes" | "是" | "y");
                form.set("joint", joint.to_string())
            }
            Kind::Outcome => {
                let action = lead.action.as_ref()?;
                let own = cards::lead::own_department(lead, &self.me)?;
                form.set("action", action.as_str())
                    .set("of-department", own.code.as_str())
            }
            Kind::Verdict => {
                let verdict = VERDICTS.iter().find(|one| **one == intent.argument())?;
                form.set("verdict", *verdict)
            }
            _ => form,
        })
    }
}

/// What a lead is about, in words.
fn subject(lead: &LeadView) -> String {
    lead.subject.as_ref().map_or_else(
        || lead.subject_address.clone(),
        |subject| subject.name.clone(),
    )
}
