//! Spelling of what stands in a file: what input methods and spreadsheets do to a code, and how it is repeated.
//!
//! It knows no table and no cell: only the text it is given.

use picket_book::fields::CODE;

/// Full-width digits, letters and signs in the form codes are written in.
pub(crate) fn half_width(text: &str) -> String {
    let narrow = |letter: char| match letter {
        '！'..='～' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
        other => other,
    };
    text.chars().map(narrow).collect()
}

/// `4.20106E+17`: what becomes of a long number in a spreadsheet.
pub(crate) fn is_scientific(text: &str) -> bool {
    let Some((head, tail)) = text.split_once(['E', 'e']) else {
        return false;
    };
    head.contains('.')
        && head.parse::<f64>().is_ok()
        && tail
            .strip_prefix('+')
            .unwrap_or(tail)
            .bytes()
            .all(|byte| byte.is_ascii_digit())
        && !tail.is_empty()
}

/// The beginning of what a cell holds, fit to be repeated in a sentence.
pub(crate) fn short(text: &str) -> String {
    let mut letters = text.chars().filter(|letter| !letter.is_control());
    let mut short: String = letters.by_ref().take(CODE).collect();
    if letters.next().is_some() {
        short.push('…');
    }
    short
}
