//! Requests to a book: wishes are gathered into groups, the others are done at once.

use picket_schemas::{Answer, Problem};
use tokio::sync::oneshot;

use super::BookTask;
use crate::live::inbox::{BookInbox, BookRequest, MOST_WISHES, QueuedWish};

/// How many turns of the scheduler a keeper gives callers it just answered.
const TURNS: usize = 4;

/// A caller who waits for an answer.
pub(super) struct PendingReply {
    bytes: usize,
    reply: oneshot::Sender<Result<Answer, Problem>>,
}

impl PendingReply {
    pub(super) fn send(self, inbox: &BookInbox, answer: Result<Answer, Problem>) {
        inbox.release(self.bytes);
        // A caller who left does not want the answer; the id remembers it.
        drop(self.reply.send(answer));
    }
}

impl BookTask {
    /// Takes the requests that wait. Callers that were just answered are let through first, a few turns at the most:
    /// one larger group costs one flush where two smaller ones would cost two.
    pub(super) async fn gather(&mut self) -> Result<(), String> {
        self.drain().await?;
        for _ in 0..TURNS {
            if self.replies.len() >= self.last_answered {
                break;
            }
            tokio::task::yield_now().await;
            self.drain().await?;
        }
        Ok(())
    }

    async fn drain(&mut self) -> Result<(), String> {
        while self.replies.len() < MOST_WISHES {
            let next = self.woken_by.take();
            match next.map_or_else(|| self.requests.try_recv(), Ok) {
                Ok(request) => self.take(request).await?,
                Err(_) => break,
            }
        }
        Ok(())
    }

    async fn take(&mut self, request: BookRequest) -> Result<(), String> {
        if !matches!(request, BookRequest::Wish(_)) {
            self.land().await?;
        }
        match request {
            BookRequest::Wish(queued) => {
                let QueuedWish { wish, bytes, reply } = *queued;
                self.wishes.push_back(wish);
                self.replies.push_back(PendingReply { bytes, reply });
                Ok(())
            }
            BookRequest::Unpark { by, skip, reply } => self.unpark(&by, skip, reply).await,
            BookRequest::State { reply } => {
                drop(reply.send(self.keeper.state()));
                Ok(())
            }
            BookRequest::CatchUp { reply } => self.catch_up(reply).await,
        }
    }

    async fn unpark(
        &mut self,
        by: &str,
        skip: bool,
        reply: oneshot::Sender<bool>,
    ) -> Result<(), String> {
        let unparked = self.engine.unpark(self.keeper.as_mut(), by, skip).await;
        // A caller who left does not want the answer; the journal tells.
        let _ = reply.send(unparked.as_ref().is_some_and(|result| result.appended));
        match unparked.and_then(|result| result.dropped) {
            Some(dropped) => self.fold_again(dropped).await,
            None => Ok(()),
        }
    }

    async fn catch_up(&mut self, reply: oneshot::Sender<bool>) -> Result<(), String> {
        let result = self.engine.catch_up(self.keeper.as_mut()).await;
        let rests = !(result.appended
            || result.has_more
            || result.store_failed
            || result.dropped.is_some()
            || self.keeper.waiting());
        // A caller who left does not want the answer.
        let _ = reply.send(rests);
        match result.dropped {
            Some(dropped) => self.fold_again(dropped).await,
            None => Ok(()),
        }
    }
}
