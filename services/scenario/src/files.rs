//! The files of a scenario, read and checked as a whole.
//!
//! `scenario.toml` first, then the import files in the order they depend on each other, the script, the
//! expectations. Nothing runs before every file is without a mistake.
//! It does not know what comes of a wish.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::tz::TimeZone;
use picket_calendar::Calendar;
use picket_import::{Checked, FileKind, KnownRecords};
use picket_schemas::registry::{Command, Role};
use picket_schemas::{Command as Any, PersonId};

use super::expect::{self, Expect};
use super::fault::{ScenarioError, ScenarioFault};
use super::manifest::{self, Manifest};
use super::script::{self, ScriptLine};

/// A scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The contents of `scenario.toml`.
    pub manifest: Manifest,
    /// The import files, in the order they are written.
    pub imports: Vec<Checked>,
    /// The wishes, in the order they arrive.
    pub lines: Vec<ScriptLine>,
    /// The expectations.
    pub expect: Expect,
}

impl Scenario {
    /// Reads a folder.
    pub fn read(dir: &Path) -> Result<Self, ScenarioError> {
        let one = |what: String, hint: &str| ScenarioError {
            faults: vec![ScenarioFault::new(dir.display().to_string(), 0, what, hint)],
        };
        let listed = std::fs::read_dir(dir).map_err(|why| {
            one(
                format!("the folder cannot be read: {why}"),
                "Name a folder that holds a scenario.toml.",
            )
        })?;
        let mut files = BTreeMap::new();
        for entry in listed {
            let entry = entry.map_err(|why| {
                one(
                    format!("the folder cannot be read: {why}"),
                    "Check its permissions.",
                )
            })?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let part = [manifest::FILE, script::FILE, expect::FILE].contains(&name.as_str())
                || name.ends_with(".csv");
            if part && entry.path().is_file() {
                let bytes = std::fs::read(entry.path()).map_err(|why| ScenarioError {
                    faults: vec![ScenarioFault::new(
                        name.as_str(),
                        0,
                        format!("the file cannot be read: {why}"),
                        "Check its permissions.",
                    )],
                })?;
                files.insert(name, bytes);
            }
        }
        Self::from_files(&files)
    }

    /// The same from files that are in memory already, by name.
    pub fn from_files(files: &BTreeMap<String, Vec<u8>>) -> Result<Self, ScenarioError> {
        let mut faults = Vec::new();
        let Some(bytes) = files.get(manifest::FILE) else {
            let hint = "A scenario has scenario.toml, import files such as areas.csv, script.jsonl and expect.json.";
            return Err(ScenarioError {
                faults: vec![ScenarioFault::new(
                    manifest::FILE,
                    0,
                    "the file is not there",
                    hint,
                )],
            });
        };
        let text = utf8(manifest::FILE, bytes, &mut faults);
        let manifest = Manifest::parse(text).map_err(|more| ScenarioError {
            faults: faults.drain(..).chain(more).collect(),
        })?;
        let imports = imports(files, &manifest, &mut faults);
        let lines = script::parse(
            utf8(
                script::FILE,
                files.get(script::FILE).map_or(&[], Vec::as_slice),
                &mut faults,
            ),
            &manifest,
            &mut faults,
        );
        let expect = match files.get(expect::FILE) {
            Some(bytes) => Expect::parse(
                utf8(expect::FILE, bytes, &mut faults),
                &manifest,
                &lines,
                &mut faults,
            ),
            None => Expect::default(),
        };
        let scenario = Self {
            manifest,
            imports,
            lines,
            expect,
        };
        scenario.check_years(&mut faults);
        scenario.check_clerk(&mut faults);
        if faults.is_empty() {
            Ok(scenario)
        } else {
            Err(ScenarioError { faults })
        }
    }

    /// The working calendar that holds where no registry publishes one.
    pub(crate) fn calendar(&self) -> Calendar {
        Calendar::china().with_zone(self.manifest.zone.clone())
    }

    /// The person who freezes the bulletin at the end: as said, else the first clerk of the topmost jurisdiction.
    pub(crate) fn clerk(&self) -> Option<PersonId> {
        let scope = self.manifest.scope();
        if let Some(text) = &self.manifest.freeze_by {
            return Some(script::person(text, &scope));
        }
        let rows = self
            .imports
            .iter()
            .flat_map(|checked| &checked.rows)
            .filter(|row| row.jurisdiction == scope);
        rows.into_iter().find_map(|row| match &row.command {
            Any::Registry(Command::EnrolPerson { code, roles, .. })
                if roles.iter().any(|role| role.parse() == Ok(Role::Clerk)) =>
            {
                Some(PersonId::new(&scope, code))
            }
            _ => None,
        })
    }

    /// Time without a working calendar would be guesswork: every year of the run must have one.
    fn check_years(&self, faults: &mut Vec<ScenarioFault>) {
        let calendar = self.calendar();
        let published = |year: i16| {
            self.imports.iter().flat_map(|checked| &checked.rows).any(|row| matches!(&row.command, Any::Registry(Command::PublishCalendar { year: given, .. }) if *given == year))
        };
        let year = |at: jiff::Timestamp, zone: &TimeZone| at.to_zoned(zone.clone()).year();
        for year in year(self.manifest.start, &self.manifest.zone)
            ..=year(self.manifest.as_of, &self.manifest.zone)
        {
            if !calendar.knows(year) && !published(year) {
                faults.push(ScenarioFault::new(
                    manifest::FILE,
                    0,
                    format!("there is no working calendar for {year}"),
                    "Add a calendar.csv with its days off and make-up working days.",
                ));
            }
        }
    }

    fn check_clerk(&self, faults: &mut Vec<ScenarioFault>) {
        if self.manifest.freeze.is_some() && self.clerk().is_none() {
            faults.push(ScenarioFault::new(
                manifest::FILE,
                0,
                format!(
                    "nobody can freeze the bulletin: {} has no clerk",
                    self.manifest.scope()
                ),
                "Enrol one in people.csv, or name somebody in `freeze_by`.",
            ));
        }
    }
}

fn utf8<'a>(file: &str, bytes: &'a [u8], faults: &mut Vec<ScenarioFault>) -> &'a str {
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(plain).unwrap_or_else(|_| {
        faults.push(ScenarioFault::new(
            file,
            0,
            "the file is not in UTF-8",
            "Save it in UTF-8.",
        ));
        ""
    })
}

fn imports(
    files: &BTreeMap<String, Vec<u8>>,
    manifest: &Manifest,
    faults: &mut Vec<ScenarioFault>,
) -> Vec<Checked> {
    for name in files.keys().filter(|name| name.ends_with(".csv")) {
        if let Err(unknown) = name.parse::<FileKind>() {
            faults.push(ScenarioFault::new(
                name.as_str(),
                0,
                unknown.to_string(),
                "Rename the file, or take it out of the folder.",
            ));
        }
    }
    let mut known = KnownRecords::default();
    let mut imports = Vec::new();
    for kind in FileKind::ALL {
        let name = format!("{kind}.csv");
        let Some(bytes) = files.get(&name) else {
            continue;
        };
        let checked =
            picket_import::check(kind, bytes, &manifest.territory, &manifest.home, &mut known);
        faults.extend(checked.bad.iter().map(|bad| {
            ScenarioFault::new(name.as_str(), bad.line, bad.to_string(), bad.hint.as_str())
        }));
        imports.push(checked);
    }
    imports
}
