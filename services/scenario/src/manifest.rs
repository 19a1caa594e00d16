//! `scenario.toml`: name, jurisdictions, time, freeze and defaults.
//!
//! Read before every other file, since all of them lean on the territory and the zone.
//! A key it does not know is a mistake, named with its path: a misspelt setting must not pass in silence.

mod keys;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use picket_schemas::bulletin::Rounding;
use picket_schemas::figures::FIGURES;
use picket_schemas::registry::Territory;
use picket_schemas::{Jurisdiction, Overrides};

use super::fault::ScenarioFault;
use keys::ManifestKeys;

/// The name of the file.
pub(crate) const FILE: &str = "scenario.toml";

/// The contents of `scenario.toml`.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The scenario's name.
    pub name: String,
    /// Where its figures and records come from, in the words of whoever made it.
    pub source: String,
    /// The jurisdictions with those above them.
    pub territory: Territory,
    /// Names given to jurisdictions here.
    pub names: BTreeMap<Jurisdiction, String>,
    /// The local time of people and calendars.
    pub zone: TimeZone,
    /// Where the clock stands first; imports are made then.
    pub start: Timestamp,
    /// The last instant that counts.
    pub as_of: Timestamp,
    /// The first instant that counts.
    pub from: Timestamp,
    /// The bulletin frozen at `as_of`, by name.
    pub freeze: Option<String>,
    /// The person who freezes it; without this, a clerk of the topmost jurisdiction.
    pub freeze_by: Option<String>,
    /// Where wishes go that do not say so.
    pub home: Jurisdiction,
    /// The person who makes the wishes that do not say so.
    pub actor: Option<String>,
    /// How the bulletin is printed.
    pub rounding: Rounding,
    /// The heading in place of the usual one.
    pub title: Option<String>,
    /// Printed figures said otherwise, by key; they are frozen with the bulletin.
    pub overrides: Overrides,
}

impl Manifest {
    /// The jurisdiction the figures are of: the topmost above `in`.
    pub fn scope(&self) -> Jurisdiction {
        self.territory
            .chain(&self.home)
            .pop()
            .unwrap_or_else(|| self.home.clone())
    }

    /// Reads the file.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<ScenarioFault>> {
        let mut keys = ManifestKeys::read(text)?;
        let name = keys.needed("name", "a year in the county");
        let source = [keys.text("source"), keys.text("notes")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n");
        let (territory, names) = keys.jurisdictions();
        let zone = keys.zone();
        let span = keys.span(&zone);
        let freeze = keys.text("freeze");
        let freeze_by = keys.text("freeze_by");
        let home = keys.home(&territory);
        let actor = keys.text("as");
        let rounding = keys.rounding();
        let title = keys.text("title");
        let overrides = keys.overrides();
        keys.unknown();
        keys.check_span(&span);
        let faults = keys.into_faults();
        match (name, span.start, span.as_of, span.from) {
            (Some(name), Some(start), Some(as_of), Some(from)) if faults.is_empty() => Ok(Self {
                name,
                source,
                territory,
                names,
                zone,
                start,
                as_of,
                from,
                freeze,
                freeze_by,
                home,
                actor,
                rounding,
                title,
                overrides,
            }),
            _ => Err(faults),
        }
    }
}

/// The instant a text names, in a zone where it names none.
pub(crate) fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    zone.to_timestamp(text.parse::<DateTime>().ok()?).ok()
}

/// Which figures there are.
pub(crate) fn figures_hint() -> String {
    format!(
        "Figures are {}.",
        FIGURES
            .iter()
            .map(|(key, _)| *key)
            .collect::<Vec<_>>()
            .join(", ")
    )
}
