//! Invitations and identities: once, within a day, and what becomes of phones and people.

use jiff::ToSpan;
use picket_schemas::PersonId;
use picket_schemas::registry::Role;
use serde_json::json;

use crate::stage::{HOME, Stage};

fn of(code: &str) -> PersonId {
    PersonId::new(&HOME.into(), code)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_good_once_and_wrong_used_and_late_ones_sound_alike() {
    let stage = Stage::set().await;
    let [first, second, guesser, late] =
        [7017, 7018, 7019, 7020].map(|number| stage.chat.person("p", number));
    let invitation = stage
        .telegram()
        .invite(&of("P-0017"), &of("P-0001"))
        .await
        .expect("an invitation");
    assert!(
        invitation
            .link
            .starts_with("https://t.me/picket_test_bot?start=990101_"),
        "{}",
        invitation.link
    );
    first.opens(&invitation.link);
    first.gets("绑定成功，sentinel 17").await;
    first.gets("待办").await;
    second.opens(&invitation.link);
    let used = second.gets("不能用").await.text;
    guesser.opens("https://t.me/picket_test_bot?start=990101_00000000000000000000000000000000");
    let wrong = guesser.gets("不能用").await.text;
    guesser.opens("https://t.me/picket_test_bot?start=123456_00000000000000000000000000000000");
    assert_eq!(guesser.gets("不能用").await.text, wrong);
    let another = stage
        .telegram()
        .invite(&of("P-0018"), &of("P-0001"))
        .await
        .expect("an invitation");
    stage.clock.set(stage.clock.now() + 25.hours());
    late.opens(&another.link);
    let expired = late.gets("不能用").await.text;
    assert_eq!((&used, &wrong), (&wrong, &expired));
    // Whom it belongs to may press it again and again.
    first.opens(&invitation.link);
    first.gets("待办").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_answered_a_few_times_an_hour_in_their_own_language() {
    let stage = Stage::set().await;
    let stranger = stage.chat.person_speaking("x", 9001, "en");
    for _ in 0..12 {
        stranger.says("/inbox");
    }
    for _ in 0..5 {
        stranger.gets("not linked").await;
    }
    stage.settled().await;
    assert_eq!(stranger.sees().count("not linked"), 5);
    let press = stranger.presses_data(9001, 1, "1:accept:T-1:1");
    press.says("not linked").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_phone_takes_over_and_the_old_one_is_nobodys() {
    let stage = Stage::set().await;
    let (old, new) = (stage.chat.person("p", 7017), stage.chat.person("p", 7117));
    stage.binds(&old, "P-0017").await;
    stage.binds(&new, "P-0017").await;
    old.says("/inbox");
    old.gets("还没有绑定").await;
    new.says("/whoami");
    new.gets("sentinel 17").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_left_the_roster_is_refused_from_that_moment_on() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    sentinel.gets("T-1").await;
    let nobody: [Role; 0] = [];
    stage
        .does(
            "operator",
            json!({"do": "registry.enrol_person", "code": "P-0017", "name": "sentinel 17", "roles": nobody, "area": "990101001", "language": "zh"}),
        )
        .await;
    stage.until_insight_read().await;
    sentinel.presses("我来接").await.says("绑定").await;
    assert_eq!(stage.task("T-1").await.state, "issued");
    sentinel.says("/inbox");
    sentinel.gets("不在名册").await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_is_only_given_by_who_may() {
    let stage = Stage::set().await;
    assert_eq!(
        stage
            .telegram()
            .invite(&of("P-0017"), &of("P-0018"))
            .await
            .expect_err("a sentinel invites nobody")
            .code,
        "not_allowed"
    );
    assert_eq!(
        stage
            .telegram()
            .invite(&of("P-4040"), &of("P-0001"))
            .await
            .expect_err("nobody by that code")
            .code,
        "unknown_person"
    );
    stage.ends().await;
}
