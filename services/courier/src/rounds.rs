//! Rounds: the digest of a day, a bulletin that is frozen, and one that is approved.
//!
//! They go to people of the own jurisdiction by role, wherever within it they act; chat groups hear of a bulletin
//! once somebody answers for it.
//! It does not know what stands in a digest or a bulletin; the card is drawn when it is sent.

use std::collections::BTreeSet;

use picket_schemas::PersonId;
use picket_schemas::bulletin::Event as Bulletin;
use picket_schemas::courier::NoticeKind;
use picket_schemas::registry::Role;
use picket_schemas::schedule::{Does, Event as Schedule};

use crate::pending::{Message, NoticeFields, PendingNotices};

/// Adds what follows from an occurrence.
pub(crate) fn occurred(pending: &mut PendingNotices<'_>, event: &Schedule) {
    let (Schedule::OccurrenceFired {
        occurrence,
        nominal,
        does,
        ..
    }
    | Schedule::OccurrenceLate {
        occurrence,
        nominal,
        does,
        ..
    }) = event
    else {
        return;
    };
    let Does::Digest { to } = does else { return };
    let with = NoticeFields::from([("date".into(), nominal.date().to_string())]);
    let people = own_people(pending, to);
    pending.tell(
        &Message::new(NoticeKind::Digest, occurrence.as_str(), None, with),
        people,
    );
}

/// Adds what follows when figures are frozen, and when somebody answers for them.
pub(crate) fn published(pending: &mut PendingNotices<'_>, event: &Bulletin) {
    let (bulletin, with, roles): (_, _, &[Role]) = match event {
        Bulletin::BulletinFrozen {
            bulletin,
            name,
            as_of,
            ..
        } => (
            bulletin,
            NoticeFields::from([
                ("name".into(), name.clone()),
                ("as_of".into(), as_of.to_string()),
            ]),
            &[Role::Coordinator, Role::Supervisor],
        ),
        Bulletin::BulletinApproved { bulletin, .. } => {
            (bulletin, NoticeFields::new(), &[Role::Group])
        }
        _ => return,
    };
    let people = own_people(pending, roles);
    pending.tell(
        &Message::new(NoticeKind::Bulletin, bulletin.as_str(), None, with),
        people,
    );
}

fn own_people(pending: &PendingNotices<'_>, roles: &[Role]) -> BTreeSet<PersonId> {
    let own = pending
        .cx
        .directory
        .layers()
        .first()
        .into_iter()
        .flat_map(|layer| layer.people.values());
    own.filter(|person| roles.iter().any(|role| person.roles.contains(role)))
        .map(|person| person.id.clone())
        .collect()
}
