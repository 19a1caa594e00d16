//! A frozen bulletin as text, for chat and for print.
//!
//! Heading with its as-of day, totals with their counting units, a table by area, one by department,
//! what is overdue, and what the figures rest on. Rounding is for the totals only: tables are exact.
//! It reads one view and nothing else; every phrase stands in `words`.

mod rounding;
mod words;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use picket_schemas::ask::BulletinView;
use picket_schemas::figures::Figures;

use words::{Clause, Words};

/// The language of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// What whoever prints a bulletin may say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextOptions {
    /// In place of the heading.
    pub title: Option<String>,
    /// In place of a printed figure, by its key. A text without the counting unit gets it.
    pub overrides: BTreeMap<String, String>,
}

/// The text of a bulletin.
pub fn bulletin_text(view: &BulletinView, language: Language, zone: &TimeZone, options: &TextOptions) -> String {
    let words = words::of(language);
    let mut text = Vec::new();
    text.push(options.title.clone().unwrap_or_else(|| (words.heading)(&view.jurisdiction_name, &view.name)));
    text.push((words.as_of)(last_day(view.as_of, zone)));
    if !view.approved {
        text.push(words.draft.to_owned());
    }
    if let Some(corrected) = &view.corrects {
        text.push((words.corrects)(corrected));
    }
    text.push(String::new());
    for sentence in words.sentences {
        text.extend(say(sentence, view, words, options));
    }
    let mut sections = 0;
    by_area(view, words, &mut sections, &mut text);
    by_department(view, words, &mut sections, &mut text);
    overdue(view, words, &mut sections, &mut text);
    text.push(String::new());
    text.push((words.rests_on)(first_day(view.from, zone), last_day(view.as_of, zone), &view.code_version));
    text.join("\n")
}

fn first_day(from: Timestamp, zone: &TimeZone) -> Date {
    from.to_zoned(zone.clone()).date()
}

/// The day an instant ends: midnight ends the day before.
fn last_day(at: Timestamp, zone: &TimeZone) -> Date {
    let local = at.to_zoned(zone.clone()).datetime();
    if local.time() == jiff::civil::Time::midnight() { local.date().checked_sub(1.day()).unwrap_or(local.date()) } else { local.date() }
}

/// One sentence of totals; a clause whose figure is nothing is left out, unless it must stand.
fn say(clauses: &[Clause], view: &BulletinView, words: &Words, options: &TextOptions) -> Option<String> {
    let said: Vec<String> = clauses
        .iter()
        .filter(|clause| clause.always || view.figures.get(clause.figure) != 0 || options.overrides.contains_key(clause.figure))
        .map(|clause| clause.text.replace("{}", &printed(clause, view, words, options)))
        .collect();
    if said.is_empty() { None } else { Some(format!("{}{}{}", words.begin, said.join(words.comma), words.stop)) }
}

fn printed(clause: &Clause, view: &BulletinView, words: &Words, options: &TextOptions) -> String {
    if let Some(own) = options.overrides.get(clause.figure) {
        let unit = clause.unit.trim();
        return if own.trim_end().ends_with(unit) { own.clone() } else { format!("{own}{}", clause.unit) };
    }
    let value = view.figures.get(clause.figure);
    if clause.figure == "refund_fen" { rounding::money(value, view.rounding, words) } else { format!("{}{}", rounding::number(value, view.rounding, words), clause.unit) }
}

fn row(cells: &[String]) -> String {
    cells.join(" | ")
}

fn named<'a>(view: &'a BulletinView, code: &'a str) -> &'a str {
    view.names.get(code).map_or(code, String::as_str)
}

/// A heading with the next number.
fn heading(words: &Words, sections: &mut usize, title: &str) -> String {
    *sections += 1;
    format!("{}{title}", (words.section)(*sections))
}

fn by_area(view: &BulletinView, words: &Words, sections: &mut usize, text: &mut Vec<String>) {
    if view.areas.len() < 2 {
        return;
    }
    text.push(String::new());
    text.push(heading(words, sections, words.by_area));
    text.push(row(&std::iter::once(words.area.to_owned()).chain(words.columns.iter().map(|(_, head)| (*head).to_owned())).collect::<Vec<_>>()));
    let line = |name: &str, figures: &Figures| row(&std::iter::once(name.to_owned()).chain(words.columns.iter().map(|(key, _)| figures.get(key).to_string())).collect::<Vec<_>>());
    for (code, figures) in &view.areas {
        text.push(line(named(view, code), figures));
    }
    text.push(line(words.total, &view.figures));
}

fn by_department(view: &BulletinView, words: &Words, sections: &mut usize, text: &mut Vec<String>) {
    if view.figures.leads_by_department.is_empty() {
        return;
    }
    text.push(String::new());
    text.push(heading(words, sections, words.by_department));
    text.push(row(&[words.department.to_owned(), words.leads.to_owned()]));
    for (code, leads) in &view.figures.leads_by_department {
        text.push(row(&[named(view, code).to_owned(), leads.to_string()]));
    }
    text.push(words.counted_once.to_owned());
}

fn overdue(view: &BulletinView, words: &Words, sections: &mut usize, text: &mut Vec<String>) {
    let total = view.figures.get("overdue");
    if total == 0 {
        return;
    }
    text.push(String::new());
    text.push(heading(words, sections, &(words.overdue)(total)));
    if view.areas.len() > 1 {
        for (code, figures) in view.areas.iter().filter(|(_, figures)| figures.get("overdue") > 0) {
            text.push((words.overdue_in)(named(view, code), figures.get("overdue")));
        }
    }
}
