//! The way between the bot and the books, and what may happen on it: nobody answers, one book is away or
//! refuses for a while, an answer gets lost after the deed, insight has not read something yet.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use picket_bus::{Bus, BusError, EdgeReply, Requests};
use picket_schemas::Problem;
use picket_schemas::ask::View;
use serde_json::Value;

/// The bus, as long as nothing stands in the way.
pub(crate) struct Way {
    to: Arc<dyn Bus>,
    blocked: AtomicBool,
    /// Books nobody keeps for the moment: fronts of subjects.
    away: Mutex<Vec<String>>,
    /// A book that does nothing for the moment, the front of its subjects, and the code it says so with.
    refused: Mutex<Option<(String, &'static str)>>,
    /// Wishes whose answers still get lost: fronts of subjects, and how many.
    lost: Mutex<(String, u32)>,
    /// Questions of this kind are not read yet.
    unread: Mutex<Option<&'static str>>,
    /// How many of them were asked meanwhile.
    asked: AtomicU32,
    /// How many wishes went to each service.
    wishes: Mutex<BTreeMap<String, u32>>,
    /// What had to be read before the last question of each kind was answered.
    after: Mutex<BTreeMap<String, Value>>,
}

impl Way {
    pub(crate) fn new(to: Arc<dyn Bus>) -> Self {
        Self {
            to,
            blocked: AtomicBool::new(false),
            away: Mutex::default(),
            refused: Mutex::default(),
            lost: Mutex::default(),
            unread: Mutex::default(),
            asked: AtomicU32::new(0),
            wishes: Mutex::default(),
            after: Mutex::default(),
        }
    }

    /// Nobody answers any more, or all do again.
    pub(crate) fn block(&self, blocked: bool) {
        self.blocked.store(blocked, Ordering::SeqCst);
    }

    /// Nobody keeps the books of this service, or somebody does again.
    pub(crate) fn takes_away(&self, service: &str, away: bool) {
        let front = format!("picket.do.{service}.");
        let mut all = self.away.lock();
        all.retain(|known| *known != front);
        if away {
            all.push(front);
        }
    }

    /// The books of this service do nothing and answer with this code; with none, they do again what they are asked.
    pub(crate) fn refuses(&self, service: &str, code: Option<&'static str>) {
        *self.refused.lock() = code.map(|code| (format!("picket.do.{service}."), code));
    }

    /// The next so many wishes to a service are done, and nobody hears so.
    pub(crate) fn loses_answers(&self, service: &str, many: u32) {
        *self.lost.lock() = (format!("picket.do.{service}."), many);
    }

    /// How many answers still get lost.
    pub(crate) fn to_lose(&self) -> u32 {
        self.lost.lock().1
    }

    /// Questions of a kind are answered "not read yet"; with nothing, none are.
    pub(crate) fn reads_late(&self, kind: Option<&'static str>) {
        *self.unread.lock() = kind;
    }

    /// How many questions were answered so.
    pub(crate) fn asked_too_early(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    /// What had to be read before the last question of a kind was answered.
    pub(crate) fn asked_after(&self, kind: &str) -> Option<Value> {
        self.after.lock().get(kind).cloned()
    }

    /// How many wishes went to a service.
    pub(crate) fn wished(&self, service: &str) -> u32 {
        self.wishes.lock().get(service).copied().unwrap_or_default()
    }

    fn loses(&self, subject: &str) -> bool {
        let mut lost = self.lost.lock();
        let hit = lost.1 > 0 && subject.starts_with(&lost.0);
        lost.1 -= u32::from(hit);
        hit
    }

    fn is_unread(&self, body: &[u8]) -> bool {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let asked = &body["question"];
        let Some(kind) = asked["question"]["ask"].as_str() else {
            return false;
        };
        self.after
            .lock()
            .insert(kind.to_owned(), asked["after"].clone());
        *self.unread.lock() == Some(kind)
    }
}

#[async_trait]
impl Bus for Way {
    async fn ask(
        &self,
        subject: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, BusError> {
        if let Some((service, _)) = subject
            .strip_prefix("picket.do.")
            .and_then(|rest| rest.split_once('.'))
        {
            *self.wishes.lock().entry(service.to_owned()).or_default() += 1;
        }
        if self.blocked.load(Ordering::SeqCst) {
            return Err(BusError::Gone("cut by the test".into()));
        }
        if self
            .away
            .lock()
            .iter()
            .any(|front| subject.starts_with(front))
        {
            return Err(BusError::Nobody(subject.to_owned()));
        }
        let refused = self.refused.lock().clone();
        if let Some((_, code)) = refused.filter(|(front, _)| subject.starts_with(front)) {
            return Ok(serde_json::to_vec(&EdgeReply::No(Problem::new(
                code,
                "refused by the test",
                "Wait.",
            )))
            .expect("an answer"));
        }
        let (loses, unread) = (self.loses(subject), self.is_unread(&body));
        let answer = self.to.ask(subject, body, patience).await?;
        if loses {
            return Err(BusError::TimedOut(subject.to_owned()));
        }
        if unread {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let mut reply: Value = serde_json::from_slice(&answer).expect("an answer");
            reply["view"]["view"] = serde_json::to_value(View::Stale).expect("a view");
            return Ok(serde_json::to_vec(&reply).expect("an answer"));
        }
        Ok(answer)
    }

    async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
        self.to.serve(subject).await
    }

    async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        self.to.tell(subject, body).await
    }
}
