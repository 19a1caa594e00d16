//! The files of an import: which are meant, in which order, what is in them, and whether it can be used.

use std::io::Read;
use std::path::{Path, PathBuf};

use picket_import::{Checked, FileKind, KnownRecords};
use picket_node::problem::Failure;
use picket_schemas::Jurisdiction;
use picket_schemas::registry::Territory;

use crate::cli::ImportArgs;

/// The largest file that is read.
const LARGEST: u64 = 20 * 1024 * 1024;

/// A file with what it holds.
pub(super) struct Table {
    pub(super) kind: FileKind,
    pub(super) path: PathBuf,
    pub(super) checked: Checked,
}

/// The files meant, in the order they depend on each other.
pub(super) fn meant(args: &ImportArgs) -> Result<Vec<(FileKind, PathBuf)>, Failure> {
    let named = Path::new(&args.what);
    match &args.file {
        Some(file) => {
            let kind: FileKind = args.what.parse().map_err(|_| unknown_kind(&args.what))?;
            Ok(vec![(kind, file.clone())])
        }
        None if named.is_dir() => {
            let found: Vec<_> = FileKind::ALL
                .into_iter()
                .map(|kind| (kind, named.join(format!("{}.csv", kind.as_str()))))
                .filter(|(_, path)| path.is_file())
                .collect();
            if found.is_empty() {
                return Err(Failure::usage(
                    format!("`{}` holds none of the tables", named.display()),
                    format!("They are named {}.", names()),
                ));
            }
            Ok(found)
        }
        None if named.is_file() => {
            let stem = named
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            let kind: FileKind = stem.parse().map_err(|_| {
                let kinds = unknown_kind(stem).problem.hint;
                Failure::usage(
                    format!(
                        "the name of `{}` does not say what it holds",
                        named.display()
                    ),
                    format!("Say `picket import KIND {}`. {kinds}", named.display()),
                )
            })?;
            Ok(vec![(kind, named.to_owned())])
        }
        None => match args.what.parse::<FileKind>() {
            Ok(kind) => Err(Failure::usage(
                format!("which file holds the {}?", kind.as_str()),
                format!("Say `picket import {} FILE`.", kind.as_str()),
            )),
            Err(_) => Err(Failure::usage(
                format!("there is no file or folder `{}`", named.display()),
                "Say `picket import KIND FILE` or `picket import FOLDER`.",
            )),
        },
    }
}

/// The jurisdictions there are once the areas of this import are in: every county, and what stands above one.
pub(super) fn territory_with(
    before: &Territory,
    files: &[(FileKind, PathBuf)],
) -> Result<Territory, Failure> {
    let mut territory = before.clone();
    for (_, path) in files.iter().filter(|(kind, _)| *kind == FileKind::Areas) {
        let found = picket_import::jurisdictions(&read(path)?);
        for (jurisdiction, parent) in found {
            territory
                .jurisdictions
                .entry(jurisdiction)
                .or_insert(parent);
        }
    }
    Ok(territory)
}

/// Reads the files and checks every row, each file against what is known and what those before it define.
pub(super) fn check(
    files: &[(FileKind, PathBuf)],
    territory: &Territory,
    within: &Jurisdiction,
    mut known: KnownRecords,
) -> Result<Vec<Table>, Failure> {
    let mut tables = Vec::new();
    for (kind, path) in files {
        let checked = picket_import::check(*kind, &read(path)?, territory, within, &mut known);
        tables.push(Table {
            kind: *kind,
            path: path.clone(),
            checked,
        });
    }
    Ok(tables)
}

fn names() -> String {
    FileKind::ALL
        .into_iter()
        .map(|kind| format!("{}.csv", kind.as_str()))
        .collect::<Vec<_>>()
        .join(", ")
}

fn unknown_kind(what: &str) -> Failure {
    Failure::usage(
        format!("`{what}` is no kind of table"),
        format!(
            "Kinds are {}.",
            FileKind::ALL
                .into_iter()
                .map(FileKind::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    )
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        Failure::usage(
            format!("`{shown}` cannot be read: {error}"),
            "Check the name and its permissions.",
        )
    };
    let is = std::fs::metadata(path).map_err(unreadable)?;
    if is.is_dir() {
        return Err(Failure::usage(
            format!("`{shown}` is a folder"),
            format!("Say `picket import {shown}` for all its tables, or name one file."),
        ));
    }
    let mut bytes = Vec::new();
    // What has no length of its own, such as a pipe, is read no further either.
    std::fs::File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Failure::usage(
            format!("`{shown}` is larger than 20 MiB"),
            "Split it; every part may be imported by itself.",
        ));
    }
    Ok(bytes)
}
