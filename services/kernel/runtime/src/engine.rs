//! The office: what all keepers of a process share, and the one step every driver takes with a keeper.
//!
//! A step pulls what the journals say, lets the keeper decide a group, appends it surely and makes it known.
//! The live driver and the lockstep of a replay differ only in when they take it.

mod cannot;
mod opening;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use jiff::Timestamp;
use picket_calendar::Calendar;
use picket_journal::{BookName, Head, Journal, Outcome, Patience, ReadError, append_surely};
use picket_schemas::commit::Undecodable;
use picket_schemas::registry::Territory;
use picket_schemas::{Answer, Commit, Jurisdiction, Problem, Refusal, Wish};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::decoded::{Damaged, Decoded};
use crate::highwater::HighWater;
use crate::hub::Hub;
use crate::keeper::{Append, Culprit};
use crate::kind::{Kept, ServiceKind};
use crate::layers::Layers;
use crate::snapshots::Snapshots;

pub use cannot::CannotKeep;

/// Commits read at a time.
const CHUNK: usize = 1_024;
/// About how many commits of one journal a keeper takes in hand at a time.
const IN_HAND: usize = 4_096;
/// How long what is stored in the journals a book reads may take to be known here, until the store is read.
const ARRIVING: Duration = Duration::from_millis(250);

/// The code of an answer for nobody's ears: another process wrote the book meanwhile, so that nothing was decided.
/// Whoever hears it asks again under the same id.
pub const LOST_RACE: &str = "lost_race";

/// What all keepers of a process share.
pub struct Office {
    /// Where facts are kept.
    pub journal: Arc<dyn Journal>,
    /// What this process has seen appended.
    pub hub: Arc<Hub>,
    /// Which jurisdictions there are.
    pub territory: Territory,
    /// The services, in the order they run in a replay.
    pub kinds: Vec<ServiceKind>,
    /// The clock.
    pub clock: Clock,
    /// How long an append may take.
    pub patience: Patience,
    /// Whether nobody else keeps books of this journal: what is found appended was appended from here.
    alone: bool,
    layers: Arc<Layers>,
    calendar: Calendar,
    marks: Option<Arc<HighWater>>,
    pub(crate) snapshots: Option<Arc<Snapshots>>,
    /// What the store said when it last did not save something; nothing once it does again.
    unsaved: Mutex<Option<String>>,
    /// Books that broke in this process: they are folded from their first commit on.
    broken: Mutex<BTreeSet<BookName>>,
    /// Books that only a later version can keep, since they or what they read need it.
    outdated: watch::Sender<BTreeSet<BookName>>,
}

/// What a step came to.
#[derive(Debug)]
pub(crate) struct Stepped {
    /// One for each wish that was taken, in order.
    pub(crate) answers: Vec<Result<Answer, Problem>>,
    /// Something was appended.
    pub(crate) wrote: bool,
    /// There is more to do at once.
    pub(crate) more: bool,
    /// The keeper must be dropped and folded anew.
    pub(crate) gone: Option<Gone>,
    /// The store did not do what it was asked; trying again at once would help nobody.
    pub(crate) failed: bool,
    /// The next step may take only so many of the same wishes: the one after them breaks the book.
    pub(crate) only: Option<usize>,
}

/// A group that was decided: what came of it, and what must be in the journal before anybody hears of it.
#[derive(Debug)]
pub(crate) struct Decided {
    pub(crate) stepped: Stepped,
    pub(crate) append: Option<Append>,
}

/// A commit on its way to the store.
#[derive(Debug)]
pub(crate) struct Flight {
    pub(crate) outcome: JoinHandle<Outcome>,
    pub(crate) commit: Commit,
}

/// How a pull came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pulled {
    /// Everything up to the ends is in hand.
    All,
    /// There is more, for another step.
    More,
    /// The store could not be asked.
    Failed,
}

/// Why a keeper was dropped.
#[derive(Debug)]
pub(crate) enum Gone {
    /// Its memory is ahead of the journal, or no longer to be trusted; the journal is sound.
    FoldAgain,
    /// The same, and commit `n` of this journal (a bell, where the name is empty) broke it: it is parked next.
    Park {
        journal: String,
        n: u64,
        why: String,
    },
    /// The journal lost facts: the book stops.
    Lost(u64),
}

impl Office {
    /// An office over a journal.
    pub fn new(
        journal: Arc<dyn Journal>,
        territory: Territory,
        kinds: Vec<ServiceKind>,
        clock: Clock,
        calendar: Calendar,
    ) -> Self {
        Self {
            journal,
            hub: Arc::default(),
            territory,
            kinds,
            clock,
            patience: Patience::default(),
            alone: true,
            layers: Arc::default(),
            calendar,
            marks: None,
            snapshots: None,
            unsaved: Mutex::default(),
            broken: Mutex::default(),
            outdated: watch::Sender::default(),
        }
    }

    /// Other processes keep books of this journal too.
    #[must_use]
    pub fn among_others(mut self) -> Self {
        self.alone = false;
        self
    }

    /// Keeps a high-water mark as well.
    #[must_use]
    pub fn with_marks(mut self, marks: HighWater) -> Self {
        self.marks = Some(Arc::new(marks));
        self
    }

    /// Keeps snapshots as well, and starts from them.
    #[must_use]
    pub fn with_snapshots(mut self, snapshots: Snapshots) -> Self {
        self.snapshots = Some(Arc::new(snapshots));
        self
    }

    /// The high-water marks, for who sees commits without keeping their books. They end with the office.
    pub fn marks(&self) -> Weak<HighWater> {
        self.marks.as_ref().map(Arc::downgrade).unwrap_or_default()
    }

    /// Writes the high-water marks for the last time, whoever still holds this office: the file is free for another.
    pub fn close_marks(&self) {
        if let Some(marks) = &self.marks {
            marks.close();
        }
    }

    /// Whether a journal lacks what this process once saw of it.
    pub async fn has_lost(&self, book: &BookName) -> bool {
        let Some((number, hash)) = self
            .marks
            .as_ref()
            .and_then(|marks| marks.mark(book.as_str()))
        else {
            return false;
        };
        let seen = Head {
            number,
            hash,
            position: String::new(),
        };
        matches!(
            self.journal.read(book, &seen, 1).await,
            Err(ReadError::Shortened { .. })
        )
    }

    /// Books kept here that only a later version can keep.
    pub fn outdated(&self) -> watch::Receiver<BTreeSet<BookName>> {
        self.outdated.subscribe()
    }

    /// Somebody upgraded must keep this book. Where nobody else can there is nobody to give it to.
    pub(crate) fn give_to_a_later_version(&self, book: &BookName) -> bool {
        if !self.alone {
            self.outdated
                .send_if_modified(|outdated| outdated.insert(book.clone()));
        }
        !self.alone
    }

    fn broke(&self, book: &BookName) -> bool {
        self.broken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(book)
    }

    /// Why nobody is answered when another process wrote the book meanwhile.
    fn lost_race(&self) -> Problem {
        if self.alone {
            return Refusal::Busy {
                retry_ms: "100".into(),
            }
            .problem();
        }
        Problem::new(
            LOST_RACE,
            "another process wrote this book meanwhile",
            "Ask again under the same id.",
        )
    }

    /// Why nothing can be saved at present, as the store says it.
    pub fn unsaved(&self) -> Option<String> {
        self.unsaved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Every book of the territory, in the order they run.
    pub fn books(&self) -> Vec<BookName> {
        let of = |kind: &ServiceKind| {
            self.territory
                .jurisdictions
                .keys()
                .filter_map(|jurisdiction| book_name(kind.name, jurisdiction).ok())
                .collect::<Vec<_>>()
        };
        self.kinds.iter().flat_map(of).collect()
    }

    /// The journals a book reads.
    pub fn reads(&self, book: &BookName) -> Vec<BookName> {
        let journals = self
            .kind(book.service())
            .map(|kind| kind.journals(book, &self.territory))
            .unwrap_or_default();
        journals
            .iter()
            .filter_map(|journal| parse(journal).ok())
            .collect()
    }

    pub(crate) fn kind(&self, service: &str) -> Option<&ServiceKind> {
        self.kinds.iter().find(|kind| kind.name == service)
    }

    /// Hands a keeper what the journals it reads have to say. With `strict` the store itself is asked where
    /// they end, which a bell needs; otherwise what this process has seen is enough.
    pub(crate) async fn pull(&self, keeper: &mut dyn Kept, strict: bool) -> Pulled {
        let reads = keeper.reads(&|journal, held| strict || self.hub.number(journal) > held);
        let mut pulled = Pulled::All;
        let arriving = tokio::time::Instant::now() + ARRIVING;
        let ends: Vec<Option<Head>> = if strict {
            let names: Vec<BookName> = reads
                .iter()
                .filter_map(|(journal, _)| parse(journal).ok())
                .collect();
            match self.journal.last(&names).await {
                Ok(heads) => heads.into_iter().map(Some).collect(),
                Err(_) => return Pulled::Failed,
            }
        } else {
            vec![None; reads.len()]
        };
        for ((journal, held), end) in reads.into_iter().zip(ends) {
            if let Some(end) = end
                .as_ref()
                .filter(|end| !self.alone && end.number > held.number)
            {
                self.hub.reaches(&journal, end.number, arriving).await;
            }
            let known = self.hub.number(&journal);
            // It ends before what was read of it, or with something else: the store itself says what became of that.
            let short = end.as_ref().is_some_and(|end| {
                end.number < held.number
                    || (end.number == held.number && !end.is_same_commit(&held))
            });
            let end = if short {
                held.number + 1
            } else {
                end.map_or(known, |end| end.number)
            };
            if end <= held.number {
                continue;
            }
            let from_hub = if known >= end {
                self.hub.after(&journal, held.number)
            } else {
                None
            };
            match from_hub {
                Some(commits) => {
                    for commit in commits {
                        let n = commit.head.number;
                        if !keeper.offer(commit) {
                            keeper.park_reading(&journal, n, NOT_THE_NEXT);
                            break;
                        }
                    }
                }
                None => match self
                    .pull_from_store(keeper, &journal, held, end, strict)
                    .await
                {
                    Pulled::All => {}
                    Pulled::More => pulled = Pulled::More,
                    Pulled::Failed => return Pulled::Failed,
                },
            }
        }
        pulled
    }

    async fn pull_from_store(
        &self,
        keeper: &mut dyn Kept,
        journal: &str,
        mut held: Head,
        end: u64,
        strict: bool,
    ) -> Pulled {
        let Ok(name) = parse(journal) else {
            return Pulled::Failed;
        };
        let mut in_hand = 0;
        while held.number < end {
            if in_hand >= IN_HAND {
                return Pulled::More;
            }
            // No further than asked: what lies beyond may be damaged, and is for whoever must know it.
            let missing = usize::try_from(end - held.number).unwrap_or(CHUNK);
            match self.journal.read(&name, &held, missing.min(CHUNK)).await {
                // The store said that it goes on. Whoever answers now does not have all yet, and no bell is decided upon that.
                Ok(read) if read.is_empty() => {
                    return if strict { Pulled::Failed } else { Pulled::All };
                }
                Ok(read) => {
                    in_hand += read.len();
                    for stored in &read {
                        let n = held.number + 1;
                        match Decoded::check(journal, &held, stored) {
                            Ok(commit) => {
                                held = commit.head.clone();
                                if !keeper.offer(Arc::new(commit)) {
                                    keeper.park_reading(journal, n, NOT_THE_NEXT);
                                    return Pulled::All;
                                }
                            }
                            Err(Damaged::Undecodable(Undecodable::Newer { .. }))
                                if self.give_to_a_later_version(keeper.name()) =>
                            {
                                return Pulled::Failed;
                            }
                            Err(why) => {
                                keeper.park_reading(journal, n, &why.to_string());
                                return Pulled::All;
                            }
                        }
                    }
                }
                Err(ReadError::Shortened { .. }) => {
                    keeper.park_reading(
                        journal,
                        held.number + 1,
                        "the journal no longer holds what was read before",
                    );
                    return Pulled::All;
                }
                Err(ReadError::Unavailable(_)) => return Pulled::Failed,
            }
        }
        Pulled::All
    }

    /// Lets a parked keeper go on; with `skip`, past the commit it stumbled over. `None` where it cannot.
    pub(crate) async fn unpark(
        &self,
        keeper: &mut dyn Kept,
        by: &str,
        skip: bool,
    ) -> Option<Stepped> {
        let passed = match keeper.stumbled().filter(|_| skip) {
            Some((journal, head)) => Some(
                self.journal
                    .read(&parse(&journal).ok()?, &head, 1)
                    .await
                    .ok()?
                    .pop()?
                    .head,
            ),
            None => None,
        };
        let append = keeper.unpark(self.clock.now(), by, passed.as_ref())?;
        Some(self.append(keeper, append, Vec::new(), true, 0).await)
    }

    /// One step: pull, decide, append, make known. Without `awake` the store is asked where journals end,
    /// since nobody in this process keeps them, and no bell rings.
    pub(crate) async fn step(
        &self,
        keeper: &mut dyn Kept,
        wishes: &[Wish],
        awake: bool,
    ) -> Stepped {
        let Decided { stepped, append } = self.decide(keeper, wishes, awake).await;
        match append {
            Some(append) => {
                let failed = stepped.failed;
                let mut appended = self
                    .append(keeper, append, stepped.answers, stepped.more, wishes.len())
                    .await;
                appended.failed |= failed;
                appended
            }
            None => self.confirmed(keeper, stepped).await,
        }
    }

    /// A step without a wish that asks the store itself where journals end.
    pub(crate) async fn look(&self, keeper: &mut dyn Kept) -> Stepped {
        let pulled = self.pull(keeper, true).await;
        let mut stepped = self.step(keeper, &[], true).await;
        stepped.more |= pulled == Pulled::More;
        stepped.failed |= pulled == Pulled::Failed;
        stepped
    }

    /// Whether a bell of this book rings at an instant.
    pub(crate) fn rings(&self, keeper: &dyn Kept, now: Timestamp) -> bool {
        !self.clock.held() && keeper.due().is_some_and(|due| due <= now)
    }

    /// Pulls and lets the keeper decide a group. Nothing is appended and nobody may be answered yet.
    pub(crate) async fn decide(
        &self,
        keeper: &mut dyn Kept,
        wishes: &[Wish],
        awake: bool,
    ) -> Decided {
        // A laptop that slept, or a clock that was set: looked at before any bell.
        self.clock.check(None);
        let now = self.clock.now();
        let ring = awake && self.rings(keeper, now);
        let pulled = self.pull(keeper, ring || !awake).await;
        // Far behind, it reads first: neither a bell nor a wish is decided before.
        let taken = if pulled == Pulled::More { &[] } else { wishes };
        let group = keeper.group(now, ring && pulled == Pulled::All, taken);
        if let Some(culprit) = group.broken {
            self.broken
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(keeper.name().clone());
            let mut stepped = Stepped {
                answers: Vec::new(),
                wrote: false,
                more: true,
                gone: Some(Gone::FoldAgain),
                failed: false,
                only: None,
            };
            match culprit {
                // Alone at last: nobody else's wish went with it.
                Culprit::Wish(0) => {
                    let what = wishes
                        .first()
                        .map_or("", |wish| wish.command.verb())
                        .to_owned();
                    stepped
                        .answers
                        .push(Err(Refusal::Broken { what }.problem()));
                }
                Culprit::Wish(before) => stepped.only = Some(before),
                Culprit::Reading { journal, n, why } => {
                    stepped.gone = Some(Gone::Park { journal, n, why })
                }
            }
            return Decided {
                stepped,
                append: None,
            };
        }
        let more = group.more || pulled == Pulled::More;
        let stepped = Stepped {
            answers: group.answers,
            wrote: false,
            more,
            gone: None,
            failed: pulled == Pulled::Failed,
            only: None,
        };
        Decided {
            stepped,
            append: group.append,
        }
    }

    /// A step with nothing to append: its answers hold only if the journal still ends where the keeper stands.
    pub(crate) async fn confirmed(&self, keeper: &mut dyn Kept, mut stepped: Stepped) -> Stepped {
        if stepped.answers.is_empty() || stepped.gone.is_some() {
            return stepped;
        }
        let (name, head) = (keeper.name().clone(), keeper.head().clone());
        if let Some((problem, gone)) = self.confirm(&name, &head).await {
            stepped.answers = vec![Err(problem); stepped.answers.len()];
            stepped.failed = true;
            stepped.gone = Some(gone);
        }
        stepped
    }

    /// Nothing to write: the answers hold only if the head is still the last.
    async fn confirm(&self, name: &BookName, head: &Head) -> Option<(Problem, Gone)> {
        let unknown = || Refusal::OutcomeUnknown.problem();
        let Ok(last) = self.journal.last(std::slice::from_ref(name)).await else {
            return Some((unknown(), Gone::FoldAgain));
        };
        let last = last.into_iter().next().unwrap_or_default();
        if last.is_same_commit(head) {
            return None;
        }
        Some(match self.journal.read(name, head, 1).await {
            Err(ReadError::Shortened { .. }) => (unknown(), Gone::Lost(head.number)),
            Ok(_) if !self.alone => (self.lost_race(), Gone::FoldAgain),
            Ok(_) | Err(ReadError::Unavailable(_)) => (unknown(), Gone::FoldAgain),
        })
    }

    /// Appends a commit and makes it known. `waiting` wishes wait at all: when it goes wrong, and none of them was
    /// in the group yet, they all hear so.
    pub(crate) async fn append(
        &self,
        keeper: &mut dyn Kept,
        append: Append,
        answers: Vec<Result<Answer, Problem>>,
        more: bool,
        waiting: usize,
    ) -> Stepped {
        let Append {
            bytes,
            hash,
            commit,
        } = append;
        let (name, before) = (keeper.name().clone(), keeper.head().clone());
        let outcome = append_surely(
            self.journal.as_ref(),
            &name,
            &before,
            &hash,
            bytes.into(),
            &self.patience,
        )
        .await;
        match self.landed(keeper, commit, outcome) {
            Ok(()) => Stepped {
                answers,
                wrote: true,
                more,
                gone: None,
                failed: false,
                only: None,
            },
            Err(lost) => {
                let (problem, gone) = *lost;
                let hear = if answers.is_empty() {
                    waiting
                } else {
                    answers.len()
                };
                Stepped {
                    answers: vec![Err(problem); hear],
                    wrote: false,
                    more: true,
                    gone: Some(gone),
                    failed: true,
                    only: None,
                }
            }
        }
    }

    /// Sends a commit on its way to the store; the keeper may decide the next group meanwhile.
    pub(crate) fn launch(self: &Arc<Self>, name: BookName, before: Head, append: Append) -> Flight {
        let Append {
            bytes,
            hash,
            commit,
        } = append;
        let office = self.clone();
        let outcome = tokio::spawn(async move {
            append_surely(
                office.journal.as_ref(),
                &name,
                &before,
                &hash,
                bytes.into(),
                &office.patience,
            )
            .await
        });
        Flight { outcome, commit }
    }

    /// What became of a commit: it is made known, or the group hears why not and the keeper is dropped.
    pub(crate) fn landed(
        &self,
        keeper: &mut dyn Kept,
        commit: Commit,
        outcome: Outcome,
    ) -> Result<(), Box<(Problem, Gone)>> {
        let name = keeper.name().clone();
        let unsaved = match &outcome {
            Outcome::NotSaved(why) => Some(why.to_string()),
            Outcome::StillUnknown => {
                Some("it is not known whether the store has what it was given last".to_owned())
            }
            Outcome::Done(_) | Outcome::NotMine { .. } | Outcome::Shortened { .. } => None,
        };
        *self.unsaved.lock().unwrap_or_else(PoisonError::into_inner) = unsaved;
        Err(Box::new(match outcome {
            Outcome::Done(head) => {
                let commit = Arc::new(Decoded {
                    commit: Arc::new(commit),
                    head,
                });
                keeper.committed(&commit);
                if let Some(marks) = &self.marks {
                    marks.saw(name.as_str(), &commit.head);
                }
                self.hub.publish_own(&commit);
                return Ok(());
            }
            Outcome::NotSaved(why) => (
                Refusal::NotSaved {
                    why: why.to_string(),
                }
                .problem(),
                Gone::FoldAgain,
            ),
            Outcome::NotMine { .. } => (self.lost_race(), Gone::FoldAgain),
            Outcome::StillUnknown => (Refusal::OutcomeUnknown.problem(), Gone::FoldAgain),
            Outcome::Shortened { .. } => {
                let why = "its journal lost facts".to_owned();
                (
                    Refusal::Stopped {
                        book: name.to_string(),
                        why,
                    }
                    .problem(),
                    Gone::Lost(commit.n.saturating_sub(1)),
                )
            }
        }))
    }
}

/// Why a commit is not taken from a journal.
const NOT_THE_NEXT: &str = "it does not follow what was read before";

pub(crate) fn parse(journal: &str) -> Result<BookName, CannotKeep> {
    BookName::parse(journal).map_err(|_| CannotKeep::NoBook(journal.to_owned()))
}

/// The name of a service's book of a jurisdiction.
pub fn book_name(service: &str, jurisdiction: &Jurisdiction) -> Result<BookName, CannotKeep> {
    BookName::new(service, jurisdiction.as_str())
        .map_err(|_| CannotKeep::NoBook(format!("{service}/{jurisdiction}")))
}

/// The latest instant written in any of the books, where there is one.
pub(crate) fn latest(instants: impl Iterator<Item = Timestamp>) -> Option<Timestamp> {
    instants.filter(|at| *at > Timestamp::MIN).max()
}
