//! The year of Xiaogan, event for event.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use picket_journal::{BookName, Head, Journal, MemoryJournal};
use picket_schemas::Commit;

use crate::digest::Digests;

#[test]
fn every_event_of_the_year_is_the_recorded_one() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let scenario = picket_scenario::Scenario::read(&here.join("scenarios/xiaogan")).unwrap();
    let journal = MemoryJournal::new();
    let kept: Arc<dyn Journal> = Arc::new(journal.clone());
    let outcome = runtime
        .block_on(picket_scenario::run(&scenario, kept, &mut |_| ()))
        .unwrap();
    let mut commits = Vec::new();
    for service in picket_schemas::event::SERVICES {
        for jurisdiction in scenario.manifest.territory.jurisdictions.keys() {
            let book = BookName::new(service, jurisdiction.as_str()).unwrap();
            let mut after = Head::default();
            loop {
                let some = journal.read_blocking(&book, &after, 1_000).unwrap();
                let Some(last) = some.last() else { break };
                after = last.head.clone();
                commits.extend(
                    some.iter()
                        .map(|stored| Commit::decode(&stored.bytes).unwrap()),
                );
            }
        }
    }
    let mut digests = Digests::default();
    digests.learn(commits.iter());
    commits.iter().for_each(|commit| digests.commit(commit));
    digests.answer(&outcome.to_json());
    let now = digests.lines();
    let file = here.join("record/xiaogan.txt");
    if std::env::var("PICKET_RECORD").is_ok_and(|word| word == "accept") {
        fs::write(&file, now).unwrap();
        return;
    }
    let recorded = fs::read_to_string(&file).unwrap();
    let moved: Vec<_> = now
        .lines()
        .filter(|line| !recorded.contains(line))
        .collect();
    assert_eq!(
        now, recorded,
        "these kinds came out otherwise than recorded: {moved:#?}"
    );
}
