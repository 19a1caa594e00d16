//! What goes wrong between the bot and the platform, and that nothing is lost, doubled or given away by it.

use std::time::{Duration, Instant};

use picket_fakechat::{Fault, Limits};
use picket_schemas::ask::{Question, View};
use picket_telegram::{BotSettings, RunError, Token};

use crate::stage::{Stage, photo, told};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_platform_asks_to_wait_is_waited_and_the_message_comes_once() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    let begun = Instant::now();
    stage
        .chat
        .fails("sendMessage", Some(7017), Fault::TooMany(2), 1);
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    assert!(
        begun.elapsed() >= Duration::from_secs(2),
        "never earlier than asked"
    );
    stage.notice_stands("P-0017", "offer", "sent").await;
    assert_eq!(
        (
            sentinel.sees().count("T-1"),
            stage.telegram().counts().waited
        ),
        (1, 1)
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_chat_that_must_wait_holds_up_no_other() {
    let mut stage = Stage::set().await;
    let (one, two) = (stage.chat.person("s", 7017), stage.chat.person("o", 7018));
    stage.binds(&one, "P-0017").await;
    stage.binds(&two, "P-0018").await;
    stage
        .chat
        .fails("sendMessage", Some(7017), Fault::TooMany(5), 1);
    let begun = Instant::now();
    stage.issues_batch("三月排查", &["P-0017", "P-0018"]).await;
    two.gets("T-1").await;
    assert!(begun.elapsed() < Duration::from_secs(4));
    one.gets("T-1").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_in_trouble_is_asked_again() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    for (method, fault) in [
        ("sendMessage", Fault::Server(503)),
        ("sendMessage", Fault::Server(500)),
        ("getUpdates", Fault::Server(500)),
        ("getUpdates", Fault::Page(502)),
        ("getUpdates", Fault::Junk),
        ("getUpdates", Fault::CutBefore),
    ] {
        stage.chat.fails(method, None, fault, 1);
    }
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    assert_eq!(sentinel.sees().count("T-1"), 1);
    stage.chat.faults_are_over().await;
    assert_eq!(stage.chat.faults_hit(), 6);
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_whose_sending_has_no_clear_answer_is_seen_twice_at_the_most_and_that_is_counted() {
    let stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage
        .chat
        .fails("sendMessage", Some(7017), Fault::CutAfter, 1);
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    sentinel.gets("sentinel 17").await;
    stage.settled().await;
    assert_eq!(sentinel.sees().count("P-0017"), 2);
    assert_eq!(stage.telegram().counts().perhaps_twice, 1);
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_whose_sending_has_no_clear_answer_is_unknown_and_not_sent_again() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage
        .chat
        .fails("sendMessage", Some(7017), Fault::CutAfter, 1);
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    stage.notice_stands("P-0017", "offer", "unknown").await;
    assert_eq!(sentinel.sees().count("T-1"), 1);
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_is_answered_within_a_second_however_long_the_card_takes() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    stage.chat.fails(
        "editMessageText",
        None,
        Fault::Slow(Duration::from_secs(3)),
        1,
    );
    let begun = Instant::now();
    sentinel.presses("我来接").await.answer().await;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    sentinel.gets("T-1").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_too_old_to_be_answered_is_answered_on_the_card() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    stage.chat.fails(
        "answerCallbackQuery",
        None,
        Fault::Bad("query is too old and response timeout expired or query ID is invalid".into()),
        1,
    );
    sentinel.presses("我来接").await;
    let card = sentinel.gets("已接单").await;
    assert!(card.text.contains("1/1"), "{card:?}");
    stage.settled().await;
    stage.chat.unanswered_is_fine();
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_that_is_gone_or_the_same_already_is_no_trouble() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    stage.chat.fails(
        "editMessageText",
        None,
        Fault::Bad("message to edit not found".into()),
        1,
    );
    sentinel.presses("看清单").await.answer().await;
    let rows = sentinel.gets("机构 1").await;
    assert_eq!(
        rows.what,
        picket_fakechat::SaidWhat::Message,
        "what cannot be edited comes anew"
    );
    stage
        .chat
        .fails("editMessageText", None, Fault::CutAfter, 1);
    sentinel.presses("我来接").await.answer().await;
    sentinel.gets("1/1").await;
    stage.settled().await;
    assert_eq!(
        stage.telegram().counts().perhaps_twice,
        0,
        "an edit may be repeated and changes nothing"
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_blocked_the_bot_is_reported_with_the_platforms_words() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    sentinel.blocks_silently();
    stage.issues_batch("三月排查", &["P-0017"]).await;
    for _ in 0..1_000 {
        let notices = stage.notices("P-0017").await;
        if notices.iter().any(|one| {
            one.reason
                .as_deref()
                .is_some_and(|reason| reason.contains("blocked by the user"))
        }) {
            stage.settled().await;
            return stage.ends().await;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!(
        "nobody says that the person blocked the bot: {:?}",
        stage.notices("P-0017").await
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_receiver_is_told_clearly_and_outlived() {
    let stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.chat.fails("getUpdates", None, Fault::Conflict, 2);
    sentinel.says("/whoami");
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    sentinel.gets("sentinel 17").await;
    stage.settled().await;
    assert_eq!(
        told(&stage)
            .iter()
            .filter(|one| one.contains("another process receives with this token"))
            .count(),
        1,
        "{:?}",
        told(&stage)
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_that_cannot_be_fetched_at_once_is_fetched_again() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    sentinel.presses("我来接").await.answer().await;
    sentinel.gets("T-1").await;
    sentinel.presses("开始填报").await.answer().await;
    sentinel.gets("机构 1").await;
    stage.chat.fails("getFile", None, Fault::Page(502), 1);
    stage.chat.fails("download", None, Fault::CutBefore, 1);
    sentinel.sends_album(vec![photo(10), photo(110), photo(210)]);
    for n in 1..=3 {
        sentinel.gets(&format!("第 {n} 张")).await;
    }
    stage.settled().await;
    assert_eq!(
        sentinel.sees().count("张照片"),
        1,
        "an album is counted in one message"
    );
    assert_eq!(
        std::fs::read_dir(stage.blobs.path().join("blobs"))
            .expect("the folder")
            .count(),
        3,
        "three originals"
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_platforms_limits_are_kept() {
    let mut stage = Stage::set().await;
    stage.chat.enforces(Limits::default());
    let people: Vec<_> = [
        (7017, "P-0017", "sentinel 17"),
        (7018, "P-0018", "sentinel 18"),
        (7001, "P-0001", "coordinator 1"),
        (7002, "P-0002", "leader 2"),
    ]
    .into_iter()
    .map(|(number, code, name)| (stage.chat.person("p", number), code, name))
    .collect();
    for (person, code, _) in &people {
        stage.binds(person, code).await;
    }
    stage.issues_batch("三月排查", &["P-0017", "P-0018"]).await;
    for _ in 0..5 {
        for (person, ..) in &people {
            person.says("/whoami");
        }
    }
    for (person, code, name) in &people {
        for _ in 0..5 {
            person.gets(name).await;
        }
        if ["P-0017", "P-0018"].contains(code) {
            person.gets("T-1").await;
        }
    }
    stage.settled().await;
    assert_eq!(
        (stage.chat.told_to_wait(), stage.telegram().counts().waited),
        (0, 0)
    );
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_nobody_knows_ends_the_start_and_no_error_shows_it() {
    let stage = Stage::set().await;
    let token = Token::parse("7000000002:AAcanary-another_canary-another_can").expect("a token");
    let mut settings = BotSettings::alone(
        token,
        jiff::tz::TimeZone::UTC,
        stage.blobs.path().join("blobs"),
        |_| {},
    );
    settings.api = Some(stage.chat.url().to_owned());
    assert!(!format!("{settings:?}").contains("canary"));
    let refused = picket_telegram::connect(stage.client(), settings)
        .await
        .expect_err("nobody knows it");
    assert_eq!(refused, RunError::BadToken);
    assert!(!format!("{refused:?} {refused}").contains("canary"));
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_nobody_reaches_is_waited_for_and_the_token_is_told_nowhere() {
    let stage = Stage::set().await;
    let (say, mut said) = tokio::sync::mpsc::unbounded_channel();
    let token = Token::parse(stage.chat.token()).expect("a token");
    let tell =
        move |what: picket_telegram::LogLine| say.send(format!("{what:?}")).unwrap_or_default();
    let mut settings = BotSettings::alone(
        token,
        jiff::tz::TimeZone::UTC,
        stage.blobs.path().join("blobs"),
        tell,
    );
    // A port nobody listens on.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    settings.api = Some(format!("http://{free}"));
    let connecting = tokio::spawn(picket_telegram::connect(stage.client(), settings));
    let words = said.recv().await.expect("it says that it waits");
    assert!(
        words.contains("does not answer yet") && !words.contains("canary"),
        "{words}"
    );
    connecting.abort();
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_in_vain_is_asked_of_insight_and_never_of_memory() {
    let stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    let known = Question::Identity {
        channel: picket_telegram::CHANNEL.into(),
        account: "7017".into(),
    };
    assert!(
        matches!(stage.asks(known).await, View::Person(person) if person.id.ends_with("P-0017"))
    );
    stage.ephemera.wipe();
    sentinel.says("/whoami");
    sentinel.gets("sentinel 17").await;
    stage.ends().await;
}
