//! Ladder: that of a kind of clock, laid along its due instant.
//!
//! Rungs before the due instant are reminders, those after are steps; both come at the opening of a
//! working day. What a missing year hides has no instant, and nobody guesses one.
//! It does not know which rungs are behind a clock: callers say so.

use jiff::Timestamp;
use picket_book::Decision;
use picket_calendar::Calendar;
use picket_schemas::escalation::{ClockKind, Duty};
use picket_schemas::registry::{Role, Rung, Target};
use picket_schemas::{PersonId, Span, Unit};

use crate::clock::DeadlineClock;

/// A rung and the instant it falls on.
pub(crate) type PlacedRung<'a> = (Timestamp, &'a Rung);

/// A ladder with the calendar it is laid along.
pub(crate) struct Ladder<'a> {
    rungs: Vec<Rung>,
    calendar: &'a Calendar,
}

impl<'a> Ladder<'a> {
    /// The ladder of a kind of clock as the directory has it.
    pub(crate) fn of(kind: ClockKind, cx: &Decision<'a>) -> Self {
        Self {
            rungs: cx.directory.ladder(kind.as_str()),
            calendar: cx.directory.calendar(),
        }
    }

    /// The rung of a level.
    pub(crate) fn rung(&self, level: &str) -> Option<&Rung> {
        self.rungs.iter().find(|rung| rung.level == level)
    }

    /// The reminders before a due instant, in order. A short span has them a day ahead at most.
    pub(crate) fn reminders(&self, due: Timestamp, span: Span) -> Vec<PlacedRung<'_>> {
        let most = if is_short(span) { 1 } else { i32::MAX };
        let before = self.rungs.iter().filter(|rung| rung.after <= 0);
        let placed = before.filter_map(|rung| {
            let days = rung.after.saturating_neg().min(most);
            let morning = self.calendar.morning_after(due, -days).ok()?;
            (morning < due).then_some((morning, rung))
        });
        placed.collect()
    }

    /// The steps after a due instant that are not behind the clock, in order, as far as years are known.
    pub(crate) fn steps(&self, due: Timestamp, said: &[String]) -> Vec<PlacedRung<'_>> {
        let ahead = self
            .rungs
            .iter()
            .filter(|rung| rung.after > 0 && !said.contains(&rung.level));
        ahead
            .map_while(|rung| {
                self.calendar
                    .morning_after(due, rung.after)
                    .ok()
                    .map(|at| (at, rung))
            })
            .collect()
    }

    /// The next bell after an instant before the due one: a reminder, else the due instant itself.
    pub(crate) fn next_before(&self, due: Timestamp, span: Span, after: Timestamp) -> Timestamp {
        let reminders = self.reminders(due, span);
        reminders
            .iter()
            .map(|(at, _)| *at)
            .filter(|at| *at > after)
            .min()
            .unwrap_or(due)
    }

    /// The next bell of a clock that got a new due instant.
    pub(crate) fn next_of(
        &self,
        clock: &DeadlineClock,
        due: Timestamp,
        span: Span,
        now: Timestamp,
    ) -> Option<Timestamp> {
        if due > now {
            return Some(self.next_before(due, span, now));
        }
        if !clock.passed {
            return Some(now);
        }
        self.steps(due, &clock.said)
            .first()
            .map(|(at, _)| (*at).max(now))
    }
}

/// True if three working days ahead would be as good as the start.
fn is_short(span: Span) -> bool {
    match span.unit {
        Unit::WorkingDay => span.amount <= 5,
        Unit::NaturalDay | Unit::RolledDay => span.amount <= 7,
        Unit::WorkingHour | Unit::UrgentHour => true,
    }
}

/// The people who owe what a clock waits for.
pub(crate) fn duty_people(clock: &DeadlineClock, cx: &Decision<'_>) -> Vec<PersonId> {
    let mut people = Vec::new();
    add_duty(&mut people, &clock.duty, clock, cx);
    people
}

/// The people a rung addresses, each once, in the order of its targets.
pub(crate) fn addressed(
    targets: &[Target],
    clock: &DeadlineClock,
    cx: &Decision<'_>,
) -> Vec<PersonId> {
    let mut people = Vec::new();
    for target in targets {
        match target {
            Target::Duty => add_duty(&mut people, &clock.duty, clock, cx),
            Target::Role(role) => add(&mut people, cx.directory.people_with(*role, &clock.area)),
            Target::PostLeader => add(&mut people, leader(clock, cx)),
            Target::Owner => add(
                &mut people,
                clock
                    .owner
                    .clone()
                    .or_else(|| cx.directory.owner_of_area(&clock.area)),
            ),
            Target::Department => add(&mut people, department(clock, cx)),
            Target::Person(person) => add(&mut people, [person.clone()]),
            // Group chats are addressed by whoever delivers, not by name.
            Target::Group(_) => {}
        }
    }
    people
}

fn add_duty(people: &mut Vec<PersonId>, duty: &Duty, clock: &DeadlineClock, cx: &Decision<'_>) {
    add(people, duty.people.iter().cloned());
    if let Some(post) = &duty.post {
        match cx.directory.post(post) {
            Some(post) => add(people, [post.leader.clone()]),
            None => add(
                people,
                cx.directory.people_with(Role::Coordinator, &clock.area),
            ),
        }
    }
    if let Some(department) = &duty.department {
        add(
            people,
            cx.directory.people_of(department, Role::Head, &clock.area),
        );
        add(
            people,
            cx.directory
                .people_of(department, Role::Inspector, &clock.area),
        );
    }
    if let Some(role) = duty.role {
        add(people, cx.directory.people_with(role, &clock.area));
    }
}

fn leader(clock: &DeadlineClock, cx: &Decision<'_>) -> Option<PersonId> {
    let post = cx.directory.post(clock.post.as_ref()?)?;
    Some(post.leader.clone())
}

/// The heads of the handling department, else its inspectors.
fn department(clock: &DeadlineClock, cx: &Decision<'_>) -> Vec<PersonId> {
    let Some(department) = &clock.duty.department else {
        return Vec::new();
    };
    let heads = cx.directory.people_of(department, Role::Head, &clock.area);
    if heads.is_empty() {
        cx.directory
            .people_of(department, Role::Inspector, &clock.area)
    } else {
        heads
    }
}

fn add(people: &mut Vec<PersonId>, more: impl IntoIterator<Item = PersonId>) {
    for person in more {
        if !people.contains(&person) {
            people.push(person);
        }
    }
}
