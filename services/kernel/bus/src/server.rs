//! The serving side of the bus: requests for books and questions, each answered as soon as there is a place for it.
//!
//! Whoever keeps books or insight serves with it. How many are answered at once is bounded, and so is how many wait;
//! beyond that a request is refused as busy. It does not know what an answer says.

use std::sync::Arc;
use std::time::Duration;

use picket_schemas::{Jurisdiction, Problem, Refusal};
use tokio::sync::Semaphore;

use crate::message::{EdgeReply, EdgeRequest};
use crate::port::{Bus, BusError, Request};
use crate::subjects;

/// The bound of questions taken at once, and of wishes of one book; a keeper has a bound of its own below that.
const QUESTIONS: usize = 256;
const WISHES: usize = 16_384;
/// The time a place is waited for before who is over capacity says so: the first reply counts, and somebody who has a
/// place free replies sooner. Above the longest a question waits for what must be read, below one attempt of an asker.
const OTHERS_FIRST: Duration = Duration::from_secs(3);
/// The bound of those that wait for a place. Backpressure: who comes when they do is told at once to come back.
const WAITING: usize = 4_096;

/// Serves the subjects of a set of books: each request is handed to `answer`, many at once. Without an answer it
/// stays silent, which who is not the right one does.
pub async fn serve_books<F, A>(
    bus: Arc<dyn Bus>,
    books: &[(String, Jurisdiction)],
    answer: F,
) -> Result<Vec<tokio::task::JoinHandle<()>>, BusError>
where
    F: Fn(Option<Jurisdiction>, EdgeRequest) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Option<EdgeReply>> + Send + 'static,
{
    let mut begun = ServingTasks(Vec::new());
    for (service, jurisdiction) in books {
        begun.0.push(
            serve(
                &bus,
                &subjects::wish(service, jurisdiction),
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
struct ServingTasks(Vec<tokio::task::JoinHandle<()>>);

impl Drop for ServingTasks {
    fn drop(&mut self) {
        self.0.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

/// Serves questions, in the same way. Insight answers one at a time: who comes when very many wait is told to come
/// back, where nobody else who serves them has answered by then.
pub async fn serve_questions<F, A>(
    bus: Arc<dyn Bus>,
    answer: F,
) -> Result<tokio::task::JoinHandle<()>, BusError>
where
    F: Fn(Option<Jurisdiction>, EdgeRequest) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Option<EdgeReply>> + Send + 'static,
{
    serve(&bus, subjects::QUESTION, None, QUESTIONS, answer).await
}

async fn serve<F, A>(
    bus: &Arc<dyn Bus>,
    subject: &str,
    jurisdiction: Option<Jurisdiction>,
    at_once: usize,
    answer: F,
) -> Result<tokio::task::JoinHandle<()>, BusError>
where
    F: Fn(Option<Jurisdiction>, EdgeRequest) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Option<EdgeReply>> + Send + 'static,
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

pub(crate) fn busy() -> Vec<u8> {
    serde_json::to_vec(&EdgeReply::No(
        Refusal::Busy {
            retry_ms: "1000".into(),
        }
        .problem(),
    ))
    .unwrap_or_default()
}

async fn reply_to<F, A>(request: Request, jurisdiction: Option<Jurisdiction>, answer: F)
where
    F: Fn(Option<Jurisdiction>, EdgeRequest) -> A,
    A: Future<Output = Option<EdgeReply>>,
{
    let served = match serde_json::from_slice::<EdgeRequest>(&request.body) {
        Ok(wanted) => answer(jurisdiction, wanted).await,
        Err(why) => Some(EdgeReply::No(Problem::new(
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
mod tests;
