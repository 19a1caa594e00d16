//! The modules of each crate: which uses which, and that no circle closes.
//!
//! A module is a file of a folder together with the folder of its name. What it uses it names by `crate::` or `super::`,
//! outside its tests; that a parent lists its children, or a child names its parent, is no edge. A circle means that
//! none of its modules can be read, or taken elsewhere, without all the others.

use std::collections::{BTreeMap, BTreeSet};

use crate::none;
use crate::tree::{is_test, sources};

/// The folders whose modules are looked at.
const FOLDERS: &[&str] = &[
    "bots/telegram/src",
    "services/adapters/nats/src",
    "services/adapters/redis/src",
    "services/adapters/sqlite/src",
    "services/adapters/telemetry/src",
    "services/bench/src",
    "services/bench/src/chat",
    "services/bulletin/src",
    "services/courier/src",
    "services/demo/src",
    "services/dispatch/src",
    "services/escalation/src",
    "services/import/src",
    "services/insight/src",
    "services/insight/src/read",
    "services/kernel/book/src",
    "services/kernel/bus/src",
    "services/kernel/calendar/src",
    "services/kernel/directory/src",
    "services/kernel/ephemera/src",
    "services/kernel/reading/src",
    "services/node/src",
    "services/node/src/admin",
    "services/node/src/clustered",
    "services/node/src/projection",
    "services/node/src/socket",
    "services/picket/src",
    "services/picket/src/commands",
    "services/picket/src/show",
    "services/publish/src",
    "services/rectification/src",
    "services/registry/src",
    "services/scenario/src",
    "services/schedule/src",
];

/// Which module uses which others.
type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_module_uses_itself_in_a_circle() {
    let sources = sources();
    let mut wrong = Vec::new();
    for folder in FOLDERS {
        let graph = graph(folder, &sources);
        assert!(!graph.is_empty(), "`{folder}` has no modules");
        if let Some(circle) = circle(&graph) {
            wrong.push(format!("{folder}: {}", circle.join(" uses ")));
        }
    }
    none(wrong, "a module that two others need stands below both");
}

#[test]
fn a_circle_is_found_however_its_modules_name_each_other() {
    let file = |path: &str, text: &str| (format!("x/src/{path}"), text.to_owned());
    let sources = [
        file("lib.rs", "mod a;\nmod b;\nmod c;\nuse crate::a::One;\n"),
        file("a.rs", "use crate::{d, b::{Two, Three}};\nmod inner;\n"),
        file("a/inner.rs", "use super::Own;\nuse super::super::c;\n"),
        file(
            "b.rs",
            "//! As crate::a does.\nuse super::d;\n#[cfg(test)]\nmod tests {\n    use crate::a;\n}\n",
        ),
        file("c.rs", "fn c() { elsewhere::crate::b(); }\n"),
        file("d.rs", ""),
    ];
    let graph = graph("x/src", &sources);
    let uses = |name: &str| graph[name].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(uses("a"), ["b", "c", "d"]);
    assert_eq!(uses("b"), ["d"]);
    assert!(uses("c").is_empty(), "{graph:?}");
    assert_eq!(circle(&graph), None);
    let mut closed = sources.to_vec();
    closed[4].1 = "fn c() { crate::d::go() }\n".to_owned();
    closed[5].1 = "use super::a::One;\n".to_owned();
    let graph = self::graph("x/src", &closed);
    assert_eq!(circle(&graph).unwrap(), ["a", "b", "d", "a"]);
}

/// The modules of a folder, each with the others there that it uses.
fn graph(folder: &str, sources: &[(String, String)]) -> Graph {
    let (krate, _) = folder.split_once("/src").expect("a folder of sources");
    let at: Vec<&str> = folder
        .split('/')
        .skip(krate.split('/').count() + 1)
        .collect();
    let files: Vec<(Vec<&str>, &str)> = sources
        .iter()
        .filter(|(path, _)| !is_test(path))
        .filter_map(|(path, text)| {
            let rest = path.strip_prefix(krate)?.strip_prefix("/src/")?;
            let names: Vec<&str> = rest.strip_suffix(".rs")?.split('/').collect();
            let within = names.starts_with(&at) && names.len() > at.len();
            let is_root = at.is_empty() && matches!(names.as_slice(), ["lib" | "main"]);
            (within && !is_root).then_some((names, text.as_str()))
        })
        .collect();
    let mut graph: Graph = files
        .iter()
        .map(|(names, _)| (names[at.len()].to_owned(), BTreeSet::new()))
        .collect();
    for (names, text) in &files {
        for used in used(names, text) {
            let here = used.len() > at.len() && used.iter().zip(&at).all(|(one, two)| one == two);
            if here && graph.contains_key(&used[at.len()]) {
                let own = graph.get_mut(names[at.len()]).expect("it was put there");
                own.insert(used[at.len()].clone());
            }
        }
    }
    for (name, others) in &mut graph {
        others.remove(name);
    }
    graph
}

/// The paths that a module names by `crate::` or `super::` outside its tests, from the root of the crate.
fn used(module: &[&str], text: &str) -> Vec<Vec<String>> {
    let text = text
        .split_once("#[cfg(test)]\nmod tests {")
        .map_or(text, |(before, _)| before);
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = lines.join("\n");
    let mut all = Vec::new();
    for (at, _) in code
        .match_indices("crate::")
        .chain(code.match_indices("super::"))
    {
        // A path that goes on from another name, or a `super` that was followed already.
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || "_:$".contains(c)) {
            continue;
        }
        let mut base: Vec<String> = module.iter().map(|name| (*name).to_owned()).collect();
        let mut rest = &code[at..];
        if let Some(after) = rest.strip_prefix("crate::") {
            base.clear();
            rest = after;
        }
        while let Some(after) = rest.strip_prefix("super::") {
            base.pop();
            rest = after;
        }
        for path in rest.strip_prefix('{').map_or_else(|| vec![rest], items) {
            let names = names(path.trim_start());
            all.push(base.iter().cloned().chain(names).collect());
        }
    }
    all
}

/// The parts of a list of imports, from behind its opening brace.
fn items(list: &str) -> Vec<&str> {
    let (mut all, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                all.push(&list[from..at]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                all.push(&list[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    all
}

/// The names of a path, as far as they are plain.
fn names(path: &str) -> impl Iterator<Item = String> {
    let end = path
        .find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
        .unwrap_or(path.len());
    path[..end]
        .split("::")
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
}

/// A circle of modules, from one of them back to itself.
fn circle(graph: &Graph) -> Option<Vec<String>> {
    fn walk(graph: &Graph, path: &mut Vec<String>, done: &mut BTreeSet<String>) -> bool {
        let here = path.last().expect("a path begins somewhere").clone();
        if path[..path.len() - 1].contains(&here) {
            return true;
        }
        if done.contains(&here) {
            return false;
        }
        for next in &graph[&here] {
            path.push(next.clone());
            if walk(graph, path, done) {
                return true;
            }
            path.pop();
        }
        done.insert(here);
        false
    }
    let mut done = BTreeSet::new();
    for name in graph.keys() {
        let mut path = vec![name.clone()];
        if walk(graph, &mut path, &mut done) {
            let again = path.last().expect("a circle has modules").clone();
            let from = path.iter().position(|name| *name == again)?;
            return Some(path.split_off(from));
        }
    }
    None
}
