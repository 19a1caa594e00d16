//! Any event of any service, as a commit carries it.

use jiff::Timestamp;
use picket_schemas_derive::{EventKinds, Mentions};
use serde::{Deserialize, Serialize};

use crate::mention::{Mention, Mentioned, Mentions, RecordKind, Within};
use crate::{bulletin, courier, dispatch, escalation, rectification, registry, schedule};

macro_rules! services {
    ($($service:literal $var:ident $module:ident since $since:literal),* $(,)?) => {
        /// An event of one of the services.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Event {
            $(#[doc = concat!("Of `", $service, "`.")] $var($module::Event),)*
            /// Of the keeper itself, in any journal.
            Keeper(KeeperEvent),
        }

        impl Event {
            /// Reads one event of a service's journal.
            pub fn decode(service: &str, json: &str) -> Result<Self, serde_json::Error> {
                // The keeper's own names are few and start alike; everything else is the service's.
                if KEEPER_PREFIXES.iter().any(|prefix| json.starts_with(prefix)) {
                    return serde_json::from_str(json).map(Self::Keeper);
                }
                match service {
                    $($service => serde_json::from_str(json).map(Self::$var),)*
                    other => Err(serde::de::Error::custom(format!("no service is named `{other}`"))),
                }
            }

            /// The service that says it, `keeper` for the keeper's own.
            pub fn service(&self) -> &'static str {
                match self {
                    $(Self::$var(_) => $service,)*
                    Self::Keeper(_) => "keeper",
                }
            }

            /// The name on the wire.
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$var(event) => event.kind(),)*
                    Self::Keeper(event) => event.kind(),
                }
            }


            /// Hands over everything it names, in the order of its fields.
            pub fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
                match self {
                    $(Self::$var(event) => event.mentions(each),)*
                    Self::Keeper(event) => event.mentions(each),
                }
            }
        }

        impl From<KeeperEvent> for Event { fn from(event: KeeperEvent) -> Self { Self::Keeper(event) } }
        $(impl From<$module::Event> for Event { fn from(event: $module::Event) -> Self { Self::$var(event) } }
        impl TryFrom<Event> for $module::Event {
            type Error = Event;
            fn try_from(event: Event) -> Result<Self, Event> {
                match event { Event::$var(event) => Ok(event), other => Err(other) }
            }
        })*

        /// Every service with a book, in the order they run in a replay.
        pub const SERVICES: &[&str] = &[$($service),*];

        /// The format the youngest service came with: what is born now is as old as that.
        pub const GENERATION: u32 = {
            let mut youngest = 1;
            $(if $since > youngest {
                youngest = $since;
            })*
            youngest
        };

        /// The format a service came with: a jurisdiction, or a book, that began under an earlier one is
        /// older than the service.
        pub fn since(service: &str) -> u32 {
            match service {
                $($service => $since,)*
                _ => 1,
            }
        }

        /// Every event name with its service, the keeper's own last.
        pub fn kinds() -> Vec<(&'static str, &'static str)> {
            let mut all = Vec::new();
            $(all.extend($module::Event::KINDS.iter().map(|kind| ($service, *kind)));)*
            all.extend(KeeperEvent::KINDS.iter().map(|kind| ("keeper", *kind)));
            all
        }
    };
}

services! {
    "registry" Registry registry since 1,
    "schedule" Schedule schedule since 1,
    "dispatch" Dispatch dispatch since 1,
    "rectification" Rectification rectification since 1,
    "escalation" Escalation escalation since 1,
    "bulletin" Bulletin bulletin since 1,
    "courier" Courier courier since 1,
}

const KEEPER_PREFIXES: [&str; 3] = [
    r#"{"type":"reading."#,
    r#"{"type":"cursor."#,
    r#"{"type":"bell."#,
];

/// What a keeper itself records in the journal of its book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, EventKinds, Mentions)]
#[serde(tag = "type")]
pub enum KeeperEvent {
    /// The book began to read a journal, from its beginning or from a later head.
    #[serde(rename = "reading.began")]
    ReadingBegan {
        journal: String,
        /// The last commit that is not read; 0 where all are.
        from: u64,
    },
    /// A fact could not be acted upon; the book decides and rings nothing until somebody unparks it.
    #[serde(rename = "cursor.parked")]
    CursorParked {
        journal: String,
        /// The commit that holds the fact.
        n: u64,
        reason: String,
    },
    /// The bell due then said nothing: the book rings nothing until its next bell moves or somebody unparks it.
    #[serde(rename = "bell.parked")]
    BellParked { due: Timestamp, reason: String },
    /// Somebody let the book go on.
    #[serde(rename = "cursor.unparked")]
    CursorUnparked {
        /// Empty where a bell was parked.
        journal: String,
        n: u64,
        by: String,
        /// Whether the commit is passed over.
        skip: bool,
    },
}

impl Event {
    /// The record it is about: the first it names that is kept by the book that says it, in a field of its own.
    pub fn about(&self) -> Option<(RecordKind, &str)> {
        let service = self.service();
        let mut about = None;
        self.mentions(&mut |mention| match mention.of {
            Mentioned::Record(kind, id)
                if about.is_none()
                    && mention.within <= Within::Part
                    && kind.service() == Some(service) =>
            {
                about = Some((kind, id));
            }
            _ => {}
        });
        about
    }
}

/// The ids a decision created, in order: what an answer names and a script binds.
///
/// An outing that a row or a report opened on the way is not among them; it was not what was wished.
pub fn created(does: &str, events: &[Event]) -> Vec<String> {
    let mut ids = Vec::new();
    for event in events {
        event.mentions(&mut |mention| match mention.of {
            Mentioned::Record(RecordKind::Sortie, _) if does != "dispatch.open_sortie" => {}
            Mentioned::Record(_, id) if mention.new => ids.push(id.to_owned()),
            _ => {}
        });
    }
    ids
}
