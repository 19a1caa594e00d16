//! Shared store of the bot: values and leases that expire, under the bot's own prefix, for all its replicas.
//!
//! All of it may be lost at any instant; a store that is away is one that lost it. It does not know what a value
//! means.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use picket_ephemera::{Ephemera, EphemeraError};

/// Shared store under a prefix.
#[derive(Clone)]
pub(crate) struct SharedStore {
    ephemera: Arc<dyn Ephemera>,
    prefix: String,
}

impl SharedStore {
    pub(crate) fn new(ephemera: Arc<dyn Ephemera>, prefix: String) -> Self {
        Self { ephemera, prefix }
    }

    /// Key of a name under the prefix.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }

    pub(crate) async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, EphemeraError> {
        self.ephemera.get(&self.key(name)).await
    }

    /// Value of a name that is a number; none where there is none, or the store is away.
    pub(crate) async fn number<N: FromStr>(&self, name: &str) -> Option<N> {
        let bytes = self.get(name).await.ok().flatten()?;
        std::str::from_utf8(&bytes).ok()?.parse().ok()
    }

    pub(crate) async fn put(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<(), EphemeraError> {
        self.ephemera.put(&self.key(name), value, ttl).await
    }

    /// Puts a value where there is none; false where there is one.
    pub(crate) async fn put_if_absent(
        &self,
        name: &str,
        value: &[u8],
        ttl: Duration,
    ) -> Result<bool, EphemeraError> {
        self.ephemera
            .put_if_absent(&self.key(name), value, ttl)
            .await
    }

    /// Takes or renews a lease; false where somebody else holds it.
    pub(crate) async fn lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<bool, EphemeraError> {
        let lease = self.ephemera.lease(&self.key(name), holder, ttl).await?;
        Ok(lease.is_some())
    }

    pub(crate) async fn release(&self, name: &str, holder: &str) -> Result<(), EphemeraError> {
        self.ephemera.release(&self.key(name), holder).await
    }
}
