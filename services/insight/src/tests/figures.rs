//! Figures: each counted in its own unit, by event time, for now and for a past instant.

use picket_schemas::Figures;
use picket_schemas::figures::FIGURES;
use serde_json::json;

use super::{World, batch, clock, inst, order, problem, row, t, task};

fn shown(figures: &Figures, keys: &[&str]) -> Vec<i64> {
    keys.iter().map(|key| figures.get(key)).collect()
}

#[test]
fn every_figure_has_a_value_even_where_nothing_happened() {
    let world = World::new();
    let figures = world.year_to("2023-12-31 23:59");
    assert_eq!(figures.counts.len(), FIGURES.len());
    assert!(
        FIGURES
            .iter()
            .all(|(key, _)| figures.counts.get(*key) == Some(&0))
    );
}

#[test]
fn a_whole_story_gives_its_figures() {
    let mut world = World::new();
    world.cleared();
    let figures = world.year_to("2023-03-31 00:00");
    assert_eq!(
        shown(
            &figures,
            &[
                "person_times",
                "visits",
                "institutions",
                "rounds",
                "raw_reports",
                "leads"
            ]
        ),
        [1, 3, 3, 1, 1, 1]
    );
    assert_eq!(
        shown(
            &figures,
            &[
                "substantiated",
                "not_substantiated",
                "hidden_variant_occasions",
                "hidden_variant_institutions"
            ]
        ),
        [1, 0, 1, 1]
    );
    assert_eq!(
        shown(
            &figures,
            &[
                "orders",
                "violators",
                "due",
                "cleared",
                "cleared_on_time",
                "overdue"
            ]
        ),
        [1, 1, 1, 1, 1, 0]
    );
    assert_eq!(
        shown(
            &figures,
            &[
                "tasks_issued",
                "tasks_accepted",
                "tasks_submitted",
                "tasks_overdue"
            ]
        ),
        [1, 1, 1, 0]
    );
    assert_eq!(
        figures.leads_by_department,
        [("edu".to_owned(), 1), ("mkt".to_owned(), 1)]
            .into_iter()
            .collect()
    );
}

#[test]
fn a_past_as_of_gives_what_it_gave_then() {
    let mut world = World::new();
    world.found();
    let then = world.year_to("2023-03-07 12:00");
    let mut world = World::new();
    world.cleared();
    assert_eq!(world.year_to("2023-03-07 12:00"), then);
    let served = world.year_to("2023-03-21 00:00");
    assert_eq!(
        shown(&served, &["orders", "due", "cleared", "overdue"]),
        [1, 1, 1, 0]
    );
    let before_verified = world.year_to("2023-03-19 00:00");
    assert_eq!(
        shown(&before_verified, &["orders", "due", "cleared", "overdue"]),
        [1, 0, 0, 0]
    );
}

#[test]
fn three_institutions_on_one_outing_count_its_people_once() {
    let mut world = World::new();
    world.at("2023-03-07 18:00").dispatch(json!([
        {"type":"sortie.opened","sortie":"S-1","members":["420902/P-40","420902/P-41","420902/P-42"],"kind":"inspection","date":"2023-03-07"},
        {"type":"visit.recorded","sortie":"S-1","subject":inst("I-1"),"outcome":"ok","hazards":{"found":2,"fixed":1},"by":"420902/P-40","observed":t("2023-03-07 10:00")},
        {"type":"visit.recorded","sortie":"S-1","subject":inst("I-2"),"outcome":"ok","hazards":{"found":1,"fixed":1},"by":"420902/P-40","observed":t("2023-03-07 11:00")},
        {"type":"visit.recorded","sortie":"S-1","subject":inst("I-1"),"outcome":"ok","hazards":{"found":0,"fixed":0},"by":"420902/P-40","observed":t("2023-03-07 16:00")},
        {"type":"sortie.opened","sortie":"S-2","members":["420902/P-40"],"kind":"sweep","date":"2023-03-08"},
    ]));
    let figures = world.year_to("2023-03-08 09:00");
    assert_eq!(
        shown(
            &figures,
            &[
                "person_times",
                "visits",
                "institutions",
                "hazards",
                "hazards_fixed"
            ]
        ),
        [4, 3, 2, 3, 2]
    );
    assert_eq!(world.year_to("2023-03-07 23:59").get("person_times"), 3);
}

#[test]
fn a_record_synced_late_counts_when_it_was_seen() {
    let mut world = World::new();
    world.accepted().at("2023-03-10 09:00").dispatch(json!([
        {"type":"sortie.opened","sortie":"S-1","members":["420902/P-17"],"kind":"sweep","date":"2023-03-07"},
        row("T-1", "I-1", "ok", "2023-03-07 09:00"), row("T-1", "I-2", "ok", "2023-03-09 09:00"),
    ]));
    let figures = world.year_to("2023-03-08 00:00");
    assert_eq!(shown(&figures, &["visits", "person_times"]), [1, 1]);
    assert_eq!(
        world
            .figures("420902", "2023-03-08 00:00", "2023-03-31 00:00")
            .get("visits"),
        1
    );
}

#[test]
fn the_last_answer_up_to_the_end_counts_and_not_visited_is_no_visit() {
    let mut world = World::new();
    world.accepted().dispatch(json!([
        row("T-1", "I-1", "not_visited", "2023-03-07 09:00"),
        row("T-1", "I-2", "closed_door", "2023-03-07 09:10"),
        row("T-1", "I-2", "ok", "2023-03-08 09:10"),
        problem("T-1", "I-3", "2023-03-07 09:20"),
        row("T-1", "I-3", "not_visited", "2023-03-09 09:20"),
    ]));
    assert_eq!(world.year_to("2023-03-08 23:00").get("visits"), 2);
    assert_eq!(world.year_to("2023-03-09 23:00").get("visits"), 1);
}

#[test]
fn a_place_found_is_an_institution_seen() {
    let mut world = World::new();
    world.at("2023-03-07 19:00").dispatch(json!([{"type":"place.reported","place":"U-1","area":"420902003","address":"a","seen":"b","codes":[],"urgent":false,"finder":"420902/P-17","sortie":"S-1","observed":t("2023-03-07 18:00")}]));
    assert_eq!(
        shown(
            &world.year_to("2023-03-08 00:00"),
            &["visits", "institutions"]
        ),
        [0, 1]
    );
}

#[test]
fn rounds_are_counted_by_campaign() {
    let mut world = World::new();
    let visit = |campaign: &str, round: u32| json!({"type":"visit.recorded","sortie":"S-1","subject":inst("I-1"),"outcome":"ok","hazards":{"found":0},"by":"420902/P-40","observed":t("2023-03-07 10:00"),"campaign":campaign,"round":round});
    world.at("2023-03-07 18:00").dispatch(json!([
        visit("spring", 1),
        visit("spring", 1),
        visit("spring", 2),
        visit("summer", 1)
    ]));
    assert_eq!(
        shown(
            &world.year_to("2023-03-08 00:00"),
            &["visits", "rounds", "institutions"]
        ),
        [4, 3, 1]
    );
}

#[test]
fn a_merged_lead_counts_once_and_its_report_stays() {
    let mut world = World::new();
    world.found().at("2023-03-08 12:00").rectify(json!([
        {"type":"report.received","report":"R-2","source":"hotline","area":"420902003","text":"x","urgent":false,"observed":t("2023-03-08 12:00")},
        {"type":"lead.opened","lead":"L-2","report":"R-2","area":"420902003","urgent":false},
    ]));
    world
        .at("2023-03-09 12:00")
        .rectify(json!([{"type":"lead.merged","lead":"L-2","into":"L-1"}]));
    assert_eq!(
        shown(
            &world.year_to("2023-03-08 23:00"),
            &["raw_reports", "leads"]
        ),
        [2, 2]
    );
    assert_eq!(
        shown(
            &world.year_to("2023-03-09 23:00"),
            &["raw_reports", "leads"]
        ),
        [2, 1]
    );
}

#[test]
fn the_last_verdict_and_the_last_routing_count() {
    let mut world = World::new();
    let verdict = |verdict: &str| json!([{"type":"verdict.recorded","lead":"L-1","verdict":verdict,"note":"","subject":inst("I-3"),"codes":["H2"],"by":"420902/P-40"}]);
    world
        .routed()
        .at("2023-03-10 09:00")
        .rectify(verdict("not"));
    world.at("2023-03-12 09:00").rectify(verdict("partly"));
    world.rectify(json!([{"type":"lead.routed","lead":"L-1","department":"mkt","assist":["mkt"],"reason":"x"}]));
    let keys = [
        "substantiated",
        "not_substantiated",
        "hidden_variant_occasions",
    ];
    assert_eq!(shown(&world.year_to("2023-03-11 00:00"), &keys), [0, 1, 0]);
    let later = world.year_to("2023-03-13 00:00");
    assert_eq!(shown(&later, &keys), [1, 0, 1]);
    assert_eq!(
        later.leads_by_department,
        [("mkt".to_owned(), 1)].into_iter().collect()
    );
}

#[test]
fn the_due_instant_in_force_then_decides_what_is_overdue() {
    let mut world = World::new();
    world.served();
    assert_eq!(
        shown(&world.year_to("2023-03-22 00:00"), &["due", "overdue"]),
        [1, 1]
    );
    world.at("2023-03-20 09:00").escalate(json!([{"type":"clock.moved","clock":"K-4","due":t("2023-03-25 00:00"),"reason":"extended","by":"420902/P-60","next":null}]));
    assert_eq!(
        shown(&world.year_to("2023-03-22 00:00"), &["due", "overdue"]),
        [0, 0]
    );
    assert_eq!(
        shown(&world.year_to("2023-03-25 00:00"), &["due", "overdue"]),
        [1, 1]
    );
}

#[test]
fn a_parked_order_is_neither_due_nor_overdue_while_it_stands() {
    let mut world = World::new();
    world.served().at("2023-03-15 09:00").rectify(
        json!([{"type":"order.parked","order":"Z-1","reason":"appeal","by":"420902/P-60"}]),
    );
    world.at("2023-03-28 09:00").rectify(
        json!([{"type":"order.resumed","order":"Z-1","reason":"decided","by":"420902/P-60"}]),
    );
    assert_eq!(
        shown(
            &world.year_to("2023-03-22 00:00"),
            &["orders", "due", "overdue"]
        ),
        [1, 0, 0]
    );
    assert_eq!(
        shown(&world.year_to("2023-03-29 00:00"), &["due", "overdue"]),
        [1, 1]
    );
}

#[test]
fn a_fix_on_time_verified_late_is_on_time_and_a_late_fix_is_not() {
    let mut world = World::new();
    world
        .served()
        .at("2023-03-17 10:00")
        .rectify(json!([{"type":"fix.reported","order":"Z-1","note":"x","by":"420902/P-40"}]));
    world.at("2023-03-27 10:00").rectify(
        json!([{"type":"fix.passed","order":"Z-1","case":"C-1","note":"","by":"420902/P-50"}]),
    );
    assert_eq!(
        shown(
            &world.year_to("2023-03-26 00:00"),
            &["cleared", "cleared_on_time", "overdue"]
        ),
        [0, 0, 1]
    );
    assert_eq!(
        shown(
            &world.year_to("2023-03-28 00:00"),
            &["cleared", "cleared_on_time", "overdue"]
        ),
        [1, 1, 0]
    );
    let mut world = World::new();
    world.served().at("2023-03-17 10:00").rectify(json!([{"type":"fix.reported","order":"Z-1","note":"x","by":"420902/P-40"}, {"type":"fix.failed","order":"Z-1","case":"C-1","note":"","by":"420902/P-50"}]));
    world.at("2023-03-22 10:00").rectify(json!([{"type":"fix.reported","order":"Z-1","note":"x","by":"420902/P-40"}, {"type":"fix.passed","order":"Z-1","case":"C-1","note":"","by":"420902/P-50"}]));
    assert_eq!(
        shown(
            &world.year_to("2023-03-28 00:00"),
            &["cleared", "cleared_on_time"]
        ),
        [1, 0],
        "the last report before it passed was late"
    );
}

#[test]
fn documents_penalties_refunds_and_suspensions_count_in_their_units() {
    let mut world = World::new();
    world
        .at("2023-03-10 10:00")
        .rectify(order(1, "I-1"))
        .rectify(order(2, "I-1"))
        .rectify(order(3, "I-2"));
    world.rectify(json!([
        {"type":"penalty.recorded","case":"C-1","subject":inst("I-1"),"kind":"fine","amount_fen":500_000,"by":"420902/P-40"},
        {"type":"penalty.recorded","case":"C-2","subject":inst("I-1"),"kind":"warning","amount_fen":0,"by":"420902/P-40"},
        {"type":"refund.recorded","case":"C-1","subject":inst("I-1"),"amount_fen":4_000_000,"proof":"p","by":"420902/P-40"},
        {"type":"refund.recorded","case":"C-3","subject":inst("I-2"),"amount_fen":126_000,"proof":"p","by":"420902/P-40"},
        {"type":"institution.suspended","case":"C-1","subject":inst("I-1"),"by":"420902/P-40"},
        {"type":"institution.suspended","case":"C-2","subject":inst("I-1"),"by":"420902/P-40"},
        {"type":"document.issued","case":"C-1","subject":inst("I-1"),"kind":"notice","by":"420902/P-40"},
        {"type":"document.issued","case":"C-1","subject":inst("I-1"),"kind":"public_notice","by":"420902/P-40"},
        {"type":"case.reopened","case":"C-1","generation":2,"reason":"relapsed"},
    ]));
    world.at("2023-03-26 10:00").rectify(order(4, "I-3"));
    let figures = world.year_to("2023-03-25 23:59");
    assert_eq!(
        shown(
            &figures,
            &[
                "orders",
                "violators",
                "penalised",
                "refund_fen",
                "suspended",
                "notices",
                "public_notices",
                "reopened"
            ]
        ),
        [3, 2, 1, 4_126_000, 1, 1, 1, 1]
    );
}

#[test]
fn a_task_is_overdue_when_submitted_late_or_not_at_all_but_not_when_cancelled_before() {
    let mut world = World::new();
    world.at("2023-03-06 09:00").dispatch(json!([
        batch("B-1", 4),
        task("T-1", "B-1"),
        task("T-2", "B-1"),
        task("T-3", "B-1"),
        task("T-4", "B-1")
    ]));
    for n in 1..=4 {
        world.dispatch(json!([{"type":"task.accepted","task":format!("T-{n}"),"person":"420902/P-17","taken":true}]));
        world.escalate(json!([clock(
            &format!("K-{n}"),
            "task.submit",
            &format!("T-{n}"),
            "2023-03-06 09:00",
            "2023-03-14 00:00",
            json!({"people":["420902/P-17"]})
        )]));
    }
    let submitted = |task: &str| json!([{"type":"task.submitted","task":task,"by":"420902/P-17","nil":true,"rows":3,"problems":0,"area":"420902003"}]);
    world.at("2023-03-10 09:00").dispatch(submitted("T-1"));
    world.dispatch(
        json!([{"type":"task.cancelled","task":"T-2","by":"420902/P-30","reason":"twice"}]),
    );
    world.at("2023-03-15 09:00").dispatch(submitted("T-3"));
    assert_eq!(world.year_to("2023-03-13 00:00").get("tasks_overdue"), 0);
    assert_eq!(world.year_to("2023-03-14 12:00").get("tasks_overdue"), 2);
    assert_eq!(
        shown(
            &world.year_to("2023-03-31 00:00"),
            &["tasks_accepted", "tasks_submitted", "tasks_overdue"]
        ),
        [4, 2, 2]
    );
}

#[test]
fn reminders_and_steps_count_except_those_of_a_withdrawn_breach() {
    let mut world = World::new();
    let step = |step: &str, clock: &str, level: &str, kind: &str| json!({"type":kind,"step":step,"clock":clock,"kind":"order.fix","on":"Z-1","level":level,"to":["420902/P-40"],"due":t("2023-03-21 00:00"),"nominal":t("2023-03-22 08:30"),"why":"late","next":null});
    world.served().at("2023-03-22 08:30").escalate(json!([
        {"type":"reminder.due","clock":"K-4","kind":"order.fix","on":"Z-1","to":["420902/P-40"],"due":t("2023-03-21 00:00")},
        step("E-1", "K-4", "B1", "ladder.stepped"), step("E-2", "K-4", "B3", "ladder.proposed"), step("E-3", "K-3", "B1", "ladder.stepped"), step("E-4", "K-3", "B0", "ladder.stepped"),
    ]));
    assert_eq!(
        shown(
            &world.year_to("2023-03-23 00:00"),
            &["reminders", "escalations"]
        ),
        [1, 2]
    );
    world.at("2023-03-24 09:00").escalate(json!([{"type":"ladder.signed","step":"E-2","clock":"K-4","kind":"order.fix","on":"Z-1","level":"B3","to":["420902/P-40"],"by":"420902/P-60"}]));
    assert_eq!(world.year_to("2023-03-25 00:00").get("escalations"), 3);
    world.escalate(
        json!([{"type":"breach.withdrawn","clock":"K-3","on":"L-1","at":t("2023-03-20 09:00")}]),
    );
    assert_eq!(world.year_to("2023-03-25 00:00").get("escalations"), 2);
}

#[test]
fn a_city_is_the_union_of_its_counties() {
    let mut world = World::new();
    let visit = |institution: &str| json!([{"type":"visit.recorded","sortie":"S-1","subject":inst(institution),"outcome":"ok","hazards":{"found":0},"by":"420902/P-40","observed":t("2023-03-07 10:00"),"campaign":"spring","round":1}]);
    world
        .at("2023-03-07 18:00")
        .tell("dispatch/420902", visit("I-1"))
        .tell("dispatch/420902", visit("I-1"))
        .tell("dispatch/420921", visit("I-1"));
    let view = world
        .insight
        .figures(&"4209".into(), t("2023-01-01 00:00"), t("2023-12-31 00:00"))
        .expect("counts");
    assert_eq!(
        shown(&view.figures, &["visits", "institutions", "rounds"]),
        [3, 2, 1]
    );
    assert_eq!(
        view.areas
            .iter()
            .map(|(area, figures)| (area.as_str(), figures.get("institutions")))
            .collect::<Vec<_>>(),
        [("420902", 1), ("420921", 1)]
    );
    assert_eq!(view.names["420902"], "孝南区");
    let county = world
        .insight
        .figures(
            &"420921".into(),
            t("2023-01-01 00:00"),
            t("2023-12-31 00:00"),
        )
        .expect("counts");
    assert_eq!(county.areas.keys().collect::<Vec<_>>(), ["420921"]);
    assert_eq!(county.positions, world.insight.positions());
}

#[test]
fn the_ends_of_the_window_belong_to_it() {
    let mut world = World::new();
    world.served();
    assert_eq!(
        world
            .figures("420902", "2023-03-10 10:00", "2023-03-10 10:00")
            .get("orders"),
        1
    );
    assert_eq!(
        world
            .figures("420902", "2023-03-10 10:01", "2023-12-31 00:00")
            .get("orders"),
        0
    );
    assert_eq!(
        world
            .figures("420902", "2023-01-01 00:00", "2023-03-10 09:59")
            .get("orders"),
        0
    );
}
