//! Absence: who gets what somebody who is away would get.
//!
//! The substitute, or the substitute's own; a circle of people who stand in for each other ends with nobody.
//! A notice for the finder alone goes to nobody else, away or not.

use picket_book::Decision;
use picket_schemas::PersonId;
use picket_schemas::courier::NoticeKind;

/// The most substitutes that may follow one another.
const CHAIN: usize = 4;

/// The recipient of a notice at the instant it goes out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// To the person it is for.
    ToRecipient,
    /// To somebody who stands in.
    ToSubstitute(PersonId),
}

/// The destination of a notice now. Without anybody who stands in, it waits for the person in the chat.
pub(crate) fn who(to: &PersonId, kind: NoticeKind, cx: &Decision<'_>) -> Destination {
    if matches!(kind, NoticeKind::FindingRouted | NoticeKind::FindingCleared) {
        return Destination::ToRecipient;
    }
    let mut chain = vec![to.clone()];
    while let Some(absence) = chain.last().and_then(|last| cx.directory.away(last, cx.at)) {
        match absence {
            Some(substitute)
                if chain.len() <= CHAIN
                    && !chain.contains(&substitute)
                    && on_roster(&substitute, cx) =>
            {
                chain.push(substitute)
            }
            _ => return Destination::ToRecipient,
        }
    }
    match chain.pop() {
        Some(last) if last != *to => Destination::ToSubstitute(last),
        _ => Destination::ToRecipient,
    }
}

/// True if a person is enrolled and still has a role, or is a visitor these days.
pub(crate) fn on_roster(person: &PersonId, cx: &Decision<'_>) -> bool {
    cx.directory
        .person(person)
        .is_some_and(|known| !known.roles.is_empty())
        || cx.directory.admissions(person, cx.at).next().is_some()
}
