//! Groups: the board for everybody, and nothing that is only for one.

use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_board_is_shown_in_the_group_and_what_is_private_comes_in_private() {
    let mut stage = Stage::set().await;
    let (coordinator, sentinel, stranger) = (stage.chat.person("c", 7001), stage.chat.person("s", 7017), stage.chat.person("x", 9001));
    let group = stage.chat.group("幸福里", -1_001);
    stage.binds(&coordinator, "P-0001").await;
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;

    coordinator.says_in(&group, "/board@picket_test_bot");
    group.gets("三月排查").await;
    sentinel.says_in(&group, "/inbox");
    let inbox = sentinel.gets("待办").await;
    assert_eq!(inbox.chat, sentinel.number(), "one's inbox is nobody else's business");
    // What is not meant for this bot, or comes from nobody on the roster, has no answer.
    coordinator.says_in(&group, "good morning");
    coordinator.says_in(&group, "/board@another_bot");
    stranger.says_in(&group, "/board");
    stage.chat.all_confirmed().await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_moved_gets_its_board_at_its_new_number() {
    let mut stage = Stage::set().await;
    let coordinator = stage.chat.person("c", 7001);
    let group = stage.chat.group("幸福里", -1_001);
    stage.binds(&coordinator, "P-0001").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    let moved = group.moves_to(-1_002);
    coordinator.says_in(&group, "/board");
    moved.gets("三月排查").await;
    stage.chat.all_confirmed().await;
    stage.ends().await;
}
