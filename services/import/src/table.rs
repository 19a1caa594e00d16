//! A table made from bytes: encoding, quotes, header, limits.
//!
//! The first gate of every import file. Whatever is wrong with the file as a whole is said here, in one
//! sentence with a way out, before any cell is looked at.
//! It does not know what a cell means.

use csv::{ReaderBuilder, StringRecord};

use crate::{BadRow, FileKind};

/// The largest file.
pub const MOST_BYTES: usize = 20 * 1024 * 1024;
/// The longest file.
pub const MOST_ROWS: usize = 100_000;
/// The widest file.
pub const MOST_COLUMNS: usize = 64;

/// A row as it stands in the file.
pub(crate) struct Record {
    /// The line it begins in.
    pub(crate) line: u64,
    /// Its number among the rows, from 1.
    pub(crate) number: usize,
    /// Its cells.
    pub(crate) cells: StringRecord,
}

/// A file whose header is right.
pub(crate) struct FileTable {
    /// The kind's columns, each with the place it has in this file.
    pub(crate) columns: Vec<(&'static str, usize)>,
    /// The rows, blank ones left out.
    pub(crate) records: Vec<Record>,
}

/// Reads a file, or says why it is none.
pub(crate) fn read(kind: FileKind, bytes: &[u8]) -> Result<FileTable, Vec<BadRow>> {
    let text = decode(bytes).map_err(|bad| vec![bad])?;
    quotes(text).map_err(|bad| vec![bad])?;
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|why| {
            vec![whole(
                1,
                format!("the header row cannot be read: {why}"),
                expected(kind),
            )]
        })?
        .clone();
    let columns = columns(kind, &header)?;
    let mut records = Vec::new();
    for (index, cells) in reader.into_records().enumerate() {
        let cells = cells.map_err(|why| {
            vec![whole(
                0,
                format!("a row cannot be read: {why}"),
                "Save the file again as CSV in UTF-8.".to_owned(),
            )]
        })?;
        let line = cells.position().map_or(0, csv::Position::line);
        if index >= MOST_ROWS {
            return Err(vec![whole(
                line,
                format!("the file has more than {MOST_ROWS} rows"),
                "Split it into several files.".to_owned(),
            )]);
        }
        if cells.len() > MOST_COLUMNS {
            return Err(vec![too_wide(line, cells.len())]);
        }
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            records.push(Record {
                line,
                number: index + 1,
                cells,
            });
        }
    }
    Ok(FileTable { columns, records })
}

fn decode(bytes: &[u8]) -> Result<&str, BadRow> {
    if bytes.len() > MOST_BYTES {
        let reason = format!(
            "the file has {} bytes, and {MOST_BYTES} are allowed",
            bytes.len()
        );
        return Err(whole(0, reason, "Split it into several files.".to_owned()));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let hint = "Choose `CSV UTF-8` where the spreadsheet saves it, or convert it: iconv -f UTF-16 -t UTF-8 OLD.csv > NEW.csv".to_owned();
        return Err(whole(
            0,
            "the file is in UTF-16, not in UTF-8".to_owned(),
            hint,
        ));
    }
    let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(plain).map_err(|why| {
        let line = plain[..why.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        let hint = "Choose `CSV UTF-8` where the spreadsheet saves it, or convert it: iconv -f GB18030 -t UTF-8 OLD.csv > NEW.csv".to_owned();
        whole(0, format!("the file is not in UTF-8, first in line {line}"), hint)
    })?;
    if let Some(at) = text.find('\0') {
        let hint =
            "Save the file again as CSV in UTF-8; this is what a file of another kind looks like."
                .to_owned();
        return Err(whole(
            line_of(text, at),
            "the file holds a NUL character".to_owned(),
            hint,
        ));
    }
    Ok(text)
}

/// Refuses quotes that do not pair: one that never closes would swallow all rows after it.
fn quotes(text: &str) -> Result<(), BadRow> {
    #[derive(PartialEq)]
    enum At {
        Start,
        Plain,
        Quoted,
        Closed,
    }
    let (mut at, mut opened) = (At::Start, 0);
    for (index, byte) in text.bytes().enumerate() {
        at = match (at, byte) {
            (At::Start, b'"') => {
                opened = index;
                At::Quoted
            }
            (At::Quoted, b'"') => At::Closed,
            (At::Closed, b'"') | (At::Quoted, _) => At::Quoted,
            (At::Start | At::Plain | At::Closed, b',' | b'\n' | b'\r') => At::Start,
            (At::Closed, _) => {
                let hint =
                    "Close the quote at the end of the cell, and write a quote within it twice."
                        .to_owned();
                return Err(whole(
                    line_of(text, index),
                    "a cell goes on after its closing quote".to_owned(),
                    hint,
                ));
            }
            (At::Start | At::Plain, _) => At::Plain,
        };
    }
    if at == At::Quoted {
        let hint = "Close it, or remove it; a quote within a cell is written twice and the cell in quotes.".to_owned();
        return Err(whole(
            line_of(text, opened),
            "a quote is opened here and never closed".to_owned(),
            hint,
        ));
    }
    Ok(())
}

/// The place of each column of the kind.
fn columns(
    kind: FileKind,
    header: &StringRecord,
) -> Result<Vec<(&'static str, usize)>, Vec<BadRow>> {
    let found: Vec<&str> = header.iter().map(str::trim).collect();
    header_of(kind, &found).map_err(|bad| vec![bad])?;
    let mut bad = strangers(kind, &found);
    let mut columns = Vec::with_capacity(kind.columns().len());
    for name in kind.columns() {
        match found.iter().position(|given| given == name) {
            Some(place) => columns.push((*name, place)),
            None => bad.push(BadRow::new(
                1,
                name,
                format!("the column `{name}` is missing"),
                expected(kind),
            )),
        }
    }
    if bad.is_empty() {
        Ok(columns)
    } else {
        Err(bad)
    }
}

/// Refuses a first row that is no header of the kind, or hardly one: its columns need not be looked at.
fn header_of(kind: FileKind, found: &[&str]) -> Result<(), BadRow> {
    if found.len() > MOST_COLUMNS {
        return Err(too_wide(1, found.len()));
    }
    if found.iter().all(|name| name.is_empty()) {
        return Err(whole(
            1,
            "the file has no header row".to_owned(),
            expected(kind),
        ));
    }
    if let [only] = found
        && only.contains([';', '\t', '，'])
    {
        return Err(whole(
            1,
            "the cells are not separated by commas".to_owned(),
            format!("Save it with `,` between the cells. {}", expected(kind)),
        ));
    }
    let known = |kind: FileKind| {
        found
            .iter()
            .filter(|name| kind.columns().contains(name))
            .count()
    };
    let is =
        |kind: FileKind| known(kind) == kind.columns().len() && found.len() == kind.columns().len();
    let other = FileKind::ALL
        .into_iter()
        .find(|other| is(*other))
        .filter(|other| *other != kind);
    if other.is_some() || known(kind) * 2 < kind.columns().len() {
        let header = crate::spelling::short(&found.join(","));
        let hint = other.map_or_else(
            || expected(kind),
            |other| format!("It looks like {other}: `picket import {other} FILE`."),
        );
        return Err(whole(
            1,
            format!("this is no table of {kind}; its first row is `{header}`"),
            hint,
        ));
    }
    Ok(())
}

/// Columns that the kind does not have, or not twice.
fn strangers(kind: FileKind, found: &[&str]) -> Vec<BadRow> {
    let mut bad = Vec::new();
    for (place, name) in found.iter().enumerate() {
        let reason = match name {
            _ if found[..place].contains(name) => format!("the column `{name}` stands there twice"),
            &"" => format!("column {} has no name", place + 1),
            name if !kind.columns().contains(name) => format!("{kind} have no column `{name}`"),
            _ => continue,
        };
        bad.push(BadRow::new(1, name, reason, expected(kind)));
    }
    bad
}

fn expected(kind: FileKind) -> String {
    format!(
        "The header row is `{}`, in any order; cells may be empty, columns may not be left out.",
        kind.columns().join(",")
    )
}

fn too_wide(line: u64, columns: usize) -> BadRow {
    whole(
        line,
        format!("this row has {columns} cells, and {MOST_COLUMNS} are allowed"),
        "Remove what does not belong to the table.".to_owned(),
    )
}

fn whole(line: u64, reason: String, hint: String) -> BadRow {
    BadRow::new(line, "", reason, hint)
}

fn line_of(text: &str, at: usize) -> u64 {
    text.as_bytes()[..at]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count() as u64
        + 1
}
