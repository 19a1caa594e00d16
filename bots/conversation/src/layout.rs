//! Layout of texts: their width, and how they are wrapped, cut and filled up to one.
//!
//! A Chinese character takes two columns, most others one. The plain rendering here and the terminal
//! use it, so that both break lines in the same places. It knows no colour and no card.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Returns how many columns `text` takes.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Returns `text`, cut to `max` columns with `…` where something is left out.
pub fn cut(text: &str, max: usize) -> String {
    if width(text) <= max {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide + 1 > max {
            break;
        }
        used += wide;
        out.push(c);
    }
    if max > 0 {
        out.push('…');
    }
    out
}

/// Returns `text` filled with blanks to `columns`, at its end or, for numbers, at its start.
pub fn pad(text: &str, columns: usize, right: bool) -> String {
    let blanks = " ".repeat(columns.saturating_sub(width(text)));
    if right {
        format!("{blanks}{text}")
    } else {
        format!("{text}{blanks}")
    }
}

/// Returns the lines of `text`, none wider than `max` columns. Breaks at blanks and between Chinese characters.
pub fn wrap(text: &str, max: usize) -> Vec<String> {
    let max = max.max(2);
    text.lines().flat_map(|line| wrap_line(line, max)).collect()
}

fn wrap_line(line: &str, max: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    for piece in pieces(line) {
        if width(&current) + width(piece.trim_end()) > max && !current.trim().is_empty() {
            lines.push(current.trim_end().to_owned());
            current.clear();
        }
        let piece = if current.is_empty() && !lines.is_empty() {
            piece.trim_start()
        } else {
            piece
        };
        for c in piece.chars() {
            if width(&current) + c.width().unwrap_or(0) > max {
                lines.push(current.trim_end().to_owned());
                current.clear();
            }
            current.push(c);
        }
    }
    let last = current.trim_end();
    if !last.is_empty() || lines.is_empty() {
        lines.push(last.to_owned());
    }
    lines
}

/// The parts between which a line may be broken. Closing punctuation stays with what it closes.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in line.char_indices() {
        let breaks = before.is_some_and(|before| {
            before == ' ' && c != ' '
                || (is_wide(before) || is_wide(c)) && c != ' ' && !closes(c) && !opens(before)
        });
        if breaks && at > start {
            pieces.push(&line[start..at]);
            start = at;
        }
        before = Some(c);
    }
    pieces.push(&line[start..]);
    pieces
}

fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

fn closes(c: char) -> bool {
    matches!(
        c,
        '，' | '。'
            | '、'
            | '；'
            | '：'
            | '！'
            | '？'
            | '）'
            | '》'
            | '」'
            | '”'
            | ','
            | '.'
            | ';'
            | ':'
            | ')'
            | '%'
    )
}

fn opens(c: char) -> bool {
    matches!(c, '（' | '《' | '「' | '“' | '(')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_takes_two_columns() {
        assert_eq!((width("哨点"), width("ab"), width("回执 T-1")), (4, 2, 8));
    }

    #[test]
    fn a_cut_text_never_takes_more_than_it_may() {
        for max in 0..12 {
            assert!(width(&cut("教育局 edu 科室", max)) <= max, "{max}");
        }
        assert_eq!(cut("教育局科室", 7), "教育局…");
    }

    #[test]
    fn lines_break_between_chinese_characters_and_at_blanks() {
        assert_eq!(wrap("责任单位是区教育局", 10), ["责任单位是", "区教育局"]);
        assert_eq!(
            wrap("the order was served", 10),
            ["the order", "was served"]
        );
    }

    #[test]
    fn a_full_stop_does_not_begin_a_line() {
        assert_eq!(wrap("责任单位是。区", 10), ["责任单位", "是。区"]);
    }

    #[test]
    fn a_word_wider_than_the_line_is_broken_anyway() {
        assert_eq!(wrap("aaaaaaaaaaaa", 5), ["aaaaa", "aaaaa", "aa"]);
    }

    #[test]
    fn numbers_are_filled_at_their_start() {
        assert_eq!(
            (pad("12", 4, true), pad("家", 4, false)),
            ("  12".to_owned(), "家  ".to_owned())
        );
    }
}
