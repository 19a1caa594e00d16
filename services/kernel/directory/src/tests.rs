//! The directory as books see it: who is found where, and who may do what.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use picket_calendar::{Calendar, YearTable};
use picket_schemas::registry::{
    Area, Department, Event, Institution, Level, Person, Post, PostKind, Role, Route, Rung, Target,
    Training,
};
use picket_schemas::{AreaCode, Command, DepartmentCode, Jurisdiction, PersonId, SubjectKind};

use crate::{Directory, Layer, Resource, Sight, sight};

/// At some instant of a working day.
fn allow(
    actor: &PersonId,
    action: &str,
    resource: Resource<'_>,
    directory: &Directory,
) -> Result<(), picket_schemas::Refusal> {
    crate::allow(
        actor,
        action,
        resource,
        directory,
        instant("2023-03-06T02:00:00Z"),
    )
}

const COMMUNITY: &str = "420902003004";

fn layer(jurisdiction: &str, events: impl IntoIterator<Item = Event>) -> Arc<Layer> {
    let mut layer = Layer::new(Jurisdiction::from(jurisdiction));
    for event in events {
        layer.apply(&event);
    }
    Arc::new(layer)
}

fn directory(
    own: impl IntoIterator<Item = Event>,
    above: impl IntoIterator<Item = Event>,
) -> Directory {
    Directory::new(
        vec![layer("420902", own), layer("4209", above)],
        Calendar::china(),
    )
}

fn area(code: &str, level: Level, parent: Option<&str>) -> Event {
    Event::AreaDefined {
        area: Area {
            code: code.into(),
            name: format!("area {code}"),
            level,
            parent: parent.map(Into::into),
        },
    }
}

fn areas() -> Vec<Event> {
    vec![
        area("420902", Level::County, Some("4209")),
        area("420902003", Level::Town, Some("420902")),
        area(COMMUNITY, Level::Community, Some("420902003")),
        area("420902004", Level::Town, Some("420902")),
    ]
}

fn city() -> Vec<Event> {
    vec![area("4209", Level::City, None)]
}

fn person(id: &str, roles: &[Role], department: Option<&str>, area: &str) -> Event {
    let person = Person {
        id: id.into(),
        name: format!("sentinel {id}"),
        roles: roles.iter().copied().collect(),
        department: department.map(Into::into),
        area: area.into(),
        certificate: None,
        language: None,
    };
    Event::PersonEnrolled { person }
}

fn department(code: &str, name: &str) -> Event {
    Event::DepartmentDefined {
        department: Department {
            code: code.into(),
            name: name.into(),
            area: "420902".into(),
        },
    }
}

fn institution(code: &str, area: &str) -> Event {
    let institution = Institution {
        code: code.into(),
        name: code.into(),
        kind: SubjectKind::Institution,
        training: None,
        licence: None,
        address: String::new(),
        area: area.into(),
        school_district: None,
        risk: None,
        list: None,
    };
    Event::InstitutionRegistered { institution }
}

fn post(code: &str, area: &str, leader: &str, members: &[&str]) -> Event {
    Event::PostDefined {
        post: Post {
            code: code.into(),
            name: code.into(),
            kind: PostKind::Community,
            area: area.into(),
            leader: leader.into(),
            members: members.iter().map(|id| (*id).into()).collect(),
        },
    }
}

fn owner(area: Option<&str>, institution: Option<&str>, person: &str) -> Event {
    Event::OwnerAssigned {
        area: area.map(Into::into),
        institution: institution.map(Into::into),
        person: person.into(),
    }
}

fn route(order: u32, violation: &str, training: &str, lead: &str) -> Event {
    Event::RouteSet {
        route: Route {
            order,
            violation: violation.into(),
            training: training.into(),
            lead: lead.into(),
            assist: vec![],
            joint: false,
        },
    }
}

fn ladder(clock: &str, level: &str) -> Event {
    Event::LadderSet {
        clock: clock.into(),
        rungs: vec![Rung {
            level: level.into(),
            after: 1,
            targets: vec![Target::Duty],
            automatic: true,
        }],
    }
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("a test gives an RFC 3339 instant")
}

fn ids(people: &[PersonId]) -> Vec<&str> {
    people.iter().map(PersonId::as_str).collect()
}

#[test]
fn the_nearest_registry_wins() {
    let directory = directory(
        [department("edu", "county bureau")],
        [
            department("edu", "city bureau"),
            department("fire", "city brigade"),
        ],
    );
    assert_eq!(
        directory
            .department(&"edu".into())
            .map(|known| known.name.as_str()),
        Some("county bureau")
    );
    assert_eq!(
        directory
            .department(&"fire".into())
            .map(|known| known.name.as_str()),
        Some("city brigade")
    );
    assert_eq!(directory.department(&"navy".into()), None);
    assert_eq!(directory.home(), "420902");
}

#[test]
fn a_person_is_found_by_code_at_home_first_and_by_full_id_anywhere() {
    let directory = directory(
        [person("420902/P-1", &[Role::Sentinel], None, "420902")],
        [
            person("4209/P-1", &[Role::Supervisor], None, "4209"),
            person("4209/P-2", &[], None, "4209"),
        ],
    );
    assert_eq!(directory.resolve_person("P-1"), Some("420902/P-1".into()));
    assert_eq!(
        directory.resolve_person("4209/P-1"),
        Some("4209/P-1".into())
    );
    assert_eq!(directory.resolve_person("P-2"), Some("4209/P-2".into()));
    assert_eq!(directory.resolve_person("P-3"), None);
    assert_eq!(directory.resolve_person("4210/P-1"), None);
}

#[test]
fn a_person_unknown_here_is_shown_by_code() {
    let directory = directory([person("420902/P-1", &[], None, "420902")], []);
    assert_eq!(
        directory.person_name(&"420902/P-1".into()),
        "sentinel 420902/P-1"
    );
    assert_eq!(directory.person_name(&"420902/P-9".into()), "P-9");
}

#[test]
fn areas_lie_within_each_other_across_registries() {
    let directory = directory(areas(), city());
    let within = |inner: &str, outer: &str| directory.within(&inner.into(), &outer.into());
    assert!(
        within(COMMUNITY, COMMUNITY)
            && within(COMMUNITY, "420902003")
            && within(COMMUNITY, "420902")
            && within(COMMUNITY, "4209")
    );
    assert!(
        !within("420902", COMMUNITY) && !within(COMMUNITY, "420902004") && !within("999", "420902")
    );
    let path: Vec<AreaCode> = directory.area_path(&COMMUNITY.into());
    assert_eq!(
        path,
        [COMMUNITY, "420902003", "420902", "4209"].map(AreaCode::from)
    );
}

#[test]
fn a_circle_of_areas_ends() {
    let directory = directory(
        [
            area("a", Level::Town, Some("b")),
            area("b", Level::Town, Some("a")),
        ],
        [],
    );
    assert!(!directory.within(&"a".into(), &"c".into()));
    assert!(directory.area_path(&"a".into()).len() <= 12);
}

#[test]
fn the_smallest_territory_has_the_post() {
    let directory = directory(
        areas().into_iter().chain([
            post("PO-1", "420902003", "420902/P-1", &[]),
            post("PO-2", COMMUNITY, "420902/P-2", &["420902/P-3"]),
        ]),
        city(),
    );
    let post_of = |area: &str| {
        directory
            .post_of_area(&area.into())
            .map(|post| post.code.as_str().to_owned())
    };
    assert_eq!(
        (
            post_of(COMMUNITY).as_deref(),
            post_of("420902003").as_deref(),
            post_of("420902004")
        ),
        (Some("PO-2"), Some("PO-1"), None)
    );
    let post_of = |person: &str| {
        directory
            .post_of_person(&person.into())
            .map(|post| post.code.as_str().to_owned())
    };
    assert_eq!(
        (
            post_of("420902/P-3").as_deref(),
            post_of("420902/P-1").as_deref(),
            post_of("420902/P-9")
        ),
        (Some("PO-2"), Some("PO-1"), None)
    );
}

#[test]
fn an_institution_has_its_own_owner_or_that_of_its_area() {
    let own = [
        institution("I-1", COMMUNITY),
        institution("I-2", COMMUNITY),
        institution("I-3", "420902004"),
        owner(None, Some("I-1"), "420902/P-1"),
        owner(Some("420902003"), None, "420902/P-2"),
    ];
    let directory = directory(
        areas().into_iter().chain(own),
        city()
            .into_iter()
            .chain([owner(Some("4209"), None, "4209/P-3")]),
    );
    let owner_of = |code: &str| {
        directory
            .owner_of_institution(&code.into())
            .map(|owner| owner.as_str().to_owned())
    };
    assert_eq!(owner_of("I-1").as_deref(), Some("420902/P-1"), "its own");
    assert_eq!(
        owner_of("I-2").as_deref(),
        Some("420902/P-2"),
        "the inmost area that has one"
    );
    assert_eq!(
        owner_of("I-3").as_deref(),
        Some("4209/P-3"),
        "however far out"
    );
    assert_eq!(owner_of("I-4"), None);
}

#[test]
fn people_with_a_role_are_those_nearest_to_the_place() {
    let own = [
        person("420902/P-1", &[Role::Coordinator], None, "420902"),
        person("420902/P-2", &[Role::Coordinator], None, "420902003"),
        person("420902/P-3", &[Role::Sentinel], None, COMMUNITY),
    ];
    let directory = directory(
        areas().into_iter().chain(own),
        city()
            .into_iter()
            .chain([person("4209/P-4", &[Role::Supervisor], None, "4209")]),
    );
    let with = |role, area: &str| directory.people_with(role, &area.into());
    assert_eq!(ids(&with(Role::Coordinator, COMMUNITY)), ["420902/P-2"]);
    assert_eq!(ids(&with(Role::Coordinator, "420902004")), ["420902/P-1"]);
    assert_eq!(ids(&with(Role::Supervisor, COMMUNITY)), ["4209/P-4"]);
    assert!(with(Role::Clerk, COMMUNITY).is_empty());
}

#[test]
fn people_of_a_department_are_those_who_act_there() {
    let own = [
        person("420902/P-1", &[Role::Inspector], Some("edu"), "420902"),
        person("420902/P-2", &[Role::Inspector], Some("fire"), "420902"),
        person("420902/P-3", &[Role::Inspector], Some("edu"), "420902004"),
        person("420902/P-4", &[Role::Head], Some("edu"), "420902"),
    ];
    let directory = directory(areas().into_iter().chain(own), city());
    assert_eq!(
        ids(&directory.people_of(&"edu".into(), Role::Inspector, &COMMUNITY.into())),
        ["420902/P-1"]
    );
    assert_eq!(
        ids(&directory.people_of(&"edu".into(), Role::Head, &COMMUNITY.into())),
        ["420902/P-4"]
    );
}

#[test]
fn the_first_route_that_matches_wins() {
    let own = [
        route(20, "H1", "*", "market"),
        route(10, "H1", "arts", "culture"),
        route(30, "A1", "", "edu"),
        route(90, "*", "*", "office"),
    ];
    let directory = directory(own, [route(1, "Z9", "*", "city")]);
    let lead = |codes: &[&str], training| {
        let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
        directory
            .route(&codes, training)
            .map(|(route, matched, home)| format!("{} by {matched} of {home}", route.lead))
    };
    assert_eq!(
        lead(&["H1"], Some(Training::Arts)).as_deref(),
        Some("culture by H1 of 420902")
    );
    assert_eq!(
        lead(&["H1"], Some(Training::Subject)).as_deref(),
        Some("market by H1 of 420902")
    );
    assert_eq!(
        lead(&["A1", "H1"], None).as_deref(),
        Some("market by H1 of 420902"),
        "the order of the table, not of the codes"
    );
    assert_eq!(
        lead(&["A1"], None).as_deref(),
        Some("edu by A1 of 420902"),
        "an empty cell matches anything"
    );
    assert_eq!(
        lead(&["Z9"], None).as_deref(),
        Some("office by * of 420902"),
        "the own table is asked to its end first"
    );
}

#[test]
fn without_an_own_route_the_table_above_decides() {
    let directory = directory(
        [route(1, "H1", "*", "market")],
        [route(1, "*", "*", "city")],
    );
    assert_eq!(
        directory
            .route(&["B2".into()], None)
            .map(|(route, _, home)| (route.lead.to_string(), home.to_string())),
        Some(("city".into(), "4209".into()))
    );
    assert!(
        Directory::new(vec![layer("420902", [])], Calendar::china())
            .route(&["B2".into()], None)
            .is_none()
    );
}

#[test]
fn a_ladder_of_its_own_kind_comes_before_the_general_and_the_built_in_one() {
    let level = |directory: &Directory, clock| directory.ladder(clock)[0].level.clone();
    let directory = directory(
        [ladder("order.fix", "B1"), ladder("*", "B2")],
        [ladder("task.accept", "B4")],
    );
    assert_eq!(
        (
            level(&directory, "order.fix").as_str(),
            level(&directory, "task.accept").as_str()
        ),
        ("B1", "B2")
    );
    let built_in = Directory::new(vec![layer("420902", [])], Calendar::china());
    let steps: Vec<_> = built_in
        .ladder("order.fix")
        .iter()
        .map(|rung| (rung.level.clone(), rung.after, rung.automatic))
        .collect();
    assert_eq!(
        steps,
        [
            ("B0", -3, true),
            ("B1", 1, true),
            ("B2", 3, true),
            ("B3", 6, false),
            ("B4", 10, false)
        ]
        .map(|(level, after, automatic)| (level.to_owned(), after, automatic))
    );
}

#[test]
fn somebody_is_away_from_an_instant_until_another() {
    let (from, until) = (
        instant("2023-04-01T00:00:00Z"),
        instant("2023-04-05T00:00:00Z"),
    );
    let directory = directory(
        [Event::PersonAway {
            person: "420902/P-1".into(),
            from,
            until,
            substitute: Some("420902/P-2".into()),
        }],
        [],
    );
    let away = |at: &str| directory.away(&"420902/P-1".into(), instant(at));
    assert_eq!(away("2023-03-31T23:59:59Z"), None);
    assert_eq!(
        away("2023-04-01T00:00:00Z"),
        Some(Some("420902/P-2".into()))
    );
    assert_eq!(away("2023-04-05T00:00:00Z"), None);
}

#[test]
fn a_bound_account_is_a_person_and_its_invitation_is_used() {
    let invited = Event::PersonInvited {
        person: "420902/P-1".into(),
        token_hash: "ab".into(),
        until: instant("2023-04-05T00:00:00Z"),
    };
    let bound = Event::IdentityBound {
        person: "420902/P-1".into(),
        channel: "telegram".into(),
        account: "7001".into(),
        token_hash: "ab".into(),
    };
    let directory = directory([invited, bound], []);
    assert_eq!(
        directory.identity("telegram", "7001"),
        Some(&"420902/P-1".into())
    );
    assert_eq!(directory.identity("terminal", "7001"), None);
    assert!(directory.layers()[0].invites.is_empty());
}

#[test]
fn a_published_year_of_the_own_registry_overrules_the_one_above() {
    let published = |version: &str| Event::CalendarPublished {
        year: 2027,
        off: [jiff::civil::date(2027, 1, 1)].into(),
        work: [].into(),
        version: version.into(),
    };
    let directory = directory([published("420902-2027.1")], [published("4209-2027.1")]);
    assert!(directory.calendar().knows(2027));
    assert!(
        directory.calendar().version().ends_with("+420902-2027.1"),
        "{}",
        directory.calendar().version()
    );
    let table: &YearTable = directory.layers()[0]
        .calendars
        .get(&2027)
        .expect("it was published");
    assert_eq!(table.version, "420902-2027.1");
}

#[test]
fn an_event_applied_twice_leaves_the_same_layer() {
    let events = [
        area("420902", Level::County, None),
        person("420902/P-1", &[Role::Sentinel], None, "420902"),
        route(1, "*", "*", "edu"),
        owner(Some("420902"), None, "420902/P-1"),
    ];
    let once = layer("420902", events.clone());
    let twice = layer("420902", events.clone().into_iter().chain(events));
    assert_eq!(once, twice);
}

const ROLES: [(Role, &str); 14] = [
    (Role::Sentinel, "sen"),
    (Role::PostLeader, "pol"),
    (Role::Street, "str"),
    (Role::Coordinator, "coo"),
    (Role::Dispatcher, "dis"),
    (Role::Inspector, "ins"),
    (Role::Head, "hea"),
    (Role::Verifier, "ver"),
    (Role::Supervisor, "sup"),
    (Role::Owner, "own"),
    (Role::Clerk, "cle"),
    (Role::Approver, "app"),
    (Role::Overseer, "ove"),
    (Role::Operator, "ope"),
];

/// One person for each role, of department `edu`, for the whole county.
fn staff() -> Directory {
    directory(
        areas().into_iter().chain(
            ROLES.map(|(role, code)| {
                person(&format!("420902/{code}"), &[role], Some("edu"), "420902")
            }),
        ),
        city(),
    )
}

/// Table of who may do what: one line for each action, with the roles that may.
fn table(directory: &Directory) -> String {
    let edu = DepartmentCode::from("edu");
    let community = AreaCode::from(COMMUNITY);
    let resource = Resource {
        area: Some(&community),
        departments: &[&edu],
    };
    let actors: Vec<&str> = ROLES
        .iter()
        .map(|(_, code)| *code)
        .chain(["operator", "system"])
        .collect();
    let mut actions: Vec<&str> = Command::verbs().into_iter().map(|(verb, _)| verb).collect();
    actions.push("dispatch.assign");
    let mut text = String::new();
    for action in actions {
        let may: Vec<&str> = actors
            .iter()
            .copied()
            .filter(|code| {
                allow(
                    &PersonId::from(format!("420902/{code}")),
                    action,
                    resource,
                    directory,
                )
                .is_ok()
            })
            .collect();
        let who = if may.len() >= ROLES.len() {
            "everybody on the roster".to_owned()
        } else {
            may.join(" ")
        };
        text.push_str(&format!("{action:36} {who}\n"));
    }
    text
}

/// The policy is declared beside each command; this table is made of the declarations and of `allow`, so that
/// whoever reviews a change sees all who may do something more, or no longer.
#[test]
fn every_action_is_for_these_and_nobody_else() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/policy.txt");
    let policy = table(&staff());
    if std::env::var("PICKET_GOLDEN").is_ok_and(|word| word == "accept") {
        std::fs::write(file, &policy).expect("the table can be written");
    }
    let pinned = std::fs::read_to_string(file).expect("the table is there");
    let (now, before): (BTreeSet<&str>, BTreeSet<&str>) =
        (policy.lines().collect(), pinned.lines().collect());
    assert!(
        policy == pinned,
        "who may do what has changed.\nNo longer so:\n{}\nNow:\n{}\n\
         If that is not meant, correct `who` in schemas/src/<service>/declared.rs. If it is, run\n\
         `PICKET_GOLDEN=accept cargo test -p picket-directory` and add a line to CHANGELOG.md.",
        lines_of(&before - &now),
        lines_of(&now - &before),
    );
}

fn lines_of(lines: BTreeSet<&str>) -> String {
    lines
        .into_iter()
        .map(|line| format!("  {line}\n"))
        .collect()
}

#[test]
fn what_is_not_in_the_table_is_for_nobody() {
    let directory = staff();
    for action in [
        "",
        "dispatch",
        "dispatch.",
        "dispatch.burn",
        "courier.queue",
        "bulletin.delete",
        "escalation.",
    ] {
        for (_, code) in ROLES {
            let no = allow(
                &PersonId::from(format!("420902/{code}")),
                action,
                Resource::default(),
                &directory,
            )
            .expect_err(action);
            assert_eq!(no.code(), "not_allowed");
        }
    }
}

#[test]
fn a_stranger_may_nothing_not_even_what_everybody_may() {
    let no = allow(
        &"420902/nobody".into(),
        "dispatch.accept_task",
        Resource::default(),
        &staff(),
    )
    .expect_err("not on the roster");
    assert_eq!(no.code(), "unknown_person");
}

#[test]
fn a_role_counts_within_the_area_only() {
    let own = [person(
        "420902/P-1",
        &[Role::Coordinator],
        None,
        "420902003",
    )];
    let directory = directory(
        areas().into_iter().chain(own),
        city()
            .into_iter()
            .chain([person("4209/P-1", &[Role::Coordinator], None, "4209")]),
    );
    let may = |person: &str, area: &str| {
        allow(
            &person.into(),
            "dispatch.issue_batch",
            Resource::at(&area.into()),
            &directory,
        )
        .is_ok()
    };
    assert!(may("420902/P-1", COMMUNITY) && may("420902/P-1", "420902003"));
    assert!(!may("420902/P-1", "420902004") && !may("420902/P-1", "420902"));
    assert!(may("4209/P-1", COMMUNITY), "the city acts in its counties");
}

#[test]
fn an_inspector_acts_only_for_a_handling_department() {
    let own = [
        person("420902/P-1", &[Role::Inspector], Some("edu"), "420902"),
        person("420902/P-2", &[Role::Inspector], None, "420902"),
    ];
    let directory = directory(areas().into_iter().chain(own), city());
    let community = AreaCode::from(COMMUNITY);
    let may = |person: &str, departments: &[&str]| {
        let departments: Vec<DepartmentCode> = departments
            .iter()
            .map(|code| DepartmentCode::from(*code))
            .collect();
        let departments: Vec<&DepartmentCode> = departments.iter().collect();
        allow(
            &person.into(),
            "rectification.file_case",
            Resource {
                area: Some(&community),
                departments: &departments,
            },
            &directory,
        )
        .is_ok()
    };
    assert!(may("420902/P-1", &["market", "edu"]) && !may("420902/P-1", &["market"]));
    assert!(may("420902/P-1", &[]) && !may("420902/P-2", &["edu"]));
}

#[test]
fn somebody_without_a_role_may_only_what_everybody_may() {
    let directory = directory(
        areas()
            .into_iter()
            .chain([person("420902/P-1", &[], None, "420902")]),
        city(),
    );
    for (action, _) in Command::verbs()
        .into_iter()
        .filter(|(action, _)| *action != "registry.log_read")
    {
        let may = allow(
            &"420902/P-1".into(),
            action,
            Resource::default(),
            &directory,
        )
        .is_ok();
        let staffed = allow(&"420902/ove".into(), action, Resource::default(), &staff()).is_ok();
        assert_eq!(may, staffed, "{action}");
    }
}

fn admitted(roles: &[Role], areas: &[&str]) -> Event {
    Event::VisitorAdmitted {
        person: VISITOR.into(),
        from: instant("2023-03-06T00:00:00Z"),
        until: instant("2023-03-10T00:00:00Z"),
        roles: roles.iter().copied().collect(),
        areas: areas.iter().map(|code| (*code).into()).collect(),
        department: Some("edu".into()),
        reason: "a campaign of two counties".into(),
        by: "420902/coo".into(),
    }
}

const VISITOR: &str = "420921/P-17";

#[test]
fn a_visitor_may_what_was_granted_within_the_dates_and_the_areas_only() {
    let directory = directory(
        areas()
            .into_iter()
            .chain([admitted(&[Role::Coordinator], &["420902003"])]),
        city(),
    );
    let may = |area: &str, at: &str| {
        crate::allow(
            &VISITOR.into(),
            "dispatch.issue_batch",
            Resource::at(&area.into()),
            &directory,
            instant(at),
        )
        .map_err(|no| no.code())
    };
    assert_eq!(
        may(COMMUNITY, "2023-03-05T23:59:59Z"),
        Err("unknown_person"),
        "not yet"
    );
    assert_eq!(may(COMMUNITY, "2023-03-06T00:00:00Z"), Ok(()));
    assert_eq!(
        may("420902004", "2023-03-06T00:00:00Z"),
        Err("not_allowed"),
        "another street"
    );
    assert_eq!(
        may(COMMUNITY, "2023-03-10T00:00:00Z"),
        Err("unknown_person"),
        "no longer, not even what everybody may"
    );
}

#[test]
fn a_visiting_inspector_acts_for_the_department_of_the_visit() {
    let directory = directory(
        areas()
            .into_iter()
            .chain([admitted(&[Role::Inspector], &["420902"])]),
        city(),
    );
    let community = AreaCode::from(COMMUNITY);
    let may = |department: &str| {
        allow(
            &VISITOR.into(),
            "rectification.file_case",
            Resource {
                area: Some(&community),
                departments: &[&department.into()],
            },
            &directory,
        )
        .is_ok()
    };
    assert!(may("edu") && !may("market"));
}

#[test]
fn an_area_is_read_by_those_who_run_or_oversee_it_and_by_nobody_else() {
    let whole: Vec<_> = ROLES
        .iter()
        .filter(|(role, _)| sight(*role) == Sight::Area)
        .map(|(_, code)| *code)
        .collect();
    assert_eq!(whole, ["pol", "str", "coo", "dis", "sup", "ove"]);
    let sheets_hidden = [
        Role::Inspector,
        Role::Head,
        Role::Verifier,
        Role::Owner,
        Role::Clerk,
        Role::Approver,
        Role::Sentinel,
        Role::Operator,
    ];
    assert!(
        sheets_hidden.iter().all(|role| sight(*role) != Sight::Area),
        "sheets name those who fill them"
    );
}
