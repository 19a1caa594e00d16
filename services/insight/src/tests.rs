//! Behaviour people rely on, asked of hand-built journals.

mod bulletins;
mod figures;
mod find;
mod groups;
mod inbox;
mod journal;
mod rights;
mod sealed;
mod timelines;
mod views;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use picket_schemas::ask::{
    CaseView, Inbox, LeadView, OrderView, Question, TaskView, TimelineItem, View, Viewer,
};
use picket_schemas::registry::Territory;
use picket_schemas::{Cause, Commit, Entry, Event, Figures, Jurisdiction, PersonId, commit};
use serde_json::{Value, json};

use crate::{Insight, VisibleAnswer};

/// Local time in Shanghai: `2023-03-06 09:00`.
pub(crate) fn t(local: &str) -> Timestamp {
    format!("{}+08:00", local.replace(' ', "T"))
        .parse()
        .expect("a local instant")
}

pub(crate) fn territory() -> Territory {
    let city = Jurisdiction::from("4209");
    Territory {
        jurisdictions: [
            (city.clone(), None),
            ("420902".into(), Some(city.clone())),
            ("420921".into(), Some(city)),
        ]
        .into_iter()
        .collect(),
    }
}

/// A territory whose journals are written by hand.
pub(crate) struct World {
    pub(crate) insight: Insight,
    pub(crate) log: Vec<(Arc<Commit>, String)>,
    heads: BTreeMap<String, (u64, String)>,
    now: Timestamp,
    by: String,
    does: &'static str,
}

impl World {
    /// Nothing was ever said.
    pub(crate) fn empty() -> Self {
        Self {
            insight: Insight::in_memory(territory()).expect("opens"),
            log: Vec::new(),
            heads: BTreeMap::new(),
            now: t("2023-03-01 08:30"),
            by: "dispatch".into(),
            does: "test",
        }
    }

    /// A city of two counties with people, posts, departments and institutions.
    pub(crate) fn new() -> Self {
        let mut world = Self::empty();
        world.tell("registry/4209", json!([
            {"type":"area.defined","area":{"code":"4209","name":"孝感市","level":"city","parent":null}},
            {"type":"department.defined","department":{"code":"edu","name":"教育局","area":"4209"}},
            {"type":"department.defined","department":{"code":"mkt","name":"市场监管局","area":"4209"}},
            {"type":"person.enrolled","person":{"id":"4209/P-1","name":"city supervisor 1","roles":["supervisor"],"area":"4209"}},
            {"type":"person.enrolled","person":{"id":"4209/P-2","name":"city coordinator 2","roles":["coordinator"],"area":"4209"}},
        ]));
        for (j, name) in [("420902", "孝南区"), ("420921", "孝昌县")] {
            let person = |code: &str, name: &str, roles: Value, department: Value, area: String| json!({"type":"person.enrolled","person":{"id":format!("{j}/{code}"),"name":name,"roles":roles,"department":department,"area":area,"certificate":format!("C-{code}")}});
            let mut people = vec![
                person(
                    "P-17",
                    "sentinel 17",
                    json!(["sentinel"]),
                    Value::Null,
                    format!("{j}003"),
                ),
                person(
                    "P-18",
                    "sentinel 18",
                    json!(["sentinel"]),
                    Value::Null,
                    format!("{j}003"),
                ),
                person(
                    "P-20",
                    "leader 20",
                    json!(["post_leader"]),
                    Value::Null,
                    format!("{j}003"),
                ),
                person(
                    "P-30",
                    "coordinator 30",
                    json!(["coordinator"]),
                    Value::Null,
                    j.to_owned(),
                ),
                person(
                    "P-31",
                    "dispatcher 31",
                    json!(["dispatcher"]),
                    Value::Null,
                    j.to_owned(),
                ),
                person(
                    "P-40",
                    "inspector 40",
                    json!(["inspector"]),
                    json!("edu"),
                    j.to_owned(),
                ),
                person(
                    "P-41",
                    "inspector 41",
                    json!(["inspector"]),
                    json!("edu"),
                    j.to_owned(),
                ),
                person(
                    "P-42",
                    "inspector 42",
                    json!(["inspector"]),
                    json!("mkt"),
                    j.to_owned(),
                ),
                person(
                    "P-50",
                    "verifier 50",
                    json!(["verifier"]),
                    Value::Null,
                    j.to_owned(),
                ),
                person(
                    "P-60",
                    "supervisor 60",
                    json!(["supervisor"]),
                    Value::Null,
                    j.to_owned(),
                ),
                person(
                    "P-70",
                    "owner 70",
                    json!(["owner"]),
                    Value::Null,
                    format!("{j}003"),
                ),
            ];
            let mut events = vec![
                json!({"type":"area.defined","area":{"code":j,"name":name,"level":"county","parent":"4209"}}),
                json!({"type":"area.defined","area":{"code":format!("{j}003"),"name":"书院街道","level":"town","parent":j}}),
                json!({"type":"area.defined","area":{"code":format!("{j}009"),"name":"新铺镇","level":"town","parent":j}}),
                json!({"type":"post.defined","post":{"code":"PO-01","name":"书院哨点","kind":"community","area":format!("{j}003"),"leader":format!("{j}/P-20"),"members":[format!("{j}/P-17"),format!("{j}/P-18")]}}),
                json!({"type":"owner.assigned","area":format!("{j}003"),"person":format!("{j}/P-70")}),
            ];
            for n in 1..=4 {
                events.push(json!({"type":"institution.registered","institution":{"code":format!("I-{n}"),"name":format!("机构{n}"),"kind":"institution","training":"arts","address":format!("槐荫路{n}号"),"area":format!("{j}003"),"risk":"high"}}));
            }
            events.append(&mut people);
            world.tell(&format!("registry/{j}"), Value::Array(events));
        }
        world
    }

    pub(crate) fn at(&mut self, local: &str) -> &mut Self {
        self.now = t(local);
        self
    }

    pub(crate) fn by(&mut self, who: &str) -> &mut Self {
        self.by = who.to_owned();
        self
    }

    /// The verb of what follows.
    pub(crate) fn does(&mut self, verb: &'static str) -> &mut Self {
        self.does = verb;
        self
    }

    /// One commit with one decision.
    pub(crate) fn tell(&mut self, book: &str, events: Value) -> &mut Self {
        let (service, _) = book.split_once('/').expect("service/jurisdiction");
        let events = events
            .as_array()
            .expect("a list")
            .iter()
            .map(|event| {
                Event::decode(service, &event.to_string())
                    .unwrap_or_else(|error| panic!("{error}: {event}"))
            })
            .collect();
        let written = self.write(book, events);
        self.insight.apply(&[written]).expect("applies");
        self
    }

    /// A commit that follows the last of its book, not yet applied.
    pub(crate) fn write(&mut self, book: &str, events: Vec<Event>) -> (Arc<Commit>, String) {
        let (n, prev) = self.heads.get(book).cloned().unwrap_or_default();
        let entry = Entry {
            id: format!("{book}:{}", n + 1).into(),
            by: self.by.clone(),
            via: "test".into(),
            cause: Cause::Command,
            of: None,
            does: self.does.into(),
            made: self.now,
            trace: String::new(),
            hops: 0,
            events,
        };
        let commit = Commit {
            book: book.to_owned(),
            n: n + 1,
            at: self.now,
            prev,
            due: None,
            seen: BTreeMap::new(),
            reader: 1,
            began: None,
            entries: vec![entry],
        };
        let hash = commit::hash(&commit.encode());
        self.heads.insert(book.to_owned(), (n + 1, hash.clone()));
        let written = (Arc::new(commit), hash);
        self.log.push(written.clone());
        written
    }

    pub(crate) fn dispatch(&mut self, events: Value) -> &mut Self {
        self.tell("dispatch/420902", events)
    }

    pub(crate) fn rectify(&mut self, events: Value) -> &mut Self {
        self.tell("rectification/420902", events)
    }

    pub(crate) fn escalate(&mut self, events: Value) -> &mut Self {
        self.tell("escalation/420902", events)
    }

    /// A batch of one task, `T-1`, with three rows, offered to both sentinels of the post.
    pub(crate) fn issued(&mut self) -> &mut Self {
        self.at("2023-03-06 09:00").dispatch(json!([batch("B-1", 1), {"type":"batch.issued","batch":"B-1","count":1}, task("T-1", "B-1")]))
    }

    /// The same task taken by sentinel 17.
    pub(crate) fn accepted(&mut self) -> &mut Self {
        self.issued()
            .at("2023-03-06 10:00")
            .by("420902/P-17")
            .dispatch(
                json!([{"type":"task.accepted","task":"T-1","person":"420902/P-17","taken":true}]),
            );
        self.escalate(json!([clock(
            "K-1",
            "task.submit",
            "T-1",
            "2023-03-06 10:00",
            "2023-03-14 00:00",
            json!({"people":["420902/P-17"]})
        )]))
    }

    /// The sheet filled and submitted, one row a problem, and the lead `L-1` opened from it.
    pub(crate) fn found(&mut self) -> &mut Self {
        self.accepted().at("2023-03-07 09:30").by("420902/P-17").dispatch(json!([
            {"type":"sortie.opened","sortie":"S-1","members":["420902/P-17"],"kind":"sweep","date":"2023-03-07"},
            row("T-1", "I-1", "ok", "2023-03-07 09:10"), row("T-1", "I-2", "ok", "2023-03-07 09:20"), problem("T-1", "I-3", "2023-03-07 09:30"),
            {"type":"row.found","task":"T-1","row":"I-3","subject":inst("I-3"),"area":"420902003","codes":["H1"],"note":"maths in a flat","urgent":false,"finder":"420902/P-17","post":"PO-01","observed":t("2023-03-07 09:30")},
            {"type":"task.submitted","task":"T-1","by":"420902/P-17","nil":false,"rows":3,"problems":1,"post":"PO-01","area":"420902003"},
        ]));
        self.by("rectification").rectify(json!([
            {"type":"report.received","report":"R-1","source":"row","subject":inst("I-3"),"area":"420902003","text":"maths in a flat","codes":["H1"],"urgent":false,"task":"T-1","row":"I-3","finder":"420902/P-17","post":"PO-01","observed":t("2023-03-07 09:30")},
            {"type":"lead.opened","lead":"L-1","report":"R-1","subject":inst("I-3"),"area":"420902003","codes":["H1"],"urgent":false,"post":"PO-01","owner":"420902/P-70"},
        ]));
        self.by("escalation").escalate(json!([
            {"type":"clock.stopped","clock":"K-1","kind":"task.submit","on":"T-1","at":t("2023-03-07 09:30"),"late":false},
            clock("K-2", "lead.screen", "L-1", "2023-03-07 09:30", "2023-03-09 00:00", json!({"role":"dispatcher"})),
        ]))
    }

    /// The lead classified and routed to edu, assisted by mkt.
    pub(crate) fn routed(&mut self) -> &mut Self {
        self.found().at("2023-03-08 09:00").by("420902/P-31").rectify(json!([
            {"type":"lead.classified","lead":"L-1","codes":["H1"],"proposal":{"lead":"edu","assist":["mkt"],"joint":true,"rule":"row 3: H1, any training (of 4209)"}},
            {"type":"lead.routed","lead":"L-1","department":"edu","assist":["mkt"],"reason":"row 3: H1"},
        ]));
        self.by("escalation").escalate(json!([
            {"type":"clock.stopped","clock":"K-2","kind":"lead.screen","on":"L-1","at":t("2023-03-08 09:00"),"late":false},
            clock("K-3", "lead.handle", "L-1", "2023-03-08 09:00", "2023-03-23 00:00", json!({"department":"edu"})),
        ]))
    }

    /// Substantiated, a case filed, an order issued and served on 10 March, due at the end of the 20th.
    pub(crate) fn served(&mut self) -> &mut Self {
        self.routed().at("2023-03-09 09:00").by("420902/P-31").rectify(json!([{"type":"joint.decided","lead":"L-1","joint":false,"reason":"one room","by":"420902/P-31"}]));
        self.at("2023-03-09 15:00").by("420902/P-40").rectify(json!([
            {"type":"verdict.recorded","lead":"L-1","verdict":"substantiated","note":"","subject":inst("I-3"),"codes":["H1"],"by":"420902/P-40"},
            {"type":"case.filed","case":"C-1","lead":"L-1","subject":inst("I-3"),"area":"420902003","codes":["H1"],"department":"edu","officers":["420902/P-40","420902/P-41"],"owner":"420902/P-70","post":"PO-01","generation":1},
            {"type":"order.issued","order":"Z-1","number":1,"year":2023,"case":"C-1","subject":inst("I-3"),"department":"edu","focus":"unlicensed teaching","requirement":"stop","content":"refund and close","ground":"Art. 18","deadline":{"amount":7,"unit":"working_day"},"by":"420902/P-40"},
        ]));
        self.at("2023-03-10 10:00")
            .rectify(json!([order_served("Z-1", "C-1", "I-3")]));
        self.by("escalation").escalate(json!([clock(
            "K-4",
            "order.fix",
            "Z-1",
            "2023-03-10 10:00",
            "2023-03-21 00:00",
            json!({"people":["420902/P-40"],"department":"edu"})
        )]))
    }

    /// Fixed on the 17th and verified on the 20th.
    pub(crate) fn cleared(&mut self) -> &mut Self {
        self.served().at("2023-03-17 10:00").by("420902/P-40").rectify(json!([{"type":"fix.reported","order":"Z-1","note":"closed and refunded","by":"420902/P-40"}]));
        self.at("2023-03-20 10:00")
            .by("420902/P-50")
            .rectify(json!([
                {"type":"fix.passed","order":"Z-1","case":"C-1","note":"seen","by":"420902/P-50"},
                {"type":"case.cleared","case":"C-1","lead":"L-1","subject":inst("I-3")},
            ]))
    }

    pub(crate) fn ask_at(&self, question: &Question, now: &str) -> View {
        self.insight.answer(question, t(now)).expect("answers")
    }

    pub(crate) fn ask(&self, question: &Question) -> View {
        self.insight.answer(question, self.now).expect("answers")
    }

    /// What somebody is answered.
    pub(crate) fn seen_by(&self, viewer: &Viewer, question: &Question, now: &str) -> VisibleAnswer {
        self.insight
            .answer_to(viewer, question, t(now))
            .expect("answers")
    }

    pub(crate) fn task(&self, id: &str) -> TaskView {
        match self.ask(&Question::Task {
            jurisdiction: "420902".into(),
            task: id.into(),
        }) {
            View::Task(task) => task,
            other => panic!("no task: {other:?}"),
        }
    }

    pub(crate) fn lead(&self, id: &str) -> LeadView {
        match self.ask(&Question::Lead {
            jurisdiction: "420902".into(),
            lead: id.into(),
        }) {
            View::Lead(lead) => lead,
            other => panic!("no lead: {other:?}"),
        }
    }

    pub(crate) fn case(&self, id: &str) -> CaseView {
        match self.ask(&Question::Case {
            jurisdiction: "420902".into(),
            case: id.into(),
        }) {
            View::Case(case) => case,
            other => panic!("no case: {other:?}"),
        }
    }

    pub(crate) fn order(&self, id: &str) -> OrderView {
        match self.ask(&Question::Order {
            jurisdiction: "420902".into(),
            order: id.into(),
        }) {
            View::Order(order) => order,
            other => panic!("no order: {other:?}"),
        }
    }

    pub(crate) fn inbox(&self, person: &str) -> Inbox {
        match self.ask(&Question::Inbox {
            person: PersonId::from(person),
        }) {
            View::Inbox(inbox) => inbox,
            other => panic!("no inbox: {other:?}"),
        }
    }

    pub(crate) fn timeline(&self, of: &str) -> Vec<TimelineItem> {
        match self.ask(&Question::Timeline {
            jurisdiction: "420902".into(),
            of: of.into(),
        }) {
            View::Timeline(items) => items,
            other => panic!("no timeline: {other:?}"),
        }
    }

    pub(crate) fn figures(&self, of: &str, from: &str, as_of: &str) -> Figures {
        self.insight
            .figures(&of.into(), t(from), t(as_of))
            .expect("counts")
            .figures
    }

    /// From the first of January up to an instant.
    pub(crate) fn year_to(&self, as_of: &str) -> Figures {
        self.figures("420902", "2023-01-01 00:00", as_of)
    }
}

pub(crate) fn inst(code: &str) -> Value {
    json!({"kind":"institution","id":code})
}

pub(crate) fn batch(id: &str, count: u32) -> Value {
    json!({"type":"batch.confirmed","batch":id,"name":"spring sweep","campaign":"spring","round":1,"select":{},"assign":{"to":"post_sentinel","accept":"first"},"checklist":"sweep","window":{"amount":5,"unit":"working_day"},"roster_hash":"h","count":count})
}

pub(crate) fn task(id: &str, batch: &str) -> Value {
    json!({"type":"task.issued","task":id,"batch":batch,"post":"PO-01","area":"420902003","rows":[inst("I-1"),inst("I-2"),inst("I-3")],"offered":["420902/P-17","420902/P-18"],"need":1,"checklist":"sweep","window":{"amount":5,"unit":"working_day"},"campaign":"spring","round":1,"answer_by":t("2023-03-08 00:00")})
}

pub(crate) fn row(task: &str, institution: &str, outcome: &str, observed: &str) -> Value {
    json!({"type":"row.filled","task":task,"row":institution,"subject":inst(institution),"outcome":outcome,"by":"420902/P-17","sortie":"S-1","observed":t(observed)})
}

pub(crate) fn problem(task: &str, institution: &str, observed: &str) -> Value {
    json!({"type":"row.filled","task":task,"row":institution,"subject":inst(institution),"outcome":"problem","codes":["H1"],"note":"maths in a flat","evidence":["abc"],"by":"420902/P-17","sortie":"S-1","observed":t(observed)})
}

pub(crate) fn clock(id: &str, kind: &str, on: &str, from: &str, due: &str, duty: Value) -> Value {
    json!({"type":"clock.started","clock":id,"kind":kind,"on":on,"area":"420902003","duty":duty,"span":{"amount":5,"unit":"working_day"},"rule":"default","calendar":"cn-2023","from":t(from),"due":t(due),"next":null})
}

pub(crate) fn order_served(order: &str, case: &str, institution: &str) -> Value {
    json!({"type":"order.served","order":order,"proof":"signed","case":case,"subject":inst(institution),"area":"420902003","department":"edu","deadline":{"amount":7,"unit":"working_day"},"duty":"420902/P-40","owner":"420902/P-70","post":"PO-01","by":"420902/P-40"})
}

/// An order served in a case of its own.
pub(crate) fn order(n: u32, institution: &str) -> Value {
    json!([
        {"type":"order.issued","order":format!("Z-{n}"),"number":n,"year":2023,"case":format!("C-{n}"),"subject":inst(institution),"department":"edu","focus":"f","requirement":"r","content":"c","ground":"","deadline":{"amount":7,"unit":"working_day"},"by":"420902/P-40"},
        order_served(&format!("Z-{n}"), &format!("C-{n}"), institution),
    ])
}

/// Ids of what a list of tasks holds.
pub(crate) fn tasks(list: &[TaskView]) -> Vec<&str> {
    list.iter().map(|task| task.task.as_str()).collect()
}
