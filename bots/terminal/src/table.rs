//! Tables that fit a width: columns share what there is, long cells end with `…`.
//!
//! A Chinese character takes two columns, so columns stay straight in both languages. No colour.

use picket_conversation::layout::{cut, pad, width};
use picket_conversation::plain::plain;

const GAP: usize = 2;
/// No column gets narrower than this, unless its widest cell is.
const LEAST: usize = 4;

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its header.
    pub title: String,
    /// Numbers stand at the right.
    pub right: bool,
}

impl Column {
    /// A column of words.
    pub fn left(title: impl Into<String>) -> Self {
        Self { title: title.into(), right: false }
    }

    /// A column of numbers.
    pub fn right(title: impl Into<String>) -> Self {
        Self { title: title.into(), right: true }
    }
}

/// Lays out rows below a header; no line is wider than `max`. Missing cells are empty, surplus ones left out.
pub fn table(header: &[Column], rows: &[Vec<String>], max: usize) -> String {
    let titles: Vec<String> = header.iter().map(|column| plain(&column.title, 200)).collect();
    let cells: Vec<Vec<String>> = rows.iter().map(|row| (0..header.len()).map(|n| row.get(n).map(|cell| plain(cell, 400)).unwrap_or_default()).collect()).collect();
    let natural: Vec<usize> = (0..header.len()).map(|n| cells.iter().map(|row| width(&row[n])).chain([width(&titles[n])]).max().unwrap_or_default()).collect();
    let widths = share(&natural, max);
    let line = |row: &[String]| {
        let cells: Vec<_> = row.iter().zip(&widths).zip(header).filter(|((_, room), _)| **room > 0).map(|((cell, room), column)| pad(&cut(cell, *room), *room, column.right)).collect();
        cut(cells.join(&" ".repeat(GAP)).trim_end(), max)
    };
    let rule: Vec<_> = widths.iter().filter(|room| **room > 0).map(|room| "─".repeat(*room)).collect();
    let mut lines = vec![line(&titles), cut(&rule.join(&" ".repeat(GAP)), max)];
    lines.extend(cells.iter().map(|row| line(row)));
    lines.join("\n")
}

/// Takes from the widest column, one by one, until all fit.
fn share(natural: &[usize], max: usize) -> Vec<usize> {
    let mut widths = natural.to_vec();
    loop {
        let taken: usize = widths.iter().sum::<usize>() + GAP * widths.iter().filter(|room| **room > 0).count().saturating_sub(1);
        if taken <= max {
            return widths;
        }
        let Some(widest) = widths.iter_mut().filter(|room| **room > LEAST).max() else {
            // Even the least is too much: the columns at the end go.
            match widths.iter_mut().rev().find(|room| **room > 0) {
                Some(last) => *last = 0,
                None => return widths,
            }
            continue;
        };
        *widest -= (taken - max).min(*widest - LEAST).clamp(1, 8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        [["T-2041", "幸福里哨点 · 十月专项排查", "12"], ["T-2042", "和平", "3"]].map(|row| row.map(str::to_owned).to_vec()).to_vec()
    }

    fn header() -> [Column; 3] {
        [Column::left("task"), Column::left("post"), Column::right("rows")]
    }

    #[test]
    fn columns_are_straight_in_both_languages() {
        let text = table(&header(), &rows(), 80);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "task    post                       rows");
        assert_eq!(lines[2], "T-2041  幸福里哨点 · 十月专项排查    12");
        assert_eq!(lines[3], "T-2042  和平                          3");
    }

    #[test]
    fn no_line_is_wider_than_it_may_be() {
        for max in 0..60 {
            for line in table(&header(), &rows(), max).lines() {
                assert!(width(line) <= max, "{max}: {line}");
            }
        }
    }

    #[test]
    fn a_long_cell_is_cut_with_an_ellipsis() {
        let text = table(&header(), &rows(), 30);
        assert!(text.contains('…') && text.contains("T-2041") && text.contains("  12"), "{text}");
    }

    #[test]
    fn a_cell_cannot_break_its_row() {
        let rows = vec![vec!["a\nb".to_owned(), "\u{1b}[31mred".to_owned()]];
        let text = table(&[Column::left("x"), Column::left("y")], &rows, 40);
        assert_eq!(text.lines().count(), 3);
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn missing_cells_are_empty_and_surplus_ones_left_out() {
        let rows = vec![vec!["a".to_owned()], vec!["b".to_owned(), "c".to_owned(), "d".to_owned()]];
        let text = table(&[Column::left("x"), Column::left("y")], &rows, 40);
        assert!(text.contains('c') && !text.contains('d'), "{text}");
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        assert_eq!(table(&header(), &[], 40).lines().count(), 2);
    }
}
