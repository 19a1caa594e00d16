//! Cards of a chat group: its board, sheets several may take, a bulletin.
//!
//! A group is nobody: it has no dialogue, and its cards name nobody. Instants are given as they are and never as
//! what is left, so that a card changes only when something happened. Whoever presses a button here is looked
//! up anew. It does not know how a card is kept in its place.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_schemas::ask::{BulletinView, GroupTask, GroupView};

use crate::card::{Action, Card, Severity};
use crate::cards::{self, progress};
use crate::intent::IntentVerb;
use crate::look::{Profile, ViewContext, running};
use crate::when::LocalTime;
use picket_phrases::{Language, Texts};

/// The board: open batches, and sheets that wait for somebody.
pub fn board(view: &GroupView, now: Timestamp, zone: &TimeZone) -> Card {
    drawn(view, now, zone, |look| {
        let late = view
            .batches
            .iter()
            .any(|batch| batch.overdue > 0 || batch.unassigned > 0);
        let title = look.with(
            "group-board",
            &[
                ("area", name(&view.area).into()),
                ("n", view.batches.len().into()),
            ],
        );
        let mut card = Card::new(
            format!("group/{}", view.group.code),
            if late {
                Severity::Late
            } else {
                Severity::Quiet
            },
            title,
        );
        for batch in &view.batches {
            let done = batch.submitted as usize;
            card = card.strong(format!(
                "{} {}",
                crate::plain::plain(name(&batch.batch), 24),
                progress(done, batch.count as usize)
            ));
            card = card.line(look.with(
                "group-batch",
                &[
                    ("accepted", batch.accepted.into()),
                    ("approved", batch.approved.into()),
                    ("unassigned", batch.unassigned.into()),
                    ("overdue", batch.overdue.into()),
                ],
            ));
        }
        if view.batches.is_empty() {
            card = card.line(look.say("board-empty"));
        }
        if !view.tasks.is_empty() {
            card = card.line(look.with("group-waiting", &[("n", view.waiting.into())]));
        }
        for task in &view.tasks {
            card = card.line(line(task, look));
        }
        card.grid(
            view.tasks
                .iter()
                .filter(|task| task.open)
                .map(|task| accept(task, look)),
            2,
        )
        .silent()
    })
}

/// Sheets that several may take; whoever is first has them.
pub fn offers(view: &GroupView, now: Timestamp, zone: &TimeZone) -> Card {
    drawn(view, now, zone, |look| {
        let open = view.tasks.iter().filter(|task| task.open).count();
        let severity = if open > 0 {
            Severity::New
        } else {
            Severity::Quiet
        };
        let key = format!(
            "offers/{}",
            view.tasks.first().map(full).unwrap_or_default()
        );
        if let [task] = view.tasks.as_slice() {
            let title = look.with(
                "task-title",
                &[
                    ("id", look.id(&task.jurisdiction, &task.task).into()),
                    ("batch", crate::plain::plain(name(&task.batch), 24).into()),
                ],
            );
            let card = Card::new(key, severity, title)
                .field(look.say("label-place"), place(task, look))
                .field(
                    look.say("label-rows"),
                    look.with("task-rows", &[("rows", task.rows.into())]),
                )
                .field(look.say("label-deadline"), until(task, look))
                .field(
                    look.say("label-people"),
                    look.with(
                        "task-need",
                        &[("need", task.need.into()), ("taken", task.taken.into())],
                    ),
                );
            return if task.open {
                card.row([Action::of(
                    look.say("do-accept"),
                    IntentVerb::Accept,
                    &full(task),
                )])
            } else {
                card
            };
        }
        let mut card = Card::new(
            key,
            severity,
            look.with(
                "group-offers",
                &[("n", view.tasks.len().into()), ("open", open.into())],
            ),
        );
        for task in &view.tasks {
            card = card.line(line(task, look));
        }
        card.grid(
            view.tasks
                .iter()
                .filter(|task| task.open)
                .map(|task| accept(task, look)),
            3,
        )
    })
}

/// A bulletin somebody answers for.
pub fn bulletin(
    view: &GroupView,
    bulletin: &BulletinView,
    now: Timestamp,
    zone: &TimeZone,
) -> Card {
    drawn(view, now, zone, |look| {
        let mut card = cards::bulletin::card(Some(bulletin), look);
        card.actions.clear();
        card
    })
}

/// The greeting of a group that was just bound.
pub fn welcome(view: &GroupView) -> String {
    words(view).with(
        "group-linked",
        &[
            ("name", name(&view.group).into()),
            ("area", name(&view.area).into()),
        ],
    )
}

fn words(view: &GroupView) -> &'static Texts {
    Texts::of(Language::parse(&view.language).unwrap_or_default())
}

/// Draws for a group: it has no right and no name but its own.
fn drawn(
    view: &GroupView,
    now: Timestamp,
    zone: &TimeZone,
    draw: impl FnOnce(&ViewContext<'_>) -> Card,
) -> Card {
    let me = Profile {
        id: view.group.code.clone(),
        name: view.group.name.clone(),
        roles: Vec::new(),
        department: None,
        area: view.area.code.clone(),
    };
    let words = words(view);
    draw(&ViewContext {
        me: &me,
        words,
        when: LocalTime { now, zone, words },
    })
    .group()
    .fit()
}

/// A button works for whoever presses it, wherever that person is at home.
fn full(task: &GroupTask) -> String {
    format!("{}/{}", task.jurisdiction, task.task)
}

fn accept(task: &GroupTask, look: &ViewContext<'_>) -> Action {
    let id = look.id(&task.jurisdiction, &task.task);
    Action::of(
        look.with("do-accept-one", &[("id", id.into())]),
        IntentVerb::Accept,
        &full(task),
    )
}

fn line(task: &GroupTask, look: &ViewContext<'_>) -> String {
    let mark = if task.open { "🟦" } else { "☑️" };
    let taken = look.with(
        "task-need",
        &[("need", task.need.into()), ("taken", task.taken.into())],
    );
    format!(
        "{mark} {} · {} · {taken}",
        look.id(&task.jurisdiction, &task.task),
        place(task, look)
    )
}

fn place(task: &GroupTask, look: &ViewContext<'_>) -> String {
    match &task.post {
        Some(post) => format!("{} · {}", look.names([&task.area]), look.names([post])),
        None => look.names([&task.area]),
    }
}

/// An instant, never the time left.
fn until(task: &GroupTask, look: &ViewContext<'_>) -> String {
    let deadline = task.deadline.as_ref();
    match running(deadline) {
        Some(running) => look.when.end(running.due),
        None => look.deadline(deadline),
    }
}

fn name(named: &picket_schemas::ask::Named) -> &str {
    if named.name.is_empty() {
        &named.code
    } else {
        &named.name
    }
}

#[cfg(test)]
mod tests {
    use picket_schemas::ask::{Deadline, GroupBatch, Named};

    use super::*;
    use crate::card::Audience;
    use crate::data;

    fn named(code: &str, name: &str) -> Named {
        Named {
            code: code.into(),
            name: name.into(),
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn task(id: &str, open: bool) -> GroupTask {
        let deadline = Deadline {
            clock: "K-1".into(),
            kind: "task.submit".into(),
            due: at("2026-03-10T16:00:00Z"),
            provisional: false,
            paused: false,
            overdue: false,
            stopped: None,
        };
        GroupTask {
            jurisdiction: "990101".into(),
            task: id.into(),
            batch: named("B-1", "三月排查"),
            post: Some(named("PO-01", "幸福里哨点")),
            area: named("990101001", "幸福里社区"),
            state: if open { "issued" } else { "accepted" }.into(),
            rows: 12,
            need: 1,
            taken: u32::from(!open),
            deadline: Some(deadline),
            open,
        }
    }

    fn view(tasks: Vec<GroupTask>) -> GroupView {
        let batch = GroupBatch {
            batch: named("B-1", "三月排查"),
            count: 8,
            accepted: 5,
            submitted: 3,
            approved: 2,
            unassigned: 0,
            overdue: 1,
        };
        let waiting = tasks
            .iter()
            .filter(|task| task.open)
            .count()
            .try_into()
            .unwrap_or_default();
        GroupView {
            group: named("990101/G-01", "幸福里工作群"),
            area: named("990101001", "幸福里社区"),
            language: "zh".into(),
            batches: vec![batch],
            tasks,
            waiting,
        }
    }

    fn drawn_at(
        instant: &str,
        draw: fn(&GroupView, Timestamp, &TimeZone) -> Card,
        view: &GroupView,
    ) -> Card {
        draw(
            view,
            at(instant),
            &TimeZone::get("Asia/Shanghai").expect("a zone"),
        )
    }

    #[test]
    fn a_board_changes_when_something_happened_and_never_because_time_went_on() {
        let (before, after) = (
            view(vec![task("T-1", true), task("T-2", true)]),
            view(vec![task("T-2", true)]),
        );
        for draw in [board, offers] {
            assert_eq!(
                drawn_at("2026-03-03T01:30:00Z", draw, &before),
                drawn_at("2026-03-03T09:41:00Z", draw, &before)
            );
            assert_ne!(
                drawn_at("2026-03-03T01:30:00Z", draw, &before),
                drawn_at("2026-03-03T01:30:00Z", draw, &after)
            );
        }
    }

    #[test]
    fn what_may_be_taken_has_a_button_that_works_for_whoever_presses_and_what_was_taken_has_none() {
        let open = drawn_at(
            "2026-03-03T01:30:00Z",
            offers,
            &view(vec![task("T-1", true), task("T-2", false)]),
        );
        let buttons: Vec<_> = open.actions.iter().flatten().collect();
        assert_eq!(buttons.len(), 1, "{open:?}");
        let intent = data::read(&buttons[0].data).expect("a button of ours");
        assert_eq!(
            (intent.verb, intent.id.as_str(), intent.revision),
            (IntentVerb::Accept, "990101/T-1", None),
            "in full: who presses may be at home elsewhere"
        );
        let taken = drawn_at(
            "2026-03-03T01:30:00Z",
            offers,
            &view(vec![task("T-1", false)]),
        );
        assert!(
            taken.actions.is_empty() && taken.title.contains("T-1"),
            "{taken:?}"
        );
    }

    #[test]
    fn every_card_of_a_group_may_be_shown_to_one() {
        let view = view(vec![task("T-1", true)]);
        for draw in [board, offers] {
            assert_eq!(
                drawn_at("2026-03-03T01:30:00Z", draw, &view).audience,
                Audience::Group
            );
        }
    }

    #[test]
    fn a_group_that_speaks_english_reads_english() {
        let english = GroupView {
            language: "en".into(),
            ..view(vec![task("T-1", true)])
        };
        assert!(
            drawn_at("2026-03-03T01:30:00Z", board, &english)
                .title
                .contains("board")
        );
        assert!(welcome(&english).contains("This group is"));
    }
}
