//! The rules of the house, each a test: who may use whom, what a file looks like, what words stay out.
//!
//! A rule that no test checks is a wish. An exception is a line in one of the lists below, with its reason.
//! It reads manifests and sources; it knows nothing of what they do.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test fails it, with its place"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Files that may pass 500 lines, and why.
const LONG: &[(&str, &str)] = &[];

/// Files outside the binary that may hold a `static`, and why.
const STATICS: &[(&str, &str)] = &[
    (
        "bots/conversation/src/words.rs",
        "the texts compiled in, parsed once and never changed",
    ),
    (
        "services/insight/src/sql.rs",
        "the zone of local days, looked up once and never changed",
    ),
    (
        "tests/cluster/main.rs",
        "the servers that tests running at the same time share; they go with the last of these tests",
    ),
    (
        "tests/faults/main.rs",
        "a lock that lets the stories be told one after the other; it holds nothing",
    ),
    (
        "tests/src/xiaogan/days.rs",
        "the working calendar, built once and never changed",
    ),
];

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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests stand in a folder of the repository")
        .to_owned()
}

/// Every file of the repository that is written by people or kept for good, with its text.
fn texts() -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | ".git" | "picket-data") {
                    folders.push(path);
                }
            } else if name != "Cargo.lock"
                && name != ".git"
                && !name.ends_with(".swp")
                && let Ok(text) = fs::read_to_string(&path)
            {
                all.push((
                    path.strip_prefix(root())
                        .unwrap()
                        .to_string_lossy()
                        .into_owned(),
                    text,
                ));
            }
        }
    }
    all.sort();
    all
}

fn sources() -> Vec<(String, String)> {
    texts()
        .into_iter()
        .filter(|(path, _)| path.ends_with(".rs"))
        .collect()
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.ends_with("/testing.rs")
}

/// Asserts that nothing was found, and lists what was.
fn none(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// A crate of the workspace.
struct Crate {
    name: String,
    /// The folder, from the root.
    folder: String,
    /// Names of what it uses, with whether only its tests do.
    uses: Vec<(String, bool)>,
    features: usize,
}

impl Crate {
    fn shelf(&self) -> &'static str {
        match self.folder.as_str() {
            "schemas" => "schemas",
            "schemas/derive" => "derive",
            "services/picket" => "binary",
            "tests" => "tests",
            "services/import" | "services/insight" | "services/publish" | "services/archive"
            | "services/console" => "edge",
            folder if folder.starts_with("tests/") => "tests",
            folder if folder.starts_with("services/kernel/") => "kernel",
            folder if folder.starts_with("services/adapters/") => "adapter",
            folder if folder.starts_with("services/") => "book",
            folder if folder.starts_with("bots/") => "bot",
            folder => panic!("`{folder}` is on no shelf of the layout"),
        }
    }
}

fn crates() -> Vec<Crate> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let out = Command::new(cargo)
        .args([
            "metadata",
            "--offline",
            "--no-deps",
            "--format-version",
            "1",
        ])
        .current_dir(root())
        .output()
        .expect("cargo runs, since it runs this test");
    assert!(
        out.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    let metadata: Value = serde_json::from_slice(&out.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let package = |package: &Value| Crate {
        name: text(&package["name"]),
        folder: Path::new(package["manifest_path"].as_str().unwrap())
            .parent()
            .unwrap()
            .strip_prefix(root())
            .unwrap()
            .to_string_lossy()
            .into_owned(),
        uses: package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|used| (text(&used["name"]), used["kind"] == "dev"))
            .collect(),
        features: package["features"]
            .as_object()
            .map_or(0, serde_json::Map::len),
    };
    metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(package)
        .collect()
}

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
        "picket-book" | "picket-journal" | "picket-bus" | "picket-ephemera" => 3,
        "picket-runtime" => 4,
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
                (_, "schemas") => one.name != "picket-schemas",
                ("kernel", "kernel") => height(used) < height(&one.name),
                // The runtime is tried with the books it is made for.
                ("kernel", "book") => *dev,
                ("book", "kernel") => pure,
                ("edge", "kernel") => pure || used == "picket-bus" || used == "picket-journal",
                ("adapter", "kernel") => height(used) == 3 && !pure,
                ("bot", "kernel") => {
                    used == "picket-bus" || used == "picket-calendar" || used == "picket-ephemera"
                }
                ("bot", "bot") => used == "picket-conversation",
                // The bench writes to a chat server that enforces the platform's limits.
                ("binary", below) => below != "tests" || used == "picket-fakechat",
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
            || matches!(one.shelf(), "bot" | "edge" | "binary" | "tests");
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
fn every_source_file_opens_by_saying_what_it_is() {
    none(
        sources()
            .into_iter()
            .filter(|(_, text)| !text.starts_with("//! "))
            .map(|(path, _)| path)
            .collect(),
        "a file starts with `//!`",
    );
}

#[test]
fn no_source_file_is_longer_than_500_lines() {
    let long = sources().into_iter().filter(|(path, text)| {
        !is_test(path) && text.lines().count() > 500 && !LONG.iter().any(|(file, _)| file == path)
    });
    none(
        long.map(|(path, text)| format!("{path}: {}", text.lines().count()))
            .collect(),
        "split it by verb",
    );
}

#[test]
fn nothing_is_named_after_a_drawer() {
    let drawers = [
        "util", "utils", "common", "core", "types", "misc", "helper", "helpers",
    ];
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let stem = Path::new(&path)
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        if path.split('/').any(|part| drawers.contains(&part))
            || drawers.contains(&stem.as_str())
            || stem == "mod"
        {
            wrong.push(path.clone());
        }
        for line in text.lines() {
            let words: Vec<_> = line
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|word| !word.is_empty())
                .collect();
            for pair in words.windows(2) {
                let named = matches!(pair[0], "struct" | "enum" | "trait" | "type" | "mod")
                    && !line.trim_start().starts_with("//");
                let bad = ["Manager", "Helper", "Impl"]
                    .iter()
                    .any(|tail| pair[1].ends_with(tail))
                    || (pair[0] == "mod" && drawers.contains(&pair[1]));
                if named && bad {
                    wrong.push(format!("{path}: {}", pair[1]));
                }
            }
        }
    }
    none(wrong, "name it after what it is");
}

#[test]
fn nothing_is_global_outside_the_binary() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for line in text.lines().map(str::trim_start) {
            let line = line
                .strip_prefix("pub ")
                .or_else(|| line.strip_prefix("pub(crate) "))
                .unwrap_or(line);
            let held = line.starts_with("static ")
                && !path.starts_with("services/picket/")
                && !STATICS.iter().any(|(file, _)| *file == path);
            if held || line.starts_with("static mut ") || line.starts_with("thread_local!") {
                wrong.push(format!("{path}: {line}"));
            }
        }
    }
    none(wrong, "two Pickets must fit into one process");
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

#[test]
fn every_source_file_is_compiled() {
    let sources = sources();
    let text_of: BTreeMap<_, _> = sources
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let manifests: String = crates()
        .iter()
        .map(|one| fs::read_to_string(root().join(&one.folder).join("Cargo.toml")).unwrap())
        .collect();
    let mut lost = Vec::new();
    for (path, _) in &sources {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = file.trim_end_matches(".rs");
        let entry = matches!(stem, "lib" | "main" | "build")
            || folder.ends_with("/bin")
            || folder.ends_with("/examples")
            || folder.ends_with("/benches");
        let of_cargo = folder.ends_with("/tests") && !folder.contains("/src") && folder != "tests"
            || manifests.contains(&format!("path = \"{file}\""));
        let parents = [
            format!("{folder}.rs"),
            format!("{folder}/lib.rs"),
            format!("{folder}/main.rs"),
        ];
        let named = parents
            .iter()
            .filter_map(|parent| text_of.get(parent.as_str()))
            .any(|text| {
                text.lines()
                    .any(|line| line.trim_end().ends_with(&format!("mod {stem};")))
            });
        if !entry && !of_cargo && !named {
            lost.push(path.clone());
        }
    }
    none(
        lost,
        "a file no `mod` names is never compiled, and a test in it never runs",
    );
}

#[test]
fn no_test_is_left_out() {
    let mark = ["#[ign", "ore"].concat();
    none(
        sources()
            .into_iter()
            .filter(|(_, text)| text.contains(&mark))
            .map(|(path, _)| path)
            .collect(),
        "assert what is so today and say why, or mend it",
    );
}

#[test]
fn the_map_of_the_code_names_every_crate() {
    let map = fs::read_to_string(root().join("services/ARCHITECTURE.md"))
        .expect("services/ARCHITECTURE.md is there");
    // A crate is named by its folder: `services/kernel/book` or, shorter, `kernel/book`.
    let named = |one: &Crate| {
        map.contains(&one.folder)
            || one
                .folder
                .strip_prefix("services/")
                .is_some_and(|short| map.contains(short))
    };
    none(
        crates()
            .into_iter()
            .filter(|one| !named(one))
            .map(|one| one.folder)
            .collect(),
        "ARCHITECTURE.md says what each crate is and does not know",
    );
}

#[test]
fn the_readme_lists_the_services_there_are() {
    let books: BTreeSet<_> = picket_schemas::event::SERVICES
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    let beside: BTreeSet<_> = ["insight", "import", "publish", "archive", "console"]
        .into_iter()
        .collect();
    for file in ["README.md", "README.zh-CN.md"] {
        let text =
            fs::read_to_string(root().join(file)).unwrap_or_else(|why| panic!("{file}: {why}"));
        let cell = |line: &str| {
            line.trim()
                .strip_prefix('|')
                .and_then(|rest| rest.split('|').next())
                .map(|cell| cell.trim().trim_matches('`').to_owned())
        };
        let mut rows = text
            .lines()
            .skip_while(|line| !cell(line).is_some_and(|cell| cell == "service" || cell == "服务"))
            .skip(2);
        let listed: BTreeSet<_> = rows
            .by_ref()
            .map_while(cell)
            .filter(|name| !beside.contains(name.as_str()))
            .collect();
        assert_eq!(
            listed, books,
            "{file}: the table whose first column is `service` (服务) lists what `picket map` prints"
        );
    }
}

#[test]
fn nothing_names_a_machine_or_a_stranger() {
    // Put together here, so that this file does not hold them.
    let places = [["/wo", "rk/"], ["/ho", "me/"]].map(|halves| halves.concat());
    let scratch = ["/t", "mp/"].concat();
    let phrases = [
        ["iss", "ue #"],
        ["Cla", "ude"],
        ["sub", "agent"],
        ["index.", "crates.io"],
        ["static.", "crates.io"],
        ["registry.", "npmjs"],
        ["py", "pi.org"],
        ["proxy.", "golang"],
        ["Co-Auth", "ored"],
        ["TO", "DO("],
    ]
    .map(|halves| halves.concat());
    let word = ["L", "LM"].concat();
    let mut wrong = Vec::new();
    for (path, text) in texts() {
        for (number, line) in text.lines().enumerate() {
            let whole = line
                .split(|c: char| !c.is_alphanumeric())
                .any(|part| part == word);
            let named = phrases
                .iter()
                .chain(&places)
                .find(|phrase| line.to_lowercase().contains(&phrase.to_lowercase()));
            let temporary =
                line.contains(&scratch) && !is_test(&path) && !path.starts_with("schemas/tests");
            if whole || temporary || named.is_some() {
                wrong.push(format!(
                    "{path}:{}: {}",
                    number + 1,
                    line.trim().chars().take(100).collect::<String>()
                ));
            }
        }
    }
    none(wrong, "the project speaks of itself alone");
}

#[test]
fn the_files_a_stranger_looks_for_are_there() {
    let needed = [
        "README.md",
        "README.zh-CN.md",
        "LICENSE",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "rustfmt.toml",
        "tests/run",
        ".ci/run",
        "services/ARCHITECTURE.md",
    ];
    none(
        needed
            .into_iter()
            .filter(|file| !root().join(file).is_file())
            .map(str::to_owned)
            .collect(),
        "missing",
    );
}
