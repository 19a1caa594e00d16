//! Cases and orders in a dialogue: shown, acted upon at once, or a form about them begun.

use picket_schemas::ask::{CaseView, Named, OrderView};
use picket_schemas::rectification::{self, FixResult};
use picket_schemas::split_id;

use crate::cards;
use crate::forms::Kind;
use crate::intent::{Intent, Verb};
use crate::session::{Context, Session, Turn};

impl Session {
    pub(super) fn on_case(
        &mut self,
        intent: &Intent,
        case: &CaseView,
        cx: &Context<'_>,
    ) -> Vec<Turn> {
        if intent.verb != Verb::Case && Self::is_stale(intent, case.rev) {
            return self.updated(cx, |look| cards::case::card(case, look));
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
            return self.updated(cx, |look| cards::order::card(order, look));
        }
        let id = self.draw(cx, |look| look.id(&order.jurisdiction, &order.order));
        let kind = match intent.verb {
            Verb::Pass => {
                let command = rectification::Command::VerifyFix {
                    order: split_id(&order.order).1.into(),
                    result: FixResult::Passed,
                    note: intent.argument().to_owned(),
                    evidence: Vec::new(),
                };
                let open = Intent::new(Verb::Order, &id);
                return self.act_at_once(&order.jurisdiction, command, "done-pass", &id, open);
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
