//! References: `$name` for what an earlier wish created, a find for what a reaction created.
//!
//! They may stand wherever a command has a text, and within each other. The script checks their form before
//! anything runs; while it runs, exactly one thing must match a find at that moment.
//! It knows neither insight nor the journals: whoever runs the script answers.

use serde_json::{Map, Value};

/// The remedy for a reference that cannot be read.
pub(crate) const HINT: &str =
    r#"A find is {"find":"lead","task":"$t1","row":"I-0003"}: a kind, and texts it is found by."#;

/// True where a text can be a name.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && !text.as_bytes()[0].is_ascii_digit()
}

/// The name in `$name`.
pub(crate) fn name(text: &str) -> Option<&str> {
    text.strip_prefix('$').filter(|name| is_name(name))
}

/// True where there is a reference in it; an error where one is not well formed.
pub(crate) fn has_reference(value: &Value) -> Result<bool, String> {
    match value {
        Value::String(text) => Ok(name(text).is_some()),
        Value::Array(values) => values
            .iter()
            .try_fold(false, |found, value| Ok(found | has_reference(value)?)),
        Value::Object(fields) => {
            let find = fields.get("find");
            if find.is_some_and(|find| !find.is_string()) {
                return Err("`find` is not the name of a kind of thing".to_owned());
            }
            for (key, value) in fields {
                has_reference(value)?;
                let plain = matches!(value, Value::String(_) | Value::Number(_) | Value::Bool(_))
                    || value.get("find").is_some();
                if find.is_some() && !plain {
                    return Err(format!(
                        "a find cannot look for a `{key}` that is a list or an object"
                    ));
                }
            }
            Ok(find.is_some()
                || fields
                    .values()
                    .any(|value| has_reference(value) == Ok(true)))
        }
        _ => Ok(false),
    }
}

/// The same with every find taken for a text, so that the command around it can be checked.
pub(crate) fn with_placeholders(value: Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key("find") => Value::String("found".to_owned()),
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(key, value)| (key, with_placeholders(value)))
                .collect(),
        ),
        Value::Array(values) => Value::Array(values.into_iter().map(with_placeholders).collect()),
        other => other,
    }
}

/// Every `$name` in it.
pub(crate) fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => name(text).into_iter().collect(),
        Value::Array(values) => values.iter().flat_map(names).collect(),
        Value::Object(fields) => fields.values().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

/// Answers references while the script runs.
pub(crate) trait Answers {
    /// The id a name stands for.
    fn named(&self, name: &str) -> Result<String, String>;
    /// The one id that matches; `by` holds texts only.
    fn found(&self, find: &str, by: Vec<(String, String)>) -> Result<String, String>;
}

/// The same with every reference replaced, those within others first.
pub(crate) fn resolve(value: &Value, answers: &impl Answers) -> Result<Value, String> {
    match value {
        Value::String(text) => match name(text) {
            Some(name) => answers.named(name).map(Value::String),
            None => Ok(value.clone()),
        },
        Value::Array(values) => values.iter().map(|value| resolve(value, answers)).collect(),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(key, value)| Ok((key.clone(), resolve(value, answers)?)))
                .collect::<Result<Map<_, _>, String>>()?;
            let Some(find) = fields.get("find").and_then(Value::as_str) else {
                return Ok(Value::Object(fields));
            };
            let by = fields
                .iter()
                .filter(|(key, _)| *key != "find")
                .map(|(key, value)| (key.clone(), text_of(value)))
                .collect();
            answers.found(find, by).map(Value::String)
        }
        other => Ok(other.clone()),
    }
}

fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
