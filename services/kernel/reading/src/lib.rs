//! Reading journals: commits decoded, checked against the ones before them, and delivered in causal order.
//!
//! Keepers, insight, the publisher and replays read through it, each from positions of its own. It knows
//! neither books nor who keeps them, and what an event says is nothing to it.

mod causal_buffer;
mod causal_reader;
mod decoded;
mod error;
mod loss;
mod order;
mod verify;

pub use causal_buffer::{CausalBuffer, Missing};
pub use causal_reader::CausalReader;
pub use decoded::{Damaged, Decoded, follows};
pub use error::{CannotRead, chain};
pub use loss::{LostCommits, lost};
pub use order::is_ready;
pub use verify::{BookReport, verify_book};
