//! Areas: a tree whose rows may stand in any order.
//!
//! All codes of the file are taken up first, so that a row may lie in one that stands below it; the
//! commands come out with each area after the one around it, as the registry needs them.
//! It does not know what else lies in an area.

use std::collections::BTreeMap;

use picket_schemas::registry::{Command, Level};
use picket_schemas::{AreaCode, Jurisdiction};

use crate::FileKind;
use crate::cells::Cells;
use crate::file_check::FileCheck;
use crate::known::{DEPTH, KnownArea};
use crate::table::FileTable;

const LEVELS: [&str; 5] = ["province", "city", "county", "town", "community"];

impl FileCheck<'_> {
    pub(crate) fn areas(&mut self, table: &FileTable) {
        let mut taken = Vec::with_capacity(table.records.len());
        for record in &table.records {
            let mut cells = Cells::new(table, record);
            let row = self.area_row(&mut cells);
            taken.push((cells, row));
        }
        let mut topmost: BTreeMap<Jurisdiction, AreaCode> = BTreeMap::new();
        let mut ordered = Vec::with_capacity(taken.len());
        for (mut cells, row) in taken {
            let mut depth = 0;
            let said = row.and_then(|(code, area, name)| {
                let home = self.within(&mut cells, &code, &area, &mut topmost)?;
                depth = self.known.path(&code).map_or(0, |path| path.len());
                Some((
                    home,
                    Command::DefineArea {
                        code,
                        name,
                        level: area.level?,
                        parent: area.parent,
                    }
                    .into(),
                ))
            });
            ordered.push((depth, cells, said));
        }
        ordered.sort_by_key(|(depth, ..)| *depth);
        for (_, cells, said) in ordered {
            self.keep(cells, said);
        }
    }

    /// The area a row defines by itself; its code counts as defined even where another cell is wrong.
    fn area_row(&mut self, cells: &mut Cells<'_>) -> Option<(AreaCode, KnownArea, String)> {
        let code = cells.code("code").map(AreaCode::from);
        let name = cells.name("name");
        // A street office governs what is a town elsewhere: the same level under its own name.
        let level: Option<Level> = if cells.text("level") == "street" {
            Some(Level::Town)
        } else {
            cells.needed_word("level", &LEVELS)
        };
        let parent = cells.reference("parent").map(AreaCode::from);
        let code = code?;
        self.first(cells, "code", code.to_string());
        let area = KnownArea { parent, level };
        if cells.is_well_formed() || !self.known.areas.contains_key(&code) {
            self.known.areas.insert(code.clone(), area.clone());
        }
        Some((code, area, name?))
    }

    /// The jurisdiction of the area, if it lies where it can.
    fn within(
        &self,
        cells: &mut Cells<'_>,
        code: &AreaCode,
        area: &KnownArea,
        topmost: &mut BTreeMap<Jurisdiction, AreaCode>,
    ) -> Option<Jurisdiction> {
        if let Some(parent) = &area.parent {
            let Some(around) = self.known.areas.get(parent) else {
                self.unknown(
                    cells,
                    "parent",
                    (FileKind::Areas, parent.as_str()),
                    format!("there is no area `{parent}`"),
                    "Add a row for it, or leave the cell empty if nothing lies around this area.",
                );
                return Some(
                    self.known
                        .jurisdiction_of(code, self.territory)
                        .unwrap_or_else(|| self.by_prefix(code)),
                );
            };
            if area
                .level
                .is_some_and(|level| around.level.is_some_and(|above| level < above))
            {
                cells.fault(
                    "level",
                    format!("an area of this level cannot lie within `{parent}`"),
                    "From large to small the levels are province, city, county, town, community.",
                );
                return None;
            }
        }
        if self.known.path(code).is_none() {
            cells.fault(
                "parent",
                format!(
                    "`{code}` lies within itself, or more than {DEPTH} areas lie one within another"
                ),
                "Follow the parents upwards and correct the one that leads back.",
            );
            return None;
        }
        let home = self.home(cells, "code", code)?;
        if area.parent.is_none() {
            if let Some(above) = self.territory.parent(&home) {
                cells.fault(
                    "parent",
                    format!("`{code}` lies within {above}, and the cell is empty"),
                    format!("Write the code of the area around it, such as {above}."),
                );
                return None;
            }
            if let Some(other) = topmost.insert(home.clone(), code.clone()) {
                cells.fault("parent", format!("`{other}` is the topmost area of {home} already"), "Only one area of a jurisdiction lies in no other; write what this one lies in.");
                return None;
            }
        }
        Some(home)
    }
}
