//! Sorties of a day, visits, and places on no list.

use jiff::civil::date;
use picket_schemas::dispatch::{Command, Event, Hazards, Outcome, SortieKind};
use picket_schemas::registry::Role;

use super::*;

fn place() -> Command {
    Command::ReportPlace {
        area: community(1).as_str().into(),
        address: "2 Back Lane".into(),
        seen: "children with satchels".into(),
        codes: Vec::new(),
        evidence: Vec::new(),
        urgent: false,
    }
}

fn crew(members: &[&str], kind: SortieKind) -> Command {
    Command::OpenSortie {
        members: members.iter().map(|member| (*member).to_owned()).collect(),
        kind,
        date: date(2023, 3, 1),
    }
}

fn visit(sortie: &str, institution: &str, found: u32, fixed: u32) -> Command {
    Command::RecordVisit {
        sortie: sortie.into(),
        institution: institution.into(),
        outcome: Outcome::Ok,
        hazards: Hazards { found, fixed },
        campaign: Some("spring".into()),
        round: None,
    }
}

/// The sorties that rows and places name, in order.
fn named(events: &[(Event, Timestamp)]) -> Vec<String> {
    let mut all = Vec::new();
    for (event, _) in events {
        if let Event::RowFilled { sortie, .. } | Event::PlaceReported { sortie, .. } = event {
            all.push(sortie.to_string());
        }
    }
    all
}

#[test]
fn three_records_of_one_day_are_one_sortie_and_the_next_day_is_another() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    desk.does("P-1A", &fill("T-1", "I-12", Outcome::Ok));
    desk.does("P-1A", &place());
    // Still the first of March in Shanghai, then the second.
    desk.later("2023-03-01T15:59:59Z");
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    desk.later("2023-03-01T16:00:00Z");
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    assert_eq!(named(&desk.said), ["S-1", "S-1", "S-1", "S-1", "S-2"]);
    let dates: Vec<_> = desk
        .said
        .iter()
        .filter_map(|(event, _)| {
            if let Event::SortieOpened { date, .. } = event {
                Some(date.to_string())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(dates, ["2023-03-01", "2023-03-02"]);
}

#[test]
fn a_record_of_yesterday_that_arrives_today_belongs_to_yesterdays_sortie() {
    let mut desk = Desk::taken_sheet();
    let yesterday = desk.bench.at;
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    desk.later("2023-03-02T01:00:00Z");
    let events = desk
        .wish_seen("P-1A", &fill("T-1", "I-12", Outcome::Ok), yesterday)
        .expect("a late record");
    assert!(
        matches!(&events[..], [Event::RowFilled { sortie, observed, .. }] if *sortie == "S-1" && *observed == yesterday)
    );
    let events = desk.does("P-1A", &fill("T-1", "I-12", Outcome::Ok));
    assert_eq!(kinds(&events), ["sortie.opened", "row.filled"]);
    let events = desk
        .wish_seen("P-1B", &place(), yesterday)
        .expect("a late report");
    assert!(
        matches!(&events[0], Event::SortieOpened { date: day, .. } if *day == date(2023, 3, 1))
    );
}

#[test]
fn a_crew_that_went_out_together_is_one_sortie() {
    let mut desk = Desk::taken_sheet();
    desk.does("P-1A", &crew(&["P-1A", "P-1B"], SortieKind::Sweep));
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::Ok));
    desk.does("P-1B", &place());
    assert_eq!(named(&desk.said), ["S-1", "S-1"]);
}

#[test]
fn a_place_on_no_list_is_reported_at_once() {
    let mut desk = Desk::county();
    let events = desk.does("P-1A", &place());
    assert_eq!(kinds(&events), ["sortie.opened", "place.reported"]);
    let Event::PlaceReported {
        place: id,
        post,
        finder,
        area,
        ..
    } = &events[1]
    else {
        panic!("a place")
    };
    assert_eq!(
        (
            id.as_str(),
            post.as_ref().map(PostCode::as_str),
            finder.code()
        ),
        ("U-1", Some("PO-1"), "P-1A")
    );
    assert_eq!(*area, *community(1));
    assert!(
        matches!(&desk.does("P-2A", &place())[1], Event::PlaceReported { place, .. } if *place == "U-2"),
        "also by somebody of another post"
    );
}

#[test]
fn a_place_needs_an_area_an_address_and_what_was_seen() {
    let mut desk = Desk::county();
    let with = |area: &str, address: &str, seen: &str| Command::ReportPlace {
        area: area.into(),
        address: address.into(),
        seen: seen.into(),
        codes: Vec::new(),
        evidence: Vec::new(),
        urgent: false,
    };
    assert_eq!(
        desk.refused("P-1A", &with("4711", "2 Back Lane", "noise")),
        "unknown"
    );
    assert_eq!(desk.refused("P-1A", &with(TOWN, " ", "noise")), "missing");
    assert_eq!(
        desk.refused("P-1A", &with(TOWN, "2 Back Lane", "")),
        "missing"
    );
    desk.person("P-O", &[Role::Overseer], COUNTY);
    assert_eq!(desk.refused("P-O", &place()), "not_allowed");
}

#[test]
fn an_inspection_needs_two_people_with_different_certificates() {
    let mut desk = Desk::county();
    desk.certified("P-I1", &[Role::Inspector], COUNTY, Some("E-1"));
    desk.certified("P-I2", &[Role::Inspector], COUNTY, Some("E-1"));
    desk.certified("P-I3", &[Role::Inspector], COUNTY, Some("E-3"));
    assert_eq!(
        desk.refused("P-I1", &crew(&["P-I1", "P-1A"], SortieKind::Inspection)),
        "not_certified"
    );
    assert_eq!(
        desk.refused("P-I1", &crew(&["P-I1", "P-I2"], SortieKind::Joint)),
        "not_certified"
    );
    let events = desk.does(
        "P-I1",
        &crew(&["P-I1", "P-I3", "P-I1"], SortieKind::Inspection),
    );
    assert!(matches!(&events[0], Event::SortieOpened { members, .. } if members.len() == 2));
}

#[test]
fn a_sortie_is_opened_on_its_day_by_somebody_who_goes() {
    let mut desk = Desk::county();
    assert_eq!(
        desk.refused("P-1A", &crew(&[], SortieKind::Sweep)),
        "missing"
    );
    assert_eq!(
        desk.refused("P-1A", &crew(&["P-99"], SortieKind::Sweep)),
        "unknown_person"
    );
    assert_eq!(
        desk.refused("P-1A", &crew(&["P-1B"], SortieKind::Sweep)),
        "not_yours"
    );
    let on = |day| Command::OpenSortie {
        members: vec!["P-1A".into()],
        kind: SortieKind::Safety,
        date: day,
    };
    assert_eq!(desk.refused("P-1A", &on(date(2023, 3, 2))), "invalid");
    assert_eq!(desk.refused("P-1A", &on(date(2022, 3, 1))), "invalid");
    desk.does("P-1A", &on(date(2023, 2, 28)));
    desk.does("P-D", &crew(&["P-1B"], SortieKind::Sweep));
}

#[test]
fn a_visit_names_its_sortie_and_counts_spots() {
    let mut desk = Desk::county();
    desk.does("P-1A", &crew(&["P-1A", "P-1B"], SortieKind::Safety));
    assert_eq!(desk.refused("P-1A", &visit("S-9", "I-11", 0, 0)), "unknown");
    assert_eq!(desk.refused("P-1A", &visit("S-1", "I-99", 0, 0)), "unknown");
    assert_eq!(
        desk.refused("P-2A", &visit("S-1", "I-11", 0, 0)),
        "not_yours"
    );
    assert_eq!(desk.refused("P-1A", &visit("S-1", "I-11", 1, 2)), "invalid");
    let nowhere = Command::RecordVisit {
        sortie: "S-1".into(),
        institution: "I-11".into(),
        outcome: Outcome::NotVisited,
        hazards: Hazards::default(),
        campaign: None,
        round: None,
    };
    assert_eq!(desk.refused("P-1A", &nowhere), "invalid");
    let events = desk.does("P-1B", &visit("S-1", "I-11", 3, 2));
    let Event::VisitRecorded {
        subject,
        hazards,
        campaign,
        ..
    } = &events[0]
    else {
        panic!("a visit")
    };
    assert_eq!(
        (
            subject.id.as_str(),
            hazards.found,
            hazards.fixed,
            campaign.as_deref()
        ),
        ("I-11", 3, 2, Some("spring"))
    );
    desk.does("P-C", &visit("S-1", "I-21", 0, 0));
}
