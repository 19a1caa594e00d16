//! Coalescing of edits: those that wait for the same message become one, the newest.
//!
//! A card that changes faster than the rate limit allows keeps only its newest state. Callers of an older edit
//! get the result of the newest. It does not know how an edit is sent.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use crate::api_error::ApiError;
use crate::render::RenderedMessage;

use parking_lot::Mutex;

/// Key of a message: its chat and number.
type MessageKey = (i64, i32);

/// Edits of one message.
#[derive(Default)]
struct EditQueue {
    /// Number of edits asked for, and the content of the last.
    newest: Mutex<(u64, Option<RenderedMessage>)>,
    /// Number of the last edit sent, and its result. Locked by the caller whose edit is under way.
    done: tokio::sync::Mutex<(u64, Option<Result<(), ApiError>>)>,
}

/// Edits under way, by message.
#[derive(Default)]
pub(crate) struct Edits(Mutex<HashMap<MessageKey, Arc<EditQueue>>>);

/// Result of an edit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EditResult {
    /// Sent, with the newest content at that moment.
    Sent(Result<(), ApiError>),
    /// Superseded by a newer one, whose result this is.
    Superseded(Result<(), ApiError>),
}

impl Edits {
    /// Waits with `turn` until it may be sent, then sends the newest content.
    pub(crate) async fn edit<S>(
        &self,
        message: MessageKey,
        to: &RenderedMessage,
        turn: impl Future<Output = Result<(), ApiError>>,
        send: impl FnOnce(RenderedMessage) -> S,
    ) -> EditResult
    where
        S: Future<Output = Result<(), ApiError>>,
    {
        let slot = self.0.lock().entry(message).or_default().clone();
        let mine = {
            let mut newest = slot.newest.lock();
            *newest = (newest.0 + 1, Some(to.clone()));
            newest.0
        };
        let edited = Self::one(&slot, mine, turn, send).await;
        let mut slots = self.0.lock();
        // Two references are this one and the one in the map: no other caller waits.
        if Arc::strong_count(&slot) <= 2 {
            slots.remove(&message);
        }
        edited
    }

    async fn one<S>(
        slot: &EditQueue,
        mine: u64,
        turn: impl Future<Output = Result<(), ApiError>>,
        send: impl FnOnce(RenderedMessage) -> S,
    ) -> EditResult
    where
        S: Future<Output = Result<(), ApiError>>,
    {
        let mut done = slot.done.lock().await;
        if done.0 >= mine {
            return EditResult::Superseded(done.1.clone().unwrap_or(Ok(())));
        }
        if let Err(why) = turn.await {
            return EditResult::Sent(Err(why));
        }
        let newest = slot.newest.lock().clone();
        let (number, Some(content)) = newest else {
            return EditResult::Sent(Ok(()));
        };
        let result = send(content).await;
        *done = (number, Some(result.clone()));
        EditResult::Sent(result)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::task::JoinSet;
    use tokio::time::sleep;

    use super::*;
    use crate::render;

    #[tokio::test(start_paused = true)]
    async fn of_many_edits_that_wait_for_one_message_the_newest_is_sent() {
        let (edits, sent) = (Arc::new(Edits::default()), Arc::new(Mutex::new(Vec::new())));
        let mut all = JoinSet::new();
        for n in 0..20 {
            let (edits, sent) = (edits.clone(), sent.clone());
            all.spawn(async move {
                sleep(Duration::from_millis(n * 10)).await;
                let turn = async {
                    sleep(Duration::from_secs(1)).await;
                    Ok(())
                };
                let send = |content: RenderedMessage| async move {
                    sent.lock().push(content.parts.concat());
                    Ok(())
                };
                edits
                    .edit((7, 1), &render::words(&n.to_string()), turn, send)
                    .await
            });
        }
        let ended = all.join_all().await;
        assert_eq!(
            *sent.lock(),
            ["19"],
            "while the first waited all the others came"
        );
        assert_eq!(
            ended
                .iter()
                .filter(|one| **one == EditResult::Superseded(Ok(())))
                .count(),
            19
        );
        assert!(edits.0.lock().is_empty(), "nothing is kept of what is done");
    }

    #[tokio::test(start_paused = true)]
    async fn an_edit_that_was_superseded_hears_that_the_message_is_gone() {
        let edits = Edits::default();
        let wait = || async {
            sleep(Duration::from_secs(1)).await;
            Ok(())
        };
        let (gone, one) = (
            |_| async { Err(ApiError::NoMessage) },
            render::words("a card"),
        );
        let (first, second) = tokio::join!(
            edits.edit((7, 1), &one, wait(), gone),
            edits.edit((7, 1), &one, wait(), gone)
        );
        assert_eq!(
            (first, second),
            (
                EditResult::Sent(Err(ApiError::NoMessage)),
                EditResult::Superseded(Err(ApiError::NoMessage))
            )
        );
    }
}
