//! Retries: a call is repeated until it is done, refused or out of time, as far as a repeat is safe.

use std::sync::atomic::Ordering;
use std::time::Duration;

use picket_ephemera::Rank;
use tokio::time::Instant;

use crate::line::Line;
use crate::trouble::Trouble;

const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Whether a call may be repeated when nobody knows whether it was done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// As often as there is time: a repeat changes nothing.
    Freely,
    /// Once: a repeat may show the same twice.
    Once,
    /// Never.
    Never,
}

impl Line {
    /// Reads something: that may be repeated as often as there is time.
    pub(crate) async fn read<T, F, C>(&self, deadline: Instant, call: F) -> Result<T, Trouble>
    where
        F: Fn() -> C,
        C: Future<Output = Result<T, Trouble>>,
    {
        self.surely(None, Again::Freely, deadline, call).await
    }

    /// Calls something that counts against the limits; its turn has come.
    pub(super) async fn written<T, F, C>(
        &self,
        chat: i64,
        again: Again,
        rank: Rank,
        deadline: Instant,
        call: F,
    ) -> Result<T, Trouble>
    where
        F: Fn() -> C,
        C: Future<Output = Result<T, Trouble>>,
    {
        self.surely(Some((chat, rank)), again, deadline, || {
            self.gate.through(call())
        })
        .await
    }

    /// Calls until it is done, refused, or the time is up.
    pub(super) async fn surely<T, F, C>(
        &self,
        chat: Option<(i64, Rank)>,
        again: Again,
        deadline: Instant,
        call: F,
    ) -> Result<T, Trouble>
    where
        F: Fn() -> C,
        C: Future<Output = Result<T, Trouble>>,
    {
        let mut pause = FIRST_PAUSE;
        let mut unclear = 0;
        loop {
            let trouble = match call().await {
                Ok(done) => {
                    self.counters.done.fetch_add(1, Ordering::Relaxed);
                    return Ok(done);
                }
                Err(trouble) => trouble,
            };
            let wait = match &trouble {
                Trouble::RetryAfter(wait) => {
                    self.counters.waited.fetch_add(1, Ordering::Relaxed);
                    if let Some((chat, _)) = chat {
                        self.leave_alone(chat, *wait);
                    }
                    *wait
                }
                Trouble::Unclear(_) => {
                    unclear += 1;
                    if again == Again::Never || again == Again::Once && unclear > 1 {
                        return Err(trouble);
                    }
                    if again == Again::Once {
                        self.counters.perhaps_twice.fetch_add(1, Ordering::Relaxed);
                    }
                    pause
                }
                other if other.is_passing() => pause,
                _ => return Err(trouble),
            };
            if Instant::now() + wait >= deadline {
                return Err(trouble);
            }
            let again = async {
                tokio::time::sleep(wait).await;
                // Written once more, it counts once more; a chat that rests is waited for in the line.
                match chat {
                    Some((chat, rank)) => self.turn(chat, rank, deadline).await,
                    None => Ok(()),
                }
            };
            // What nobody just asked for is handed back when the bot goes, for it certainly was not done.
            let unasked = chat.is_some_and(|(_, rank)| rank != Rank::Answer)
                && !matches!(trouble, Trouble::Unclear(_));
            tokio::select! {
                again = again => again?,
                () = self.left(), if unasked => return Err(trouble),
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
