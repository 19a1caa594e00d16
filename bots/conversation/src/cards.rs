//! The cards: one file per kind of thing, each a function of a view and a [`ViewContext`].
//!
//! They decide what is shown and which buttons make sense for whom; the books decide what may happen.
//! None of them asks, waits or remembers.

pub mod board;
pub mod bulletin;
pub mod case;
pub mod form;
pub mod inbox;
pub mod ladder;
pub mod lead;
pub mod order;
pub mod person;
pub mod sheet;
pub mod short;
pub mod task;
pub mod timeline;
pub mod told;

use picket_schemas::ask::Named;
use picket_schemas::declared::{Button, Thing};

use crate::card::Action;
use crate::forms::FormKind;
use crate::intent::{Intent, IntentVerb};
use crate::look::ViewContext;

/// The number of declared buttons in a row.
pub(crate) const IN_A_ROW: usize = 3;

/// Buttons about one thing in the state it is shown in.
pub(crate) struct Buttons<'a> {
    look: &'a ViewContext<'a>,
    id: String,
    revision: Option<u64>,
}

impl<'a> Buttons<'a> {
    pub(crate) fn new(
        look: &'a ViewContext<'a>,
        jurisdiction: &str,
        id: &str,
        revision: u64,
    ) -> Self {
        Self {
            look,
            id: look.id(jurisdiction, id),
            revision: Some(revision),
        }
    }

    /// Of a thing whose states are not told apart.
    pub(crate) fn any(look: &'a ViewContext<'a>, jurisdiction: &str, id: &str) -> Self {
        Self {
            look,
            id: look.id(jurisdiction, id),
            revision: None,
        }
    }

    pub(crate) fn of(&self, key: &str, verb: IntentVerb) -> Action {
        Action::new(self.look.say(key), self.intent(verb))
    }

    pub(crate) fn with(&self, key: &str, verb: IntentVerb, argument: impl Into<String>) -> Action {
        Action::new(self.look.say(key), self.intent(verb).with(argument))
    }

    /// The buttons that declarations put on the card of such a thing in this state, for whoever looks, handled by
    /// these departments where it is handled by some.
    pub(crate) fn declared(
        &self,
        thing: Thing,
        state: &str,
        departments: &[&Named],
    ) -> Vec<Action> {
        let mut listed: Vec<(bool, Action)> = Vec::new();
        for kind in FormKind::all() {
            let Some(card) = kind.form().card.filter(|card| card.thing == thing) else {
                continue;
            };
            let Button::Listed { states, first } = card.button else {
                continue;
            };
            let there = states.is_empty() || states.contains(&state);
            let action = card.offered.unwrap_or(kind.verb());
            if there && self.look.me.may_on(action, departments) {
                listed.extend(self.openers(kind).map(|action| (first, action)));
            }
        }
        listed.sort_by_key(|(first, _)| !first);
        listed.into_iter().map(|(_, action)| action).collect()
    }

    /// The button of a form, or one for each answer that a button is.
    fn openers(&self, kind: FormKind) -> impl Iterator<Item = Action> {
        kind.buttons().into_iter().map(move |(key, answer)| {
            let intent = Intent {
                revision: self.revision,
                ..kind.opener(&self.id, answer)
            };
            Action::new(self.look.say(&key), intent)
        })
    }

    pub(crate) fn intent(&self, verb: IntentVerb) -> Intent {
        Intent {
            verb,
            id: self.id.clone(),
            argument: None,
            revision: self.revision,
        }
    }
}

/// A button that opens a thing by its id.
pub(crate) fn open(id: &str, verb: IntentVerb, look: &ViewContext<'_>) -> Action {
    Action::of(look.with("do-open", &[("id", id.into())]), verb, id)
}

/// Buttons that turn to the page before and the page after, where there is one.
pub(crate) fn turns(
    page: usize,
    before: bool,
    after: bool,
    press: impl Fn(&str, usize) -> Action,
) -> Vec<Action> {
    let before = before.then(|| press("do-page-before", page.saturating_sub(1)));
    let after = after.then(|| press("do-page-after", page + 1));
    before.into_iter().chain(after).collect()
}

/// `3/12 ▓▓▓░░░░░░░░░`: at most twelve squares.
pub(crate) fn progress(done: usize, of: usize) -> String {
    let cells = of.clamp(1, 12);
    let full = if of == 0 {
        0
    } else {
        (done.min(of) * cells).div_ceil(of).min(cells)
    };
    format!(
        "{done}/{of} {}{}",
        "▓".repeat(full),
        "░".repeat(cells - full)
    )
}

#[cfg(test)]
mod tests {
    use super::progress;

    #[test]
    fn the_bar_is_full_only_when_all_is_done() {
        assert_eq!(progress(3, 12), "3/12 ▓▓▓░░░░░░░░░");
        assert_eq!(progress(0, 3), "0/3 ░░░");
        assert_eq!(progress(40, 40), "40/40 ▓▓▓▓▓▓▓▓▓▓▓▓");
        assert_eq!(progress(0, 0), "0/0 ░");
    }
}
