//! Taking facts: in causal order, each exactly once, with the directory at the cursor it belongs to.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use picket_book::{Book, Fact};
use picket_schemas::{Cause, CommandId, Cursor, Jurisdiction};

use super::draft::{Draft, NewEntry};
use super::{HOPS, Keeper, Read, Recorded, cursor_at, split};
use crate::decoded::Decoded;

/// How far a commit of another journal was taken.
enum Taken {
    Whole,
    /// The group is full.
    Later,
    /// The group must end before the directory moves.
    DirectoryMoves,
    Parked,
    Broken(String),
}

impl<B: Book> Keeper<B> {
    /// Puts a commit of a journal it reads into its hand; false where it is not the next one.
    pub fn offer(&mut self, commit: Arc<Decoded>) -> bool {
        let Some(reading) = self.readings.get_mut(&commit.commit.book) else {
            return true;
        };
        let (n, hash) = reading
            .inbox
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
        reading.inbox.push_back(commit);
        true
    }

    /// Says that commit `n` of a journal it reads cannot be taken: its cursor is parked once everything before
    /// is. Without a journal it is the next bell that cannot be rung.
    pub fn park_reading(&mut self, journal: &str, n: u64, reason: &str) {
        if journal.is_empty() {
            self.bad_bell = Some(reason.to_owned());
        } else if let Some(reading) = self.readings.get_mut(journal)
            && reading.bad.is_none()
        {
            reading.bad = Some((n, reason.to_owned()));
        }
    }

    /// Takes what it can.
    pub(super) fn take_facts(&mut self, draft: &mut Draft, limit: usize) -> Read {
        let journals: Vec<String> = self.readings.keys().cloned().collect();
        loop {
            let mut progress = false;
            for journal in &journals {
                while let Some(commit) = self.next_ready(journal) {
                    match self.take(journal, &commit, draft, limit) {
                        Taken::Whole => progress = true,
                        Taken::Later => return Read::Full,
                        Taken::DirectoryMoves => return Read::DirectoryMoves,
                        Taken::Parked => return Read::All,
                        Taken::Broken(why) => {
                            return Read::Broken(journal.clone(), commit.head.number, why);
                        }
                    }
                }
            }
            if !progress {
                // What is still in hand waits for the cause of it, which another journal will bring.
                break;
            }
        }
        let bad = self.readings.iter().find_map(|(journal, reading)| {
            let (n, reason) = reading
                .bad
                .as_ref()
                .filter(|(n, _)| *n == reading.cursor.n + 1)?;
            Some((
                journal.clone(),
                *n,
                format!("commit {n} of `{journal}`: {reason}"),
            ))
        });
        if let Some((journal, n, reason)) = bad {
            self.park(draft, journal, n, reason);
        }
        Read::All
    }

    /// The next commit of a journal, once everything its writer had seen has been taken here too.
    fn next_ready(&self, journal: &str) -> Option<Arc<Decoded>> {
        let reading = self.readings.get(journal)?;
        let commit = reading.inbox.front()?;
        if reading
            .bad
            .as_ref()
            .is_some_and(|(n, _)| *n <= commit.head.number)
        {
            return None;
        }
        let ready = commit.commit.seen.iter().all(|(other, theirs)| {
            let needed = theirs.n + u64::from(theirs.part.is_some());
            self.readings
                .get(other)
                .is_none_or(|mine| mine.cursor.n >= needed)
        });
        ready.then(|| commit.clone())
    }

    fn take(
        &mut self,
        journal: &str,
        commit: &Arc<Decoded>,
        draft: &mut Draft,
        limit: usize,
    ) -> Taken {
        let reading = self
            .readings
            .get(journal)
            .expect("only journals that are read have an inbox");
        let layer = reading.layer;
        if layer.is_some() && !draft.is_empty() {
            // All entries of a commit decide with one directory.
            return Taken::DirectoryMoves;
        }
        let (done, first_step) = reading.cursor.part.unwrap_or_default();
        let before = reading.cursor.clone();
        let service = journal
            .split_once('/')
            .map_or(journal, |(service, _)| service)
            .to_owned();
        let jurisdiction = Jurisdiction::from(
            journal
                .split_once('/')
                .map_or("", |(_, jurisdiction)| jurisdiction),
        );
        if let Some(layer) = layer
            && done == 0
        {
            self.layers[layer] = self
                .shared
                .next(journal, self.layers[layer].clone(), commit);
            self.directory =
                picket_directory::Directory::new(self.layers.clone(), self.calendar.clone());
        }
        let mut index = 0_u32;
        for entry in &commit.commit.entries {
            for event in &entry.events {
                if !self.listens.contains(event.kind()) {
                    continue;
                }
                index += 1;
                if index <= done {
                    continue;
                }
                let mut step = if index == done + 1 { first_step } else { 0 };
                loop {
                    if draft.bytes() >= limit {
                        self.read_up_to(
                            journal,
                            Cursor {
                                part: Some((index - 1, step)),
                                ..before
                            },
                        );
                        return Taken::Later;
                    }
                    let new = NewEntry {
                        id: CommandId::from(format!(
                            "{journal}:{}:{index}:{step}",
                            commit.head.number
                        )),
                        by: self.name.service().to_owned(),
                        via: "journal".into(),
                        cause: Cause::Fact,
                        of: Some(format!("{journal}:{}", commit.head.number)),
                        does: format!("{}.react", self.name.service()),
                        made: draft.at(),
                        trace: entry.trace.clone(),
                        hops: entry.hops + 1,
                    };
                    let fact = Fact {
                        jurisdiction: &jurisdiction,
                        service: &service,
                        n: commit.head.number,
                        at: commit.commit.at,
                        by: &entry.by,
                        entry: &entry.id,
                        does: &entry.does,
                        event,
                    };
                    let cx = self.decision(&new.id, draft.at(), draft.at(), &self.actor);
                    let reacted =
                        catch_unwind(AssertUnwindSafe(|| self.book.react(&fact, step, &cx)));
                    let (events, last) = match reacted {
                        Ok(step) => split(step),
                        Err(_) => {
                            return self.stumble(
                                journal,
                                commit,
                                &before,
                                index,
                                step,
                                draft,
                                format!("acting upon {} failed", event.kind()),
                            );
                        }
                    };
                    if !events.is_empty() && new.hops > HOPS {
                        return self.stumble(
                            journal,
                            commit,
                            &before,
                            index,
                            step,
                            draft,
                            format!("a chain of more than {HOPS} reactions"),
                        );
                    }
                    if !events.is_empty() {
                        match self.record(draft, new, events, limit) {
                            Recorded::Yes => {}
                            Recorded::Later => {
                                self.read_up_to(
                                    journal,
                                    Cursor {
                                        part: Some((index - 1, step)),
                                        ..before
                                    },
                                );
                                return Taken::Later;
                            }
                            Recorded::TooLarge => {
                                return self.stumble(
                                    journal,
                                    commit,
                                    &before,
                                    index,
                                    step,
                                    draft,
                                    format!(
                                        "acting upon {} says more than one commit may hold",
                                        event.kind()
                                    ),
                                );
                            }
                            Recorded::Broken => {
                                return Taken::Broken(format!(
                                    "acting upon {} failed",
                                    event.kind()
                                ));
                            }
                        }
                    }
                    step += 1;
                    if last {
                        break;
                    }
                }
            }
        }
        let reading = self
            .readings
            .get_mut(journal)
            .expect("only journals that are read have an inbox");
        reading.inbox.pop_front();
        self.unwritten += 1;
        self.read_up_to(journal, cursor_at(&commit.head));
        Taken::Whole
    }

    fn read_up_to(&mut self, journal: &str, cursor: Cursor) {
        if let Some(reading) = self.readings.get_mut(journal) {
            reading.cursor = cursor.clone();
        }
        self.moved.insert(journal.to_owned(), cursor);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call that names the exact place a cursor stopped at"
    )]
    fn stumble(
        &mut self,
        journal: &str,
        commit: &Decoded,
        before: &Cursor,
        index: u32,
        step: u32,
        draft: &mut Draft,
        reason: String,
    ) -> Taken {
        self.read_up_to(
            journal,
            Cursor {
                part: (index > 1 || step > 0).then_some((index - 1, step)),
                ..before.clone()
            },
        );
        self.park(
            draft,
            journal.to_owned(),
            commit.head.number,
            format!("commit {} of `{journal}`: {reason}", commit.head.number),
        );
        Taken::Parked
    }
}
