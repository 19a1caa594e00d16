//! Migration of groups: one that became another is written to at its new number.

use std::collections::HashMap;

use parking_lot::{Mutex, MutexGuard};

/// Migrations of groups that this process heard of.
#[derive(Debug, Default)]
pub(crate) struct Migrations(Mutex<MigrationTable>);

/// Table of migrations.
#[derive(Debug, Default)]
struct MigrationTable {
    to: HashMap<i64, i64>,
    /// Migrations nobody took note of yet.
    fresh: Vec<(i64, i64)>,
}

impl Migrations {
    /// Notes that a group has another number.
    pub(crate) fn note(&self, from: i64, to: i64) {
        let mut table = self.table();
        if from != to && table.to.insert(from, to) != Some(to) {
            table.fresh.push((from, to));
        }
    }

    /// Puts back a migration that could not be taken care of.
    pub(crate) fn put_back(&self, from: i64, to: i64) {
        self.table().fresh.push((from, to));
    }

    /// Takes the migrations nobody took care of yet.
    pub(crate) fn take_fresh(&self) -> Vec<(i64, i64)> {
        std::mem::take(&mut self.table().fresh)
    }

    /// Number a chat has now.
    pub(crate) fn number_of(&self, chat: i64) -> i64 {
        self.table().to.get(&chat).copied().unwrap_or(chat)
    }

    fn table(&self) -> MutexGuard<'_, MigrationTable> {
        self.0.lock()
    }
}
