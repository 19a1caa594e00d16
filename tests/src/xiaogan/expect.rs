//! What the year must come to.
//!
//! First the sums of the ledger, which hold by construction. Then what the clocks said, pinned: the numbers
//! follow from the working days of 2023 and the default ladder, and are read off a run once it was explained.

use serde_json::{Map, Value, json};

use crate::xiaogan::script::Counted;
use crate::xiaogan::world::County;

/// What clocks and ladders came to, city first, then the counties in order.
const PINNED: &[(&str, [i64; 8])] = &[];

const SUBJECTS: [&str; 4] = ["hidden_variant_institutions", "violators", "penalised", "suspended"];

/// `expect.json`
pub fn text(counties: &[County], counted: &[Counted]) -> String {
    let mut city = Map::new();
    let mut areas = Map::new();
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
            put(key, number(counted.subjects.get(key).map_or(0, std::collections::BTreeSet::len)));
        }
        areas.insert(county.plan.code.to_owned(), figures.into());
    }
    for (key, values) in PINNED {
        city.insert((*key).to_owned(), values[0].into());
        for (county, value) in counties.iter().zip(&values[1..]) {
            areas[county.plan.code][*key] = (*value).into();
        }
    }
    let expected = json!({
        "figures": city,
        "areas": areas,
        "bulletin_contains": ["1198余人次", "470余", "69条", "26次", "170余万元"],
    });
    serde_json::to_string_pretty(&expected).expect("plain values") + "\n"
}

const KEYS: [&str; 14] = [
    "raw_reports", "leads", "substantiated", "not_substantiated", "hidden_variant_occasions", "orders", "notices", "public_notices", "hazards", "hazards_fixed",
    "refund_fen", "cleared", "cleared_on_time", "reopened",
];

fn number(n: usize) -> i64 {
    i64::try_from(n).expect("a small number")
}
