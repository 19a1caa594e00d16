//! Who drives the clock: tells every process what time it is, and lets time go on only when all is at rest.
//!
//! It stops at every bell on the way, as a replay does: the next bell of each book stands in its last commit. All is
//! at rest when every book was looked at in a round in which none of them had anything to say, no notice is under way
//! and no bulletin waits for its figures. It does not know the story.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_bus::Bus;
use picket_harness::Place;
use picket_journal::{BookName, Head, Journal};
use picket_nats::{Client, Credentials, JournalSettings, NatsAccess, NatsBus, NatsJournal};
use serde_json::{Value, json};

use crate::cluster::STREAM_BYTES;

/// The longest the books may take to come to rest: a replica may have died meanwhile.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the processes get to answer a round, and the pause before the next.
const ROUND: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(15);
const SERVICES: [&str; 7] = [
    "registry",
    "schedule",
    "dispatch",
    "rectification",
    "escalation",
    "courier",
    "bulletin",
];

/// The clock of the test.
pub(crate) struct Driver {
    client: Client,
    journal: NatsJournal,
    zone: TimeZone,
    now: Arc<Mutex<Timestamp>>,
    read: BTreeMap<String, Head>,
    dues: BTreeMap<String, Timestamp>,
    /// Handed over, and not yet known how it went.
    under_way: BTreeSet<String>,
    unsettled: BTreeSet<String>,
    /// Every event so far, with its book.
    events: Vec<(String, Value)>,
}

impl Driver {
    /// Takes the clock of a cluster in hand; it stands at a local instant.
    pub(crate) async fn take(place: &Place, local: &str) -> Self {
        let access = NatsAccess {
            urls: place.urls.clone(),
            credentials: Credentials::None,
            authority: None,
            inbox: None,
        };
        let client = picket_nats::connect(&access, "driver")
            .await
            .expect("NATS is there");
        let settings = JournalSettings {
            stream: "PICKET_JOURNAL".into(),
            max_bytes: STREAM_BYTES,
            monitors: place.monitors.clone(),
            ..JournalSettings::default()
        };
        let journal = NatsJournal::open(client.clone(), settings)
            .await
            .expect("the journal opens");
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        let now = Arc::new(Mutex::new(instant(local, &zone)));
        let (bus, present) = (NatsBus::new(client.clone()), now.clone());
        let mut asked = bus
            .serve("picket.test.clock.present")
            .await
            .expect("NATS is there");
        tokio::spawn(async move {
            while let Some(request) = asked.next().await {
                let now = *present.lock().expect("nobody panics with it");
                request.reply(json!({ "now": now }).to_string().into_bytes());
            }
        });
        let (read, dues, under_way, unsettled) = (
            BTreeMap::new(),
            BTreeMap::new(),
            BTreeSet::new(),
            BTreeSet::new(),
        );
        Self {
            client,
            journal,
            zone,
            now,
            read,
            dues,
            under_way,
            unsettled,
            events: Vec::new(),
        }
    }

    /// Which jurisdictions there are.
    pub(crate) fn knows(&mut self, jurisdictions: &[&str]) {
        for jurisdiction in jurisdictions {
            for service in SERVICES {
                self.read
                    .insert(format!("{service}/{jurisdiction}"), Head::default());
            }
        }
    }

    /// Moves time on to a local instant, stopping at every bell on the way; at each the books come to rest.
    pub(crate) async fn until(&mut self, local: &str, replicas: &[String]) {
        let until = instant(local, &self.zone);
        self.rest(replicas).await;
        while let Some(due) = self
            .dues
            .values()
            .copied()
            .min()
            .filter(|due| *due <= until)
        {
            self.stand(due);
            self.rest(replicas).await;
        }
        self.stand(until);
        self.rest(replicas).await;
    }

    fn stand(&self, at: Timestamp) {
        let mut now = self.now.lock().expect("nobody panics with it");
        *now = at.max(*now);
    }

    /// Waits until every process stands at the present instant and nothing is left to do there.
    pub(crate) async fn rest(&mut self, replicas: &[String]) {
        let end = Instant::now() + PATIENCE;
        loop {
            self.catch_up().await;
            let before = self.events.len();
            let why = self.restless(replicas).await;
            self.catch_up().await;
            let why = why.or_else(|| {
                (self.events.len() > before).then(|| "something was written".to_owned())
            });
            let why = why.or_else(|| {
                self.under_way
                    .first()
                    .map(|notice| format!("{notice} is under way"))
            });
            let why = why.or_else(|| {
                self.unsettled
                    .first()
                    .map(|bulletin| format!("{bulletin} waits for its figures"))
            });
            let Some(why) = why else { return };
            assert!(
                Instant::now() < end,
                "no rest at {}: {why}",
                self.now.lock().expect("nobody panics with it")
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// One round: everybody is told the time and says how it stands. Why there is no rest, where there is none.
    async fn restless(&self, replicas: &[String]) -> Option<String> {
        let now = *self.now.lock().expect("nobody panics with it");
        let inbox = self.client.new_inbox();
        let mut answers = self
            .client
            .subscribe(inbox.clone())
            .await
            .expect("NATS is there");
        self.client
            .publish_with_reply(
                "picket.test.clock",
                inbox,
                json!({ "now": now }).to_string().into(),
            )
            .await
            .expect("NATS is there");
        let mut missing: BTreeSet<&str> = replicas.iter().map(String::as_str).collect();
        let mut unkept: BTreeSet<&str> = self.read.keys().map(String::as_str).collect();
        let end = tokio::time::Instant::now() + ROUND;
        let mut restless = None;
        while !missing.is_empty() {
            let Ok(Some(answer)) = tokio::time::timeout_at(end, answers.next()).await else {
                return Some(format!("{missing:?} said nothing"));
            };
            let stands: Value = serde_json::from_slice(&answer.payload).expect("JSON");
            let name = stands["name"].as_str().unwrap_or_default();
            assert!(
                stands["now"]
                    .as_str()
                    .and_then(|text| text.parse::<Timestamp>().ok())
                    >= Some(now),
                "{name} does not stand at {now}: {stands}"
            );
            missing.remove(name);
            for book in stands["keeps"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                unkept.remove(book);
            }
            if stands["rests"] != true {
                restless = Some(format!("{name} had something to say"));
            }
        }
        restless.or_else(|| unkept.first().map(|book| format!("nobody keeps {book}")))
    }

    /// Reads what the journals hold.
    async fn catch_up(&mut self) {
        let books: Vec<String> = self.read.keys().cloned().collect();
        for book in books {
            let name = BookName::parse(&book).expect("a book's name");
            loop {
                let head = self.read.get(&book).cloned().unwrap_or_default();
                let Ok(page) = self.journal.read(&name, &head, 256).await else {
                    break;
                };
                let Some(last) = page.last() else { break };
                self.read.insert(book.clone(), last.head.clone());
                for stored in &page {
                    let commit: Value =
                        serde_json::from_slice(&stored.bytes).expect("a commit is JSON");
                    match commit["due"].as_str() {
                        Some(due) => drop(
                            self.dues
                                .insert(book.clone(), due.parse().expect("an instant")),
                        ),
                        None => drop(self.dues.remove(&book)),
                    }
                    for event in commit["entries"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(|entry| entry["events"].as_array())
                        .flatten()
                    {
                        self.note(&book, event);
                    }
                }
            }
        }
    }

    fn note(&mut self, book: &str, event: &Value) {
        let thing = |key: &str| format!("{book} {}", event[key].as_str().unwrap_or_default());
        match event["type"].as_str().unwrap_or_default() {
            "notice.handed" => drop(self.under_way.insert(thing("notice"))),
            "notice.queued" => {}
            kind if kind.starts_with("notice.") => drop(self.under_way.remove(&thing("notice"))),
            "bulletin.requested" => drop(self.unsettled.insert(thing("bulletin"))),
            "bulletin.frozen" => drop(self.unsettled.remove(&thing("bulletin"))),
            _ => {}
        }
        self.events.push((book.to_owned(), event.clone()));
    }

    /// How often the journals hold an event.
    pub(crate) fn count(&self, kind: &str) -> usize {
        self.events
            .iter()
            .filter(|(_, event)| event["type"] == kind)
            .count()
    }
}

fn instant(local: &str, zone: &TimeZone) -> Timestamp {
    let local: jiff::civil::DateTime = local.parse().expect("a local instant");
    local.to_zoned(zone.clone()).expect("it exists").timestamp()
}
