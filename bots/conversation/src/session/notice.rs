//! Something the person must be told: its card is drawn from how things stand now.
//!
//! A notice never disturbs what the person is doing: the row at hand or the form stays as it is.

use std::collections::BTreeMap;

use picket_schemas::ask::{Question, View};
use picket_schemas::courier::NoticeKind;
use picket_schemas::{Jurisdiction, split_id};
use serde::{Deserialize, Serialize};

use crate::cards;
use crate::intent::{Intent, Verb, opens};
use crate::session::{Await, Context, Session, Turn};

/// A notice as courier hands it over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its id.
    pub notice: String,
    /// What kind.
    pub kind: NoticeKind,
    /// The task, lead, order, step or bulletin it is about.
    pub about: String,
    /// Whose record that is.
    pub jurisdiction: Jurisdiction,
    /// Small facts.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
}

impl Session {
    pub(super) fn notice(&mut self, notice: Notice, cx: &Context<'_>) -> Vec<Turn> {
        let (home, short) = split_id(&notice.about);
        let home = home.unwrap_or(notice.jurisdiction.as_str());
        let id = self.draw(cx, |look| look.id(home, short));
        let letters = short.split('-').next().unwrap_or_default();
        let verb = match notice.kind {
            NoticeKind::FindingRouted | NoticeKind::FindingCleared => {
                let card = self.draw(cx, |look| cards::short::finding(notice.kind, &id, &notice.with, look));
                return vec![Turn::Show(card.fit())];
            }
            NoticeKind::Ladder | NoticeKind::Proposal => Some(Verb::Step),
            NoticeKind::Digest => Some(Verb::Inbox),
            NoticeKind::Bulletin => Some(Verb::Bulletin),
            _ => opens(letters),
        };
        match verb.and_then(|verb| self.question(&Intent::new(verb, &id), cx)) {
            Some(question) => self.ask(Await::Notice(notice), question),
            // A kind of thing this version has no card for: the inbox has it all the same.
            None => self.ask(Await::Notice(notice), Question::Inbox { person: cx.person.clone() }),
        }
    }

    pub(super) fn noticed(&mut self, notice: &Notice, view: View, cx: &Context<'_>) -> Vec<Turn> {
        let card = self.draw(cx, |look| {
            let card = match &view {
                View::Task(task) if cards::task::is_hidden(task, look.me, look.when.now) => return None,
                View::Task(task) if notice.kind == NoticeKind::Offer => cards::task::asked(task, look),
                View::Task(task) if notice.kind == NoticeKind::Review => cards::task::review(task, look),
                View::Task(task) => cards::task::card(task, look),
                View::Lead(lead) if matches!(notice.kind, NoticeKind::Screen | NoticeKind::LeadReturned) => cards::lead::triage(lead, look),
                View::Lead(lead) => cards::lead::card(lead, look),
                View::Case(case) => cards::case::card(case, look),
                View::Order(order) if notice.kind == NoticeKind::Verify => cards::order::verify(order, look),
                View::Order(order) => cards::order::card(order, look),
                View::Bulletin(bulletin) => cards::bulletin::card(bulletin.as_ref(), look),
                View::Batch(batch) => cards::board::batch(batch, look),
                View::Inbox(inbox) => {
                    let short = split_id(&notice.about).1;
                    match inbox.steps.iter().chain(&inbox.proposals).find(|step| split_id(&step.step).1 == short) {
                        Some(step) => cards::ladder::card(step, look),
                        // A step that is over by now needs nobody any more.
                        None if matches!(notice.kind, NoticeKind::Ladder | NoticeKind::Proposal) => return None,
                        None => cards::inbox::card(inbox, look, 0),
                    }
                }
                _ => return None,
            };
            Some(cards::short::headed(card, notice.kind, look))
        });
        card.map(|card| Turn::Show(card.fit())).into_iter().collect()
    }
}
