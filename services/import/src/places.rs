//! Departments, posts, institutions: each lies in an area and belongs to its jurisdiction.
//!
//! It checks what the registry would refuse, so that an import is not refused half way.
//! It does not know whether the running registry holds the same already; saying it again changes nothing.

use picket_book::fields::{ADDRESS, NAME};
use picket_schemas::registry::{Command, PostKind, Training};
use picket_schemas::{DepartmentCode, InstitutionCode, PostCode, SubjectKind};

use crate::cells::Cells;
use crate::file_check::{FileCheck, RowCommand};

const KINDS: [&str; 3] = ["institution", "school", "unlisted_place"];
const TRAINING: [&str; 6] = ["subject", "arts", "sports", "science", "custody", "other"];
const LICENCES: [&str; 3] = ["licensed", "registered_only", "none"];
const RISKS: [&str; 3] = ["low", "normal", "high"];
const LISTS: [&str; 3] = ["white", "black", "none"];

impl FileCheck<'_> {
    pub(crate) fn department(&mut self, cells: &mut Cells<'_>) -> RowCommand {
        let code = cells.code("code").map(DepartmentCode::from);
        let name = cells.name("name");
        let (area, home) = self.area(cells)?;
        let code = code?;
        self.first(cells, "code", format!("{home}/{code}"));
        self.known
            .departments
            .entry(code.clone())
            .or_default()
            .insert(home.clone());
        Some((
            home,
            Command::DefineDepartment {
                code,
                name: name?,
                area,
            }
            .into(),
        ))
    }

    pub(crate) fn post(&mut self, cells: &mut Cells<'_>) -> RowCommand {
        let code = cells.code("code").map(PostCode::from);
        let name = cells.name("name");
        let kind: Option<PostKind> = cells.needed_word("kind", &["community", "school"]);
        cells.required("leader");
        let (area, home) = self.area(cells)?;
        let leader = match cells.text("leader") {
            "" => None,
            text => self.person_of(cells, "leader", text, &home),
        };
        let members: Vec<String> = cells
            .list("members")
            .filter_map(|text| self.person_of(cells, "members", text, &home))
            .collect();
        let code = code?;
        self.first(cells, "code", format!("{home}/{code}"));
        self.known.posts.insert((home.clone(), code.clone()));
        Some((
            home,
            Command::DefinePost {
                code,
                name: name?,
                kind: kind?,
                area,
                leader: leader?,
                members,
            }
            .into(),
        ))
    }

    pub(crate) fn institution(&mut self, cells: &mut Cells<'_>) -> RowCommand {
        let code = cells.code("code").map(InstitutionCode::from);
        let name = cells.name("name");
        let kind: Option<SubjectKind> = cells.needed_word("kind", &KINDS);
        let training: Option<Training> = cells.word("training", &TRAINING);
        let licence: Option<String> = cells.word("licence", &LICENCES);
        let address = cells.line_of_text("address", ADDRESS);
        let school_district = cells.line_of_text("school_district", NAME);
        let risk: Option<String> = cells.word("risk", &RISKS);
        let list: Option<String> = cells.word("list", &LISTS);
        let (area, home) = self.area(cells)?;
        let code = code?;
        self.first(cells, "code", format!("{home}/{code}"));
        let homes = self.known.institutions.entry(code.clone()).or_default();
        if is_place_number(code.as_str()) && !homes.contains(&home) {
            cells.fault(
                "code",
                format!("`{code}` is a number of the kind that found places get"),
                "Choose another code, such as I-0001.",
            );
            return None;
        }
        homes.insert(home.clone());
        let address = address.unwrap_or_default();
        Some((
            home,
            Command::RegisterInstitution {
                code,
                name: name?,
                kind: kind?,
                training,
                licence,
                address,
                area,
                school_district,
                risk,
                list,
            }
            .into(),
        ))
    }
}

/// True if a code is one that dispatch gives to a place on no list.
fn is_place_number(code: &str) -> bool {
    code.strip_prefix("U-").is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
