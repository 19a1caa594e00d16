//! A node: the books of a data folder or a part of a cluster's, with everything around them that makes them run.
//!
//! It names the adapters and wires them. [`embedded`] keeps a data folder in one process, [`clustered`] a share of the
//! books among many; both start the same parts. It knows no command line, and no rule of the trade.

pub mod admin;
pub mod clustered;
mod delivery;
pub mod embedded;
pub mod fast_clock;
pub mod folder;
pub mod ids;
pub mod observability;
mod parts;
pub mod problem;
pub mod projection;
pub mod services;
pub mod signals;
pub mod socket;
pub mod telegram;
pub mod version;
