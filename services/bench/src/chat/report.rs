//! The report of the bench: what was measured, and whether each bound was kept.

use serde::Serialize;

use super::URGENT;

/// How many times as long as possible the offers may take.
const RATIO: f64 = 1.2;

/// The measurements.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChatReport {
    /// People with a phone each.
    pub people: u64,
    /// Sheets offered to them.
    pub offers: u64,
    /// Groups with a board.
    pub groups: u64,
    /// Messages the offers went out as.
    pub messages: u64,
    /// From the end of the night until the last of them was taken.
    pub seconds: f64,
    /// Messages ÷ what the platform takes in a second.
    pub physical_seconds: f64,
    /// The messages the platform takes in a second, over all.
    pub limit_per_second: u64,
    /// The one ÷ the other.
    pub ratio: f64,
    /// Times the platform said that it was too much, from the first message to the last.
    pub too_many: u64,
    /// The longest an urgent notice took from its cause to the platform.
    pub urgent_ms: f64,
    /// The fewest digests, queued or at the bot, that were not out yet when something urgent came; 0 where nothing
    /// urgent was measured while some of them waited.
    pub digests_waiting: u64,
    /// Messages groups got: offers, boards, a bulletin.
    pub group_messages: u64,
    /// Notices that did not arrive, or nobody knows.
    pub lost: u64,
    /// True where every bound was kept.
    pub ok: bool,
}

impl ChatReport {
    pub(super) fn keeps_its_bounds(&self) -> bool {
        bounds(self).iter().all(|bound| bound.kept)
    }
}

/// One bound: what it is about, what was measured, how much it may be, and whether it was kept.
struct ReportBound {
    what: &'static str,
    measured: String,
    allowed: String,
    kept: bool,
}

/// Every bound there is.
fn bounds(report: &ChatReport) -> Vec<ReportBound> {
    let bound = |what, measured: String, allowed: String, kept| ReportBound {
        what,
        measured,
        allowed,
        kept,
    };
    let most = URGENT.as_secs_f64() * 1_000.0;
    vec![
        bound(
            "the platform said too much",
            report.too_many.to_string(),
            "0".to_owned(),
            report.too_many == 0,
        ),
        bound(
            "offers out ÷ as fast as possible",
            format!("{:.2}", report.ratio),
            format!("at most {RATIO}"),
            report.ratio <= RATIO,
        ),
        bound(
            "digests an urgent notice had to pass",
            report.digests_waiting.to_string(),
            "at least 1".to_owned(),
            report.digests_waiting > 0,
        ),
        bound(
            "the urgent notice behind them",
            format!("{:.0} ms", report.urgent_ms),
            format!("at most {most} ms"),
            report.urgent_ms <= most,
        ),
        bound(
            "notices lost",
            report.lost.to_string(),
            "0".to_owned(),
            report.lost == 0,
        ),
    ]
}

pub(super) fn show(report: &ChatReport, table: fn(&[&str], &[Vec<String>]) -> String) {
    let row = |bound: ReportBound| {
        vec![
            bound.what.to_owned(),
            bound.measured,
            bound.allowed,
            if bound.kept { "kept" } else { "MISSED" }.to_owned(),
        ]
    };
    let rows: Vec<_> = bounds(report).into_iter().map(row).collect();
    print!("{}", table(&["what", "measured", "bound", ""], &rows));
    println!(
        "\n{} people, {} offers as {} messages in {:.1} s; {} a second would take {:.1} s",
        report.people,
        report.offers,
        report.messages,
        report.seconds,
        report.limit_per_second,
        report.physical_seconds
    );
    println!(
        "{} groups, {} messages to them",
        report.groups, report.group_messages
    );
    if report.digests_waiting == 0 {
        println!(
            "every digest was out before something urgent came: it passed nothing, and how fast it was says nothing"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> ChatReport {
        ChatReport {
            ratio: 1.0,
            urgent_ms: 300.0,
            digests_waiting: 1,
            ..ChatReport::default()
        }
    }

    #[test]
    fn an_urgent_notice_that_passed_no_digest_is_no_proof_that_it_would() {
        assert!(kept().keeps_its_bounds());
        let passed_nothing = ChatReport {
            digests_waiting: 0,
            urgent_ms: 0.0,
            ..kept()
        };
        assert!(!passed_nothing.keeps_its_bounds());
    }

    #[test]
    fn each_bound_alone_decides() {
        for missed in [
            ChatReport {
                too_many: 1,
                ..kept()
            },
            ChatReport {
                ratio: RATIO + 0.01,
                ..kept()
            },
            ChatReport {
                urgent_ms: 5_001.0,
                ..kept()
            },
            ChatReport { lost: 1, ..kept() },
        ] {
            assert!(!missed.keeps_its_bounds(), "{missed:?}");
        }
    }
}
