//! Costs of a large registry: a command to it, a command to a book that decides with it, and a start.
//!
//! `cargo run --release -p picket-tests --example measure_registry` fills the registry of one county with 30,000
//! institutions and prints four figures. All in memory: what is measured is folding, not a disk.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use picket_calendar::Calendar;
use picket_journal::MemoryJournal;
use picket_runtime::{Clock, Engine, Lockstep};
use picket_schemas::registry::Territory;
use picket_schemas::{Command, CommandId, Jurisdiction, PersonId, Wish};
use serde_json::{Value, json};

const INSTITUTIONS: u32 = 30_000;
/// Commits of the registry between which a start is measured.
const COMMITS: u32 = 1_000;
const COUNTY: &str = "420902";

struct County {
    journal: MemoryJournal,
    clock: Clock,
    books: Lockstep,
    wishes: u32,
}

async fn open(journal: &MemoryJournal, clock: &Clock) -> Lockstep {
    let territory = Territory {
        jurisdictions: BTreeMap::from([(Jurisdiction::from(COUNTY), None)]),
    };
    let kinds = picket_node::services::kinds();
    let engine = Engine::new(
        Arc::new(journal.clone()),
        territory,
        kinds,
        clock.clone(),
        Calendar::china(),
    );
    Lockstep::open(Arc::new(engine))
        .await
        .expect("the books open")
}

impl County {
    async fn wish(&mut self, by: &str, commands: Vec<Value>) {
        let mut wishes = Vec::new();
        for command in commands {
            self.wishes += 1;
            wishes.push(Wish {
                id: CommandId::from(format!("w-{}", self.wishes)),
                by: PersonId::from(format!("{COUNTY}/{by}")),
                via: "measure".into(),
                made: self.clock.now(),
                observed: None,
                trace: String::new(),
                command: Command::parse(command).expect("a command"),
            });
        }
        for answer in self.books.wish(&Jurisdiction::from(COUNTY), wishes).await {
            answer.expect("accepted");
        }
    }

    /// The median of how long a command takes with all that follows at once.
    async fn median(&mut self, by: &str, command: impl Fn(u32) -> Value) -> Duration {
        let mut took = Vec::new();
        for n in 0..201 {
            let began = Instant::now();
            self.wish(by, vec![command(n)]).await;
            self.books.settle().await.expect("they rest");
            took.push(began.elapsed());
        }
        took.sort();
        took[took.len() / 2]
    }
}

fn institution(n: u32, name: &str) -> Value {
    json!({
        "do": "registry.register_institution", "code": format!("I-{n:05}"), "name": name,
        "kind": "institution", "training": "arts", "address": format!("street {n}"), "area": "420902003",
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let journal = MemoryJournal::new();
    let clock = Clock::driven("2026-03-02T01:00:00Z".parse().expect("an instant"));
    let books = open(&journal, &clock).await;
    let mut county = County {
        journal,
        clock,
        books,
        wishes: 0,
    };
    let area = |code: &str, level: &str, parent: Option<&str>| json!({"do": "registry.define_area", "code": code, "name": "a", "level": level, "parent": parent});
    let person = |code: &str, role: &str| json!({"do": "registry.enrol_person", "code": code, "name": code, "roles": [role], "area": COUNTY});
    county
        .wish(
            "operator",
            vec![
                area(COUNTY, "county", None),
                area("420902003", "town", Some(COUNTY)),
                person("P-1", "coordinator"),
            ],
        )
        .await;
    for from in (0..INSTITUTIONS).step_by(500) {
        let some = (from..from + 500).map(|n| institution(n, "one"));
        county.wish("operator", some.collect()).await;
    }
    county.books.settle().await.expect("they rest");
    let own = county
        .median("operator", |n| institution(n, &format!("name {n}")))
        .await;
    let logged = county
        .median(
            "operator",
            |n| json!({"do": "registry.log_read", "what": format!("task T-{n}")}),
        )
        .await;
    let place = county
        .median("P-1", |n| {
            json!({"do": "dispatch.report_place", "area": "420902003", "address": format!("lane {n}"), "seen": "lights"})
        })
        .await;
    for n in 0..COMMITS {
        county
            .wish("operator", vec![institution(n, &format!("again {n}"))])
            .await;
    }
    county.books.settle().await.expect("they rest");
    county.books.flush().await;
    let began = Instant::now();
    drop(open(&county.journal, &county.clock).await);
    let start = began.elapsed();
    println!("{INSTITUTIONS} institutions in the registry of one county");
    println!("a command to the registry, all books read it: {own:.1?}");
    println!("a reading logged, which changes no table:      {logged:.1?}");
    println!("a command to dispatch:                         {place:.1?}");
    println!("a start after {COMMITS} more commits:               {start:.1?}");
}
