//! What reads the journals of real books at work: traces computed from commits, and facts for other systems.
//!
//! A small county works through a week on a driven clock, in memory. Nothing here knows what the books decide;
//! it looks at what they wrote.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test fails it, with its place"
)]

mod county;
mod published;
mod traced;
