//! A wish: a command with who, when and by which way; and what comes back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use crate::form::BadCommand;
use crate::form::{bad_fields, is_slip};
use crate::ids::{CommandId, PersonId};
use crate::wire::Field;
use crate::{bulletin, courier, dispatch, escalation, rectification, registry, schedule};

macro_rules! commands_of {
    ($($service:literal $var:ident $module:ident),* $(,)?) => {
        /// A command to one of the services.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Command {
            $(#[doc = concat!("To `", $service, "`.")] $var($module::Command),)*
        }

        impl Command {
            /// Reads a command from its JSON, `{"do":"dispatch.accept_task","task":"T-1"}`.
            pub fn parse(json: serde_json::Value) -> Result<Self, BadCommand> {
                let verb = json.get("do").and_then(|verb| verb.as_str()).ok_or(BadCommand::NoVerb)?.to_owned();
                let service = verb.split('.').next().unwrap_or_default();
                let known = match service {
                    $($service => $module::Command::FORMS.iter().copied().find(|(name, _)| *name == verb),)*
                    _ => None,
                };
                let Some((known, form)) = known else {
                    return Err(BadCommand::UnknownVerb { verb, nearest: Self::nearest(&json) });
                };
                let read = |json: &serde_json::Value| match service {
                    $($service => serde::Deserialize::deserialize(json).map(Self::$var),)*
                    other => Err(serde::de::Error::custom(format!("no service is named `{other}`"))),
                };
                // What is wrong is looked for only where something is: the field, not the reader's position.
                read(&json).map_err(|source: serde_json::Error| bad_fields(known, form, &json, &source, |one| read(&one).err()))
            }

            /// The service it goes to.
            pub fn service(&self) -> &'static str {
                match self { $(Self::$var(_) => $service,)* }
            }

            /// The verb on the wire.
            pub fn verb(&self) -> &'static str {
                match self { $(Self::$var(command) => command.verb(),)* }
            }

            /// Every verb with what is known of its fields.
            pub fn forms() -> Vec<(&'static str, &'static [Field])> {
                let mut all = Vec::new();
                $(all.extend($module::Command::FORMS.iter().copied());)*
                all
            }

            /// Every verb with its fields.
            pub fn verbs() -> Vec<(&'static str, &'static [&'static str])> {
                let mut all = Vec::new();
                $(all.extend($module::Command::VERBS.iter().copied());)*
                all
            }
        }

        $(impl From<$module::Command> for Command { fn from(command: $module::Command) -> Self { Self::$var(command) } })*
    };
}

commands_of! {
    "registry" Registry registry,
    "schedule" Schedule schedule,
    "dispatch" Dispatch dispatch,
    "rectification" Rectification rectification,
    "escalation" Escalation escalation,
    "bulletin" Bulletin bulletin,
    "courier" Courier courier,
}

impl Command {
    fn nearest(json: &serde_json::Value) -> Vec<&'static str> {
        let wished = json
            .get("do")
            .and_then(|verb| verb.as_str())
            .unwrap_or_default();
        let tail = wished.rsplit('.').next().unwrap_or_default();
        let service = wished.split('.').next().unwrap_or_default();
        let all = Self::verbs();
        let mut near: Vec<_> = all
            .iter()
            .map(|(verb, _)| *verb)
            .filter(|verb| verb.rsplit('.').next() == Some(tail))
            .collect();
        if near.is_empty() {
            near = all
                .iter()
                .map(|(verb, _)| *verb)
                .filter(|verb| is_slip(wished, verb))
                .collect();
        }
        if near.is_empty() {
            near = all
                .iter()
                .map(|(verb, _)| *verb)
                .filter(|verb| verb.split('.').next() == Some(service))
                .collect();
        }
        near
    }
}

/// A command as it travels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wish {
    /// Made by whoever first wished it; a repeat carries the same.
    pub id: CommandId,
    /// Who, in full.
    pub by: PersonId,
    /// By which way.
    pub via: String,
    /// When it was wished.
    pub made: Timestamp,
    /// When it was seen to happen, where that differs: a record that was synced late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<Timestamp>,
    /// W3C trace parent, or empty.
    pub trace: String,
    /// What.
    pub command: Command,
}

/// What an accepted command led to. A repeat of the same id gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The book that decided.
    pub book: String,
    /// The commit that holds the decision; the last one where nothing had to change.
    pub n: u64,
    /// The ids it created, in order.
    #[serde(default)]
    pub created: Vec<String>,
    /// Everything was so already; nothing was written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unchanged: bool,
}
