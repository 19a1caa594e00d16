//! The subjects of the bus and of JetStream: each is spelled in one place.

use picket_bus::subjects::SUBJECTS;

use crate::none;
use crate::tree::{is_test, sources};

/// The code of a source file that is no test, line by line, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let tests = "#[cfg(test)]\nmod tests {";
    let code = text.find(tests).map_or(text, |end| &text[..end]);
    (1..)
        .zip(code.lines())
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn jetstream_is_spoken_in_its_adapter_alone() {
    let mark = ["$", "JS."].concat();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if is_test(&path) || path == "services/adapters/nats/src/api.rs" {
            continue;
        }
        wrong.extend(
            code(&text)
                .filter(|(_, line)| line.contains(&mark))
                .map(|(number, _)| format!("{path}:{number}")),
        );
    }
    none(
        wrong,
        "who asks JetStream calls `picket-nats`, whose `api.rs` spells its requests",
    );
}

#[test]
fn every_subject_of_the_bus_is_spelled_in_its_table_alone() {
    // A family of subjects is known by what its names begin with, any other by its whole name.
    let literals: Vec<String> = SUBJECTS
        .iter()
        .map(|line| match line.subject.find(['*', '>']) {
            Some(at) => format!("\"{}", &line.subject[..at]),
            None => format!("\"{}\"", line.subject),
        })
        .collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if is_test(&path) || path == "services/kernel/bus/src/subjects.rs" {
            continue;
        }
        for (number, line) in code(&text) {
            if let Some(literal) = literals.iter().find(|one| line.contains(*one)) {
                wrong.push(format!("{path}:{number}: {literal}"));
            }
        }
    }
    none(
        wrong,
        "a subject comes from `picket_bus::subjects`, where its rights stand beside it",
    );
}
