//! The year 2023 of Xiaogan as a scenario: published totals, generated records.
//!
//! A source of 2023 gives sums only: 1,198 person-times, 470-odd institutions, 69 leads, 26 hidden-variant
//! cases, 1.70 million yuan refunded. Here the single records are made so that they come to these sums
//! exactly, from a seed and the real areas of the city. `cargo run -p picket-tests --bin generate-xiaogan`
//! rewrites the files of `tests/scenarios/xiaogan`; a test holds them against what is generated here.
//! It does not know the machine that replays them.

pub mod cases;
pub mod days;
pub mod expect;
pub mod leads;
pub mod outings;
pub mod random;
pub mod script;
pub mod sweeps;
pub mod tables;
pub mod world;

use crate::xiaogan::random::{Random, SEED};
use crate::xiaogan::script::Script;

/// Institutions that somebody saw, listed or not: published as 470-odd.
pub const INSTITUTIONS: usize = 474;

/// The folder of the scenario.
pub fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/xiaogan")
}

/// Every generated file with its text, made from the areas.
pub fn files(areas: &str) -> Vec<(&'static str, String)> {
    let mut random = Random::new(SEED);
    let counties = world::counties(&tables::areas(areas), &mut random);
    let mut script = Script::of(counties.len());
    let planned = leads::plan(&counties);
    let problems = leads::problems(&planned, &counties);
    let finds = sweeps::write(&mut script, &counties, &problems, &mut random);
    let opened = leads::open(&mut script, &counties, planned, &finds, &mut random);
    cases::write(&mut script, &counties, &opened);
    outings::write(&mut script, &counties, &mut random);
    outings::refused(&mut script, &counties[0]);
    let visited: usize = script
        .counted
        .iter()
        .map(|county| county.visited.len())
        .sum();
    assert_eq!(visited, INSTITUTIONS, "institutions that somebody saw");
    vec![
        ("departments.csv", tables::departments()),
        ("posts.csv", tables::posts(&counties)),
        ("people.csv", tables::people(&counties)),
        ("institutions.csv", tables::institutions(&counties)),
        ("owners.csv", tables::owners(&counties)),
        ("routes.csv", tables::routes()),
        ("schedules.csv", tables::schedules()),
        ("expect.json", expect::text(&counties, &script.counted)),
        ("script.jsonl", script.text()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_files_are_what_the_generator_writes() {
        let areas =
            std::fs::read_to_string(folder().join("areas.csv")).expect("areas.csv is committed");
        for (name, text) in files(&areas) {
            let committed = std::fs::read_to_string(folder().join(name)).unwrap_or_default();
            assert!(
                committed == text,
                "{name} differs: run `cargo run -p picket-tests --bin generate-xiaogan`"
            );
        }
    }

    #[test]
    fn the_year_comes_to_the_published_sums() {
        let areas =
            std::fs::read_to_string(folder().join("areas.csv")).expect("areas.csv is committed");
        let files = files(&areas);
        let expect = files
            .iter()
            .find(|(name, _)| *name == "expect.json")
            .map(|(_, text)| text.as_str())
            .expect("it is among them");
        let expect: serde_json::Value = serde_json::from_str(expect).expect("JSON");
        let figures = &expect["figures"];
        let published = [
            ("person_times", 1_198),
            ("institutions", 474),
            ("raw_reports", 77),
            ("leads", 69),
            ("substantiated", 50),
            ("not_substantiated", 19),
            ("hidden_variant_occasions", 26),
            ("hidden_variant_institutions", 24),
            ("refund_fen", 170_348_000),
        ];
        for (key, value) in published {
            assert_eq!(figures[key], value, "{key}");
        }
    }

    #[test]
    fn every_line_is_a_command_once_its_references_are_ids() {
        let script = std::fs::read_to_string(folder().join("script.jsonl"))
            .expect("script.jsonl is committed");
        assert!(script.lines().count() <= 6_000, "the script stays readable");
        for line in script.lines() {
            let mut line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let fields = line.as_object_mut().expect("an object");
            fields.retain(|key, _| {
                !["at", "received", "as", "in", "bind", "expect", "id"].contains(&key.as_str())
            });
            for value in fields.values_mut() {
                plain(value);
            }
            picket_schemas::Command::parse(line.clone())
                .unwrap_or_else(|why| panic!("{line}: {why}"));
        }
    }

    /// Puts an id in place of a reference.
    fn plain(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(fields) if fields.contains_key("find") => {
                *value = "X-1".into()
            }
            serde_json::Value::Object(fields) => fields.values_mut().for_each(plain),
            serde_json::Value::Array(items) => items.iter_mut().for_each(plain),
            _ => {}
        }
    }
}
