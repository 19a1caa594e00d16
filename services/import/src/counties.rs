//! Jurisdictions that a file of areas speaks of: every county, and what stands above one.
//!
//! Whoever imports areas into an empty place asks this first, so that each row finds its registry.
//! It says nothing about mistakes: the check of the same file does.

use std::collections::BTreeMap;

use picket_schemas::Jurisdiction;

use crate::known::DEPTH;
use crate::table::FileTable;
use crate::{FileKind, table};

/// The jurisdictions of a file of areas, each with the one above it, those above first.
///
/// A file without a county speaks of its topmost areas.
pub fn jurisdictions(bytes: &[u8]) -> Vec<(Jurisdiction, Option<Jurisdiction>)> {
    let Ok(table) = table::read(FileKind::Areas, bytes) else {
        return Vec::new();
    };
    let tree = AreaTree::of(&table);
    let mut depths = tree.counties();
    if depths.is_empty() {
        depths = tree.topmost();
    }
    let mut ordered: Vec<(usize, &str)> =
        depths.iter().map(|(code, depth)| (*depth, *code)).collect();
    ordered.sort_unstable();
    let nearest = |code: &str| {
        tree.above(code)
            .into_iter()
            .find(|parent| depths.contains_key(parent))
            .map(Jurisdiction::from)
    };
    ordered
        .into_iter()
        .map(|(_, code)| (Jurisdiction::from(code), nearest(code)))
        .collect()
}

/// The areas of a file by their codes.
struct AreaTree(BTreeMap<String, AreaNode>);

struct AreaNode {
    level: String,
    parent: String,
}

impl AreaTree {
    fn of(table: &FileTable) -> Self {
        let place = |column: &str| {
            table
                .columns
                .iter()
                .find(|(name, _)| *name == column)
                .map_or(0, |(_, place)| *place)
        };
        let (code, level, parent) = (place("code"), place("level"), place("parent"));
        let areas = table.records.iter().map(|record| {
            let cell = |place: usize| {
                record
                    .cells
                    .get(place)
                    .unwrap_or_default()
                    .trim()
                    .to_owned()
            };
            let area = AreaNode {
                level: cell(level),
                parent: cell(parent),
            };
            (cell(code), area)
        });
        Self(areas.filter(|(code, _)| !code.is_empty()).collect())
    }

    /// The areas around an area, the nearest first. Areas that lie in each other end somewhere all the same.
    fn above(&self, code: &str) -> Vec<&str> {
        let mut path = Vec::new();
        let mut at = code;
        while let Some(area) = self.0.get(at)
            && self.0.contains_key(&area.parent)
            && path.len() < DEPTH
        {
            path.push(area.parent.as_str());
            at = &area.parent;
        }
        path
    }

    /// Every county and all above one, each with how many stand above it.
    fn counties(&self) -> BTreeMap<&str, usize> {
        let mut depths = BTreeMap::new();
        for (county, _) in self.0.iter().filter(|(_, area)| area.level == "county") {
            let path = self.above(county);
            depths.insert(county.as_str(), path.len());
            for (up, area) in (1..).zip(&path) {
                depths.insert(area, path.len() - up);
            }
        }
        depths
    }

    /// Areas that lie in no other.
    fn topmost(&self) -> BTreeMap<&str, usize> {
        self.0
            .keys()
            .map(|code| (code.as_str(), self.above(code).len()))
            .filter(|(_, depth)| *depth == 0)
            .collect()
    }
}
