//! Two macros that write an enum and the names its variants have on the wire.
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

            /// The verb on the wire.
            pub fn verb(&self) -> &'static str {
                match self { $( Self::$var { .. } => $wire ),* }
            }
        }
    };
}
