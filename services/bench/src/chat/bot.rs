//! The bot before the books, and the clock both go by.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use picket_ephemera::MemoryEphemera;
use picket_fakechat::FakeChat;
use picket_node::embedded::Embedded;
use picket_node::problem::Failure;
use picket_runtime::Clock;
use picket_telegram::{BotSettings, LogLine, Telegram, Token};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::scratch;

/// The bot before the books.
pub(super) struct BenchBot {
    stop: oneshot::Sender<()>,
    run: JoinHandle<()>,
}

impl BenchBot {
    pub(super) async fn start(
        chat: &FakeChat,
        node: &Embedded,
        folder: &Path,
    ) -> Result<Self, Failure> {
        let token = Token::parse(chat.token()).map_err(scratch)?;
        let now = node.clock().clone();
        let tell = |told: LogLine| match told {
            LogLine::Note(_) => {}
            LogLine::Warning(text) | LogLine::Error(text) => {
                eprintln!("\npicket: telegram: {text}")
            }
        };
        let settings = BotSettings {
            api: Some(chat.url().to_owned()),
            clock: Arc::new(move || now.now()),
            ephemera: Arc::new(MemoryEphemera::new()),
            ..BotSettings::alone(
                token,
                jiff::tz::TimeZone::get("Asia/Shanghai").map_err(scratch)?,
                folder.join("blobs"),
                tell,
            )
        };
        let telegram: Telegram = picket_telegram::connect(node.client(), settings)
            .await
            .map_err(scratch)?;
        let (stop, stopped) = oneshot::channel();
        let run = tokio::spawn(async move {
            if let Err(why) = telegram.run(async { drop(stopped.await) }).await {
                eprintln!("\npicket: the bot ended: {why}");
            }
        });
        Ok(Self { stop, run })
    }

    pub(super) async fn stop(self) {
        // One that ended by itself said so.
        let _ended = self.stop.send(());
        drop(self.run.await);
    }
}

/// The clock goes on from an instant at the pace of real time, until this is dropped.
pub(super) struct Ticking(JoinHandle<()>);

impl Ticking {
    pub(super) fn from(clock: Clock, at: Timestamp) -> Self {
        let started = Instant::now();
        clock.set(at);
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(50)).await;
                clock.set(at + started.elapsed());
            }
        }))
    }
}

impl Drop for Ticking {
    fn drop(&mut self) {
        self.0.abort();
    }
}
