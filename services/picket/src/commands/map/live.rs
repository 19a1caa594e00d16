//! `picket map --live`: which process keeps which shards and books now, since when, and what nobody keeps.
//!
//! Every process is asked over NATS and answers for itself; Redis is not looked at. Whoever runs a cluster reads
//! it, or a script does, by `--json` or the exit code.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_node::admin::status::{self, ProcessStatus};
use picket_node::admin::territory;
use picket_node::clustered::connection::Edge;
use picket_node::clustered::publishing;
use picket_node::clustered::settings::ClusterArgs;
use picket_node::problem::{Exit, Failure};
use picket_runtime::Shard;
use picket_schemas::registry::Territory;
use serde::Serialize;

use crate::settings::CliSettings;

/// Services without books, in the order they are shown, and whether a cluster lacks something without them.
const BESIDE: [(&str, bool); 4] = [
    ("insight", true),
    ("telegram", false),
    (publishing::SERVICE, false),
    ("edge", false),
];

/// Runs it.
pub(super) async fn run(settings: &CliSettings, args: &ClusterArgs) -> Result<ExitCode, Failure> {
    let edge = Edge::connect(args, "picket map").await?;
    let gone = |why: picket_bus::BusError| {
        Failure::new(Exit::Storage, why.to_string(), "Is NATS up? Ask again.")
    };
    let seen = status::ask(edge.bus.as_ref()).await.map_err(gone)?;
    let there = territory::told(edge.bus.as_ref()).await.unwrap_or_default();
    let map = Map::of(&seen, &there);
    if settings.json {
        println!(
            "{}",
            serde_json::json!({ "ok": map.wrong.is_empty(), "processes": seen, "services": map.services, "jurisdictions": there.jurisdictions.len(), "wrong": map.wrong })
        );
    } else {
        crate::show::out(&map.text(&seen, &settings.zone, crate::show::width()));
    }
    Ok(ExitCode::from(u8::from(!map.wrong.is_empty())))
}

/// One service, as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Service {
    service: String,
    /// By whom.
    kept: Vec<LivePart>,
    /// Books that nobody keeps.
    nobody: Vec<String>,
}

/// The part of a service that one process has.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct LivePart {
    process: String,
    shards: Vec<u32>,
    books: Vec<String>,
    /// When it took the last of them.
    since: Option<Timestamp>,
    /// Commits that have not arrived there.
    behind: Option<u64>,
}

/// The sum of the answers.
#[derive(Debug, PartialEq)]
struct Map {
    services: Vec<Service>,
    /// The troubles somebody must look at, a sentence each.
    wrong: Vec<String>,
}

impl Map {
    fn of(seen: &[ProcessStatus], there: &Territory) -> Self {
        let mut wrong = Vec::new();
        if seen.is_empty() {
            wrong.push("no process answers".to_owned());
        }
        let keepers: Vec<&ProcessStatus> = seen
            .iter()
            .filter(|sight| sight.services.iter().any(|name| is_book(name)))
            .collect();
        let counts: BTreeSet<u32> = keepers.iter().map(|sight| sight.shards).collect();
        if counts.len() > 1 {
            wrong.push(format!(
                "processes disagree on the number of shards ({}): give all of them one --shards",
                list(counts.iter())
            ));
        }
        let shards = counts.last().copied().unwrap_or(1);
        let mut services: Vec<Service> = picket_schemas::event::SERVICES
            .iter()
            .map(|name| kept(name, seen, there, shards))
            .collect();
        for service in &services {
            match service.kept.is_empty() {
                true if !seen.is_empty() => {
                    wrong.push(format!("nobody serves {}", service.service))
                }
                false if !service.nobody.is_empty() => {
                    wrong.push(format!("nobody keeps {}", few(&service.nobody)))
                }
                _ => {}
            }
            wrong.extend(doubled(service));
        }
        for (name, needed) in BESIDE {
            let kept: Vec<LivePart> = seen
                .iter()
                .filter(|sight| sight.services.iter().any(|service| service == name))
                .map(|sight| part(name, sight, there, 0))
                .collect();
            if kept.is_empty() && needed && !seen.is_empty() {
                wrong.push(format!("nobody serves {name}"));
            }
            if !kept.is_empty() {
                services.push(Service {
                    service: name.to_owned(),
                    kept,
                    nobody: Vec::new(),
                });
            }
        }
        wrong.extend(
            seen.iter()
                .filter(|sight| !sight.stopped.is_empty())
                .map(|sight| format!("{} stands still at {}", few(&sight.stopped), sight.process)),
        );
        Self { services, wrong }
    }

    fn text(&self, seen: &[ProcessStatus], zone: &TimeZone, width: usize) -> String {
        let at = |at: Timestamp| {
            at.to_zoned(zone.clone())
                .strftime("%Y-%m-%d %H:%M")
                .to_string()
        };
        let mut rows = Vec::new();
        for service in &self.services {
            for (place, part) in service.kept.iter().enumerate() {
                let name = if place == 0 {
                    service.service.clone()
                } else {
                    String::new()
                };
                let since = part.since.map_or_else(|| "–".to_owned(), at);
                rows.push(vec![
                    name,
                    part.process.clone(),
                    ranges(&part.shards),
                    part.books.len().to_string(),
                    since,
                    part.behind
                        .map_or_else(String::new, |behind| behind.to_string()),
                ]);
            }
        }
        let mut text = crate::show::table(
            &["service", "process", "shards", "books", "since", "behind"],
            &rows,
            width,
        );
        text.push('\n');
        let rows: Vec<_> = seen
            .iter()
            .map(|sight| {
                vec![
                    sight.process.clone(),
                    at(sight.since),
                    sight.version.clone(),
                    sight.holds.len().to_string(),
                ]
            })
            .collect();
        text.push_str(&crate::show::table(
            &["process", "runs since", "version", "shards"],
            &rows,
            width,
        ));
        for wrong in &self.wrong {
            text.push_str(&format!("\n! {wrong}"));
        }
        if !self.wrong.is_empty() {
            text.push('\n');
        }
        text
    }
}

fn is_book(service: &str) -> bool {
    picket_schemas::event::SERVICES.contains(&service)
}

fn kept(name: &str, seen: &[ProcessStatus], there: &Territory, shards: u32) -> Service {
    let kept: Vec<LivePart> = seen
        .iter()
        .filter(|sight| sight.services.iter().any(|service| service == name))
        .map(|sight| part(name, sight, there, shards))
        .collect();
    let somewhere: BTreeSet<&String> = kept.iter().flat_map(|part| &part.books).collect();
    let nobody = books(name, there, None, shards)
        .into_iter()
        .filter(|book| !somewhere.contains(book))
        .collect();
    Service {
        service: name.to_owned(),
        kept,
        nobody,
    }
}

fn part(name: &str, sight: &ProcessStatus, there: &Territory, shards: u32) -> LivePart {
    let holds: Vec<_> = sight
        .holds
        .iter()
        .filter(|hold| hold.shard.service == name)
        .collect();
    let mine: Vec<u32> = holds.iter().map(|hold| hold.shard.index).collect();
    let books = if shards == 0 {
        Vec::new()
    } else {
        books(name, there, Some(&mine), shards)
    };
    // What holds no shard is there as long as its process.
    let since = if shards == 0 && name != publishing::SERVICE {
        Some(sight.since)
    } else {
        holds.iter().map(|hold| hold.since).max()
    };
    LivePart {
        process: sight.process.clone(),
        shards: mine,
        books,
        since,
        behind: sight.behind.get(name).copied(),
    }
}

/// The books of a service, all or those of some shards.
fn books(service: &str, there: &Territory, of: Option<&[u32]>, shards: u32) -> Vec<String> {
    let is_of = |index: u32| of.is_none_or(|of| of.contains(&index));
    there
        .jurisdictions
        .keys()
        .filter(|jurisdiction| is_of(Shard::of(service, jurisdiction, shards).index))
        .map(|jurisdiction| format!("{service}/{jurisdiction}"))
        .collect()
}

/// Shards with two holders: the journal takes from one of them, the other finds out within seconds.
fn doubled(service: &Service) -> Vec<String> {
    let mut holders: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for part in &service.kept {
        for shard in &part.shards {
            holders.entry(*shard).or_default().push(&part.process);
        }
    }
    holders
        .into_iter()
        .filter(|(_, by)| by.len() > 1)
        .map(|(shard, by)| {
            format!(
                "{} both hold {}.{shard}; only one of them can write",
                by.join(" and "),
                service.service
            )
        })
        .collect()
}

/// `0-3 6`
fn ranges(shards: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for shard in shards {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *shard => *last = *shard,
            _ => runs.push((*shard, *shard)),
        }
    }
    let shown: Vec<_> = runs
        .iter()
        .map(|(first, last)| {
            if first == last {
                first.to_string()
            } else {
                format!("{first}-{last}")
            }
        })
        .collect();
    if shown.is_empty() {
        "–".to_owned()
    } else {
        shown.join(" ")
    }
}

fn list(items: impl Iterator<Item = impl ToString>) -> String {
    items
        .map(|item| item.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

/// The first of them, and how many more there are.
fn few(names: &[String]) -> String {
    let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 3 {
        format!("{shown} and {} more", names.len() - 3)
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use picket_node::admin::status::Hold;

    fn territory() -> Territory {
        Territory {
            jurisdictions: [
                ("4209".into(), None),
                ("420902".into(), Some("4209".into())),
            ]
            .into(),
        }
    }

    fn sight(process: &str, shards: std::ops::Range<u32>) -> ProcessStatus {
        let services: Vec<String> = picket_schemas::event::SERVICES
            .iter()
            .map(|name| (*name).to_owned())
            .chain(["insight".to_owned()])
            .collect();
        let holds = services
            .iter()
            .filter(|name| is_book(name))
            .flat_map(|service| {
                shards.clone().map(|index| Hold {
                    shard: Shard {
                        service: service.clone(),
                        index,
                    },
                    since: Timestamp::UNIX_EPOCH,
                })
            })
            .collect();
        ProcessStatus {
            process: process.into(),
            version: "0.1.0".into(),
            services,
            shards: 8,
            holds,
            behind: BTreeMap::from([("dispatch".to_owned(), 3)]),
            ..ProcessStatus::default()
        }
    }

    #[test]
    fn what_is_kept_is_told_by_service_and_process_within_80_columns() {
        let seen = [sight("one", 0..4), sight("two", 4..8)];
        let map = Map::of(&seen, &territory());
        assert_eq!(map.wrong, Vec::<String>::new());
        let text = map.text(&seen, &TimeZone::UTC, 80);
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert!(
            text.lines().any(|line| line.starts_with("dispatch")
                && line.contains("one")
                && line.contains("0-3")
                && line.ends_with('3')),
            "{text}"
        );
        let books: usize = map
            .services
            .iter()
            .filter(|service| service.service == "dispatch")
            .flat_map(|service| &service.kept)
            .map(|part| part.books.len())
            .sum();
        assert_eq!(books, 2, "each book is somebody's");
    }

    #[test]
    fn what_nobody_serves_or_keeps_is_told() {
        assert_eq!(Map::of(&[], &territory()).wrong, ["no process answers"]);
        let half = Map::of(&[sight("one", 0..0)], &territory());
        assert!(
            half.wrong
                .iter()
                .any(|wrong| wrong == "nobody keeps dispatch/4209, dispatch/420902"),
            "{:?}",
            half.wrong
        );
        let mut lacking = sight("one", 0..8);
        lacking
            .services
            .retain(|service| service != "courier" && service != "insight");
        lacking.holds.retain(|hold| hold.shard.service != "courier");
        assert_eq!(
            Map::of(&[lacking], &territory()).wrong,
            ["nobody serves courier", "nobody serves insight"]
        );
    }

    #[test]
    fn two_holders_two_counts_and_a_book_that_stands_still_are_told() {
        let mut two = sight("two", 7..8);
        two.stopped = vec!["dispatch/4209".to_owned()];
        let map = Map::of(&[sight("one", 0..8), two.clone()], &territory());
        assert!(
            map.wrong.iter().any(
                |wrong| wrong == "one and two both hold dispatch.7; only one of them can write"
            ),
            "{:?}",
            map.wrong
        );
        assert!(
            map.wrong
                .iter()
                .any(|wrong| wrong == "dispatch/4209 stands still at two"),
            "{:?}",
            map.wrong
        );
        two.shards = 4;
        assert!(Map::of(&[sight("one", 0..8), two], &territory()).wrong[0].contains("(4, 8)"));
    }

    #[test]
    fn shards_in_a_row_are_shown_as_one() {
        assert_eq!(
            (ranges(&[]), ranges(&[0, 1, 2, 3, 6])),
            ("–".to_owned(), "0-3 6".to_owned())
        );
    }
}
