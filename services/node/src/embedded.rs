//! A data folder at work in one process: its books awake, the projection beside them, all of it reached over one bus in
//! memory.
//!
//! `picket up`, and every command that opens the folder itself, runs one. It wires parts together and decides nothing.

use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Bus, BusError, Client, EdgeRequest, MemoryBus};
use picket_journal::{BookName, Journal};
use picket_runtime::{Clock, Engine, Live, ServiceKind};
use tokio::task::JoinHandle;

use crate::admin::clock;
use crate::admin::health::Health;
use crate::folder::{Owned, open_journal};
use crate::parts::{self, Parts, present, serve_wishes};
use crate::problem::{Exit, Failure};
use crate::projection::{self, Asker, InsightThread};
use crate::services;

/// Which books are awake, and whether bells ring and notices leave.
#[derive(Clone, Debug)]
pub enum Awake {
    /// All of them: bells ring, notices go out.
    All,
    /// Only these: what they address is decided, nothing rings, nothing is sent.
    Only(Vec<BookName>),
}

/// A data folder at work.
pub struct Embedded {
    parts: Parts,
    asker: Asker,
    bus: Arc<dyn Bus>,
    /// Let go last.
    _owned: Option<Owned>,
}

impl Embedded {
    /// Opens a folder and starts its books.
    pub async fn open(
        owned: Owned,
        kinds: Vec<ServiceKind>,
        clock: Clock,
        awake: Awake,
    ) -> Result<Self, Failure> {
        let journal: Arc<dyn Journal> = open_journal(&owned)?;
        let territory = owned.folder.territory()?;
        let folder = &owned.folder;
        let insight = InsightThread::open_file(&folder.insight(), &territory)?;
        let engine = parts::engine(
            journal,
            folder,
            territory,
            kinds,
            clock,
            "a copy of the folder",
        )?;
        let mut opened = Self::start(engine, insight, awake).await?;
        opened._owned = Some(owned);
        Ok(opened)
    }

    /// Opens all books of a folder and lets insight read up; none where it was told to stop meanwhile.
    pub async fn open_unless(
        owned: Owned,
        clock: Clock,
        stop: impl Future<Output = ()>,
    ) -> Result<Option<Self>, Failure> {
        tokio::pin!(stop);
        let node = tokio::select! {
            node = Self::open(owned, services::kinds(), clock, Awake::All) => node?,
            () = &mut stop => return Ok(None),
        };
        let early = tokio::select! {
            () = node.read_up() => false,
            () = stop => true,
        };
        if early {
            node.close().await;
            return Ok(None);
        }
        Ok(Some(node))
    }

    /// Waits until insight has read what the journals hold by now, as far as they can be read and half a minute
    /// at the most: whoever asks first is answered from all of it.
    pub async fn read_up(&self) {
        projection::read_up(self.live().engine(), &self.asker).await;
    }

    /// True while insight has not read all it could.
    pub async fn is_behind(&self) -> bool {
        let engine = self.live().engine();
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

    /// The health of what runs here, the gravest first.
    pub async fn health(&self) -> Health {
        Health::of(self.live(), &self.asker).await
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
        let mut parts = Parts::start(engine, &books, all).await?;
        let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
        let asker = insight.asker();
        let serving = serve(parts.live(), &asker, &bus, &books).await;
        parts.adopt(
            serving.map_err(|why| Failure::new(Exit::Busy, why.to_string(), "Start again."))?,
        );
        parts.project(insight);
        if all {
            parts.freeze(&asker);
            parts.deliver(Client::new(bus.clone()));
        }
        Ok(Self {
            parts,
            asker,
            bus,
            _owned: None,
        })
    }

    /// Serves what other commands ask of a running Picket besides wishes and questions.
    pub fn administer(&mut self) {
        let journal = self.live().engine().journal.clone();
        let clock = self.clock().clone();
        self.parts.run(clock::serve(self.bus.clone(), clock));
        self.parts.serve_registers(&self.bus, &journal);
        self.parts.serve_unpark(&self.bus);
        self.parts.serve_health(&self.bus, &self.asker);
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
        self.parts.live()
    }
    /// Insight.
    pub fn asker(&self) -> &Asker {
        &self.asker
    }
    /// The clock everything here goes by.
    pub fn clock(&self) -> &Clock {
        &self.live().engine().clock
    }

    /// Lets every book finish its group, then goes.
    pub async fn close(self) {
        self.parts.close().await;
    }
}

/// Answers wishes from their books and questions from the projection.
async fn serve(
    live: &Arc<Live>,
    asker: &Asker,
    bus: &Arc<dyn Bus>,
    books: &[BookName],
) -> Result<Vec<JoinHandle<()>>, BusError> {
    let mut tasks = serve_wishes(live, bus, books).await?;
    let (live, asker, client) = (live.clone(), asker.clone(), Client::new(bus.clone()));
    let answer = move |_, wanted: EdgeRequest| {
        let (live, asker, client) = (live.clone(), asker.clone(), client.clone());
        async move {
            let (now, territory) = (present(&live), &live.engine().territory);
            Some(projection::answer(&asker, &client, territory, now, wanted).await)
        }
    };
    tasks.push(picket_bus::serve_questions(bus.clone(), answer).await?);
    Ok(tasks)
}
