//! Finds: ids that match a description. How a script finds what a reaction created.
//!
//! Conditions that a kind does not know match nothing, so a misspelt one is noticed.

use std::collections::BTreeMap;

use rusqlite::types::Value;

use super::Reader;
use crate::tables::InsightResult;

/// A kind of thing: what is selected, and the condition each key stands for. `#` is the parameter.
struct FindQuery {
    from: &'static str,
    by: &'static [(&'static str, &'static str)],
}

/// In the area given or anywhere within it.
const INSIDE_AREA: &str = "x.area IN (WITH RECURSIVE inside (code) AS (SELECT # UNION SELECT a.code FROM areas a JOIN inside i ON a.parent = i.code) SELECT code FROM inside)";

const KINDS: &[(&str, FindQuery)] = &[
    (
        "lead",
        FindQuery {
            from: "leads x LEFT JOIN reports r ON r.j = x.j AND r.id = x.report",
            by: &[
                ("task", "r.task = #"),
                ("row", "r.row = #"),
                ("report", "x.report = #"),
                ("place", "r.place = #"),
                ("subject", "x.subject = #"),
                ("institution", "x.subject = #"),
                ("area", "x.area = #"),
                ("state", "x.state = #"),
                ("case", "x.case_id = #"),
            ],
        },
    ),
    (
        "task",
        FindQuery {
            from: "tasks x",
            by: &[
                ("batch", "x.batch = #"),
                ("post", "x.post = #"),
                ("area", "x.area = #"),
                ("state", "x.state = #"),
                (
                    "person",
                    "EXISTS (SELECT 1 FROM task_people p WHERE p.j = x.j AND p.task = x.id AND p.what IN ('offered', 'handed', 'holds') AND (p.person = # OR (INSTR(#, '/') = 0 AND SUBSTR(p.person, INSTR(p.person, '/') + 1) = #)))",
                ),
                (
                    "row",
                    "EXISTS (SELECT 1 FROM task_rows p WHERE p.j = x.j AND p.task = x.id AND p.row = #)",
                ),
            ],
        },
    ),
    (
        "batch",
        FindQuery {
            from: "batches x",
            by: &[("name", "x.name = #"), ("campaign", "x.campaign = #")],
        },
    ),
    (
        "report",
        FindQuery {
            from: "reports x LEFT JOIN leads l ON l.j = x.j AND l.report = x.id",
            by: &[
                ("lead", "l.id = #"),
                ("task", "x.task = #"),
                ("row", "x.row = #"),
                ("place", "x.place = #"),
                ("source", "x.source = #"),
            ],
        },
    ),
    (
        "place",
        FindQuery {
            from: "places x",
            by: &[("area", "x.area = #"), ("address", "x.address = #")],
        },
    ),
    (
        "action",
        FindQuery {
            from: "actions x",
            by: &[("lead", "x.lead = #")],
        },
    ),
    (
        "case",
        FindQuery {
            from: "cases x",
            by: &[
                ("lead", "x.lead = #"),
                ("subject", "x.subject = #"),
                ("institution", "x.subject = #"),
                ("state", "x.state = #"),
            ],
        },
    ),
    (
        "order",
        FindQuery {
            from: "orders x",
            by: &[
                ("case", "x.case_id = #"),
                ("subject", "x.subject = #"),
                ("institution", "x.subject = #"),
                ("state", "x.state = #"),
            ],
        },
    ),
    (
        "clock",
        FindQuery {
            from: "clocks x",
            by: &[
                ("on", "x.on_id = #"),
                ("task", "x.on_id = #"),
                ("lead", "x.on_id = #"),
                ("order", "x.on_id = #"),
                ("kind", "x.kind = #"),
            ],
        },
    ),
    (
        "step",
        FindQuery {
            from: "steps x",
            by: &[
                ("on", "x.on_id = #"),
                ("task", "x.on_id = #"),
                ("lead", "x.on_id = #"),
                ("order", "x.on_id = #"),
                ("clock", "x.clock = #"),
                ("level", "x.level = #"),
                ("kind", "x.kind = #"),
                (
                    "to",
                    "EXISTS (SELECT 1 FROM step_to p WHERE p.j = x.j AND p.step = x.id AND (p.person = # OR (INSTR(#, '/') = 0 AND SUBSTR(p.person, INSTR(p.person, '/') + 1) = #)))",
                ),
            ],
        },
    ),
    (
        "notice",
        FindQuery {
            from: "notices x",
            by: &[
                (
                    "to",
                    "(x.person = # OR (INSTR(#, '/') = 0 AND SUBSTR(x.person, INSTR(x.person, '/') + 1) = #))",
                ),
                ("kind", "x.kind = #"),
                ("about", "x.about = #"),
                ("state", "x.state = #"),
            ],
        },
    ),
    (
        "institution",
        FindQuery {
            from: "(SELECT j, code AS id, training, risk, list, area FROM institutions WHERE kind <> 'unlisted_place') x",
            by: &[
                ("area", INSIDE_AREA),
                ("kind", "x.training = #"),
                ("risk", "x.risk = #"),
                ("list", "x.list = #"),
            ],
        },
    ),
    (
        "post",
        FindQuery {
            from: "(SELECT j, code AS id, area FROM posts) x",
            by: &[("area", INSIDE_AREA)],
        },
    ),
    (
        "sortie",
        FindQuery {
            from: "sorties x",
            by: &[("date", "x.date = #")],
        },
    ),
    (
        "bulletin",
        FindQuery {
            from: "bulletins x",
            by: &[("name", "x.name = #")],
        },
    ),
];

/// Conditions on people keep the jurisdiction, all others are short within their own.
const PERSONAL: [&str; 2] = ["person", "to"];

impl Reader<'_> {
    pub(super) fn find(
        &self,
        j: &str,
        find: &str,
        by: &BTreeMap<String, String>,
    ) -> InsightResult<Vec<String>> {
        let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == find) else {
            return Ok(Vec::new());
        };
        let mut params = vec![Value::Text(j.to_owned())];
        let mut filter = String::from("x.j = ?1");
        for (key, wanted) in by {
            let Some((_, condition)) = kind.by.iter().find(|(name, _)| name == key) else {
                return Ok(Vec::new());
            };
            let wanted = match wanted.split_once('/') {
                Some((home, short))
                    if !PERSONAL.contains(&key.as_str())
                        && self.tables.territory.jurisdictions.contains_key(home) =>
                {
                    short
                }
                _ => wanted.as_str(),
            };
            params.push(Value::Text(wanted.to_owned()));
            filter.push_str(" AND ");
            filter.push_str(&condition.replace('#', &format!("?{}", params.len())));
        }
        // The numbers of ids are dense, so the shorter of two is the older.
        let sql = format!(
            "SELECT DISTINCT x.id FROM {} WHERE {filter} ORDER BY LENGTH(x.id), x.id",
            kind.from
        );
        let mut found: Vec<String> =
            self.tables
                .all(&sql, rusqlite::params_from_iter(params), |row| row.get(0))?;
        let mut seen = Vec::with_capacity(found.len());
        for id in found.drain(..) {
            if self.rights.may_find(find, j, &id)? {
                seen.push(id);
            }
        }
        Ok(seen)
    }
}
