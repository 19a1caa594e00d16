//! Which jurisdictions a file of areas speaks of: every county, and what stands above one.
//!
//! Whoever imports areas into an empty place asks this first, so that each row finds its registry.
//! It says nothing about mistakes: the check of the same file does.

use std::collections::BTreeMap;

use picket_schemas::Jurisdiction;

use crate::known::DEPTH;
use crate::{Kind, table};

/// The jurisdictions of a file of areas, each with the one above it, those above first.
///
/// A file without a county speaks of its topmost areas.
pub fn jurisdictions(bytes: &[u8]) -> Vec<(Jurisdiction, Option<Jurisdiction>)> {
    let Ok(table) = table::read(Kind::Areas, bytes) else {
        return Vec::new();
    };
    let place = |column: &str| {
        table
            .columns
            .iter()
            .find(|(name, _)| *name == column)
            .map_or(0, |(_, place)| *place)
    };
    let (code, level, parent) = (place("code"), place("level"), place("parent"));
    let cell = |cells: &csv::StringRecord, place: usize| {
        cells.get(place).unwrap_or_default().trim().to_owned()
    };
    let areas: BTreeMap<String, (String, String)> = table
        .records
        .iter()
        .map(|record| {
            (
                cell(&record.cells, code),
                (cell(&record.cells, level), cell(&record.cells, parent)),
            )
        })
        .filter(|(code, _)| !code.is_empty())
        .collect();
    let above = |code: &str| {
        let mut path = Vec::new();
        let mut at = code;
        while let Some((_, parent)) = areas.get(at)
            && areas.contains_key(parent)
            && path.len() < DEPTH
        {
            path.push(parent.as_str());
            at = parent;
        }
        path
    };
    let counties: Vec<&str> = areas
        .iter()
        .filter(|(_, (level, _))| level == "county")
        .map(|(code, _)| code.as_str())
        .collect();
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    if counties.is_empty() {
        found.extend(
            areas
                .keys()
                .map(|code| (code.as_str(), above(code).len()))
                .filter(|(_, depth)| *depth == 0),
        );
    }
    for county in counties {
        let path = above(county);
        for (up, area) in std::iter::once(county)
            .chain(path.iter().copied())
            .enumerate()
        {
            found.insert(area, path.len() - up);
        }
    }
    let mut ordered: Vec<(usize, &str)> =
        found.iter().map(|(code, depth)| (*depth, *code)).collect();
    ordered.sort_unstable();
    let nearest = |code: &str| {
        above(code)
            .into_iter()
            .find(|parent| found.contains_key(parent))
            .map(Jurisdiction::from)
    };
    ordered
        .into_iter()
        .map(|(_, code)| (Jurisdiction::from(code), nearest(code)))
        .collect()
}
