//! A bus that shows as spans what somebody waited for: a wish from the press to the answer, a notice on its way.
//!
//! Edges and transports put it around their bus; everybody above and below sees a plain [`Bus`]. A wish that
//! carries no trace gets one derived from its id, unless Picket's own parts wish it: what they report goes on in
//! the trace of what it is about. It reads ids and verbs, never a field of a command nor a word of a notice.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use opentelemetry::KeyValue;
use opentelemetry::trace::SpanKind;
use picket_bus::{Bus, BusError, EdgeReply, EdgeRequest, Requests, subjects};
use serde_json::Value;

use crate::spans::{FinishedSpan, Spans};
use crate::trace::{TraceParent, span_of_attempt};

/// Who wishes on behalf of Picket itself.
const OWN_PARTS: &str = "system";

/// A bus with its wishes shown.
pub struct TracedBus {
    inner: Arc<dyn Bus>,
    spans: Spans,
}

impl TracedBus {
    /// Around a bus; the same bus where no span is wanted.
    pub fn around(inner: Arc<dyn Bus>, spans: &Spans) -> Arc<dyn Bus> {
        if spans.are_wanted() {
            Arc::new(Self {
                inner,
                spans: spans.clone(),
            })
        } else {
            inner
        }
    }
}

/// A wish about to be asked: its name, its trace, and the body with the trace in it.
struct TracedWish {
    name: String,
    via: String,
    trace: TraceParent,
    body: Vec<u8>,
}

impl TracedWish {
    fn read(body: &[u8]) -> Option<Self> {
        let mut wanted: EdgeRequest = serde_json::from_slice(body).ok()?;
        let EdgeRequest::Wish {
            id,
            by,
            via,
            trace,
            command,
            ..
        } = &mut wanted
        else {
            return None;
        };
        if by.code() == OWN_PARTS {
            return None;
        }
        let given = TraceParent::extract(trace);
        let parent = given.unwrap_or_else(|| TraceParent::of_wish(id));
        let asked = (command.get("do")?.as_str()?.to_owned(), via.clone());
        if given.is_none() {
            *trace = parent.inject();
        }
        let body = if given.is_none() {
            serde_json::to_vec(&wanted).ok()?
        } else {
            body.to_vec()
        };
        Some(Self {
            name: asked.0,
            via: asked.1,
            trace: parent,
            body,
        })
    }
}

#[async_trait]
impl Bus for TracedBus {
    async fn ask(
        &self,
        subject: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, BusError> {
        if let Some(channel) = subjects::channel_of(subject) {
            return self.carry(subject, channel, body, patience).await;
        }
        let Some(asked) = subjects::is_wish(subject)
            .then(|| TracedWish::read(&body))
            .flatten()
        else {
            return self.inner.ask(subject, body, patience).await;
        };
        let start = SystemTime::now();
        let answer = self.inner.ask(subject, asked.body, patience).await;
        let outcome = outcome(&answer);
        self.spans.send(FinishedSpan {
            name: format!("wish {}", asked.name).into(),
            at: asked.trace,
            parent: None,
            kind: SpanKind::Client,
            start,
            end: SystemTime::now(),
            attributes: vec![
                KeyValue::new("picket.via", asked.via),
                KeyValue::new("messaging.destination.name", subject.to_owned()),
                KeyValue::new("picket.outcome", outcome.clone()),
            ],
            failed: answer.is_err().then_some(outcome),
        });
        answer
    }

    async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
        self.inner.serve(subject).await
    }

    async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
        self.inner.tell(subject, body).await
    }
}

impl TracedBus {
    /// A notice on its way to a person: a span in the trace that led to it.
    async fn carry(
        &self,
        subject: &str,
        channel: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, BusError> {
        let thing = carried(&body);
        let start = SystemTime::now();
        let answer = self.inner.ask(subject, body, patience).await;
        let Some((thing, attempt)) = thing else {
            return answer;
        };
        if let Some(at) = self.spans.of(&thing) {
            let outcome = answer
                .as_ref()
                .map_or_else(|_| "lost".to_owned(), |bytes| word(bytes));
            let notice = KeyValue::new("picket.notice", thing.clone());
            self.spans.send(FinishedSpan {
                name: format!("notice {channel}").into(),
                at: at.at(span_of_attempt(&thing, attempt)),
                parent: Some(at.span),
                kind: SpanKind::Client,
                start,
                end: SystemTime::now(),
                attributes: vec![
                    notice,
                    KeyValue::new("picket.attempt", i64::from(attempt)),
                    KeyValue::new("picket.outcome", outcome.clone()),
                ],
                failed: matches!(outcome.as_str(), "failed" | "lost").then_some(outcome),
            });
        }
        answer
    }
}

/// Which notice is carried, in full, and which attempt it is. The words of the notice are not read.
fn carried(body: &[u8]) -> Option<(String, u32)> {
    let handed: Value = serde_json::from_slice(body).ok()?;
    let notice = handed.get("notice")?;
    let (jurisdiction, id) = (
        notice.get("jurisdiction")?.as_str()?,
        notice.get("notice")?.as_str()?,
    );
    Some((
        format!("{jurisdiction}/{id}"),
        u32::try_from(handed.get("attempt")?.as_u64()?).ok()?,
    ))
}

/// What became of it, in the carrier's own word: `sent`, `failed`, …; a reason that stands with it stays behind.
fn word(answer: &[u8]) -> String {
    match serde_json::from_slice(answer) {
        Ok(Value::String(word)) => word,
        Ok(Value::Object(words)) => words.keys().next().cloned().unwrap_or_default(),
        _ => "garbled".to_owned(),
    }
}

/// `done`, `unchanged`, or the code of the problem; `lost` where no answer came.
fn outcome(answer: &Result<Vec<u8>, BusError>) -> String {
    let Ok(bytes) = answer else {
        return "lost".into();
    };
    match serde_json::from_slice(bytes) {
        Ok(EdgeReply::Done(answer)) if answer.unchanged => "unchanged".into(),
        Ok(EdgeReply::Done(_)) => "done".into(),
        Ok(EdgeReply::No(problem)) => problem.code.to_string(),
        Ok(EdgeReply::View(_)) | Err(_) => "garbled".into(),
    }
}
