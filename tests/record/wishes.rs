//! The commands of a walk: one way to draw each of them, and the order in which most things go.
//!
//! What is drawn from here is on record: a new command gets a walk of its own and never joins these lists.

use jiff::{SignedDuration, Timestamp};
use picket_tests::xiaogan::random::Random;
use serde_json::{Value, json};

use crate::walk::{COUNTY, World};

/// A wish somebody is about to make.
pub(crate) struct Drawn {
    pub(crate) by: String,
    pub(crate) observed: Option<Timestamp>,
    pub(crate) command: Value,
}

fn by(code: &str, command: Value) -> Drawn {
    Drawn {
        by: format!("{COUNTY}/{code}"),
        observed: None,
        command,
    }
}

/// Everybody of the county, with what they are.
const PEOPLE: [(&str, &str, &str, &str); 15] = [
    ("P-1", "sentinel", "", ""),
    ("P-2", "sentinel", "", ""),
    ("P-3", "post_leader", "", ""),
    ("P-4", "coordinator", "", ""),
    ("P-5", "dispatcher", "", ""),
    ("P-6", "inspector", "edu", "HB01"),
    ("P-7", "inspector", "edu", "HB02"),
    ("P-8", "inspector", "mkt", "HB03"),
    ("P-9", "head", "edu", ""),
    ("P-10", "verifier", "", ""),
    ("P-11", "supervisor", "", ""),
    ("P-12", "clerk", "", ""),
    ("P-13", "approver", "", ""),
    ("P-14", "owner", "", ""),
    ("P-15", "overseer", "", ""),
];

/// The registry of the city, as its operator writes it.
pub(crate) fn roster_of_the_city() -> Vec<Drawn> {
    let city = |command| Drawn {
        by: "4209/operator".into(),
        observed: None,
        command,
    };
    vec![
        city(
            json!({"do": "registry.define_area", "code": "4209", "name": "city", "level": "city"}),
        ),
        city(
            json!({"do": "registry.define_department", "code": "edu", "name": "education", "area": "4209"}),
        ),
        city(
            json!({"do": "registry.enrol_person", "code": "P-91", "name": "supervisor 91", "roles": ["supervisor", "coordinator"], "area": "4209"}),
        ),
        city(
            json!({"do": "registry.enrol_person", "code": "P-92", "name": "inspector 92", "roles": ["inspector"], "department": "edu", "area": "4209", "certificate": "HB92"}),
        ),
        city(
            json!({"do": "registry.set_route", "order": 9, "violation": "*", "training": "*", "lead": "edu"}),
        ),
    ]
}

/// The registry of the county.
pub(crate) fn roster_of_the_county() -> Vec<Drawn> {
    let mut roster = vec![
        json!({"do": "registry.define_area", "code": COUNTY, "name": "county", "level": "county", "parent": "4209"}),
        json!({"do": "registry.define_area", "code": "420902003", "name": "town", "level": "town", "parent": COUNTY}),
        json!({"do": "registry.define_department", "code": "mkt", "name": "markets", "area": COUNTY}),
    ];
    for (code, role, department, certificate) in PEOPLE {
        let mut person = json!({"do": "registry.enrol_person", "code": code, "name": format!("{role} {code}"), "roles": [role], "area": COUNTY});
        if !department.is_empty() {
            person["department"] = json!(department);
        }
        if !certificate.is_empty() {
            person["certificate"] = json!(certificate);
        }
        roster.push(person);
    }
    roster.extend([
        json!({"do": "registry.define_post", "code": "PO-1", "name": "post 1", "kind": "community", "area": "420902003", "leader": "P-3", "members": ["P-1", "P-2"]}),
        json!({"do": "registry.register_institution", "code": "I-1", "name": "one", "kind": "institution", "training": "subject", "address": "street 1", "area": "420902003", "risk": "high"}),
        json!({"do": "registry.register_institution", "code": "I-2", "name": "two", "kind": "institution", "training": "arts", "address": "street 2", "area": "420902003", "list": "white"}),
        json!({"do": "registry.set_route", "order": 1, "violation": "M2", "training": "*", "lead": "mkt", "assist": ["edu"], "joint": true}),
        json!({"do": "registry.assign_owner", "area": "420902003", "person": "P-14"}),
        json!({"do": "schedule.define", "code": "weekly", "cron": "30 8 * * MON", "days": "working", "does": {"issue_batch": {"name": "weekly sweep"}}}),
        json!({"do": "schedule.define", "code": "press", "cron": "0 9 * * *", "does": {"remind": {"of": "not_submitted"}}}),
    ]);
    roster
        .into_iter()
        .map(|command| by("operator", command))
        .collect()
}

/// One of the latest ids of a kind, now and then an older one, rarely one that does not exist.
fn id(world: &World, random: &mut Random, kind: &str) -> String {
    let met = world.ids.get(kind).map_or(&[][..], Vec::as_slice);
    match (met.len(), random.below(12)) {
        (0, _) | (_, 0) => format!("{kind}-{}", random.between(1, 9)),
        (many, 1 | 2) => met[random.below(many)].clone(),
        (many, _) => met[many - 1 - random.below(many.min(2))].clone(),
    }
}

fn row(random: &mut Random) -> &'static str {
    random.one::<&str>(&["I-1", "I-2", "I-1", "I-2", "I-9"])
}

fn words(random: &mut Random) -> &'static str {
    random.one::<&str>(&[
        "seen",
        "as agreed",
        "等一等",
        "\u{0}\u{7}",
        "",
        "  two  blanks ",
    ])
}

/// The way most things go, with whoever does it.
pub(crate) fn along_the_way(step: usize, world: &World, random: &mut Random) -> Drawn {
    let sentinel: &str = random.one::<&str>(&["P-1", "P-2"]);
    let inspector: &str = random.one::<&str>(&["P-6", "P-6", "P-6", "P-6", "P-6", "P-8"]);
    let task = world
        .ids
        .get("T")
        .and_then(|met| met.last())
        .cloned()
        .unwrap_or_else(|| "T-1".into());
    let last = |kind: &str| {
        world
            .ids
            .get(kind)
            .and_then(|met| met.last())
            .cloned()
            .unwrap_or_else(|| format!("{kind}-1"))
    };
    let code = *random.one(&["Q1", "Q1", "Q1", "M2", "H1"]);
    match step % 22 {
        0 => by(
            "P-4",
            json!({"do": "dispatch.issue_batch", "name": "sweep", "window": {"amount": 2, "unit": "working_day"}}),
        ),
        1 => by("P-1", json!({"do": "dispatch.accept_task", "task": task})),
        2 => by(
            "P-1",
            json!({"do": "dispatch.fill_row", "task": task, "row": "I-1", "outcome": "problem", "codes": [code], "urgent": random.below(3) == 0}),
        ),
        3 => by(
            "P-1",
            json!({"do": "dispatch.fill_row", "task": task, "row": "I-2", "outcome": random.one(&["ok", "closed_door", "moved"])}),
        ),
        4 => by("P-1", json!({"do": "dispatch.submit_task", "task": task})),
        5 => by("P-3", json!({"do": "dispatch.approve_task", "task": task})),
        6 => by(
            sentinel,
            json!({"do": "dispatch.report_place", "area": "420902003", "address": "lane 7", "seen": "lights at night", "codes": [code], "urgent": random.below(2) == 0}),
        ),
        7 | 16 => by(
            "P-5",
            json!({"do": "rectification.classify_lead", "lead": last("L"), "codes": [code]}),
        ),
        8 => by(
            "P-5",
            json!({"do": "rectification.route_lead", "lead": last("L")}),
        ),
        9 => by(
            "P-5",
            json!({"do": "rectification.decide_joint", "lead": last("L"), "joint": random.below(2) == 0, "reason": "as the table says", "date": "2023-03-20", "crew": ["P-6", "P-7"]}),
        ),
        10 => by(
            inspector,
            json!({"do": "rectification.record_verdict", "lead": last("L"), "verdict": random.one(&["substantiated", "substantiated", "partly", "not"]), "note": "seen"}),
        ),
        11 => by(
            inspector,
            json!({"do": "rectification.file_case", "lead": last("L"), "officers": ["P-6", "P-7"]}),
        ),
        12 => by(
            inspector,
            json!({"do": "rectification.issue_order", "case": last("C"), "focus": "fees", "requirement": "pay back", "content": "all of it", "ground": "rule 7", "deadline": {"amount": 3, "unit": "working_day"}}),
        ),
        13 => by(
            inspector,
            json!({"do": "rectification.serve_order", "order": last("Z"), "proof": "signed"}),
        ),
        14 if random.below(5) == 0 => by(
            "P-9",
            json!({"do": random.one(&["rectification.park_order", "rectification.resume_order"]), "order": last("Z"), "reason": "court"}),
        ),
        14 => by(
            inspector,
            json!({"do": "rectification.report_fix", "order": last("Z"), "note": "paid back"}),
        ),
        15 => by(
            "P-10",
            json!({"do": "rectification.verify_fix", "order": last("Z"), "result": random.one(&["passed", "passed", "failed"]), "note": "looked"}),
        ),
        17 => by(
            inspector,
            json!({"do": "rectification.record_refund", "case": last("C"), "amount_fen": 170_000, "proof": "receipt"}),
        ),
        18 => by(
            inspector,
            json!({"do": "rectification.record_penalty", "case": last("C"), "kind": "fine", "amount_fen": 5_000}),
        ),
        19 => by(
            "P-10",
            json!({"do": "rectification.look_back", "case": last("C"), "result": random.one(&["held", "relapsed"])}),
        ),
        20 => by("P-12", json!({"do": "bulletin.freeze", "name": "month"})),
        _ => by("system", settled(&last("BU"))),
    }
}

fn settled(bulletin: &str) -> Value {
    json!({"do": "bulletin.settle", "bulletin": bulletin, "positions": {}, "figures": {"person_times": 3}, "areas": {}, "code_version": "walk"})
}

/// Any command, from whoever may or from anybody.
pub(crate) fn whatever(world: &World, random: &mut Random) -> Drawn {
    let number = random.below(67);
    let (likely, command) = match number {
        0..20 => of_registry_and_schedule(number, world, random),
        20..34 => of_dispatch(number, world, random),
        34..55 => of_rectification(number, world, random),
        _ => of_the_others(number, world, random),
    };
    let who = if random.below(5) == 0 {
        *random.one(&PEOPLE.map(|(code, ..)| code))
    } else {
        likely
    };
    let observed = (random.below(9) == 0).then(|| world.now() - SignedDuration::from_hours(3));
    Drawn {
        observed,
        ..by(who, command)
    }
}

fn of_registry_and_schedule(
    number: usize,
    world: &World,
    random: &mut Random,
) -> (&'static str, Value) {
    let person = *random.one(&["P-1", "P-2", "P-6", "P-40"]);
    let at = |hours: i64| (world.now() + SignedDuration::from_hours(hours)).to_string();
    let code = *random.one(&["weekly", "weekly", "press", "other"]);
    let command = match number {
        0 => {
            json!({"do": "registry.define_area", "code": "420902004", "name": words(random), "level": "town", "parent": COUNTY})
        }
        1 => {
            json!({"do": "registry.define_department", "code": random.one(&["mkt", "pol"]), "name": "office", "area": COUNTY})
        }
        2 => {
            json!({"do": "registry.define_post", "code": random.one(&["PO-1", "PO-2"]), "name": "post", "kind": "school", "area": "420902003", "leader": "P-3", "members": random.one(&[json!(["P-1"]), json!(["P-1", "P-2"]), json!("P-2; P-40")])})
        }
        3 => {
            json!({"do": "registry.enrol_person", "code": person, "name": "somebody", "roles": random.one(&["sentinel", "sentinel;inspector", "no such role"]), "area": "420902003", "language": "en"})
        }
        4 => {
            json!({"do": "registry.register_institution", "code": random.one(&["I-1", "I-3", "U-1"]), "name": "three", "kind": "institution", "training": random.one(&["sports", "science"]), "address": "street 3", "area": "420902003", "risk": random.one(&["low", "normal"])})
        }
        5 => json!({"do": "registry.assign_owner", "institution": "I-1", "person": "P-14"}),
        6 => {
            json!({"do": "registry.set_route", "order": random.between(1, 3), "violation": "Q2", "training": "*", "lead": random.one(&["mkt", "edu", "none"])})
        }
        7 => {
            json!({"do": "registry.set_ladder", "clock": random.one(&["*", "task.submit", "order.fix"]), "rungs": [{"level": "B1", "after": 1, "targets": ["duty", "owner"], "automatic": true}, {"level": "B2", "after": 2, "targets": [{"role": "supervisor"}], "automatic": random.below(2) == 0}]})
        }
        8 => {
            json!({"do": "registry.publish_calendar", "year": 2027, "off": ["2027-01-01"], "work": ["2027-01-03"]})
        }
        9 => {
            json!({"do": "registry.invite", "person": "P-1", "token": "0123456789abcdef0123456789abcdef"})
        }
        10 => {
            json!({"do": "registry.bind_identity", "token": "0123456789abcdef0123456789abcdef", "channel": "terminal", "account": "17"})
        }
        11 => {
            json!({"do": "registry.set_away", "person": person, "from": at(-1), "until": at(72), "substitute": "P-2"})
        }
        12 => {
            json!({"do": "registry.admit_visitor", "person": random.one(&["4209/P-92", "4209/P-91"]), "from": at(0), "until": at(100), "roles": ["inspector"], "department": "edu", "reason": "helps"})
        }
        13 => json!({"do": "registry.log_read", "what": "task T-1"}),
        14 => {
            json!({"do": "schedule.define", "code": code, "cron": random.one(&["0 8 * * *", "15 9 * * TUE", "nonsense"]), "overlap": random.one(&["skip", "buffer_one", "buffer_all", "allow"]), "jitter": 60, "does": {"digest": {"to": ["coordinator"]}}})
        }
        15 => json!({"do": "schedule.pause", "code": code, "reason": words(random)}),
        16 => json!({"do": "schedule.resume", "code": code}),
        17 => json!({"do": "schedule.trigger", "code": code}),
        18 => {
            json!({"do": "schedule.backfill", "code": code, "from": at(-200), "to": at(-20), "dry_run": random.below(2) == 0})
        }
        _ => {
            json!({"do": "schedule.define", "code": "freezes", "cron": "0 7 * * *", "does": {"freeze": {"name": "daily"}}})
        }
    };
    let likely = match number {
        13 => "P-15",
        10 => "P-1",
        _ => "P-4",
    };
    (likely, command)
}

fn of_dispatch(number: usize, world: &World, random: &mut Random) -> (&'static str, Value) {
    let task = id(world, random, "T");
    let sealed = (world.now() + SignedDuration::from_hours(60)).to_string();
    let (likely, command) = match number {
        20 => (
            "P-4",
            json!({"do": "dispatch.issue_batch", "name": "secret", "sealed_until": sealed, "assign": {"to": random.one(&["post_sentinel", "least_loaded", "offer"])}}),
        ),
        21 => (
            "P-4",
            json!({"do": "dispatch.issue_batch", "name": "named", "campaign": "spring", "round": 2, "assign": {"to": "person", "people": ["P-1", "P-2"], "accept": random.one(&[json!("first"), json!("each"), json!({"n": 2})])}, "select": {"risk": "high"}}),
        ),
        22 => ("P-2", json!({"do": "dispatch.accept_task", "task": task})),
        23 => (
            "P-2",
            json!({"do": "dispatch.decline_task", "task": task, "reason": words(random)}),
        ),
        24 => (
            "P-1",
            json!({"do": "dispatch.hand_over_task", "task": task, "to": random.one(&["P-2", "P-1", "P-99"]), "reason": "ill"}),
        ),
        25 => (
            "P-1",
            json!({"do": "dispatch.fill_row", "task": task, "row": row(random), "outcome": random.one(&["ok", "problem", "closed_door", "moved", "not_found", "refused", "not_visited"]), "codes": random.one(&[json!([]), json!(["Q1"]), json!("Q1;M2")]), "note": words(random), "urgent": random.below(4) == 0}),
        ),
        26 => ("P-1", json!({"do": "dispatch.submit_task", "task": task})),
        27 => (
            "P-3",
            json!({"do": "dispatch.return_task", "task": task, "reason": "again", "rows": ["I-1"]}),
        ),
        28 => ("P-4", json!({"do": "dispatch.approve_task", "task": task})),
        29 => (
            "P-4",
            json!({"do": "dispatch.cancel_task", "task": task, "reason": words(random)}),
        ),
        30 => (
            "P-2",
            json!({"do": "dispatch.report_place", "area": random.one(&["420902003", "999"]), "address": words(random), "seen": "many bags", "codes": ["H1"]}),
        ),
        31 => (
            "P-6",
            json!({"do": "dispatch.open_sortie", "members": random.one(&[json!(["P-6", "P-7"]), json!(["P-6"]), json!(["P-6", "P-8", "P-10"])]), "kind": random.one(&["sweep", "inspection", "joint", "safety"]), "date": "2023-03-07"}),
        ),
        32 => (
            "P-6",
            json!({"do": "dispatch.record_visit", "sortie": id(world, random, "S"), "institution": row(random), "outcome": random.one(&["ok", "problem"]), "hazards": {"found": 2, "fixed": random.between(0, 3)}}),
        ),
        _ => (
            "P-1",
            json!({"do": "dispatch.keep_draft", "of": {"row": {"task": task, "row": "I-1"}}, "answers": random.one(&[json!({}), json!({"outcome": "ok"})]), "evidence": []}),
        ),
    };
    (likely, command)
}

fn of_rectification(number: usize, world: &World, random: &mut Random) -> (&'static str, Value) {
    let (lead, case, order) = (
        id(world, random, "L"),
        id(world, random, "C"),
        id(world, random, "Z"),
    );
    let inspector: &str = random.one::<&str>(&["P-6", "P-7", "P-8"]);
    let (likely, command) = match number {
        34 => (
            "P-5",
            json!({"do": "rectification.receive_report", "source": random.one(&["hotline", "letter", "platform", "parent"]), "subject": {"kind": "institution", "id": "I-1"}, "area": "420902003", "text": "heard so", "urgent": random.below(2) == 0}),
        ),
        35 => (
            "P-5",
            json!({"do": "rectification.merge_leads", "into": lead, "leads": [id(world, random, "L")]}),
        ),
        36 => (
            "P-5",
            json!({"do": "rectification.classify_lead", "lead": lead, "codes": random.one(&[json!(["Q1"]), json!(["M2"]), json!([]), json!(["nonsense"])])}),
        ),
        37 => (
            "P-5",
            json!({"do": "rectification.route_lead", "lead": lead, "lead_department": random.one(&["mkt", "edu"]), "reason": words(random)}),
        ),
        38 => (
            "P-5",
            json!({"do": "rectification.decide_joint", "lead": lead, "joint": true, "reason": "many", "date": "2023-04-09", "crew": random.one(&[json!(["P-6", "P-7"]), json!(["P-6", "P-8"])])}),
        ),
        39 => (
            inspector,
            json!({"do": "rectification.report_action", "action": id(world, random, "J"), "department": random.one(&["edu", "mkt"]), "outcome": "done"}),
        ),
        40 => (
            inspector,
            json!({"do": "rectification.return_lead", "lead": lead, "reason": "not ours"}),
        ),
        41 => (
            inspector,
            json!({"do": "rectification.record_verdict", "lead": lead, "verdict": random.one(&["partly", "undeterminable"]), "note": words(random), "evidence": ["photo-1"]}),
        ),
        42 => (
            inspector,
            json!({"do": "rectification.file_case", "lead": lead, "officers": random.one(&[json!(["P-6", "P-7"]), json!(["P-6"])])}),
        ),
        43 => (
            inspector,
            json!({"do": "rectification.issue_order", "case": case, "focus": "fire", "requirement": "second way out", "content": "all floors", "ground": random.one(&["", "rule 9"]), "deadline": {"amount": 10, "unit": "natural_day"}}),
        ),
        44 => (
            inspector,
            json!({"do": "rectification.serve_order", "order": order, "proof": random.one(&["", "photo"])}),
        ),
        45 => (
            "P-9",
            json!({"do": "rectification.extend_order", "order": order, "amount": random.between(1, 40), "unit": "working_day", "reason": words(random)}),
        ),
        46 => (
            "P-9",
            json!({"do": "rectification.park_order", "order": order, "reason": "court"}),
        ),
        47 => (
            "P-9",
            json!({"do": "rectification.resume_order", "order": order, "reason": "court is done"}),
        ),
        48 => (
            inspector,
            json!({"do": "rectification.report_fix", "order": order, "note": words(random)}),
        ),
        49 => (
            "P-10",
            json!({"do": "rectification.verify_fix", "order": order, "result": random.one(&["passed", "failed"])}),
        ),
        50 => (
            inspector,
            json!({"do": "rectification.record_penalty", "case": case, "kind": words(random), "amount_fen": random.between(0, 9) * 1_000}),
        ),
        51 => (
            inspector,
            json!({"do": "rectification.record_refund", "case": case, "amount_fen": "1200", "proof": words(random)}),
        ),
        52 => (
            inspector,
            json!({"do": "rectification.suspend_institution", "case": case}),
        ),
        53 => (
            inspector,
            json!({"do": "rectification.issue_notice", "case": case, "kind": random.one(&["notice", "public_notice"])}),
        ),
        _ => (
            "P-10",
            json!({"do": "rectification.look_back", "case": case, "result": random.one(&["held", "relapsed"])}),
        ),
    };
    (likely, command)
}

fn of_the_others(number: usize, world: &World, random: &mut Random) -> (&'static str, Value) {
    let (clock, step, notice) = (
        id(world, random, "K"),
        id(world, random, "E"),
        id(world, random, "N"),
    );
    let later = (world.now() + SignedDuration::from_hours(30)).to_string();
    match number {
        55 => (
            *random.one(&["P-1", "P-6", "P-5"]),
            json!({"do": "escalation.acknowledge", "step": step, "promise": later}),
        ),
        56 => (
            "P-11",
            json!({"do": "escalation.move_clock", "clock": clock, "to": later, "reason": words(random)}),
        ),
        57 => (
            "P-11",
            json!({"do": "escalation.pause_clock", "clock": clock, "reason": "flood"}),
        ),
        58 => (
            "P-11",
            json!({"do": "escalation.resume_clock", "clock": clock}),
        ),
        59 => ("P-11", json!({"do": "escalation.sign_step", "step": step})),
        60 => ("P-11", json!({"do": "escalation.release_notices"})),
        61 => (
            "P-12",
            json!({"do": "bulletin.freeze", "name": words(random), "rounding": random.one(&["exact", "over"])}),
        ),
        62 => (
            "P-13",
            json!({"do": "bulletin.approve", "bulletin": id(world, random, "BU")}),
        ),
        63 => (
            "P-12",
            json!({"do": "bulletin.correct", "bulletin": id(world, random, "BU"), "reason": "a sheet came late"}),
        ),
        64 => (
            "system",
            json!({"do": "courier.report_delivery", "notice": notice, "attempt": 1, "delivery": random.one(&["sent", "sent", "failed", "deferred", "blocked", "unknown", "away"]), "channel": random.one(&["terminal", "telegram"]), "reason": "so", "retry_after": random.one(&[json!(null), json!(30)])}),
        ),
        65 => (
            "system",
            json!({"do": random.one(&["courier.unreachable", "courier.reachable"]), "person": "420902/P-1", "channel": "telegram"}),
        ),
        _ => (
            "P-4",
            json!({"do": "courier.set_quiet_hours", "person": random.one(&[json!(null), json!("P-1")]), "from": "21:00", "until": random.one(&["07:00", "21:00"])}),
        ),
    }
}
