//! Leads, cases and orders; and what the finder hears.

use picket_schemas::rectification::{Event as Rectification, Source, Verdict};
use picket_schemas::{Span, Subject};

use super::*;

fn received(report: &str, finder: Option<&str>) -> Rectification {
    Rectification::ReportReceived {
        report: report.into(),
        source: Source::Row,
        subject: Some(Subject::institution("I-0003")),
        area: COMMUNITY.into(),
        text: "classes on Sunday".into(),
        codes: vec![],
        urgent: false,
        task: None,
        row: None,
        place: None,
        finder: finder.map(Into::into),
        post: Some("PO-01".into()),
        observed: instant(MORNING),
        campaign: None,
        round: None,
        sealed_until: None,
    }
}

fn opened(lead: &str, report: &str, urgent: bool, sealed_until: Option<&str>) -> Rectification {
    Rectification::LeadOpened {
        lead: lead.into(),
        report: report.into(),
        subject: Some(Subject::institution("I-0003")),
        area: COMMUNITY.into(),
        codes: vec!["H1".into(), "A3".into()],
        urgent,
        post: Some("PO-01".into()),
        owner: None,
        campaign: None,
        round: None,
        sealed_until: sealed_until.map(instant),
    }
}

fn routed(lead: &str, department: &str, assist: &[&str]) -> Rectification {
    Rectification::LeadRouted {
        lead: lead.into(),
        department: department.into(),
        assist: assist.iter().map(|code| (*code).into()).collect(),
        reason: "row 1".into(),
        matched: None,
    }
}

fn found(desk: &mut Desk, lead: &str, finder: &str) -> Vec<Event> {
    let report = lead.replace('L', "R");
    let mut events = desk.hears("rectification", received(&report, Some(finder)));
    events.extend(desk.hears("rectification", opened(lead, &report, false, None)));
    events
}

fn served() -> Rectification {
    Rectification::OrderServed {
        order: "Z-1".into(),
        proof: "signed".into(),
        case: "C-1".into(),
        subject: Subject::institution("I-0003"),
        area: COMMUNITY.into(),
        department: "edu".into(),
        deadline: Span::working_days(5),
        duty: OFFICER.into(),
        owner: None,
        post: None,
        by: OFFICER.into(),
        evidence: vec![],
    }
}

fn filed() -> Rectification {
    Rectification::CaseFiled {
        case: "C-1".into(),
        lead: "L-1".into(),
        subject: Subject::institution("I-0003"),
        area: COMMUNITY.into(),
        codes: vec![],
        department: "edu".into(),
        officers: vec![OFFICER.into(), MARKET.into()],
        owner: None,
        post: None,
        generation: 1,
    }
}

fn fix_reported() -> Rectification {
    Rectification::FixReported {
        order: "Z-1".into(),
        note: "closed".into(),
        evidence: vec![],
        by: OFFICER.into(),
    }
}

#[test]
fn a_lead_waits_for_the_dispatchers() {
    let mut desk = Desk::at(MORNING);
    let events = found(&mut desk, "L-1", FINDER);
    assert_eq!(told(&events), ["screen:P-0002"]);
    let with = events.iter().find_map(|event| {
        if let Event::NoticeQueued { with, .. } = event {
            Some(with)
        } else {
            None
        }
    });
    assert_eq!(
        with.map(|with| (with["place"].as_str(), with["codes"].as_str())),
        Some(("Bright Hall", "H1;A3"))
    );
}

#[test]
fn an_urgent_lead_does_not_wait_for_the_morning() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("rectification", opened("L-1", "R-1", true, None));
    assert_eq!(handed(&desk.rings_now()), ["screen:P-0002"]);
    desk.hears("rectification", opened("L-2", "R-2", false, None));
    assert_eq!(handed(&desk.rings_now()), Vec::<String>::new());
    assert_eq!(handed(&desk.rings(DAWN)), ["screen:P-0002"]);
}

#[test]
fn nobody_but_the_finder_ever_reads_the_finders_name() {
    let mut desk = Desk::at(MORNING);
    found(&mut desk, "L-1", FINDER);
    desk.hears("rectification", routed("L-1", "edu", &["market"]));
    desk.hears(
        "rectification",
        Rectification::LeadReturned {
            lead: "L-1".into(),
            department: "edu".into(),
            reason: "not ours".into(),
        },
    );
    desk.hears("rectification", filed());
    desk.hears("rectification", served());
    desk.hears("rectification", fix_reported());
    desk.hears(
        "rectification",
        Rectification::FixFailed {
            order: "Z-1".into(),
            case: "C-1".into(),
            note: "still open".into(),
            by: VERIFIER.into(),
            evidence: Vec::new(),
        },
    );
    desk.hears(
        "rectification",
        Rectification::CaseCleared {
            case: "C-1".into(),
            lead: "L-1".into(),
            subject: Subject::institution("I-0003"),
        },
    );
    let others = desk
        .journal
        .iter()
        .filter(|(event, _)| matches!(event, Event::NoticeQueued { to, .. } if *to != FINDER));
    let others: Vec<_> = others
        .map(|(event, _)| serde_json::to_string(event).expect("an event is data"))
        .collect();
    assert!(others.len() >= 7, "{others:?}");
    assert!(
        others.iter().all(|text| !text.contains("P-0017")),
        "{others:?}"
    );
    desk.folds();
}

#[test]
fn every_department_named_hears_of_a_lead_and_the_finder_where_it_went() {
    let mut desk = Desk::at(MORNING);
    found(&mut desk, "L-1", FINDER);
    // `edu` has a head; `market` has only an inspector.
    assert_eq!(
        told(&desk.hears("rectification", routed("L-1", "edu", &["market"]))),
        ["routed:P-0006", "routed:P-0007", "finding_routed:P-0017"]
    );
}

#[test]
fn a_lead_routed_anew_is_withdrawn_from_the_first_department() {
    let mut desk = Desk::at(NIGHT);
    found(&mut desk, "L-1", FINDER);
    desk.hears("rectification", routed("L-1", "edu", &[]));
    let events = desk.hears("rectification", routed("L-1", "market", &[]));
    assert_eq!(
        suppressed(&events),
        [
            "N-2: the lead was routed anew",
            "N-3: the lead was routed anew"
        ]
    );
    assert_eq!(
        handed(&desk.rings(DAWN)),
        ["routed:P-0007", "finding_routed:P-0017"]
    );
}

#[test]
fn a_finding_in_order_before_the_morning_is_told_once() {
    let mut desk = Desk::at(NIGHT);
    found(&mut desk, "L-1", FINDER);
    desk.hears("rectification", routed("L-1", "edu", &[]));
    let events = desk.hears(
        "rectification",
        Rectification::CaseCleared {
            case: "C-1".into(),
            lead: "L-1".into(),
            subject: Subject::institution("I-0003"),
        },
    );
    assert_eq!(
        (suppressed(&events), told(&events)),
        (
            vec!["N-3: a newer one says it".to_owned()],
            vec!["finding_cleared:P-0017".to_owned()]
        )
    );
    desk.folds();
}

#[test]
fn a_lead_sent_back_goes_to_the_dispatchers_once_more() {
    let mut desk = Desk::at(NIGHT);
    found(&mut desk, "L-1", FINDER);
    desk.hears("rectification", routed("L-1", "edu", &[]));
    let events = desk.hears(
        "rectification",
        Rectification::LeadReturned {
            lead: "L-1".into(),
            department: "edu".into(),
            reason: "not ours".into(),
        },
    );
    assert_eq!(
        suppressed(&events),
        ["N-2: the department returned the lead"]
    );
    assert_eq!(told(&events), ["lead_returned:P-0002"]);
}

#[test]
fn a_lead_classified_merged_or_archived_needs_no_screening() {
    let mut desk = Desk::at(NIGHT);
    for lead in ["L-1", "L-2", "L-3", "L-4"] {
        found(&mut desk, lead, FINDER);
    }
    let mut events = desk.hears(
        "rectification",
        Rectification::LeadClassified {
            lead: "L-1".into(),
            codes: vec!["H1".into()],
            proposal: None,
        },
    );
    events.extend(desk.hears(
        "rectification",
        Rectification::LeadMerged {
            lead: "L-2".into(),
            into: "L-4".into(),
        },
    ));
    events.extend(desk.hears(
        "rectification",
        Rectification::LeadArchived {
            lead: "L-3".into(),
            reason: "not substantiated".into(),
        },
    ));
    assert_eq!(
        suppressed(&events),
        [
            "N-1: the lead was already classified",
            "N-2: the lead was merged into another",
            "N-3: the lead was archived"
        ]
    );
    let verdict = Rectification::VerdictRecorded {
        lead: "L-4".into(),
        verdict: Verdict::Not,
        note: String::new(),
        subject: None,
        codes: vec![],
        by: OFFICER.into(),
        evidence: vec![],
    };
    desk.hears("rectification", routed("L-4", "edu", &[]));
    assert_eq!(
        suppressed(&desk.hears("rectification", verdict)),
        ["N-5: the verdict is already recorded"]
    );
}

#[test]
fn after_a_merge_every_finder_hears_that_it_is_in_order() {
    let mut desk = Desk::at(MORNING);
    found(&mut desk, "L-1", FINDER);
    found(&mut desk, "L-2", SECOND);
    desk.hears(
        "rectification",
        Rectification::LeadMerged {
            lead: "L-2".into(),
            into: "L-1".into(),
        },
    );
    let cleared = Rectification::CaseCleared {
        case: "C-1".into(),
        lead: "L-1".into(),
        subject: Subject::institution("I-0003"),
    };
    assert_eq!(
        told(&desk.hears("rectification", cleared)),
        ["finding_cleared:P-0017", "finding_cleared:P-0018"]
    );
    assert!(desk.bench.book.matters.is_empty());
    desk.folds();
}

#[test]
fn a_fix_waits_for_verifiers_who_had_no_part_in_it() {
    let mut desk = Desk::at(MORNING);
    desk.enrol(
        OFFICER,
        &[Role::Inspector, Role::Verifier],
        Some("edu"),
        "420902",
    );
    desk.enrol(
        MARKET,
        &[Role::Inspector, Role::Verifier],
        Some("market"),
        "420902",
    );
    desk.hears("rectification", filed());
    desk.hears("rectification", served());
    assert_eq!(
        told(&desk.hears("rectification", fix_reported())),
        ["verify:P-0005"]
    );
}

#[test]
fn a_fix_found_wanting_goes_back_to_those_who_handle_it() {
    let mut desk = Desk::at(NIGHT);
    desk.hears("rectification", filed());
    desk.hears("rectification", served());
    desk.hears("rectification", fix_reported());
    let failed = Rectification::FixFailed {
        order: "Z-1".into(),
        case: "C-1".into(),
        note: "still open".into(),
        by: VERIFIER.into(),
        evidence: Vec::new(),
    };
    let events = desk.hears("rectification", failed);
    assert_eq!(
        suppressed(&events),
        ["N-1: the fix was already found wanting"]
    );
    assert_eq!(told(&events), ["fix_failed:P-0007", "fix_failed:P-0008"]);
    let again = desk.hears("rectification", fix_reported());
    assert_eq!(
        suppressed(&again),
        [
            "N-2: another fix was reported",
            "N-3: another fix was reported"
        ]
    );
}

#[test]
fn a_sealed_lead_is_told_to_the_dispatchers_when_it_is_released() {
    let mut desk = Desk::at(MORNING);
    desk.hears(
        "rectification",
        opened("L-1", "R-1", true, Some("2023-03-06T06:00:00Z")),
    );
    assert_eq!(
        handed(&desk.rings("2023-03-06T05:59:00Z")),
        Vec::<String>::new()
    );
    assert_eq!(
        handed(&desk.rings("2023-03-06T06:00:00Z")),
        ["screen:P-0002"]
    );
}

#[test]
fn the_finders_own_notice_never_goes_to_a_substitute() {
    let mut desk = Desk::at(MORNING);
    found(&mut desk, "L-1", FINDER);
    desk.rings_now();
    desk.away(FINDER, Some(SECOND));
    desk.hears("rectification", routed("L-1", "edu", &[]));
    assert_eq!(
        handed(&desk.rings_now()),
        ["routed:P-0006", "finding_routed:P-0017"]
    );
}
