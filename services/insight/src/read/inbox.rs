//! Inbox: what waits for a person, by what the person holds and by what the person is.
//!
//! Every list is found from the person or from the person's area inwards, whichever jurisdictions lie there.

use picket_schemas::PersonId;
use picket_schemas::ask::{Inbox, TaskView};

use super::{INSIDE, Reader, ThingKeys};
use crate::tables::InsightResult;

/// Lists of tasks are in the order of issue.
const IN_ORDER: &str = "ORDER BY t.issued, t.j, LENGTH(t.id), t.id";
/// Lists of leads are in the order they were opened, urgent ones first.
const LEADS_IN_ORDER: &str = "ORDER BY l.urgent DESC, l.opened, l.j, LENGTH(l.id), l.id";
/// A task the person `?2` may hear of at `?3`.
const VISIBLE: &str = "(t.sealed IS NULL OR t.sealed <= ?3 OR EXISTS (SELECT 1 FROM task_people v WHERE v.j = t.j AND v.task = t.id AND v.person = ?2 AND v.what IN ('offered', 'handed', 'holds')))";
/// The person `?2` filled a row of the sheet or submitted it, so somebody else signs it off.
const FILLED: &str = "(EXISTS (SELECT 1 FROM answers a WHERE a.j = t.j AND a.task = t.id AND a.by = ?2) OR EXISTS (SELECT 1 FROM task_submits s WHERE s.j = t.j AND s.task = t.id AND s.by = ?2))";
/// Filled or submitted by the leader of its post.
const FILLED_BY_LEADER: &str = "EXISTS (SELECT 1 FROM posts p WHERE p.j = t.j AND p.code = t.post
  AND (EXISTS (SELECT 1 FROM answers a WHERE a.j = t.j AND a.task = t.id AND a.by = p.leader) OR EXISTS (SELECT 1 FROM task_submits s WHERE s.j = t.j AND s.task = t.id AND s.by = p.leader)))";

impl Reader<'_> {
    pub(super) fn inbox(&self, person: &PersonId) -> InsightResult<Inbox> {
        let id = person.as_str();
        let mut inbox = Inbox {
            offers: self.tasks(self.offered_to(id)?)?,
            tasks: self.tasks(self.held_by(id)?)?,
            reviews: self.tasks(self.submitted_to(id)?)?,
            steps: self.steps_to(id)?,
            drafts: if self.rights.eyes.is_self(id) {
                self.drafts(id)?
            } else {
                Vec::new()
            },
            ..Inbox::default()
        };
        let Some(view) = self.person(id)? else {
            return Ok(inbox);
        };
        let area = view.area.code.as_str();
        let has = |roles: &[&str]| view.roles.iter().any(|role| roles.contains(&role.as_str()));

        if has(&["coordinator", "street"]) {
            inbox.unassigned = self.tasks(self.unassigned_in(area, id)?)?;
            inbox.unreachable = self.unreachable_in(area)?;
            let more = self.tasks(self.submitted_to_nobody(area, id)?)?;
            add_reviews(&mut inbox.reviews, more);
        }
        if has(&["dispatcher"]) {
            inbox.triage = self.leads(self.triage_in(area)?)?;
        }
        if let (Some(department), true) = (&view.department, has(&["inspector", "head"])) {
            inbox.leads = self.leads(self.leads_of(area, &department.code)?)?;
            inbox.cases = self.cases(self.cases_of(area, &department.code)?)?;
        }
        if has(&["verifier", "inspector", "head"]) {
            inbox.verify = self.orders(self.unverified_in(area, id)?)?;
        }
        if has(&["supervisor"]) {
            inbox.proposals = self.unsigned(area, id)?;
        }
        inbox.person = Some(view);
        Ok(inbox)
    }

    /// Tasks a person may still take: offered and free, or handed on to the person.
    fn offered_to(&self, person: &str) -> InsightResult<ThingKeys> {
        self.keys(
            &format!(
                "SELECT t.j, t.id FROM task_people m JOIN tasks t ON t.j = m.j AND t.id = m.task
                 WHERE m.person = ?1 AND ((m.what = 'offered' AND t.state = 'issued' AND t.taken = 0) OR (m.what = 'handed' AND t.state IN ('issued', 'accepted', 'returned'))) {IN_ORDER}"
            ),
            [person],
        )
    }

    fn held_by(&self, person: &str) -> InsightResult<ThingKeys> {
        self.keys(
            &format!("SELECT t.j, t.id FROM task_people m JOIN tasks t ON t.j = m.j AND t.id = m.task WHERE m.person = ?1 AND m.what = 'holds' AND t.state IN ('issued', 'accepted', 'returned') {IN_ORDER}"),
            [person],
        )
    }

    /// Sheets the leader of their post signs off.
    fn submitted_to(&self, leader: &str) -> InsightResult<ThingKeys> {
        self.keys(
            &format!(
                "SELECT t.j, t.id FROM posts p JOIN tasks t ON t.j = p.j AND t.post = p.code AND t.state = 'submitted'
                 WHERE p.leader = ?1 AND ?1 = ?2 AND {VISIBLE} AND NOT {FILLED} {IN_ORDER}"
            ),
            (leader, leader, self.now),
        )
    }

    /// Sheets without a leader who could sign them off.
    fn submitted_to_nobody(&self, area: &str, person: &str) -> InsightResult<ThingKeys> {
        self.keys(
            &format!(
                "{INSIDE} SELECT t.j, t.id FROM tasks t WHERE t.state = 'submitted' AND t.area IN (SELECT code FROM inside) AND {VISIBLE} AND NOT {FILLED}
                   AND (t.post IS NULL OR NOT EXISTS (SELECT 1 FROM posts p WHERE p.j = t.j AND p.code = t.post) OR {FILLED_BY_LEADER}) {IN_ORDER}"
            ),
            (area, person, self.now),
        )
    }

    fn unassigned_in(&self, area: &str, person: &str) -> InsightResult<ThingKeys> {
        self.keys(
            &format!("{INSIDE} SELECT t.j, t.id FROM tasks t WHERE t.nobody = 1 AND t.state IN ('issued', 'accepted', 'returned') AND t.area IN (SELECT code FROM inside) AND {VISIBLE} {IN_ORDER}"),
            (area, person, self.now),
        )
    }

    /// Leads to classify, to route, or to decide joint action on.
    fn triage_in(&self, area: &str) -> InsightResult<ThingKeys> {
        self.keys(
            &format!(
                "{INSIDE} SELECT l.j, l.id FROM leads l WHERE l.state IN ('opened', 'classified', 'routed', 'verified')
                   AND (l.state IN ('opened', 'classified') OR (l.state = 'routed' AND l.joint IS NULL)) AND l.area IN (SELECT code FROM inside) {LEADS_IN_ORDER}"
            ),
            [area],
        )
    }

    /// Leads a department handles or assists in.
    fn leads_of(&self, area: &str, department: &str) -> InsightResult<ThingKeys> {
        self.keys(
            &format!(
                "{INSIDE} SELECT l.j, l.id FROM leads l WHERE l.state IN ('opened', 'classified', 'routed', 'verified')
                   AND (l.state = 'routed' OR (l.state = 'verified' AND l.verdict IN ('substantiated', 'partly')))
                   AND (l.department = ?2 OR EXISTS (SELECT 1 FROM json_each(COALESCE(l.assist, '[]')) e WHERE e.value = ?2))
                   AND l.area IN (SELECT code FROM inside) {LEADS_IN_ORDER}"
            ),
            (area, department),
        )
    }

    fn cases_of(&self, area: &str, department: &str) -> InsightResult<ThingKeys> {
        self.keys(
            &format!("{INSIDE} SELECT c.j, c.id FROM cases c WHERE c.state <> 'cleared' AND c.department = ?2 AND c.area IN (SELECT code FROM inside) ORDER BY c.j, LENGTH(c.id), c.id"),
            (area, department),
        )
    }

    /// Orders whose fix waits; nobody checks what they ordered, fixed or handled themselves.
    fn unverified_in(&self, area: &str, person: &str) -> InsightResult<ThingKeys> {
        self.keys(
            &format!(
                "{INSIDE} SELECT o.j, o.id FROM orders o JOIN cases c ON c.j = o.j AND c.id = o.case_id
                 WHERE o.state = 'reported' AND c.area IN (SELECT code FROM inside) AND o.issuer <> ?2 AND COALESCE(o.fixer, '') <> ?2
                   AND NOT EXISTS (SELECT 1 FROM officers f WHERE f.j = o.j AND f.case_id = o.case_id AND f.person = ?2)
                 ORDER BY o.reported, o.j, LENGTH(o.id), o.id"
            ),
            (area, person),
        )
    }
}

/// A leader who coordinates as well sees a sheet once.
fn add_reviews(reviews: &mut Vec<TaskView>, more: Vec<TaskView>) {
    for task in more {
        if !reviews
            .iter()
            .any(|held| held.jurisdiction == task.jurisdiction && held.task == task.task)
        {
            reviews.push(task);
        }
    }
}
