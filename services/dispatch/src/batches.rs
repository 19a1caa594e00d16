//! Batches: confirmed in one commit, issued sheet by sheet afterwards.
//!
//! A coordinator issues one, an occurrence of a schedule does, or the jurisdiction above; each cause brings
//! exactly one batch here. What becomes of a sheet once it is issued stands in `offers`.

use jiff::Timestamp;
use picket_book::{Decision, Fact, Step, fields};
use picket_directory::Resource;
use picket_schemas::dispatch::{Accept, Assign, AssignTo, Command, Event, Select};
use picket_schemas::registry::Training;
use picket_schemas::schedule::{self, Does};
use picket_schemas::{
    AreaCode, BatchId, Jurisdiction, OccurrenceId, PersonId, Refusal, Span, TaskId,
};
use serde::{Deserialize, Serialize};

use crate::candidates::{self, Loads};
use crate::roster::{self, PlannedTask, RosterPosition};
use crate::selection;
use crate::{Dispatch, offers};

/// At most so many tasks go into one step, and so many rows: a commit has a size.
const TASKS_A_STEP: usize = 100;
const ROWS_A_STEP: usize = 2_000;

/// The time a sheet may take where nobody says otherwise.
pub(crate) const WINDOW: Span = Span::working_days(5);
const CHECKLIST: &str = "sweep";
const TRAININGS: [Training; 6] = [
    Training::Subject,
    Training::Arts,
    Training::Sports,
    Training::Science,
    Training::Custody,
    Training::Other,
];

/// A batch confirmed and not yet issued to its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Issuing {
    pub(crate) id: BatchId,
    pub(crate) campaign: Option<String>,
    pub(crate) round: Option<u32>,
    pub(crate) select: Select,
    pub(crate) assign: Assign,
    pub(crate) checklist: String,
    pub(crate) window: Span,
    pub(crate) sealed_until: Option<Timestamp>,
    pub(crate) roster_hash: String,
    pub(crate) count: u32,
    pub(crate) confirmed: Timestamp,
    pub(crate) issued: u32,
    pub(crate) last: Option<RosterPosition>,
}

/// A batch as it is ordered, by a person, a schedule or the jurisdiction above.
struct BatchOrder<'a> {
    name: &'a str,
    campaign: Option<String>,
    round: Option<u32>,
    select: Select,
    assign: Assign,
    checklist: &'a str,
    window: Option<Span>,
    sealed_until: Option<Timestamp>,
}

impl<'a> BatchOrder<'a> {
    fn wished(command: &'a Command) -> Self {
        let Command::IssueBatch {
            name,
            campaign,
            round,
            select,
            assign,
            checklist,
            window,
            sealed_until,
        } = command
        else {
            unreachable!("decide hands each command to its own verb")
        };
        Self {
            name,
            campaign: campaign.clone(),
            round: *round,
            select: select.clone(),
            assign: assign.clone(),
            checklist,
            window: *window,
            sealed_until: *sealed_until,
        }
    }
}

/// The cause of a batch that nobody wished here.
#[derive(Default)]
struct BatchCause {
    occurrence: Option<OccurrenceId>,
    parent: Option<BatchId>,
}

impl Dispatch {
    pub(crate) fn issue_batch(
        &self,
        command: &Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        const ACTION: &str = "dispatch.issue_batch";
        let mut order = BatchOrder::wished(command);
        cx.allow(ACTION, Resource::default())?;
        check_terms(&order, cx)?;
        for person in &mut order.assign.people {
            *person = cx.person(person)?.to_string();
        }
        // A jurisdiction without posts of its own orders for those below: what it names is theirs.
        let sends_itself = cx.directory.posts().next().is_some();
        if sends_itself {
            check_names(&order.select, cx)?;
        }
        let sheets = selection::sheets(&order.select, cx.directory);
        if sheets.is_empty() && sends_itself {
            return Err(Refusal::NothingSelected);
        }
        for sheet in &sheets {
            cx.allow(ACTION, Resource::at(sheet.area))?;
        }
        let planned = roster::planned(&sheets, &order.assign, cx);
        Ok(vec![self.confirmed(order, &planned, BatchCause::default())])
    }

    fn confirmed(
        &self,
        order: BatchOrder<'_>,
        planned: &[PlannedTask<'_>],
        cause: BatchCause,
    ) -> Event {
        let checklist = order.checklist.trim();
        Event::BatchConfirmed {
            batch: BatchId::from(format!("B-{}", self.last.batch + 1)),
            name: order.name.trim().to_owned(),
            campaign: order.campaign,
            round: order.round,
            select: order.select,
            assign: order.assign,
            checklist: if checklist.is_empty() {
                CHECKLIST
            } else {
                checklist
            }
            .to_owned(),
            window: order.window.unwrap_or(WINDOW),
            sealed_until: order.sealed_until,
            roster_hash: roster::digest(planned),
            count: counted(planned.len()),
            occurrence: cause.occurrence,
            parent: cause.parent,
        }
    }

    /// The batch that follows from an occurrence or from a batch above, once.
    pub(crate) fn batch_after(&self, fact: &Fact<'_>, cx: &Decision<'_>) -> Option<Event> {
        use picket_schemas::Event as Any;
        match fact.event {
            Any::Schedule(
                schedule::Event::OccurrenceFired {
                    occurrence, does, ..
                }
                | schedule::Event::OccurrenceLate {
                    occurrence, does, ..
                },
            ) if fact.jurisdiction == cx.jurisdiction => {
                self.batch_of_occurrence(occurrence, does, cx)
            }
            Any::Dispatch(event) if fact.jurisdiction != cx.jurisdiction => {
                self.batch_below(fact.jurisdiction, event, cx)
            }
            _ => None,
        }
    }

    fn batch_of_occurrence(
        &self,
        occurrence: &OccurrenceId,
        does: &Does,
        cx: &Decision<'_>,
    ) -> Option<Event> {
        let Does::IssueBatch {
            name,
            campaign,
            round,
            select,
            assign,
            checklist,
            window,
        } = does
        else {
            return None;
        };
        if self.has_answered(occurrence.as_str()) {
            return None;
        }
        let (campaign, select, mut assign) = (campaign.clone(), select.clone(), assign.clone());
        // Whoever left the roster since the schedule was defined is left out; nobody is there to be told no.
        assign.people = assign
            .people
            .iter()
            .filter_map(|person| cx.directory.resolve_person(person))
            .map(|person| person.to_string())
            .collect();
        let order = BatchOrder {
            name,
            campaign,
            round: *round,
            select,
            assign,
            checklist,
            window: *window,
            sealed_until: None,
        };
        let sheets = selection::sheets(&order.select, cx.directory);
        let planned = roster::planned(&sheets, &order.assign, cx);
        Some(self.confirmed(
            order,
            &planned,
            BatchCause {
                occurrence: Some(occurrence.clone()),
                parent: None,
            },
        ))
    }

    fn batch_below(&self, above: &Jurisdiction, event: &Event, cx: &Decision<'_>) -> Option<Event> {
        let Event::BatchConfirmed {
            batch,
            name,
            campaign,
            round,
            select,
            assign,
            checklist,
            window,
            sealed_until,
            ..
        } = event
        else {
            return None;
        };
        let parent = format!("{above}/{batch}");
        if self.has_answered(&parent) {
            return None;
        }
        let (campaign, mut select, assign) = (campaign.clone(), select.clone(), assign.clone());
        if let Some(area) = &select.area {
            if covers_home(area, above, cx) {
                select.area = None;
            } else if !is_own_area(area, cx) {
                return None;
            }
        }
        let order = BatchOrder {
            name,
            campaign,
            round: *round,
            select,
            assign,
            checklist,
            window: Some(*window),
            sealed_until: *sealed_until,
        };
        let sheets = selection::sheets(&order.select, cx.directory);
        // Without posts of its own it passes the batch on to those below; with posts it has nothing to do.
        if sheets.is_empty() && cx.directory.posts().next().is_some() {
            return None;
        }
        let planned = roster::planned(&sheets, &order.assign, cx);
        Some(self.confirmed(
            order,
            &planned,
            BatchCause {
                occurrence: None,
                parent: Some(parent.into()),
            },
        ))
    }

    fn has_answered(&self, cause: &str) -> bool {
        self.answered.iter().any(|answered| answered == cause)
    }

    /// The next sheets of a batch, on the directory as it stands now.
    pub(crate) fn issue_sheets(&self, number: u64, cx: &Decision<'_>) -> Step<Event> {
        let Some(batch) = self.issuing.get(&number) else {
            return Step::nothing();
        };
        let sheets = selection::sheets(&batch.select, cx.directory);
        let planned = roster::planned(&sheets, &batch.assign, cx);
        let rest = match &batch.last {
            Some(last) => &planned[planned.partition_point(|task| !task.is_after(last))..],
            None => &planned[..],
        };
        let (roster_hash, count) = (roster::digest(&planned), batch.issued + counted(rest.len()));
        let mut events = Vec::new();
        if roster_hash != batch.roster_hash || count != batch.count {
            events.push(Event::BatchRecounted {
                batch: batch.id.clone(),
                roster_hash,
                count,
            });
        }
        let mut loads = Loads::of(&self.loads);
        let answer = offers::AnswerDeadline::of(cx);
        let (mut tasks, mut rows) = (0_usize, 0);
        for task in rest {
            if tasks == TASKS_A_STEP || (tasks > 0 && rows + task.sheet.len() > ROWS_A_STEP) {
                return Step::More(events);
            }
            tasks += 1;
            rows += task.sheet.len();
            let id = TaskId::from(format!("T-{}", self.last.task + tasks as u64));
            let offered = offered(batch, task, &mut loads, cx);
            let nobody = offered.is_empty();
            events.push(Event::TaskIssued {
                task: id.clone(),
                batch: batch.id.clone(),
                post: task.sheet.post.map(|post| post.code.clone()),
                area: task.sheet.area.clone(),
                rows: task.sheet.rows(),
                need: need(batch.assign.accept, offered.len()),
                offered,
                checklist: batch.checklist.clone(),
                window: batch.window,
                campaign: batch.campaign.clone(),
                round: batch.round,
                sealed_until: batch.sealed_until,
                answer_by: answer.by,
                provisional: answer.provisional,
                revisit_of: None,
            });
            if nobody {
                events.push(offers::nobody_to_offer(id));
            }
        }
        events.push(Event::BatchIssued {
            batch: batch.id.clone(),
            count,
        });
        Step::Done(events)
    }
}

fn offered(
    batch: &Issuing,
    task: &PlannedTask<'_>,
    loads: &mut Loads<'_>,
    cx: &Decision<'_>,
) -> Vec<PersonId> {
    if let Some(person) = &task.person {
        return vec![person.clone()];
    }
    if roster::is_personal(&batch.assign) {
        return Vec::new();
    }
    let pool = candidates::pool(task.sheet, &batch.assign, cx);
    if batch.assign.to != AssignTo::LeastLoaded {
        return pool;
    }
    let least = loads.least(pool);
    if let Some(person) = &least {
        loads.add(person);
    }
    least.into_iter().collect()
}

/// More than are asked cannot be needed.
fn need(accept: Accept, offered: usize) -> u32 {
    match accept {
        Accept::First | Accept::Each => 1,
        Accept::N(wanted) => wanted.min(counted(offered)).max(1),
    }
}

fn counted(tasks: usize) -> u32 {
    u32::try_from(tasks).unwrap_or(u32::MAX)
}

fn check_terms(order: &BatchOrder<'_>, cx: &Decision<'_>) -> Result<(), Refusal> {
    fields::needed_text("name", order.name, "people tell batches apart by it")?;
    fields::length("checklist", order.checklist, fields::TEXT)?;
    if let Some(campaign) = &order.campaign {
        fields::length("campaign", campaign, fields::TEXT)?;
    }
    let people = order.assign.people.len();
    if order.assign.to == AssignTo::Person && people == 0 {
        return Err(fields::missing(
            "assign.people",
            "the sheets go to the people named",
        ));
    }
    match order.assign.accept {
        Accept::N(0) => {
            return Err(fields::invalid(
                "assign.accept",
                "somebody has to take a sheet",
            ));
        }
        Accept::N(wanted) if people > 0 && wanted as usize > people => {
            return Err(fields::invalid(
                "assign.accept",
                format!("{wanted} must take a sheet and only {people} are named"),
            ));
        }
        _ => {}
    }
    if let Some(window) = order.window {
        fields::positive("window", window.amount, "it leaves no time")?;
    }
    if order.sealed_until.is_some_and(|until| until <= cx.at) {
        return Err(fields::invalid("sealed_until", "it is past already"));
    }
    let among = |field: &str, value: &Option<String>, words: &[&str]| match value {
        Some(value) => fields::one_of(field, value, words),
        None => Ok(()),
    };
    among(
        "select.kind",
        &order.select.kind,
        &TRAININGS.map(selection::training_name),
    )?;
    among(
        "select.risk",
        &order.select.risk,
        &["low", "normal", "high"],
    )?;
    among("select.list", &order.select.list, &["white", "black"])
}

fn check_names(select: &Select, cx: &Decision<'_>) -> Result<(), Refusal> {
    let unknown = |kind: &str, id: &str| {
        Err(Refusal::Unknown {
            kind: kind.to_owned(),
            id: id.to_owned(),
        })
    };
    match &select.area {
        Some(area) if cx.directory.area(area).is_none() => return unknown("area", area.as_str()),
        _ => {}
    }
    match &select.post {
        Some(post) if cx.directory.post(post).is_none() => return unknown("post", post.as_str()),
        _ => {}
    }
    match select
        .institutions
        .iter()
        .find(|code| cx.directory.institution(code).is_none())
    {
        Some(code) => unknown("institution", code.as_str()),
        None => Ok(()),
    }
}

/// True if an area named above holds this whole jurisdiction.
fn covers_home(area: &AreaCode, above: &Jurisdiction, cx: &Decision<'_>) -> bool {
    let home = AreaCode::from(cx.jurisdiction.as_str());
    *area == *above.as_str() || cx.directory.within(&home, area)
}

fn is_own_area(area: &AreaCode, cx: &Decision<'_>) -> bool {
    let home = AreaCode::from(cx.jurisdiction.as_str());
    cx.directory
        .layers()
        .first()
        .is_some_and(|own| own.areas.contains_key(area))
        || cx.directory.within(area, &home)
}
