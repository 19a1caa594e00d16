//! Both languages say the same things, and an event is told by what happened alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use fluent_bundle::FluentResource;
use jiff::tz::TimeZone;
use picket_schemas::Span;
use picket_schemas::escalation::{Because, Duty};
use picket_schemas::rectification::RouteMatch;
use picket_schemas::registry::{Role, Target};

use crate::timeline::{EventFields, FieldValue, Name, OverdueStep, because, due, rule, sentence};
use crate::{Language, Texts};

/// Each key with the values its text names.
fn texts(language: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("locales")
        .join(language);
    for file in fs::read_dir(folder).expect("a folder of texts").flatten() {
        let file = file.path();
        let text = fs::read_to_string(&file).expect("a file of texts");
        let parsed = FluentResource::try_new(text.clone());
        assert!(
            parsed.is_ok(),
            "{}: {:?}",
            file.display(),
            parsed.err().map(|(_, errors)| errors)
        );
        let mut key = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line
                .split_once(" = ")
                .filter(|_| line.starts_with(char::is_alphabetic))
            {
                key = name.to_owned();
                assert!(
                    all.insert(key.clone(), BTreeSet::new()).is_none(),
                    "{language}: {key} is there twice"
                );
            }
            for part in line.split("{ $").skip(1) {
                let name: String = part
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                all.get_mut(&key)
                    .expect("a text before its values")
                    .insert(name);
            }
        }
    }
    all
}

#[test]
fn both_languages_have_the_same_texts() {
    let (zh, en) = (texts("zh"), texts("en"));
    let only = |a: &BTreeMap<String, BTreeSet<String>>, b: &BTreeMap<String, BTreeSet<String>>| {
        a.keys()
            .filter(|key| !b.contains_key(*key))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (only(&zh, &en), only(&en, &zh)),
        (Vec::<String>::new(), Vec::<String>::new())
    );
}

#[test]
fn a_translation_never_names_a_value_the_original_does_not_have() {
    let (zh, en) = (texts("zh"), texts("en"));
    for (key, values) in &zh {
        // Refusals give their English title to English only, and each language writes a day its own way.
        assert!(
            key.starts_with("problem-") || key == "print-day" || &en[key] == values,
            "{key}: {values:?} {:?}",
            en[key]
        );
    }
}

#[test]
fn every_file_of_a_language_is_read() {
    for (language, name) in [(Language::Zh, "zh"), (Language::En, "en")] {
        let words = Texts::of(language);
        let unread: Vec<_> = texts(name)
            .into_keys()
            .filter(|key| !words.has(key))
            .collect();
        assert_eq!(unread, Vec::<String>::new(), "of {name}");
    }
}

/// Events of a timeline that have no sentence of their own: what a book notes for itself, and drafts.
const UNTOLD: &[&str] = &[
    "draft.kept",
    "draft.dropped",
    "matter.opened",
    "matter.held",
    "matter.closed",
    "notices.held",
    "notices.released",
    "occurrence.caused",
    "occurrence.waiting",
    "schedule.paused",
    "schedule.resumed",
];

#[test]
fn every_event_a_timeline_can_show_has_its_sentence() {
    let missing: Vec<_> = picket_schemas::event::kinds()
        .into_iter()
        .filter(|(service, kind)| {
            !matches!(*service, "registry" | "courier" | "keeper") && !UNTOLD.contains(kind)
        })
        .map(|(_, kind)| format!("happened-{}", kind.replace('.', "-")))
        .filter(|key| !Texts::of(Language::En).has(key))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

fn told(kind: &str, facts: &[(&str, FieldValue)], language: Language) -> String {
    let facts: EventFields = facts
        .iter()
        .map(|(key, fact)| ((*key).to_owned(), fact.clone()))
        .collect();
    sentence(kind, &facts, Texts::of(language), &TimeZone::UTC)
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

#[test]
fn a_case_filed_again_says_for_which_time() {
    let filed = |generation| {
        let facts = [
            ("department", text("Education")),
            ("case", text("C-1")),
            ("subject", text("a custody centre")),
            ("codes", FieldValue::Codes(vec!["H1".into(), "H2".into()])),
            ("generation", FieldValue::Number(generation)),
        ];
        told("case.filed", &facts, Language::En)
    };
    assert_eq!(
        filed(1),
        "Education filed case C-1 on a custody centre (H1, H2); officers: nobody"
    );
    for (generation, ordinal) in [
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (21, "21st"),
    ] {
        assert_eq!(
            filed(generation),
            format!(
                "Education filed case C-1 on a custody centre, for the {ordinal} time (H1, H2); officers: nobody"
            )
        );
    }
}

#[test]
fn who_must_not_be_named_goes_by_the_post_in_each_language() {
    let facts = [
        (
            "person",
            FieldValue::Names(vec![Name::Finder("书院哨点".into())]),
        ),
        ("task", text("T-1")),
    ];
    assert_eq!(
        told("task.accepted", &facts, Language::En),
        "the finder (书院哨点) took T-1"
    );
    assert_eq!(
        told("task.accepted", &facts, Language::Zh),
        "发现人（书院哨点） 接了 T-1"
    );
}

#[test]
fn a_deadline_and_a_length_of_time_are_said_as_people_write_them() {
    let facts = [
        ("kind", text("order.fix")),
        ("on", text("Z-1")),
        ("span", FieldValue::Length(Span::working_days(1))),
        (
            "due",
            FieldValue::At("2026-03-21T00:00:00Z".parse().expect("an instant")),
        ),
        ("provisional", FieldValue::Flag(true)),
    ];
    assert_eq!(
        told("clock.started", &facts, Language::En),
        "the clock for the fix on Z-1 was started: 1 working day, due 2026-03-20 24:00, provisional"
    );
    assert_eq!(
        due(
            "2026-03-20T08:05:00Z".parse().expect("an instant"),
            &TimeZone::UTC
        ),
        "2026-03-20 08:05"
    );
}

#[test]
fn a_step_says_what_whose_since_when_and_why() {
    let at = |text: &str| text.parse().expect("an instant");
    let why = Because {
        duty: Duty {
            people: vec!["420902/P-30".into()],
            department: Some("edu".into()),
            ..Duty::default()
        },
        since: at("2026-03-02T02:00:00Z"),
        after: 3,
        targets: vec![
            Target::Duty,
            Target::Department,
            Target::Owner,
            Target::Role(Role::Supervisor),
        ],
    };
    let step = OverdueStep {
        on: "Z-1",
        kind: "order.fix",
        level: "B2",
        due: at("2026-03-09T16:00:00Z"),
    };
    let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
    let said = |language| {
        because(
            &step,
            &why,
            &|_| "person 30".into(),
            Texts::of(language),
            &zone,
        )
    };
    assert_eq!(
        said(Language::En),
        "Z-1 was due to be fixed by 2026-03-09 24:00 and is not; it has been with person 30 and department edu since 2026-03-02 10:00. \
         Step B2, 3 working days after, goes to whoever owes it, the handling department, the territorial owner and the supervisors of the area."
    );
    assert_eq!(
        said(Language::Zh),
        "Z-1 应在 2026-03-09 24:00 前整改，至今未办；自 2026-03-02 10:00 起由 person 30和部门 edu 负责。\
         B2 级催办在期限后 3 个工作日，通知 责任人、主办部门、包保责任人和本辖区的督导。"
    );
}

#[test]
fn the_row_a_route_follows_is_said_in_both_languages() {
    let first = RouteMatch::from_sentence("row 10: H1, any training (of 4209)").expect("a row");
    assert_eq!(
        rule(&first, Texts::of(Language::En)),
        "row 10: H1, any training (of 4209)"
    );
    let facts = [("lead", text("L-1")), ("rule", FieldValue::Rule(first))];
    assert_eq!(
        told("lead.classified", &facts, Language::Zh),
        "线索 L-1 已分类；分派表建议：第 10 行：H1，任何类别（4209 的分派表）"
    );
}

#[test]
fn what_has_no_sentence_is_called_by_its_kind() {
    assert_eq!(told("matter.opened", &[], Language::Zh), "matter opened");
}
