//! Clocks in words: what is due when, which days do not count, and the ladder once a clock ran out.

use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan};
use picket_schemas::escalation::{ClockKind, Event as Clock};

use super::{StoryLine, StoryTeller};
use crate::halt::Halt;

impl StoryTeller<'_> {
    pub(super) fn clock(&mut self, event: &Clock) -> Result<Option<StoryLine>, Halt> {
        Ok(Some(match event {
            Clock::ClockStarted {
                kind: ClockKind::OrderFix,
                on,
                span,
                from,
                due,
                ..
            } if self.ours(on.as_str()) => {
                let skipped = self.skipped(*from, *due);
                StoryLine {
                    text: self.words.clock(span.amount, self.end(*due)),
                    note: (!skipped.is_empty()).then(|| self.words.skips(skipped)),
                }
            }
            Clock::DeadlinePassed { kind, on, due, .. } if self.ours(on.as_str()) => self
                .words
                .overdue(self.words.owed(kind.as_str(), on.as_str()), self.end(*due))
                .into(),
            Clock::LadderStepped {
                kind,
                on,
                level,
                to,
                ..
            } if self.ours(on.as_str()) => {
                let text = self.words.step(level, self.people(to)?);
                StoryLine {
                    text,
                    note: Some(
                        self.words
                            .why(level, &self.words.owed(kind.as_str(), on.as_str())),
                    ),
                }
            }
            Clock::StepAcknowledged {
                step, promise, by, ..
            } if self.ours(step.as_str()) => {
                let promise = promise
                    .to_zoned(self.calendar.zone().clone())
                    .strftime("%m-%d %H:%M")
                    .to_string();
                self.words.acknowledged(self.person(by)?, promise).into()
            }
            _ => return Ok(None),
        }))
    }

    /// The end of a day is 24:00 of that day.
    fn end(&self, at: Timestamp) -> String {
        let local = self.calendar.zone().to_datetime(at);
        if local.hour() == 0 && local.minute() == 0 {
            return format!("{} 24:00", local.date().yesterday().unwrap_or(local.date()));
        }
        local.strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The days off a clock passes over, weekends and holidays told apart.
    fn skipped(&self, from: Timestamp, due: Timestamp) -> String {
        let (mut weekends, mut holidays) = (Vec::new(), Vec::new());
        let mut day = self.calendar.date_of(from);
        let last = self.calendar.date_of(due);
        while let Ok(next) = day.checked_add(1.day())
            && next < last
        {
            day = next;
            if self.calendar.is_working_day(day).unwrap_or(true) {
                continue;
            }
            let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
            if weekend {
                weekends.push(day)
            } else {
                holidays.push(day)
            }
        }
        let say = |days: &[Date]| {
            days.iter()
                .map(|day| day.strftime("%m-%d").to_string())
                .collect::<Vec<_>>()
                .join(&self.words.comma())
        };
        let weekends = (!weekends.is_empty()).then(|| self.words.weekends(say(&weekends)));
        let holidays = (!holidays.is_empty()).then(|| self.words.holidays(say(&holidays)));
        weekends
            .into_iter()
            .chain(holidays)
            .collect::<Vec<_>>()
            .join(&self.words.semicolon())
    }
}
