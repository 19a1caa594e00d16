//! Names of wishes as they follow from updates: the platform sends an update to the next bot again, whatever version that
//! is of, and its wishes must be the same ones.

use picket_bus::{Bus, EdgeReply, EdgeRequest, MemoryBus, Requests, serve_questions};
use picket_schemas::Jurisdiction;
use picket_schemas::ask::{Question, Reply, View};
use serde_json::Value;

use super::*;
use crate::bot::wire_tests::bot;
use crate::update::Content;

const PERSON: &str = r#"{"view":"person","of":{"id":"420902/P-0017","name":"sentinel 17","roles":["sentinel"],"department":null,"area":{"code":"420902003004","name":"area 4"},"certificate":null,"language":"zh","posts":[],"open_tasks":0}}"#;
const TASK: &str = r#"{"view":"task","of":{"jurisdiction":"420902","task":"T-2041","batch":{"code":"B-12","name":"March"},"post":null,"area":{"code":"420902003004","name":"area 4"},"state":"issued","checklist":"sweep","offered":[{"code":"420902/P-0017","name":"sentinel 17"}],"holders":[],"need":1,"rows":[],"deadline":null,"issued":"2026-03-04T02:12:00Z","returned_because":null,"rev":37}}"#;

/// Insight, which knows the person and the sheet.
async fn answered(_: Option<Jurisdiction>, wanted: EdgeRequest) -> Option<EdgeReply> {
    let EdgeRequest::Question { question, .. } = wanted else {
        return None;
    };
    let view = match question {
        Question::Identity { channel, account }
            if (channel.as_str(), account.as_str()) == ("telegram", "7017") =>
        {
            serde_json::from_str(PERSON).unwrap()
        }
        Question::Task { .. } => serde_json::from_str(TASK).unwrap(),
        _ => View::Unknown,
    };
    Some(EdgeReply::View(Box::new(Reply {
        after: After::new(),
        view,
    })))
}

/// A book that does as it is asked; the wish it was asked for.
async fn book(mut requests: Requests) -> Value {
    let request = requests.next().await.unwrap();
    let wanted = serde_json::from_slice(&request.body).unwrap();
    request.reply(br#"{"done":{"book":"dispatch/420902","n":1834,"created":[]}}"#.to_vec());
    wanted
}

/// The wish that an update with the number 42 leads to in the book of a service.
async fn wish_after(body: UpdateBody, service: &str) -> Value {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    serve_questions(bus.clone(), answered).await.unwrap();
    let requests = bus
        .serve(&format!("picket.do.{service}.420902"))
        .await
        .unwrap();
    let bot = bot(&Arc::default(), bus);
    let update = IncomingUpdate { number: 42, body };
    let (mut wanted, done) = tokio::join!(book(requests), bot.handler.update(&update, None));
    assert!(done.is_ok());
    wanted["wish"].take()
}

fn by() -> Account {
    Account {
        number: 7017,
        language: None,
    }
}

#[tokio::test]
async fn what_is_said_leads_to_the_wish_it_always_led_to() {
    let wish = wish_after(
        UpdateBody::Private {
            by: by(),
            content: Content::Text("/accept T-2041".to_owned()),
        },
        "dispatch",
    )
    .await;
    assert_eq!(
        (&wish["id"], &wish["by"]),
        (
            &"tg-7000000001-42-0-0-accept_task".into(),
            &"420902/P-0017".into()
        )
    );
    assert_eq!(
        wish["command"].to_string(),
        r#"{"do":"dispatch.accept_task","task":"T-2041"}"#
    );
}

#[tokio::test]
async fn what_is_pressed_leads_to_the_wish_it_always_led_to() {
    let pressed = UpdateBody::Callback {
        by: by(),
        query: "q".to_owned(),
        data: "1:accept:T-2041:11".to_owned(),
        chat: 7017,
        message: Some(91),
        group: false,
    };
    let wish = wish_after(pressed, "dispatch").await;
    assert_eq!(wish["id"], "tg-7000000001-42-0-accept_task");
    assert_eq!(
        wish["command"].to_string(),
        r#"{"do":"dispatch.accept_task","task":"T-2041"}"#
    );
}

#[tokio::test]
async fn who_blocks_or_unblocks_the_bot_is_reported_to_courier_as_they_always_were() {
    let blocked = wish_after(
        UpdateBody::Blocked {
            by: by(),
            blocked: true,
        },
        "courier",
    )
    .await;
    assert_eq!(blocked["id"], "tg-7000000001-42-unreachable");
    assert_eq!(
        blocked["command"].to_string(),
        r#"{"channel":"telegram","do":"courier.unreachable","person":"420902/P-0017","reason":"the person blocked the bot"}"#
    );
    let unblocked = wish_after(
        UpdateBody::Blocked {
            by: by(),
            blocked: false,
        },
        "courier",
    )
    .await;
    assert_eq!(unblocked["id"], "tg-7000000001-42-reachable");
    assert_eq!(
        unblocked["command"].to_string(),
        r#"{"channel":"telegram","do":"courier.reachable","person":"420902/P-0017"}"#
    );
}
