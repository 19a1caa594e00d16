//! Lanes: serial queues of jobs, one for each chat; different lanes run side by side.
//!
//! A lane lives as long as it has jobs. A job that panics is reported and costs nothing but itself. The number
//! of jobs is bounded by those that put them. It does not know what a job does.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use parking_lot::Mutex;

/// Job, made into a future when its turn comes.
type Job = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;
/// Handler of a job's panic.
type PanicHandler = Box<dyn FnOnce(String) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// Jobs waiting in each lane, first in front.
type LaneQueues = HashMap<i64, VecDeque<(Job, PanicHandler)>>;

/// Lanes by chat number.
#[derive(Clone, Default)]
pub(crate) struct Lanes(Arc<Mutex<LaneQueues>>);

impl Lanes {
    /// Puts a job at the end of a lane.
    pub(crate) fn put<W, P>(
        &self,
        lane: i64,
        work: impl FnOnce() -> W + Send + 'static,
        panicked: impl FnOnce(String) -> P + Send + 'static,
    ) where
        W: Future<Output = ()> + Send + 'static,
        P: Future<Output = ()> + Send + 'static,
    {
        let job: (Job, PanicHandler) = (
            Box::new(move || Box::pin(work())),
            Box::new(move |why| Box::pin(panicked(why))),
        );
        let mut lanes = self.0.lock();
        if let Some(waiting) = lanes.get_mut(&lane) {
            waiting.push_back(job);
            return;
        }
        lanes.insert(lane, VecDeque::from([job]));
        drop(lanes);
        let all = self.clone();
        tokio::spawn(async move {
            while let Some((work, panicked)) = all.next(lane) {
                // Task of its own, so that a panic ends it and not the lane.
                if let Err(ended) = tokio::spawn(async move { work().await }).await
                    && ended.is_panic()
                {
                    panicked(words(ended.into_panic().as_ref())).await;
                }
            }
        });
    }

    /// Takes the next job of a lane; a lane without jobs ends.
    fn next(&self, lane: i64) -> Option<(Job, PanicHandler)> {
        let mut lanes = self.0.lock();
        let job = lanes.get_mut(&lane)?.pop_front();
        if job.is_none() {
            lanes.remove(&lane);
        }
        job
    }

    /// True while no lane has a job.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    words.unwrap_or_else(|| "something broke".to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::sync::{mpsc, oneshot};

    use super::*;

    async fn quiet(_: String) {}

    #[tokio::test]
    async fn one_lane_keeps_its_order() {
        let lanes = Lanes::default();
        let (say, mut said) = mpsc::unbounded_channel();
        for n in 0..200 {
            let say = say.clone();
            let work = move || async move {
                tokio::task::yield_now().await;
                say.send(n).expect("the test listens");
            };
            lanes.put(1, work, quiet);
        }
        for n in 0..200 {
            assert_eq!(said.recv().await, Some(n));
        }
    }

    #[tokio::test]
    async fn a_lane_that_waits_does_not_hold_up_another() {
        let lanes = Lanes::default();
        let (open, opened) = oneshot::channel::<()>();
        let (say, said) = oneshot::channel();
        lanes.put(1, move || async move { drop(opened.await) }, quiet);
        lanes.put(
            2,
            move || async move { say.send("through").expect("the test listens") },
            quiet,
        );
        assert_eq!(said.await, Ok("through"));
        drop(open);
    }

    #[tokio::test]
    async fn a_panic_costs_one_job() {
        let lanes = Lanes::default();
        let (say, mut said) = mpsc::unbounded_channel();
        let (told, done) = (say.clone(), say);
        lanes.put(
            1,
            || async { std::panic::resume_unwind(Box::new("broken")) },
            move |why| async move { drop(told.send(why)) },
        );
        lanes.put(
            1,
            move || async move { drop(done.send("next".to_owned())) },
            quiet,
        );
        assert_eq!(said.recv().await.as_deref(), Some("broken"));
        assert_eq!(said.recv().await.as_deref(), Some("next"));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert!(lanes.is_empty(), "a lane without jobs is gone");
    }
}
