//! Settings of the bot, given before it starts.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_ephemera::{Ephemera, MemoryEphemera};

use crate::log::{Log, LogLine};
use crate::token::Token;

/// Shortest time between two changes of a board.
const BOARDS: Duration = Duration::from_secs(15);
/// Backoff of a group that was found unreachable: words from there do not make it reachable before that.
const RESTS: Duration = Duration::from_secs(60);

/// Settings of the bot.
#[derive(Clone)]
pub struct BotSettings {
    /// Token of the bot.
    pub token: Token,
    /// Address of another server that speaks as Telegram does, `http://127.0.0.1:8081`.
    pub api: Option<String>,
    /// Time zone people live in.
    pub zone: TimeZone,
    /// Clock.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Folder photos are kept in.
    pub blobs: PathBuf,
    /// Store of paces, sessions, which message shows which card: all of it may be lost.
    pub ephemera: Arc<dyn Ephemera>,
    /// True where other replicas of this bot use the same store. One of this process alone decides nothing between two.
    pub shared: bool,
    /// Shortest time between two changes of a group's board.
    pub boards: Duration,
    /// Backoff of a group that was found unreachable: for so long words from there say nothing, since they may be from
    /// before, and a bot that is muted there goes on hearing them.
    pub rests: Duration,
    /// Name of this process as a holder of the lease; of several replicas one receives.
    pub holder: String,
    /// Sink of lines the operator should read.
    pub log: Arc<dyn Fn(LogLine) + Send + Sync>,
}

impl BotSettings {
    /// Settings of one process that keeps its short-lived things in memory.
    pub fn alone(
        token: Token,
        zone: TimeZone,
        blobs: impl Into<PathBuf>,
        log: impl Fn(LogLine) + Send + Sync + 'static,
    ) -> Self {
        Self {
            token,
            api: None,
            zone,
            clock: Arc::new(Timestamp::now),
            blobs: blobs.into(),
            ephemera: Arc::new(MemoryEphemera::new()),
            shared: false,
            boards: BOARDS,
            rests: RESTS,
            holder: format!("process {}", std::process::id()),
            log: Arc::new(log),
        }
    }

    /// Present time by the clock.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Log that redacts the token.
    pub(crate) fn redacted_log(&self) -> Log {
        Log::new(self.log.clone(), self.token.clone())
    }
}

impl fmt::Debug for BotSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotSettings")
            .field("token", &self.token)
            .field("api", &self.api)
            .field("blobs", &self.blobs)
            .field("holder", &self.holder)
            .finish_non_exhaustive()
    }
}
