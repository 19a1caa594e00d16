//! Causal order: a commit comes after everything its writer had seen.

use picket_schemas::Commit;

/// Whether the causes of a commit have been delivered: for each journal its writer had read, `is_met` is asked with
/// the journal and the last commit the writer had acted upon, be it in part.
pub fn is_ready(commit: &Commit, mut is_met: impl FnMut(&str, u64) -> bool) -> bool {
    commit
        .seen
        .iter()
        .all(|(journal, cursor)| is_met(journal, cursor.begun()))
}
