//! The contract suite of a bus. Each clause is a sentence of the port's documentation.

use std::sync::Arc;
use std::time::Duration;

use crate::port::{Bus, BusError};

const SOON: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(10);

/// Writes one test a clause; `$make` is an `async || Arc<impl Bus>`.
#[macro_export]
macro_rules! bus_contract {
    ($make:expr) => {
        #[tokio::test]
        async fn a_request_gets_the_reply_of_who_serves_it() {
            $crate::contract::a_request_gets_its_reply($make().await).await;
        }
        #[tokio::test]
        async fn bodies_are_bytes_and_travel_as_they_are() {
            $crate::contract::bodies_are_bytes($make().await).await;
        }
        #[tokio::test]
        async fn nobody_serving_is_told_at_once() {
            $crate::contract::nobody_is_told_at_once($make().await).await;
        }
        #[tokio::test]
        async fn silence_is_told_as_a_time_out() {
            $crate::contract::silence_times_out($make().await).await;
        }
        #[tokio::test]
        async fn everybody_who_serves_gets_it_and_one_reply_counts() {
            $crate::contract::all_get_it_one_reply_counts($make().await).await;
        }
        #[tokio::test]
        async fn telling_nobody_is_no_error() {
            $crate::contract::telling_nobody_is_no_error($make().await).await;
        }
        #[tokio::test]
        async fn who_stopped_serving_is_not_asked() {
            $crate::contract::who_stopped_is_not_asked($make().await).await;
        }
    };
}

/// Sends a request to whoever serves the subject and waits for the first reply.
pub async fn a_request_gets_its_reply<B: Bus>(bus: Arc<B>) {
    let mut requests = bus.serve("a.b").await.expect("serving works");
    let answering = tokio::spawn(async move {
        let request = requests.next().await.expect("a request comes");
        assert!(request.wants_reply());
        let mut body = request.body.clone();
        body.reverse();
        request.reply(body);
    });
    assert_eq!(
        bus.ask("a.b", b"abc".to_vec(), LONG).await,
        Ok(b"cba".to_vec())
    );
    answering.await.expect("the server did not panic");
}

/// Bodies are bytes, of requests and of replies, whether or not they are text.
pub async fn bodies_are_bytes<B: Bus>(bus: Arc<B>) {
    let mut requests = bus.serve("a.b").await.expect("serving works");
    let answering = tokio::spawn(async move {
        while let Some(request) = requests.next().await {
            let body = request.body.clone();
            request.reply(body);
        }
    });
    let all: Vec<u8> = (0..=u8::MAX).collect();
    for body in [Vec::new(), vec![0], vec![0xff, 0xfe], all] {
        assert_eq!(bus.ask("a.b", body.clone(), LONG).await, Ok(body));
    }
    answering.abort();
}

/// Nobody serving is told at once.
pub async fn nobody_is_told_at_once<B: Bus>(bus: Arc<B>) {
    assert_eq!(
        bus.ask("a.b", Vec::new(), LONG).await,
        Err(BusError::Nobody("a.b".into()))
    );
}

/// A reply that does not come in time is told as such.
pub async fn silence_times_out<B: Bus>(bus: Arc<B>) {
    let mut requests = bus.serve("a.b").await.expect("serving works");
    let held = tokio::spawn(async move {
        let request = requests.next().await;
        tokio::time::sleep(LONG).await;
        drop(request);
    });
    assert_eq!(
        bus.ask("a.b", Vec::new(), SOON).await,
        Err(BusError::TimedOut("a.b".into()))
    );
    held.abort();
}

/// Several may serve one subject; each gets every request.
pub async fn all_get_it_one_reply_counts<B: Bus>(bus: Arc<B>) {
    let mut silent = bus.serve("a.b").await.expect("serving works");
    let mut speaking = bus.serve("a.b").await.expect("serving works");
    let answering = tokio::spawn(async move {
        speaking
            .next()
            .await
            .expect("a request comes")
            .reply(b"me".to_vec());
    });
    assert_eq!(
        bus.ask("a.b", b"?".to_vec(), LONG).await,
        Ok(b"me".to_vec())
    );
    assert_eq!(silent.next().await.expect("it came here too").body, b"?");
    answering.await.expect("the server did not panic");
}

/// Nobody serving is no error.
pub async fn telling_nobody_is_no_error<B: Bus>(bus: Arc<B>) {
    assert_eq!(bus.tell("a.b", b"!".to_vec()).await, Ok(()));
    let mut requests = bus.serve("a.b").await.expect("serving works");
    assert_eq!(bus.tell("a.b", b"!".to_vec()).await, Ok(()));
    let told = requests.next().await.expect("it comes");
    assert!(!told.wants_reply());
}

/// Serves a subject until the requests are dropped.
pub async fn who_stopped_is_not_asked<B: Bus>(bus: Arc<B>) {
    drop(bus.serve("a.b").await.expect("serving works"));
    let answer = bus.ask("a.b", Vec::new(), SOON).await;
    assert!(
        matches!(answer, Err(BusError::Nobody(_) | BusError::TimedOut(_))),
        "{answer:?}"
    );
}
