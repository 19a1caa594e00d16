//! Random bits of the machine, for ids nobody else makes and tokens nobody guesses.
//!
//! A command's id is made once, by whoever first wishes it: that is what makes sending it again idempotent.

use std::fmt::Write as _;

/// So many random bytes, in hexadecimal.
///
/// # Panics
///
/// Where the machine gives no randomness; the standard library's hash maps end a process there as well.
pub fn random_hex<const BYTES: usize>() -> String {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).expect("a machine gives random bytes");
    bytes
        .iter()
        .fold(String::with_capacity(BYTES * 2), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing into a string does not fail");
            hex
        })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::random_hex;

    #[test]
    fn no_two_are_the_same_and_each_is_as_long_as_it_was_asked_for() {
        let ids: BTreeSet<_> = (0..1_000).map(|_| random_hex::<16>()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| id.len() == 32));
    }
}
