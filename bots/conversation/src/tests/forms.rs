//! Forms driven to their command: reports, batches, orders, promises, decisions.

use picket_schemas::ask::LeadView;
use picket_schemas::{Problem, Refusal};

use super::world::*;
use crate::Input;

#[test]
fn a_place_on_no_list_is_reported() {
    let mut phone = Phone::sentinel();
    phone.say("/report");
    phone.press("和平社区");
    phone.give(Input::Location {
        latitude: 30.92,
        longitude: 113.95,
        accuracy_m: Some(12.0),
    });
    phone.press("看到有学生上课");
    phone.give(Input::Photo {
        hash: "p1".into(),
        name: "p.jpg".into(),
    });
    phone.press("H1");
    phone.press("完成");
    phone.press("否");
    assert!(
        phone
            .card()
            .fields
            .iter()
            .any(|(_, value)| value == "和平社区"),
        "{:?}",
        phone.card().fields
    );
    phone.press("确认");
    let sent = phone.last();
    assert_eq!(
        (&sent["do"], &sent["area"], &sent["seen"]),
        (
            &"dispatch.report_place".into(),
            &"420902003005".into(),
            &"看到有学生上课".into()
        )
    );
    assert_eq!(
        (&sent["address"], &sent["codes"], &sent["evidence"]),
        (
            &"(30.92000, 113.95000 ±12m)".into(),
            &serde_json::json!(["H1"]),
            &serde_json::json!(["p1"])
        )
    );
    assert_eq!(phone.toast(), "已上报，编号 U-7。谢谢您。");
}

#[test]
fn an_offer_is_declined_with_a_reason_from_a_button_or_typed() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.say("/task T-2041");
    phone.press("不方便");
    phone.press("请假");
    phone.press("确认");
    assert_eq!(
        (&phone.last()["do"], &phone.last()["reason"]),
        (&"dispatch.decline_task".into(), &"请假".into())
    );
    phone.say("/decline T-2041 家里有事");
    phone.press("确认");
    assert_eq!(phone.last()["reason"], "家里有事");
}

#[test]
fn a_batch_shows_what_it_reaches_before_it_is_issued() {
    let mut phone = Phone::of("P-0001", &["coordinator"]);
    phone.say("/new");
    phone.press("专项排查");
    phone.press("不填");
    phone.press("艺术");
    phone.press("不填");
    phone.press("任务最少");
    phone.press("3 个工作日");
    assert!(
        phone
            .card()
            .body
            .iter()
            .any(|line| line.text.contains("1 个哨点，涉及 2 家机构")),
        "{:?}",
        phone.card().body
    );
    assert!(phone.sent.is_empty());
    phone.press("确认");
    let sent = phone.last();
    assert_eq!(
        (&sent["select"]["kind"], &sent["assign"]["to"]),
        (&"arts".into(), &"least_loaded".into())
    );
    assert_eq!(
        sent["window"],
        serde_json::json!({"amount": 3, "unit": "working_day"})
    );
    assert!(
        phone
            .toasts
            .iter()
            .any(|toast| toast == "批次 B-13 已下发。")
    );
    assert_eq!(phone.card().key, "board");
}

#[test]
fn an_order_asks_for_its_four_fields() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.say("/case C-21");
    phone.press("开整改通知");
    phone.press("隐形变异");
    phone.press("立即停止");
    phone.say("停止学科培训");
    phone.press("不填");
    phone.say("10天");
    phone.press("确认");
    let sent = phone.last();
    assert_eq!(
        (&sent["do"], &sent["case"], &sent["content"]),
        (
            &"rectification.issue_order".into(),
            &"C-21".into(),
            &"停止学科培训".into()
        )
    );
    assert_eq!(
        sent["deadline"],
        serde_json::json!({"amount": 10, "unit": "natural_day"})
    );
    assert_eq!(phone.toast(), "已开具 Z-319，送达后开始计时。");
}

#[test]
fn an_order_is_served_only_after_a_second_press() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.say("/order Z-318");
    phone.press("送达");
    phone.press("当面送达");
    assert!(phone.sent.is_empty());
    assert!(
        phone
            .card()
            .body
            .iter()
            .any(|line| line.text == "此操作不能撤回。")
    );
    phone.press("确认");
    assert_eq!(phone.last()["do"], "rectification.serve_order");
}

#[test]
fn a_fix_is_reported_and_another_verifies_it() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.order = order("served");
    phone.say("/order Z-318");
    phone.press("报告整改");
    phone.give(Input::Photo {
        hash: "after".into(),
        name: "after.jpg".into(),
    });
    phone.say("已停课");
    phone.press("确认");
    assert_eq!(
        (&phone.last()["do"], &phone.last()["evidence"]),
        (
            &"rectification.report_fix".into(),
            &serde_json::json!(["after"])
        )
    );
    let mut verifier = Phone::of("P-0035", &["verifier"]);
    verifier.order = order("reported");
    verifier.say("/verify Z-318");
    verifier.press("未通过");
    verifier.say("仍有学生");
    verifier.press("确认");
    assert_eq!(
        (&verifier.last()["result"], &verifier.last()["note"]),
        (&"failed".into(), &"仍有学生".into())
    );
    verifier.say("/verify Z-318");
    verifier.press("✅ 通过");
    assert_eq!(verifier.last()["result"], "passed");
}

#[test]
fn a_refund_is_taken_in_yuan_and_sent_in_fen() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.say("/refund C-21 1,200.50");
    phone.say("银行回单 7");
    phone.press("确认");
    assert_eq!(
        (&phone.last()["amount_fen"], &phone.last()["proof"]),
        (&120_050.into(), &"银行回单 7".into())
    );
}

#[test]
fn a_wrong_answer_is_asked_again() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.say("/refund C-21");
    phone.say("很多钱");
    assert!(phone.toast().contains("金额看不懂"));
    assert!(phone.sent.is_empty());
    phone.say("3万");
    phone.say("回单");
    phone.press("确认");
    assert_eq!(phone.last()["amount_fen"], 3_000_000);
}

#[test]
fn a_step_is_acknowledged_with_a_promise() {
    let mut phone = Phone::of("P-0040", &["supervisor"]);
    phone.say("/ack E-14 明天17:00");
    assert_eq!(
        (&phone.last()["do"], &phone.last()["promise"]),
        (
            &"escalation.acknowledge".into(),
            &"2026-10-09T09:00:00Z".into()
        )
    );
    phone.say("/step E-14");
    phone.press("签收");
    phone.press("今天 17:30");
    assert_eq!(phone.last()["promise"], "2026-10-08T09:30:00Z");
}

#[test]
fn a_promise_too_far_ahead_is_asked_again() {
    let mut phone = Phone::of("P-0040", &["supervisor"]);
    phone.refusals.push_back(
        Refusal::PromiseTooFar {
            latest: "2026-10-12 24:00".into(),
        }
        .problem(),
    );
    phone.say("/ack E-14 12-30 10:00");
    assert!(phone.toast().contains("最多两个工作日"));
    phone.press("明天 12:00");
    assert_eq!(phone.last()["promise"], "2026-10-09T04:00:00Z");
}

#[test]
fn a_proposal_is_signed() {
    let mut phone = Phone::of("P-0040", &["supervisor"]);
    phone.step = step(true);
    phone.say("E-14");
    phone.press("签发");
    assert_eq!(
        (&phone.last()["do"], &phone.last()["step"]),
        (&"escalation.sign_step".into(), &"E-14".into())
    );
}

#[test]
fn a_lead_is_classified_routed_and_decided_on() {
    let mut phone = Phone::of("P-0020", &["dispatcher"]);
    phone.say("/lead L-69");
    phone.press("分类");
    assert!(
        phone
            .card()
            .buttons()
            .any(|action| action.label.starts_with("☑ H1")),
        "what the sentinel named is there already"
    );
    phone.press("完成（已选 1）");
    assert_eq!(phone.last()["codes"], serde_json::json!(["H1"]));
    phone.lead = lead("classified");
    phone.say("/lead L-69");
    phone.press("按表分派");
    assert_eq!(
        (
            &phone.last()["do"],
            phone
                .last()
                .get("lead_department")
                .unwrap_or(&serde_json::Value::Null)
        ),
        (&"rectification.route_lead".into(), &serde_json::Value::Null)
    );
    phone.lead = lead("routed");
    phone.say("/lead L-69");
    phone.press("联合行动");
    phone.press("涉及多个部门");
    phone.press("明天");
    phone.press("执法 1");
    phone.press("执法 2");
    phone.press("完成（已选 2）");
    phone.press("确认");
    let sent = phone.last();
    assert_eq!(
        (&sent["joint"], &sent["date"], &sent["crew"]),
        (
            &true.into(),
            &"2026-10-09".into(),
            &serde_json::json!(["420902/P-0030", "420902/P-0031"])
        )
    );
}

#[test]
fn another_department_than_the_table_s_needs_a_reason() {
    let mut phone = Phone::of("P-0020", &["dispatcher"]);
    phone.lead = lead("classified");
    phone.say("/lead L-69");
    phone.press("改派");
    phone.press("公安");
    phone.press("不填");
    phone.press("按问题性质");
    phone.press("确认");
    assert_eq!(
        (&phone.last()["lead_department"], &phone.last()["reason"]),
        (&"pol".into(), &"按问题性质".into())
    );
}

#[test]
fn a_verdict_is_shown_once_more_before_it_is_sent() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.lead = lead("routed");
    phone.say("/lead L-69");
    phone.press("不属实");
    phone.press("不填");
    assert!(phone.sent.is_empty());
    phone.press("确认");
    assert_eq!(phone.last()["verdict"], "not");
    phone.say("/lead L-69");
    phone.press("部分属实");
    phone.say("有两名学生");
    assert_eq!(phone.sent.len(), 1);
    phone.press("确认");
    assert_eq!(
        (&phone.last()["verdict"], &phone.last()["note"]),
        (&"partly".into(), &"有两名学生".into())
    );
}

#[test]
fn a_case_names_two_officers() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.lead = lead("verified");
    phone.lead.department = Some(named("edu", "区教育局"));
    phone.lead.verdict = Some("substantiated".into());
    phone.say("/lead L-69");
    phone.press("立案");
    phone.press("完成");
    assert!(phone.sent.is_empty() && phone.toast() == "请先填写或选择。");
    phone.press("执法 1");
    phone.press("执法 2");
    phone.press("完成（已选 2）");
    phone.press("确认");
    assert_eq!(
        phone.last()["officers"],
        serde_json::json!(["420902/P-0030", "420902/P-0031"])
    );
}

#[test]
fn a_task_is_handed_to_somebody() {
    let mut phone = Phone::of("P-0001", &["coordinator"]);
    phone.say("/task T-2041");
    phone.press("指派");
    phone.press("执法 2");
    phone.press("不填");
    phone.press("确认");
    assert_eq!(
        (&phone.last()["do"], &phone.last()["to"]),
        (&"dispatch.hand_over_task".into(), &"420902/P-0031".into())
    );
}

#[test]
fn a_form_goes_back_and_is_dropped() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.say("/case C-21");
    phone.press("开整改通知");
    phone.press("隐形变异");
    phone.press("返回");
    assert!(
        phone.card().title.starts_with("1/5"),
        "{}",
        phone.card().title
    );
    phone.press("取消");
    assert_eq!(phone.toast(), "已取消，没有发送。");
    phone.say("好的");
    assert_eq!(phone.card().key, "menu");
}

#[test]
fn a_form_survives_looking_at_something_else() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.say("/case C-21");
    phone.press("开整改通知");
    phone.press("隐形变异");
    phone.say("/whoami");
    phone.say("/resume");
    assert!(
        phone.card().title.starts_with("2/5"),
        "{}",
        phone.card().title
    );
}

#[test]
fn a_button_of_an_older_form_does_nothing() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.say("/case C-21");
    phone.press("开整改通知");
    let old = phone.button("隐形变异");
    phone.say("/refund C-21");
    phone.give(Input::Press(old));
    assert_eq!(
        (phone.toast(), phone.sent.len()),
        ("卡片已更新，请再看一次。", 0)
    );
    assert!(phone.card().title.contains("退费"));
}

#[test]
fn a_refusal_that_no_answer_cures_ends_the_form() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.order = order("served");
    phone.refusals.push_back(Problem::new(
        "not_allowed",
        "inspector 1 may not rectification.report_fix",
        "",
    ));
    phone.say("/fix Z-318 已整改");
    phone.press("确认");
    assert_eq!(phone.toast(), "抱歉，您的角色不能这样做。");
    assert!(
        phone.card().key.starts_with("order/"),
        "the order is shown as it stands"
    );
}

#[test]
fn what_is_written_about_somebody_else_is_never_sent_by_the_line_that_was_typed() {
    type Case = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
    );
    let cases: [Case; 7] = [
        ("P-0017", &["sentinel"], &["/decline T-2041 家里有事"]),
        ("P-0002", &["post_leader"], &["/return T-2041 问题缺照片"]),
        ("P-0030", &["inspector"], &["/fix Z-318 已停课"]),
        ("P-0030", &["inspector"], &["/serve Z-318 当面送达"]),
        (
            "P-0030",
            &["inspector"],
            &["/verdict L-69 substantiated", "十名学生"],
        ),
        ("P-0040", &["supervisor"], &["/park Z-318 停业"]),
        ("P-0030", &["inspector"], &["/extend Z-318 5", "材料待批"]),
    ];
    for (code, roles, lines) in cases {
        let mut phone = Phone::of(code, roles);
        phone.lead = lead("routed");
        for line in lines {
            phone.say(line);
        }
        assert!(phone.sent.is_empty(), "{lines:?} sent {:?}", phone.sent);
        phone.press("确认");
        assert_eq!(phone.sent.len(), 1, "{lines:?}: one press sends it");
    }
}

#[test]
fn accepting_and_passing_stay_one_press() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.say("/task T-2041");
    phone.press("我来接");
    let mut verifier = Phone::of("P-0035", &["verifier"]);
    verifier.order = order("reported");
    verifier.say("/verify Z-318");
    verifier.press("✅ 通过");
    assert_eq!((phone.sent.len(), verifier.sent.len()), (1, 1));
}

#[test]
fn nobody_is_taken_into_a_case_who_is_not_shown() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.lead = lead("verified");
    phone.lead.department = Some(named("edu", "区教育局"));
    phone.lead.verdict = Some("substantiated".into());
    phone.say("/lead L-69");
    phone.press("立案");
    phone.say("张三和李四");
    assert!(
        phone.toast().contains("名单里没有这个人"),
        "{}",
        phone.toast()
    );
    phone.press("执法 1");
    phone.press("执法 2");
    phone.press("完成（已选 2）");
    phone.press("确认");
    assert_eq!(
        phone.last()["officers"],
        serde_json::json!(["420902/P-0030", "420902/P-0031"])
    );
}

#[test]
fn people_may_be_typed_by_name_and_are_named_in_the_preview() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.lead = lead("verified");
    phone.lead.department = Some(named("edu", "区教育局"));
    phone.lead.verdict = Some("substantiated".into());
    phone.say("/lead L-69");
    phone.press("立案");
    phone.say("执法 1、p-0031");
    let text = crate::render_plain(phone.card(), 80);
    assert!(text.contains("执法 1、执法 2"), "{text}");
    phone.press("确认");
    assert_eq!(
        phone.last()["officers"],
        serde_json::json!(["420902/P-0030", "420902/P-0031"])
    );
}

#[test]
fn an_acknowledged_step_is_answered_once() {
    let mut phone = Phone::of("P-0040", &["supervisor"]);
    phone.say("/step E-14");
    phone.press("签收");
    phone.step.promise = Some(at("2026-10-08T09:30:00Z"));
    let said = (phone.toasts.len(), phone.cards.len());
    phone.press("今天 17:30");
    assert_eq!(
        (phone.toasts.len(), phone.cards.len()),
        (said.0, said.1 + 1),
        "{:?}",
        phone.toasts
    );
    assert!(
        phone
            .card()
            .body
            .iter()
            .any(|line| line.text.contains("已承诺 今天 17:30")),
        "{:?}",
        phone.card().body
    );
}

#[test]
fn a_sentinel_is_offered_no_batch_and_may_begin_none() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    for line in ["/inbox", "/board"] {
        phone.say(line);
        assert!(
            phone
                .card()
                .buttons()
                .all(|action| !action.label.contains("新批次")),
            "{line}"
        );
    }
    phone.say("/new");
    assert_eq!(phone.toast(), "抱歉，您的角色不能下发批次。");
    let mut coordinator = Phone::of("P-0001", &["coordinator"]);
    coordinator.say("/board");
    coordinator.button("新批次");
}

#[test]
fn each_department_of_a_joint_action_says_what_came_of_it() {
    let mut phone = Phone::of("P-0030", &["inspector"]);
    phone.lead = LeadView {
        joint: Some(true),
        action: Some("A-3".into()),
        ..lead("routed")
    };
    phone.say("/lead L-69");
    phone.press("报联合行动结果");
    phone.say("当场停课");
    phone.press("确认");
    let sent = phone.last();
    assert_eq!(
        (
            &sent["do"],
            &sent["action"],
            &sent["department"],
            &sent["outcome"]
        ),
        (
            &"rectification.report_action".into(),
            &"A-3".into(),
            &"edu".into(),
            &"当场停课".into()
        )
    );
    assert_eq!(phone.toast(), "L-69 的行动结果已记录。");
    phone.lead = lead("routed");
    phone.say("/lead L-69");
    assert!(
        phone
            .card()
            .buttons()
            .all(|action| !action.label.contains("行动结果")),
        "there is no joint action to speak of"
    );
}

#[test]
fn whoever_approves_bulletins_does_so_with_one_press() {
    let mut phone = Phone::of("P-0003", &["approver"]);
    phone.bulletin = Some(bulletin());
    phone.say("/bulletin");
    phone.press("审定");
    assert_eq!(
        (&phone.last()["do"], &phone.last()["bulletin"]),
        (&"bulletin.approve".into(), &"BU-4".into())
    );
    assert_eq!(phone.toast(), "BU-4 已审定。");
    let mut clerk = Phone::of("P-0002", &["clerk"]);
    clerk.bulletin = Some(bulletin());
    clerk.say("/bulletin");
    assert_eq!(
        clerk.card().buttons().count(),
        0,
        "nobody else is offered that"
    );
}
