//! Where books end, told by one question for the whole stream.
//!
//! Who follows the whole stream has seen every commit up to a sequence. Once that is where the leader says that the
//! stream ends, the last commit seen of each book is its last. All who ask at one moment share one question to the
//! leader, which begins after each of them asked: nobody hears an older end than a question of its own would have
//! told. What was seen counts for one connection, one stream and one leader of it; where the stream turns out to end
//! before it, it counts no more. It does not know how the stream is asked or followed.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use picket_journal::{BookName, Head, Unavailable};
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

/// How long what was stored may take to arrive here before each book is asked for.
const ARRIVING: Duration = Duration::from_millis(250);
/// The first pause, and how many there are, before what was seen is given up because the stream seems to end before it.
/// Each is twice as long as the one before.
const LAGGING: (Duration, u32) = (Duration::from_millis(5), 6);

/// Which stream was seen, and from where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Source {
    /// How often the client had connected.
    pub(crate) connection: u64,
    /// When the stream was created, as the server tells it.
    pub(crate) created: String,
    /// Who leads it, by name; empty where the server tells no name.
    pub(crate) leader: String,
}

/// Where the stream ends, and which one that is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct End {
    pub(crate) source: Source,
    pub(crate) seq: u64,
}

/// What a connection knows of the ends of books.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    /// How many questions have begun.
    begun: AtomicU64,
    /// The question that was answered last, by its number, and its answer.
    answered: tokio::sync::Mutex<(u64, Option<Result<Answer, Unavailable>>)>,
    seen: Mutex<Seen>,
}

/// What a question came to, and who stood witness when it began.
#[derive(Clone, Debug)]
struct Answer {
    end: End,
    witness: u64,
}

/// Whether everything up to an end was seen.
enum Arrives {
    /// It was.
    Now,
    /// It was when this says so.
    Later(oneshot::Receiver<()>),
    /// That cannot be told from what was seen.
    Unknown,
}

#[derive(Debug, Default)]
struct Seen {
    /// How many have stood witness.
    witnesses: u64,
    standing: Option<Standing>,
}

/// What the present witness saw.
#[derive(Debug)]
struct Standing {
    witness: u64,
    source: Source,
    /// Everything up to this sequence was seen.
    arrived: u64,
    heads: HashMap<BookName, Head>,
    /// Who waits until a sequence has arrived.
    waiting: BTreeMap<u64, Vec<oneshot::Sender<()>>>,
}

impl Ends {
    /// Begins to be told what is in the stream: everything up to `arrived` was seen, and so these books end here.
    /// Whoever stood witness before does so no longer: one follower of everything is meant, and two would take turns.
    pub(crate) fn witness(
        self: &Arc<Self>,
        source: Source,
        arrived: u64,
        heads: HashMap<BookName, Head>,
    ) -> Witness {
        let mut seen = self.seen();
        seen.witnesses += 1;
        let witness = seen.witnesses;
        seen.standing = Some(Standing {
            witness,
            source,
            arrived,
            heads,
            waiting: BTreeMap::new(),
        });
        Witness {
            ends: self.clone(),
            witness,
        }
    }

    /// Where each of these books ends. `None` if they must be asked for one by one: somebody else may have written
    /// what was not seen here, or nobody follows the whole stream. `ask` asks the leader.
    pub(crate) async fn of<F>(
        &self,
        books: &[BookName],
        ask: impl Fn() -> F,
    ) -> Result<Option<Vec<Head>>, Unavailable>
    where
        F: Future<Output = Result<End, Unavailable>>,
    {
        if books.is_empty() || !self.knows(books) {
            return Ok(None);
        }
        let answer = self.share(ask).await?;
        let arrived = match self.arrives(&answer) {
            Arrives::Now => true,
            Arrives::Later(arrives) => matches!(timeout(ARRIVING, arrives).await, Ok(Ok(()))),
            Arrives::Unknown => false,
        };
        if !arrived {
            return Ok(None);
        }
        let end = answer.end;
        let seen = self.seen();
        let standing = seen
            .standing
            .as_ref()
            .filter(|standing| standing.source == end.source && standing.arrived >= end.seq);
        Ok(standing.and_then(|standing| {
            books
                .iter()
                .map(|book| standing.heads.get(book).cloned())
                .collect()
        }))
    }

    fn knows(&self, books: &[BookName]) -> bool {
        self.seen()
            .standing
            .as_ref()
            .is_some_and(|standing| books.iter().all(|book| standing.heads.contains_key(book)))
    }

    /// The answer to a question that began after this call.
    async fn share<F>(&self, ask: impl Fn() -> F) -> Result<Answer, Unavailable>
    where
        F: Future<Output = Result<End, Unavailable>>,
    {
        let before = self.begun.load(Ordering::SeqCst);
        let mut answered = self.answered.lock().await;
        if let (number, Some(answer)) = &*answered
            && *number > before
        {
            return answer.clone();
        }
        // Whoever stops waiting in the middle leaves the question to the next.
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let answer = self.ask(ask).await;
        *answered = (number, Some(answer.clone()));
        answer
    }

    /// Asks, and forgets what was seen if the stream ends before it.
    async fn ask<F>(&self, ask: impl Fn() -> F) -> Result<Answer, Unavailable>
    where
        F: Future<Output = Result<End, Unavailable>>,
    {
        let (witness, arrived) = self
            .seen()
            .standing
            .as_ref()
            .map(|standing| (standing.witness, standing.arrived))
            .unwrap_or_default();
        let mut end = ask().await?;
        for again in 0..LAGGING.1 {
            if end.seq >= arrived {
                break;
            }
            // A leader may be the last to do what it made the others do.
            sleep(LAGGING.0 * 2_u32.pow(again)).await;
            end = ask().await?;
        }
        if end.seq < arrived {
            self.seen().forget(witness);
        }
        Ok(Answer { end, witness })
    }

    /// Whether everything up to an end was seen, or will be.
    fn arrives(&self, Answer { end, witness }: &Answer) -> Arrives {
        let mut seen = self.seen();
        let Some(standing) = seen.standing.as_mut() else {
            return Arrives::Unknown;
        };
        if standing.source != end.source {
            // One that began to stand since has seen what is there now.
            seen.forget(*witness);
            return Arrives::Unknown;
        }
        if standing.arrived >= end.seq {
            return Arrives::Now;
        }
        let (comes, arrives) = oneshot::channel();
        standing.waiting.entry(end.seq).or_default().push(comes);
        Arrives::Later(arrives)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Each statement under this lock leaves it whole.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn forget(&mut self, witness: u64) {
        // Whoever waits hears that nothing comes any more.
        self.standing
            .take_if(|standing| standing.witness == witness);
    }
}

/// Whoever sees the whole stream. When it is dropped nothing of what it saw counts any more.
#[derive(Debug)]
pub(crate) struct Witness {
    ends: Arc<Ends>,
    witness: u64,
}

impl Witness {
    /// The next message of the stream has arrived; `commit` is what it said, where that counts.
    pub(crate) fn saw(&self, seq: u64, commit: Option<(&BookName, &Head)>) {
        let mut seen = self.ends.seen();
        let Some(standing) = seen
            .standing
            .as_mut()
            .filter(|standing| standing.witness == self.witness)
        else {
            return;
        };
        if let Some((book, head)) = commit
            && let Some(known) = standing.heads.get_mut(book)
        {
            *known = head.clone();
        }
        standing.arrived = standing.arrived.max(seq);
        while let Some(first) = standing
            .waiting
            .first_entry()
            .filter(|first| *first.key() <= seq)
        {
            for comes in first.remove() {
                // Who asked may have gone.
                let _ = comes.send(());
            }
        }
    }

    /// Where this book ends is not known from here on.
    pub(crate) fn leaves(&self, book: &BookName) {
        if let Some(standing) = self
            .ends
            .seen()
            .standing
            .as_mut()
            .filter(|standing| standing.witness == self.witness)
        {
            standing.heads.remove(book);
        }
    }

    /// Whether what it saw still counts.
    pub(crate) fn counts(&self) -> bool {
        self.ends
            .seen()
            .standing
            .as_ref()
            .is_some_and(|standing| standing.witness == self.witness)
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.ends.seen().forget(self.witness);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::time::Instant;

    use super::*;

    fn book(name: &str) -> BookName {
        BookName::parse(name).unwrap()
    }

    fn head(number: u64) -> Head {
        Head {
            number,
            hash: number.to_string(),
            position: String::new(),
        }
    }

    fn source() -> Source {
        Source {
            connection: 1,
            created: "then".to_owned(),
            leader: "n1".to_owned(),
        }
    }

    fn end(seq: u64) -> Result<End, Unavailable> {
        Ok(End {
            source: source(),
            seq,
        })
    }

    fn number(heads: &Option<Vec<Head>>) -> Option<u64> {
        heads.as_ref().map(|heads| heads[0].number)
    }

    /// One book is followed, and seen up to commit 3 at sequence 10.
    fn seen() -> (Arc<Ends>, Witness) {
        let ends = Arc::new(Ends::default());
        let witness = ends.witness(source(), 10, HashMap::from([(book("dispatch/1"), head(3))]));
        (ends, witness)
    }

    async fn told(ends: &Ends, says: Result<End, Unavailable>) -> Option<u64> {
        number(
            &ends
                .of(&[book("dispatch/1")], || std::future::ready(says.clone()))
                .await
                .unwrap(),
        )
    }

    /// Somebody asks, and hears that the stream ends there.
    fn asks(ends: &Arc<Ends>, seq: u64) -> tokio::task::JoinHandle<Option<u64>> {
        let ends = ends.clone();
        tokio::spawn(async move { told(&ends, end(seq)).await })
    }

    async fn a_moment() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_told_before_all_that_is_stored_was_seen() {
        let (ends, witness) = seen();
        let asked = asks(&ends, 12);
        a_moment().await;
        witness.saw(11, Some((&book("dispatch/1"), &head(4))));
        a_moment().await;
        assert!(!asked.is_finished(), "sequence 12 may be of that book");
        witness.saw(12, Some((&book("dispatch/1"), &head(5))));
        assert_eq!(asked.await.unwrap(), Some(5));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_stored_and_does_not_come_is_asked_for_and_nobody_waits_for_long() {
        let (ends, witness) = seen();
        let asked = Instant::now();
        assert_eq!(told(&ends, end(11)).await, None);
        assert!(asked.elapsed() < Duration::from_secs(1));
        assert!(witness.counts(), "it may still come");
        witness.saw(11, None);
        assert_eq!(told(&ends, end(11)).await, Some(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_is_shared_by_all_who_asked_before_it_began_and_by_nobody_else() {
        let (ends, witness) = seen();
        let begun = Arc::new(AtomicUsize::new(0));
        let asks = || {
            let (ends, begun) = (ends.clone(), begun.clone());
            tokio::spawn(async move {
                let ask = || async {
                    // Each question finds the stream one longer than the one before, and is long on its way.
                    let seq = 10 + begun.fetch_add(1, Ordering::SeqCst) as u64;
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    end(seq)
                };
                number(&ends.of(&[book("dispatch/1")], ask).await.unwrap())
            })
        };
        let first = asks();
        a_moment().await;
        let others: Vec<_> = (0..50).map(|_| asks()).collect();
        assert_eq!(first.await.unwrap(), Some(3));
        witness.saw(11, Some((&book("dispatch/1"), &head(4))));
        for other in others {
            assert_eq!(
                other.await.unwrap(),
                Some(4),
                "the question under way when they asked may have been answered before"
            );
        }
        assert_eq!(begun.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_waiting_in_the_middle_leaves_the_question_to_the_next() {
        let (ends, _witness) = seen();
        let its = ends.clone();
        let left =
            tokio::spawn(async move { its.of(&[book("dispatch/1")], std::future::pending).await });
        a_moment().await;
        let next = asks(&ends, 10);
        a_moment().await;
        left.abort();
        assert_eq!(next.await.unwrap(), Some(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_ends_before_what_was_seen_was_not_seen_whatever_it_grows_to() {
        let (ends, witness) = seen();
        assert_eq!(told(&ends, end(9)).await, None);
        assert!(!witness.counts());
        witness.saw(12, Some((&book("dispatch/1"), &head(5))));
        assert_eq!(told(&ends, end(12)).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_leader_that_does_last_what_it_made_others_do_is_asked_again() {
        let (ends, witness) = seen();
        let asked = AtomicUsize::new(0);
        let ask = || std::future::ready(end(9 + asked.fetch_add(1, Ordering::SeqCst) as u64));
        assert_eq!(
            number(&ends.of(&[book("dispatch/1")], ask).await.unwrap()),
            Some(3)
        );
        assert!(witness.counts());
    }

    #[tokio::test(start_paused = true)]
    async fn another_connection_another_leader_or_another_stream_was_not_seen() {
        for other in [
            Source {
                connection: 2,
                ..source()
            },
            Source {
                leader: "n2".to_owned(),
                ..source()
            },
            Source {
                created: "now".to_owned(),
                ..source()
            },
        ] {
            let (ends, witness) = seen();
            assert_eq!(
                told(
                    &ends,
                    Ok(End {
                        source: other,
                        seq: 10
                    })
                )
                .await,
                None
            );
            assert!(!witness.counts());
            assert_eq!(told(&ends, end(10)).await, None, "it stays forgotten");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_witness_that_goes_is_waited_for_no_longer_and_takes_no_other_with_it() {
        let (ends, witness) = seen();
        let (asked, began) = (asks(&ends, 11), Instant::now());
        a_moment().await;
        drop(witness);
        assert_eq!(asked.await.unwrap(), None);
        assert!(began.elapsed() < Duration::from_millis(100));
        let old = ends.witness(source(), 10, HashMap::from([(book("dispatch/1"), head(3))]));
        let new = ends.witness(source(), 11, HashMap::from([(book("dispatch/1"), head(4))]));
        old.saw(12, Some((&book("dispatch/1"), &head(9))));
        drop(old);
        assert!(new.counts());
        assert_eq!(
            told(&ends, end(11)).await,
            Some(4),
            "what an old one says counts no more"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_comes_late_from_an_old_connection_leaves_the_new_witness_alone() {
        let (ends, old) = seen();
        let its = ends.clone();
        let late = || async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            end(10)
        };
        let asked = tokio::spawn(async move { its.of(&[book("dispatch/1")], late).await });
        a_moment().await;
        drop(old);
        let new = ends.witness(
            Source {
                connection: 2,
                ..source()
            },
            11,
            HashMap::from([(book("dispatch/1"), head(4))]),
        );
        assert_eq!(asked.await.unwrap(), Ok(None));
        assert!(new.counts());
    }

    #[tokio::test(start_paused = true)]
    async fn a_book_that_lost_commits_is_asked_for_and_the_others_are_told() {
        let ends = Arc::new(Ends::default());
        let witness = ends.witness(
            source(),
            10,
            HashMap::from([(book("dispatch/1"), head(3)), (book("dispatch/2"), head(7))]),
        );
        witness.leaves(&book("dispatch/2"));
        witness.saw(11, Some((&book("dispatch/2"), &head(8))));
        let ask = || std::future::ready(end(11));
        assert_eq!(
            ends.of(&[book("dispatch/1"), book("dispatch/2")], ask)
                .await,
            Ok(None)
        );
        assert_eq!(told(&ends, end(11)).await, Some(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_book_nobody_follows_is_asked_for_at_once_and_an_answer_that_was_lost_is_told() {
        let (ends, _witness) = seen();
        let nobody = || -> std::future::Ready<Result<End, Unavailable>> {
            panic!("the stream's end says nothing of it")
        };
        assert_eq!(
            ends.of(&[book("dispatch/1"), book("dispatch/2")], nobody)
                .await,
            Ok(None)
        );
        let away = Unavailable("away".to_owned());
        assert_eq!(
            ends.of(&[book("dispatch/1")], || std::future::ready(Err(
                away.clone()
            )))
            .await,
            Err(away.clone())
        );
        assert_eq!(
            told(&ends, end(10)).await,
            Some(3),
            "the next question is another one"
        );
    }
}
