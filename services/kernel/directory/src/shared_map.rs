//! Map of records that is cheap to copy: copies share all that did not change since.
//!
//! A directory is copied for every commit of a registry, and a registry may hold tens of thousands of
//! records. Serialised it is a map like any other.

use std::borrow::Borrow;
use std::fmt;

use rpds::RedBlackTreeMapSync;
use serde::{Deserialize, Serialize};

/// Records by key, in the order of their keys.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    transparent,
    bound(deserialize = "K: Deserialize<'de> + Ord, V: Deserialize<'de>")
)]
pub struct SharedMap<K: Ord, V>(RedBlackTreeMapSync<K, V>);

impl<K: Ord + fmt::Debug, V: fmt::Debug> fmt::Debug for SharedMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K: Ord, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self(RedBlackTreeMapSync::new_sync())
    }
}

impl<K: Ord, V> SharedMap<K, V> {
    /// The record with this key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// True if there is a record with this key.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.0.size()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.keys()
    }

    /// The records in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.values()
    }

    /// Keys and records in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter()
    }
}

impl<K: Ord + Clone, V: Clone> SharedMap<K, V> {
    /// Puts a record in the place of whatever had its key.
    pub fn insert(&mut self, key: K, record: V) {
        self.0.insert_mut(key, record);
    }

    /// Takes a record out; whether it was there.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.remove_mut(key)
    }
}
