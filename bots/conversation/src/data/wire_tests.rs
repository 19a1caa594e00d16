//! Bytes behind buttons: cards of other versions stand in chats, and whoever presses them sends these.

use super::*;

/// Every verb with its word.
const VERBS: [(IntentVerb, &str); 72] = [
    (IntentVerb::Inbox, "inbox"),
    (IntentVerb::More, "more"),
    (IntentVerb::Leads, "leads"),
    (IntentVerb::Board, "board"),
    (IntentVerb::Help, "help"),
    (IntentVerb::WhoAmI, "whoami"),
    (IntentVerb::Language, "lang"),
    (IntentVerb::Bulletin, "bulletin"),
    (IntentVerb::ApproveBulletin, "bless"),
    (IntentVerb::Notices, "notices"),
    (IntentVerb::Timeline, "timeline"),
    (IntentVerb::Resume, "resume"),
    (IntentVerb::Cancel, "cancel"),
    (IntentVerb::Task, "task"),
    (IntentVerb::Accept, "accept"),
    (IntentVerb::Decline, "decline"),
    (IntentVerb::Rows, "rows"),
    (IntentVerb::HandOver, "hand"),
    (IntentVerb::Submit, "submit"),
    (IntentVerb::Nil, "nil"),
    (IntentVerb::Approve, "approve"),
    (IntentVerb::Return, "return"),
    (IntentVerb::CancelTask, "drop"),
    (IntentVerb::Start, "start"),
    (IntentVerb::Row, "row"),
    (IntentVerb::Fill, "fill"),
    (IntentVerb::Code, "code"),
    (IntentVerb::Page, "page"),
    (IntentVerb::Picked, "picked"),
    (IntentVerb::Urgent, "urgent"),
    (IntentVerb::Save, "save"),
    (IntentVerb::Back, "back"),
    (IntentVerb::Summary, "sum"),
    (IntentVerb::Later, "later"),
    (IntentVerb::Batch, "batch"),
    (IntentVerb::NewBatch, "new"),
    (IntentVerb::Report, "report"),
    (IntentVerb::Lead, "lead"),
    (IntentVerb::Classify, "classify"),
    (IntentVerb::Route, "route"),
    (IntentVerb::RouteTo, "routeto"),
    (IntentVerb::Joint, "joint"),
    (IntentVerb::Merge, "merge"),
    (IntentVerb::NotOurs, "notours"),
    (IntentVerb::Outcome, "outcome"),
    (IntentVerb::Verdict, "verdict"),
    (IntentVerb::FileCase, "file"),
    (IntentVerb::Case, "case"),
    (IntentVerb::IssueOrder, "draft"),
    (IntentVerb::Penalty, "penalty"),
    (IntentVerb::Refund, "refund"),
    (IntentVerb::Suspend, "suspend"),
    (IntentVerb::LookBack, "lookback"),
    (IntentVerb::Order, "order"),
    (IntentVerb::Serve, "serve"),
    (IntentVerb::Fix, "fix"),
    (IntentVerb::Verify, "verify"),
    (IntentVerb::Pass, "pass"),
    (IntentVerb::Fail, "fail"),
    (IntentVerb::Extend, "extend"),
    (IntentVerb::Park, "park"),
    (IntentVerb::Unpark, "unpark"),
    (IntentVerb::Step, "step"),
    (IntentVerb::Acknowledge, "ack"),
    (IntentVerb::Sign, "sign"),
    (IntentVerb::Pick, "pick"),
    (IntentVerb::FormBack, "prev"),
    (IntentVerb::LeaveOut, "skip"),
    (IntentVerb::Confirm, "ok"),
    (IntentVerb::Drop, "away"),
    (IntentVerb::FormPage, "turn"),
    (IntentVerb::Form, "form"),
];

/// What stands behind buttons today, each with what it means.
fn buttons() -> Vec<(&'static str, Intent)> {
    let of = Intent::new;
    vec![
        // Of nothing in particular, and of a page of it.
        ("1:inbox::", of(IntentVerb::Inbox, "")),
        ("1:more:#2:", of(IntentVerb::More, "").with("2")),
        ("1:lang:#en:", of(IntentVerb::Language, "").with("en")),
        // Of a thing, at home and elsewhere, in a state the person saw.
        ("1:task:T-2041:", of(IntentVerb::Task, "T-2041")),
        (
            "1:task:420902/T-2041:0",
            of(IntentVerb::Task, "420902/T-2041").at(0),
        ),
        (
            "1:accept:T-2041:11",
            of(IntentVerb::Accept, "T-2041").at(37),
        ),
        (
            "1:accept:T-2041:3w5e11264sgsf",
            of(IntentVerb::Accept, "T-2041").at(u64::MAX),
        ),
        (
            "1:task:T-2041#offer:11",
            of(IntentVerb::Task, "T-2041").with("offer").at(37),
        ),
        (
            "1:sum:T-2041#receipt:",
            of(IntentVerb::Summary, "T-2041").with("receipt"),
        ),
        // Of a row of a sheet, with what was found there and which violation.
        (
            "1:row:T-2041#12:11",
            of(IntentVerb::Row, "T-2041").with("12").at(37),
        ),
        (
            "1:fill:T-2041#12.not_visited:11",
            of(IntentVerb::Fill, "T-2041").with("12.not_visited").at(37),
        ),
        (
            "1:code:T-2041#12.H1:11",
            of(IntentVerb::Code, "T-2041").with("12.H1").at(37),
        ),
        (
            "1:save:T-2041#12:11",
            of(IntentVerb::Save, "T-2041").with("12").at(37),
        ),
        // Of a word about a thing.
        (
            "1:joint:L-69#true:11",
            of(IntentVerb::Joint, "L-69").with("true").at(37),
        ),
        (
            "1:verdict:L-69#substantiated:11",
            of(IntentVerb::Verdict, "L-69").with("substantiated").at(37),
        ),
        (
            "1:lookback:C-21#relapsed:11",
            of(IntentVerb::LookBack, "C-21").with("relapsed").at(37),
        ),
        // Of a form: a draft of it, an answer, and the form's own number where a state stands.
        (
            "1:resume:T-2041#decline:",
            of(IntentVerb::Resume, "T-2041").with("decline"),
        ),
        ("1:pick:#0.3:7", of(IntentVerb::Pick, "").with("0.3").at(7)),
        ("1:ok:#2:7", of(IntentVerb::Confirm, "").with("2").at(7)),
    ]
}

#[test]
fn every_verb_has_the_word_it_always_had() {
    assert_eq!(VERBS.map(|(verb, _)| verb), IntentVerb::ALL);
    for (verb, word) in VERBS {
        assert_eq!((verb.as_str(), IntentVerb::parse(word)), (word, Some(verb)));
        assert_eq!(serde_json::to_string(&verb).unwrap(), format!("\"{word}\""));
        assert_eq!(
            serde_json::from_str::<IntentVerb>(&format!("\"{word}\"")).unwrap(),
            verb
        );
        let data = format!("1:{word}:T-2041:11");
        assert_eq!(write(&Intent::new(verb, "T-2041").at(37)), data);
        assert_eq!(read(&data), Some(Intent::new(verb, "T-2041").at(37)));
    }
}

#[test]
fn every_form_of_data_is_written_and_read_as_it_always_was() {
    for (data, intent) in buttons() {
        assert_eq!(write(&intent), data);
        assert_eq!(read(data), Some(intent), "{data}");
    }
}

#[test]
fn what_is_too_long_becomes_what_it_always_became() {
    assert_eq!(
        write(&Intent::new(IntentVerb::Accept, "T".repeat(MAX))),
        "1:inbox::"
    );
}
