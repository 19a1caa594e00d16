//! Groups: the board for everybody, and nothing that is only for one.

use std::time::Duration;

use picket_fakechat::{Group, Said};
use picket_schemas::PersonId;
use picket_schemas::ask::{Question, View};
use serde_json::json;

use crate::stage::{HOME, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_person_may_see_comes_in_private_wherever_it_was_asked_for() {
    let mut stage = Stage::set().await;
    let (coordinator, sentinel, stranger) = (
        stage.chat.person("c", 7001),
        stage.chat.person("s", 7017),
        stage.chat.person("x", 9001),
    );
    let group = stage.chat.group("幸福里", -1_001);
    stage.binds(&coordinator, "P-0001").await;
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;

    // The group is not on the roster: what the board shows is for whoever may see it.
    coordinator.says_in(&group, "/board@picket_test_bot");
    let board = coordinator.gets("三月排查").await;
    assert_eq!(board.chat, coordinator.number());
    sentinel.says_in(&group, "/inbox");
    let inbox = sentinel.gets("待办").await;
    assert_eq!(
        inbox.chat,
        sentinel.number(),
        "one's inbox is nobody else's business"
    );
    // What is not meant for this bot, or comes from nobody on the roster, has no answer.
    coordinator.says_in(&group, "good morning");
    coordinator.says_in(&group, "/board@another_bot");
    stranger.says_in(&group, "/board");
    stage.settled().await;
    stage.ends().await;
}

/// The board as it comes to stand so; it may have shown less before.
async fn board(group: &Group, stands: impl Fn(&Said) -> bool) -> Said {
    loop {
        let said = group.gets("看板").await;
        if stands(&said) {
            return said;
        }
    }
}

/// The sheets somebody there may take; the board names them too.
pub(crate) async fn offer(group: &Group) -> Said {
    loop {
        let said = group.gets("T-1").await;
        if !said.text.contains("看板") {
            return said;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_opened_its_invitation_has_one_pinned_board_that_changes_in_its_place() {
    let mut stage = Stage::set().await;
    let (coordinator, sentinel) = (stage.chat.person("c", 7001), stage.chat.person("s", 7017));
    let group = stage.chat.group("幸福里", -1_001);
    stage.binds(&coordinator, "P-0001").await;
    stage.binds(&sentinel, "P-0017").await;
    stage.binds_group(&coordinator, &group).await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    let board = board(&group, |said| said.text.contains("0/1")).await;
    assert!(board.text.contains("三月排查") && board.silent, "{board:?}");
    sentinel.gets("T-1").await;
    sentinel.presses("我来接").await.answer().await;
    sentinel.gets("T-1").await;
    let changed = self::board(&group, |said| said.text.contains("已接 1")).await;
    assert_eq!(
        (changed.message, group.pinned()),
        (board.message, Some(board.message)),
        "one board, changed in its place and in sight"
    );
    let all = group
        .sees()
        .messages
        .iter()
        .map(|message| message.text.clone())
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        !all.contains("sentinel"),
        "nobody is named in a group: {all}"
    );
    // Asked for, it comes to the end of the chat.
    coordinator.says_in(&group, "/board");
    self::board(&group, |said| said.message != board.message).await;
    stage.settled().await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_those_who_may_take_what_stands_in_the_group_the_first_who_presses_has_it_in_private() {
    let mut stage = Stage::set().await;
    let (one, two, leader, coordinator) = (
        stage.chat.person("s", 7017),
        stage.chat.person("o", 7018),
        stage.chat.person("l", 7002),
        stage.chat.person("c", 7001),
    );
    let group = stage.chat.group("幸福里", -1_001);
    for (person, code) in [
        (&one, "P-0017"),
        (&two, "P-0018"),
        (&leader, "P-0002"),
        (&coordinator, "P-0001"),
    ] {
        stage.binds(person, code).await;
    }
    stage.binds_group(&coordinator, &group).await;
    stage.issues_batch("三月排查", &["P-0017", "P-0018"]).await;
    one.gets("T-1").await;
    two.gets("T-1").await;
    let offer = offer(&group).await;
    assert!(
        offer.buttons.iter().any(|label| label.contains("我来接")),
        "{offer:?}"
    );
    stage.notice_stands("G-01", "offer", "sent").await;

    // Somebody it was not offered to is told so, and nothing happens.
    leader
        .presses_in(&group, "我来接")
        .await
        .says("不能接单")
        .await;
    leader.gets("T-1").await;
    stage.settled().await;
    assert_eq!(stage.count("dispatch", "task.accepted").await, 0);
    two.presses_in(&group, "我来接").await.says("已接单").await;
    let own = two.gets("✋ sentinel 18").await;
    assert!(
        own.buttons.iter().any(|label| label.contains("开始填报")),
        "what is left to do comes in private: {own:?}"
    );
    let taken = loop {
        let said = group.gets("已接 1").await;
        if said.message == offer.message {
            break said;
        }
    };
    assert!(
        taken.buttons.is_empty(),
        "nothing is left to press: {taken:?}"
    );
    assert_eq!(
        stage
            .task("T-1")
            .await
            .holders
            .iter()
            .map(|who| who.code.clone())
            .collect::<Vec<_>>(),
        [format!("{HOME}/P-0018")]
    );
    // Too late, with a button an old program still shows.
    one.presses_data(
        group.number(),
        offer.message,
        &format!("1:accept:{HOME}/T-1:"),
    )
    .says("不能接单")
    .await;
    one.gets("✋ sentinel 18").await;
    stage.settled().await;
    assert_eq!(stage.count("dispatch", "task.accepted").await, 1);
    let all = group
        .sees()
        .messages
        .iter()
        .map(|message| message.text.clone())
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        !all.contains("sentinel"),
        "nobody is named in a group: {all}"
    );
    stage.looks_at_board_of(&group, "已接 1").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bulletin_reaches_the_group_once_somebody_answers_for_it_and_a_correction_takes_its_place()
 {
    let mut stage = Stage::set().await;
    let coordinator = stage.chat.person("c", 7001);
    let group = stage.chat.group("幸福里", -1_001);
    stage.does("operator", json!({"do": "registry.enrol_person", "code": "P-0040", "name": "approver 40", "roles": "approver", "area": HOME})).await;
    stage.binds(&coordinator, "P-0001").await;
    stage.binds_group(&coordinator, &group).await;
    stage
        .does(
            "P-0001",
            json!({"do": "bulletin.freeze", "name": "三月通报"}),
        )
        .await;
    coordinator.gets("三月通报").await;
    assert!(
        group.sees().count("三月通报") == 0,
        "a draft is nobody's but theirs who make it"
    );
    stage
        .does(
            "P-0040",
            json!({"do": "bulletin.approve", "bulletin": "BU-1"}),
        )
        .await;
    let said = group.gets("三月通报").await;
    stage.notice_stands("G-01", "bulletin", "sent").await;

    stage.does("P-0001", json!({"do": "bulletin.correct", "bulletin": "BU-1", "reason": "a case was counted twice"})).await;
    coordinator.gets("三月通报").await;
    stage
        .does(
            "P-0040",
            json!({"do": "bulletin.approve", "bulletin": "BU-2"}),
        )
        .await;
    let corrected = group.gets("三月通报").await;
    assert_eq!(
        (corrected.message, group.sees().count("三月通报")),
        (said.message, 1),
        "one message, never a second one"
    );
    stage.settled().await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_persons_link_opened_in_a_group_binds_nobody() {
    let mut stage = Stage::set().await;
    let coordinator = stage.chat.person("c", 7001);
    let group = stage.chat.group("幸福里", -1_001);
    stage.binds(&coordinator, "P-0001").await;
    let person = PersonId::new(&HOME.into(), "P-0017");
    let invitation = stage
        .telegram()
        .invite(&person, &PersonId::new(&HOME.into(), "P-0001"))
        .await
        .expect("an invitation");
    coordinator.opens_in(&group, &invitation.link.replace("?start=", "?startgroup="));
    coordinator.gets("不能用").await;
    assert_eq!(
        stage.asks(Question::Accounts { person }).await,
        View::Accounts(Vec::new())
    );
    // What is for that sentinel goes nowhere, least of all into the group.
    stage.issues_batch("三月排查", &["P-0017"]).await;
    stage.settled().await;
    assert!(group.sees().messages.is_empty());
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_with_another_number_is_bound_there_and_has_its_board_there() {
    let mut stage = Stage::set().await;
    let coordinator = stage.chat.person("c", 7001);
    let group = stage.chat.group("幸福里", -1_001);
    stage.binds(&coordinator, "P-0001").await;
    stage.binds_group(&coordinator, &group).await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    board(&group, |said| said.text.contains("0/1")).await;
    let moved = group.moves_to(-1_002);
    group.tells_of_move(-1_002);
    let there = moved.gets("看板").await;
    let bound = Question::Accounts {
        person: PersonId::new(&HOME.into(), "G-01"),
    };
    for _ in 0..200 {
        if matches!(stage.asks(bound.clone()).await, View::Accounts(accounts) if accounts.iter().any(|one| one.account == "-1002"))
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(
        matches!(stage.asks(bound).await, View::Accounts(accounts) if accounts.len() == 1 && accounts[0].account == "-1002")
    );
    stage.settled().await;
    assert_eq!(
        (moved.sees().count("看板"), moved.pinned()),
        (1, Some(there.message)),
        "one board, not one for each time it was noticed"
    );
    stage.ends().await;
}
