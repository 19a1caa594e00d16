//! A lead in a dialogue: shown, routed as proposed, or a form about it begun.

use picket_schemas::ask::{LeadView, Named};
use picket_schemas::{rectification, split_id};

use crate::cards;
use crate::forms::{Ask, OpenForm, departments};
use crate::intent::{Intent, IntentVerb};
use crate::look::ViewContext;
use crate::session::filling::FormSubject;
use crate::session::{Context, Effect, Session};

/// The questions that the card of a lead answers by itself.
#[cfg(test)]
pub(crate) const GIVEN: [&str; 2] = ["action", "of-department"];

impl Session {
    pub(super) fn on_lead(
        &mut self,
        intent: &Intent,
        lead: &LeadView,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        let card = |look: &ViewContext<'_>| cards::lead::card(lead, look);
        if intent.verb != IntentVerb::Lead && Self::is_stale(intent, lead.rev) {
            return self.updated(cx, card);
        }
        let id = self.draw(cx, |look| look.id(&lead.jurisdiction, &lead.lead));
        let named;
        let intent = match intent.verb {
            IntentVerb::Lead => return self.plain_card(cx, card),
            IntentVerb::Route if intent.argument().is_empty() => return self.route(lead, &id),
            // With a department behind it, it is the form that names one.
            IntentVerb::Route => {
                named = Intent {
                    verb: IntentVerb::RouteTo,
                    ..intent.clone()
                };
                &named
            }
            _ => intent,
        };
        let of = FormSubject {
            jurisdiction: &lead.jurisdiction,
            id: &id,
            subject: &subject(lead),
        };
        let known = |session: &Self, form| session.with_known(form, lead);
        self.begin_on(intent, &of, known, cx)
            .unwrap_or_else(|| self.plain_card(cx, card))
    }

    /// Routes a lead to where the table proposes.
    fn route(&mut self, lead: &LeadView, id: &str) -> Vec<Effect> {
        let command = rectification::Command::RouteLead {
            lead: split_id(&lead.lead).1.into(),
            lead_department: None,
            assist: Vec::new(),
            reason: String::new(),
        };
        let open = Intent::new(IntentVerb::Lead, id);
        self.act_at_once(&lead.jurisdiction, command, "done-route", id, open)
    }

    /// The form with what the lead says beforehand; nothing where it says too little.
    fn with_known(&self, mut form: OpenForm, lead: &LeadView) -> Option<OpenForm> {
        for asked in form.kind.form().given {
            let given = self.given(asked.key, lead)?;
            form = form.set(asked.key, given);
        }
        if form.asks(Ask::Codes) && !lead.codes.is_empty() {
            form = form.set("codes-known", lead.codes.join(";"));
        }
        if form.asks(Ask::Department) {
            let proposed = lead
                .proposal
                .iter()
                .flat_map(|table| std::iter::once(&table.lead).chain(&table.assist));
            form.offer(departments(proposed.map(|code| Named {
                code: code.to_string(),
                name: String::new(),
            })));
        }
        Some(form)
    }

    /// The answers the card of a lead gives by itself; `GIVEN` names them.
    fn given(&self, key: &str, lead: &LeadView) -> Option<String> {
        match key {
            "action" => lead.action.clone(),
            "of-department" => {
                cards::lead::own_department(lead, &self.me).map(|own| own.code.clone())
            }
            _ => None,
        }
    }
}

/// The subject of a lead, in words.
fn subject(lead: &LeadView) -> String {
    lead.subject.as_ref().map_or_else(
        || lead.subject_address.clone(),
        |subject| subject.name.clone(),
    )
}
