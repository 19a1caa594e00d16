//! An expression in words, for the person who is about to save it.
//!
//! Shown in the preview of a schedule beside its next occurrences. Two fields
//! that must both hold are joined by "and also", since other programs would read
//! them as "or".
//!
//! It does not know rules, calendars or languages other than English.

use cron::TimeUnitSpec;

use crate::occurrence::expression::Recurrence;

/// More clock times than this are described by their pattern instead of listed.
const MOST_TIMES: usize = 6;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Recurrence {
    /// Returns the expression in English words, such as "at 08:30 on every Mon".
    pub fn words(&self) -> String {
        format!("{} on {}", self.times(), self.days())
    }

    fn times(&self) -> String {
        let schedule = self.schedule();
        let minutes: Vec<u32> = schedule.minutes().iter().collect();
        let hours: Vec<u32> = schedule.hours().iter().collect();
        if minutes.len() * hours.len() <= MOST_TIMES {
            let times = hours.iter().flat_map(|hour| {
                minutes
                    .iter()
                    .map(move |minute| format!("{hour:02}:{minute:02}"))
            });
            return format!("at {}", list(times.collect(), "and"));
        }
        let part = match (minutes.as_slice(), step(&minutes)) {
            (_, Some(1)) => "every minute".to_owned(),
            (_, Some(step)) => format!("every {step} minutes"),
            ([minute], None) => format!("at minute {minute}"),
            (_, None) => format!(
                "at minutes {}",
                list(runs(&minutes, |n| n.to_string()), "and")
            ),
        };
        match (schedule.hours().is_all(), step(&minutes)) {
            (true, Some(_)) => part,
            (true, None) => format!("{part} of every hour"),
            (false, _) => {
                let plural = if hours.len() == 1 { "" } else { "s" };
                let hours = list(runs(&hours, |n| format!("{n:02}")), "and");
                format!("{part} of hour{plural} {hours}")
            }
        }
    }

    fn days(&self) -> String {
        let schedule = self.schedule();
        let days: Vec<u32> = schedule.days_of_month().iter().collect();
        let weekdays = monday_first(schedule.days_of_week().iter());
        let months = (!schedule.months().is_all()).then(|| {
            let months: Vec<u32> = schedule.months().iter().collect();
            list(runs(&months, |n| name(&MONTHS, n)), "and")
        });
        let in_months = months
            .as_ref()
            .map(|m| format!(" in {m}"))
            .unwrap_or_default();
        let day = |word: &str| list(runs(&days, |n| n.to_string()), word);
        let weekday = |word: &str| list(runs(&weekdays, |n| name(&WEEKDAYS, n)), word);
        match (
            schedule.days_of_month().is_all(),
            schedule.days_of_week().is_all(),
        ) {
            (true, true) => format!("every day{in_months}"),
            (true, false) => format!("every {}{in_months}", weekday("and")),
            (false, true) => {
                let plural = if days.len() == 1 { "" } else { "s" };
                let of = months.unwrap_or_else(|| "every month".to_owned());
                format!("day{plural} {} of {of}", day("and"))
            }
            (false, false) => format!(
                "every day that is day {} of the month and also {}{in_months}",
                day("or"),
                weekday("or"),
            ),
        }
    }
}

/// Numbers the days of the week from Monday = 1, as people list them; the crate starts on Sunday.
fn monday_first(days: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut days: Vec<u32> = days.map(|day| (day + 5) % 7 + 1).collect();
    days.sort_unstable();
    days
}

fn name(names: &[&str], n: u32) -> String {
    let name = usize::try_from(n)
        .ok()
        .and_then(|n| names.get(n.checked_sub(1)?));
    (*name.expect("the crate keeps ordinals in range")).to_owned()
}

/// Returns the step if the minutes are all multiples of it, from 0 through the hour.
fn step(minutes: &[u32]) -> Option<u32> {
    let &[0, step, ..] = minutes else {
        return None;
    };
    (60 % step == 0 && minutes.iter().copied().eq((0..60).step_by(step as usize))).then_some(step)
}

/// Writes three or more consecutive numbers as "a to b".
fn runs(numbers: &[u32], name: impl Fn(u32) -> String) -> Vec<String> {
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    runs.flat_map(|run| match run {
        [first, _, .., last] if run.len() > 2 => {
            vec![format!("{} to {}", name(*first), name(*last))]
        }
        _ => run.iter().map(|n| name(*n)).collect(),
    })
    .collect()
}

fn list(mut items: Vec<String>, word: &str) -> String {
    match items.pop() {
        Some(last) if !items.is_empty() => format!("{} {word} {last}", items.join(", ")),
        last => last.unwrap_or_default(),
    }
}
