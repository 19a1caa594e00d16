//! Ids of wishes, made once by whoever first wishes: one per press or typed command.

use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Read;

use picket_schemas::CommandId;

/// A fresh id: `t-` and 128 random bits.
pub(crate) fn fresh() -> CommandId {
    let mut bytes = [0_u8; 16];
    let read = File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bytes));
    if read.is_err() {
        // Where there is no such device, the seeds of the standard hash maps are random too.
        for half in bytes.chunks_mut(8) {
            half.copy_from_slice(&RandomState::new().build_hasher().finish().to_le_bytes());
        }
    }
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    CommandId::from(format!("t-{hex}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_wishes_have_the_same_id() {
        let ids: std::collections::BTreeSet<_> = (0..1_000).map(|_| super::fresh()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(
            ids.iter()
                .all(|id| id.as_str().len() == 34 && id.as_str().starts_with("t-"))
        );
    }
}
