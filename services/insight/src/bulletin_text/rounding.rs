//! Printed numbers: as they are, cut to their leading two digits and said to be more, or as worded.
//!
//! `250余` claims more than 250 and less than 260, so nothing is ever rounded up, and an exact
//! multiple is not said to be more. Numbers below a hundred are printed as they are.

use picket_schemas::Printed;
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
    if rounding == Rounding::Exact || short == value {
        value.to_string()
    } else {
        (words.more)(&short.to_string())
    }
}

/// An amount of money, in the language's larger unit where that is shorter.
pub(super) fn money(fen: i64, rounding: Rounding, words: &Words) -> String {
    if let Some((yuan, say)) = words.large {
        let unit = yuan * 100;
        if fen > 0
            && fen % unit == 0
            && (rounding == Rounding::Exact || cut(fen / unit) == fen / unit)
        {
            return say(&(fen / unit).to_string(), false);
        }
        if rounding == Rounding::Over && fen >= unit {
            return say(&cut(fen / unit).to_string(), true);
        }
    }
    let (yuan, rest) = (fen / 100, fen % 100);
    match rounding {
        Rounding::Over if cut(yuan) * 100 != fen => {
            (words.yuan)(&(words.more)(&cut(yuan).to_string()))
        }
        Rounding::Exact if rest != 0 => (words.yuan)(&format!("{yuan}.{rest:02}")),
        _ => (words.yuan)(&yuan.to_string()),
    }
}

/// A figure as whoever froze the bulletin worded it.
pub(super) fn worded(printed: &Printed, unit: &str, is_money: bool, words: &Words) -> String {
    match printed {
        Printed::Number { value, plus: false } if is_money => money(*value, Rounding::Exact, words),
        Printed::Number { value, plus: true } if is_money => more_money(*value, words),
        Printed::Number { value, plus } => {
            let number = value.to_string();
            format!(
                "{}{unit}",
                if *plus { (words.more)(&number) } else { number }
            )
        }
        Printed::Words { zh, en } => {
            let own = (words.own)(zh, en);
            // Money has its unit in the words; a count without its unit gets it.
            if is_money || own.ends_with(unit) {
                own.to_owned()
            } else {
                format!("{own}{unit}")
            }
        }
    }
}

/// More than an amount, in the larger unit where the amount is a whole number of it.
fn more_money(fen: i64, words: &Words) -> String {
    match words.large {
        Some((yuan, say)) if fen > 0 && fen % (yuan * 100) == 0 => {
            say(&(fen / (yuan * 100)).to_string(), true)
        }
        _ => (words.yuan)(&(words.more)(&(fen / 100).to_string())),
    }
}
