//! Fields that people type: a list may be `["a","b"]` or `a;b`, a number or a flag may come as text.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(untagged)]
enum ListOrText<T> {
    List(Vec<T>),
    Text(String),
}

/// A list, or one text with `;` between its parts.
pub(crate) fn list<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + From<String>,
{
    Ok(match Option::<ListOrText<T>>::deserialize(from)? {
        None => Vec::new(),
        Some(ListOrText::List(list)) => list,
        Some(ListOrText::Text(text)) => parts(&text).map(|part| T::from(part.to_owned())).collect(),
    })
}

/// The parts of a cell with `;` between them, blanks left out.
pub fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ValueOrText<T> {
    Value(T),
    Text(String),
}

/// A number or a flag, or its text.
pub(crate) fn value<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + FromStr,
    T::Err: Display,
{
    match ValueOrText::<T>::deserialize(from)? {
        ValueOrText::Value(value) => Ok(value),
        ValueOrText::Text(text) => text
            .trim()
            .parse()
            .map_err(|why| D::Error::custom(format!("`{text}`: {why}"))),
    }
}

/// The same, where the field may be absent.
pub(crate) fn option<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + FromStr,
    T::Err: Display,
{
    match Option::<ValueOrText<T>>::deserialize(from)? {
        None => Ok(None),
        Some(ValueOrText::Value(value)) => Ok(Some(value)),
        Some(ValueOrText::Text(text)) if text.trim().is_empty() => Ok(None),
        Some(ValueOrText::Text(text)) => text
            .trim()
            .parse()
            .map(Some)
            .map_err(|why| D::Error::custom(format!("`{text}`: {why}"))),
    }
}
