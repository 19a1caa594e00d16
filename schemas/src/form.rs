//! What is wrong with a command that people typed: which field, why, and what it takes.
//!
//! The reader of JSON stops at the first thing it cannot use and names neither the field nor a way out; here
//! each field is looked at by itself. Help prints the same forms.
//! It does not know what a command does; the books refuse what is well formed and cannot be.

use serde_json::{Map, Value};

use crate::plain::plain;
use crate::span::SPAN_HINT;
use crate::wire::Field;

/// Why JSON is not a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCommand {
    /// No `do`.
    #[error("a command needs `do`, such as \"dispatch.accept_task\"")]
    NoVerb,
    /// No such verb.
    #[error("there is no command `{verb}`{}", if nearest.is_empty() { String::new() } else { format!("; there is {}", nearest.join(", ")) })]
    UnknownVerb {
        /// What was asked for.
        verb: String,
        /// What it may have meant.
        nearest: Vec<&'static str>,
    },
    /// A field the command does not have.
    #[error("`{verb}` has no field `{field}`")]
    UnknownField {
        /// The verb.
        verb: &'static str,
        /// The field.
        field: String,
        /// The fields it has, those in brackets may be left out.
        takes: String,
    },
    /// Fields it cannot do without.
    #[error("`{verb}` also needs {}", fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(" and "))]
    Missing {
        /// The verb.
        verb: &'static str,
        /// What is missing.
        fields: Vec<&'static str>,
        /// The fields it has, those in brackets may be left out.
        takes: String,
    },
    /// A value that cannot be in this field.
    #[error("`{field}` cannot be used: {why}")]
    Value {
        /// The field.
        field: String,
        /// What is wrong with it.
        why: String,
        /// What to write.
        hint: String,
    },
}

impl BadCommand {
    /// What a person can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::NoVerb => r#"Write {"do":"dispatch.accept_task","task":"T-1"}."#.to_owned(),
            Self::UnknownVerb { .. } => {
                "`picket do` without a command lists them all with their fields.".to_owned()
            }
            Self::UnknownField { takes, .. } | Self::Missing { takes, .. } => {
                format!("It takes {takes}.")
            }
            Self::Value { hint, .. } => hint.clone(),
        }
    }
}

/// The fields of a command in one line; those in brackets may be left out.
pub fn takes(form: &[Field]) -> String {
    if form.is_empty() {
        return "no fields".to_owned();
    }
    form.iter()
        .map(|field| {
            if field.is_optional() {
                format!("[{}]", field.name)
            } else {
                field.name.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether one word is the other with a slip or two of the keyboard.
pub(crate) fn is_slip(written: &str, meant: &str) -> bool {
    let (written, meant): (Vec<char>, Vec<char>) =
        (written.chars().take(80).collect(), meant.chars().collect());
    let mut above: Vec<usize> = (0..=meant.len()).collect();
    for (row, letter) in written.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, other) in meant.iter().enumerate() {
            let same = above[column] + usize::from(letter != other);
            line.push(same.min(above[column + 1] + 1).min(line[column] + 1));
        }
        above = line;
    }
    above.last().is_some_and(|slips| *slips <= 2)
}

/// Finds the field that cannot be used. `trial` reads a command with one field only, for its error.
pub(crate) fn bad_fields(
    verb: &'static str,
    form: &[Field],
    json: &Value,
    source: &serde_json::Error,
    trial: impl Fn(Value) -> Option<serde_json::Error>,
) -> BadCommand {
    let empty = Map::new();
    let given = json.as_object().unwrap_or(&empty);
    if let Some(other) = given
        .keys()
        .find(|key| *key != "do" && !form.iter().any(|field| field.name == key.as_str()))
    {
        return BadCommand::UnknownField {
            verb,
            field: other.clone(),
            takes: takes(form),
        };
    }
    for field in form {
        let Some(value) = given.get(field.name) else {
            continue;
        };
        let alone: Map<_, _> = [
            ("do".to_owned(), Value::from(verb)),
            (field.name.to_owned(), value.clone()),
        ]
        .into_iter()
        .collect();
        // A field that is fine leaves only the others missing.
        let others = |why: &str| {
            form.iter().any(|other| {
                other.name != field.name
                    && why.starts_with(&format!("missing field `{}`", other.name))
            })
        };
        if let Some(why) = trial(Value::Object(alone)).filter(|why| !others(&why.to_string())) {
            return bad_value(field, value, &why);
        }
    }
    let fields: Vec<_> = form
        .iter()
        .filter(|field| !field.is_optional() && !given.contains_key(field.name))
        .map(|field| field.name)
        .collect();
    match fields.is_empty() {
        true => BadCommand::Value {
            field: "do".to_owned(),
            why: plain(source),
            hint: format!("`{verb}` takes {}.", takes(form)),
        },
        false => BadCommand::Missing {
            verb,
            fields,
            takes: takes(form),
        },
    }
}

fn bad_value(field: &Field, value: &Value, why: &serde_json::Error) -> BadCommand {
    let shown = match value {
        Value::String(text) => format!("`{}`", text.chars().take(60).collect::<String>()),
        Value::Null => "nothing".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => format!("`{other}`"),
    };
    let scalar = !value.is_object();
    let (why, hint) = match field.base() {
        "Timestamp" => (
            format!("{shown} is not an instant"),
            "Write 2026-03-02T08:30:00+08:00.",
        ),
        "Date" => (format!("{shown} is not a day"), "Write 2026-03-02."),
        "bool" => (
            format!("{shown} is neither true nor false"),
            "Write true or false.",
        ),
        "u32" | "u64" | "i16" => (
            format!("{shown} is not a whole number that fits here"),
            "Write digits only, such as 5.",
        ),
        "Vec" if scalar && !value.is_array() => (
            format!("{shown} is not a list"),
            "Write the parts with `;` between them, or [\"…\",\"…\"].",
        ),
        "Span" => (plain(why), SPAN_HINT),
        "Unit" => (
            format!("{shown} is not a unit of time"),
            "Write wd, nd, rd, wh or uh: working, natural or rolled days, working or urgent hours.",
        ),
        "Overrides" => (plain(why), crate::printed::PRINTED_HINT),
        "Select" | "Assign" | "Hazards" | "Subject" if scalar => (
            format!("{shown} is not an object with fields"),
            "Write its fields one by one, as in select.area=420902, or as {\"area\":\"420902\"}.",
        ),
        _ => (plain(why), "Correct it and send the command again."),
    };
    BadCommand::Value {
        field: field.name.to_owned(),
        why,
        hint: hint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Command;

    fn bad(json: Value) -> BadCommand {
        Command::parse(json).expect_err("it is no command")
    }

    #[test]
    fn a_field_that_is_not_there_is_named_with_those_that_are() {
        let why = bad(json!({"do":"dispatch.decline_task","task":"T-1","raeson":"ill"}));
        assert_eq!(
            (why.to_string().as_str(), why.hint().as_str()),
            (
                "`dispatch.decline_task` has no field `raeson`",
                "It takes task reason."
            )
        );
        let why = bad(json!({"do":"dispatch.fill_row","task":"T-1"}));
        assert_eq!(
            why.to_string(),
            "`dispatch.fill_row` also needs `row` and `outcome`"
        );
        assert_eq!(
            why.hint(),
            "It takes task row outcome [codes] [note] [evidence] [observed] [urgent]."
        );
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_named_with_its_field_and_what_to_write() {
        for (json, field, hint) in [
            (
                json!({"do":"dispatch.issue_batch","name":"x","window":"3"}),
                "window",
                "3wd",
            ),
            (
                json!({"do":"dispatch.issue_batch","name":"x","window":3}),
                "window",
                "3wd",
            ),
            (
                json!({"do":"dispatch.issue_batch","name":"x","window":{"amount":3}}),
                "window",
                "3wd",
            ),
            (
                json!({"do":"dispatch.issue_batch","name":"x","round":"two"}),
                "round",
                "digits",
            ),
            (
                json!({"do":"dispatch.issue_batch","name":"x","select":"420902"}),
                "select",
                "select.area",
            ),
            (
                json!({"do":"dispatch.issue_batch","name":"x","select":{"aera":"420902"}}),
                "select",
                "Correct",
            ),
            (
                json!({"do":"dispatch.issue_batch","name":"x","sealed_until":"tomorrow"}),
                "sealed_until",
                "2026-03-02T08:30",
            ),
            (
                json!({"do":"dispatch.fill_row","task":"T-1","row":"I-1","outcome":"fine"}),
                "outcome",
                "Correct",
            ),
            (
                json!({"do":"dispatch.fill_row","task":"T-1","row":"I-1","outcome":"ok","urgent":"perhaps"}),
                "urgent",
                "true or false",
            ),
            (
                json!({"do":"dispatch.fill_row","task":7,"row":"I-1","outcome":"ok"}),
                "task",
                "Correct",
            ),
            (
                json!({"do":"dispatch.open_sortie","members":"P-1","date":"Monday"}),
                "date",
                "2026-03-02",
            ),
            (
                json!({"do":"rectification.merge_leads","into":"L-1","leads":2}),
                "leads",
                "`;`",
            ),
            (
                json!({"do":"rectification.extend_order","order":"Z-1","amount":"3","unit":"days","reason":"x"}),
                "unit",
                "wd",
            ),
            (
                json!({"do":"bulletin.freeze","name":"x","overrides":{"person_times":"viele"}}),
                "overrides",
                "1198+",
            ),
        ] {
            let why = bad(json.clone());
            let text = format!("{why} {}", why.hint());
            assert!(
                text.starts_with(&format!("`{field}` cannot be used: "))
                    && why.hint().contains(hint),
                "{json}: {text}"
            );
            for word in [
                "expected",
                "variant",
                "struct",
                "invalid type",
                "untagged",
                "line 1",
            ] {
                assert!(!text.contains(word), "{json}: {text}");
            }
        }
    }

    #[test]
    fn what_is_no_command_says_what_one_is() {
        assert!(bad(json!({})).hint().contains("dispatch.accept_task"));
        assert_eq!(
            bad(json!({"do":"dispatch.acept_task"})).to_string(),
            "there is no command `dispatch.acept_task`; there is dispatch.accept_task"
        );
        assert!(
            bad(json!({"do":"nothing.at_all"}))
                .hint()
                .contains("picket do")
        );
    }

    #[test]
    fn every_form_holds_the_fields_of_its_command() {
        for ((verb, fields), (named, form)) in Command::verbs().into_iter().zip(Command::forms()) {
            assert_eq!(
                (verb, fields.to_vec()),
                (
                    named,
                    form.iter().map(|field| field.name).collect::<Vec<_>>()
                )
            );
        }
    }
}
