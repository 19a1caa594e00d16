//! Fold: what each event changes, and the indexes that go with it.
//!
//! Total: an event about a clock that is gone changes nothing. It needs nothing but the book, which is
//! why events carry the next instant instead of leaving it to a calendar.

use jiff::Timestamp;
use picket_schemas::escalation::{ClockKind, Event};
use picket_schemas::{ClockId, OccurrenceId, PersonId, StepId};

use crate::clock::{ClockedMatter, DeadlineClock, LadderStep, StepStage};
use crate::{ClockNumber, Escalation};

/// Occurrences remembered so that none reminds twice.
const REMEMBERED: usize = 64;

/// The digits of an id such as `K-95`.
pub(crate) fn number_of(id: &str) -> Option<u64> {
    id.split_once('-')
        .and_then(|(_, digits)| digits.parse().ok())
}

impl Escalation {
    pub(crate) fn fold(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::ClockStarted { .. } => self.clock_started(event),
            Event::ClockSettled { .. } => self.clock_settled(event),
            Event::ClockMoved { .. } => self.clock_moved(event, at),
            Event::ClockPaused {
                clock, at: since, ..
            } => self.change(clock, |clock| clock.pause(since.unwrap_or(at))),
            Event::ClockResumed { .. } => self.clock_resumed(event, at),
            Event::ClockStopped { clock, .. } => self.stopped(clock),
            Event::ClockHanded { .. } => self.clock_handed(event),
            Event::ReminderDue {
                clock,
                occurrence: Some(occurrence),
                ..
            } => self.reminded_by(occurrence, clock),
            Event::ReminderDue {
                clock,
                occurrence: None,
                next,
                ..
            } => self.change(clock, |clock| clock.next = *next),
            Event::DeadlinePassed { clock, next, .. } => self.change(clock, |clock| {
                clock.passed = true;
                clock.next = *next;
            }),
            Event::LadderStepped { .. } => self.rise(event, StepStage::Taken),
            Event::LadderProposed { .. } => self.rise(event, StepStage::Proposed),
            Event::LadderSigned { step, to, .. } => self.signed(step, to),
            Event::LadderSkipped {
                clock, level, next, ..
            } => self.change(clock, |clock| {
                clock.said.push(level.clone());
                clock.next = *next;
            }),
            Event::LadderSuperseded { clock, level } => {
                self.change(clock, |clock| clock.said.push(level.clone()))
            }
            Event::StepAcknowledged { .. } => self.acknowledged(event),
            Event::BreachWithdrawn { clock, .. } => {
                self.change(clock, |clock| clock.passed = false)
            }
            Event::NoticesHeld { .. } => self.held = true,
            Event::NoticesReleased { .. } => self.held = false,
            Event::MatterOpened { .. } => self.matter_opened(event),
            Event::MatterHeld { on, holders } => self.hold(on.as_str(), holders),
            Event::MatterClosed { on } => drop(self.matters.remove(on)),
        }
    }

    fn clock_started(&mut self, event: &Event) {
        let Event::ClockStarted {
            clock,
            kind,
            on,
            area,
            duty,
            owner,
            post,
            span,
            from,
            due,
            provisional,
            next,
            ..
        } = event
        else {
            return;
        };
        self.start(DeadlineClock {
            id: clock.clone(),
            kind: *kind,
            on: on.clone(),
            area: area.clone(),
            duty: duty.clone(),
            owner: owner.clone(),
            post: post.clone(),
            span: *span,
            from: *from,
            due: *due,
            provisional: *provisional,
            moved: false,
            paused: None,
            passed: false,
            next: *next,
            said: Vec::new(),
            steps: Vec::new(),
        });
    }

    fn clock_settled(&mut self, event: &Event) {
        let Event::ClockSettled {
            clock, due, next, ..
        } = event
        else {
            return;
        };
        self.change(clock, |clock| {
            clock.due = *due;
            clock.provisional = false;
            clock.next = *next;
        });
    }

    fn clock_moved(&mut self, event: &Event, at: Timestamp) {
        let Event::ClockMoved {
            clock, due, next, ..
        } = event
        else {
            return;
        };
        self.forget_steps(clock, *due > at);
        self.change(clock, |clock| clock.move_to(*due, *next, at));
    }

    fn clock_resumed(&mut self, event: &Event, at: Timestamp) {
        let Event::ClockResumed {
            clock, due, next, ..
        } = event
        else {
            return;
        };
        self.forget_steps(clock, *due > at);
        self.change(clock, |clock| {
            clock.paused = None;
            clock.move_to(*due, *next, at);
        });
    }

    fn clock_handed(&mut self, event: &Event) {
        let Event::ClockHanded {
            clock,
            kind,
            on,
            duty,
        } = event
        else {
            return;
        };
        if *kind == ClockKind::TaskSubmit {
            self.hold(on.as_str(), &duty.people);
        }
        self.change(clock, |clock| clock.duty = duty.clone());
    }

    fn matter_opened(&mut self, event: &Event) {
        let Event::MatterOpened {
            on,
            area,
            post,
            owner,
            span,
        } = event
        else {
            return;
        };
        let matter = ClockedMatter {
            area: area.clone(),
            post: post.clone(),
            owner: owner.clone(),
            span: Some(*span),
            ..ClockedMatter::default()
        };
        self.matters.insert(on.clone(), matter);
    }

    fn start(&mut self, mut clock: DeadlineClock) {
        let Some(number) = number_of(clock.id.as_str()) else {
            return;
        };
        self.clocks_begun = self.clocks_begun.max(number);
        if clock.kind == ClockKind::TaskSubmit {
            self.hold(clock.on.as_str(), &clock.duty.people);
        }
        let matter = self.matters.entry(clock.on.clone()).or_default();
        matter.clocks.push(number);
        if clock.kind == ClockKind::OrderFix {
            clock.moved = matter.fix.take().is_some_and(|before| before.moved);
        }
        self.by_kind.entry(clock.kind).or_default().insert(number);
        self.index(number, &clock);
        self.clocks.insert(number, clock);
    }

    fn stopped(&mut self, id: &ClockId) {
        let Some(number) = number_of(id.as_str()) else {
            return;
        };
        let Some(mut clock) = self.clocks.remove(&number) else {
            return;
        };
        self.unindex(number, &clock);
        for step in clock.steps.drain(..) {
            self.steps.remove(&step);
        }
        if let Some(kind) = self.by_kind.get_mut(&clock.kind) {
            kind.remove(&number);
        }
        if let Some(matter) = self.matters.get_mut(&clock.on) {
            matter.clocks.retain(|running| *running != number);
            if clock.kind == ClockKind::OrderFix {
                matter.fix = Some(Box::new(clock));
            }
        }
    }

    /// A step that was taken or proposed.
    fn rise(&mut self, event: &Event, stage: StepStage) {
        let (Event::LadderStepped {
            step,
            clock,
            level,
            to,
            next,
            ..
        }
        | Event::LadderProposed {
            step,
            clock,
            level,
            to,
            next,
            ..
        }) = event
        else {
            return;
        };
        let Some(number) = number_of(clock.as_str()) else {
            return;
        };
        self.steps_begun = self
            .steps_begun
            .max(number_of(step.as_str()).unwrap_or_default());
        if self.clocks.contains_key(&number) {
            let rise = LadderStep {
                clock: number,
                level: level.clone(),
                to: to.clone(),
                stage,
                acknowledged: false,
            };
            self.steps.insert(step.clone(), rise);
        }
        self.change(clock, |clock| {
            clock.said.push(level.clone());
            clock.steps.push(step.clone());
            clock.next = *next;
        });
    }

    fn signed(&mut self, step: &StepId, to: &[PersonId]) {
        if let Some(step) = self.steps.get_mut(step) {
            step.stage = StepStage::Signed;
            step.to = to.to_vec();
        }
    }

    fn acknowledged(&mut self, event: &Event) {
        let Event::StepAcknowledged {
            step, clock, next, ..
        } = event
        else {
            return;
        };
        if let Some(step) = self.steps.get_mut(step) {
            step.acknowledged = true;
        }
        self.change(clock, |clock| clock.next = *next);
    }

    /// A clock that runs towards a new instant has not risen yet.
    fn forget_steps(&mut self, id: &ClockId, anew: bool) {
        let clock = number_of(id.as_str()).and_then(|number| self.clocks.get_mut(&number));
        if let Some(clock) = clock.filter(|_| anew) {
            for step in clock.steps.drain(..) {
                self.steps.remove(&step);
            }
        }
    }

    fn hold(&mut self, on: &str, holders: &[PersonId]) {
        if let Some(matter) = self.matters.get_mut(on) {
            matter.holders = holders.to_vec();
        }
    }

    fn reminded_by(&mut self, occurrence: &OccurrenceId, clock: &ClockId) {
        let Some(number) = number_of(clock.as_str()) else {
            return;
        };
        match self
            .reminded
            .iter_mut()
            .find(|(known, _)| known == occurrence)
        {
            Some((_, last)) => *last = (*last).max(number),
            None => {
                if self.reminded.len() == REMEMBERED {
                    self.reminded.pop_front();
                }
                self.reminded.push_back((occurrence.clone(), number));
            }
        }
    }

    /// Changes a clock, and moves its bell along.
    fn change(&mut self, id: &ClockId, change: impl FnOnce(&mut DeadlineClock)) {
        let Some(number) = number_of(id.as_str()) else {
            return;
        };
        let Some(mut clock) = self.clocks.remove(&number) else {
            return;
        };
        self.unindex(number, &clock);
        change(&mut clock);
        self.index(number, &clock);
        self.clocks.insert(number, clock);
    }

    fn index(&mut self, number: ClockNumber, clock: &DeadlineClock) {
        match clock.next {
            Some(next) => drop(self.bells.insert((next, number))),
            None if clock.paused.is_none() => drop(self.silent.insert(number)),
            None => {}
        }
    }

    fn unindex(&mut self, number: ClockNumber, clock: &DeadlineClock) {
        match clock.next {
            Some(next) => drop(self.bells.remove(&(next, number))),
            None => drop(self.silent.remove(&number)),
        }
    }
}

impl DeadlineClock {
    fn pause(&mut self, since: Timestamp) {
        self.paused = Some(since);
        self.next = None;
    }

    /// A new due instant. If it lies ahead the ladder starts again from its foot.
    fn move_to(&mut self, due: Timestamp, next: Option<Timestamp>, at: Timestamp) {
        self.due = due;
        self.next = next;
        self.moved = true;
        // A running clock whose due instant lies ahead is silent only while a year is missing.
        self.provisional = next.is_none() && self.paused.is_none() && due > at;
        if due > at {
            self.passed = false;
            self.said.clear();
        }
    }
}
