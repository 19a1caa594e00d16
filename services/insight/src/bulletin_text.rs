//! Bulletin text: a frozen bulletin as it is read, for chat and for print.
//!
//! Heading with its as-of day, totals with their counting units, a table by area, one by department,
//! what is overdue, and what the figures rest on. Rounding and wording are for the totals only: tables are
//! exact, and a worded number that is not true of what was counted is followed by what was.
//! It reads one view and nothing else; every phrase stands in `words`.

mod rounding;
mod words;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use picket_schemas::ask::BulletinView;
use picket_schemas::bulletin::Rounding;
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
}

/// Every total as a bulletin prints it, by key: rounded, or as worded, with its counting unit.
pub fn printed_figures(view: &BulletinView, language: Language) -> BTreeMap<String, String> {
    let words = words::of(language);
    let clauses = words
        .sentences
        .iter()
        .copied()
        .flatten()
        .filter(|clause| is_said(clause, view));
    clauses
        .map(|clause| (clause.figure.to_owned(), printed(clause, view, words)))
        .collect()
}

/// The text of a bulletin.
pub fn bulletin_text(
    view: &BulletinView,
    language: Language,
    zone: &TimeZone,
    options: &TextOptions,
) -> String {
    let words = words::of(language);
    let mut text = Vec::new();
    text.push(
        options
            .title
            .clone()
            .unwrap_or_else(|| (words.heading)(&view.jurisdiction_name, &view.name)),
    );
    text.push((words.as_of)(last_day(view.as_of, zone)));
    if !view.approved {
        text.push(words.draft.to_owned());
    }
    if let Some(corrected) = &view.corrects {
        text.push((words.corrects)(corrected));
    }
    text.push(String::new());
    for sentence in words.sentences {
        text.extend(say(sentence, view, words));
    }
    text.extend(
        words
            .sentences
            .iter()
            .copied()
            .flatten()
            .filter_map(|clause| differing(clause, view, words)),
    );
    let mut sections = 0;
    by_area(view, words, &mut sections, &mut text);
    by_department(view, words, &mut sections, &mut text);
    overdue(view, words, &mut sections, &mut text);
    text.push(String::new());
    text.push((words.rests_on)(
        first_day(view.from, zone),
        last_day(view.as_of, zone),
        &view.code_version,
    ));
    text.join("\n")
}

fn first_day(from: Timestamp, zone: &TimeZone) -> Date {
    from.to_zoned(zone.clone()).date()
}

/// The day an instant ends: midnight ends the day before.
fn last_day(at: Timestamp, zone: &TimeZone) -> Date {
    let local = at.to_zoned(zone.clone()).datetime();
    if local.time() == jiff::civil::Time::midnight() {
        local.date().checked_sub(1.day()).unwrap_or(local.date())
    } else {
        local.date()
    }
}

/// One sentence of totals; a clause whose figure is nothing is left out, unless it must stand.
fn say(clauses: &[Clause], view: &BulletinView, words: &Words) -> Option<String> {
    let said: Vec<String> = clauses
        .iter()
        .filter(|clause| is_said(clause, view))
        .map(|clause| clause.text.replace("{}", &printed(clause, view, words)))
        .collect();
    if said.is_empty() {
        None
    } else {
        Some(format!(
            "{}{}{}",
            words.begin,
            said.join(words.comma),
            words.stop
        ))
    }
}

fn is_said(clause: &Clause, view: &BulletinView) -> bool {
    clause.always
        || view.figures.get(clause.figure) != 0
        || view.overrides.contains_key(clause.figure)
}

fn is_money(clause: &Clause) -> bool {
    clause.figure == "refund_fen"
}

fn printed(clause: &Clause, view: &BulletinView, words: &Words) -> String {
    match view.overrides.get(clause.figure) {
        Some(own) => rounding::worded(own, clause.unit, is_money(clause), words),
        None => counted(clause, view, view.rounding, words),
    }
}

fn counted(clause: &Clause, view: &BulletinView, rounding: Rounding, words: &Words) -> String {
    let value = view.figures.get(clause.figure);
    if is_money(clause) {
        rounding::money(value, rounding, words)
    } else {
        format!(
            "{}{}",
            rounding::number(value, rounding, words),
            clause.unit
        )
    }
}

/// What was counted, where a worded number is not true of it.
fn differing(clause: &Clause, view: &BulletinView, words: &Words) -> Option<String> {
    let own = view
        .overrides
        .get(clause.figure)
        .filter(|own| !own.holds_for(view.figures.get(clause.figure)))?;
    let said = |number: &str| clause.text.replace("{}", number);
    Some((words.differs)(
        &said(&rounding::worded(own, clause.unit, is_money(clause), words)),
        &counted(clause, view, Rounding::Exact, words),
    ))
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
    text.push(row(&std::iter::once(words.area.to_owned())
        .chain(words.columns.iter().map(|(_, head)| (*head).to_owned()))
        .collect::<Vec<_>>()));
    let line = |name: &str, figures: &Figures| {
        row(&std::iter::once(name.to_owned())
            .chain(
                words
                    .columns
                    .iter()
                    .map(|(key, _)| figures.get(key).to_string()),
            )
            .collect::<Vec<_>>())
    };
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
        for (code, figures) in view
            .areas
            .iter()
            .filter(|(_, figures)| figures.get("overdue") > 0)
        {
            text.push((words.overdue_in)(
                named(view, code),
                figures.get("overdue"),
            ));
        }
    }
}
