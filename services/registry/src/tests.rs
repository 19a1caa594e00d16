//! The registry as an importer and a coordinator see it.

mod access;
mod people;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use picket_book::{Bench, Book, Provenance};
use picket_schemas::dispatch::Event as Dispatch;
use picket_schemas::registry::{Command, Event, Level, PostKind, Role, Rung, Target, Training};
use picket_schemas::{PersonId, Refusal, SubjectKind};

use crate::Registry;

const OPERATOR: &str = "420902/operator";
const COORDINATOR: &str = "420902/P-0001";
const LEADER: &str = "420902/P-0002";
const SENTINEL: &str = "420902/P-0017";
const TOKEN: &str = "AAECAwQFBgcICQoLDA0ODw";

/// A bench whose directory follows the book, as the keeper's does.
struct Desk {
    bench: Bench<Registry>,
    journal: Vec<(Event, Timestamp)>,
}

impl Desk {
    fn empty() -> Self {
        Self {
            bench: Bench::new("420902", "2023-03-01T01:00:00Z"),
            journal: Vec::new(),
        }
    }

    /// A county with a street, a community, a department, a coordinator, a post leader and a sentinel.
    fn county() -> Self {
        let mut desk = Self::empty();
        for command in [
            area("420902", Level::County, None),
            area("420902003", Level::Town, Some("420902")),
            area("420902003004", Level::Community, Some("420902003")),
            department("edu"),
            department("market"),
            person("P-0001", &["coordinator"], "420902"),
            person("P-0002", &["post_leader"], "420902003004"),
            person("P-0017", &["sentinel"], "420902003004"),
        ] {
            desk.does(OPERATOR, &command);
        }
        desk
    }

    fn wish(&mut self, by: &str, command: &Command) -> Result<Vec<Event>, Refusal> {
        let events = self.bench.wish(by, command)?;
        self.recorded(&events);
        Ok(events)
    }

    fn recorded(&mut self, events: &[Event]) {
        for event in events {
            self.bench.registered(event);
            self.journal.push((event.clone(), self.bench.at));
        }
    }

    fn does(&mut self, by: &str, command: &Command) -> Vec<Event> {
        self.wish(by, command)
            .unwrap_or_else(|no| panic!("{command:?}: {no}"))
    }

    fn refuses(&mut self, by: &str, command: &Command) -> String {
        match self.wish(by, command) {
            Err(no) => format!("{}: {no}", no.code()),
            Ok(events) => panic!("{command:?} was accepted: {events:?}"),
        }
    }

    fn later(&mut self, hours: i64) {
        self.bench.at += SignedDuration::from_hours(hours);
    }
}

fn area(code: &str, level: Level, parent: Option<&str>) -> Command {
    Command::DefineArea {
        code: code.into(),
        name: format!("area {code}"),
        level,
        parent: parent.map(Into::into),
    }
}

fn department(code: &str) -> Command {
    Command::DefineDepartment {
        code: code.into(),
        name: format!("bureau {code}"),
        area: "420902".into(),
    }
}

fn person(code: &str, roles: &[&str], area: &str) -> Command {
    Command::EnrolPerson {
        code: code.into(),
        name: format!("person {code}"),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        department: None,
        area: area.into(),
        certificate: None,
        language: None,
    }
}

fn inspector(code: &str, certificate: &str) -> Command {
    let Command::EnrolPerson { name, area, .. } = person(code, &[], "420902") else {
        unreachable!()
    };
    Command::EnrolPerson {
        code: code.into(),
        name,
        roles: vec!["inspector".into()],
        department: Some("edu".into()),
        area,
        certificate: Some(certificate.into()),
        language: None,
    }
}

fn post(leader: &str, members: &[&str]) -> Command {
    Command::DefinePost {
        code: "PO-01".into(),
        name: "Liberation Street post".into(),
        kind: PostKind::Community,
        area: "420902003004".into(),
        leader: leader.into(),
        members: members.iter().map(|member| (*member).to_owned()).collect(),
    }
}

fn institution(code: &str, risk: Option<&str>) -> Command {
    Command::RegisterInstitution {
        code: code.into(),
        name: "Bright Hall".into(),
        kind: SubjectKind::Institution,
        training: Some(Training::Subject),
        licence: Some("licensed".into()),
        address: "12 Station Road".into(),
        area: "420902003004".into(),
        school_district: None,
        risk: risk.map(Into::into),
        list: Some(String::new()),
    }
}

fn route(order: u32, violation: &str, lead: &str, assist: &[&str]) -> Command {
    Command::SetRoute {
        order,
        violation: violation.into(),
        training: String::new(),
        lead: lead.into(),
        assist: assist.iter().map(|code| (*code).into()).collect(),
        joint: false,
    }
}

fn rung(level: &str, after: i32) -> Rung {
    Rung {
        level: level.into(),
        after,
        targets: vec![Target::Duty],
        automatic: true,
    }
}

fn ladder(rungs: Vec<Rung>) -> Command {
    Command::SetLadder {
        clock: String::new(),
        rungs,
    }
}

fn calendar(year: i16, off: &[Date], work: &[Date]) -> Command {
    Command::PublishCalendar {
        year,
        off: off.iter().copied().collect(),
        work: work.iter().copied().collect(),
    }
}

fn invite(person: &str, token: &str) -> Command {
    Command::Invite {
        person: person.into(),
        token: token.into(),
    }
}

fn bind(token: &str) -> Command {
    Command::BindIdentity {
        token: token.into(),
        channel: "telegram".into(),
        account: "7001".into(),
        group: false,
    }
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("a test gives an RFC 3339 instant")
}

fn json(of: &impl serde::Serialize) -> serde_json::Value {
    serde_json::to_value(of).expect("it is made of strings, numbers and maps")
}

fn away(person: &str, from: &str, until: &str, substitute: Option<&str>) -> Command {
    Command::SetAway {
        person: person.into(),
        from: instant(from),
        until: instant(until),
        substitute: substitute.map(Into::into),
    }
}

fn found(place: &str) -> Dispatch {
    Dispatch::PlaceReported {
        place: place.into(),
        area: "420902003004".into(),
        address: "9 Back Lane, third floor".into(),
        seen: "a class of twelve".into(),
        codes: vec![],
        evidence: vec![],
        urgent: false,
        finder: SENTINEL.into(),
        post: None,
        sortie: "S-1".into(),
        observed: Timestamp::UNIX_EPOCH,
        campaign: None,
        round: None,
        sealed_until: None,
    }
}

#[test]
fn the_owner_of_the_data_fills_an_empty_registry() {
    let desk = Desk::county();
    assert_eq!(desk.bench.book.layer().people.len(), 3);
    assert_eq!(desk.bench.book.layer().areas.len(), 3);
}

#[test]
fn a_stranger_may_not_fill_an_empty_registry() {
    let mut desk = Desk::empty();
    assert!(
        desk.refuses("420902/P-0666", &area("420902", Level::County, None))
            .starts_with("unknown_person")
    );
}

#[test]
fn the_same_import_twice_changes_nothing() {
    let mut desk = Desk::county();
    let all = [
        area("420902003", Level::Town, Some("420902")),
        department("edu"),
        person("P-0017", &["sentinel"], "420902003004"),
        post("P-0002", &["P-0017"]),
        institution("I-0003", Some("high")),
        route(1, "H1", "edu", &["market"]),
        ladder(vec![rung("B0", -3), rung("B1", 1)]),
        calendar(2027, &[date(2027, 1, 1)], &[]),
        Command::AssignOwner {
            area: Some("420902003".into()),
            institution: None,
            person: "P-0001".into(),
        },
        away(
            "P-0017",
            "2023-04-01T00:00:00Z",
            "2023-04-05T00:00:00Z",
            None,
        ),
    ];
    for command in &all {
        desk.does(OPERATOR, command);
    }
    for command in &all {
        assert_eq!(desk.does(OPERATOR, command), vec![], "{command:?}");
    }
}

#[test]
fn changed_content_is_recorded_again() {
    let mut desk = Desk::county();
    desk.does(OPERATOR, &institution("I-0003", Some("normal")));
    assert_eq!(
        desk.does(OPERATOR, &institution("I-0003", Some("high")))
            .len(),
        1
    );
    assert_eq!(
        desk.bench
            .book
            .layer()
            .institutions
            .get("I-0003")
            .unwrap()
            .risk
            .as_deref(),
        Some("high")
    );
}

#[test]
fn one_import_defines_an_area_and_what_lies_in_it_at_once() {
    // The directory still shows the commit before; the book's own records count.
    let mut bench: Bench<Registry> = Bench::new("420902", "2023-03-01T01:00:00Z");
    for command in [
        area("420902", Level::County, None),
        area("420902003", Level::Town, Some("420902")),
        department("edu"),
        person("P-0001", &["coordinator"], "420902003"),
    ] {
        bench.wish(OPERATOR, &command).expect("each row is fine");
    }
    assert_eq!(bench.book.layer().people.len(), 1);
}

#[test]
fn codes_must_fit_every_channel() {
    let mut desk = Desk::county();
    for bad in ["", "a b", "区01", "x/y", &"9".repeat(41)] {
        let no = desk.refuses(OPERATOR, &area(bad, Level::Town, Some("420902")));
        assert!(
            no.starts_with("invalid") || no.starts_with("missing"),
            "{no}"
        );
    }
}

#[test]
fn a_name_is_needed_and_fits_one_line() {
    let mut desk = Desk::county();
    let named = |name: &str| Command::DefineDepartment {
        code: "fire".into(),
        name: name.into(),
        area: "420902".into(),
    };
    assert!(desk.refuses(OPERATOR, &named("  ")).starts_with("missing"));
    assert!(
        desk.refuses(OPERATOR, &named("two\nlines"))
            .starts_with("invalid")
    );
    assert!(
        desk.refuses(OPERATOR, &named(&"名".repeat(201)))
            .starts_with("invalid")
    );
    desk.does(OPERATOR, &named(&"名".repeat(200)));
}

#[test]
fn an_area_lies_in_a_known_larger_one_and_never_in_itself() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(OPERATOR, &area("420902009", Level::Town, Some("4210")))
            .starts_with("unknown: there is no area `4210`")
    );
    assert!(
        desk.refuses(OPERATOR, &area("420902009", Level::Town, None))
            .starts_with("missing")
    );
    assert!(
        desk.refuses(
            OPERATOR,
            &area("420902003", Level::Town, Some("420902003004"))
        )
        .contains("within itself")
    );
    assert!(
        desk.refuses(OPERATOR, &area("420902009", Level::City, Some("420902003")))
            .starts_with("invalid")
    );
}

#[test]
fn a_county_may_lie_in_a_city_that_the_registry_above_knows() {
    let mut desk = Desk::empty();
    desk.bench.parent("4209");
    let city = picket_schemas::registry::Area {
        code: "4209".into(),
        name: "city".into(),
        level: Level::City,
        parent: None,
    };
    desk.bench
        .registered_above(&Event::AreaDefined { area: city });
    desk.does(OPERATOR, &area("420902", Level::County, Some("4209")));
    desk.does(OPERATOR, &department("edu"));
}

#[test]
fn a_coordinator_acts_only_within_the_own_area() {
    let mut desk = Desk::county();
    desk.does(OPERATOR, &person("P-0003", &["coordinator"], "420902003"));
    let street = "420902/P-0003";
    desk.does(
        street,
        &area("420902003005", Level::Community, Some("420902003")),
    );
    assert!(
        desk.refuses(street, &area("420902004", Level::Town, Some("420902")))
            .starts_with("not_allowed")
    );
    assert!(
        desk.refuses(street, &route(1, "*", "edu", &[]))
            .starts_with("not_allowed"),
        "a street does not set the county's routes"
    );
    assert!(
        desk.refuses(street, &person("P-0001", &["coordinator"], "420902003"))
            .starts_with("not_allowed"),
        "nor does it pull the county's people down"
    );
    desk.does(COORDINATOR, &route(1, "*", "edu", &[]));
}

#[test]
fn a_sentinel_defines_nothing() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(SENTINEL, &department("fire"))
            .starts_with("not_allowed")
    );
    assert!(
        desk.refuses(SENTINEL, &person("P-0018", &["sentinel"], "420902003004"))
            .starts_with("not_allowed")
    );
}

#[test]
fn an_institution_is_described_in_known_words() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(OPERATOR, &institution("I-0003", Some("huge")))
            .contains("`huge` is none of low, normal, high")
    );
    desk.does(OPERATOR, &institution("I-0003", Some("")));
    let known = desk.bench.book.layer().institutions.get("I-0003").unwrap();
    assert_eq!((known.risk.as_deref(), known.list.as_deref()), (None, None));
}

#[test]
fn a_found_place_is_listed_once() {
    let mut desk = Desk::county();
    let events = desk.bench.fact("dispatch", SENTINEL, found("U-7"));
    let [Event::InstitutionRegistered { institution }] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(
        (
            institution.name.as_str(),
            institution.kind,
            institution.address.as_str()
        ),
        (
            "未登记场所 U-7",
            SubjectKind::UnlistedPlace,
            "9 Back Lane, third floor"
        )
    );
    assert_eq!(desk.bench.fact("dispatch", SENTINEL, found("U-7")), vec![]);
}

#[test]
fn a_found_place_may_be_described_better_later() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(OPERATOR, &institution("U-7", None))
            .starts_with("invalid"),
        "its number is kept free for it"
    );
    let events = desk.bench.fact("dispatch", SENTINEL, found("U-7"));
    desk.recorded(&events);
    desk.does(OPERATOR, &institution("U-7", None));
    assert_eq!(
        desk.bench
            .book
            .layer()
            .institutions
            .get("U-7")
            .unwrap()
            .name,
        "Bright Hall"
    );
}

#[test]
fn an_owner_answers_for_an_area_or_an_institution() {
    let mut desk = Desk::county();
    desk.does(OPERATOR, &institution("I-0003", None));
    let owns = |area: Option<&str>, institution: Option<&str>, person: &str| Command::AssignOwner {
        area: area.map(Into::into),
        institution: institution.map(Into::into),
        person: person.into(),
    };
    desk.does(COORDINATOR, &owns(Some("420902003"), Some(""), "P-0001"));
    desk.does(COORDINATOR, &owns(None, Some("I-0003"), "P-0002"));
    assert_eq!(
        desk.bench
            .directory()
            .owner_of_institution(&"I-0003".into()),
        Some(LEADER.into())
    );
    assert!(
        desk.refuses(COORDINATOR, &owns(None, None, "P-0001"))
            .starts_with("missing")
    );
    assert!(
        desk.refuses(COORDINATOR, &owns(Some("420902"), Some("I-0003"), "P-0001"))
            .starts_with("invalid")
    );
    assert!(
        desk.refuses(COORDINATOR, &owns(None, Some("I-0404"), "P-0001"))
            .starts_with("unknown")
    );
    assert!(
        desk.refuses(COORDINATOR, &owns(Some("420902"), None, "P-0404"))
            .starts_with("unknown_person")
    );
}

#[test]
fn a_route_leads_to_known_departments() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(OPERATOR, &route(1, "H1", "navy", &[]))
            .contains("there is no department `navy`")
    );
    assert!(
        desk.refuses(OPERATOR, &route(1, "H1", "edu", &["navy"]))
            .contains("there is no department `navy`")
    );
    assert!(
        desk.refuses(OPERATOR, &route(1, "H1", "edu", &["edu"]))
            .starts_with("invalid")
    );
    assert!(
        desk.refuses(OPERATOR, &route(1, "h-1", "edu", &[]))
            .starts_with("invalid")
    );
    desk.does(OPERATOR, &route(9, " ", "edu", &["market", "market"]));
    let known = desk.bench.book.layer().routes.get(&9).unwrap();
    assert_eq!(
        (
            known.violation.as_str(),
            known.training.as_str(),
            known.assist.len()
        ),
        ("*", "*", 1)
    );
}

#[test]
fn a_ladder_climbs_and_addresses_somebody() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(OPERATOR, &ladder(vec![]))
            .starts_with("missing")
    );
    assert!(
        desk.refuses(OPERATOR, &ladder(vec![rung("B1", 1), rung("B1", 3)]))
            .contains("twice")
    );
    assert!(
        desk.refuses(OPERATOR, &ladder(vec![rung("B1", 3), rung("B2", 3)]))
            .contains("must come after")
    );
    assert!(
        desk.refuses(
            OPERATOR,
            &ladder(vec![Rung {
                targets: vec![],
                ..rung("B1", 1)
            }])
        )
        .starts_with("missing")
    );
    assert!(
        desk.refuses(OPERATOR, &ladder(vec![rung("urgent", 1)]))
            .starts_with("invalid")
    );
    assert!(
        desk.refuses(
            OPERATOR,
            &ladder(vec![Rung {
                targets: vec![Target::Person("420902/P-0404".into())],
                ..rung("B1", 1)
            }])
        )
        .starts_with("unknown_person")
    );
    let odd = Command::SetLadder {
        clock: "task.nap".into(),
        rungs: vec![rung("B1", 1)],
    };
    assert!(desk.refuses(OPERATOR, &odd).contains("order.fix"));
    desk.does(
        OPERATOR,
        &ladder(vec![
            rung("B0", -3),
            rung("B1", 1),
            Rung {
                targets: vec![Target::Role(Role::Supervisor)],
                ..rung("B2", 3)
            },
        ]),
    );
    assert_eq!(desk.bench.directory().ladder("order.fix").len(), 3);
}

#[test]
fn a_calendar_counts_its_editions() {
    let mut desk = Desk::county();
    let version = |events: &[Event]| match events {
        [Event::CalendarPublished { version, .. }] => version.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        version(&desk.does(
            OPERATOR,
            &calendar(2027, &[date(2026, 12, 31), date(2027, 1, 1)], &[])
        )),
        "420902-2027.1"
    );
    assert_eq!(
        version(&desk.does(
            OPERATOR,
            &calendar(2027, &[date(2027, 1, 1)], &[date(2027, 1, 2)])
        )),
        "420902-2027.2"
    );
    assert!(desk.bench.directory().calendar().knows(2027));
}

#[test]
fn a_calendar_holds_days_of_its_year_each_of_one_kind() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(OPERATOR, &calendar(2027, &[date(2026, 11, 30)], &[]))
            .contains("the December before is allowed")
    );
    assert!(
        desk.refuses(
            OPERATOR,
            &calendar(2027, &[date(2027, 5, 1)], &[date(2027, 5, 1)])
        )
        .contains("both as off and as worked")
    );
    assert!(
        desk.refuses(OPERATOR, &calendar(2027, &[], &[]))
            .starts_with("missing")
    );
    assert!(
        desk.refuses(OPERATOR, &calendar(20270, &[date(2027, 5, 1)], &[]))
            .starts_with("invalid")
    );
}

#[test]
fn it_never_rings() {
    assert_eq!(Desk::county().bench.book.due(), None);
}

#[test]
fn fold_equals_live() {
    let mut desk = Desk::county();
    desk.does(OPERATOR, &post("P-0002", &["P-0017"]));
    desk.does(OPERATOR, &inspector("P-0030", "C-77"));
    desk.does(OPERATOR, &inspector("P-0030", "C-78"));
    desk.does(COORDINATOR, &invite("P-0017", TOKEN));
    desk.later(30);
    desk.does(COORDINATOR, &invite("P-0002", "BBECAwQFBgcICQoLDA0ODw"));
    desk.does("420902/x", &bind("BBECAwQFBgcICQoLDA0ODw"));
    let events = desk.bench.fact("dispatch", SENTINEL, found("U-1"));
    desk.recorded(&events);
    let mut folded = Registry::default();
    for (event, at) in &desk.journal {
        folded.evolve(event, Provenance::unknown(*at));
    }
    assert_eq!(json(&folded), json(&desk.bench.book));
    let back: Registry =
        serde_json::from_value(json(&folded)).expect("a snapshot can be read again");
    assert_eq!(back, desk.bench.book);
}
