//! The script under construction, and the ledger of what it must come to.
//!
//! Whoever writes a line that counts says so in the ledger at the same place, so that the expectations are
//! the sums of what was planned and not what a run happened to show.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime};
use serde_json::{Value, json};

use crate::xiaogan::days::written;

/// One wish.
#[derive(Debug)]
pub struct Line {
    effective: DateTime,
    fields: Vec<(&'static str, Value)>,
    command: Value,
}

impl Line {
    /// Names the first id it creates.
    pub fn bind(&mut self, name: &str) -> &mut Self {
        self.field("bind", json!(name))
    }
    /// Says which refusal is right.
    pub fn refused(&mut self, code: &str) -> &mut Self {
        self.field("expect", json!(format!("refused:{code}")))
    }
    /// Gives the wish an id of its own.
    pub fn id(&mut self, id: &str) -> &mut Self {
        self.field("id", json!(id))
    }
    /// It was synced late: made and arriving at this instant.
    pub fn received(&mut self, when: DateTime) -> &mut Self {
        self.effective = when;
        self.field("received", json!(written(when)))
    }
    fn field(&mut self, name: &'static str, value: Value) -> &mut Self {
        self.fields.push((name, value));
        self
    }
    fn text(&self) -> String {
        let part = |name: &str, value: &Value| format!("{}:{value}", Value::from(name));
        let command = self.command.as_object().expect("a command is an object");
        let parts: Vec<_> = self
            .fields
            .iter()
            .map(|(name, value)| part(name, value))
            .chain(command.iter().map(|(name, value)| part(name, value)))
            .collect();
        format!("{{{}}}", parts.join(","))
    }
}

/// What one county comes to.
#[derive(Debug, Default)]
pub struct Counted {
    days: BTreeSet<(Date, String)>,
    crews: usize,
    /// Who was in a crew on which day, and so needs no outing of their own.
    crewed: BTreeSet<(Date, String)>,
    /// Subjects somebody saw.
    pub visited: BTreeSet<String>,
    /// Sums by figure.
    pub figures: BTreeMap<&'static str, i64>,
    /// Distinct subjects by figure.
    pub subjects: BTreeMap<&'static str, BTreeSet<String>>,
    /// Leads by department.
    pub departments: BTreeMap<&'static str, i64>,
}

impl Counted {
    /// A sentinel's record of a day.
    pub fn day(&mut self, date: Date, person: &str) {
        if !self.crewed.contains(&(date, person.to_owned())) {
            self.days.insert((date, person.to_owned()));
        }
    }
    /// A named crew's outing.
    pub fn crew(&mut self, date: Date, members: &[String]) {
        self.crews += members.len();
        self.crewed
            .extend(members.iter().map(|member| (date, member.clone())));
    }
    /// Σ over sorties of members.
    pub fn person_times(&self) -> usize {
        self.days.len() + self.crews
    }
    /// Adds to a figure.
    pub fn add(&mut self, figure: &'static str, n: i64) {
        *self.figures.entry(figure).or_default() += n;
    }
    /// Counts a subject once.
    pub fn subject(&mut self, figure: &'static str, subject: &str) {
        self.subjects
            .entry(figure)
            .or_default()
            .insert(subject.to_owned());
    }
}

/// The script and its ledger.
#[derive(Debug, Default)]
pub struct Script {
    lines: Vec<Line>,
    /// By county.
    pub counted: Vec<Counted>,
    /// Batches of each county that nobody binds, by the instant they come: to number them.
    batches: BTreeMap<usize, BTreeSet<DateTime>>,
}

impl Script {
    /// Nothing yet, for so many counties.
    pub fn of(counties: usize) -> Self {
        Self {
            counted: (0..counties).map(|_| Counted::default()).collect(),
            ..Self::default()
        }
    }

    /// Adds a wish of somebody in a jurisdiction.
    pub fn wish(
        &mut self,
        when: DateTime,
        by: &str,
        jurisdiction: &str,
        verb: &str,
        fields: Value,
    ) -> &mut Line {
        let head = vec![
            ("at", json!(written(when))),
            ("as", json!(by)),
            ("in", json!(jurisdiction)),
            ("do", json!(verb)),
        ];
        self.lines.push(Line {
            effective: when,
            fields: head,
            command: fields,
        });
        self.lines.last_mut().expect("just added")
    }

    /// Notes that a batch comes to a county, whoever issues it.
    pub fn batch(&mut self, county: usize, when: DateTime) {
        self.batches.entry(county).or_default().insert(when);
    }

    /// The number of the batch that came to a county at an instant, once all are noted.
    pub fn batch_id(&self, county: usize, when: DateTime) -> String {
        let earlier = self
            .batches
            .get(&county)
            .map_or(0, |all| all.range(..when).count());
        format!("B-{}", earlier + 1)
    }

    /// The file, by time but for a few lines that stand out of order on purpose.
    pub fn text(mut self) -> String {
        self.lines.sort_by_key(|line| line.effective);
        let mut texts: Vec<_> = self.lines.iter().map(Line::text).collect();
        for place in (40..texts.len().saturating_sub(1)).step_by(97) {
            texts.swap(place, place + 1);
        }
        texts.join("\n") + "\n"
    }
}

/// The sheet of a post in a batch.
pub fn sheet(batch: &str, post: &str) -> Value {
    json!({"find": "task", "batch": batch, "post": post})
}
