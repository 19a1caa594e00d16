//! Edits that wait for the same message become one: what the message shows in the end is said once.
//!
//! A card that changes faster than it may be written keeps only its newest state. All who wanted an older one
//! hear how the newest fared. It does not know how an edit is sent.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use crate::render::Rendered;
use crate::trouble::Trouble;

/// A message, by its chat and number.
type Message = (i64, i32);

#[derive(Default)]
struct Slot {
    /// How often something was wanted here, and what was wanted last.
    newest: Mutex<(u64, Option<Rendered>)>,
    /// Up to which wish the message shows it, and how that went. Held by the one whose edit is under way.
    done: tokio::sync::Mutex<(u64, Option<Result<(), Trouble>>)>,
}

/// Edits on their way.
#[derive(Default)]
pub(crate) struct Edits(Mutex<HashMap<Message, Arc<Slot>>>);

/// How an edit ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Edited {
    /// It was sent, or whatever was wanted by then.
    Sent(Result<(), Trouble>),
    /// A newer one said it all.
    Overtaken(Result<(), Trouble>),
}

impl Edits {
    /// Waits with `turn` until it may be sent, then sends the newest there is.
    pub(crate) async fn edit<S>(
        &self,
        message: Message,
        to: &Rendered,
        turn: impl Future<Output = Result<(), Trouble>>,
        send: impl FnOnce(Rendered) -> S,
    ) -> Edited
    where
        S: Future<Output = Result<(), Trouble>>,
    {
        let slot = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(message)
            .or_default()
            .clone();
        let mine = {
            let mut newest = slot.newest.lock().unwrap_or_else(PoisonError::into_inner);
            *newest = (newest.0 + 1, Some(to.clone()));
            newest.0
        };
        let edited = Self::one(&slot, mine, turn, send).await;
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Two are this one and the one in the map: nobody else waits.
        if Arc::strong_count(&slot) <= 2 {
            slots.remove(&message);
        }
        edited
    }

    async fn one<S>(
        slot: &Slot,
        mine: u64,
        turn: impl Future<Output = Result<(), Trouble>>,
        send: impl FnOnce(Rendered) -> S,
    ) -> Edited
    where
        S: Future<Output = Result<(), Trouble>>,
    {
        let mut done = slot.done.lock().await;
        if done.0 >= mine {
            return Edited::Overtaken(done.1.clone().unwrap_or(Ok(())));
        }
        if let Err(why) = turn.await {
            return Edited::Sent(Err(why));
        }
        let newest = slot
            .newest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let (number, Some(content)) = newest else {
            return Edited::Sent(Ok(()));
        };
        let result = send(content).await;
        *done = (number, Some(result.clone()));
        Edited::Sent(result)
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
                let send = |content: Rendered| async move {
                    sent.lock().expect("unbroken").push(content.parts.concat());
                    Ok(())
                };
                edits
                    .edit((7, 1), &render::words(&n.to_string()), turn, send)
                    .await
            });
        }
        let ended = all.join_all().await;
        assert_eq!(
            *sent.lock().expect("unbroken"),
            ["19"],
            "while the first waited all the others came"
        );
        assert_eq!(
            ended
                .iter()
                .filter(|one| **one == Edited::Overtaken(Ok(())))
                .count(),
            19
        );
        assert!(
            edits.0.lock().expect("unbroken").is_empty(),
            "nothing is kept of what is done"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_overtaken_hears_that_the_message_is_gone() {
        let edits = Edits::default();
        let wait = || async {
            sleep(Duration::from_secs(1)).await;
            Ok(())
        };
        let (gone, one) = (
            |_| async { Err(Trouble::NoMessage) },
            render::words("a card"),
        );
        let (first, second) = tokio::join!(
            edits.edit((7, 1), &one, wait(), gone),
            edits.edit((7, 1), &one, wait(), gone)
        );
        assert_eq!(
            (first, second),
            (
                Edited::Sent(Err(Trouble::NoMessage)),
                Edited::Overtaken(Err(Trouble::NoMessage))
            )
        );
    }
}
