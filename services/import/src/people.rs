//! People with their roles, and who answers for what.
//!
//! A person belongs to the jurisdiction of the area they act in; the roster of a city and of its counties
//! may stand in one file.
//! It does not know what a role permits.

use std::collections::BTreeSet;
use std::str::FromStr;

use picket_book::fields::CERTIFICATE;
use picket_schemas::registry::{Command, Role};
use picket_schemas::{AreaCode, DepartmentCode, InstitutionCode, Jurisdiction, PersonId};

use crate::FileKind;
use crate::cells::Cells;
use crate::file_check::{FileCheck, RowCommand};
use crate::spelling::short;

/// Codes that are not people.
const RESERVED: [&str; 2] = [picket_directory::OPERATOR, picket_directory::SYSTEM];

impl FileCheck<'_> {
    pub(crate) fn person(&mut self, cells: &mut Cells<'_>) -> RowCommand {
        let code = cells.code("code");
        let name = cells.name("name");
        let roles = roles(cells);
        let certificate = cells.line_of_text("certificate", CERTIFICATE);
        let language: Option<String> = cells.word("language", &["zh", "en"]);
        let (area, home) = self.area(cells)?;
        let department: Option<DepartmentCode> = match cells.text("department") {
            "" => None,
            text => self.department_of(cells, "department", text, &home),
        };
        if cells.text("department").is_empty()
            && (roles.contains(&Role::Inspector) || roles.contains(&Role::Head))
        {
            cells.fault(
                "department",
                "the cell is empty",
                "An inspector or head acts for a department; write its code.",
            );
        }
        let code = code?;
        if RESERVED.contains(&code) || picket_schemas::event::SERVICES.contains(&code) {
            cells.fault(
                "code",
                format!("`{code}` is a name Picket uses itself"),
                "Choose another code, such as P-0001.",
            );
            return None;
        }
        let id = PersonId::new(&home, code);
        self.first(cells, "code", id.to_string());
        if cells.text("roles").is_empty() && !self.known.people.contains(&id) {
            cells.fault("roles", "the cell is empty", "Without a role a person can do nothing; it is empty only for somebody on the roster who has left.");
        }
        self.known.people.insert(id.clone());
        if let Some(number) = &certificate {
            let holder = self
                .known
                .certificates
                .entry((home.clone(), number.clone()))
                .or_insert_with(|| id.clone());
            if *holder != id {
                cells.fault(
                    "certificate",
                    format!("`{number}` is already the certificate of {}", holder.code()),
                    "Every certificate has one holder; correct one of the two.",
                );
            }
        }
        let roles = cells.list("roles").map(str::to_owned).collect();
        Some((
            home,
            Command::EnrolPerson {
                code: code.to_owned(),
                name: name?,
                roles,
                department,
                area,
                certificate,
                language,
            }
            .into(),
        ))
    }

    pub(crate) fn owner(&mut self, cells: &mut Cells<'_>) -> RowCommand {
        cells.required("person");
        let (of, home) = match (cells.text("area"), cells.text("institution")) {
            ("", "") => {
                cells.fault(
                    "area",
                    "both `area` and `institution` are empty",
                    "An owner answers for one of the two; fill it.",
                );
                return None;
            }
            (_, "") => {
                let (area, home) = self.area(cells)?;
                self.first(cells, "area", format!("area {area}"));
                (OwnedPlace::Area(area), home)
            }
            ("", text) => {
                let (institution, home) = self.institution_of(cells, text)?;
                self.first(
                    cells,
                    "institution",
                    format!("institution {home}/{institution}"),
                );
                (OwnedPlace::Institution(institution), home)
            }
            _ => {
                cells.fault(
                    "institution",
                    "both `area` and `institution` are filled",
                    "An owner answers for one of the two; write two rows for both.",
                );
                return None;
            }
        };
        let person = match cells.text("person") {
            "" => return None,
            text => self.person_of(cells, "person", text, &home)?,
        };
        let (area, institution) = match of {
            OwnedPlace::Area(area) => (Some(area), None),
            OwnedPlace::Institution(institution) => (None, Some(institution)),
        };
        Some((
            home,
            Command::AssignOwner {
                area,
                institution,
                person,
            }
            .into(),
        ))
    }

    /// An institution by code, or in full where several jurisdictions have one of that code.
    fn institution_of(
        &self,
        cells: &mut Cells<'_>,
        text: &str,
    ) -> Option<(InstitutionCode, Jurisdiction)> {
        let (home, code) = picket_schemas::ids::split_id(text);
        if !cells.is_code("institution", code) {
            return None;
        }
        let code = InstitutionCode::from(code);
        let homes = self.known.institutions.get(&code);
        let named = home.map(Jurisdiction::from);
        let home = match (&named, homes) {
            (Some(named), Some(homes)) if homes.contains(named) => named,
            (None, Some(homes)) if homes.contains(self.default_in) => self.default_in,
            (None, Some(homes)) => match (homes.first(), homes.len()) {
                (Some(only), 1) => only,
                (first, _) => {
                    let example = first
                        .map(|home| format!("{home}/{code}"))
                        .unwrap_or_default();
                    cells.fault(
                        "institution",
                        format!("several jurisdictions have an institution `{code}`"),
                        format!("Write it in full, such as {example}."),
                    );
                    return None;
                }
            },
            _ => {
                self.unknown(
                    cells,
                    "institution",
                    (FileKind::Institutions, code.as_str()),
                    format!("there is no institution `{}`", short(text)),
                    "Import the institutions first, or correct the code.",
                );
                named.as_ref().unwrap_or(self.default_in)
            }
        };
        Some((code, home.clone()))
    }
}

/// An area or institution that an owner answers for.
enum OwnedPlace {
    Area(AreaCode),
    Institution(InstitutionCode),
}

fn roles(cells: &mut Cells<'_>) -> BTreeSet<Role> {
    let mut roles = BTreeSet::new();
    for text in cells.list("roles") {
        match Role::from_str(text) {
            Ok(role) => drop(roles.insert(role)),
            Err(why) => cells.fault("roles", why, "Separate several roles by `;`."),
        }
    }
    roles
}
