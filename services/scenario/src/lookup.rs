//! The lookup: what references stand for, answered from what was bound and what insight has read so far.

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_insight::Insight;
use picket_schemas::Jurisdiction;
use picket_schemas::ask::{Question, View};

use super::resolve::{self, Answers};
use super::script;

/// The record each name of the script stands for: whose it is, and its id.
pub(super) type Bindings = BTreeMap<String, (Jurisdiction, String)>;

/// Answers references from what was bound and what insight has read.
pub(super) struct ScriptLookup<'a> {
    pub(super) insight: &'a Insight,
    pub(super) bound: &'a BTreeMap<String, (Jurisdiction, String)>,
    pub(super) jurisdiction: &'a Jurisdiction,
    pub(super) now: Timestamp,
}

impl Answers for ScriptLookup<'_> {
    fn named(&self, name: &str) -> Result<String, String> {
        let (home, id) = self.bound.get(name).ok_or_else(|| {
            format!(
                "${name} stands for nothing yet: the line that binds it comes later, or was refused"
            )
        })?;
        Ok(if home == self.jurisdiction {
            id.clone()
        } else {
            format!("{home}/{id}")
        })
    }

    fn found(&self, find: &str, by: Vec<(String, String)>) -> Result<String, String> {
        let words = by
            .iter()
            .map(|(key, value)| format!(" {key}={value}"))
            .collect::<String>();
        let question = Question::Find {
            jurisdiction: self.jurisdiction.clone(),
            find: find.to_owned(),
            by: by.into_iter().collect(),
        };
        match self.insight.answer(&question, self.now) {
            Ok(View::Found(mut ids)) if ids.len() == 1 => Ok(ids.remove(0)),
            Ok(View::Found(ids)) if ids.is_empty() => Err(format!("no {find} matches{words}")),
            Ok(View::Found(ids)) => Err(format!(
                "{} match: {}; {find}{words} must be exactly one",
                ids.len(),
                ids.join(", ")
            )),
            Ok(_) => Err(format!("there is no kind of thing called {find}")),
            Err(why) => Err(why.to_string()),
        }
    }
}

/// The record a name or an id of the expectations stands for.
pub(crate) fn subject(
    text: &str,
    bound: &BTreeMap<String, (Jurisdiction, String)>,
    home: &Jurisdiction,
) -> Option<(Jurisdiction, String)> {
    if let Some(name) = resolve::name(text) {
        return bound.get(name).cloned();
    }
    Some(match text.split_once('/') {
        Some((home, id)) => (Jurisdiction::from(home), id.to_owned()),
        None => (home.clone(), text.to_owned()),
    })
}

/// A person of the expectations, in full.
pub(crate) fn told(text: &str, home: &Jurisdiction) -> String {
    script::person(text, home).to_string()
}
