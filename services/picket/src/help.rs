//! The long parts of help: what is made from the program itself, so that it cannot grow old.
//!
//! `picket import --help` shows every kind of table with a row of the example county, `picket do --help`
//! every command with its fields, `picket ask --help` the keys of every JSON answer.
//! It does not know what a command does beyond its words.

use picket_import::FileKind;
use picket_schemas::declared::{Who, phrase, who};
use picket_schemas::form::takes;
use picket_schemas::registry::Role;
use picket_schemas::{Command, Field};
use picket_terminal::wrap;

use crate::example::FILES;

/// As wide as help gets.
const WIDTH: usize = 80;

/// The keys of each answer, as `ask --json` prints them.
const ANSWERS: &[(&str, &str, &str)] = &[
    (
        "inbox",
        "Inbox",
        "person offers tasks reviews unassigned triage leads cases verify steps proposals drafts unreachable",
    ),
    (
        "person, people",
        "PersonView",
        "id name roles department area certificate language posts open_tasks",
    ),
    (
        "task",
        "TaskView",
        "jurisdiction task batch post area state checklist offered holders need rows deadline issued returned_because sealed_until rev",
    ),
    (
        "  its rows",
        "RowView",
        "row name address outcome codes note evidence by lead",
    ),
    (
        "batch",
        "BatchView",
        "jurisdiction batch name campaign count issued accepted submitted approved cancelled unassigned overdue rows rows_filled problems state cancelled_because rev",
    ),
    (
        "board",
        "Board",
        "batches silent late unassigned accepted submitted",
    ),
    (
        "lead",
        "LeadView",
        "jurisdiction lead state subject subject_address area codes urgent source text evidence post department assist owner proposal joint verdict merged_into case action opened deadline rev",
    ),
    (
        "case",
        "CaseView",
        "jurisdiction case lead state subject codes department officers post owner generation orders refund_fen penalties timeline rev",
    ),
    (
        "order",
        "OrderView",
        "jurisdiction order number year case state subject department post owner focus requirement content ground span served reported cleared fix_note parked deadline rev",
    ),
    ("timeline", "TimelineItem", "at journal n kind by text with"),
    (
        "overdue",
        "OverdueItem",
        "jurisdiction clock kind on what duty due level promise",
    ),
    (
        "institution",
        "InstitutionView",
        "jurisdiction code name kind training licence address area owner risk list visits leads cases timeline",
    ),
    (
        "figures",
        "FiguresView",
        "jurisdiction from as_of figures areas names positions",
    ),
    (
        "schedules",
        "ScheduleView",
        "code cron words does paused next last",
    ),
    (
        "notices",
        "NoticeView",
        "notice kind about queued state reason channel",
    ),
    ("deliveries", "DeliveriesView", "states unreachable"),
    (
        "  unreachable",
        "UnreachableView",
        "person channel since reason",
    ),
    ("readings", "ReadingItem", "at person what"),
    (
        "a deadline",
        "Deadline",
        "clock kind due provisional paused overdue stopped",
    ),
    (
        "steps, proposals",
        "StepView",
        "jurisdiction step level kind on what due taken why because to duty promise proposed signed open",
    ),
];

/// A name with what belongs to it; what is too long goes on below.
fn entry(name: &str, text: &str, indent: usize) -> String {
    let lines = wrap(text, WIDTH.saturating_sub(indent));
    let first = format!("{name:<indent$}");
    lines
        .iter()
        .enumerate()
        .map(|(n, line)| {
            if n == 0 {
                format!("{first}{line}\n")
            } else {
                format!("{}{}\n", " ".repeat(indent), line.trim_start())
            }
        })
        .collect()
}

/// A line of a table, broken behind its commas.
fn cells(line: &str) -> String {
    let mut lines = vec![String::from("   ")];
    for cell in line.split_inclusive(',') {
        let last = lines.last().map_or(0, |last| picket_terminal::width(last));
        if last + picket_terminal::width(cell) > WIDTH - 1 {
            lines.push("     ".to_owned());
        }
        if let Some(last) = lines.last_mut() {
            last.push_str(cell);
        }
    }
    lines.join("\n") + "\n"
}

/// Every kind of table with its columns and a row.
pub fn tables() -> String {
    let mut text =
        String::from("Tables, each with its header row and a row of the example county:\n");
    for kind in FileKind::ALL {
        let row = FILES
            .iter()
            .find(|(name, _)| *name == format!("{kind}.csv"))
            .and_then(|(_, file)| file.lines().nth(2));
        text.push_str(&format!(
            "  {kind}\n{}{}",
            cells(&kind.columns().join(",")),
            cells(row.unwrap_or_default())
        ));
    }
    text.push_str("A list within a cell has ; between its parts; in routes * matches anything.");
    text
}

/// Every command with what it does and its fields.
pub fn commands() -> String {
    let mut text =
        String::from("Commands, with their fields; those in brackets may be left out:\n");
    let mut last = "";
    for (verb, form) in Command::forms() {
        let service = verb.split('.').next().unwrap_or_default();
        if service != last {
            text.push_str(&format!("{service}\n"));
            last = service;
        }
        text.push_str(&format!("  {verb}: {}\n", phrase(verb)));
        text.push_str(&entry("", &takes(form), 6));
    }
    text.trim_end().to_owned()
}

/// All that is known of one command: what it does, who may wish it, its fields.
pub fn command(verb: &str, form: &[Field]) -> String {
    let mut text = entry(verb, &format!(": {}", phrase(verb)), verb.len());
    text.push_str(&entry("Who", &may(verb), 6));
    if form.is_empty() {
        text.push_str("It has no fields.\n");
    } else {
        text.push_str("Fields, those in brackets may be left out:\n");
    }
    for field in form {
        let name = match field.is_optional() {
            true => format!("[{}]", field.name),
            false => field.name.to_owned(),
        };
        text.push_str(&format!("  {name}: {}\n", field.kind));
        let choices = picket_schemas::schema::choices(verb, field);
        if !choices.is_empty() {
            text.push_str(&entry("", &format!("one of {}", choices.join(", ")), 6));
        }
        if !field.doc.is_empty() {
            text.push_str(&entry("", field.doc, 6));
        }
    }
    text.push_str("`picket do --schema` with its name prints it as JSON Schema.");
    text
}

/// The policy of a command in words.
fn may(verb: &str) -> String {
    let named = |roles: &[Role]| {
        let names = roles.iter().filter_map(|role| {
            let name = serde_json::to_value(role).ok()?;
            Some(name.as_str()?.to_owned())
        });
        names.collect::<Vec<_>>().join(", ")
    };
    match who(verb) {
        None | Some(Who::System) => "nobody but Picket's own parts".to_owned(),
        Some(Who::Anybody) => "anybody on the roster whose it is".to_owned(),
        Some(Who::Roles(roles)) => format!("{}, within their area", named(roles)),
        Some(Who::Handling(roles)) => format!(
            "{}, within their area and of a department that handles it",
            named(roles)
        ),
    }
}

/// The keys of every JSON answer.
pub fn answers() -> String {
    let mut text = String::from(
        "JSON (--json): {\"after\": {BOOK: commit read}, \"view\": {\"view\": KIND, \"of\": …}}.\nKIND is the question, or unknown (exit 1) or stale (ask again). Keys of each:\n",
    );
    for (name, _, keys) in ANSWERS {
        text.push_str(&entry(&format!("  {name}"), keys, 20));
    }
    text.push_str("Instants are RFC 3339, in UTC; whatever has a name is {\"code\", \"name\"}.");
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The fields of a struct as its source has them.
    fn fields<'a>(source: &'a str, name: &str) -> BTreeSet<&'a str> {
        let (_, body) = source
            .split_once(&format!("pub struct {name} {{"))
            .unwrap_or_else(|| panic!("`{name}` is no answer any more"));
        let (body, _) = body.split_once("\n}").expect("a struct ends");
        body.lines()
            .filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(':'))
            .map(|(field, _)| field)
            .collect()
    }

    #[test]
    fn help_names_every_key_of_every_answer() {
        let read = |file: &str| {
            std::fs::read_to_string(format!(
                "{}/../../schemas/src/{file}",
                env!("CARGO_MANIFEST_DIR")
            ))
            .expect("the answers")
        };
        let source = [
            "ask.rs",
            "ask/groups.rs",
            "ask/records.rs",
            "ask/rectification.rs",
            "ask/sheets.rs",
        ]
        .map(read)
        .concat();
        for (name, of, keys) in ANSWERS {
            assert_eq!(
                keys.split(' ').collect::<BTreeSet<_>>(),
                fields(&source, of),
                "{name}"
            );
        }
    }

    #[test]
    fn every_table_is_shown_with_a_row_that_fits_its_header() {
        let text = tables();
        for kind in FileKind::ALL {
            assert!(
                text.contains(&format!("\n  {kind}\n   {}", kind.columns()[0])),
                "{kind}"
            );
        }
        assert!(
            text.contains("P-02") && text.contains("wednesday-reminder"),
            "{text}"
        );
    }

    #[test]
    fn every_command_is_listed_with_its_words_and_fields() {
        let text = commands();
        assert!(
            text.contains("  dispatch.accept_task: accept the task\n      task\n"),
            "{text}"
        );
        assert!(Command::verbs().iter().all(|(verb, _)| text.contains(verb)));
    }

    #[test]
    fn a_command_says_who_may_wish_it_and_what_each_field_takes() {
        let of = |verb: &str| {
            let forms = Command::forms();
            let (verb, form) = forms.iter().find(|(known, _)| *known == verb)?;
            Some(command(verb, form))
        };
        let text = of("dispatch.cancel_batch").expect("a command");
        for said in [
            "cancel the batch",
            "coordinator, within their area",
            "  reason: String",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        let text = of("dispatch.fill_row").expect("a command");
        assert!(
            text.contains("one of ok, problem,") && text.contains("  [note]: "),
            "{text}"
        );
    }

    #[test]
    fn help_fits_a_narrow_terminal() {
        let each = Command::forms()
            .into_iter()
            .map(|(verb, form)| command(verb, form));
        for text in [tables(), commands(), answers()].into_iter().chain(each) {
            for line in text.lines() {
                assert!(picket_terminal::width(line) <= WIDTH, "{line}");
            }
        }
    }
}
