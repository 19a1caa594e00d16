//! The rounds of a dialogue: stale and forged buttons, languages, notices, what is not understood.

use std::collections::BTreeMap;

use picket_schemas::ask::{TaskView, View};
use picket_schemas::courier::NoticeKind;
use picket_schemas::{PersonId, Problem};

use super::world::*;
use crate::{Context, CourierNotice, Effect, Input, Language, Session};

fn notice(kind: NoticeKind, about: &str) -> Input {
    Input::Notice(CourierNotice {
        notice: "N-1".into(),
        kind,
        about: about.into(),
        jurisdiction: "420902".into(),
        with: BTreeMap::new(),
    })
}

#[test]
fn the_chat_opens_with_what_waits() {
    let phone = Phone::of("P-0017", &["sentinel"]);
    assert_eq!(phone.card().key, "inbox");
}

#[test]
fn a_round_waits_for_one_thing_at_most_and_it_comes_last() {
    let (zone, person) = (zone(), PersonId::from("420902/P-0017"));
    let cx = Context {
        now: now(),
        zone: &zone,
        person: &person,
    };
    let mut session = Session::default();
    for input in [
        Input::Start,
        Input::Answered(Box::new(View::Person(crate::tests::world::person(
            "P-0017",
            "哨兵 17",
            &["sentinel"],
        )))),
        Input::Text("/accept T-2041".into()),
        Input::Answered(Box::new(View::Task(task("issued")))),
    ] {
        let turns = session.handle(input, &cx);
        let waits = |turn: &Effect| matches!(turn, Effect::Ask(_) | Effect::Do { .. });
        assert!(
            turns.iter().filter(|turn| waits(turn)).count() <= 1
                && turns.iter().rev().skip(1).all(|turn| !waits(turn)),
            "{turns:?}"
        );
    }
}

#[test]
fn an_old_card_s_button_does_nothing_and_the_fresh_card_comes() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.say("/task T-2041");
    let old = phone.button("我来接");
    phone.task.rev += 1;
    phone.give(Input::Press(old));
    assert_eq!(
        (phone.toast(), phone.sent.len(), phone.edited),
        ("卡片已更新，请再看一次。", 0, true)
    );
    assert_eq!(phone.card().rev, phone.task.rev);
}

#[test]
fn a_forged_button_does_nothing() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    for data in [
        "",
        "1:accept:T-2041:1:x",
        "9:accept:T-2041:1",
        "1:fill:T-2041#x.ok:3",
        "rm -rf",
        "1:pick:#0.99:1",
    ] {
        phone.give(Input::Press(data.to_owned()));
    }
    assert!(phone.sent.is_empty());
}

#[test]
fn a_typed_command_does_what_the_button_does() {
    let mut typed = Phone::of("P-0017", &["sentinel"]);
    typed.say("/accept T-2041");
    let mut pressed = Phone::of("P-0017", &["sentinel"]);
    pressed.say("/task T-2041");
    pressed.press("我来接");
    assert_eq!(typed.sent, pressed.sent);
}

#[test]
fn a_wish_goes_to_the_jurisdiction_of_the_record() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.task.jurisdiction = "420921".into();
    phone.say("/accept 420921/T-2041");
    let (at, _) = phone.sent.last().expect("a command");
    assert_eq!(
        (at.as_str(), &phone.last()["task"]),
        ("420921", &"T-2041".into())
    );
    assert!(phone.card().title.contains("420921/T-2041"));
}

#[test]
fn the_language_changes_and_stays() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.say("/lang en");
    assert_eq!(phone.session.language(), Language::En);
    phone.say("/inbox");
    assert!(
        phone.card().title.contains("wait"),
        "{}",
        phone.card().title
    );
    phone.say("/whoami");
    phone.press("中文");
    assert_eq!(phone.session.language(), Language::Zh);
}

#[test]
fn what_is_not_understood_brings_a_short_menu() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.say("今天天气不错");
    assert_eq!(phone.card().key, "menu");
    phone.say("/dance");
    assert_eq!(phone.toast(), "没有这个命令。");
    phone.say("/accept");
    assert_eq!(phone.toast(), "/accept 后面要写编号。");
}

#[test]
fn what_is_not_there_is_said() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.say("T-9999");
    assert_eq!(phone.toast(), "没有找到 T-9999。");
}

#[test]
fn a_list_that_is_not_for_somebody_is_said_to_be_none_of_theirs() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.no_board = true;
    phone.say("/board");
    assert_eq!(phone.toast(), "这里没有您可以看的内容。");
}

#[test]
fn a_refusal_without_a_kind_sentence_shows_its_own() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.refusals.push_back(Problem::new(
        "something_new",
        "the moon is in the way",
        "wait",
    ));
    phone.say("/accept T-2041");
    assert_eq!(phone.toast(), "the moon is in the way");
}

#[test]
fn a_question_that_fails_is_said_and_nothing_hangs() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.give(Input::Failed(Problem::new("busy", "busy", "")));
    assert!(phone.toast().contains("系统繁忙"));
    phone.say("/help");
    assert_eq!(phone.card().key, "help");
}

#[test]
fn an_answer_nobody_asked_for_is_dropped() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    let shown = phone.cards.len();
    phone.give(Input::Answered(Box::new(View::Task(task("issued")))));
    phone.give(Input::Done(Err(Problem::new("busy", "busy", ""))));
    assert_eq!(phone.cards.len(), shown);
}

#[test]
fn each_notice_brings_its_card() {
    let mut phone = Phone::of(
        "P-0017",
        &["sentinel", "dispatcher", "verifier", "supervisor"],
    );
    phone.order = order("reported");
    for (kind, about, key) in [
        (NoticeKind::Offer, "T-2041", "task/420902/T-2041"),
        (NoticeKind::Reminder, "T-2041", "task/420902/T-2041"),
        (NoticeKind::Screen, "L-69", "lead/420902/L-69"),
        (NoticeKind::Verify, "Z-318", "order/420902/Z-318"),
        (NoticeKind::Ladder, "E-14", "step/420902/E-14"),
        (NoticeKind::Digest, "", "inbox"),
        (NoticeKind::Bulletin, "BU-1", "bulletin"),
        (NoticeKind::FindingRouted, "L-69", "finding/L-69"),
    ] {
        phone.give(notice(kind, about));
        assert_eq!(phone.card().key, key, "{kind:?}");
        assert!(!phone.edited, "a notice is a new message");
    }
}

#[test]
fn several_offers_at_once_are_the_list_of_what_waits() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    let with = BTreeMap::from([("items".to_owned(), "T-2041;T-2042".to_owned())]);
    phone.give(Input::Notice(CourierNotice {
        notice: "N-1".into(),
        kind: NoticeKind::Offer,
        about: "T-2041".into(),
        jurisdiction: "420902".into(),
        with,
    }));
    assert_eq!(phone.card().key, "inbox");
}

#[test]
fn a_step_that_is_over_notifies_nobody() {
    let mut phone = Phone::of("P-0040", &["supervisor"]);
    let shown = phone.cards.len();
    phone.give(notice(NoticeKind::Ladder, "E-99"));
    assert_eq!(phone.cards.len(), shown);
}

#[test]
fn somebody_who_is_not_on_the_roster_is_told() {
    let (zone, person) = (zone(), PersonId::from("420902/P-0404"));
    let cx = Context {
        now: now(),
        zone: &zone,
        person: &person,
    };
    let mut session = Session::default();
    session.handle(Input::Start, &cx);
    let turns = session.handle(Input::Answered(Box::new(View::Unknown)), &cx);
    assert!(
        matches!(&turns[0], Effect::Toast(text) if text.contains("P-0404")),
        "{turns:?}"
    );
}

#[test]
fn a_pass_cannot_disturb_the_layout_with_what_people_wrote() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.task.batch.name = "坏\u{202e}人\u{1b}[2J\n名字".into();
    phone.say("/task T-2041");
    assert!(
        phone.card().title.contains("坏人[2J 名字"),
        "{}",
        phone.card().title
    );
}

#[test]
fn the_finder_s_name_is_on_no_card_of_a_lead() {
    let text = drawn(Language::Zh, "P-0030", &["inspector"], |look| {
        crate::render_plain(&crate::cards::lead::card(&lead("routed"), look), 80)
    });
    assert!(
        text.contains("幸福里哨点") && !text.contains("哨兵 17"),
        "{text}"
    );
}

#[test]
fn a_sealed_task_does_not_exist_for_others() {
    let mut phone = Phone::of("P-0001", &["coordinator"]);
    phone.task.sealed_until = Some(at("2026-10-20T00:00:00Z"));
    phone.say("/task T-2041");
    assert_eq!(phone.toast(), "没有找到 T-2041。");
    phone.give(notice(NoticeKind::Unassigned, "T-2041"));
    assert!(
        phone
            .cards
            .iter()
            .all(|card| !card.key.starts_with("task/"))
    );
    let mut invited = Phone::of("P-0017", &["sentinel"]);
    invited.task.sealed_until = Some(at("2026-10-20T00:00:00Z"));
    invited.say("/task T-2041");
    assert!(invited.card().key.starts_with("task/"));
    assert_eq!(
        invited.card().audience,
        crate::Audience::Private,
        "not where those stand who may not see it"
    );
    invited.task.sealed_until = None;
    invited.say("/task T-2041");
    assert_eq!(invited.card().audience, crate::Audience::Group);
}

#[test]
fn a_sheet_that_names_its_finder_is_not_shown_to_a_department() {
    let mut inspector = Phone::of("P-0030", &["inspector"]);
    inspector.say("/task T-2041");
    assert_eq!(inspector.toast(), "没有找到 T-2041。");
    inspector.say("/timeline T-2041");
    assert_eq!(inspector.toast(), "没有找到 T-2041。");
    let mut coordinator = Phone::of("P-0001", &["coordinator"]);
    coordinator.say("/task T-2041");
    assert!(coordinator.card().key.starts_with("task/"));
}

#[test]
fn a_task_handed_on_is_an_offer_to_whoever_is_asked() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.task = task("accepted");
    phone.task.holders = vec![named("420902/P-0018", "哨兵 18")];
    phone.give(notice(NoticeKind::Offer, "T-2041"));
    phone.press("我来接");
    assert_eq!(phone.last()["do"], "dispatch.accept_task");
    phone.task.holders = vec![named("420902/P-0018", "哨兵 18")];
    phone.say("/inbox");
    phone.press("打开 T-2041");
    phone.button("我来接");
}

#[test]
fn what_was_so_already_is_said() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    phone.unchanged = true;
    phone.say("/accept T-2041");
    assert_eq!(phone.toast(), "已经办过了，没有重复办理。");
}

fn offer(about: &str) -> CourierNotice {
    CourierNotice {
        notice: format!("N-{about}"),
        kind: NoticeKind::Offer,
        about: about.into(),
        jurisdiction: "420902".into(),
        with: BTreeMap::new(),
    }
}

#[test]
fn offers_that_come_together_are_one_card_with_a_button_each() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    let shown = phone.cards.len();
    let screen = CourierNotice {
        kind: NoticeKind::Screen,
        ..offer("L-69")
    };
    let inputs = crate::bundled(vec![offer("T-2041"), screen, offer("T-2042")]);
    assert_eq!(inputs.len(), 2, "{inputs:?}");
    phone.more_offers = vec![TaskView {
        task: "T-2042".into(),
        ..task("issued")
    }];
    for input in inputs {
        phone.give(input);
    }
    assert_eq!(phone.cards.len(), shown + 2);
    let card = &phone.cards[shown];
    assert_eq!(card.title, "2 项新任务");
    let data = card
        .buttons()
        .find(|action| action.label == "✋ 接 T-2041")
        .expect("a button to take it")
        .data
        .clone();
    phone.give(Input::Press(data));
    assert_eq!(
        (&phone.last()["do"], &phone.last()["task"]),
        (&"dispatch.accept_task".into(), &"T-2041".into())
    );
}

#[test]
fn of_offers_that_are_gone_nothing_is_shown() {
    let mut phone = Phone::of("P-0017", &["sentinel"]);
    let shown = phone.cards.len();
    for input in crate::bundled(vec![offer("T-8"), offer("T-9")]) {
        phone.give(input);
    }
    assert_eq!(phone.cards.len(), shown);
    for input in crate::bundled(vec![offer("T-9"), offer("T-2041")]) {
        phone.give(input);
    }
    assert!(
        phone.card().key.starts_with("task/"),
        "one that is left has its own card"
    );
}

#[test]
fn the_route_s_rule_is_said_in_the_reader_s_language() {
    let said = |language, rule: &str| {
        drawn(language, "P-0020", &["dispatcher"], |look| {
            look.reason(rule)
        })
    };
    assert_eq!(
        said(Language::Zh, "row 10: H1, custody (of 4209)"),
        "第 10 行：H1 隐形变异：住宅、酒店、托管，托管（4209 的分派表）"
    );
    assert_eq!(
        said(
            Language::Zh,
            "row 99: any violation, any training (of 4209)"
        ),
        "第 99 行：任何问题，任何类别（4209 的分派表）"
    );
    assert_eq!(said(Language::Zh, "按问题性质"), "按问题性质");
    assert!(said(Language::En, "row 10: H1, custody (of 4209)").starts_with("row 10: H1 "));
}
