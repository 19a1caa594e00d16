//! Ring: what bells say. Reminders, passed deadlines, and the one step of the ladder that is present.
//!
//! A clock that fell behind says where it stands now, not all it missed; what was passed over is on
//! record as superseded. It does not know why the bells were late, only that they were.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use picket_book::{Decision, STEP_EVENTS, Step};
use picket_schemas::StepId;
use picket_schemas::escalation::{ClockKind, Event};
use picket_schemas::registry::{Role, Rung};

use crate::Escalation;
use crate::because::because;
use crate::clock::DeadlineClock;
use crate::ladder::{Ladder, PlacedRung, addressed};

/// A bell this much after its instant is late.
const LATE: SignedDuration = SignedDuration::from_mins(10);
/// More late bells than this hold outward notices.
const MOST_LATE: usize = 100;
/// Room left in a step for what one more clock may say.
const ROOM: usize = 40;

impl Escalation {
    /// Events of all bells up to now, a step at a time.
    pub(crate) fn ring_bells(&self, cx: &Decision<'_>) -> Step<Event> {
        let mut rung = Ringing {
            cx,
            events: self.hold_notices(cx.at).into_iter().collect(),
            steps_begun: self.steps_begun,
        };
        let mut ladders: BTreeMap<ClockKind, Ladder<'_>> = BTreeMap::new();
        for (at, number) in &self.bells {
            if *at > cx.at {
                break;
            }
            if rung.events.len() + ROOM > STEP_EVENTS {
                return Step::More(rung.events);
            }
            // Bells are kept in step with the clocks, so each finds its own.
            let Some(clock) = self.clocks.get(number) else {
                continue;
            };
            let ladder = ladders
                .entry(clock.kind)
                .or_insert_with(|| Ladder::of(clock.kind, cx));
            rung.clock(clock, *at, ladder);
        }
        Step::Done(rung.events)
    }

    /// Holds outward notices when too many bells are late at once.
    fn hold_notices(&self, now: Timestamp) -> Option<Event> {
        if self.held {
            return None;
        }
        let limit = now.checked_sub(LATE).unwrap_or(now);
        let late = self.bells.range(..(limit, 0)).count();
        (late > MOST_LATE).then(|| Event::NoticesHeld {
            late: u32::try_from(late).unwrap_or(u32::MAX),
        })
    }
}

/// The events of one step of ringing so far.
struct Ringing<'a> {
    cx: &'a Decision<'a>,
    events: Vec<Event>,
    steps_begun: u64,
}

impl Ringing<'_> {
    fn clock(&mut self, clock: &DeadlineClock, bell: Timestamp, ladder: &Ladder<'_>) {
        let said = self.events.len();
        if self.cx.at < clock.due {
            self.before(clock, bell, ladder);
        } else {
            self.after(clock, bell, ladder);
        }
        if self.events.len() == said {
            // The ladder was changed under a waiting clock: the rung its bell was for is gone.
            let next = self.next(clock, ladder, &[]);
            let reason = "the ladder no longer has this step".to_owned();
            self.events.push(Event::LadderSkipped {
                clock: clock.id.clone(),
                level: String::new(),
                reason,
                next,
            });
        }
    }

    /// A reminder ahead of the due instant.
    fn before(&mut self, clock: &DeadlineClock, bell: Timestamp, ladder: &Ladder<'_>) {
        let now = self.cx.at;
        let mut present: Vec<_> = ladder
            .reminders(clock.due, clock.span)
            .into_iter()
            .filter(|(at, _)| *at >= bell && *at <= now)
            .collect();
        let Some((_, rung)) = present.pop() else {
            return;
        };
        let next = Some(ladder.next_before(clock.due, clock.span, now));
        self.supersede(clock, &present);
        let to = addressed(&rung.targets, clock, self.cx);
        if to.is_empty() {
            return self.skip(clock, rung, next);
        }
        let (clock, kind, on, due) = (clock.id.clone(), clock.kind, clock.on.clone(), clock.due);
        self.events.push(Event::ReminderDue {
            clock,
            kind,
            on,
            to,
            due,
            occurrence: None,
            next,
        });
    }

    /// The passed deadline, and the latest step whose instant has come.
    fn after(&mut self, clock: &DeadlineClock, bell: Timestamp, ladder: &Ladder<'_>) {
        let now = self.cx.at;
        if bell < clock.due {
            let missed = ladder.reminders(clock.due, clock.span);
            self.supersede(
                clock,
                &missed
                    .into_iter()
                    .filter(|(at, _)| *at >= bell)
                    .collect::<Vec<_>>(),
            );
        }
        let mut present: Vec<_> = ladder
            .steps(clock.due, &clock.said)
            .into_iter()
            .filter(|(at, _)| *at <= now)
            .collect();
        let next = self.next(clock, ladder, &present);
        if !clock.passed {
            let (clock, kind, on, due) =
                (clock.id.clone(), clock.kind, clock.on.clone(), clock.due);
            self.events.push(Event::DeadlinePassed {
                clock,
                kind,
                on,
                due,
                next,
            });
        }
        let Some((nominal, rung)) = present.pop() else {
            return;
        };
        self.supersede(clock, &present);
        self.step(clock, rung, nominal, next);
    }

    fn step(
        &mut self,
        clock: &DeadlineClock,
        rung: &Rung,
        nominal: Timestamp,
        next: Option<Timestamp>,
    ) {
        let addressed = addressed(&rung.targets, clock, self.cx);
        if addressed.is_empty() {
            return self.skip(clock, rung, next);
        }
        let (why, because) = (String::new(), Some(because(clock, rung)));
        let (id, kind, on, level, due) = (
            clock.id.clone(),
            clock.kind,
            clock.on.clone(),
            rung.level.clone(),
            clock.due,
        );
        if rung.automatic {
            let step = self.step_id();
            self.events.push(Event::LadderStepped {
                step,
                clock: id,
                kind,
                on,
                level,
                to: addressed,
                due,
                nominal,
                why,
                because,
                next,
            });
            return;
        }
        let to = self.cx.directory.people_with(Role::Supervisor, &clock.area);
        if to.is_empty() {
            let reason = format!("no supervisor of {} could sign it", clock.area);
            self.events.push(Event::LadderSkipped {
                clock: id,
                level,
                reason,
                next,
            });
            return;
        }
        let step = self.step_id();
        self.events.push(Event::LadderProposed {
            step,
            clock: id,
            kind,
            on,
            level,
            to,
            due,
            why,
            because,
            next,
        });
    }

    fn skip(&mut self, clock: &DeadlineClock, rung: &Rung, next: Option<Timestamp>) {
        let reason = format!(
            "nobody answers to step {} for {} in {}",
            rung.level, clock.on, clock.area
        );
        self.events.push(Event::LadderSkipped {
            clock: clock.id.clone(),
            level: rung.level.clone(),
            reason,
            next,
        });
    }

    fn supersede(&mut self, clock: &DeadlineClock, passed_over: &[PlacedRung<'_>]) {
        for (_, rung) in passed_over {
            self.events.push(Event::LadderSuperseded {
                clock: clock.id.clone(),
                level: rung.level.clone(),
            });
        }
    }

    /// The instant after now at which the clock speaks again, once `present` is behind it.
    fn next(
        &self,
        clock: &DeadlineClock,
        ladder: &Ladder<'_>,
        present: &[PlacedRung<'_>],
    ) -> Option<Timestamp> {
        if self.cx.at < clock.due {
            return Some(ladder.next_before(clock.due, clock.span, self.cx.at));
        }
        let steps = ladder.steps(clock.due, &clock.said);
        steps.get(present.len()).map(|(at, _)| *at)
    }

    fn step_id(&mut self) -> StepId {
        self.steps_begun += 1;
        StepId::from(format!("E-{}", self.steps_begun))
    }
}
