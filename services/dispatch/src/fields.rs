//! Fields: what those of commands have in common. Ids with a number, texts with a length, reasons.
//!
//! Every verb reads its fields with these. They know no book: what an id names is looked up by the verb.

use picket_book::Decision;
use picket_schemas::{Refusal, split_id};

/// The number of an id of this jurisdiction, short or in full.
pub(crate) fn local_number(id: &str, prefix: &str, cx: &Decision<'_>) -> Option<u64> {
    let (home, short) = split_id(id);
    if home.is_some_and(|home| *cx.jurisdiction != *home) {
        return None;
    }
    number(short, prefix)
}

/// The number in `T-2041`; only the form that is written counts.
pub(crate) fn number(id: &str, prefix: &str) -> Option<u64> {
    let digits = id.strip_prefix(prefix)?;
    let written = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    written.then(|| digits.parse().ok()).flatten()
}

/// A reason in a few words, or the refusal.
pub(crate) fn reasoned(reason: &str, what: &str) -> Result<String, Refusal> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Refusal::ReasonNeeded {
            what: what.to_owned(),
        });
    }
    bounded("reason", reason)
}

/// The longest text of a field, in characters.
const LONGEST_TEXT: usize = 2_000;

/// A text that is not too long, trimmed.
pub(crate) fn bounded(field: &str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.len() > LONGEST_TEXT && text.chars().count() > LONGEST_TEXT {
        return Err(Refusal::Invalid {
            field: field.to_owned(),
            why: format!("it is longer than {LONGEST_TEXT} characters"),
        });
    }
    Ok(text.to_owned())
}
