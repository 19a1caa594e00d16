//! The question whose answer an intent needs before it can be acted upon.

use picket_schemas::ask::Question;
use picket_schemas::{Jurisdiction, split_id};

use crate::intent::{Intent, Needs};
use crate::session::{Context, Session};

impl Session {
    /// Nothing where the intent needs to read nothing.
    pub(super) fn question(&self, intent: &Intent, cx: &Context<'_>) -> Option<Question> {
        let (home, short) = split_id(&intent.id);
        let jurisdiction = home.map_or_else(|| cx.person.jurisdiction(), Jurisdiction::from);
        let id = short.to_owned();
        Some(match intent.needs() {
            Needs::Nothing => return None,
            Needs::Inbox => Question::Inbox {
                person: cx.person.clone(),
            },
            Needs::Person => Question::Person {
                person: cx.person.clone(),
            },
            Needs::Task => Question::Task {
                jurisdiction,
                task: id,
            },
            Needs::Batch => Question::Batch {
                jurisdiction,
                batch: id,
            },
            // A board is of a jurisdiction, and has no other id.
            Needs::Board if !id.is_empty() => Question::Board {
                jurisdiction: Jurisdiction::from(id),
            },
            Needs::Board => Question::Board { jurisdiction },
            Needs::Lead => Question::Lead {
                jurisdiction,
                lead: id,
            },
            Needs::Case => Question::Case {
                jurisdiction,
                case: id,
            },
            Needs::Order => Question::Order {
                jurisdiction,
                order: id,
            },
            Needs::Timeline => Question::Timeline {
                jurisdiction,
                of: id,
            },
            Needs::Bulletin => Question::Bulletin {
                jurisdiction,
                bulletin: Some(id).filter(|id| !id.is_empty()),
            },
            Needs::Notices => Question::Notices {
                person: cx.person.clone(),
            },
        })
    }
}
