//! Printed numbers: as they are, or cut to their leading two digits and said to be more.
//!
//! `250余` claims more than 250 and less than 260, so nothing is ever rounded up, and an exact
//! multiple is not said to be more. Numbers below a hundred are printed as they are.

use picket_schemas::bulletin::Rounding;

use super::words::Words;

/// The number without what lies behind its two leading digits.
fn cut(value: i64) -> i64 {
    let mut step: i64 = 1;
    while value / step >= 100 {
        step *= 10;
    }
    value / step * step
}

/// A count.
pub(super) fn number(value: i64, rounding: Rounding, words: &Words) -> String {
    let short = cut(value);
    if rounding == Rounding::Exact || short == value { value.to_string() } else { (words.more)(&short.to_string()) }
}

/// An amount of money, in the language's larger unit where that is shorter.
pub(super) fn money(fen: i64, rounding: Rounding, words: &Words) -> String {
    if let Some((yuan, say)) = words.large {
        let unit = yuan * 100;
        if fen > 0 && fen % unit == 0 && (rounding == Rounding::Exact || cut(fen / unit) == fen / unit) {
            return say(&(fen / unit).to_string(), false);
        }
        if rounding == Rounding::Over && fen >= unit {
            return say(&cut(fen / unit).to_string(), true);
        }
    }
    let (yuan, rest) = (fen / 100, fen % 100);
    match rounding {
        Rounding::Over if cut(yuan) * 100 != fen => (words.yuan)(&(words.more)(&cut(yuan).to_string())),
        Rounding::Exact if rest != 0 => (words.yuan)(&format!("{yuan}.{rest:02}")),
        _ => (words.yuan)(&yuan.to_string()),
    }
}
