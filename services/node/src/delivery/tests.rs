//! Where a notice goes, and what is reported of it, with a screen, a chat and insight that a test holds in its hands.

use picket_bus::{EdgeReply, MemoryBus, serve_questions};
use picket_schemas::ask::{AccountView, Reply};
use picket_schemas::courier::NoticeKind;

use super::*;

fn handed(priority: Priority) -> Handed {
    let notice = Notice {
        jurisdiction: "420902".into(),
        notice: "N-1".into(),
        to: PersonId::from("420902/P-0017"),
        kind: NoticeKind::Offer,
        about: "T-1".into(),
        at: Timestamp::UNIX_EPOCH,
        with: BTreeMap::new(),
        after: After::new(),
    };
    Handed {
        notice,
        attempt: 1,
        priority,
        also: Vec::new(),
        until: "2026-03-03T02:00:00Z".parse().expect("an instant"),
    }
}

/// A bus where insight says on which channels people are.
async fn bus(channels: &'static [&'static str]) -> Arc<dyn Bus> {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    serve_questions(bus.clone(), move |_, _| async move {
        let accounts = channels.iter().map(|channel| AccountView {
            channel: (*channel).to_owned(),
            account: "7017".to_owned(),
        });
        Some(EdgeReply::View(Box::new(Reply {
            after: After::new(),
            view: View::Accounts(accounts.collect()),
        })))
    })
    .await
    .expect("insight answers");
    bus
}

async fn report_of(client: &Client, priority: Priority) -> (Delivery, &'static str) {
    let now = "2026-03-03T01:30:00Z".parse().expect("an instant");
    let outcome = deliver(client, &handed(priority), now)
        .await
        .expect("an outcome");
    (outcome.delivery, outcome.channel)
}

#[tokio::test]
async fn who_is_in_the_chat_is_not_lost_because_nobody_carries_there_now() {
    let client = Client::new(bus(&[CHAT]).await);
    assert_eq!(
        report_of(&client, Priority::Work).await,
        (Delivery::Away, CHAT)
    );
}

#[tokio::test]
async fn who_is_in_no_chat_and_has_no_screen_open_was_not_reached() {
    let client = Client::new(bus(&["email"]).await);
    assert_eq!(
        report_of(&client, Priority::Work).await,
        (Delivery::Failed, SCREEN)
    );
}

#[tokio::test]
async fn while_nobody_knows_who_is_in_the_chat_anybody_may_be() {
    let client = Client::new(Arc::new(MemoryBus::new()));
    assert_eq!(
        report_of(&client, Priority::Work).await,
        (Delivery::Away, CHAT)
    );
}

#[tokio::test]
async fn a_screen_that_shows_it_is_enough() {
    let client = Client::new(bus(&[CHAT]).await);
    let mut notices = client
        .notices(&PersonId::from("420902/P-0017"))
        .await
        .expect("a screen");
    let screen = tokio::spawn(async move {
        // Asking for the next says that the first was shown.
        notices.next().await;
        notices.next().await;
    });
    assert_eq!(
        report_of(&client, Priority::Urgent).await,
        (Delivery::Sent, SCREEN)
    );
    screen.abort();
}

#[tokio::test]
async fn something_urgent_goes_the_moment_somebody_carries_again() {
    let client = Client::new(bus(&[CHAT]).await);
    let other = client.clone();
    let (report, ()) = tokio::join!(report_of(&client, Priority::Urgent), async {
        // The first look finds nobody: a bot that takes the place of another begins to carry behind it.
        tokio::task::yield_now().await;
        let mut carrying = other.carrying(CHAT).await.expect("served");
        carrying
            .next()
            .await
            .expect("the notice")
            .answer(&Carried::Sent);
    });
    assert_eq!(report, (Delivery::Sent, CHAT));
}
