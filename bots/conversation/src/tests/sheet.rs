//! A sentinel fills a sheet, from the offer to the receipt.

use picket_schemas::Problem;
use picket_schemas::dispatch::Outcome;

use super::world::*;
use crate::{Input, Session};

#[test]
fn an_offer_is_taken_and_the_same_card_changes() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.say("/task T-2041");
    let key = phone.card().key.clone();
    phone.press("我来接");
    assert_eq!(phone.last()["do"], "dispatch.accept_task");
    assert_eq!(
        (phone.toast(), phone.card().key.as_str(), phone.edited),
        ("已接单 T-2041。", key.as_str(), true)
    );
    phone.button("开始填报");
}

#[test]
fn a_sheet_is_filled_row_by_row_and_handed_in() {
    let mut phone = Phone::sentinel();
    phone.say("/task T-2041");
    phone.press("开始填报");
    assert!(
        phone.card().title.starts_with("1/3 ▓░░"),
        "{}",
        phone.card().title
    );
    phone.press("正常");
    assert!(phone.card().title.starts_with("2/3"));
    phone.press("有问题");
    phone.press("隐形变异：住宅");
    phone.press("预收费");
    phone.press("完成（已选 2）");
    phone.say("二楼有十名学生");
    phone.give(Input::Photo {
        hash: "ab12".into(),
        name: "a.jpg".into(),
    });
    phone.press("记下");
    let sent = phone.last();
    assert_eq!(
        (&sent["row"], &sent["outcome"]),
        (&"I-0002".into(), &"problem".into())
    );
    assert_eq!(sent["codes"], serde_json::json!(["H1", "F2"]));
    assert_eq!(
        (&sent["note"], &sent["evidence"]),
        (&"二楼有十名学生".into(), &serde_json::json!(["ab12"]))
    );
    phone.press("无人应门");
    phone.press("提交");
    assert_eq!(phone.last()["do"], "dispatch.submit_task");
    assert_eq!(phone.card().title, "回执 T-2041 · 14:50 · 3 户 · 问题 1");
}

#[test]
fn each_row_is_sent_at_once() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.press("正常");
    phone.press("未到访");
    assert_eq!(phone.sent.len(), 2);
}

#[test]
fn a_wizard_that_lost_its_memory_begins_at_the_first_open_row() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.press("正常");
    phone.session = Session::default();
    phone.give(Input::Start);
    phone.say("/fill T-2041");
    assert!(
        phone.card().title.starts_with("2/3"),
        "{}",
        phone.card().title
    );
}

#[test]
fn a_button_of_a_lost_wizard_still_fills_its_row() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    let button = phone.button("正常");
    phone.session = Session::default();
    phone.give(Input::Press(button));
    assert_eq!(phone.last()["row"], "I-0001");
}

#[test]
fn a_nil_return_needs_its_own_press() {
    let mut phone = Phone::sentinel();
    phone.task = filled([Outcome::Ok, Outcome::Ok, Outcome::ClosedDoor]);
    phone.say("/submit T-2041");
    assert!(phone.sent.is_empty());
    phone.press("确认零报告");
    assert_eq!(phone.last()["do"], "dispatch.submit_task");
}

#[test]
fn an_incomplete_sheet_is_not_handed_in() {
    let mut phone = Phone::sentinel();
    phone.say("/submit T-2041");
    assert!(phone.sent.is_empty());
    assert_eq!(phone.toast(), "还有没填的，未提交。");
    phone.button("继续填报");
}

#[test]
fn one_can_go_back_and_correct_a_row() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.press("正常");
    phone.press("上一户");
    assert!(phone.card().title.starts_with("1/3"));
    phone.press("已搬迁");
    assert_eq!(
        (&phone.last()["row"], &phone.last()["outcome"]),
        (&"I-0001".into(), &"moved".into())
    );
    assert!(
        phone.card().title.starts_with("2/3"),
        "then it goes on where it was"
    );
}

#[test]
fn a_problem_may_be_of_no_certain_kind() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.press("有问题");
    phone.press("不确定");
    phone.press("紧急");
    phone.press("记下");
    assert_eq!(
        (&phone.last()["codes"], &phone.last()["urgent"]),
        (&serde_json::json!([]), &true.into())
    );
}

#[test]
fn codes_stand_on_several_pages() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.press("有问题");
    phone.press("H1");
    phone.press("下一页");
    phone.press("H2");
    phone.press("上一页");
    assert!(
        phone
            .card()
            .buttons()
            .any(|action| action.label.starts_with("☑ H1"))
    );
    phone.press("完成（已选 2）");
}

#[test]
fn an_old_row_s_button_leads_to_the_row_at_hand() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    let old = phone.button("正常");
    phone.press("正常");
    phone.give(Input::Press(old));
    assert_eq!(
        (phone.sent.len(), phone.toast()),
        (1, "卡片已更新，请再看一次。")
    );
    assert!(phone.card().title.starts_with("2/3"));
}

#[test]
fn saved_for_later_is_taken_up_again() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.press("有问题");
    phone.press("S1");
    phone.press("稍后");
    assert_eq!(phone.toast(), "已保存，随时可用 /resume 继续。");
    phone.say("/resume");
    assert!(
        phone
            .card()
            .buttons()
            .any(|action| action.label.starts_with("☑ S1"))
    );
}

#[test]
fn a_refused_row_keeps_what_was_typed() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.say("门口有广告");
    phone
        .refusals
        .push_back(Problem::new("busy", "too much is waiting here", ""));
    phone.press("拒绝进入");
    assert_eq!(phone.toast(), "系统繁忙，请稍后再试；已保存的都在。");
    phone.press("拒绝进入");
    assert_eq!(phone.last()["note"], "门口有广告");
}

#[test]
fn somebody_else_s_task_is_not_filled() {
    let mut phone = Phone::of("P-0099", &["sentinel"]);
    phone.task = task("accepted");
    phone.say("/fill T-2041");
    assert_eq!(phone.toast(), "这项任务现在不由您填报。");
    assert!(phone.sent.is_empty());
}

#[test]
fn a_notice_does_not_disturb_the_row_at_hand() {
    let mut phone = Phone::sentinel();
    phone.say("/fill T-2041");
    phone.press("有问题");
    let picks = phone.button("H1");
    phone.give(Input::Notice(crate::CourierNotice {
        notice: "N-1".into(),
        kind: picket_schemas::courier::NoticeKind::Ladder,
        about: "E-14".into(),
        jurisdiction: "420902".into(),
        with: Default::default(),
    }));
    assert!(phone.card().key.starts_with("step/"));
    phone.give(Input::Press(picks));
    assert!(
        phone
            .card()
            .buttons()
            .any(|action| action.label.starts_with("☑ H1")),
        "the row went on"
    );
}

#[test]
fn the_same_photo_is_taken_once() {
    let mut phone = Phone::sentinel();
    phone.give(Input::Photo {
        hash: "x".into(),
        name: "x".into(),
    });
    assert!(phone.toast().contains("不需要照片"));
    phone.say("/fill T-2041");
    for _ in 0..2 {
        phone.give(Input::Photo {
            hash: "x".into(),
            name: "x".into(),
        });
    }
    assert_eq!(phone.toast(), "这张照片已经有了。");
}
