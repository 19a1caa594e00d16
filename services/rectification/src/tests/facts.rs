//! Reports as they come in: rows and places from dispatch, and what somebody tells the desk.
//!
//! Facts come more than once and open one lead. What happens to the lead stands in `leads`.

use picket_book::Book;
use picket_schemas::rectification::{Event, Source};
use picket_schemas::{Subject, dispatch};

use super::world::*;
use crate::Rectification;

#[test]
fn a_problem_row_becomes_a_report_and_a_lead_with_its_three_names() {
    let mut world = World::new();
    let events = world.found("T-1");
    assert_eq!(kinds(&events), ["report.received", "lead.opened"]);
    let Event::ReportReceived {
        report,
        source,
        task,
        row,
        finder,
        post,
        text,
        observed,
        campaign,
        round,
        ..
    } = &events[0]
    else {
        panic!("a report comes first")
    };
    assert_eq!(
        (
            report.as_str(),
            *source,
            task.as_ref().map(|task| task.as_str()),
            row.as_deref()
        ),
        ("R-1", Source::Row, Some("T-1"), Some("I-0003"))
    );
    assert_eq!(
        (finder.as_ref(), post.as_ref().map(|post| post.as_str())),
        (Some(&who(SENTINEL)), Some("PO-01"))
    );
    assert_eq!(
        (text.as_str(), observed.to_string().as_str()),
        ("lessons behind a closed curtain", "2023-03-06T00:57:00Z")
    );
    assert_eq!((campaign.as_deref(), *round), (Some("spring"), Some(2)));
    let Event::LeadOpened {
        lead,
        report,
        subject,
        codes,
        post,
        owner,
        campaign,
        ..
    } = &events[1]
    else {
        panic!("a lead follows")
    };
    assert_eq!(
        (lead.as_str(), report.as_str(), subject),
        ("L-1", "R-1", &Some(Subject::institution("I-0003")))
    );
    assert_eq!(
        (codes.as_slice(), post.as_ref().map(|post| post.as_str())),
        (["H1".to_owned()].as_slice(), Some("PO-01"))
    );
    assert_eq!(
        (owner, campaign.as_deref()),
        (&Some(who(OWNER)), Some("spring"))
    );
}

#[test]
fn the_finder_is_named_in_the_report_and_not_in_the_lead() {
    let mut world = World::new();
    let events = world.found("T-1");
    assert!(
        serde_json::to_string(&events[0])
            .expect("data")
            .contains("P-0017")
    );
    assert!(
        !serde_json::to_string(&events[1])
            .expect("data")
            .contains("P-0017")
    );
}

#[test]
fn the_same_row_opens_one_lead_however_often_it_comes() {
    let mut world = World::new();
    assert_eq!(world.found("T-1").len(), 2);
    assert!(world.found("T-1").is_empty());
    assert_eq!(
        world.found("T-2").len(),
        2,
        "the same place on another sheet is another finding"
    );
    assert_eq!(
        world.fact(row("T-1", "I-0004")).len(),
        2,
        "another row of the sheet is another finding"
    );
}

#[test]
fn an_institution_without_an_owner_is_the_owners_of_its_area() {
    let mut world = World::new();
    let events = world.fact(row("T-1", "I-0004"));
    assert!(
        matches!(&events[1], Event::LeadOpened { owner: Some(owner), .. } if *owner == who(AREA_OWNER))
    );
}

#[test]
fn a_place_on_no_list_opens_an_urgent_lead_once() {
    let mut world = World::new();
    let events = world.fact(place("U-7", true));
    let Event::ReportReceived {
        source,
        place: from,
        text,
        urgent,
        ..
    } = &events[0]
    else {
        panic!("a report comes first")
    };
    assert_eq!(
        (
            *source,
            from.as_ref().map(|place| place.as_str()),
            text.as_str(),
            *urgent
        ),
        (
            Source::Place,
            Some("U-7"),
            "3 Mill Lane: a class of twelve",
            true
        )
    );
    assert!(
        matches!(&events[1], Event::LeadOpened { subject: Some(subject), urgent: true, owner: Some(owner), .. }
        if *subject == Subject::unlisted("U-7") && *owner == who(AREA_OWNER))
    );
    assert!(world.fact(place("U-7", true)).is_empty());
}

#[test]
fn an_urgent_row_opens_an_urgent_lead_and_a_sealed_one_stays_sealed() {
    let mut world = World::new();
    let mut fact = row("T-1", "I-0003");
    let until = "2023-03-10T00:00:00+08:00".parse().expect("an instant");
    if let dispatch::Event::RowFound {
        urgent,
        sealed_until,
        ..
    } = &mut fact
    {
        (*urgent, *sealed_until) = (true, Some(until));
    }
    let events = world.fact(fact);
    assert!(
        matches!(&events[0], Event::ReportReceived { urgent: true, sealed_until: Some(sealed), .. } if *sealed == until)
    );
    assert!(
        matches!(&events[1], Event::LeadOpened { urgent: true, sealed_until: Some(sealed), .. } if *sealed == until)
    );
    let classify = |lead: &str| {
        format!(r#"{{"do":"rectification.classify_lead","lead":"{lead}","codes":"H1"}}"#)
    };
    assert_eq!(
        world.no(DISPATCHER, &classify("L-1")),
        "unknown",
        "not there before the sheet is released"
    );
    world.at("2023-03-10T00:00:00");
    world.ok(DISPATCHER, &classify("L-1"));
}

#[test]
fn a_corrected_row_changes_nothing_here() {
    let mut world = World::new();
    world.found("T-1");
    let before = world.bench.book.clone();
    let corrected = dispatch::Event::RowAnnotated {
        task: "T-1".into(),
        row: "I-0003".into(),
        note: "it was next door".into(),
        by: who(SENTINEL),
    };
    assert!(world.fact(corrected).is_empty());
    assert_eq!(world.bench.book, before);
}

#[test]
fn a_told_report_opens_a_lead_seen_when_it_was_seen() {
    let mut world = World::new();
    let observed = "2023-03-04T20:00:00+08:00".parse().expect("an instant");
    let events = world
        .bench
        .wish_observed(
            DISPATCHER,
            &told(Some(Subject::institution("I-0003"))),
            observed,
        )
        .expect("a dispatcher takes reports");
    assert!(
        matches!(&events[0], Event::ReportReceived { source: Source::Hotline, finder: None, observed: seen, .. } if *seen == observed)
    );
    assert!(
        matches!(&events[1], Event::LeadOpened { owner: Some(owner), .. } if *owner == who(OWNER))
    );
    assert_eq!(
        world
            .command(COORDINATOR, &told(None))
            .expect("a coordinator too")
            .len(),
        2
    );
    let ahead = "2023-03-07T20:00:00+08:00".parse().expect("an instant");
    assert_eq!(
        world
            .bench
            .wish_observed(DISPATCHER, &told(None), ahead)
            .expect_err("nobody saw tomorrow")
            .code(),
        "invalid"
    );
}

#[test]
fn a_told_report_needs_text_a_known_area_and_a_known_institution() {
    let mut world = World::new();
    let long = "夜".repeat(4001);
    for (by, json, code) in [
        (DISPATCHER, r#"{"do":"rectification.receive_report","source":"letter","area":"420902003004","text":"  "}"#.to_owned(), "missing"),
        (DISPATCHER, format!(r#"{{"do":"rectification.receive_report","source":"letter","area":"420902003004","text":"{long}"}}"#), "invalid"),
        (DISPATCHER, r#"{"do":"rectification.receive_report","source":"letter","area":"999","text":"noise"}"#.to_owned(), "unknown"),
        (DISPATCHER, r#"{"do":"rectification.receive_report","source":"row","area":"420902003004","text":"noise"}"#.to_owned(), "invalid"),
        (DISPATCHER, r#"{"do":"rectification.receive_report","source":"parent","subject":{"kind":"institution","id":"I-9"},"area":"420902003004","text":"noise"}"#.to_owned(), "unknown"),
        (DISPATCHER, r#"{"do":"rectification.receive_report","source":"parent","subject":{"kind":"unlisted_place","id":""},"area":"420902003004","text":"noise"}"#.to_owned(), "invalid"),
        (FAR_DISPATCHER, r#"{"do":"rectification.receive_report","source":"letter","area":"420902003004","text":"noise"}"#.to_owned(), "not_allowed"),
        (SENTINEL, r#"{"do":"rectification.receive_report","source":"letter","area":"420902003004","text":"noise"}"#.to_owned(), "not_allowed"),
    ] {
        assert_eq!(world.no(by, &json), code, "{json}");
    }
}

#[test]
fn the_book_rings_no_bells_and_listens_to_what_dispatch_says() {
    assert_eq!(Rectification::default().due(), None);
    for kind in Rectification::LISTENS {
        assert!(
            dispatch::Event::KINDS.contains(kind),
            "dispatch says no {kind}"
        );
    }
}
