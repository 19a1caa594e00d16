//! Drafts: what is half typed is kept in dispatch at once, and taken up again on whichever phone comes next.
//!
//! A session knows what was kept from the person's inbox and from what it kept itself. It never shows a
//! draft as something that was said: that is what sending is for.

use picket_schemas::ask::{DraftView, View};
use picket_schemas::dispatch::{self, DraftOf};
use picket_schemas::{Answer, Jurisdiction, Problem, split_id};
use serde::{Deserialize, Serialize};

use crate::data;
use crate::forms::{Form, Kind};
use crate::intent::{self, Intent, Typed, Verb};
use crate::look::Look;
use crate::session::{Await, Context, Focus, Input, Session, Turn};

/// What is done when a draft is kept or dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Then {
    /// Nothing: the card is there already.
    Rest,
    /// The form goes on.
    Form,
    /// This is opened.
    Open(Intent),
}

impl Session {
    /// Whether an intent may go on with something half done that this session has not heard of yet.
    pub(super) fn must_read_drafts(&self, intent: &Intent) -> bool {
        let lost = match intent.verb {
            Verb::Resume => {
                !intent.argument().is_empty() || self.form.is_none() && self.draft.is_none()
            }
            Verb::Start
            | Verb::Row
            | Verb::Fill
            | Verb::Code
            | Verb::Page
            | Verb::Picked
            | Verb::Urgent
            | Verb::Save
            | Verb::Back => self.draft.is_none(),
            Verb::Pick
            | Verb::FormBack
            | Verb::LeaveOut
            | Verb::Confirm
            | Verb::Drop
            | Verb::FormPage => self.form.is_none(),
            verb => opens_form(verb),
        };
        lost && self.kept.is_none()
    }

    pub(super) fn read_drafts(
        &mut self,
        intent: Intent,
        view: View,
        cx: &Context<'_>,
    ) -> Vec<Turn> {
        self.kept = Some(match view {
            View::Inbox(inbox) => inbox.drafts,
            _ => Vec::new(),
        });
        self.wish(intent, cx)
    }

    /// Keeps the row at hand, where something changed in it; comes behind its card.
    pub(super) fn keep_row(&mut self, cx: &Context<'_>) -> Vec<Turn> {
        let Some(draft) = self
            .draft
            .as_mut()
            .filter(|draft| draft.unsaved && !draft.code.is_empty())
        else {
            return Vec::new();
        };
        draft.unsaved = false;
        let draft = draft.clone();
        let home = split_id(&draft.task).0.unwrap_or(self.me.home()).to_owned();
        self.keep_draft(
            DraftView {
                jurisdiction: home,
                of: draft.of(),
                answers: draft.answers(),
                evidence: draft.evidence.clone(),
                at: cx.now,
                name: String::new(),
            },
            Then::Rest,
        )
    }

    /// Keeps the form at hand, where something changed in it; comes before its card.
    pub(super) fn keep_form(&mut self, cx: &Context<'_>) -> Option<Vec<Turn>> {
        let form = self
            .form
            .as_mut()
            .filter(|form| form.unsaved && (form.is_checked() || form.current().is_some()))?;
        form.unsaved = false;
        form.kept = true;
        let form = form.clone();
        let home = self.me.home().to_owned();
        Some(self.keep_draft(
            DraftView {
                jurisdiction: home,
                of: form.of(),
                answers: form.answers(),
                evidence: form.evidence.clone(),
                at: cx.now,
                name: String::new(),
            },
            Then::Form,
        ))
    }

    /// Drops what is kept of a form that is over, and opens what comes next.
    pub(super) fn drop_form(
        &mut self,
        form: Option<Form>,
        open: Option<Intent>,
        cx: &Context<'_>,
    ) -> Vec<Turn> {
        let Some(form) = form.filter(|form| form.kept) else {
            return open.map(|open| self.wish(open, cx)).unwrap_or_default();
        };
        let then = open.map_or(Then::Rest, Then::Open);
        self.keep_draft(
            DraftView {
                jurisdiction: self.me.home().to_owned(),
                of: form.of(),
                answers: Default::default(),
                evidence: Vec::new(),
                at: cx.now,
                name: String::new(),
            },
            then,
        )
    }

    fn keep_draft(&mut self, draft: DraftView, then: Then) -> Vec<Turn> {
        let at = Jurisdiction::from(draft.jurisdiction.as_str());
        let command = dispatch::Command::KeepDraft {
            of: draft.of.clone(),
            answers: draft.answers.clone(),
            evidence: draft.evidence.clone(),
        };
        self.forget(&draft.jurisdiction, &draft.of);
        if !draft.answers.is_empty() || !draft.evidence.is_empty() {
            self.kept.get_or_insert_default().insert(0, draft);
        }
        self.awaiting = Some(Await::Kept(then));
        vec![Turn::Do {
            at,
            command: Box::new(command.into()),
            observed: None,
        }]
    }

    /// What was kept of a row or form that is over counts no longer.
    pub(super) fn forget(&mut self, jurisdiction: &str, of: &DraftOf) {
        if let Some(kept) = &mut self.kept {
            kept.retain(|draft| draft.of != *of || draft.jurisdiction != jurisdiction);
        }
    }

    /// How keeping ended. What could not be kept is still in hand, and the person is told.
    pub(super) fn kept(
        &mut self,
        then: Then,
        result: Result<Answer, Problem>,
        cx: &Context<'_>,
    ) -> Vec<Turn> {
        let mut turns = Vec::new();
        // What is over need not be dropped twice; it is forgotten in a month.
        if let (Err(problem), false) = (&result, matches!(then, Then::Open(_))) {
            turns.push(Turn::Toast(
                self.words()
                    .with("draft-not-kept", &[("why", self.sorry(problem).into())]),
            ));
        }
        match then {
            Then::Rest => {}
            Then::Form => turns.extend(self.form_on(cx)),
            Then::Open(intent) => turns.extend(self.wish(intent, cx)),
        }
        turns
    }

    /// What was kept of a form about this thing.
    pub(super) fn kept_form(&self, form: &Form) -> Option<&DraftView> {
        let of = form.of();
        self.kept.iter().flatten().find(|draft| draft.of == of)
    }

    /// Goes on with what is at hand, or else with what was kept last.
    pub(super) fn resume(&mut self, intent: &Intent, cx: &Context<'_>) -> Vec<Turn> {
        if let Some(kind) = Kind::parse(intent.argument()) {
            let about = intent.id.clone();
            return match self
                .kept
                .iter()
                .flatten()
                .find(|draft| self.is_of(draft, kind, &about, cx))
                .cloned()
            {
                Some(draft) => self.take_up(&draft, cx),
                None => vec![self.toast("form-gone")],
            };
        }
        if self.form.is_some() {
            return self.form_on(cx);
        }
        let latest = self.kept.iter().flatten().next().cloned();
        match (&self.draft, latest) {
            (Some(draft), _) => self.wish(Intent::new(Verb::Start, draft.task.clone()), cx),
            (None, Some(latest)) => self.take_up(&latest, cx),
            (None, None) => self.wish(Intent::new(Verb::Inbox, ""), cx),
        }
    }

    fn is_of(&self, draft: &DraftView, kind: Kind, about: &str, cx: &Context<'_>) -> bool {
        let DraftOf::Form { form, about: kept } = &draft.of else {
            return false;
        };
        form == kind.as_str() && self.draw(cx, |look| written(kept.as_str(), look)) == about
    }

    /// Opens what a draft is of; the draft is taken up there.
    fn take_up(&mut self, draft: &DraftView, cx: &Context<'_>) -> Vec<Turn> {
        match self.draw(cx, |look| opener(draft, look)) {
            Some(intent) if intent.verb != Verb::Resume => self.wish(intent, cx),
            _ => vec![self.toast("form-gone")],
        }
    }

    /// After the memory of a form was lost: what was kept last, where that is a form.
    pub(super) fn lost_form(&mut self, cx: &Context<'_>) -> Vec<Turn> {
        let latest = self
            .kept
            .iter()
            .flatten()
            .find(|draft| matches!(draft.of, DraftOf::Form { .. }))
            .cloned();
        let mut turns = vec![self.toast(if latest.is_some() {
            "card-updated"
        } else {
            "form-gone"
        })];
        turns.extend(
            latest
                .map(|draft| self.take_up(&draft, cx))
                .unwrap_or_default(),
        );
        turns
    }

    /// A form begins where it was left.
    pub(super) fn take_up_form(&mut self, cx: &Context<'_>) -> Vec<Turn> {
        self.focus = Focus::Form;
        let mut turns = vec![self.toast("draft-resumed")];
        turns.extend(self.form_on(cx));
        turns
    }
}

/// An id as this person writes it.
pub(crate) fn written(id: &str, look: &Look<'_>) -> String {
    let (home, short) = split_id(id);
    look.id(home.unwrap_or_default(), short)
}

/// What opens the thing a draft is of, so that it goes on.
pub(crate) fn opener(draft: &DraftView, look: &Look<'_>) -> Option<Intent> {
    let (kind, about) = match &draft.of {
        DraftOf::Row { task, .. } => {
            return Some(Intent::new(
                Verb::Start,
                look.id(&draft.jurisdiction, task.as_str()),
            ));
        }
        DraftOf::Form { form, about } => (Kind::parse(form)?, written(about.as_str(), look)),
    };
    let pressed = kind.form().pressed.map(|asked| asked.key);
    let pressed = pressed.and_then(|key| draft.answers.get(key));
    Some(kind.opener(about, pressed.map_or("", String::as_str)))
}

/// Whether what came begins something that is filled in, or goes on with it: that is done in a person's own dialogue,
/// wherever it was pressed or typed.
pub fn fills(input: &Input) -> bool {
    let intent = match input {
        Input::Press(data) => data::read(data),
        Input::Text(line) => match intent::typed(line) {
            Typed::Intent(intent) => Some(intent),
            _ => None,
        },
        _ => None,
    };
    intent.is_some_and(|intent| {
        is_of_sheet(intent.verb)
            || is_of_form(intent.verb)
            || matches!(intent.verb, Verb::Resume | Verb::Cancel)
    })
}

/// Verbs on the way through a sheet.
fn is_of_sheet(verb: Verb) -> bool {
    use Verb::{
        Back, Code, Fill, Later, Nil, Page, Picked, Row, Save, Start, Submit, Summary, Urgent,
    };
    matches!(
        verb,
        Start
            | Row
            | Fill
            | Code
            | Page
            | Picked
            | Urgent
            | Save
            | Back
            | Summary
            | Later
            | Submit
            | Nil
    )
}

/// Verbs that open a form, and those on the way through it.
fn is_of_form(verb: Verb) -> bool {
    matches!(
        verb,
        Verb::Pick | Verb::FormBack | Verb::LeaveOut | Verb::Confirm | Verb::Drop | Verb::FormPage
    ) || opens_form(verb)
}

/// Verbs that open a form.
fn opens_form(verb: Verb) -> bool {
    verb == Verb::Form || Kind::behind(verb).is_some()
}
