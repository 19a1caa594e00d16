//! Names of what codes stand for: nearest registry first, the code itself where nobody named it.
//!
//! Used by every answer. A name is looked up when somebody asks, so a later correction shows everywhere.

use picket_schemas::ask::Named;

use super::Reader;
use crate::tables::{DEPTH, InsightResult};

impl Reader<'_> {
    fn named(&self, code: &str, name: Option<String>) -> Named {
        Named {
            code: code.to_owned(),
            name: name.unwrap_or_else(|| code.to_owned()),
        }
    }

    pub(crate) fn department(&self, j: &str, code: &str) -> InsightResult<Named> {
        Ok(self.named(
            code,
            self.tables.nearest(
                j,
                code,
                "SELECT name FROM departments WHERE j = ?1 AND code = ?2",
            )?,
        ))
    }

    pub(crate) fn area(&self, j: &str, code: &str) -> InsightResult<Named> {
        let own =
            self.tables
                .nearest(j, code, "SELECT name FROM areas WHERE j = ?1 AND code = ?2")?;
        let name = match own {
            Some(name) => Some(name),
            // An area below is named in a registry below.
            None => self.tables.one(
                "SELECT name FROM areas WHERE code = ?1 ORDER BY j LIMIT 1",
                [code],
                |row| row.get(0),
            )?,
        };
        Ok(self.named(code, name))
    }

    pub(super) fn post(&self, j: &str, code: &str) -> InsightResult<Named> {
        Ok(self.named(
            code,
            self.tables
                .nearest(j, code, "SELECT name FROM posts WHERE j = ?1 AND code = ?2")?,
        ))
    }

    pub(super) fn maybe_post(&self, j: &str, code: Option<&str>) -> InsightResult<Option<Named>> {
        code.map(|code| self.post(j, code)).transpose()
    }

    /// A person by full id; somebody on no roster goes by the short code.
    pub(super) fn who(&self, id: &str) -> InsightResult<Named> {
        let name = self
            .tables
            .one("SELECT name FROM people WHERE id = ?1", [id], |row| {
                row.get::<_, String>(0)
            })?;
        Ok(Named {
            code: id.to_owned(),
            name: name.unwrap_or_else(|| picket_schemas::split_id(id).1.to_owned()),
        })
    }

    pub(super) fn who_all<S: AsRef<str>>(&self, ids: &[S]) -> InsightResult<Vec<Named>> {
        ids.iter().map(|id| self.who(id.as_ref())).collect()
    }

    /// An institution, school or place found, with its address.
    pub(super) fn subject(&self, j: &str, id: &str) -> InsightResult<(Named, String)> {
        for level in self.tables.chain(j) {
            if let Some((name, address)) = self.tables.one(
                "SELECT name, address FROM institutions WHERE j = ?1 AND code = ?2",
                (level.as_str(), id),
                |row| Ok((row.get::<_, String>(0)?, row.get(1)?)),
            )? {
                return Ok((self.named(id, Some(name)), address));
            }
        }
        if let Some(address) = self.tables.one(
            "SELECT address FROM places WHERE j = ?1 AND id = ?2",
            (j, id),
            |row| row.get::<_, String>(0),
        )? {
            return Ok((self.named(id, Some(address.clone())), address));
        }
        Ok((self.named(id, None), String::new()))
    }

    /// The area around an area, whichever registry says so.
    fn around(&self, code: &str) -> InsightResult<Option<String>> {
        self.tables.one(
            "SELECT parent FROM areas WHERE code = ?1 AND parent IS NOT NULL ORDER BY j LIMIT 1",
            [code],
            |row| row.get(0),
        )
    }

    /// The owner of an area: that of the inmost around it that has one.
    fn owner_of_area(&self, j: &str, area: &str) -> InsightResult<Option<String>> {
        let mut at = area.to_owned();
        for _ in 0..DEPTH {
            if let Some(owner) = self.tables.nearest(
                j,
                &at,
                "SELECT person FROM area_owners WHERE j = ?1 AND area = ?2",
            )? {
                return Ok(Some(owner));
            }
            match self.around(&at)? {
                Some(parent) => at = parent,
                None => break,
            }
        }
        Ok(None)
    }

    /// The owner of a subject: by name, else through the area.
    pub(super) fn owner(
        &self,
        j: &str,
        subject: Option<&str>,
        area: &str,
    ) -> InsightResult<Option<Named>> {
        let own = match subject {
            Some(subject) => self.tables.nearest(
                j,
                subject,
                "SELECT person FROM institution_owners WHERE j = ?1 AND institution = ?2",
            )?,
            None => None,
        };
        let owner = match own {
            Some(owner) => Some(owner),
            None => self.owner_of_area(j, area)?,
        };
        owner.map(|owner| self.who(&owner)).transpose()
    }

    /// The name of a jurisdiction: that of the area with its code.
    pub(crate) fn jurisdiction_name(&self, j: &str) -> InsightResult<String> {
        Ok(self.area(j, j)?.name)
    }
}
