//! The tree of the repository: its texts, its sources and its crates.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests stand in a folder of the repository")
        .to_owned()
}

/// Every file of the repository that is written by people or kept for good, with its text.
pub(crate) fn texts() -> Vec<(String, String)> {
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

/// Every source file.
pub(crate) fn sources() -> Vec<(String, String)> {
    texts()
        .into_iter()
        .filter(|(path, _)| path.ends_with(".rs"))
        .collect()
}

/// Whether all of a source file is for tests.
pub(crate) fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.ends_with("/testing.rs")
        // What every implementation of a port must pass, and the bytes that must not change.
        || path.contains("/contract/")
        || path.ends_with("/contract.rs")
        || path.contains("/wire_tests/")
        || path.ends_with("/wire_tests.rs")
}

/// A crate of the workspace.
pub(crate) struct Crate {
    pub(crate) name: String,
    /// The folder, from the root.
    pub(crate) folder: String,
    /// Names of what it uses, with whether only its tests do.
    pub(crate) uses: Vec<(String, bool)>,
    /// How many features it has.
    pub(crate) features: usize,
}

impl Crate {
    /// Where it stands in the layout.
    pub(crate) fn shelf(&self) -> &'static str {
        match self.folder.as_str() {
            "schemas" => "schemas",
            "schemas/derive" => "derive",
            "schemas/phrases" => "phrases",
            "services/picket" => "binary",
            "services/node" | "services/scenario" | "services/bench" | "services/demo" => "node",
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

/// Every crate, as cargo tells.
pub(crate) fn crates() -> Vec<Crate> {
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
