//! How one figure of a bulletin is printed otherwise than its rounding would: `1198余人次` for 1198.
//!
//! Whoever freezes a bulletin may word a figure. A number is written in each language by that language's
//! rules; words of one's own are given in both, so that no language ever prints the other's.
//! It does not know the exact figure: that is kept beside it and never changed.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::figures::FIGURES;

/// The longest wording.
const LONGEST: usize = 60;

/// Figures printed otherwise, by key.
pub type Overrides = BTreeMap<String, Printed>;

/// How a figure is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, try_from = "Value")]
pub enum Printed {
    /// A number in the figure's own unit; with `plus` it is said to be more: `1198余`, `over 1198`.
    Number {
        /// The number.
        value: i64,
        /// Whether it is said to be more.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        plus: bool,
    },
    /// Words of one's own, in both languages. Without its counting unit a wording gets it.
    Words {
        /// In Chinese.
        zh: String,
        /// In English.
        en: String,
    },
}

/// Why something is no wording of a figure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadPrinted(String);

/// What can be written.
pub const PRINTED_HINT: &str = "Write 1198, 1198+ for more than 1198, or words in both languages as in `近1200人次|nearly 1200`; in JSON {\"value\":1198,\"plus\":true} or {\"zh\":\"…\",\"en\":\"…\"}.";

fn bad<T>(why: impl Into<String>) -> Result<T, BadPrinted> {
    Err(BadPrinted(why.into()))
}

impl Printed {
    /// Words of one's own, if both can be printed.
    pub fn words(zh: &str, en: &str) -> Result<Self, BadPrinted> {
        let (zh, en) = (zh.trim(), en.trim());
        for (language, text) in [("Chinese", zh), ("English", en)] {
            if text.is_empty() {
                return bad(format!(
                    "the {language} wording is empty, and each language prints its own"
                ));
            }
            if text.chars().count() > LONGEST || text.chars().any(char::is_control) {
                return bad(format!(
                    "the {language} wording must be one line of at most {LONGEST} characters"
                ));
            }
        }
        if en.chars().any(is_han) {
            return bad(format!("`{en}` is not English"));
        }
        Ok(Self::Words {
            zh: zh.to_owned(),
            en: en.to_owned(),
        })
    }

    /// A number, if a figure can be one.
    pub fn number(value: i64, plus: bool) -> Result<Self, BadPrinted> {
        if value < 0 {
            bad(format!("`{value}` is less than nothing"))
        } else {
            Ok(Self::Number { value, plus })
        }
    }

    /// Whether what is printed is true of the exact figure; of words nobody can tell but who reads them.
    pub fn holds_for(&self, exact: i64) -> bool {
        match self {
            Self::Number { value, plus: true } => exact >= *value,
            Self::Number { value, plus: false } => exact == *value,
            Self::Words { .. } => true,
        }
    }
}

fn is_han(letter: char) -> bool {
    matches!(letter, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

impl FromStr for Printed {
    type Err = BadPrinted;

    /// Reads `1198`, `1198+`, `1198余`, the latter two with a counting unit behind them too, and `ZH|EN`.
    fn from_str(text: &str) -> Result<Self, BadPrinted> {
        let text = text.trim();
        if let Some((zh, en)) = text.split_once(['|', '｜']) {
            return Self::words(zh, en);
        }
        let digits = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, rest) = text.split_at(digits);
        let unmarked = rest.trim_start_matches(['+', '余']);
        let is_unit = unmarked.is_empty()
            || FIGURES
                .iter()
                .any(|(key, unit)| *unit == unmarked && *key != "refund_fen");
        match number.parse() {
            Ok(value) if is_unit => Self::number(value, rest.len() != unmarked.len()),
            _ => bad(format!("`{text}` says nothing in the other language")),
        }
    }
}

impl TryFrom<Value> for Printed {
    type Error = BadPrinted;

    fn try_from(value: Value) -> Result<Self, BadPrinted> {
        let fields = match value {
            Value::String(text) => return text.parse(),
            Value::Number(number) => {
                return number.as_i64().map_or_else(
                    || bad(format!("`{number}` is not a whole number")),
                    |value| Self::number(value, false),
                );
            }
            Value::Object(fields) => fields,
            other => return bad(format!("`{other}` is no wording of a figure")),
        };
        if let Some(other) = fields
            .keys()
            .find(|key| !["value", "plus", "zh", "en"].contains(&key.as_str()))
        {
            return bad(format!("a wording has no field `{other}`"));
        }
        let text = |key: &str| {
            fields.get(key).map(|value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
        };
        match (text("value"), text("plus"), text("zh"), text("en")) {
            (Some(value), plus, None, None) => {
                let Ok(value) = value.trim().parse() else {
                    return bad(format!("`{value}` is not a whole number"));
                };
                match plus.as_deref() {
                    None | Some("false") => Self::number(value, false),
                    Some("true") => Self::number(value, true),
                    Some(other) => bad(format!("`plus` is `{other}`, and it is true or false")),
                }
            }
            (None, None, Some(zh), Some(en)) => Self::words(&zh, &en),
            (None, None, Some(_), None) => {
                bad("the English wording is missing, and each language prints its own")
            }
            (None, None, None, Some(_)) => {
                bad("the Chinese wording is missing, and each language prints its own")
            }
            _ => bad("a wording is either `value`, with `plus` where it is more, or `zh` and `en`"),
        }
    }
}

impl fmt::Display for Printed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { value, plus } => write!(f, "{value}{}", if *plus { "+" } else { "" }),
            Self::Words { zh, en } => write!(f, "{zh}|{en}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Printed, String> {
        serde_json::from_str(json).map_err(|why| why.to_string())
    }

    #[test]
    fn a_number_is_read_as_people_write_it() {
        let more = Printed::Number {
            value: 1198,
            plus: true,
        };
        for text in ["1198+", "1198余", "1198余人次", "1198+人次", " 1198余 "] {
            assert_eq!(text.parse(), Ok(more.clone()), "{text}");
        }
        assert_eq!(
            "474".parse(),
            Ok(Printed::Number {
                value: 474,
                plus: false
            })
        );
        assert_eq!(
            "474家".parse(),
            Ok(Printed::Number {
                value: 474,
                plus: false
            })
        );
        for json in [
            r#"{"value":1198,"plus":true}"#,
            r#"{"value":"1198","plus":"true"}"#,
            r#""1198+""#,
        ] {
            assert_eq!(read(json), Ok(more.clone()), "{json}");
        }
    }

    #[test]
    fn words_are_given_in_both_languages_or_not_at_all() {
        assert_eq!(
            "近1200人次|nearly 1200".parse(),
            Printed::words("近1200人次", "nearly 1200")
        );
        for bad in [
            "近1200人次",
            "近1200人次|",
            "近1200人次|近1200",
            "170余万元",
            "",
            "1198.5",
        ] {
            assert!(bad.parse::<Printed>().is_err(), "{bad}");
        }
        for bad in [
            r#"{"zh":"近1200"}"#,
            r#"{"en":"nearly 1200"}"#,
            r#"{"value":1,"zh":"一"}"#,
            r#"{"value":-1}"#,
            r#"{"value":1,"pluss":true}"#,
            "[]",
            "1.5",
            "{}",
        ] {
            let why = read(bad).unwrap_err();
            assert!(
                !why.contains("expected") && !why.contains("variant"),
                "{bad}: {why}"
            );
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["1198+", "474", "近1200人次|nearly 1200"] {
            let printed: Printed = text.parse().unwrap();
            assert_eq!(printed.to_string(), text);
            assert_eq!(
                serde_json::from_value(serde_json::to_value(&printed).unwrap()).ok(),
                Some(printed)
            );
        }
    }

    #[test]
    fn more_than_a_number_is_true_from_that_number_on() {
        let more: Printed = "1198+".parse().unwrap();
        assert!(more.holds_for(1198) && more.holds_for(1203) && !more.holds_for(1197));
        let exact: Printed = "474".parse().unwrap();
        assert!(exact.holds_for(474) && !exact.holds_for(475));
    }
}
