//! The layout of answers: tables, labelled lines and sections, none wider than the terminal.
//!
//! It does not know what an answer says.

use picket_terminal::Column;

/// How wide the terminal is; 80 where nobody says.
pub fn width() -> usize {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    columns.unwrap_or(80_usize).clamp(60, 160)
}

/// Lines that are too wide go on below what their label says.
pub(super) fn fit(text: &str, width: usize) -> String {
    let mut fitting = String::with_capacity(text.len());
    for line in text.lines() {
        if picket_terminal::width(line) <= width {
            fitting.push_str(line);
            fitting.push('\n');
            continue;
        }
        let label = line.find("  ").filter(|at| *at > 0).map_or(0, |at| {
            at + line[at..].len() - line[at..].trim_start().len()
        });
        let label = if label <= 16 { label } else { 0 };
        fitting.push_str(&labelled(&line[..label], &line[label..], width));
    }
    fitting
}

/// A table: columns that hold only numbers stand at the right.
pub fn table(header: &[&str], rows: &[Vec<String>], width: usize) -> String {
    let number = |cell: &String| {
        !cell.is_empty()
            && cell
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
    };
    let columns: Vec<Column> = header
        .iter()
        .enumerate()
        .map(|(n, title)| {
            if !rows.is_empty() && rows.iter().all(|row| row.get(n).is_some_and(number)) {
                Column::right(*title)
            } else {
                Column::left(*title)
            }
        })
        .collect();
    let mut text = picket_terminal::table(&columns, rows, width);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

pub(super) fn rows(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        "nothing\n".into()
    } else {
        table(header, &rows, width())
    }
}

/// A label with what it says; long ones go on below, under their own beginning.
pub(super) fn labelled(label: &str, value: &str, width: usize) -> String {
    let indent = picket_terminal::width(label);
    let lines = picket_terminal::wrap(value, width.saturating_sub(indent));
    lines
        .iter()
        .enumerate()
        .map(|(n, line)| {
            format!(
                "{}{}",
                if n == 0 {
                    label.to_owned()
                } else {
                    " ".repeat(indent)
                },
                line.trim_start()
            )
        })
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

pub(super) fn section(title: &str, body: &str) -> String {
    format!("{title}\n{body}\n")
}

/// A section for each list that holds something; what is empty is left out.
pub(super) fn sections<T>(lists: &[(&str, &[T])], shown: impl Fn(&[T]) -> String) -> String {
    lists
        .iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(title, list)| section(title, &shown(list)))
        .collect()
}
