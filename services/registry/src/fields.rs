//! Fields: what each of a record may hold.
//!
//! Every command of the registry checks its fields here before it writes; the sentences of the refusals are
//! for whoever typed the field or the cell of an import file.
//! It knows no record and no directory: only the text it is given.

use std::collections::BTreeSet;
use std::str::FromStr;

use picket_schemas::Refusal;
use picket_schemas::registry::Role;

/// The longest code; it must fit into a button of a chat.
const CODE: usize = 40;
/// The longest name.
const NAME: usize = 200;

/// A field that cannot be used, and why.
pub(crate) fn invalid(field: &str, why: impl Into<String>) -> Refusal {
    Refusal::Invalid {
        field: field.to_owned(),
        why: why.into(),
    }
}

/// A field that is needed, and why.
pub(crate) fn missing(field: &str, why: &str) -> Refusal {
    Refusal::Missing {
        field: field.to_owned(),
        why: why.to_owned(),
    }
}

/// A code: short, and of letters and digits that every channel can carry.
pub(crate) fn code(field: &str, text: &str) -> Result<(), Refusal> {
    if text.is_empty() {
        return Err(missing(field, "everything on record has a code"));
    }
    if text.len() > CODE
        || !text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    {
        return Err(invalid(
            field,
            format!(
                "a code has at most {CODE} letters, digits, `-`, `_` and `.`, and `{}` is not one",
                short(text)
            ),
        ));
    }
    Ok(())
}

/// A name people read, without the blanks around it.
pub(crate) fn name(field: &str, text: &str) -> Result<String, Refusal> {
    match line(field, text, NAME)? {
        Some(name) => Ok(name),
        None => Err(missing(field, "people read it on every card")),
    }
}

/// One line of text, without the blanks around it; nothing when it is empty.
pub(crate) fn line(field: &str, text: &str, longest: usize) -> Result<Option<String>, Refusal> {
    let text = text.trim();
    if text.chars().count() > longest {
        return Err(invalid(
            field,
            format!("it is longer than {longest} characters"),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(invalid(
            field,
            "it holds a line break or another character that cannot be shown",
        ));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// One of a few words; nothing when it is empty.
pub(crate) fn word(
    field: &str,
    text: Option<&str>,
    words: &[&str],
) -> Result<Option<String>, Refusal> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if !words.contains(&text) {
        return Err(invalid(
            field,
            format!("`{}` is none of {}", short(text), words.join(", ")),
        ));
    }
    Ok(Some(text.to_owned()))
}

/// Roles by their names.
pub(crate) fn roles(names: &[String]) -> Result<BTreeSet<Role>, Refusal> {
    names
        .iter()
        .map(|name| Role::from_str(name).map_err(|why| invalid("roles", why)))
        .collect()
}

/// The beginning of what was typed, fit to be repeated in a sentence.
fn short(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(CODE)
        .collect()
}
