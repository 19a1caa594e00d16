//! Updates that come again after a kill, and answers that get lost: what was done is done once, and what was
//! typed answers the question it was typed for.

use std::time::Duration;

use picket_fakechat::{Fault, Person};

use crate::stage::{Stage, photo};

/// Fills a report up to the card that asks for a confirmation.
async fn fills_a_report(sentinel: &Person) {
    sentinel.says("/report");
    sentinel.gets("上报").await;
    sentinel.presses("幸福里社区").await.answer().await;
    sentinel.gets("地址").await;
    sentinel.says("幸福路 9 号");
    sentinel.gets("看到了什么").await;
    sentinel.says("二楼有人补课");
    sentinel.gets("是哪些问题").await;
    sentinel.presses("不确定").await.answer().await;
    sentinel.gets("是否紧急").await;
    sentinel.presses("否").await.answer().await;
    sentinel.gets("请核对").await;
}

/// Somebody whose photo does not come: nothing after it can be confirmed to the platform.
async fn holds_everything_up(stage: &Stage, other: &Person) {
    stage.settled().await;
    stage
        .chat
        .fails("download", None, Fault::Hang(Duration::from_secs(60)), 1);
    other.sends_photo(photo(30));
    stage.chat.faults_are_over().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_typed_before_a_kill_does_not_answer_the_next_question_when_it_comes_again() {
    let mut stage = Stage::set().await;
    let (sentinel, other) = (stage.chat.person("s", 7017), stage.chat.person("o", 7018));
    stage.binds(&sentinel, "P-0017").await;
    stage.binds(&other, "P-0018").await;
    sentinel.says("/report");
    sentinel.gets("上报").await;
    sentinel.presses("幸福里社区").await.answer().await;
    sentinel.gets("地址").await;
    holds_everything_up(&stage, &other).await;
    let address = sentinel.says("幸福路 9 号");
    sentinel.gets("看到了什么").await;
    stage.was_shown(&sentinel, address).await;
    assert_eq!(
        stage.chat.unconfirmed(),
        2,
        "the address is taken and will come again"
    );
    stage.kill_bot().await;
    stage.start_bot().await;
    other.gets("照片").await;
    stage.settled().await;
    let last = sentinel.sees().last().clone();
    assert!(
        last.text.contains("看到了什么"),
        "the question that was asked is still the question: {last:?}"
    );
    sentinel.says("二楼有人补课");
    sentinel.gets("是哪些问题").await;
    sentinel.presses("不确定").await.answer().await;
    sentinel.gets("是否紧急").await;
    sentinel.presses("否").await.answer().await;
    let check = sentinel.gets("请核对").await;
    assert!(
        check.text.contains("幸福路 9 号") && check.text.contains("二楼有人补课"),
        "{check:?}"
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_picked_before_a_kill_stays_picked_when_the_press_comes_again() {
    let mut stage = Stage::set().await;
    let (sentinel, other) = (stage.chat.person("s", 7017), stage.chat.person("o", 7018));
    stage.binds(&sentinel, "P-0017").await;
    stage.binds(&other, "P-0018").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    for (button, then) in [
        ("我来接", "T-1"),
        ("开始填报", "机构 1"),
        ("有问题", "是哪些问题"),
    ] {
        sentinel.presses(button).await.answer().await;
        sentinel.gets(then).await;
    }
    holds_everything_up(&stage, &other).await;
    sentinel.presses("☐ Q1").await.answer().await;
    let picked = sentinel.gets("是哪些问题").await;
    assert!(
        picked.buttons.iter().any(|label| label.starts_with("☑ Q1")),
        "{picked:?}"
    );
    stage.kill_bot().await;
    stage.start_bot().await;
    other.gets("照片").await;
    stage.settled().await;
    let buttons = sentinel.sees().last().buttons.concat();
    assert!(
        buttons.iter().any(|label| label.starts_with("☑ Q1")),
        "{buttons:?}"
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_that_had_its_effect_before_a_kill_has_it_once_and_is_answered_when_it_comes_again()
{
    let mut stage = Stage::set().await;
    let (sentinel, other) = (stage.chat.person("s", 7017), stage.chat.person("o", 7018));
    stage.binds(&sentinel, "P-0017").await;
    stage.binds(&other, "P-0018").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    holds_everything_up(&stage, &other).await;
    stage.chat.fails(
        "answerCallbackQuery",
        None,
        Fault::Hang(Duration::from_secs(60)),
        1,
    );
    let press = sentinel.presses("我来接").await;
    stage.chat.faults_are_over().await;
    assert_eq!(
        (
            stage.count("dispatch", "task.accepted").await,
            stage.chat.unconfirmed()
        ),
        (1, 2),
        "it is done and will come again"
    );
    stage.kill_bot().await;
    stage.start_bot().await;
    other.gets("照片").await;
    press.says("已接单").await;
    sentinel.gets("1/1").await;
    stage.settled().await;
    assert_eq!(stage.count("dispatch", "task.accepted").await, 1);
    // The dead process could not answer it within the second.
    stage.chat.late_is_fine();
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_that_was_not_shown_before_a_kill_is_shown_when_the_update_comes_again() {
    let mut stage = Stage::set().await;
    let (sentinel, other) = (stage.chat.person("s", 7017), stage.chat.person("o", 7018));
    stage.binds(&sentinel, "P-0017").await;
    stage.binds(&other, "P-0018").await;
    holds_everything_up(&stage, &other).await;
    stage.chat.fails(
        "sendMessage",
        Some(7017),
        Fault::Hang(Duration::from_secs(60)),
        1,
    );
    sentinel.says("/whoami");
    stage.chat.faults_are_over().await;
    stage.kill_bot().await;
    assert_eq!(
        sentinel.sees().count("sentinel 17"),
        1,
        "no more than the welcome"
    );
    stage.start_bot().await;
    other.gets("照片").await;
    sentinel.gets("sentinel 17").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_is_one_report_although_no_answer_came_and_the_bot_was_killed() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    fills_a_report(&sentinel).await;
    stage.settled().await;
    // Done at once, and the bot hears nothing of it for as long as it lives.
    stage.way.loses_answers("dispatch", 1_000);
    let press = sentinel.presses("确认").await;
    stage.until_counted("dispatch", "place.reported", 1).await;
    press.answer().await;
    sentinel.gets("系统繁忙").await;
    stage.kill_bot().await;
    stage.way.loses_answers("dispatch", 0);
    stage.start_bot().await;
    sentinel.gets("已上报").await;
    stage.settled().await;
    stage.until_insight_read().await;
    assert_eq!(
        stage.count("dispatch", "place.reported").await,
        1,
        "the same wish again is the same fact"
    );
    stage.until_counted("rectification", "lead.opened", 1).await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_whose_answers_get_lost_is_sent_again_under_its_own_id() {
    let stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    fills_a_report(&sentinel).await;
    stage.way.loses_answers("dispatch", 3);
    sentinel.presses("确认").await.answer().await;
    sentinel.gets("已上报").await;
    assert_eq!(
        (
            stage.way.to_lose(),
            stage.count("dispatch", "place.reported").await
        ),
        (0, 1)
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_nobody_knows_the_end_of_is_the_same_report_when_it_is_confirmed_once_more() {
    let stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    fills_a_report(&sentinel).await;
    stage.way.loses_answers("dispatch", 1_000);
    let press = sentinel.presses("确认").await;
    sentinel.gets("系统繁忙").await;
    press.answer().await;
    // After half a minute the person is told, and the form is still there.
    stage.hears(&sentinel, "还不知道").await;
    let again = sentinel.gets("还不知道").await;
    assert!(again.text.contains("请核对"), "{again:?}");
    stage.settled().await;
    stage.way.loses_answers("dispatch", 0);
    sentinel.presses("确认").await.says("已上报").await;
    stage.settled().await;
    assert_eq!(stage.count("dispatch", "place.reported").await, 1);
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_that_changes_hands_keeps_the_form_and_gets_it_once_it_is_back() {
    let stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    fills_a_report(&sentinel).await;
    stage.way.takes_away("dispatch", true);
    let press = sentinel.presses("确认").await;
    sentinel.gets("系统繁忙").await;
    press.answer().await;
    assert_eq!(stage.chat.unconfirmed(), 1, "the press waits for the book");
    stage.way.takes_away("dispatch", false);
    sentinel.gets("已上报").await;
    assert_eq!(stage.count("dispatch", "place.reported").await, 1);
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_that_breaks_costs_nothing_but_itself_and_its_person_gets_a_number() {
    let stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.settled().await;
    stage.breaks.store(1, std::sync::atomic::Ordering::SeqCst);
    let number = sentinel.says("/whoami");
    sentinel.gets(&format!("E-{number}")).await;
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    let errors = stage.forgives_errors();
    assert!(
        errors.len() == 1 && errors[0].contains("broken by the test"),
        "{errors:?}"
    );
    stage.ends().await;
}
