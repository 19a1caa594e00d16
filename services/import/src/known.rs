//! Definitions there are already: of the running registries, and of earlier files of the same import.
//!
//! References are checked against it before anything is written; each file that is checked adds what it
//! defines. Who sees what follows the territory: a jurisdiction sees itself and all above it.
//! It keeps codes and where they belong, nothing of what they stand for.

use std::collections::{BTreeMap, BTreeSet};

use picket_directory::Layer;
use picket_schemas::registry::{Level, Territory};
use picket_schemas::{AreaCode, DepartmentCode, InstitutionCode, Jurisdiction, PersonId, PostCode};

use crate::FileKind;

/// The most areas that may lie one within another.
pub(crate) const DEPTH: usize = 12;

/// A known area: the one around it, and its level.
#[derive(Clone, Debug)]
pub(crate) struct KnownArea {
    pub(crate) parent: Option<AreaCode>,
    /// Nothing where the row that defines it has a mistake there.
    pub(crate) level: Option<Level>,
}

/// Codes that are defined, and where.
#[derive(Clone, Debug, Default)]
pub struct KnownRecords {
    pub(crate) areas: BTreeMap<AreaCode, KnownArea>,
    pub(crate) departments: BTreeMap<DepartmentCode, BTreeSet<Jurisdiction>>,
    pub(crate) posts: BTreeSet<(Jurisdiction, PostCode)>,
    pub(crate) people: BTreeSet<PersonId>,
    /// The holder of each certificate, by jurisdiction and number.
    pub(crate) certificates: BTreeMap<(Jurisdiction, String), PersonId>,
    pub(crate) institutions: BTreeMap<InstitutionCode, BTreeSet<Jurisdiction>>,
    /// Codes of rows that were refused in this import, with their line; nothing is known of what they define.
    rejected: BTreeMap<(FileKind, String), u64>,
    /// Files of this import that could not be used at all.
    unusable: BTreeSet<FileKind>,
}

impl KnownRecords {
    /// The records that running registries define.
    pub fn from_layers(layers: &[Layer]) -> Self {
        let mut known = Self::default();
        for layer in layers {
            let home = &layer.jurisdiction;
            for area in layer.areas.values() {
                known.areas.insert(
                    area.code.clone(),
                    KnownArea {
                        parent: area.parent.clone(),
                        level: Some(area.level),
                    },
                );
            }
            for code in layer.departments.keys() {
                known
                    .departments
                    .entry(code.clone())
                    .or_default()
                    .insert(home.clone());
            }
            known
                .posts
                .extend(layer.posts.keys().map(|code| (home.clone(), code.clone())));
            for person in layer.people.values() {
                known.people.insert(person.id.clone());
                if let Some(certificate) = &person.certificate {
                    known
                        .certificates
                        .insert((home.clone(), certificate.clone()), person.id.clone());
                }
            }
            for code in layer.institutions.keys() {
                known
                    .institutions
                    .entry(code.clone())
                    .or_default()
                    .insert(home.clone());
            }
        }
        known
    }

    /// Notes that a whole file cannot be used.
    pub(crate) fn unusable(&mut self, kind: FileKind) {
        self.unusable.insert(kind);
    }

    /// Notes a row that was refused.
    pub(crate) fn reject(&mut self, kind: FileKind, code: &str, line: u64) {
        self.rejected.entry((kind, code.to_owned())).or_insert(line);
    }

    /// The place in this import where a code that is not known was refused before.
    pub(crate) fn refused_in(&self, kind: FileKind, code: &str) -> Option<String> {
        if self.unusable.contains(&kind) {
            return Some(format!("{kind}.csv"));
        }
        self.rejected
            .get(&(kind, code.to_owned()))
            .map(|line| format!("{kind}.csv line {line}"))
    }

    /// The area and those around it, inmost first; nothing where they lie in a circle or too deep.
    pub(crate) fn path(&self, code: &AreaCode) -> Option<Vec<AreaCode>> {
        let mut path = vec![code.clone()];
        while let Some(parent) = path
            .last()
            .and_then(|last| self.areas.get(last))
            .and_then(|area| area.parent.clone())
        {
            if path.len() >= DEPTH || path.contains(&parent) {
                return None;
            }
            path.push(parent);
        }
        Some(path)
    }

    /// The jurisdiction of an area: the nearest at or above it; what lies around the topmost goes to the topmost.
    pub(crate) fn jurisdiction_of(
        &self,
        code: &AreaCode,
        territory: &Territory,
    ) -> Option<Jurisdiction> {
        let path = self.path(code)?;
        if let Some(area) = path
            .iter()
            .find(|area| territory.jurisdictions.contains_key(area.as_str()))
        {
            return Some(Jurisdiction::from(area.as_str()));
        }
        let tops = || {
            territory.jurisdictions.keys().filter(|one| {
                territory
                    .parent(one)
                    .is_none_or(|above| !territory.jurisdictions.contains_key(above))
            })
        };
        let around = |top: &&Jurisdiction| {
            self.path(&AreaCode::from(top.as_str()))
                .is_some_and(|path| path.contains(code))
        };
        if let Some(top) = tops().find(around) {
            return Some(top.clone());
        }
        // A jurisdiction keeps its id when the area gets another code: then no area bears its name.
        let mut nameless = tops().filter(|top| !self.areas.contains_key(top.as_str()));
        match (nameless.next(), nameless.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => None,
        }
    }

    /// True if a department can be named in a jurisdiction.
    pub(crate) fn sees_department(
        &self,
        code: &DepartmentCode,
        from: &Jurisdiction,
        territory: &Territory,
    ) -> bool {
        self.departments.get(code).is_some_and(|homes| {
            territory
                .chain(from)
                .iter()
                .any(|above| homes.contains(above))
        })
    }

    /// A person by code or full id, as a jurisdiction sees them.
    pub(crate) fn person(
        &self,
        text: &str,
        from: &Jurisdiction,
        territory: &Territory,
    ) -> Option<PersonId> {
        let mut seen = territory.chain(from).into_iter();
        let known = match text.split_once('/') {
            Some((home, code)) => seen
                .find(|above| *above == *home)
                .map(|home| PersonId::new(&home, code)),
            None => seen
                .map(|above| PersonId::new(&above, text))
                .find(|id| self.people.contains(id)),
        };
        known.filter(|id| self.people.contains(id))
    }
}
