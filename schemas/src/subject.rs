//! What a record is about. The same loop serves institutions, schools, departments, governments and people.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kind of thing a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// On the list.
    Institution,
    /// A school.
    School,
    /// Found by somebody, on no list.
    UnlistedPlace,
    /// A department.
    Department,
    /// A local government.
    Government,
    /// A person.
    Person,
}

/// What a record is about: a kind and an id within its jurisdiction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// The kind.
    pub kind: SubjectKind,
    /// The id, short within its own jurisdiction.
    pub id: String,
}

impl Subject {
    /// An institution on the list.
    pub fn institution(id: impl Into<String>) -> Self {
        Self {
            kind: SubjectKind::Institution,
            id: id.into(),
        }
    }
    /// A place on no list.
    pub fn unlisted(id: impl Into<String>) -> Self {
        Self {
            kind: SubjectKind::UnlistedPlace,
            id: id.into(),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.id)
    }
}
