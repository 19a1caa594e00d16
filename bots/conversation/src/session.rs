//! One person's dialogue: what came in becomes turns, and answers are fed back in.
//!
//! A [`Session`] asks and acts through turns instead of doing so itself: the driver performs an
//! [`Effect::Ask`] or [`Effect::Do`] and hands the result back as the next input. So a dialogue is a plain
//! value that can be stored, replayed and tested. At most one turn of a round waits, and it is the last.
//! It does not know who may do what: a refusal comes back and is said kindly.

mod answer;
mod filling;
pub(crate) mod keeping;
pub(crate) mod lead;
mod meet;
mod notice;
mod order;
mod question;
mod sheet;
mod task;
mod trouble;
mod turn;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_schemas::ask::{DraftView, Question, StepView};
use picket_schemas::{Command, Jurisdiction, PersonId};
use serde::{Deserialize, Serialize};

use crate::card::Card;
use crate::cards;
use crate::data;
use crate::forms::{FormKind, OpenForm};
use crate::intent::{self, Intent, IntentVerb, TextMeaning};
use crate::look::{Profile, ViewContext};
use crate::sheet::RowDraft;
use crate::when::LocalTime;
use picket_phrases::{Language, Texts};

pub use keeping::fills;
pub use notice::{CourierNotice, bundled};
pub use turn::{Effect, Input};

/// Now, where, and who.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The present.
    pub now: Timestamp,
    /// The zone people live in.
    pub zone: &'a TimeZone,
    /// The person of the dialogue.
    pub person: &'a PersonId,
}

/// The purpose of the next result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Awaited {
    /// The person's profile, before the inbox is shown.
    Hello,
    /// An intent that needed to read first.
    For(Intent),
    /// A notice whose card is drawn from what is read.
    Notice(CourierNotice),
    /// Offers that came together.
    Offers(Vec<CourierNotice>),
    /// The drafts, before an intent that may go on with one.
    Drafts(Intent),
    /// The end of keeping a draft.
    Kept(keeping::AfterDraft),
    /// Choices for the question of a form.
    Offered,
    /// The number of institutions a batch reaches.
    Institutions,
    /// The number of posts it reaches, besides so many institutions.
    Posts(usize),
    /// The end of a command.
    Done(FollowUp),
}

/// The follow-up of a command that was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct FollowUp {
    /// The text said, with the first id created in it.
    toast: Option<String>,
    /// The thing it was about, for texts that name it.
    about: String,
    /// The intent opened then.
    open: Option<Intent>,
}

/// The dialogue's part that a text or a photo belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Focus {
    #[default]
    Nothing,
    Sheet,
    Form,
}

/// One person's dialogue.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Session {
    language: Language,
    /// The person chose the language here; the roster no longer decides it.
    #[serde(default)]
    chosen: bool,
    me: Profile,
    draft: Option<RowDraft>,
    form: Option<OpenForm>,
    /// The drafts kept in dispatch, the latest first; nothing where they were not read yet.
    #[serde(default)]
    kept: Option<Vec<DraftView>>,
    focus: Focus,
    awaiting: Option<Awaited>,
    /// The step that is being acknowledged: it leaves the inbox by that, and its card stays.
    #[serde(default)]
    step: Option<StepView>,
    /// Counts forms, so that buttons of an older one are known.
    serial: u64,
    /// The round began with a press: what it leads to replaces the pressed card.
    edits: bool,
}

impl Session {
    /// A dialogue in a language the person chose.
    pub fn speaking(language: Language) -> Self {
        Self {
            language,
            chosen: true,
            ..Self::default()
        }
    }

    /// The language it speaks.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Takes one input and says what to do next.
    pub fn handle(&mut self, input: Input, cx: &Context<'_>) -> Vec<Effect> {
        if self.me.id.is_empty() {
            self.me = Profile::unknown(cx.person);
        }
        let mut turns = match input {
            Input::Start => {
                self.edits = false;
                self.ask(
                    Awaited::Hello,
                    Question::Person {
                        person: cx.person.clone(),
                    },
                )
            }
            Input::Text(text) => {
                self.edits = false;
                self.text(&text, cx)
            }
            Input::Press(data) => {
                self.edits = true;
                match data::read(&data) {
                    Some(intent) => self.wish(intent, cx),
                    None => vec![Effect::Toast(self.words().say("bad-button"))],
                }
            }
            Input::Photo { hash, name } => self.photo(&hash, &name, cx),
            Input::Location {
                latitude,
                longitude,
                accuracy_m,
            } => self.location(latitude, longitude, accuracy_m, cx),
            Input::Notice(notice) => self.notice(notice, cx),
            Input::Offers(notices) => self.offers(notices, cx),
            Input::Answered(view) => self.answered(*view, cx),
            Input::Done(result) => self.done(result, cx),
            Input::Failed(problem) => {
                self.awaiting = None;
                vec![Effect::Toast(self.sorry(&problem))]
            }
        };
        if !turns
            .iter()
            .any(|turn| matches!(turn, Effect::Ask(_) | Effect::Do { .. }))
        {
            turns.push(Effect::Remember);
        }
        turns
    }

    fn words(&self) -> &'static Texts {
        Texts::of(self.language)
    }

    /// Draws with what is known of the person.
    fn draw<T>(&self, cx: &Context<'_>, draw: impl FnOnce(&ViewContext<'_>) -> T) -> T {
        let words = self.words();
        draw(&ViewContext {
            me: &self.me,
            words,
            when: LocalTime {
                now: cx.now,
                zone: cx.zone,
                words,
            },
        })
    }

    /// Shows a card: in the place of the pressed one, or as a new message.
    fn show(&self, card: Card) -> Vec<Effect> {
        let card = card.fit();
        vec![if self.edits {
            Effect::Edit(card)
        } else {
            Effect::Show(card)
        }]
    }

    fn toast(&self, key: &str) -> Effect {
        Effect::Toast(self.words().say(key))
    }

    fn ask(&mut self, awaiting: Awaited, question: Question) -> Vec<Effect> {
        self.awaiting = Some(awaiting);
        vec![Effect::Ask(question)]
    }

    fn act(
        &mut self,
        jurisdiction: &str,
        command: impl Into<Command>,
        toast: Option<&str>,
        about: &str,
        open: Option<Intent>,
    ) -> Vec<Effect> {
        self.awaiting = Some(Awaited::Done(FollowUp {
            toast: toast.map(str::to_owned),
            about: about.to_owned(),
            open,
        }));
        let at = if jurisdiction.is_empty() {
            self.me.home()
        } else {
            jurisdiction
        };
        vec![Effect::Do {
            at: Jurisdiction::from(at),
            command: Box::new(command.into()),
            observed: None,
        }]
    }

    /// Acts on an intent that needs nothing filled in: what is typed next belongs to no form and no sheet.
    fn act_at_once(
        &mut self,
        jurisdiction: &str,
        command: impl Into<Command>,
        toast: &str,
        about: &str,
        open: Intent,
    ) -> Vec<Effect> {
        self.focus = Focus::Nothing;
        self.act(jurisdiction, command, Some(toast), about, Some(open))
    }

    fn text(&mut self, text: &str, cx: &Context<'_>) -> Vec<Effect> {
        let command = text.trim_start().starts_with(['/', '／']);
        if !command && text.trim().is_empty() {
            return Vec::new();
        }
        match (command, self.focus) {
            (false, Focus::Form) if self.form.is_some() => self.form_text(text, cx),
            (false, Focus::Sheet) if self.draft.as_ref().is_some_and(RowDraft::is_at_row) => {
                self.sheet_text(text, cx)
            }
            _ => match intent::typed(text) {
                TextMeaning::Intent(intent) => self.wish(intent, cx),
                TextMeaning::Incomplete(verb) => vec![Effect::Toast(
                    self.words()
                        .with("incomplete", &[("verb", verb.as_str().into())]),
                )],
                TextMeaning::IncompleteForm(kind) => vec![Effect::Toast(
                    self.words()
                        .with("incomplete", &[("verb", kind.as_str().into())]),
                )],
                TextMeaning::UnknownCommand => {
                    let mut turns = vec![self.toast("unknown-command")];
                    turns.extend(self.show(self.draw(cx, cards::person::menu)));
                    turns
                }
                TextMeaning::Text => self.show(self.draw(cx, cards::person::menu)),
            },
        }
    }

    /// Reads what an intent needs, or acts at once where it needs nothing.
    fn wish(&mut self, intent: Intent, cx: &Context<'_>) -> Vec<Effect> {
        if self.must_read_drafts(&intent) {
            return self.ask(
                Awaited::Drafts(intent),
                Question::Inbox {
                    person: cx.person.clone(),
                },
            );
        }
        match self.question(&intent, cx) {
            Some(question) => self.ask(Awaited::For(intent), question),
            None => self.plainly(intent, cx),
        }
    }

    /// Intents that read nothing.
    fn plainly(&mut self, intent: Intent, cx: &Context<'_>) -> Vec<Effect> {
        match intent.verb {
            IntentVerb::Help => {
                self.focus = Focus::Nothing;
                self.show(self.draw(cx, cards::person::help))
            }
            IntentVerb::Language => self.speak(&intent, cx),
            IntentVerb::Resume => self.resume(&intent, cx),
            IntentVerb::Cancel => self.leave(cx),
            _ => match FormKind::opened(&intent) {
                Some((kind, said)) => self.begin_new(kind, said, &intent, cx),
                None => self.form_press(&intent, cx),
            },
        }
    }

    fn speak(&mut self, intent: &Intent, cx: &Context<'_>) -> Vec<Effect> {
        let wished = if intent.id.is_empty() {
            intent.argument()
        } else {
            &intent.id
        };
        let Some(language) = Language::parse(wished) else {
            return vec![self.toast("bad-language")];
        };
        (self.language, self.chosen) = (language, true);
        let mut turns = vec![self.toast("language-set")];
        turns.extend(self.wish(Intent::new(IntentVerb::WhoAmI, ""), cx));
        turns
    }

    fn leave(&mut self, cx: &Context<'_>) -> Vec<Effect> {
        let key = match self.focus {
            Focus::Form => "form-dropped",
            Focus::Sheet => "sheet-kept",
            Focus::Nothing => "nothing-to-cancel",
        };
        let form = if self.focus == Focus::Form {
            self.form.take()
        } else {
            None
        };
        self.focus = Focus::Nothing;
        let mut turns = vec![self.toast(key)];
        turns.extend(self.drop_form(form, Some(Intent::new(IntentVerb::Inbox, "")), cx));
        turns
    }

    fn plain_card(
        &mut self,
        cx: &Context<'_>,
        card: impl FnOnce(&ViewContext<'_>) -> Card,
    ) -> Vec<Effect> {
        self.focus = Focus::Nothing;
        self.show(self.draw(cx, card))
    }

    /// True if the person saw an older state of the thing than there is.
    fn is_stale(intent: &Intent, revision: u64) -> bool {
        intent.revision.is_some_and(|seen| seen != revision)
    }

    /// Shows what became of a thing meanwhile, instead of doing what was wished of its older state.
    fn updated(
        &mut self,
        cx: &Context<'_>,
        card: impl FnOnce(&ViewContext<'_>) -> Card,
    ) -> Vec<Effect> {
        self.focus = Focus::Nothing;
        self.stale(self.draw(cx, card))
    }

    fn stale(&self, card: Card) -> Vec<Effect> {
        let mut turns = vec![self.toast("card-updated")];
        turns.extend(self.show(card));
        turns
    }
}

#[cfg(test)]
mod wire_tests;
