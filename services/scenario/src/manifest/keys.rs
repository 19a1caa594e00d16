//! The keys of `scenario.toml`: each read once and checked, with what was wrong so far.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use picket_schemas::bulletin::Rounding;
use picket_schemas::figures::FIGURES;
use picket_schemas::registry::Territory;
use picket_schemas::{Jurisdiction, Overrides, Printed};
use toml::{Table, Value};

use super::{FILE, figures_hint, instant};
use crate::fault::ScenarioFault;

/// All there are.
const KEYS: [&str; 15] = [
    "name",
    "source",
    "notes",
    "jurisdictions",
    "zone",
    "start",
    "as_of",
    "from",
    "freeze",
    "freeze_by",
    "in",
    "as",
    "rounding",
    "title",
    "override",
];

/// The first instant of the local year that `as_of` closes: at midnight of New Year it is the year that ended.
fn first_of_year(as_of: Timestamp, zone: &TimeZone) -> Timestamp {
    let last = as_of
        .checked_sub(jiff::SignedDuration::from_nanos(1))
        .unwrap_or(as_of);
    let day = last.to_zoned(zone.clone()).date().first_of_year();
    zone.to_timestamp(day.into()).unwrap_or(as_of)
}

/// The meaning of a date alone.
#[derive(Clone, Copy)]
enum Day {
    Begins,
    Ends,
}

/// The keys not yet read, and what was wrong so far.
pub(super) struct ManifestKeys {
    table: Table,
    faults: Vec<ScenarioFault>,
}

/// Where the clock starts, up to when things count, and from when on; each as far as it could be read.
pub(super) struct RunSpan {
    pub(super) start: Option<Timestamp>,
    pub(super) as_of: Option<Timestamp>,
    pub(super) from: Option<Timestamp>,
}

impl ManifestKeys {
    /// Reads the file as TOML.
    pub(super) fn read(text: &str) -> Result<Self, Vec<ScenarioFault>> {
        let table: Table = text.parse().map_err(|bad: toml::de::Error| {
            let line = bad.span().map_or(0, |span| {
                text[..span.start].matches('\n').count() as u64 + 1
            });
            vec![ScenarioFault::new(
                FILE,
                line,
                bad.message().to_owned(),
                "Correct the line; text stands in quotes, as in name = \"a year\".",
            )]
        })?;
        Ok(Self {
            table,
            faults: Vec::new(),
        })
    }

    pub(super) fn into_faults(self) -> Vec<ScenarioFault> {
        self.faults
    }

    fn fault(&mut self, what: impl Into<String>, hint: impl Into<String>) {
        self.faults.push(ScenarioFault::new(FILE, 0, what, hint));
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        match self.table.remove(key)? {
            Value::String(text) => Some(text),
            other => {
                self.fault(
                    format!("`{key}` is not a text but {}", other.type_str()),
                    format!("Write {key} = \"…\"."),
                );
                None
            }
        }
    }

    pub(super) fn needed(&mut self, key: &str, example: &str) -> Option<String> {
        let wrong = self.faults.len();
        let text = self.text(key).filter(|text| !text.trim().is_empty());
        if text.is_none() && self.faults.len() == wrong {
            self.fault(
                format!("`{key}` is missing"),
                format!("Write {key} = \"{example}\"."),
            );
        }
        text
    }

    pub(super) fn zone(&mut self) -> TimeZone {
        let name = self
            .text("zone")
            .unwrap_or_else(|| picket_insight::LOCAL_ZONE.to_owned());
        TimeZone::get(&name).unwrap_or_else(|_| {
            self.fault(
                format!("there is no time zone `{name}`"),
                "Write zone = \"Asia/Shanghai\".",
            );
            TimeZone::UTC
        })
    }

    /// The three instants; the first that counts is that of the year, where none is given.
    pub(super) fn span(&mut self, zone: &TimeZone) -> RunSpan {
        let start = self.instant("start", zone, Day::Begins);
        let as_of = self.instant("as_of", zone, Day::Ends);
        let from = if self.table.contains_key("from") {
            self.instant("from", zone, Day::Begins)
        } else {
            as_of.map(|as_of| first_of_year(as_of, zone))
        };
        for (key, value) in [("start", start), ("as_of", as_of)] {
            if value.is_none()
                && !self
                    .faults
                    .iter()
                    .any(|fault| fault.what.contains(&format!("`{key}`")))
            {
                self.fault(
                    format!("`{key}` is missing"),
                    format!("Write {key} = \"2023-01-01T08:30:00+08:00\"."),
                );
            }
        }
        RunSpan { start, as_of, from }
    }

    /// Checks that the three instants follow each other.
    pub(super) fn check_span(&mut self, span: &RunSpan) {
        let Some(as_of) = span.as_of else { return };
        if span.start.is_some_and(|start| start >= as_of) {
            self.fault(
                "`as_of` does not lie after `start`",
                "The clock goes from `start` to `as_of`.",
            );
        }
        if span.from.is_some_and(|from| from >= as_of) {
            self.fault(
                "`from` does not lie before `as_of`",
                "Figures are counted from `from` up to `as_of`.",
            );
        }
    }

    pub(super) fn rounding(&mut self) -> Rounding {
        match self.text("rounding").as_deref() {
            None | Some("exact") => Rounding::Exact,
            Some("over") => Rounding::Over,
            Some(other) => {
                self.fault(
                    format!("`rounding` is `{other}`"),
                    "Write \"exact\", or \"over\" for 470余.",
                );
                Rounding::Exact
            }
        }
    }

    fn instant(&mut self, key: &str, zone: &TimeZone, day: Day) -> Option<Timestamp> {
        let text = match self.table.remove(key)? {
            Value::String(text) => text,
            Value::Datetime(at) => at.to_string(),
            other => other.to_string(),
        };
        let date = text
            .trim()
            .parse::<Date>()
            .ok()
            .filter(|_| text.trim().len() == 10);
        let at = match (date, day) {
            (Some(date), Day::Begins) => zone.to_timestamp(date.into()).ok(),
            (Some(date), Day::Ends) => date
                .tomorrow()
                .ok()
                .and_then(|next| zone.to_timestamp(next.into()).ok()),
            (None, _) => instant(text.trim(), zone),
        };
        if at.is_none() {
            self.fault(
                format!("`{key}` is `{text}`, which is no instant"),
                format!("Write {key} = \"2023-01-01T08:30:00+08:00\", or a date."),
            );
        }
        at
    }

    /// Either a list of codes, each below the longest code that it begins with, or a table that says so.
    pub(super) fn jurisdictions(&mut self) -> (Territory, BTreeMap<Jurisdiction, String>) {
        let hint = "Write jurisdictions = [\"4209\", \"420902\"], or a table [jurisdictions] with \"420902\" = { parent = \"4209\", name = \"孝南区\" }.";
        let (mut territory, mut names) = (Territory::default(), BTreeMap::new());
        match self.table.remove("jurisdictions") {
            Some(Value::Array(codes)) => {
                let known: Vec<String> = codes
                    .iter()
                    .filter_map(|code| code.as_str().map(str::to_owned))
                    .collect();
                if known.len() != codes.len() {
                    self.fault("`jurisdictions` holds something that is no text", hint);
                }
                for code in &known {
                    let parent = known
                        .iter()
                        .filter(|other| code.starts_with(other.as_str()) && *other != code)
                        .max_by_key(|other| other.len());
                    territory.jurisdictions.insert(
                        Jurisdiction::from(code.as_str()),
                        parent.map(|parent| Jurisdiction::from(parent.as_str())),
                    );
                }
            }
            Some(Value::Table(table)) => {
                for (code, value) in table {
                    let (parent, name) = self.jurisdiction(&code, value, hint);
                    let code = Jurisdiction::from(code);
                    names.extend(name.map(|name| (code.clone(), name)));
                    territory.jurisdictions.insert(code, parent);
                }
            }
            Some(_) => self.fault("`jurisdictions` is neither a list nor a table", hint),
            None => self.fault("`jurisdictions` is missing", hint),
        }
        self.check(&territory, hint);
        (territory, names)
    }

    fn jurisdiction(
        &mut self,
        code: &str,
        value: Value,
        hint: &str,
    ) -> (Option<Jurisdiction>, Option<String>) {
        let Value::Table(mut fields) = value else {
            self.fault(format!("`jurisdictions.{code}` is no table"), hint);
            return (None, None);
        };
        let mut take = |key: &str| match fields.remove(key) {
            None => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => {
                self.faults.push(ScenarioFault::new(
                    FILE,
                    0,
                    format!("`jurisdictions.{code}.{key}` is not a text"),
                    hint,
                ));
                None
            }
        };
        let (parent, name) = (take("parent"), take("name"));
        for key in fields.keys() {
            self.fault(
                format!("there is no key `jurisdictions.{code}.{key}`"),
                "There are `parent` and `name`.",
            );
        }
        (parent.map(Jurisdiction::from), name)
    }

    fn check(&mut self, territory: &Territory, hint: &str) {
        if territory.jurisdictions.is_empty() && self.faults.is_empty() {
            self.fault("`jurisdictions` is empty", hint);
        }
        for (code, parent) in &territory.jurisdictions {
            if picket_journal::BookName::new("registry", code.as_str()).is_err() {
                self.fault(
                    format!("`{code}` cannot be the code of a jurisdiction"),
                    "A code has letters, digits, `-` and `_`, such as 420902.",
                );
            }
            let Some(parent) = parent else { continue };
            if !territory.jurisdictions.contains_key(parent) {
                self.fault(
                    format!("`{code}` lies below `{parent}`, which is not among the jurisdictions"),
                    "Add it, or leave `parent` out.",
                );
            } else if territory.chain(parent).contains(code) {
                self.fault(
                    format!("`{code}` lies below itself"),
                    "Correct its `parent`.",
                );
            }
        }
    }

    pub(super) fn home(&mut self, territory: &Territory) -> Jurisdiction {
        match self.text("in") {
            Some(code) => {
                let home = Jurisdiction::from(code);
                if !territory.jurisdictions.contains_key(&home) {
                    self.fault(
                        format!("`in` is `{home}`, which is not among the jurisdictions"),
                        "Name one of them.",
                    );
                }
                home
            }
            None => territory
                .jurisdictions
                .iter()
                .find(|(_, parent)| parent.is_none())
                .map(|(top, _)| top.clone())
                .unwrap_or_default(),
        }
    }

    pub(super) fn overrides(&mut self) -> Overrides {
        let mut overrides = Overrides::new();
        let Some(value) = self.table.remove("override") else {
            return overrides;
        };
        let Value::Table(table) = value else {
            self.fault(
                "`override` is no table",
                "Write [override] and below it person_times = { value = 1198, plus = true }.",
            );
            return overrides;
        };
        for (key, value) in table {
            let known = FIGURES.iter().any(|(figure, _)| *figure == key);
            if !known {
                self.fault(
                    format!("there is no figure `override.{key}`"),
                    figures_hint(),
                );
                continue;
            }
            match value.try_into::<Printed>() {
                Ok(printed) => drop(overrides.insert(key, printed)),
                Err(why) => self.fault(
                    format!("`override.{key}`: {}", why.message()),
                    "Write { value = 1198, plus = true } for more than 1198, or the words of both languages, { zh = \"…\", en = \"…\" }.",
                ),
            }
        }
        overrides
    }

    pub(super) fn unknown(&mut self) {
        let unknown: Vec<String> = self.table.keys().cloned().collect();
        for key in unknown {
            self.fault(
                format!("there is no key `{key}`"),
                format!("There are {}.", KEYS.join(", ")),
            );
        }
    }
}
