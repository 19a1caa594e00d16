//! The load: people of every county who do what their day brings, each act only after the one before was answered.
//!
//! Sentinels get, take, fill and hand in sheets and report places on no list; the desk takes reports and classifies
//! them. Each answered wish is remembered with when it came. It does not know what goes wrong meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;
use picket_harness::Chance;
use picket_journal::{BookName, Head, Journal as _};
use picket_nats::NatsJournal;
use picket_schemas::dispatch::{self, Assign, Outcome, Select};
use picket_schemas::rectification::{self, Source};
use picket_schemas::{Answer, Command, Commit, Event, PersonId, Span, TaskId, Wish};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::county::{County, SENTINELS};
use crate::wire::{PATIENCE, Wire};

/// The pause before the next act, at least and at most.
const PAUSE: (u64, u64) = (200, 800);

/// One answered wish.
#[derive(Clone, Debug)]
pub(crate) struct Acked {
    pub(crate) id: String,
    pub(crate) verb: &'static str,
    pub(crate) answer: Answer,
    pub(crate) county: String,
    pub(crate) at: Instant,
    /// Whether a lead follows from it.
    pub(crate) opens: bool,
}

/// What is shared by everybody at work.
pub(crate) struct Work {
    stop: AtomicBool,
    acked: Mutex<Vec<Acked>>,
    /// Wishes that were refused, or never answered; none should be.
    refused: Mutex<Vec<String>>,
    /// The sheet of each batch, as the journals say.
    sheets: Mutex<BTreeMap<(String, String), TaskId>>,
    came: Notify,
    numbers: AtomicU64,
}

/// The load at work.
pub(crate) struct Load {
    work: Arc<Work>,
    wires: Vec<Arc<Wire>>,
    people: JoinSet<()>,
    reading: tokio::task::JoinHandle<()>,
}

impl Work {
    pub(crate) fn acked(&self) -> Vec<Acked> {
        self.acked.lock().clone()
    }

    pub(crate) fn refused(&self) -> Vec<String> {
        self.refused.lock().clone()
    }

    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }
}

impl Load {
    /// Everybody begins. `journal` is read to see which sheet came of a batch.
    pub(crate) fn start(seed: u64, wires: Vec<Arc<Wire>>, journal: Arc<NatsJournal>) -> Self {
        let work = Arc::new(Work {
            stop: AtomicBool::new(false),
            acked: Mutex::default(),
            refused: Mutex::default(),
            sheets: Mutex::default(),
            came: Notify::new(),
            numbers: AtomicU64::new(1),
        });
        let mut people = JoinSet::new();
        for (county, wire) in County::all().into_iter().zip(wires.iter().cycle()) {
            for at in 0..SENTINELS {
                let one = |way: u64| Person {
                    county: county.clone(),
                    at,
                    wire: wire.clone(),
                    work: work.clone(),
                    chance: Chance(seed ^ ((way + 1) << 40) ^ ((at as u64) << 32) ^ hash(&county)),
                };
                people.spawn(one(0).sweeps());
                if at < 2 {
                    people.spawn(one(1).reports());
                    people.spawn(one(2).answers_the_telephone());
                }
            }
        }
        let reading = tokio::spawn(read(journal, work.clone()));
        Self {
            work,
            wires,
            people,
            reading,
        }
    }

    pub(crate) fn work(&self) -> &Arc<Work> {
        &self.work
    }

    /// Everybody finishes what they are at. Gives what was answered on every wire.
    pub(crate) async fn end(self) -> Vec<Arc<Wire>> {
        self.work.stop.store(true, Ordering::Relaxed);
        let ended = timeout(PATIENCE * 2, self.people.join_all()).await;
        assert!(ended.is_ok(), "somebody still waits for an answer");
        self.reading.abort();
        self.wires
    }
}

fn hash(county: &County) -> u64 {
    county
        .code
        .as_str()
        .bytes()
        .fold(7, |sum, byte| sum * 31 + u64::from(byte))
}

/// Somebody at work.
struct Person {
    county: County,
    at: usize,
    wire: Arc<Wire>,
    work: Arc<Work>,
    chance: Chance,
}

impl Person {
    /// Wishes something until it is answered.
    async fn does(
        &mut self,
        by: &PersonId,
        command: impl Into<Command>,
        opens: bool,
    ) -> Option<Answer> {
        let command = command.into();
        let (verb, number) = (
            command.verb(),
            self.work.numbers.fetch_add(1, Ordering::Relaxed),
        );
        let wish = Wish {
            id: format!("act-{number}").into(),
            by: by.clone(),
            via: "test".into(),
            made: Timestamp::now(),
            observed: None,
            trace: String::new(),
            command,
        };
        let answer = self.wire.wish(&self.county.code, &wish).await;
        let answered = match answer {
            Ok(answer) => {
                let acked = Acked {
                    id: wish.id.to_string(),
                    verb,
                    answer: answer.clone(),
                    county: self.county.code.to_string(),
                    at: Instant::now(),
                    opens,
                };
                self.work.acked.lock().push(acked);
                Some(answer)
            }
            Err(why) => {
                self.work
                    .refused
                    .lock()
                    .push(format!("{} {verb} in {}: {why}", wish.id, self.county.code));
                None
            }
        };
        let pause = self.chance.between(PAUSE.0, PAUSE.1);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        answered
    }

    /// A sheet from the order to its approval, again and again.
    async fn sweeps(mut self) {
        let (coordinator, leader, sentinel) = (
            self.county.coordinator(),
            self.county.leader(),
            self.county.sentinel(self.at),
        );
        let row = self.county.institution(self.at);
        while self.work.goes_on() {
            let select = Select {
                post: Some(self.county.post(self.at).as_str().into()),
                ..Select::default()
            };
            let issue = dispatch::Command::IssueBatch {
                name: "sweep".into(),
                campaign: None,
                round: None,
                select,
                assign: Assign::default(),
                checklist: String::new(),
                window: Some(Span::working_days(5)),
                sealed_until: None,
            };
            let Some(answer) = self.does(&coordinator, issue, false).await else {
                return;
            };
            let Some(task) = self.sheet(&answer.created[0]).await else {
                return;
            };
            let found = self.chance.strikes(250);
            let (outcome, codes) = if found {
                (Outcome::Problem, vec!["Q2".to_owned()])
            } else {
                (Outcome::Ok, Vec::new())
            };
            let fill = dispatch::Command::FillRow {
                task: task.clone(),
                row: row.clone(),
                outcome,
                codes,
                note: String::new(),
                evidence: Vec::new(),
                observed: None,
                urgent: false,
            };
            let steps = [
                (
                    &sentinel,
                    dispatch::Command::AcceptTask { task: task.clone() },
                    false,
                ),
                (&sentinel, fill, false),
                (
                    &sentinel,
                    dispatch::Command::SubmitTask { task: task.clone() },
                    found,
                ),
                (&leader, dispatch::Command::ApproveTask { task }, false),
            ];
            for (by, step, opens) in steps {
                if self.does(by, step, opens).await.is_none() {
                    return;
                }
            }
        }
    }

    /// Which sheet came of a batch.
    async fn sheet(&self, batch: &str) -> Option<TaskId> {
        let key = (self.county.code.to_string(), batch.to_owned());
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let came = self.work.came.notified();
            if let Some(task) = self.work.sheets.lock().get(&key) {
                return Some(task.clone());
            }
            drop(timeout(Duration::from_millis(200), came).await);
        }
        self.work.refused.lock().push(format!(
            "no sheet came of {batch} in {} within {PATIENCE:?}",
            self.county.code
        ));
        None
    }

    /// Places on no list.
    async fn reports(mut self) {
        let (area, sentinel) = (self.county.area(self.at), self.county.sentinel(self.at));
        for number in 0.. {
            let urgent = self.chance.strikes(100);
            let report = dispatch::Command::ReportPlace {
                area: area.as_str().into(),
                address: format!("{number} back street"),
                seen: "lessons at night".into(),
                codes: vec!["H2".into()],
                evidence: Vec::new(),
                urgent,
            };
            if !self.work.goes_on() || self.does(&sentinel, report, true).await.is_none() {
                return;
            }
        }
    }

    /// Reports that come in by telephone, each classified at once.
    async fn answers_the_telephone(mut self) {
        let (area, dispatcher) = (self.county.area(self.at), self.county.dispatcher());
        while self.work.goes_on() {
            let receive = rectification::Command::ReceiveReport {
                source: Source::Hotline,
                subject: None,
                area: area.as_str().into(),
                text: "noise at night".into(),
                urgent: false,
            };
            let Some(answer) = self.does(&dispatcher, receive, true).await else {
                return;
            };
            let lead = answer
                .created
                .iter()
                .find(|id| id.starts_with("L-"))
                .expect("a report opens a lead");
            let classify = rectification::Command::ClassifyLead {
                lead: lead.as_str().into(),
                codes: vec!["Q2".into()],
            };
            if self.does(&dispatcher, classify, false).await.is_none() {
                return;
            }
        }
    }
}

/// Reads the journals of dispatch for as long as somebody works, whatever happens to the servers.
async fn read(journal: Arc<NatsJournal>, work: Arc<Work>) {
    let mut heads: BTreeMap<BookName, Head> = County::all()
        .iter()
        .map(|county| {
            (
                BookName::new("dispatch", county.code.as_str()).unwrap(),
                Head::default(),
            )
        })
        .collect();
    loop {
        if let Ok(mut follower) = journal
            .follow(
                heads
                    .iter()
                    .map(|(book, head)| (book.clone(), head.clone()))
                    .collect(),
            )
            .await
        {
            while let Ok((book, stored)) = follower.next().await {
                let commit = Commit::decode(&stored.bytes).unwrap();
                for event in commit.entries.into_iter().flat_map(|entry| entry.events) {
                    if let Event::Dispatch(dispatch::Event::TaskIssued { task, batch, .. }) = event
                    {
                        work.sheets
                            .lock()
                            .insert((book.jurisdiction().to_owned(), batch.to_string()), task);
                    }
                }
                work.came.notify_waiters();
                heads.insert(book, stored.head);
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
