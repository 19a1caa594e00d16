//! Whole files: encodings, headers, sizes, what is told of them.

use super::*;
use crate::{MOST_BYTES, MOST_NAMED, MOST_ROWS};

#[test]
fn a_file_is_named_by_its_stem() {
    for kind in FileKind::ALL {
        assert_eq!(kind.to_string().parse(), Ok(kind));
        assert_eq!(format!("{kind}.csv").parse(), Ok(kind));
    }
    assert!(
        "person"
            .parse::<FileKind>()
            .unwrap_err()
            .to_string()
            .contains("people")
    );
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_do_no_harm() {
    let text = format!("\u{feff}{}", DEPARTMENTS.replace('\n', "\r\n"));
    let mut world = World::new();
    world.check(FileKind::Areas, AREAS);
    let checked = world.check(FileKind::Departments, &text);
    assert_eq!(checked.bad, []);
    assert_eq!(checked.rows.len(), 3);
}

#[test]
fn another_encoding_is_named_with_a_way_out() {
    // 教育 in GB18030.
    let checked = World::new().bytes(
        FileKind::Departments,
        b"code,name,area\nedu,\xbd\xcc\xd3\xfd,4209\n",
    );
    assert_eq!((checked.bad[0].line, checked.rows.len()), (0, 0));
    assert!(
        checked.bad[0].reason.contains("not in UTF-8") && checked.bad[0].reason.contains("line 2"),
        "{}",
        checked.bad[0].reason
    );
    assert!(checked.bad[0].hint.contains("iconv"));
}

#[test]
fn utf_16_is_told_from_other_encodings() {
    let little: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("code,name,area".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let big: Vec<u8> = [0xfe, 0xff]
        .into_iter()
        .chain("code,name,area".encode_utf16().flat_map(u16::to_be_bytes))
        .collect();
    for utf16 in [little, big] {
        let bad = World::new()
            .bytes(FileKind::Departments, &utf16)
            .bad
            .remove(0);
        assert!(
            bad.reason.contains("UTF-16") && bad.hint.contains("iconv -f UTF-16"),
            "{bad:?}"
        );
    }
}

#[test]
fn another_table_is_named_as_what_it_is_in_one_sentence() {
    let bad = World::new().bad(FileKind::Areas, PEOPLE);
    assert_eq!(
        (bad.reason.as_str(), bad.hint.as_str()),
        (
            "this is no table of areas; its first row is `code,name,roles,department,area,certific…`",
            "It looks like people: `picket import people FILE`."
        )
    );
    let bad = World::new().bad(FileKind::People, "hello\nworld\n");
    assert!(
        bad.reason.contains("`hello`") && bad.hint.contains("code,name,roles"),
        "{bad:?}"
    );
}

#[test]
fn a_cell_as_large_as_a_file_is_one_mistake_that_does_not_repeat_it() {
    let mut world = World::new();
    world.check(FileKind::Areas, AREAS);
    for column in ["code", "name", "area"] {
        let cell = |name: &str, usual: &str| {
            if name == column {
                "x".repeat(1_000_000)
            } else {
                usual.to_owned()
            }
        };
        let text = table(
            FileKind::Departments,
            &[&[
                cell("code", "edu"),
                cell("name", "education"),
                cell("area", "4209"),
            ]
            .join(",")],
        );
        let bad = world.bad(FileKind::Departments, &text);
        assert!(
            bad.column == column && bad.reason.len() < 300 && bad.hint.len() < 300,
            "{}",
            bad.reason.len()
        );
    }
}

#[test]
fn columns_may_stand_in_any_order() {
    let mut world = World::new();
    let (home, command) = world.good(
        FileKind::Areas,
        "parent,level,name,code\n,city,a city,4209\n",
    );
    assert_eq!(
        (home.as_str(), json(&command)),
        (
            "4209",
            serde_json::json!({"do":"registry.define_area","code":"4209","name":"a city","level":"city","parent":null})
        )
    );
}

#[test]
fn an_unknown_column_is_named_with_the_header_there_should_be() {
    let bad = World::new().bad(FileKind::Areas, "code,name,level,parent,mayor\n");
    assert_eq!((bad.line, bad.column.as_str()), (1, "mayor"));
    assert!(bad.hint.contains("code,name,level,parent"));
}

#[test]
fn a_missing_column_and_a_doubled_one_are_named() {
    let checked = World::new().check(FileKind::Areas, "code,name,name,parent\n4209,a,b,\n");
    let reasons: Vec<_> = checked.bad.iter().map(|bad| bad.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "the column `name` stands there twice",
            "the column `level` is missing"
        ]
    );
    assert!(
        checked.summary.contains("cannot be used"),
        "{}",
        checked.summary
    );
}

#[test]
fn an_empty_file_has_no_header() {
    for text in ["", "\n\n", "\u{feff}"] {
        assert!(
            World::new()
                .bad(FileKind::Areas, text)
                .reason
                .contains("no header"),
            "{text:?}"
        );
    }
}

#[test]
fn cells_between_semicolons_are_told_from_cells_between_commas() {
    assert!(
        World::new()
            .bad(FileKind::Areas, "code;name;level;parent\n4209;a;city;\n")
            .reason
            .contains("not separated by commas")
    );
    assert!(
        World::new()
            .bad(FileKind::Areas, "code\tname\tlevel\tparent\n")
            .reason
            .contains("not separated by commas")
    );
}

#[test]
fn a_nul_is_found_with_its_line() {
    let bad = World::new().bad(FileKind::Areas, "code,name,level,parent\n4209,a\0b,city,\n");
    assert_eq!(bad.line, 2);
    assert!(bad.reason.contains("NUL"));
}

#[test]
fn a_quote_that_never_closes_is_found_where_it_opens() {
    let bad = World::new().bad(
        FileKind::Areas,
        "code,name,level,parent\n4209,\"a city,city,\n420902,b,county,4209\n",
    );
    assert_eq!(bad.line, 2);
    assert!(bad.reason.contains("never closed"));
    let bad = World::new().bad(
        FileKind::Areas,
        "code,name,level,parent\n4209,\"a\" city,city,\n",
    );
    assert!(bad.reason.contains("after its closing quote"));
}

#[test]
fn a_cell_in_quotes_may_hold_commas_and_quotes() {
    let (_, command) = World::new().good(
        FileKind::Areas,
        "code,name,level,parent\n4209,\"a \"\"large\"\", old city\",city,\n",
    );
    assert_eq!(json(&command)["name"], "a \"large\", old city");
}

#[test]
fn blank_rows_are_passed_over_and_lines_still_counted() {
    let bad = World::new().bad(
        FileKind::Areas,
        "code,name,level,parent\n4209,a,city,\n\n,,,\n420902,,county,4209\n",
    );
    assert_eq!((bad.line, bad.column.as_str()), (5, "name"));
}

#[test]
fn a_row_with_too_few_cells_says_how_many_there_should_be() {
    let bad = World::new().bad(FileKind::Areas, "code,name,level,parent\n4209,a,city\n");
    assert!(
        bad.reason.contains("3 cells") && bad.reason.contains("has 4"),
        "{}",
        bad.reason
    );
}

#[test]
fn files_that_are_too_large_too_long_or_too_wide_are_refused_as_a_whole() {
    assert!(
        World::new()
            .bytes(FileKind::Areas, &vec![b'a'; MOST_BYTES + 1])
            .bad[0]
            .reason
            .contains("bytes")
    );
    let long = format!(
        "code,name,level,parent\n{}",
        "1,a,city,\n".repeat(MOST_ROWS + 1)
    );
    let checked = World::new().check(FileKind::Areas, &long);
    assert_eq!((checked.bad.len(), checked.rows.len()), (1, 0));
    assert!(checked.bad[0].reason.contains("100000 rows"));
    let wide = format!("code,name,level,parent{}\n", ",x".repeat(61));
    assert!(
        World::new()
            .bad(FileKind::Areas, &wide)
            .reason
            .contains("65 cells")
    );
}

#[test]
fn every_mistake_is_named_up_to_a_thousand() {
    let checked = World::new().check(
        FileKind::Areas,
        &format!("code,name,level,parent\n{}", "x,,nowhere,\n".repeat(700)),
    );
    assert_eq!(checked.bad.len(), MOST_NAMED);
    assert!(
        checked.summary.contains("the first 1000 are named"),
        "{}",
        checked.summary
    );
    assert!(checked.bad.is_sorted_by_key(|bad| bad.line));
}

#[test]
fn the_same_file_gives_the_same_ids_and_another_file_others() {
    let ids = |text: &str| {
        World::new()
            .check(FileKind::Areas, text)
            .rows
            .into_iter()
            .map(|row| row.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(AREAS), ids(AREAS));
    assert_eq!(ids(AREAS).len(), 6);
    assert!(
        ids(AREAS)
            .iter()
            .all(|id| id.starts_with("i-") && id.len() <= 24)
    );
    let other = ids(&AREAS.replace("town", "town "));
    assert!(ids(AREAS).iter().all(|id| !other.contains(id)));
}

#[test]
fn the_summary_says_how_many_rows_go_where() {
    let mut world = World::new();
    assert_eq!(
        world.check(FileKind::Areas, AREAS).summary,
        "areas.csv: 6 rows for 3 jurisdictions"
    );
    assert_eq!(
        world
            .check(
                FileKind::Departments,
                "code,name,area\nedu,education,4209\n"
            )
            .summary,
        "departments.csv: 1 row for 4209"
    );
    assert_eq!(
        world
            .check(FileKind::Departments, "code,name,area\nedu,,4209\n")
            .summary,
        "departments.csv: 1 mistake in 1 row, nothing can be written"
    );
}

#[test]
fn noise_is_refused_and_never_panics() {
    let mut seed = 7_u64;
    for kind in FileKind::ALL {
        for alphabet in [
            b",,,\nab;1-/*{}=.: ",
            b",,,\n\"b;1-/*{}=.:\r",
            b",,,\n\xe4b;1-/*{}=.:\"",
        ] {
            let mut bytes = kind.columns().join(",").into_bytes();
            bytes.push(b'\n');
            for _ in 0..20_000 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                bytes.push(alphabet[(seed >> 33) as usize % alphabet.len()]);
            }
            assert!(
                !World::settled().bytes(kind, &bytes).bad.is_empty(),
                "{kind}"
            );
        }
    }
}
