//! A story: the load goes on while one fault after the other strikes, and at the end everything is counted.
//!
//! It measures for each fault the longest time in which a book answered nobody, or nothing followed from facts.
//! Which faults strike is told in `main.rs`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use picket_bus::EdgeReply;
use picket_harness::{Chance, Nats};
use picket_nats::{Client, JournalSettings, NatsAccess, NatsJournal, connect};
use picket_schemas::ask::{Question, View, Viewer};
use picket_schemas::{Wish, courier};
use tokio::time::{Instant, sleep};

use crate::cluster::{Cluster, JOURNAL, Plan};
use crate::county::{COUNTIES, County};
use crate::load::{Acked, Load};
use crate::notices::{Chat, Notices};
use crate::proof::{Journals, figures_of};
use crate::wire::{Told, Wire};

/// How long a book may answer nobody after something died.
pub(crate) const TAKEOVER: Duration = Duration::from_secs(10);
/// The same where a server of NATS sleeps and its connections stand: its clients notice at the third silence, the two
/// others elect a leader after four to nine seconds of their own, and what was asked meanwhile is asked again.
pub(crate) const AWAKENING: Duration = Duration::from_secs(15);
/// How long it may take until everything that follows has followed, and until all is answered again.
const PATIENCE: Duration = Duration::from_secs(60);
/// So few acts in the time of one fault are no load.
const LEAST: usize = 40;
/// So few notices handed over while nothing is wrong prove nothing of them.
const CALM_NOTICES: usize = 10;
/// What is handed over so shortly before the next fault may be hit by it.
const UNDER_WAY: SignedDuration = SignedDuration::from_secs(1);
/// What no fault told here explains, in whatever a process says.
const NEVER: [&str; 8] = [
    "panicked",
    "ERROR",
    "lost facts",
    "lacks what was read before",
    "damaged",
    "parked",
    "cannot be folded",
    "does not follow",
];

/// The time of one fault.
struct Window {
    fault: String,
    from: (Instant, Timestamp),
    to: (Instant, Timestamp),
    /// Nothing is wrong in it.
    calm: bool,
    /// How long a book may stand still in it.
    within: Duration,
    /// How many messages had been doubled when it began, and whether some were in it.
    doubled: (u64, bool),
}

impl Window {
    fn holds(&self, at: Timestamp) -> bool {
        (self.from.1..=self.to.1).contains(&at)
    }
}

/// All of it.
pub(crate) struct Story {
    pub(crate) cluster: Cluster,
    pub(crate) chance: Chance,
    seed: u64,
    load: Load,
    chat: Chat,
    journal: Arc<NatsJournal>,
    windows: Vec<Window>,
    began: (Instant, Timestamp),
}

fn now() -> (Instant, Timestamp) {
    (Instant::now(), Timestamp::now())
}

impl Story {
    pub(crate) async fn begin(seed: u64, nats: Nats, plans: Vec<Plan>) -> Self {
        println!("PICKET_SEED={seed}");
        let cluster = Cluster::start(nats, seed, plans).await;
        let place = cluster.place.clone();
        let client = async |name: &str| -> Client {
            connect(
                &NatsAccess {
                    urls: place.urls.clone(),
                    ..NatsAccess::default()
                },
                name,
            )
            .await
            .unwrap()
        };
        let settings = JournalSettings {
            replicas: place.monitors.len(),
            monitors: place.monitors.clone(),
            max_bytes: JOURNAL,
            patience: Duration::from_secs(30),
            ..JournalSettings::default()
        };
        let journal = Arc::new(
            NatsJournal::open(client("proof").await, settings)
                .await
                .unwrap(),
        );
        let mut wires = Vec::new();
        for number in 0..COUNTIES {
            wires.push(Arc::new(
                Wire::new(client(&format!("county {number}")).await).await,
            ));
        }
        let chat = Chat::open(client("chat").await).await;
        for (county, wire) in County::all().iter().zip(wires.iter().cycle()) {
            everybody_is_told_at_any_hour(county, wire).await;
        }
        let load = Load::start(seed, wires, journal.clone());
        let mut story = Self {
            cluster,
            chance: Chance(seed),
            seed,
            load,
            chat,
            journal,
            windows: Vec::new(),
            began: now(),
        };
        let warm = now();
        story.everything_answers(warm.0).await;
        story.began = now();
        story
    }

    /// What comes from here on belongs to a fault.
    pub(crate) fn strikes(&mut self, fault: impl Into<String>) {
        let (from, doubled) = (now(), self.doubled());
        self.windows.push(Window {
            fault: fault.into(),
            from,
            to: from,
            calm: false,
            within: TAKEOVER,
            doubled: (doubled, false),
        });
    }

    /// A server of NATS sleeps.
    pub(crate) fn puts_to_sleep(&mut self, fault: impl Into<String>) {
        self.strikes(fault);
        self.windows.last_mut().unwrap().within = AWAKENING;
    }

    /// What comes from here on has nothing to excuse it.
    pub(crate) fn nothing_strikes(&mut self) {
        self.strikes("none");
        self.windows.last_mut().unwrap().calm = true;
    }

    /// How many messages were doubled on their way.
    fn doubled(&self) -> u64 {
        self.cluster.proxy.tally().doubled.load(Ordering::Relaxed)
    }

    /// Waits until every book has answered since, and ends the time of the fault.
    pub(crate) async fn is_over(&mut self) {
        self.everything_answers(Instant::now()).await;
        self.cluster.nobody_ended();
        let doubled = self.doubled();
        let window = self.windows.last_mut().unwrap();
        window.to = now();
        window.doubled.1 = doubled > window.doubled.0;
    }

    async fn everything_answers(&self, since: Instant) {
        let end = Instant::now() + PATIENCE;
        loop {
            let acked = self.load.work().acked();
            let mut books: Vec<&str> = acked
                .iter()
                .filter(|one| one.at >= since)
                .map(|one| one.answer.book.as_str())
                .collect();
            books.sort_unstable();
            books.dedup();
            if books.len() == COUNTIES * 2 {
                return;
            }
            assert!(
                Instant::now() < end,
                "only {books:?} answer; {:?}",
                self.load.work().refused()
            );
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn pause(&mut self, least: u64, most: u64) {
        let millis = self.chance.between(least, most);
        sleep(Duration::from_millis(millis)).await;
    }

    /// The load ends; everything is counted and shown.
    pub(crate) async fn end(self) {
        let Self {
            cluster,
            seed,
            load,
            chat,
            journal,
            windows,
            began,
            ..
        } = self;
        let work = load.work().clone();
        let wires = load.end().await;
        let by = Timestamp::now();
        let acked = work.acked();
        assert_eq!(
            work.refused(),
            Vec::<String>::new(),
            "seed {seed}: nobody is refused, for what was done twice would be"
        );
        nothing_else_was_answered(&acked, &wires);
        let journals = followed(&journal, by).await;
        assert_eq!(journals.parked(), Vec::<String>::new(), "seed {seed}");
        let reactions = journals.reactions();
        let (lost, doubled) = journals.effects(&acked);
        let rows: Vec<Row> = windows
            .iter()
            .map(|window| Row::of(window, &acked, &lost, &doubled, &journals))
            .collect();
        let notices = journals.told();
        let (calm, attempts) = (
            notices.count(|at| is_calm(&windows, at)),
            notices.count(|_| true),
        );
        let sum = format!(
            "{} acts answered, {} commits, {} reactions",
            acked.len(),
            journals.commits(),
            reactions.done
        );
        show(
            seed,
            &rows,
            &format!(
                "{sum}\n{} notices handed over, {} of them in the calm; {} without an outcome yet",
                attempts.0, calm.0, attempts.1
            ),
        );
        assert_eq!(
            (lost, doubled),
            (Vec::new(), Vec::new()),
            "seed {seed}: acts lost, acts done twice"
        );
        assert_eq!(
            (&reactions.missing, &reactions.doubled),
            (&Vec::new(), &Vec::new()),
            "seed {seed}: what did not follow, what followed twice"
        );
        everybody_was_told(seed, &notices, &chat, &windows, by);
        figures_are_right(&wires[0], &journals, &acked, began.1).await;
        cluster.stop();
        for name in cluster.names() {
            let said = cluster.said(name);
            let strange = strange_lines(&said);
            assert!(
                strange.is_empty(),
                "seed {seed}: `{name}` said: {strange:#?}"
            );
        }
        for row in &rows {
            assert!(
                row.acked >= LEAST,
                "seed {seed}: {}: only {} acts were answered",
                row.fault,
                row.acked
            );
            assert!(
                row.gap <= row.within,
                "seed {seed}: {}: {} stood still for {:?}",
                row.fault,
                row.book,
                row.gap
            );
        }
    }
}

/// Whoever else answered an act, such as a holder that is none any more, said the same.
fn nothing_else_was_answered(acked: &[Acked], wires: &[Arc<Wire>]) {
    let mut told = Told::new();
    for wire in wires {
        told.extend(wire.told());
    }
    for one in acked {
        let all = told.get(&one.id).map(Vec::as_slice).unwrap_or_default();
        assert!(
            !all.is_empty() && all.iter().all(|answer| answer.as_ref() == Ok(&one.answer)),
            "{} was answered {all:?}",
            one.id
        );
    }
}

/// Turns quiet hours off: what is to be told is due when it comes about, whenever the story is told.
async fn everybody_is_told_at_any_hour(county: &County, wire: &Wire) {
    let never = courier::Command::SetQuietHours {
        person: None,
        from: Some(Time::MIN),
        until: Some(Time::MIN),
    };
    let id = format!("no-quiet-hours-{}", county.code).into();
    let wish = Wish {
        id,
        by: county.coordinator(),
        via: "test".into(),
        made: Timestamp::now(),
        observed: None,
        trace: String::new(),
        command: never.into(),
    };
    wire.wish(&county.code, &wish).await.unwrap();
}

fn is_calm(windows: &[Window], at: Timestamp) -> bool {
    windows
        .iter()
        .any(|window| window.calm && window.holds(at) && at + UNDER_WAY <= window.to.1)
}

/// What was due to be told by then was handed over, and came to the chat as the journals say.
fn everybody_was_told(
    seed: u64,
    notices: &Notices,
    chat: &Chat,
    windows: &[Window],
    by: Timestamp,
) {
    assert_eq!(
        notices.late(by),
        Vec::<String>::new(),
        "seed {seed}: notices that were queued and stayed behind"
    );
    // A message that was held up comes a moment after the line is well again.
    let doubles = |at: Timestamp| {
        windows
            .iter()
            .any(|window| window.doubled.1 && (window.holds(at) || window.holds(at - UNDER_WAY)))
    };
    let strange = notices.strange(&chat.came(), by, |at| is_calm(windows, at), doubles);
    assert_eq!(
        strange,
        Vec::<String>::new(),
        "seed {seed}: what the chat got and what the journals say of it"
    );
    if windows.iter().any(|window| window.calm) {
        let (calm, _) = notices.count(|at| is_calm(windows, at));
        assert!(
            calm >= CALM_NOTICES,
            "seed {seed}: only {calm} notices were handed over while nothing was wrong"
        );
    }
}

/// Waits until everything that follows from what was done has followed, and what was due by then was told.
async fn followed(journal: &NatsJournal, by: Timestamp) -> Journals {
    let end = Instant::now() + PATIENCE;
    loop {
        let journals = Journals::read(journal).await;
        if (journals.reactions().missing.is_empty() && journals.told().late(by).is_empty())
            || Instant::now() > end
        {
            return journals;
        }
        sleep(Duration::from_millis(500)).await;
    }
}

/// Every reader says of every county what the journals and the answers say.
async fn figures_are_right(wire: &Wire, journals: &Journals, acked: &[Acked], began: Timestamp) {
    let from = began - jiff::SignedDuration::from_hours(1);
    for county in County::all() {
        let question = Question::Figures {
            jurisdiction: county.code.clone(),
            from,
            as_of: Timestamp::now(),
        };
        let (expected, answered) = (
            journals.figures(county.code.as_str()),
            figures_of(acked, county.code.as_str()),
        );
        assert_eq!(
            expected, answered,
            "what stands in the journals of {} is what was answered",
            county.code
        );
        let said = wire
            .ask_all(
                &Viewer::person(&county.coordinator()),
                &question,
                &journals.heads(),
                Duration::from_secs(2),
            )
            .await;
        assert!(said.len() >= 2, "every reader answers: {said:?}");
        for one in said {
            let EdgeReply::View(reply) = one else {
                panic!("{one:?}")
            };
            let View::Figures(view) = &reply.view else {
                panic!("{reply:?}")
            };
            let told: BTreeMap<&str, i64> = expected
                .keys()
                .map(|key| (*key, view.figures.get(key)))
                .collect();
            assert_eq!(told, expected, "the figures of {}", county.code);
        }
    }
}

/// Lines that no fault explains.
fn strange_lines(said: &str) -> Vec<&str> {
    said.lines()
        .filter(|line| NEVER.iter().any(|words| line.contains(words)))
        .collect()
}

/// One line of the table.
struct Row {
    fault: String,
    acked: usize,
    lost: usize,
    doubled: usize,
    gap: Duration,
    within: Duration,
    /// Which book stood still the longest.
    book: String,
}

impl Row {
    fn of(
        window: &Window,
        acked: &[Acked],
        lost: &[String],
        doubled: &[String],
        journals: &Journals,
    ) -> Self {
        let within: Vec<&Acked> = acked
            .iter()
            .filter(|one| (window.from.0..=window.to.0).contains(&one.at))
            .collect();
        let of = |ids: &[String]| within.iter().filter(|one| ids.contains(&one.id)).count();
        let length = window.to.0 - window.from.0;
        let mut books: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
        for county in County::all() {
            for service in ["dispatch", "rectification"] {
                books.insert(format!("{service}/{}", county.code), Vec::new());
            }
        }
        for one in &within {
            books
                .entry(one.answer.book.clone())
                .or_default()
                .push(one.at - window.from.0);
        }
        // Escalation and courier answer nobody here: what they conclude is what they do.
        for (book, instants) in ["escalation", "courier"]
            .into_iter()
            .flat_map(|service| journals.instants(service))
        {
            let since = |at: &Timestamp| {
                Duration::try_from(at.duration_since(window.from.1))
                    .ok()
                    .filter(|since| *since <= length)
            };
            books.insert(
                format!("what follows in {book}"),
                instants.iter().filter_map(since).collect(),
            );
        }
        let (gap, book) = books
            .into_iter()
            .map(|(book, at)| (longest(at, length), book))
            .max()
            .expect("there are books");
        Self {
            fault: window.fault.clone(),
            acked: within.len(),
            lost: of(lost),
            doubled: of(doubled),
            gap,
            within: window.within,
            book,
        }
    }
}

/// The longest time between two of them, and before the first and after the last.
fn longest(mut at: Vec<Duration>, length: Duration) -> Duration {
    at.extend([Duration::ZERO, length]);
    at.sort_unstable();
    at.windows(2)
        .map(|two| two[1] - two[0])
        .max()
        .unwrap_or_default()
}

/// Shows the table, also where the harness of the tests keeps what is printed to itself.
fn show(seed: u64, rows: &[Row], sum: &str) {
    let mut table = format!(
        "\nPICKET_SEED={seed}\n{:<58} {:>6} {:>5} {:>8} {:>10}  the longest was\n",
        "fault", "acked", "lost", "doubled", "gap"
    );
    for Row {
        fault,
        acked,
        lost,
        doubled,
        gap,
        book,
        ..
    } in rows
    {
        writeln!(
            table,
            "{fault:<58} {acked:>6} {lost:>5} {doubled:>8} {:>8.1} s  {book}",
            gap.as_secs_f64()
        )
        .expect("a string takes text");
    }
    writeln!(table, "{sum}").expect("a string takes text");
    // Nobody listening is no failure.
    drop(std::io::stderr().write_all(table.as_bytes()));
}
