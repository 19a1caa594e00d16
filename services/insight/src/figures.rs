//! Figures: the numbers of a bulletin, counted by event time from one instant up to another.
//!
//! A city's figure is counted once over all jurisdictions below it, so what occurs twice counts once.
//! Everything is counted from instants, so a past as-of gives the same numbers whatever came after.
//! Rows, visits and outings count when they were seen, everything else when it was committed; what was sealed
//! counts from its release on and not before, in the window the release falls into.

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_schemas::Jurisdiction;
use picket_schemas::ask::FiguresView;
use picket_schemas::figures::{FIGURES, Figures};

use crate::read::Reader;
use crate::sql::{instant, list, local_zone, micros, unlist};
use crate::tables::InsightResult;

/// Everything of the jurisdictions counted.
const SCOPE: &str = "j IN (SELECT value FROM json_each(?1))";

/// The release of the thing a reminder or a step is on; nothing where it was never sealed.
fn released(of: &str) -> String {
    format!(
        "COALESCE((SELECT t.sealed FROM tasks t WHERE t.j = {of}.j AND t.id = {of}.on_id), (SELECT l.sealed FROM leads l WHERE l.j = {of}.j AND l.id = {of}.on_id), 0)"
    )
}

/// Figures of a jurisdiction, each child's own beside them; of one without children, its own.
pub(crate) fn view(
    reader: &Reader<'_>,
    jurisdiction: &Jurisdiction,
    from: Timestamp,
    as_of: Timestamp,
    positions: &BTreeMap<String, (u64, String)>,
) -> InsightResult<FiguresView> {
    let window = |of: &Jurisdiction| FigureWindow {
        reader,
        scope: list(&reader.scope(of)).unwrap_or_else(|| "[]".into()),
        from: micros(from),
        as_of: micros(as_of),
    };
    let figures = window(jurisdiction).figures()?;
    let mut areas = BTreeMap::new();
    for child in reader.children(jurisdiction) {
        areas.insert(child.to_string(), window(&child).figures()?);
    }
    if areas.is_empty() {
        areas.insert(jurisdiction.to_string(), figures.clone());
    }
    let mut names = reader.names_in(jurisdiction.as_str(), &figures, &areas)?;
    names.insert(
        jurisdiction.to_string(),
        reader.jurisdiction_name(jurisdiction.as_str())?,
    );
    Ok(FiguresView {
        jurisdiction: jurisdiction.to_string(),
        from,
        as_of,
        figures,
        areas,
        names,
        positions: positions.clone(),
    })
}

/// Figures by their keys.
type CountedFigures = Vec<(&'static str, i64)>;

/// A jurisdiction and a period, over which figures are counted.
struct FigureWindow<'a> {
    reader: &'a Reader<'a>,
    scope: String,
    from: i64,
    as_of: i64,
}

impl FigureWindow<'_> {
    /// So many numbers from one query, whose parameters are the scope, the start and the end.
    fn count<const N: usize>(&self, sql: &str) -> InsightResult<[i64; N]> {
        let found = self
            .reader
            .tables
            .one(sql, (&self.scope, self.from, self.as_of), |row| {
                let mut numbers = [0; N];
                for (column, number) in numbers.iter_mut().enumerate() {
                    *number = row.get::<_, Option<i64>>(column)?.unwrap_or_default();
                }
                Ok(numbers)
            })?;
        Ok(found.unwrap_or([0; N]))
    }

    /// Every figure, 0 where nothing was counted.
    fn figures(&self) -> InsightResult<Figures> {
        let mut counts: BTreeMap<String, i64> = FIGURES
            .iter()
            .map(|(key, _)| ((*key).to_owned(), 0))
            .collect();
        for counted in [
            self.field_work()?,
            self.findings()?,
            self.measures()?,
            self.sheets()?,
            self.ladder()?,
        ] {
            counts.extend(
                counted
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value)),
            );
        }
        Ok(Figures {
            counts,
            leads_by_department: self.by_department()?,
        })
    }

    /// Outings, visits, and the hazards seen there.
    fn field_work(&self) -> InsightResult<CountedFigures> {
        let person_times = self.person_times()?;
        let [visits, institutions, rounds] = self.visits()?;
        let [found, fixed] = self.count(&format!(
            "SELECT SUM(found), SUM(fixed) FROM visits WHERE {SCOPE} AND observed BETWEEN ?2 AND ?3"
        ))?;
        Ok(vec![
            ("person_times", person_times),
            ("visits", visits),
            ("institutions", institutions),
            ("rounds", rounds),
            ("hazards", found),
            ("hazards_fixed", fixed),
        ])
    }

    /// Reports, leads, and what came of leads.
    fn findings(&self) -> InsightResult<CountedFigures> {
        let [raw] = self.count(&format!("SELECT COUNT(*) FROM reports WHERE {SCOPE} AND MAX(at, COALESCE(sealed, 0)) BETWEEN ?2 AND ?3"))?;
        let [leads] = self.count(&format!("SELECT COUNT(*) FROM leads WHERE {SCOPE} AND MAX(opened, COALESCE(sealed, 0)) BETWEEN ?2 AND ?3 AND (merged IS NULL OR merged > ?3)"))?;
        let [yes, no, hidden, hidden_at] = self.verdicts()?;
        Ok(vec![
            ("raw_reports", raw),
            ("leads", leads),
            ("substantiated", yes),
            ("not_substantiated", no),
            ("hidden_variant_occasions", hidden),
            ("hidden_variant_institutions", hidden_at),
        ])
    }

    /// Measures taken in cases, and the states of their orders.
    fn measures(&self) -> InsightResult<CountedFigures> {
        let [
            orders,
            violators,
            notices,
            public,
            penalised,
            suspended,
            refund,
            reopened,
        ] = self.acts()?;
        let stock = self.stock()?;
        Ok(vec![
            ("orders", orders),
            ("violators", violators),
            ("notices", notices),
            ("public_notices", public),
            ("penalised", penalised),
            ("suspended", suspended),
            ("refund_fen", refund),
            ("reopened", reopened),
            ("due", stock.due),
            ("cleared", stock.cleared),
            ("cleared_on_time", stock.on_time),
            ("overdue", stock.overdue),
        ])
    }

    fn sheets(&self) -> InsightResult<CountedFigures> {
        let [issued] = self.tasks("issued")?;
        let [accepted] = self.tasks("accepted")?;
        let [submitted] = self.tasks("submitted")?;
        Ok(vec![
            ("tasks_issued", issued),
            ("tasks_accepted", accepted),
            ("tasks_submitted", submitted),
            ("tasks_overdue", self.tasks_overdue()?),
        ])
    }

    /// Reminders, and steps of the ladder that stand.
    fn ladder(&self) -> InsightResult<CountedFigures> {
        let [reminders] = self.count(&format!(
            "SELECT COUNT(*) FROM reminders r WHERE r.j IN (SELECT value FROM json_each(?1)) AND r.at <= ?3 AND MAX(r.at, {}) BETWEEN ?2 AND ?3",
            released("r")
        ))?;
        let [escalations] = self.count(&format!(
            "SELECT COUNT(*) FROM steps s WHERE s.j IN (SELECT value FROM json_each(?1)) AND s.counted <= ?3 AND MAX(s.counted, {}) BETWEEN ?2 AND ?3 AND s.level <> 'B0'
               AND NOT EXISTS (SELECT 1 FROM clocks c WHERE c.j = s.j AND c.id = s.clock AND c.withdrawn = 1)",
            released("s")
        ))?;
        Ok(vec![("reminders", reminders), ("escalations", escalations)])
    }

    /// An outing counts on its local day, late-synced ones too.
    fn person_times(&self) -> InsightResult<i64> {
        let day = |at: i64| instant(at).to_zoned(local_zone()).date().to_string();
        let (first, last) = (day(self.from), day(self.as_of));
        let open = self.reader.tables.one(&format!("SELECT SUM(members) FROM sorties WHERE {SCOPE} AND sealed IS NULL AND date BETWEEN ?2 AND ?3"), (&self.scope, &first, &last), |row| {
            row.get::<_, Option<i64>>(0)
        })?;
        let released = self.reader.tables.all(
            &format!("SELECT members, date, sealed FROM sorties WHERE {SCOPE} AND sealed <= ?2"),
            (&self.scope, self.as_of),
            |row| {
                Ok((
                    row.get::<_, i64>(0)?,
                    row.get::<_, String>(1)?.max(day(row.get(2)?)),
                ))
            },
        )?;
        let released: i64 = released
            .into_iter()
            .filter(|(_, known)| (&first..=&last).contains(&known))
            .map(|(members, _)| members)
            .sum();
        Ok(open.flatten().unwrap_or_default() + released)
    }

    /// Visits, distinct institutions and places, rounds. Of a row the last answer up to the end counts.
    fn visits(&self) -> InsightResult<[i64; 3]> {
        self.count(
            "WITH latest AS (
               SELECT j, task, subject, outcome, observed, MAX(ord) FROM answers
               WHERE j IN (SELECT value FROM json_each(?1)) AND observed <= ?3 GROUP BY j, task, row),
             seen (j, subject, campaign, round, visit) AS (
               SELECT l.j, l.subject, t.campaign, t.round, 1 FROM latest l LEFT JOIN tasks t ON t.j = l.j AND t.id = l.task
               WHERE MAX(l.observed, COALESCE(t.sealed, 0)) BETWEEN ?2 AND ?3 AND l.outcome <> 'not_visited'
               UNION ALL SELECT j, subject, campaign, round, 1 FROM visits WHERE j IN (SELECT value FROM json_each(?1)) AND observed BETWEEN ?2 AND ?3
               UNION ALL SELECT j, id, campaign, round, 0 FROM places WHERE j IN (SELECT value FROM json_each(?1)) AND MAX(observed, COALESCE(sealed, 0)) BETWEEN ?2 AND ?3)
             SELECT SUM(visit), COUNT(DISTINCT j || '/' || subject), COUNT(DISTINCT CASE WHEN visit = 1 AND round IS NOT NULL THEN COALESCE(campaign, '') || '#' || round END) FROM seen",
        )
    }

    /// By the last verdict up to the end.
    fn verdicts(&self) -> InsightResult<[i64; 4]> {
        self.count(&format!(
            "WITH latest AS (SELECT j, lead, at, verdict, subject, hidden, MAX(ord) FROM verdicts WHERE {SCOPE} AND at <= ?3 GROUP BY j, lead)
             SELECT SUM(verdict IN ('substantiated', 'partly')), SUM(verdict = 'not'), SUM(verdict IN ('substantiated', 'partly') AND hidden),
               COUNT(DISTINCT CASE WHEN verdict IN ('substantiated', 'partly') AND hidden THEN j || '/' || subject END) FROM latest WHERE at >= ?2"
        ))
    }

    fn acts(&self) -> InsightResult<[i64; 8]> {
        self.count(&format!(
            "SELECT SUM(what = 'served'), COUNT(DISTINCT CASE WHEN what = 'served' THEN j || '/' || subject END), SUM(what = 'notice'), SUM(what = 'public_notice'),
               COUNT(DISTINCT CASE WHEN what = 'penalty' THEN j || '/' || subject END), COUNT(DISTINCT CASE WHEN what = 'suspended' THEN j || '/' || subject END),
               SUM(CASE WHEN what = 'refund' THEN fen END), SUM(what = 'reopened') FROM acts WHERE {SCOPE} AND at BETWEEN ?2 AND ?3"
        ))
    }

    /// Orders against the due instant in force at the end, those standing still left out of what is due.
    fn stock(&self) -> InsightResult<OrderCounts> {
        let mut stock = OrderCounts::default();
        let orders = self.reader.tables.all(
            "SELECT d.due, d.standing,
               (SELECT m.what = 'parked' FROM order_marks m WHERE m.j = o.j AND m.id = o.id AND m.what IN ('parked', 'resumed') AND m.at <= ?2 ORDER BY m.ord DESC LIMIT 1),
               p.at,
               (SELECT m.at FROM order_marks m WHERE m.j = o.j AND m.id = o.id AND m.what = 'reported' AND m.ord < p.ord ORDER BY m.ord DESC LIMIT 1)
             FROM orders o
             LEFT JOIN clocks c ON c.j = o.j AND c.id = (SELECT x.id FROM clocks x WHERE x.j = o.j AND x.on_id = o.id AND x.kind = 'order.fix' AND x.started <= ?2 ORDER BY x.ord DESC LIMIT 1)
             LEFT JOIN dues d ON d.j = c.j AND d.clock = c.id AND d.ord = (SELECT MAX(y.ord) FROM dues y WHERE y.j = c.j AND y.clock = c.id AND y.at <= ?2)
             LEFT JOIN order_marks p ON p.j = o.j AND p.id = o.id AND p.what = 'passed' AND p.at <= ?2
             WHERE o.j IN (SELECT value FROM json_each(?1)) AND o.served <= ?2",
            (&self.scope, self.as_of),
            |row| Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Option<bool>>(2)?, row.get::<_, Option<i64>>(3)?, row.get::<_, Option<i64>>(4)?)),
        )?;
        for (due, standing, parked, passed, reported) in orders {
            let runs = standing == Some(crate::fold::RUNNING) && parked != Some(true);
            let passed_due = runs && due.is_some_and(|due| (self.from..=self.as_of).contains(&due));
            stock.due += i64::from(passed_due);
            match passed {
                Some(at) if at >= self.from => {
                    stock.cleared += 1;
                    stock.on_time += i64::from(
                        reported
                            .zip(due)
                            .is_some_and(|(reported, due)| reported <= due),
                    );
                }
                Some(_) => {}
                None => stock.overdue += i64::from(passed_due),
            }
        }
        Ok(stock)
    }

    /// Tasks by an instant of theirs.
    fn tasks(&self, instant: &str) -> InsightResult<[i64; 1]> {
        self.count(&format!("SELECT COUNT(*) FROM tasks WHERE {SCOPE} AND MAX({instant}, COALESCE(sealed, 0)) BETWEEN ?2 AND ?3"))
    }

    /// Past their window and neither submitted nor cancelled within it.
    fn tasks_overdue(&self) -> InsightResult<i64> {
        let [overdue] = self.count(
            "SELECT COUNT(DISTINCT c.j || '/' || c.on_id) FROM clocks c
             JOIN dues d ON d.j = c.j AND d.clock = c.id AND d.ord = (SELECT MAX(x.ord) FROM dues x WHERE x.j = c.j AND x.clock = c.id AND x.at <= ?3)
             LEFT JOIN tasks t ON t.j = c.j AND t.id = c.on_id
             WHERE c.j IN (SELECT value FROM json_each(?1)) AND c.kind = 'task.submit' AND c.started <= ?3 AND d.standing = 0 AND MAX(d.due, COALESCE(t.sealed, 0)) BETWEEN ?2 AND ?3
               AND (c.stopped IS NULL OR c.stopped > d.due)
               AND NOT EXISTS (SELECT 1 FROM task_submits s WHERE s.j = c.j AND s.task = c.on_id AND s.at BETWEEN c.began AND d.due)
               AND (t.cancelled IS NULL OR t.cancelled > d.due)",
        )?;
        Ok(overdue)
    }

    /// Leads under the leading and each assisting department, by the last routing up to the end.
    fn by_department(&self) -> InsightResult<BTreeMap<String, i64>> {
        let routed = self.reader.tables.all(
            "SELECT r.department, r.assist, MAX(r.ord) FROM routings r JOIN leads l ON l.j = r.j AND l.id = r.lead
             WHERE r.j IN (SELECT value FROM json_each(?1)) AND MAX(l.opened, COALESCE(l.sealed, 0)) BETWEEN ?2 AND ?3 AND (l.merged IS NULL OR l.merged > ?3) AND r.at <= ?3 GROUP BY r.j, r.lead",
            (&self.scope, self.from, self.as_of),
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)),
        )?;
        let mut leads = BTreeMap::new();
        for (department, assist) in routed {
            let mut named = unlist(assist);
            named.push(department);
            named.sort();
            named.dedup();
            for code in named {
                *leads.entry(code).or_default() += 1;
            }
        }
        Ok(leads)
    }
}

/// The numbers of orders by their deadline.
#[derive(Default)]
struct OrderCounts {
    due: i64,
    cleared: i64,
    on_time: i64,
    overdue: i64,
}
