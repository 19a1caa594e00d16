//! Cells of one row, read one by one; every mistake of the row is noted, not only the first.
//!
//! The rules are those the registry will apply, said here with line and column before anything is sent.
//! It does not know what is defined elsewhere: references are checked by the file check.

use jiff::civil::Date;
use picket_book::fields::{CODE, NAME, is_plain};
use serde::de::DeserializeOwned;

use crate::BadRow;
use crate::spelling::{half_width, is_scientific, short};
use crate::table::{FileTable, Record};

/// The cells of a row, and what is wrong with them.
pub(crate) struct Cells<'t> {
    table: &'t FileTable,
    record: &'t Record,
    bad: Vec<BadRow>,
}

impl<'t> Cells<'t> {
    pub(crate) fn new(table: &'t FileTable, record: &'t Record) -> Self {
        let mut cells = Self {
            table,
            record,
            bad: Vec::new(),
        };
        let (has, needs) = (record.cells.len(), table.columns.len());
        if has != needs {
            cells.fault(
                "",
                format!("the row has {has} cells, and the header has {needs}"),
                "Give every cell its comma, and put a cell that holds a comma in quotes.",
            );
        }
        for (column, _) in &table.columns {
            if cells.text(column).starts_with('=') {
                cells.fault(
                    column,
                    "the cell holds a formula",
                    "Export values, not formulas.",
                );
            }
        }
        cells
    }

    /// The line the row begins in.
    pub(crate) fn line(&self) -> u64 {
        self.record.line
    }

    /// The row's number, from 1.
    pub(crate) fn number(&self) -> usize {
        self.record.number
    }

    /// The mistakes of the row.
    pub(crate) fn into_bad(self) -> Vec<BadRow> {
        self.bad
    }

    /// True if nothing is wrong so far but that something it names is not known.
    pub(crate) fn is_well_formed(&self) -> bool {
        self.bad.iter().all(BadRow::is_reference)
    }

    /// Notes a mistake.
    pub(crate) fn fault(
        &mut self,
        column: &str,
        reason: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.bad
            .push(BadRow::new(self.record.line, column, reason, hint));
    }

    /// Notes that something the row names is not known.
    pub(crate) fn unknown(
        &mut self,
        column: &str,
        reason: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.bad.push(BadRow {
            reference: true,
            ..BadRow::new(self.record.line, column, reason, hint)
        });
    }

    /// Notes that something the row names was refused before in this import: no mistake of this row.
    pub(crate) fn follows(&mut self, column: &str, text: &str, from: String) {
        let bad = BadRow::new(
            self.record.line,
            column,
            format!("`{}` was refused in {from}", short(text)),
            format!("Correct {from} first; the row itself may be right."),
        );
        self.bad.push(BadRow {
            reference: true,
            follows: Some(from),
            ..bad
        });
    }

    /// A cell without the blanks around it; empty where the row is too short.
    pub(crate) fn text(&self, column: &str) -> &'t str {
        let place = self
            .table
            .columns
            .iter()
            .find(|(name, _)| *name == column)
            .map(|(_, place)| *place);
        place
            .and_then(|place| self.record.cells.get(place))
            .unwrap_or_default()
            .trim()
    }

    /// The parts of a cell with `;` between them.
    pub(crate) fn list(&self, column: &str) -> impl Iterator<Item = &'t str> + use<'t> {
        picket_schemas::lenient::parts(self.text(column))
    }

    /// A cell that may not be empty.
    pub(crate) fn required(&mut self, column: &str) -> Option<&'t str> {
        let text = self.text(column);
        if text.is_empty() {
            self.fault(
                column,
                "the cell is empty",
                format!("Every row needs its `{column}`."),
            );
            return None;
        }
        Some(text)
    }

    /// A code that something is defined under.
    pub(crate) fn code(&mut self, column: &str) -> Option<&'t str> {
        let text = self.required(column)?;
        self.is_code(column, text).then_some(text)
    }

    /// A code that refers to something; nothing when the cell is empty.
    pub(crate) fn reference(&mut self, column: &str) -> Option<&'t str> {
        let text = self.text(column);
        (!text.is_empty() && self.is_code(column, text)).then_some(text)
    }

    /// True if a text can be a code; notes why it cannot.
    pub(crate) fn is_code(&mut self, column: &str, text: &str) -> bool {
        let plain = half_width(text);
        if plain != text {
            self.fault(
                column,
                format!("`{text}` is written in full-width characters"),
                format!("Write `{plain}`."),
            );
            return false;
        }
        if is_scientific(text) {
            self.fault(
                column,
                format!("`{text}` is a code that a spreadsheet turned into a number"),
                "Format the column as text and enter the code again.",
            );
            return false;
        }
        if text.len() > CODE || !text.bytes().all(is_plain) {
            let hint = format!("A code has at most {CODE} letters, digits, `-`, `_` and `.`.");
            self.fault(column, format!("`{}` is not a code", short(text)), hint);
            return false;
        }
        true
    }

    /// A name people read.
    pub(crate) fn name(&mut self, column: &str) -> Option<String> {
        self.required(column)?;
        self.line_of_text(column, NAME)
    }

    /// One line of text; nothing when the cell is empty.
    pub(crate) fn line_of_text(&mut self, column: &str, longest: usize) -> Option<String> {
        let text = self.text(column);
        if text.chars().count() > longest {
            self.fault(
                column,
                format!("the text is longer than {longest} characters"),
                "Shorten it.",
            );
            return None;
        }
        if text.chars().any(char::is_control) {
            self.fault(
                column,
                "the text holds a line break or another character that cannot be shown",
                "Write it in one line.",
            );
            return None;
        }
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// One of a few words; nothing when the cell is empty.
    pub(crate) fn word<T: DeserializeOwned>(&mut self, column: &str, words: &[&str]) -> Option<T> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let known = words
            .contains(&text)
            .then(|| serde_json::from_value(text.into()).ok())
            .flatten();
        if known.is_none() {
            self.fault(
                column,
                format!("`{}` is not one of the words for it", short(text)),
                format!("Use one of {}.", words.join(", ")),
            );
        }
        known
    }

    /// The same, where the cell may not be empty.
    pub(crate) fn needed_word<T: DeserializeOwned>(
        &mut self,
        column: &str,
        words: &[&str],
    ) -> Option<T> {
        if self.text(column).is_empty() {
            self.fault(
                column,
                "the cell is empty",
                format!("Use one of {}.", words.join(", ")),
            );
            return None;
        }
        self.word(column, words)
    }

    /// A number from 0.
    pub(crate) fn count(&mut self, column: &str) -> Option<u32> {
        let text = self.required(column)?;
        let plain = half_width(text);
        if plain != text {
            self.fault(
                column,
                format!("`{text}` is written in full-width characters"),
                format!("Write `{plain}`."),
            );
            return None;
        }
        let number = text.parse().ok();
        if number.is_none() {
            self.fault(
                column,
                format!("`{}` is not a whole number", short(text)),
                "Write digits only, such as 10.",
            );
        }
        number
    }

    /// Yes or no; an empty cell is no.
    pub(crate) fn flag(&mut self, column: &str) -> bool {
        match self.text(column) {
            "" | "false" | "no" | "0" => false,
            "true" | "yes" | "1" => true,
            other => {
                self.fault(
                    column,
                    format!("`{}` is neither yes nor no", short(other)),
                    "Use true or false, yes or no, 1 or 0; an empty cell is no.",
                );
                false
            }
        }
    }

    /// A date.
    pub(crate) fn date(&mut self, column: &str) -> Option<Date> {
        let text = self.required(column)?;
        let written_out = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| {
                if at == 4 || at == 7 {
                    byte == b'-'
                } else {
                    byte.is_ascii_digit()
                }
            });
        let date: Option<Date> = written_out.then(|| text.parse().ok()).flatten();
        if date.is_none() {
            self.fault(
                column,
                format!("`{}` is not a date", short(text)),
                "Write year, month and day in digits, such as 2026-02-17.",
            );
        }
        date
    }
}
