//! Readings: what was seen, and what must be written down about it before it leaves.
//!
//! Whoever answers a question hands the view out only after the registry has logged the reading, if there is
//! one. It knows no viewer: the rights decide whose looks are logged.

use std::collections::BTreeMap;

use picket_schemas::ask::{Question, View};
use picket_schemas::{Jurisdiction, split_id};

/// The longest name of what was read.
const WHAT: usize = 200;

/// An answer as its viewer may see it.
#[derive(Clone, Debug, PartialEq)]
pub struct VisibleAnswer {
    /// The answer.
    pub view: View,
    /// The entry to be logged before the answer leaves.
    pub reading: Option<AccessEntry>,
}

/// An entry of the access log of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessEntry {
    /// The jurisdiction whose records were read.
    pub jurisdiction: Jurisdiction,
    /// The thing, in a few words: `task T-1`.
    pub what: String,
}

impl AccessEntry {
    /// A question in a few words; `sealed` where the owner looked past the seal.
    pub(crate) fn of(question: &Question, sealed: bool) -> Self {
        let (jurisdiction, what) = named(question);
        let what = if sealed {
            format!("{what} (with what is sealed)")
        } else {
            what
        };
        Self {
            jurisdiction,
            what: what
                .chars()
                .map(|letter| if letter.is_control() { ' ' } else { letter })
                .take(WHAT)
                .collect(),
        }
    }
}

fn named(question: &Question) -> (Jurisdiction, String) {
    // An id may carry its jurisdiction; what is written there wins.
    let thing = |jurisdiction: &Jurisdiction, kind: &str, id: &str| {
        let (home, short) = split_id(id);
        (
            home.map_or_else(|| jurisdiction.clone(), Jurisdiction::from),
            format!("{kind} {short}"),
        )
    };
    let all = |jurisdiction: &Jurisdiction, what: &str| (jurisdiction.clone(), what.to_owned());
    match question {
        Question::Inbox { person } => (person.jurisdiction(), format!("inbox of {person}")),
        Question::Person { person } => (person.jurisdiction(), format!("person {person}")),
        Question::Areas { person } => (person.jurisdiction(), format!("areas of {person}")),
        Question::Notices { person } => (person.jurisdiction(), format!("notices to {person}")),
        Question::Task { jurisdiction, task } => thing(jurisdiction, "task", task),
        Question::Batch {
            jurisdiction,
            batch,
        } => thing(jurisdiction, "batch", batch),
        Question::Lead { jurisdiction, lead } => thing(jurisdiction, "lead", lead),
        Question::Case { jurisdiction, case } => thing(jurisdiction, "case", case),
        Question::Order {
            jurisdiction,
            order,
        } => thing(jurisdiction, "order", order),
        Question::Timeline { jurisdiction, of } => thing(jurisdiction, "timeline of", of),
        Question::Institution { jurisdiction, code } => thing(jurisdiction, "institution", code),
        Question::Bulletin {
            jurisdiction,
            bulletin: Some(bulletin),
        } => thing(jurisdiction, "bulletin", bulletin),
        Question::Bulletin {
            jurisdiction,
            bulletin: None,
        } => all(jurisdiction, "the latest bulletin"),
        Question::Board { jurisdiction } => all(jurisdiction, "board"),
        Question::Overdue { jurisdiction } => all(jurisdiction, "what is overdue"),
        Question::Readings { jurisdiction } => all(jurisdiction, "readings"),
        Question::Identity { .. } => (Jurisdiction::default(), "whose an account is".to_owned()),
        Question::Groups { .. } => (
            Jurisdiction::default(),
            "the groups of a channel".to_owned(),
        ),
        Question::Group { group, .. } => (group.jurisdiction(), format!("board of {group}")),
        Question::Accounts { person } => (person.jurisdiction(), format!("accounts of {person}")),
        Question::Deliveries { jurisdiction } => all(jurisdiction, "deliveries"),
        Question::Schedules { jurisdiction } => all(jurisdiction, "schedules"),
        Question::Figures {
            jurisdiction,
            from,
            as_of,
        } => (
            jurisdiction.clone(),
            format!("figures from {from} to {as_of}"),
        ),
        Question::People { jurisdiction, .. } => all(jurisdiction, "people"),
        Question::Find {
            jurisdiction,
            find,
            by,
        } => (jurisdiction.clone(), sought(find, by)),
    }
}

/// The kind searched for, and the conditions.
fn sought(find: &str, by: &BTreeMap<String, String>) -> String {
    let by: Vec<_> = by
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    format!("find {find} {}", by.join(" "))
        .trim_end()
        .to_owned()
}
