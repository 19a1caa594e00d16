//! Ids: the numbers in those this book gives out.
//!
//! They know no book: what an id names is looked up by the verb.

use picket_book::Decision;
use picket_schemas::split_id;

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
