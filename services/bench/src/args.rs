//! The arguments of a bench.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// The store of the journals of a measurement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum BenchBackend {
    /// One file; callers are in the same process
    #[default]
    Sqlite,
    /// JetStream behind request and reply, on one server that flushes every write
    Nats,
}

/// `picket bench`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  picket bench --json\n  picket bench --backend nats             starts a nats-server of its own\n  picket bench chat                       takes minutes\n  picket bench --data DIR --acks FILE     until it is killed; then picket verify"
)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArgs {
    /// Something else than the stores
    #[command(subcommand)]
    pub part: Option<BenchPart>,
    /// Write each acked command id to this file and go on until killed
    #[arg(long, value_name = "FILE")]
    pub acks: Option<PathBuf>,
    /// Seconds a measurement takes, after half a second that does not count
    #[arg(long, default_value_t = 4.0, value_name = "SECONDS")]
    pub seconds: f64,
    /// Only so many callers on one hot book, nothing beside
    #[arg(long, value_name = "N", conflicts_with = "acks")]
    pub callers: Option<usize>,
    /// What keeps the journals
    #[arg(long, value_enum, default_value = "sqlite", conflicts_with = "acks")]
    pub backend: BenchBackend,
    /// With --backend nats: only so many books with reactions, one caller each
    #[arg(long, value_name = "N", conflicts_with_all = ["acks", "callers"])]
    pub books: Option<usize>,
    /// With --backend nats: a server that keeps no journal yet, instead of one of the bench's own
    #[arg(long, value_name = "URL", conflicts_with = "acks")]
    pub nats: Option<String>,
    /// With --nats: where that server says that it flushes every write
    #[arg(long, value_name = "URL", requires = "nats")]
    pub nats_monitor: Vec<String>,
    /// With --acks: how many commands at the most
    #[arg(long, default_value_t = 1_000_000, value_name = "N")]
    pub commands: u64,
}

/// Other parts of `picket bench`
#[derive(Debug, Subcommand)]
pub enum BenchPart {
    /// A county's mornings in a chat that enforces the platform's limits
    Chat(BenchChatArgs),
}

/// `picket bench chat`
#[derive(Debug, Args)]
pub struct BenchChatArgs {
    /// How many people have a phone
    #[arg(long, default_value_t = 3_000, value_name = "N")]
    pub people: u64,
}
