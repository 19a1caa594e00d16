//! Two macros that write an enum and the names its variants have on the wire, and what a field is for help.
//!
//! The names are literals on purpose: a renamed Rust variant must never rename what is stored.

/// Writes an enum of facts, tagged with `type`.
macro_rules! events {
    ($(#[$m:meta])* pub enum $name:ident { $( $(#[$vm:meta])* $wire:literal $var:ident { $( $(#[$fm:meta])* $f:ident : $t:ty ),* $(,)? } ),* $(,)? }) => {
        $(#[$m])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "type")]
        pub enum $name { $( $(#[$vm])* #[serde(rename = $wire)] $var { $( $(#[$fm])* $f: $t ),* } ),* }

        impl $name {
            /// Every name on the wire, in the order of the enum.
            pub const KINDS: &'static [&'static str] = &[$($wire),*];

            /// The name on the wire.
            pub fn kind(&self) -> &'static str {
                match self { $( Self::$var { .. } => $wire ),* }
            }
        }
    };
}

/// A field of a command, as whoever fills it must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its type as the source has it: help and messages are made from it, nothing else.
    pub kind: &'static str,
    /// What the source says of reading it.
    pub(crate) attributes: &'static str,
}

impl Field {
    /// Whether the command can be said without it.
    pub fn is_optional(&self) -> bool {
        self.attributes.contains("default") || self.kind.starts_with("Option")
    }

    /// Its type without `Option` and without a path.
    pub(crate) fn base(&self) -> &'static str {
        let inner = self.kind.strip_prefix("Option<").and_then(|rest| rest.strip_suffix('>')).unwrap_or(self.kind);
        let end = inner.find('<').unwrap_or(inner.len());
        inner[..end].rsplit("::").next().unwrap_or(inner)
    }
}

/// Writes an enum of wishes, tagged with `do`.
macro_rules! commands {
    ($(#[$m:meta])* pub enum $name:ident { $( $(#[$vm:meta])* $wire:literal $var:ident { $( $(#[$fm:meta])* $f:ident : $t:ty ),* $(,)? } ),* $(,)? }) => {
        $(#[$m])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "do", deny_unknown_fields)]
        pub enum $name { $( $(#[$vm])* #[serde(rename = $wire)] $var { $( $(#[$fm])* $f: $t ),* } ),* }

        impl $name {
            /// Every verb, `service.verb`, with its fields.
            pub const VERBS: &'static [(&'static str, &'static [&'static str])] = &[$(($wire, &[$(stringify!($f)),*])),*];

            /// Every verb with what is known of its fields.
            pub const FORMS: &'static [(&'static str, &'static [crate::wire::Field])] =
                &[$(($wire, &[$(crate::wire::Field { name: stringify!($f), kind: stringify!($t), attributes: stringify!($(#[$fm])*) }),*])),*];

            /// The verb on the wire.
            pub fn verb(&self) -> &'static str {
                match self { $( Self::$var { .. } => $wire ),* }
            }
        }
    };
}
