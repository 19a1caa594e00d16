//! Cases and orders.

use picket_schemas::ask::{CaseView, Named, OrderView};

use super::{Reader, ThingKeys};
use crate::sql::{count, instant, unlist};
use crate::tables::InsightResult;

/// Codes on a case that need looking up.
struct CaseCodes {
    subject: String,
    area: String,
    department: String,
    owner: Option<String>,
    post: Option<String>,
}

impl Reader<'_> {
    pub(super) fn order(&self, j: &str, id: &str) -> InsightResult<Option<OrderView>> {
        if !self.rights.may_order(j, id)? {
            return Ok(None);
        }
        let found = self.tables.one(
            "SELECT o.number, o.year, o.case_id, o.state, o.subject, o.department, o.focus, o.requirement, o.content, o.ground, o.span, o.served, o.reported, o.cleared, o.fix_note, o.parked, c.post, c.owner, c.area
             FROM orders o LEFT JOIN cases c ON c.j = o.j AND c.id = o.case_id WHERE o.j = ?1 AND o.id = ?2",
            (j, id),
            |row| {
                let at = |column: usize| -> rusqlite::Result<Option<jiff::Timestamp>> { Ok(row.get::<_, Option<i64>>(column)?.map(instant)) };
                let view = OrderView {
                    jurisdiction: j.to_owned(),
                    order: id.to_owned(),
                    number: row.get(0)?,
                    year: row.get(1)?,
                    case: row.get(2)?,
                    state: row.get(3)?,
                    subject: Named { code: row.get(4)?, name: String::new() },
                    department: Named { code: row.get(5)?, name: String::new() },
                    post: None,
                    owner: None,
                    focus: row.get(6)?,
                    requirement: row.get(7)?,
                    content: row.get(8)?,
                    ground: row.get(9)?,
                    span: row.get(10)?,
                    served: at(11)?,
                    reported: at(12)?,
                    cleared: at(13)?,
                    fix_note: row.get(14)?,
                    parked: row.get(15)?,
                    deadline: None,
                    rev: 0,
                };
                Ok((view, row.get::<_, Option<String>>(16)?, row.get::<_, Option<String>>(17)?, row.get::<_, Option<String>>(18)?))
            },
        )?;
        let Some((mut order, post, owner, area)) = found else {
            return Ok(None);
        };
        order.post = self.maybe_post(j, post.as_deref())?;
        order.owner = match owner {
            Some(owner) => Some(self.who(&owner)?),
            None => self.owner(
                j,
                Some(&order.subject.code),
                area.as_deref().unwrap_or_default(),
            )?,
        };
        order.subject = self.subject(j, &order.subject.code)?.0;
        order.department = self.department(j, &order.department.code)?;
        order.deadline = self.deadline(j, id, "order.fix")?;
        order.rev = self.revision(j, id)?;
        Ok(Some(order))
    }

    /// A case without its timeline, for lists.
    fn case_head(&self, j: &str, id: &str) -> InsightResult<Option<CaseView>> {
        if !self.rights.may_case(j, id)? {
            return Ok(None);
        }
        let found = self.tables.one(
            "SELECT c.lead, c.state, c.codes, c.generation, c.subject, c.area, c.department, c.owner, COALESCE(c.post, l.post)
             FROM cases c LEFT JOIN leads l ON l.j = c.j AND l.id = c.lead WHERE c.j = ?1 AND c.id = ?2",
            (j, id),
            |row| {
                let codes = CaseCodes { subject: row.get(4)?, area: row.get(5)?, department: row.get(6)?, owner: row.get(7)?, post: row.get(8)? };
                let view = CaseView {
                    jurisdiction: j.to_owned(),
                    case: id.to_owned(),
                    lead: row.get(0)?,
                    state: row.get(1)?,
                    subject: Named::default(),
                    codes: unlist(row.get(2)?),
                    department: Named::default(),
                    officers: Vec::new(),
                    post: None,
                    owner: None,
                    generation: row.get(3)?,
                    orders: Vec::new(),
                    refund_fen: 0,
                    penalties: 0,
                    timeline: Vec::new(),
                    rev: 0,
                };
                Ok((codes, view))
            },
        )?;
        let Some((codes, mut case)) = found else {
            return Ok(None);
        };
        case.subject = self.subject(j, &codes.subject)?.0;
        case.department = self.department(j, &codes.department)?;
        case.post = self.maybe_post(j, codes.post.as_deref())?;
        case.owner = match &codes.owner {
            Some(owner) => Some(self.who(owner)?),
            None => self.owner(j, Some(&codes.subject), &codes.area)?,
        };
        let officers = self.tables.all(
            "SELECT person FROM officers WHERE j = ?1 AND case_id = ?2 ORDER BY pos",
            (j, id),
            |row| row.get::<_, String>(0),
        )?;
        case.officers = self.who_all(&officers)?;
        for (j, order) in self.keys(
            "SELECT j, id FROM orders WHERE j = ?1 AND case_id = ?2 ORDER BY year, number",
            (j, id),
        )? {
            case.orders.extend(self.order(&j, &order)?);
        }
        let sums = self.tables.one(
            "SELECT COALESCE(SUM(CASE WHEN what = 'refund' THEN fen END), 0), COALESCE(SUM(what = 'penalty'), 0) FROM acts WHERE j = ?1 AND case_id = ?2",
            (j, id),
            |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)),
        )?;
        if let Some((refund, penalties)) = sums {
            case.refund_fen = refund;
            case.penalties = count(penalties);
        }
        case.rev = self.revision(j, id)?;
        Ok(Some(case))
    }

    /// A case with everything that happened to it.
    pub(super) fn case(&self, j: &str, id: &str) -> InsightResult<Option<CaseView>> {
        let Some(mut case) = self.case_head(j, id)? else {
            return Ok(None);
        };
        case.timeline = self.timeline(j, id)?;
        Ok(Some(case))
    }

    pub(super) fn cases(&self, keys: ThingKeys) -> InsightResult<Vec<CaseView>> {
        let mut cases = Vec::with_capacity(keys.len());
        for (j, id) in keys {
            cases.extend(self.case_head(&j, &id)?);
        }
        Ok(cases)
    }

    pub(super) fn orders(&self, keys: ThingKeys) -> InsightResult<Vec<OrderView>> {
        let mut orders = Vec::with_capacity(keys.len());
        for (j, id) in keys {
            orders.extend(self.order(&j, &id)?);
        }
        Ok(orders)
    }
}
