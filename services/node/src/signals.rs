//! The shutdown signal: Ctrl-C and a polite kill.

use std::task::Poll;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listened to from the moment it is made: whoever read that Picket is up may stop it.
pub struct ShutdownSignal(Vec<Signal>);

impl ShutdownSignal {
    /// Begins to listen.
    pub fn listen() -> Self {
        // Where one cannot be listened to it ends the process, which loses nothing either.
        Self(
            [SignalKind::interrupt(), SignalKind::terminate()]
                .into_iter()
                .filter_map(|kind| signal(kind).ok())
                .collect(),
        )
    }

    /// Until one of them comes.
    pub async fn received(mut self) {
        std::future::poll_fn(|cx| {
            if self
                .0
                .iter_mut()
                .any(|signal| signal.poll_recv(cx).is_ready())
            {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}
