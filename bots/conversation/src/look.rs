//! The context every card is drawn in: viewer, time, zone and language.
//!
//! Cards are functions of a view and a [`ViewContext`]. The helpers here say the things many cards say: an
//! id short at home and full elsewhere, names in a row, violation codes with their words, a deadline.

use picket_phrases::FluentValue;
use picket_schemas::ask::{Deadline, Named, PersonView};
use picket_schemas::declared::{Who, who};
use picket_schemas::rectification::RouteMatch;
use picket_schemas::registry::Role;
use picket_schemas::{PersonId, split_id};
use serde::{Deserialize, Serialize};

use crate::when::LocalTime;
use picket_phrases::Texts;

/// The profile of the person a card is drawn for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// In full.
    pub id: String,
    /// The name people use.
    pub name: String,
    /// The roles.
    pub roles: Vec<String>,
    /// The person's department.
    pub department: Option<String>,
    /// The area the person acts in.
    pub area: String,
}

impl Profile {
    /// A profile of which only the id is known.
    pub fn unknown(id: &PersonId) -> Self {
        Self {
            id: id.to_string(),
            name: id.code().to_owned(),
            ..Self::default()
        }
    }

    /// True if sheets, which name who filled them, are this person's business. Those who only handle leads for a
    /// department see the post that found something, never the finder.
    pub fn reads_sheets(&self) -> bool {
        self.is(&[
            "sentinel",
            "post_leader",
            "street",
            "coordinator",
            "dispatcher",
            "supervisor",
            "overseer",
        ])
    }

    /// The profile as the roster has it.
    pub fn from_view(id: &PersonId, view: &PersonView) -> Self {
        Self {
            id: id.to_string(),
            name: view.name.clone(),
            roles: view.roles.clone(),
            department: view
                .department
                .as_ref()
                .map(|department| department.code.clone()),
            area: view.area.code.clone(),
        }
    }

    /// True if the person has one of these roles.
    pub fn is(&self, roles: &[&str]) -> bool {
        roles
            .iter()
            .any(|role| self.roles.iter().any(|own| own == role))
    }

    /// True if one of the person's roles is offered this, as it is declared; the books decide again when it is wished.
    pub fn may(&self, action: &str) -> bool {
        match who(action) {
            Some(Who::Roles(roles) | Who::Handling(roles)) => {
                let own =
                    |role: &String| role.parse::<Role>().is_ok_and(|own| roles.contains(&own));
                self.roles.iter().any(own)
            }
            Some(Who::Anybody) => !self.roles.is_empty(),
            Some(Who::System) | None => false,
        }
    }

    /// The same of something these departments handle.
    pub fn may_on(&self, action: &str, departments: &[&Named]) -> bool {
        let handles = !matches!(who(action), Some(Who::Handling(_)))
            || departments.is_empty()
            || departments.iter().any(|one| self.of_department(one));
        handles && self.may(action)
    }

    /// True if the person is named here, in full or by the short code.
    pub fn among(&self, people: &[Named]) -> bool {
        let (_, short) = split_id(&self.id);
        people
            .iter()
            .any(|named| named.code == self.id || named.code == short)
    }

    /// True if the person is of this department.
    pub fn of_department(&self, department: &Named) -> bool {
        self.department.as_deref() == Some(department.code.as_str())
    }

    /// The jurisdiction whose ids are written without it.
    pub fn home(&self) -> &str {
        split_id(&self.id).0.unwrap_or_default()
    }
}

/// The context a card is drawn in: viewer, time, zone and language.
#[derive(Clone, Copy)]
pub struct ViewContext<'a> {
    /// The person.
    pub me: &'a Profile,
    /// Time and zone.
    pub when: LocalTime<'a>,
    /// The texts.
    pub words: &'static Texts,
}

impl ViewContext<'_> {
    /// A text.
    pub fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    /// A text with something in it.
    pub fn with(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        self.words.with(key, values)
    }

    /// An id as this person writes it: short at home, with its jurisdiction elsewhere.
    pub fn id(&self, jurisdiction: &str, id: &str) -> String {
        let (_, short) = split_id(id);
        if jurisdiction.is_empty() || jurisdiction == self.me.home() {
            short.to_owned()
        } else {
            format!("{jurisdiction}/{short}")
        }
    }

    /// Names in a row.
    pub fn names<'n>(&self, named: impl IntoIterator<Item = &'n Named>) -> String {
        let names: Vec<_> = named
            .into_iter()
            .map(|named| {
                if named.name.is_empty() {
                    named.code.as_str()
                } else {
                    named.name.as_str()
                }
            })
            .collect();
        names.join(&self.say("between"))
    }

    /// A name, or a dash.
    pub fn name(&self, named: Option<&Named>) -> String {
        named.map_or_else(|| "–".to_owned(), |named| self.names([named]))
    }

    /// Violation codes with their words.
    pub fn codes(&self, codes: &[String]) -> String {
        let all: Vec<_> = codes.iter().map(|code| self.code(code)).collect();
        all.join(&self.say("between-codes"))
    }

    /// Why the table proposes a department: the row and what it matched on, in this language.
    pub fn rule(&self, matched: &RouteMatch) -> String {
        let violation = match &matched.violation {
            Some(code) => self.code(code),
            None => self.say("rule-any-violation"),
        };
        let training = match &matched.training {
            Some(training) => self.words.word("training", training),
            None => self.say("rule-any-training"),
        };
        self.with(
            "rule-words",
            &[
                ("row", matched.row.to_string().into()),
                ("violation", violation.into()),
                ("training", training.into()),
                ("of", matched.jurisdiction.to_string().into()),
            ],
        )
    }

    /// The reason somebody gave; the sentence in which version 1 wrote a row of the table is said as that row.
    pub fn reason(&self, text: &str) -> String {
        RouteMatch::from_sentence(text)
            .map_or_else(|| text.to_owned(), |matched| self.rule(&matched))
    }

    /// One violation code with its words.
    pub fn code(&self, code: &str) -> String {
        let word = self.words.word("code", code);
        if word == code {
            word
        } else {
            format!("{code} {word}")
        }
    }

    /// A deadline with what is left, and whether it is a guess or stands still.
    pub fn deadline(&self, deadline: Option<&Deadline>) -> String {
        let Some(deadline) = deadline.filter(|deadline| deadline.stopped.is_none()) else {
            return String::new();
        };
        if deadline.paused {
            return self.with(
                "deadline-paused",
                &[("at", self.when.end(deadline.due).into())],
            );
        }
        if deadline.provisional {
            return self.with(
                "deadline-provisional",
                &[("at", self.when.end(deadline.due).into())],
            );
        }
        self.when.due(deadline.due)
    }
}

/// A deadline that runs: one that stands still or is a guess presses nobody.
pub(crate) fn running(deadline: Option<&Deadline>) -> Option<&Deadline> {
    deadline.filter(|one| one.stopped.is_none() && !one.paused && !one.provisional)
}

/// True if a running deadline is past, and whether it will be within a day.
pub(crate) fn pressing(deadline: Option<&Deadline>, now: jiff::Timestamp) -> (bool, bool) {
    let Some(deadline) = running(deadline) else {
        return (false, false);
    };
    let left = deadline.due.as_second() - now.as_second();
    (left <= 0, left > 0 && left <= 86_400)
}
