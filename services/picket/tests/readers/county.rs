//! A county with one post, one sentinel, two institutions, and nobody else's time.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use picket_calendar::Calendar;
use picket_journal::{BookName, MemoryJournal};
use picket_reading::CausalReader;
use picket_runtime::{Clock, Engine, Lockstep};
use picket_schemas::registry::Territory;
use picket_schemas::{Command, Commit, Jurisdiction, PersonId, Wish};
use picket_telemetry::TraceParent;
use serde_json::{Value, json};

pub(crate) const COUNTY: &str = "420902";

/// A county at work.
pub(crate) struct County {
    pub(crate) journal: MemoryJournal,
    books: Lockstep,
    clock: Clock,
}

impl County {
    pub(crate) async fn new() -> Self {
        let journal = MemoryJournal::new();
        let clock = Clock::driven("2026-03-04T01:00:00Z".parse().unwrap());
        let territory = Territory {
            jurisdictions: BTreeMap::from([(Jurisdiction::from(COUNTY), None)]),
        };
        let engine = Engine::new(
            Arc::new(journal.clone()),
            territory,
            picket_node::services::kinds(),
            clock.clone(),
            Calendar::china(),
        );
        let books = Lockstep::open(Arc::new(engine)).await.unwrap();
        let mut county = Self {
            journal,
            books,
            clock,
        };
        let roster = [
            json!({"do": "registry.define_area", "code": COUNTY, "name": "county", "level": "county"}),
            json!({"do": "registry.define_area", "code": "420902003", "name": "town", "level": "town", "parent": COUNTY}),
            json!({"do": "registry.define_department", "code": "edu", "name": "education", "area": COUNTY}),
            json!({"do": "registry.enrol_person", "code": "P-0001", "name": "coordinator 1", "roles": ["coordinator"], "area": COUNTY}),
            json!({"do": "registry.enrol_person", "code": "P-0011", "name": "leader 11", "roles": ["post_leader"], "area": "420902003"}),
            json!({"do": "registry.enrol_person", "code": "P-0017", "name": "sentinel 17", "roles": ["sentinel"], "area": "420902003"}),
            json!({"do": "registry.define_post", "code": "PO-1", "name": "post 1", "kind": "community", "area": "420902003", "leader": "P-0011", "members": ["P-0017"]}),
            json!({"do": "registry.register_institution", "code": "I-1", "name": "one", "kind": "institution", "address": "street 1", "area": "420902003"}),
            json!({"do": "registry.register_institution", "code": "I-2", "name": "two", "kind": "institution", "address": "street 2", "area": "420902003"}),
            json!({"do": "registry.set_route", "order": 1, "violation": "*", "training": "*", "lead": "edu"}),
        ];
        for (line, command) in roster.into_iter().enumerate() {
            county
                .wishes(&format!("roster-{line}"), "operator", command)
                .await;
        }
        county
    }

    /// Somebody wishes something, with the trace an edge gives it; it must be done.
    pub(crate) async fn wishes(&mut self, id: &str, by: &str, command: Value) {
        let county = Jurisdiction::from(COUNTY);
        let command = Command::parse(command).unwrap();
        let wish = Wish {
            id: id.into(),
            by: PersonId::new(&county, by),
            via: "test".into(),
            made: self.clock.now(),
            observed: None,
            trace: TraceParent::of_wish(id).inject(),
            command,
        };
        let answers = self.books.wish(&county, vec![wish]).await;
        assert!(answers[0].is_ok(), "{id}: {:?}", answers[0]);
        self.books.settle().await.unwrap();
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Time goes by; every bell on the way rings.
    pub(crate) async fn days(&mut self, days: i64) {
        let until = self.clock.now() + SignedDuration::from_hours(24 * days);
        self.books.advance(until, |_| ()).await.unwrap();
    }

    pub(crate) fn names(&self) -> Vec<BookName> {
        self.books.engine().books()
    }

    /// Every commit of every book, causes before effects.
    pub(crate) async fn commits(&self) -> Vec<Arc<Commit>> {
        let mut causal = CausalReader::new(
            Arc::new(self.journal.clone()),
            &self.names(),
            &BTreeMap::new(),
        );
        let mut all = Vec::new();
        loop {
            let some = causal.next(512).await.unwrap();
            if some.is_empty() {
                return all;
            }
            all.extend(some.into_iter().map(|commit| commit.commit.clone()));
        }
    }
}
