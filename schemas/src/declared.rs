//! Declarations of commands: one block a verb says who may wish it, what it does in plain words, and what is
//! asked before it is complete.
//!
//! Policy, refusals, help and chat read the same block. What a command does is decided by its book; what it
//! brings is its variant in `Command`.

mod asked;
mod form;

pub use asked::*;
pub use form::*;

use crate::registry::Role;
use crate::{bulletin, courier, dispatch, escalation, rectification, registry, schedule};

/// Declaration of a command: all that is known of it before it is wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Its verb on the wire.
    pub verb: &'static str,
    /// What it does, as whoever wishes it would say: `accept the task`. English; chat has words of its own.
    pub phrase: &'static str,
    /// The policy: who may wish it.
    pub who: Who,
    /// The forms by which chat asks for it.
    pub forms: &'static [Form],
}

/// Policy: who may do something, as far as roles decide it; the rest is decided by the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody on the roster; the book decides whether it is theirs.
    Anybody,
    /// Picket's own parts only.
    System,
    /// One of these roles, within their area.
    Roles(&'static [Role]),
    /// One of these roles, within their area and of a handling department.
    Handling(&'static [Role]),
}

/// The declarations of a service's commands.
fn of_service(service: &str) -> &'static [Declared] {
    match service {
        "registry" => registry::DECLARED,
        "schedule" => schedule::DECLARED,
        "dispatch" => dispatch::DECLARED,
        "rectification" => rectification::DECLARED,
        "escalation" => escalation::DECLARED,
        "bulletin" => bulletin::DECLARED,
        "courier" => courier::DECLARED,
        _ => &[],
    }
}

/// The declaration of a verb.
pub fn declared(verb: &str) -> Option<&'static Declared> {
    let (service, _) = verb.split_once('.')?;
    of_service(service)
        .iter()
        .find(|declared| declared.verb == verb)
}

/// The policy of an action: of a verb as it is declared, or of an act several verbs come to.
pub fn who(action: &str) -> Option<Who> {
    match action {
        "dispatch.assign" => Some(Who::Roles(&[Role::Coordinator, Role::Street])),
        verb => declared(verb).map(|declared| declared.who),
    }
}

/// Every form with the declaration it stands in.
pub fn forms() -> impl Iterator<Item = (&'static Declared, &'static Form)> {
    crate::event::SERVICES
        .iter()
        .flat_map(|service| of_service(service))
        .flat_map(|declared| declared.forms.iter().map(move |form| (declared, form)))
}

/// The form of a name, with the declaration it stands in.
pub fn form_named(name: &str) -> Option<(&'static Declared, &'static Form)> {
    forms().find(|(_, form)| form.name == name)
}

/// The phrase of a verb: its command in plain words; anything else comes back as it stands.
pub fn phrase(verb: &str) -> &str {
    declared(verb).map_or(verb, |declared| declared.phrase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_declared_once_and_nothing_else_is() {
        let verbs: Vec<_> = crate::Command::verbs()
            .into_iter()
            .map(|(verb, _)| verb)
            .collect();
        let declared: Vec<_> = crate::event::SERVICES
            .iter()
            .flat_map(|service| of_service(service))
            .map(|declared| declared.verb)
            .collect();
        assert_eq!(declared, verbs, "one block for each verb, in their order");
    }

    #[test]
    fn every_command_says_in_plain_words_what_it_does() {
        for (verb, _) in crate::Command::verbs() {
            let words = phrase(verb);
            assert!(
                words != verb
                    && !words.contains(['_', '.'])
                    && words.starts_with(char::is_lowercase),
                "{verb}: {words}"
            );
        }
        assert_eq!(phrase("no verb"), "no verb");
    }
}
