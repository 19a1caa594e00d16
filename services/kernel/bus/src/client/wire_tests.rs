//! Bytes of wishes, questions, answers and notices on the bus, and where they go: processes of other versions read
//! them.

mod views;

use std::fmt::Debug;

use picket_schemas::Command;
use picket_schemas::ask::View;
use picket_schemas::courier::NoticeKind;
use serde::de::DeserializeOwned;

use super::*;
use crate::MemoryBus;
use crate::server::busy;

const WISH_SENT: &str = r#"{"wish":{"id":"w-1","by":"420902/P-0017","via":"telegram","made":"2026-03-04T02:12:00.123Z","observed":"2026-03-04T01:58:00Z","trace":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","command":{"do":"dispatch.accept_task","task":"T-2041"}}}"#;
const QUESTION_SENT: &str = r#"{"question":{"question":{"ask":"task","jurisdiction":"420902","task":"T-2041"},"after":{"courier/420902":7,"dispatch/420902":1834},"viewer":{"person":"420902/operator","sealed":true},"id":"00000000000000070000000000000008"}}"#;
const DONE: &str = r#"{"done":{"book":"dispatch/420902","n":1834,"created":["T-2041","T-2042"],"unchanged":true}}"#;
const NO: &str = r#"{"no":{"code":"not_yours","title":"T-2041 is not yours","hint":"Only the person it was given to can do this.","act":"dispatch.accept_task"}}"#;
const NOTICE: &str = r#"{"jurisdiction":"420902","notice":"N-501","to":"420902/P-0017","kind":"offer","about":"T-2041","at":"2026-03-04T02:12:00Z","with":{"need":"2","post":"PO-01"},"after":{"courier/420902":7}}"#;

fn instant(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// What is written is the literal, and the literal is read as what was written.
fn pin<T: Serialize + DeserializeOwned>(value: &T, literal: &str) {
    assert_eq!(serde_json::to_string(value).unwrap(), literal);
    assert_eq!(
        serde_json::to_string(&serde_json::from_str::<T>(literal).unwrap()).unwrap(),
        literal
    );
}

/// The same where two values can be compared.
fn pin_equal<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, literal: &str) {
    pin(value, literal);
    assert_eq!(serde_json::from_str::<T>(literal).unwrap(), *value);
}

fn wish() -> Wish {
    Wish {
        id: "w-1".into(),
        by: "420902/P-0017".into(),
        via: "telegram".to_owned(),
        made: instant("2026-03-04T02:12:00.123Z"),
        observed: Some(instant("2026-03-04T01:58:00Z")),
        trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
        command: Command::parse(
            serde_json::json!({"do": "dispatch.accept_task", "task": "T-2041"}),
        )
        .unwrap(),
    }
}

fn notice() -> Notice {
    Notice {
        jurisdiction: "420902".into(),
        notice: "N-501".to_owned(),
        to: "420902/P-0017".into(),
        kind: NoticeKind::Offer,
        about: "T-2041".to_owned(),
        at: instant("2026-03-04T02:12:00Z"),
        with: [
            ("post".to_owned(), "PO-01".to_owned()),
            ("need".to_owned(), "2".to_owned()),
        ]
        .into(),
        after: [("courier/420902".to_owned(), 7)].into(),
    }
}

/// What arrives on a subject while something is asked on it, answered with these bytes.
async fn heard<T>(subject: &str, reply: &str, ask: impl AsyncFnOnce(Client) -> T) -> (String, T) {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut requests = bus.serve(subject).await.unwrap();
    let reply = reply.as_bytes().to_vec();
    let serving = async {
        let request = requests.next().await.unwrap();
        let body = String::from_utf8(request.body.clone()).unwrap();
        request.reply(reply);
        body
    };
    tokio::join!(serving, ask(Client::new(bus.clone())))
}

#[test]
fn a_wish_is_said_and_heard_as_it_always_was() {
    let Wish {
        id,
        by,
        via,
        made,
        observed,
        trace,
        command,
    } = &wish();
    let wishing = EdgeRequestRef::Wish {
        id,
        by,
        via,
        made,
        observed,
        trace,
        command,
    };
    assert_eq!(serde_json::to_string(&wishing).unwrap(), WISH_SENT);
    let wanted = EdgeRequest::Wish {
        id: id.to_string(),
        by: by.clone(),
        via: via.clone(),
        made: *made,
        observed: *observed,
        trace: trace.clone(),
        command: serde_json::to_value(command).unwrap(),
    };
    pin(&wanted, WISH_SENT);
    let EdgeRequest::Wish { command: read, .. } = serde_json::from_str(WISH_SENT).unwrap() else {
        panic!("no wish")
    };
    assert_eq!(Command::parse(read).unwrap(), *command);
}

#[test]
fn a_wish_that_was_not_observed_says_so_and_one_that_leaves_it_out_is_heard_all_the_same() {
    let Wish {
        id,
        by,
        via,
        made,
        command,
        ..
    } = &wish();
    let wishing = EdgeRequestRef::Wish {
        id,
        by,
        via,
        made,
        observed: &None,
        trace: "",
        command,
    };
    let sent = r#"{"wish":{"id":"w-1","by":"420902/P-0017","via":"telegram","made":"2026-03-04T02:12:00.123Z","observed":null,"trace":"","command":{"do":"dispatch.accept_task","task":"T-2041"}}}"#;
    assert_eq!(serde_json::to_string(&wishing).unwrap(), sent);
    let short = r#"{"wish":{"id":"w-1","by":"420902/P-0017","via":"telegram","made":"2026-03-04T02:12:00.123Z","trace":"","command":{"do":"dispatch.accept_task","task":"T-2041"}}}"#;
    for text in [sent, short] {
        assert_eq!(
            serde_json::to_string(&serde_json::from_str::<EdgeRequest>(text).unwrap()).unwrap(),
            sent
        );
    }
}

#[test]
fn a_question_is_said_and_heard_as_it_always_was() {
    let question = Question::Task {
        jurisdiction: "420902".into(),
        task: "T-2041".to_owned(),
    };
    let after = [
        ("dispatch/420902".to_owned(), 1834),
        ("courier/420902".to_owned(), 7),
    ]
    .into();
    let viewer = Viewer {
        person: Some("420902/operator".into()),
        sealed: true,
    };
    pin(
        &EdgeRequest::Question {
            question,
            after,
            viewer,
            id: "00000000000000070000000000000008".to_owned(),
        },
        QUESTION_SENT,
    );
}

#[test]
fn a_question_of_nobody_without_an_id_is_heard() {
    let short = r#"{"question":{"question":{"ask":"person","person":"420902/P-0017"},"after":{}}}"#;
    let EdgeRequest::Question {
        question,
        after,
        viewer,
        id,
    } = serde_json::from_str(short).unwrap()
    else {
        panic!("no question")
    };
    assert_eq!(
        (question, after, viewer, id.as_str()),
        (
            Question::Person {
                person: "420902/P-0017".into()
            },
            After::new(),
            Viewer::default(),
            ""
        )
    );
    let nobody = EdgeRequest::Question {
        question: Question::Person {
            person: "420902/P-0017".into(),
        },
        after: After::new(),
        viewer: Viewer::default(),
        id: String::new(),
    };
    pin(
        &nobody,
        r#"{"question":{"question":{"ask":"person","person":"420902/P-0017"},"after":{},"viewer":{},"id":""}}"#,
    );
}

#[test]
fn every_question_is_said_and_heard_as_it_always_was() {
    let (home, person): (Jurisdiction, PersonId) = ("420902".into(), "420902/P-0017".into());
    let all = [
        (
            Question::Inbox {
                person: person.clone(),
            },
            r#"{"ask":"inbox","person":"420902/P-0017"}"#,
        ),
        (
            Question::Person {
                person: person.clone(),
            },
            r#"{"ask":"person","person":"420902/P-0017"}"#,
        ),
        (
            Question::Task {
                jurisdiction: home.clone(),
                task: "T-1".into(),
            },
            r#"{"ask":"task","jurisdiction":"420902","task":"T-1"}"#,
        ),
        (
            Question::Batch {
                jurisdiction: home.clone(),
                batch: "B-1".into(),
            },
            r#"{"ask":"batch","jurisdiction":"420902","batch":"B-1"}"#,
        ),
        (
            Question::Board {
                jurisdiction: home.clone(),
            },
            r#"{"ask":"board","jurisdiction":"420902"}"#,
        ),
        (
            Question::Lead {
                jurisdiction: home.clone(),
                lead: "L-1".into(),
            },
            r#"{"ask":"lead","jurisdiction":"420902","lead":"L-1"}"#,
        ),
        (
            Question::Case {
                jurisdiction: home.clone(),
                case: "C-1".into(),
            },
            r#"{"ask":"case","jurisdiction":"420902","case":"C-1"}"#,
        ),
        (
            Question::Order {
                jurisdiction: home.clone(),
                order: "Z-1".into(),
            },
            r#"{"ask":"order","jurisdiction":"420902","order":"Z-1"}"#,
        ),
        (
            Question::Timeline {
                jurisdiction: home.clone(),
                of: "T-1".into(),
            },
            r#"{"ask":"timeline","jurisdiction":"420902","of":"T-1"}"#,
        ),
        (
            Question::Overdue {
                jurisdiction: home.clone(),
            },
            r#"{"ask":"overdue","jurisdiction":"420902"}"#,
        ),
        (
            Question::Institution {
                jurisdiction: home.clone(),
                code: "I-0003".into(),
            },
            r#"{"ask":"institution","jurisdiction":"420902","code":"I-0003"}"#,
        ),
        (
            Question::Figures {
                jurisdiction: home.clone(),
                from: instant("2026-03-01T00:00:00Z"),
                as_of: instant("2026-03-04T02:12:00.5Z"),
            },
            r#"{"ask":"figures","jurisdiction":"420902","from":"2026-03-01T00:00:00Z","as_of":"2026-03-04T02:12:00.5Z"}"#,
        ),
        (
            Question::Bulletin {
                jurisdiction: home.clone(),
                bulletin: Some("BU-4".into()),
            },
            r#"{"ask":"bulletin","jurisdiction":"420902","bulletin":"BU-4"}"#,
        ),
        (
            Question::Bulletin {
                jurisdiction: home.clone(),
                bulletin: None,
            },
            r#"{"ask":"bulletin","jurisdiction":"420902","bulletin":null}"#,
        ),
        (
            Question::Schedules {
                jurisdiction: home.clone(),
            },
            r#"{"ask":"schedules","jurisdiction":"420902"}"#,
        ),
        (
            Question::Notices {
                person: person.clone(),
            },
            r#"{"ask":"notices","person":"420902/P-0017"}"#,
        ),
        (
            Question::Deliveries {
                jurisdiction: home.clone(),
            },
            r#"{"ask":"deliveries","jurisdiction":"420902"}"#,
        ),
        (
            Question::Find {
                jurisdiction: home.clone(),
                find: "lead".into(),
                by: [("row".to_owned(), "I-0003".to_owned())].into(),
            },
            r#"{"ask":"find","jurisdiction":"420902","find":"lead","by":{"row":"I-0003"}}"#,
        ),
        (
            Question::People {
                jurisdiction: home.clone(),
                role: Some("head".into()),
            },
            r#"{"ask":"people","jurisdiction":"420902","role":"head"}"#,
        ),
        (
            Question::People {
                jurisdiction: home.clone(),
                role: None,
            },
            r#"{"ask":"people","jurisdiction":"420902","role":null}"#,
        ),
        (
            Question::Areas {
                person: person.clone(),
            },
            r#"{"ask":"areas","person":"420902/P-0017"}"#,
        ),
        (
            Question::Identity {
                channel: "telegram".into(),
                account: "7017".into(),
            },
            r#"{"ask":"identity","channel":"telegram","account":"7017"}"#,
        ),
        (
            Question::Accounts {
                person: person.clone(),
            },
            r#"{"ask":"accounts","person":"420902/P-0017"}"#,
        ),
        (
            Question::Group {
                group: "420902/G-1".into(),
                tasks: vec!["T-1".into(), "T-2".into()],
            },
            r#"{"ask":"group","group":"420902/G-1","tasks":["T-1","T-2"]}"#,
        ),
        (
            Question::Groups {
                channel: "telegram".into(),
            },
            r#"{"ask":"groups","channel":"telegram"}"#,
        ),
        (
            Question::Readings {
                jurisdiction: home.clone(),
            },
            r#"{"ask":"readings","jurisdiction":"420902"}"#,
        ),
    ];
    for (question, literal) in all {
        pin_equal(&question, literal);
    }
    let short = [
        (
            r#"{"ask":"bulletin","jurisdiction":"420902"}"#,
            Question::Bulletin {
                jurisdiction: home.clone(),
                bulletin: None,
            },
        ),
        (
            r#"{"ask":"people","jurisdiction":"420902"}"#,
            Question::People {
                jurisdiction: home,
                role: None,
            },
        ),
        (
            r#"{"ask":"group","group":"420902/G-1"}"#,
            Question::Group {
                group: "420902/G-1".into(),
                tasks: Vec::new(),
            },
        ),
    ];
    for (text, question) in short {
        assert_eq!(serde_json::from_str::<Question>(text).unwrap(), question);
    }
}

#[test]
fn every_kind_of_answer_is_said_and_heard_as_it_always_was() {
    pin(
        &EdgeReply::Done(Answer {
            book: "dispatch/420902".into(),
            n: 1834,
            created: vec!["T-2041".into(), "T-2042".into()],
            unchanged: true,
        }),
        DONE,
    );
    let found = View::Found(vec!["L-69".into()]);
    pin(
        &EdgeReply::View(Box::new(Reply {
            after: [("dispatch/420902".to_owned(), 1834)].into(),
            view: found,
        })),
        r#"{"view":{"after":{"dispatch/420902":1834},"view":{"view":"found","of":["L-69"]}}}"#,
    );
    let no = Problem {
        act: "dispatch.accept_task".into(),
        ..Problem::new(
            "not_yours",
            "T-2041 is not yours",
            "Only the person it was given to can do this.",
        )
    };
    pin(&EdgeReply::No(no), NO);
}

#[test]
fn an_answer_that_leaves_out_what_is_as_usual_is_said_and_heard_as_it_always_was() {
    pin(
        &EdgeReply::Done(Answer {
            book: "dispatch/420902".into(),
            n: 1834,
            created: Vec::new(),
            unchanged: false,
        }),
        r#"{"done":{"book":"dispatch/420902","n":1834,"created":[]}}"#,
    );
    let EdgeReply::Done(short) =
        serde_json::from_str(r#"{"done":{"book":"dispatch/420902","n":1834}}"#).unwrap()
    else {
        panic!("not done")
    };
    assert_eq!(
        short,
        Answer {
            book: "dispatch/420902".into(),
            n: 1834,
            created: Vec::new(),
            unchanged: false
        }
    );
    pin(
        &EdgeReply::No(Problem::new(
            "sealed",
            "there is nothing here by that name",
            "Check the id.",
        )),
        r#"{"no":{"code":"sealed","title":"there is nothing here by that name","hint":"Check the id."}}"#,
    );
}

#[test]
fn who_has_no_place_free_says_busy_as_it_always_did() {
    assert_eq!(
        String::from_utf8(busy()).unwrap(),
        r#"{"no":{"code":"busy","title":"too much is waiting here","hint":"Try again in 1000 ms; nothing was lost."}}"#
    );
}

#[test]
fn a_notice_is_said_and_heard_as_it_always_was() {
    pin_equal(&notice(), NOTICE);
    let short = NOTICE.replace(r#","after":{"courier/420902":7}"#, "");
    assert_eq!(
        serde_json::from_str::<Notice>(&short).unwrap(),
        Notice {
            after: After::new(),
            ..notice()
        }
    );
}

#[test]
fn every_kind_of_notice_has_the_word_it_always_had() {
    use NoticeKind::{
        Bulletin, Digest, FindingCleared, FindingRouted, FixFailed, Ladder, LeadReturned, Offer,
        Proposal, Reminder, Returned, Review, Routed, Screen, Unassigned, Verify,
    };
    let all = [
        (Offer, "offer"),
        (Returned, "returned"),
        (Unassigned, "unassigned"),
        (Review, "review"),
        (Screen, "screen"),
        (Routed, "routed"),
        (FindingRouted, "finding_routed"),
        (FindingCleared, "finding_cleared"),
        (LeadReturned, "lead_returned"),
        (Verify, "verify"),
        (FixFailed, "fix_failed"),
        (Reminder, "reminder"),
        (Ladder, "ladder"),
        (Proposal, "proposal"),
        (Digest, "digest"),
        (Bulletin, "bulletin"),
    ];
    for (kind, word) in all {
        pin_equal(&kind, &format!("\"{word}\""));
    }
}

#[test]
fn subjects_are_what_they_always_were() {
    assert_eq!(
        subjects::wish("dispatch", &"420902".into()),
        "picket.do.dispatch.420902"
    );
    assert_eq!(subjects::QUESTION, "picket.ask");
    assert_eq!(
        subjects::notice(&"420902/P-0017".into()),
        "picket.notice.420902.P-0017"
    );
}

#[tokio::test]
async fn a_wish_goes_to_its_book_and_what_comes_back_is_understood() {
    let (said, answer) = heard("picket.do.dispatch.420902", DONE, async |client| {
        client.wish(&"420902".into(), &wish()).await
    })
    .await;
    assert_eq!(said, WISH_SENT);
    assert_eq!(
        answer,
        Ok(Answer {
            book: "dispatch/420902".into(),
            n: 1834,
            created: vec!["T-2041".into(), "T-2042".into()],
            unchanged: true
        })
    );
    let (_, refused) = heard("picket.do.dispatch.420902", NO, async |client| {
        client.wish(&"420902".into(), &wish()).await
    })
    .await;
    assert_eq!(refused.unwrap_err().code, "not_yours");
}

#[tokio::test]
async fn a_question_goes_to_insight_with_an_id_of_32_hexadecimal_digits() {
    let question = Question::Task {
        jurisdiction: "420902".into(),
        task: "T-2041".into(),
    };
    let after = [
        ("courier/420902".to_owned(), 7),
        ("dispatch/420902".to_owned(), 1834),
    ]
    .into();
    let viewer = Viewer {
        person: Some("420902/operator".into()),
        sealed: true,
    };
    let reply = r#"{"view":{"after":{"dispatch/420902":1834},"view":{"view":"stale"}}}"#;
    let (said, answer) = heard("picket.ask", reply, async |client| {
        client.ask(&viewer, &question, &after).await
    })
    .await;
    assert_eq!(
        answer,
        Ok(Reply {
            after: [("dispatch/420902".to_owned(), 1834)].into(),
            view: View::Stale
        })
    );
    let (front, id) = said.split_at(QUESTION_SENT.len() - 35);
    assert_eq!(front, &QUESTION_SENT[..front.len()]);
    assert!(
        id.ends_with("\"}}")
            && id.len() == 35
            && id[..32]
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')),
        "{id}"
    );
}

#[tokio::test]
async fn a_notice_goes_to_its_person_and_whatever_comes_back_says_that_it_was_shown() {
    let (said, seen) = heard("picket.notice.420902.P-0017", "shown", async |client| {
        client.show(&notice()).await
    })
    .await;
    assert_eq!((said.as_str(), seen), (NOTICE, Ok(ScreenOutcome::Shown)));
}

#[tokio::test]
async fn a_screen_says_shown_with_the_word_it_always_had() {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut notices = Client::new(bus.clone())
        .notices(&"420902/P-0017".into())
        .await
        .unwrap();
    let (told, shown) = tokio::sync::oneshot::channel();
    let screen = tokio::spawn(async move {
        drop(told.send(notices.next().await));
        // Asking for the next says that the first was shown.
        notices.next().await
    });
    let reply = bus
        .ask(
            "picket.notice.420902.P-0017",
            NOTICE.into(),
            Duration::from_secs(5),
        )
        .await
        .unwrap();
    assert_eq!(reply, b"shown");
    assert_eq!(shown.await.unwrap(), Some(notice()));
    screen.abort();
}
