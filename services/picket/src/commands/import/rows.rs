//! The rows of an import, written: as wishes to their books, in the order in which they depend on each other.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use picket_bus::Client;
use picket_import::Row;
use picket_node::embedded::Embedded;
use picket_node::problem::Failure;
use picket_schemas::ask::{After, Question};
use picket_schemas::{Answer, Command, Jurisdiction, PersonId, Problem, Wish};

use super::files::Table;
use crate::settings::CliSettings;

/// A row, with the file it stands in.
type Placed<'a> = (&'a Table, &'a Row);

/// Where rows go.
pub(super) enum RegistryAccess<'a> {
    Own(&'a Embedded),
    Running(&'a Client),
}

impl RegistryAccess<'_> {
    /// Where the journals stand.
    async fn heads(&self) -> After {
        match self {
            Self::Own(node) => picket_node::projection::heads(node.live().engine()),
            Self::Running(client) => {
                let any = Question::People {
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

    /// Sends rows of one book in order; their answers stand in the same order.
    async fn send(
        &self,
        rows: &[Placed<'_>],
        made: Timestamp,
        before: &After,
    ) -> Vec<Result<Answer, Problem>> {
        let mut answers = Vec::with_capacity(rows.len());
        let wishes = rows
            .iter()
            .map(|(_, row)| (&row.jurisdiction, wish(row, made, before)));
        match self {
            Self::Own(node) => {
                // Posted in order, so that a keeper makes one commit of many.
                let posted: Vec<_> = wishes
                    .map(|(jurisdiction, wish)| node.live().post(jurisdiction, wish))
                    .collect();
                for posted in posted {
                    answers.push(match posted {
                        Ok(posted) => posted.answer().await,
                        Err(problem) => Err(problem),
                    });
                }
            }
            Self::Running(client) => {
                for (jurisdiction, wish) in wishes {
                    answers.push(with_patience(client, jurisdiction, &wish).await);
                }
            }
        }
        answers
    }
}

/// Writes every row; how many were new or changed.
pub(super) async fn write(
    settings: &CliSettings,
    tables: &[Table],
    registry: &RegistryAccess<'_>,
    made: Timestamp,
) -> Result<u64, Failure> {
    let rows: Vec<Placed<'_>> = tables
        .iter()
        .flat_map(|table| table.checked.rows.iter().map(move |row| (table, row)))
        .collect();
    let bar = crate::show::progress(
        settings.json,
        rows.len() as u64,
        "{bar:40} {pos}/{len} rows",
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
        let answers = registry.send(chunk, made, &before).await;
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
    client: &Client,
    jurisdiction: &Jurisdiction,
    wish: &Wish,
) -> Result<Answer, Problem> {
    let mut answer = client.wish(jurisdiction, wish).await;
    for wait in [50, 100, 200, 400, 800, 1_600, 3_200] {
        match &answer {
            Err(problem)
                if matches!(
                    problem.code.as_str(),
                    "busy" | "outcome_unknown" | "unknown" | "unknown_person"
                ) =>
            {
                tokio::time::sleep(Duration::from_millis(wait)).await;
                answer = client.wish(jurisdiction, wish).await;
            }
            _ => break,
        }
    }
    answer
}

/// The id tells file, row and where the book stood: the same file is a new wish once something came between,
/// and what is so already is left as it is.
fn wish(row: &Row, made: Timestamp, before: &After) -> Wish {
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
