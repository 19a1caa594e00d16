//! Names a bot gives to wishes: the bot that takes over, whatever version it is of, must give the same ones.

use std::sync::Arc;

use picket_bus::{Bus, Client, MemoryBus};

use super::*;
use crate::books::{BookClient, Patience};
use crate::bot::wire_tests::alone;

const DONE: &str = r#"{"done":{"book":"dispatch/420902","n":1834,"created":[]}}"#;

fn accept() -> Command {
    Command::parse(serde_json::json!({"do": "dispatch.accept_task", "task": "T-2041"})).unwrap()
}

#[test]
fn a_wish_is_known_again_by_the_mark_it_always_had() {
    // SHA-256 of ["420902",{"do":"dispatch.accept_task","task":"T-2041"},null].
    assert_eq!(
        mark(&"420902".into(), &accept(), None),
        "9743274a3fc2e9cb6fd0a2582e0c020e0cb7f810406298d9fc7f9fdba3f407bc"
    );
    // SHA-256 of the same with "2026-03-04T01:58:00Z" in place of null.
    let observed = Some("2026-03-04T01:58:00Z".parse().unwrap());
    assert_eq!(
        mark(&"420902".into(), &accept(), observed),
        "cbe61185e54efdada7fb7d61aab5d56d86e96ebea113aa05263643a4512a79f1"
    );
}

/// The bytes that go to the book when this is wished in a session, which the book does.
async fn wished(record: &mut SessionRecord) -> String {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut requests = bus.serve("picket.do.dispatch.420902").await.unwrap();
    let (bot, books) = (alone(&Arc::default()), BookClient::new(Client::new(bus)));
    let cause = "tg-7000000001-42-0".to_owned();
    let mut dialogue = bot.dialogues.begin(record, cause, Input::Start);
    let pending = dialogue.pend("420902".into(), accept(), None);
    let book = async {
        let request = requests.next().await.unwrap();
        let body = String::from_utf8(request.body.clone()).unwrap();
        request.reply(DONE.into());
        body
    };
    let (body, done) = tokio::join!(book, books.wish(&pending.at, &pending.wish, Patience::Ends));
    let answer = done.unwrap().unwrap();
    assert_eq!(answer.n, 1834);
    dialogue.granted(answer);
    body
}

#[tokio::test]
async fn a_wish_is_named_after_what_led_to_it_its_place_and_its_verb() {
    let body = wished(&mut SessionRecord::of("420902/P-0017")).await;
    let literal = r#"{"wish":{"id":"tg-7000000001-42-0-0-accept_task","by":"420902/P-0017","via":"telegram","made":"2026-03-04T02:12:00.123Z","observed":null,"trace":"","command":{"do":"dispatch.accept_task","task":"T-2041"}}}"#;
    assert_eq!(body, literal);
}

#[tokio::test]
async fn a_wish_whose_end_another_bot_did_not_know_keeps_the_name_that_one_gave_it() {
    let mark = "9743274a3fc2e9cb6fd0a2582e0c020e0cb7f810406298d9fc7f9fdba3f407bc".to_owned();
    let since = "2026-03-04T02:10:00Z".parse().unwrap();
    let mut record = SessionRecord {
        unclear: Some((mark, "tg-7000000001-41-0-0-accept_task".to_owned(), since)),
        ..SessionRecord::of("420902/P-0017")
    };
    let body = wished(&mut record).await;
    assert!(
        body.starts_with(r#"{"wish":{"id":"tg-7000000001-41-0-0-accept_task","#),
        "{body}"
    );
    assert_eq!(
        (record.unclear, record.after),
        (None, [("dispatch/420902".to_owned(), 1834)].into())
    );
}
