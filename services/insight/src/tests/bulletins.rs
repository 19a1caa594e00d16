//! Bulletins: frozen figures as text.

use std::collections::BTreeMap;

use picket_schemas::Printed;
use picket_schemas::ask::{BulletinView, Question, View};
use picket_schemas::bulletin::Rounding;
use picket_schemas::figures::Figures;
use serde_json::json;

use super::{World, t};
use crate::{Language, TextOptions, bulletin_text, local_zone, printed_figures};

fn figures(counts: &[(&str, i64)]) -> Figures {
    Figures {
        counts: counts
            .iter()
            .map(|(key, value)| ((*key).to_owned(), *value))
            .collect(),
        leads_by_department: BTreeMap::new(),
    }
}

fn view(rounding: Rounding, counts: &[(&str, i64)]) -> BulletinView {
    BulletinView {
        jurisdiction: "4209".into(),
        jurisdiction_name: "孝感市".into(),
        bulletin: "BU-1".into(),
        name: "校外培训治理情况通报".into(),
        from: t("2023-01-01 00:00"),
        as_of: t("2023-12-25 00:00"),
        rounding,
        approved: true,
        corrects: None,
        figures: figures(counts),
        areas: BTreeMap::new(),
        names: BTreeMap::new(),
        code_version: "0.1.0".into(),
        overrides: BTreeMap::new(),
    }
}

fn zh(view: &BulletinView) -> String {
    bulletin_text(view, Language::Zh, &local_zone(), &TextOptions::default())
}

fn en(view: &BulletinView) -> String {
    bulletin_text(view, Language::En, &local_zone(), &TextOptions::default())
}

const YEAR: &[(&str, i64)] = &[
    ("person_times", 1198),
    ("visits", 580),
    ("institutions", 474),
    ("leads", 69),
    ("raw_reports", 77),
    ("hidden_variant_occasions", 26),
    ("refund_fen", 170_348_000),
    ("orders", 21),
];

#[test]
fn exact_figures_are_printed_with_their_units() {
    let text = zh(&view(Rounding::Exact, YEAR));
    assert!(
        text.starts_with("孝感市 校外培训治理情况通报\n（截至2023年12月24日）\n"),
        "{text}"
    );
    assert!(
        text.contains("共出动1198人次，检查580家次，排查机构474家。"),
        "{text}"
    );
    assert!(
        text.contains("收到反映77条，归并形成线索69条，查处隐形变异培训26次。"),
        "{text}"
    );
    assert!(
        text.contains("下达责令整改通知书21份，督促退费1703480元。"),
        "{text}"
    );
    assert!(text.contains("自2023年1月1日至2023年12月24日"), "{text}");
}

#[test]
fn rounded_figures_claim_more_and_never_round_up() {
    let text = zh(&view(Rounding::Over, YEAR));
    for part in [
        "排查机构470余家",
        "线索69条",
        "26次",
        "170余万元",
        "检查580家次",
        "21份",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for (fen, printed) in [
        (4_126_000, "4万余元"),
        (4_000_000, "4万元"),
        (25_300, "250余元"),
        (25_000, "250元"),
        (6_000, "60元"),
        (170_000_000, "170万元"),
        (999_900, "9900余元"),
        (99_900_000, "99万余元"),
    ] {
        let text = zh(&view(Rounding::Over, &[("refund_fen", fen)]));
        assert!(
            text.contains(&format!("督促退费{printed}")),
            "{printed}: {text}"
        );
    }
    for (value, printed) in [
        (253, "250余家"),
        (60, "60家"),
        (7, "7家"),
        (384, "380余家"),
        (200, "200家"),
        (1198, "1100余家"),
    ] {
        let text = zh(&view(Rounding::Over, &[("institutions", value)]));
        assert!(
            text.contains(&format!("排查机构{printed}")),
            "{printed}: {text}"
        );
    }
}

/// The year with figures worded as `KEY=WORDING`.
fn worded(wordings: &[(&str, &str)]) -> BulletinView {
    let mut view = view(Rounding::Over, YEAR);
    view.overrides = wordings
        .iter()
        .map(|(key, text)| ((*key).to_owned(), text.parse().expect("a wording")))
        .collect();
    view
}

#[test]
fn a_worded_figure_is_printed_as_worded_in_each_language_and_counted_as_it_was() {
    let view = worded(&[
        ("person_times", "1198余人次"),
        ("institutions", "近500|nearly 500"),
        ("leads", "69条|69 in all"),
        ("refund_fen", "170000000+"),
    ]);
    let options = TextOptions {
        title: Some("年度通报".into()),
    };
    let text = bulletin_text(&view, Language::Zh, &local_zone(), &options);
    assert!(text.starts_with("年度通报\n"), "{text}");
    assert!(
        text.contains("共出动1198余人次，")
            && text.contains("排查机构近500家")
            && text.contains("归并形成线索69条，")
            && text.contains("督促退费170余万元"),
        "{text}"
    );
    let text = en(&view);
    assert!(
        text.contains("person-times sent out: over 1198;")
            && text.contains("institutions: nearly 500")
            && text.contains("refunded: over 1700000 yuan"),
        "{text}"
    );
    assert_eq!(view.figures.get("person_times"), 1198);
}

#[test]
fn english_never_prints_the_chinese_wording() {
    let view = worded(&[
        ("person_times", "1198余人次"),
        ("institutions", "近500家|nearly 500"),
    ]);
    let sentences: String = en(&view)
        .lines()
        .filter(|line| !line.contains("孝感市"))
        .collect();
    assert!(sentences.is_ascii(), "{sentences}");
}

#[test]
fn a_worded_number_that_is_not_true_is_followed_by_what_was_counted() {
    assert!(!zh(&worded(&[("person_times", "1198+")])).contains("注："));
    assert!(
        zh(&worded(&[("person_times", "1200+")]))
            .contains("注：上文“共出动1200余人次”按拟稿人要求印出，实计1198人次。")
    );
    assert!(en(&worded(&[("person_times", "1200")])).contains(
        "\"person-times sent out: 1200\" is printed as its drafter asked; counted were 1198."
    ));
}

#[test]
fn printed_figures_are_those_of_the_text() {
    let view = worded(&[("person_times", "1198+")]);
    for (language, text) in [(Language::Zh, zh(&view)), (Language::En, en(&view))] {
        let printed = printed_figures(&view, language);
        assert!(
            printed.len() >= 8
                && printed
                    .values()
                    .all(|number| text.contains(number.as_str())),
            "{printed:?} {text}"
        );
    }
    assert_eq!(
        printed_figures(&view, Language::Zh)["person_times"],
        "1198余人次"
    );
    assert_eq!(
        printed_figures(&view, Language::En)["refund_fen"],
        "over 1700000 yuan"
    );
}

#[test]
fn tables_are_exact_and_what_is_overdue_is_named() {
    let mut bulletin = view(
        Rounding::Over,
        &[("visits", 474), ("overdue", 3), ("leads", 3), ("due", 9)],
    );
    bulletin.areas = [
        (
            "420902".to_owned(),
            figures(&[("visits", 253), ("overdue", 3)]),
        ),
        ("420921".to_owned(), figures(&[("visits", 221)])),
    ]
    .into_iter()
    .collect();
    bulletin.figures.leads_by_department = [("edu".to_owned(), 3), ("mkt".to_owned(), 2)]
        .into_iter()
        .collect();
    bulletin.names = [
        ("420902", "孝南区"),
        ("420921", "孝昌县"),
        ("edu", "教育局"),
        ("mkt", "市场监管局"),
    ]
    .into_iter()
    .map(|(code, name)| (code.to_owned(), name.to_owned()))
    .collect();
    let text = zh(&bulletin);
    assert!(
        text.contains("孝南区 | 0 | 253 |") && text.contains("合计 | 0 | 474 |"),
        "{text}"
    );
    assert!(text.contains("教育局 | 3\n市场监管局 | 2\n"), "{text}");
    assert!(text.contains("三、逾期未办：3份\n　孝南区 3份"), "{text}");
    assert!(!text.contains("孝昌县 0份"), "{text}");
    let text = en(&bulletin);
    assert!(
        text.contains("visits: over 470;") && text.contains("3. Overdue orders: 3\n   孝南区: 3"),
        "{text}"
    );
}

#[test]
fn english_says_the_same() {
    let text = en(&view(Rounding::Over, YEAR));
    assert!(
        text.contains("(as of 2023-12-24)")
            && text.contains("institutions: over 470")
            && text.contains("leads after merging: 69"),
        "{text}"
    );
    assert!(text.contains("refunded: over 1700000 yuan"), "{text}");
    assert!(en(&view(Rounding::Exact, YEAR)).contains("refunded: 1703480 yuan"));
}

#[test]
fn a_draft_and_a_correction_say_so() {
    let mut bulletin = view(Rounding::Exact, YEAR);
    bulletin.approved = false;
    bulletin.corrects = Some("BU-1".into());
    let text = zh(&bulletin);
    assert!(
        text.contains("未经审定") && text.contains("更正 BU-1"),
        "{text}"
    );
}

#[test]
fn the_latest_frozen_bulletin_is_answered_with_names() {
    let mut world = World::new();
    let frozen = |id: &str, leads: i64| json!({"type":"bulletin.frozen","bulletin":id,"name":"周报","from":t("2023-01-01 00:00"),"as_of":t("2023-03-06 00:00"),"rounding":"over","positions":{},"figures":{"leads":leads,"leads_by_department":{"edu":leads}},"areas":{"420902":{"leads":leads}},"code_version":"0.1.0","overrides":{"leads":{"value":leads,"plus":true}}});
    let ask = |world: &World, id: Option<&str>| match world.ask(&Question::Bulletin {
        jurisdiction: "420902".into(),
        bulletin: id.map(str::to_owned),
    }) {
        View::Bulletin(bulletin) => bulletin,
        other => panic!("{other:?}"),
    };
    assert!(ask(&world, None).is_none());
    world.tell("bulletin/420902", json!([frozen("BU-1", 1)])).tell("bulletin/420902", json!([frozen("BU-2", 2), {"type":"bulletin.approved","bulletin":"BU-2","by":"420902/P-60"}]));
    let latest = ask(&world, None).expect("frozen");
    assert_eq!(
        (
            latest.bulletin.as_str(),
            latest.approved,
            latest.figures.get("leads"),
            latest.rounding
        ),
        ("BU-2", true, 2, Rounding::Over)
    );
    assert_eq!(
        (
            latest.jurisdiction_name.as_str(),
            latest.names["edu"].as_str(),
            latest.names["420902"].as_str()
        ),
        ("孝南区", "教育局", "孝南区")
    );
    assert_eq!(
        latest.overrides["leads"],
        Printed::Number {
            value: 2,
            plus: true
        }
    );
    assert_eq!(
        ask(&world, Some("BU-1")).map(|bulletin| bulletin.figures.get("leads")),
        Some(1)
    );
}
