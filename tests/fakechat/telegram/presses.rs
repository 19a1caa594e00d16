//! Presses: stale ones, forged ones, those of others, and two people at once.

use crate::stage::{HOME, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_button_shows_the_thing_as_it_is_now_and_does_nothing() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    let offer = sentinel.gets("T-1").await;
    let accept = sentinel
        .buttons_of(offer.message)
        .into_iter()
        .find(|(label, _)| label.contains("我来接"))
        .expect("an offer")
        .1;
    sentinel.presses("我来接").await.answer().await;
    sentinel.gets("T-1").await;
    let again = sentinel.presses_data(7017, offer.message, &accept);
    again.says("更新").await;
    assert_eq!(stage.count("dispatch", "task.accepted").await, 1);
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forged_and_foreign_buttons_are_answered_kindly_and_change_nothing() {
    let mut stage = Stage::set().await;
    let (holder, other) = (stage.chat.person("s", 7017), stage.chat.person("o", 7018));
    stage.binds(&holder, "P-0017").await;
    stage.binds(&other, "P-0018").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    holder.gets("T-1").await;
    holder.presses("我来接").await.answer().await;
    let taken = holder.gets("T-1").await;
    let before = stage.written_in("dispatch").await;
    for data in [
        "",
        "nonsense",
        "2:accept:T-1:1",
        "1:accept:T-1:zz",
        "1:drop:T-404:",
        "1:fill:T-1#0.ok:",
        "1:submit:T-1:",
        "1:approve:T-1:",
        "1:drop:T-1:",
        "1:accept:990102/T-1:",
        "1:pass:Z-1:",
        "1:sign:E-1:",
    ] {
        let press = other.presses_data(7018, taken.message, data);
        press.answer().await;
    }
    stage.settled().await;
    assert_eq!(
        stage.written_in("dispatch").await,
        before,
        "nobody's record moved"
    );
    assert_eq!(
        stage
            .task("T-1")
            .await
            .holders
            .iter()
            .map(|one| one.code.as_str())
            .collect::<Vec<_>>(),
        [format!("{HOME}/P-0017")]
    );
    stage.chat.ignores(&other);
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_people_who_press_at_once_one_gets_the_sheet_and_both_hear_it() {
    let mut stage = Stage::set().await;
    let (one, two) = (stage.chat.person("s", 7017), stage.chat.person("o", 7018));
    stage.binds(&one, "P-0017").await;
    stage.binds(&two, "P-0018").await;
    stage.issues_batch("三月排查", &["P-0017", "P-0018"]).await;
    one.gets("T-1").await;
    two.gets("T-1").await;
    let (first, second) = tokio::join!(one.presses("我来接"), two.presses("我来接"));
    tokio::join!(first.answer(), second.answer());
    stage.settled().await;
    assert_eq!(stage.count("dispatch", "task.accepted").await, 1);
    let holder = stage.task("T-1").await.holders[0].code.clone();
    let (winner, loser) = if holder.ends_with("P-0017") {
        (&one, &two)
    } else {
        (&two, &one)
    };
    stage.hears(winner, "已接单").await;
    // Whose press comes a moment later is shown the sheet as it is by then, and nothing is tried.
    stage.hears_one_of(loser, &["不能接单", "卡片已更新"]).await;
    assert!(
        !stage.heard(loser, "已接单"),
        "only one hears that it is theirs"
    );
    stage.until_insight_read().await;
    for person in [&one, &two] {
        // The card of the offer in its place, and then the one asked for.
        person.gets("1/1").await;
        person.says("/task T-1");
        person.gets("1/1").await;
    }
    stage.settled().await;
    stage.ends().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_presses_of_one_button_are_one_fact() {
    let mut stage = Stage::set().await;
    let sentinel = stage.chat.person("s", 7017);
    stage.binds(&sentinel, "P-0017").await;
    stage.issues_batch("三月排查", &["P-0017"]).await;
    let offer = sentinel.gets("T-1").await;
    let accept = sentinel
        .buttons_of(offer.message)
        .into_iter()
        .find(|(label, _)| label.contains("我来接"))
        .expect("an offer")
        .1;
    let presses: Vec<_> = (0..50)
        .map(|_| sentinel.presses_data(7017, offer.message, &accept))
        .collect();
    for press in presses {
        press.answer().await;
    }
    stage.settled().await;
    assert_eq!(stage.count("dispatch", "task.accepted").await, 1);
    assert_eq!(
        sentinel.sees().count("T-1"),
        1,
        "one card, edited in its place"
    );
    stage.chat.any_state_of(7017, offer.message);
    stage.ends().await;
}
