//! Ids of wishes and processes, the time of this machine, and who acts where nobody is named: the owner, or Picket itself.
//!
//! It knows no book and no transport.

use jiff::Timestamp;
use picket_bus::random_hex;
use picket_runtime::Clock;
use picket_schemas::ask::Viewer;
use picket_schemas::{Command, CommandId, Jurisdiction, PersonId, Wish};

/// A new random id: the prefix says where it was made, 96 random bits that it is nobody else's.
pub fn new_id(prefix: &str) -> CommandId {
    CommandId::from(format!("{prefix}-{}", random_hex::<12>()))
}

/// The time of this machine; only edges ask for it.
pub fn now() -> Timestamp {
    Clock::real().now()
}

/// The owner of the folder, who is whoever reaches it without a name.
pub fn owner(within: &Jurisdiction) -> Viewer {
    Viewer::person(&PersonId::new(within, picket_directory::OPERATOR))
}

/// A wish of Picket's own parts.
pub fn system_wish(
    id: String,
    jurisdiction: &Jurisdiction,
    made: Timestamp,
    command: Command,
) -> Wish {
    Wish {
        id: CommandId::from(id),
        by: PersonId::new(jurisdiction, picket_directory::SYSTEM),
        via: "system".into(),
        made,
        observed: None,
        trace: String::new(),
        command,
    }
}
