//! What edges use: wishes, questions and notices over any bus.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use picket_schemas::ask::{After, Question, Reply, Viewer};
use picket_schemas::courier::NoticeKind;
use picket_schemas::{Answer, Jurisdiction, PersonId, Problem, Refusal, Wish};
use serde::{Deserialize, Serialize};

use crate::port::{Bus, BusError, Request, Requests};

/// How long a book may take to answer a wish.
const WISH: Duration = Duration::from_secs(20);
/// How long insight may take to answer.
const QUESTION: Duration = Duration::from_secs(10);
/// How long a transport waits for a person's screen.
const SCREEN: Duration = Duration::from_secs(3);

/// A wish or a question as it travels.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// A wish: the command is JSON, so that one that is not understood is refused with a sentence.
    Wish { id: String, by: PersonId, via: String, made: jiff::Timestamp, observed: Option<jiff::Timestamp>, trace: String, command: serde_json::Value },
    /// A question, not to be answered before these positions are read, with as much as the viewer may see.
    Question { question: Question, after: After, #[serde(default)] viewer: Viewer },
}

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Served {
    Done(Answer),
    View(Box<Reply>),
    No(Problem),
}

/// A notice as a screen gets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub jurisdiction: Jurisdiction,
    pub notice: String,
    pub to: PersonId,
    pub kind: NoticeKind,
    pub about: String,
    pub at: jiff::Timestamp,
    pub with: BTreeMap<String, String>,
}

/// A screen showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Somebody's screen has it.
    Shown,
    /// No screen is open for the person.
    NobodyThere,
}

/// A connection to the books.
#[derive(Clone)]
pub struct Client(Arc<dyn Bus>);

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// Over a bus.
    pub fn new(bus: Arc<dyn Bus>) -> Self {
        Self(bus)
    }

    /// The bus below.
    pub fn bus(&self) -> &Arc<dyn Bus> {
        &self.0
    }

    /// Sends a wish to its book.
    pub async fn wish(&self, jurisdiction: &Jurisdiction, wish: &Wish) -> Result<Answer, Problem> {
        let wanted = Wanted::Wish {
            id: wish.id.to_string(),
            by: wish.by.clone(),
            via: wish.via.clone(),
            made: wish.made,
            observed: wish.observed,
            trace: wish.trace.clone(),
            command: serde_json::to_value(&wish.command).expect("a command holds only strings, numbers and maps with string keys"),
        };
        match self.want(&subject_do(wish.command.service(), jurisdiction), &wanted, WISH).await? {
            Served::Done(answer) => Ok(answer),
            Served::No(problem) => Err(problem),
            Served::View(_) => Err(garbled()),
        }
    }

    /// Asks insight, for somebody whom the edge has proved to be who they are.
    pub async fn ask(&self, viewer: &Viewer, question: &Question, after: &After) -> Result<Reply, Problem> {
        let wanted = Wanted::Question { question: question.clone(), after: after.clone(), viewer: viewer.clone() };
        match self.want(SUBJECT_ASK, &wanted, QUESTION).await? {
            Served::View(reply) => Ok(*reply),
            Served::No(problem) => Err(problem),
            Served::Done(_) => Err(garbled()),
        }
    }

    /// A person's notices, as long as the stream is held.
    pub async fn notices(&self, person: &PersonId) -> Result<Notices, Problem> {
        self.0.serve(&subject_notice(person)).await.map(|requests| Notices(requests, Vec::new())).map_err(|error| problem_of(&error))
    }

    /// Shows a notice on the person's screens.
    pub async fn show(&self, notice: &Notice) -> Result<Seen, Problem> {
        let body = serde_json::to_vec(notice).expect("a notice holds only strings and maps with string keys");
        match self.0.ask(&subject_notice(&notice.to), body, SCREEN).await {
            Ok(_) => Ok(Seen::Shown),
            Err(BusError::Nobody(_)) => Ok(Seen::NobodyThere),
            Err(error) => Err(problem_of(&error)),
        }
    }

    async fn want(&self, subject: &str, wanted: &Wanted, patience: Duration) -> Result<Served, Problem> {
        let body = serde_json::to_vec(wanted).expect("what is wanted holds only strings, numbers and maps with string keys");
        let reply = self.0.ask(subject, body, patience).await.map_err(|error| problem_of(&error))?;
        serde_json::from_slice(&reply).map_err(|_| garbled())
    }
}

/// A person's notices, and those among them that nobody was told yet were shown.
#[derive(Debug)]
pub struct Notices(Requests, Vec<Request>);

impl Notices {
    /// The next one. Asking for it says that the one before was shown, which is what its sender waits for;
    /// one that cannot be read is never said to be.
    pub async fn next(&mut self) -> Option<Notice> {
        for shown in self.1.drain(..) {
            shown.reply(b"shown".to_vec());
        }
        self.more().await
    }

    /// One more, without saying that those before were shown: for a screen that shows several together. Their
    /// sender waits a few seconds.
    pub async fn more(&mut self) -> Option<Notice> {
        loop {
            let request = self.0.next().await?;
            if let Ok(notice) = serde_json::from_slice(&request.body) {
                self.1.push(request);
                return Some(notice);
            }
        }
    }
}

/// Where wishes for a book arrive.
pub(crate) fn subject_do(service: &str, jurisdiction: &Jurisdiction) -> String {
    format!("picket.do.{service}.{jurisdiction}")
}

/// Where questions arrive.
pub(crate) const SUBJECT_ASK: &str = "picket.ask";

fn subject_notice(person: &PersonId) -> String {
    format!("picket.notice.{}", person.as_str().replace('/', "."))
}

fn garbled() -> Problem {
    Problem::new("garbled", "the answer could not be read", "Both sides must run the same version of Picket.")
}

pub(crate) fn problem_of(error: &BusError) -> Problem {
    match error {
        BusError::Nobody(subject) => Problem::new("nobody", format!("nobody answers on `{subject}`"), "Check the jurisdiction, and that `picket up` runs on this folder."),
        BusError::TimedOut(_) => Refusal::OutcomeUnknown.problem(),
        BusError::TooLarge { .. } => Problem::new("oversized", error.to_string(), "Ask for less at once, or raise `max_payload` in the configuration of nats-server."),
        BusError::Gone(why) => Problem::new("gone", format!("the connection is gone: {why}"), "Is `picket up` still running on this folder?"),
    }
}

/// Serves the subjects of a set of books: each request is handed to `answer`, many at once. Without an answer it
/// stays silent, which who is not the right one does.
pub async fn serve_books<F, A>(bus: Arc<dyn Bus>, books: &[(String, Jurisdiction)], answer: F) -> Result<Vec<tokio::task::JoinHandle<()>>, BusError>
where
    F: Fn(Option<Jurisdiction>, Wanted) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Option<Served>> + Send + 'static,
{
    let mut tasks = Vec::new();
    for (service, jurisdiction) in books {
        match serve(&bus, &subject_do(service, jurisdiction), Some(jurisdiction.clone()), answer.clone()).await {
            Ok(task) => tasks.push(task),
            Err(why) => {
                tasks.iter().for_each(tokio::task::JoinHandle::abort);
                return Err(why);
            }
        }
    }
    Ok(tasks)
}

/// Serves questions, in the same way.
pub async fn serve_questions<F, A>(bus: Arc<dyn Bus>, answer: F) -> Result<tokio::task::JoinHandle<()>, BusError>
where
    F: Fn(Option<Jurisdiction>, Wanted) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Option<Served>> + Send + 'static,
{
    serve(&bus, SUBJECT_ASK, None, answer).await
}

async fn serve<F, A>(bus: &Arc<dyn Bus>, subject: &str, jurisdiction: Option<Jurisdiction>, answer: F) -> Result<tokio::task::JoinHandle<()>, BusError>
where
    F: Fn(Option<Jurisdiction>, Wanted) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Option<Served>> + Send + 'static,
{
    let mut requests = bus.serve(subject).await?;
    Ok(tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            let (answer, jurisdiction) = (answer.clone(), jurisdiction.clone());
            tokio::spawn(async move { reply_to(request, jurisdiction, answer).await });
        }
    }))
}

async fn reply_to<F, A>(request: Request, jurisdiction: Option<Jurisdiction>, answer: F)
where
    F: Fn(Option<Jurisdiction>, Wanted) -> A,
    A: Future<Output = Option<Served>>,
{
    let served = match serde_json::from_slice::<Wanted>(&request.body) {
        Ok(wanted) => answer(jurisdiction, wanted).await,
        Err(why) => Some(Served::No(Problem::new("garbled", format!("the request could not be read: {why}"), "Both sides must run the same version of Picket."))),
    };
    if let Some(served) = served {
        request.reply(serde_json::to_vec(&served).unwrap_or_default());
    }
}
