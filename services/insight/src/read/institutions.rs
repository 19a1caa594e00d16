//! Institutions and places found, each with its history.
//!
//! Who may see where one stands is not yet told what was found there: each lead and case is looked at by itself.

use picket_schemas::ask::{InstitutionView, Named};

use super::Reader;
use crate::fold::subject_key;
use crate::tables::InsightResult;

impl Reader<'_> {
    /// An institution on the list, or a place somebody found.
    pub(super) fn institution(
        &self,
        j: &str,
        code: &str,
    ) -> InsightResult<Option<InstitutionView>> {
        if !self.rights.may_institution(j, code)? {
            return Ok(None);
        }
        let found = match self.listed(j, code)? {
            Some(view) => Some(view),
            None => self.unlisted(j, code)?,
        };
        let Some(mut view) = found else {
            return Ok(None);
        };
        view.owner = self.owner(j, Some(code), &view.area.code)?;
        view.area = self.area(j, &view.area.code)?;
        view.visits = self.visits_at(j, code)?;
        for lead in self.about_subject("leads", j, code)? {
            if self.rights.may_lead(j, &lead)? {
                view.leads.push(lead);
            }
        }
        for case in self.about_subject("cases", j, code)? {
            if self.rights.may_case(j, &case)? {
                view.cases.push(case);
            }
        }
        view.timeline = self.history(j, code)?;
        Ok(Some(view))
    }

    fn listed(&self, j: &str, code: &str) -> InsightResult<Option<InstitutionView>> {
        self.tables.one("SELECT name, kind, training, licence, address, area, risk, list FROM institutions WHERE j = ?1 AND code = ?2", (j, code), |row| {
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
        })
    }

    fn unlisted(&self, j: &str, code: &str) -> InsightResult<Option<InstitutionView>> {
        self.tables.one(
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
        )
    }

    /// Visits on outings, and rows of sheets by their last answer.
    fn visits_at(&self, j: &str, code: &str) -> InsightResult<u32> {
        let on_outings = self.counted(
            "SELECT COUNT(*) FROM visits WHERE j = ?1 AND subject = ?2",
            (j, code),
        )?;
        let on_sheets = self.counted(
            // Found through the timeline's ids, which are kept by institution.
            "SELECT COUNT(*) FROM (SELECT a.outcome, MAX(a.ord) FROM answers a JOIN tasks t ON t.j = a.j AND t.id = a.task
               WHERE a.j = ?1 AND a.subject = ?2 AND (t.sealed IS NULL OR t.sealed <= ?4)
               AND a.task IN (SELECT json_extract(e.json, '$.task') FROM event_ids i JOIN events e ON e.seq = i.seq WHERE i.j = ?1 AND i.id = ?3)
               GROUP BY a.task, a.row HAVING a.outcome <> 'not_visited')",
            (j, code, subject_key(code), self.rights.horizon()),
        )?;
        Ok(on_outings + on_sheets)
    }

    /// Ids in a table of leads or cases about a subject, the oldest first.
    fn about_subject(&self, table: &str, j: &str, code: &str) -> InsightResult<Vec<String>> {
        self.tables.all(
            &format!(
                "SELECT id FROM {table} WHERE j = ?1 AND subject = ?2 ORDER BY LENGTH(id), id"
            ),
            (j, code),
            |row| row.get(0),
        )
    }
}
