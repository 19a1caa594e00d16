//! Forms: what must be asked before a command is complete, one question at a time.
//!
//! A form is a table of fields. Buttons answer where there are few answers, text answers the rest.
//! What cannot be undone, and what has several answers, is shown once more before it is sent.
//! It does not send anything: `forms::command` turns a complete form into a command.

mod command;
mod fields;

pub(crate) use command::command;
pub(crate) use fields::{Ask, Field, departments};

use std::collections::BTreeMap;

use picket_schemas::ask::{DraftView, Named};
use picket_schemas::dispatch::DraftOf;
use serde::{Deserialize, Serialize};

use crate::look::Look;
use crate::when;

macro_rules! kinds {
    ($($var:ident $name:literal),* $(,)?) => {
        /// What a form is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Kind { $( #[doc = concat!("`", $name, "`")] #[serde(rename = $name)] $var ),* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$var),*];

            /// Its name in the texts.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$var => $name),* }
            }
        }
    };
}

kinds! {
    Decline "decline", Return "return", CancelTask "cancel-task", Give "give", Place "place", Batch "batch",
    Classify "classify", RouteTo "route-to", Joint "joint", Merge "merge", NotOurs "not-ours", Outcome "outcome", Verdict "verdict", FileCase "file-case",
    Order "order", Penalty "penalty", Refund "refund", Suspend "suspend", LookBack "look-back", Serve "serve", Fix "fix", Fail "fail",
    Extend "extend", Park "park", Unpark "unpark", Acknowledge "acknowledge",
}

/// The answer under which a draft says at which question it is.
const AT: &str = "at";

impl Kind {
    /// Reads a name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// Whether its command carries photos.
    pub(crate) fn takes_photos(self) -> bool {
        matches!(
            self,
            Self::Place | Self::Verdict | Self::Refund | Self::Serve | Self::Fix | Self::Fail
        )
    }

    /// Whether what it does cannot be taken back.
    pub(crate) fn is_final(self) -> bool {
        matches!(self, Self::CancelTask | Self::Serve | Self::Suspend)
    }
}

/// A form that is being filled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// What for.
    pub kind: Kind,
    /// The thing, as the person writes it; empty where there is none.
    pub about: String,
    /// The jurisdiction the thing belongs to.
    pub jurisdiction: String,
    /// What the thing is, in words.
    pub subject: String,
    /// Tells the buttons of this form from those of older ones.
    pub serial: u64,
    /// Which question.
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
    /// How many institutions and posts a batch would reach.
    #[serde(default)]
    pub counted: Option<(usize, usize)>,
    /// Something was answered that dispatch does not keep yet.
    #[serde(default)]
    pub unsaved: bool,
    /// Dispatch keeps a draft of it.
    #[serde(default)]
    pub kept: bool,
}

impl Form {
    /// An empty form.
    pub(crate) fn new(
        kind: Kind,
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
        fields::fields(self)
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

    /// The people or places to choose from are still to be fetched.
    pub(crate) fn wants_offered(&self) -> Option<Ask> {
        let field = self.current()?;
        (field.ask.is_fetched() && self.offered_for != Some(self.field)).then_some(field.ask)
    }

    /// Keeps what was fetched for the present question.
    pub(crate) fn offer(&mut self, named: impl IntoIterator<Item = Named>) {
        self.offered = named
            .into_iter()
            .take(48)
            .map(|one| (one.code, one.name))
            .collect();
        self.offered_for = Some(self.field);
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

    /// Whether it is shown once more before it is sent: whatever is written about somebody else. Picked codes end
    /// with a press of their own, a promise binds whoever gives it, and that all is still in order is one press.
    pub(crate) fn is_checked(&self) -> bool {
        match self.kind {
            Kind::Classify | Kind::Acknowledge => false,
            Kind::LookBack => self.value("result") == "relapsed",
            _ => true,
        }
    }

    /// What dispatch keeps it under.
    pub(crate) fn of(&self) -> DraftOf {
        let short = picket_schemas::split_id(&self.about).1;
        let about = if short.is_empty() {
            String::new()
        } else {
            format!("{}/{short}", self.jurisdiction)
        };
        DraftOf::Form {
            form: self.kind.as_str().to_owned(),
            about,
        }
    }

    /// What dispatch keeps of it besides the photos: the answers, and at which question it is.
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

    /// The answers offered for a question: value and label.
    pub(crate) fn choices(&self, field: &Field, look: &Look<'_>) -> Vec<(String, String)> {
        match field.ask {
            Ask::Text | Ask::Codes | Ask::Money => Vec::new(),
            Ask::Choice(values) => values
                .iter()
                .map(|value| ((*value).to_owned(), look.words.word(field.key, value)))
                .collect(),
            Ask::Suggest(keys) => keys
                .iter()
                .map(|key| {
                    (
                        look.words.word("suggest", key),
                        look.words.word("suggest", key),
                    )
                })
                .collect(),
            Ask::Offered => self.offered.clone(),
            Ask::Area | Ask::Person(_) | Ask::People(_) => self
                .offered
                .iter()
                .map(|(code, name)| {
                    (
                        code.clone(),
                        if name.is_empty() {
                            code.clone()
                        } else {
                            name.clone()
                        },
                    )
                })
                .collect(),
            Ask::Department => self
                .offered
                .iter()
                .map(|(code, name)| {
                    (
                        code.clone(),
                        if name.is_empty() {
                            look.words.word("department", code)
                        } else {
                            name.clone()
                        },
                    )
                })
                .collect(),
            Ask::Departments => {
                // One that was typed stands among the others, so that it can be taken back.
                let typed: Vec<_> = picket_schemas::lenient::parts(self.value(field.key))
                    .filter(|code| !fields::DEPARTMENTS.contains(code))
                    .collect();
                fields::DEPARTMENTS
                    .iter()
                    .copied()
                    .chain(typed)
                    .map(|code| (code.to_owned(), look.words.word("department", code)))
                    .collect()
            }
            Ask::Span(days) => days
                .iter()
                .map(|days| {
                    (
                        format!("{days}wd"),
                        look.when.span(picket_schemas::Span::working_days(*days)),
                    )
                })
                .collect(),
            Ask::Promise => fields::promises(look),
            Ask::Day => (0..3)
                .filter_map(|days| look.when.on(days, 9, 0))
                .map(|at| {
                    (
                        look.when.zone.to_datetime(at).date().to_string(),
                        look.when.day(look.when.zone.to_datetime(at).date()),
                    )
                })
                .collect(),
            Ask::YesNo => [("true", "yes"), ("false", "no")]
                .map(|(value, key)| (value.to_owned(), look.say(key)))
                .to_vec(),
        }
    }

    /// Reads what somebody typed for a question; the key of what is wrong with it otherwise.
    pub(crate) fn read(
        &self,
        field: &Field,
        text: &str,
        look: &Look<'_>,
    ) -> Result<String, &'static str> {
        let text = crate::plain::plain(text, 500);
        if text.is_empty() {
            return Err("bad-empty");
        }
        let choices = self.choices(field, look);
        let chosen = |text: &str| {
            choices
                .iter()
                .find(|(value, label)| value.eq_ignore_ascii_case(text) || label == text)
                .map(|(value, _)| value.clone())
        };
        let listed = |text: &str| -> Vec<String> {
            text.split([';', '；', ',', '，', '、', ' '])
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| chosen(part).unwrap_or_else(|| part.to_owned()))
                .collect()
        };
        match field.ask {
            Ask::Text | Ask::Suggest(_) | Ask::Offered => Ok(text),
            Ask::Choice(_) | Ask::YesNo => chosen(&text).ok_or("bad-choice"),
            Ask::Area | Ask::Department => Ok(chosen(&text).unwrap_or(text)),
            Ask::Departments => {
                let codes = listed(&text);
                let coded = |code: &String| {
                    code.len() <= 8
                        && code
                            .bytes()
                            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
                };
                if codes.iter().all(coded) {
                    Ok(codes.join(";"))
                } else {
                    Err("bad-choice")
                }
            }
            Ask::Person(_) => self.person(&text).ok_or("bad-person"),
            Ask::People(_) => {
                let parts = text
                    .split([';', '；', ',', '，', '、'])
                    .map(str::trim)
                    .filter(|part| !part.is_empty());
                let people: Option<Vec<_>> = parts.map(|part| self.person(part)).collect();
                people
                    .filter(|people| !people.is_empty())
                    .map(|people| people.join(";"))
                    .ok_or("bad-person")
            }
            Ask::Codes => {
                let codes: Vec<String> = listed(&text)
                    .into_iter()
                    .map(|code| code.to_uppercase())
                    .collect();
                if codes
                    .iter()
                    .all(|code| crate::codes::CATALOGUE.contains(&code.as_str()))
                {
                    Ok(codes.join(";"))
                } else {
                    Err("bad-codes")
                }
            }
            Ask::Money => when::parse_fen(&text)
                .map(|fen| fen.to_string())
                .ok_or("bad-money"),
            Ask::Span(_) => when::parse_span(&text)
                .map(|span| format!("{}{}", span.amount, span.unit.short()))
                .ok_or("bad-span"),
            Ask::Promise => look
                .when
                .parse(&text)
                .filter(|at| *at > look.when.now)
                .map(|at| at.to_string())
                .ok_or("bad-promise"),
            Ask::Day => look
                .when
                .parse_day(&text)
                .map(|day| day.to_string())
                .ok_or("bad-day"),
        }
    }

    /// Takes out of an answer whoever is not offered: nobody is sent who is not shown.
    pub(crate) fn drop_unoffered(&mut self) {
        let Some(field) = self
            .current()
            .filter(|field| matches!(field.ask, Ask::People(_)))
        else {
            return;
        };
        let known: Vec<&str> = picket_schemas::lenient::parts(self.value(field.key))
            .filter(|id| self.offered.iter().any(|(offered, _)| offered == id))
            .collect();
        let known = known.join(";");
        if !self.value(field.key).is_empty() {
            self.values.insert(field.key.to_owned(), known);
        }
    }

    /// The names behind a typed answer, where it was one of those offered.
    pub(crate) fn label(&self, field: &Field, value: &str, look: &Look<'_>) -> Option<String> {
        if !field.ask.is_fetched() {
            return None;
        }
        let choices = self.choices(field, look);
        let names: Vec<_> = picket_schemas::lenient::parts(value)
            .map(|id| {
                choices
                    .iter()
                    .find(|(known, _)| known == id)
                    .map_or(id, |(_, label)| label.as_str())
            })
            .collect();
        Some(names.join(&look.say("between")))
    }

    /// Somebody of those offered, by id, code or name: nobody is taken who is not shown.
    fn person(&self, text: &str) -> Option<String> {
        let named = |(id, name): &&(String, String)| {
            id.eq_ignore_ascii_case(text)
                || picket_schemas::split_id(id).1.eq_ignore_ascii_case(text)
                || name == text
        };
        let mut found = self.offered.iter().filter(named).map(|(id, _)| id.clone());
        found.next().filter(|_| found.next().is_none())
    }

    /// An answer as the person reads it.
    pub(crate) fn shown(&self, field: &Field, value: &str, look: &Look<'_>) -> String {
        let label = |value: &str| {
            self.choices(field, look)
                .into_iter()
                .find(|(known, _)| known == value)
                .map_or_else(|| value.to_owned(), |(_, label)| label)
        };
        match field.ask {
            Ask::Text | Ask::Suggest(_) | Ask::Offered => value.to_owned(),
            Ask::Codes if value.is_empty() => look.say("codes-unsure"),
            Ask::Codes => look.codes(
                &picket_schemas::lenient::parts(value)
                    .map(str::to_owned)
                    .collect::<Vec<_>>(),
            ),
            Ask::Money => look.with(
                "yuan",
                &[("yuan", when::yuan(value.parse().unwrap_or_default()).into())],
            ),
            Ask::Span(_) => value
                .parse()
                .map_or_else(|_| value.to_owned(), |span| look.when.span(span)),
            Ask::Promise => value
                .parse()
                .map_or_else(|_| value.to_owned(), |at| look.when.moment(at)),
            Ask::Departments => picket_schemas::lenient::parts(value)
                .map(label)
                .collect::<Vec<_>>()
                .join(&look.say("between")),
            // What was fetched for an earlier question is gone by now; its name was kept beside the value.
            Ask::Area | Ask::Person(_) | Ask::People(_) | Ask::Department => self
                .values
                .get(&format!("{}-name", field.key))
                .cloned()
                .unwrap_or_else(|| value.to_owned()),
            Ask::Choice(_) | Ask::Day | Ask::YesNo => label(value),
        }
    }
}
