//! The answer to a question: read from what somebody typed, and shown as people read it.

use picket_schemas::lenient::parts;

use crate::codes::CATALOGUE;
use crate::forms::{Ask, Field, OpenForm};
use crate::look::ViewContext;
use crate::plain::plain;
use crate::when;

/// Between several answers in one line; codes may also stand with blanks between them.
const SEPARATORS: [char; 5] = [';', '；', ',', '，', '、'];

impl OpenForm {
    /// Reads what somebody typed for a question; the key of what is wrong with it otherwise.
    pub(crate) fn read(
        &self,
        field: &Field,
        text: &str,
        look: &ViewContext<'_>,
    ) -> Result<String, &'static str> {
        let text = plain(text, 500);
        if text.is_empty() {
            return Err("bad-empty");
        }
        let choices = self.choices(field, look);
        match field.ask {
            Ask::Text | Ask::Id | Ask::Suggest(_) | Ask::Offered => Ok(text),
            Ask::Choice(_) | Ask::YesNo => chosen(&text, &choices).ok_or("bad-choice"),
            Ask::Area | Ask::Department => Ok(chosen(&text, &choices).unwrap_or(text)),
            Ask::Departments => Some(listed(&text, &choices))
                .filter(|codes| codes.iter().all(|code| is_department(code)))
                .map(|codes| codes.join(";"))
                .ok_or("bad-choice"),
            Ask::Person(_) => self.person(&text).ok_or("bad-person"),
            Ask::People(_) => separated(&text)
                .map(|part| self.person(part))
                .collect::<Option<Vec<_>>>()
                .filter(|people| !people.is_empty())
                .map(|people| people.join(";"))
                .ok_or("bad-person"),
            Ask::Codes => Some(listed(&text.to_uppercase(), &[]))
                .filter(|codes| codes.iter().all(|code| CATALOGUE.contains(&code.as_str())))
                .map(|codes| codes.join(";"))
                .ok_or("bad-codes"),
            Ask::Money => when::parse_fen(&text)
                .map(|fen| fen.to_string())
                .ok_or("bad-money"),
            Ask::Span(_) => when::parse_span(&text)
                .map(|span| format!("{}{}", span.amount, span.unit.short()))
                .ok_or("bad-span"),
            Ask::Promise => look
                .when
                .parse(&text)
                .filter(|at| *at > look.when.now)
                .map(|at| at.to_string())
                .ok_or("bad-promise"),
            Ask::Day => look
                .when
                .parse_day(&text)
                .map(|day| day.to_string())
                .ok_or("bad-day"),
        }
    }

    /// An answer as the person reads it.
    pub(crate) fn shown(&self, field: &Field, value: &str, look: &ViewContext<'_>) -> String {
        let label = |value: &str| {
            self.choices(field, look)
                .into_iter()
                .find(|(known, _)| known == value)
                .map_or_else(|| value.to_owned(), |(_, label)| label)
        };
        match field.ask {
            Ask::Text | Ask::Id | Ask::Suggest(_) | Ask::Offered => value.to_owned(),
            Ask::Codes if value.is_empty() => look.say("codes-unsure"),
            Ask::Codes => look.codes(&parts(value).map(str::to_owned).collect::<Vec<_>>()),
            Ask::Money => look.with(
                "yuan",
                &[("yuan", when::yuan(value.parse().unwrap_or_default()).into())],
            ),
            Ask::Span(_) => value
                .parse()
                .map_or_else(|_| value.to_owned(), |span| look.when.span(span)),
            Ask::Promise => value
                .parse()
                .map_or_else(|_| value.to_owned(), |at| look.when.moment(at)),
            Ask::Departments => parts(value)
                .map(label)
                .collect::<Vec<_>>()
                .join(&look.say("between")),
            // What was fetched for an earlier question is gone by now; its name was kept beside the value.
            Ask::Area | Ask::Person(_) | Ask::People(_) | Ask::Department => self
                .values
                .get(&format!("{}-name", field.key))
                .cloned()
                .unwrap_or_else(|| value.to_owned()),
            Ask::Choice(_) | Ask::Day | Ask::YesNo => label(value),
        }
    }
}

/// The value of the choice that was typed, by its value or its label.
fn chosen(text: &str, choices: &[(String, String)]) -> Option<String> {
    choices
        .iter()
        .find(|(value, label)| value.eq_ignore_ascii_case(text) || label == text)
        .map(|(value, _)| value.clone())
}

/// Several answers in one line.
fn separated(text: &str) -> impl Iterator<Item = &str> {
    text.split(SEPARATORS)
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// Several values in one line, also with blanks between them; what is not among the choices stays as it is.
fn listed(text: &str, choices: &[(String, String)]) -> Vec<String> {
    separated(text)
        .flat_map(str::split_whitespace)
        .map(|part| chosen(part, choices).unwrap_or_else(|| part.to_owned()))
        .collect()
}

/// True if something looks like the code of a department, also of one the catalogue does not know.
fn is_department(code: &str) -> bool {
    code.len() <= 8
        && code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}
