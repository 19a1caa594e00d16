//! Notices as their recipients, transports and the people behind them see them.

mod away;
mod bundles;
mod clocks;
mod findings;
mod groups;
mod law;
mod outgoing;
mod people;
mod sheets;
mod turns;

use jiff::{SignedDuration, Timestamp};
use picket_book::{Bench, Book, Provenance};
use picket_schemas::courier::{Command, Delivery, Event, NoticeKind};
use picket_schemas::dispatch::{Event as Dispatch, OfferReason};
use picket_schemas::registry::{
    Area, Department, Event as Registry, Institution, Level, Person, Post, PostKind, Role,
};
use picket_schemas::{Event as Any, Refusal, Span, SubjectKind};

use crate::Courier;

/// Ten in the morning of a working day.
const MORNING: &str = "2023-03-06T02:00:00Z";
/// Ten in the evening of the same day, and half past seven of the next.
const NIGHT: &str = "2023-03-06T14:00:00Z";
const DAWN: &str = "2023-03-06T23:30:00Z";

const COORDINATOR: &str = "420902/P-0001";
const DISPATCHER: &str = "420902/P-0002";
const LEADER: &str = "420902/P-0003";
const SUPERVISOR: &str = "420902/P-0004";
const VERIFIER: &str = "420902/P-0005";
const HEAD: &str = "420902/P-0006";
const MARKET: &str = "420902/P-0007";
const OFFICER: &str = "420902/P-0008";
const FINDER: &str = "420902/P-0017";
const SECOND: &str = "420902/P-0018";
const SYSTEM: &str = "420902/system";
const COMMUNITY: &str = "420902003004";

/// A bench that keeps the journal, so that it can be folded anew.
struct Desk {
    bench: Bench<Courier>,
    journal: Vec<(Event, Timestamp)>,
}

impl Desk {
    fn at(instant: &str) -> Self {
        let mut bench = Bench::new("420902", instant);
        let area = |code: &str, level, parent: Option<&str>| Registry::AreaDefined {
            area: Area {
                code: code.into(),
                name: format!("area {code}"),
                level,
                parent: parent.map(Into::into),
            },
        };
        for event in [
            area("420902", Level::County, None),
            area("420902003", Level::Town, Some("420902")),
            area(COMMUNITY, Level::Community, Some("420902003")),
        ] {
            bench.registered(&event);
        }
        for code in ["edu", "market"] {
            bench.registered(&Registry::DepartmentDefined {
                department: Department {
                    code: code.into(),
                    name: format!("bureau {code}"),
                    area: "420902".into(),
                },
            });
        }
        let institution = Institution {
            code: "I-0003".into(),
            name: "Bright Hall".into(),
            kind: SubjectKind::Institution,
            training: None,
            licence: None,
            address: String::new(),
            area: COMMUNITY.into(),
            school_district: None,
            risk: None,
            list: None,
        };
        bench.registered(&Registry::InstitutionRegistered { institution });
        let mut desk = Self {
            bench,
            journal: Vec::new(),
        };
        for (id, role, department, area) in [
            (COORDINATOR, Role::Coordinator, None, "420902"),
            (DISPATCHER, Role::Dispatcher, None, "420902"),
            (LEADER, Role::PostLeader, None, COMMUNITY),
            (SUPERVISOR, Role::Supervisor, None, "420902"),
            (VERIFIER, Role::Verifier, None, "420902"),
            (HEAD, Role::Head, Some("edu"), "420902"),
            (MARKET, Role::Inspector, Some("market"), "420902"),
            (OFFICER, Role::Inspector, Some("edu"), "420902"),
            (FINDER, Role::Sentinel, None, COMMUNITY),
            (SECOND, Role::Sentinel, None, COMMUNITY),
        ] {
            desk.enrol(id, &[role], department, area);
        }
        let post = Post {
            code: "PO-01".into(),
            name: "Station Road post".into(),
            kind: PostKind::Community,
            area: COMMUNITY.into(),
            leader: LEADER.into(),
            members: vec![FINDER.into(), SECOND.into()],
        };
        desk.bench.registered(&Registry::PostDefined { post });
        desk
    }

    fn enrol(&mut self, id: &str, roles: &[Role], department: Option<&str>, area: &str) {
        self.bench
            .registered(&enrolled(id, roles, department, area));
    }

    /// Enrols people with numbers, of one role, in the community; their ids come back.
    fn enrol_many(&mut self, role: Role, from: u32, count: u32) -> Vec<String> {
        let people: Vec<_> = (from..from + count)
            .map(|number| format!("420902/P-{number}"))
            .collect();
        self.bench.registered_all(
            people
                .iter()
                .map(|id| enrolled(id, &[role], None, COMMUNITY)),
        );
        people
    }

    fn away(&mut self, person: &str, substitute: Option<&str>) {
        let (from, until) = (
            self.bench.at,
            self.bench.at + SignedDuration::from_hours(48),
        );
        self.bench.registered(&Registry::PersonAway {
            person: person.into(),
            from,
            until,
            substitute: substitute.map(Into::into),
        });
    }

    fn hears(&mut self, service: &str, fact: impl Into<Any>) -> Vec<Event> {
        let events = self.bench.fact(service, "420902/P-0000", fact);
        self.keep(&events);
        events
    }

    fn rings(&mut self, at: &str) -> Vec<Event> {
        let events = self.bench.ring_at(instant(at));
        self.keep(&events);
        events
    }

    /// Rings at the instant it already is.
    fn rings_now(&mut self) -> Vec<Event> {
        let events = self.bench.ring_at(self.bench.at);
        self.keep(&events);
        events
    }

    fn reports(
        &mut self,
        notice: &str,
        attempt: u32,
        delivery: Delivery,
    ) -> Result<Vec<Event>, Refusal> {
        self.wishes(SYSTEM, &report(notice, attempt, delivery))
    }

    fn wishes(&mut self, by: &str, command: &Command) -> Result<Vec<Event>, Refusal> {
        let events = self.bench.wish(by, command)?;
        self.keep(&events);
        Ok(events)
    }

    fn keep(&mut self, events: &[Event]) {
        let at = self.bench.at;
        self.journal
            .extend(events.iter().map(|event| (event.clone(), at)));
    }

    fn minutes_later(&mut self, minutes: i64) -> Vec<Event> {
        let events = self
            .bench
            .ring_at(self.bench.at + SignedDuration::from_mins(minutes));
        self.keep(&events);
        events
    }

    /// The law of every book: folded anew it is what it was.
    fn folds(self) {
        let mut folded = Courier::default();
        for (event, at) in &self.journal {
            folded.evolve(event, Provenance::unknown(*at));
        }
        assert_eq!(
            serde_json::to_value(&folded).ok(),
            serde_json::to_value(&self.bench.book).ok()
        );
        let back: Courier = serde_json::to_value(&folded)
            .and_then(serde_json::from_value)
            .expect("a snapshot can be read again");
        assert_eq!(back, self.bench.book);
    }
}

fn enrolled(id: &str, roles: &[Role], department: Option<&str>, area: &str) -> Registry {
    let person = Person {
        id: id.into(),
        name: format!("person {id}"),
        roles: roles.iter().copied().collect(),
        department: department.map(Into::into),
        area: area.into(),
        certificate: None,
        language: None,
    };
    Registry::PersonEnrolled { person }
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("a test gives an RFC 3339 instant")
}

fn report(notice: &str, attempt: u32, delivery: Delivery) -> Command {
    told_by(notice, attempt, delivery, "", None)
}

/// The same by a channel, which may ask to wait.
fn told_by(
    notice: &str,
    attempt: u32,
    delivery: Delivery,
    channel: &str,
    retry_after: Option<u32>,
) -> Command {
    Command::ReportDelivery {
        notice: notice.into(),
        attempt,
        delivery,
        reason: "the platform said no".into(),
        channel: channel.into(),
        retry_after,
    }
}

/// Notices queued, as `kind:person`.
fn told(events: &[Event]) -> Vec<String> {
    said(events, |event| match event {
        Event::NoticeQueued { kind, to, .. } => Some(format!("{}:{}", word(*kind), to.code())),
        _ => None,
    })
}

/// Notices that reached somebody, as `kind:person`.
fn handed(events: &[Event]) -> Vec<String> {
    said(events, |event| match event {
        Event::NoticeHanded { kind, to, .. } => Some(format!("{}:{}", word(*kind), to.code())),
        _ => None,
    })
}

/// Notices that were not sent, with the reason.
fn suppressed(events: &[Event]) -> Vec<String> {
    said(events, |event| match event {
        Event::NoticeSuppressed { notice, reason } => Some(format!("{notice}: {reason}")),
        _ => None,
    })
}

fn said(events: &[Event], what: impl Fn(&Event) -> Option<String>) -> Vec<String> {
    events.iter().filter_map(what).collect()
}

fn word(kind: NoticeKind) -> String {
    serde_json::to_value(kind)
        .ok()
        .and_then(|word| word.as_str().map(str::to_owned))
        .expect("a kind is a word")
}

fn issued(task: &str, offered: &[&str], sealed_until: Option<&str>) -> Dispatch {
    Dispatch::TaskIssued {
        task: task.into(),
        batch: "B-1".into(),
        post: Some("PO-01".into()),
        area: COMMUNITY.into(),
        rows: vec![],
        offered: offered.iter().map(|person| (*person).into()).collect(),
        need: 1,
        checklist: "sweep".into(),
        window: Span::working_days(5),
        campaign: None,
        round: None,
        sealed_until: sealed_until.map(instant),
        answer_by: instant("2023-03-07T16:00:00Z"),
        provisional: false,
        revisit_of: None,
    }
}

fn offered(task: &str, to: &[&str]) -> Dispatch {
    Dispatch::TaskOffered {
        task: task.into(),
        to: to.iter().map(|person| (*person).into()).collect(),
        reason: OfferReason::Next,
        by: None,
        answer_by: instant("2023-03-07T16:00:00Z"),
        provisional: false,
    }
}

fn accepted(task: &str, person: &str) -> Dispatch {
    Dispatch::TaskAccepted {
        task: task.into(),
        person: person.into(),
        instead_of: None,
        taken: true,
    }
}

fn submitted(task: &str, by: &str) -> Dispatch {
    Dispatch::TaskSubmitted {
        task: task.into(),
        by: by.into(),
        nil: false,
        rows: 3,
        problems: 1,
        post: Some("PO-01".into()),
        area: COMMUNITY.into(),
        hands: Vec::new(),
    }
}

fn returned(task: &str) -> Dispatch {
    Dispatch::TaskReturned {
        task: task.into(),
        by: LEADER.into(),
        reason: "the third row is empty".into(),
        rows: vec!["I-0003".into()],
    }
}
