//! The parts of a node: the books of an engine, and what runs around them, each started here and nowhere else.
//!
//! [`crate::embedded`] and [`crate::clustered`] choose among them. This knows neither where facts are kept nor who may
//! reach the books: engine, bus and files arrive ready.

use std::sync::Arc;

use jiff::Timestamp;
use picket_bus::{Bus, BusError, Client, EdgeReply, EdgeRequest};
use picket_calendar::Calendar;
use picket_journal::{BookName, Journal};
use picket_runtime::{Clock, Engine, HighWater, Live, ServiceKind};
use picket_schemas::registry::Territory;
use picket_schemas::{Command, CommandId, Jurisdiction, Problem, Refusal, Wish};
use tokio::task::JoinHandle;

use crate::admin::{health, registers, unpark};
use crate::delivery;
use crate::folder::{Folder, snapshots};
use crate::problem::{Exit, Failure, cannot_keep};
use crate::projection::{Asker, InsightThread, feeding, freezing};

/// The engine of a folder, with the marks of what was seen and the snapshots that lie in it. `compare` names what a person
/// compares the folder with where its marks cannot be read.
pub(crate) fn engine(
    journal: Arc<dyn Journal>,
    folder: &Folder,
    territory: Territory,
    kinds: Vec<ServiceKind>,
    clock: Clock,
    compare: &str,
) -> Result<Engine, Failure> {
    let marks = HighWater::open(&folder.highwater()).map_err(|error| {
        let hint =
            format!("Delete nothing: compare with {compare}, then let `picket verify` look.");
        Failure::new(Exit::Storage, error.to_string(), hint)
    })?;
    let engine = Engine::new(journal, territory, kinds, clock, Calendar::china());
    Ok(engine.with_marks(marks).with_snapshots(snapshots(folder)))
}

/// The parts that were started, however far that came. When this is dropped nothing of them goes on, and their files
/// are free for the next node of this process, whoever still answers a last question with what this one kept.
pub(crate) struct Parts {
    live: Arc<Live>,
    projection: Option<InsightThread>,
    tasks: Vec<JoinHandle<()>>,
}

impl Parts {
    /// Starts these books of an engine. Bells ring only where `rings` says so.
    pub(crate) async fn start(
        engine: Arc<Engine>,
        books: &[BookName],
        rings: bool,
    ) -> Result<Self, Failure> {
        let live = Live::start(engine, books, rings).await;
        Ok(Self {
            live: Arc::new(live.map_err(cannot_keep)?),
            projection: None,
            tasks: Vec::new(),
        })
    }

    /// The books that are kept.
    pub(crate) fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// A way to ask the projection, where there is one.
    pub(crate) fn asker(&self) -> Option<Asker> {
        self.projection.as_ref().map(InsightThread::asker)
    }

    fn engine(&self) -> Arc<Engine> {
        self.live.engine().clone()
    }

    /// Runs a side task until the parts end.
    pub(crate) fn run(&mut self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.push(tokio::spawn(task));
    }

    /// Takes side tasks that run already, to end with the parts.
    pub(crate) fn adopt(&mut self, tasks: impl IntoIterator<Item = JoinHandle<()>>) {
        self.tasks.extend(tasks);
    }

    /// Feeds a projection from every journal.
    pub(crate) fn project(&mut self, projection: InsightThread) -> Asker {
        let asker = self.projection.insert(projection).asker();
        let feeding = feeding::feed(self.engine(), asker.clone(), self.live.clone());
        self.run(feeding);
        asker
    }

    /// Settles bulletins from the projection.
    pub(crate) fn freeze(&mut self, asker: &Asker) {
        let freezing = freezing::freeze(self.engine(), asker.clone(), self.live.clone());
        self.run(freezing);
    }

    /// Delivers the notices that courier hands over in this process.
    pub(crate) fn deliver(&mut self, client: Client) {
        let delivering = delivery::carry(self.engine(), self.live.clone(), client);
        self.run(delivering);
    }

    /// Says how books and projection are.
    pub(crate) fn serve_health(&mut self, bus: &Arc<dyn Bus>, asker: &Asker) {
        self.run(health::serve(bus.clone(), self.live.clone(), asker.clone()));
    }

    /// Says what registries define, for imports.
    pub(crate) fn serve_registers(&mut self, bus: &Arc<dyn Bus>, journal: &Arc<dyn Journal>) {
        let territory = self.live.engine().territory.clone();
        self.run(registers::serve(bus.clone(), journal.clone(), territory));
    }

    /// Lets a person's word unpark books.
    pub(crate) fn serve_unpark(&mut self, bus: &Arc<dyn Bus>) {
        self.run(unpark::serve(bus.clone(), self.live.clone()));
    }

    /// Lets every book finish its group, then ends.
    pub(crate) async fn close(self) {
        self.live.stop().await;
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        if let Some(projection) = self.projection.take() {
            projection.close();
        }
        self.live.engine().close_marks();
    }
}

/// The addresses of books on a bus: each by its service and its jurisdiction.
pub(crate) fn addresses(books: &[BookName]) -> Vec<(String, Jurisdiction)> {
    let address = |book: &BookName| {
        (
            book.service().to_owned(),
            Jurisdiction::from(book.jurisdiction()),
        )
    };
    books.iter().map(address).collect()
}

/// Answers wishes for these books, as long as the tasks run.
pub(crate) async fn serve_wishes(
    live: &Arc<Live>,
    bus: &Arc<dyn Bus>,
    books: &[BookName],
) -> Result<Vec<JoinHandle<()>>, BusError> {
    let live = live.clone();
    let answer = move |jurisdiction: Option<Jurisdiction>, wanted: EdgeRequest| {
        let live = live.clone();
        async move { Some(answer_wish(&live, jurisdiction, wanted).await) }
    };
    picket_bus::serve_books(bus.clone(), &addresses(books), answer).await
}

/// The present instant, never earlier than what is written.
pub(crate) fn present(live: &Live) -> Timestamp {
    let now = live.engine().clock.now();
    now.max(live.last_commit().unwrap_or(Timestamp::MIN))
}

/// Answers a wish, from its book.
pub(crate) async fn answer_wish(
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
