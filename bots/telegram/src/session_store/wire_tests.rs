//! Bytes of the sessions a bot stores, and where: the bot that takes over, whatever version it is of, goes on from them.

use std::sync::Arc;

use picket_conversation::{Action, Audience, AwaitedInput, Card, CardLine, Severity, Tone};
use picket_ephemera::{Ephemera, MemoryEphemera};

use super::*;
use crate::bot::wire_tests::alone;

const CARD: &str = r#"{"key":"task/T-2041","rev":37,"severity":"late","title":"T-2041","fields":[["need:","2"]],"body":[{"tone":"plain","text":"one"},{"tone":"strong","text":"two"},{"tone":"faint","text":"three"}],"media":["ab12"],"actions":[[{"label":"take","data":"1:accept:T-2041:11"}]],"form":"number","audience":"group","silent":true}"#;
/// The session in it has every field; the values of each are asserted beside the dialogue.
const SESSION: &str = r#"{"language":"en","chosen":true,"me":{"id":"420902/P-0017","name":"sentinel 17","roles":["sentinel"],"department":"edu","area":"420902003004"},"draft":{"task":"T-2041","row":12,"code":"I-0003","unsaved":true,"stage":"codes","codes":["H1"],"page":1,"note":"a note","place":"(30.9, 113.9)","evidence":["ab12"],"urgent":true},"form":{"kind":"give","about":"T-2041","jurisdiction":"420902","subject":"sheet T-2041","serial":7,"field":1,"values":{"person":"420902/P-0018"},"offered":[["420902/P-0018","sentinel 18"]],"offered_for":1,"page":2,"evidence":["cd34"],"confirming":true,"counted":[3,4],"unsaved":true,"kept":true},"kept":[{"jurisdiction":"420902","of":{"form":{"form":"decline","about":"420902/T-2041"}},"answers":{"at":"1"},"evidence":["cd34"],"at":"2026-03-04T02:12:00Z","name":"T-2041"}],"focus":"sheet","awaiting":"Hello","step":{"jurisdiction":"420902","step":"E-14","level":"B2","kind":"task.submit","on":"T-2041","what":"sheet T-2041","due":"2026-03-04T02:12:00Z","taken":"2026-03-05T09:00:00Z","why":"late","to":[{"code":"420902/P-0021","name":"leader 21"}],"duty":[{"code":"420902/P-0017","name":"sentinel 17"}],"promise":"2026-03-06T01:30:00.25Z","proposed":true,"signed":true,"open":true},"serial":7,"edits":true}"#;
const RECORD: &str = r#"{"person":"420902/P-0017","session":{"language":"en","chosen":true,"me":{"id":"420902/P-0017","name":"sentinel 17","roles":["sentinel"],"department":"edu","area":"420902003004"},"draft":{"task":"T-2041","row":12,"code":"I-0003","unsaved":true,"stage":"codes","codes":["H1"],"page":1,"note":"a note","place":"(30.9, 113.9)","evidence":["ab12"],"urgent":true},"form":{"kind":"give","about":"T-2041","jurisdiction":"420902","subject":"sheet T-2041","serial":7,"field":1,"values":{"person":"420902/P-0018"},"offered":[["420902/P-0018","sentinel 18"]],"offered_for":1,"page":2,"evidence":["cd34"],"confirming":true,"counted":[3,4],"unsaved":true,"kept":true},"kept":[{"jurisdiction":"420902","of":{"form":{"form":"decline","about":"420902/T-2041"}},"answers":{"at":"1"},"evidence":["cd34"],"at":"2026-03-04T02:12:00Z","name":"T-2041"}],"focus":"sheet","awaiting":"Hello","step":{"jurisdiction":"420902","step":"E-14","level":"B2","kind":"task.submit","on":"T-2041","what":"sheet T-2041","due":"2026-03-04T02:12:00Z","taken":"2026-03-05T09:00:00Z","why":"late","to":[{"code":"420902/P-0021","name":"leader 21"}],"duty":[{"code":"420902/P-0017","name":"sentinel 17"}],"promise":"2026-03-06T01:30:00.25Z","proposed":true,"signed":true,"open":true},"serial":7,"edits":true},"after":{"dispatch/420902":1834},"handled":42,"said":[{"card":{"card":{"key":"task/T-2041","rev":37,"severity":"late","title":"T-2041","fields":[["need:","2"]],"body":[{"tone":"plain","text":"one"},{"tone":"strong","text":"two"},{"tone":"faint","text":"three"}],"media":["ab12"],"actions":[[{"label":"take","data":"1:accept:T-2041:11"}]],"form":"number","audience":"group","silent":true},"edit":true}},{"toast":"taken"},{"words":"hello"}],"unclear":["5e1f","tg-7000000001-41-0-0-accept_task","2026-03-04T02:12:00Z"]}"#;
const NEW: &str = r#"{"person":"420902/P-0017","session":{"language":"zh","chosen":false,"me":{"id":"","name":"","roles":[],"department":null,"area":""},"draft":null,"form":null,"kept":null,"focus":"nothing","awaiting":null,"step":null,"serial":0,"edits":false},"after":{},"handled":0}"#;

fn card() -> Card {
    let line = |tone, text: &str| CardLine {
        tone,
        text: text.to_owned(),
    };
    Card {
        key: "task/T-2041".to_owned(),
        rev: 37,
        severity: Severity::Late,
        title: "T-2041".to_owned(),
        fields: vec![("need:".to_owned(), "2".to_owned())],
        body: vec![
            line(Tone::Plain, "one"),
            line(Tone::Strong, "two"),
            line(Tone::Faint, "three"),
        ],
        media: vec!["ab12".to_owned()],
        actions: vec![vec![Action {
            label: "take".to_owned(),
            data: "1:accept:T-2041:11".to_owned(),
        }]],
        form: Some(AwaitedInput::Number),
        audience: Audience::Group,
        silent: true,
    }
}

fn record() -> SessionRecord {
    SessionRecord {
        person: "420902/P-0017".to_owned(),
        session: serde_json::from_str(SESSION).unwrap(),
        after: [("dispatch/420902".to_owned(), 1834)].into(),
        handled: 42,
        outputs: vec![
            Output::Card {
                card: Box::new(card()),
                edit: true,
            },
            Output::Toast("taken".to_owned()),
            Output::Words("hello".to_owned()),
        ],
        unclear: Some((
            "5e1f".to_owned(),
            "tg-7000000001-41-0-0-accept_task".to_owned(),
            "2026-03-04T02:12:00Z".parse().unwrap(),
        )),
    }
}

/// The literal is written, and read as the value that was written.
fn pin<T: Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
    literal: &str,
) {
    assert_eq!(serde_json::to_string(value).unwrap(), literal);
    assert_eq!(serde_json::from_str::<T>(literal).unwrap(), *value);
}

#[test]
fn a_session_is_stored_and_taken_up_as_it_always_was() {
    pin(&record(), RECORD);
    pin(&SessionRecord::of("420902/P-0017"), NEW);
}

#[test]
fn a_session_from_before_its_newer_fields_is_taken_up() {
    let short = NEW.replace(r#","handled":0"#, "");
    assert_eq!(
        serde_json::from_str::<SessionRecord>(&short).unwrap(),
        SessionRecord::of("420902/P-0017")
    );
}

#[test]
fn a_card_is_stored_as_it_always_was_with_every_word() {
    pin(&card(), CARD);
    let bare = r#"{"key":"","rev":0,"severity":"quiet","title":"","fields":[],"body":[],"media":[],"actions":[],"form":null,"audience":"private","silent":false}"#;
    pin(&Card::default(), bare);
    for (severity, word) in [
        (Severity::Quiet, "quiet"),
        (Severity::New, "new"),
        (Severity::Good, "good"),
        (Severity::Soon, "soon"),
        (Severity::Late, "late"),
    ] {
        pin(&severity, &format!("\"{word}\""));
    }
    for (wants, word) in [
        (AwaitedInput::Text, "text"),
        (AwaitedInput::Number, "number"),
        (AwaitedInput::Photo, "photo"),
    ] {
        pin(&wants, &format!("\"{word}\""));
    }
    for (audience, word) in [(Audience::Private, "private"), (Audience::Group, "group")] {
        pin(&audience, &format!("\"{word}\""));
    }
}

#[tokio::test]
async fn a_session_lies_where_it_always_lay() {
    let far = Arc::new(MemoryEphemera::new());
    alone(&far).dialogues.sessions.save(7017, record()).await;
    let kept = far
        .get("telegram/7000000001/seat/7017")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(String::from_utf8(kept).unwrap(), RECORD);
    far.put(
        "telegram/7000000001/seat/7018",
        RECORD.as_bytes(),
        SESSION_TTL,
    )
    .await
    .unwrap();
    assert_eq!(
        alone(&far)
            .dialogues
            .sessions
            .load(7018, "420902/P-0017")
            .await,
        record()
    );
}
