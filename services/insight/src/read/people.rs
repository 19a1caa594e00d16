//! People, and the areas they may report in.

use picket_schemas::ask::{Named, PersonView};

use super::Reader;
use crate::tables::InsightResult;

impl Reader<'_> {
    pub(super) fn person(&self, id: &str) -> InsightResult<Option<PersonView>> {
        let found = self.tables.one(
            "SELECT name, department, area, certificate, language, j FROM people WHERE id = ?1",
            [id],
            |row| {
                let view = PersonView {
                    id: id.to_owned(),
                    name: row.get(0)?,
                    area: Named {
                        code: row.get(2)?,
                        name: String::new(),
                    },
                    certificate: row.get(3)?,
                    language: row
                        .get::<_, Option<String>>(4)?
                        .unwrap_or_else(|| "zh".to_owned()),
                    ..PersonView::default()
                };
                Ok((
                    view,
                    row.get::<_, Option<String>>(1)?,
                    row.get::<_, String>(5)?,
                ))
            },
        )?;
        let Some((mut person, department, home)) = found else {
            return Ok(None);
        };
        person.area = self.area(&home, &person.area.code)?;
        person.department = department
            .map(|code| self.department(&home, &code))
            .transpose()?;
        person.roles = self.tables.all(
            "SELECT role FROM person_roles WHERE person = ?1 ORDER BY role",
            [id],
            |row| row.get(0),
        )?;
        person.posts = self.tables.all(
            "SELECT code, name FROM posts p WHERE (p.j, p.code) IN (SELECT j, code FROM posts WHERE leader = ?1 UNION SELECT j, post FROM post_members WHERE person = ?1) ORDER BY p.j, p.code",
            [id],
            |row| Ok(Named { code: row.get(0)?, name: row.get(1)? }),
        )?;
        person.open_tasks = self.counted(
            "SELECT COUNT(*) FROM task_people m JOIN tasks t ON t.j = m.j AND t.id = m.task WHERE m.person = ?1 AND m.what = 'holds' AND t.state IN ('issued', 'accepted', 'returned')
               AND (t.sealed IS NULL OR t.sealed <= ?2)",
            (id, if self.rights.eyes.is_self(id) { i64::MAX } else { self.rights.horizon() }),
        )?;
        Ok(Some(person))
    }

    /// People of a jurisdiction, those with a role where one is named.
    pub(super) fn people(&self, j: &str, role: Option<&str>) -> InsightResult<Vec<PersonView>> {
        let ids = self.tables.all(
            "SELECT p.id FROM people p WHERE p.j = ?1 AND (?2 IS NULL OR EXISTS (SELECT 1 FROM person_roles r WHERE r.person = p.id AND r.role = ?2)) ORDER BY p.id",
            (j, role),
            |row| row.get::<_, String>(0),
        )?;
        let mut people = Vec::with_capacity(ids.len());
        for id in ids {
            people.extend(self.person(&id)?);
        }
        Ok(people)
    }

    /// Areas a person may report in: the posts' own first, then all of the home jurisdiction, the smallest first.
    pub(super) fn areas(&self, person: &str) -> InsightResult<Vec<Named>> {
        let mut areas: Vec<Named> = Vec::new();
        let own = self.tables.all(
            "SELECT p.j, p.area FROM posts p WHERE (p.j, p.code) IN (SELECT j, code FROM posts WHERE leader = ?1 UNION SELECT j, post FROM post_members WHERE person = ?1) ORDER BY p.j, p.code",
            [person],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )?;
        let home = picket_schemas::PersonId::from(person).jurisdiction();
        let rest = self.tables.all(
            "SELECT j, code FROM areas WHERE j = ?1 ORDER BY CASE level WHEN 'community' THEN 0 WHEN 'town' THEN 1 WHEN 'county' THEN 2 WHEN 'city' THEN 3 ELSE 4 END, code",
            [home.as_str()],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )?;
        for (j, code) in own.into_iter().chain(rest) {
            if !areas.iter().any(|area| area.code == code) {
                areas.push(self.area(&j, &code)?);
            }
        }
        Ok(areas)
    }
}
