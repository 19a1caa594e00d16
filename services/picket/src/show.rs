//! Answers as text: tables that fit the terminal, times in the zone people live in.

use std::io::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_schemas::ask::{
    BatchView, Board, CaseView, Deadline, DeliveriesView, FiguresView, Inbox, InstitutionView,
    LeadView, Named, NoticeView, OrderView, OverdueItem, PersonView, ScheduleView, StepView,
    TaskView, TimelineItem, UnreachableView, View,
};
use picket_schemas::figures::FIGURES;
use picket_terminal::Column;

/// How wide the terminal is; 80 where nobody says.
pub fn width() -> usize {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    columns.unwrap_or(80_usize).clamp(60, 160)
}

/// Prints to whoever reads. Who stops reading early has read enough, as `head` does.
pub fn out(text: &str) {
    let mut out = std::io::stdout().lock();
    if let Err(why) = out.write_all(text.as_bytes()).and_then(|()| out.flush())
        && why.kind() != std::io::ErrorKind::BrokenPipe
    {
        eprintln!("picket: the answer could not be printed: {why}");
    }
}

/// An answer as text, no line wider than the terminal.
pub fn view(view: &View, zone: &TimeZone) -> String {
    fit(&answer(view, zone), width())
}

/// Lines that are too wide go on below what their label says.
fn fit(text: &str, width: usize) -> String {
    let mut fitting = String::with_capacity(text.len());
    for line in text.lines() {
        if picket_terminal::width(line) <= width {
            fitting.push_str(line);
            fitting.push('\n');
            continue;
        }
        let label = line.find("  ").filter(|at| *at > 0).map_or(0, |at| {
            at + line[at..].len() - line[at..].trim_start().len()
        });
        let label = if label <= 16 { label } else { 0 };
        fitting.push_str(&labelled(&line[..label], &line[label..], width));
    }
    fitting
}

fn answer(view: &View, zone: &TimeZone) -> String {
    let at = Zone(zone);
    match view {
        View::Inbox(inbox) => at.inbox(inbox),
        View::Person(person) => people(std::slice::from_ref(person)),
        View::People(all) => people(all),
        View::Task(task) => at.task(task),
        View::Batch(batch) => batches(std::slice::from_ref(batch)),
        View::Board(board) => at.board(board),
        View::Lead(lead) => at.lead(lead),
        View::Case(case) => at.case(case),
        View::Order(order) => at.order(order),
        View::Timeline(items) => at.timeline(items),
        View::Overdue(items) => at.overdue(items),
        View::Institution(institution) => at.institution(institution),
        View::Figures(figures) => at.figures(figures),
        View::Bulletin(Some(bulletin)) => format!(
            "{} {} {}\n",
            bulletin.bulletin,
            bulletin.name,
            at.time(bulletin.as_of)
        ),
        View::Bulletin(None) => "no bulletin yet\n".into(),
        View::Schedules(schedules) => at.schedules(schedules),
        View::Notices(notices) => at.notices(notices),
        View::Deliveries(deliveries) => at.deliveries(deliveries),
        View::Found(ids) => ids.iter().map(|id| format!("{id}\n")).collect(),
        View::Accounts(accounts) => rows(
            &["channel", "account"],
            accounts
                .iter()
                .map(|one| vec![one.channel.clone(), one.account.clone()]),
        ),
        View::Areas(areas) => rows(
            &["code", "area"],
            areas
                .iter()
                .map(|area| vec![area.code.clone(), area.name.clone()]),
        ),
        View::Readings(readings) => rows(
            &["when", "who", "read"],
            readings
                .iter()
                .map(|one| vec![at.time(one.at), named(&one.person), one.what.clone()]),
        ),
        View::Groups(groups) => rows(
            &["group", "account"],
            groups
                .iter()
                .map(|one| vec![one.group.to_string(), one.account.clone()]),
        ),
        View::Group(group) => rows(
            &["sheet", "where", "state", "taken"],
            group.tasks.iter().map(|task| {
                vec![
                    task.task.clone(),
                    named(&task.area),
                    task.state.clone(),
                    format!("{}/{}", task.taken, task.need),
                ]
            }),
        ),
        View::Unknown => "nothing by that name\n".into(),
        View::Stale => "not read that far yet; ask again\n".into(),
    }
}

/// A table: columns that hold only numbers stand at the right.
pub fn table(header: &[&str], rows: &[Vec<String>], width: usize) -> String {
    let number = |cell: &String| {
        !cell.is_empty()
            && cell
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'))
    };
    let columns: Vec<Column> = header
        .iter()
        .enumerate()
        .map(|(n, title)| {
            if !rows.is_empty() && rows.iter().all(|row| row.get(n).is_some_and(number)) {
                Column::right(*title)
            } else {
                Column::left(*title)
            }
        })
        .collect();
    let mut text = picket_terminal::table(&columns, rows, width);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn rows(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        "nothing\n".into()
    } else {
        table(header, &rows, width())
    }
}

/// A label with what it says; long ones go on below, under their own beginning.
fn labelled(label: &str, value: &str, width: usize) -> String {
    let indent = picket_terminal::width(label);
    let lines = picket_terminal::wrap(value, width.saturating_sub(indent));
    lines
        .iter()
        .enumerate()
        .map(|(n, line)| {
            format!(
                "{}{}",
                if n == 0 {
                    label.to_owned()
                } else {
                    " ".repeat(indent)
                },
                line.trim_start()
            )
        })
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

fn section(title: &str, body: &str) -> String {
    format!("{title}\n{body}\n")
}

fn named(named: &Named) -> String {
    if named.name.is_empty() {
        named.code.clone()
    } else {
        format!("{} {}", named.code, named.name)
    }
}

fn maybe(named_: Option<&Named>) -> String {
    named_.map_or_else(|| "–".into(), named)
}

fn all(list: &[Named]) -> String {
    list.iter()
        .map(|one| one.name.clone())
        .collect::<Vec<_>>()
        .join(", ")
}

fn people(people: &[PersonView]) -> String {
    rows(
        &["person", "name", "roles", "department", "area", "open"],
        people.iter().map(|person| {
            vec![
                person.id.clone(),
                person.name.clone(),
                person.roles.join(" "),
                person
                    .department
                    .as_ref()
                    .map_or_else(String::new, |one| one.name.clone()),
                person.area.name.clone(),
                person.open_tasks.to_string(),
            ]
        }),
    )
}

fn batches(batches: &[BatchView]) -> String {
    rows(
        &[
            "batch",
            "name",
            "tasks",
            "taken",
            "handed in",
            "late",
            "nobody",
            "rows",
            "problems",
        ],
        batches.iter().map(|batch| {
            vec![
                batch.batch.clone(),
                batch.name.clone(),
                batch.count.to_string(),
                batch.accepted.to_string(),
                batch.submitted.to_string(),
                batch.overdue.to_string(),
                batch.unassigned.to_string(),
                format!("{}/{}", batch.rows_filled, batch.rows),
                batch.problems.to_string(),
            ]
        }),
    )
}

struct Zone<'a>(&'a TimeZone);

impl Zone<'_> {
    fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.0.clone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    }

    fn figures(&self, view: &FiguresView) -> String {
        let name = |code: &String| {
            view.names
                .get(code)
                .cloned()
                .unwrap_or_else(|| code.clone())
        };
        // A county is its own only area; it stands there already.
        let mut columns: Vec<&String> = view
            .areas
            .keys()
            .filter(|code| **code != view.jurisdiction)
            .collect();
        let fits = columns.len() <= 4;
        columns.truncate(if fits { 4 } else { 0 });
        let mut header = vec![
            "figure".to_owned(),
            "unit".to_owned(),
            view.jurisdiction.clone(),
        ];
        header.extend(columns.iter().map(|code| name(code)));
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let mut text = format!(
            "{} from {} to {}\n",
            name(&view.jurisdiction),
            self.time(view.from),
            self.time(view.as_of)
        );
        if view.figures.counts.values().all(|count| *count == 0) {
            text.push_str(
                "nothing happened in this window; name another: from=2026-01-01 as_of=2026-03-31\n",
            );
        }
        text.push_str(&rows(
            &header,
            FIGURES.iter().map(|(key, unit)| {
                let mut row = vec![
                    (*key).to_owned(),
                    (*unit).to_owned(),
                    view.figures.get(key).to_string(),
                ];
                row.extend(
                    columns
                        .iter()
                        .filter_map(|code| view.areas.get(*code))
                        .map(|area| area.get(key).to_string()),
                );
                row
            }),
        ));
        if !view.figures.leads_by_department.is_empty() {
            text.push('\n');
            text.push_str(&rows(
                &["leads by department", "条"],
                view.figures
                    .leads_by_department
                    .iter()
                    .map(|(code, count)| vec![name(code), count.to_string()]),
            ));
        }
        text
    }

    /// The end of a day is written as 24:00 of that day, as orders print it.
    fn end(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.0.clone());
        if local.time() != jiff::civil::Time::midnight() {
            return self.time(at);
        }
        local.yesterday().map_or_else(
            |_| self.time(at),
            |day| day.strftime("%Y-%m-%d 24:00").to_string(),
        )
    }

    fn due(&self, deadline: Option<&Deadline>) -> String {
        let Some(deadline) = deadline else {
            return "–".into();
        };
        let mut text = self.end(deadline.due);
        for (flag, word) in [
            (deadline.provisional, "provisional"),
            (deadline.paused, "paused"),
            (deadline.overdue, "OVERDUE"),
        ] {
            if flag {
                text.push(' ');
                text.push_str(word);
            }
        }
        text
    }

    fn tasks(&self, tasks: &[TaskView]) -> String {
        rows(
            &["task", "place", "state", "rows", "with", "due"],
            tasks.iter().map(|task| {
                let filled = task.rows.iter().filter(|row| row.outcome.is_some()).count();
                let with = if task.holders.is_empty() {
                    all(&task.offered)
                } else {
                    all(&task.holders)
                };
                let place = task
                    .post
                    .as_ref()
                    .map_or_else(|| task.area.name.clone(), |post| post.name.clone());
                vec![
                    task.task.clone(),
                    place,
                    task.state.clone(),
                    format!("{filled}/{}", task.rows.len()),
                    with,
                    self.due(task.deadline.as_ref()),
                ]
            }),
        )
    }

    fn task(&self, task: &TaskView) -> String {
        let mut text = format!(
            "{} {}  {}\n{}  {}\nbatch {}  due {}\nwith {}\n",
            task.task,
            task.state,
            task.checklist,
            maybe(task.post.as_ref()),
            named(&task.area),
            named(&task.batch),
            self.due(task.deadline.as_ref()),
            if task.holders.is_empty() {
                format!("offered to {}", all(&task.offered))
            } else {
                all(&task.holders)
            },
        );
        if let Some(reason) = &task.returned_because {
            text.push_str(&format!("returned: {reason}\n"));
        }
        text.push('\n');
        text.push_str(&rows(
            &["row", "name", "outcome", "codes", "lead", "note"],
            task.rows.iter().map(|row| {
                let outcome = row
                    .outcome
                    .and_then(|outcome| serde_json::to_value(outcome).ok())
                    .and_then(|value| value.as_str().map(str::to_owned))
                    .unwrap_or_default();
                vec![
                    row.row.clone(),
                    row.name.clone(),
                    outcome,
                    row.codes.join(" "),
                    row.lead.clone().unwrap_or_default(),
                    row.note.clone(),
                ]
            }),
        ));
        text
    }

    fn inbox(&self, inbox: &Inbox) -> String {
        let mut text = String::new();
        if let Some(person) = &inbox.person {
            text.push_str(&format!(
                "{} {} ({})\n\n",
                person.id,
                person.name,
                person.roles.join(", ")
            ));
        }
        let mut tasks = |title: &str, list: &[TaskView]| {
            if !list.is_empty() {
                text.push_str(&section(title, &self.tasks(list)));
            }
        };
        tasks("offered", &inbox.offers);
        tasks("to do", &inbox.tasks);
        tasks("to review", &inbox.reviews);
        tasks("with nobody", &inbox.unassigned);
        let mut leads = |title: &str, list: &[LeadView]| {
            if !list.is_empty() {
                text.push_str(&section(title, &self.leads(list)));
            }
        };
        leads("to triage", &inbox.triage);
        leads("leads", &inbox.leads);
        if !inbox.cases.is_empty() {
            text.push_str(&section(
                "cases",
                &rows(
                    &["case", "subject", "state", "department"],
                    inbox.cases.iter().map(|case| {
                        vec![
                            case.case.clone(),
                            case.subject.name.clone(),
                            case.state.clone(),
                            case.department.name.clone(),
                        ]
                    }),
                ),
            ));
        }
        if !inbox.verify.is_empty() {
            text.push_str(&section("fixes to verify", &self.orders(&inbox.verify)));
        }
        let mut steps = |title: &str, list: &[StepView]| {
            if !list.is_empty() {
                text.push_str(&section(
                    title,
                    &rows(
                        &["step", "level", "on", "what", "due"],
                        list.iter().map(|step| {
                            vec![
                                step.step.clone(),
                                step.level.clone(),
                                step.on.clone(),
                                step.what.clone(),
                                self.end(step.due),
                            ]
                        }),
                    ),
                ));
            }
        };
        steps("pressed", &inbox.steps);
        steps("to sign", &inbox.proposals);
        if !inbox.unreachable.is_empty() {
            text.push_str(&section(
                "cannot be reached",
                &self.unreachable(&inbox.unreachable),
            ));
        }
        if text.lines().count() <= 2 {
            text.push_str("nothing waits\n");
        }
        text
    }

    fn leads(&self, leads: &[LeadView]) -> String {
        rows(
            &[
                "lead",
                "subject",
                "state",
                "codes",
                "department",
                "owner",
                "due",
            ],
            leads.iter().map(|lead| {
                vec![
                    lead.lead.clone(),
                    lead.subject
                        .as_ref()
                        .map_or_else(String::new, |subject| subject.name.clone()),
                    lead.state.clone(),
                    lead.codes.join(" "),
                    lead.department
                        .as_ref()
                        .map_or_else(String::new, |one| one.name.clone()),
                    lead.owner
                        .as_ref()
                        .map_or_else(String::new, |one| one.name.clone()),
                    self.due(lead.deadline.as_ref()),
                ]
            }),
        )
    }

    fn lead(&self, lead: &LeadView) -> String {
        let mut text = format!(
            "{} {}{}\n",
            lead.lead,
            lead.state,
            if lead.urgent { "  URGENT" } else { "" }
        );
        text.push_str(&format!(
            "subject     {}  {}\n",
            maybe(lead.subject.as_ref()),
            lead.subject_address
        ));
        text.push_str(&format!(
            "found by    {}  ({})\n",
            maybe(lead.post.as_ref()),
            lead.source
        ));
        text.push_str(&format!(
            "handled by  {}  with {}\n",
            maybe(lead.department.as_ref()),
            if lead.assist.is_empty() {
                "–".into()
            } else {
                all(&lead.assist)
            }
        ));
        text.push_str(&format!("owner       {}\n", maybe(lead.owner.as_ref())));
        text.push_str(&format!("codes       {}\n", lead.codes.join(" ")));
        if let Some(proposal) = &lead.proposal {
            text.push_str(&format!(
                "table says  {}: {}\n",
                proposal.lead, proposal.rule
            ));
        }
        for (label, value) in [
            ("joint", lead.joint.map(|joint| joint.to_string())),
            ("verdict", lead.verdict.clone()),
            ("case", lead.case.clone()),
            ("merged", lead.merged_into.clone()),
        ] {
            if let Some(value) = value {
                text.push_str(&format!("{label:<12}{value}\n"));
            }
        }
        text.push_str(&format!(
            "due         {}\n",
            self.due(lead.deadline.as_ref())
        ));
        if !lead.text.is_empty() {
            text.push_str(&format!("\n{}\n", lead.text));
        }
        text
    }

    fn orders(&self, orders: &[OrderView]) -> String {
        rows(
            &["order", "no.", "subject", "state", "department", "due"],
            orders.iter().map(|order| {
                vec![
                    order.order.clone(),
                    format!("{}-{}", order.year, order.number),
                    order.subject.name.clone(),
                    order.state.clone(),
                    order.department.name.clone(),
                    self.due(order.deadline.as_ref()),
                ]
            }),
        )
    }

    fn order(&self, order: &OrderView) -> String {
        format!(
            "{} No. {} of {}  {}{}\nsubject      {}\nfound by     {}\nhandled by   {}\nowner        {}\nfocus        {}\nrequirement  {}\ncontent      {}\nground       {}\ndeadline     {}  due {}\nserved       {}\nfix reported {}  {}\ncleared      {}\n",
            order.order,
            order.number,
            order.year,
            order.state,
            if order.parked { "  PARKED" } else { "" },
            named(&order.subject),
            maybe(order.post.as_ref()),
            named(&order.department),
            maybe(order.owner.as_ref()),
            order.focus,
            order.requirement,
            order.content,
            order.ground,
            order.span,
            self.due(order.deadline.as_ref()),
            order.served.map_or_else(|| "–".into(), |at| self.time(at)),
            order
                .reported
                .map_or_else(|| "–".into(), |at| self.time(at)),
            order.fix_note.clone().unwrap_or_default(),
            order.cleared.map_or_else(|| "–".into(), |at| self.time(at)),
        )
    }

    fn case(&self, case: &CaseView) -> String {
        let mut text = format!(
            "{} {}  (lead {}, generation {})\nsubject     {}\nfound by    {}\nhandled by  {}  officers {}\nowner       {}\nrefunds     {}.{:02} yuan, penalties {}\n\n",
            case.case,
            case.state,
            case.lead,
            case.generation,
            named(&case.subject),
            maybe(case.post.as_ref()),
            named(&case.department),
            all(&case.officers),
            maybe(case.owner.as_ref()),
            case.refund_fen / 100,
            case.refund_fen % 100,
            case.penalties,
        );
        if !case.orders.is_empty() {
            text.push_str(&self.orders(&case.orders));
            text.push('\n');
        }
        text.push_str(&self.timeline(&case.timeline));
        text
    }

    /// One thing a line: when, what, and behind it who wrote it where; long ones go on below.
    fn timeline(&self, items: &[TimelineItem]) -> String {
        if items.is_empty() {
            return "nothing\n".into();
        }
        let mut text = String::new();
        for item in items {
            let said = format!("{}  ({} #{})", item.text, item.journal, item.n);
            for (n, line) in picket_terminal::wrap(&said, width().saturating_sub(18))
                .into_iter()
                .enumerate()
            {
                let when = if n == 0 {
                    self.time(item.at)
                } else {
                    " ".repeat(16)
                };
                text.push_str(&format!("{when}  {}\n", line.trim()));
            }
        }
        text
    }

    fn overdue(&self, items: &[OverdueItem]) -> String {
        rows(
            &[
                "on",
                "since",
                "waits for",
                "step",
                "with",
                "what",
                "promised",
            ],
            items.iter().map(|item| {
                vec![
                    item.on.clone(),
                    self.end(item.due),
                    item.kind.clone(),
                    item.level.clone().unwrap_or_default(),
                    all(&item.duty),
                    item.what.clone(),
                    item.promise.map_or_else(String::new, |at| self.end(at)),
                ]
            }),
        )
    }

    fn board(&self, board: &Board) -> String {
        let mut text = section("batches", &batches(&board.batches));
        for (title, list) in [
            ("with nobody", &board.unassigned),
            ("silent", &board.silent),
            ("late", &board.late),
            ("taken", &board.accepted),
            ("handed in", &board.submitted),
        ] {
            if !list.is_empty() {
                text.push_str(&section(title, &self.tasks(list)));
            }
        }
        text
    }

    fn institution(&self, view: &InstitutionView) -> String {
        let mut text = format!(
            "{} {}  ({})\naddress  {}  {}\ntraining {}  licence {}  risk {}  list {}\nowner    {}\nvisits {}  leads {}  cases {}\n\n",
            view.code,
            view.name,
            view.kind,
            view.address,
            named(&view.area),
            view.training.as_deref().unwrap_or("–"),
            view.licence.as_deref().unwrap_or("–"),
            view.risk.as_deref().unwrap_or("–"),
            view.list.as_deref().unwrap_or("–"),
            maybe(view.owner.as_ref()),
            view.visits,
            view.leads.join(" "),
            view.cases.join(" "),
        );
        text.push_str(&self.timeline(&view.timeline));
        text
    }

    /// One schedule a paragraph: its words are too long for columns.
    fn schedules(&self, schedules: &[ScheduleView]) -> String {
        if schedules.is_empty() {
            return "nothing\n".into();
        }
        let mut text = String::new();
        for one in schedules {
            let next = match (&one.paused, one.next) {
                (Some(why), _) => format!("paused: {why}"),
                (None, Some(at)) => self.time(at),
                (None, None) => "–".into(),
            };
            let last = one.last.clone().unwrap_or_else(|| "–".into());
            text.push_str(&format!("{}\n", one.code));
            for (label, value) in [
                ("runs", one.words.clone()),
                ("cron", one.cron.clone()),
                ("does", one.does.clone()),
                ("next", next),
                ("last", last),
            ] {
                text.push_str(&labelled(&format!("  {label}  "), &value, width()));
            }
        }
        text
    }

    fn deliveries(&self, deliveries: &DeliveriesView) -> String {
        let mut text = rows(
            &["notices", "how many"],
            deliveries
                .states
                .iter()
                .map(|(state, count)| vec![state.clone(), count.to_string()]),
        );
        if !deliveries.unreachable.is_empty() {
            text.push('\n');
            text.push_str(&section(
                "cannot be reached",
                &self.unreachable(&deliveries.unreachable),
            ));
        }
        text
    }

    fn unreachable(&self, people: &[UnreachableView]) -> String {
        rows(
            &["person", "name", "channel", "since", "why"],
            people.iter().map(|one| {
                vec![
                    one.person.code.clone(),
                    one.person.name.clone(),
                    one.channel.clone(),
                    self.time(one.since),
                    one.reason.clone(),
                ]
            }),
        )
    }

    fn notices(&self, notices: &[NoticeView]) -> String {
        rows(
            &["when", "notice", "kind", "about", "state", "on", "why"],
            notices.iter().map(|one| {
                vec![
                    self.time(one.queued),
                    one.notice.clone(),
                    one.kind.clone(),
                    one.about.clone(),
                    one.state.clone(),
                    one.channel.clone().unwrap_or_default(),
                    one.reason.clone().unwrap_or_default(),
                ]
            }),
        )
    }
}

#[cfg(test)]
mod fitting;
#[cfg(test)]
mod tests;
