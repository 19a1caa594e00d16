//! The directory: who and what there is, and who may do what.
//!
//! It is the fold of registry events, one layer a jurisdiction; lookups see the own layer first and then
//! those above, nearest wins. Every book decides with it; the registry book contains one layer.
//! It knows no clock and no journal: the runtime feeds it facts and hands it out.

mod layer;
mod lookup;
mod policy;
mod shared_map;

#[cfg(test)]
mod tests;

pub use layer::{Admission, Away, Invite, Layer};
pub use lookup::Directory;
pub use policy::{OPERATOR, Resource, SYSTEM, Sight, allow, sight};
pub use shared_map::SharedMap;
