//! Checks of fields: texts, lines, names, codes, amounts and instants, as a command brings them.
//!
//! Every book checks the fields of its commands with these, so that a length and the refusal for it stand once;
//! import reads the same lengths. Only `decide` checks: what is recorded was checked when it was, so a bound
//! that changes leaves old journals as they are ([decision 32](../../../decisions/0032-fields-are-checked-once.md)).
//! It knows no record and no directory: what a code names is looked up by the verb.

use std::fmt::Display;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use picket_schemas::Refusal;

/// The longest violation code.
pub const VIOLATION: usize = 8;
/// The longest code of a record; it must fit into a button of a chat.
pub const CODE: usize = 40;
/// The longest number of a certificate.
pub const CERTIFICATE: usize = 80;
/// The longest name of a record, and of whoever is reported without being on record.
pub const NAME: usize = 200;
/// The longest address of an institution.
pub const ADDRESS: usize = 300;
/// The longest line of a log.
pub const LINE: usize = 400;
/// The longest text a person writes into a record: a reason, a note, the content of an order.
pub const TEXT: usize = 4_000;

/// Years people plan for; anything else is a slip of the keyboard.
pub const YEARS: RangeInclusive<i16> = 2000..=2100;

/// A field that cannot be used, and why.
pub fn invalid(field: &str, why: impl Into<String>) -> Refusal {
    Refusal::Invalid {
        field: field.to_owned(),
        why: why.into(),
    }
}

/// A field that is needed, and why.
pub fn missing(field: &str, why: impl Into<String>) -> Refusal {
    Refusal::Missing {
        field: field.to_owned(),
        why: why.into(),
    }
}

/// A length within its bound, for a field that is recorded as it came.
pub fn length(field: &str, given: &str, longest: usize) -> Result<(), Refusal> {
    if given.chars().nth(longest).is_some() {
        return Err(invalid(
            field,
            format!("it is longer than {longest} characters"),
        ));
    }
    Ok(())
}

/// A text that may be empty, without the blanks around it.
pub fn text(field: &str, given: &str) -> Result<String, Refusal> {
    let given = given.trim();
    length(field, given, TEXT)?;
    Ok(given.to_owned())
}

/// A text that may not be empty, without the blanks around it.
pub fn needed_text(field: &str, given: &str, why: &str) -> Result<String, Refusal> {
    let given = text(field, given)?;
    if given.is_empty() {
        return Err(missing(field, why));
    }
    Ok(given)
}

/// The reason for what a person does, without the blanks around it.
pub fn reason(given: &str, what: &str) -> Result<String, Refusal> {
    let given = text("reason", given)?;
    if given.is_empty() {
        return Err(reason_needed(what));
    }
    Ok(given)
}

/// The reason for what a person does, in one line.
pub fn line_of_reason(given: &str, what: &str) -> Result<String, Refusal> {
    line("reason", given, TEXT)?.ok_or_else(|| reason_needed(what))
}

fn reason_needed(what: &str) -> Refusal {
    Refusal::ReasonNeeded {
        what: what.to_owned(),
    }
}

/// One line of text, without the blanks around it; nothing when it is empty.
pub fn line(field: &str, given: &str, longest: usize) -> Result<Option<String>, Refusal> {
    let given = given.trim();
    length(field, given, longest)?;
    if given.chars().any(char::is_control) {
        return Err(invalid(
            field,
            "it holds a line break or another character that cannot be shown",
        ));
    }
    Ok((!given.is_empty()).then(|| given.to_owned()))
}

/// A name people read, in one line that may not be empty.
pub fn name(field: &str, given: &str, why: &str) -> Result<String, Refusal> {
    line(field, given, NAME)?.ok_or_else(|| missing(field, why))
}

/// A code that every channel can carry: short, and of ASCII letters and digits.
pub fn code(field: &str, given: &str) -> Result<(), Refusal> {
    if given.is_empty() {
        return Err(missing(field, "everything on record has a code"));
    }
    if given.len() > CODE || !given.bytes().all(is_plain) {
        return Err(invalid(
            field,
            format!(
                "a code has at most {CODE} letters, digits, `-`, `_` and `.`, and `{}` is not one",
                beginning(given)
            ),
        ));
    }
    Ok(())
}

/// A code that is typed at a command line: short, and of letters and digits of any script.
pub fn code_of_any_script(field: &str, given: &str) -> Result<(), Refusal> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if given.is_empty() || length(field, given, CODE).is_err() || !given.chars().all(plain) {
        return Err(invalid(
            field,
            format!("a code has 1 to {CODE} letters, digits, `-`, `_` or `.`"),
        ));
    }
    Ok(())
}

/// A violation code, of the catalogue or not: `H1`.
pub fn violation(field: &str, given: &str) -> Result<(), Refusal> {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if given.is_empty() || given.len() > VIOLATION || !given.bytes().all(plain) {
        return Err(invalid(
            field,
            format!(
                "`{}` is no violation code; one is up to {VIOLATION} capital letters and digits, such as `H1`",
                beginning(given)
            ),
        ));
    }
    Ok(())
}

/// One of a few words.
pub fn one_of(field: &str, given: &str, words: &[&str]) -> Result<(), Refusal> {
    if !words.contains(&given) {
        return Err(invalid(
            field,
            format!("`{}` is none of {}", beginning(given), words.join(", ")),
        ));
    }
    Ok(())
}

/// One of a few words, without the blanks around it; nothing when it is empty.
pub fn word(field: &str, given: Option<&str>, words: &[&str]) -> Result<Option<String>, Refusal> {
    let Some(given) = given.map(str::trim).filter(|given| !given.is_empty()) else {
        return Ok(None);
    };
    one_of(field, given, words)?;
    Ok(Some(given.to_owned()))
}

/// An amount of at least one.
pub fn positive(field: &str, amount: impl Into<u64>, why: &str) -> Result<(), Refusal> {
    if amount.into() == 0 {
        return Err(invalid(field, why));
    }
    Ok(())
}

/// An instant to come.
pub fn ahead(field: &str, given: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if given <= now {
        return Err(invalid(field, "it does not lie ahead"));
    }
    Ok(())
}

/// An instant that has come.
pub fn not_ahead(field: &str, given: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    if given > now {
        return Err(invalid(field, "it lies in the future"));
    }
    Ok(())
}

/// The end of a span of time that has a beginning.
pub fn ends_after(
    field: &str,
    what: impl Display,
    from: Timestamp,
    until: Timestamp,
) -> Result<(), Refusal> {
    if until <= from {
        return Err(invalid(
            field,
            format!("{what} ends after it begins, and {until} is not after {from}"),
        ));
    }
    Ok(())
}

/// The bytes of which codes are made.
pub fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

/// The beginning of a text, fit to be repeated in a sentence.
fn beginning(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(CODE)
        .collect()
}

#[cfg(test)]
mod tests;
