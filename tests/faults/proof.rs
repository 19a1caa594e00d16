//! The proof: what the journals hold against what people were told.
//!
//! It reads every journal from its first commit, with no help of the runtime: numbers are dense, each commit names
//! the hash of the one before, every id stands once, and what follows from a fact follows once.
//! It does not know what went wrong meanwhile.

use std::collections::BTreeMap;

use jiff::Timestamp;
use picket_journal::{BookName, Head, Journal as _, hash_of};
use picket_nats::NatsJournal;
use picket_schemas::courier::{Event as Told, Next};
use picket_schemas::dispatch::Event as Sheet;
use picket_schemas::escalation::{ClockKind, Event as Clock};
use picket_schemas::rectification::Event as Matter;
use picket_schemas::{Commit, Event};

use crate::county::{CITY, County};
use crate::load::Acked;
use crate::notices::Notices;

const SERVICES: [&str; 7] = [
    "registry",
    "schedule",
    "dispatch",
    "rectification",
    "escalation",
    "courier",
    "bulletin",
];

/// Every journal, as it stands.
pub(crate) struct Journals(BTreeMap<String, Vec<Commit>>);

/// Which sheet an event is about, if it is the event that is looked for.
type TaskOf = fn(&Sheet) -> Option<&str>;

/// How often something is there.
type Count = BTreeMap<String, usize>;

/// What follows from facts, checked.
#[derive(Debug, Default)]
pub(crate) struct Reactions {
    /// What has not followed, or not yet.
    pub(crate) missing: Vec<String>,
    /// What followed twice.
    pub(crate) doubled: Vec<String>,
    /// How many followed.
    pub(crate) done: usize,
}

impl Reactions {
    /// Each cause has its one effect, and no effect is without a cause.
    fn pair(&mut self, what: &str, causes: &Count, effects: &Count) {
        for (key, times) in causes {
            assert_eq!(*times, 1, "{what}: the fact {key} stands twice");
            match effects.get(key) {
                None => self.missing.push(format!("{what} {key}")),
                Some(1) => self.done += 1,
                Some(times) => self.doubled.push(format!("{what} {key}, {times} times")),
            }
        }
        self.doubled.extend(
            effects
                .keys()
                .filter(|key| !causes.contains_key(*key))
                .map(|key| format!("{what} {key}, out of nothing")),
        );
    }

    fn once(&mut self, what: &str, effects: &Count) {
        self.doubled.extend(
            effects
                .iter()
                .filter(|(_, times)| **times > 1)
                .map(|(key, times)| format!("{what} {key}, {times} times")),
        );
        self.done += effects.len();
    }
}

impl Journals {
    /// Reads all of them; a chain that is not whole fails the test.
    pub(crate) async fn read(journal: &NatsJournal) -> Self {
        let mut all = BTreeMap::new();
        let counties = County::all();
        for jurisdiction in counties
            .iter()
            .map(|county| county.code.as_str())
            .chain([CITY])
        {
            for service in SERVICES {
                let book = BookName::new(service, jurisdiction).unwrap();
                all.insert(book.to_string(), read(journal, &book).await);
            }
        }
        Self(all)
    }

    fn events(&self, service: &str, county: &str) -> impl Iterator<Item = &Event> {
        let commits = self
            .0
            .get(&format!("{service}/{county}"))
            .map(Vec::as_slice)
            .unwrap_or_default();
        commits
            .iter()
            .flat_map(|commit| &commit.entries)
            .flat_map(|entry| &entry.events)
    }

    /// How often each event that gives a key is there.
    fn count(&self, service: &str, county: &str, key: impl Fn(&Event) -> Option<String>) -> Count {
        let mut count = Count::new();
        for key in self.events(service, county).filter_map(key) {
            *count.entry(key).or_default() += 1;
        }
        count
    }

    /// Where each journal ends.
    pub(crate) fn heads(&self) -> BTreeMap<String, u64> {
        self.0
            .iter()
            .map(|(book, commits)| (book.clone(), commits.len() as u64))
            .collect()
    }

    pub(crate) fn commits(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// When each book that reacts said something.
    pub(crate) fn instants(&self, service: &str) -> impl Iterator<Item = (&str, Vec<Timestamp>)> {
        let all = self.0.iter().filter(move |(book, _)| {
            book.starts_with(service) && !book.ends_with(&format!("/{CITY}"))
        });
        all.map(|(book, commits)| {
            (
                book.as_str(),
                commits.iter().map(|commit| commit.at).collect(),
            )
        })
    }

    /// Of what was answered: how often the effect of each is there, by id. Told is also what stands twice at all.
    pub(crate) fn effects(&self, acked: &[Acked]) -> (Vec<String>, Vec<String>) {
        let mut places: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
        for (book, commits) in &self.0 {
            for commit in commits {
                let mut within = std::collections::BTreeSet::new();
                for entry in &commit.entries {
                    assert!(
                        within.insert(entry.id.as_str()),
                        "`{}` stands twice in commit {} of {book}",
                        entry.id,
                        commit.n
                    );
                    places
                        .entry(entry.id.as_str())
                        .or_default()
                        .push((book, commit.n));
                }
            }
        }
        let at = |one: &Acked| places.get(one.id.as_str()).cloned().unwrap_or_default();
        let lost = acked
            .iter()
            .filter(|one| !at(one).contains(&(one.answer.book.as_str(), one.answer.n)))
            .map(|one| one.id.clone())
            .collect();
        let doubled = acked
            .iter()
            .filter(|one| at(one).len() > 1)
            .map(|one| one.id.clone())
            .collect();
        // What nobody wished, reactions and bells, has its id from its cause; within one book that is one.
        for (id, places) in &places {
            let mut books: Vec<&str> = places.iter().map(|(book, _)| *book).collect();
            books.sort_unstable();
            let before = books.len();
            books.dedup();
            assert_eq!(
                before,
                books.len(),
                "`{id}` stands twice in one book: {places:?}"
            );
        }
        (lost, doubled)
    }

    /// Books that stumbled over something and wait for a person; none should.
    pub(crate) fn parked(&self) -> Vec<String> {
        let stumbled = |commit: &&Commit| {
            commit
                .entries
                .iter()
                .flat_map(|entry| &entry.events)
                .any(|event| matches!(event.kind(), "cursor.parked" | "bell.parked"))
        };
        self.0
            .iter()
            .flat_map(|(book, commits)| {
                commits
                    .iter()
                    .filter(stumbled)
                    .map(move |commit| format!("{book} in commit {}", commit.n))
            })
            .collect()
    }

    /// What follows from what was done, of all counties.
    pub(crate) fn reactions(&self) -> Reactions {
        let mut all = Reactions::default();
        for county in County::all() {
            let code = county.code.as_str();
            self.found(code, &mut all);
            self.clocks(code, &mut all);
            self.notices(code, &mut all);
        }
        all
    }

    fn found(&self, code: &str, all: &mut Reactions) {
        let places = self.count("dispatch", code, |event| match event {
            Event::Dispatch(Sheet::PlaceReported { place, .. }) => Some(format!("{code}/{place}")),
            Event::Dispatch(Sheet::RowFound { task, row, .. }) => {
                Some(format!("{code}/{task}/{row}"))
            }
            _ => None,
        });
        let reports = self.count("rectification", code, |event| match event {
            Event::Rectification(Matter::ReportReceived {
                place: Some(place), ..
            }) => Some(format!("{code}/{place}")),
            Event::Rectification(Matter::ReportReceived {
                task: Some(task),
                row: Some(row),
                ..
            }) => Some(format!("{code}/{task}/{row}")),
            _ => None,
        });
        all.pair("the report of", &places, &reports);
    }

    fn clocks(&self, code: &str, all: &mut Reactions) {
        let started = |of: ClockKind| {
            self.count("escalation", code, |event| match event {
                Event::Escalation(Clock::ClockStarted { kind, on, .. }) if *kind == of => {
                    Some(format!("{code}/{on}"))
                }
                _ => None,
            })
        };
        let sheets = |of: TaskOf| {
            self.count("dispatch", code, |event| match event {
                Event::Dispatch(event) => of(event).map(|task| format!("{code}/{task}")),
                _ => None,
            })
        };
        let leads = self.count("rectification", code, |event| match event {
            Event::Rectification(Matter::LeadOpened { lead, .. }) => Some(format!("{code}/{lead}")),
            _ => None,
        });
        let of_task: [(&str, ClockKind, TaskOf); 3] = [
            ("the clock for taking", ClockKind::TaskAccept, |event| {
                if let Sheet::TaskIssued { task, .. } = event {
                    Some(task.as_str())
                } else {
                    None
                }
            }),
            ("the clock for handing in", ClockKind::TaskSubmit, |event| {
                if let Sheet::TaskAccepted { task, .. } = event {
                    Some(task.as_str())
                } else {
                    None
                }
            }),
            (
                "the clock for the review of",
                ClockKind::TaskReview,
                |event| {
                    if let Sheet::TaskSubmitted { task, .. } = event {
                        Some(task.as_str())
                    } else {
                        None
                    }
                },
            ),
        ];
        for (what, kind, of) in of_task {
            all.pair(what, &sheets(of), &started(kind));
        }
        all.pair(
            "the clock for screening",
            &leads,
            &started(ClockKind::LeadScreen),
        );
    }

    /// Whoever must be told is told once, and every notice ends at most once.
    fn notices(&self, code: &str, all: &mut Reactions) {
        let queued = self.count("courier", code, |event| match event {
            Event::Courier(Told::NoticeQueued {
                to,
                kind,
                about,
                cause,
                ..
            }) => Some(format!("{cause} {kind:?} {about} to {to}")),
            _ => None,
        });
        all.once("the notice", &queued);
        let handed = self.count("courier", code, |event| match event {
            Event::Courier(Told::NoticeHanded {
                notice, attempt, ..
            }) => Some(format!("{code}/{notice} attempt {attempt}")),
            _ => None,
        });
        all.once("handed over:", &handed);
        let mut ended = Count::new();
        for event in self.events("courier", code) {
            let (notice, also): (_, &[_]) = match event {
                Event::Courier(
                    Told::NoticeSent { notice, also, .. }
                    | Told::NoticeUnknown { notice, also, .. }
                    | Told::NoticeFailed {
                        notice,
                        also,
                        next: Some(Next::Never),
                        ..
                    },
                ) => (notice, also),
                Event::Courier(Told::NoticeSuppressed { notice, .. }) => (notice, &[]),
                _ => continue,
            };
            for one in std::iter::once(notice).chain(also) {
                *ended.entry(format!("{code}/{one}")).or_default() += 1;
            }
        }
        all.once("the end of notice", &ended);
        let offers = self.count("courier", code, |event| match event {
            Event::Courier(Told::NoticeQueued {
                about,
                kind: picket_schemas::courier::NoticeKind::Offer,
                ..
            }) => Some(format!(
                "{code}/{}",
                picket_schemas::split_id(about.as_str()).1
            )),
            _ => None,
        });
        let issued = self.count("dispatch", code, |event| match event {
            Event::Dispatch(Sheet::TaskIssued { task, .. }) => Some(format!("{code}/{task}")),
            _ => None,
        });
        all.pair("the offer of", &issued, &offers);
    }

    /// What became of each notice.
    pub(crate) fn told(&self) -> Notices {
        let mut notices = Notices::default();
        for county in County::all() {
            let code = county.code.as_str();
            for commit in self.0.get(&format!("courier/{code}")).into_iter().flatten() {
                for event in commit.entries.iter().flat_map(|entry| &entry.events) {
                    if let Event::Courier(event) = event {
                        notices.hear(code, commit.at, event);
                    }
                }
            }
        }
        notices
    }

    /// The figures of a county, counted from its journals by hand.
    pub(crate) fn figures(&self, code: &str) -> BTreeMap<&'static str, i64> {
        let dispatch = |of: fn(&Sheet) -> bool| {
            self.events("dispatch", code)
                .filter(|event| matches!(event, Event::Dispatch(event) if of(event)))
                .count()
        };
        let leads = self
            .events("rectification", code)
            .filter(|event| matches!(event, Event::Rectification(Matter::LeadOpened { .. })))
            .count();
        let counted = [
            ("leads", leads),
            ("raw_reports", leads),
            (
                "tasks_issued",
                dispatch(|event| matches!(event, Sheet::TaskIssued { .. })),
            ),
            (
                "tasks_accepted",
                dispatch(|event| matches!(event, Sheet::TaskAccepted { .. })),
            ),
            (
                "tasks_submitted",
                dispatch(|event| matches!(event, Sheet::TaskSubmitted { .. })),
            ),
            (
                "visits",
                dispatch(|event| matches!(event, Sheet::RowFilled { .. })),
            ),
        ];
        counted
            .into_iter()
            .map(|(key, count)| (key, i64::try_from(count).unwrap()))
            .collect()
    }
}

/// The same figures, counted from what people were answered.
pub(crate) fn figures_of(acked: &[Acked], code: &str) -> BTreeMap<&'static str, i64> {
    let count = |of: &dyn Fn(&Acked) -> bool| {
        i64::try_from(
            acked
                .iter()
                .filter(|one| one.county == code && of(one))
                .count(),
        )
        .unwrap()
    };
    let verb = |verb: &'static str| count(&|one| one.verb == verb);
    let leads = count(&|one| one.opens);
    [
        ("leads", leads),
        ("raw_reports", leads),
        ("tasks_issued", verb("dispatch.issue_batch")),
        ("tasks_accepted", verb("dispatch.accept_task")),
        ("tasks_submitted", verb("dispatch.submit_task")),
        ("visits", verb("dispatch.fill_row")),
    ]
    .into()
}

async fn read(journal: &NatsJournal, book: &BookName) -> Vec<Commit> {
    let (mut head, mut commits) = (Head::default(), Vec::new());
    loop {
        let page = journal.read(book, &head, 1_024).await.unwrap();
        if page.is_empty() {
            return commits;
        }
        for stored in page {
            let commit = Commit::decode(&stored.bytes).unwrap();
            let next = (commit.book.as_str(), commit.n, commit.prev.as_str());
            assert_eq!(
                next,
                (
                    book.to_string().as_str(),
                    head.number + 1,
                    head.hash.as_str()
                ),
                "the chain of `{book}` is whole"
            );
            assert_eq!(
                stored.head.hash,
                hash_of(&stored.bytes),
                "commit {} of `{book}`",
                commit.n
            );
            head = stored.head;
            commits.push(commit);
        }
    }
}
