//! Cases and orders in a dialogue: shown, acted upon at once, or a form about them begun.

use picket_schemas::ask::{CaseView, Named, OrderView};
use picket_schemas::rectification::{self, FixResult};
use picket_schemas::split_id;

use crate::cards;
use crate::forms::{Ask, OpenForm};
use crate::intent::{Intent, IntentVerb};
use crate::session::filling::FormSubject;
use crate::session::{Context, Effect, Session};

impl Session {
    pub(super) fn on_case(
        &mut self,
        intent: &Intent,
        case: &CaseView,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        if intent.verb != IntentVerb::Case && Self::is_stale(intent, case.rev) {
            return self.updated(cx, |look| cards::case::card(case, look));
        }
        let id = self.draw(cx, |look| look.id(&case.jurisdiction, &case.case));
        let of = FormSubject {
            jurisdiction: &case.jurisdiction,
            id: &id,
            subject: &case.subject.name,
        };
        let known = |session: &Self, mut form: OpenForm| {
            if form.asks(Ask::Offered) {
                // The violations found are the likely focus of the order.
                let words = case.codes.iter();
                let words = words.map(|code| session.words().word("code", code));
                form.offer(words.map(|word| Named {
                    code: word.clone(),
                    name: word,
                }));
            }
            Some(form)
        };
        self.begin_on(intent, &of, known, cx)
            .unwrap_or_else(|| self.plain_card(cx, |look| cards::case::card(case, look)))
    }

    pub(super) fn on_order(
        &mut self,
        intent: &Intent,
        order: &OrderView,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        if !matches!(intent.verb, IntentVerb::Order | IntentVerb::Verify)
            && Self::is_stale(intent, order.rev)
        {
            return self.updated(cx, |look| cards::order::card(order, look));
        }
        let id = self.draw(cx, |look| look.id(&order.jurisdiction, &order.order));
        match intent.verb {
            IntentVerb::Pass => {
                let command = rectification::Command::VerifyFix {
                    order: split_id(&order.order).1.into(),
                    result: FixResult::Passed,
                    note: intent.argument().to_owned(),
                    evidence: Vec::new(),
                };
                let open = Intent::new(IntentVerb::Order, &id);
                return self.act_at_once(&order.jurisdiction, command, "done-pass", &id, open);
            }
            IntentVerb::Verify if order.state == "reported" => {
                return self.plain_card(cx, |look| cards::order::verify(order, look));
            }
            _ => {}
        }
        let of = FormSubject {
            jurisdiction: &order.jurisdiction,
            id: &id,
            subject: &order.subject.name,
        };
        self.begin_on(intent, &of, |_, form| Some(form), cx)
            .unwrap_or_else(|| self.plain_card(cx, |look| cards::order::card(order, look)))
    }
}
