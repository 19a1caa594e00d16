//! The toy books.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use picket_book::{Book, Decision, Fact, Provenance, Step, Upstream};
use picket_schemas::{
    Command, Event, PersonId, Refusal, ScheduleCode, TaskId, courier, dispatch, schedule,
};
use serde::{Deserialize, Serialize};

use crate::ServiceKind;

/// Takes wishes and rings bells.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) taken: BTreeMap<String, u64>,
    bells: BTreeSet<(Timestamp, String)>,
}

fn paused(code: &str, reason: &str, by: &PersonId) -> schedule::Event {
    schedule::Event::SchedulePaused {
        schedule: code.into(),
        reason: reason.into(),
        by: by.clone(),
    }
}

impl Book for Tally {
    const SERVICE: &'static str = "schedule";
    const READS: &'static [Upstream] = &[Upstream::Own("dispatch")];
    const LISTENS: &'static [&'static str] = &["task.cancelled", "task.declined"];
    type Command = schedule::Command;
    type Event = schedule::Event;

    fn decide(
        &self,
        command: &Self::Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Self::Event>, Refusal> {
        let schedule::Command::Pause { code, reason } = command else {
            return Ok(Vec::new());
        };
        let (verb, rest) = reason.split_once(':').unwrap_or((reason, ""));
        match verb {
            "refuse" => {
                return Err(Refusal::ReasonNeeded {
                    what: "this".into(),
                });
            }
            "nothing" => return Ok(Vec::new()),
            "once" if !self.taken.is_empty() => return Ok(Vec::new()),
            "panic" => panic!("told to"),
            "enrolled" => drop(cx.person(rest)?),
            "large" => {
                let size = rest.parse().expect("large:bytes");
                return Ok(vec![paused(code.as_str(), &"x".repeat(size), cx.actor)]);
            }
            _ => {}
        }
        Ok(vec![paused(code.as_str(), reason, cx.actor)])
    }

    fn evolve(&mut self, event: &Self::Event, _of: Provenance<'_>) {
        match event {
            schedule::Event::SchedulePaused {
                schedule, reason, ..
            } => {
                assert!(!reason.starts_with("poison"), "told to");
                *self.taken.entry(schedule.to_string()).or_default() += 1;
                if let Some(at) = reason.strip_prefix("bell:") {
                    self.bells
                        .insert((at.parse().expect("bell:instant"), schedule.to_string()));
                }
                if let Some(at) = reason.strip_prefix("mute:") {
                    self.bells
                        .insert((at.parse().expect("mute:instant"), "mute".into()));
                }
                if let Some(at) = reason.strip_prefix("cracked:") {
                    self.bells
                        .insert((at.parse().expect("cracked:instant"), "cracked".into()));
                }
            }
            schedule::Event::ScheduleResumed { schedule, .. } => {
                self.bells.retain(|(_, code)| code != schedule.as_str())
            }
            _ => {}
        }
    }

    fn react(&self, fact: &Fact<'_>, _step: u32, cx: &Decision<'_>) -> Step<Self::Event> {
        match fact.event {
            Event::Dispatch(dispatch::Event::TaskCancelled { task, .. })
                if self.bells.iter().any(|(_, code)| code == task.as_str()) =>
            {
                Step::Done(vec![schedule::Event::ScheduleResumed {
                    schedule: ScheduleCode::from(task.as_str()),
                    by: cx.actor.clone(),
                }])
            }
            Event::Dispatch(dispatch::Event::TaskDeclined { task, reason, .. })
                if reason == "hop" =>
            {
                Step::Done(vec![paused(task.as_str(), "hop", cx.actor)])
            }
            _ => Step::nothing(),
        }
    }

    fn due(&self) -> Option<Timestamp> {
        self.bells.first().map(|(at, _)| *at)
    }

    fn ring(&self, cx: &Decision<'_>) -> Step<Self::Event> {
        let due = self.bells.iter().find(|(at, _)| *at <= cx.at);
        match due {
            Some((_, code)) if code == "mute" => Step::nothing(),
            Some((_, code)) if code == "cracked" => {
                Step::Done(vec![paused(code, "poison", cx.actor)])
            }
            // A bell rings once; resuming takes it away, and the count shows that it rang.
            Some((_, code)) => Step::Done(vec![
                paused(code, "rang", cx.actor),
                schedule::Event::ScheduleResumed {
                    schedule: code.as_str().into(),
                    by: cx.actor.clone(),
                },
            ]),
            None => Step::nothing(),
        }
    }
}

/// Answers what the tally says.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Echo {
    said: BTreeMap<String, u64>,
}

impl Book for Echo {
    const SERVICE: &'static str = "dispatch";
    const READS: &'static [Upstream] = &[Upstream::Own("schedule")];
    const LISTENS: &'static [&'static str] = &["schedule.paused"];
    type Command = dispatch::Command;
    type Event = dispatch::Event;

    fn decide(
        &self,
        command: &Self::Command,
        cx: &Decision<'_>,
    ) -> Result<Vec<Self::Event>, Refusal> {
        let dispatch::Command::CancelTask { task, reason } = command else {
            return Ok(Vec::new());
        };
        Ok(vec![dispatch::Event::TaskCancelled {
            task: task.clone(),
            by: cx.actor.clone(),
            reason: reason.clone(),
        }])
    }

    fn evolve(&mut self, event: &Self::Event, _of: Provenance<'_>) {
        if let dispatch::Event::TaskDeclined { task, reason, .. } = event {
            assert!(reason != "poison", "told to");
            *self.said.entry(task.to_string()).or_default() += 1;
        }
    }

    fn react(&self, fact: &Fact<'_>, step: u32, cx: &Decision<'_>) -> Step<Self::Event> {
        let Event::Schedule(schedule::Event::SchedulePaused {
            schedule, reason, ..
        }) = fact.event
        else {
            return Step::nothing();
        };
        let declined = |reason: &str| dispatch::Event::TaskDeclined {
            task: TaskId::from(schedule.as_str()),
            person: cx.actor.clone(),
            reason: reason.into(),
        };
        let (verb, rest) = reason.split_once(':').unwrap_or((reason, ""));
        match verb {
            "echo" => {
                let all: usize = rest.parse().expect("echo:count");
                let done = step as usize * 500;
                let now = (all - done).min(500);
                let events = vec![declined("echoed"); now];
                if done + now < all {
                    Step::More(events)
                } else {
                    Step::Done(events)
                }
            }
            "hop" => Step::Done(vec![declined("hop")]),
            "mire" => Step::Done(vec![declined("poison")]),
            "stumble" => panic!("told to"),
            "swell" => Step::Done(vec![declined(&"x".repeat(900 * 1024))]),
            _ => Step::nothing(),
        }
    }

    fn due(&self) -> Option<Timestamp> {
        None
    }

    fn ring(&self, _cx: &Decision<'_>) -> Step<Self::Event> {
        Step::nothing()
    }
}

/// Writes down what it reads, in the order it reads it.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Scribe {
    lines: u64,
}

impl Book for Scribe {
    const SERVICE: &'static str = "courier";
    const READS: &'static [Upstream] = &[Upstream::Own("dispatch"), Upstream::Own("schedule")];
    const LISTENS: &'static [&'static str] =
        &["schedule.paused", "task.declined", "task.cancelled"];
    type Command = courier::Command;
    type Event = courier::Event;

    fn decide(
        &self,
        _command: &Self::Command,
        _cx: &Decision<'_>,
    ) -> Result<Vec<Self::Event>, Refusal> {
        Ok(Vec::new())
    }

    fn evolve(&mut self, _event: &Self::Event, _of: Provenance<'_>) {
        self.lines += 1;
    }

    fn react(&self, fact: &Fact<'_>, _step: u32, _cx: &Decision<'_>) -> Step<Self::Event> {
        let line = format!("{}:{}", fact.service, fact.n);
        Step::Done(vec![courier::Event::NoticeOvertaken {
            notice: fact.entry.as_str().into(),
            reason: line,
        }])
    }

    fn due(&self) -> Option<Timestamp> {
        None
    }

    fn ring(&self, _cx: &Decision<'_>) -> Step<Self::Event> {
        Step::nothing()
    }
}

pub(super) fn tally() -> ServiceKind {
    ServiceKind::of::<Tally>(|command| match command {
        Command::Schedule(command) => Some(command),
        _ => None,
    })
}

pub(super) fn echo() -> ServiceKind {
    ServiceKind::of::<Echo>(|command| match command {
        Command::Dispatch(command) => Some(command),
        _ => None,
    })
}

pub(super) fn scribe() -> ServiceKind {
    ServiceKind::of::<Scribe>(|command| match command {
        Command::Courier(command) => Some(command),
        _ => None,
    })
}

pub(super) fn both() -> Vec<ServiceKind> {
    vec![tally(), echo()]
}

pub(super) fn all() -> Vec<ServiceKind> {
    vec![tally(), echo(), scribe()]
}
