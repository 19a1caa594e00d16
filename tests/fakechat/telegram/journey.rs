//! The way of a sentinel: invited, bound, a sheet offered, accepted, filled with photo and place, handed in.

use crate::stage::{Stage, files_with, photo};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invited_phone_becomes_the_sentinel_and_takes_the_next_sheet_to_its_receipt() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;

    stage.issues_batch("三月排查", &["P-0017"]).await;
    let offer = sentinel.gets("T-1").await;
    assert!(
        offer.buttons.iter().any(|label| label.contains("接")),
        "{offer:?}"
    );
    stage.notice_stands("P-0017", "offer", "sent").await;

    sentinel.presses("我来接").await.says("已接单").await;
    let taken = sentinel.gets("T-1").await;
    assert_eq!(
        taken.message, offer.message,
        "the card is changed in its place"
    );
    assert_eq!(stage.task("T-1").await.state, "accepted");

    sentinel.presses("开始填报").await.answer().await;
    sentinel.gets("机构 1").await;
    // A problem with its codes, a photo, a place, a word.
    sentinel.presses("有问题").await.answer().await;
    sentinel.gets("机构 1").await;
    let codes = sentinel.sees().last().clone();
    let code = codes
        .buttons
        .iter()
        .flatten()
        .find(|label| label.starts_with('☐'))
        .expect("codes to pick")
        .clone();
    sentinel.presses(&code).await.answer().await;
    sentinel.gets("机构 1").await;
    sentinel.presses("完成").await.answer().await;
    sentinel.gets("机构 1").await;
    sentinel.sends_photo(photo(10));
    sentinel.gets("收到第 1 张照片").await;
    sentinel.sends_location(30.92, 113.95, 12.0);
    sentinel.gets("位置已记下").await;
    sentinel.says("门口有招牌 <b>&");
    sentinel.gets("备注已记下").await;
    sentinel.presses("✅ 记下").await.answer().await;
    sentinel.gets("机构 2").await;
    sentinel.presses("正常").await.answer().await;
    sentinel.gets("T-1").await;
    sentinel.presses("提交").await.answer().await;
    let receipt = sentinel.gets("回执").await;
    assert!(receipt.text.contains("T-1"), "{receipt:?}");

    let task = stage.task("T-1").await;
    assert_eq!(task.state, "submitted");
    let row = &task.rows[0];
    assert_eq!((row.evidence.len(), row.codes.len()), (1, 1));
    assert!(
        row.note.contains("门口有招牌 <b>&") && row.note.contains("±12m"),
        "the words and the place: {}",
        row.note
    );
    let blobs = stage.blobs.path().join("blobs");
    assert_eq!(
        std::fs::read(blobs.join(&row.evidence[0])).expect("the original"),
        photo(10)
    );
    assert_eq!(
        files_with(&blobs, b"GPS-CANARY"),
        1,
        "the original is kept as it came, once"
    );
    assert_eq!(
        stage
            .chat
            .commands("chat 7017", "")
            .expect("a list of commands")[0]
            .0,
        "inbox"
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_on_no_list_is_reported_with_where_one_stands_and_a_photo_the_dispatcher_sees() {
    let stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    let dispatcher = stage.chat.person("d", 7001);
    stage.binds(&sentinel, "P-0017").await;
    stage.binds(&dispatcher, "P-0001").await;

    sentinel.says("/report");
    sentinel.gets("上报").await;
    sentinel.presses("幸福里社区").await.answer().await;
    sentinel.gets("地址").await;
    sentinel.sends_location(30.92, 113.95, 12.0);
    sentinel.gets("看到了什么").await;
    sentinel.sends_photo(photo(20));
    sentinel.gets("收到第 1 张照片").await;
    sentinel.says("二楼有人补课");
    sentinel.gets("是哪些问题").await;
    sentinel.presses("不确定").await.answer().await;
    sentinel.gets("是否紧急").await;
    sentinel.presses("否").await.answer().await;
    let check = sentinel.gets("请核对").await;
    assert!(
        check.text.contains("±12m"),
        "where one stood is part of the report: {check:?}"
    );
    sentinel.presses("确认").await.says("已上报").await;
    dispatcher.gets("L-1").await;
    let picture = dispatcher.gets_picture().await;
    assert_eq!(picture.chat, dispatcher.number());
    let seen = dispatcher
        .sees()
        .messages
        .into_iter()
        .find_map(|message| message.picture)
        .expect("a picture");
    assert!(
        !seen.windows(10).any(|window| window == b"GPS-CANARY"),
        "what is shown does not say where it was taken"
    );
    stage.ends().await;
}
