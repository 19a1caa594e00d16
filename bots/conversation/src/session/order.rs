//! What a person does with leads, cases and orders.

use picket_schemas::ask::{CaseView, LeadView, Named, OrderView};
use picket_schemas::rectification::{self, FixResult};
use picket_schemas::split_id;

use crate::cards;
use crate::forms::{Kind, departments};
use crate::intent::{Intent, Verb};
use crate::session::{Context, Focus, Session, Turn};

impl Session {
    pub(super) fn on_lead(
        &mut self,
        intent: &Intent,
        lead: &LeadView,
        cx: &Context<'_>,
    ) -> Vec<Turn> {
        if intent.verb != Verb::Lead && Self::is_stale(intent, lead.rev) {
            self.focus = Focus::Nothing;
            return self.stale(self.draw(cx, |look| cards::lead::card(lead, look)));
        }
        let id = self.draw(cx, |look| look.id(&lead.jurisdiction, &lead.lead));
        let kind = match intent.verb {
            Verb::Lead => return self.plain_card(cx, |look| cards::lead::card(lead, look)),
            Verb::Route if intent.argument().is_empty() => {
                self.focus = Focus::Nothing;
                let command = rectification::Command::RouteLead {
                    lead: split_id(&lead.lead).1.into(),
                    lead_department: None,
                    assist: Vec::new(),
                    reason: String::new(),
                };
                return self.act(
                    &lead.jurisdiction,
                    command,
                    Some("done-route"),
                    &id,
                    Some(Intent::new(Verb::Lead, &id)),
                );
            }
            Verb::Classify => Kind::Classify,
            Verb::Route | Verb::RouteTo => Kind::RouteTo,
            Verb::Joint => Kind::Joint,
            Verb::Merge => Kind::Merge,
            Verb::NotOurs => Kind::NotOurs,
            Verb::Outcome => Kind::Outcome,
            Verb::Verdict => Kind::Verdict,
            _ => Kind::FileCase,
        };
        let mut form = self
            .form(kind, &lead.jurisdiction, &id, cx)
            .subject(subject(lead));
        match kind {
            Kind::Classify => {
                form = if lead.codes.is_empty() {
                    form
                } else {
                    form.set("codes-known", lead.codes.join(";"))
                }
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
            }
            Kind::Joint => {
                let joint = matches!(intent.argument(), "true" | "yes" | "是" | "y");
                return self.begin(form.set("joint", joint.to_string()), "", cx);
            }
            Kind::Outcome => {
                let (Some(action), Some(own)) =
                    (&lead.action, cards::lead::own_department(lead, &self.me))
                else {
                    return self.plain_card(cx, |look| cards::lead::card(lead, look));
                };
                form = form
                    .set("action", action.as_str())
                    .set("of-department", own.code.as_str());
            }
            Kind::Verdict => {
                if !["substantiated", "partly", "not", "undeterminable"]
                    .contains(&intent.argument())
                {
                    return self.plain_card(cx, |look| cards::lead::card(lead, look));
                }
                return self.begin(form.set("verdict", intent.argument()), "", cx);
            }
            _ => {}
        }
        self.begin(form, intent.argument(), cx)
    }

    pub(super) fn on_case(
        &mut self,
        intent: &Intent,
        case: &CaseView,
        cx: &Context<'_>,
    ) -> Vec<Turn> {
        if intent.verb != Verb::Case && Self::is_stale(intent, case.rev) {
            self.focus = Focus::Nothing;
            return self.stale(self.draw(cx, |look| cards::case::card(case, look)));
        }
        let id = self.draw(cx, |look| look.id(&case.jurisdiction, &case.case));
        let kind = match intent.verb {
            Verb::IssueOrder => Kind::Order,
            Verb::Penalty => Kind::Penalty,
            Verb::Refund => Kind::Refund,
            Verb::Suspend => Kind::Suspend,
            Verb::LookBack => Kind::LookBack,
            _ => return self.plain_card(cx, |look| cards::case::card(case, look)),
        };
        let mut form = self
            .form(kind, &case.jurisdiction, &id, cx)
            .subject(case.subject.name.clone());
        if kind == Kind::LookBack {
            return self.begin(form.set("result", intent.argument()), "", cx);
        }
        if kind == Kind::Order {
            // The violations found are the likely focus of the order.
            let words = case
                .codes
                .iter()
                .map(|code| self.words().word("code", code));
            form.offer(words.map(|word| Named {
                code: word.clone(),
                name: word,
            }));
        }
        self.begin(form, intent.argument(), cx)
    }

    pub(super) fn on_order(
        &mut self,
        intent: &Intent,
        order: &OrderView,
        cx: &Context<'_>,
    ) -> Vec<Turn> {
        if !matches!(intent.verb, Verb::Order | Verb::Verify) && Self::is_stale(intent, order.rev) {
            self.focus = Focus::Nothing;
            return self.stale(self.draw(cx, |look| cards::order::card(order, look)));
        }
        let id = self.draw(cx, |look| look.id(&order.jurisdiction, &order.order));
        let kind = match intent.verb {
            Verb::Pass => {
                self.focus = Focus::Nothing;
                let command = rectification::Command::VerifyFix {
                    order: split_id(&order.order).1.into(),
                    result: FixResult::Passed,
                    note: intent.argument().to_owned(),
                    evidence: Vec::new(),
                };
                return self.act(
                    &order.jurisdiction,
                    command,
                    Some("done-pass"),
                    &id,
                    Some(Intent::new(Verb::Order, &id)),
                );
            }
            Verb::Serve => Kind::Serve,
            Verb::Fix => Kind::Fix,
            Verb::Fail => Kind::Fail,
            Verb::Extend => Kind::Extend,
            Verb::Park => Kind::Park,
            Verb::Unpark => Kind::Unpark,
            Verb::Verify if order.state == "reported" => {
                return self.plain_card(cx, |look| cards::order::verify(order, look));
            }
            _ => return self.plain_card(cx, |look| cards::order::card(order, look)),
        };
        let form = self
            .form(kind, &order.jurisdiction, &id, cx)
            .subject(order.subject.name.clone());
        self.begin(form, intent.argument(), cx)
    }
}

/// What a lead is about, in words.
fn subject(lead: &LeadView) -> String {
    lead.subject.as_ref().map_or_else(
        || lead.subject_address.clone(),
        |subject| subject.name.clone(),
    )
}
