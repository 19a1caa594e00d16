//! What is wrong with JSON, in words for people: a reader's own messages speak of variants and structs.
//!
//! Commands that people type, cells that hold JSON and scenario files are told of through here.
//! It does not know what a field means.

/// The words of a JSON error, without the reader's vocabulary and without a place in a text nobody typed.
pub fn plain(error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "it ends too early; a quote, a bracket or a brace is not closed".to_owned();
    }
    let text = error.to_string();
    if error.is_syntax() {
        let known = [
            (
                "expected value",
                "a value is missing, or a text without its quotes stands there",
            ),
            (
                "key must be a string",
                "a name stands there without its quotes",
            ),
            ("trailing comma", "there is a comma too many"),
            ("trailing characters", "something stands behind the end"),
            ("expected `:`", "a colon is missing"),
            ("expected `,`", "a comma or the closing bracket is missing"),
        ];
        let why = known
            .iter()
            .find(|(start, _)| text.starts_with(start))
            .map_or("it is not well formed", |(_, why)| why);
        return format!("at character {} {why}", error.column());
    }
    let text = match text.rsplit_once(" at line ") {
        Some((text, place))
            if place
                .split(" column ")
                .all(|number| number.bytes().all(|byte| byte.is_ascii_digit())) =>
        {
            text
        }
        _ => &text,
    };
    reworded(text).unwrap_or_else(|| text.to_owned())
}

fn reworded(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix("unknown variant ") {
        let (given, known) = choices(rest)?;
        return Some(format!("`{given}` is not among {known}"));
    }
    if let Some(rest) = text.strip_prefix("unknown field ") {
        return Some(match choices(rest) {
            Some((given, known)) => format!("there is no field `{given}`; there is {known}"),
            None => format!("there is no field {}", rest.split(',').next()?),
        });
    }
    if let Some(field) = text.strip_prefix("missing field ") {
        return Some(format!("{field} is missing"));
    }
    let rest = ["invalid type: ", "invalid value: ", "invalid length "]
        .iter()
        .find_map(|start| text.strip_prefix(start))?;
    let (given, wanted) = rest.split_once(", expected ")?;
    Some(format!("{} is not {}", given_as(given), wanted_as(wanted)))
}

/// ``x`, expected one of `a`, `b`` → `x` and `a, b`.
fn choices(rest: &str) -> Option<(&str, String)> {
    let (given, known) = rest.strip_prefix('`')?.split_once("`, expected ")?;
    let known: Vec<_> = known.split('`').skip(1).step_by(2).collect();
    (!known.is_empty()).then(|| (given, known.join(", ")))
}

fn given_as(given: &str) -> String {
    let kinds = ["string ", "integer ", "floating point ", "boolean "];
    match kinds.iter().find_map(|kind| given.strip_prefix(kind)) {
        Some(value) => format!("`{}`", value.trim_matches(['"', '`'])),
        None => match given {
            "map" => "an object".to_owned(),
            "sequence" => "a list".to_owned(),
            "null" => "nothing".to_owned(),
            other => other.to_owned(),
        },
    }
}

fn wanted_as(wanted: &str) -> String {
    match wanted {
        "a string" | "string" | "a borrowed string" => "a text".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object with fields".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        other
            if other.starts_with("struct ")
                || other.starts_with("internally tagged")
                || other.starts_with("struct variant ") =>
        {
            "an object with fields".to_owned()
        }
        other if other.starts_with("enum ") || other.contains(" enum ") => {
            "one of the words for it".to_owned()
        }
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "snake_case")]
    struct Form {
        #[serde(rename = "count")]
        _count: u32,
        #[serde(rename = "word", default)]
        _word: Option<Word>,
        #[serde(rename = "list", default)]
        _list: Vec<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        Yes,
        No,
    }

    #[test]
    fn no_word_of_the_reader_reaches_a_person() {
        for (json, said) in [
            (r#"{"count":"3"}"#, "`3` is not a whole number from 0"),
            (r#"{"count":-3}"#, "`-3` is not a whole number from 0"),
            (r#"{"count":{}}"#, "an object is not a whole number from 0"),
            (
                r#"{"count":1,"word":"maybe"}"#,
                "`maybe` is not among yes, no",
            ),
            (r#"{"count":1,"list":"a"}"#, "`a` is not a list"),
            (r#"{"count":1,"list":[1]}"#, "`1` is not a text"),
            (
                r#"{"count":1,"kount":1}"#,
                "there is no field `kount`; there is count, word, list",
            ),
            ("{}", "`count` is missing"),
            ("7", "`7` is not an object with fields"),
        ] {
            assert_eq!(
                plain(&serde_json::from_str::<Form>(json).unwrap_err()),
                said,
                "{json}"
            );
        }
        for (json, said) in [
            (
                "{",
                "it ends too early; a quote, a bracket or a brace is not closed",
            ),
            (
                "{count:1}",
                "at character 2 a name stands there without its quotes",
            ),
            (
                r#"{"count":x}"#,
                "at character 10 a value is missing, or a text without its quotes stands there",
            ),
            (
                r#"{"count":1,}"#,
                "at character 12 there is a comma too many",
            ),
            (r#"{"count" 1}"#, "at character 10 a colon is missing"),
            (
                r#"{"count":1 "word":1}"#,
                "at character 12 a comma or the closing bracket is missing",
            ),
            ("{}x", "at character 3 something stands behind the end"),
        ] {
            assert_eq!(
                plain(&serde_json::from_str::<serde_json::Value>(json).unwrap_err()),
                said,
                "{json}"
            );
        }
        assert!(matches!(
            serde_json::from_str::<Vec<Word>>(r#"["yes","no"]"#).as_deref(),
            Ok([Word::Yes, Word::No])
        ));
    }
}
