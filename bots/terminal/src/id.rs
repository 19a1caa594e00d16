//! Ids of wishes, made once by whoever first wishes: one per press or typed command.

use picket_bus::random_hex;
use picket_schemas::CommandId;

/// A fresh id: `t-` and 128 random bits.
pub(crate) fn fresh() -> CommandId {
    CommandId::from(format!("t-{}", random_hex::<16>()))
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
