//! Pending events: the answer to one fact while it is put together, with the numbers it takes.
//!
//! Starting and stopping a clock is the same whatever it waits for; reactions say which and why.
//! It does not know what a fact means.

use jiff::Timestamp;
use picket_book::Decision;
use picket_schemas::escalation::{ClockKind, Duty, Event};
use picket_schemas::{ClockId, PersonId, Span};

use crate::Escalation;
use crate::clock::{ClockedMatter, DeadlineClock};
use crate::ladder::Ladder;
use crate::rules;

/// Events to be recorded in answer to a fact, with the book as it stands.
pub(crate) struct PendingEvents<'a> {
    pub(crate) book: &'a Escalation,
    pub(crate) cx: &'a Decision<'a>,
    /// The fact's own time.
    pub(crate) at: Timestamp,
    pub(crate) events: Vec<Event>,
    begun: u64,
}

impl<'a> PendingEvents<'a> {
    pub(crate) fn new(book: &'a Escalation, cx: &'a Decision<'a>, at: Timestamp) -> Self {
        Self {
            book,
            cx,
            at,
            events: Vec::new(),
            begun: book.clocks_begun,
        }
    }

    /// The task, lead or order, unless the fact is older than a clock on it and was acted upon before.
    pub(crate) fn matter(&self, on: &str) -> Option<&'a ClockedMatter> {
        let matter = self.book.matters.get(on)?;
        let newer =
            |clock: &DeadlineClock| clock.kind != ClockKind::OrderFix && clock.from > self.at;
        (!self.book.clocks_on(on).any(newer)).then_some(matter)
    }

    /// The clock of a kind, if it runs.
    pub(crate) fn clock(&self, kind: ClockKind, on: &str) -> Option<&'a DeadlineClock> {
        self.book.clock_on(kind, on)
    }

    /// Starts a clock with the span of the table.
    pub(crate) fn start(&mut self, kind: ClockKind, on: &str, matter: &ClockedMatter, duty: Duty) {
        self.start_for(kind, on, matter, duty, rules::span(kind));
    }

    /// Starts a clock with a span of its own, counted from the fact.
    pub(crate) fn start_for(
        &mut self,
        kind: ClockKind,
        on: &str,
        matter: &ClockedMatter,
        duty: Duty,
        span: Span,
    ) {
        let due = self.cx.calendar().due(self.at, span);
        let next = (!due.provisional).then(|| {
            Ladder::of(kind, self.cx)
                .next_before(due.at, span, self.at)
                .max(self.at)
        });
        let clock = self.next_id();
        self.events.push(Event::ClockStarted {
            clock,
            kind,
            on: on.into(),
            area: matter.area.clone(),
            duty,
            owner: matter.owner.clone(),
            post: matter.post.clone(),
            span,
            rule: rules::source(kind, span),
            calendar: self.cx.calendar().version(),
            from: self.at,
            due: due.at,
            provisional: due.provisional,
            next,
        });
    }

    /// Starts a stopped clock once more: same start, same due instant, whatever has passed meanwhile.
    pub(crate) fn run_on(&mut self, clock: &DeadlineClock) {
        let next = Ladder::of(clock.kind, self.cx)
            .next_before(clock.due, clock.span, self.at)
            .max(self.at);
        let id = self.next_id();
        self.events.push(Event::ClockStarted {
            clock: id,
            kind: clock.kind,
            on: clock.on.clone(),
            area: clock.area.clone(),
            duty: clock.duty.clone(),
            owner: clock.owner.clone(),
            post: clock.post.clone(),
            span: clock.span,
            rule: rules::source(clock.kind, clock.span),
            calendar: self.cx.calendar().version(),
            from: clock.from,
            due: clock.due,
            provisional: clock.provisional,
            next: (!clock.provisional).then_some(next),
        });
    }

    /// Stops the clock of a kind, if it runs.
    pub(crate) fn stop(&mut self, kind: ClockKind, on: &str) {
        if let Some(clock) = self.clock(kind, on) {
            self.stop_clock(clock);
        }
    }

    /// Stops all clocks of a matter that is open and closes it.
    pub(crate) fn close(&mut self, on: &str) {
        if self.matter(on).is_none() {
            return;
        }
        for clock in self.book.clocks_on(on) {
            self.stop_clock(clock);
        }
        self.events.push(Event::MatterClosed { on: on.into() });
    }

    fn stop_clock(&mut self, clock: &DeadlineClock) {
        let late = clock.late_at(self.at);
        self.events.push(Event::ClockStopped {
            clock: clock.id.clone(),
            kind: clock.kind,
            on: clock.on.clone(),
            at: self.at,
            late,
        });
        if !late {
            self.withdraw(clock);
        }
    }

    /// Takes back a breach that was recorded although the fact came before the due instant.
    pub(crate) fn withdraw(&mut self, clock: &DeadlineClock) {
        if clock.passed && self.at < clock.due {
            self.events.push(Event::BreachWithdrawn {
                clock: clock.id.clone(),
                on: clock.on.clone(),
                at: self.at,
            });
        }
    }

    fn next_id(&mut self) -> ClockId {
        self.begun += 1;
        ClockId::from(format!("K-{}", self.begun))
    }
}

/// These people owe it.
pub(crate) fn people(people: Vec<PersonId>) -> Duty {
    Duty {
        people,
        ..Duty::default()
    }
}
