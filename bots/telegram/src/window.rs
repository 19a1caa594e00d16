//! Which updates may be confirmed: those before the first that is not done with.
//!
//! The platform forgets an update when a later offset is asked for. So the offset stays at the first update
//! whose effect is not yet durable, and what is delivered again meanwhile is told apart by its number.
//! It does not know what an update says.

use std::collections::{BTreeSet, VecDeque};

/// How many numbers of updates that are done with are remembered.
const REMEMBERED: usize = 4_096;

/// The updates at hand.
#[derive(Debug, Default)]
pub(crate) struct Window {
    /// Taken and not done with.
    open: BTreeSet<u32>,
    /// Done with, in the order they were.
    done: VecDeque<u32>,
    known: BTreeSet<u32>,
    /// The highest taken since the offset was last forgotten.
    highest: Option<u32>,
}

impl Window {
    /// Takes the updates that are new, lowest first.
    pub(crate) fn take(&mut self, numbers: impl IntoIterator<Item = u32>) -> Vec<u32> {
        let mut fresh: Vec<u32> = numbers
            .into_iter()
            .filter(|number| !self.known.contains(number))
            .collect();
        fresh.sort_unstable();
        fresh.dedup();
        for number in &fresh {
            self.open.insert(*number);
            self.known.insert(*number);
            self.highest = self.highest.max(Some(*number));
        }
        fresh
    }

    /// One is done with.
    pub(crate) fn finish(&mut self, number: u32) {
        if !self.open.remove(&number) {
            return;
        }
        self.done.push_back(number);
        if self.done.len() > REMEMBERED
            && let Some(old) = self.done.pop_front()
        {
            self.known.remove(&old);
        }
    }

    /// What to ask for next: everything before it is confirmed. Nothing: whatever there is.
    pub(crate) fn offset(&self) -> Option<i32> {
        let next = self
            .open
            .first()
            .copied()
            .or_else(|| self.highest.map(|highest| highest.saturating_add(1)))?;
        i32::try_from(next).ok()
    }

    /// Whether nothing is at hand.
    pub(crate) fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// After a week of silence the platform may begin anew with any number.
    pub(crate) fn forget_offset(&mut self) {
        if self.open.is_empty() {
            self.highest = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_confirmed_before_it_is_done() {
        let mut window = Window::default();
        assert_eq!(window.offset(), None);
        assert_eq!(window.take([7, 5, 6]), [5, 6, 7]);
        assert_eq!(window.offset(), Some(5));
        window.finish(6);
        window.finish(7);
        assert_eq!((window.offset(), window.is_idle()), (Some(5), false));
        window.finish(5);
        assert_eq!((window.offset(), window.is_idle()), (Some(8), true));
    }

    #[test]
    fn what_comes_again_is_taken_once() {
        let mut window = Window::default();
        assert_eq!(window.take([5, 5, 6]), [5, 6]);
        window.finish(5);
        assert!(window.take([5, 6]).is_empty());
        window.finish(6);
        assert!(window.take([6]).is_empty());
    }

    #[test]
    fn after_a_long_silence_lower_numbers_are_taken_too() {
        let mut window = Window::default();
        window.take([900]);
        window.finish(900);
        window.forget_offset();
        assert_eq!(window.offset(), None);
        assert_eq!(window.take([12]), [12]);
        window.finish(12);
        assert_eq!(window.offset(), Some(13));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut window = Window::default();
        for number in 0..20_000 {
            window.take([number]);
            window.finish(number);
        }
        assert!(window.known.len() <= REMEMBERED && window.done.len() <= REMEMBERED);
        assert!(window.take([19_999]).is_empty());
    }
}
