//! The configuration files that are shipped, tried on real servers: what each key may do, and what it may not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nkeys::KeyPair;
use picket_bus::Bus as _;
use picket_harness::Nats;
use picket_journal::{AppendError, BookName, Bytes, Head, Journal as _, hash_of};
use picket_nats::{
    Client, Credentials, JournalSettings, NatsAccess, NatsBus, NatsJournal, connect,
};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::settings;

const BOOKS: [&str; 7] = [
    "registry",
    "dispatch",
    "rectification",
    "escalation",
    "schedule",
    "courier",
    "bulletin",
];
const OTHERS: [&str; 6] = [
    "operator", "system", "insight", "publish", "telegram", "edge",
];

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy/nats")
        .join(name)
}

/// Servers with the shipped files, and a seed file for each service.
struct Shipped {
    servers: Nats,
    seeds: BTreeMap<&'static str, PathBuf>,
    _dir: TempDir,
}

impl Shipped {
    fn start(nodes: usize, config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (mut seeds, mut environment) = (BTreeMap::new(), Vec::new());
        for name in BOOKS.into_iter().chain(OTHERS) {
            let pair = KeyPair::new_user();
            let path = dir.path().join(name);
            std::fs::write(&path, format!("{}\n", pair.seed().unwrap())).unwrap();
            seeds.insert(name, path);
            environment.push((
                format!("PICKET_NKEY_{}", name.to_uppercase()),
                pair.public_key(),
            ));
        }
        Self {
            servers: Nats::shipped(nodes, &file(config), &environment),
            seeds,
            _dir: dir,
        }
    }

    async fn client(&self, name: &str) -> Client {
        let inbox = BOOKS
            .contains(&name)
            .then(|| format!("_INBOX_{}", name.to_uppercase()));
        let inbox = inbox.or_else(|| {
            ["insight", "publish", "telegram", "edge"]
                .contains(&name)
                .then(|| format!("_INBOX_{}", name.to_uppercase()))
        });
        let access = NatsAccess {
            urls: self.servers.open_place().urls,
            credentials: Credentials::SeedFile(self.seeds[name].clone()),
            authority: None,
            inbox,
        };
        connect(&access, name).await.unwrap()
    }

    /// A journal that does not ask the monitors, as a service on another machine.
    async fn journal(&self, name: &str) -> Result<NatsJournal, picket_nats::NatsOpenError> {
        let place = self.servers.open_place();
        let settings = JournalSettings {
            monitors: Vec::new(),
            answer: Duration::from_millis(700),
            patience: Duration::from_millis(1500),
            ..settings(&place)
        };
        NatsJournal::open(self.client(name).await, settings).await
    }
}

async fn write(journal: &NatsJournal, book: &str) -> Result<Head, AppendError> {
    let book = BookName::parse(book).unwrap();
    let head = journal
        .last(std::slice::from_ref(&book))
        .await
        .map_err(|error| AppendError::Unavailable(error.0))?
        .remove(0);
    let bytes = Bytes::from(format!("{book} {}", head.number + 1).into_bytes());
    journal.append(&book, &head, &hash_of(&bytes), bytes).await
}

/// Tries to write the books of all other services at once.
async fn everywhere_else(
    journal: &Arc<NatsJournal>,
    name: &str,
) -> Vec<(&'static str, Result<Head, AppendError>)> {
    let mut tries = JoinSet::new();
    for other in BOOKS.into_iter().filter(|other| *other != name) {
        let journal = Arc::clone(journal);
        tries.spawn(async move { (other, write(&journal, &format!("{other}/990101")).await) });
    }
    tries.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shipped_file_lets_each_service_write_its_own_books_and_no_other() {
    let shipped = Shipped::start(1, "one.conf");
    let refused = shipped
        .journal("dispatch")
        .await
        .err()
        .expect("a service may not make the stream")
        .to_string();
    assert!(refused.contains("operator's"), "{refused}");
    let operator = shipped.journal("operator").await.unwrap();
    write(&operator, "registry/420902").await.unwrap();
    for name in BOOKS {
        let journal = Arc::new(shipped.journal(name).await.unwrap());
        write(&journal, &format!("{name}/420902")).await.unwrap();
        let denied = everywhere_else(&journal, name).await;
        for (other, answer) in denied {
            assert!(
                matches!(
                    answer,
                    Err(AppendError::Unknown(_) | AppendError::Unavailable(_))
                ),
                "{name} on {other}: {answer:?}"
            );
        }
        let read = journal
            .read(
                &BookName::parse("registry/420902").unwrap(),
                &Head::default(),
                10,
            )
            .await
            .unwrap();
        assert!(!read.is_empty(), "{name} reads the registry");
    }
    for name in ["insight", "publish"] {
        let journal = shipped.journal(name).await.unwrap();
        let mut follower = journal
            .follow(vec![(
                BookName::parse("dispatch/420902").unwrap(),
                Head::default(),
            )])
            .await
            .unwrap();
        assert_eq!(follower.next().await.unwrap().1.head.number, 1);
        assert!(
            write(&journal, "dispatch/420902").await.is_err(),
            "{name} writes nothing"
        );
    }
    assert!(
        shipped.journal("telegram").await.is_err(),
        "a bot does not see the journal"
    );
    for book in BOOKS {
        let head = operator
            .last(&[BookName::new(book, "990101").unwrap()])
            .await
            .unwrap()
            .remove(0);
        assert_eq!(
            head,
            Head::default(),
            "what was denied is not there: {book}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wishes_reach_the_service_they_are_for_and_answers_reach_nobody_else() {
    let shipped = Shipped::start(1, "one.conf");
    let soon = Duration::from_millis(500);
    let (bot, dispatch, escalation) = (
        NatsBus::new(shipped.client("telegram").await),
        NatsBus::new(shipped.client("dispatch").await),
        NatsBus::new(shipped.client("escalation").await),
    );
    // What a key may not hear never arrives, whatever it subscribes to.
    let mut stolen = escalation.serve("picket.do.dispatch.420902").await.unwrap();
    let mut answers = escalation.serve("_INBOX_TELEGRAM.>").await.unwrap();
    let mut requests = dispatch.serve("picket.do.dispatch.420902").await.unwrap();
    let answering = tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            request.reply(b"done".to_vec());
        }
    });
    assert_eq!(
        bot.ask(
            "picket.do.dispatch.420902",
            b"wish".to_vec(),
            Duration::from_secs(10)
        )
        .await,
        Ok(b"done".to_vec())
    );
    assert!(
        tokio::time::timeout(soon, stolen.next()).await.is_err(),
        "another service heard the wish"
    );
    assert!(
        tokio::time::timeout(soon, answers.next()).await.is_err(),
        "another service heard the answer"
    );
    // A service makes no wishes: it reads journals.
    assert!(
        escalation
            .ask("picket.do.dispatch.420902", b"wish".to_vec(), soon)
            .await
            .is_err()
    );
    answering.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_with_the_shipped_file_keep_every_commit_three_times() {
    let shipped = Shipped::start(3, "three.conf");
    let operator = shipped.journal("operator").await.unwrap();
    let dispatch = shipped.journal("dispatch").await.unwrap();
    write(&dispatch, "dispatch/420902").await.unwrap();
    shipped.servers.kill(0);
    let end = std::time::Instant::now() + Duration::from_secs(30);
    while let Err(error) = write(&dispatch, "dispatch/420902").await {
        assert!(std::time::Instant::now() < end, "{error}");
    }
    assert!(
        operator
            .last(&[BookName::parse("dispatch/420902").unwrap()])
            .await
            .unwrap()[0]
            .number
            >= 2
    );
}
