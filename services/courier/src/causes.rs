//! Last causes: the last commit of each journal that led to a notice, so that a fact delivered again tells nobody
//! twice.
//!
//! Facts of a journal arrive in its order, so it is enough to keep the keys of the last commit that led to a
//! notice; anything before it has been handled.
//! It does not know what a notice says.

use std::collections::{BTreeMap, BTreeSet};

use picket_book::Fact;
use picket_schemas::PersonId;
use picket_schemas::courier::NoticeKind;
use serde::{Deserialize, Serialize};

/// The last commit of each journal that led to a notice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct LastCauses {
    journals: BTreeMap<String, JournalCauses>,
}

/// One commit, and the notices it led to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct JournalCauses {
    n: u64,
    /// Entry, kind, subject and recipient of each notice.
    told: BTreeSet<(String, NoticeKind, String, PersonId)>,
}

/// The fact a notice follows from, as it is written: `journal:n:entry`.
pub(crate) fn cause_of(fact: &Fact<'_>) -> String {
    format!(
        "{}/{}:{}:{}",
        fact.service, fact.jurisdiction, fact.n, fact.entry
    )
}

fn parts(cause: &str) -> Option<(&str, u64, &str)> {
    let (journal, rest) = cause.split_once(':')?;
    let (n, entry) = rest.split_once(':')?;
    Some((journal, n.parse().ok()?, entry))
}

impl LastCauses {
    /// True if the fact is older than one that already led to a notice.
    pub(crate) fn is_past(&self, fact: &Fact<'_>) -> bool {
        // Most facts lead nowhere here: the journal's name is put together only when there is something to find.
        !self.journals.is_empty()
            && self
                .journals
                .get(&format!("{}/{}", fact.service, fact.jurisdiction))
                .is_some_and(|last| last.n > fact.n)
    }

    /// True if this person was already told this because of this fact.
    pub(crate) fn was_told(
        &self,
        cause: &str,
        kind: NoticeKind,
        about: &str,
        to: &PersonId,
    ) -> bool {
        parts(cause).is_some_and(|(journal, n, entry)| {
            self.journals.get(journal).is_some_and(|last| {
                last.n == n
                    && last
                        .told
                        .contains(&(entry.to_owned(), kind, about.to_owned(), to.clone()))
            })
        })
    }

    pub(crate) fn remember(&mut self, cause: &str, kind: NoticeKind, about: &str, to: &PersonId) {
        let Some((journal, n, entry)) = parts(cause) else {
            return;
        };
        if !self.journals.contains_key(journal) {
            self.journals
                .insert(journal.to_owned(), JournalCauses::default());
        }
        let Some(last) = self.journals.get_mut(journal).filter(|last| last.n <= n) else {
            return;
        };
        if last.n < n {
            last.n = n;
            last.told.clear();
        }
        last.told
            .insert((entry.to_owned(), kind, about.to_owned(), to.clone()));
    }
}
