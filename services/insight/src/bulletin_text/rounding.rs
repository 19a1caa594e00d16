//! Printed numbers: as they are, cut to their leading two digits and said to be more, or as worded.
//!
//! `250余` claims more than 250 and less than 260, so nothing is ever rounded up, and an exact
//! multiple is not said to be more. Numbers below a hundred are printed as they are.

use picket_phrases::{Language, Texts};
use picket_schemas::Printed;
use picket_schemas::bulletin::Rounding;

/// The number without what lies behind its two leading digits.
fn cut(value: i64) -> i64 {
    let mut step: i64 = 1;
    while value / step >= 100 {
        step *= 10;
    }
    value / step * step
}

/// A count.
pub(super) fn number(value: i64, rounding: Rounding, words: &Texts) -> String {
    let short = cut(value);
    if rounding == Rounding::Exact || short == value {
        value.to_string()
    } else {
        more(&short.to_string(), words)
    }
}

/// An amount of money, in the language's larger unit where that is shorter.
pub(super) fn money(fen: i64, rounding: Rounding, words: &Texts) -> String {
    let unit = large_unit(words) * 100;
    if fen > 0 && fen % unit == 0 && (rounding == Rounding::Exact || cut(fen / unit) == fen / unit)
    {
        return words.with(
            "print-large",
            &[("amount", (fen / unit).to_string().into())],
        );
    }
    if rounding == Rounding::Over && fen >= unit {
        return more_large(cut(fen / unit), words);
    }
    let (whole, rest) = (fen / 100, fen % 100);
    match rounding {
        Rounding::Over if cut(whole) * 100 != fen => {
            yuan(&more(&cut(whole).to_string(), words), words)
        }
        Rounding::Exact if rest != 0 => yuan(&format!("{whole}.{rest:02}"), words),
        _ => yuan(&whole.to_string(), words),
    }
}

/// A figure as whoever froze the bulletin worded it.
pub(super) fn worded(printed: &Printed, unit: &str, is_money: bool, words: &Texts) -> String {
    match printed {
        Printed::Number { value, plus: false } if is_money => money(*value, Rounding::Exact, words),
        Printed::Number { value, plus: true } if is_money => more_money(*value, words),
        Printed::Number { value, plus } => {
            let number = value.to_string();
            let number = if *plus { more(&number, words) } else { number };
            format!("{number}{unit}")
        }
        Printed::Words { zh, en } => {
            let own = match words.language {
                Language::Zh => zh,
                Language::En => en,
            };
            // Money has its unit in the words; a count without its unit gets it.
            if is_money || own.ends_with(unit) {
                own.clone()
            } else {
                format!("{own}{unit}")
            }
        }
    }
}

/// More than an amount, in the larger unit where the amount is a whole number of it.
fn more_money(fen: i64, words: &Texts) -> String {
    let unit = large_unit(words) * 100;
    if fen > 0 && fen % unit == 0 {
        more_large(fen / unit, words)
    } else {
        yuan(&more(&(fen / 100).to_string(), words), words)
    }
}

/// The yuan in the unit in which a language says large amounts.
fn large_unit(words: &Texts) -> i64 {
    words.say("print-large-unit").parse().unwrap_or(1).max(1)
}

/// `170余万元`, but `4万余元`: the character stands behind the last round place.
fn more_large(amount: i64, words: &Texts) -> String {
    let key = if amount % 10 == 0 {
        "print-large-more-round"
    } else {
        "print-large-more"
    };
    words.with(key, &[("amount", amount.to_string().into())])
}

fn more(number: &str, words: &Texts) -> String {
    words.with("print-more", &[("number", number.to_owned().into())])
}

fn yuan(amount: &str, words: &Texts) -> String {
    words.with("print-yuan", &[("amount", amount.to_owned().into())])
}
