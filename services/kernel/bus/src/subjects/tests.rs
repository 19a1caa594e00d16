//! The subjects: each stands in the table once, and nats-server is given the rights the table says.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// The rights as nats-server is given them.
const CONF: &str = include_str!("../../../../../deploy/nats/rights.conf");

/// One of every kind of subject that the functions and constants above make.
fn examples() -> Vec<String> {
    let (jurisdiction, person) = (
        Jurisdiction::from("420902"),
        PersonId::from("420902/P-0017"),
    );
    let made = [
        wish("dispatch", &jurisdiction),
        notice(&person),
        carry("telegram"),
        outcome(&jurisdiction),
        status_reply("7f3a"),
        commit("dispatch", "420902"),
        event("420902", "task.accepted"),
    ];
    let fixed = [
        QUESTION,
        HEARTBEAT,
        STATUS,
        HEALTH,
        CLOCK,
        UNPARK,
        TERRITORY,
        JURISDICTIONS,
        REGISTERS,
        PROBE,
        CHECKPOINT,
        TEST_CLOCK,
        TEST_CLOCK_PRESENT,
        BENCH_ECHO,
    ];
    made.into_iter().chain(fixed.map(str::to_owned)).collect()
}

/// Whether NATS counts a subject among those of a pattern.
fn matches(pattern: &str, subject: &str) -> bool {
    let (mut words, mut said) = (pattern.split('.'), subject.split('.'));
    loop {
        match (words.next(), said.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(word), Some(other)) if word == other => {}
            _ => return false,
        }
    }
}

#[test]
fn every_subject_stands_in_the_table_once() {
    let examples = examples();
    for subject in &examples {
        let lines = SUBJECTS
            .iter()
            .filter(|line| matches(line.subject, subject))
            .count();
        assert_eq!(lines, 1, "{subject}");
    }
    for line in SUBJECTS {
        assert!(
            examples
                .iter()
                .any(|subject| matches(line.subject, subject)),
            "nothing makes `{}`",
            line.subject
        );
    }
}

#[test]
fn what_is_made_of_a_subject_is_read_from_it() {
    assert!(is_wish(&wish("dispatch", &"420902".into())) && !is_wish(QUESTION));
    assert_eq!(channel_of(&carry("telegram")), Some("telegram"));
    assert_eq!(channel_of(QUESTION), None);
    assert!(is_status_reply(&status_reply("7f3a")) && !is_status_reply(STATUS));
    assert_eq!(
        book_of(&commit("dispatch", "420902")),
        Some(("dispatch", "420902"))
    );
    assert_eq!(book_of(&event("420902", "task.accepted")), None);
}

#[test]
fn the_subjects_on_the_wire_are_what_they_always_were() {
    assert_eq!(
        examples(),
        [
            "picket.do.dispatch.420902",
            "picket.notice.420902.P-0017",
            "picket.carry.telegram",
            "picket.outcome.420902",
            "picket.map.7f3a",
            "picket.journal.dispatch.420902",
            "picket.event.420902.task.accepted",
            "picket.ask",
            "picket.replica",
            "picket.map",
            "picket.health",
            "picket.clock",
            "picket.unpark",
            "picket.territory",
            "picket.jurisdictions",
            "picket.registers",
            "picket.here",
            "picket.publisher.place",
            "picket.test.clock",
            "picket.test.clock.present",
            "picket.bench.echo",
        ]
    );
}

/// Which subjects of Picket's a user may publish on, and which it may hear.
type Rights = (BTreeSet<String>, BTreeSet<String>);

/// The rights in `rights.conf`, by the name of the user's key in lower case.
fn given() -> BTreeMap<String, Rights> {
    let listed = |line: &str| {
        let all = line.split('"').skip(1).step_by(2);
        all.filter(|subject| subject.starts_with("picket."))
            .map(str::to_owned)
            .collect()
    };
    let mut users: BTreeMap<String, Rights> = BTreeMap::new();
    let mut user = String::new();
    for line in CONF.lines().map(str::trim) {
        if let Some(key) = line.strip_prefix("nkey: $PICKET_NKEY_") {
            user = key.to_lowercase();
        } else if line.starts_with("publish:") {
            users.entry(user.clone()).or_default().0 = listed(line);
        } else if line.starts_with("subscribe:") {
            users.entry(user.clone()).or_default().1 = listed(line);
        }
    }
    users
}

/// The rights of the table, by the same names.
fn wanted() -> BTreeMap<String, Rights> {
    let books = picket_schemas::event::SERVICES.iter().copied();
    let others = ["insight", "publish", "telegram", "edge"];
    let of = |name: &str| {
        let has = |user| match user {
            Books => picket_schemas::event::SERVICES.contains(&name),
            Registry => name == "registry",
            Courier => name == "courier",
            Insight => name == "insight",
            Publish => name == "publish",
            Telegram => name == "telegram",
            Edge => name == "edge",
        };
        let rights = |of: fn(&SubjectRights) -> &'static [SubjectRight]| {
            let all = SUBJECTS.iter().flat_map(of);
            all.filter(|(user, _)| has(*user))
                .map(|(_, subject)| subject.replace("{service}", name))
                .collect()
        };
        (rights(|line| line.publish), rights(|line| line.subscribe))
    };
    books
        .chain(others)
        .map(|name| (name.to_owned(), of(name)))
        .collect()
}

#[test]
fn nats_server_gives_every_user_the_rights_of_the_table_and_no_others() {
    let (given, wanted) = (given(), wanted());
    assert_eq!(
        given.keys().collect::<Vec<_>>(),
        wanted.keys().collect::<Vec<_>>(),
        "deploy/nats/rights.conf has a key for each of these"
    );
    for (user, rights) in wanted {
        assert_eq!(given[&user], rights, "deploy/nats/rights.conf: {user}");
    }
}
