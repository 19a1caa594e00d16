//! Drafts: what is half typed is kept in dispatch at once, and taken up again on whichever phone comes next.
//!
//! A session knows what was kept from the person's inbox and from what it kept itself. It never shows a
//! draft as something that was said: that is what sending is for.

use picket_schemas::ask::{DraftView, View};
use picket_schemas::dispatch::{self, DraftOf};
use picket_schemas::{Answer, Jurisdiction, Problem, split_id};
use serde::{Deserialize, Serialize};

use crate::data;
use crate::forms::{FormKind, OpenForm};
use crate::intent::{self, Intent, IntentVerb, TextMeaning};
use crate::look::ViewContext;
use crate::session::{Awaited, Context, Effect, Focus, Input, Session};

/// The continuation after a draft is kept or dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum AfterDraft {
    /// Nothing: the card is there already.
    Rest,
    /// The form goes on.
    Form,
    /// This is opened.
    Open(Intent),
}

impl Session {
    /// True if an intent may go on with something half done that this session has not heard of yet.
    pub(super) fn must_read_drafts(&self, intent: &Intent) -> bool {
        let lost = match intent.verb {
            IntentVerb::Resume => {
                !intent.argument().is_empty() || self.form.is_none() && self.draft.is_none()
            }
            IntentVerb::Start
            | IntentVerb::Row
            | IntentVerb::Fill
            | IntentVerb::Code
            | IntentVerb::Page
            | IntentVerb::Picked
            | IntentVerb::Urgent
            | IntentVerb::Save
            | IntentVerb::Back => self.draft.is_none(),
            IntentVerb::Pick
            | IntentVerb::FormBack
            | IntentVerb::LeaveOut
            | IntentVerb::Confirm
            | IntentVerb::Drop
            | IntentVerb::FormPage => self.form.is_none(),
            verb => opens_form(verb),
        };
        lost && self.kept.is_none()
    }

    pub(super) fn read_drafts(
        &mut self,
        intent: Intent,
        view: View,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        self.kept = Some(match view {
            View::Inbox(inbox) => inbox.drafts,
            _ => Vec::new(),
        });
        self.wish(intent, cx)
    }

    /// Keeps the row at hand, where something changed in it; comes behind its card.
    pub(super) fn keep_row(&mut self, cx: &Context<'_>) -> Vec<Effect> {
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
            AfterDraft::Rest,
        )
    }

    /// Keeps the form at hand, where something changed in it; comes before its card.
    pub(super) fn keep_form(&mut self, cx: &Context<'_>) -> Option<Vec<Effect>> {
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
            AfterDraft::Form,
        ))
    }

    /// Drops what is kept of a form that is over, and opens what comes next.
    pub(super) fn drop_form(
        &mut self,
        form: Option<OpenForm>,
        open: Option<Intent>,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        let Some(form) = form.filter(|form| form.kept) else {
            return open.map(|open| self.wish(open, cx)).unwrap_or_default();
        };
        let then = open.map_or(AfterDraft::Rest, AfterDraft::Open);
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

    fn keep_draft(&mut self, draft: DraftView, then: AfterDraft) -> Vec<Effect> {
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
        self.awaiting = Some(Awaited::Kept(then));
        vec![Effect::Do {
            at,
            command: Box::new(command.into()),
            observed: None,
        }]
    }

    /// Forgets the draft of a row or form that is over.
    pub(super) fn forget(&mut self, jurisdiction: &str, of: &DraftOf) {
        if let Some(kept) = &mut self.kept {
            kept.retain(|draft| draft.of != *of || draft.jurisdiction != jurisdiction);
        }
    }

    /// How keeping ended. What could not be kept is still in hand, and the person is told.
    pub(super) fn kept(
        &mut self,
        then: AfterDraft,
        result: Result<Answer, Problem>,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        let mut turns = Vec::new();
        // What is over need not be dropped twice; it is forgotten in a month.
        if let (Err(problem), false) = (&result, matches!(then, AfterDraft::Open(_))) {
            turns.push(Effect::Toast(
                self.words()
                    .with("draft-not-kept", &[("why", self.sorry(problem).into())]),
            ));
        }
        match then {
            AfterDraft::Rest => {}
            AfterDraft::Form => turns.extend(self.form_on(cx)),
            AfterDraft::Open(intent) => turns.extend(self.wish(intent, cx)),
        }
        turns
    }

    /// The draft of a form about this thing.
    pub(super) fn kept_form(&self, form: &OpenForm) -> Option<&DraftView> {
        let of = form.of();
        self.kept.iter().flatten().find(|draft| draft.of == of)
    }

    /// Goes on with what is at hand, or else with what was kept last.
    pub(super) fn resume(&mut self, intent: &Intent, cx: &Context<'_>) -> Vec<Effect> {
        if let Some(kind) = FormKind::parse(intent.argument()) {
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
            (Some(draft), _) => self.wish(Intent::new(IntentVerb::Start, draft.task.clone()), cx),
            (None, Some(latest)) => self.take_up(&latest, cx),
            (None, None) => self.wish(Intent::new(IntentVerb::Inbox, ""), cx),
        }
    }

    fn is_of(&self, draft: &DraftView, kind: FormKind, about: &str, cx: &Context<'_>) -> bool {
        let DraftOf::Form { form, about: kept } = &draft.of else {
            return false;
        };
        form == kind.as_str() && self.draw(cx, |look| written(kept.as_str(), look)) == about
    }

    /// Opens what a draft is of; the draft is taken up there.
    fn take_up(&mut self, draft: &DraftView, cx: &Context<'_>) -> Vec<Effect> {
        match self.draw(cx, |look| opener(draft, look)) {
            Some(intent) if intent.verb != IntentVerb::Resume => self.wish(intent, cx),
            _ => vec![self.toast("form-gone")],
        }
    }

    /// After the memory of a form was lost: what was kept last, where that is a form.
    pub(super) fn lost_form(&mut self, cx: &Context<'_>) -> Vec<Effect> {
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
    pub(super) fn take_up_form(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        self.focus = Focus::Form;
        let mut turns = vec![self.toast("draft-resumed")];
        turns.extend(self.form_on(cx));
        turns
    }
}

/// An id as this person writes it.
pub(crate) fn written(id: &str, look: &ViewContext<'_>) -> String {
    let (home, short) = split_id(id);
    look.id(home.unwrap_or_default(), short)
}

/// The intent that opens a draft, so that it goes on.
pub(crate) fn opener(draft: &DraftView, look: &ViewContext<'_>) -> Option<Intent> {
    let (kind, about) = match &draft.of {
        DraftOf::Row { task, .. } => {
            return Some(Intent::new(
                IntentVerb::Start,
                look.id(&draft.jurisdiction, task.as_str()),
            ));
        }
        DraftOf::Form { form, about } => (FormKind::parse(form)?, written(about.as_str(), look)),
    };
    let pressed = kind.form().pressed.map(|asked| asked.key);
    let pressed = pressed.and_then(|key| draft.answers.get(key));
    Some(kind.opener(about, pressed.map_or("", String::as_str)))
}

/// True if what came begins something that is filled in, or goes on with it: that is done in a person's own dialogue,
/// wherever it was pressed or typed.
pub fn fills(input: &Input) -> bool {
    let intent = match input {
        Input::Press(data) => data::read(data),
        Input::Text(line) => match intent::typed(line) {
            TextMeaning::Intent(intent) => Some(intent),
            _ => None,
        },
        _ => None,
    };
    intent.is_some_and(|intent| {
        is_of_sheet(intent.verb)
            || is_of_form(intent.verb)
            || matches!(intent.verb, IntentVerb::Resume | IntentVerb::Cancel)
    })
}

/// Verbs on the way through a sheet.
fn is_of_sheet(verb: IntentVerb) -> bool {
    use IntentVerb::{
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
fn is_of_form(verb: IntentVerb) -> bool {
    matches!(
        verb,
        IntentVerb::Pick
            | IntentVerb::FormBack
            | IntentVerb::LeaveOut
            | IntentVerb::Confirm
            | IntentVerb::Drop
            | IntentVerb::FormPage
    ) || opens_form(verb)
}

/// Verbs that open a form.
fn opens_form(verb: IntentVerb) -> bool {
    verb == IntentVerb::Form || FormKind::behind(verb).is_some()
}
