//! Answers as text: tables that fit the terminal, times in the zone people live in.

mod figures;
#[cfg(test)]
mod fitting;
mod inbox;
mod layout;
mod names;
mod notices;
mod people;
mod progress;
mod rectification;
mod schedules;
mod tasks;
#[cfg(test)]
mod tests;
mod timeline;
mod zone;

use std::io::Write;

use jiff::tz::TimeZone;
use picket_schemas::ask::View;

use layout::{fit, rows};
use names::named;
use people::people;
use tasks::batches;
use zone::Zone;

pub use layout::{table, width};
pub use progress::progress;

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
