//! Every card as people see it, in both languages. `INSTA_UPDATE=always cargo test -p picket-conversation` writes what is
//! drawn now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;

use picket_schemas::ask::{
    BatchView, DraftView, Inbox, NoticeView, TaskView, TimelineItem, UnreachableView,
};
use picket_schemas::courier::NoticeKind;
use picket_schemas::dispatch::{DraftOf, Outcome};

use super::world::*;
use crate::card::{Card, TEXT_MAX, render_plain};
use crate::cards;
use crate::{Language, RowDraft, RowStage, ViewContext};

/// Compares a card with its snapshots, `snapshots/NAME.LANGUAGE.snap`.
fn check(name: &str, roles: &[&str], code: &str, draw: impl Fn(&ViewContext<'_>) -> Card) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for language in [Language::Zh, Language::En] {
        let card = drawn(language, code, roles, |look| draw(look)).fit();
        assert!(
            card.text_len() <= TEXT_MAX,
            "{name} in {language:?} takes {}",
            card.text_len()
        );
        for action in card.buttons() {
            assert!(
                action.data.len() <= crate::data::MAX && crate::data::read(&action.data).is_some(),
                "{name}: {}",
                action.data
            );
        }
        let snapshot = format!("{name}.{}", language.as_str());
        settings.bind(|| insta::assert_snapshot!(snapshot, render_plain(&card, 64)));
    }
}

/// Draws all cards once more in a process that notes which snapshots it compares: a card that is gone takes its
/// snapshots along.
#[test]
fn every_snapshot_is_of_a_card_that_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let references = folder.path().join("references");
    let drawn = Command::new(std::env::current_exe().unwrap())
        .args([
            "tests::golden::",
            "--skip",
            "every_snapshot_is_of_a_card_that_is_drawn",
        ])
        .env("INSTA_SNAPSHOT_REFERENCES_FILE", &references)
        .env("INSTA_UPDATE", "no")
        // What a card looks like is for the other tests.
        .env("INSTA_FORCE_PASS", "1")
        .output()
        .unwrap();
    assert!(
        drawn.status.success(),
        "{}",
        String::from_utf8_lossy(&drawn.stdout)
    );
    let name = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let compared: BTreeSet<String> = std::fs::read_to_string(references)
        .unwrap()
        .lines()
        .map(|line| name(line.into()))
        .collect();
    let snapshots = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/snapshots");
    let there: BTreeSet<String> = std::fs::read_dir(snapshots)
        .unwrap()
        .map(|entry| name(entry.unwrap().path()))
        .collect();
    assert!(!compared.is_empty());
    assert_eq!(
        there.difference(&compared).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "no test compares these; delete them"
    );
}

const SENTINEL: &[&str] = &["sentinel"];

#[test]
fn an_offer_says_where_how_much_and_until_when() {
    check("offer", SENTINEL, "P-0017", |look| {
        cards::task::card(&task("issued"), look)
    });
}

#[test]
fn a_taken_task_says_who_has_it_and_how_far_it_is() {
    check("task", SENTINEL, "P-0017", |look| {
        cards::task::card(&task("accepted"), look)
    });
}

#[test]
fn a_returned_task_says_why() {
    let mut returned = filled([Outcome::Ok, Outcome::Problem, Outcome::Ok]);
    (returned.state, returned.returned_because) = ("returned".into(), Some("问题缺照片".into()));
    check("task_returned", SENTINEL, "P-0017", |look| {
        cards::task::card(&returned, look)
    });
}

#[test]
fn a_coordinator_may_assign_or_cancel() {
    check("task_coordinator", &["coordinator"], "P-0001", |look| {
        cards::task::card(&task("issued"), look)
    });
}

#[test]
fn a_review_shows_the_problems_found() {
    let mut sheet = filled([Outcome::Ok, Outcome::Problem, Outcome::ClosedDoor]);
    sheet.state = "submitted".into();
    check("review", &["post_leader"], "P-0002", |look| {
        cards::task::card(&sheet, look)
    });
}

#[test]
fn the_rows_of_a_sheet_fit_a_card() {
    check("rows", SENTINEL, "P-0017", |look| {
        cards::task::rows(
            &filled([Outcome::Ok, Outcome::Problem, Outcome::NotVisited]),
            look,
        )
    });
}

#[test]
fn a_row_shows_its_progress_first() {
    check("row", SENTINEL, "P-0017", |look| {
        cards::sheet::row(
            &task("accepted"),
            &RowDraft {
                row: 1,
                ..RowDraft::default()
            },
            look,
        )
    });
}

#[test]
fn problem_codes_are_picked_on_the_same_card() {
    let draft = RowDraft {
        row: 2,
        stage: RowStage::Codes,
        codes: vec!["H1".into()],
        ..RowDraft::default()
    };
    check("row_codes", SENTINEL, "P-0017", |look| {
        cards::sheet::row(&task("accepted"), &draft, look)
    });
}

#[test]
fn a_problem_asks_for_words_photos_and_urgency() {
    let draft = RowDraft {
        row: 2,
        stage: RowStage::Detail,
        codes: vec!["H1".into()],
        note: "有学生".into(),
        evidence: vec!["ab".into()],
        urgent: true,
        ..RowDraft::default()
    };
    check("row_detail", SENTINEL, "P-0017", |look| {
        cards::sheet::row(&task("accepted"), &draft, look)
    });
}

#[test]
fn a_summary_counts_and_names_what_is_missing() {
    let mut sheet = filled([Outcome::Ok, Outcome::Problem, Outcome::Ok]);
    sheet.rows[2].outcome = None;
    check("summary_open", SENTINEL, "P-0017", |look| {
        cards::sheet::summary(&sheet, look)
    });
    check("summary", SENTINEL, "P-0017", |look| {
        cards::sheet::summary(&filled([Outcome::Ok, Outcome::Problem, Outcome::Ok]), look)
    });
}

#[test]
fn a_nil_return_is_confirmed_in_words() {
    check("summary_nil", SENTINEL, "P-0017", |look| {
        cards::sheet::summary(
            &filled([Outcome::Ok, Outcome::ClosedDoor, Outcome::Ok]),
            look,
        )
    });
}

#[test]
fn a_receipt_is_one_line() {
    check("receipt", SENTINEL, "P-0017", |look| {
        cards::task::receipt(&filled([Outcome::Ok, Outcome::Problem, Outcome::Ok]), look)
    });
}

#[test]
fn triage_goes_from_classifying_to_routing_to_joint_action() {
    for (state, name) in [
        ("opened", "triage_opened"),
        ("classified", "triage_classified"),
        ("routed", "triage_joint"),
    ] {
        check(name, &["dispatcher"], "P-0020", |look| {
            cards::lead::card(&lead(state), look)
        });
    }
}

#[test]
fn a_lead_shows_three_names_and_asks_for_a_verdict() {
    check("lead", &["inspector"], "P-0030", |look| {
        cards::lead::card(&lead("routed"), look)
    });
}

#[test]
fn a_substantiated_lead_asks_for_a_case() {
    let mut found = lead("verified");
    (found.department, found.verdict, found.joint, found.urgent) = (
        Some(named("edu", "区教育局")),
        Some("substantiated".into()),
        Some(true),
        true,
    );
    check("lead_substantiated", &["inspector"], "P-0030", |look| {
        cards::lead::card(&found, look)
    });
}

#[test]
fn a_case_shows_its_orders() {
    check("case_filed", &["inspector"], "P-0030", |look| {
        cards::case::card(&case("filed"), look)
    });
    check("case_ordered", &["inspector"], "P-0030", |look| {
        cards::case::card(&case("ordered"), look)
    });
    check("case_cleared", &["verifier"], "P-0035", |look| {
        cards::case::card(&case("cleared"), look)
    });
}

#[test]
fn an_order_shows_its_four_fields_and_whose_it_is() {
    check("order_issued", &["inspector"], "P-0030", |look| {
        cards::order::card(&order("issued"), look)
    });
    check("order_late", &["inspector"], "P-0030", |look| {
        cards::order::card(&order("served"), look)
    });
}

#[test]
fn a_verifier_sees_what_was_reported() {
    check("verify", &["verifier"], "P-0035", |look| {
        cards::order::card(&order("reported"), look)
    });
}

#[test]
fn a_ladder_notice_answers_four_questions() {
    check("step", &["supervisor"], "P-0040", |look| {
        cards::ladder::card(&step(false), look)
    });
    check("step_duty", &["inspector"], "P-0030", |look| {
        cards::ladder::card(&step(false), look)
    });
    check("step_proposed", &["supervisor"], "P-0040", |look| {
        cards::ladder::card(&step(true), look)
    });
}

#[test]
fn a_promised_and_a_finished_step_ask_nothing_more() {
    let mut promised = step(false);
    promised.promise = Some(at("2026-10-09T09:00:00Z"));
    check("step_promised", &["supervisor"], "P-0040", |look| {
        cards::ladder::card(&promised, look)
    });
    promised.open = false;
    check("step_over", &["supervisor"], "P-0040", |look| {
        cards::ladder::card(&promised, look)
    });
}

#[test]
fn a_reminder_says_that_it_is_one() {
    check("reminder", SENTINEL, "P-0017", |look| {
        cards::short::headed(
            cards::task::card(&task("accepted"), look),
            NoticeKind::Reminder,
            look,
        )
    });
}

#[test]
fn a_coordinator_sees_whom_messages_do_not_reach() {
    let unreachable = |number: u32| UnreachableView {
        person: named(&format!("420902/P-{number}"), &format!("哨兵 {number}")),
        channel: "telegram".into(),
        since: now(),
        reason: "bot was blocked by the user".into(),
    };
    for (name, count) in [("inbox_unreachable", 2), ("inbox_unreachable_more", 7)] {
        let inbox = Inbox {
            unreachable: (17..17 + count).map(unreachable).collect(),
            ..Inbox::default()
        };
        check(name, &["coordinator"], "P-0001", |look| {
            cards::inbox::card(&inbox, look, 0)
        });
    }
}

#[test]
fn an_inbox_has_the_late_ones_first() {
    check("inbox", &["sentinel", "coordinator"], "P-0017", |look| {
        cards::inbox::card(&inbox(person("P-0017", "哨兵 17", SENTINEL)), look, 0)
    });
    check("inbox_empty", SENTINEL, "P-0017", |look| {
        cards::inbox::card(&Inbox::default(), look, 0)
    });
}

#[test]
fn a_board_shows_who_is_silent_and_what_has_nobody() {
    check("board", &["coordinator"], "P-0001", |look| {
        cards::board::board(&board(), "420902", look)
    });
    check("batch", &["coordinator"], "P-0001", |look| {
        cards::board::batch(&batch(), look)
    });
}

#[test]
fn a_cancelled_batch_says_why_and_is_not_cancelled_again() {
    // With sheets for a second visit there are more than were counted: the state alone decides.
    let cancelled = BatchView {
        state: "cancelled".into(),
        cancelled_because: Some("名单有误".into()),
        cancelled: 4,
        ..batch()
    };
    check("batch_cancelled", &["coordinator"], "P-0001", |look| {
        cards::board::batch(&cancelled, look)
    });
}

#[test]
fn whoever_had_sheets_of_a_cancelled_batch_reads_why_and_how_many() {
    let with = |sheets: &str| -> BTreeMap<String, String> {
        [
            ("name", "十月专项排查"),
            ("reason", "名单有误"),
            ("sheets", sheets),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
    };
    check("notice_cancelled", SENTINEL, "P-0017", |look| {
        cards::short::batch_cancelled("B-12", &with("3"), look)
    });
    check("notice_cancelled_one", SENTINEL, "P-0017", |look| {
        cards::short::batch_cancelled("B-12", &with("1"), look)
    });
}

#[test]
fn somebody_can_see_who_the_books_think_they_are() {
    check("whoami", &["sentinel", "inspector"], "P-0017", |look| {
        cards::person::whoami(
            &person("P-0017", "哨兵 17", &["sentinel", "inspector"]),
            look,
        )
    });
}

#[test]
fn help_fits_the_roles() {
    check("help_sentinel", SENTINEL, "P-0017", cards::person::help);
    check(
        "help_many",
        &[
            "sentinel",
            "post_leader",
            "coordinator",
            "dispatcher",
            "inspector",
            "verifier",
            "supervisor",
        ],
        "P-0017",
        cards::person::help,
    );
    check("menu", SENTINEL, "P-0017", cards::person::menu);
}

#[test]
fn the_finder_hears_what_became_of_it() {
    let facts = BTreeMap::from([
        ("codes".to_owned(), "H1;F2".to_owned()),
        ("department".to_owned(), "区教育局".to_owned()),
    ]);
    check("finding_routed", SENTINEL, "P-0017", |look| {
        cards::short::finding(NoticeKind::FindingRouted, "L-69", &facts, look)
    });
    check("finding_cleared", SENTINEL, "P-0017", |look| {
        cards::short::finding(NoticeKind::FindingCleared, "C-21", &BTreeMap::new(), look)
    });
}

#[test]
fn a_timeline_shows_the_latest() {
    let happened = |minute: u32, kind: &str, with: &[(&str, &str)]| TimelineItem {
        at: at(&format!("2026-10-08T02:{minute:02}:00Z")),
        journal: "dispatch/420902".into(),
        n: u64::from(minute),
        kind: kind.into(),
        by: "哨兵 17".into(),
        text: format!("{kind} in English"),
        with: with
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
    };
    let mut items: Vec<_> = (0..4)
        .map(|n| {
            happened(
                n,
                "task.offered",
                &[("task", "T-2041"), ("to", "哨兵 17;哨兵 18")],
            )
        })
        .collect();
    items.extend([
        happened(
            10,
            "task.accepted",
            &[
                ("task", "T-2041"),
                ("person", "哨兵 18"),
                ("instead_of", "哨兵 17"),
                ("taken", "true"),
            ],
        ),
        happened(
            11,
            "row.filled",
            &[
                ("by", "@幸福里哨点"),
                ("subject", "育才托管"),
                ("outcome", "problem"),
                ("codes", "H1"),
            ],
        ),
        happened(
            12,
            "task.submitted",
            &[
                ("task", "T-2041"),
                ("by", "哨兵 18"),
                ("rows", "12"),
                ("problems", "0"),
                ("nil", "true"),
            ],
        ),
        happened(
            13,
            "lead.routed",
            &[
                ("lead", "L-69"),
                ("department", "区教育局"),
                ("assist", "市监局;公安局"),
                ("reason", "row 10: H1, custody (of 4209)"),
            ],
        ),
        happened(
            14,
            "order.served",
            &[("order", "Z-318"), ("due", "2026-10-15T16:00:00Z")],
        ),
        happened(15, "ladder.stepped", &[("level", "B1"), ("to", "执法 1")]),
        happened(16, "meteor.landed", &[("by", "nobody")]),
    ]);
    check("timeline", SENTINEL, "P-0017", |look| {
        cards::timeline::card("T-2041", &items, look)
    });
}

#[test]
fn somebody_can_see_why_nothing_came() {
    let notice = NoticeView {
        notice: "N-1".into(),
        kind: "offer".into(),
        about: "T-2041".into(),
        queued: now(),
        state: "suppressed".into(),
        reason: Some("already accepted by somebody else".into()),
        channel: None,
    };
    check("notices", SENTINEL, "P-0017", |look| {
        cards::timeline::notices(std::slice::from_ref(&notice), look)
    });
}

#[test]
fn a_bulletin_shows_figures_with_their_units() {
    let view = bulletin();
    check("bulletin", SENTINEL, "P-0017", |look| {
        cards::bulletin::card(Some(&view), look)
    });
    check("bulletin_none", SENTINEL, "P-0017", |look| {
        cards::bulletin::card(None, look)
    });
}

#[test]
fn forms_ask_one_thing_at_a_time_and_show_all_before_they_send() {
    use crate::forms::{FormKind, OpenForm};
    let mut place = OpenForm::new(FormKind::Place, "420902", "", 1);
    place.offer([
        named("420902003004", "幸福里社区"),
        named("420902003005", "和平社区"),
    ]);
    check("form_area", SENTINEL, "P-0017", |look| {
        cards::form::card(&place, look)
    });
    let mut codes = place.clone().set("area", "420902003004");
    codes.field = 3;
    check("form_codes", SENTINEL, "P-0017", |look| {
        cards::form::card(&codes, look)
    });
    let mut order = OpenForm::new(FormKind::Order, "420902", "C-21", 2)
        .subject("远方教育")
        .set("focus", "隐形变异培训")
        .set("requirement", "立即停止")
        .set("content", "停止培训并退费")
        .set("deadline", "5wd");
    order.field = 4;
    check("form_deadline", &["inspector"], "P-0030", |look| {
        cards::form::card(&order, look)
    });
    order.confirming = true;
    check("form_order", &["inspector"], "P-0030", |look| {
        cards::form::card(&order, look)
    });
    let mut batch = OpenForm::new(FormKind::Batch, "420902", "", 3)
        .set("name", "日常巡查")
        .set("assign", "post_sentinel")
        .set("window", "5wd");
    (batch.confirming, batch.counted) = (true, Some((40, 6)));
    check("form_batch", &["coordinator"], "P-0001", |look| {
        cards::form::card(&batch, look)
    });
    let mut promise = OpenForm::new(FormKind::Acknowledge, "420902", "E-14", 4).subject("远方教育");
    promise.offered_for = Some(0);
    check("form_promise", &["supervisor"], "P-0040", |look| {
        cards::form::card(&promise, look)
    });
}

#[test]
fn what_is_half_done_stands_in_the_inbox_with_a_button_each() {
    let draft = |of: DraftOf, name: &str| DraftView {
        jurisdiction: "420902".into(),
        of,
        answers: BTreeMap::new(),
        evidence: Vec::new(),
        at: now(),
        name: name.into(),
    };
    let mut waiting = inbox(person("P-0017", "哨兵 17", SENTINEL));
    waiting.drafts = vec![
        draft(
            DraftOf::Row {
                task: "T-2041".into(),
                row: "I-0002".into(),
            },
            "育才托管",
        ),
        draft(
            DraftOf::Row {
                task: "T-2041".into(),
                row: "I-0003".into(),
            },
            "晨光艺术",
        ),
        draft(
            DraftOf::Form {
                form: "place".into(),
                about: "".into(),
            },
            "",
        ),
        draft(
            DraftOf::Form {
                form: "fix".into(),
                about: "420902/Z-318".into(),
            },
            "",
        ),
    ];
    check("inbox_half_done", SENTINEL, "P-0017", |look| {
        cards::inbox::card(&waiting, look, 0)
    });
}

#[test]
fn offers_that_came_together_fit_one_card() {
    let tasks: Vec<_> = (1..=9)
        .map(|n| TaskView {
            task: format!("T-{n}"),
            ..task("issued")
        })
        .collect();
    let tasks: Vec<_> = tasks.iter().collect();
    check("offers", SENTINEL, "P-0017", |look| {
        cards::inbox::offers(&tasks[..3], look)
    });
    check("offers_many", SENTINEL, "P-0017", |look| {
        cards::inbox::offers(&tasks, look)
    });
}

#[test]
fn a_failed_verification_is_shown_once_more_with_what_was_typed() {
    use crate::forms::{FormKind, OpenForm};
    let mut form = OpenForm::new(FormKind::Fail, "420902", "Z-318", 4)
        .set("note", "仍有学生上课")
        .subject("育才托管");
    (form.field, form.confirming) = (1, true);
    check("form_fail", &["verifier"], "P-0035", |look| {
        cards::form::card(&form, look)
    });
}
