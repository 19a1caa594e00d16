//! The counties the load works in: import files, and who is who in them.
//!
//! Every sentinel has a post with one institution, so that each can work without waiting for another.
//! It does not know what is done there.

use std::fmt::Write as _;
use std::path::Path;

use picket_schemas::{Jurisdiction, PersonId};

/// The city above them.
pub(crate) const CITY: &str = "9901";
/// How many counties there are.
pub(crate) const COUNTIES: usize = 6;
/// Sentinels of each county.
pub(crate) const SENTINELS: usize = 3;

/// One county.
#[derive(Clone, Debug)]
pub(crate) struct County {
    number: usize,
    /// Its jurisdiction.
    pub(crate) code: Jurisdiction,
}

impl County {
    pub(crate) fn all() -> Vec<Self> {
        (1..=COUNTIES)
            .map(|number| Self {
                number,
                code: Jurisdiction::from(format!("{CITY}{number:02}")),
            })
            .collect()
    }

    fn person(&self, code: &str) -> PersonId {
        PersonId::new(&self.code, &format!("P-{}-{code}", self.number))
    }

    pub(crate) fn coordinator(&self) -> PersonId {
        self.person("c")
    }

    pub(crate) fn dispatcher(&self) -> PersonId {
        self.person("d")
    }

    pub(crate) fn leader(&self) -> PersonId {
        self.person("l")
    }

    pub(crate) fn sentinel(&self, at: usize) -> PersonId {
        self.person(&at.to_string())
    }

    pub(crate) fn post(&self, at: usize) -> String {
        format!("PO-{}-{at}", self.number)
    }

    pub(crate) fn institution(&self, at: usize) -> String {
        format!("I-{}-{at}", self.number)
    }

    /// The community of a sentinel.
    pub(crate) fn area(&self, at: usize) -> String {
        format!("{}{:06}", self.code, at + 1)
    }
}

/// Writes the import files of all of them.
pub(crate) fn write(folder: &Path) {
    let mut areas = format!("code,name,level,parent\n{CITY},test city,city,\n");
    let mut people = "code,name,roles,department,area,certificate,language\n".to_owned();
    let mut posts = "code,name,kind,area,leader,members\n".to_owned();
    let mut institutions =
        "code,name,kind,training,licence,address,area,school_district,risk,list\n".to_owned();
    for county in County::all() {
        let (code, number) = (&county.code, county.number);
        let line = |table: &mut String, row: String| {
            writeln!(table, "{row}").expect("a string takes text")
        };
        line(&mut areas, format!("{code},county {number},county,{CITY}"));
        for (person, role) in [
            (county.coordinator(), "coordinator"),
            (county.dispatcher(), "dispatcher"),
            (county.leader(), "post_leader"),
        ] {
            line(
                &mut people,
                format!(
                    "{},{role} of county {number},{role},,{code},,",
                    person.code()
                ),
            );
        }
        for at in 0..SENTINELS {
            let (area, post, sentinel) = (county.area(at), county.post(at), county.sentinel(at));
            line(
                &mut areas,
                format!("{area},community {number}-{at},community,{code}"),
            );
            line(
                &mut people,
                format!(
                    "{},sentinel {number}-{at},sentinel,,{area},,",
                    sentinel.code()
                ),
            );
            line(
                &mut posts,
                format!(
                    "{post},post {number}-{at},community,{area},{},{}",
                    county.leader().code(),
                    sentinel.code()
                ),
            );
            line(
                &mut institutions,
                format!(
                    "{},institution {number}-{at},institution,arts,licensed,{at} test street,{area},,normal,",
                    county.institution(at)
                ),
            );
        }
    }
    for (name, table) in [
        ("areas", areas),
        ("people", people),
        ("posts", posts),
        ("institutions", institutions),
    ] {
        std::fs::write(folder.join(format!("{name}.csv")), table)
            .expect("the test's own folder takes a file");
    }
}
