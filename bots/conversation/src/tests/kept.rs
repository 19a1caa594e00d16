//! What was said to be kept is in what is sent; what cannot be sent is not said to be kept; and no old button, nor a
//! book that is away, costs anybody what they typed.

use picket_schemas::Problem;

use super::world::*;
use crate::{Input, Session, fills};

fn photo(hash: &str) -> Input {
    Input::Photo {
        hash: hash.into(),
        name: "p.jpg".into(),
    }
}

fn here(latitude: f64) -> Input {
    Input::Location {
        latitude,
        longitude: 113.95,
        accuracy_m: Some(12.0),
    }
}

/// A phone at a row that is a problem, with its codes picked.
fn at_a_problem() -> Phone {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.press("有问题");
    phone.press("不确定");
    phone
}

#[test]
fn a_place_and_words_are_both_in_the_row_whichever_came_first() {
    for place_first in [true, false] {
        let mut phone = at_a_problem();
        if place_first {
            phone.give(here(30.92));
            phone.say("门口有招牌");
        } else {
            phone.say("门口有招牌");
            phone.give(here(30.92));
        }
        phone.press("记下");
        assert_eq!(
            phone.last()["note"],
            "门口有招牌 (30.92000, 113.95000 ±12m)"
        );
    }
}

#[test]
fn a_long_note_does_not_cut_the_place_off() {
    let mut phone = at_a_problem();
    phone.say(&"长".repeat(400));
    phone.give(here(30.92));
    phone.press("记下");
    let note = phone.last()["note"].as_str().expect("a note").to_owned();
    assert!(
        note.starts_with("长长") && note.ends_with("(30.92000, 113.95000 ±12m)"),
        "{note}"
    );
}

#[test]
fn a_place_is_seen_on_the_card_survives_the_phone_and_gives_way_to_the_next_place_only() {
    let mut phone = at_a_problem();
    phone.give(here(30.92));
    assert_eq!(phone.toast(), "位置已记下，随这一户一起上报。");
    phone.reopen();
    phone.say("/fill T-2041");
    assert!(
        crate::render_plain(phone.card(), 80).contains("30.92000"),
        "{}",
        crate::render_plain(phone.card(), 80)
    );
    phone.give(here(30.93));
    phone.press("记下");
    // Corrected later, the words change and the place stays.
    phone.press("上一户");
    phone.say("换了招牌");
    phone.press("正常");
    assert_eq!(phone.last()["note"], "换了招牌 (30.93000, 113.95000 ±12m)");
}

#[test]
fn nothing_is_said_to_be_noted_where_there_is_no_row() {
    let mut phone = Phone::sentinel();
    phone.task = filled([picket_schemas::dispatch::Outcome::Ok; 3]);
    phone.say("/fill T-2041");
    assert!(
        phone.card().title.starts_with("3/3"),
        "{}",
        phone.card().title
    );
    phone.give(photo("ab12"));
    assert!(phone.toast().contains("不需要照片"), "{}", phone.toast());
    phone.give(here(30.92));
    assert_eq!(phone.toast(), "现在不需要位置。");
    let said = phone.toasts.len();
    phone.say("门口有招牌");
    assert_eq!(
        (phone.toasts.len(), phone.card().key.as_str()),
        (said, "menu"),
        "words at the summary belong to no row"
    );
    assert_eq!(phone.kept, 0);
}

#[test]
fn every_form_sends_the_photos_it_took_and_the_others_take_none() {
    let inspector = |order_state: &str, lead_state: &str| {
        let mut phone = Phone::of("P-0030", &["inspector", "verifier", "dispatcher", "head"]);
        (phone.order, phone.lead) = (order(order_state), lead(lead_state));
        phone
    };
    type Way<'a> = (&'a str, &'a str, &'a str, &'a [&'a str]);
    let carrying: [Way<'_>; 5] = [
        ("issued", "opened", "/serve Z-318", &["签收单"]),
        ("served", "opened", "/fix Z-318", &["已停课"]),
        ("reported", "opened", "1:fail:Z-318:5", &["仍有学生"]),
        (
            "issued",
            "routed",
            "/verdict L-69 substantiated",
            &["现场有课"],
        ),
        ("issued", "opened", "/refund C-21", &["1200", "转账回执"]),
    ];
    for (order_state, lead_state, opens, answers) in carrying {
        let mut phone = inspector(order_state, lead_state);
        if opens.starts_with('/') {
            phone.say(opens)
        } else {
            phone.give(Input::Press(opens.to_owned()))
        }
        phone.give(photo("ab12"));
        assert!(
            phone
                .toasts
                .iter()
                .any(|toast| toast.starts_with("收到第 1 张照片")),
            "{opens}: {:?}",
            phone.toasts
        );
        for answer in answers {
            phone.say(answer);
        }
        assert!(
            crate::render_plain(phone.card(), 80).contains("照片 1 张"),
            "{opens}"
        );
        phone.press("确认");
        assert_eq!(
            phone.last()["evidence"],
            serde_json::json!(["ab12"]),
            "{opens}: {}",
            phone.last()
        );
    }
    for opens in [
        "/classify L-69",
        "/extend Z-318",
        "/park Z-318",
        "/penalty C-21",
        "/merge L-69",
    ] {
        let mut phone = inspector("served", "opened");
        phone.say(opens);
        phone.give(photo("ab12"));
        assert_eq!(
            phone.toast(),
            "这一步不收照片，这张没有收；请用文字写明。",
            "{opens}"
        );
        assert!(
            !crate::render_plain(phone.card(), 80).contains("照片"),
            "{opens}"
        );
    }
}

#[test]
fn a_button_of_a_form_from_before_the_memory_was_lost_confirms_no_other_form() {
    let mut phone = Phone::of("P-0001", &["coordinator", "post_leader"]);
    phone.task = task("submitted");
    phone.say("/drop T-2041");
    phone.press("重复");
    let confirm = phone.button("确认");
    let first = phone.card().rev;
    // Some days later, with the memory lost and nothing kept, another form stands at the same question.
    phone.session = Session::default();
    phone.drafts.clear();
    phone.now = at("2026-10-12T01:00:00Z");
    phone.give(Input::Start);
    phone.say("/return T-2041");
    phone.press("照片");
    assert!(
        phone.card().rev > first,
        "{} after {first}",
        phone.card().rev
    );
    phone.give(Input::Press(confirm));
    assert!(phone.sent.is_empty(), "{:?}", phone.sent);
    assert!(
        phone
            .toasts
            .iter()
            .any(|toast| toast == "卡片已更新，请再看一次。")
    );
}

#[test]
fn the_buttons_of_every_form_fit_behind_a_button() {
    let mut phone = Phone::sentinel();
    phone.say("/report");
    for action in phone.card().buttons() {
        assert!(
            action.data.len() <= crate::data::MAX
                && crate::data::read(&action.data)
                    .is_some_and(|intent| intent.verb != crate::IntentVerb::Inbox),
            "{}",
            action.data
        );
    }
}

#[test]
fn a_book_that_is_away_leaves_the_form_as_it_was_typed_and_says_so_in_chinese() {
    for (code, title) in [
        ("nobody", "nobody answers on `picket.do.dispatch.420902`"),
        ("gone", "the connection is gone: closed"),
        ("outcome_unknown", "it is not known"),
    ] {
        let mut phone = Phone::sentinel();
        phone.say("/report");
        phone.press("和平社区");
        phone.say("幸福路 1 号");
        phone.say("有学生上课");
        phone.press("不确定");
        phone.press("否");
        phone.refusals.push_back(Problem::new(code, title, "hint"));
        phone.press("确认");
        let said = phone.toast();
        assert!(!said.is_ascii() && !said.contains(title), "{code}: {said}");
        assert_eq!(
            phone.drafts.len(),
            1,
            "{code}: what was typed is still kept"
        );
        phone.press("确认");
        assert_eq!(
            (&phone.last()["do"], &phone.last()["address"]),
            (&"dispatch.report_place".into(), &"幸福路 1 号".into()),
            "{code}"
        );
    }
}

#[test]
fn a_board_looked_at_again_is_of_the_same_place_whoever_presses() {
    let mut county = Phone::of("P-0001", &["coordinator"]);
    county.say("/board");
    let refresh = county.button("刷新");
    let mut city = Phone::at("4209/P-0003", &["supervisor"]);
    city.give(Input::Press(refresh));
    assert_eq!(city.asked.last(), Some(&"board of 420902".to_owned()));
    assert_eq!(city.button("刷新"), "1:board:420902:", "and so it stays");
    city.say("/board");
    assert_eq!(city.asked.last(), Some(&"board of 4209".to_owned()));
}

#[test]
fn what_is_filled_in_is_told_from_what_is_only_looked_at() {
    let pressed = |data: &str| fills(&Input::Press(data.into()));
    let typed = |line: &str| fills(&Input::Text(line.into()));
    assert!(
        pressed("1:new::")
            && pressed("1:pick:#0.1:3")
            && pressed("1:start:T-1:2")
            && typed("/report")
            && typed("/resume")
            && typed("/decline T-1")
    );
    assert!(
        !pressed("1:board:420902:")
            && !pressed("1:accept:T-1:3")
            && !pressed("rm -rf")
            && !typed("/board")
            && !typed("T-1")
            && !typed("good morning")
    );
}
