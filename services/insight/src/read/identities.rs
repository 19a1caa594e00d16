//! Chat accounts: whose an account is, and where a person can be written to.
//!
//! An account belongs to whom it was bound to last; of a person's accounts on one channel only the one bound
//! last counts, so that a lost phone stops being the person as soon as another one is bound.
//! It does not know how a channel proves who writes.

use picket_schemas::ask::{AccountView, PersonView};

use super::Reader;
use crate::tables::InsightResult;

/// The latest first; two instants alike are told apart by where they are written.
const LATEST: &str = "ORDER BY at DESC, j, ord DESC";

impl Reader<'_> {
    /// The person an account belongs to.
    pub(super) fn identity(
        &self,
        channel: &str,
        account: &str,
    ) -> InsightResult<Option<PersonView>> {
        let holder = self.tables.one(
            &format!(
                "SELECT person FROM identities WHERE channel = ?1 AND account = ?2 {LATEST} LIMIT 1"
            ),
            (channel, account),
            |row| row.get::<_, String>(0),
        )?;
        let Some(person) = holder else {
            return Ok(None);
        };
        if self.account(&person, channel)?.as_deref() == Some(account) {
            self.person(&person)
        } else {
            Ok(None)
        }
    }

    /// The accounts a person can be written to: on each channel the one bound last, if still the person's.
    pub(super) fn accounts(&self, person: &str) -> InsightResult<Vec<AccountView>> {
        let mut accounts = Vec::new();
        for channel in self.tables.all(
            "SELECT DISTINCT channel FROM identities WHERE person = ?1 ORDER BY channel",
            [person],
            |row| row.get::<_, String>(0),
        )? {
            let Some(account) = self.account(person, &channel)? else {
                continue;
            };
            if self
                .identity(&channel, &account)?
                .is_some_and(|holder| holder.id == person)
            {
                accounts.push(AccountView { channel, account });
            }
        }
        Ok(accounts)
    }

    fn account(&self, person: &str, channel: &str) -> InsightResult<Option<String>> {
        self.tables.one(
            &format!(
                "SELECT account FROM identities WHERE person = ?1 AND channel = ?2 {LATEST} LIMIT 1"
            ),
            (person, channel),
            |row| row.get(0),
        )
    }
}
