//! Names of the buckets by which turns are counted: processes of other versions take from the same ones.

use std::sync::Mutex;

use async_trait::async_trait;

use super::*;
use crate::port::{EphemeraError, Lease, Taken};

/// A store that writes down what is taken, and from where.
#[derive(Default)]
struct Log(Mutex<Vec<(String, u32, Rate)>>);

#[async_trait]
impl Ephemera for Log {
    async fn lease(&self, _: &str, _: &str, _: Duration) -> Result<Option<Lease>, EphemeraError> {
        unreachable!("a pace takes turns and nothing else")
    }
    async fn release(&self, _: &str, _: &str) -> Result<(), EphemeraError> {
        unreachable!("a pace takes turns and nothing else")
    }
    async fn take(&self, bucket: &str, cost: u32, rate: Rate) -> Result<Taken, EphemeraError> {
        self.0.lock().unwrap().push((bucket.to_owned(), cost, rate));
        Ok(Taken {
            allowed: true,
            retry_after: Duration::ZERO,
        })
    }
    async fn put(&self, _: &str, _: &[u8], _: Duration) -> Result<(), EphemeraError> {
        unreachable!("a pace takes turns and nothing else")
    }
    async fn put_if_absent(&self, _: &str, _: &[u8], _: Duration) -> Result<bool, EphemeraError> {
        unreachable!("a pace takes turns and nothing else")
    }
    async fn get(&self, _: &str) -> Result<Option<Vec<u8>>, EphemeraError> {
        unreachable!("a pace takes turns and nothing else")
    }
}

#[tokio::test(start_paused = true)]
async fn turns_are_counted_in_the_buckets_they_always_were() {
    let log = Arc::new(Log::default());
    let pace = Pace::new(log.clone(), "telegram/7000000001", Limits::default());
    for place in [
        PacedChat::Private("7017".into()),
        PacedChat::Group("-1007".into()),
        PacedChat::Anywhere,
    ] {
        pace.turn(&place, Rank::Answer).await;
    }
    let all = |burst, per| Rate {
        burst,
        per: Duration::from_millis(per),
    };
    let overall = || ("telegram/7000000001/all".to_owned(), 1, all(2, 72));
    let taken = log.0.lock().unwrap().clone();
    assert_eq!(
        taken,
        [
            ("telegram/7000000001/chat/7017".to_owned(), 1, all(2, 3_000)),
            overall(),
            (
                "telegram/7000000001/group/-1007".to_owned(),
                1,
                all(3, 12_000)
            ),
            overall(),
            overall(),
        ]
    );
}
