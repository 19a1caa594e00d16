//! The length of files and functions: what a reader can keep in mind.
//!
//! It counts in sources as rustfmt leaves them, without a parser: what is closed by a brace begins where that brace
//! stands. Tests may be longer; they are read one after the other.

use std::collections::BTreeMap;

use crate::none;
use crate::tree::{is_test, sources};

const MOST_LINES_OF_A_FILE: usize = 500;
const MOST_LINES_OF_A_FUNCTION: usize = 70;

/// Files that may be longer, and why.
const LONG_FILES: &[(&str, &str)] = &[];

/// Functions that may be longer, each with its file, and why: one long `match` over all there are of a kind is a reason.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[(
    "services/kernel/directory/src/layer.rs",
    "apply",
    "one `match` over every event of the registry: what it changes",
)];

#[test]
fn no_source_file_is_longer_than_500_lines() {
    let long = sources()
        .into_iter()
        .filter(|(path, _)| !is_test(path))
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES_OF_A_FILE)
        .collect();
    let listed = LONG_FILES.iter().map(|(file, _)| (*file).to_owned());
    none(
        differences(long, listed.collect()),
        "split it by what it does",
    );
}

#[test]
fn no_function_is_longer_than_70_lines() {
    let mut long = BTreeMap::new();
    for (path, text) in sources() {
        if is_test(&path) {
            continue;
        }
        for (name, lines) in functions(&text) {
            if lines > MOST_LINES_OF_A_FUNCTION {
                long.insert(format!("{path} {name}"), lines);
            }
        }
    }
    let listed = LONG_FUNCTIONS
        .iter()
        .map(|(file, name, _)| format!("{file} {name}"));
    none(
        differences(long, listed.collect()),
        "split it into steps with a name each",
    );
}

/// What is too long and not in its list, and what is in the list and is not too long, or not there at all.
fn differences(long: BTreeMap<String, usize>, listed: Vec<String>) -> Vec<String> {
    let unlisted = long
        .iter()
        .filter(|(name, _)| !listed.contains(name))
        .map(|(name, lines)| format!("{name}: {lines} lines"));
    let needless = listed
        .iter()
        .filter(|name| !long.contains_key(*name))
        .map(|name| format!("{name}: is not too long, take it from the list"));
    unlisted.chain(needless).collect()
}

/// The functions of a source outside its tests: the name of each, and its lines from `fn` to the closing brace.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < lines.len() {
        if lines[at].trim_start() == "#[cfg(test)]" {
            at += 1 + lines_of_item(&lines[at + 1..]);
            continue;
        }
        if let Some(name) = function_of(lines[at]) {
            found.push((name, lines_of_item(&lines[at..])));
        }
        // Not past its end: a function may hold another one.
        at += 1;
    }
    found
}

/// The name of the function that a line begins.
fn function_of(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    if let Some(after) = rest.strip_prefix("pub") {
        let after = match after.strip_prefix('(') {
            Some(inside) => inside.split_once(')')?.1,
            None => after,
        };
        rest = after.strip_prefix(' ')?;
    }
    for word in ["default ", "const ", "async ", "unsafe ", "extern \"C\" "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let name = rest.strip_prefix("fn ")?;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    Some(&name[..end]).filter(|name| !name.is_empty())
}

/// How many lines the item has that begins with the first of these: up to the brace that stands where it begins, or to
/// the end of its signature where it has no body, or one on the same line.
fn lines_of_item(lines: &[&str]) -> usize {
    let Some(first) = lines.first() else {
        return 0;
    };
    let indent = &first[..first.len() - first.trim_start().len()];
    let closing = format!("{indent}}}");
    let mut opened = false;
    for (above, line) in lines.iter().enumerate() {
        let at_once = !opened && line.ends_with([';', '}']);
        if at_once || line.trim_end_matches(';') == closing {
            return above + 1;
        }
        opened |= line.contains('{');
    }
    lines.len()
}

#[test]
fn a_function_is_counted_from_its_first_line_to_its_closing_brace() {
    let text = "\
pub(crate) async fn outer<T>(
    one: T,
) -> Option<T>
where
    T: Clone,
{
    fn inner() {}
    if true {
        return None;
    }
    Some(one)
}

impl Trait for Thing {
    fn empty(
        &self,
        bytes: [u8; 4],
    ) {}

    const fn two() -> usize {
        2
    }
    fn written_in_a_macro() -> usize { 1 }
}

trait Trait {
    fn declared(&self) -> usize;
    unsafe extern \"C\" fn provided(&self) {
        let all = Thing {
            of: 1,
        };
    }
}
";
    assert_eq!(
        functions(text),
        [
            ("outer", 12),
            ("inner", 1),
            ("empty", 4),
            ("two", 3),
            ("written_in_a_macro", 1),
            ("declared", 1),
            ("provided", 5)
        ]
    );
}

#[test]
fn functions_of_tests_are_not_counted() {
    let text = "\
fn before() {
}

#[cfg(test)]
use crate::{one, two};

#[cfg(test)]
mod elsewhere;

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    #[test]
    fn within() {
        one();
    }
}

fn after() {
}
";
    assert_eq!(functions(text), [("before", 2), ("after", 2)]);
}
