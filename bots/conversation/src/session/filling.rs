//! The way through a form in a dialogue: ask, read, choose, go back, check, send.

use std::collections::BTreeMap;

use picket_schemas::Jurisdiction;
use picket_schemas::ask::{Named, PersonView, Question, View};
use picket_schemas::declared::Then;

use crate::cards;
use crate::forms::{self, Ask, Field, FormKind, OpenForm};
use crate::intent::{Intent, IntentVerb};
use crate::session::{Awaited, Context, Effect, Focus, Session};
use crate::sheet::toggle;

/// The thing a form is about.
pub(super) struct FormSubject<'a> {
    pub(super) jurisdiction: &'a str,
    /// The id as the person writes it.
    pub(super) id: &'a str,
    /// The subject, in words.
    pub(super) subject: &'a str,
}

impl Session {
    /// A new form, told from all before by its number: also from those of a session whose memory was lost, for a
    /// number is never older than the second it was given in.
    pub(super) fn form(
        &mut self,
        kind: FormKind,
        jurisdiction: &str,
        about: &str,
        cx: &Context<'_>,
    ) -> OpenForm {
        let now = u64::try_from(cx.now.as_second()).unwrap_or_default();
        self.serial = self.serial.max(now) + 1;
        OpenForm::new(kind, jurisdiction, about, self.serial)
    }

    /// Begins a form that is about nothing there is. Whose roles are not known yet is not refused here.
    pub(super) fn begin_new(
        &mut self,
        kind: FormKind,
        said: &str,
        intent: &Intent,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        if !self.me.roles.is_empty() && !self.me.may(kind.verb()) {
            let act = self.words().word("act", kind.verb());
            let text = self.words().with("not-for-you", &[("act", act.into())]);
            return vec![Effect::Toast(text)];
        }
        let form = self.form(kind, cx.person.jurisdiction().as_str(), "", cx);
        let Some((form, typed)) = form.opened_with(said) else {
            return vec![self.toast("bad-button")];
        };
        // What stands behind the older commands was never an answer.
        let typed = if intent.verb == IntentVerb::Form {
            typed
        } else {
            ""
        };
        self.begin(form, typed, cx)
    }

    /// Begins the form an intent opens about a thing; nothing where the button must be an answer and is none.
    pub(super) fn begin_on(
        &mut self,
        intent: &Intent,
        of: &FormSubject<'_>,
        known: impl FnOnce(&Self, OpenForm) -> Option<OpenForm>,
        cx: &Context<'_>,
    ) -> Option<Vec<Effect>> {
        let (kind, said) = FormKind::opened(intent)?;
        let form = self
            .form(kind, of.jurisdiction, of.id, cx)
            .subject(of.subject);
        let (form, typed) = known(self, form)?.opened_with(said)?;
        Some(self.begin(form, typed, cx))
    }

    /// Begins a form, or goes on with it where it was left. What was typed behind the command answers its
    /// first question.
    pub(super) fn begin(
        &mut self,
        mut form: OpenForm,
        typed: &str,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        if let Some(kept) = self.kept_form(&form).filter(|_| typed.is_empty()) {
            form.resume(&kept.clone());
            self.form = Some(form);
            return self.take_up_form(cx);
        }
        if let Some(known) = form.values.remove("codes-known") {
            form.values.insert("codes".to_owned(), known);
        }
        self.form = Some(form);
        self.focus = Focus::Form;
        if typed.is_empty() {
            self.form_on(cx)
        } else {
            self.form_text(typed, cx)
        }
    }

    /// Shows where the form is, fetching first what the question offers.
    pub(super) fn form_on(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        self.focus = Focus::Form;
        if let Some(turns) = self.keep_form(cx) {
            return turns;
        }
        let Some(form) = &mut self.form else {
            self.focus = Focus::Nothing;
            return vec![self.toast("nothing-to-cancel")];
        };
        if form.current().is_none() && !form.confirming {
            if !form.is_checked() {
                return self.send(cx);
            }
            form.confirming = true;
        }
        let (counts, counted, wants, jurisdiction) = (
            form.kind.selects().next().is_some(),
            form.counted,
            form.wants_offered(),
            Jurisdiction::from(form.jurisdiction.as_str()),
        );
        if form.confirming && counts && counted.is_none() {
            let by = selection(form);
            return self.ask(
                Awaited::Institutions,
                Question::Find {
                    jurisdiction,
                    find: "institution".to_owned(),
                    by,
                },
            );
        }
        let question = match wants {
            Some(Ask::Area) => Question::Areas {
                person: cx.person.clone(),
            },
            Some(Ask::Person(role) | Ask::People(role)) => Question::People {
                jurisdiction,
                role: Some(role.to_owned()),
            },
            _ => {
                let form = form.clone();
                return self.show(self.draw(cx, |look| cards::form::card(&form, look)));
            }
        };
        self.ask(Awaited::Offered, question)
    }

    pub(super) fn form_offered(&mut self, view: View, cx: &Context<'_>) -> Vec<Effect> {
        let mine = self.me.id.clone();
        let Some(form) = &mut self.form else {
            return Vec::new();
        };
        let oneself = form.current().is_some_and(|field| field.oneself);
        match view {
            View::Areas(areas) => form.offer(areas),
            // Handing a task to oneself is no choice; being one's own second officer is.
            View::People(people) => form.offer(
                people
                    .into_iter()
                    .filter(|one| oneself || one.id != mine)
                    .map(named),
            ),
            _ => form.offer([]),
        }
        form.drop_unoffered();
        self.form_on(cx)
    }

    /// A press on a form's card.
    pub(super) fn form_press(&mut self, intent: &Intent, cx: &Context<'_>) -> Vec<Effect> {
        let (field, choice) = intent
            .argument()
            .split_once('.')
            .unwrap_or((intent.argument(), ""));
        let Some(form) = self.form.as_mut() else {
            return self.lost_form(cx);
        };
        let here = field.parse() == Ok(form.field) && intent.revision == Some(form.serial);
        if !here {
            let mut turns = vec![self.toast("card-updated")];
            turns.extend(self.form_on(cx));
            return turns;
        }
        match intent.verb {
            IntentVerb::Pick => return self.pick(choice, cx),
            IntentVerb::FormPage => form.page = choice.parse().unwrap_or_default(),
            IntentVerb::FormBack => form.backward(),
            IntentVerb::LeaveOut => {
                if let Some(field) = form.current().filter(|field| field.optional) {
                    form.values.remove(field.key);
                    form.unsaved = true;
                    form.forward();
                }
            }
            IntentVerb::Confirm if form.confirming => return self.send(cx),
            IntentVerb::Drop => {
                let form = self.form.take();
                self.focus = Focus::Nothing;
                let mut turns = vec![self.toast("form-dropped")];
                turns.extend(self.drop_form(form, Some(Intent::new(IntentVerb::Inbox, "")), cx));
                return turns;
            }
            _ => return vec![self.toast("bad-button")],
        }
        self.form_on(cx)
    }

    fn pick(&mut self, choice: &str, cx: &Context<'_>) -> Vec<Effect> {
        let Some(form) = self.form.clone() else {
            return vec![self.toast("form-gone")];
        };
        let Some(field) = form.current() else {
            return vec![self.toast("bad-button")];
        };
        let known = form.value(field.key);
        let mut several: Vec<String> = picket_schemas::lenient::parts(known)
            .map(str::to_owned)
            .collect();
        if choice == "done" {
            if several.is_empty() && !field.optional {
                return vec![self.toast("bad-empty")];
            }
            return self.take(field.key, several.join(";"), None, cx);
        }
        if field.ask == Ask::Codes {
            if !crate::codes::CATALOGUE.contains(&choice) {
                return vec![self.toast("bad-button")];
            }
            toggle(&mut several, choice);
            self.keep(field.key, several.join(";"));
            return self.form_on(cx);
        }
        let choices = self.draw(cx, |look| form.choices(&field, look));
        let Some((value, label)) = choice
            .parse::<usize>()
            .ok()
            .and_then(|n| choices.get(n).cloned())
        else {
            return vec![self.toast("bad-button")];
        };
        if field.ask.is_many() {
            toggle(&mut several, &value);
            let labels: Vec<_> = choices
                .iter()
                .filter(|(value, _)| several.contains(value))
                .map(|(_, label)| label.clone())
                .collect();
            let between = self.words().say("between");
            self.keep(&format!("{}-name", field.key), labels.join(&between));
            self.keep(field.key, several.join(";"));
            return self.form_on(cx);
        }
        self.take(field.key, value, Some(label), cx)
    }

    /// Typed text answers the question at hand.
    pub(super) fn form_text(&mut self, text: &str, cx: &Context<'_>) -> Vec<Effect> {
        let Some(form) = self.form.clone() else {
            return Vec::new();
        };
        let Some(field) = form.current() else {
            let mut turns = vec![self.toast("form-press")];
            turns.extend(self.form_on(cx));
            return turns;
        };
        match self.draw(cx, |look| form.read(&field, text, look)) {
            Ok(value) => {
                let label = self.draw(cx, |look| form.label(&field, &value, look));
                self.take(field.key, value, label, cx)
            }
            Err(wrong) => {
                let mut turns = vec![self.toast(wrong)];
                turns.extend(self.form_on(cx));
                turns
            }
        }
    }

    fn keep(&mut self, key: &str, value: String) {
        if let Some(form) = &mut self.form {
            form.values.insert(key.to_owned(), value);
            form.unsaved = true;
        }
    }

    /// Keeps an answer and goes on.
    fn take(
        &mut self,
        key: &str,
        value: String,
        label: Option<String>,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        self.keep(key, value);
        let Some(form) = &mut self.form else {
            return Vec::new();
        };
        if let Some(label) = label {
            form.values.insert(format!("{key}-name"), label);
        }
        form.counted = None;
        form.forward();
        self.form_on(cx)
    }

    fn send(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        let Some(form) = self.form.clone() else {
            return vec![self.toast("form-gone")];
        };
        match forms::command(&form) {
            Some(sent) => {
                // A card that shows the answer itself is answer enough.
                let toast = Some(format!("sent-{}", form.kind.as_str()))
                    .filter(|_| !matches!(form.kind.form().then, Then::Answered(_)));
                self.act(
                    &form.jurisdiction,
                    sent.command,
                    toast.as_deref(),
                    &form.about,
                    sent.open,
                )
            }
            None => {
                let mut turns = vec![self.toast("form-incomplete")];
                turns.extend(self.form_again(cx));
                turns
            }
        }
    }

    /// After a refusal: the preview where there is one, else the last question again.
    pub(super) fn form_again(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        if let Some(form) = self.form.as_mut().filter(|form| !form.confirming) {
            form.field = form.fields().len().saturating_sub(1);
            if form.fields().is_empty() {
                self.form = None;
                self.focus = Focus::Nothing;
                return Vec::new();
            }
        }
        self.form_on(cx)
    }

    pub(super) fn counted_institutions(&mut self, view: &View, cx: &Context<'_>) -> Vec<Effect> {
        let Some(form) = &self.form else {
            return Vec::new();
        };
        let View::Found(found) = view else {
            let form = form.clone();
            return self.show(self.draw(cx, |look| cards::form::card(&form, look)));
        };
        let by = form
            .values
            .get("area")
            .map(|area| ("area".to_owned(), area.clone()))
            .into_iter()
            .collect();
        let question = Question::Find {
            jurisdiction: Jurisdiction::from(form.jurisdiction.as_str()),
            find: "post".to_owned(),
            by,
        };
        self.ask(Awaited::Posts(found.len()), question)
    }

    pub(super) fn counted_posts(
        &mut self,
        institutions: usize,
        view: &View,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        let Some(form) = &mut self.form else {
            return Vec::new();
        };
        // Nothing at all means that nobody can count it here; an empty selection is refused by the book.
        if let View::Found(found) = view
            && (institutions > 0 || !found.is_empty())
        {
            form.counted = Some((institutions, found.len()));
        }
        let form = form.clone();
        self.show(self.draw(cx, |look| cards::form::card(&form, look)))
    }
}

fn named(person: PersonView) -> Named {
    Named {
        code: person.id,
        name: person.name,
    }
}

/// The description that a batch is narrowed by.
fn selection(form: &OpenForm) -> BTreeMap<String, String> {
    let answered = |asked: &Field| form.values.get(asked.key).cloned();
    form.kind
        .selects()
        .filter_map(|(asked, by)| Some((by.to_owned(), answered(asked)?)))
        .collect()
}
