//! `picket replay`: a scenario folder, on one virtual clock; exit 0 only if every expectation holds.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use picket_journal::{Journal, MemoryJournal};

use crate::cli::{Backend, ClusterArgs, ReplayArgs};
use crate::cluster::Cluster;
use crate::folder::Folder;
use crate::problem::{Exit, Failure};
use crate::scenario::{self, Scenario};
use crate::settings::Settings;

/// The stream a replay has for itself.
const STREAM: &str = "PICKET_REPLAY";

/// Runs it.
pub async fn run(settings: &Settings, args: ReplayArgs) -> Result<ExitCode, Failure> {
    let scenario = Scenario::read(&args.folder).map_err(|why| {
        for fault in why.faults.iter().skip(1).take(50) {
            eprintln!("picket: {fault}\n  hint: {}", fault.hint);
        }
        let first = why.faults.first();
        Failure::usage(
            first.map_or_else(|| why.to_string(), ToString::to_string),
            first.map_or_else(String::new, |fault| fault.hint.clone()),
        )
    })?;
    let mut cluster = None;
    let (journal, owned): (Arc<dyn Journal>, _) = match &args.keep {
        None if args.backend == Backend::Cluster => {
            let there = Cluster::connect(
                &ClusterArgs {
                    stream: STREAM.into(),
                    ..args.cluster.clone()
                },
                "picket replay",
            )
            .await?;
            // What an interrupted replay left behind is of no use.
            there.forget(STREAM).await?;
            let there = cluster.insert(
                Cluster::connect(
                    &ClusterArgs {
                        stream: STREAM.into(),
                        ..args.cluster.clone()
                    },
                    "picket replay",
                )
                .await?,
            );
            (there.journal.clone(), None)
        }
        None => (Arc::new(MemoryJournal::new()), None),
        Some(path) => {
            let owned = Folder::at(path).own()?;
            if owned.folder.journal().exists() {
                return Err(Failure::usage(
                    format!("`{}` holds a journal already", path.display()),
                    "Name a new folder with `--keep`.",
                ));
            }
            owned.set_territory(&scenario.manifest.territory)?;
            (crate::desk::open_journal(&owned)?, Some(owned))
        }
    };
    let bar = if settings.json || !std::io::stderr().is_terminal() {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(100)
    };
    bar.set_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let outcome = scenario::run(&scenario, journal, &mut |progress| {
        bar.set_length(progress.of as u64);
        bar.set_position(progress.done as u64);
        bar.set_message(
            progress
                .at
                .to_zoned(settings.zone.clone())
                .strftime("%Y-%m-%d")
                .to_string(),
        );
    })
    .await
    .map_err(|why| {
        Failure::new(
            Exit::Refused,
            why.to_string(),
            "Correct the folder and replay it again; a replay changes nothing outside.",
        )
    })?;
    bar.finish_and_clear();
    if let Some(there) = cluster {
        there.forget(STREAM).await?;
    }
    drop(owned);
    if settings.json {
        crate::show::out(&format!("{}\n", outcome.to_json()));
    } else {
        crate::show::out(&report(&outcome));
    }
    Ok(if outcome.ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// What came of it, for people.
fn report(outcome: &scenario::Outcome) -> String {
    let mut text = outcome.text_zh.clone();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push('\n');
    for miss in &outcome.misses {
        text.push_str(&format!("MISS  {miss}\n"));
    }
    if outcome.ok() {
        text.push_str(&format!("{}: every expectation holds\n", outcome.name));
    } else {
        text.push_str(&format!(
            "{}: {} expectations missed\n",
            outcome.name,
            outcome.misses.len()
        ));
    }
    text
}
