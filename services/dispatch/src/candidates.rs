//! Candidates: to whom a sheet is offered. By the rule of its batch first, then the next.
//!
//! People who are away are replaced by whoever stands in for them, or left out.
//! It reads the directory and the loads; it changes nothing and knows no state of a sheet beyond its offers.

use std::collections::BTreeMap;

use picket_book::Decision;
use picket_schemas::PersonId;
use picket_schemas::dispatch::{Assign, AssignTo};
use picket_schemas::registry::Role;

use crate::selection::SelectedSheet;
use crate::task::Task;

/// The most substitutes in a row who may be away as well.
const STAND_INS: usize = 4;

/// The number of open sheets each person has, with those of the present step.
pub(crate) struct Loads<'a> {
    book: &'a BTreeMap<PersonId, u32>,
    step: BTreeMap<PersonId, u32>,
}

impl<'a> Loads<'a> {
    /// As the book stands.
    pub(crate) fn of(book: &'a BTreeMap<PersonId, u32>) -> Self {
        Self {
            book,
            step: BTreeMap::new(),
        }
    }

    /// Counts a sheet of the present step.
    pub(crate) fn add(&mut self, person: &PersonId) {
        *self.step.entry(person.clone()).or_default() += 1;
    }

    /// The one with the fewest, the first by id among equals.
    pub(crate) fn least(&self, people: impl IntoIterator<Item = PersonId>) -> Option<PersonId> {
        let load = |person: &PersonId| {
            self.book.get(person).copied().unwrap_or(0)
                + self.step.get(person).copied().unwrap_or(0)
        };
        people
            .into_iter()
            .min_by_key(|person| (load(person), person.clone()))
    }
}

/// The person, or whoever stands in while they are away; none when nobody does.
pub(crate) fn present(person: &PersonId, cx: &Decision<'_>) -> Option<PersonId> {
    let mut who = person.clone();
    for _ in 0..STAND_INS {
        match cx.directory.away(&who, cx.at) {
            None => return cx.directory.person(&who).is_some().then_some(who),
            Some(substitute) => who = substitute?,
        }
    }
    None
}

/// Those a sheet may be offered to by the rule of its batch, by id.
pub(crate) fn pool(sheet: &SelectedSheet<'_>, assign: &Assign, cx: &Decision<'_>) -> Vec<PersonId> {
    let named = || {
        assign
            .people
            .iter()
            .map(|person| PersonId::from(person.as_str()))
            .collect::<Vec<_>>()
    };
    let people = match (assign.to, sheet.post) {
        (AssignTo::PostSentinel | AssignTo::LeastLoaded, Some(post)) => post.members.clone(),
        (AssignTo::Offer, _) if assign.people.is_empty() => {
            cx.directory.people_with(Role::Sentinel, sheet.area)
        }
        _ => named(),
    };
    let mut people: Vec<_> = people
        .iter()
        .filter_map(|person| present(person, cx))
        .collect();
    people.sort_unstable();
    people.dedup();
    people
}

/// The next of the post after all offers of a sheet: a member with the fewest open sheets, then the leader.
pub(crate) fn next(task: &Task, loads: &Loads<'_>, cx: &Decision<'_>) -> Option<PersonId> {
    if task.personal {
        return None;
    }
    let post = cx.directory.post(task.post.as_ref()?)?;
    let fresh =
        |person: &PersonId| present(person, cx).filter(|present| !task.offered.contains(present));
    loads
        .least(post.members.iter().filter_map(fresh))
        .or_else(|| fresh(&post.leader))
}
