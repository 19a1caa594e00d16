//! The keys and rights that are shipped, with the binary itself: each service has its own, the main path works, and
//! nobody does what is another's.

use std::path::{Path, PathBuf};
use std::time::Duration;

use picket_harness::Nats;
use picket_journal::{BookName, Bytes, Head, Journal as _, hash_of};
use picket_nats::{Credentials, JournalSettings, NatsAccess, NatsJournal, connect};
use serde_json::Value;

use super::super::harness::{Running, run, until};

const BOOKS: [&str; 7] = [
    "registry",
    "schedule",
    "dispatch",
    "rectification",
    "escalation",
    "bulletin",
    "courier",
];

/// A nats-server with the shipped configuration, and keys as `picket keys` makes them.
struct Shipped {
    place: tempfile::TempDir,
    nats: Nats,
    keys: PathBuf,
}

impl Shipped {
    fn start() -> Self {
        let place = tempfile::tempdir().unwrap();
        let keys = place.path().join("keys");
        run(["keys", keys.to_str().unwrap()]).fine();
        let publics = std::fs::read_to_string(keys.join("nkeys.env")).unwrap();
        let environment: Vec<(String, String)> = publics
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, key)| (name.to_owned(), key.to_owned()))
            .collect();
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nats/one.conf");
        Self {
            nats: Nats::shipped(1, &config, &environment),
            place,
            keys,
        }
    }

    fn folder(&self, name: &str) -> String {
        self.place.path().join(name).to_str().unwrap().to_owned()
    }

    /// Where NATS is, and who asks.
    fn as_key(&self, name: &str) -> Vec<String> {
        let key = self
            .keys
            .join(format!("{name}.nk"))
            .to_str()
            .unwrap()
            .to_owned();
        let mut words = vec![
            "--nats".to_owned(),
            self.nats.open_place().urls.join(","),
            "--nats-key".to_owned(),
            key,
            "--nats-max-bytes".to_owned(),
            "1073741824".to_owned(),
        ];
        if let Ok(text) = std::fs::read_to_string(self.keys.join(format!("{name}.env"))) {
            words.extend([
                "--nats-inbox".to_owned(),
                text.trim()
                    .strip_prefix("PICKET_NATS_INBOX=")
                    .unwrap()
                    .to_owned(),
            ]);
        }
        words
    }

    fn serve(&self, service: &str) -> Running {
        let words = [
            "serve",
            service,
            "--name",
            service,
            "--data",
            &self.folder(service),
        ]
        .map(str::to_owned);
        let mut process = Running::start(words.into_iter().chain(self.as_key(service)));
        process.says("picket serves");
        process
    }

    fn wish(&self, person: &str, words: &[&str]) -> Value {
        let data = self.folder("edge");
        let mut all = vec!["do", "--json", "--data", &data, "--as", person];
        all.extend_from_slice(words);
        run(all).json()
    }

    /// The journal, opened by somebody who holds this key.
    async fn journal(
        &self,
        key: &str,
        inbox: &str,
    ) -> Result<NatsJournal, picket_nats::NatsOpenError> {
        let access = NatsAccess {
            urls: self.nats.open_place().urls,
            credentials: Credentials::SeedFile(self.keys.join(format!("{key}.nk"))),
            authority: None,
            inbox: Some(inbox.to_owned()),
        };
        let settings = JournalSettings {
            answer: Duration::from_millis(700),
            patience: Duration::from_millis(1_500),
            ..JournalSettings::default()
        };
        NatsJournal::open(connect(&access, key).await.unwrap(), settings).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_processes_with_a_key_each_do_the_work_and_none_does_anothers() {
    let shipped = Shipped::start();
    let early = Running::start(
        ["serve", "dispatch", "--data", &shipped.folder("early")]
            .map(str::to_owned)
            .into_iter()
            .chain(shipped.as_key("dispatch")),
    );
    let early = early.ends(Duration::from_secs(30));
    assert_eq!(early.code(), 4, "{early:?}");
    assert!(
        early.err.contains("start Picket once with the operator's"),
        "{early:?}"
    );
    let doctor: Vec<String> = ["doctor".to_owned()]
        .into_iter()
        .chain(shipped.as_key("operator"))
        .collect();
    let said = run(doctor).fine();
    assert!(said.contains("every server flushes every write"), "{said}");
    let mut books = BOOKS.map(|service| shipped.serve(service));
    let _insight = shipped.serve("insight");
    let _publish = shipped.serve("publish");
    let mut edge = shipped.serve("edge");
    let county = shipped.folder("county");
    run(["example", &county]).fine();
    run([
        "import",
        &county,
        "--data",
        &shipped.folder("edge"),
        "--yes",
    ])
    .fine();
    edge.says("1 jurisdictions");
    for book in &mut books {
        book.says("8 of 8 shards");
    }
    // The main path: a sheet, a row, a lead, a clock and a notice, which five services wrote.
    shipped.wish(
        "P-07",
        &["dispatch.issue_batch", "name=sweep", "select.post=PO-02"],
    );
    shipped.wish("P-03", &["dispatch.accept_task", "task=T-1"]);
    shipped.wish(
        "P-03",
        &[
            "dispatch.fill_row",
            "task=T-1",
            "row=I-05",
            "outcome=problem",
            "codes=H1",
            "urgent=true",
        ],
    );
    let asked = |words: &[&str]| {
        let data = shipped.folder("edge");
        let mut all = vec!["ask", "--json", "--data", &data];
        all.extend_from_slice(words);
        run(all)
    };
    until("the lead is there, with its clock", || {
        asked(&["timeline", "L-1"]).out.contains("clock")
    });
    until("notices are there", || {
        asked(&["notices", "--as", "P-08"]).out.contains("L-1")
    });
    let map: Vec<String> = ["map", "--live", "--json"]
        .map(str::to_owned)
        .into_iter()
        .chain(shipped.as_key("edge"))
        .collect();
    until("the map is whole, as the edge's key sees it", || {
        run(map.clone()).code() == 0
    });
    // Whoever supervises is on record before the answer leaves: insight may write that wish and no other.
    assert!(!asked(&["board", "--as", "P-15"]).out.is_empty());
    // With the key of dispatch nothing can be written for rectification, and a bot's key opens no journal.
    let journal = shipped
        .journal("dispatch", "_INBOX_DISPATCH")
        .await
        .unwrap();
    let book = BookName::parse("rectification/990101").unwrap();
    let head = journal
        .last(std::slice::from_ref(&book))
        .await
        .unwrap()
        .remove(0);
    assert!(head.number > 0, "it may read it");
    let bytes = Bytes::from(b"{}".to_vec());
    assert!(
        journal
            .append(&book, &head, &hash_of(&bytes), bytes)
            .await
            .is_err(),
        "and not write it"
    );
    assert_eq!(
        journal
            .last(std::slice::from_ref(&book))
            .await
            .unwrap()
            .remove(0),
        head,
        "nothing was written"
    );
    assert!(journal.read(&book, &Head::default(), 1).await.is_ok());
    assert!(
        shipped
            .journal("telegram", "_INBOX_TELEGRAM")
            .await
            .is_err()
    );
    for book in books {
        book.signal("TERM");
        let said = book.ends(Duration::from_secs(30));
        assert_eq!(said.code(), 0, "{said:?}");
        assert!(
            !said.err.contains("Permissions Violation") && !said.err.contains("panicked"),
            "it does nothing it may not: {said:?}"
        );
    }
}
