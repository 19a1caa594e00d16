//! Taking facts: in causal order, each exactly once, with the directory at the cursor it belongs to.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use jiff::Timestamp;
use picket_book::{Book, Fact, Step};
use picket_directory::Directory;
use picket_reading::{Decoded, is_ready};
use picket_schemas::{Cause, CommandId, Commit, Cursor, Entry, Event, Jurisdiction, Part};

use super::draft::{CommitDraft, NewEntry};
use super::group::{Culprit, FactsOutcome, RecordOutcome};
use super::{HOPS, Keeper, cursor_at};

/// How far a commit of another journal was taken.
enum CommitOutcome {
    Whole,
    /// The group is full: the cursor stands within the commit.
    GroupFull,
    /// The group must end before the directory moves.
    DirectoryMoves,
    Parked,
    Broken(String),
}

impl<B: Book> Keeper<B> {
    /// Hands over a commit of a journal it reads; false where it is not the next one.
    pub fn offer(&mut self, commit: Arc<Decoded>) -> bool {
        let Some(reading) = self.readings.get_mut(&commit.commit.book) else {
            return true;
        };
        let (n, hash) = reading
            .pending
            .back()
            .map_or((reading.cursor.n, reading.cursor.hash.as_str()), |last| {
                (last.head.number, last.head.hash.as_str())
            });
        if commit.head.number <= n {
            return true;
        }
        if commit.head.number != n + 1 || commit.commit.prev != hash {
            return false;
        }
        reading.pending.push_back(commit);
        true
    }

    /// Takes the commits in hand, as many as the group has room for, and then parks what must be parked.
    pub(super) fn take_facts(&mut self, draft: &mut CommitDraft, limit: usize) -> FactsOutcome {
        let journals: Vec<String> = self.readings.keys().cloned().collect();
        loop {
            let mut progress = false;
            for journal in &journals {
                while let Some(commit) = self.next_ready(journal) {
                    match self.take(journal, &commit, draft, limit) {
                        CommitOutcome::Whole => progress = true,
                        CommitOutcome::GroupFull => return FactsOutcome::GroupFull,
                        CommitOutcome::DirectoryMoves => return FactsOutcome::DirectoryMoves,
                        CommitOutcome::Parked => return FactsOutcome::AllTaken,
                        CommitOutcome::Broken(why) => {
                            return FactsOutcome::Broken(Culprit::Reading {
                                journal: journal.clone(),
                                n: commit.head.number,
                                why,
                            });
                        }
                    }
                }
            }
            if !progress {
                // A commit still in hand waits for its cause, which another journal will bring.
                break;
            }
        }
        let stuck = self.readings.iter().find_map(|(journal, reading)| {
            let (n, reason) = reading
                .poisoned
                .as_ref()
                .filter(|(n, _)| *n == reading.cursor.n + 1)?;
            Some((
                journal.clone(),
                *n,
                format!("commit {n} of `{journal}`: {reason}"),
            ))
        });
        if let Some((journal, n, reason)) = stuck {
            self.park(draft, journal, n, reason);
        }
        FactsOutcome::AllTaken
    }

    /// The next commit of a journal, once everything its writer had seen has been taken here too.
    fn next_ready(&self, journal: &str) -> Option<Arc<Decoded>> {
        let reading = self.readings.get(journal)?;
        let commit = reading.pending.front()?;
        if reading
            .poisoned
            .as_ref()
            .is_some_and(|(n, _)| *n <= commit.head.number)
        {
            return None;
        }
        let ready = is_ready(&commit.commit, |other, n| {
            self.readings
                .get(other)
                .is_none_or(|mine| mine.cursor.n >= n)
        });
        ready.then(|| commit.clone())
    }

    /// Takes a commit, event by event, from where it was left.
    fn take(
        &mut self,
        journal: &str,
        commit: &Arc<Decoded>,
        draft: &mut CommitDraft,
        limit: usize,
    ) -> CommitOutcome {
        let reading = self
            .readings
            .get(journal)
            .expect("only journals that are read bring commits");
        let before = reading.cursor.clone();
        if let Some(layer) = reading.layer {
            if !draft.is_empty() {
                // All entries of a commit decide with one directory.
                return CommitOutcome::DirectoryMoves;
            }
            if before.part.is_none() {
                self.move_directory(layer, journal, commit);
            }
        }
        let resume = ResumePoint::of(before.part, &commit.commit, B::LISTENED_IN_FORMAT_1);
        let (service, jurisdiction) = journal.split_once('/').unwrap_or((journal, ""));
        let source = FactSource {
            journal,
            service,
            jurisdiction: Jurisdiction::from(jurisdiction),
            commit,
            before,
        };
        let mut at = Position::default();
        for entry in &commit.commit.entries {
            for event in &entry.events {
                at.event += 1;
                if !self.listens.contains(event.kind()) {
                    continue;
                }
                at.heard += 1;
                if at.event <= resume.done {
                    continue;
                }
                at.step = resume.step_of(at.event);
                if let Err(early) = self.act_upon(&source, entry, event, at, draft, limit) {
                    return early;
                }
            }
        }
        let reading = self
            .readings
            .get_mut(journal)
            .expect("only journals that are read bring commits");
        reading.pending.pop_front();
        self.unwritten += 1;
        self.read_up_to(journal, cursor_at(&commit.head));
        CommitOutcome::Whole
    }

    /// Takes all steps of a reaction to one event.
    fn act_upon(
        &mut self,
        source: &FactSource<'_>,
        entry: &Entry,
        event: &Event,
        mut at: Position,
        draft: &mut CommitDraft,
        limit: usize,
    ) -> Result<(), CommitOutcome> {
        loop {
            if draft.bytes() >= limit {
                return Err(self.pause_at(source, at));
            }
            let new = self.reaction(source, entry, at, draft.at());
            let fact = Fact {
                jurisdiction: &source.jurisdiction,
                service: source.service,
                n: source.commit.head.number,
                at: source.commit.commit.at,
                by: &entry.by,
                entry: &entry.id,
                does: &entry.does,
                event,
            };
            let cx = self.decision(&new.id, draft.at(), draft.at(), &self.actor);
            let reacted = catch_unwind(AssertUnwindSafe(|| self.book.react(&fact, at.step, &cx)));
            let Ok(reacted) = reacted else {
                let why = format!("acting upon {} failed", event.kind());
                return Err(self.park_at(source, at, draft, why));
            };
            let (events, last) = split(reacted);
            if !events.is_empty() && new.hops > HOPS {
                let why = format!("a chain of more than {HOPS} reactions");
                return Err(self.park_at(source, at, draft, why));
            }
            if !events.is_empty() {
                match self.record(draft, new, events, limit) {
                    RecordOutcome::Recorded => {}
                    RecordOutcome::GroupFull => return Err(self.pause_at(source, at)),
                    RecordOutcome::TooLarge => {
                        let kind = event.kind();
                        let why = format!("acting upon {kind} says more than one commit may hold");
                        return Err(self.park_at(source, at, draft, why));
                    }
                    RecordOutcome::Broken => {
                        let why = format!("acting upon {} failed", event.kind());
                        return Err(CommitOutcome::Broken(why));
                    }
                }
            }
            at.step += 1;
            if last {
                return Ok(());
            }
        }
    }

    /// The entry that records a step of a reaction.
    fn reaction(
        &self,
        source: &FactSource<'_>,
        entry: &Entry,
        at: Position,
        now: Timestamp,
    ) -> NewEntry {
        let (journal, n) = (source.journal, source.commit.head.number);
        NewEntry {
            id: CommandId::from(format!("{journal}:{n}:{}:{}", at.heard, at.step)),
            by: self.name.service().to_owned(),
            via: "journal".into(),
            cause: Cause::Fact,
            of: Some(format!("{journal}:{n}")),
            does: format!("{}.react", self.name.service()),
            made: now,
            trace: entry.trace.clone(),
            hops: entry.hops + 1,
        }
    }

    /// The directory takes in a commit of one of its registries.
    pub(super) fn move_directory(&mut self, layer: usize, journal: &str, commit: &Decoded) {
        let next = self
            .shared
            .next(journal, self.layers[layer].clone(), commit);
        if !Arc::ptr_eq(&next, &self.layers[layer]) {
            self.layers[layer] = next;
            self.directory = Directory::new(self.layers.clone(), self.calendar.clone());
        }
    }

    /// Moves the cursor within the commit, since the group is full: the next one goes on with this event, at this step.
    fn pause_at(&mut self, source: &FactSource<'_>, at: Position) -> CommitOutcome {
        let part = Some(at.part());
        self.read_up_to(
            source.journal,
            Cursor {
                part,
                ..source.before.clone()
            },
        );
        CommitOutcome::GroupFull
    }

    fn read_up_to(&mut self, journal: &str, cursor: Cursor) {
        if let Some(reading) = self.readings.get_mut(journal) {
            reading.cursor = cursor.clone();
        }
        self.moved.insert(journal.to_owned(), cursor);
    }

    /// Parks the cursor before this event, at this step: a person must look at it.
    fn park_at(
        &mut self,
        source: &FactSource<'_>,
        at: Position,
        draft: &mut CommitDraft,
        reason: String,
    ) -> CommitOutcome {
        let (journal, n) = (source.journal, source.commit.head.number);
        let within = at.heard > 1 || at.step > 0 || source.before.part.is_some();
        let part = within.then(|| at.part());
        self.read_up_to(
            journal,
            Cursor {
                part,
                ..source.before.clone()
            },
        );
        let why = format!("commit {n} of `{journal}`: {reason}");
        self.park(draft, journal.to_owned(), n, why);
        CommitOutcome::Parked
    }
}

/// The events of a step, and whether it is the last.
fn split<E>(step: Step<E>) -> (Vec<E>, bool) {
    match step {
        Step::Done(events) => (events, true),
        Step::More(events) => (events, false),
    }
}

/// The commit that is being taken.
struct FactSource<'a> {
    journal: &'a str,
    service: &'a str,
    jurisdiction: Jurisdiction,
    commit: &'a Decoded,
    /// The cursor as it stood before.
    before: Cursor,
}

/// A position within a commit, counted from 1; steps count from 0.
#[derive(Clone, Copy, Default)]
struct Position {
    /// The event of the commit.
    event: u32,
    /// The same, counting only those this version listens to: the ids of reactions are made of it.
    heard: u32,
    step: u32,
}

impl Position {
    fn part(self) -> Part {
        Part::Events(self.event - 1, self.step)
    }
}

/// Where a commit that was left in its middle is resumed.
#[derive(Debug, PartialEq)]
struct ResumePoint {
    /// So many events are acted upon.
    done: u32,
    /// This event was begun.
    begun: u32,
    /// The step it goes on with.
    step: u32,
}

impl ResumePoint {
    /// `listened` is what counted as an event in a part of format 1.
    fn of(part: Option<Part>, commit: &Commit, listened: &[&str]) -> Self {
        let (facts, step) = match part {
            None => (0, 0),
            Some(Part::Events(done, step)) => {
                let begun = done + 1;
                return Self { done, begun, step };
            }
            Some(Part::Listened(facts, step)) => (facts, step),
        };
        let events = commit.entries.iter().flat_map(|entry| &entry.events);
        let numbered = (1..).zip(events);
        let mut heard = numbered.filter(|(_, event)| listened.contains(&event.kind()));
        let mut done = 0;
        for _ in 0..facts {
            done = heard.next().map_or(u32::MAX, |(event, _)| event);
        }
        let begun = heard.next().map_or(u32::MAX, |(event, _)| event);
        if step > 0 {
            // What stands before an event that was begun is behind it, as in format 2.
            done = begun - 1;
        }
        Self { done, begun, step }
    }

    fn step_of(&self, event: u32) -> u32 {
        if event == self.begun { self.step } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use picket_schemas::dispatch;

    fn commit(kinds: &str) -> Commit {
        let event = |kind: char| {
            let (task, reason) = ("T-1".into(), String::new());
            match kind {
                'a' => dispatch::Event::TaskUnassigned { task, reason }.into(),
                _ => dispatch::Event::TaskDeclined {
                    task,
                    reason,
                    person: "420902/P-1".into(),
                }
                .into(),
            }
        };
        let bytes = include_bytes!("../../../../../schemas/golden/commit.v1.json");
        let mut commit = Commit::decode(bytes.trim_ascii_end()).expect("a golden commit");
        commit.entries.truncate(1);
        commit.entries[0].events = kinds.chars().map(event).collect();
        commit
    }

    #[test]
    fn a_part_of_format_1_is_taken_up_where_it_was_left_whatever_is_listened_to_by_now() {
        let old = |facts, step| {
            let part = Some(Part::Listened(facts, step));
            let ResumePoint { done, begun, step } =
                ResumePoint::of(part, &commit("bababb"), &["task.unassigned"]);
            (done, begun, step)
        };
        assert_eq!(old(0, 3), (1, 2, 3), "the first of them was begun");
        assert_eq!(old(1, 0), (2, 4, 0), "between them nothing was acted upon");
        assert_eq!(old(2, 0), (4, u32::MAX, 0), "all of them are done");
    }

    #[test]
    fn a_part_counts_every_event() {
        let resume = ResumePoint::of(Some(Part::Events(3, 2)), &commit("bababb"), &[]);
        assert_eq!(
            (resume.done, resume.step_of(4), resume.step_of(5)),
            (3, 2, 0)
        );
    }
}
