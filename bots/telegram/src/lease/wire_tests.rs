//! Name and holder of the lease by which one bot receives: bots of other versions ask for the same one.

use std::sync::Arc;

use picket_ephemera::{Ephemera, MemoryEphemera};

use super::*;
use crate::bot::wire_tests::alone;

#[tokio::test]
async fn the_lease_has_the_name_and_the_holder_it_always_had() {
    let shared = Arc::new(MemoryEphemera::new());
    let bot = alone(&shared);
    assert!(bot.lease.is_ours().await);
    let name = "telegram/7000000001/receiver";
    assert_eq!(
        shared.lease(name, "replica-2", LEASE_TTL).await,
        Ok(None),
        "somebody has it"
    );
    assert!(
        shared
            .lease(name, "replica-1", LEASE_TTL)
            .await
            .unwrap()
            .is_some(),
        "and it is this one"
    );
    bot.lease.release().await;
    assert!(
        shared
            .lease(name, "replica-2", LEASE_TTL)
            .await
            .unwrap()
            .is_some()
    );
    assert!(!bot.lease.is_ours().await);
}
