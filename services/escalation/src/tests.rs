//! Clocks and ladders as people use them, tried on a small county.
//!
//! Every story also checks that folding its events gives the very same book.

mod ladder;
mod leads;
mod orders;
mod people;
mod schedule;
mod tasks;
mod years;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use picket_book::{Bench, Book, Provenance};
use picket_schemas::dispatch::{self, OfferReason};
use picket_schemas::escalation::{ClockKind, Command, Event};
use picket_schemas::rectification;
use picket_schemas::registry::{self, Area, Department, Level, Person, Post, PostKind, Role};
use picket_schemas::{
    AreaCode, ClockId, DepartmentCode, LeadId, OrderId, PersonId, Refusal, Span, Subject, TaskId,
    Unit,
};

use serde_json::json;

use crate::Escalation;

const AREA: &str = "420902003";
const SENTINEL: &str = "420902/P-17";
const SECOND: &str = "420902/P-18";
const LEADER: &str = "420902/P-10";
const COORDINATOR: &str = "420902/P-01";
const DISPATCHER: &str = "420902/P-02";
const INSPECTOR: &str = "420902/P-30";
const HEAD: &str = "420902/P-31";
const OWNER: &str = "420902/P-40";
const SUPERVISOR: &str = "420902/P-50";
const VERIFIER: &str = "420902/P-60";

/// A local wall time as an instant.
fn t(local: &str) -> Timestamp {
    let local: DateTime = local.parse().expect("a test writes a date and a time");
    let zone = TimeZone::get("Asia/Shanghai").expect("the zone database is compiled in");
    local
        .to_zoned(zone)
        .expect("Shanghai has no clock changes these days")
        .timestamp()
}

/// An event as it is stored.
fn read<E: serde::de::DeserializeOwned>(json: serde_json::Value) -> E {
    serde_json::from_value(json).expect("a test writes an event as it is stored")
}

fn person(id: &str, role: Role, area: &str, department: Option<&str>) -> registry::Event {
    let code = id.split_once('/').map_or(id, |(_, code)| code);
    registry::Event::PersonEnrolled {
        person: Person {
            id: id.into(),
            name: code.replace("P-", "person "),
            roles: [role].into(),
            department: department.map(DepartmentCode::from),
            area: area.into(),
            certificate: None,
            language: None,
        },
    }
}

/// A county with one post, one department and somebody in every role.
struct County {
    bench: Bench<Escalation>,
    log: Vec<(Timestamp, Event)>,
}

impl County {
    fn at(local: &str) -> Self {
        let mut county = Self::empty(local);
        for event in [
            person(SENTINEL, Role::Sentinel, AREA, None),
            person(SECOND, Role::Sentinel, AREA, None),
            person(LEADER, Role::PostLeader, AREA, None),
            person(COORDINATOR, Role::Coordinator, "420902", None),
            person(DISPATCHER, Role::Dispatcher, "420902", None),
            person(INSPECTOR, Role::Inspector, "420902", Some("edu")),
            person(HEAD, Role::Head, "420902", Some("edu")),
            person(OWNER, Role::Owner, "420902", None),
            person(SUPERVISOR, Role::Supervisor, "420902", None),
            person(VERIFIER, Role::Verifier, "420902", None),
            registry::Event::DepartmentDefined {
                department: Department {
                    code: "edu".into(),
                    name: "education".into(),
                    area: "420902".into(),
                },
            },
            registry::Event::PostDefined {
                post: Post {
                    code: "PO-01".into(),
                    name: "post 1".into(),
                    kind: PostKind::Community,
                    area: AREA.into(),
                    leader: LEADER.into(),
                    members: vec![SENTINEL.into(), SECOND.into()],
                },
            },
            registry::Event::OwnerAssigned {
                area: Some(AREA.into()),
                institution: None,
                person: OWNER.into(),
            },
        ] {
            county.bench.registered(&event);
        }
        county
    }

    /// A county whose areas are drawn and nothing else.
    fn empty(local: &str) -> Self {
        let mut bench = Bench::new("420902", &t(local).to_string());
        for (code, level, parent) in [
            ("420902", Level::County, None),
            (AREA, Level::Town, Some("420902")),
        ] {
            let area = Area {
                code: code.into(),
                name: code.into(),
                level,
                parent: parent.map(AreaCode::from),
            };
            bench.registered(&registry::Event::AreaDefined { area });
        }
        Self {
            bench,
            log: Vec::new(),
        }
    }

    fn on(&mut self, local: &str) -> &mut Self {
        self.bench.at = t(local);
        self
    }

    fn kept(&mut self, events: Vec<Event>) -> Vec<Event> {
        let at = self.bench.at;
        self.log
            .extend(events.iter().map(|event| (at, event.clone())));
        events
    }

    fn dispatch(&mut self, event: dispatch::Event) -> Vec<Event> {
        let events = self.bench.fact("dispatch", SENTINEL, event);
        self.kept(events)
    }

    fn rectification(&mut self, event: rectification::Event) -> Vec<Event> {
        let events = self.bench.fact("rectification", INSPECTOR, event);
        self.kept(events)
    }

    fn published(&mut self, event: &registry::Event) -> Vec<Event> {
        self.bench.registered(event);
        let events = self.bench.fact("registry", COORDINATOR, event.clone());
        self.kept(events)
    }

    fn wish(&mut self, by: &str, command: &Command) -> Result<Vec<Event>, Refusal> {
        let events = self.bench.wish(by, command)?;
        Ok(self.kept(events))
    }

    fn ring(&mut self, local: &str) -> Vec<Event> {
        let events = self.bench.ring_at(t(local));
        self.kept(events)
    }

    /// Rings at each due instant up to `local`, as a keeper that never sleeps does.
    fn live(&mut self, local: &str) -> Vec<(Timestamp, Event)> {
        let mut all = Vec::new();
        while let Some(due) = self.bench.book.due().filter(|due| *due <= t(local)) {
            let events = self.bench.ring_at(due);
            let at = self.bench.at;
            all.extend(self.kept(events).into_iter().map(|event| (at, event)));
        }
        self.on(local);
        all
    }

    // What happens elsewhere, with the fields that matter here.

    fn issue(&mut self, task: &str, offered: &[&str], window: Span) -> Vec<Event> {
        let fact = json!({
            "type": "task.issued", "task": task, "batch": "B-1", "post": "PO-01", "area": AREA, "rows": [], "offered": offered, "need": 1,
            "checklist": "", "window": window, "answer_by": self.bench.at,
        });
        self.dispatch(read(fact))
    }

    fn offer(&mut self, task: &str, to: &[&str], reason: OfferReason) -> Vec<Event> {
        let fact = json!({"type": "task.offered", "task": task, "to": to, "reason": reason, "answer_by": self.bench.at});
        self.dispatch(read(fact))
    }

    fn accept(&mut self, task: &str, person: &str) -> Vec<Event> {
        self.dispatch(dispatch::Event::TaskAccepted {
            task: task.into(),
            person: person.into(),
            instead_of: None,
            taken: true,
        })
    }

    fn submit(&mut self, task: &str) -> Vec<Event> {
        let (by, post, area) = (SENTINEL.into(), Some("PO-01".into()), AREA.into());
        self.dispatch(dispatch::Event::TaskSubmitted {
            task: task.into(),
            by,
            nil: true,
            rows: 1,
            problems: 0,
            post,
            area,
            hands: Vec::new(),
        })
    }

    fn open_lead(&mut self, lead: &str, urgent: bool) -> Vec<Event> {
        let fact = json!({"type": "lead.opened", "lead": lead, "report": "R-1", "area": AREA, "urgent": urgent, "post": "PO-01", "owner": OWNER});
        self.rectification(read(fact))
    }

    fn serve(&mut self, order: &str, deadline: Span) -> Vec<Event> {
        let fact = json!({
            "type": "order.served", "order": order, "proof": "signed", "case": "C-1", "subject": Subject::institution("I-1"), "area": AREA,
            "department": "edu", "deadline": deadline, "duty": INSPECTOR, "owner": OWNER, "post": "PO-01", "by": INSPECTOR,
        });
        self.rectification(read(fact))
    }

    fn report_fix(&mut self, order: &str) -> Vec<Event> {
        self.rectification(rectification::Event::FixReported {
            order: order.into(),
            note: "done".into(),
            evidence: Vec::new(),
            by: INSPECTOR.into(),
        })
    }

    fn fail_fix(&mut self, order: &str) -> Vec<Event> {
        self.rectification(rectification::Event::FixFailed {
            order: order.into(),
            case: "C-1".into(),
            note: "still open".into(),
            by: VERIFIER.into(),
            evidence: Vec::new(),
        })
    }

    fn extend(&mut self, order: &str, span: Span) -> Vec<Event> {
        self.rectification(rectification::Event::OrderExtended {
            order: order.into(),
            span,
            reason: "rain".into(),
            by: HEAD.into(),
        })
    }

    fn park(&mut self, order: &str) -> Vec<Event> {
        self.rectification(rectification::Event::OrderParked {
            order: order.into(),
            reason: "in court".into(),
            by: HEAD.into(),
        })
    }

    fn unpark(&mut self, order: &str) -> Vec<Event> {
        self.rectification(rectification::Event::OrderResumed {
            order: order.into(),
            reason: "decided".into(),
            by: HEAD.into(),
        })
    }

    /// The clocks that run, as `kind on due`.
    fn running(&self) -> Vec<String> {
        let zone = TimeZone::get("Asia/Shanghai").expect("the zone database is compiled in");
        let clocks = self.bench.book.clocks.values();
        clocks
            .map(|clock| {
                format!(
                    "{} {} {}",
                    clock.kind.as_str(),
                    clock.on,
                    zone.to_datetime(clock.due).strftime("%m-%d %H:%M")
                )
            })
            .collect()
    }
}

/// Folding what happened gives the book as it stands: checked at the end of every story.
impl Drop for County {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut folded = Escalation::default();
        for (at, event) in &self.log {
            folded.evolve(event, Provenance::unknown(*at));
        }
        let (folded, live) = (
            serde_json::to_value(&folded),
            serde_json::to_value(&self.bench.book),
        );
        assert_eq!(
            folded.expect("a book is JSON"),
            live.expect("a book is JSON")
        );
        let book: Escalation =
            serde_json::from_value(serde_json::to_value(&self.bench.book).expect("a book is JSON"))
                .expect("a snapshot reads back");
        assert_eq!(book.due(), self.bench.book.due());
    }
}

fn kinds(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(Event::kind).collect()
}

/// Events with their times, as `MM-DD HH:MM kind level`.
fn diary(events: &[(Timestamp, Event)]) -> Vec<String> {
    let zone = TimeZone::get("Asia/Shanghai").expect("the zone database is compiled in");
    let line = |(at, event): &(Timestamp, Event)| {
        let level = match event {
            Event::LadderStepped { level, .. }
            | Event::LadderProposed { level, .. }
            | Event::LadderSkipped { level, .. }
            | Event::LadderSuperseded { level, .. } => level,
            _ => "",
        };
        format!(
            "{} {} {level}",
            zone.to_datetime(*at).strftime("%m-%d %H:%M"),
            event.kind()
        )
        .trim_end()
        .to_owned()
    };
    events.iter().map(line).collect()
}

fn ids(people: &[&str]) -> Vec<PersonId> {
    people.iter().map(|id| PersonId::from(*id)).collect()
}

fn days(amount: u32) -> Span {
    Span::working_days(amount)
}

fn task(id: &str) -> TaskId {
    id.into()
}

fn lead(id: &str) -> LeadId {
    id.into()
}

fn order(id: &str) -> OrderId {
    id.into()
}

fn clock(id: &str) -> ClockId {
    id.into()
}

fn natural(amount: u32, unit: Unit) -> Span {
    Span { amount, unit }
}

/// The due instant and the people of the last clock that started.
fn started(events: &[Event]) -> (ClockKind, Timestamp, Vec<PersonId>) {
    let last = events.iter().rev().find_map(|event| match event {
        Event::ClockStarted {
            kind, due, duty, ..
        } => Some((*kind, *due, duty.people.clone())),
        _ => None,
    });
    last.expect("a clock started")
}
