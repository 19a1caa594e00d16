//! Bulletin text: a frozen bulletin as it is read, for chat and for print.
//!
//! Heading with its as-of day, totals with their counting units, a table by area, one by department,
//! what is overdue, and what the figures rest on. Rounding and wording are for the totals only: tables are
//! exact, and a worded number that is not true of what was counted is followed by what was.
//! It reads one view and nothing else; every phrase stands in `bulletin.ftl` of the phrases.

mod clauses;
mod rounding;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use picket_phrases::{FluentValue, Language, Texts};
use picket_schemas::Printed;
use picket_schemas::ask::BulletinView;
use picket_schemas::bulletin::Rounding;
use picket_schemas::figures::Figures;

use clauses::{COLUMNS, Clause, SENTENCES};

/// The options of a bulletin's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextOptions {
    /// In place of the heading.
    pub title: Option<String>,
}

/// Every total as a bulletin prints it, by key: rounded, or as worded, with its counting unit.
pub fn printed_figures(view: &BulletinView, language: Language) -> BTreeMap<String, String> {
    let text = Text {
        view,
        words: Texts::of(language),
    };
    text.clauses()
        .filter(|clause| text.is_said(clause))
        .map(|clause| (clause.figure.to_owned(), text.printed(clause)))
        .collect()
}

/// The text of a bulletin.
pub fn bulletin_text(
    view: &BulletinView,
    language: Language,
    zone: &TimeZone,
    options: &TextOptions,
) -> String {
    let text = Text {
        view,
        words: Texts::of(language),
    };
    let mut lines = text.head(zone, options);
    lines.push(String::new());
    lines.extend(
        SENTENCES
            .iter()
            .filter_map(|clauses| text.sentence(clauses)),
    );
    lines.extend(text.clauses().filter_map(|clause| text.differing(clause)));
    let sections = [text.by_area(), text.by_department(), text.overdue()];
    for (n, section) in sections.into_iter().flatten().enumerate() {
        lines.push(String::new());
        let number = text.with("print-section", &[("n", (n + 1).into())]);
        let (title, rows) = section;
        lines.push(format!("{number}{title}"));
        lines.extend(rows);
    }
    lines.push(String::new());
    lines.push(text.with(
        "print-rests-on",
        &[
            ("from", text.day(first_day(view.from, zone)).into()),
            ("to", text.day(last_day(view.as_of, zone)).into()),
            ("version", view.code_version.clone().into()),
        ],
    ));
    lines.join("\n")
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

fn is_money(clause: &Clause) -> bool {
    clause.figure == "refund_fen"
}

fn row(cells: &[String]) -> String {
    cells.join(" | ")
}

/// A heading with what stands below it.
type Section = (String, Vec<String>);

/// A bulletin in a language.
struct Text<'a> {
    view: &'a BulletinView,
    words: &'static Texts,
}

impl Text<'_> {
    fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    fn with(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        self.words.with(key, values)
    }

    fn day(&self, day: Date) -> String {
        self.with(
            "print-day",
            &[
                ("year", day.year().into()),
                ("month", day.month().into()),
                ("of_month", day.day().into()),
                ("iso", day.to_string().into()),
            ],
        )
    }

    /// The head above the figures.
    fn head(&self, zone: &TimeZone, options: &TextOptions) -> Vec<String> {
        let view = self.view;
        let heading = || {
            self.with(
                "print-heading",
                &[
                    ("place", view.jurisdiction_name.clone().into()),
                    ("name", view.name.clone().into()),
                ],
            )
        };
        let mut lines = vec![options.title.clone().unwrap_or_else(heading)];
        let day = self.day(last_day(view.as_of, zone));
        lines.push(self.with("print-as-of", &[("day", day.into())]));
        if !view.approved {
            lines.push(self.say("print-draft"));
        }
        if let Some(corrected) = &view.corrects {
            lines.push(self.with("print-corrects", &[("id", corrected.to_string().into())]));
        }
        lines
    }

    fn clauses(&self) -> impl Iterator<Item = &'static Clause> {
        SENTENCES.iter().copied().flatten()
    }

    /// One sentence of totals; a clause whose figure is nothing is left out, unless it must stand.
    fn sentence(&self, clauses: &[Clause]) -> Option<String> {
        let said: Vec<String> = clauses
            .iter()
            .filter(|clause| self.is_said(clause))
            .map(|clause| self.clause(clause, self.printed(clause)))
            .collect();
        let stop = self.say("print-stop");
        (!said.is_empty()).then(|| format!("{}{stop}", said.join(&self.say("print-comma"))))
    }

    /// The clause of a figure with its unit.
    fn clause(&self, clause: &Clause, printed: String) -> String {
        let key = format!("clause-{}", clause.figure);
        self.with(&key, &[("printed", printed.into())])
    }

    fn unit(&self, clause: &Clause) -> String {
        self.say(&format!("unit-{}", clause.figure))
    }

    fn is_said(&self, clause: &Clause) -> bool {
        clause.always
            || self.view.figures.get(clause.figure) != 0
            || self.view.overrides.contains_key(clause.figure)
    }

    fn printed(&self, clause: &Clause) -> String {
        match self.view.overrides.get(clause.figure) {
            Some(own) => self.worded(own, clause),
            None => self.counted(clause, self.view.rounding),
        }
    }

    fn worded(&self, own: &Printed, clause: &Clause) -> String {
        rounding::worded(own, &self.unit(clause), is_money(clause), self.words)
    }

    fn counted(&self, clause: &Clause, rounding: Rounding) -> String {
        let value = self.view.figures.get(clause.figure);
        if is_money(clause) {
            rounding::money(value, rounding, self.words)
        } else {
            let number = rounding::number(value, rounding, self.words);
            format!("{number}{}", self.unit(clause))
        }
    }

    /// The count, where a worded number is not true of it.
    fn differing(&self, clause: &Clause) -> Option<String> {
        let own = self
            .view
            .overrides
            .get(clause.figure)
            .filter(|own| !own.holds_for(self.view.figures.get(clause.figure)))?;
        let printed = self.clause(clause, self.worded(own, clause));
        let counted = self.counted(clause, Rounding::Exact);
        Some(self.with(
            "print-differs",
            &[("printed", printed.into()), ("counted", counted.into())],
        ))
    }

    fn named<'n>(&'n self, code: &'n str) -> &'n str {
        self.view.names.get(code).map_or(code, String::as_str)
    }

    fn by_area(&self) -> Option<Section> {
        if self.view.areas.len() < 2 {
            return None;
        }
        let line = |name: String, cell: &dyn Fn(&str) -> String| {
            let cells = COLUMNS.iter().map(|key| cell(key));
            row(&std::iter::once(name).chain(cells).collect::<Vec<_>>())
        };
        let counts =
            |name: String, figures: &Figures| line(name, &|key| figures.get(key).to_string());
        let mut rows = vec![line(self.say("print-area"), &|key| {
            self.say(&format!("column-{key}"))
        })];
        for (code, figures) in &self.view.areas {
            rows.push(counts(self.named(code).to_owned(), figures));
        }
        rows.push(counts(self.say("print-total"), &self.view.figures));
        Some((self.say("print-by-area"), rows))
    }

    fn by_department(&self) -> Option<Section> {
        let departments = &self.view.figures.leads_by_department;
        if departments.is_empty() {
            return None;
        }
        let mut rows = vec![row(&[
            self.say("print-department"),
            self.say("print-leads"),
        ])];
        for (code, leads) in departments {
            rows.push(row(&[self.named(code).to_owned(), leads.to_string()]));
        }
        rows.push(self.say("print-counted-once"));
        Some((self.say("print-by-department"), rows))
    }

    fn overdue(&self) -> Option<Section> {
        let total = self.view.figures.get("overdue");
        if total == 0 {
            return None;
        }
        let late = self
            .view
            .areas
            .iter()
            .map(|(code, figures)| (code, figures.get("overdue")))
            .filter(|(_, late)| *late > 0 && self.view.areas.len() > 1);
        let rows = late.map(|(code, late)| {
            self.with(
                "print-overdue-in",
                &[
                    ("place", self.named(code).to_owned().into()),
                    ("n", late.into()),
                ],
            )
        });
        Some((
            self.with("print-overdue", &[("n", total.into())]),
            rows.collect(),
        ))
    }
}
