//! The question whose answer an intent needs before it can be acted upon.

use picket_schemas::ask::Question;
use picket_schemas::{Jurisdiction, split_id};

use crate::intent::{Intent, ReadNeeds};
use crate::session::{Context, Session};

impl Session {
    /// Nothing where the intent needs to read nothing.
    pub(super) fn question(&self, intent: &Intent, cx: &Context<'_>) -> Option<Question> {
        let (home, short) = split_id(&intent.id);
        let jurisdiction = home.map_or_else(|| cx.person.jurisdiction(), Jurisdiction::from);
        let id = short.to_owned();
        Some(match intent.needs() {
            ReadNeeds::Nothing => return None,
            ReadNeeds::Inbox => Question::Inbox {
                person: cx.person.clone(),
            },
            ReadNeeds::Person => Question::Person {
                person: cx.person.clone(),
            },
            ReadNeeds::Task => Question::Task {
                jurisdiction,
                task: id,
            },
            ReadNeeds::Batch => Question::Batch {
                jurisdiction,
                batch: id,
            },
            // A board is of a jurisdiction, and has no other id.
            ReadNeeds::Board if !id.is_empty() => Question::Board {
                jurisdiction: Jurisdiction::from(id),
            },
            ReadNeeds::Board => Question::Board { jurisdiction },
            ReadNeeds::Lead => Question::Lead {
                jurisdiction,
                lead: id,
            },
            ReadNeeds::Case => Question::Case {
                jurisdiction,
                case: id,
            },
            ReadNeeds::Order => Question::Order {
                jurisdiction,
                order: id,
            },
            ReadNeeds::Timeline => Question::Timeline {
                jurisdiction,
                of: id,
            },
            ReadNeeds::Bulletin => Question::Bulletin {
                jurisdiction,
                bulletin: Some(id).filter(|id| !id.is_empty()),
            },
            ReadNeeds::Notices => Question::Notices {
                person: cx.person.clone(),
            },
        })
    }
}
