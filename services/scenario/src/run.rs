//! The run of a scenario: imports, then wish after wish, each at its instant, with every bell on the way.
//!
//! All books run in one task on a clock that stands until it is set, so nothing depends on the machine.
//! What goes otherwise than the script says becomes a miss; only what makes going on pointless is an error.
//! It does not know what a command means.

mod closing;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use picket_journal::Journal;
use picket_node::version::CODE_VERSION;
use picket_runtime::{Clock, Engine, Lockstep};
use picket_schemas::{Answer, Command, CommandId, Jurisdiction, PersonId, Problem, Wish, bulletin};
use serde_json::Value;

use super::cannot::CannotRun;
use super::fault::ScenarioFault;
use super::feed::Feed;
use super::files::Scenario;
use super::lookup::{Bindings, ScriptLookup};
use super::miss::Miss;
use super::report::{EndedRun, ScenarioOutcome};
use super::resolve;
use super::script::{Expected, ScriptLine, Wished};

/// The progress of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The phase it is in.
    pub phase: Phase,
    /// Rows or wishes done.
    pub done: usize,
    /// Of so many.
    pub of: usize,
    /// Where the clock stands.
    pub at: Timestamp,
}

/// The phase of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Writing rows of import files.
    Importing,
    /// Making the wishes of the script.
    Wishing,
    /// Freezing, counting, comparing.
    Closing,
}

/// Runs a scenario on an empty journal and compares what came of it with what it expects.
pub async fn run(
    scenario: &Scenario,
    journal: Arc<dyn Journal>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<ScenarioOutcome, CannotRun> {
    let manifest = &scenario.manifest;
    let mut run = RunningScenario::begin(scenario, journal).await?;
    run.import(progress).await?;
    let mut closed = None;
    for (done, line) in scenario.lines.iter().enumerate() {
        if closed.is_none() && line.arrives() > manifest.as_of {
            closed = Some(run.close(progress).await?);
        }
        run.advance(line.arrives()).await?;
        run.line(line).await?;
        progress(Progress {
            phase: Phase::Wishing,
            done: done + 1,
            of: scenario.lines.len(),
            at: line.arrives(),
        });
    }
    let closed = match closed {
        Some(closed) => closed,
        None => run.close(progress).await?,
    };
    run.lockstep.flush().await;
    run.feed.take(&run.engine).await?;
    run.feed.insight()?;
    let (insight, notices) = run.feed.into_parts();
    let ended = EndedRun {
        closed,
        misses: run.misses,
        bound: run.bound,
        notices,
        insight,
        at: run.engine.clock.now(),
        journal: run.engine.journal.clone(),
    };
    Ok(ended.compare(scenario)?)
}

/// A run under way.
struct RunningScenario<'a> {
    scenario: &'a Scenario,
    engine: Arc<Engine>,
    lockstep: Lockstep,
    feed: Feed,
    bound: Bindings,
    misses: Vec<Miss>,
}

impl<'a> RunningScenario<'a> {
    /// Opens the books on a journal that must be empty, at the first instant of the scenario.
    async fn begin(scenario: &'a Scenario, journal: Arc<dyn Journal>) -> Result<Self, CannotRun> {
        let manifest = &scenario.manifest;
        let engine = Engine::new(
            journal.clone(),
            manifest.territory.clone(),
            picket_node::services::kinds(),
            Clock::driven(manifest.start),
            scenario.calendar(),
        );
        let books = engine.books();
        for (book, head) in books.iter().zip(journal.last(&books).await?) {
            if head.number > 0 {
                return Err(CannotRun::NotEmpty(book.to_string()));
            }
        }
        let engine = Arc::new(engine);
        let feed = Feed::new(&engine)?;
        let lockstep = Lockstep::open(engine.clone()).await?;
        let mut run = Self {
            scenario,
            engine,
            lockstep,
            feed,
            bound: BTreeMap::new(),
            misses: Vec::new(),
        };
        run.rest().await?;
        Ok(run)
    }
}

impl RunningScenario<'_> {
    /// Lets the books come to rest, and gives bulletins that wait for figures theirs.
    async fn rest(&mut self) -> Result<(), CannotRun> {
        loop {
            self.lockstep.settle().await?;
            self.feed.take(&self.engine).await?;
            let Some(request) = self.feed.request() else {
                return Ok(());
            };
            let view =
                self.feed
                    .insight()?
                    .figures(&request.jurisdiction, request.from, request.as_of)?;
            let command = bulletin::Command::Settle {
                bulletin: request.bulletin.clone(),
                positions: view.positions,
                figures: view.figures,
                areas: view.areas,
                code_version: CODE_VERSION.to_owned(),
            };
            let id = CommandId::from(format!(
                "settle-{}-{}",
                request.jurisdiction, request.bulletin
            ));
            let by = PersonId::new(&request.jurisdiction, picket_directory::SYSTEM);
            self.wish(&request.jurisdiction, id, by, command.into())
                .await
                .map_err(CannotRun::NotFrozen)?;
        }
    }

    /// Moves time on, stopping at every bell on the way.
    async fn advance(&mut self, until: Timestamp) -> Result<(), CannotRun> {
        while let Some(due) = self.lockstep.due().filter(|due| *due <= until) {
            self.engine.clock.set(due);
            self.rest().await?;
        }
        self.engine.clock.set(until);
        Ok(())
    }

    async fn import(
        &mut self,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), CannotRun> {
        let start = self.scenario.manifest.start;
        let of = self
            .scenario
            .imports
            .iter()
            .map(|checked| checked.rows.len())
            .sum();
        let mut done = 0;
        for checked in &self.scenario.imports {
            for rows in checked.rows.chunk_by(|a, b| {
                a.jurisdiction == b.jurisdiction && a.command.service() == b.command.service()
            }) {
                let Some(first) = rows.first() else { continue };
                let by = PersonId::new(&first.jurisdiction, picket_directory::OPERATOR);
                let wishes = rows
                    .iter()
                    .map(|row| {
                        made(
                            row.id.clone(),
                            by.clone(),
                            "import",
                            start,
                            None,
                            row.command.clone(),
                        )
                    })
                    .collect();
                let answers = self.lockstep.wish(&first.jurisdiction, wishes).await;
                for (row, answer) in rows.iter().zip(answers) {
                    if let Err(problem) = answer {
                        return Err(CannotRun::Refused(ScenarioFault::new(
                            format!("{}.csv", checked.kind),
                            row.line,
                            problem.title,
                            problem.hint,
                        )));
                    }
                }
                self.rest().await?;
                done += rows.len();
                progress(Progress {
                    phase: Phase::Importing,
                    done,
                    of,
                    at: start,
                });
            }
        }
        Ok(())
    }

    /// One wish, made now by a part of the run itself.
    async fn wish(
        &mut self,
        jurisdiction: &Jurisdiction,
        id: CommandId,
        by: PersonId,
        command: Command,
    ) -> Result<Answer, Problem> {
        let wish = made(id, by, "replay", self.engine.clock.now(), None, command);
        only(self.lockstep.wish(jurisdiction, vec![wish]).await)
    }

    /// One line of the script.
    async fn line(&mut self, line: &ScriptLine) -> Result<(), CannotRun> {
        let command = match self.command(line)? {
            Ok(command) => command,
            Err(why) => {
                self.misses.push(Miss::line(line, "a command", why));
                return Ok(());
            }
        };
        let wish = made(
            line.id.clone(),
            line.by.clone(),
            "replay",
            line.made,
            line.received.map(|_| line.at),
            command,
        );
        let answer = only(self.lockstep.wish(&line.jurisdiction, vec![wish]).await);
        let expected = match &line.expect {
            Expected::Accepted => "done".to_owned(),
            Expected::Refused(None) => "refused".to_owned(),
            Expected::Refused(Some(code)) => format!("refused:{code}"),
        };
        match (answer, &line.expect) {
            (Ok(answer), Expected::Accepted) => self.bind(line, &answer),
            (Ok(_), Expected::Refused(_)) => self.misses.push(Miss::line(line, expected, "done")),
            (Err(problem), Expected::Refused(code))
                if code.as_ref().is_none_or(|code| *code == problem.code) => {}
            (Err(problem), _) => self.misses.push(Miss::line(
                line,
                expected,
                format!("refused:{}: {}", problem.code, problem.title),
            )),
        }
        self.rest().await
    }

    fn bind(&mut self, line: &ScriptLine, answer: &Answer) {
        let Some(name) = &line.bind else { return };
        match answer.created.first() {
            Some(id) => drop(
                self.bound
                    .insert(name.clone(), (line.jurisdiction.clone(), id.clone())),
            ),
            None => self.misses.push(Miss::line(
                line,
                format!("a new id for ${name}"),
                "nothing was created",
            )),
        }
    }

    /// The command of a line with its references answered, or why they could not be.
    fn command(&mut self, line: &ScriptLine) -> Result<Result<Command, String>, CannotRun> {
        let fields = match &line.wished {
            Wished::Plain(command) => return Ok(Ok((**command).clone())),
            Wished::Open(fields) => fields,
        };
        let look = ScriptLookup {
            insight: self.feed.insight()?,
            bound: &self.bound,
            jurisdiction: &line.jurisdiction,
            now: self.engine.clock.now(),
        };
        let command = resolve::resolve(&Value::Object(fields.clone()), &look)
            .and_then(|value| Command::parse(value).map_err(|why| why.to_string()));
        Ok(command)
    }
}

/// A wish with a trace of its own, derived so that every run has the same.
fn made(
    id: CommandId,
    by: PersonId,
    via: &str,
    made: Timestamp,
    observed: Option<Timestamp>,
    command: Command,
) -> Wish {
    let hash = picket_journal::hash_of(id.as_str().as_bytes());
    let trace = format!("00-{}-{}-01", &hash[..32], &hash[32..48]);
    Wish {
        id,
        by,
        via: via.to_owned(),
        made,
        observed,
        trace,
        command,
    }
}

/// The answer to a single wish.
fn only(answers: Vec<Result<Answer, Problem>>) -> Result<Answer, Problem> {
    let unknown = || Err(picket_schemas::Refusal::OutcomeUnknown.problem());
    // Where the book had to be folded anew the reason stands last.
    answers.into_iter().next_back().unwrap_or_else(unknown)
}
