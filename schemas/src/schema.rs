//! JSON Schema of commands (draft 2020-12), for whoever writes commands by program.
//!
//! It is made from what the reader of commands knows: fields, their types, what may be left out, and the values one
//! of a closed list may have, which the reader itself is asked for. It says how a command is best written; the reader
//! also takes lists as one text and numbers in quotes. It does not know who may wish what.

use serde_json::{Map, Value, json};

use crate::declared::phrase;
use crate::wire::Field;
use crate::wish::{BadCommand, Command};

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A value no field takes.
const NONSENSE: &str = "\u{1}";

/// Types that are written as an object with fields of their own.
const OBJECTS: &[&str] = &[
    "Assign",
    "BTreeMap",
    "Figures",
    "Hazards",
    "Overrides",
    "Positions",
    "Rung",
    "Select",
    "Subject",
];

/// Types that are one of a list, with what belongs to it: `{"row":{…}}`.
const TAGGED: &[&str] = &["Does", "DraftOf"];

/// The schema of one command; none for a verb that is not there.
pub fn of(verb: &str) -> Option<Value> {
    let (verb, fields) = Command::forms()
        .into_iter()
        .find(|(known, _)| *known == verb)?;
    let mut schema = command(verb, fields);
    schema["$schema"] = DRAFT.into();
    Some(schema)
}

/// The schema of all commands: a command is one of them.
pub fn all() -> Value {
    let forms = Command::forms();
    let one_of: Vec<_> = forms
        .iter()
        .map(|(verb, _)| json!({ "$ref": format!("#/$defs/{verb}") }))
        .collect();
    let defs: Map<_, _> = forms
        .iter()
        .map(|(verb, fields)| ((*verb).to_owned(), command(verb, fields)))
        .collect();
    json!({ "$schema": DRAFT, "title": "A command to Picket", "oneOf": one_of, "$defs": defs })
}

/// The values a field takes, where they are a closed list.
pub fn choices(verb: &str, field: &Field) -> Vec<String> {
    let mut json = Map::new();
    json.insert("do".to_owned(), verb.into());
    json.insert(field.name.to_owned(), NONSENSE.into());
    if field.base() == "Unit" {
        return ["wd", "nd", "rd", "wh", "uh"].map(str::to_owned).to_vec();
    }
    let Err(BadCommand::Value { why, .. }) = Command::parse(Value::Object(json)) else {
        return Vec::new();
    };
    why.split_once(" is not among ")
        .map(|(_, values)| values.split(", ").map(str::to_owned).collect())
        .unwrap_or_default()
}

fn command(verb: &str, fields: &[Field]) -> Value {
    let mut properties = Map::new();
    properties.insert("do".to_owned(), json!({ "const": verb }));
    let mut required = vec!["do"];
    for field in fields {
        let mut schema = typed(verb, field);
        if !field.doc.is_empty() {
            schema["description"] = field.doc.into();
        }
        properties.insert(field.name.to_owned(), schema);
        if !field.is_optional() {
            required.push(field.name);
        }
    }
    json!({
        "title": verb,
        "description": phrase(verb),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The schema of a field; of one that may be nothing, nothing is a value.
fn typed(verb: &str, field: &Field) -> Value {
    let choices = choices(verb, field);
    let value = match field.base() {
        base if TAGGED.contains(&base) => json!({
            "type": "object",
            "propertyNames": { "enum": choices },
            "minProperties": 1,
            "maxProperties": 1,
        }),
        _ if !choices.is_empty() => json!({ "enum": choices }),
        "Vec" | "BTreeSet" => json!({ "type": "array", "items": item(field) }),
        base => plain(base),
    };
    match field.kind.starts_with("Option<") {
        true => json!({ "anyOf": [value, { "type": "null" }] }),
        false => value,
    }
}

/// What a list holds.
fn item(field: &Field) -> Value {
    let (_, inner) = field.kind.split_once('<').unwrap_or_default();
    let inner = inner.trim_start_matches("Vec<").trim_end_matches('>');
    plain(inner.rsplit("::").next().unwrap_or(inner))
}

fn plain(base: &str) -> Value {
    match base {
        "bool" => json!({ "type": "boolean" }),
        "u32" | "u64" => json!({ "type": "integer", "minimum": 0 }),
        "i16" => json!({ "type": "integer" }),
        "Date" => json!({ "type": "string", "format": "date" }),
        "Timestamp" => json!({ "type": "string", "format": "date-time" }),
        "Span" => json!({ "type": ["string", "object"] }),
        base if OBJECTS.contains(&base) => json!({ "type": "object" }),
        // Ids, codes, names and words.
        _ => json!({ "type": "string" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first thing in which a value is not what its schema says, looked at by the keywords used here.
    fn wrong(schema: &Value, value: &Value) -> Option<String> {
        let is = |kind: &str| match kind {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "null" => value.is_null(),
            other => panic!("`{other}` is no type of JSON"),
        };
        let kinds: Vec<_> = match &schema["type"] {
            Value::String(kind) => vec![kind.as_str()],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !kinds.is_empty() && !kinds.iter().any(|kind| is(kind)) {
            return Some(format!("{value} is none of {kinds:?}"));
        }
        if let Some(any) = schema["anyOf"].as_array() {
            let all: Option<Vec<_>> = any.iter().map(|one| wrong(one, value)).collect();
            return all.map(|why| why.join("; "));
        }
        if let Some(values) = schema["enum"].as_array() {
            return (!values.contains(value)).then(|| format!("{value} is not in {values:?}"));
        }
        if let Some(same) = schema.get("const") {
            return (same != value).then(|| format!("{value} is not {same}"));
        }
        if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
            return values.iter().find_map(|one| wrong(items, one));
        }
        let (Some(known), Some(object)) = (schema["properties"].as_object(), value.as_object())
        else {
            return None;
        };
        let missing = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .find(|name| !object.contains_key(*name));
        missing
            .map(|name| format!("`{name}` is missing"))
            .or_else(|| {
                object.iter().find_map(|(name, value)| {
                    known
                        .get(name)
                        .map_or_else(|| Some(format!("no `{name}`")), |of| wrong(of, value))
                })
            })
    }

    /// A value the reader takes in a field, found among some of every kind.
    fn sample(verb: &str, field: &Field) -> Value {
        let some = [
            json!("T-1"),
            json!(5),
            json!(true),
            json!("2026-03-02"),
            json!("2026-03-02T08:30:00Z"),
            json!("08:30:00"),
            json!("5wd"),
            json!([]),
            json!({}),
            json!({"found": 1, "fixed": 1}),
            json!({"kind": "institution", "id": "I-1", "name": "x"}),
            json!({"row": {"task": "T-1", "row": "I-1"}}),
            json!({"freeze": {"bulletin": "weekly"}}),
            json!({"digest": {"to": []}}),
        ];
        let chosen = choices(verb, field).into_iter().map(Value::from);
        let alone = |value: &Value| json!({ "do": verb, (field.name): value });
        let takes =
            |value: &Value| !matches!(Command::parse(alone(value)), Err(BadCommand::Value { .. }));
        let strict = some.into_iter().rev().chain(chosen).find(|value| {
            // Numbers and lists in quotes are read as well, and not what a schema names.
            let loose = value.is_string()
                && matches!(
                    field.base(),
                    "Vec" | "BTreeSet" | "bool" | "u32" | "u64" | "i16"
                );
            takes(value) && !loose
        });
        strict.unwrap_or_else(|| panic!("{verb}: no sample fits `{}` ({})", field.name, field.kind))
    }

    #[test]
    fn what_the_reader_takes_is_what_the_schema_says_for_every_command() {
        for (verb, fields) in Command::forms() {
            let schema = of(verb).expect("a schema");
            let mut whole = json!({ "do": verb });
            for field in fields {
                whole[field.name] = sample(verb, field);
            }
            assert!(Command::parse(whole.clone()).is_ok(), "{whole}");
            assert_eq!(wrong(&schema, &whole), None, "{whole}");
            for field in fields {
                let mut less = whole.clone();
                less.as_object_mut().expect("an object").remove(field.name);
                assert_eq!(
                    Command::parse(less.clone()).is_ok(),
                    wrong(&schema, &less).is_none(),
                    "{less}"
                );
            }
            whole["no-such-field"] = json!(1);
            assert!(wrong(&schema, &whole).is_some() && Command::parse(whole).is_err());
        }
    }

    #[test]
    fn all_commands_are_in_the_schema_of_all() {
        let all = all();
        for (verb, _) in Command::forms() {
            let mut one = of(verb).expect("a schema");
            one.as_object_mut().expect("an object").remove("$schema");
            assert_eq!(all["$defs"][verb], one);
        }
        assert_eq!(of("dispatch.no_such"), None);
        let outcome = &all["$defs"]["dispatch.fill_row"]["properties"]["outcome"];
        assert_eq!(outcome["enum"][0], "ok");
    }
}
