//! Bytes behind buttons: cards of other versions stand in chats, and whoever presses them sends these.

use super::*;

/// Every verb with its word.
const VERBS: [(Verb, &str); 72] = [
    (Verb::Inbox, "inbox"),
    (Verb::More, "more"),
    (Verb::Leads, "leads"),
    (Verb::Board, "board"),
    (Verb::Help, "help"),
    (Verb::WhoAmI, "whoami"),
    (Verb::Language, "lang"),
    (Verb::Bulletin, "bulletin"),
    (Verb::ApproveBulletin, "bless"),
    (Verb::Notices, "notices"),
    (Verb::Timeline, "timeline"),
    (Verb::Resume, "resume"),
    (Verb::Cancel, "cancel"),
    (Verb::Task, "task"),
    (Verb::Accept, "accept"),
    (Verb::Decline, "decline"),
    (Verb::Rows, "rows"),
    (Verb::HandOver, "hand"),
    (Verb::Submit, "submit"),
    (Verb::Nil, "nil"),
    (Verb::Approve, "approve"),
    (Verb::Return, "return"),
    (Verb::CancelTask, "drop"),
    (Verb::Start, "start"),
    (Verb::Row, "row"),
    (Verb::Fill, "fill"),
    (Verb::Code, "code"),
    (Verb::Page, "page"),
    (Verb::Picked, "picked"),
    (Verb::Urgent, "urgent"),
    (Verb::Save, "save"),
    (Verb::Back, "back"),
    (Verb::Summary, "sum"),
    (Verb::Later, "later"),
    (Verb::Batch, "batch"),
    (Verb::NewBatch, "new"),
    (Verb::Report, "report"),
    (Verb::Lead, "lead"),
    (Verb::Classify, "classify"),
    (Verb::Route, "route"),
    (Verb::RouteTo, "routeto"),
    (Verb::Joint, "joint"),
    (Verb::Merge, "merge"),
    (Verb::NotOurs, "notours"),
    (Verb::Outcome, "outcome"),
    (Verb::Verdict, "verdict"),
    (Verb::FileCase, "file"),
    (Verb::Case, "case"),
    (Verb::IssueOrder, "draft"),
    (Verb::Penalty, "penalty"),
    (Verb::Refund, "refund"),
    (Verb::Suspend, "suspend"),
    (Verb::LookBack, "lookback"),
    (Verb::Order, "order"),
    (Verb::Serve, "serve"),
    (Verb::Fix, "fix"),
    (Verb::Verify, "verify"),
    (Verb::Pass, "pass"),
    (Verb::Fail, "fail"),
    (Verb::Extend, "extend"),
    (Verb::Park, "park"),
    (Verb::Unpark, "unpark"),
    (Verb::Step, "step"),
    (Verb::Acknowledge, "ack"),
    (Verb::Sign, "sign"),
    (Verb::Pick, "pick"),
    (Verb::FormBack, "prev"),
    (Verb::LeaveOut, "skip"),
    (Verb::Confirm, "ok"),
    (Verb::Drop, "away"),
    (Verb::FormPage, "turn"),
    (Verb::Form, "form"),
];

/// What stands behind buttons today, each with what it means.
fn buttons() -> Vec<(&'static str, Intent)> {
    let of = Intent::new;
    vec![
        // Of nothing in particular, and of a page of it.
        ("1:inbox::", of(Verb::Inbox, "")),
        ("1:more:#2:", of(Verb::More, "").with("2")),
        ("1:lang:#en:", of(Verb::Language, "").with("en")),
        // Of a thing, at home and elsewhere, in a state the person saw.
        ("1:task:T-2041:", of(Verb::Task, "T-2041")),
        (
            "1:task:420902/T-2041:0",
            of(Verb::Task, "420902/T-2041").at(0),
        ),
        ("1:accept:T-2041:11", of(Verb::Accept, "T-2041").at(37)),
        (
            "1:accept:T-2041:3w5e11264sgsf",
            of(Verb::Accept, "T-2041").at(u64::MAX),
        ),
        (
            "1:task:T-2041#offer:11",
            of(Verb::Task, "T-2041").with("offer").at(37),
        ),
        (
            "1:sum:T-2041#receipt:",
            of(Verb::Summary, "T-2041").with("receipt"),
        ),
        // Of a row of a sheet, with what was found there and which violation.
        (
            "1:row:T-2041#12:11",
            of(Verb::Row, "T-2041").with("12").at(37),
        ),
        (
            "1:fill:T-2041#12.not_visited:11",
            of(Verb::Fill, "T-2041").with("12.not_visited").at(37),
        ),
        (
            "1:code:T-2041#12.H1:11",
            of(Verb::Code, "T-2041").with("12.H1").at(37),
        ),
        (
            "1:save:T-2041#12:11",
            of(Verb::Save, "T-2041").with("12").at(37),
        ),
        // Of a word about a thing.
        (
            "1:joint:L-69#true:11",
            of(Verb::Joint, "L-69").with("true").at(37),
        ),
        (
            "1:verdict:L-69#substantiated:11",
            of(Verb::Verdict, "L-69").with("substantiated").at(37),
        ),
        (
            "1:lookback:C-21#relapsed:11",
            of(Verb::LookBack, "C-21").with("relapsed").at(37),
        ),
        // Of a form: a draft of it, an answer, and the form's own number where a state stands.
        (
            "1:resume:T-2041#decline:",
            of(Verb::Resume, "T-2041").with("decline"),
        ),
        ("1:pick:#0.3:7", of(Verb::Pick, "").with("0.3").at(7)),
        ("1:ok:#2:7", of(Verb::Confirm, "").with("2").at(7)),
    ]
}

#[test]
fn every_verb_has_the_word_it_always_had() {
    assert_eq!(VERBS.map(|(verb, _)| verb), Verb::ALL);
    for (verb, word) in VERBS {
        assert_eq!((verb.as_str(), Verb::parse(word)), (word, Some(verb)));
        assert_eq!(serde_json::to_string(&verb).unwrap(), format!("\"{word}\""));
        assert_eq!(
            serde_json::from_str::<Verb>(&format!("\"{word}\"")).unwrap(),
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
        write(&Intent::new(Verb::Accept, "T".repeat(MAX))),
        "1:inbox::"
    );
}
