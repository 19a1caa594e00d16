//! The desk: a data folder with its books awake, insight beside them, and everybody reaching them over one bus.
//!
//! `picket up`, and every command that opens the folder itself, sits at a desk. It wires parts together
//! and decides nothing.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use picket_bus::{Bus, Client, EdgeRequest, MemoryBus};
use picket_calendar::Calendar;
use picket_journal::{BookName, Journal};
use picket_runtime::{Clock, Engine, HighWater, Live, ServiceKind};
use picket_schemas::Jurisdiction;
use tokio::task::JoinHandle;

use crate::admin::health::Health;
use crate::delivery;
use crate::folder::{Owned, open_journal, snapshots};
use crate::parts::answer_wish;
use crate::problem::{Exit, Failure, cannot_keep};
use crate::projection::{self, Asker, InsightThread, feeding, freezing};

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
        projection::read_up(self.live.engine(), &self.asker).await;
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
        tasks.push(tokio::spawn(feeding::feed(
            engine.clone(),
            asker.clone(),
            live.clone(),
        )));
        if all {
            tasks.push(tokio::spawn(freezing::freeze(
                engine.clone(),
                asker.clone(),
                live.clone(),
            )));
            tasks.push(tokio::spawn(delivery::carry(engine, live.clone(), client)));
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
    let answer = move |jurisdiction: Option<Jurisdiction>, wanted: EdgeRequest| {
        let live = keeps.clone();
        async move { Some(answer_wish(&live, jurisdiction, wanted).await) }
    };
    let mut tasks = picket_bus::serve_books(bus.clone(), &books, answer)
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
            Some(projection::answer(&asker, &client, &live.engine().territory, now, wanted).await)
        }
    };
    tasks.push(
        picket_bus::serve_questions(bus.clone(), answer_question)
            .await
            .map_err(failed)?,
    );
    Ok(tasks)
}
