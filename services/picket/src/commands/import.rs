//! `picket import`: every row of every file is checked; only then is the first one written.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use picket_bus::Bus;
use picket_import::{Checked, Kind, Known};
use picket_journal::Journal;
use picket_runtime::Clock;
use picket_schemas::registry::Territory;
use picket_schemas::{Command, Jurisdiction, PersonId, Problem, Wish};

use crate::cli::ImportArgs;
use crate::desk::{Awake, Desk};
use crate::folder::Owned;
use crate::problem::Failure;
use crate::reach::now;
use crate::settings::Settings;
use crate::socket::SocketBus;

/// The largest file that is read.
const LARGEST: u64 = 20 * 1024 * 1024;

struct Table {
    kind: Kind,
    path: PathBuf,
    checked: Checked,
}

/// Runs it.
pub async fn run(settings: &Settings, args: ImportArgs) -> Result<ExitCode, Failure> {
    let files = files(&args)?;
    let (running, owned) = match SocketBus::connect(&settings.folder.socket()).await {
        Ok(bus) => (Some(picket_bus::Client::new(Arc::new(bus))), None),
        Err(_) => (None, Some(settings.folder.own()?)),
    };
    let before = settings.folder.territory()?;
    let territory = territory_with(&before, &files)?;
    if let Some(client) = running.as_ref().filter(|_| territory != before)
        && client
            .bus()
            .ask(
                crate::cluster::territory::SUBJECT,
                b"{\"jurisdictions\":{}}".to_vec(),
                std::time::Duration::from_secs(5),
            )
            .await
            .is_err()
    {
        return Err(Failure::usage(
            "a new jurisdiction cannot be added while Picket runs on the folder",
            "Stop `picket up`, import, start it again.",
        ));
    }
    let Some(top) = crate::desk::topmost(&territory) else {
        // A file of areas that cannot be used is why nothing is known of any.
        let areas: Vec<_> = files
            .iter()
            .filter(|(kind, _)| *kind == Kind::Areas)
            .cloned()
            .collect();
        let tables = check(
            &areas,
            &territory,
            &Jurisdiction::default(),
            Known::default(),
        )?;
        if tables.iter().any(|table| !table.checked.bad.is_empty()) {
            report(settings, &tables);
            return Err(refused_rows(&tables));
        }
        return Err(Failure::usage(
            "nothing is known of any area yet",
            "Import the areas first: `picket import areas areas.csv`, or a whole folder.",
        ));
    };
    let within = settings.within.as_deref().map_or(top, Jurisdiction::from);
    let known = known(running.as_ref(), owned.as_ref(), &before).await?;
    let tables = check(&files, &territory, &within, known)?;
    report(settings, &tables);
    if tables.iter().any(|table| !table.checked.bad.is_empty()) {
        return Err(refused_rows(&tables));
    }
    let count: usize = tables.iter().map(|table| table.checked.rows.len()).sum();
    if !args.yes && !agreed(count)? {
        return Err(Failure::usage(
            "nothing was written",
            "Say `--yes` to write without being asked.",
        ));
    }
    let changed = match (running, owned) {
        (Some(client), _) => {
            if territory != before {
                crate::cluster::territory::ask(client.bus().as_ref(), &territory)
                    .await
                    .map_err(|why| {
                        Failure::usage(
                            format!("the new jurisdictions were not taken: {why}"),
                            "Nothing was written; import again.",
                        )
                    })?;
            }
            write(
                settings,
                &tables,
                &Registry::Running(&client),
                clock_of(&client).await,
            )
            .await?
        }
        (None, Some(owned)) => {
            if territory != before {
                owned.set_territory(&territory)?;
            }
            let desk = Desk::open(
                owned,
                crate::services::kinds(),
                Clock::real(),
                Awake::Only(books(&territory)?),
            )
            .await?;
            let made = now().max(desk.live().last_commit().unwrap_or(jiff::Timestamp::MIN));
            let written = write(settings, &tables, &Registry::Own(&desk), made).await;
            desk.close().await;
            written?
        }
        (None, None) => {
            return Err(Failure::usage(
                "the folder is not there",
                "Name it with `--data DIR`.",
            ));
        }
    };
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

/// Nothing was written; says what was wrong in how many files.
fn refused_rows(tables: &[Table]) -> Failure {
    let own = |table: &Table| {
        table
            .checked
            .bad
            .iter()
            .filter(|bad| bad.follows.is_none())
            .count()
    };
    let names: Vec<_> = tables
        .iter()
        .filter(|table| own(table) > 0)
        .map(|table| format!("`{}`", table.path.display()))
        .collect();
    let as_is = if names.len() == 1 {
        "it is"
    } else {
        "they are"
    };
    Failure::usage(
        format!(
            "nothing was written: {} cannot be imported as {as_is}",
            names.join(" and ")
        ),
        "Correct what is named above and import again.",
    )
}

async fn clock_of(client: &picket_bus::Client) -> jiff::Timestamp {
    super::clock::of(client)
        .await
        .map_or_else(now, |clock| clock.now)
}

fn books(territory: &Territory) -> Result<Vec<picket_journal::BookName>, Failure> {
    let mut books = Vec::new();
    for jurisdiction in territory.jurisdictions.keys() {
        for service in ["registry", "schedule"] {
            books.push(
                picket_runtime::book_name(service, jurisdiction)
                    .map_err(crate::desk::cannot_keep)?,
            );
        }
    }
    Ok(books)
}

/// The files meant, in the order they depend on each other.
fn files(args: &ImportArgs) -> Result<Vec<(Kind, PathBuf)>, Failure> {
    let named = Path::new(&args.what);
    match &args.file {
        Some(file) => {
            let kind: Kind = args.what.parse().map_err(|_| unknown_kind(&args.what))?;
            Ok(vec![(kind, file.clone())])
        }
        None if named.is_dir() => {
            let found: Vec<_> = Kind::ALL
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
            let kind: Kind = stem.parse().map_err(|_| {
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
        None => match args.what.parse::<Kind>() {
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

fn names() -> String {
    Kind::ALL
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
            Kind::ALL
                .into_iter()
                .map(Kind::as_str)
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

/// The jurisdictions there are once the areas of this import are in: every county, and what stands above one.
fn territory_with(before: &Territory, files: &[(Kind, PathBuf)]) -> Result<Territory, Failure> {
    let mut territory = before.clone();
    for (_, path) in files.iter().filter(|(kind, _)| *kind == Kind::Areas) {
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

fn check(
    files: &[(Kind, PathBuf)],
    territory: &Territory,
    within: &Jurisdiction,
    mut known: Known,
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

/// What the registries define already: as the running process says, or as the folder holds it.
async fn known(
    running: Option<&picket_bus::Client>,
    owned: Option<&Owned>,
    territory: &Territory,
) -> Result<Known, Failure> {
    let layers = match (running, owned) {
        (Some(client), _) if !territory.jurisdictions.is_empty() => {
            let unread = |why: String| {
                Failure::usage(
                    format!("the running Picket does not say what it knows: {why}"),
                    "Both sides must run the same version; nothing was written.",
                )
            };
            let reply = client
                .bus()
                .ask(SUBJECT, Vec::new(), std::time::Duration::from_secs(20))
                .await
                .map_err(|why| unread(why.to_string()))?;
            serde_json::from_slice(&reply).map_err(|why| unread(why.to_string()))?
        }
        (None, Some(owned)) if !territory.jurisdictions.is_empty() => {
            layers(crate::desk::open_journal(owned)?, territory).await?
        }
        _ => Vec::new(),
    };
    Ok(if layers.is_empty() {
        Known::default()
    } else {
        Known::from_layers(&layers)
    })
}

const SUBJECT: &str = "picket.registers";

/// Serves what the registries define, for whoever checks a file against it.
pub async fn serve(bus: Arc<dyn Bus>, journal: Arc<dyn Journal>, territory: Territory) {
    let Ok(mut requests) = bus.serve(SUBJECT).await else {
        return;
    };
    while let Some(request) = requests.next().await {
        if let Ok(layers) = layers(journal.clone(), &territory).await {
            request.reply(serde_json::to_vec(&layers).unwrap_or_default());
        }
    }
}

async fn layers(
    journal: Arc<dyn Journal>,
    territory: &Territory,
) -> Result<Vec<picket_directory::Layer>, Failure> {
    let mut layers = Vec::new();
    for jurisdiction in territory.jurisdictions.keys() {
        let mut layer = picket_directory::Layer::new(jurisdiction.clone());
        let name = picket_runtime::book_name("registry", jurisdiction)
            .map_err(crate::desk::cannot_keep)?;
        let mut causal = picket_runtime::Causal::new(journal.clone(), &[name], &BTreeMap::new());
        loop {
            let batch = causal.next(1_024).await.map_err(crate::desk::cannot_keep)?;
            if batch.is_empty() {
                break;
            }
            for event in batch
                .iter()
                .flat_map(|commit| &commit.commit.entries)
                .flat_map(|entry| &entry.events)
            {
                if let picket_schemas::Event::Registry(event) = event {
                    layer.apply(event);
                }
            }
        }
        layers.push(layer);
    }
    Ok(layers)
}

fn report(settings: &Settings, tables: &[Table]) {
    if settings.json {
        let bad: Vec<_> = tables
            .iter()
            .flat_map(|table| table.checked.bad.iter().map(move |bad| serde_json::json!({ "file": table.path, "line": bad.line, "column": bad.column, "reason": bad.reason, "hint": bad.hint, "follows": bad.follows })))
            .collect();
        if !bad.is_empty() {
            println!("{}", serde_json::json!({ "ok": false, "bad": bad }));
        }
        return;
    }
    for table in tables {
        println!("{:<14} {}", table.kind.as_str(), table.checked.summary);
        for bad in &table.checked.bad {
            let line = if bad.line == 0 {
                String::new()
            } else {
                format!(":{}", bad.line)
            };
            let column = if bad.column.is_empty() {
                String::new()
            } else {
                format!(" {}", bad.column)
            };
            println!("  {}{line}{column}: {}", table.path.display(), bad.reason);
            println!("    hint: {}", bad.hint);
        }
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

/// Where rows go.
enum Registry<'a> {
    Own(&'a Desk),
    Running(&'a picket_bus::Client),
}

impl Registry<'_> {
    /// Where the journals stand.
    async fn heads(&self) -> picket_schemas::ask::After {
        match self {
            Self::Own(desk) => crate::desk::heads(desk.live().office()),
            Self::Running(client) => {
                let any = picket_schemas::ask::Question::People {
                    jurisdiction: Jurisdiction::default(),
                    role: None,
                };
                client
                    .ask(&Default::default(), &any, &BTreeMap::new())
                    .await
                    .map(|reply| reply.after)
                    .unwrap_or_default()
            }
        }
    }
}

async fn write(
    settings: &Settings,
    tables: &[Table],
    registry: &Registry<'_>,
    made: jiff::Timestamp,
) -> Result<u64, Failure> {
    let rows: Vec<_> = tables
        .iter()
        .flat_map(|table| table.checked.rows.iter().map(move |row| (table, row)))
        .collect();
    let bar = if settings.json || !std::io::stderr().is_terminal() {
        ProgressBar::hidden()
    } else {
        ProgressBar::new(rows.len() as u64)
    };
    bar.set_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} rows")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let before = registry.heads().await;
    let mut changed = 0;
    // Rows of one book go together; a book that refers to another is asked only when that one has answered.
    for chunk in rows
        .chunk_by(|(table, row), (other, next)| {
            table.kind == other.kind && row.jurisdiction == next.jurisdiction
        })
        .flat_map(|same| same.chunks(256))
    {
        let mut answers = Vec::with_capacity(chunk.len());
        match registry {
            Registry::Own(desk) => {
                // Posted in order, so that a keeper makes one commit of many.
                let posted: Vec<_> = chunk
                    .iter()
                    .map(|(_, row)| {
                        desk.live()
                            .post(&row.jurisdiction, wish(row, made, &before))
                    })
                    .collect();
                for posted in posted {
                    answers.push(match posted {
                        Ok(posted) => posted.answer().await,
                        Err(problem) => Err(problem),
                    });
                }
            }
            Registry::Running(client) => {
                for (_, row) in chunk {
                    answers.push(
                        with_patience(client, &row.jurisdiction, &wish(row, made, &before)).await,
                    );
                }
            }
        }
        for ((table, row), answer) in chunk.iter().zip(answers) {
            let answer = answer.map_err(|problem| refused(&table.path, row.line, problem))?;
            // A row imported before gets the answer it got then: an older commit.
            changed += u64::from(
                !answer.unchanged
                    && answer.n > before.get(&answer.book).copied().unwrap_or_default(),
            );
        }
        bar.inc(chunk.len() as u64);
    }
    bar.finish_and_clear();
    Ok(changed)
}

/// Every row was checked before: what a book does not know yet it is about to read in the registry above, which
/// another process may keep.
async fn with_patience(
    client: &picket_bus::Client,
    jurisdiction: &Jurisdiction,
    wish: &Wish,
) -> Result<picket_schemas::Answer, Problem> {
    let mut answer = client.wish(jurisdiction, wish).await;
    for wait in [50, 100, 200, 400, 800, 1_600, 3_200] {
        match &answer {
            Err(problem)
                if matches!(
                    problem.code.as_str(),
                    "busy" | "outcome_unknown" | "unknown" | "unknown_person"
                ) =>
            {
                tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
                answer = client.wish(jurisdiction, wish).await;
            }
            _ => break,
        }
    }
    answer
}

/// The id tells file, row and where the book stood: the same file is a new wish once something came between,
/// and what is so already is left as it is.
fn wish(
    row: &picket_import::Row,
    made: jiff::Timestamp,
    before: &picket_schemas::ask::After,
) -> Wish {
    let command: Command = row.command.clone();
    let book = format!("{}/{}", command.service(), row.jurisdiction);
    let id = format!(
        "{}@{}",
        row.id,
        before.get(&book).copied().unwrap_or_default()
    );
    Wish {
        id: id.into(),
        by: PersonId::new(&row.jurisdiction, picket_directory::OPERATOR),
        via: "import".into(),
        made,
        observed: None,
        trace: String::new(),
        command,
    }
}

fn refused(path: &Path, line: u64, problem: Problem) -> Failure {
    let mut failure = Failure::from(problem);
    failure.problem.title = format!("{}:{line}: {}", path.display(), failure.problem.title);
    failure.problem.hint = format!(
        "{} The rows before it are written; the same import goes on where it stopped.",
        failure.problem.hint
    );
    failure
}

#[cfg(test)]
mod wire_tests;
