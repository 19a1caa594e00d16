//! Invitations and absences: how an account is bound, and who speaks for whom.

use super::*;

#[test]
fn an_invitation_is_exchanged_once() {
    let mut desk = Desk::county();
    desk.does(COORDINATOR, &invite("P-0017", TOKEN));
    desk.does("420902/nobody-yet", &bind(TOKEN));
    assert_eq!(desk.bench.directory().identity("telegram", "7001"), Some(&SENTINEL.into()));
    assert!(desk.refuses("420902/nobody-yet", &bind(TOKEN)).starts_with("unknown"));
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
    assert!(desk.refuses(COORDINATOR, &invite("P-0017", "short")).starts_with("invalid"));
    desk.does(COORDINATOR, &invite("P-0017", TOKEN));
    assert!(desk.refuses(COORDINATOR, &invite("P-0002", TOKEN)).starts_with("invalid"));
}

#[test]
fn a_post_leader_invites_within_the_own_area_only() {
    let mut desk = Desk::county();
    desk.does(LEADER, &invite("P-0017", TOKEN));
    assert!(desk.refuses(LEADER, &invite("P-0001", "BBECAwQFBgcICQoLDA0ODw")).starts_with("not_allowed"));
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
    assert_eq!(desk.bench.directory().away(&SENTINEL.into(), within), Some(Some(LEADER.into())));
    assert!(desk.refuses(SENTINEL, &away("P-0002", from, until, None)).starts_with("not_allowed"));
    desk.does(LEADER, &away("P-0017", from, until, None));
    assert!(desk.refuses(SENTINEL, &away("P-0017", until, from, None)).starts_with("invalid"));
    assert!(desk.refuses(SENTINEL, &away("P-0017", from, until, Some("P-0017"))).starts_with("invalid"));
    assert!(desk.refuses(SENTINEL, &away("P-0017", from, until, Some("P-0404"))).starts_with("unknown_person"));
}

#[test]
fn only_the_registry_that_enrolled_somebody_speaks_of_them() {
    let mut desk = Desk::county();
    desk.bench.parent("4209");
    let Command::EnrolPerson { name, .. } = person("P-0003", &[], "4209") else { unreachable!() };
    let above = picket_schemas::registry::Person { id: "4209/P-0003".into(), name, roles: [Role::Supervisor].into(), department: None, area: "4209".into(), certificate: None, language: None };
    desk.bench.registered_above(&Event::PersonEnrolled { person: above });
    assert!(desk.refuses(OPERATOR, &invite("4209/P-0003", TOKEN)).contains("only its registry"));
    desk.does(OPERATOR, &Command::AssignOwner { area: Some("420902003".into()), institution: None, person: "4209/P-0003".into() });
}
