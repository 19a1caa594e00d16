//! Subjects of the bus: every name a message travels under, once, with who publishes on it and who hears it.
//!
//! Whoever asks, serves or tells takes its subject from here; the stores of commits and events on NATS take theirs from
//! here too. [`SUBJECTS`] is the table of rights that `deploy/nats/rights.conf` spells out for nats-server; a test
//! holds one against the other. The names are on the wire between versions: they may be added, never renamed.
//!
//! It does not know what a message says, nor the subjects of NATS itself, which only its adapter speaks.

use picket_schemas::{Jurisdiction, PersonId};

/// Where a person's question to insight arrives.
pub const QUESTION: &str = "picket.ask";
/// Where replicas send their heartbeats.
pub const HEARTBEAT: &str = "picket.replica";
/// Where every process is asked what it runs; each answers on a subject of the asker's own, see [`status_reply`].
pub const STATUS: &str = "picket.map";
/// Where the health of the books and of the projection is asked for.
pub const HEALTH: &str = "picket.health";
/// Where the clock of a running Picket is asked for, and its bells are let go on.
pub const CLOCK: &str = "picket.clock";
/// Where a book that waits for a person is unparked.
pub const UNPARK: &str = "picket.unpark";
/// Where an import says which jurisdictions there are to be.
pub const TERRITORY: &str = "picket.territory";
/// Where whoever reads no journal asks which jurisdictions there are.
pub const JURISDICTIONS: &str = "picket.jurisdictions";
/// Where an import asks what the registries define.
pub const REGISTERS: &str = "picket.registers";
/// A subject that everybody may ask on and nobody serves: the answer "nobody" says that a server has read all before
/// it.
pub const PROBE: &str = "picket.here";
/// The checkpoint of the publisher, a value in a stream of its own.
pub const CHECKPOINT: &str = "picket.publisher.place";
/// Where a test's driver moves the clocks of its processes.
pub const TEST_CLOCK: &str = "picket.test.clock";
/// Where a process under test asks for the present instant.
pub const TEST_CLOCK_PRESENT: &str = "picket.test.clock.present";
/// Where a measurement sends requests that are answered at once.
pub const BENCH_ECHO: &str = "picket.bench.echo";
/// Above the subjects of all commits.
pub const COMMITS: &str = "picket.journal";
/// Above the subjects of all events for other systems.
pub const EVENTS: &str = "picket.event";

const WISHES: &str = "picket.do.";
const NOTICES: &str = "picket.notice.";
const CHANNELS: &str = "picket.carry.";
const OUTCOMES: &str = "picket.outcome.";
const STATUS_REPLIES: &str = "picket.map.";

/// Where wishes for a book arrive.
pub fn wish(service: &str, jurisdiction: &Jurisdiction) -> String {
    format!("{WISHES}{service}.{jurisdiction}")
}

/// Whether wishes travel on a subject.
pub fn is_wish(subject: &str) -> bool {
    subject.starts_with(WISHES)
}

/// Where a person's notices arrive, for every screen that is open.
pub fn notice(person: &PersonId) -> String {
    format!("{NOTICES}{}", person.as_str().replace('/', "."))
}

/// Where notices for everybody on a channel arrive, such as a chat platform.
pub fn carry(channel: &str) -> String {
    format!("{CHANNELS}{channel}")
}

/// The channel whose notices travel on a subject; `None` where none do.
pub fn channel_of(subject: &str) -> Option<&str> {
    subject.strip_prefix(CHANNELS)
}

/// Where the outcome of a notice is reported to whoever keeps the courier's book.
pub fn outcome(jurisdiction: &Jurisdiction) -> String {
    format!("{OUTCOMES}{jurisdiction}")
}

/// Where the answers to one question for [`STATUS`] arrive.
pub fn status_reply(id: &str) -> String {
    format!("{STATUS_REPLIES}{id}")
}

/// Whether answers to a question for [`STATUS`] may be sent to a subject.
pub fn is_status_reply(subject: &str) -> bool {
    subject.starts_with(STATUS_REPLIES)
}

/// Where the commits of a book are published.
pub fn commit(service: &str, jurisdiction: &str) -> String {
    format!("{COMMITS}.{service}.{jurisdiction}")
}

/// The service and the jurisdiction whose commits are published on a subject; `None` where none are.
pub fn book_of(subject: &str) -> Option<(&str, &str)> {
    subject
        .strip_prefix(COMMITS)?
        .strip_prefix('.')?
        .split_once('.')
}

/// Where an event for other systems is published.
pub fn event(jurisdiction: &str, kind: &str) -> String {
    format!("{EVENTS}.{jurisdiction}.{kind}")
}

/// A user of NATS with a key and rights of its own; the operator has one too, and every right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BusUser {
    /// Each service that keeps books.
    Books,
    /// The registry, which is one of them and keeps the list of jurisdictions.
    Registry,
    /// The courier, which is one of them and hands notices over.
    Courier,
    /// Insight, which answers questions.
    Insight,
    /// The publisher, which tells other systems.
    Publish,
    /// The bot in Telegram.
    Telegram,
    /// The process through which commands typed on its machine reach the others.
    Edge,
}

/// The right of a user to a part of a subject, as NATS writes it; `{service}` is the user's own.
pub type SubjectRight = (BusUser, &'static str);

/// A subject, or a family of them, and who has which right to it.
#[derive(Clone, Copy, Debug)]
pub struct SubjectRights {
    /// The subject, as NATS writes it: `*` is one word, `>` is one and all that follow.
    pub subject: &'static str,
    /// Who may publish on it: requests, answers to no request, messages of a stream.
    pub publish: &'static [SubjectRight],
    /// Who may subscribe to it. Readers of a stream do not: they ask JetStream.
    pub subscribe: &'static [SubjectRight],
}

use BusUser::{Books, Courier, Edge, Insight, Publish, Registry, Telegram};

/// Every subject there is. A reply goes to an inbox of whoever asked and needs no line here.
pub const SUBJECTS: &[SubjectRights] = &[
    SubjectRights {
        subject: "picket.do.*.*",
        publish: &[
            // Insight logs in the registry who read what.
            (Insight, "picket.do.registry.*"),
            (Telegram, "picket.do.>"),
            (Edge, "picket.do.>"),
        ],
        subscribe: &[(Books, "picket.do.{service}.*")],
    },
    SubjectRights {
        subject: QUESTION,
        publish: &[(Courier, QUESTION), (Telegram, QUESTION), (Edge, QUESTION)],
        subscribe: &[(Insight, QUESTION)],
    },
    SubjectRights {
        subject: "picket.notice.>",
        publish: &[(Courier, "picket.notice.>")],
        subscribe: &[(Edge, "picket.notice.>")],
    },
    SubjectRights {
        subject: "picket.carry.*",
        publish: &[(Courier, "picket.carry.>")],
        subscribe: &[(Telegram, "picket.carry.telegram")],
    },
    SubjectRights {
        subject: "picket.outcome.*",
        publish: &[(Courier, "picket.outcome.*")],
        subscribe: &[(Courier, "picket.outcome.*")],
    },
    SubjectRights {
        subject: HEARTBEAT,
        publish: &[(Books, HEARTBEAT), (Publish, HEARTBEAT)],
        subscribe: &[(Books, HEARTBEAT), (Publish, HEARTBEAT)],
    },
    SubjectRights {
        subject: STATUS,
        publish: &[(Edge, STATUS)],
        subscribe: EVERYBODY_HEARS_STATUS,
    },
    SubjectRights {
        subject: "picket.map.*",
        publish: EVERYBODY_TELLS_STATUS,
        subscribe: &[(Edge, "picket.map.*")],
    },
    SubjectRights {
        subject: HEALTH,
        publish: &[(Edge, HEALTH)],
        subscribe: &[(Insight, HEALTH)],
    },
    SubjectRights {
        subject: CLOCK,
        publish: &[(Telegram, CLOCK), (Edge, CLOCK)],
        subscribe: &[(Books, CLOCK), (Insight, CLOCK)],
    },
    SubjectRights {
        subject: UNPARK,
        publish: &[(Edge, UNPARK)],
        subscribe: &[(Books, UNPARK)],
    },
    SubjectRights {
        subject: TERRITORY,
        publish: &[(Edge, TERRITORY)],
        subscribe: &[(Registry, TERRITORY)],
    },
    SubjectRights {
        subject: JURISDICTIONS,
        publish: &[(Telegram, JURISDICTIONS), (Edge, JURISDICTIONS)],
        subscribe: &[(Registry, JURISDICTIONS), (Insight, JURISDICTIONS)],
    },
    SubjectRights {
        subject: REGISTERS,
        publish: &[(Edge, REGISTERS)],
        subscribe: &[(Registry, REGISTERS), (Insight, REGISTERS)],
    },
    SubjectRights {
        subject: PROBE,
        publish: EVERYBODY_PROBES,
        subscribe: &[],
    },
    SubjectRights {
        subject: "picket.journal.*.*",
        publish: &[
            (Books, "picket.journal.{service}.*"),
            (Registry, "picket.journal.territory.*"),
        ],
        subscribe: &[],
    },
    SubjectRights {
        subject: "picket.event.>",
        publish: &[(Publish, "picket.event.>")],
        subscribe: &[],
    },
    SubjectRights {
        subject: CHECKPOINT,
        publish: &[(Publish, CHECKPOINT)],
        subscribe: &[],
    },
    // A test and a measurement give no keys, and so no rights.
    SubjectRights {
        subject: TEST_CLOCK,
        publish: &[],
        subscribe: &[],
    },
    SubjectRights {
        subject: TEST_CLOCK_PRESENT,
        publish: &[],
        subscribe: &[],
    },
    SubjectRights {
        subject: BENCH_ECHO,
        publish: &[],
        subscribe: &[],
    },
];

const EVERYBODY_HEARS_STATUS: &[SubjectRight] = &[
    (Books, STATUS),
    (Insight, STATUS),
    (Publish, STATUS),
    (Telegram, STATUS),
    (Edge, STATUS),
];

const EVERYBODY_TELLS_STATUS: &[SubjectRight] = &[
    (Books, "picket.map.*"),
    (Insight, "picket.map.*"),
    (Publish, "picket.map.*"),
    (Telegram, "picket.map.*"),
    (Edge, "picket.map.*"),
];

const EVERYBODY_PROBES: &[SubjectRight] = &[
    (Books, PROBE),
    (Insight, PROBE),
    (Publish, PROBE),
    (Telegram, PROBE),
    (Edge, PROBE),
];

#[cfg(test)]
mod tests;
