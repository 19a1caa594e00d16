//! The kind of a form: one of those that are declared with the commands they become.
//!
//! Whatever is known of a form before it is filled is read from its declaration. A kind is stored by its name.

use std::fmt;

use picket_schemas::declared::{self, Ask, Asked, Declared, Fills, Shown, Thing};
use picket_schemas::{Command, Field};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::intent::{Intent, IntentVerb};

/// The kind of a form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FormKind(&'static str);

impl FormKind {
    /// Every kind.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        declared::forms().map(|(_, form)| Self(form.name))
    }

    /// Reads a name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        declared::form_named(name).map(|(_, form)| Self(form.name))
    }

    /// Its name in drafts and in the texts.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    fn entry(self) -> (&'static Declared, &'static declared::Form) {
        declared::form_named(self.0).expect("a kind is the name of a form that is declared")
    }

    /// The form as it is declared.
    pub(crate) fn form(self) -> &'static declared::Form {
        self.entry().1
    }

    /// The verb of its command.
    pub(crate) fn verb(self) -> &'static str {
        self.entry().0.verb
    }

    /// The fields of its command.
    pub(crate) fn fields(self) -> &'static [Field] {
        let of = |(verb, fields): (&str, _)| (verb == self.verb()).then_some(fields);
        Command::forms().into_iter().find_map(of).unwrap_or(&[])
    }

    /// On whose card it is opened.
    pub(crate) fn thing(self) -> Option<Thing> {
        self.form().card.map(|card| card.thing)
    }

    /// True if its command carries photos.
    pub(crate) fn takes_photos(self) -> bool {
        self.fields().iter().any(|field| field.name == "evidence")
    }

    /// True if what it does cannot be taken back.
    pub(crate) fn is_final(self) -> bool {
        self.form().shown == Shown::FinalThenConfirm
    }

    /// The questions that narrow the places it reaches, each with the field it narrows them by.
    pub(crate) fn selects(self) -> impl Iterator<Item = (&'static Asked, &'static str)> {
        self.form().asks.iter().filter_map(|asked| {
            let Fills::Field(field) = asked.fills else {
                return None;
            };
            Some((asked, field.strip_prefix("select.")?))
        })
    }

    /// The intent that opens it, with an answer that the button is.
    pub(crate) fn opener(self, about: impl Into<String>, pressed: &str) -> Intent {
        let argument = |text: String, intent: Intent| match text.as_str() {
            "" => intent,
            _ => intent.with(text),
        };
        match self.form().word.and_then(IntentVerb::parse) {
            Some(verb) => argument(pressed.to_owned(), Intent::new(verb, about)),
            None if pressed.is_empty() => Intent::new(IntentVerb::Form, about).with(self.0),
            None => Intent::new(IntentVerb::Form, about).with(format!("{}.{pressed}", self.0)),
        }
    }

    /// Its buttons: the key of the text on each, and the answer that it is.
    pub(crate) fn buttons(self) -> Vec<(String, &'static str)> {
        let answers: &[&str] = match self.form().pressed.map(|asked| asked.ask) {
            Some(Ask::Choice(values)) => values,
            Some(Ask::YesNo) => &["yes", "no"],
            _ => return vec![(format!("do-{self:?}"), "")],
        };
        let of = |answer: &&'static str| (format!("do-{self:?}-{answer}"), *answer);
        answers.iter().map(of).collect()
    }

    /// The kind an intent opens, and what is said with it: the answer that the button is, or what was typed behind
    /// the command.
    pub(crate) fn opened(intent: &Intent) -> Option<(Self, &str)> {
        let said = intent.argument();
        if intent.verb != IntentVerb::Form {
            return Self::behind(intent.verb).map(|kind| (kind, said));
        }
        let end = |c: char| c == '.' || c.is_whitespace();
        let (name, said) = said.split_once(end).unwrap_or((said, ""));
        Self::parse(name).map(|kind| (kind, said.trim()))
    }

    /// The kind whose button has this word of its own.
    pub(crate) fn behind(verb: IntentVerb) -> Option<Self> {
        declared::forms()
            .find(|(_, form)| form.word == Some(verb.as_str()))
            .map(|(_, form)| Self(form.name))
    }
}

impl fmt::Debug for FormKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for FormKind {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for FormKind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        Self::parse(&name).ok_or_else(|| de::Error::custom(format!("no form is named `{name}`")))
    }
}

#[cfg(test)]
mod known {
    //! The forms there were before they were declared with their commands: dialogues and drafts hold their names.

    use super::FormKind;

    macro_rules! known {
        ($($var:ident $name:literal),* $(,)?) => {
            #[expect(non_upper_case_globals, reason = "tests name them as they name variants")]
            impl FormKind {
                $(pub(crate) const $var: Self = Self($name);)*
                pub(crate) const ALL: &'static [Self] = &[$(Self::$var),*];
            }
        };
    }

    known! {
        Decline "decline", Return "return", CancelTask "cancel-task", Give "give", Place "place", Batch "batch",
        Classify "classify", RouteTo "route-to", Joint "joint", Merge "merge", NotOurs "not-ours", Outcome "outcome", Verdict "verdict", FileCase "file-case",
        Order "order", Penalty "penalty", Refund "refund", Suspend "suspend", LookBack "look-back", Serve "serve", Fix "fix", Fail "fail",
        Extend "extend", Park "park", Unpark "unpark", Acknowledge "acknowledge",
    }
}
