//! What edges use: wishes, questions and notices over any bus.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use picket_schemas::ask::{After, Question, Reply, Viewer};
use picket_schemas::courier::NoticeKind;
use picket_schemas::{Answer, Command, CommandId, Jurisdiction, PersonId, Problem, Refusal, Wish};
use serde::{Deserialize, Serialize};

use tokio::sync::Semaphore;

use crate::port::{Bus, BusError, Request, Requests};

/// How long a book may take to answer a wish.
const WISH: Duration = Duration::from_secs(20);
/// How long insight may take to answer.
const QUESTION: Duration = Duration::from_secs(10);
/// How long a transport waits for a person's screen.
const SCREEN: Duration = Duration::from_secs(3);

/// How many questions are taken at once, and how many wishes of one book; a keeper has a bound of its own below that.
const QUESTIONS: usize = 256;
const WISHES: usize = 16_384;
/// How long a place is waited for before who is over capacity says so: the first reply counts, and somebody who has a
/// place free replies sooner. Above the longest a question waits for what must be read, below one attempt of an asker.
const OTHERS_FIRST: Duration = Duration::from_secs(3);
/// How many may wait for a place; who comes when they do is told to come back at once.
const WAITING: usize = 4_096;

/// A wish or a question as it travels.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// A wish: the command is JSON, so that one that is not understood is refused with a sentence.
    Wish {
        id: String,
        by: PersonId,
        via: String,
        made: jiff::Timestamp,
        observed: Option<jiff::Timestamp>,
        trace: String,
        command: serde_json::Value,
    },
    /// A question, not to be answered before these positions are read, with as much as the viewer may see. Its id
    /// is one for every repetition and every replica that hears it, so that a look is logged once.
    Question {
        question: Question,
        after: After,
        #[serde(default)]
        viewer: Viewer,
        #[serde(default)]
        id: String,
    },
}

/// [`Wanted::Wish`] as it is sent: the same JSON, written from what the caller holds.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Wishing<'a> {
    Wish {
        id: &'a CommandId,
        by: &'a PersonId,
        via: &'a str,
        made: &'a jiff::Timestamp,
        observed: &'a Option<jiff::Timestamp>,
        trace: &'a str,
        command: &'a Command,
    },
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
    /// What must be read before its card is drawn: the fact that it was handed over, and so all it follows from.
    #[serde(default)]
    pub after: After,
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
        let Wish {
            id,
            by,
            via,
            made,
            observed,
            trace,
            command,
        } = wish;
        let wanted = Wishing::Wish {
            id,
            by,
            via,
            made,
            observed,
            trace,
            command,
        };
        match self
            .want(&subject_do(command.service(), jurisdiction), &wanted, WISH)
            .await?
        {
            Served::Done(answer) => Ok(answer),
            Served::No(problem) => Err(problem),
            Served::View(_) => Err(garbled()),
        }
    }

    /// Asks insight, for somebody whom the edge has proved to be who they are.
    pub async fn ask(
        &self,
        viewer: &Viewer,
        question: &Question,
        after: &After,
    ) -> Result<Reply, Problem> {
        let wanted = Wanted::Question {
            question: question.clone(),
            after: after.clone(),
            viewer: viewer.clone(),
            id: question_id(),
        };
        match self.want(SUBJECT_ASK, &wanted, QUESTION).await? {
            Served::View(reply) => Ok(*reply),
            Served::No(problem) => Err(problem),
            Served::Done(_) => Err(garbled()),
        }
    }

    /// A person's notices, as long as the stream is held.
    pub async fn notices(&self, person: &PersonId) -> Result<Notices, Problem> {
        self.0
            .serve(&subject_notice(person))
            .await
            .map(|requests| Notices(requests, Vec::new()))
            .map_err(|error| problem_of(&error))
    }

    /// Shows a notice on the person's screens.
    pub async fn show(&self, notice: &Notice) -> Result<Seen, Problem> {
        let body = serde_json::to_vec(notice)
            .expect("a notice holds only strings and maps with string keys");
        match self.0.ask(&subject_notice(&notice.to), body, SCREEN).await {
            Ok(_) => Ok(Seen::Shown),
            Err(BusError::Nobody(_)) => Ok(Seen::NobodyThere),
            Err(error) => Err(problem_of(&error)),
        }
    }

    async fn want(
        &self,
        subject: &str,
        wanted: &impl Serialize,
        patience: Duration,
    ) -> Result<Served, Problem> {
        let body = serde_json::to_vec(wanted)
            .expect("what is wanted holds only strings, numbers and maps with string keys");
        let reply = self
            .0
            .ask(subject, body, patience)
            .await
            .map_err(|error| problem_of(&error))?;
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

/// An id nobody else makes.
fn question_id() -> String {
    use std::hash::{BuildHasher as _, Hasher as _};
    // The standard library seeds every hasher state from the machine's randomness.
    let part = || {
        std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish()
    };
    format!("{:016x}{:016x}", part(), part())
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
    Problem::new(
        "garbled",
        "the answer could not be read",
        "Both sides must run the same version of Picket.",
    )
}

pub(crate) fn problem_of(error: &BusError) -> Problem {
    match error {
        BusError::Nobody(subject) => Problem::new(
            "nobody",
            format!("nobody answers on `{subject}`"),
            "Check the jurisdiction, and that `picket up` runs on this folder.",
        ),
        BusError::TimedOut(_) => Refusal::OutcomeUnknown.problem(),
        BusError::TooLarge { .. } => Problem::new(
            "oversized",
            error.to_string(),
            "Ask for less at once, or raise `max_payload` in the configuration of nats-server.",
        ),
        BusError::Gone(why) => Problem::new(
            "gone",
            format!("the connection is gone: {why}"),
            "Is `picket up` still running on this folder?",
        ),
    }
}

/// Serves the subjects of a set of books: each request is handed to `answer`, many at once. Without an answer it
/// stays silent, which who is not the right one does.
pub async fn serve_books<F, A>(
    bus: Arc<dyn Bus>,
    books: &[(String, Jurisdiction)],
    answer: F,
) -> Result<Vec<tokio::task::JoinHandle<()>>, BusError>
where
    F: Fn(Option<Jurisdiction>, Wanted) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Option<Served>> + Send + 'static,
{
    let mut begun = Begun(Vec::new());
    for (service, jurisdiction) in books {
        begun.0.push(
            serve(
                &bus,
                &subject_do(service, jurisdiction),
                Some(jurisdiction.clone()),
                WISHES,
                answer.clone(),
            )
            .await?,
        );
    }
    Ok(std::mem::take(&mut begun.0))
}

/// Tasks that end when whoever began them fails, or is dropped halfway.
struct Begun(Vec<tokio::task::JoinHandle<()>>);

impl Drop for Begun {
    fn drop(&mut self) {
        self.0.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

/// Serves questions, in the same way. Insight answers one at a time: who comes when very many wait is told to come back,
/// where nobody else who serves them has answered by then.
pub async fn serve_questions<F, A>(
    bus: Arc<dyn Bus>,
    answer: F,
) -> Result<tokio::task::JoinHandle<()>, BusError>
where
    F: Fn(Option<Jurisdiction>, Wanted) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Option<Served>> + Send + 'static,
{
    serve(&bus, SUBJECT_ASK, None, QUESTIONS, answer).await
}

async fn serve<F, A>(
    bus: &Arc<dyn Bus>,
    subject: &str,
    jurisdiction: Option<Jurisdiction>,
    at_once: usize,
    answer: F,
) -> Result<tokio::task::JoinHandle<()>, BusError>
where
    F: Fn(Option<Jurisdiction>, Wanted) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Option<Served>> + Send + 'static,
{
    let mut requests = bus.serve(subject).await?;
    let (places, waiting) = (
        Arc::new(Semaphore::new(at_once)),
        Arc::new(Semaphore::new(WAITING)),
    );
    Ok(tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            let (answer, jurisdiction) = (answer.clone(), jurisdiction.clone());
            let place = match places.clone().try_acquire_owned() {
                Ok(place) => place,
                Err(_) => {
                    let Ok(waits) = waiting.clone().try_acquire_owned() else {
                        request.reply(busy());
                        continue;
                    };
                    let places = places.clone();
                    tokio::spawn(async move {
                        let place =
                            tokio::time::timeout(OTHERS_FIRST, places.acquire_owned()).await;
                        drop(waits);
                        match place {
                            Ok(place) => {
                                reply_to(request, jurisdiction, answer).await;
                                drop(place);
                            }
                            Err(_) => request.reply(busy()),
                        }
                    });
                    continue;
                }
            };
            tokio::spawn(async move {
                reply_to(request, jurisdiction, answer).await;
                drop(place);
            });
        }
    }))
}

fn busy() -> Vec<u8> {
    serde_json::to_vec(&Served::No(
        Refusal::Busy {
            retry_ms: "1000".into(),
        }
        .problem(),
    ))
    .unwrap_or_default()
}

async fn reply_to<F, A>(request: Request, jurisdiction: Option<Jurisdiction>, answer: F)
where
    F: Fn(Option<Jurisdiction>, Wanted) -> A,
    A: Future<Output = Option<Served>>,
{
    let served = match serde_json::from_slice::<Wanted>(&request.body) {
        Ok(wanted) => answer(jurisdiction, wanted).await,
        Err(why) => Some(Served::No(Problem::new(
            "garbled",
            format!("the request could not be read: {why}"),
            "Both sides must run the same version of Picket.",
        ))),
    };
    if let Some(served) = served {
        request.reply(serde_json::to_vec(&served).unwrap_or_default());
    }
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryBus;

    #[test]
    fn a_wish_is_read_as_it_was_sent() {
        let (id, by, made) = (
            CommandId::from("w-1"),
            PersonId::from("990101/P-01"),
            jiff::Timestamp::UNIX_EPOCH,
        );
        let command =
            Command::parse(serde_json::json!({"do": "dispatch.accept_task", "task": "T-1"}))
                .expect("a command");
        let observed = Some(jiff::Timestamp::UNIX_EPOCH);
        let sent = serde_json::to_vec(&Wishing::Wish {
            id: &id,
            by: &by,
            via: "bench",
            made: &made,
            observed: &observed,
            trace: "00-1",
            command: &command,
        })
        .expect("JSON");
        let Ok(Wanted::Wish {
            id: read,
            by: who,
            via,
            made: then,
            observed: seen,
            trace,
            command: what,
        }) = serde_json::from_slice(&sent)
        else {
            panic!("no wish")
        };
        assert_eq!(
            (read.as_str(), who, via.as_str(), then, seen, trace.as_str()),
            ("w-1", by, "bench", made, observed, "00-1")
        );
        assert_eq!(Command::parse(what).expect("a command"), command);
    }

    type Asking = tokio::task::JoinHandle<Result<Reply, Problem>>;

    fn ask(bus: &Arc<dyn Bus>) -> Asking {
        let client = Client::new(bus.clone());
        tokio::spawn(async move {
            client
                .ask(
                    &Viewer::default(),
                    &Question::Person {
                        person: "990101/P-01".into(),
                    },
                    &After::new(),
                )
                .await
        })
    }

    /// A bus with one who serves questions and has no place free, and those who wait there.
    async fn full() -> (Arc<dyn Bus>, Vec<Asking>) {
        let bus: Arc<dyn Bus> = Arc::new(MemoryBus::default());
        serve_questions(bus.clone(), |_, _| std::future::pending())
            .await
            .unwrap();
        let waiting = (0..QUESTIONS).map(|_| ask(&bus)).collect();
        tokio::time::sleep(Duration::from_millis(1)).await;
        (bus, waiting)
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_when_very_many_wait_is_told_to_come_back() {
        let (bus, _waiting) = full().await;
        let asked = tokio::time::Instant::now();
        let told = ask(&bus).await.unwrap().unwrap_err();
        assert_eq!(told.code, "busy");
        assert!(
            asked.elapsed() < Duration::from_secs(4),
            "before an asker sends it again: {:?}",
            asked.elapsed()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_while_all_places_are_taken_gets_the_first_that_is_free() {
        let bus: Arc<dyn Bus> = Arc::new(MemoryBus::default());
        let second = |_, _| async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Some(Served::View(Box::new(Reply {
                after: After::new(),
                view: picket_schemas::ask::View::Stale,
            })))
        };
        serve_questions(bus.clone(), second).await.unwrap();
        for asking in (0..QUESTIONS * 2).map(|_| ask(&bus)).collect::<Vec<_>>() {
            assert_eq!(
                asking.await.unwrap().map(|reply| reply.view),
                Ok(picket_schemas::ask::View::Stale)
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_a_place_free_is_heard_although_another_one_is_full() {
        let (bus, _waiting) = full().await;
        let slowly = |_, _| async {
            tokio::time::sleep(Duration::from_millis(2_500)).await;
            Some(Served::View(Box::new(Reply {
                after: After::new(),
                view: picket_schemas::ask::View::Stale,
            })))
        };
        serve_questions(bus.clone(), slowly).await.unwrap();
        let told = ask(&bus).await.unwrap();
        assert_eq!(
            told.map(|reply| reply.view),
            Ok(picket_schemas::ask::View::Stale)
        );
    }

    /// Serves the first book, and never comes back about the second.
    struct Halfway(MemoryBus);

    #[async_trait::async_trait]
    impl Bus for Halfway {
        async fn ask(
            &self,
            subject: &str,
            body: Vec<u8>,
            patience: Duration,
        ) -> Result<Vec<u8>, BusError> {
            self.0.ask(subject, body, patience).await
        }
        async fn serve(&self, subject: &str) -> Result<Requests, BusError> {
            if subject.contains("dispatch") {
                return std::future::pending().await;
            }
            self.0.serve(subject).await
        }
        async fn tell(&self, subject: &str, body: Vec<u8>) -> Result<(), BusError> {
            self.0.tell(subject, body).await
        }
    }

    #[tokio::test]
    async fn serving_that_is_given_up_halfway_leaves_nobody_serving() {
        let bus: Arc<dyn Bus> = Arc::new(Halfway(MemoryBus::default()));
        let books = ["courier", "dispatch"].map(|service| (service.to_owned(), "420902".into()));
        let serving = serve_books(bus.clone(), &books, |_, _| async {
            Some(Served::No(garbled()))
        });
        assert!(
            tokio::time::timeout(Duration::from_millis(20), serving)
                .await
                .is_err()
        );
        tokio::task::yield_now().await;
        let asked = bus
            .ask(
                "picket.do.courier.420902",
                b"{}".to_vec(),
                Duration::from_secs(5),
            )
            .await;
        assert!(matches!(asked, Err(BusError::Nobody(_))), "{asked:?}");
    }
}
