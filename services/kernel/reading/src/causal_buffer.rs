//! Causal buffer: holds back commits of many journals as they arrive, and delivers them in causal order.
//!
//! A tailer brings each journal in order, but a commit may come before its cause in another journal. Readers that fold
//! everything, such as insight, stand behind the buffer. It reads nothing by itself: where commits are missing it says
//! so, and its owner reads the store.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::decoded::Decoded;
use crate::order::is_ready;

/// How many commits may wait for their causes; with more, the store is to be read.
const HELD: usize = 4_096;

/// Delivers commits once everything their writers had seen is delivered.
#[derive(Debug, Default)]
pub struct CausalBuffer {
    /// The last commit of each book that was delivered.
    at: BTreeMap<String, u64>,
    /// Commits that wait for their causes, each book in order.
    held: BTreeMap<String, VecDeque<Arc<Decoded>>>,
    count: usize,
}

/// A commit is missing: the one that was pushed does not follow the one before, or a cause does not come.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("commit {n} of `{book}` cannot be let through: what stands before it did not come")]
pub struct Missing {
    /// The book.
    pub book: String,
    /// The commit that cannot be delivered.
    pub n: u64,
}

impl CausalBuffer {
    /// A buffer for the books named, each with the last commit that was delivered. Causes in journals that are not
    /// named are not waited for.
    pub fn new(at: impl IntoIterator<Item = (String, u64)>) -> Self {
        Self {
            at: at.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The last commit of a book that was delivered.
    pub fn at(&self, book: &str) -> Option<u64> {
        self.at.get(book).copied()
    }

    /// How many commits wait.
    pub fn waiting(&self) -> usize {
        self.count
    }

    /// Takes a commit as it arrives and gives those that are delivered now, in causal order. Idempotent: a commit that
    /// was delivered before, or waits already, is passed over, and so is a book that was not named.
    pub fn push(&mut self, commit: Arc<Decoded>) -> Result<Vec<Arc<Decoded>>, Missing> {
        let Some(at) = self.at.get(&commit.commit.book) else {
            return Ok(Vec::new());
        };
        let waiting = self
            .held
            .get(&commit.commit.book)
            .and_then(VecDeque::back)
            .map(|last| last.head.number);
        let last = waiting.unwrap_or(*at);
        if commit.head.number <= last {
            return Ok(Vec::new());
        }
        if commit.head.number > last + 1 || self.count >= HELD {
            return Err(Missing {
                book: commit.commit.book.clone(),
                n: commit.head.number,
            });
        }
        if waiting.is_none() && self.is_met(&commit) {
            return Ok(self.release(commit));
        }
        self.count += 1;
        self.held
            .entry(commit.commit.book.clone())
            .or_default()
            .push_back(commit);
        Ok(Vec::new())
    }

    /// Delivers a commit, and every one that waited for it.
    fn release(&mut self, commit: Arc<Decoded>) -> Vec<Arc<Decoded>> {
        self.at
            .insert(commit.commit.book.clone(), commit.head.number);
        let mut through = vec![commit];
        while let Some(book) = self
            .held
            .iter()
            .find(|(_, queue)| queue.front().is_some_and(|front| self.is_met(front)))
            .map(|(book, _)| book.clone())
        {
            let Some(queue) = self.held.get_mut(&book) else {
                break;
            };
            if let Some(next) = queue.pop_front() {
                self.count -= 1;
                self.at.insert(book.clone(), next.head.number);
                through.push(next);
            }
            if self.held.get(&book).is_some_and(VecDeque::is_empty) {
                self.held.remove(&book);
            }
        }
        through
    }

    fn is_met(&self, commit: &Decoded) -> bool {
        is_ready(&commit.commit, |other, n| {
            self.at.get(other).is_none_or(|at| *at >= n)
        })
    }
}

#[cfg(test)]
mod tests {
    use picket_journal::Head;
    use picket_schemas::{Commit, Cursor};

    use super::*;

    fn commit(book: &str, n: u64, seen: &[(&str, u64)]) -> Arc<Decoded> {
        let cursor = |n: u64| Cursor {
            n,
            hash: "h".into(),
            position: String::new(),
            part: None,
        };
        let commit = Commit {
            book: book.into(),
            n,
            at: jiff::Timestamp::UNIX_EPOCH,
            prev: String::new(),
            due: None,
            seen: seen
                .iter()
                .map(|(other, n)| ((*other).to_owned(), cursor(*n)))
                .collect(),
            reader: 1,
            began: None,
            entries: Vec::new(),
        };
        Arc::new(Decoded {
            commit: Arc::new(commit),
            head: Head {
                number: n,
                hash: "h".into(),
                position: String::new(),
            },
        })
    }

    fn names(commits: &[Arc<Decoded>]) -> Vec<String> {
        commits
            .iter()
            .map(|commit| format!("{} {}", commit.commit.book, commit.head.number))
            .collect()
    }

    fn buffer() -> CausalBuffer {
        CausalBuffer::new([
            ("a/1".to_owned(), 0),
            ("b/1".to_owned(), 0),
            ("c/1".to_owned(), 0),
        ])
    }

    #[test]
    fn a_consequence_waits_for_its_cause() {
        let mut buffer = buffer();
        assert!(
            buffer
                .push(commit("b/1", 1, &[("a/1", 2)]))
                .unwrap()
                .is_empty()
        );
        assert!(
            buffer
                .push(commit("c/1", 1, &[("b/1", 1)]))
                .unwrap()
                .is_empty()
        );
        assert_eq!(
            names(&buffer.push(commit("a/1", 1, &[])).unwrap()),
            ["a/1 1"]
        );
        assert_eq!(
            names(&buffer.push(commit("a/1", 2, &[])).unwrap()),
            ["a/1 2", "b/1 1", "c/1 1"]
        );
        assert_eq!(buffer.waiting(), 0);
    }

    #[test]
    fn what_came_before_is_passed_over_and_what_is_missing_is_told() {
        let mut buffer = buffer();
        buffer.push(commit("a/1", 1, &[])).unwrap();
        assert!(buffer.push(commit("a/1", 1, &[])).unwrap().is_empty());
        assert_eq!(
            buffer.push(commit("a/1", 3, &[])).unwrap_err(),
            Missing {
                book: "a/1".into(),
                n: 3
            }
        );
        assert!(
            buffer.push(commit("z/9", 7, &[])).unwrap().is_empty(),
            "nobody asked for that book"
        );
    }

    #[test]
    fn a_cause_taken_in_part_is_waited_for_as_a_whole() {
        let mut buffer = buffer();
        let mut half = commit("b/1", 1, &[("a/1", 0)]);
        let inner = Arc::make_mut(&mut half);
        let mut inside = (*inner.commit).clone();
        inside.seen.get_mut("a/1").unwrap().part = Some(picket_schemas::Part::Events(1, 0));
        inner.commit = Arc::new(inside);
        assert!(buffer.push(half).unwrap().is_empty());
        assert_eq!(
            names(&buffer.push(commit("a/1", 1, &[])).unwrap()),
            ["a/1 1", "b/1 1"]
        );
    }

    #[test]
    fn whatever_the_order_of_arrival_everything_goes_through_once() {
        let all = [
            commit("a/1", 1, &[]),
            commit("a/1", 2, &[("c/1", 1)]),
            commit("b/1", 1, &[("a/1", 2)]),
            commit("c/1", 1, &[("a/1", 1)]),
            commit("c/1", 2, &[("b/1", 1)]),
        ];
        // Each book keeps its order; books interleave in every way six seeds bring.
        for seed in 0..6_usize {
            let mut buffer = buffer();
            let mut queues: Vec<VecDeque<_>> = ["a/1", "b/1", "c/1"]
                .iter()
                .map(|book| {
                    all.iter()
                        .filter(|commit| commit.commit.book == **book)
                        .cloned()
                        .collect()
                })
                .collect();
            let mut through = Vec::new();
            let mut turn = seed;
            while queues.iter().any(|queue| !queue.is_empty()) {
                turn = (turn * 7 + 3) % 1_009;
                if let Some(next) = queues[turn % 3].pop_front() {
                    through.extend(buffer.push(next).unwrap());
                } else {
                    turn += 1;
                }
            }
            let mut again = self::buffer();
            assert_eq!(through.len(), all.len());
            for commit in through {
                assert_eq!(
                    again.push(commit).unwrap().len(),
                    1,
                    "each is let through at once in this order"
                );
            }
        }
    }
}
