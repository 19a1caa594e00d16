//! A file being checked: what it brings, what is wrong with it, and what it may refer to.
//!
//! One method a kind of file turns a row into a command, in the files beside this one; this one finds the
//! jurisdiction of a row, checks references, and tells the second row with a code from the first.
//! It does not know bytes or quotes.

use std::collections::BTreeMap;

use picket_schemas::registry::Territory;
use picket_schemas::{AreaCode, Command, CommandId, DepartmentCode, Jurisdiction};

use crate::cells::Cells;
use crate::spelling::{half_width, short};
use crate::table::FileTable;
use crate::{BadRow, FileKind, KnownRecords, Row};

/// The command a row becomes and where it goes; nothing where the row is bad.
pub(crate) type RowCommand = Option<(Jurisdiction, Command)>;

/// A file being checked.
pub(crate) struct FileCheck<'a> {
    kind: FileKind,
    pub(crate) territory: &'a Territory,
    pub(crate) default_in: &'a Jurisdiction,
    pub(crate) known: &'a mut KnownRecords,
    file_hash: &'a str,
    /// The line each code was defined in.
    seen: BTreeMap<String, u64>,
    rows: Vec<Row>,
    bad: Vec<BadRow>,
}

impl<'a> FileCheck<'a> {
    pub(crate) fn new(
        kind: FileKind,
        territory: &'a Territory,
        default_in: &'a Jurisdiction,
        known: &'a mut KnownRecords,
        file_hash: &'a str,
    ) -> Self {
        Self {
            kind,
            territory,
            default_in,
            known,
            file_hash,
            seen: BTreeMap::new(),
            rows: Vec::new(),
            bad: Vec::new(),
        }
    }

    /// Checks every row by itself.
    pub(crate) fn each(
        &mut self,
        table: &FileTable,
        one: fn(&mut Self, &mut Cells<'_>) -> RowCommand,
    ) {
        for record in &table.records {
            let mut cells = Cells::new(table, record);
            let command = one(self, &mut cells);
            self.keep(cells, command);
        }
    }

    /// Takes the command of a row, if nothing is wrong with the row.
    pub(crate) fn keep(&mut self, cells: Cells<'_>, command: RowCommand) {
        if cells.is_well_formed()
            && let Some((jurisdiction, command)) = command
        {
            self.push(jurisdiction, command, cells.number(), cells.line());
        }
        if !cells.is_well_formed() {
            let code = half_width(cells.text("code"));
            self.known.reject(self.kind, &code, cells.line());
        }
        self.bad.extend(cells.into_bad());
    }

    /// Something a row names that is not known: a mistake, unless what defines it was refused before.
    pub(crate) fn unknown(
        &self,
        cells: &mut Cells<'_>,
        column: &str,
        (kind, code): (FileKind, &str),
        reason: String,
        hint: &str,
    ) {
        match self.known.refused_in(kind, code) {
            Some(from) => cells.follows(column, code, from),
            None => cells.unknown(column, reason, hint),
        }
    }

    /// Adds a command with the id its row gives it.
    pub(crate) fn push(
        &mut self,
        jurisdiction: Jurisdiction,
        command: Command,
        number: usize,
        line: u64,
    ) {
        let id = CommandId::from(format!("i-{}-{number}", &self.file_hash[..12]));
        self.rows.push(Row {
            jurisdiction,
            command,
            id,
            line,
        });
    }

    /// The rows and mistakes: jurisdictions above first, so that those below can refer to what they define.
    pub(crate) fn finish(mut self) -> (Vec<Row>, Vec<BadRow>) {
        let depths: BTreeMap<Jurisdiction, usize> = self
            .territory
            .jurisdictions
            .keys()
            .map(|one| (one.clone(), self.territory.chain(one).len()))
            .collect();
        self.rows.sort_by(|a, b| {
            (depths.get(&a.jurisdiction), &a.jurisdiction)
                .cmp(&(depths.get(&b.jurisdiction), &b.jurisdiction))
        });
        self.bad.sort_by_key(|bad| bad.line);
        (self.rows, once_each(self.bad))
    }

    /// Notes a code that stands in the file a second time.
    pub(crate) fn first(&mut self, cells: &mut Cells<'_>, column: &str, key: String) {
        let text = short(cells.text(column));
        match self.seen.get(&key) {
            Some(line) => cells.fault(
                column,
                format!("`{text}` already stands in line {line}"),
                "Keep one of the two rows.",
            ),
            None => drop(self.seen.insert(key, cells.line())),
        }
    }

    /// The area of a row with the jurisdiction it belongs to.
    pub(crate) fn area(&self, cells: &mut Cells<'_>) -> Option<(AreaCode, Jurisdiction)> {
        cells.required("area")?;
        let code = AreaCode::from(cells.reference("area")?);
        if !self.known.areas.contains_key(&code) {
            self.unknown(
                cells,
                "area",
                (FileKind::Areas, code.as_str()),
                format!("there is no area `{code}`"),
                "Import the areas first, or correct the code.",
            );
            let home = self.by_prefix(&code);
            return Some((code, home));
        }
        let home = self.home(cells, "area", &code)?;
        Some((code, home))
    }

    /// The jurisdiction of an area.
    pub(crate) fn home(
        &self,
        cells: &mut Cells<'_>,
        column: &str,
        code: &AreaCode,
    ) -> Option<Jurisdiction> {
        let home = self.known.jurisdiction_of(code, self.territory);
        if home.is_none() {
            let names: Vec<_> = self
                .territory
                .jurisdictions
                .keys()
                .map(Jurisdiction::as_str)
                .collect();
            cells.fault(
                column,
                format!("`{code}` lies in none of the jurisdictions"),
                format!(
                    "The jurisdictions here are {}; correct the code, or the areas around it.",
                    names.join(", ")
                ),
            );
        }
        home
    }

    /// The likely jurisdiction of an area that is not known: its code begins with the code of the area around it.
    pub(crate) fn by_prefix(&self, code: &AreaCode) -> Jurisdiction {
        let around = self
            .territory
            .jurisdictions
            .keys()
            .filter(|one| code.as_str().starts_with(one.as_str()));
        around
            .max_by_key(|one| one.as_str().len())
            .unwrap_or(self.default_in)
            .clone()
    }

    /// A department that a jurisdiction can name.
    pub(crate) fn department_of(
        &self,
        cells: &mut Cells<'_>,
        column: &str,
        text: &str,
        from: &Jurisdiction,
    ) -> Option<DepartmentCode> {
        if !cells.is_code(column, text) {
            return None;
        }
        let code = DepartmentCode::from(text);
        if !self.known.sees_department(&code, from, self.territory) {
            self.unknown(
                cells,
                column,
                (FileKind::Departments, text),
                format!("{from} has no department `{code}`"),
                "Import the departments first, or correct the code.",
            );
        }
        Some(code)
    }

    /// A person a jurisdiction can name: in full where they are known, else as they are written.
    pub(crate) fn person_of(
        &self,
        cells: &mut Cells<'_>,
        column: &str,
        text: &str,
        from: &Jurisdiction,
    ) -> Option<String> {
        let (home, code) = picket_schemas::ids::split_id(text);
        if !cells.is_code(column, code) || home.is_some_and(|home| !cells.is_code(column, home)) {
            return None;
        }
        if let Some(person) = self.known.person(text, from, self.territory) {
            return Some(person.to_string());
        }
        let hint = "Import the people first, or correct the code; somebody of a jurisdiction above may be written in full, such as 4209/P-0003.";
        self.unknown(
            cells,
            column,
            (FileKind::People, code),
            format!("{from} knows no person `{text}`"),
            hint,
        );
        Some(text.to_owned())
    }
}

/// Rows that wait for the same place are named once, with how many they are.
fn once_each(bad: Vec<BadRow>) -> Vec<BadRow> {
    let mut waiting: BTreeMap<String, usize> = BTreeMap::new();
    for from in bad.iter().filter_map(|bad| bad.follows.clone()) {
        *waiting.entry(from).or_default() += 1;
    }
    let mut named = Vec::with_capacity(bad.len());
    for mut one in bad {
        if let Some(from) = &one.follows {
            let Some(count) = waiting.remove(from) else {
                continue;
            };
            if count > 1 {
                one.reason = format!("{count} cells from here on follow from {from}");
            }
        }
        named.push(one);
    }
    named
}
