//! The measured costs of commits, alone and in a batch, as running means.
//!
//! A batch makes the server write a folder of its own first, which takes as long as many small commits, or as few,
//! depending on the disk and on how many servers there are; so the writer measures instead of assuming.
//! It does not know what a commit is.

use std::time::Duration;

/// The costs that are assumed until something was measured, on one server that flushes every write.
const ALONE: f64 = 0.25e-3;
const TOGETHER: f64 = 6.0e-3;
/// The cost that each further commit adds to a batch.
const EACH: f64 = 0.015e-3;
/// The weight of a measurement against those before it.
const WEIGHT: f64 = 0.1;
/// The rate at which a bad batch is forgotten while none is tried: each commit that goes alone takes so much of it.
const FORGETTING: f64 = 0.002;

/// Running means, in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Costs {
    /// One commit that goes alone, while others are under way.
    alone: f64,
    /// A batch as such.
    together: f64,
}

impl Default for Costs {
    fn default() -> Self {
        Self {
            alone: ALONE,
            together: TOGETHER,
        }
    }
}

impl Costs {
    /// One took so long, while so many were under way, itself included.
    pub(crate) fn alone(&mut self, took: Duration, among: usize) {
        self.alone += WEIGHT * (took.as_secs_f64() / count(among.max(1)) - self.alone);
        self.together += FORGETTING * (TOGETHER - self.together);
    }

    /// A batch of so many took so long.
    pub(crate) fn together(&mut self, took: Duration, of: usize) {
        let as_such = (took.as_secs_f64() - count(of) * EACH).max(0.0);
        self.together += WEIGHT * (as_such - self.together);
    }

    /// Whether so many are sooner stored together than one after the other.
    pub(crate) fn are_lower_together(&self, waiting: usize) -> bool {
        count(waiting) * (self.alone - EACH) > self.together
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_few_go_alone_and_hundreds_together() {
        let costs = Costs::default();
        assert!(!costs.are_lower_together(9));
        assert!(costs.are_lower_together(50) && costs.are_lower_together(500));
    }

    #[test]
    fn a_disk_on_which_batches_are_slow_takes_commits_alone_for_longer() {
        let mut costs = Costs::default();
        (0..40).for_each(|_| costs.together(MS * 50, 60));
        assert!(!costs.are_lower_together(100) && costs.are_lower_together(500));
        // What was once slow is tried again later.
        (0..3000).for_each(|_| costs.alone(MS * 2, 8));
        assert!(costs.are_lower_together(100));
    }

    #[test]
    fn servers_that_are_slow_alone_take_batches_sooner() {
        let mut costs = Costs::default();
        (0..40).for_each(|_| costs.alone(MS * 8, 8));
        (0..40).for_each(|_| costs.together(MS * 2, 10));
        assert!(costs.are_lower_together(9));
    }
}
