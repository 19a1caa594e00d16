//! Something the person must be told: its card is drawn from how things stand now.
//!
//! A notice never disturbs what the person is doing: the row at hand or the form stays as it is.

use std::collections::BTreeMap;

use picket_schemas::ask::{Question, TaskView, View};
use picket_schemas::courier::NoticeKind;
use picket_schemas::{Jurisdiction, split_id};
use serde::{Deserialize, Serialize};

use crate::cards;
use crate::intent::{Intent, IntentVerb, opens};
use crate::session::{Awaited, Context, Effect, Input, Session};

/// A notice as courier hands it over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourierNotice {
    /// Its id.
    pub notice: String,
    /// The kind.
    pub kind: NoticeKind,
    /// The task, lead, order, step or bulletin it is about.
    pub about: String,
    /// The jurisdiction of that record.
    pub jurisdiction: Jurisdiction,
    /// Small facts.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
}

/// Notices that came together, as inputs: several offers become one, everything else stays as it came.
pub fn bundled(notices: Vec<CourierNotice>) -> Vec<Input> {
    let (offers, others): (Vec<_>, Vec<_>) = notices
        .into_iter()
        .partition(|notice| notice.kind == NoticeKind::Offer);
    let offers = match offers.len() {
        0 => None,
        1 => offers.into_iter().next().map(Input::Notice),
        _ => Some(Input::Offers(offers)),
    };
    offers
        .into_iter()
        .chain(others.into_iter().map(Input::Notice))
        .collect()
}

impl Session {
    pub(super) fn offers(&mut self, notices: Vec<CourierNotice>, cx: &Context<'_>) -> Vec<Effect> {
        self.ask(
            Awaited::Offers(notices),
            Question::Inbox {
                person: cx.person.clone(),
            },
        )
    }

    /// A card of the offers that are still open.
    pub(super) fn offered(
        &mut self,
        notices: &[CourierNotice],
        view: &View,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        let View::Inbox(inbox) = view else {
            return Vec::new();
        };
        let among = |task: &&TaskView| {
            notices.iter().any(|notice| {
                let (home, short) = split_id(&notice.about);
                split_id(&task.task).1 == short
                    && task.jurisdiction == home.unwrap_or(notice.jurisdiction.as_str())
            })
        };
        let open: Vec<_> = inbox.offers.iter().filter(among).collect();
        let card = match open.as_slice() {
            [] => return Vec::new(),
            [one] => self.draw(cx, |look| cards::task::asked(one, look)),
            several => self.draw(cx, |look| cards::inbox::offers(several, look)),
        };
        vec![Effect::Show(card.fit())]
    }

    pub(super) fn notice(&mut self, notice: CourierNotice, cx: &Context<'_>) -> Vec<Effect> {
        let (home, short) = split_id(&notice.about);
        let home = home.unwrap_or(notice.jurisdiction.as_str());
        let id = self.draw(cx, |look| look.id(home, short));
        let letters = short.split('-').next().unwrap_or_default();
        // Several at once are the list of what waits, which opens each of them.
        let several = notice
            .with
            .get("items")
            .is_some_and(|items| items.contains(';'));
        let verb = match notice.kind {
            _ if several => Some(IntentVerb::Inbox),
            NoticeKind::FindingRouted | NoticeKind::FindingCleared => {
                let card = self.draw(cx, |look| {
                    cards::short::finding(notice.kind, &id, &notice.with, look)
                });
                return vec![Effect::Show(card.fit())];
            }
            // Its sheets are over: all there is to see stands in the notice.
            NoticeKind::Cancelled => {
                let card = self.draw(cx, |look| {
                    cards::short::batch_cancelled(&id, &notice.with, look)
                });
                return vec![Effect::Show(card.fit())];
            }
            NoticeKind::Ladder | NoticeKind::Proposal => Some(IntentVerb::Step),
            NoticeKind::Digest => Some(IntentVerb::Inbox),
            NoticeKind::Bulletin => Some(IntentVerb::Bulletin),
            _ => opens(letters),
        };
        match verb.and_then(|verb| self.question(&Intent::new(verb, &id), cx)) {
            Some(question) => self.ask(Awaited::Notice(notice), question),
            // A kind of thing this version has no card for: the inbox has it all the same.
            None => self.ask(
                Awaited::Notice(notice),
                Question::Inbox {
                    person: cx.person.clone(),
                },
            ),
        }
    }

    pub(super) fn noticed(
        &mut self,
        notice: &CourierNotice,
        view: View,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        let card = self.draw(cx, |look| {
            let card = match &view {
                View::Task(task) if cards::task::is_hidden(task, look.me, look.when.now) => {
                    return None;
                }
                View::Task(task) if notice.kind == NoticeKind::Offer => {
                    cards::task::asked(task, look)
                }
                View::Task(task) if notice.kind == NoticeKind::Review => {
                    cards::task::review(task, look)
                }
                View::Task(task) => cards::task::card(task, look),
                View::Lead(lead)
                    if matches!(notice.kind, NoticeKind::Screen | NoticeKind::LeadReturned) =>
                {
                    cards::lead::triage(lead, look)
                }
                View::Lead(lead) => cards::lead::card(lead, look),
                View::Case(case) => cards::case::card(case, look),
                View::Order(order) if notice.kind == NoticeKind::Verify => {
                    cards::order::verify(order, look)
                }
                View::Order(order) => cards::order::card(order, look),
                View::Bulletin(bulletin) => cards::bulletin::card(bulletin.as_ref(), look),
                View::Batch(batch) => cards::board::batch(batch, look),
                View::Inbox(inbox) => {
                    let short = split_id(&notice.about).1;
                    match inbox
                        .steps
                        .iter()
                        .chain(&inbox.proposals)
                        .find(|step| split_id(&step.step).1 == short)
                    {
                        Some(step) => cards::ladder::card(step, look),
                        // A step that is over by now needs nobody any more.
                        None if matches!(
                            notice.kind,
                            NoticeKind::Ladder | NoticeKind::Proposal
                        ) =>
                        {
                            return None;
                        }
                        None => cards::inbox::card(inbox, look, 0),
                    }
                }
                _ => return None,
            };
            Some(cards::short::headed(card, notice.kind, look))
        });
        card.map(|card| Effect::Show(card.fit()))
            .into_iter()
            .collect()
    }
}
