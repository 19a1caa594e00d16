//! Acknowledgement window: the updates that are under way, and the offset up to which all are acknowledged.
//!
//! Delivery is at least once: the platform forgets an update only when a later offset is asked for. So the
//! offset stays at the first update whose effect is not yet durable, and an update that is delivered again
//! meanwhile is recognised by its number. It does not know what an update says.

use std::collections::{BTreeSet, VecDeque};

/// Bound on the numbers of acknowledged updates that are remembered.
const REMEMBERED: usize = 4_096;

/// Updates under way, and those remembered.
#[derive(Debug, Default)]
pub(crate) struct AckWindow {
    /// Updates taken and not yet done.
    open: BTreeSet<u32>,
    /// Updates done, oldest first.
    done: VecDeque<u32>,
    /// Numbers of both, for deduplication.
    known: BTreeSet<u32>,
    /// Highest number taken since the offset was last forgotten.
    highest: Option<u32>,
}

impl AckWindow {
    /// Takes the updates that are new, lowest first, and drops duplicates.
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

    /// Marks an update as done.
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

    /// Offset to ask for: it acknowledges everything before it. None asks for whatever there is.
    pub(crate) fn offset(&self) -> Option<i32> {
        let next = self
            .open
            .first()
            .copied()
            .or_else(|| self.highest.map(|highest| highest.saturating_add(1)))?;
        i32::try_from(next).ok()
    }

    /// True while no update is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// Forgets the offset: after a week of silence the platform may begin anew with any number.
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
    fn nothing_is_acknowledged_before_it_is_done() {
        let mut window = AckWindow::default();
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
        let mut window = AckWindow::default();
        assert_eq!(window.take([5, 5, 6]), [5, 6]);
        window.finish(5);
        assert!(window.take([5, 6]).is_empty());
        window.finish(6);
        assert!(window.take([6]).is_empty());
    }

    #[test]
    fn after_a_long_silence_lower_numbers_are_taken_too() {
        let mut window = AckWindow::default();
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
        let mut window = AckWindow::default();
        for number in 0..20_000 {
            window.take([number]);
            window.finish(number);
        }
        assert!(window.known.len() <= REMEMBERED && window.done.len() <= REMEMBERED);
        assert!(window.take([19_999]).is_empty());
    }
}
