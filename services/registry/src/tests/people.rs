//! People: who may be on the roster, as what, and how they leave.

use super::*;

#[test]
fn a_post_names_people_of_the_roster() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(OPERATOR, &post("P-0002", &["P-0099"]))
            .starts_with("unknown_person")
    );
    assert!(
        desk.refuses(OPERATOR, &post("P-0098", &["P-0017"]))
            .starts_with("unknown_person")
    );
    desk.does(OPERATOR, &post("P-0002", &["P-0017", "420902/P-0017"]));
    let known = desk.bench.book.layer().posts.get("PO-01").unwrap();
    assert_eq!(
        (known.leader.as_str(), known.members.as_slice()),
        (LEADER, &[PersonId::from(SENTINEL)][..])
    );
}

#[test]
fn roles_are_words_of_the_trade() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(OPERATOR, &person("P-0020", &["king"], "420902"))
            .contains("there is no role `king`")
    );
    assert!(
        desk.refuses(OPERATOR, &person("P-0020", &[], "420902"))
            .starts_with("missing")
    );
}

#[test]
fn somebody_leaves_by_losing_every_role() {
    let mut desk = Desk::county();
    desk.does(OPERATOR, &person("P-0017", &[], "420902003004"));
    assert!(
        desk.bench
            .directory()
            .person(&SENTINEL.into())
            .is_some_and(|person| person.roles.is_empty())
    );
    assert!(
        desk.refuses(COORDINATOR, &invite("P-0017", TOKEN))
            .starts_with("wrong_state")
    );
}

#[test]
fn an_inspector_needs_a_department_that_exists() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(OPERATOR, &person("P-0030", &["inspector"], "420902"))
            .starts_with("missing")
    );
    assert!(
        desk.refuses(OPERATOR, &person("P-0030", &["head"], "420902"))
            .starts_with("missing")
    );
    let Command::EnrolPerson {
        code,
        name,
        roles,
        area,
        certificate,
        language,
        ..
    } = inspector("P-0030", "C-1")
    else {
        unreachable!()
    };
    let lost = Command::EnrolPerson {
        code,
        name,
        roles,
        department: Some("navy".into()),
        area,
        certificate,
        language,
    };
    assert!(
        desk.refuses(OPERATOR, &lost)
            .contains("there is no department `navy`")
    );
}

#[test]
fn a_certificate_belongs_to_one_person() {
    let mut desk = Desk::county();
    desk.does(OPERATOR, &inspector("P-0030", "C-77"));
    assert!(
        desk.refuses(OPERATOR, &inspector("P-0031", "C-77"))
            .contains("already the certificate of P-0030")
    );
    desk.does(OPERATOR, &inspector("P-0030", "C-78"));
    desk.does(OPERATOR, &inspector("P-0031", "C-77"));
}

#[test]
fn picket_keeps_its_own_names() {
    let mut desk = Desk::county();
    for name in ["operator", "system", "dispatch"] {
        assert!(
            desk.refuses(OPERATOR, &person(name, &["sentinel"], "420902"))
                .starts_with("invalid")
        );
    }
}

#[test]
fn only_an_operator_makes_or_invites_an_operator() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(
            COORDINATOR,
            &person("P-0001", &["coordinator", "operator"], "420902")
        )
        .starts_with("not_allowed")
    );
    desk.does(OPERATOR, &person("P-0009", &["operator"], "420902"));
    assert!(
        desk.refuses(COORDINATOR, &invite("P-0009", TOKEN))
            .starts_with("not_allowed")
    );
    assert!(
        desk.refuses(COORDINATOR, &person("P-0009", &["sentinel"], "420902"))
            .starts_with("not_allowed")
    );
    desk.does("420902/P-0009", &invite("P-0009", TOKEN));
}

#[test]
fn a_group_is_nobody_and_has_no_other_role() {
    let mut desk = Desk::county();
    assert!(
        desk.refuses(OPERATOR, &person("G-01", &["group", "sentinel"], "420902"))
            .starts_with("invalid")
    );
    desk.does(COORDINATOR, &person("G-01", &["group"], "420902003004"));
    assert!(
        desk.refuses(COORDINATOR, &person("G-01", &["sentinel"], "420902003004"))
            .starts_with("invalid"),
        "whose phone would it be?"
    );
    assert!(
        desk.refuses(COORDINATOR, &person("P-0017", &["group"], "420902003004"))
            .starts_with("invalid")
    );
}

#[test]
fn leaving_the_roster_in_between_makes_no_group_of_a_person_and_no_person_of_a_group() {
    let mut desk = Desk::county();
    desk.does(COORDINATOR, &person("G-01", &["group"], "420902003004"));
    for (code, was, other) in [
        ("G-01", "group", "sentinel"),
        ("P-0017", "sentinel", "group"),
    ] {
        desk.does(COORDINATOR, &person(code, &[], "420902003004"));
        assert!(
            desk.refuses(COORDINATOR, &person(code, &[other], "420902003004"))
                .starts_with("invalid"),
            "{code} comes back as a {other}"
        );
        assert!(
            !desk
                .does(COORDINATOR, &person(code, &[was], "420902003004"))
                .is_empty(),
            "{code} comes back as what it was"
        );
    }
}

#[test]
fn what_is_for_one_person_is_never_said_to_a_group_nor_the_other_way_round() {
    let mut desk = Desk::county();
    let bound = |token: &str, group: bool| Command::BindIdentity {
        token: token.into(),
        channel: "telegram".into(),
        account: "-1001".into(),
        group,
    };
    desk.does(COORDINATOR, &person("G-01", &["group"], "420902003004"));
    desk.does(COORDINATOR, &invite("P-0017", TOKEN));
    assert!(
        desk.refuses("420902/x", &bound(TOKEN, true))
            .starts_with("unknown"),
        "a person's link opened in a group"
    );
    desk.does(COORDINATOR, &invite("G-01", "BBECAwQFBgcICQoLDA0ODw"));
    assert!(
        desk.refuses("420902/x", &bound("BBECAwQFBgcICQoLDA0ODw", false))
            .starts_with("unknown"),
        "a group's link opened in private"
    );
    desk.does("420902/x", &bound("BBECAwQFBgcICQoLDA0ODw", true));
    desk.does("420902/x", &bound(TOKEN, false));
}
