//! The counties a measurement works in: people, posts and institutions, and sheets for them to work through.
//!
//! Every caller has sheets of its own: accept, fill, hand in. It does not know who measures, nor which store is below.

use std::sync::Arc;
use std::time::Duration;

use picket_journal::{BookName, Head};
use picket_node::problem::Failure;
use picket_node::problem::cannot_keep;
use picket_runtime::{Clock, Live, book_name};
use picket_schemas::dispatch::{self, Assign, AssignTo, Outcome, Select};
use picket_schemas::registry::{self, Level, PostKind, Territory};
use picket_schemas::subject::SubjectKind;
use picket_schemas::{
    AreaCode, Command, CommandId, Commit, Event, Jurisdiction, PersonId, TaskId, Wish,
};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::route::BookRoute;
use super::scratch;

/// Institutions on a sheet.
const ROWS: u64 = 1;
/// Commands that take a sheet from offered to handed in.
pub(super) const STAGES: u64 = ROWS + 2;
/// How many commands of a county may be under way when it is filled.
const AT_ONCE: usize = 256;
/// How many counties are filled at once.
const SIDE_BY_SIDE: usize = 64;
/// The person who issues the batches and leads the posts of a county.
const COORDINATOR: &str = "P-9999";
/// How often the sheets of one batch are looked for.
const LOOKS: usize = 20_000;

/// One county, with so many sentinels, each with a post and an institution.
#[derive(Clone, Debug)]
pub(super) struct County {
    code: Jurisdiction,
    sentinels: u64,
}

/// A sheet: its task, and whose it is.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    /// Where.
    pub(super) county: Jurisdiction,
    /// The task.
    pub(super) task: TaskId,
    sentinel: u64,
}

/// One county for all callers.
pub(super) fn one(sentinels: u64) -> Vec<County> {
    vec![County {
        code: "990101".into(),
        sentinels,
    }]
}

/// So many counties, with one sentinel each.
pub(super) fn many(count: usize) -> Vec<County> {
    (0..count)
        .map(|n| County {
            code: format!("{}", 990_101 + n).as_str().into(),
            sentinels: 1,
        })
        .collect()
}

/// The jurisdictions these counties are.
pub(super) fn territory(counties: &[County]) -> Territory {
    Territory {
        jurisdictions: counties
            .iter()
            .map(|county| (county.code.clone(), None))
            .collect(),
    }
}

/// A wish of the bench.
pub(super) fn wish(
    id: impl Into<CommandId>,
    by: &PersonId,
    clock: &Clock,
    command: impl Into<Command>,
) -> Wish {
    Wish {
        id: id.into(),
        by: by.clone(),
        via: "bench".into(),
        made: clock.now(),
        observed: None,
        trace: String::new(),
        command: command.into(),
    }
}

/// Defines an area.
pub(super) fn area(
    code: AreaCode,
    name: String,
    level: Level,
    parent: Option<AreaCode>,
) -> registry::Command {
    registry::Command::DefineArea {
        code,
        name,
        level,
        parent,
    }
}

/// Enrols a person.
pub(super) fn person(
    code: &str,
    name: String,
    roles: &[&str],
    area: AreaCode,
) -> registry::Command {
    registry::Command::EnrolPerson {
        code: code.to_owned(),
        name,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        department: None,
        area,
        certificate: None,
        language: None,
    }
}

/// Defines the post of one sentinel.
pub(super) fn post(
    code: &str,
    name: String,
    area: AreaCode,
    leader: &str,
    sentinel: String,
) -> registry::Command {
    registry::Command::DefinePost {
        code: code.into(),
        name,
        kind: PostKind::Community,
        area,
        leader: leader.into(),
        members: vec![sentinel],
    }
}

/// Registers an institution.
pub(super) fn institution(code: &str, name: String, area: AreaCode) -> registry::Command {
    registry::Command::RegisterInstitution {
        code: code.into(),
        name,
        kind: SubjectKind::Institution,
        training: None,
        licence: None,
        address: "bench street".into(),
        area,
        school_district: None,
        risk: None,
        list: None,
    }
}

/// Issues a batch.
pub(super) fn batch(name: String, select: Select, assign: Assign) -> dispatch::Command {
    dispatch::Command::IssueBatch {
        name,
        campaign: None,
        round: None,
        select,
        assign,
        checklist: String::new(),
        window: None,
        sealed_until: None,
    }
}

/// A sheet for the sentinel of each post.
pub(super) fn to_sentinels() -> Assign {
    Assign {
        to: AssignTo::PostSentinel,
        ..Assign::default()
    }
}

impl County {
    /// The book all of it is about.
    pub(super) fn book(&self) -> Result<BookName, Failure> {
        book_name("dispatch", &self.code).map_err(cannot_keep)
    }

    /// Enrols everybody, one command after the other.
    async fn found(&self, live: &Live, clock: &Clock) -> Result<(), Failure> {
        let county = self.code.as_str();
        let operator = PersonId::new(&self.code, picket_directory::OPERATOR);
        let wishes: Vec<Wish> = self
            .registered()
            .into_iter()
            .enumerate()
            .map(|(n, command)| wish(format!("found-{county}-{n}"), &operator, clock, command))
            .collect();
        for chunk in wishes.chunks(AT_ONCE) {
            let posted: Vec<_> = chunk
                .iter()
                .map(|wish| live.post(&self.code, wish.clone()))
                .collect();
            for posted in posted {
                posted?.answer().await?;
            }
        }
        Ok(())
    }

    /// The commands to the registry: the county with its coordinator; then each sentinel with all that is theirs.
    fn registered(&self) -> Vec<registry::Command> {
        let county = self.code.as_str();
        let enrol = |code: &str, roles: &[&str]| {
            person(code, format!("sentinel {code}"), roles, county.into())
        };
        let mut commands = vec![
            area(county.into(), "bench county".into(), Level::County, None),
            enrol(COORDINATOR, &["coordinator", "post_leader"]),
        ];
        for n in 0..self.sentinels {
            let community = AreaCode::from(format!("{county}{n:06}").as_str());
            let sentinel = format!("P-{n:04}");
            commands.push(area(
                community.clone(),
                format!("community {n}"),
                Level::Community,
                Some(county.into()),
            ));
            commands.push(enrol(&sentinel, &["sentinel"]));
            commands.push(post(
                &format!("PO-{n:04}"),
                format!("post {n}"),
                community.clone(),
                COORDINATOR,
                sentinel,
            ));
            commands.extend((0..ROWS).map(|row| {
                institution(
                    &format!("I-{n:04}-{row}"),
                    format!("institution {n}-{row}"),
                    community.clone(),
                )
            }));
        }
        commands
    }

    /// Issues batches, each a sheet for every sentinel, and reads in the journal how they came out after `head`.
    async fn issue(
        &self,
        route: &BookRoute,
        clock: &Clock,
        names: &[String],
        head: &mut Head,
    ) -> Result<Vec<Sheet>, Failure> {
        let coordinator = PersonId::new(&self.code, COORDINATOR);
        let mut batches = Vec::with_capacity(names.len());
        for name in names {
            let id = format!("{}-{name}", self.code);
            let command = batch(name.clone(), Select::default(), to_sentinels());
            let wish = wish(id, &coordinator, clock, command);
            let answer = route.wish(&self.code, wish).await?;
            batches.push(answer.created.first().cloned().unwrap_or_default());
        }
        self.sheets(route.live(), &batches, head).await
    }

    /// The sheets of these batches, a sheet for every sentinel each, as the journal says after `head`.
    async fn sheets(
        &self,
        live: &Live,
        batches: &[String],
        head: &mut Head,
    ) -> Result<Vec<Sheet>, Failure> {
        let (journal, book) = (&live.engine().journal, self.book()?);
        let wanted = self.sentinels as usize * batches.len();
        let mut sheets = Vec::with_capacity(wanted);
        for _ in 0..LOOKS {
            let read = journal.read(&book, head, 1_024).await.map_err(scratch)?;
            for stored in &read {
                let commit = Commit::decode(&stored.bytes).map_err(scratch)?;
                for event in commit.entries.iter().flat_map(|entry| &entry.events) {
                    if let Event::Dispatch(dispatch::Event::TaskIssued {
                        task,
                        batch: of,
                        offered,
                        ..
                    }) = event
                        && batches.iter().any(|batch| of.as_str() == batch)
                    {
                        let code = offered.first().map_or("", |person| person.code());
                        let sentinel = code.trim_start_matches("P-").parse().map_err(scratch)?;
                        sheets.push(Sheet {
                            county: self.code.clone(),
                            task: task.clone(),
                            sentinel,
                        });
                    }
                }
                *head = stored.head.clone();
            }
            if sheets.len() >= wanted {
                return Ok(sheets);
            }
            if read.is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        Err(scratch("the sheets did not come out in time"))
    }
}

/// Founds all counties, side by side.
pub(super) async fn found(
    counties: &[County],
    route: &BookRoute,
    clock: &Clock,
) -> Result<(), Failure> {
    let (mut founding, places) = (JoinSet::new(), Arc::new(Semaphore::new(SIDE_BY_SIDE)));
    for county in counties {
        let (county, live, clock, places) = (
            county.clone(),
            route.live().clone(),
            clock.clone(),
            places.clone(),
        );
        founding.spawn(async move {
            let _place = places.acquire().await.map_err(scratch)?;
            county.found(&live, &clock).await
        });
    }
    while let Some(founded) = founding.join_next().await {
        founded.map_err(scratch)??;
    }
    Ok(())
}

/// Sheets for everybody, as the journals say they came out.
pub(super) struct Sheets {
    counties: Vec<(County, Head)>,
}

impl Sheets {
    /// None yet.
    pub(super) fn new(counties: &[County]) -> Self {
        Self {
            counties: counties
                .iter()
                .map(|county| (county.clone(), Head::default()))
                .collect(),
        }
    }

    /// Issues batches in all counties, each a sheet for every sentinel: the sheets of each sentinel together.
    pub(super) async fn issue(
        &mut self,
        route: &BookRoute,
        clock: &Clock,
        names: &[String],
    ) -> Result<Vec<Vec<Sheet>>, Failure> {
        let (mut issuing, places) = (JoinSet::new(), Arc::new(Semaphore::new(SIDE_BY_SIDE)));
        for (at, (county, head)) in self.counties.iter().enumerate() {
            let (county, mut head, route, clock, names, places) = (
                county.clone(),
                head.clone(),
                route.clone(),
                clock.clone(),
                names.to_vec(),
                places.clone(),
            );
            issuing.spawn(async move {
                let _place = places.acquire().await.map_err(scratch)?;
                county
                    .issue(&route, &clock, &names, &mut head)
                    .await
                    .map(|sheets| (at, head, sheets))
            });
        }
        let mut whose: Vec<Vec<Vec<Sheet>>> = self
            .counties
            .iter()
            .map(|(county, _)| vec![Vec::new(); county.sentinels as usize])
            .collect();
        while let Some(issued) = issuing.join_next().await {
            let (at, head, sheets) = issued.map_err(scratch)??;
            self.counties[at].1 = head;
            for sheet in sheets {
                whose[at]
                    .get_mut(sheet.sentinel as usize)
                    .ok_or_else(|| scratch("a sheet came out for a stranger"))?
                    .push(sheet);
            }
        }
        Ok(whose.into_iter().flatten().collect())
    }
}

impl Sheet {
    /// Whose it is.
    pub(super) fn whose(&self) -> PersonId {
        PersonId::new(&self.county, &format!("P-{:04}", self.sentinel))
    }

    /// The next command of its sentinel.
    pub(super) fn next(&self, stage: u64) -> dispatch::Command {
        let (task, n) = (self.task.clone(), self.sentinel);
        match stage {
            0 => dispatch::Command::AcceptTask { task },
            stage if stage <= ROWS => dispatch::Command::FillRow {
                task,
                row: format!("I-{n:04}-{}", stage - 1),
                outcome: Outcome::Ok,
                codes: Vec::new(),
                note: String::new(),
                evidence: Vec::new(),
                observed: None,
                urgent: false,
            },
            _ => dispatch::Command::SubmitTask { task },
        }
    }
}
