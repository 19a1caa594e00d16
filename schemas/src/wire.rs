//! Fields of commands, as help and messages need them.
//!
//! The derive of `schemas/derive` fills it from the enum; `form` reads it. It does not know what the field means.

/// A field of a command, as whoever fills it must know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its type as the source has it: help and messages are made from it, nothing else.
    pub kind: &'static str,
    /// Whether the command can be said without it.
    pub(crate) optional: bool,
    /// What the source says of it, in one line; empty where its name says all.
    pub doc: &'static str,
}

impl Field {
    /// Whether the command can be said without it.
    pub fn is_optional(&self) -> bool {
        self.optional
    }

    /// Its type without `Option` and without a path.
    pub(crate) fn base(&self) -> &'static str {
        let inner = self
            .kind
            .strip_prefix("Option<")
            .and_then(|rest| rest.strip_suffix('>'))
            .unwrap_or(self.kind);
        let end = inner.find('<').unwrap_or(inner.len());
        inner[..end].rsplit("::").next().unwrap_or(inner)
    }
}
