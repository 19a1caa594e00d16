//! Areas, posts, institutions, owners: where rows belong and what they refer to.

use super::*;

#[test]
fn each_area_goes_to_the_nearest_jurisdiction_at_or_above_it() {
    let rows = World::new().check(FileKind::Areas, AREAS).rows;
    let places: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.jurisdiction.as_str().to_owned(),
                json(&row.command)["code"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned(),
            )
        })
        .collect();
    let expected = [
        ("4209", "4209"),
        ("420902", "420902"),
        ("420902", "420902003"),
        ("420902", "420902003004"),
        ("420903", "420903"),
        ("420903", "420903001"),
    ];
    assert_eq!(
        places,
        expected.map(|(home, code)| (home.to_owned(), code.to_owned()))
    );
}

#[test]
fn areas_may_stand_in_any_order_and_come_out_each_after_the_one_around_it() {
    let mut lines: Vec<&str> = AREAS.lines().collect();
    lines[1..].reverse();
    let checked = World::new().check(FileKind::Areas, &lines.join("\n"));
    assert_eq!(checked.bad, []);
    let mut seen = vec![serde_json::Value::Null];
    for row in &checked.rows {
        let area = json(&row.command);
        assert!(seen.contains(&area["parent"]), "{area}");
        seen.push(area["code"].clone());
    }
}

#[test]
fn what_lies_around_the_topmost_jurisdiction_goes_to_it() {
    let text = AREAS.replace(
        "4209,city,city,\n",
        "42,province,province,\n4209,city,city,42\n",
    );
    let checked = World::new().check(FileKind::Areas, &text);
    assert_eq!(checked.bad, []);
    assert_eq!(
        (
            checked.rows[0].jurisdiction.as_str(),
            json(&checked.rows[0].command)["code"].as_str()
        ),
        ("4209", Some("42"))
    );
}

#[test]
fn a_street_is_a_town_by_another_name() {
    let (_, command) =
        World::new().good(FileKind::Areas, "code,name,level,parent\n4209,a,street,\n");
    assert_eq!(json(&command)["level"], "town");
}

#[test]
fn an_area_outside_of_all_jurisdictions_is_named() {
    let bad = World::new().bad(FileKind::Areas, &format!("{AREAS}4301,elsewhere,city,\n"));
    assert_eq!((bad.line, bad.column.as_str()), (8, "code"));
    assert!(bad.hint.contains("4209, 420902, 420903"));
}

#[test]
fn an_area_within_an_unknown_one_is_named() {
    let bad = World::new().bad(
        FileKind::Areas,
        &format!("{AREAS}420902009,town,town,420909\n"),
    );
    assert_eq!((bad.column.as_str(), bad.is_reference()), ("parent", true));
}

#[test]
fn areas_in_a_circle_are_named() {
    let checked = World::new().check(
        FileKind::Areas,
        "code,name,level,parent\n1,a,town,2\n2,b,town,1\n",
    );
    assert_eq!(checked.bad.len(), 2);
    assert!(checked.bad[0].reason.contains("within itself"));
}

#[test]
fn a_larger_area_cannot_lie_within_a_smaller_one() {
    let bad = World::new().bad(
        FileKind::Areas,
        &format!("{AREAS}420902010,x,county,420902003\n"),
    );
    assert_eq!((bad.line, bad.column.as_str()), (8, "level"));
}

#[test]
fn a_county_below_a_city_says_so() {
    let bad = World::new().bad(
        FileKind::Areas,
        "code,name,level,parent\n4209,city,city,\n420902,county,county,\n",
    );
    assert_eq!((bad.line, bad.column.as_str()), (3, "parent"));
    assert!(bad.hint.contains("4209"));
}

#[test]
fn the_second_row_with_a_code_names_the_first() {
    let bad = World::new().bad(
        FileKind::Areas,
        &format!("{AREAS}420902003,town again,town,420902\n"),
    );
    assert_eq!(bad.reason, "`420902003` already stands in line 5");
    let bad = World::settled().bad(
        FileKind::Departments,
        &table(FileKind::Departments, &["edu,a,4209", "edu,b,4209"]),
    );
    assert_eq!(bad.reason, "`edu` already stands in line 2");
}

#[test]
fn the_same_code_in_two_counties_is_no_duplicate() {
    let checked = World::settled().check(
        FileKind::Departments,
        &table(FileKind::Departments, &["loc,a,420902", "loc,b,420903"]),
    );
    assert_eq!(checked.bad, []);
}

#[test]
fn codes_a_spreadsheet_spoiled_are_named_with_what_to_write() {
    let mut world = World::settled();
    let bad = world.bad(
        FileKind::Departments,
        &table(FileKind::Departments, &["edu,a,４２０９"]),
    );
    assert_eq!(
        (bad.column.as_str(), bad.hint.as_str()),
        ("area", "Write `4209`.")
    );
    let bad = world.bad(
        FileKind::Departments,
        &table(FileKind::Departments, &["edu,a,4.20902E+11"]),
    );
    assert!(bad.hint.contains("as text"));
    let bad = world.bad(
        FileKind::Departments,
        &table(FileKind::Departments, &["a b,a,4209"]),
    );
    assert!(bad.reason.contains("is not a code"));
    let bad = world.bad(
        FileKind::Departments,
        &table(FileKind::Departments, &["edu,=A1,4209"]),
    );
    assert!(bad.reason.contains("formula"));
}

#[test]
fn an_institution_belongs_to_the_county_it_stands_in() {
    let (home, command) = World::settled().good(
        FileKind::Institutions,
        &table(
            FileKind::Institutions,
            &["I-0009,centre 9,school,arts,none,2 road,420903001,district 1,low,white"],
        ),
    );
    assert_eq!(home, "420903");
    let expected = serde_json::json!({"do":"registry.register_institution","code":"I-0009","name":"centre 9","kind":"school","training":"arts","licence":"none","address":"2 road","area":"420903001","school_district":"district 1","risk":"low","list":"white"});
    assert_eq!(json(&command), expected);
}

#[test]
fn a_wrong_word_brings_the_list_of_right_ones() {
    let mut world = World::settled();
    for (row, column, word) in [
        ("I-9,x,shop,,,,420902003,,,", "kind", "unlisted_place"),
        (
            "I-9,x,institution,maths,,,420902003,,,",
            "training",
            "custody",
        ),
        (
            "I-9,x,institution,,yes,,420902003,,,",
            "licence",
            "registered_only",
        ),
        ("I-9,x,institution,,,,420902003,,extreme,", "risk", "normal"),
        ("I-9,x,institution,,,,420902003,,,grey", "list", "white"),
    ] {
        let bad = world.bad(
            FileKind::Institutions,
            &table(FileKind::Institutions, &[row]),
        );
        assert_eq!(bad.column, column);
        assert!(bad.hint.contains(word), "{}", bad.hint);
    }
}

#[test]
fn every_word_a_hint_offers_can_be_used() {
    let mut world = World::settled();
    let one = |word: &str, column: &str| {
        let cells: Vec<&str> = FileKind::Institutions
            .columns()
            .iter()
            .map(|name| match *name {
                name if name == column => word,
                "code" | "name" => "I-77",
                "kind" => "institution",
                "area" => "420902003",
                _ => "",
            })
            .collect();
        table(FileKind::Institutions, &[&cells.join(",")])
    };
    for (column, words) in [
        ("kind", "institution school unlisted_place"),
        ("training", "subject arts sports science custody other"),
        ("licence", "licensed registered_only none"),
        ("risk", "low normal high"),
        ("list", "white black none"),
    ] {
        for word in words.split(' ') {
            world.good(FileKind::Institutions, &one(word, column));
        }
    }
}

#[test]
fn a_number_of_a_found_place_is_kept_free() {
    let mut world = World::settled();
    let bad = world.bad(
        FileKind::Institutions,
        &table(
            FileKind::Institutions,
            &["U-7,x,institution,,,,420902003,,,"],
        ),
    );
    assert!(bad.reason.contains("found places"));
}

#[test]
fn the_jurisdictions_of_a_file_are_its_counties_and_what_lies_above_them() {
    let found: Vec<_> = crate::jurisdictions(AREAS.as_bytes())
        .into_iter()
        .map(|(one, parent)| (one.to_string(), parent.map(|parent| parent.to_string())))
        .collect();
    let city = || Some("4209".to_owned());
    assert_eq!(
        found,
        [
            ("4209".to_owned(), None),
            ("420902".to_owned(), city()),
            ("420903".to_owned(), city())
        ]
    );
    let small = crate::jurisdictions(b"code,name,level,parent\n7,a,town,\n71,b,community,7\n");
    assert_eq!(small, [(Jurisdiction::from("7"), None)]);
    assert_eq!(crate::jurisdictions(b"\xff"), []);
}
