//! Telegram beside a folder: the token in the environment, a link on the terminal, a phone that gets the next sheet.

use std::time::Duration;

use picket_fakechat::FakeChat;

use super::harness::County;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_opens_the_printed_link_gets_the_next_sheet() {
    let chat = FakeChat::start().await;
    let sentinel = chat.person("sentinel one", 41);
    let county = County::imported();
    let mut up = county.up_with(
        &["--invite", "P-01"],
        &[
            ("PICKET_TELEGRAM_TOKEN", chat.token()),
            ("PICKET_TELEGRAM_API", chat.url()),
        ],
    );
    up.says("the bot is @");
    let link = up.says("https://t.me/").trim().to_owned();
    sentinel.opens(&link);
    sentinel.gets("绑定成功").await;
    sentinel.gets("待办").await;
    // At whatever time of day this is told: an offer keeps quiet hours.
    county.wish(
        "P-07",
        &["courier.set_quiet_hours", "from=00:00", "until=00:00"],
    );
    county.wish("P-07", &["dispatch.issue_batch", "name=autumn sweep"]);
    sentinel.gets("autumn sweep").await;
    sentinel.presses("✋ 我来接").await;
    up.signal("INT");
    let said = up.ends(Duration::from_secs(30));
    assert_eq!(said.code(), 0, "{said:?}");
    let secret = chat
        .token()
        .split_once(':')
        .map_or(chat.token(), |(_, secret)| secret);
    assert!(
        !said.out.contains(secret) && !said.err.contains(secret),
        "the token is told nowhere: {said:?}"
    );
    assert!(!said.err.contains("ERROR"), "{said:?}");
}

#[test]
fn a_token_that_is_none_is_refused_without_being_repeated() {
    let county = County::imported();
    let up = county.up_refused(&[("PICKET_TELEGRAM_TOKEN", "canary-not-a-token")]);
    up.refused(2, &["PICKET_TELEGRAM_TOKEN"]);
    assert!(!up.err.contains("canary"), "{up:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demos_folder_makes_a_phone_sentinel_17_and_shows_the_next_sheet() {
    let chat = FakeChat::start().await;
    let phone = chat.person("whoever tries it", 17);
    let county = County::written();
    county.run(&["demo", "--pace", "0"]).fine();
    let mut up = county.up_with(
        &[],
        &[
            ("PICKET_TELEGRAM_TOKEN", chat.token()),
            ("PICKET_TELEGRAM_API", chat.url()),
        ],
    );
    let link = up.says("https://t.me/").trim().to_owned();
    phone.opens(&link);
    phone.gets("哨兵17号").await;
    phone.gets("待办").await;
    phone.presses("打开 T-155").await;
    phone.sees_now("排查任务 T-155").await;
    phone.presses("✋ 我来接").await;
    phone.sees_now("哨兵17号（1/1）").await;
    up.signal("INT");
    let said = up.ends(Duration::from_secs(30));
    assert_eq!(said.code(), 0, "{said:?}");
    assert!(!said.err.contains("ERROR"), "{said:?}");
}
