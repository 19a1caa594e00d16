//! What somebody who writes a scenario can rely on, on a county small enough to know by heart.

mod reading;
mod running;
mod timing;

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_journal::{Head, MemoryJournal};

use super::{CannotRun, Scenario, ScenarioFault, ScenarioOutcome, run};

const MANIFEST: &str = r#"
name = "a day in the county"
source = "made up"
jurisdictions = ["420902"]
start = "2023-03-01T00:00:00+08:00"
as_of = "2023-03-10T23:59:59+08:00"
as = "P-0002"
freeze = "March"
"#;
const AREAS: &str = "code,name,level,parent\n420902,county,county,\n420902003,town,town,420902\n420902003001,community one,community,420902003\n420902003002,community two,community,420902003\n";
const DEPARTMENTS: &str = "code,name,area\nedu,education bureau,420902\n";
const PEOPLE: &str = "code,name,roles,department,area,certificate,language\nP-0001,sentinel 1,sentinel,,420902003001,,\nP-0002,post leader 2,post_leader;coordinator;supervisor,,420902,,\nP-0003,dispatcher 3,dispatcher;clerk,,420902,,\nP-0004,inspector 4,inspector,edu,420902,HB-4,\n";
const POSTS: &str = "code,name,kind,area,leader,members\nPO-01,post one,community,420902003001,P-0002,P-0001\nPO-02,post two,community,420902003002,P-0002,P-0001\n";
const INSTITUTIONS: &str = "code,name,kind,training,licence,address,area,school_district,risk,list\nI-0001,centre 1,institution,subject,licensed,1 road,420902003001,,,\nI-0002,centre 2,institution,custody,none,2 road,420902003001,,,\nI-0003,centre 3,institution,arts,licensed,3 road,420902003002,,,\n";
const ROUTES: &str = "order,violation,training,lead,assist,joint\n10,*,*,edu,,\n";

/// A sheet swept, a lead found on it, routed and found to be true.
const SCRIPT: [&str; 10] = [
    r#"{"at":"2023-03-01T08:30:00+08:00","do":"dispatch.issue_batch","name":"first sweep","campaign":"spring","round":1,"select":{"area":"420902003001"},"bind":"b1"}"#,
    r#"{"at":"2023-03-01T09:00:00+08:00","as":"P-0001","do":"dispatch.accept_task","task":{"find":"task","batch":"$b1","post":"PO-01"}}"#,
    r#"{"at":"2023-03-02T10:00:00+08:00","as":"P-0001","do":"dispatch.fill_row","task":{"find":"task","batch":"$b1"},"row":"I-0001","outcome":"ok"}"#,
    r#"{"at":"2023-03-02T10:20:00+08:00","as":"P-0001","do":"dispatch.fill_row","task":{"find":"task","batch":"$b1"},"row":"I-0002","outcome":"problem","codes":"H1","note":"mathematics at noon"}"#,
    r#"{"at":"2023-03-02T16:00:00+08:00","as":"P-0001","do":"dispatch.submit_task","task":{"find":"task","batch":"$b1"}}"#,
    r#"{"at":"2023-03-02T16:30:00+08:00","as":"P-0003","do":"rectification.classify_lead","lead":{"find":"lead","task":{"find":"task","batch":"$b1"},"row":"I-0002"},"codes":["H1"]}"#,
    r#"{"at":"2023-03-02T16:31:00+08:00","as":"P-0003","do":"rectification.route_lead","lead":"L-1"}"#,
    r#"{"at":"2023-03-02T16:32:00+08:00","as":"P-0003","do":"rectification.decide_joint","lead":"L-1","joint":false,"reason":"one department is enough"}"#,
    r#"{"at":"2023-03-03T10:00:00+08:00","as":"P-0004","do":"rectification.record_verdict","lead":"L-1","verdict":"substantiated","note":"seen"}"#,
    r#"{"at":"2023-03-03T11:00:00+08:00","as":"P-0002","do":"dispatch.approve_task","task":{"find":"task","batch":"$b1"}}"#,
];

/// The files of a scenario, to be changed by a test.
struct Folder(BTreeMap<String, Vec<u8>>);

impl Folder {
    fn new() -> Self {
        let mut folder = Self(BTreeMap::new());
        for (name, text) in [
            ("scenario.toml", MANIFEST),
            ("areas.csv", AREAS),
            ("departments.csv", DEPARTMENTS),
            ("people.csv", PEOPLE),
            ("posts.csv", POSTS),
            ("institutions.csv", INSTITUTIONS),
            ("routes.csv", ROUTES),
        ] {
            folder.put(name, text);
        }
        folder.script(&SCRIPT);
        folder
    }

    fn put(&mut self, name: &str, text: &str) -> &mut Self {
        self.0.insert(name.to_owned(), text.as_bytes().to_vec());
        self
    }

    fn script(&mut self, lines: &[&str]) -> &mut Self {
        self.put("script.jsonl", &lines.join("\n"))
    }

    /// The usual script with more lines after it.
    fn and(&mut self, lines: &[&str]) -> &mut Self {
        self.script(&[&SCRIPT, lines].concat())
    }

    fn manifest(&mut self, more: &str) -> &mut Self {
        self.put("scenario.toml", &format!("{MANIFEST}{more}"))
    }

    fn read(&self) -> Scenario {
        Scenario::from_files(&self.0).unwrap_or_else(|bad| panic!("{:#?}", bad.faults))
    }

    fn faults(&self) -> Vec<ScenarioFault> {
        Scenario::from_files(&self.0)
            .expect_err("something is wrong with it")
            .faults
    }

    fn run(&self) -> ScenarioOutcome {
        self.on(Arc::new(MemoryJournal::new()))
            .unwrap_or_else(|why| panic!("{why}"))
    }

    fn on(&self, journal: Arc<MemoryJournal>) -> Result<ScenarioOutcome, CannotRun> {
        block(Box::pin(run(&self.read(), journal, &mut |_| {})))
    }

    /// The misses of a run, as lines.
    fn misses(&self) -> Vec<String> {
        self.run().misses.iter().map(ToString::to_string).collect()
    }
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a thread to run on")
        .block_on(future)
}

/// Every byte a run wrote, by book.
fn bytes(folder: &Folder) -> Vec<(String, Vec<Vec<u8>>)> {
    let journal = Arc::new(MemoryJournal::new());
    let outcome = folder
        .on(journal.clone())
        .unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(outcome.misses, []);
    let read = |book| {
        journal
            .read_blocking(&book, &Head::default(), usize::MAX)
            .expect("memory can be read")
    };
    let mut all: Vec<_> = journal
        .books()
        .into_iter()
        .map(|book| {
            (
                book.to_string(),
                read(book)
                    .into_iter()
                    .map(|stored| stored.bytes.to_vec())
                    .collect(),
            )
        })
        .collect();
    all.push(("outcome".to_owned(), vec![outcome.to_json().into_bytes()]));
    all
}

/// The entries of a book, as JSON.
fn entries(outcome: &ScenarioOutcome, book: &str) -> Vec<serde_json::Value> {
    let name = picket_journal::BookName::parse(book).expect("a book's name");
    let stored = block(outcome.journal.read(&name, &Head::default(), usize::MAX))
        .expect("memory can be read");
    let commits = stored.iter().map(|stored| {
        serde_json::from_slice::<serde_json::Value>(&stored.bytes).expect("a commit is JSON")
    });
    commits
        .flat_map(|mut commit| match commit["entries"].take() {
            serde_json::Value::Array(entries) => entries
                .into_iter()
                .map(|mut entry| {
                    entry["at"] = commit["at"].clone();
                    entry
                })
                .collect(),
            _ => Vec::new(),
        })
        .collect()
}
