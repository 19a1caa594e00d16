//! Keys by which NATS knows a process: the seed stays with the process, the server gets the public half.
//!
//! `picket keys` makes them. It writes no file and prints nothing.

use nkeys::KeyPair;

/// The key of a user, just made.
#[derive(Clone)]
pub struct UserKey {
    /// The secret half, as its file holds it; it starts with SU.
    pub seed: String,
    /// The public half, which the server is told; it starts with U.
    pub public: String,
}

impl std::fmt::Debug for UserKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UserKey({})", self.public)
    }
}

/// Makes one from the machine's randomness.
pub fn new_key() -> UserKey {
    let pair = KeyPair::new_user();
    UserKey {
        seed: pair.seed().expect("a pair that was just made has its seed"),
        public: pair.public_key(),
    }
}

/// The public half of a seed as a file holds it; nothing where it is none.
pub fn public_of(seed: &str) -> Option<String> {
    let line = seed
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("SU"))?;
    KeyPair::from_seed(line).ok().map(|pair| pair.public_key())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_seed_and_shows_only_its_public_half() {
        let key = new_key();
        assert_eq!(
            public_of(&format!("{}\n", key.seed)),
            Some(key.public.clone())
        );
        assert!(key.public.starts_with('U') && !format!("{key:?}").contains(&key.seed));
        assert_ne!(new_key().public, key.public);
        assert_eq!(public_of("no seed"), None);
    }
}
