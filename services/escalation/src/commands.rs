//! Commands: what people may ask. Promise an instant, sign a step, move or pause a duty clock, let notices go.
//!
//! Each answer looks at the clock as it stands; nothing is done in part. The deadline of an order is
//! not moved here: that is decided where orders are kept.

use jiff::Timestamp;
use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::escalation::{ClockKind, Event};
use picket_schemas::{ClockId, Refusal, Span, StepId};

use crate::Escalation;
use crate::clock::{DeadlineClock, LadderStep, StepStage};
use crate::fold::number_of;
use crate::ladder::{Ladder, addressed, duty_people};
use crate::orders::resume;

/// The furthest ahead a promise may lie.
const PROMISE: Span = Span::working_days(2);

impl Escalation {
    /// Holds the next step until a promised instant.
    pub(crate) fn acknowledge(
        &self,
        id: &StepId,
        promise: Timestamp,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let (step, clock) = self.step(id)?;
        cx.allow("escalation.acknowledge", Resource::at(&clock.area))?;
        if !step.to.contains(cx.actor) {
            return Err(Refusal::NotYours {
                what: id.to_string(),
            });
        }
        if step.stage == StepStage::Proposed {
            return Err(Refusal::WrongState {
                what: id.to_string(),
                state: "proposed".into(),
                needs: "signed".into(),
            });
        }
        if step.acknowledged {
            return Err(Refusal::Already {
                what: id.to_string(),
                state: "acknowledged".into(),
            });
        }
        fields::ahead("promise", promise, cx.at)?;
        let latest = cx.calendar().due(cx.at, PROMISE).at;
        if promise > latest {
            return Err(Refusal::PromiseTooFar {
                latest: local(latest, cx),
            });
        }
        // Never sooner than it would come anyway; held, it comes on the first morning after the promise.
        let next = match clock.next {
            Some(next) if next < promise => cx.calendar().next_morning(promise).ok(),
            next => next,
        };
        Ok(vec![Event::StepAcknowledged {
            step: id.clone(),
            clock: clock.id.clone(),
            promise,
            by: cx.actor.clone(),
            next,
        }])
    }

    /// Makes a proposed step count.
    pub(crate) fn sign_step(&self, id: &StepId, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        let (step, clock) = self.step(id)?;
        cx.allow("escalation.sign_step", Resource::at(&clock.area))?;
        match step.stage {
            StepStage::Proposed => {}
            StepStage::Signed => {
                return Err(Refusal::Already {
                    what: id.to_string(),
                    state: "signed".into(),
                });
            }
            StepStage::Taken => {
                return Err(Refusal::WrongState {
                    what: id.to_string(),
                    state: "taken by itself".into(),
                    needs: "proposed".into(),
                });
            }
        }
        let ladder = Ladder::of(clock.kind, cx);
        let to = ladder.rung(&step.level).map_or_else(
            || duty_people(clock, cx),
            |rung| addressed(&rung.targets, clock, cx),
        );
        Ok(vec![Event::LadderSigned {
            step: id.clone(),
            clock: clock.id.clone(),
            kind: clock.kind,
            on: clock.on.clone(),
            level: step.level.clone(),
            to,
            by: cx.actor.clone(),
        }])
    }

    /// Gives a duty clock another due instant.
    pub(crate) fn move_clock(
        &self,
        id: &ClockId,
        to: Timestamp,
        reason: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let clock = self.duty_clock(
            id,
            "escalation.move_clock",
            "rectification.extend_order",
            cx,
        )?;
        if clock.paused.is_some() {
            return Err(Refusal::WrongState {
                what: id.to_string(),
                state: "paused".into(),
                needs: "running".into(),
            });
        }
        let reason = fields::reason(reason, "moving a clock")?;
        fields::ahead("to", to, cx.at)?;
        if to == clock.due {
            return Err(Refusal::Already {
                what: id.to_string(),
                state: format!("due at {}", local(to, cx)),
            });
        }
        let next = Some(Ladder::of(clock.kind, cx).next_before(to, clock.span, cx.at));
        Ok(vec![Event::ClockMoved {
            clock: clock.id.clone(),
            due: to,
            reason,
            by: cx.actor.clone(),
            next,
        }])
    }

    /// Lets a duty clock stand still.
    pub(crate) fn pause_clock(
        &self,
        id: &ClockId,
        reason: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let clock =
            self.duty_clock(id, "escalation.pause_clock", "rectification.park_order", cx)?;
        if clock.paused.is_some() {
            return Err(Refusal::Already {
                what: id.to_string(),
                state: "paused".into(),
            });
        }
        let reason = fields::reason(reason, "pausing a clock")?;
        Ok(vec![Event::ClockPaused {
            clock: clock.id.clone(),
            reason,
            by: cx.actor.clone(),
            at: None,
        }])
    }

    /// Lets it go on with what was left.
    pub(crate) fn resume_clock(
        &self,
        id: &ClockId,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let clock = self.duty_clock(
            id,
            "escalation.resume_clock",
            "rectification.resume_order",
            cx,
        )?;
        let running = || Refusal::WrongState {
            what: id.to_string(),
            state: "running".into(),
            needs: "paused".into(),
        };
        let event = resume(clock, cx.at, cx.actor, cx).ok_or_else(running)?;
        Ok(vec![event])
    }

    /// Lets held notices go out.
    pub(crate) fn release_notices(&self, cx: &Decision<'_>) -> Result<Vec<Event>, Refusal> {
        cx.allow("escalation.release_notices", Resource::default())?;
        if !self.held {
            return Err(Refusal::WrongState {
                what: "outward notices".into(),
                state: "going out".into(),
                needs: "held".into(),
            });
        }
        Ok(vec![Event::NoticesReleased {
            by: cx.actor.clone(),
        }])
    }

    fn step(&self, id: &StepId) -> Result<(&LadderStep, &DeadlineClock), Refusal> {
        let step = self.steps.get(id);
        let found = step.and_then(|step| Some((step, self.clocks.get(&step.clock)?)));
        found.ok_or_else(|| Refusal::Unknown {
            kind: "step".into(),
            id: id.to_string(),
        })
    }

    /// A clock that may be changed here; `instead` is the verb for the deadline of an order.
    fn duty_clock(
        &self,
        id: &ClockId,
        verb: &str,
        instead: &str,
        cx: &Decision<'_>,
    ) -> Result<&DeadlineClock, Refusal> {
        let clock = number_of(id.as_str())
            .and_then(|number| self.clocks.get(&number))
            .filter(|clock| clock.id == *id);
        let clock = clock.ok_or_else(|| Refusal::Unknown {
            kind: "clock".into(),
            id: id.to_string(),
        })?;
        cx.allow(verb, Resource::at(&clock.area))?;
        if clock.kind == ClockKind::OrderFix {
            let why = format!(
                "{id} is the deadline of order {}; use `{instead}`",
                clock.on
            );
            return Err(fields::invalid("clock", why));
        }
        Ok(clock)
    }
}

/// Local time as people write it: the midnight that ends a day is its 24:00.
fn local(at: Timestamp, cx: &Decision<'_>) -> String {
    let time = cx.calendar().zone().to_datetime(at);
    if time.hour() == 0 && time.minute() == 0 {
        let day = time.date().yesterday().unwrap_or(time.date());
        return format!("{day} 24:00");
    }
    format!("{} {:02}:{:02}", time.date(), time.hour(), time.minute())
}
