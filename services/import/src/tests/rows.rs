//! Single rows: values, references, what is told of each.

use picket_directory::Layer;
use picket_schemas::registry::{Area, Event, Level};

use super::*;

#[test]
fn people_belong_to_the_jurisdiction_of_the_area_they_act_in() {
    let mut world = World::new();
    world.check(FileKind::Areas, AREAS);
    world.check(FileKind::Departments, DEPARTMENTS);
    let homes: Vec<_> = world
        .check(FileKind::People, PEOPLE)
        .rows
        .iter()
        .map(|row| row.jurisdiction.to_string())
        .collect();
    assert_eq!(homes, ["4209", "420902", "420902", "420903"]);
}

#[test]
fn a_role_that_does_not_exist_is_named_with_those_that_do() {
    let bad = World::settled().bad(
        FileKind::People,
        &table(FileKind::People, &["P-9,x,sentinel;chief,,420902,,"]),
    );
    assert_eq!(bad.column, "roles");
    assert!(bad.reason.contains("`chief`") && bad.reason.contains("post_leader"));
}

#[test]
fn somebody_without_a_role_must_be_on_the_roster_already() {
    let mut world = World::settled();
    assert_eq!(
        world
            .bad(
                FileKind::People,
                &table(FileKind::People, &["P-9,x,,,420902,,"])
            )
            .column,
        "roles"
    );
    world.good(
        FileKind::People,
        &table(FileKind::People, &["P-0001,sentinel 1,,,420902003004,,"]),
    );
}

#[test]
fn an_inspector_needs_a_department_the_county_can_see() {
    let mut world = World::settled();
    assert_eq!(
        world
            .bad(
                FileKind::People,
                &table(FileKind::People, &["P-9,x,inspector,,420902,,"])
            )
            .column,
        "department"
    );
    assert_eq!(
        world
            .bad(
                FileKind::People,
                &table(FileKind::People, &["P-9,x,inspector,nil,420902,,"])
            )
            .column,
        "department"
    );
    world.good(
        FileKind::People,
        &table(FileKind::People, &["P-9,x,inspector,loc,420902,,"]),
    );
    let bad = world.bad(
        FileKind::People,
        &table(FileKind::People, &["P-9,x,inspector,loc,420903,,"]),
    );
    assert_eq!(bad.reason, "420903 has no department `loc`");
}

#[test]
fn a_certificate_has_one_holder() {
    let bad = World::settled().bad(
        FileKind::People,
        &table(
            FileKind::People,
            &[
                "P-8,x,sentinel,,420902,HB-8,",
                "P-9,y,sentinel,,420902,HB-8,",
            ],
        ),
    );
    assert_eq!((bad.line, bad.column.as_str()), (3, "certificate"));
    assert!(bad.reason.contains("P-8"));
}

#[test]
fn names_that_picket_uses_itself_are_no_codes() {
    for code in ["operator", "system", "dispatch"] {
        let bad = World::settled().bad(
            FileKind::People,
            &table(FileKind::People, &[&format!("{code},x,sentinel,,420902,,")]),
        );
        assert!(bad.reason.contains("uses itself"), "{code}");
    }
}

#[test]
fn people_of_a_post_are_written_short_or_in_full() {
    let row = "PO-01,post 1,community,420902003004,P-0002,P-0001;4209/P-0003";
    let (home, command) = World::settled().good(FileKind::Posts, &table(FileKind::Posts, &[row]));
    assert_eq!(home, "420902");
    assert_eq!(
        (&json(&command)["leader"], &json(&command)["members"]),
        (
            &serde_json::json!("420902/P-0002"),
            &serde_json::json!(["420902/P-0001", "4209/P-0003"])
        )
    );
}

#[test]
fn a_short_code_is_looked_for_in_the_jurisdictions_above_too() {
    let (_, command) = World::settled().good(
        FileKind::Posts,
        &table(
            FileKind::Posts,
            &["PO-01,post 1,school,420902003004,P-0003,"],
        ),
    );
    assert_eq!(json(&command)["leader"], "4209/P-0003");
}

#[test]
fn somebody_of_a_neighbouring_county_cannot_be_named() {
    let bad = World::settled().bad(
        FileKind::Posts,
        &table(
            FileKind::Posts,
            &["PO-01,post 1,school,420902003004,420903/P-0001,"],
        ),
    );
    assert_eq!((bad.column.as_str(), bad.is_reference()), ("leader", true));
}

#[test]
fn an_unknown_member_is_named_and_known_ones_are_not() {
    let bad = World::settled().bad(
        FileKind::Posts,
        &table(
            FileKind::Posts,
            &["PO-01,post 1,school,420902003004,P-0002,P-0001;P-0404"],
        ),
    );
    assert!(bad.reason.contains("P-0404"));
}

#[test]
fn what_a_bad_row_defines_is_still_known() {
    let mut world = World::settled();
    assert_eq!(
        world
            .bad(
                FileKind::People,
                &table(FileKind::People, &["P-9,x,sentinel,,420902,,klingon"])
            )
            .column,
        "language"
    );
    world.good(
        FileKind::Posts,
        &table(FileKind::Posts, &["PO-01,post 1,school,420902003004,P-9,"]),
    );
}

#[test]
fn an_owner_answers_for_an_area_or_an_institution() {
    let mut world = World::settled();
    let (home, command) = world.good(
        FileKind::Owners,
        &table(FileKind::Owners, &["420902003,,P-0002"]),
    );
    assert_eq!(
        (
            home.as_str(),
            &json(&command)["area"],
            &json(&command)["person"]
        ),
        (
            "420902",
            &serde_json::json!("420902003"),
            &serde_json::json!("420902/P-0002")
        )
    );
    let (home, command) = world.good(
        FileKind::Owners,
        &table(FileKind::Owners, &[",I-0002,P-0002"]),
    );
    assert_eq!(
        (home.as_str(), &json(&command)["institution"]),
        ("420902", &serde_json::json!("I-0002"))
    );
    assert!(
        world
            .bad(FileKind::Owners, &table(FileKind::Owners, &[",,P-0002"]))
            .reason
            .contains("empty")
    );
    assert!(
        world
            .bad(
                FileKind::Owners,
                &table(FileKind::Owners, &["420902003,I-0002,P-0002"])
            )
            .reason
            .contains("filled")
    );
    assert_eq!(
        world
            .bad(FileKind::Owners, &table(FileKind::Owners, &["420902003,,"]))
            .column,
        "person"
    );
}

#[test]
fn an_institution_of_two_counties_is_the_own_one_or_written_in_full() {
    let mut world = World::settled();
    assert_eq!(
        world
            .good(
                FileKind::Owners,
                &table(FileKind::Owners, &[",I-0001,P-0001"])
            )
            .0,
        "420902"
    );
    assert_eq!(
        world
            .good(
                FileKind::Owners,
                &table(FileKind::Owners, &[",420903/I-0001,P-0001"])
            )
            .0,
        "420903"
    );
    world.home = Jurisdiction::from("4209");
    assert!(
        world
            .bad(
                FileKind::Owners,
                &table(FileKind::Owners, &[",I-0001,P-0003"])
            )
            .hint
            .contains("420902/I-0001")
    );
    assert!(
        world
            .bad(
                FileKind::Owners,
                &table(FileKind::Owners, &[",I-4040,P-0003"])
            )
            .is_reference()
    );
}

#[test]
fn a_route_goes_where_the_import_is_for() {
    let (home, command) = World::settled().good(
        FileKind::Routes,
        &table(FileKind::Routes, &["10,H1,custody,edu,mkt;loc,true"]),
    );
    assert_eq!(home, "420902");
    assert_eq!(
        json(&command),
        serde_json::json!({"do":"registry.set_route","order":10,"violation":"H1","training":"custody","lead":"edu","assist":["mkt","loc"],"joint":true})
    );
    let (_, command) =
        World::settled().good(FileKind::Routes, &table(FileKind::Routes, &["99,,*,edu,,"]));
    assert_eq!(
        (
            &json(&command)["violation"],
            &json(&command)["training"],
            &json(&command)["joint"]
        ),
        (
            &serde_json::json!("*"),
            &serde_json::json!("*"),
            &serde_json::json!(false)
        )
    );
}

#[test]
fn a_route_that_cannot_be_followed_is_refused() {
    let mut world = World::settled();
    for (row, column) in [
        ("x,H1,,edu,,", "order"),
        ("１０,H1,,edu,,", "order"),
        ("10,h1,,edu,,", "violation"),
        ("10,H1,maths,edu,,", "training"),
        ("10,H1,,nil,,", "lead"),
        ("10,H1,,,,", "lead"),
        ("10,H1,,edu,edu,", "assist"),
        ("10,H1,,edu,,perhaps", "joint"),
    ] {
        assert_eq!(
            world
                .bad(FileKind::Routes, &table(FileKind::Routes, &[row]))
                .column,
            column,
            "{row}"
        );
    }
    assert_eq!(
        world
            .bad(
                FileKind::Routes,
                &table(FileKind::Routes, &["10,H1,,edu,,", "10,H2,,edu,,"])
            )
            .column,
        "order"
    );
}

#[test]
fn the_days_of_a_year_are_published_together() {
    let text = table(
        FileKind::Calendar,
        &[
            "2026-01-01,off,New Year",
            "2027-01-01,off,",
            "2026-01-04,work,make-up day",
            "2026-01-02,off,",
        ],
    );
    let checked = World::settled().check(FileKind::Calendar, &text);
    assert_eq!(checked.bad, []);
    let rows: Vec<_> = checked
        .rows
        .iter()
        .map(|row| {
            (
                json(&row.command),
                row.line,
                row.id.as_str().rsplit('-').next().unwrap_or_default(),
            )
        })
        .collect();
    let of_2026 = serde_json::json!({"do":"registry.publish_calendar","year":2026,"off":["2026-01-01","2026-01-02"],"work":["2026-01-04"]});
    let of_2027 = serde_json::json!({"do":"registry.publish_calendar","year":2027,"off":["2027-01-01"],"work":[]});
    assert_eq!(rows, [(of_2026, 2, "1"), (of_2027, 3, "2")]);
}

#[test]
fn a_day_that_is_no_day_is_refused() {
    let mut world = World::settled();
    for row in [
        "2026-02-30,off,",
        "2026/1/1,off,",
        "２０２６-01-01,off,",
        "1900-01-01,off,",
        "46023,off,",
        ",off,",
    ] {
        assert_eq!(
            world
                .bad(FileKind::Calendar, &table(FileKind::Calendar, &[row]))
                .column,
            "date",
            "{row}"
        );
    }
    assert!(
        world
            .bad(
                FileKind::Calendar,
                &table(FileKind::Calendar, &["2026-01-01,holiday,"])
            )
            .hint
            .contains("off, work")
    );
    assert_eq!(
        world
            .bad(
                FileKind::Calendar,
                &table(FileKind::Calendar, &["2026-01-01,off,", "2026-01-01,work,"])
            )
            .line,
        3
    );
}

#[test]
fn a_schedule_says_when_and_what() {
    let does = r#""{""issue_batch"":{""name"":""weekly sweep"",""window"":{""amount"":5,""unit"":""working_day""}}}""#;
    let row = format!("weekly,30 8 * * MON,Asia/Shanghai,working,skip,latest,{does}");
    let (home, command) =
        World::settled().good(FileKind::Schedules, &table(FileKind::Schedules, &[&row]));
    assert_eq!(home, "420902");
    assert_eq!(
        (
            command.verb(),
            &json(&command)["days"],
            &json(&command)["does"]["issue_batch"]["name"]
        ),
        (
            "schedule.define",
            &serde_json::json!("working"),
            &serde_json::json!("weekly sweep")
        )
    );
}

#[test]
fn a_schedule_that_cannot_run_is_refused() {
    let mut world = World::settled();
    let does = r#""{""remind"":{""of"":""not_accepted""}}""#;
    for (row, column) in [
        (format!("s,30 8 * * 1,,,,,{does}"), "cron"),
        (format!("s,30 8 31 2 *,,,,,{does}"), "cron"),
        (format!("s,30 8 * * MON,Mars/Olympus,,,,{does}"), "zone"),
        (format!("s,30 8 * * MON,,sundays,,,{does}"), "days"),
        (format!("s,30 8 * * MON,,,never,,{does}"), "overlap"),
        (format!("s,30 8 * * MON,,,,some,{does}"), "catch_up"),
        ("s,30 8 * * MON,,,,,remind".to_owned(), "does"),
        (
            r#"s,30 8 * * MON,,,,,"{""remind"":{""of"":""lunch""}}""#.to_owned(),
            "does",
        ),
        ("s,30 8 * * MON,,,,,".to_owned(), "does"),
    ] {
        assert_eq!(
            world
                .bad(FileKind::Schedules, &table(FileKind::Schedules, &[&row]))
                .column,
            column,
            "{row}"
        );
    }
    world.good(
        FileKind::Schedules,
        &table(
            FileKind::Schedules,
            &[&format!("s,30 8 * * MON,,,,,{does}")],
        ),
    );
}

#[test]
fn running_registries_are_known_too() {
    let mut layer = Layer::new(Jurisdiction::from("4209"));
    layer.apply(&Event::AreaDefined {
        area: Area {
            code: "4209".into(),
            name: "city".into(),
            level: Level::City,
            parent: None,
        },
    });
    let mut world = World::new();
    assert!(
        world
            .bad(
                FileKind::Departments,
                &table(FileKind::Departments, &["edu,education,4209"])
            )
            .is_reference()
    );
    world.known = KnownRecords::from_layers(&[layer]);
    world.good(
        FileKind::Departments,
        &table(FileKind::Departments, &["edu,education,4209"]),
    );
}

#[test]
fn a_row_that_only_names_something_unknown_is_among_those_that_can_be_written() {
    let checked = World::new().check(
        FileKind::People,
        &table(
            FileKind::People,
            &[
                "P-9,x,inspector,edu,420903001,,",
                "P-8,y,chief,,420903001,,",
            ],
        ),
    );
    assert_eq!(checked.rows.len(), 1);
    assert_eq!(checked.rows[0].jurisdiction, "420903");
    let kinds: Vec<_> = checked.bad.iter().map(BadRow::is_reference).collect();
    assert_eq!(
        kinds.iter().filter(|reference| !**reference).count(),
        1,
        "{:?}",
        checked.bad
    );
}

#[test]
fn what_names_a_refused_row_is_said_once_and_is_no_mistake_of_its_own() {
    let mut world = World::settled();
    assert_eq!(
        world
            .bad(
                FileKind::People,
                &table(
                    FileKind::People,
                    &["P-8,x,sentinel,,420902,,", "P-9,y,sentinel,,,,"]
                )
            )
            .line,
        3
    );
    let posts = table(
        FileKind::Posts,
        &[
            "PO-01,post 1,school,420902003004,P-9,P-0001",
            "PO-02,post 2,school,420902003004,P-0002,P-9",
            "PO-03,post 3,school,420902003004,P-8,",
        ],
    );
    let checked = world.check(FileKind::Posts, &posts);
    assert_eq!(checked.bad.len(), 1, "{:#?}", checked.bad);
    let bad = &checked.bad[0];
    assert_eq!(
        (
            bad.line,
            bad.column.as_str(),
            bad.follows.as_deref(),
            bad.reason.as_str()
        ),
        (
            2,
            "leader",
            Some("people.csv line 3"),
            "2 cells from here on follow from people.csv line 3"
        )
    );
    assert_eq!(
        checked.summary,
        "posts.csv: nothing is wrong here; it waits for people.csv line 3"
    );
    assert_eq!(
        checked.rows.len(),
        3,
        "the registry says itself what it does not know"
    );
}

#[test]
fn a_mistake_of_its_own_is_counted_beside_what_follows() {
    let mut world = World::settled();
    world.bad(
        FileKind::People,
        &table(FileKind::People, &["P-9,y,sentinel,,,,"]),
    );
    let checked = world.check(
        FileKind::Owners,
        &table(FileKind::Owners, &["420902003,,P-9", ",I-0001,P-404"]),
    );
    assert_eq!(
        checked
            .bad
            .iter()
            .map(|bad| bad.follows.is_some())
            .collect::<Vec<_>>(),
        [true, false]
    );
    assert!(
        checked.summary.contains("1 mistake in 2 rows"),
        "{}",
        checked.summary
    );
    assert_eq!(
        checked.bad[0].reason,
        "`P-9` was refused in people.csv line 2"
    );
}

#[test]
fn a_file_that_cannot_be_used_is_the_one_mistake_of_all_that_name_its_rows() {
    let mut world = World::new();
    world.check(FileKind::Areas, AREAS);
    world.check(FileKind::Departments, DEPARTMENTS);
    assert!(!world.check(FileKind::People, "code,name\n").bad.is_empty());
    let posts = table(
        FileKind::Posts,
        &[
            "PO-01,post 1,school,420902003004,P-0001,P-0002",
            "PO-02,post 2,school,420902003004,P-0001,",
        ],
    );
    let bad = world.bad(FileKind::Posts, &posts);
    assert_eq!(
        (bad.follows.as_deref(), bad.reason.as_str()),
        (
            Some("people.csv"),
            "3 cells from here on follow from people.csv"
        )
    );
}
