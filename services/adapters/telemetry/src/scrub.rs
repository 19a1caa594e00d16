//! The scrubber of what must never leave the process in a log line or a span: secrets, wherever in a text they stand.
//!
//! Everything exported or printed by this crate passes here. Secrets the process was given are named to it and
//! replaced wherever they stand; beyond that it knows the shapes of the usual ones. Pure.

use std::borrow::Cow;
use std::sync::Arc;

/// What stands in place of a secret.
pub(crate) const GONE: &str = "[secret]";

/// Words before `=` or `:` whose value is a secret.
const NAMES: &[&str] = &[
    "token",
    "password",
    "passwd",
    "pass",
    "secret",
    "seed",
    "authorization",
    "api_key",
    "apikey",
    "requirepass",
];

/// The secrets of a process. Clones share them.
#[derive(Clone, Default)]
pub struct Secrets(Arc<Vec<String>>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

impl Secrets {
    /// These, the longest first, so that one that holds another goes whole. Very short ones would tear words apart.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        let mut all: Vec<_> = secrets
            .into_iter()
            .filter(|secret| secret.len() >= 6)
            .collect();
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self(Arc::new(all))
    }

    /// The text without any secret.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut out = Cow::Borrowed(text);
        for secret in self.0.iter() {
            if out.contains(secret.as_str()) {
                out = Cow::Owned(out.replace(secret.as_str(), GONE));
            }
        }
        if !out.contains([':', '=', '@', ' ']) && out.len() < 50 {
            return out;
        }
        let found = spans(&out);
        if found.is_empty() {
            return out;
        }
        let mut clean = String::with_capacity(out.len());
        let mut at = 0;
        for (from, to) in found {
            if from >= at {
                clean.push_str(&out[at..from]);
                clean.push_str(GONE);
                at = to;
            }
        }
        clean.push_str(&out[at..]);
        Cow::Owned(clean)
    }
}

/// Whether a field of this name holds a secret, whatever its value looks like.
pub(crate) fn is_secret(name: &str) -> bool {
    NAMES.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

/// Where secrets stand, in order.
fn spans(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let rest = &text[at + 3..];
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '>' | ')'))
            .unwrap_or(rest.len());
        if let Some(before) = rest[..end].rfind('@') {
            found.push((at + 3, at + 3 + before));
        }
    }
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':') {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            found.extend(shaped(&text[from..at]).map(|(a, b)| (from + a, from + b)));
        }
    }
    found.extend(named(text));
    found.sort_unstable();
    found
}

/// A bot token (`123456:AA…`, with or without `bot` before it) or an nkey seed within a word.
fn shaped(word: &str) -> Option<(usize, usize)> {
    if word.len() >= 56
        && word.starts_with('S')
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte))
    {
        return Some((0, word.len()));
    }
    word.match_indices(':').find_map(|(colon, _)| {
        let (before, after) = (&word[..colon], &word[colon + 1..]);
        let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        (digits >= 6 && after.len() >= 30).then_some((colon - digits, word.len()))
    })
}

/// The values of `token=…`, `Authorization: Bearer …` and the like.
fn named(text: &str) -> Vec<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let mut found = Vec::new();
    for name in NAMES {
        for (at, _) in lower.match_indices(name) {
            let after = at + name.len();
            let rest = &text[after..];
            let trimmed = rest.trim_start_matches(['"', '\'', ' ']);
            let Some(value) = trimmed.strip_prefix(['=', ':']) else {
                continue;
            };
            let value = value.trim_start_matches(['"', '\'', ' ']);
            let value = ["Bearer ", "bearer ", "Basic ", "basic "]
                .iter()
                .find_map(|kind| value.strip_prefix(kind))
                .unwrap_or(value);
            let from = text.len() - value.len();
            let end = value
                .find(|c: char| {
                    c.is_whitespace() || matches!(c, '"' | '\'' | '&' | ',' | ';' | '}' | ')')
                })
                .unwrap_or(value.len());
            if end > 0 {
                found.push((from, from + end));
            }
        }
    }
    found
}

/// One line of it: control characters are written out, so that no text can pretend to be another line.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| {
                if c.is_control() {
                    c.escape_default().to_string()
                } else {
                    c.to_string()
                }
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scrub(text: &str) -> String {
        Secrets::new(["canary-9f2c".to_owned()])
            .scrub(text)
            .into_owned()
    }

    #[test]
    fn a_named_secret_goes_wherever_it_stands() {
        assert_eq!(scrub("canary-9f2c"), "[secret]");
        assert_eq!(
            scrub("xcanary-9f2cy 哨 canary-9f2c"),
            "x[secret]y 哨 [secret]"
        );
    }

    #[test]
    fn the_usual_shapes_go_without_being_named() {
        let token = format!("1234567890:AA{}", "h".repeat(33));
        assert_eq!(
            scrub(&format!(
                "POST http://127.0.0.1:8081/bot{token}/sendMessage failed"
            )),
            "POST http://127.0.0.1:8081/bot[secret]/sendMessage failed"
        );
        assert_eq!(
            scrub("redis://user:hunter2@127.0.0.1:6379/0 is away"),
            "redis://[secret]@127.0.0.1:6379/0 is away"
        );
        assert_eq!(
            scrub("unix:///run/r.sock?pass=hunter2&db=1"),
            "unix:///run/r.sock?pass=[secret]&db=1"
        );
        assert_eq!(scrub(&format!("tg:{token}")), "tg:[secret]");
        assert_eq!(
            scrub("Authorization: Bearer abc.def"),
            "Authorization: Bearer [secret]"
        );
        assert_eq!(
            scrub(r#"{"token":"abc","n":1}"#),
            r#"{"token":"[secret]","n":1}"#
        );
        assert_eq!(
            scrub(&format!("seed file holds S{}", "U".repeat(57))),
            "seed file holds [secret]"
        );
    }

    #[test]
    fn ordinary_words_stay_as_they_are() {
        for text in [
            "",
            "dispatch/420902:1834:0",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "commit 7 of `dispatch/420902` at 2026-03-04T02:12:00.123Z",
            "http://127.0.0.1:4318/v1/traces",
            "书院社区 12:30",
            "the token of the lease grew",
        ] {
            assert_eq!(scrub(text), text);
        }
    }

    #[test]
    fn a_text_cannot_pretend_to_be_another_line() {
        assert_eq!(
            one_line("a\npicket: b\u{1b}[31m"),
            "a\\npicket: b\\u{1b}[31m"
        );
    }
}
