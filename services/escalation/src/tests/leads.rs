//! Clocks on leads.

use picket_schemas::rectification::{Event as Fact, Verdict};

use super::*;

fn routed(county: &mut County, department: &str) -> Vec<Event> {
    county.rectification(Fact::LeadRouted {
        lead: lead("L-1"),
        department: department.into(),
        assist: Vec::new(),
        reason: "row 1".into(),
        matched: None,
    })
}

#[test]
fn a_lead_is_to_be_screened_by_the_next_working_day_and_an_urgent_one_within_two_hours() {
    let mut county = County::at("2026-03-06T23:30");
    county.open_lead("L-1", false);
    county.open_lead("L-2", true);
    assert_eq!(
        county.running(),
        ["lead.screen L-1 03-10 00:00", "lead.screen L-2 03-07 01:30"]
    );
}

#[test]
fn a_routed_lead_is_the_departments_for_ten_working_days() {
    // Ten working days over the Mid-Autumn and National Day holidays.
    let mut county = County::at("2026-09-18T10:00");
    county.open_lead("L-1", false);
    let events = county.rectification(Fact::LeadClassified {
        lead: lead("L-1"),
        codes: vec!["H1".into()],
        proposal: None,
    });
    assert_eq!(kinds(&events), ["clock.stopped"]);
    let events = routed(&mut county, "edu");
    assert_eq!(started(&events).1, t("2026-10-10T00:00"));
    assert!(routed(&mut county, "edu").is_empty());
}

#[test]
fn routing_to_another_department_gives_it_the_full_time() {
    let mut county = County::at("2026-03-02T10:00");
    county.open_lead("L-1", false);
    routed(&mut county, "mkt");
    let events = {
        county.on("2026-03-04T10:00");
        routed(&mut county, "edu")
    };
    assert_eq!(kinds(&events), ["clock.stopped", "clock.started"]);
    assert_eq!(county.running(), ["lead.handle L-1 03-19 00:00"]);
}

#[test]
fn a_lead_out_of_a_sealed_sheet_is_screened_from_its_release_on() {
    let mut county = County::at("2026-03-02T10:00");
    let fact = json!({"type": "lead.opened", "lead": "L-1", "report": "R-1", "area": AREA, "urgent": false, "post": "PO-01", "sealed_until": "2026-03-05T00:00:00+08:00"});
    county.rectification(read(fact));
    assert_eq!(county.running(), ["lead.screen L-1 03-07 00:00"]);
    assert!(
        county
            .live("2026-03-06T23:00")
            .iter()
            .all(|(_, event)| !matches!(event, Event::DeadlinePassed { .. })),
        "nobody is late with what was not there"
    );
}

#[test]
fn a_lead_given_back_is_to_be_screened_again() {
    let mut county = County::at("2026-03-02T10:00");
    county.open_lead("L-1", false);
    routed(&mut county, "mkt");
    let back = Fact::LeadReturned {
        lead: lead("L-1"),
        department: "mkt".into(),
        reason: "not ours".into(),
    };
    county.on("2026-03-03T10:00").rectification(back.clone());
    assert_eq!(county.running(), ["lead.screen L-1 03-05 00:00"]);
    assert!(county.rectification(back).is_empty());
}

#[test]
fn a_verdict_a_merger_and_the_archive_end_a_leads_clocks() {
    let mut county = County::at("2026-03-02T10:00");
    for id in ["L-1", "L-2", "L-3"] {
        county.open_lead(id, false);
    }
    routed(&mut county, "edu");
    let verdict = Fact::VerdictRecorded {
        lead: lead("L-1"),
        verdict: Verdict::Substantiated,
        note: String::new(),
        subject: None,
        codes: Vec::new(),
        by: INSPECTOR.into(),
        evidence: Vec::new(),
    };
    for fact in [
        verdict,
        Fact::LeadMerged {
            lead: lead("L-2"),
            into: lead("L-1"),
        },
        Fact::LeadArchived {
            lead: lead("L-3"),
            reason: "replied".into(),
        },
    ] {
        assert_eq!(
            kinds(&county.rectification(fact)),
            ["clock.stopped", "matter.closed"]
        );
    }
    assert!(county.running().is_empty());
}

#[test]
fn heads_and_inspectors_of_the_department_owe_a_routed_lead() {
    let mut county = County::at("2026-03-02T10:00");
    county.open_lead("L-1", false);
    routed(&mut county, "edu");
    let said = county.live("2026-03-11T09:00");
    assert_eq!(diary(&said), ["03-11 08:30 reminder.due"]);
    assert!(matches!(&said[0].1, Event::ReminderDue { to, .. } if *to == ids(&[HEAD, INSPECTOR])));
}
