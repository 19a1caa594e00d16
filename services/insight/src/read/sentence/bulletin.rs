//! Bulletins in sentences.

use picket_schemas::bulletin;

use super::{Words, due};
use crate::tables::Answered;

impl Words<'_> {
    pub(super) fn bulletin(&self, event: &bulletin::Event) -> Answered<String> {
        use bulletin::Event as E;
        Ok(match event {
            E::BulletinRequested {
                bulletin,
                name,
                as_of,
                ..
            } => format!(
                "bulletin {bulletin} ({name}) was asked for as of {}",
                due(*as_of)
            ),
            E::BulletinFrozen {
                bulletin,
                name,
                as_of,
                ..
            } => format!(
                "bulletin {bulletin} ({name}) was frozen as of {}",
                due(*as_of)
            ),
            E::BulletinApproved { bulletin, by, .. } => {
                format!("{} approved bulletin {bulletin}", self.person(by.as_str())?)
            }
        })
    }
}
