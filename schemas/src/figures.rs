//! Figures: the numbers of a bulletin, each with its own counting unit that never converts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Every figure with its unit, in the order bulletins show them.
pub const FIGURES: &[(&str, &str)] = &[
    ("person_times", "人次"),
    ("visits", "家次"),
    ("institutions", "家"),
    ("rounds", "轮"),
    ("raw_reports", "条"),
    ("leads", "条"),
    ("substantiated", "条"),
    ("not_substantiated", "条"),
    ("hidden_variant_occasions", "次"),
    ("hidden_variant_institutions", "家"),
    ("orders", "份"),
    ("violators", "家"),
    ("notices", "份"),
    ("public_notices", "期"),
    ("hazards", "处"),
    ("hazards_fixed", "处"),
    ("penalised", "家"),
    ("suspended", "家"),
    ("refund_fen", "分"),
    ("due", "份"),
    ("cleared", "份"),
    ("cleared_on_time", "份"),
    ("overdue", "份"),
    ("reopened", "起"),
    ("tasks_issued", "项"),
    ("tasks_accepted", "项"),
    ("tasks_submitted", "项"),
    ("tasks_overdue", "项"),
    ("reminders", "次"),
    ("escalations", "次"),
];

/// A set of figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Each figure by its key.
    #[serde(flatten)]
    pub counts: BTreeMap<String, i64>,
    /// Leads under the leading and each assisting department; the total counts each lead once.
    #[serde(default)]
    pub leads_by_department: BTreeMap<String, i64>,
}

impl Figures {
    /// One figure, 0 where it was never counted.
    pub fn get(&self, key: &str) -> i64 {
        self.counts.get(key).copied().unwrap_or_default()
    }
}
