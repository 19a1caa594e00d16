//! Serving: who has no place free, and what is left behind by serving that is given up.

use picket_schemas::ask::{After, Question, Reply, View, Viewer};

use super::*;
use crate::port::Requests;
use crate::{Client, MemoryBus};

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
        Some(EdgeReply::View(Box::new(Reply {
            after: After::new(),
            view: View::Stale,
        })))
    };
    serve_questions(bus.clone(), second).await.unwrap();
    for asking in (0..QUESTIONS * 2).map(|_| ask(&bus)).collect::<Vec<_>>() {
        assert_eq!(
            asking.await.unwrap().map(|reply| reply.view),
            Ok(View::Stale)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn who_has_a_place_free_is_heard_although_another_one_is_full() {
    let (bus, _waiting) = full().await;
    let slowly = |_, _| async {
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        Some(EdgeReply::View(Box::new(Reply {
            after: After::new(),
            view: View::Stale,
        })))
    };
    serve_questions(bus.clone(), slowly).await.unwrap();
    let told = ask(&bus).await.unwrap();
    assert_eq!(told.map(|reply| reply.view), Ok(View::Stale));
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
        Some(EdgeReply::No(Refusal::OutcomeUnknown.problem()))
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
