//! The sentence of an event in a timeline: what happened, of whom and when, in one line.
//!
//! It is made of [`EventFields`], the fields of the event with names in place of ids. The texts stand under `happened-`
//! and the event's kind, with a flag behind it where the sentence depends on one. It does not know how an event was
//! found, nor who may read it.

use std::collections::BTreeMap;

use fluent_bundle::FluentValue;
use fluent_bundle::types::FluentNumberType;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use picket_schemas::escalation::{Because, Duty};
use picket_schemas::rectification::RouteMatch;
use picket_schemas::registry::{Role, Target};
use picket_schemas::{PersonId, Span};

use crate::Texts;

/// The fields of an event by their names on the wire.
pub type EventFields = BTreeMap<String, FieldValue>;

/// The value of a field, with names in place of ids.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// A text, an id or a word of the wire, as it stands.
    Text(String),
    /// A count, a number or an amount.
    Number(i64),
    /// A flag.
    Flag(bool),
    /// People or departments.
    Names(Vec<Name>),
    /// Codes of violations.
    Codes(Vec<String>),
    /// An instant.
    At(Timestamp),
    /// A length of time.
    Length(Span),
    /// A row of a routing table and what it matched on.
    Rule(RouteMatch),
    /// Why a step of the ladder goes to whom it goes, with the people it names.
    Because(Because, BTreeMap<PersonId, Name>),
}

/// The name of a person or a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// In full.
    Full(String),
    /// Whoever found something, who must not be named: the post, or nothing where none is known.
    Finder(String),
}

impl Name {
    /// The name in a language.
    pub fn say(&self, words: &Texts) -> String {
        match self {
            Self::Full(name) => name.clone(),
            Self::Finder(post) if post.is_empty() => words.say("told-somebody"),
            Self::Finder(post) => words.with("told-somebody-of", &[("post", post.clone().into())]),
        }
    }
}

/// Facts whose truth makes another sentence.
const FLAGS: &[&str] = &["nil", "urgent", "late", "provisional", "joint"];

/// Fields in which somebody said why, or what was seen.
const NOTES: &[&str] = &["reason", "note", "seen", "text", "why"];

/// The sentence of an event; its kind where there is no text for it.
pub fn sentence(kind: &str, facts: &EventFields, words: &Texts, zone: &TimeZone) -> String {
    let base = format!("happened-{}", kind.replace('.', "-"));
    if !words.has(&base) {
        return kind.replace('.', " ");
    }
    let teller = EventSentence {
        kind,
        facts,
        words,
        zone,
    };
    let key = teller
        .variant()
        .map(|variant| format!("{base}-{variant}"))
        .filter(|key| words.has(key))
        .unwrap_or(base);
    words.with(&key, &teller.values())
}

/// The row of a routing table that matched, and the fields it matched on, with codes as they stand.
pub fn rule(matched: &RouteMatch, words: &Texts) -> String {
    let or_any = |value: &Option<String>, any: &str| {
        let value = value.clone();
        value.unwrap_or_else(|| words.say(any)).into()
    };
    words.with(
        "happened-rule",
        &[
            ("row", matched.row.into()),
            (
                "violation",
                or_any(&matched.violation, "rule-any-violation"),
            ),
            ("training", or_any(&matched.training, "rule-any-training")),
            ("of", matched.jurisdiction.to_string().into()),
        ],
    )
}

/// A step of the ladder about something overdue.
#[derive(Clone, Copy)]
pub struct OverdueStep<'a> {
    /// The task, lead or order.
    pub on: &'a str,
    /// The kind of its clock, by its name on the wire.
    pub kind: &'a str,
    /// `B1` … `B6`.
    pub level: &'a str,
    /// The instant it was due.
    pub due: Timestamp,
}

/// Why a step goes to whom it goes. Who is asked for a person's name knows everybody, if only by id.
pub fn because(
    step: &OverdueStep<'_>,
    why: &Because,
    name: &dyn Fn(&PersonId) -> String,
    words: &Texts,
    zone: &TimeZone,
) -> String {
    let targets = why.targets.iter().map(|one| target(one, name, words));
    words.with(
        "happened-because",
        &[
            ("on", step.on.to_owned().into()),
            ("undone", words.word("undone", step.kind).into()),
            ("due", due(step.due, zone).into()),
            ("whose", list(owing(&why.duty, name, words), words).into()),
            ("since", due(why.since, zone).into()),
            ("level", step.level.to_owned().into()),
            ("after", why.after.into()),
            ("targets", list(targets.collect(), words).into()),
        ],
    )
}

fn owing(duty: &Duty, name: &dyn Fn(&PersonId) -> String, words: &Texts) -> Vec<String> {
    let mut owing: Vec<_> = duty.people.iter().map(name).collect();
    owing.extend(duty.department.as_ref().map(|code| {
        words.with(
            "happened-department",
            &[("department", code.to_string().into())],
        )
    }));
    owing.extend(
        duty.post
            .as_ref()
            .map(|code| words.with("happened-post", &[("post", code.to_string().into())])),
    );
    owing.extend(duty.role.map(|role| all_of(role, words)));
    owing
}

fn target(target: &Target, name: &dyn Fn(&PersonId) -> String, words: &Texts) -> String {
    match target {
        Target::Duty => words.say("target-duty"),
        Target::Role(role) => all_of(*role, words),
        Target::PostLeader => words.say("target-post_leader"),
        Target::Owner => words.say("target-owner"),
        Target::Department => words.say("target-department"),
        Target::Person(person) => name(person),
        Target::Group(group) => words.with("target-group", &[("group", group.clone().into())]),
    }
}

/// Everybody with a role.
fn all_of(role: Role, words: &Texts) -> String {
    let crowd = words.word("crowd", role.as_str());
    words.with("happened-role", &[("role", crowd.into())])
}

/// One after the other, the last behind an "and".
fn list(mut items: Vec<String>, words: &Texts) -> String {
    match items.pop() {
        None => words.say("happened-nobody"),
        Some(only) if items.is_empty() => only,
        Some(last) => {
            let most = items.join(&words.say("between"));
            words.with(
                "happened-list",
                &[("most", most.into()), ("last", last.into())],
            )
        }
    }
}

/// A deadline as people write it: midnight is 24:00 of the day that ends.
pub fn due(at: Timestamp, zone: &TimeZone) -> String {
    let local = zone.to_datetime(at);
    if local.time() == jiff::civil::Time::midnight() {
        let day = local.date().checked_sub(1.day()).unwrap_or(local.date());
        return format!("{day} 24:00");
    }
    local.strftime("%Y-%m-%d %H:%M").to_string()
}

/// A value of a sentence, by the name the texts have for it.
type Value = (&'static str, FluentValue<'static>);

struct EventSentence<'a> {
    kind: &'a str,
    facts: &'a EventFields,
    words: &'a Texts,
    zone: &'a TimeZone,
}

impl EventSentence<'_> {
    /// The variant among several sentences of a kind.
    fn variant(&self) -> Option<&'static str> {
        if self.facts.contains_key("instead_of") {
            return Some("over");
        }
        if self.kind == "order.served" && !self.facts.contains_key("due") {
            return Some("undated");
        }
        FLAGS
            .iter()
            .copied()
            .find(|flag| self.facts.get(*flag) == Some(&FieldValue::Flag(true)))
    }

    fn values(&self) -> Vec<(&str, FluentValue<'static>)> {
        let own = self
            .facts
            .iter()
            .map(|(key, fact)| (key.as_str(), self.value(fact)));
        // Nobody at all is said, where a field of people is left out.
        let nobody = ["offered", "to", "members", "crew", "officers", "people"]
            .into_iter()
            .filter(|key| !self.facts.contains_key(*key))
            .map(|key| (key, self.words.say("happened-nobody").into()));
        own.chain(nobody)
            .chain(self.terms())
            .chain(self.clauses())
            .collect()
    }

    fn value(&self, fact: &FieldValue) -> FluentValue<'static> {
        match fact {
            FieldValue::Text(text) => text.clone().into(),
            FieldValue::Number(number) => (*number).into(),
            FieldValue::Flag(flag) => flag.to_string().into(),
            FieldValue::Names(names) => self.list(names).into(),
            FieldValue::Codes(codes) => codes.join(&self.words.say("between")).into(),
            FieldValue::At(at) => due(*at, self.zone).into(),
            FieldValue::Length(span) => self.length(*span).into(),
            FieldValue::Rule(matched) => rule(matched, self.words).into(),
            FieldValue::Because(because, names) => self.because(because, names).into(),
        }
    }

    fn list(&self, names: &[Name]) -> String {
        if names.is_empty() {
            return self.words.say("happened-nobody");
        }
        let names: Vec<_> = names.iter().map(|name| name.say(self.words)).collect();
        names.join(&self.words.say("between"))
    }

    fn length(&self, span: Span) -> String {
        let unit = span.unit.to_string().replace(' ', "_");
        self.words
            .with(&format!("length-{unit}"), &[("n", span.amount.into())])
    }

    fn text(&self, key: &str) -> &str {
        match self.facts.get(key) {
            Some(FieldValue::Text(text)) => text,
            _ => "",
        }
    }

    fn number(&self, key: &str) -> Option<i64> {
        match self.facts.get(key) {
            Some(FieldValue::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// Words of the wire in the reader's language.
    fn terms(&self) -> Vec<Value> {
        let word = |family: &str, key: &str| self.words.word(family, self.text(key)).into();
        vec![
            ("waits", word("waits", "kind")),
            ("outing", word("outing", "kind")),
            ("origin", word("origin", "source")),
            ("found", word("found", "outcome")),
            ("verdict", word("verdict", "verdict")),
        ]
    }

    /// Parts of the sentence that are there only with what they say.
    fn clauses(&self) -> Vec<Value> {
        let clauses = [
            ("noted", self.noted()),
            ("coded", self.coded()),
            ("assisted", self.assisted()),
            ("revisited", self.revisited()),
            ("again", self.again()),
            ("amount", self.amount()),
            ("hazards", self.hazards()),
            ("proposed", self.proposed()),
        ];
        clauses
            .into_iter()
            .map(|(name, clause)| (name, clause.unwrap_or_default().into()))
            .chain([("yuan", self.yuan().into())])
            .collect()
    }

    fn noted(&self) -> Option<String> {
        let text = self.note()?;
        Some(self.words.with("happened-noted", &[("text", text)]))
    }

    /// Why it was done, or what was seen: in somebody's words, else from fields.
    fn note(&self) -> Option<FluentValue<'static>> {
        let notes = NOTES.iter().map(|key| self.text(key));
        // What a joint action came to is told in words.
        let outcome = (self.kind == "action.reported").then(|| self.text("outcome"));
        if let Some(text) = notes.chain(outcome).find(|text| !text.is_empty()) {
            return Some(text.to_owned().into());
        }
        if let Some(fact) = self.facts.get("because").or(self.facts.get("matched")) {
            return Some(self.value(fact));
        }
        (self.kind == "lead.routed").then(|| self.words.say("happened-routed-by-hand").into())
    }

    fn because(&self, why: &Because, names: &BTreeMap<PersonId, Name>) -> String {
        let due = match self.facts.get("due") {
            Some(FieldValue::At(due)) => *due,
            _ => why.since,
        };
        let step = OverdueStep {
            on: self.text("on"),
            kind: self.text("kind"),
            level: self.text("level"),
            due,
        };
        let name = |person: &PersonId| {
            let name = names.get(person).map(|name| name.say(self.words));
            name.unwrap_or_else(|| person.code().to_owned())
        };
        because(&step, why, &name, self.words, self.zone)
    }

    fn coded(&self) -> Option<String> {
        let codes = self.facts.get("codes")?;
        Some(
            self.words
                .with("happened-coded", &[("codes", self.value(codes))]),
        )
    }

    fn assisted(&self) -> Option<String> {
        let departments = self.facts.get("assist")?;
        Some(self.words.with(
            "happened-assisted",
            &[("departments", self.value(departments))],
        ))
    }

    fn revisited(&self) -> Option<String> {
        if let Some(first) = self.facts.get("revisit_of") {
            let first = self.value(first);
            return Some(self.words.with("happened-revisit-of", &[("first", first)]));
        }
        let next = self.value(self.facts.get("revisit")?);
        Some(self.words.with("happened-revisit", &[("next", next)]))
    }

    fn again(&self) -> Option<String> {
        let generation = self.number("generation").filter(|times| *times > 1)?;
        let mut times = FluentValue::from(generation);
        if let FluentValue::Number(number) = &mut times {
            number.options.r#type = FluentNumberType::Ordinal;
        }
        Some(self.words.with("happened-again", &[("generation", times)]))
    }

    fn yuan(&self) -> String {
        let fen = self.number("amount_fen").unwrap_or_default();
        format!("{}.{:02}", fen / 100, fen % 100)
    }

    fn amount(&self) -> Option<String> {
        self.number("amount_fen").filter(|fen| *fen != 0)?;
        Some(
            self.words
                .with("happened-amount", &[("yuan", self.yuan().into())]),
        )
    }

    fn hazards(&self) -> Option<String> {
        let found = self.number("hazards_found").filter(|found| *found != 0)?;
        let fixed = self.number("hazards_fixed").unwrap_or_default();
        Some(self.words.with(
            "happened-hazards",
            &[("found", found.into()), ("fixed", fixed.into())],
        ))
    }

    fn proposed(&self) -> Option<String> {
        let rule = self.value(self.facts.get("rule")?);
        Some(self.words.with("happened-proposed", &[("rule", rule)]))
    }
}
