//! The settings of the journal on NATS: what may differ between installations.
//!
//! The binary fills them in; opening, the stream and every request read them. They do not know who reads them.

use std::time::Duration;

/// The settings of the journal.
#[derive(Clone, Debug)]
pub struct JournalSettings {
    /// The name of the stream.
    pub stream: String,
    /// The number of servers that keep each commit before it is acknowledged: 1, 3 or 5.
    pub replicas: usize,
    /// The bytes up to which the stream may grow. It must bite before the disk is full; it can be raised while all
    /// runs.
    pub max_bytes: u64,
    /// Monitoring addresses of the servers, such as `http://127.0.0.1:8222`, on which each says how it is set.
    pub monitors: Vec<String>,
    /// Trust servers that do not say whether they flush every write, or say that they do not. A power cut may
    /// then take two minutes of facts that people were told are safe.
    pub unverified_sync: bool,
    /// The time one request to the servers may take.
    pub answer: Duration,
    /// The time for which an append or a read is retried before it says that it does not know.
    pub patience: Duration,
    /// The time for which a follower goes on without the servers before it ends.
    pub give_up: Duration,
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self {
            stream: "PICKET_JOURNAL".to_owned(),
            replicas: 1,
            max_bytes: 8 << 30,
            monitors: Vec::new(),
            unverified_sync: false,
            answer: Duration::from_secs(2),
            patience: Duration::from_secs(8),
            give_up: Duration::from_secs(15),
        }
    }
}
