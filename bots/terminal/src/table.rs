//! Tables that fit a width: columns share what there is, long cells go on below, at a word where they can.
//!
//! A Chinese character takes two columns, so columns stay straight in both languages. No colour.

use picket_conversation::layout::{cut, pad, width, wrap};
use picket_conversation::plain::plain;

const GAP: usize = 2;
/// No column gets narrower than this, unless its widest cell is.
const LEAST: usize = 4;
/// A word longer than this may be broken.
const WORD: usize = 20;
/// Chinese may be broken anywhere, but not into single characters.
const CHINESE: usize = 8;
/// A cell takes no more lines than this; what is left out shows as `…`.
const LINES: usize = 8;
/// Holds a day and its time together while lines are broken.
const JOINED: char = '\u{a0}';

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
        Self {
            title: title.into(),
            right: false,
        }
    }

    /// A column of numbers.
    pub fn right(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            right: true,
        }
    }
}

/// Lays out rows below a header; no line is wider than `max`. Missing cells are empty, surplus ones left out.
pub fn table(header: &[Column], rows: &[Vec<String>], max: usize) -> String {
    let titles: Vec<String> = header
        .iter()
        .map(|column| plain(&column.title, 200))
        .collect();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| {
            (0..header.len())
                .map(|n| {
                    row.get(n)
                        .map(|cell| join_times(&plain(cell, 400)))
                        .unwrap_or_default()
                })
                .collect()
        })
        .collect();
    let column = |n: usize| {
        cells
            .iter()
            .map(move |row| row[n].as_str())
            .chain([titles[n].as_str()])
    };
    let natural: Vec<usize> = (0..header.len())
        .map(|n| column(n).map(width).max().unwrap_or_default())
        .collect();
    let least: Vec<usize> = (0..header.len())
        .map(|n| {
            column(n)
                .flat_map(|cell| cell.split(' '))
                .map(word_width)
                .max()
                .unwrap_or_default()
        })
        .collect();
    let widths = share(&natural, &least, max);
    let mut lines = laid_out(&titles, &widths, header, max);
    let rule: Vec<_> = widths
        .iter()
        .filter(|room| **room > 0)
        .map(|room| "─".repeat(*room))
        .collect();
    lines.push(cut(&rule.join(&" ".repeat(GAP)), max));
    lines.extend(
        cells
            .iter()
            .flat_map(|row| laid_out(row, &widths, header, max)),
    );
    lines.join("\n")
}

/// The lines of one row.
fn laid_out(row: &[String], widths: &[usize], header: &[Column], max: usize) -> Vec<String> {
    let shown = || {
        row.iter()
            .zip(widths)
            .zip(header)
            .filter(|((_, room), _)| **room > 0)
    };
    let cells: Vec<_> = shown()
        .map(|((cell, room), _)| broken(cell, *room))
        .collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or_default().max(1);
    (0..height)
        .map(|n| {
            let parts = shown().zip(&cells).map(|(((_, room), column), lines)| {
                pad(lines.get(n).map_or("", String::as_str), *room, column.right)
            });
            cut(
                parts.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end(),
                max,
            )
            .replace(JOINED, " ")
        })
        .collect()
}

/// A cell in lines as wide as its column.
fn broken(cell: &str, room: usize) -> Vec<String> {
    let mut lines = wrap(cell, room);
    if lines.len() > LINES {
        lines.truncate(LINES);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last}……"), room);
        }
    }
    lines
}

/// `2026-03-02 08:30` stays on one line.
fn join_times(cell: &str) -> String {
    let mut text: Vec<char> = cell.chars().collect();
    for at in 10..text.len().saturating_sub(4) {
        let day = text[at - 10..at].iter().enumerate().all(|(n, c)| {
            if n == 4 || n == 7 {
                *c == '-'
            } else {
                c.is_ascii_digit()
            }
        });
        if text[at] == ' ' && day && text[at + 1].is_ascii_digit() && text[at + 3] == ':' {
            text[at] = JOINED;
        }
    }
    text.into_iter().collect()
}

/// The width of a column in which this word is not broken.
fn word_width(word: &str) -> usize {
    let most = if word.is_ascii() || word.contains(JOINED) {
        WORD
    } else {
        CHINESE
    };
    width(word).min(most)
}

/// Takes from the widest column, a little at a time, until all fit: first down to its words, then through them.
fn share(natural: &[usize], least: &[usize], max: usize) -> Vec<usize> {
    let mut widths = natural.to_vec();
    loop {
        let taken: usize = widths.iter().sum::<usize>()
            + GAP
                * widths
                    .iter()
                    .filter(|room| **room > 0)
                    .count()
                    .saturating_sub(1);
        if taken <= max {
            return widths;
        }
        let spare = |n: usize, room: usize, floor: usize| {
            room.saturating_sub(floor.max(LEAST.min(natural[n])))
        };
        let widest = |floor: &dyn Fn(usize) -> usize| {
            (0..widths.len())
                .filter(|n| spare(*n, widths[*n], floor(*n)) > 0)
                .max_by_key(|n| widths[*n])
        };
        let (at, floor) = match (widest(&|n| least[n]), widest(&|_| LEAST)) {
            (Some(at), _) => (at, least[at]),
            (None, Some(at)) => (at, LEAST),
            // Even the least is too much: the columns at the end go.
            (None, None) => match widths.iter_mut().rev().find(|room| **room > 0) {
                Some(last) => {
                    *last = 0;
                    continue;
                }
                None => return widths,
            },
        };
        widths[at] -= (taken - max).min(spare(at, widths[at], floor)).clamp(1, 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        [
            ["T-2041", "幸福里哨点 · 十月专项排查", "12"],
            ["T-2042", "和平", "3"],
        ]
        .map(|row| row.map(str::to_owned).to_vec())
        .to_vec()
    }

    fn header() -> [Column; 3] {
        [
            Column::left("task"),
            Column::left("post"),
            Column::right("rows"),
        ]
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
    fn a_long_cell_goes_on_below_and_nothing_of_it_is_lost() {
        let text = table(&header(), &rows(), 30);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[2..4],
            ["T-2041  幸福里哨点 · 十     12", "        月专项排查"]
        );
        assert!(!text.contains('…'), "{text}");
    }

    #[test]
    fn words_days_and_numbers_stay_whole_while_there_is_room() {
        let header = [
            Column::left("on"),
            Column::left("what"),
            Column::left("since"),
            Column::right("n"),
        ];
        let rows = vec![vec![
            "Z-3".to_owned(),
            "reminds of sheets not accepted within 2 working days".to_owned(),
            "2026-03-02 08:30".to_owned(),
            "1198".to_owned(),
        ]];
        let text = table(&header, &rows, 48);
        assert!(
            text.contains("2026-03-02 08:30") && text.contains("1198"),
            "{text}"
        );
        assert!(
            text.lines()
                .skip(2)
                .flat_map(str::split_whitespace)
                .all(|word| rows[0]
                    .iter()
                    .any(|cell| cell.split(' ').any(|whole| whole == word))),
            "{text}"
        );
    }

    #[test]
    fn a_cell_without_end_is_cut_with_an_ellipsis() {
        let text = table(&[Column::left("note")], &[vec!["word ".repeat(400)]], 30);
        assert!(
            text.lines().count() <= LINES + 2 && text.ends_with('…'),
            "{text}"
        );
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
        let rows = vec![
            vec!["a".to_owned()],
            vec!["b".to_owned(), "c".to_owned(), "d".to_owned()],
        ];
        let text = table(&[Column::left("x"), Column::left("y")], &rows, 40);
        assert!(text.contains('c') && !text.contains('d'), "{text}");
    }

    #[test]
    fn a_table_without_rows_is_its_header() {
        assert_eq!(table(&header(), &[], 40).lines().count(), 2);
    }
}
