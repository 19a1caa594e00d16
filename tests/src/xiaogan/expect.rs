//! What the year must come to.
//!
//! First the sums of the ledger, which hold by construction. Then what the clocks said, pinned: the numbers
//! follow from the working days of 2023 and the default ladder, and are read off a run once it was explained.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::xiaogan::script::Counted;
use crate::xiaogan::world::County;

/// What clocks and ladders came to, city first, then the counties in order.
///
/// Of 47 orders one is parked, so 46 are due. Three were never answered: B1, B2 and a signed B3 each. Five were
/// late: two urged (B1) and done as promised, two urged after a failed verification, one pressed as well (B2).
/// Five sheets overran their window, nineteen were taken late, three verdicts came late: a B1 each. In all
/// 9 + 6 + 27 = 42 steps. Reminders: 221 of reviews, 45 of orders, 38 of sheets nobody had taken, 9 of sheets
/// and 3 of verdicts due the next day, and 6 that the Wednesday schedule sent.
const PINNED: &[(&str, [i64; 8])] = &[
    ("visits", [1_311, 476, 132, 123, 135, 154, 141, 150]),
    ("rounds", [3, 3, 3, 3, 3, 3, 3, 3]),
    ("due", [46, 16, 5, 3, 5, 5, 6, 6]),
    ("overdue", [3, 1, 0, 1, 0, 0, 1, 0]),
    ("tasks_issued", [467, 153, 48, 44, 48, 66, 51, 57]),
    ("tasks_accepted", [446, 150, 45, 41, 45, 63, 48, 54]),
    ("tasks_submitted", [446, 150, 45, 41, 45, 63, 48, 54]),
    ("tasks_overdue", [5, 3, 0, 0, 0, 1, 0, 1]),
    ("reminders", [322, 127, 30, 28, 31, 38, 31, 37]),
    ("escalations", [42, 15, 3, 5, 4, 6, 5, 4]),
];

/// What some people were told, pinned as well.
const NOTICES: &[(&str, &str, u64)] = &[
    // A sheet every working Monday and one in each round; told once when the finding was routed and once when it was cleared.
    ("420902/P-0017", "offer", 50),
    ("420902/P-0017", "finding_routed", 1),
    ("420902/P-0017", "finding_cleared", 1),
    // Working Fridays.
    ("4209/P-9001", "digest", 47),
    // The third and fourth step of the order nobody answered.
    ("420902/P-0203", "proposal", 2),
];

const DEPARTMENTS: &str = "leads_by_department";

/// Ways that must have been gone, in this order, whatever else happened between.
const WAYS: &[(&str, &[&str])] = &[
    // From the sentinel's row to the look-back.
    (
        "$case-1",
        &[
            "row.filled",
            "row.found",
            "report.received",
            "lead.opened",
            "lead.classified",
            "lead.routed",
            "joint.decided",
            "action.opened",
            "action.closed",
            "verdict.recorded",
            "case.filed",
            "order.issued",
            "order.served",
            "clock.started",
            "refund.recorded",
            "fix.reported",
            "clock.stopped",
            "fix.passed",
            "case.cleared",
            "look_back.recorded",
        ],
    ),
    // Relapsed, and round again.
    (
        "$case-4",
        &[
            "case.cleared",
            "look_back.recorded",
            "case.reopened",
            "order.issued",
            "order.served",
            "fix.passed",
            "case.cleared",
            "look_back.recorded",
        ],
    ),
    // Verified, found wanting, done, verified.
    (
        "$order-5-1",
        &[
            "order.served",
            "fix.reported",
            "fix.failed",
            "fix.reported",
            "fix.passed",
        ],
    ),
    // Late: urged, then pressed.
    (
        "$order-8-1",
        &[
            "order.served",
            "reminder.due",
            "deadline.passed",
            "ladder.stepped",
            "ladder.stepped",
            "fix.reported",
            "fix.passed",
        ],
    ),
    // Late: urged, and a promise kept.
    (
        "$order-12-1",
        &[
            "order.served",
            "reminder.due",
            "deadline.passed",
            "ladder.stepped",
            "step.acknowledged",
            "fix.reported",
            "fix.passed",
        ],
    ),
    // Never answered: two steps by themselves, one signed, one still waiting for its signature.
    (
        "$order-15-1",
        &[
            "order.served",
            "deadline.passed",
            "ladder.stepped",
            "ladder.stepped",
            "ladder.proposed",
            "ladder.signed",
            "ladder.proposed",
        ],
    ),
    (
        "$order-18-1",
        &[
            "order.served",
            "order.extended",
            "clock.moved",
            "fix.reported",
            "fix.passed",
        ],
    ),
    (
        "$order-20-1",
        &[
            "order.served",
            "order.parked",
            "clock.paused",
            "order.resumed",
            "clock.resumed",
            "fix.reported",
            "fix.passed",
        ],
    ),
];

const SUBJECTS: [&str; 4] = [
    "hidden_variant_institutions",
    "violators",
    "penalised",
    "suspended",
];

/// `expect.json`
pub fn text(counties: &[County], counted: &[Counted]) -> String {
    let mut city = Map::new();
    let mut areas = Map::new();
    let mut of_city: BTreeMap<&str, i64> = BTreeMap::new();
    for (county, counted) in counties.iter().zip(counted) {
        let mut figures = Map::new();
        let mut put = |key: &str, n: i64| {
            figures.insert(key.to_owned(), n.into());
            let sum = city.get(key).and_then(Value::as_i64).unwrap_or_default() + n;
            city.insert(key.to_owned(), sum.into());
        };
        put("person_times", number(counted.person_times()));
        put("institutions", number(counted.visited.len()));
        for key in KEYS {
            put(key, counted.figures.get(key).copied().unwrap_or_default());
        }
        for key in SUBJECTS {
            put(
                key,
                number(
                    counted
                        .subjects
                        .get(key)
                        .map_or(0, std::collections::BTreeSet::len),
                ),
            );
        }
        let departments: Map<String, Value> = counted
            .departments
            .iter()
            .map(|(code, n)| ((*code).to_owned(), (*n).into()))
            .collect();
        for (code, n) in &counted.departments {
            *of_city.entry(*code).or_default() += n;
        }
        figures.insert(DEPARTMENTS.to_owned(), departments.into());
        areas.insert(county.plan.code.to_owned(), figures.into());
    }
    city.insert(DEPARTMENTS.to_owned(), json!(of_city));
    for (key, values) in PINNED {
        city.insert((*key).to_owned(), values[0].into());
        for (county, value) in counties.iter().zip(&values[1..]) {
            areas[county.plan.code][*key] = (*value).into();
        }
    }
    let expected = json!({
        "figures": city,
        "areas": areas,
        "notices": NOTICES.iter().map(|(to, kind, count)| json!({"to": to, "kind": kind, "count": count})).collect::<Vec<_>>(),
        "timelines": WAYS.iter().map(|(of, way)| ((*of).to_owned(), json!(way))).collect::<Map<_, _>>(),
        "bulletin_contains": ["1198余人次", "person-times sent out: over 1198;", "470余", "69条", "26次", "170余万元"],
    });
    serde_json::to_string_pretty(&expected).expect("plain values") + "\n"
}

const KEYS: [&str; 14] = [
    "raw_reports",
    "leads",
    "substantiated",
    "not_substantiated",
    "hidden_variant_occasions",
    "orders",
    "notices",
    "public_notices",
    "hazards",
    "hazards_fixed",
    "refund_fen",
    "cleared",
    "cleared_on_time",
    "reopened",
];

fn number(n: usize) -> i64 {
    i64::try_from(n).expect("a small number")
}
