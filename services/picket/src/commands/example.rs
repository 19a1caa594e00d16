//! `picket example`: writes a complete small county to edit.

use std::process::ExitCode;

use picket_node::problem::{Exit, Failure};

use crate::cli::ExampleArgs;
use crate::example::FILES;
use crate::settings::CliSettings;

/// Runs it.
pub fn run(settings: &CliSettings, args: ExampleArgs) -> Result<ExitCode, Failure> {
    let folder = &args.folder;
    let shown = folder.display();
    let occupied = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if occupied || folder.is_file() {
        return Err(Failure::usage(
            format!("`{shown}` is there already and not empty"),
            "Name a new folder; nothing is overwritten.",
        ));
    }
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        for (name, text) in FILES {
            std::fs::write(folder.join(name), text)?;
        }
        Ok(())
    };
    write().map_err(|error| {
        Failure::new(
            Exit::Storage,
            format!("`{shown}` cannot be written: {error}"),
            "Name a folder you may write to.",
        )
    })?;
    if settings.json {
        println!(
            "{}",
            serde_json::json!({ "ok": true, "folder": folder, "files": FILES.iter().map(|(name, _)| name).collect::<Vec<_>>() })
        );
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "a small county is in `{shown}`: {} files; its README.md says what each one is",
        FILES.len()
    );
    println!("  picket import {shown} --data my-data --yes");
    println!("  picket up --data my-data");
    Ok(ExitCode::SUCCESS)
}
