//! The map the binary prints is the list of services there is.

use std::collections::BTreeSet;

use crate::harness::run;

#[test]
fn the_map_names_every_service_and_all_it_says() {
    let map = run(["map", "--json"]).json();
    let services: Vec<_> = map["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["service"].as_str().unwrap())
        .collect();
    assert_eq!(services, picket_schemas::event::SERVICES);
    let said: BTreeSet<_> = map["services"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|one| one["says"].as_array().unwrap())
        .map(|kind| kind.as_str().unwrap())
        .collect();
    let heard: BTreeSet<_> = map["services"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|one| one["listens"].as_array().unwrap())
        .map(|kind| kind.as_str().unwrap())
        .collect();
    let never: Vec<_> = heard.difference(&said).collect();
    assert!(
        never.is_empty(),
        "somebody listens for what nobody says: {never:?}"
    );
    let text = run(["map"]).fine();
    for service in picket_schemas::event::SERVICES {
        assert!(
            text.lines().any(|line| line == *service),
            "{service}: {text}"
        );
    }
}

#[test]
fn every_command_a_hint_names_is_there() {
    for (code, _, hint) in picket_schemas::Refusal::SENTENCES {
        for named in hint
            .split('`')
            .filter_map(|part| part.strip_prefix("picket "))
        {
            let verb = named.split_whitespace().next().unwrap();
            assert_eq!(
                run([verb, "--help"]).code(),
                0,
                "the hint of `{code}` names `picket {named}`"
            );
            if let Some(question) = named.split_whitespace().nth(1).filter(|_| verb == "ask") {
                assert!(
                    run(["ask", "--help"]).fine().contains(question),
                    "the hint of `{code}` asks `{question}`"
                );
                assert!(
                    !named.contains('='),
                    "the hint of `{code}`: questions take an id, `{named}`"
                );
            }
        }
    }
}
