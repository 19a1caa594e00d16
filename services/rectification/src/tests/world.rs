//! A county with its people, and short ways to wish; everything that happened is kept for refolding.
//!
//! Wishes are written as they come over the wire. Each `no` checks that the refusal changed nothing.

use jiff::Timestamp;
use jiff::civil::Date;
use picket_book::{Bench, Book, Provenance};
use picket_schemas::rectification::{
    Command, Event, FixResult, LookBack, RouteMatch, Source, Verdict,
};
use picket_schemas::registry::{
    Area, Department, Event as Registered, Institution, Level, Person, Role, Route, Training,
};
use picket_schemas::{PersonId, Refusal, Span, Subject, SubjectKind, dispatch};

use crate::Rectification;

pub(crate) const COUNTY: &str = "420902";
pub(crate) const AREA: &str = "420902003004";
pub(crate) const SENTINEL: &str = "420902/P-0017";
pub(crate) const DISPATCHER: &str = "420902/P-0001";
pub(crate) const FAR_DISPATCHER: &str = "420902/P-0009";
pub(crate) const COORDINATOR: &str = "420902/P-0002";
pub(crate) const HEAD: &str = "420902/P-0030";
pub(crate) const INSPECTOR: &str = "420902/P-0031";
pub(crate) const SECOND: &str = "420902/P-0032";
pub(crate) const UNCERTIFIED: &str = "420902/P-0033";
pub(crate) const THIRD: &str = "420902/P-0034";
pub(crate) const MARKET_HEAD: &str = "420902/P-0040";
pub(crate) const MARKET: &str = "420902/P-0041";
pub(crate) const MARKET_SECOND: &str = "420902/P-0042";
pub(crate) const SPORTS: &str = "420902/P-0045";
pub(crate) const VERIFIER: &str = "420902/P-0051";
pub(crate) const SUPERVISOR: &str = "420902/P-0060";
pub(crate) const OWNER: &str = "420902/P-0070";
pub(crate) const AREA_OWNER: &str = "420902/P-0071";

/// The book, its people, and all that happened.
pub(crate) struct World {
    pub(crate) bench: Bench<Rectification>,
    pub(crate) log: Vec<(Event, Timestamp)>,
}

impl World {
    /// A Monday morning in a county with a routing table: H1 to education with market regulation, jointly;
    /// sports institutions to sports; S1 to nobody.
    pub(crate) fn new() -> Self {
        let mut world = Self {
            bench: Bench::new(COUNTY, "2023-03-06T09:00:00+08:00"),
            log: Vec::new(),
        };
        for (code, level, parent) in [
            (COUNTY, Level::County, None),
            ("420902003", Level::Town, Some(COUNTY)),
            (AREA, Level::Community, Some("420902003")),
            ("420902009", Level::Town, Some(COUNTY)),
        ] {
            world.bench.registered(&Registered::AreaDefined {
                area: Area {
                    code: code.into(),
                    name: code.into(),
                    level,
                    parent: parent.map(Into::into),
                },
            });
        }
        for code in ["edu", "mkt", "spo", "fir"] {
            world.bench.registered(&Registered::DepartmentDefined {
                department: Department {
                    code: code.into(),
                    name: code.into(),
                    area: COUNTY.into(),
                },
            });
        }
        use Role::{
            Coordinator, Dispatcher, Head, Inspector, Owner, Sentinel, Supervisor, Verifier,
        };
        world.enrol(SENTINEL, "sentinel 17", &[Sentinel], None, AREA, None);
        world.enrol(
            DISPATCHER,
            "dispatcher 1",
            &[Dispatcher],
            None,
            COUNTY,
            None,
        );
        world.enrol(
            FAR_DISPATCHER,
            "dispatcher 9",
            &[Dispatcher],
            None,
            "420902009",
            None,
        );
        world.enrol(
            COORDINATOR,
            "coordinator 2",
            &[Coordinator],
            None,
            COUNTY,
            None,
        );
        world.enrol(
            HEAD,
            "head of education",
            &[Head],
            Some("edu"),
            COUNTY,
            None,
        );
        world.enrol(
            INSPECTOR,
            "inspector 31",
            &[Inspector],
            Some("edu"),
            COUNTY,
            Some("HB-31"),
        );
        world.enrol(
            SECOND,
            "inspector 32",
            &[Inspector],
            Some("edu"),
            COUNTY,
            Some("HB-32"),
        );
        world.enrol(
            UNCERTIFIED,
            "inspector 33",
            &[Inspector],
            Some("edu"),
            COUNTY,
            None,
        );
        world.enrol(
            THIRD,
            "inspector 34",
            &[Inspector],
            Some("edu"),
            COUNTY,
            Some("HB-34"),
        );
        world.enrol(
            "420902/P-0035",
            "inspector 35",
            &[Inspector],
            Some("edu"),
            COUNTY,
            Some("HB-31"),
        );
        world.enrol(
            MARKET_HEAD,
            "head of market regulation",
            &[Head],
            Some("mkt"),
            COUNTY,
            None,
        );
        world.enrol(
            MARKET,
            "inspector 41",
            &[Inspector],
            Some("mkt"),
            COUNTY,
            Some("HB-41"),
        );
        world.enrol(
            MARKET_SECOND,
            "inspector 42",
            &[Inspector],
            Some("mkt"),
            COUNTY,
            Some("HB-42"),
        );
        world.enrol(
            SPORTS,
            "inspector 45",
            &[Inspector],
            Some("spo"),
            COUNTY,
            Some("HB-45"),
        );
        world.enrol(VERIFIER, "verifier 51", &[Verifier], None, COUNTY, None);
        world.enrol(
            "420902/P-0052",
            "verifier 52",
            &[Verifier],
            None,
            "420902009",
            None,
        );
        world.enrol(
            SUPERVISOR,
            "supervisor 60",
            &[Supervisor],
            None,
            COUNTY,
            None,
        );
        world.enrol(OWNER, "owner 70", &[Owner], None, AREA, None);
        world.enrol(AREA_OWNER, "owner 71", &[Owner], None, AREA, None);
        world.institution("I-0003", Some(Training::Subject));
        world.institution("I-0004", Some(Training::Sports));
        world.bench.registered(&Registered::OwnerAssigned {
            area: None,
            institution: Some("I-0003".into()),
            person: OWNER.into(),
        });
        world.bench.registered(&Registered::OwnerAssigned {
            area: Some(AREA.into()),
            institution: None,
            person: AREA_OWNER.into(),
        });
        world.route(3, "H1", "*", "edu", &["mkt"], true);
        world.route(4, "A1", "*", "mkt", &["edu"], false);
        world.route(5, "Q1", "sports", "spo", &[], false);
        world
    }

    /// Puts somebody on the roster.
    pub(crate) fn enrol(
        &mut self,
        id: &str,
        name: &str,
        roles: &[Role],
        department: Option<&str>,
        area: &str,
        certificate: Option<&str>,
    ) {
        let person = Person {
            id: id.into(),
            name: name.into(),
            roles: roles.iter().copied().collect(),
            department: department.map(Into::into),
            area: area.into(),
            certificate: certificate.map(Into::into),
            language: None,
        };
        self.bench
            .registered(&Registered::PersonEnrolled { person });
    }

    pub(crate) fn institution(&mut self, code: &str, training: Option<Training>) {
        let institution = Institution {
            code: code.into(),
            name: format!("institution {code}"),
            kind: SubjectKind::Institution,
            training,
            licence: None,
            address: "12 River Street".into(),
            area: AREA.into(),
            school_district: None,
            risk: None,
            list: None,
        };
        self.bench
            .registered(&Registered::InstitutionRegistered { institution });
    }

    pub(crate) fn route(
        &mut self,
        order: u32,
        violation: &str,
        training: &str,
        lead: &str,
        assist: &[&str],
        joint: bool,
    ) {
        let route = Route {
            order,
            violation: violation.into(),
            training: training.into(),
            lead: lead.into(),
            assist: assist.iter().map(|code| (*code).into()).collect(),
            joint,
        };
        self.bench.registered(&Registered::RouteSet { route });
    }

    /// Moves to a local instant.
    pub(crate) fn at(&mut self, local: &str) -> &mut Self {
        let at: Timestamp = format!("{local}+08:00")
            .parse()
            .expect("a test gives a local instant");
        assert!(at >= self.bench.at, "time does not go back");
        self.bench.at = at;
        self
    }

    /// Wishes something from its JSON, as it comes over the wire.
    pub(crate) fn wish(&mut self, by: &str, json: &str) -> Result<Vec<Event>, Refusal> {
        let command: Command =
            serde_json::from_str(json).expect("a test wishes what the contract knows");
        self.command(by, &command)
    }

    pub(crate) fn command(&mut self, by: &str, command: &Command) -> Result<Vec<Event>, Refusal> {
        let events = self.bench.wish(by, command)?;
        self.keep(&events);
        Ok(events)
    }

    /// Does a command that must be possible.
    pub(crate) fn ok(&mut self, by: &str, json: &str) -> Vec<Event> {
        self.wish(by, json)
            .unwrap_or_else(|refusal| panic!("{json} was refused: {refusal:?}"))
    }

    /// The code of the refusal of a command that must be refused; nothing may change.
    pub(crate) fn no(&mut self, by: &str, json: &str) -> &'static str {
        let before = serde_json::to_value(&self.bench.book).expect("a book is data");
        let refusal = self.wish(by, json).expect_err("this must be refused");
        assert_eq!(
            before,
            serde_json::to_value(&self.bench.book).expect("a book is data"),
            "a refusal changes nothing"
        );
        let problem = refusal.problem();
        assert!(!problem.title.is_empty() && !problem.hint.is_empty());
        refusal.code()
    }

    pub(crate) fn fact(&mut self, event: dispatch::Event) -> Vec<Event> {
        let events = self.bench.fact("dispatch", SENTINEL, event);
        self.keep(&events);
        events
    }

    fn keep(&mut self, events: &[Event]) {
        self.log
            .extend(events.iter().map(|event| (event.clone(), self.bench.at)));
    }

    /// The book folded anew from all that happened.
    pub(crate) fn refolded(&self) -> Rectification {
        let mut book = Rectification::default();
        for (event, at) in &self.log {
            book.evolve(event, Provenance::unknown(*at));
        }
        book
    }

    /// Opens a lead about I-0003 from a row; the first is L-1.
    pub(crate) fn found(&mut self, task: &str) -> Vec<Event> {
        self.fact(row(task, "I-0003"))
    }

    /// L-1, classified H1 and routed to education with market regulation.
    pub(crate) fn routed(&mut self) {
        self.found("T-1");
        self.ok(
            DISPATCHER,
            r#"{"do":"rectification.classify_lead","lead":"L-1","codes":"H1"}"#,
        );
        self.ok(
            DISPATCHER,
            r#"{"do":"rectification.route_lead","lead":"L-1"}"#,
        );
    }

    /// L-1 with joint action decided against.
    pub(crate) fn alone(&mut self) {
        self.routed();
        self.ok(DISPATCHER, r#"{"do":"rectification.decide_joint","lead":"L-1","joint":false,"reason":"one department is enough"}"#);
    }

    /// L-1 substantiated.
    pub(crate) fn verified(&mut self) {
        self.alone();
        self.ok(INSPECTOR, r#"{"do":"rectification.record_verdict","lead":"L-1","verdict":"substantiated","note":"six pupils at desks"}"#);
    }

    /// C-1 with officers 31 and 32.
    pub(crate) fn filed(&mut self) {
        self.verified();
        self.ok(
            HEAD,
            r#"{"do":"rectification.file_case","lead":"L-1","officers":"P-0031;P-0032"}"#,
        );
    }

    /// An order on C-1, not yet served.
    pub(crate) fn issued(&mut self) {
        self.filed();
        self.issue();
    }

    /// One more order on C-1.
    pub(crate) fn issue(&mut self) -> Vec<Event> {
        self.ok(INSPECTOR, ORDER)
    }

    /// Z-1 served.
    pub(crate) fn served(&mut self) {
        self.issued();
        self.ok(
            INSPECTOR,
            r#"{"do":"rectification.serve_order","order":"Z-1","proof":"receipt 7"}"#,
        );
    }

    /// A fix of Z-1 reported by inspector 34.
    pub(crate) fn reported(&mut self) {
        self.served();
        self.ok(
            THIRD,
            r#"{"do":"rectification.report_fix","order":"Z-1","note":"desks removed"}"#,
        );
    }

    /// C-1 cleared.
    pub(crate) fn cleared(&mut self) {
        self.reported();
        self.ok(
            VERIFIER,
            r#"{"do":"rectification.verify_fix","order":"Z-1","result":"passed"}"#,
        );
    }

    /// From a routed lead to a cleared case in one go, for another lead than L-1.
    pub(crate) fn clear_another(&mut self, n: u32) {
        let lead = format!("L-{n}");
        self.ok(
            DISPATCHER,
            &format!(r#"{{"do":"rectification.classify_lead","lead":"{lead}","codes":["H1"]}}"#),
        );
        self.ok(
            DISPATCHER,
            &format!(r#"{{"do":"rectification.route_lead","lead":"{lead}"}}"#),
        );
        let joint = Command::DecideJoint {
            lead: lead.as_str().into(),
            joint: false,
            reason: "not needed".into(),
            date: None,
            crew: Vec::new(),
        };
        self.command(DISPATCHER, &joint)
            .expect("joint action may be decided");
        let verdict = Command::RecordVerdict {
            lead: lead.as_str().into(),
            verdict: Verdict::Partly,
            note: String::new(),
            evidence: Vec::new(),
        };
        self.command(INSPECTOR, &verdict)
            .expect("a verdict may be recorded");
        let file = Command::FileCase {
            lead: lead.as_str().into(),
            officers: vec!["P-0031".into(), "P-0032".into()],
        };
        self.command(INSPECTOR, &file).expect("a case may be filed");
    }
}

/// A complete order.
pub(crate) const ORDER: &str = r#"{"do":"rectification.issue_order","case":"C-1","focus":"teaching without a licence","requirement":"stop and refund","content":"six desks, a price list","ground":"Order 53, article 18","deadline":{"amount":5,"unit":"wd"}}"#;

/// A problem row.
pub(crate) fn row(task: &str, institution: &str) -> dispatch::Event {
    dispatch::Event::RowFound {
        task: task.into(),
        row: institution.into(),
        subject: Subject::institution(institution),
        area: AREA.into(),
        codes: vec!["H1".into()],
        note: "lessons behind a closed curtain".into(),
        evidence: vec!["9f".into()],
        urgent: false,
        finder: SENTINEL.into(),
        post: Some("PO-01".into()),
        observed: "2023-03-06T08:57:00+08:00".parse().expect("an instant"),
        campaign: Some("spring".into()),
        round: Some(2),
        sealed_until: None,
    }
}

/// A place on no list.
pub(crate) fn place(id: &str, urgent: bool) -> dispatch::Event {
    dispatch::Event::PlaceReported {
        place: id.into(),
        area: AREA.into(),
        address: "3 Mill Lane".into(),
        seen: "a class of twelve".into(),
        codes: Vec::new(),
        evidence: Vec::new(),
        urgent,
        finder: SENTINEL.into(),
        post: Some("PO-01".into()),
        sortie: "S-1".into(),
        observed: "2023-03-06T08:57:00+08:00".parse().expect("an instant"),
        campaign: None,
        round: None,
        sealed_until: None,
    }
}

/// A report that somebody told the desk.
pub(crate) fn told(subject: Option<Subject>) -> Command {
    Command::ReceiveReport {
        source: Source::Hotline,
        subject,
        area: AREA.into(),
        text: "lessons at night".into(),
        urgent: false,
    }
}

/// The names of events on the wire.
pub(crate) fn kinds(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(Event::kind).collect()
}

/// So many working days.
pub(crate) const fn working_days(amount: u32) -> Span {
    Span::working_days(amount)
}

/// A day.
pub(crate) fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

/// A person in full.
pub(crate) fn who(id: &str) -> PersonId {
    PersonId::from(id)
}

/// The command of a verifier.
pub(crate) fn verify(order: &str, result: FixResult) -> Command {
    Command::VerifyFix {
        order: order.into(),
        result,
        note: "seen on the spot".into(),
        evidence: Vec::new(),
    }
}

/// The command of somebody who goes there again.
pub(crate) fn look_back(result: LookBack) -> Command {
    Command::LookBackAt {
        case: "C-1".into(),
        result,
    }
}

/// A row of the county's routing table, and what it matched on.
pub(crate) fn row_of_table(
    row: u32,
    violation: Option<&str>,
    training: Option<&str>,
) -> RouteMatch {
    RouteMatch {
        jurisdiction: "420902".into(),
        row,
        violation: violation.map(str::to_owned),
        training: training.map(str::to_owned),
    }
}
