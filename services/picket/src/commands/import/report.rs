//! The report of an import: what each file holds, and what in it cannot be used.

use picket_node::problem::Failure;

use super::files::Table;
use crate::settings::CliSettings;

/// Prints it.
pub(super) fn print(settings: &CliSettings, tables: &[Table]) {
    if settings.json {
        let bad: Vec<_> = tables
            .iter()
            .flat_map(|table| table.checked.bad.iter().map(move |bad| serde_json::json!({ "file": table.path, "line": bad.line, "column": bad.column, "reason": bad.reason, "hint": bad.hint, "follows": bad.follows })))
            .collect();
        if !bad.is_empty() {
            println!("{}", serde_json::json!({ "ok": false, "bad": bad }));
        }
        return;
    }
    for table in tables {
        println!("{:<14} {}", table.kind.as_str(), table.checked.summary);
        for bad in &table.checked.bad {
            let line = if bad.line == 0 {
                String::new()
            } else {
                format!(":{}", bad.line)
            };
            let column = if bad.column.is_empty() {
                String::new()
            } else {
                format!(" {}", bad.column)
            };
            println!("  {}{line}{column}: {}", table.path.display(), bad.reason);
            println!("    hint: {}", bad.hint);
        }
    }
}

/// Why nothing is written, where a row cannot be imported; names the files that are to be corrected.
pub(super) fn refused(tables: &[Table]) -> Option<Failure> {
    if tables.iter().all(|table| table.checked.bad.is_empty()) {
        return None;
    }
    // What is bad only because of another row is not named for itself.
    let at_fault = |table: &&Table| table.checked.bad.iter().any(|bad| bad.follows.is_none());
    let names: Vec<_> = tables
        .iter()
        .filter(at_fault)
        .map(|table| format!("`{}`", table.path.display()))
        .collect();
    let as_is = if names.len() == 1 {
        "it is"
    } else {
        "they are"
    };
    Some(Failure::usage(
        format!(
            "nothing was written: {} cannot be imported as {as_is}",
            names.join(" and ")
        ),
        "Correct what is named above and import again.",
    ))
}
