//! Forms: what must be asked before a command is complete, one question at a time.
//!
//! What a form asks stands where its command is declared. Buttons answer where there are few answers, text answers the rest.
//! What cannot be undone, and what has several answers, is shown once more before it is sent.
//! It does not send anything: `forms::command` turns a complete form into a command.

mod answer;
mod choices;
mod command;
mod kind;

pub(crate) use choices::departments;
pub(crate) use command::{command, shows};
pub use kind::FormKind;
pub(crate) use picket_schemas::declared::{Ask, Asked as Field};

use std::collections::BTreeMap;

use picket_schemas::ask::DraftView;
use picket_schemas::declared::{Shown, When};
use picket_schemas::dispatch::DraftOf;
use serde::{Deserialize, Serialize};

/// The answer under which a draft says at which question it is.
const AT: &str = "at";

/// A form that is being filled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenForm {
    /// The kind.
    pub kind: FormKind,
    /// The thing, as the person writes it; empty where there is none.
    pub about: String,
    /// The jurisdiction the thing belongs to.
    pub jurisdiction: String,
    /// The subject, in words.
    pub subject: String,
    /// Tells the buttons of this form from those of older ones.
    pub serial: u64,
    /// The index of the question at hand.
    pub field: usize,
    /// The answers so far; several in one are separated by `;`.
    pub values: BTreeMap<String, String>,
    /// People, places or words to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<(String, String)>,
    /// For which question they were fetched.
    #[serde(default)]
    pub offered_for: Option<usize>,
    /// The page of choices shown.
    pub page: usize,
    /// Hashes of photos.
    pub evidence: Vec<String>,
    /// All is answered; the preview is shown.
    pub confirming: bool,
    /// The numbers of institutions and posts a batch would reach.
    #[serde(default)]
    pub counted: Option<(usize, usize)>,
    /// Something was answered that dispatch does not keep yet.
    #[serde(default)]
    pub unsaved: bool,
    /// Dispatch keeps a draft of it.
    #[serde(default)]
    pub kept: bool,
}

impl OpenForm {
    /// An empty form.
    pub(crate) fn new(
        kind: FormKind,
        jurisdiction: &str,
        about: impl Into<String>,
        serial: u64,
    ) -> Self {
        Self {
            kind,
            about: about.into(),
            jurisdiction: jurisdiction.to_owned(),
            subject: String::new(),
            serial,
            field: 0,
            values: BTreeMap::new(),
            offered: Vec::new(),
            offered_for: None,
            page: 0,
            evidence: Vec::new(),
            confirming: false,
            counted: None,
            unsaved: false,
            kept: false,
        }
    }

    /// With an answer known beforehand.
    pub(crate) fn set(mut self, key: &str, value: impl Into<String>) -> Self {
        self.values.insert(key.to_owned(), value.into());
        self
    }

    /// With words that say what it is about.
    pub(crate) fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// The questions, given the answers so far.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let asks = self.kind.form().asks.iter().copied();
        asks.filter(|asked| self.is_asked(asked)).collect()
    }

    /// True if a question is one, given the answers so far.
    pub(crate) fn is_asked(&self, asked: &Field) -> bool {
        match asked.when {
            When::Always => true,
            When::If(key, value) => self.value(key) == value,
            When::Unless(key, value) => self.value(key) != value,
        }
    }

    /// True if one of its questions is answered so.
    pub(crate) fn asks(&self, ask: Ask) -> bool {
        self.kind.form().asks.iter().any(|asked| asked.ask == ask)
    }

    /// With what is said by whoever opens it: the answer that the button is, and what is left of it to answer the
    /// first question; nothing where the button must be an answer and is none.
    pub(crate) fn opened_with(self, said: &str) -> Option<(Self, &str)> {
        let Some(asked) = self.kind.form().pressed else {
            return Some((self, said));
        };
        let answer = match asked.ask {
            Ask::YesNo => matches!(said, "true" | "yes" | "是" | "y").to_string(),
            Ask::Choice(values) => (*values.iter().find(|value| **value == said)?).to_owned(),
            _ => said.to_owned(),
        };
        Some((self.set(asked.key, answer), ""))
    }

    /// The question it is at.
    pub(crate) fn current(&self) -> Option<Field> {
        self.fields()
            .get(self.field)
            .copied()
            .filter(|_| !self.confirming)
    }

    /// An answer, or nothing.
    pub(crate) fn value(&self, key: &str) -> &str {
        self.values.get(key).map(String::as_str).unwrap_or_default()
    }

    /// Goes on to the next question; true when all are answered.
    pub(crate) fn forward(&mut self) -> bool {
        self.field += 1;
        self.page = 0;
        self.field >= self.fields().len()
    }

    /// Goes back to the question before, or from the preview to the first.
    pub(crate) fn backward(&mut self) {
        self.field = if self.confirming {
            0
        } else {
            self.field.saturating_sub(1)
        };
        self.page = 0;
        self.confirming = false;
    }

    /// True if it is shown once more before it is sent: whatever is written about somebody else. Picked codes end
    /// with a press of their own, a promise binds whoever gives it, and that all is still in order is one press.
    pub(crate) fn is_checked(&self) -> bool {
        match self.kind.form().shown {
            Shown::WholeThenConfirm | Shown::FinalThenConfirm => true,
            Shown::WholeIf(key, value) => self.value(key) == value,
            Shown::AtOnce => false,
        }
    }

    /// The key under which dispatch keeps it.
    pub(crate) fn of(&self) -> DraftOf {
        let short = picket_schemas::split_id(&self.about).1;
        let about = if short.is_empty() {
            String::new()
        } else {
            format!("{}/{short}", self.jurisdiction)
        };
        DraftOf::Form {
            form: self.kind.as_str().to_owned(),
            about: about.into(),
        }
    }

    /// The fields dispatch keeps of it besides the photos: the answers, and the question at hand.
    pub(crate) fn answers(&self) -> BTreeMap<String, String> {
        let mut answers = self.values.clone();
        answers.insert(AT.to_owned(), self.field.to_string());
        answers
    }

    /// Goes on with what was kept. What the press that opened the form says stands.
    pub(crate) fn resume(&mut self, kept: &DraftView) {
        for (key, value) in kept.answers.iter().filter(|(key, _)| *key != AT) {
            self.values
                .entry(key.clone())
                .or_insert_with(|| value.clone());
        }
        self.evidence.clone_from(&kept.evidence);
        let at = kept
            .answers
            .get(AT)
            .and_then(|at| at.parse().ok())
            .unwrap_or(0_usize);
        self.field = at.min(self.fields().len());
        self.kept = true;
    }
}
