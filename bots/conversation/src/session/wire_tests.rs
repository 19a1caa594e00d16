//! Bytes of a dialogue as a transport puts it by: the next process goes on from them, whatever version it is of.

use std::collections::BTreeMap;

use picket_schemas::ask::Named;
use picket_schemas::courier::NoticeKind;
use picket_schemas::dispatch::DraftOf;

use super::keeping::AfterDraft;
use super::*;
use crate::forms::FormKind;
use crate::sheet::RowStage;

const SESSION: &str = r#"{"language":"en","chosen":true,"me":{"id":"420902/P-0017","name":"sentinel 17","roles":["sentinel"],"department":"edu","area":"420902003004"},"draft":{"task":"T-2041","row":12,"code":"I-0003","unsaved":true,"stage":"codes","codes":["H1"],"page":1,"note":"a note","place":"(30.9, 113.9)","evidence":["ab12"],"urgent":true},"form":{"kind":"give","about":"T-2041","jurisdiction":"420902","subject":"sheet T-2041","serial":7,"field":1,"values":{"person":"420902/P-0018"},"offered":[["420902/P-0018","sentinel 18"]],"offered_for":1,"page":2,"evidence":["cd34"],"confirming":true,"counted":[3,4],"unsaved":true,"kept":true},"kept":[{"jurisdiction":"420902","of":{"form":{"form":"decline","about":"420902/T-2041"}},"answers":{"at":"1"},"evidence":["cd34"],"at":"2026-03-04T02:12:00Z","name":"T-2041"}],"focus":"sheet","awaiting":"Hello","step":{"jurisdiction":"420902","step":"E-14","level":"B2","kind":"task.submit","on":"T-2041","what":"sheet T-2041","due":"2026-03-04T02:12:00Z","taken":"2026-03-05T09:00:00Z","why":"late","to":[{"code":"420902/P-0021","name":"leader 21"}],"duty":[{"code":"420902/P-0017","name":"sentinel 17"}],"promise":"2026-03-06T01:30:00.25Z","proposed":true,"signed":true,"open":true},"serial":7,"edits":true}"#;

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn named(code: &str, name: &str) -> Named {
    Named {
        code: code.to_owned(),
        name: name.to_owned(),
    }
}

fn draft() -> RowDraft {
    RowDraft {
        task: "T-2041".to_owned(),
        row: 12,
        code: "I-0003".to_owned(),
        unsaved: true,
        stage: RowStage::Codes,
        codes: vec!["H1".to_owned()],
        page: 1,
        note: "a note".to_owned(),
        place: "(30.9, 113.9)".to_owned(),
        evidence: vec!["ab12".to_owned()],
        urgent: true,
    }
}

fn form() -> OpenForm {
    OpenForm {
        kind: FormKind::Give,
        about: "T-2041".to_owned(),
        jurisdiction: "420902".to_owned(),
        subject: "sheet T-2041".to_owned(),
        serial: 7,
        field: 1,
        values: [("person".to_owned(), "420902/P-0018".to_owned())].into(),
        offered: vec![("420902/P-0018".to_owned(), "sentinel 18".to_owned())],
        offered_for: Some(1),
        page: 2,
        evidence: vec!["cd34".to_owned()],
        confirming: true,
        counted: Some((3, 4)),
        unsaved: true,
        kept: true,
    }
}

fn session() -> Session {
    let of = DraftOf::Form {
        form: "decline".to_owned(),
        about: "420902/T-2041".into(),
    };
    let kept = DraftView {
        jurisdiction: "420902".to_owned(),
        of,
        answers: [("at".to_owned(), "1".to_owned())].into(),
        evidence: vec!["cd34".to_owned()],
        at: instant("2026-03-04T02:12:00Z"),
        name: "T-2041".to_owned(),
    };
    let step = StepView {
        jurisdiction: "420902".to_owned(),
        step: "E-14".to_owned(),
        level: "B2".to_owned(),
        kind: "task.submit".to_owned(),
        on: "T-2041".to_owned(),
        what: "sheet T-2041".to_owned(),
        due: instant("2026-03-04T02:12:00Z"),
        taken: instant("2026-03-05T09:00:00Z"),
        why: "late".to_owned(),
        because: None,
        to: vec![named("420902/P-0021", "leader 21")],
        duty: vec![named("420902/P-0017", "sentinel 17")],
        promise: Some(instant("2026-03-06T01:30:00.25Z")),
        proposed: true,
        signed: true,
        open: true,
    };
    Session {
        language: Language::En,
        chosen: true,
        me: Profile {
            id: "420902/P-0017".to_owned(),
            name: "sentinel 17".to_owned(),
            roles: vec!["sentinel".to_owned()],
            department: Some("edu".to_owned()),
            area: "420902003004".to_owned(),
        },
        draft: Some(draft()),
        form: Some(form()),
        kept: Some(vec![kept]),
        focus: Focus::Sheet,
        awaiting: Some(Awaited::Hello),
        step: Some(step),
        serial: 7,
        edits: true,
    }
}

/// What is written is the literal, and the literal is read as what was written.
fn pin<T: Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
    literal: &str,
) {
    assert_eq!(serde_json::to_string(value).unwrap(), literal);
    assert_eq!(serde_json::from_str::<T>(literal).unwrap(), *value);
}

#[test]
fn a_dialogue_is_put_by_and_taken_up_as_it_always_was() {
    pin(&session(), SESSION);
}

#[test]
fn a_new_dialogue_is_put_by_as_it_always_was() {
    let literal = r#"{"language":"zh","chosen":false,"me":{"id":"","name":"","roles":[],"department":null,"area":""},"draft":null,"form":null,"kept":null,"focus":"nothing","awaiting":null,"step":null,"serial":0,"edits":false}"#;
    pin(&Session::default(), literal);
}

#[test]
fn a_dialogue_from_before_its_newer_fields_is_taken_up() {
    let mut short: serde_json::Value = serde_json::from_str(SESSION).unwrap();
    let mut without = |at: &str, fields: &[&str]| {
        let part = if at.is_empty() {
            &mut short
        } else {
            &mut short[at]
        };
        fields.iter().for_each(|field| {
            assert!(
                part.as_object_mut().unwrap().remove(*field).is_some(),
                "{at} {field}"
            )
        });
    };
    without("", &["chosen", "kept", "step"]);
    without("draft", &["code", "unsaved", "place"]);
    without(
        "form",
        &["offered", "offered_for", "counted", "unsaved", "kept"],
    );
    let draft = RowDraft {
        code: String::new(),
        unsaved: false,
        place: String::new(),
        ..draft()
    };
    let form = OpenForm {
        offered: Vec::new(),
        offered_for: None,
        counted: None,
        unsaved: false,
        kept: false,
        ..form()
    };
    let read: Session = serde_json::from_value(short).unwrap();
    assert_eq!(
        read,
        Session {
            chosen: false,
            kept: None,
            step: None,
            draft: Some(draft),
            form: Some(form),
            ..session()
        }
    );
}

#[test]
fn whatever_a_dialogue_waits_for_is_put_by_as_it_always_was() {
    let intent = || Intent::new(IntentVerb::Fill, "T-2041").with("12.ok").at(37);
    let said = r#"{"verb":"fill","id":"T-2041","argument":"12.ok","revision":37}"#;
    let notice = || CourierNotice {
        notice: "N-501".to_owned(),
        kind: NoticeKind::Offer,
        about: "T-2041".to_owned(),
        jurisdiction: "420902".into(),
        with: [("need".to_owned(), "2".to_owned())].into(),
    };
    let told = r#"{"notice":"N-501","kind":"offer","about":"T-2041","jurisdiction":"420902","with":{"need":"2"}}"#;
    let all = [
        (Awaited::Hello, r#""Hello""#.to_owned()),
        (Awaited::For(intent()), format!(r#"{{"For":{said}}}"#)),
        (Awaited::Notice(notice()), format!(r#"{{"Notice":{told}}}"#)),
        (
            Awaited::Offers(vec![notice(), notice()]),
            format!(r#"{{"Offers":[{told},{told}]}}"#),
        ),
        (Awaited::Drafts(intent()), format!(r#"{{"Drafts":{said}}}"#)),
        (
            Awaited::Kept(AfterDraft::Rest),
            r#"{"Kept":"Rest"}"#.to_owned(),
        ),
        (
            Awaited::Kept(AfterDraft::Form),
            r#"{"Kept":"Form"}"#.to_owned(),
        ),
        (
            Awaited::Kept(AfterDraft::Open(intent())),
            format!(r#"{{"Kept":{{"Open":{said}}}}}"#),
        ),
        (Awaited::Offered, r#""Offered""#.to_owned()),
        (Awaited::Institutions, r#""Institutions""#.to_owned()),
        (Awaited::Posts(3), r#"{"Posts":3}"#.to_owned()),
        (
            Awaited::Done(FollowUp {
                toast: Some("done-accept".to_owned()),
                about: "T-2041".to_owned(),
                open: Some(intent()),
            }),
            format!(r#"{{"Done":{{"toast":"done-accept","about":"T-2041","open":{said}}}}}"#),
        ),
        (
            Awaited::Done(FollowUp {
                toast: None,
                about: String::new(),
                open: None,
            }),
            r#"{"Done":{"toast":null,"about":"","open":null}}"#.to_owned(),
        ),
    ];
    for (awaiting, literal) in all {
        pin(&awaiting, &literal);
    }
    pin(
        &Intent::new(IntentVerb::Inbox, ""),
        r#"{"verb":"inbox","id":""}"#,
    );
    let short = told.replace(r#","with":{"need":"2"}"#, "");
    assert_eq!(
        serde_json::from_str::<CourierNotice>(&short).unwrap(),
        CourierNotice {
            with: BTreeMap::new(),
            ..notice()
        }
    );
}

#[test]
fn every_word_of_a_dialogue_is_what_it_always_was() {
    for (focus, word) in [
        (Focus::Nothing, r#""nothing""#),
        (Focus::Sheet, r#""sheet""#),
        (Focus::Form, r#""form""#),
    ] {
        pin(&focus, word);
    }
    for (stage, word) in [
        (RowStage::Outcome, r#""outcome""#),
        (RowStage::Codes, r#""codes""#),
        (RowStage::Detail, r#""detail""#),
    ] {
        pin(&stage, word);
    }
    for (language, word) in [(Language::Zh, r#""zh""#), (Language::En, r#""en""#)] {
        pin(&language, word);
    }
    let kinds = [
        "decline",
        "return",
        "cancel-task",
        "give",
        "place",
        "batch",
        "classify",
        "route-to",
        "joint",
        "merge",
        "not-ours",
        "outcome",
        "verdict",
        "file-case",
        "order",
        "penalty",
        "refund",
        "suspend",
        "look-back",
        "serve",
        "fix",
        "fail",
        "extend",
        "park",
        "unpark",
        "acknowledge",
    ];
    assert_eq!(
        FormKind::ALL
            .iter()
            .map(|kind| kind.as_str())
            .collect::<Vec<_>>(),
        kinds
    );
    for (kind, word) in FormKind::ALL.iter().zip(kinds) {
        pin(kind, &format!("\"{word}\""));
    }
}
