//! The layers of the workspace: which crate may use which, and what none of them may.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::none;
use crate::tree::{crates, is_test, root, sources};

/// Stores, brokers, chat platforms and web frameworks.
const VENDORS: &[&str] = &[
    "async-nats",
    "redis",
    "fred",
    "teloxide",
    "axum",
    "hyper",
    "reqwest",
    "rusqlite",
    "sqlx",
    "object_store",
];

/// What makes a book depend on anything but its input.
const WORLD: &[&str] = &[
    "tokio",
    "async-trait",
    "futures",
    "rand",
    "getrandom",
    "uuid",
    "chrono",
];

/// Traits the kernel may offer to be implemented elsewhere.
const TRAITS: &[&str] = &["Book", "Bus", "Ephemera", "Journal"];

#[test]
fn every_crate_uses_only_what_stands_below_it() {
    let crates = crates();
    let shelf: BTreeMap<_, _> = crates
        .iter()
        .map(|one| (one.name.as_str(), one.shelf()))
        .collect();
    // Within the kernel a crate uses only crates of a lower number.
    let height = |name: &str| match name {
        "picket-calendar" => 1,
        "picket-directory" => 2,
        "picket-book" | "picket-journal" | "picket-bus" | "picket-ephemera" | "picket-files" => 3,
        "picket-reading" => 4,
        "picket-runtime" => 5,
        _ => 0,
    };
    let mut wrong = Vec::new();
    for one in &crates {
        for (used, dev) in &one.uses {
            let Some(below) = shelf.get(used.as_str()) else {
                continue;
            };
            let pure = matches!(
                used.as_str(),
                "picket-calendar" | "picket-directory" | "picket-book"
            );
            let allowed = match (one.shelf(), *below) {
                // What is written for the enums of schemas is for nobody else, and names none of ours.
                (shelf, "derive") => shelf == "schemas",
                ("derive", _) => false,
                // Texts are made where they are read: by bots, readers and the binary, never in a book.
                ("node", "phrases") => one.name == "picket-demo",
                (shelf, "phrases") => matches!(shelf, "edge" | "bot" | "binary" | "tests"),
                (_, "schemas") => one.name != "picket-schemas",
                ("kernel", "kernel") => height(used) < height(&one.name),
                // The runtime is tried with the books it is made for.
                ("kernel", "book") => *dev,
                ("book", "kernel") => pure,
                ("edge", "kernel") => {
                    pure || matches!(
                        used.as_str(),
                        "picket-bus" | "picket-files" | "picket-journal" | "picket-reading"
                    )
                }
                ("adapter", "kernel") => height(used) == 3 && !pure,
                ("bot", "kernel") => {
                    matches!(
                        used.as_str(),
                        "picket-bus" | "picket-calendar" | "picket-ephemera" | "picket-files"
                    )
                }
                ("bot", "bot") => used == "picket-conversation",
                // What runs names everything below it; a scenario is run by a node, and by no part of one.
                ("node", "node") => match one.name.as_str() {
                    "picket-scenario" | "picket-bench" => used == "picket-node",
                    "picket-demo" => matches!(used.as_str(), "picket-node" | "picket-scenario"),
                    _ => false,
                },
                // The bench writes to a chat server that enforces the platform's limits.
                ("node", "tests") => one.name == "picket-bench" && used == "picket-fakechat",
                ("node", below) => below != "binary",
                ("binary", below) => below != "tests",
                // An adapter may be tried on the server it is for.
                ("adapter", "tests") => *dev && used == "picket-harness",
                ("tests", _) => true,
                _ => false,
            };
            if !allowed {
                wrong.push(format!(
                    "{} ({}) uses {used} ({below}){}",
                    one.name,
                    one.shelf(),
                    if *dev { " in its tests" } else { "" }
                ));
            }
        }
    }
    none(
        wrong,
        "services and adapters never use each other, and nothing looks upward",
    );
}

#[test]
fn the_kernel_and_the_books_name_no_vendor() {
    let mut wrong = Vec::new();
    for one in crates() {
        let may = one.shelf() == "adapter"
            || one.name == "picket-insight"
            || matches!(one.shelf(), "bot" | "edge" | "node" | "binary" | "tests");
        for (used, _) in &one.uses {
            let banned = (VENDORS.contains(&used.as_str()) && !may)
                || (used == "rusqlite"
                    && one.name != "picket-sqlite"
                    && one.name != "picket-insight");
            if banned {
                wrong.push(format!("{} uses {used}", one.name));
            }
        }
    }
    none(
        wrong,
        "vendors stay in adapters and at the edges; SQLite in its adapter and in insight",
    );
}

#[test]
fn a_book_depends_on_nothing_but_its_input() {
    let mut wrong = Vec::new();
    let pure: Vec<_> = crates()
        .into_iter()
        .filter(|one| {
            one.shelf() == "book" || one.name == "picket-book" || one.name == "picket-directory"
        })
        .collect();
    for one in &pure {
        wrong.extend(
            one.uses
                .iter()
                .filter(|(used, _)| WORLD.contains(&used.as_str()))
                .map(|(used, _)| format!("{} uses {used}", one.name)),
        );
    }
    for (path, text) in sources() {
        if is_test(&path)
            || !pure
                .iter()
                .any(|one| path.starts_with(&format!("{}/src/", one.folder)))
        {
            continue;
        }
        for word in [
            "SystemTime",
            "Instant::now",
            "Timestamp::now",
            "Zoned::now",
            "std::fs",
            "std::env",
            "std::net",
            "std::thread",
            "async fn",
            "RandomState",
        ] {
            if text.contains(word) {
                wrong.push(format!("{path}: {word}"));
            }
        }
    }
    none(
        wrong,
        "time, ids, people and files arrive in a book as data",
    );
}

#[test]
fn the_kernel_offers_four_traits() {
    let mut found = BTreeSet::new();
    for (path, text) in sources() {
        // What a contract suite asks of an adapter's tests is no port.
        if !(path.starts_with("services/kernel/") || path.starts_with("schemas/"))
            || path.ends_with("/contract.rs")
        {
            continue;
        }
        for line in text.lines() {
            if let Some(rest) = line.trim_start().strip_prefix("pub trait ") {
                found.insert(
                    rest.split(|c: char| !c.is_alphanumeric() && c != '_')
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                );
            }
        }
    }
    none(
        found
            .iter()
            .filter(|name| !TRAITS.contains(&name.as_str()))
            .cloned()
            .collect(),
        "a fifth trait needs a written decision",
    );
    for needed in ["Book", "Journal", "Bus"] {
        assert!(
            found.contains(needed),
            "the kernel lost its trait `{needed}`"
        );
    }
}

#[test]
fn no_crate_has_features_and_every_crate_has_the_lints() {
    let mut wrong = Vec::new();
    for one in crates() {
        let manifest = fs::read_to_string(root().join(&one.folder).join("Cargo.toml")).unwrap();
        if one.features > 0 || manifest.contains("[features]") {
            wrong.push(format!(
                "{} has features: what may vary is decided when it runs",
                one.name
            ));
        }
        if !manifest.contains("[lints]\nworkspace = true") {
            wrong.push(format!(
                "{} leaves the lints of the workspace out",
                one.name
            ));
        }
    }
    none(wrong, "manifests");
}
