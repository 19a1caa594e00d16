//! `picket replay`: a scenario folder, on one virtual clock; exit 0 only if every expectation holds.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use picket_journal::{Journal, MemoryJournal};
use picket_node::clustered::connection::Cluster;
use picket_node::clustered::settings::ClusterArgs;
use picket_node::folder::{Folder, Owned};
use picket_node::problem::{Exit, Failure};
use picket_scenario::{Scenario, ScenarioError, ScenarioOutcome};

use crate::cli::{Backend, ReplayArgs};
use crate::settings::CliSettings;

/// The stream a replay has for itself.
const STREAM: &str = "PICKET_REPLAY";

/// Runs it.
pub async fn run(settings: &CliSettings, args: ReplayArgs) -> Result<ExitCode, Failure> {
    let scenario = Scenario::read(&args.folder).map_err(|why| unusable(&why))?;
    let store = ReplayStore::open(&args, &scenario).await?;
    let outcome = replay(settings, &scenario, store.journal.clone()).await?;
    store.close().await?;
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

/// Names every mistake in the folder: the first as why nothing is replayed, the others before it.
fn unusable(why: &ScenarioError) -> Failure {
    for fault in why.faults.iter().skip(1).take(50) {
        eprintln!("picket: {fault}\n  hint: {}", fault.hint);
    }
    let first = why.faults.first();
    Failure::usage(
        first.map_or_else(|| why.to_string(), ToString::to_string),
        first.map_or_else(String::new, |fault| fault.hint.clone()),
    )
}

/// Where a replay writes: to memory, to a folder that is kept, or to a stream of its own on a cluster.
struct ReplayStore {
    journal: Arc<dyn Journal>,
    cluster: Option<Cluster>,
    _folder: Option<Owned>,
}

impl ReplayStore {
    async fn open(args: &ReplayArgs, scenario: &Scenario) -> Result<Self, Failure> {
        match &args.keep {
            Some(path) => Self::keep(path, scenario),
            None if args.backend == Backend::Cluster => Self::on_cluster(&args.cluster).await,
            None => Ok(Self {
                journal: Arc::new(MemoryJournal::new()),
                cluster: None,
                _folder: None,
            }),
        }
    }

    fn keep(path: &Path, scenario: &Scenario) -> Result<Self, Failure> {
        let owned = Folder::at(path).own()?;
        if owned.folder.journal().exists() {
            return Err(Failure::usage(
                format!("`{}` holds a journal already", path.display()),
                "Name a new folder with `--keep`.",
            ));
        }
        owned.set_territory(&scenario.manifest.territory)?;
        Ok(Self {
            journal: picket_node::folder::open_journal(&owned)?,
            cluster: None,
            _folder: Some(owned),
        })
    }

    async fn on_cluster(args: &ClusterArgs) -> Result<Self, Failure> {
        let args = ClusterArgs {
            stream: STREAM.into(),
            ..args.clone()
        };
        let name = "picket replay";
        // What an interrupted replay left behind is of no use.
        Cluster::connect(&args, name).await?.forget(STREAM).await?;
        let cluster = Cluster::connect(&args, name).await?;
        Ok(Self {
            journal: cluster.journal.clone(),
            cluster: Some(cluster),
            _folder: None,
        })
    }

    /// Lets go of it; a stream is taken away.
    async fn close(self) -> Result<(), Failure> {
        match self.cluster {
            Some(cluster) => cluster.forget(STREAM).await,
            None => Ok(()),
        }
    }
}

async fn replay(
    settings: &CliSettings,
    scenario: &Scenario,
    journal: Arc<dyn Journal>,
) -> Result<ScenarioOutcome, Failure> {
    let bar = crate::show::progress(settings.json, 100, "{bar:40} {pos}/{len} {msg}");
    let outcome = picket_scenario::run(scenario, journal, &mut |progress| {
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
    Ok(outcome)
}

/// The outcome, for people.
fn report(outcome: &ScenarioOutcome) -> String {
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
