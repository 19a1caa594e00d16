//! The platform's limits, as it states them: so many messages a second and a minute, by chat and overall.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// How much a bot may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In a private chat: one a second, after a burst of so many.
    pub private_burst: u32,
    /// In a group, in any minute.
    pub group_a_minute: usize,
    /// Over all, in any second.
    pub all_a_second: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            private_burst: 4,
            group_a_minute: 20,
            all_a_second: 30,
        }
    }
}

/// What was sent lately.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    all: VecDeque<Instant>,
    groups: BTreeMap<i64, VecDeque<Instant>>,
    /// How full each private chat is, and since when: one message leaks out a second.
    private: BTreeMap<i64, (f64, Instant)>,
    /// How often somebody was told to wait.
    pub(crate) refused: u64,
}

impl Sent {
    /// Counts a message, or says how many seconds to wait.
    pub(crate) fn count(&mut self, limits: &Limits, chat: i64, now: Instant) -> Result<(), u64> {
        let of_chat = if chat < 0 {
            wait(
                self.groups.entry(chat).or_default(),
                Duration::from_secs(60),
                limits.group_a_minute,
                now,
            )
        } else {
            let full = self.level(chat, now) + 1.0 - f64::from(limits.private_burst);
            (full > 0.0).then(|| Duration::from_secs_f64(full))
        };
        let overall = wait(
            &mut self.all,
            Duration::from_secs(1),
            limits.all_a_second,
            now,
        );
        if let Some(longest) = of_chat.max(overall) {
            self.refused += 1;
            return Err(longest.as_secs_f64().ceil().max(1.0) as u64);
        }
        self.all.push_back(now);
        if chat < 0 {
            self.groups.entry(chat).or_default().push_back(now);
        } else {
            let level = self.level(chat, now) + 1.0;
            self.private.insert(chat, (level, now));
        }
        Ok(())
    }

    /// Counts a change of a message, which only the limit over all counts, or says how many seconds to wait.
    pub(crate) fn count_edit(&mut self, limits: &Limits, now: Instant) -> Result<(), u64> {
        if let Some(longest) = wait(
            &mut self.all,
            Duration::from_secs(1),
            limits.all_a_second,
            now,
        ) {
            self.refused += 1;
            return Err(longest.as_secs_f64().ceil().max(1.0) as u64);
        }
        self.all.push_back(now);
        Ok(())
    }

    fn level(&self, chat: i64, now: Instant) -> f64 {
        self.private.get(&chat).map_or(0.0, |(level, since)| {
            (level - now.duration_since(*since).as_secs_f64()).max(0.0)
        })
    }
}

fn wait(
    sent: &mut VecDeque<Instant>,
    window: Duration,
    most: usize,
    now: Instant,
) -> Option<Duration> {
    while sent
        .front()
        .is_some_and(|at| now.duration_since(*at) >= window)
    {
        sent.pop_front();
    }
    (sent.len() >= most).then(|| {
        window.saturating_sub(
            sent.front()
                .map(|at| now.duration_since(*at))
                .unwrap_or_default(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_takes_twenty_a_minute_and_a_person_a_short_burst() {
        let (limits, now) = (Limits::default(), Instant::now());
        let mut sent = Sent::default();
        let after = |ms: u64| now + Duration::from_millis(ms);
        assert!((0..20).all(|n| sent.count(&limits, -1, after(n * 100)).is_ok()));
        assert_eq!(sent.count(&limits, -1, after(2_000)), Err(58));
        assert!((0..4).all(|_| sent.count(&limits, 7, after(3_000)).is_ok()));
        assert_eq!(sent.count(&limits, 7, after(3_000)), Err(1));
        assert!(sent.count(&limits, 7, after(4_000)).is_ok());
        assert_eq!(sent.count(&limits, 7, after(4_500)), Err(1));
        assert_eq!(sent.refused, 3);
    }

    #[test]
    fn all_chats_together_take_thirty_a_second() {
        let (limits, now) = (Limits::default(), Instant::now());
        let mut sent = Sent::default();
        assert!((0..30).all(|chat| sent.count(&limits, chat + 1, now).is_ok()));
        assert_eq!(sent.count(&limits, 99, now), Err(1));
        assert_eq!(sent.count_edit(&limits, now), Err(1), "an edit is one more");
    }
}
