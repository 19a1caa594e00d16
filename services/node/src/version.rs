//! The version of this program, as it is written beside what it computed and compared with what another one left.

use std::sync::OnceLock;

/// The version that counted the figures of a bulletin.
pub const CODE_VERSION: &str = concat!("picket ", env!("CARGO_PKG_VERSION"));

/// The build, told apart from every other one: another build may make something else of the same facts.
pub fn build() -> &'static str {
    static BUILD: OnceLock<String> = OnceLock::new();
    // Read once: later another program may lie in its place.
    BUILD.get_or_init(|| {
        let program = std::env::current_exe()
            .and_then(std::fs::read)
            .map(|bytes| picket_journal::hash_of(&bytes));
        // One that cannot be told apart trusts nobody, not even itself.
        let program = program.unwrap_or_else(|_| crate::ids::new_id("build").to_string());
        format!("{} {program}", env!("CARGO_PKG_VERSION"))
    })
}
