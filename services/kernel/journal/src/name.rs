//! The name of a book, such as `dispatch/420902`.
//!
//! Everything that addresses a journal uses it. It does not know which services or
//! jurisdictions exist; it only keeps names that every store can use as a key or a subject.

use std::fmt;
use std::sync::Arc;

/// The longest name, in bytes.
pub const MAX_NAME_BYTES: usize = 100;

/// The name of a book: `<service>/<jurisdiction>`.
///
/// A service is written in lower-case letters, digits, `_` and `-`; a jurisdiction in
/// letters, digits, `-` and `_`. Cloning is cheap.
#[derive(Clone, Eq, PartialEq, Ord, PartialOrd, Hash)]
pub struct BookName(Arc<str>);

impl BookName {
    /// The book a service keeps about a jurisdiction.
    pub fn new(service: &str, jurisdiction: &str) -> Result<Self, BookNameError> {
        Self::parse(&format!("{service}/{jurisdiction}"))
    }

    /// Reads a name as it is displayed.
    pub fn parse(name: &str) -> Result<Self, BookNameError> {
        let wrong = |what| BookNameError {
            name: name.chars().take(MAX_NAME_BYTES).collect(),
            what,
        };
        if name.len() > MAX_NAME_BYTES {
            return Err(wrong("is longer than 100 bytes"));
        }
        let Some((service, jurisdiction)) = name.split_once('/') else {
            return Err(wrong("is not written `service/jurisdiction`"));
        };
        let in_service =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if service.is_empty() || !service.chars().all(in_service) {
            return Err(wrong(
                "needs a service of lower-case letters, digits, `_` or `-`",
            ));
        }
        let in_jurisdiction = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if jurisdiction.is_empty() || !jurisdiction.chars().all(in_jurisdiction) {
            return Err(wrong("needs a jurisdiction of letters, digits, `-` or `_`"));
        }
        Ok(Self(name.into()))
    }

    /// The service that keeps the book.
    pub fn service(&self) -> &str {
        self.0.split_once('/').map_or("", |(service, _)| service)
    }

    /// The jurisdiction the book is about.
    pub fn jurisdiction(&self) -> &str {
        self.0
            .split_once('/')
            .map_or("", |(_, jurisdiction)| jurisdiction)
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BookName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for BookName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BookName({})", self.0)
    }
}

/// Why a text is not the name of a book.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the book name `{name}` {what}")]
pub struct BookNameError {
    name: String,
    what: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_its_service_and_its_jurisdiction() {
        let name = BookName::new("dispatch", "420902").unwrap();
        assert_eq!(name.service(), "dispatch");
        assert_eq!(name.jurisdiction(), "420902");
        assert_eq!(name.to_string(), "dispatch/420902");
        assert_eq!(BookName::parse("dispatch/420902").unwrap(), name);
    }

    #[test]
    fn names_that_a_store_could_not_use_are_refused() {
        for name in [
            "",
            "/",
            "dispatch",
            "dispatch/",
            "/4209",
            "Dispatch/4209",
            "dispatch/42.09",
            "dispatch/4209/1",
            "dis patch/4209",
            "dispatch/*",
            "dispatch/区",
            "a.b/1",
        ] {
            assert!(BookName::parse(name).is_err(), "{name:?}");
        }
        assert!(BookName::new("dispatch", &"4".repeat(91)).is_ok());
        assert!(BookName::new("dispatch", &"4".repeat(92)).is_err());
    }

    #[test]
    fn a_refusal_names_the_text_and_the_reason() {
        let error = BookName::parse("Dispatch/4209").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the book name `Dispatch/4209` needs a service of lower-case letters, digits, `_` or `-`"
        );
    }
}
