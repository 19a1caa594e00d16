//! Names a dashboard or an alert may rest on. A name that landed stays; labels never hold an id.
//!
//! Instruments are made with these, and `/metrics` shows them with the usual endings (`_total`, `_seconds`).

/// Wishes answered. Labels: `service`, `outcome` (`done`, `unchanged`, or the code of the refusal).
pub const COMMANDS: &str = "picket_commands";
/// Decisions in one commit. Label: `service`.
pub const GROUP: &str = "picket_group_entries";
/// Time from giving a commit to the store until it is on disk. Labels: `service`, `outcome` (`stored`, `failed`).
pub const APPEND: &str = "picket_append";
/// Time since the store of the journal last answered this process; it is asked every few seconds. Not there in a
/// process that asks no store. While it grows, what is told of journals is as old as this.
pub const SILENT: &str = "picket_journal_silent";
/// Commits in the journals of the books this process keeps. Label: `service`.
pub const HEADS: &str = "picket_journal_commits";
/// Commits of other journals that the books of a service, or a reader, have yet to read. Label: `service`.
pub const LAG: &str = "picket_reading_lag_commits";
/// Bells that rang more than a minute after their instant. Label: `service`.
pub const BELLS_LATE: &str = "picket_bells_late";
/// Notices by what became of them. Label: `state` (`queued`, `handed`, `sent`, `failed`, `unknown`, …).
pub const NOTICES: &str = "picket_notices";
/// Leases this process holds. Label: `kind`.
pub const LEASES: &str = "picket_leases_held";
/// Books that decide nothing until a person has looked. Label: `service`.
pub const STOPPED: &str = "picket_books_stopped";
/// Facts emitted to other systems.
pub const PUBLISHED: &str = "picket_events_published";
/// Spans the collector did not take.
pub const SPANS_LOST: &str = "picket_spans_lost";

/// The label that names a service.
pub const SERVICE: &str = "service";
/// The label that names an outcome.
pub const OUTCOME: &str = "outcome";
/// The label that names a state.
pub const STATE: &str = "state";
/// The label that names a kind.
pub const KIND: &str = "kind";
