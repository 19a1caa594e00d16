//! A county to try the book on: three posts with two institutions and two members each.

mod batches;
mod cancel_batch;
mod causes;
mod drafts;
mod keeping;
mod offers;
mod outings;
mod review;
mod rows;
mod sealed;

use jiff::Timestamp;
use picket_book::{Bench, Book, Provenance};
use picket_schemas::dispatch::{Accept, Assign, AssignTo, Command, Event, Outcome, Select};
use picket_schemas::registry::{
    self, Area, Institution, Level, Person, Post, PostKind, Role, Training,
};
use picket_schemas::{AreaCode, InstitutionCode, PersonId, PostCode, Refusal, SubjectKind, TaskId};

use crate::Dispatch;

const COUNTY: &str = "420902";
const TOWN: &str = "420902003";
/// A Wednesday, nine in the morning.
const MORNING: &str = "2023-03-01T01:00:00Z";

/// The county with a book that remembers what it said, to fold it anew.
struct Desk {
    bench: Bench<Dispatch>,
    said: Vec<(Event, Timestamp)>,
}

impl Desk {
    /// An empty county with its coordinator and dispatcher.
    fn bare() -> Self {
        let mut desk = Self {
            bench: Bench::new(COUNTY, MORNING),
            said: Vec::new(),
        };
        desk.area(COUNTY, Level::County, None);
        desk.area(TOWN, Level::Town, Some(COUNTY));
        desk.person("P-C", &[Role::Coordinator], COUNTY);
        desk.person("P-D", &[Role::Dispatcher], COUNTY);
        desk
    }

    /// Three posts: `PO-1` with leader `P-1L`, members `P-1A` and `P-1B`, institutions `I-11` and `I-12`; and so on.
    fn county() -> Self {
        let mut desk = Self::bare();
        for post in 1..=3 {
            desk.post(post, &["A", "B"]);
            desk.institution(&format!("I-{post}1"), post);
            desk.institution(&format!("I-{post}2"), post);
        }
        desk
    }

    fn area(&mut self, code: &str, level: Level, parent: Option<&str>) {
        let area = Area {
            code: code.into(),
            name: code.into(),
            level,
            parent: parent.map(AreaCode::from),
        };
        self.bench
            .registered(&registry::Event::AreaDefined { area });
    }

    fn person(&mut self, code: &str, roles: &[Role], area: &str) {
        self.certified(code, roles, area, None);
    }

    fn certified(&mut self, code: &str, roles: &[Role], area: &str, certificate: Option<&str>) {
        let person = Person {
            id: full(code),
            name: code.into(),
            roles: roles.iter().copied().collect(),
            department: None,
            area: area.into(),
            certificate: certificate.map(str::to_owned),
            language: None,
        };
        self.bench
            .registered(&registry::Event::PersonEnrolled { person });
    }

    fn post(&mut self, post: usize, members: &[&str]) {
        let area = community(post);
        self.area(&area, Level::Community, Some(TOWN));
        let leader = format!("P-{post}L");
        self.person(&leader, &[Role::PostLeader], &area);
        let members: Vec<_> = members
            .iter()
            .map(|member| format!("P-{post}{member}"))
            .collect();
        for member in &members {
            self.person(member, &[Role::Sentinel], &area);
        }
        let members: Vec<_> = members.iter().map(String::as_str).collect();
        self.redefine(post, &leader, &members);
    }

    fn redefine(&mut self, post: usize, leader: &str, members: &[&str]) {
        let code = format!("PO-{post}");
        let post = Post {
            code: code.as_str().into(),
            name: code,
            kind: PostKind::Community,
            area: community(post).as_str().into(),
            leader: full(leader),
            members: members.iter().map(|member| full(member)).collect(),
        };
        self.bench
            .registered(&registry::Event::PostDefined { post });
    }

    fn institution(&mut self, code: &str, post: usize) {
        self.registered(institution(code, &community(post)));
    }

    fn registered(&mut self, institution: Institution) {
        self.bench
            .registered(&registry::Event::InstitutionRegistered { institution });
    }

    fn away(&mut self, person: &str, substitute: Option<&str>) {
        let until = self.bench.at + jiff::SignedDuration::from_hours(24 * 30);
        let event = registry::Event::PersonAway {
            person: full(person),
            from: self.bench.at,
            until,
            substitute: substitute.map(full),
        };
        self.bench.registered(&event);
    }

    fn wish(&mut self, by: &str, command: &Command) -> Result<Vec<Event>, Refusal> {
        let observed = self.bench.at;
        self.wish_seen(by, command, observed)
    }

    fn wish_seen(
        &mut self,
        by: &str,
        command: &Command,
        observed: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let events = self
            .bench
            .wish_observed(full(by).as_str(), command, observed)?;
        Ok(self.note(events))
    }

    /// A wish that is granted.
    fn does(&mut self, by: &str, command: &Command) -> Vec<Event> {
        self.wish(by, command)
            .unwrap_or_else(|refusal| panic!("{by} was refused: {refusal}"))
    }

    /// The code of the refusal.
    fn refused(&mut self, by: &str, command: &Command) -> &'static str {
        match self.wish(by, command) {
            Ok(events) => panic!("{by} was not refused: {:?}", kinds(&events)),
            Err(refusal) => refusal.code(),
        }
    }

    fn note(&mut self, events: Vec<Event>) -> Vec<Event> {
        self.said
            .extend(events.iter().map(|event| (event.clone(), self.bench.at)));
        events
    }

    /// All bells due now.
    fn rings(&mut self) -> Vec<Event> {
        let at = self.bench.at;
        let events = self.bench.ring_at(at);
        self.note(events)
    }

    /// Moves on, and rings.
    fn later(&mut self, at: &str) -> Vec<Event> {
        self.bench.at = at.parse().expect("an instant");
        self.rings()
    }

    /// A fact of a journal the book reads.
    fn reads(
        &mut self,
        jurisdiction: &str,
        service: &str,
        event: impl Into<picket_schemas::Event>,
    ) -> Vec<Event> {
        let events = self.bench.fact_of(&jurisdiction.into(), service, "", event);
        self.note(events)
    }

    /// A batch issued to its end by the coordinator.
    fn batch(&mut self, select: Select, assign: Assign) -> Vec<Event> {
        let mut events = self.does("P-C", &batch(select, assign));
        events.extend(self.rings());
        events
    }

    /// One sheet of post 1, `T-1`, offered to its two members.
    fn one_sheet() -> Self {
        let mut desk = Self::county();
        desk.batch(of_post(1), Assign::default());
        desk
    }

    /// The same, taken by `P-1A`.
    fn taken_sheet() -> Self {
        let mut desk = Self::one_sheet();
        desk.does("P-1A", &accept("T-1"));
        desk
    }

    /// The same, both rows answered, and submitted.
    fn submitted(first: Outcome, second: Outcome) -> Self {
        let mut desk = Self::taken_sheet();
        desk.does("P-1A", &fill("T-1", "I-11", first));
        desk.does("P-1A", &fill("T-1", "I-12", second));
        desk.does("P-1A", &submit("T-1"));
        desk
    }

    /// The book folded anew from all it said.
    fn refolded(&self) -> Dispatch {
        let mut book = Dispatch::default();
        for (event, at) in &self.said {
            book.evolve(event, Provenance::unknown(*at));
        }
        book
    }
}

fn full(code: &str) -> PersonId {
    PersonId::new(&COUNTY.into(), code)
}

fn community(post: usize) -> String {
    format!("{TOWN}{post:03}")
}

fn institution(code: &str, area: &str) -> Institution {
    Institution {
        code: code.into(),
        name: code.into(),
        kind: SubjectKind::Institution,
        training: Some(Training::Arts),
        licence: None,
        address: "1 Main Street".into(),
        area: area.into(),
        school_district: None,
        risk: None,
        list: None,
    }
}

fn of_post(post: usize) -> Select {
    Select {
        post: Some(PostCode::from(format!("PO-{post}"))),
        ..Select::default()
    }
}

fn assign(to: AssignTo, people: &[&str], accept: Accept) -> Assign {
    Assign {
        to,
        people: people.iter().map(|person| (*person).to_owned()).collect(),
        accept,
    }
}

fn batch(select: Select, assign: Assign) -> Command {
    Command::IssueBatch {
        name: "spring sweep".into(),
        campaign: Some("spring".into()),
        round: Some(2),
        select,
        assign,
        checklist: String::new(),
        window: None,
        sealed_until: None,
    }
}

fn accept(task: &str) -> Command {
    Command::AcceptTask { task: task.into() }
}

fn decline(task: &str) -> Command {
    Command::DeclineTask {
        task: task.into(),
        reason: "at a training".into(),
    }
}

fn hand_over(task: &str, to: &str) -> Command {
    Command::HandOverTask {
        task: task.into(),
        to: to.into(),
        reason: String::new(),
    }
}

fn fill(task: &str, row: &str, outcome: Outcome) -> Command {
    let codes = if outcome == Outcome::Problem {
        vec!["H1".to_owned()]
    } else {
        Vec::new()
    };
    Command::FillRow {
        task: task.into(),
        row: row.into(),
        outcome,
        codes,
        note: String::new(),
        evidence: Vec::new(),
        observed: None,
        urgent: false,
    }
}

fn urgent(task: &str, row: &str) -> Command {
    let codes = vec!["H1".to_owned()];
    Command::FillRow {
        task: task.into(),
        row: row.into(),
        outcome: Outcome::Problem,
        codes,
        note: "gas".into(),
        evidence: Vec::new(),
        observed: None,
        urgent: true,
    }
}

fn submit(task: &str) -> Command {
    Command::SubmitTask { task: task.into() }
}

fn approve(task: &str) -> Command {
    Command::ApproveTask { task: task.into() }
}

fn give_back(task: &str, rows: &[&str]) -> Command {
    Command::ReturnTask {
        task: task.into(),
        reason: "no photograph".into(),
        rows: rows.iter().map(|row| (*row).to_owned()).collect(),
    }
}

fn cancel(task: &str) -> Command {
    Command::CancelTask {
        task: task.into(),
        reason: "issued twice".into(),
    }
}

fn kinds(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(Event::kind).collect()
}

/// The number of events of this name.
fn count(events: &[Event], kind: &str) -> usize {
    events.iter().filter(|event| event.kind() == kind).count()
}

/// A task that was issued: its id, its post, its rows, and the codes of the people it is offered to.
#[derive(Debug, PartialEq)]
struct Issued {
    task: TaskId,
    post: Option<String>,
    rows: Vec<String>,
    offered: Vec<String>,
    need: u32,
}

fn issued(events: &[Event]) -> Vec<Issued> {
    let mut all = Vec::new();
    for event in events {
        if let Event::TaskIssued {
            task,
            post,
            rows,
            offered,
            need,
            ..
        } = event
        {
            all.push(Issued {
                task: task.clone(),
                post: post.as_ref().map(ToString::to_string),
                rows: rows.iter().map(|row| row.id.clone()).collect(),
                offered: codes(offered),
                need: *need,
            });
        }
    }
    all
}

fn codes(people: &[PersonId]) -> Vec<String> {
    people
        .iter()
        .map(|person| person.code().to_owned())
        .collect()
}

/// The people the last offer goes to.
fn offered(events: &[Event]) -> Vec<String> {
    let last = events.iter().rev().find_map(|event| match event {
        Event::TaskOffered { to, .. } => Some(codes(to)),
        _ => None,
    });
    last.unwrap_or_default()
}

fn listed(code: &str, list: &str) -> Institution {
    Institution {
        list: Some(list.into()),
        ..institution(code, &community(1))
    }
}

fn code(code: &str) -> InstitutionCode {
    InstitutionCode::from(code)
}
