//! `script.jsonl`: one wish a line, parsed and put in the order in which it arrives.
//!
//! Lines may stand in any order: they run by the instant they arrive, then by the instant they were wished,
//! then by their id or content, so that a shuffled file gives the same bytes.
//! It does not resolve references: what a `$name` or a find stands for is known only while it runs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_schemas::{Command, CommandId, Jurisdiction, PersonId};
use serde_json::{Map, Value};

use super::fault::ScenarioFault;
use super::manifest::{Manifest, instant};
use super::resolve;

/// The name of the file.
pub(crate) const FILE: &str = "script.jsonl";
const HINT: &str = r#"A line is {"at":"2023-03-04T09:12:00+08:00","as":"P-0017","in":"420902","do":"dispatch.accept_task","task":"$t1"}; besides there are id, bind, received and expect."#;

/// The expected outcome of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It is done.
    Accepted,
    /// It is refused, with this code if one is given.
    Refused(Option<String>),
}

/// The command a line wishes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Wished {
    /// A command as it will be sent.
    Plain(Box<Command>),
    /// A command with references in it.
    Open(Map<String, Value>),
}

/// One wish of the script.
#[derive(Clone, Debug)]
pub struct ScriptLine {
    /// Where it stands in the file, from 1.
    pub number: u64,
    /// When it was wished, or seen where it arrives later.
    pub at: Timestamp,
    /// When it arrives: a record that was synced late.
    pub received: Option<Timestamp>,
    /// When it was first made; a second delivery carries the time of the first.
    pub made: Timestamp,
    /// Whose book it goes to.
    pub jurisdiction: Jurisdiction,
    /// The person who wishes it.
    pub by: PersonId,
    /// The id of the wish.
    pub id: CommandId,
    /// The name its first new id gets.
    pub bind: Option<String>,
    /// The expected outcome.
    pub expect: Expected,
    pub(crate) wished: Wished,
    /// Decides between lines of one instant.
    tie: String,
}

impl ScriptLine {
    /// When it arrives.
    pub fn arrives(&self) -> Timestamp {
        self.received.unwrap_or(self.at)
    }
}

/// A person by code, of a jurisdiction unless the code names another.
pub(crate) fn person(text: &str, home: &Jurisdiction) -> PersonId {
    if text.contains('/') {
        PersonId::from(text)
    } else {
        PersonId::new(home, text)
    }
}

/// Reads all lines, in the order they arrive; every bad line is named.
pub(crate) fn parse(
    text: &str,
    manifest: &Manifest,
    faults: &mut Vec<ScenarioFault>,
) -> Vec<ScriptLine> {
    let mut lines = Vec::new();
    for (index, text) in text.lines().enumerate() {
        if text.trim().is_empty() {
            continue;
        }
        let number = index as u64 + 1;
        match line(number, text, manifest) {
            Ok(line) => lines.push(line),
            Err((what, hint)) => faults.push(ScenarioFault::new(FILE, number, what, hint)),
        }
    }
    repeats(&mut lines, faults);
    names(&lines, faults);
    lines.sort_by(|a, b| {
        (a.arrives(), a.at, &a.tie, a.number).cmp(&(b.arrives(), b.at, &b.tie, b.number))
    });
    lines
}

/// The mistake in a line, and its remedy.
type Bad = (String, String);

fn bad(what: impl Into<String>) -> Bad {
    (what.into(), HINT.to_owned())
}

fn line(number: u64, text: &str, manifest: &Manifest) -> Result<ScriptLine, Bad> {
    let value: Value = serde_json::from_str(text).map_err(|why| {
        let why = picket_schemas::plain::plain(&why);
        bad(format!("this is not JSON: {why}"))
    })?;
    let Value::Object(mut fields) = value else {
        return Err(bad("this is not an object"));
    };
    let frame = Frame::take(&mut fields, manifest)?;
    frame.check(manifest)?;
    let Frame {
        at,
        received,
        jurisdiction,
        by,
        id,
        bind,
        expect,
    } = frame;
    let by = person(&by, &jurisdiction);
    let expect = expected(expect.as_deref())?;
    let wished = wished(&fields)?;
    let tie = canonical(&fields, at, received, &jurisdiction, &by);
    let (id, tie) = match id {
        Some(id) => (CommandId::from(id.as_str()), id),
        None => (
            CommandId::from(format!(
                "s-{}",
                &picket_journal::hash_of(tie.as_bytes())[..16]
            )),
            tie,
        ),
    };
    Ok(ScriptLine {
        number,
        at,
        received,
        made: received.unwrap_or(at),
        jurisdiction,
        by,
        id,
        bind,
        expect,
        wished,
        tie,
    })
}

/// The frame of a line around its command.
struct Frame {
    at: Timestamp,
    received: Option<Timestamp>,
    jurisdiction: Jurisdiction,
    by: String,
    id: Option<String>,
    bind: Option<String>,
    expect: Option<String>,
}

impl Frame {
    /// Takes it out of the fields; what is left is the command.
    fn take(fields: &mut Map<String, Value>, manifest: &Manifest) -> Result<Self, Bad> {
        let mut take = |key: &str| match fields.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(bad(format!("`{key}` is not a text"))),
        };
        let when = |key: &str, text: Option<String>| match text {
            None => Ok(None),
            Some(text) => instant(&text, &manifest.zone).map(Some).ok_or_else(|| {
                (
                    format!("`{key}` is `{text}`, which is no instant"),
                    "Write it as 2023-03-04T09:12:00+08:00.".to_owned(),
                )
            }),
        };
        Ok(Self {
            at: when("at", take("at")?)?.ok_or_else(|| bad("`at` is missing"))?,
            received: when("received", take("received")?)?,
            jurisdiction: take("in")?.map_or_else(|| manifest.home.clone(), Jurisdiction::from),
            by: take("as")?
                .or_else(|| manifest.actor.clone())
                .ok_or_else(|| bad("`as` is missing, and scenario.toml names nobody"))?,
            id: take("id")?,
            bind: take("bind")?,
            expect: take("expect")?,
        })
    }

    /// Checks that all of it can be.
    fn check(&self, manifest: &Manifest) -> Result<(), Bad> {
        let jurisdiction = &self.jurisdiction;
        let known = &manifest.territory.jurisdictions;
        if !known.contains_key(jurisdiction) {
            let names: Vec<_> = known.keys().map(Jurisdiction::as_str).collect();
            return Err((
                format!("there is no jurisdiction `{jurisdiction}`"),
                format!("There are {}.", names.join(", ")),
            ));
        }
        if self.received.is_some_and(|received| received < self.at) {
            return Err((
                "`received` lies before `at`".to_owned(),
                "`at` is when it was seen, `received` when it arrived.".to_owned(),
            ));
        }
        if self.received.unwrap_or(self.at) < manifest.start {
            return Err((
                "this lies before the start of the scenario".to_owned(),
                "Move `start` in scenario.toml, or correct `at`.".to_owned(),
            ));
        }
        if self.id.as_deref().is_some_and(|id| id.trim().is_empty()) {
            return Err(bad("`id` is empty"));
        }
        if let Some(name) = &self.bind
            && !resolve::is_name(name)
        {
            return Err((
                format!("`bind` is `{name}`, which is no name"),
                "A name has letters, digits, `_` and `-`, and is used as $name.".to_owned(),
            ));
        }
        Ok(())
    }
}

fn expected(text: Option<&str>) -> Result<Expected, Bad> {
    match text {
        None => Ok(Expected::Accepted),
        Some("refused") => Ok(Expected::Refused(None)),
        Some(text) => match text.strip_prefix("refused:").map(str::trim) {
            Some(code) if picket_schemas::Refusal::CODES.contains(&code) => {
                Ok(Expected::Refused(Some(code.to_owned())))
            }
            Some(code) => Err((
                format!("there is no refusal `{code}`"),
                format!(
                    "Refusals are {}.",
                    picket_schemas::Refusal::CODES.join(", ")
                ),
            )),
            None => Err((
                format!("`expect` is `{text}`"),
                "Write \"refused\" or \"refused:not_yours\"; without it the wish must be done."
                    .to_owned(),
            )),
        },
    }
}

/// The command, checked as far as it can be before its references are known.
fn wished(fields: &Map<String, Value>) -> Result<Wished, Bad> {
    let whole = Value::Object(fields.clone());
    let open = resolve::has_reference(&whole).map_err(|what| (what, resolve::HINT.to_owned()))?;
    let command = Command::parse(resolve::with_placeholders(whole))
        .map_err(|why| (why.to_string(), why.hint()))?;
    Ok(if open {
        Wished::Open(fields.clone())
    } else {
        Wished::Plain(Box::new(command))
    })
}

/// The wish, written in one way only: keys in order, nothing of how the line was laid out.
fn canonical(
    fields: &Map<String, Value>,
    at: Timestamp,
    received: Option<Timestamp>,
    jurisdiction: &Jurisdiction,
    by: &PersonId,
) -> String {
    let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
    let whole = (at, received, jurisdiction, by, sorted);
    serde_json::to_string(&whole).expect("instants, ids and JSON can be written as JSON")
}

/// Lines of one id are one wish delivered again: they wish the same, and all were made when the first was.
fn repeats(lines: &mut [ScriptLine], faults: &mut Vec<ScenarioFault>) {
    let mut first: BTreeMap<(Jurisdiction, CommandId), usize> = BTreeMap::new();
    for index in 0..lines.len() {
        let key = (lines[index].jurisdiction.clone(), lines[index].id.clone());
        let earlier = *first.entry(key).or_insert(index);
        if earlier == index {
            continue;
        }
        if lines[earlier].by != lines[index].by || lines[earlier].wished != lines[index].wished {
            let what = format!(
                "the id `{}` stands in line {} with another wish",
                lines[index].id, lines[earlier].number
            );
            faults.push(ScenarioFault::new(
                FILE,
                lines[index].number,
                what,
                "The same id is one wish delivered twice; give another wish its own id.",
            ));
        }
        let made = lines[earlier].made.min(lines[index].made);
        lines[earlier].made = made;
    }
    for index in 0..lines.len() {
        let key = (lines[index].jurisdiction.clone(), lines[index].id.clone());
        if let Some(earlier) = first.get(&key) {
            lines[index].made = lines[*earlier].made;
        }
    }
}

/// Every `$name` is bound by one wish.
fn names(lines: &[ScriptLine], faults: &mut Vec<ScenarioFault>) {
    let mut bound: BTreeMap<&str, &ScriptLine> = BTreeMap::new();
    for line in lines {
        let Some(name) = &line.bind else { continue };
        let other = *bound.entry(name).or_insert(line);
        if (&other.jurisdiction, &other.id) != (&line.jurisdiction, &line.id) {
            faults.push(ScenarioFault::new(
                FILE,
                line.number,
                format!("`{name}` is bound in line {} already", other.number),
                "Give every wish a name of its own.",
            ));
        }
    }
    for line in lines {
        let Wished::Open(fields) = &line.wished else {
            continue;
        };
        for name in fields.values().flat_map(resolve::names) {
            if !bound.contains_key(name) {
                faults.push(ScenarioFault::new(
                    FILE,
                    line.number,
                    format!("no line binds `${name}`"),
                    format!("Write \"bind\":\"{name}\" in the line that creates it."),
                ));
            }
        }
    }
}
