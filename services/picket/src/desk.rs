//! The desk: a data folder with its books awake, insight beside them, and everybody reaching them over one bus.
//!
//! `picket up`, and every command that opens the folder itself, sits at a desk. It wires parts together
//! and decides nothing.

pub(crate) mod feed;
pub(crate) mod freeze;
mod insight;
mod reading;
pub(crate) mod transport;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use picket_bus::{Bus, Client, EdgeReply, EdgeRequest, MemoryBus};
use picket_calendar::Calendar;
use picket_journal::{BookName, Journal};
use picket_runtime::{CannotKeep, Clock, Engine, HighWater, Live, ServiceKind, Snapshots};
use picket_schemas::registry::Territory;
use picket_schemas::{Command, CommandId, Jurisdiction, PersonId, Problem, Refusal, Wish};
use picket_sqlite::{Options, SqliteJournal};
use tokio::task::JoinHandle;

use crate::folder::{Folder, Owned};
use crate::health::Health;
use crate::problem::{Exit, Failure};
pub use insight::{Asker, InsightThread};

/// Which books are awake, and whether bells ring and notices leave.
#[derive(Clone, Debug)]
pub enum Awake {
    /// All of them: bells ring, notices go out.
    All,
    /// Only these: what they address is decided, nothing rings, nothing is sent.
    Only(Vec<BookName>),
}

/// A data folder at work.
pub struct Desk {
    live: Arc<Live>,
    asker: Asker,
    bus: Arc<dyn Bus>,
    insight: Option<InsightThread>,
    tasks: Vec<JoinHandle<()>>,
    _owned: Option<Owned>,
}

/// Opens the journal of a folder.
pub fn open_journal(owned: &Owned) -> Result<Arc<SqliteJournal>, Failure> {
    let path = owned.folder.journal();
    // After a failed write nothing later can be trusted: the process ends and the next one reads the file anew.
    let ended = |why: &str| {
        eprintln!(
            "picket: {why}\n  hint: Make room or mend the disk, then start again; everything that was answered is on it."
        );
        std::process::exit(Exit::Storage as i32)
    };
    SqliteJournal::open_with(
        &path,
        Options {
            on_io_error: Arc::new(ended),
            ..Options::default()
        },
    )
    .map(Arc::new)
    .map_err(|why| {
        let hint = match &why {
            picket_sqlite::OpenError::Newer { .. } => {
                "Upgrade Picket; the folder was written by a later version."
            }
            picket_sqlite::OpenError::Damaged(_) | picket_sqlite::OpenError::NotAJournal(_) => {
                "Restore `journal.db` from a copy; `picket verify` tells how far a copy is sound."
            }
            picket_sqlite::OpenError::Full(_) => "Make room on the disk; nothing was lost.",
            _ => "Check the folder and its permissions, or name another one with `--data DIR`.",
        };
        Failure::new(Exit::Storage, why.to_string(), hint)
    })
}

impl Desk {
    /// Sits down at a folder.
    pub async fn open(
        owned: Owned,
        kinds: Vec<ServiceKind>,
        clock: Clock,
        awake: Awake,
    ) -> Result<Self, Failure> {
        let journal: Arc<dyn Journal> = open_journal(&owned)?;
        let territory = owned.folder.territory()?;
        let marks = HighWater::open(&owned.folder.highwater()).map_err(|error| {
            Failure::new(
                Exit::Storage,
                error.to_string(),
                "Delete nothing: compare with a copy of the folder, then let `picket verify` look.",
            )
        })?;
        let insight = InsightThread::open_file(&owned.folder.insight(), &territory)?;
        let engine = Engine::new(journal, territory, kinds, clock, Calendar::china())
            .with_marks(marks)
            .with_snapshots(snapshots(&owned.folder));
        let mut desk = Self::start(engine, insight, awake).await?;
        desk._owned = Some(owned);
        Ok(desk)
    }

    /// Waits until insight has read what the journals hold by now, as far as they can be read and half a minute
    /// at the most: whoever asks first is answered from all of it.
    pub async fn read_up(&self) {
        read_up(self.live.engine(), &self.asker).await;
    }

    /// Whether insight has not yet read what it could.
    pub async fn is_behind(&self) -> bool {
        let engine = self.live.engine();
        let books = engine.books();
        let Ok(heads) = engine.journal.last(&books).await else {
            return false;
        };
        let standing = self.asker.standing();
        let read = |book: &str| standing.positions.get(book).map_or(0, |(n, _)| *n);
        standing.trouble.is_none()
            && books.iter().zip(heads).any(|(book, head)| {
                read(book.as_str()) < head.number && !standing.damaged.contains_key(book.as_str())
            })
    }

    /// What a person must look at, the gravest first.
    pub async fn health(&self) -> Health {
        Health::of(&self.live, &self.asker).await
    }

    /// Starts the books of an engine, with insight beside them.
    pub async fn start(
        mut engine: Engine,
        insight: InsightThread,
        awake: Awake,
    ) -> Result<Self, Failure> {
        let all = matches!(awake, Awake::All);
        // A command that opens the folder for a moment waits less long for a disk that says no.
        engine.patience.total = Duration::from_secs(10);
        let engine = Arc::new(engine);
        let books = match awake {
            Awake::All => engine.books(),
            Awake::Only(books) => books,
        };
        let live = Arc::new(
            Live::start(engine.clone(), &books, all)
                .await
                .map_err(cannot_keep)?,
        );
        let asker = insight.asker();
        let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
        let mut tasks = serve(&live, &asker, &bus, &books).await?;
        let client = Client::new(bus.clone());
        tasks.push(tokio::spawn(feed::feed(
            engine.clone(),
            asker.clone(),
            live.clone(),
        )));
        if all {
            tasks.push(tokio::spawn(freeze::freeze(
                engine.clone(),
                asker.clone(),
                live.clone(),
            )));
            tasks.push(tokio::spawn(transport::carry(engine, live.clone(), client)));
        }
        Ok(Self {
            live,
            asker,
            bus,
            insight: Some(insight),
            tasks,
            _owned: None,
        })
    }

    /// How commands and questions reach the books.
    pub fn client(&self) -> Client {
        Client::new(self.bus.clone())
    }
    /// The bus itself.
    pub fn bus(&self) -> Arc<dyn Bus> {
        self.bus.clone()
    }
    /// The books.
    pub fn live(&self) -> &Arc<Live> {
        &self.live
    }
    /// Insight.
    pub fn asker(&self) -> &Asker {
        &self.asker
    }
    /// The clock everything here goes by.
    pub fn clock(&self) -> &Clock {
        &self.live.engine().clock
    }

    /// Lets every book finish its group, then goes.
    pub async fn close(mut self) {
        self.live.stop().await;
        for task in &self.tasks {
            task.abort();
        }
        if let Some(insight) = self.insight.take() {
            insight.close();
        }
    }
}

/// The snapshots in a folder, as this build keeps them.
pub(crate) fn snapshots(folder: &Folder) -> Snapshots {
    static BUILD: OnceLock<String> = OnceLock::new();
    // Taken at once: later another build may stand in its place.
    let build = BUILD.get_or_init(program).clone();
    Snapshots::new(
        &folder.snapshots(),
        move || build.clone(),
        |why| eprintln!("picket: {why}"),
    )
}

/// Names this very build: another one may make something else of the same facts.
fn program() -> String {
    let build = std::env::current_exe()
        .and_then(std::fs::read)
        .map(|bytes| picket_journal::hash_of(&bytes));
    // One that cannot be told apart trusts nobody, not even itself.
    let build = build.unwrap_or_else(|_| crate::reach::new_id("build").to_string());
    format!("{} {build}", env!("CARGO_PKG_VERSION"))
}

async fn serve(
    live: &Arc<Live>,
    asker: &Asker,
    bus: &Arc<dyn Bus>,
    books: &[BookName],
) -> Result<Vec<JoinHandle<()>>, Failure> {
    let failed =
        |why: picket_bus::BusError| Failure::new(Exit::Busy, why.to_string(), "Start again.");
    let books: Vec<_> = books
        .iter()
        .map(|book| {
            (
                book.service().to_owned(),
                Jurisdiction::from(book.jurisdiction()),
            )
        })
        .collect();
    let (keeps, client) = (live.clone(), Client::new(bus.clone()));
    let answer_wish = move |jurisdiction: Option<Jurisdiction>, wanted: EdgeRequest| {
        let live = keeps.clone();
        async move { Some(answer(&live, jurisdiction, wanted).await) }
    };
    let mut tasks = picket_bus::serve_books(bus.clone(), &books, answer_wish)
        .await
        .map_err(failed)?;
    let (live, asker) = (live.clone(), asker.clone());
    let answer_question = move |_, wanted: EdgeRequest| {
        let (live, asker, client) = (live.clone(), asker.clone(), client.clone());
        async move {
            let now = live
                .engine()
                .clock
                .now()
                .max(live.last_commit().unwrap_or(Timestamp::MIN));
            Some(reply(&asker, &client, &live.engine().territory, now, wanted).await)
        }
    };
    tasks.push(
        picket_bus::serve_questions(bus.clone(), answer_question)
            .await
            .map_err(failed)?,
    );
    Ok(tasks)
}

/// Answers a question, from insight.
pub(crate) async fn reply(
    asker: &Asker,
    client: &Client,
    territory: &Territory,
    now: Timestamp,
    wanted: EdgeRequest,
) -> EdgeReply {
    let EdgeRequest::Question {
        question,
        after,
        viewer,
        id,
    } = wanted
    else {
        return EdgeReply::No(Problem::new(
            "invalid",
            "a wish came where questions are answered",
            "Send it to its book.",
        ));
    };
    match asker.ask(viewer.clone(), question, after, now).await {
        Ok((reply, None)) => EdgeReply::View(Box::new(reply)),
        Ok((reply, Some(logged))) => match reading::log(
            client,
            territory,
            &viewer.person.unwrap_or_default(),
            &logged,
            &id,
            now,
        )
        .await
        {
            Ok(()) => EdgeReply::View(Box::new(reply)),
            Err(problem) => EdgeReply::No(problem),
        },
        Err(problem) => EdgeReply::No(problem),
    }
}

/// Answers a wish, from its book.
pub(crate) async fn answer(
    live: &Live,
    jurisdiction: Option<Jurisdiction>,
    wanted: EdgeRequest,
) -> EdgeReply {
    match (wanted, jurisdiction) {
        (
            EdgeRequest::Wish {
                id,
                by,
                via,
                made,
                observed,
                trace,
                command,
            },
            Some(jurisdiction),
        ) => {
            let command = match Command::parse(command) {
                Ok(command) => command,
                Err(why) => {
                    return EdgeReply::No(Problem::new("invalid", why.to_string(), why.hint()));
                }
            };
            if by.code() == picket_directory::SYSTEM {
                // Picket's own parts do not come over the bus.
                return EdgeReply::No(
                    Refusal::NotAllowed {
                        who: by.to_string(),
                        action: command.verb().to_owned(),
                    }
                    .problem(),
                );
            }
            let wish = Wish {
                id: CommandId::from(id),
                by,
                via,
                made,
                observed,
                trace,
                command,
            };
            match live.wish(&jurisdiction, wish).await {
                Ok(answer) => EdgeReply::Done(answer),
                Err(problem) => EdgeReply::No(problem),
            }
        }
        (EdgeRequest::Question { .. }, _) => EdgeReply::No(Problem::new(
            "invalid",
            "a question came where wishes are answered",
            "Ask insight.",
        )),
        (EdgeRequest::Wish { .. }, None) => EdgeReply::No(Problem::new(
            "invalid",
            "a wish came without its jurisdiction",
            "Send it to its book.",
        )),
    }
}

/// A failure out of a book that cannot be kept.
pub fn cannot_keep(why: impl Into<CannotKeep>) -> Failure {
    let why = why.into();
    let mut title = why.to_string();
    let mut source = std::error::Error::source(&why);
    while let Some(cause) = source {
        title = format!("{title}: {cause}");
        source = cause.source();
    }
    Failure::new(
        Exit::Storage,
        title,
        "Run `picket verify --data DIR`, restore the folder from a copy, or upgrade where it says so.",
    )
}

/// A wish of Picket's own parts.
pub fn system_wish(
    id: String,
    jurisdiction: &Jurisdiction,
    made: Timestamp,
    command: Command,
) -> Wish {
    Wish {
        id: CommandId::from(id),
        by: PersonId::new(jurisdiction, picket_directory::SYSTEM),
        via: "system".into(),
        made,
        observed: None,
        trace: String::new(),
        command,
    }
}

/// Waits until insight has read what the journals hold by now, half a minute at the most; whether it has.
pub(crate) async fn read_up(engine: &Engine, asker: &Asker) -> bool {
    let books = engine.books();
    let Ok(heads) = engine.journal.last(&books).await else {
        return false;
    };
    let heads = books
        .iter()
        .zip(heads)
        .map(|(book, head)| (book.to_string(), head.number))
        .collect();
    asker.reaches(&heads, Duration::from_secs(30)).await
}

/// Positions a territory's journals stand at, as far as a process has seen.
pub fn heads(engine: &Engine) -> BTreeMap<String, u64> {
    engine
        .books()
        .iter()
        .map(|book| (book.to_string(), engine.cache.number(book.as_str())))
        .collect()
}

/// The jurisdiction nothing stands above; the first by code where there are several.
pub fn topmost(territory: &Territory) -> Option<Jurisdiction> {
    territory
        .jurisdictions
        .iter()
        .find(|(_, parent)| parent.is_none())
        .map(|(top, _)| top.clone())
}
