//! Threads: which trace a thing of the trade belongs to, so that a bell goes on in the trace that led to it.
//!
//! A bell carries no trace: nobody wished it. But it speaks of things (a clock, a step, a notice), and each of
//! them came into being in a decision that had a trace. Every commit a process writes or reads is shown here in
//! the order it sees them; what comes back are the spans to export. It remembers a bounded number of things and
//! nothing on disk: what it forgot begins a trace of its own. Pure: no clock, no exporter.

use std::collections::{BTreeMap, HashMap};

use picket_schemas::{Cause, Commit, Entry, Event, Mentioned, RecordKind, Within};

use crate::trace::{
    TraceParent, commit_named, parent_of, span_for, span_of_commit, trace_of_commit,
};

/// How many things are remembered at least; twice as many at most.
const REMEMBERED: usize = 32_768;

/// One span, as far as it can be told from what is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct CommitSpan {
    /// `dispatch.accept_task`, `courier.react notice.queued`, `commit dispatch`.
    pub name: String,
    /// Its trace and its own id.
    pub at: TraceParent,
    /// The span it is a child of; none where a trace begins.
    pub parent: Option<[u8; 8]>,
    /// Why it happened; none for the commit itself.
    pub cause: Option<Cause>,
    /// What is told about it: ids, names and numbers, no field of an event.
    pub attributes: Vec<(&'static str, String)>,
}

/// What is remembered.
#[derive(Debug, Default)]
pub struct Threads {
    /// Thing, with its jurisdiction → where its trace stands. The younger half and the older one.
    young: HashMap<String, TraceParent>,
    old: HashMap<String, TraceParent>,
}

impl Threads {
    /// Takes a commit into account and tells its spans, a decision before the commit that holds it.
    pub fn commit(&mut self, commit: &Commit) -> Vec<CommitSpan> {
        self.walk(commit, true)
    }

    /// Takes a commit into account whose spans are another's to tell.
    pub fn read(&mut self, commit: &Commit) {
        self.walk(commit, false);
    }

    fn walk(&mut self, commit: &Commit, tell: bool) -> Vec<CommitSpan> {
        let (service, jurisdiction) = commit
            .book
            .split_once('/')
            .unwrap_or((commit.book.as_str(), ""));
        let mut spans = Vec::new();
        let mut commits: Vec<CommitSpan> = Vec::new();
        for (index, entry) in commit.entries.iter().enumerate() {
            let things: Vec<Vec<Vec<String>>> = entry
                .events
                .iter()
                .map(|event| things(event, jurisdiction))
                .collect();
            for (parent, events) in self.traces(commit, entry, &things) {
                let whole = parent.at(span_of_commit(&commit.book, commit.n, &parent.trace));
                for thing in events
                    .iter()
                    .flat_map(|event| things[*event].iter().flatten())
                {
                    // A thing stays in the trace it came into being in; there it moves on.
                    if self
                        .get(thing)
                        .is_none_or(|known| known.trace == parent.trace)
                    {
                        self.put(thing, whole);
                    }
                }
                if !tell {
                    continue;
                }
                let decision = span_for(&commit.book, commit.n, index, &parent.trace);
                let attributes = vec![
                    ("picket.book", commit.book.clone()),
                    ("picket.n", commit.n.to_string()),
                    ("picket.at", commit.at.to_string()),
                    ("picket.via", entry.via.clone()),
                    ("picket.entry", entry.id.to_string()),
                    ("picket.events", kinds(entry, &events)),
                ];
                let child_of = (parent.span != [0; 8]).then_some(parent.span);
                spans.push(CommitSpan {
                    name: name(entry, &events),
                    at: parent.at(decision),
                    parent: child_of,
                    cause: Some(entry.cause),
                    attributes,
                });
                if !commits.iter().any(|known| known.at == whole) {
                    let attributes = vec![
                        ("picket.book", commit.book.clone()),
                        ("picket.n", commit.n.to_string()),
                        ("picket.at", commit.at.to_string()),
                    ];
                    commits.push(CommitSpan {
                        name: format!("commit {service}"),
                        at: whole,
                        parent: Some(decision),
                        cause: None,
                        attributes,
                    });
                }
            }
        }
        spans.extend(commits);
        spans
    }

    /// The traces an entry belongs to, each with the events that do. A wish and what follows from it have one; a
    /// bell has one for each thing it speaks of.
    fn traces(
        &self,
        commit: &Commit,
        entry: &Entry,
        things: &[Vec<Vec<String>>],
    ) -> Vec<(TraceParent, Vec<usize>)> {
        let all = || (0..entry.events.len()).collect();
        match parent_of(entry) {
            // The outcome of a delivery is wished by a transport without a trace of its own; so are wishes of old.
            Some(parent) => return vec![(parent, all())],
            None if entry.cause == Cause::Keeper || entry.events.is_empty() => return Vec::new(),
            None => {}
        }
        let of = entry
            .of
            .as_deref()
            .and_then(commit_named)
            .filter(|_| entry.cause == Cause::Fact);
        let (book, n) = of.unwrap_or((&commit.book, commit.n));
        let trace = trace_of_commit(book, n);
        let begun = TraceParent {
            trace,
            span: if of.is_some() {
                span_of_commit(book, n, &trace)
            } else {
                [0; 8]
            },
            sampled: true,
        };
        let mut traces: Vec<(TraceParent, Vec<usize>)> = Vec::new();
        for (event, named) in things
            .iter()
            .enumerate()
            .flat_map(|(event, subjects)| subjects.iter().map(move |named| (event, named)))
        {
            let known = named.iter().find_map(|thing| self.get(thing));
            // What a fact led to hangs on the commit that holds the fact; its things may have moved on since.
            let parent = known.map_or(begun, |known| {
                of.map_or(known, |(book, n)| {
                    known.at(span_of_commit(book, n, &known.trace))
                })
            });
            match traces
                .iter_mut()
                .find(|(known, _)| known.trace == parent.trace)
            {
                Some((_, events)) if events.contains(&event) => {}
                Some((_, events)) => events.push(event),
                None => traces.push((parent, vec![event])),
            }
        }
        traces
    }

    /// Where the trace of a thing stands: `420902/N-7`.
    pub fn get(&self, thing: &str) -> Option<TraceParent> {
        self.young
            .get(thing)
            .or_else(|| self.old.get(thing))
            .copied()
    }

    fn put(&mut self, thing: &str, at: TraceParent) {
        if self.young.len() >= REMEMBERED {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(thing.to_owned(), at);
    }
}

/// What an event speaks of: the record it is about and those that led to it, the most specific first; then each notice
/// that goes along with it.
fn things(event: &Event, jurisdiction: &str) -> Vec<Vec<String>> {
    let in_full = |id: &str| {
        if id.contains('/') {
            id.to_owned()
        } else {
            format!("{jurisdiction}/{id}")
        }
    };
    let about = event
        .about()
        .and_then(|(kind, id)| Some((generality(kind)?, in_full(id))));
    let least = about.as_ref().map_or(0, |(rank, _)| *rank);
    let mut own: BTreeMap<_, _> = about.into_iter().collect();
    let mut along = Vec::new();
    event.mentions(&mut |mention| match (mention.of, mention.within) {
        (Mentioned::Record(RecordKind::Notice, id), Within::Listed | Within::Bundled) => {
            along.push(vec![in_full(id)]);
        }
        (Mentioned::Record(kind, id), Within::Alone) => {
            // What is more specific than what the event is about came of that, and so did the second of a kind.
            if let Some(rank) = generality(kind).filter(|rank| *rank >= least) {
                own.entry(rank).or_insert_with(|| in_full(id));
            }
        }
        _ => {}
    });
    let mut subjects = vec![own.into_values().collect()];
    subjects.append(&mut along);
    subjects
}

/// How much else happens to records of a kind, the least first: a decision belongs to the trace of the first that is
/// known. An outing is many people's day and leads to nothing by itself.
fn generality(kind: RecordKind) -> Option<u8> {
    Some(match kind {
        RecordKind::Notice => 0,
        RecordKind::Step => 1,
        RecordKind::Clock => 2,
        RecordKind::Any => 3,
        RecordKind::Action => 4,
        RecordKind::Order => 5,
        RecordKind::Case => 6,
        RecordKind::Lead => 7,
        RecordKind::Report => 8,
        RecordKind::Task => 9,
        RecordKind::Batch => 10,
        RecordKind::Place => 11,
        RecordKind::Bulletin => 12,
        RecordKind::Occurrence => 13,
        RecordKind::Schedule => 14,
        RecordKind::Sortie => return None,
    })
}

/// A command is named by its verb; what a book says of its own accord, by what it says first.
fn name(entry: &Entry, events: &[usize]) -> String {
    match events.first().and_then(|first| entry.events.get(*first)) {
        Some(event) if entry.cause != Cause::Command => format!("{} {}", entry.does, event.kind()),
        _ => entry.does.clone(),
    }
}

fn kinds(entry: &Entry, events: &[usize]) -> String {
    let mut kinds: Vec<_> = events
        .iter()
        .filter_map(|event| entry.events.get(*event))
        .map(Event::kind)
        .collect();
    kinds.dedup();
    kinds.truncate(16);
    kinds.join(" ")
}

#[cfg(test)]
mod tests;
