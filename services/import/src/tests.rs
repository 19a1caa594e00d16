//! Tests of what somebody who imports files can rely on.

mod files;
mod places;
mod rows;

use std::collections::BTreeMap;

use picket_schemas::registry::Territory;
use picket_schemas::{Command, Jurisdiction};

use crate::{BadRow, Checked, FileKind, KnownRecords, check};

const AREAS: &str = "code,name,level,parent\n4209,city,city,\n420902,county one,county,4209\n420903,county two,county,4209\n420902003,town,town,420902\n420902003004,community,community,420902003\n420903001,town,town,420903\n";
const DEPARTMENTS: &str =
    "code,name,area\nedu,education,4209\nmkt,market regulation,4209\nloc,local office,420902\n";
const PEOPLE: &str = "code,name,roles,department,area,certificate,language\nP-0001,sentinel 1,sentinel,,420902003004,,\nP-0002,sentinel 2,sentinel;post_leader,,420902003004,,zh\nP-0003,inspector 3,inspector,edu,4209,HB-3,\nP-0001,sentinel 1 of two,sentinel,,420903001,,\n";
const INSTITUTIONS: &str = "code,name,kind,training,licence,address,area,school_district,risk,list\nI-0001,training centre 1,institution,subject,licensed,1 road,420902003004,,high,\nI-0002,training centre 2,institution,,,,420902003004,,,\nI-0001,training centre of two,institution,,,,420903001,,,\n";

/// A city with two counties, and what was checked so far.
struct World {
    territory: Territory,
    home: Jurisdiction,
    known: KnownRecords,
}

impl World {
    fn new() -> Self {
        let one = |code: &str, parent: Option<&str>| {
            (Jurisdiction::from(code), parent.map(Jurisdiction::from))
        };
        let jurisdictions = BTreeMap::from([
            one("4209", None),
            one("420902", Some("4209")),
            one("420903", Some("4209")),
        ]);
        Self {
            territory: Territory { jurisdictions },
            home: Jurisdiction::from("420902"),
            known: KnownRecords::default(),
        }
    }

    /// With areas, departments, people and institutions imported.
    fn settled() -> Self {
        let mut world = Self::new();
        for (kind, text) in [
            (FileKind::Areas, AREAS),
            (FileKind::Departments, DEPARTMENTS),
            (FileKind::People, PEOPLE),
            (FileKind::Institutions, INSTITUTIONS),
        ] {
            let checked = world.check(kind, text);
            assert_eq!(checked.bad, [], "{kind}");
        }
        world
    }

    fn check(&mut self, kind: FileKind, text: &str) -> Checked {
        self.bytes(kind, text.as_bytes())
    }

    fn bytes(&mut self, kind: FileKind, bytes: &[u8]) -> Checked {
        check(kind, bytes, &self.territory, &self.home, &mut self.known)
    }

    /// The only mistake in a file.
    fn bad(&mut self, kind: FileKind, text: &str) -> BadRow {
        let checked = self.check(kind, text);
        assert_eq!(checked.bad.len(), 1, "{:#?}", checked.bad);
        checked.bad.into_iter().next().expect("there is one")
    }

    /// The only row of a file without a mistake.
    fn good(&mut self, kind: FileKind, text: &str) -> (String, Command) {
        let checked = self.check(kind, text);
        assert_eq!(checked.bad, []);
        assert_eq!(checked.rows.len(), 1, "{:#?}", checked.rows);
        let row = checked.rows.into_iter().next().expect("there is one");
        (row.jurisdiction.to_string(), row.command)
    }
}

/// The header of a kind, and rows below it.
fn table(kind: FileKind, rows: &[&str]) -> String {
    std::iter::once(kind.columns().join(","))
        .chain(rows.iter().map(|row| (*row).to_owned()))
        .map(|line| line + "\n")
        .collect()
}

fn json(command: &Command) -> serde_json::Value {
    serde_json::to_value(command).expect("a command is JSON")
}
