//! `picket import`: every row of every file is checked; only then is the first one written.

mod access;
mod files;
mod report;
mod rows;
#[cfg(test)]
mod wire_tests;

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use picket_import::{FileKind, KnownRecords};
use picket_node::problem::Failure;
use picket_schemas::Jurisdiction;
use picket_schemas::registry::Territory;

use crate::cli::ImportArgs;
use crate::settings::CliSettings;
use access::Access;

/// Runs it.
pub async fn run(settings: &CliSettings, args: ImportArgs) -> Result<ExitCode, Failure> {
    let files = files::meant(&args)?;
    let access = Access::open(&settings.folder).await?;
    let before = settings.folder.territory()?;
    let territory = files::territory_with(&before, &files)?;
    if territory != before {
        access.takes_jurisdictions().await?;
    }
    let Some(top) = picket_node::admin::territory::topmost(&territory) else {
        return Err(no_area(settings, &files, &territory));
    };
    let within = settings.within.as_deref().map_or(top, Jurisdiction::from);
    let known = access.known(&before).await?;
    let tables = files::check(&files, &territory, &within, known)?;
    report::print(settings, &tables);
    if let Some(refused) = report::refused(&tables) {
        return Err(refused);
    }
    let count: usize = tables.iter().map(|table| table.checked.rows.len()).sum();
    if !args.yes && !agreed(count)? {
        return Err(Failure::usage(
            "nothing was written",
            "Say `--yes` to write without being asked.",
        ));
    }
    let new = (territory != before).then_some(&territory);
    let changed = access.write(settings, &tables, &territory, new).await?;
    if settings.json {
        println!(
            "{}",
            serde_json::json!({ "ok": true, "rows": count, "changed": changed })
        );
    } else {
        println!("{count} rows imported, {changed} of them new or changed");
    }
    Ok(ExitCode::SUCCESS)
}

/// Why nothing is known of any area: a file of areas that cannot be used, or none.
fn no_area(
    settings: &CliSettings,
    files: &[(FileKind, PathBuf)],
    territory: &Territory,
) -> Failure {
    let areas: Vec<_> = files
        .iter()
        .filter(|(kind, _)| *kind == FileKind::Areas)
        .cloned()
        .collect();
    let nowhere = Jurisdiction::default();
    let tables = match files::check(&areas, territory, &nowhere, KnownRecords::default()) {
        Ok(tables) => tables,
        Err(unread) => return unread,
    };
    match report::refused(&tables) {
        Some(refused) => {
            report::print(settings, &tables);
            refused
        }
        None => Failure::usage(
            "nothing is known of any area yet",
            "Import the areas first: `picket import areas areas.csv`, or a whole folder.",
        ),
    }
}

fn agreed(count: usize) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    print!("Write these {count} rows? [y/N] ");
    drop(std::io::stdout().flush());
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| {
            Failure::usage(
                format!("the answer could not be read: {error}"),
                "Say `--yes`.",
            )
        })?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "是"))
}
