//! People, the areas they may report in, and institutions with their history.

use picket_schemas::ask::{InstitutionView, Named, PersonView};

use super::{Answered, Reader};
use crate::fold::subject_key;

impl Reader<'_> {
    pub(super) fn person(&self, id: &str) -> Answered<Option<PersonView>> {
        let found = self.one(
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
        person.roles = self.all(
            "SELECT role FROM person_roles WHERE person = ?1 ORDER BY role",
            [id],
            |row| row.get(0),
        )?;
        person.posts = self.all(
            "SELECT code, name FROM posts p WHERE (p.j, p.code) IN (SELECT j, code FROM posts WHERE leader = ?1 UNION SELECT j, post FROM post_members WHERE person = ?1) ORDER BY p.j, p.code",
            [id],
            |row| Ok(Named { code: row.get(0)?, name: row.get(1)? }),
        )?;
        person.open_tasks = self.counted(
            "SELECT COUNT(*) FROM task_people m JOIN tasks t ON t.j = m.j AND t.id = m.task WHERE m.person = ?1 AND m.what = 'holds' AND t.state IN ('issued', 'accepted', 'returned')
               AND (t.sealed IS NULL OR t.sealed <= ?2)",
            (id, if self.eyes.is_self(id) { i64::MAX } else { self.horizon() }),
        )?;
        Ok(Some(person))
    }

    /// People of a jurisdiction, those with a role where one is named.
    pub(super) fn people(&self, j: &str, role: Option<&str>) -> Answered<Vec<PersonView>> {
        let ids = self.all(
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
    pub(super) fn areas(&self, person: &str) -> Answered<Vec<Named>> {
        let mut areas: Vec<Named> = Vec::new();
        let own = self.all(
            "SELECT p.j, p.area FROM posts p WHERE (p.j, p.code) IN (SELECT j, code FROM posts WHERE leader = ?1 UNION SELECT j, post FROM post_members WHERE person = ?1) ORDER BY p.j, p.code",
            [person],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )?;
        let home = picket_schemas::PersonId::from(person).jurisdiction();
        let rest = self.all(
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

    /// An institution on the list, or a place somebody found.
    pub(super) fn institution(&self, j: &str, code: &str) -> Answered<Option<InstitutionView>> {
        if !self.may_institution(j, code)? {
            return Ok(None);
        }
        let listed = self.one("SELECT name, kind, training, licence, address, area, risk, list FROM institutions WHERE j = ?1 AND code = ?2", (j, code), |row| {
            Ok(InstitutionView {
                jurisdiction: j.to_owned(),
                code: code.to_owned(),
                name: row.get(0)?,
                kind: row.get(1)?,
                training: row.get(2)?,
                licence: row.get(3)?,
                address: row.get(4)?,
                area: Named { code: row.get(5)?, name: String::new() },
                owner: None,
                risk: row.get(6)?,
                list: row.get(7)?,
                visits: 0,
                leads: Vec::new(),
                cases: Vec::new(),
                timeline: Vec::new(),
            })
        })?;
        let found = match listed {
            Some(view) => Some(view),
            None => self.one(
                "SELECT address, area FROM places WHERE j = ?1 AND id = ?2",
                (j, code),
                |row| {
                    Ok(InstitutionView {
                        jurisdiction: j.to_owned(),
                        code: code.to_owned(),
                        name: row.get(0)?,
                        kind: "unlisted_place".to_owned(),
                        training: None,
                        licence: None,
                        address: row.get(0)?,
                        area: Named {
                            code: row.get(1)?,
                            name: String::new(),
                        },
                        owner: None,
                        risk: None,
                        list: None,
                        visits: 0,
                        leads: Vec::new(),
                        cases: Vec::new(),
                        timeline: Vec::new(),
                    })
                },
            )?,
        };
        let Some(mut view) = found else {
            return Ok(None);
        };
        view.owner = self.owner(j, Some(code), &view.area.code)?;
        view.area = self.area(j, &view.area.code)?;
        view.visits = self.counted("SELECT COUNT(*) FROM visits WHERE j = ?1 AND subject = ?2", (j, code))?
            + self.counted(
                // Found through the timeline's ids, which are kept by institution.
                "SELECT COUNT(*) FROM (SELECT a.outcome, MAX(a.ord) FROM answers a JOIN tasks t ON t.j = a.j AND t.id = a.task
                   WHERE a.j = ?1 AND a.subject = ?2 AND (t.sealed IS NULL OR t.sealed <= ?4)
                   AND a.task IN (SELECT json_extract(e.json, '$.task') FROM event_ids i JOIN events e ON e.seq = i.seq WHERE i.j = ?1 AND i.id = ?3)
                   GROUP BY a.task, a.row HAVING a.outcome <> 'not_visited')",
                (j, code, subject_key(code), self.horizon()),
            )?;
        let leads: Vec<String> = self.all(
            "SELECT id FROM leads WHERE j = ?1 AND subject = ?2 ORDER BY LENGTH(id), id",
            (j, code),
            |row| row.get(0),
        )?;
        for lead in leads {
            if self.may_lead(j, &lead)? {
                view.leads.push(lead);
            }
        }
        let cases: Vec<String> = self.all(
            "SELECT id FROM cases WHERE j = ?1 AND subject = ?2 ORDER BY LENGTH(id), id",
            (j, code),
            |row| row.get(0),
        )?;
        for case in cases {
            if self.may_case(j, &case)? {
                view.cases.push(case);
            }
        }
        view.timeline = self.history(j, code)?;
        Ok(Some(view))
    }
}
