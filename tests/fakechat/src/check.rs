//! What a call may hold: the checks the platform makes before it does anything.

use serde_json::{Map, Value};

use crate::html;

/// An answer that is an error.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    pub(crate) words: String,
    pub(crate) retry_after: Option<u64>,
    pub(crate) migrate_to: Option<i64>,
}

/// 400 in these words.
pub(crate) fn bad(words: impl Into<String>) -> Refusal {
    Refusal {
        code: 400,
        words: format!("Bad Request: {}", words.into()),
        retry_after: None,
        migrate_to: None,
    }
}

/// Another number and these words.
pub(crate) fn refused(code: u16, words: impl Into<String>) -> Refusal {
    Refusal {
        code,
        words: words.into(),
        retry_after: None,
        migrate_to: None,
    }
}

/// The fields of a call; those of a form come as text.
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl Fields {
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        let value = self.0.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn yes(&self, name: &str) -> bool {
        self.0
            .get(name)
            .is_some_and(|value| value.as_bool() == Some(true) || value.as_str() == Some("true"))
    }

    /// A field that holds more than one value; in a form it is JSON in a text.
    pub(crate) fn nested(&self, name: &str) -> Option<Value> {
        match self.0.get(name)? {
            Value::String(text) => serde_json::from_str(text).ok(),
            other => Some(other.clone()),
        }
    }

    /// The chat, which every message needs.
    pub(crate) fn chat(&self) -> Result<i64, Refusal> {
        self.number("chat_id")
            .ok_or_else(|| bad("chat_id is empty"))
    }

    pub(crate) fn message(&self) -> Result<i32, Refusal> {
        self.number("message_id")
            .and_then(|number| i32::try_from(number).ok())
            .ok_or_else(|| bad("message identifier is not specified"))
    }
}

/// The text a person reads, within the limits.
pub(crate) fn text(fields: &Fields, name: &str, most: usize) -> Result<String, Refusal> {
    let raw = fields.text(name);
    let plain = match fields.text("parse_mode") {
        "" => raw.to_owned(),
        "HTML" => html::plain(raw).map_err(|words| refused(400, words))?,
        "MarkdownV2" | "Markdown" => return Err(bad("this server reads HTML only")),
        _ => return Err(bad("unsupported parse_mode")),
    };
    if plain.trim().is_empty() {
        return Err(bad("message text is empty"));
    }
    if plain.encode_utf16().count() > most {
        return Err(bad("message is too long"));
    }
    Ok(plain)
}

/// Rows of buttons, within the limits.
pub(crate) fn buttons(fields: &Fields) -> Result<Vec<Vec<(String, String)>>, Refusal> {
    let Some(markup) = fields.nested("reply_markup") else {
        return Ok(Vec::new());
    };
    let Some(rows) = markup.get("inline_keyboard").and_then(Value::as_array) else {
        return if markup.is_object() {
            Ok(Vec::new())
        } else {
            Err(bad("object expected as reply markup"))
        };
    };
    let mut all = Vec::new();
    for row in rows {
        let mut buttons = Vec::new();
        for button in row.as_array().ok_or_else(|| bad("field \"inline_keyboard\" of the InlineKeyboardMarkup should be an Array of Arrays"))? {
            let label = button.get("text").and_then(Value::as_str).unwrap_or_default();
            if label.trim().is_empty() {
                return Err(bad("can't parse inline keyboard button: text buttons are unallowed in the inline keyboard"));
            }
            match button.get("callback_data").and_then(Value::as_str) {
                Some(data) if (1..=64).contains(&data.len()) => buttons.push((label.to_owned(), data.to_owned())),
                Some(_) => return Err(bad("BUTTON_DATA_INVALID")),
                None if button.get("url").is_some() => buttons.push((label.to_owned(), String::new())),
                None => return Err(bad("can't parse inline keyboard button: unknown type")),
            }
        }
        if !buttons.is_empty() {
            all.push(buttons);
        }
    }
    if all.iter().flatten().count() > 100 {
        return Err(bad("reply markup is too long"));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(json: Value) -> Fields {
        Fields(json.as_object().expect("an object").clone())
    }

    fn words<T: std::fmt::Debug>(result: Result<T, Refusal>) -> String {
        result.expect_err("it is refused").words
    }

    #[test]
    fn texts_are_held_to_the_platforms_limits() {
        assert_eq!(
            text(
                &fields(json!({"text": "<b>x</b>", "parse_mode": "HTML"})),
                "text",
                4_096
            )
            .expect("fine"),
            "x"
        );
        assert!(
            words(text(
                &fields(json!({"text": "x".repeat(4_097)})),
                "text",
                4_096
            ))
            .contains("too long")
        );
        assert!(
            words(text(
                &fields(json!({"text": "🟥".repeat(2_049)})),
                "text",
                4_096
            ))
            .contains("too long"),
            "counted as the platform counts"
        );
        assert!(
            words(text(
                &fields(json!({"text": "<b> </b>", "parse_mode": "HTML"})),
                "text",
                4_096
            ))
            .contains("empty")
        );
        assert!(
            words(text(
                &fields(json!({"text": "x", "parse_mode": "html5"})),
                "text",
                4_096
            ))
            .contains("parse_mode")
        );
    }

    #[test]
    fn buttons_are_held_to_the_platforms_limits() {
        let one = |button: Value| {
            buttons(&fields(
                json!({"reply_markup": {"inline_keyboard": [[button]]}}),
            ))
        };
        assert!(one(json!({"text": "x", "callback_data": "d".repeat(64)})).is_ok());
        assert!(
            words(one(json!({"text": "x", "callback_data": "d".repeat(65)})))
                .contains("BUTTON_DATA_INVALID")
        );
        assert!(
            words(one(json!({"text": "x", "callback_data": ""}))).contains("BUTTON_DATA_INVALID")
        );
        assert!(words(one(json!({"text": " ", "callback_data": "d"}))).contains("button"));
    }
}
