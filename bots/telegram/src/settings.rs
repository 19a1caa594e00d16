//! What the bot is told before it starts.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_ephemera::{Ephemera, MemoryEphemera};

use crate::token::Token;

/// A board changes no more often.
const BOARDS: Duration = Duration::from_secs(15);
/// A group that was found shut is not taken for open again before that, whatever is said there.
const RESTS: Duration = Duration::from_secs(60);

/// Something whoever runs the bot should read; it never holds the token or what somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// In order.
    Note(String),
    /// Passing, or nothing that can be mended here.
    Warning(String),
    /// Something broke.
    Error(String),
}

/// How the bot works.
#[derive(Clone)]
pub struct Settings {
    /// The bot's token.
    pub token: Token,
    /// Another server that speaks as Telegram does, `http://127.0.0.1:8081`.
    pub api: Option<String>,
    /// The zone people live in.
    pub zone: TimeZone,
    /// What time it is.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// The folder photos are kept in.
    pub blobs: PathBuf,
    /// Paces, dialogues, which message shows which card: all of it may be lost.
    pub ephemera: Arc<dyn Ephemera>,
    /// Other replicas of this bot use the same store. One that is this process's alone decides nothing between two.
    pub shared: bool,
    /// How often the board of a group may change.
    pub boards: Duration,
    /// For how long words from a group that was found shut say nothing: they may be from before, and whoever is muted
    /// there reads on.
    pub rests: Duration,
    /// The name of this process; of several replicas one receives.
    pub holder: String,
    /// Hears what whoever runs the bot should read.
    pub tell: Arc<dyn Fn(Told) + Send + Sync>,
}

impl Settings {
    /// For one process that keeps its short-lived things in memory.
    pub fn alone(
        token: Token,
        zone: TimeZone,
        blobs: impl Into<PathBuf>,
        tell: impl Fn(Told) + Send + Sync + 'static,
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
            tell: Arc::new(tell),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("token", &self.token)
            .field("api", &self.api)
            .field("blobs", &self.blobs)
            .field("holder", &self.holder)
            .finish_non_exhaustive()
    }
}
