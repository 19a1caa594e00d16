//! The rules of a jurisdiction: routing table, working calendar, schedules.
//!
//! Their rows name no place and go to the jurisdiction the import is for. A calendar is published year by
//! year, so its rows come together in one command a year.
//! It does not know whether a rule is wise, only that it can be followed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use picket_book::fields::{self, YEARS};
use picket_calendar::Recurrence;
use picket_schemas::plain::plain;
use picket_schemas::registry::{Command, Training};
use picket_schemas::schedule::{self, CatchUp, Days, Does, Fold, Gap, Overlap};
use picket_schemas::{DepartmentCode, ScheduleCode};

use crate::cells::Cells;
use crate::file_check::{FileCheck, RowCommand};
use crate::table::FileTable;

const TRAINING: [&str; 6] = ["subject", "arts", "sports", "science", "custody", "other"];

/// A year of the calendar as its rows bring it.
#[derive(Default)]
struct CalendarYear {
    off: BTreeSet<Date>,
    work: BTreeSet<Date>,
    /// Number and line of its first row.
    first: Option<(usize, u64)>,
}

impl FileCheck<'_> {
    pub(crate) fn route(&mut self, cells: &mut Cells<'_>) -> RowCommand {
        let home = self.default_in.clone();
        let order = cells.count("order");
        let violation = match cells.text("violation") {
            "" | "*" => "*",
            text => {
                if fields::violation("violation", text).is_err() {
                    cells.fault("violation", "this is not a violation code", "A violation code has at most 8 capital letters and digits, such as H1; `*` matches any.");
                }
                text
            }
        };
        let training = match cells.text("training") {
            "" | "*" => "*",
            text => {
                let known: Option<Training> = cells.word("training", &TRAINING);
                known.map_or("", |_| text)
            }
        };
        let lead = match cells.required("lead") {
            None => None,
            Some(text) => self.department_of(cells, "lead", text, &home),
        };
        let assist: Vec<DepartmentCode> = cells
            .list("assist")
            .filter_map(|text| self.department_of(cells, "assist", text, &home))
            .collect();
        if lead.as_ref().is_some_and(|lead| assist.contains(lead)) {
            cells.fault(
                "assist",
                "the leading department stands here too",
                "Name only those that assist.",
            );
        }
        let joint = cells.flag("joint");
        let order = order?;
        self.first(cells, "order", order.to_string());
        Some((
            home,
            Command::SetRoute {
                order,
                violation: violation.to_owned(),
                training: training.to_owned(),
                lead: lead?,
                assist,
                joint,
            }
            .into(),
        ))
    }

    pub(crate) fn schedule(&mut self, cells: &mut Cells<'_>) -> RowCommand {
        let code = cells.code("code").map(ScheduleCode::from);
        let cron = cells
            .required("cron")
            .and_then(|text| match Recurrence::parse(text) {
                Ok(_) => Some(text.to_owned()),
                Err(bad) => {
                    cells.fault("cron", bad.to_string(), bad.hint());
                    None
                }
            });
        let zone = match cells.text("zone") {
            "" => None,
            text => {
                if TimeZone::get(text).is_err() {
                    cells.fault("zone", format!("there is no time zone `{}`", crate::spelling::short(text)), "Use a name such as Asia/Shanghai; an empty cell is the jurisdiction's own.");
                }
                Some(text.to_owned())
            }
        };
        let days: Option<Days> = cells.word("days", &["any", "working", "non_working"]);
        let overlap: Option<Overlap> =
            cells.word("overlap", &["skip", "buffer_one", "buffer_all", "allow"]);
        let catch_up: Option<CatchUp> = cells.word("catch_up", &["all", "latest", "none"]);
        let does = cells.required("does").and_then(|text| match serde_json::from_str::<Does>(text) {
            Ok(does) => Some(does),
            Err(bad) => {
                let hint = r#"It is JSON in one cell, in quotes with every quote within written twice, such as "{""remind"":{""of"":""not_accepted""}}"; there are issue_batch, remind, digest and freeze."#;
                cells.fault("does", format!("this cannot be read: {}", plain(&bad)), hint);
                None
            }
        });
        let code = code?;
        self.first(cells, "code", code.to_string());
        let define = schedule::Command::Define {
            code,
            cron: cron?,
            zone,
            days: days.unwrap_or_default(),
            overlap: overlap.unwrap_or_default(),
            catch_up: catch_up.unwrap_or_default(),
            gap: Gap::default(),
            fold: Fold::default(),
            jitter: 0,
            does: does?,
        };
        Some((self.default_in.clone(), define.into()))
    }

    pub(crate) fn calendar(&mut self, table: &FileTable) {
        let mut years: BTreeMap<i16, CalendarYear> = BTreeMap::new();
        for record in &table.records {
            let mut cells = Cells::new(table, record);
            let date = cells.date("date");
            let kind: Option<String> = cells.needed_word("kind", &["off", "work"]);
            if let Some(date) = date {
                if !YEARS.contains(&date.year()) {
                    cells.fault(
                        "date",
                        format!(
                            "{} is not a year of {} to {}",
                            date.year(),
                            YEARS.start(),
                            YEARS.end()
                        ),
                        "Correct the year.",
                    );
                }
                self.first(&mut cells, "date", date.to_string());
            }
            if let (Some(date), Some(kind), true) = (date, kind, cells.is_well_formed()) {
                let year = years.entry(date.year()).or_default();
                year.first.get_or_insert((cells.number(), cells.line()));
                if kind == "work" {
                    year.work.insert(date)
                } else {
                    year.off.insert(date)
                };
            }
            self.keep(cells, None);
        }
        for (year, CalendarYear { off, work, first }) in years {
            let Some((number, line)) = first else {
                continue;
            };
            self.push(
                self.default_in.clone(),
                Command::PublishCalendar { year, off, work }.into(),
                number,
                line,
            );
        }
    }
}
