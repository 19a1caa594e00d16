//! The processor time a process has used: the figure that is left when others use the machine too.

use std::time::Duration;

/// The clock ticks a second in which Linux tells it, on every machine it runs on.
const TICKS: u64 = 100;

/// User and system time of a process; `None` where that is not told.
pub(super) fn of(pid: u32) -> Option<Duration> {
    used(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Fields 14 and 15; the second is a name in brackets that may hold anything.
fn used(stat: &str) -> Option<Duration> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Duration::from_millis((user + system) * 1_000 / TICKS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_system_time_are_added_whatever_the_process_is_called() {
        let stat = "77 (a (b) 1 2) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 12 0 99";
        assert_eq!(used(stat), Some(Duration::from_secs(3)));
        assert_eq!(used("77"), None);
    }
}
