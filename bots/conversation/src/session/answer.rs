//! The answer to a question: what it was asked for, and the card or the command that follows from it.

use picket_schemas::ask::{BatchView, BulletinView, View};
use picket_schemas::{bulletin, split_id};

use crate::cards;
use crate::forms::FormKind;
use crate::intent::{Intent, IntentVerb};
use crate::look::ViewContext;
use crate::session::filling::FormSubject;
use crate::session::{Awaited, Context, Effect, Session};

impl Session {
    pub(super) fn answered(&mut self, view: View, cx: &Context<'_>) -> Vec<Effect> {
        let awaiting = self.awaiting.take();
        if view == View::Stale {
            return vec![self.toast("still-reading")];
        }
        match awaiting {
            Some(Awaited::Hello) => self.hello(view, cx),
            Some(Awaited::For(intent)) => self.perform(&intent, view, cx),
            Some(Awaited::Notice(notice)) => self.noticed(&notice, view, cx),
            Some(Awaited::Offers(notices)) => self.offered(&notices, &view, cx),
            Some(Awaited::Drafts(intent)) => self.read_drafts(intent, view, cx),
            Some(Awaited::Offered) => self.form_offered(view, cx),
            Some(Awaited::Institutions) => self.counted_institutions(&view, cx),
            Some(Awaited::Posts(institutions)) => self.counted_posts(institutions, &view, cx),
            Some(Awaited::Done(_) | Awaited::Kept(_)) | None => Vec::new(),
        }
    }

    fn hello(&mut self, view: View, cx: &Context<'_>) -> Vec<Effect> {
        match view {
            View::Person(person) => {
                self.meet(&person, cx);
                self.wish(Intent::new(IntentVerb::Inbox, ""), cx)
            }
            _ => vec![Effect::Toast(
                self.words()
                    .with("not-on-roster", &[("id", cx.person.as_str().into())]),
            )],
        }
    }

    /// Acts on an intent with what was read for it.
    fn perform(&mut self, intent: &Intent, view: View, cx: &Context<'_>) -> Vec<Effect> {
        match view {
            View::Inbox(inbox) => {
                if let Some(person) = &inbox.person {
                    self.meet(person, cx);
                }
                self.kept = Some(inbox.drafts.clone());
                self.on_inbox(intent, &inbox, cx)
            }
            View::Task(task) if cards::task::is_hidden(&task, &self.me, cx.now) => {
                self.nothing_by(&intent.id)
            }
            View::Task(task) => self.on_task(intent, &task, cx),
            View::Lead(lead) => self.on_lead(intent, &lead, cx),
            View::Case(case) => self.on_case(intent, &case, cx),
            View::Order(order) => self.on_order(intent, &order, cx),
            View::Person(person) => {
                self.meet(&person, cx);
                self.plain_card(cx, |look| cards::person::whoami(&person, look))
            }
            View::Board(board) => {
                let home = cx.person.jurisdiction();
                let of = if intent.id.is_empty() {
                    home.as_str()
                } else {
                    &intent.id
                };
                self.plain_card(cx, |look| cards::board::board(&board, of, look))
            }
            View::Batch(batch) => self.on_batch(intent, &batch, cx),
            View::Timeline(_)
                if intent.id.starts_with(['T', 'B', 'S', 'U']) && !self.me.reads_sheets() =>
            {
                self.nothing_by(&intent.id)
            }
            View::Timeline(items) => {
                self.plain_card(cx, |look| cards::timeline::card(&intent.id, &items, look))
            }
            View::Notices(items) => {
                self.plain_card(cx, |look| cards::timeline::notices(&items, look))
            }
            View::Bulletin(Some(bulletin))
                if intent.verb == IntentVerb::ApproveBulletin && !bulletin.approved =>
            {
                self.approve(&bulletin, cx)
            }
            View::Bulletin(Some(bulletin)) => self.on_bulletin(intent, &bulletin, cx),
            View::Bulletin(bulletin) => {
                self.plain_card(cx, |look| cards::bulletin::card(bulletin.as_ref(), look))
            }
            _ => self.nothing_by(&intent.id),
        }
    }

    fn on_batch(&mut self, intent: &Intent, batch: &BatchView, cx: &Context<'_>) -> Vec<Effect> {
        let of = FormSubject {
            jurisdiction: &batch.jurisdiction,
            id: &self.draw(cx, |look| look.id(&batch.jurisdiction, &batch.batch)),
            subject: &batch.name,
        };
        if FormKind::opened(intent).is_some() && Self::is_stale(intent, batch.rev) {
            return self.updated(cx, |look| cards::board::batch(batch, look));
        }
        self.begin_on(intent, &of, |_, form| Some(form), cx)
            .unwrap_or_else(|| self.plain_card(cx, |look| cards::board::batch(batch, look)))
    }

    fn on_bulletin(
        &mut self,
        intent: &Intent,
        bulletin: &BulletinView,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        let of = FormSubject {
            jurisdiction: &bulletin.jurisdiction,
            id: &self.draw(cx, |look| {
                look.id(&bulletin.jurisdiction, &bulletin.bulletin)
            }),
            subject: &bulletin.name,
        };
        let card = |look: &ViewContext<'_>| cards::bulletin::card(Some(bulletin), look);
        self.begin_on(intent, &of, |_, form| Some(form), cx)
            .unwrap_or_else(|| self.plain_card(cx, card))
    }

    fn approve(&mut self, bulletin: &BulletinView, cx: &Context<'_>) -> Vec<Effect> {
        let id = self.draw(cx, |look| {
            look.id(&bulletin.jurisdiction, &bulletin.bulletin)
        });
        let command = bulletin::Command::Approve {
            bulletin: split_id(&bulletin.bulletin).1.into(),
        };
        let open = Intent::new(IntentVerb::Bulletin, &id);
        self.act_at_once(&bulletin.jurisdiction, command, "done-bless", &id, open)
    }

    fn nothing_by(&self, id: &str) -> Vec<Effect> {
        if id.is_empty() {
            return vec![self.toast("nothing-to-see")];
        }
        vec![Effect::Toast(
            self.words().with("unknown-thing", &[("id", id.into())]),
        )]
    }
}
