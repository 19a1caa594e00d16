//! The list of services: whoever looks for what runs looks here.

use picket_runtime::ServiceKind;
use picket_schemas::Command;

macro_rules! kind {
    ($book:ty, $command:ident) => {
        ServiceKind::of::<$book>(|command| match command {
            Command::$command(command) => Some(command),
            _ => None,
        })
    };
}

/// Every service with books, in the order they run in a replay.
pub fn kinds() -> Vec<ServiceKind> {
    vec![
        kind!(picket_registry::Registry, Registry),
        kind!(picket_schedule::ScheduleBook, Schedule),
        kind!(picket_dispatch::Dispatch, Dispatch),
        kind!(picket_rectification::Rectification, Rectification),
        kind!(picket_escalation::Escalation, Escalation),
        kind!(picket_bulletin::Bulletin, Bulletin),
        kind!(picket_courier::Courier, Courier),
    ]
}
