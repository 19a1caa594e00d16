//! What is half typed survives the phone it was typed on, and is gone once it was said.

use picket_schemas::Problem;

use super::world::*;
use crate::{Input, Session};

fn photo(hash: &str) -> Input {
    Input::Photo {
        hash: hash.into(),
        name: "p.jpg".into(),
    }
}

#[test]
fn a_half_answered_row_goes_on_where_it_was_after_the_phone_was_closed() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.press("正常");
    phone.press("有问题");
    phone.press("隐形变异：住宅");
    phone.press("完成（已选 1）");
    phone.say("二楼有十名学生");
    phone.give(photo("ab12"));
    phone.press("☐ 紧急");
    phone.reopen();
    assert!(
        phone
            .card()
            .body
            .iter()
            .any(|line| line.text.contains("没填完") && line.text.contains("T-2041")),
        "{:?}",
        phone.card().body
    );
    phone.press("接着填 T-2041");
    assert!(
        phone.card().title.starts_with("2/3"),
        "{}",
        phone.card().title
    );
    let text = crate::render_plain(phone.card(), 80);
    assert!(
        text.contains("H1")
            && text.contains("二楼有十名学生")
            && text.contains("照片 1 张")
            && text.contains("☑ 🔥 紧急"),
        "{text}"
    );
    phone.press("记下");
    let sent = phone.last();
    assert_eq!(
        (&sent["row"], &sent["codes"], &sent["urgent"]),
        (&"I-0002".into(), &serde_json::json!(["H1"]), &true.into())
    );
    assert_eq!(
        (&sent["note"], &sent["evidence"]),
        (&"二楼有十名学生".into(), &serde_json::json!(["ab12"]))
    );
    assert!(
        phone.drafts.is_empty(),
        "an answered row is half done no longer"
    );
}

#[test]
fn what_was_typed_before_an_outcome_was_picked_survives_too() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.say("门口有广告");
    phone.reopen();
    phone.say("/fill T-2041");
    phone.press("拒绝进入");
    assert_eq!(
        (&phone.last()["row"], &phone.last()["note"]),
        (&"I-0001".into(), &"门口有广告".into())
    );
}

#[test]
fn a_button_of_a_lost_wizard_goes_on_with_what_was_picked() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.press("有问题");
    phone.press("隐形变异：住宅");
    let second = phone.button("预收费");
    phone.session = Session::default();
    phone.give(Input::Press(second));
    phone.press("完成（已选 2）");
    phone.press("记下");
    assert_eq!(phone.last()["codes"], serde_json::json!(["H1", "F2"]));
}

#[test]
fn two_rows_half_done_are_both_there_when_one_comes_back_to_them() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.say("first");
    phone.press("下一户");
    phone.say("second");
    phone.press("上一户");
    assert!(crate::render_plain(phone.card(), 80).contains("first"));
    phone.press("下一户");
    assert!(crate::render_plain(phone.card(), 80).contains("second"));
    phone.reopen();
    assert_eq!(
        phone
            .card()
            .buttons()
            .filter(|action| action.label.contains("接着填"))
            .count(),
        1,
        "one button for one sheet"
    );
}

#[test]
fn a_row_answered_with_one_press_is_never_a_draft() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.press("正常");
    phone.press("无人应门");
    assert_eq!((phone.sent.len(), phone.kept), (2, 0));
}

#[test]
fn a_half_answered_form_goes_on_at_its_question() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.say("/case C-21");
    phone.press("开整改通知");
    phone.press("隐形变异");
    phone.press("立即停止");
    phone.reopen();
    phone.press("接着填");
    assert_eq!(phone.toast(), "接着上次没填完的。");
    assert!(
        phone.card().title.starts_with("3/5"),
        "{}",
        phone.card().title
    );
    phone.say("停止学科培训");
    phone.press("不填");
    phone.say("10天");
    phone.press("确认");
    let sent = phone.last();
    assert_eq!(
        (&sent["do"], &sent["content"]),
        (&"rectification.issue_order".into(), &"停止学科培训".into())
    );
    assert!(
        sent["focus"]
            .as_str()
            .is_some_and(|focus| focus.contains("隐形变异"))
    );
    assert!(
        phone.drafts.is_empty(),
        "what was sent is half done no longer"
    );
}

#[test]
fn a_form_waiting_to_be_confirmed_still_waits_when_the_phone_comes_back() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.order = order("served");
    phone.say("/order Z-318");
    phone.press("报告整改");
    phone.give(photo("after"));
    phone.say("已停课");
    phone.reopen();
    phone.say("/resume");
    assert!(phone.sent.is_empty());
    phone.press("确认");
    assert_eq!(
        (&phone.last()["note"], &phone.last()["evidence"]),
        (&"已停课".into(), &serde_json::json!(["after"]))
    );
}

#[test]
fn the_same_form_opened_again_goes_on_instead_of_beginning_anew() {
    let mut phone = Phone::sentinel();
    phone.say("/report");
    phone.press("和平社区");
    phone.say("幸福路 1 号");
    phone.reopen();
    phone.say("/report");
    assert!(
        phone.card().title.starts_with("3/5"),
        "{}",
        phone.card().title
    );
}

#[test]
fn a_button_of_a_lost_form_brings_back_what_was_kept() {
    let mut phone = Phone::sentinel();
    phone.say("/report");
    phone.press("和平社区");
    phone.say("幸福路 1 号");
    let old = phone.button("看到有学生上课");
    phone.session = Session::default();
    phone.give(Input::Press(old));
    assert!(
        phone.card().title.starts_with("3/5"),
        "{}",
        phone.card().title
    );
    assert!(
        phone.sent.is_empty(),
        "the press itself was about a form nobody remembers"
    );
}

#[test]
fn a_cancelled_form_is_not_brought_back() {
    let mut phone = Phone::sentinel();
    phone.say("/report");
    phone.press("和平社区");
    assert_eq!(phone.drafts.len(), 1);
    phone.press("取消");
    assert!(phone.drafts.is_empty());
    phone.say("/report");
    assert!(
        phone.card().title.starts_with("1/5"),
        "{}",
        phone.card().title
    );
    phone.press("和平社区");
    phone.say("/cancel");
    assert!(phone.drafts.is_empty());
}

#[test]
fn a_draft_that_could_not_be_kept_is_said_and_stays_in_hand() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.unkept.push_back(Problem::new("busy", "busy", ""));
    phone.say("门口有广告");
    assert!(
        phone.toast().starts_with("这一步还没有存下来"),
        "{}",
        phone.toast()
    );
    phone.press("拒绝进入");
    assert_eq!(phone.last()["note"], "门口有广告");
}

#[test]
fn a_form_goes_on_though_its_draft_could_not_be_kept() {
    let mut phone = Phone::sentinel();
    phone.unkept.push_back(Problem::new("busy", "busy", ""));
    phone.say("/report");
    phone.press("和平社区");
    assert!(
        phone
            .toasts
            .iter()
            .any(|toast| toast.starts_with("这一步还没有存下来"))
    );
    assert!(
        phone.card().title.starts_with("2/5"),
        "{}",
        phone.card().title
    );
}
