//! Invitations and absences: how an account is bound, and who speaks for whom.

use super::*;

#[test]
fn an_invitation_is_exchanged_once() {
    let mut desk = Desk::county();
    desk.does(COORDINATOR, &invite("P-0017", TOKEN));
    desk.does("420902/nobody-yet", &bind(TOKEN));
    assert_eq!(
        desk.bench.directory().identity("telegram", "7001"),
        Some(&SENTINEL.into())
    );
    assert!(
        desk.refuses("420902/nobody-yet", &bind(TOKEN))
            .starts_with("unknown")
    );
}

#[test]
fn wrong_used_and_expired_tokens_sound_the_same() {
    let mut desk = Desk::county();
    desk.does(COORDINATOR, &invite("P-0017", TOKEN));
    let wrong = desk.refuses("420902/x", &bind("not-the-token-not-the-token"));
    desk.later(24);
    let expired = desk.refuses("420902/x", &bind(TOKEN));
    desk.does(COORDINATOR, &invite("P-0017", "BBECAwQFBgcICQoLDA0ODw"));
    desk.does("420902/x", &bind("BBECAwQFBgcICQoLDA0ODw"));
    let used = desk.refuses("420902/x", &bind("BBECAwQFBgcICQoLDA0ODw"));
    assert_eq!((&wrong, &wrong), (&expired, &used));
}

#[test]
fn the_token_itself_is_kept_nowhere() {
    let mut desk = Desk::county();
    desk.does(COORDINATOR, &invite("P-0017", TOKEN));
    let kept = format!("{}{}", json(&desk.bench.book), json(&desk.journal));
    assert!(!kept.contains(TOKEN));
    assert!(kept.contains(&picket_schemas::commit::hash(TOKEN.as_bytes())));
}

#[test]
fn a_token_is_long_and_new() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(COORDINATOR, &invite("P-0017", "short"))
            .starts_with("invalid")
    );
    desk.does(COORDINATOR, &invite("P-0017", TOKEN));
    assert!(
        desk.refuses(COORDINATOR, &invite("P-0002", TOKEN))
            .starts_with("invalid")
    );
}

#[test]
fn a_post_leader_invites_within_the_own_area_only() {
    let mut desk = Desk::county();
    desk.does(LEADER, &invite("P-0017", TOKEN));
    assert!(
        desk.refuses(LEADER, &invite("P-0001", "BBECAwQFBgcICQoLDA0ODw"))
            .starts_with("not_allowed")
    );
}

#[test]
fn ended_invitations_leave_the_book() {
    let mut desk = Desk::county();
    desk.does(COORDINATOR, &invite("P-0017", TOKEN));
    desk.later(25);
    desk.does(COORDINATOR, &invite("P-0002", "BBECAwQFBgcICQoLDA0ODw"));
    assert_eq!(desk.bench.book.layer().invites.len(), 1);
}

#[test]
fn people_say_themselves_that_they_are_away() {
    let mut desk = Desk::county();
    let (from, until) = ("2023-04-01T00:00:00Z", "2023-04-05T00:00:00Z");
    desk.does(SENTINEL, &away("P-0017", from, until, Some("P-0002")));
    let within = instant("2023-04-02T00:00:00Z");
    assert_eq!(
        desk.bench.directory().away(&SENTINEL.into(), within),
        Some(Some(LEADER.into()))
    );
    assert!(
        desk.refuses(SENTINEL, &away("P-0002", from, until, None))
            .starts_with("not_allowed")
    );
    desk.does(LEADER, &away("P-0017", from, until, None));
    assert!(
        desk.refuses(SENTINEL, &away("P-0017", until, from, None))
            .starts_with("invalid")
    );
    assert!(
        desk.refuses(SENTINEL, &away("P-0017", from, until, Some("P-0017")))
            .starts_with("invalid")
    );
    assert!(
        desk.refuses(SENTINEL, &away("P-0017", from, until, Some("P-0404")))
            .starts_with("unknown_person")
    );
}

#[test]
fn only_the_registry_that_enrolled_somebody_speaks_of_them() {
    let mut desk = Desk::county();
    desk.bench.parent("4209");
    let Command::EnrolPerson { name, .. } = person("P-0003", &[], "4209") else {
        unreachable!()
    };
    let above = picket_schemas::registry::Person {
        id: "4209/P-0003".into(),
        name,
        roles: [Role::Supervisor].into(),
        department: None,
        area: "4209".into(),
        certificate: None,
        language: None,
    };
    desk.bench
        .registered_above(&Event::PersonEnrolled { person: above });
    assert!(
        desk.refuses(OPERATOR, &invite("4209/P-0003", TOKEN))
            .contains("only its registry")
    );
    desk.does(
        OPERATOR,
        &Command::AssignOwner {
            area: Some("420902003".into()),
            institution: None,
            person: "4209/P-0003".into(),
        },
    );
}

const VISITOR: &str = "420921/P-0017";

fn admit(person: &str, roles: &str, areas: &str, from: &str, until: &str) -> Command {
    let list = |text: &str| {
        text.split(';')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    Command::AdmitVisitor {
        person: person.into(),
        from: instant(from),
        until: instant(until),
        roles: list(roles),
        areas: list(areas).into_iter().map(Into::into).collect(),
        department: None,
        reason: "a campaign of two counties".into(),
    }
}

#[test]
fn a_visitor_is_admitted_for_roles_areas_and_dates_and_acts_within_them() {
    let mut desk = Desk::county();
    let visit = admit(
        VISITOR,
        "coordinator",
        "420902003",
        "2023-03-02T00:00:00Z",
        "2023-03-04T00:00:00Z",
    );
    let events = desk.does(COORDINATOR, &visit);
    assert!(
        matches!(&events[..], [Event::VisitorAdmitted { person, areas, by, .. }] if person == VISITOR && areas.len() == 1 && by == COORDINATOR)
    );
    assert!(
        desk.does(COORDINATOR, &visit).is_empty(),
        "said again, nothing changes"
    );
    let owner = Command::AssignOwner {
        area: Some("420902003".into()),
        institution: None,
        person: "P-0002".into(),
    };
    assert!(
        desk.refuses(VISITOR, &owner).starts_with("unknown_person"),
        "not yet"
    );
    desk.later(24);
    desk.does(VISITOR, &owner);
    let elsewhere = Command::AssignOwner {
        area: Some("420902".into()),
        institution: None,
        person: "P-0002".into(),
    };
    assert!(
        desk.refuses(VISITOR, &elsewhere).starts_with("not_allowed"),
        "another area"
    );
    assert!(
        desk.refuses(
            VISITOR,
            &admit(
                "420921/P-0018",
                "sentinel",
                "420902003",
                "2023-03-02T00:00:00Z",
                "2023-03-04T00:00:00Z"
            )
        )
        .starts_with("not_allowed"),
        "a guest brings no guests"
    );
    let invited = Command::Invite {
        person: "P-0002".into(),
        token: "0123456789abcdef0123456789abcdef".into(),
    };
    assert!(
        desk.refuses(VISITOR, &invited).starts_with("not_allowed"),
        "nor gives anybody a phone to act with afterwards"
    );
    desk.later(48);
    assert!(
        desk.refuses(VISITOR, &owner).starts_with("unknown_person"),
        "no longer"
    );
}

#[test]
fn without_areas_a_visitor_is_admitted_everywhere_here() {
    let mut desk = Desk::county();
    let events = desk.does(
        OPERATOR,
        &admit(
            VISITOR,
            "sentinel",
            "",
            "2023-03-02T00:00:00Z",
            "2023-03-04T00:00:00Z",
        ),
    );
    assert!(
        matches!(&events[..], [Event::VisitorAdmitted { areas, .. }] if areas.iter().eq([&picket_schemas::AreaCode::from("420902")]))
    );
    assert!(
        desk.refuses(
            LEADER,
            &admit(
                VISITOR,
                "sentinel",
                "",
                "2023-03-02T00:00:00Z",
                "2023-03-04T00:00:00Z"
            )
        )
        .starts_with("not_allowed")
    );
}

#[test]
fn a_visit_has_a_guest_from_elsewhere_a_role_dates_and_a_reason() {
    let mut desk = Desk::county();
    let (from, until) = ("2023-03-02T00:00:00Z", "2023-03-04T00:00:00Z");
    let mut no = |command: &Command| desk.refuses(COORDINATOR, command);
    assert!(no(&admit(SENTINEL, "sentinel", "", from, until)).contains("elsewhere"));
    assert!(no(&admit("P-0030", "sentinel", "", from, until)).contains("elsewhere"));
    assert!(no(&admit("420921/operator", "sentinel", "", from, until)).starts_with("invalid"));
    assert!(no(&admit(VISITOR, "", "", from, until)).starts_with("missing"));
    assert!(no(&admit(VISITOR, "king", "", from, until)).contains("there is no role `king`"));
    assert!(no(&admit(VISITOR, "operator", "", from, until)).starts_with("invalid"));
    assert!(no(&admit(VISITOR, "inspector", "", from, until)).contains("department"));
    assert!(no(&admit(VISITOR, "sentinel", "420921", from, until)).starts_with("unknown"));
    assert!(no(&admit(VISITOR, "sentinel", "", until, from)).starts_with("invalid"));
    assert!(
        no(&admit(
            VISITOR,
            "sentinel",
            "",
            from,
            "2024-09-01T00:00:00Z"
        ))
        .contains("a year at most")
    );
    let Command::AdmitVisitor {
        person,
        from,
        until,
        roles,
        areas,
        department,
        ..
    } = admit(VISITOR, "sentinel", "", from, until)
    else {
        unreachable!()
    };
    assert!(
        no(&Command::AdmitVisitor {
            person,
            from,
            until,
            roles,
            areas,
            department,
            reason: "  ".into()
        })
        .starts_with("reason_needed")
    );
}

#[test]
fn what_an_overseer_reads_is_written_down_and_nobody_else_writes_there() {
    let mut desk = Desk::county();
    desk.does(OPERATOR, &person("P-0090", &["overseer"], "420902"));
    let read = Command::LogRead {
        what: "task T-1".into(),
    };
    let events = desk.does("420902/P-0090", &read);
    assert!(
        matches!(&events[..], [Event::ReadLogged { person, what, at }] if person == "420902/P-0090" && what == "task T-1" && *at == desk.bench.at)
    );
    assert_eq!(
        desk.does("420902/P-0090", &read).len(),
        1,
        "each reading by itself"
    );
    desk.does(OPERATOR, &read);
    assert!(desk.refuses(COORDINATOR, &read).starts_with("not_allowed"));
    assert!(
        desk.refuses("420902/P-0090", &Command::LogRead { what: " ".into() })
            .starts_with("missing")
    );
}
