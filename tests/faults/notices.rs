//! What became of each notice: from the fact that queued it, over the transport that took it, to its outcome.
//!
//! A chat of the test's own takes every notice that is handed over, and keeps which and when. The journals say what
//! was queued, handed over and reported. It does not know what went wrong meanwhile.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::Mutex;
use picket_bus::{Carried, Client};
use picket_nats::NatsBus;
use picket_schemas::NoticeId;
use picket_schemas::courier::{Event, Next};
use tokio::task::JoinHandle;

/// The channel people have besides open screens.
const CHAT: &str = "telegram";

/// One time that a notice was handed over: the county, the notice, and which attempt it was.
pub(crate) type Attempt = (String, NoticeId, u32);
/// When each attempt came to the chat.
pub(crate) type Came = BTreeMap<Attempt, Vec<Timestamp>>;

/// Everybody's phone.
pub(crate) struct Chat {
    came: Arc<Mutex<Came>>,
    taking: JoinHandle<()>,
}

impl Chat {
    /// Takes from now on what is handed over, and says that it was sent.
    pub(crate) async fn open(client: picket_nats::Client) -> Self {
        let mut carrying = Client::new(Arc::new(NatsBus::new(client)))
            .carrying(CHAT)
            .await
            .unwrap();
        let came = Arc::<Mutex<Came>>::default();
        let kept = came.clone();
        let taking = tokio::spawn(async move {
            while let Some(carry) = carrying.next().await {
                let notice = &carry.handed.notice;
                let attempt = (
                    notice.jurisdiction.to_string(),
                    NoticeId::from(notice.notice.as_str()),
                    carry.handed.attempt,
                );
                kept.lock()
                    .entry(attempt)
                    .or_default()
                    .push(Timestamp::now());
                carry.answer(&Carried::Sent);
            }
        });
        Self { came, taking }
    }

    /// All that came so far.
    pub(crate) fn came(&self) -> Came {
        self.came.lock().clone()
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        self.taking.abort();
    }
}

/// How a notice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// It goes at this instant.
    Waits {
        bell: Timestamp,
        attempts: u32,
    },
    /// A transport has it, and answers until then.
    Out {
        attempt: u32,
        until: Timestamp,
    },
    /// It went with another one.
    Rides {
        attempt: u32,
    },
    Over,
}

/// What the journals say of one attempt.
#[derive(Clone, Debug)]
struct HandedOver {
    at: Timestamp,
    /// Where it was sent; empty where it failed or nobody knows.
    outcome: Option<String>,
}

/// Every notice of every county, as the journals tell of it.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    stands: BTreeMap<(String, NoticeId), Stands>,
    attempts: BTreeMap<Attempt, HandedOver>,
    wrong: Vec<String>,
}

impl Notices {
    /// The next event of a county's courier.
    pub(crate) fn hear(&mut self, county: &str, at: Timestamp, event: &Event) {
        match event {
            Event::NoticeQueued { notice, after, .. } => self.waits(county, notice, *after),
            Event::NoticeDeferred { notice, after, .. } => self.deferred(county, notice, *after),
            Event::NoticeHanded {
                notice,
                attempt,
                until,
                also,
                ..
            } => {
                self.goes(
                    county,
                    notice,
                    Stands::Out {
                        attempt: *attempt,
                        until: *until,
                    },
                );
                self.attempts.insert(
                    (county.to_owned(), notice.clone(), *attempt),
                    HandedOver { at, outcome: None },
                );
                for one in also {
                    let attempt = self.attempts_of(county, &one.notice) + 1;
                    self.goes(county, &one.notice, Stands::Rides { attempt });
                }
            }
            Event::NoticeSent {
                notice,
                attempt,
                also,
                channel,
            } => self.ends(county, (notice, *attempt), also, channel, None),
            Event::NoticeUnknown {
                notice,
                attempt,
                also,
                ..
            } => self.ends(county, (notice, *attempt), also, "", None),
            Event::NoticeFailed {
                notice,
                attempt,
                also,
                next,
                ..
            } => {
                let bell = next.and_then(|next| match next {
                    Next::Again(bell) | Next::Served(bell) | Next::Reachable(bell) => Some(bell),
                    Next::Never => None,
                });
                self.ends(county, (notice, *attempt), also, "", bell);
            }
            Event::NoticeSuppressed { notice, .. } => self.suppressed(county, notice),
            _ => {}
        }
    }

    fn stands(&self, county: &str, notice: &NoticeId) -> Option<Stands> {
        self.stands
            .get(&(county.to_owned(), notice.clone()))
            .copied()
    }

    fn attempts_of(&self, county: &str, notice: &NoticeId) -> u32 {
        match self.stands(county, notice) {
            Some(Stands::Waits { attempts, .. }) => attempts,
            Some(Stands::Out { attempt, .. } | Stands::Rides { attempt }) => attempt,
            Some(Stands::Over) | None => 0,
        }
    }

    /// It begins to wait.
    fn waits(&mut self, county: &str, notice: &NoticeId, bell: Timestamp) {
        if let Some(before) = self.stands.insert(
            (county.to_owned(), notice.clone()),
            Stands::Waits { bell, attempts: 0 },
        ) {
            self.wrong
                .push(format!("{county}/{notice} was queued while {before:?}"));
        }
    }

    fn deferred(&mut self, county: &str, notice: &NoticeId, after: Timestamp) {
        match self.stands.get_mut(&(county.to_owned(), notice.clone())) {
            Some(Stands::Waits { bell, .. }) => *bell = after,
            other => {
                let other = format!("{other:?}");
                self.wrong
                    .push(format!("{county}/{notice} was deferred while {other}"));
            }
        }
    }

    /// It is told to nobody; what a transport has is not taken back.
    fn suppressed(&mut self, county: &str, notice: &NoticeId) {
        let before = self
            .stands
            .insert((county.to_owned(), notice.clone()), Stands::Over);
        if !matches!(before, Some(Stands::Waits { .. })) {
            self.wrong
                .push(format!("{county}/{notice} was suppressed while {before:?}"));
        }
    }

    /// It is handed over: only what waits is, and each time as the next attempt.
    fn goes(&mut self, county: &str, notice: &NoticeId, to: Stands) {
        let before = self.stands(county, notice);
        let is_next = match (before, to) {
            (
                Some(Stands::Waits { attempts, .. }),
                Stands::Out { attempt, .. } | Stands::Rides { attempt },
            ) => attempt == attempts + 1,
            _ => false,
        };
        if !is_next {
            self.wrong.push(format!(
                "{county}/{notice} was handed over as {to:?} while {before:?}"
            ));
        }
        self.stands.insert((county.to_owned(), notice.clone()), to);
    }

    /// An attempt has an outcome; it waits for the next one, or is over.
    fn ends(
        &mut self,
        county: &str,
        (notice, attempt): (&NoticeId, u32),
        also: &[NoticeId],
        sent: &str,
        next: Option<Timestamp>,
    ) {
        for one in std::iter::once(notice).chain(also) {
            let attempts = match self.stands(county, one) {
                Some(Stands::Out { attempt: out, .. }) if one == notice && out == attempt => {
                    if let Some(handed) =
                        self.attempts
                            .get_mut(&(county.to_owned(), one.clone(), out))
                    {
                        handed.outcome = Some(sent.to_owned());
                    }
                    out
                }
                Some(Stands::Rides { attempt }) => attempt,
                other => {
                    self.wrong.push(format!(
                        "{county}/{one} has an outcome of attempt {attempt} while {other:?}"
                    ));
                    continue;
                }
            };
            let to = next.map_or(Stands::Over, |bell| Stands::Waits { bell, attempts });
            self.stands.insert((county.to_owned(), one.clone()), to);
        }
    }

    /// What should have happened by an instant and did not: notices that were due and were not handed over, and
    /// attempts whose time was up and that nobody put on record as unknown.
    pub(crate) fn late(&self, by: Timestamp) -> Vec<String> {
        let late = |((county, notice), stands): (&(String, NoticeId), &Stands)| match stands {
            Stands::Waits { bell, attempts } if *bell <= by => Some(format!(
                "{county}/{notice}: due at {bell}, not handed over after {attempts} attempts"
            )),
            Stands::Out { attempt, until } if *until <= by => Some(format!(
                "{county}/{notice}: no outcome of attempt {attempt} at {until}"
            )),
            _ => None,
        };
        self.stands.iter().filter_map(late).collect()
    }

    /// What does not fit: within the journals, and between them and what came to the chat.
    ///
    /// Nothing comes that is not on record as handed over, nothing comes twice unless its line doubles messages, nothing
    /// is on record as sent that did not come. While nothing is wrong, all that is handed over comes, and that is known.
    /// What came after `by` may be on record by now.
    pub(crate) fn strange(
        &self,
        came: &Came,
        by: Timestamp,
        is_calm: impl Fn(Timestamp) -> bool,
        is_doubled: impl Fn(Timestamp) -> bool,
    ) -> Vec<String> {
        let mut strange = self.wrong.clone();
        for ((county, notice, attempt), times) in came {
            let name = format!("attempt {attempt} of {county}/{notice}");
            if times.iter().any(|at| *at <= by)
                && !self
                    .attempts
                    .contains_key(&(county.clone(), notice.clone(), *attempt))
            {
                strange.push(format!("{name} came and is on no record"));
            }
            if times.len() > 1 && !times.iter().copied().all(&is_doubled) {
                strange.push(format!("{name} came more than once: {times:?}"));
            }
        }
        for (key, handed) in &self.attempts {
            let (county, notice, attempt) = key;
            let (times, at) = (came.get(key).map_or(0, Vec::len), handed.at);
            let name = format!("attempt {attempt} of {county}/{notice}, handed over at {at},");
            if handed.outcome.as_deref() == Some(CHAT) && times == 0 {
                strange.push(format!("{name} is on record as sent and never came"));
            }
            if is_calm(at) && (times == 0 || handed.outcome.is_none()) {
                strange.push(format!(
                    "{name} came {times} times although nothing was wrong; on record: {:?}",
                    handed.outcome
                ));
            }
        }
        strange
    }

    /// How many attempts there were while it was like this, and how many of them have no outcome yet.
    pub(crate) fn count(&self, is_so: impl Fn(Timestamp) -> bool) -> (usize, usize) {
        let these = || self.attempts.values().filter(|handed| is_so(handed.at));
        (
            these().count(),
            these().filter(|handed| handed.outcome.is_none()).count(),
        )
    }
}

/// That the proof finds what it is there to find.
mod tests {
    use picket_schemas::courier::{Bundled, NoticeKind, Priority};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn queued(notice: &str, after: i64) -> Event {
        Event::NoticeQueued {
            notice: notice.into(),
            to: "1/P-1".into(),
            kind: NoticeKind::Offer,
            about: "T-1".into(),
            clock: None,
            urgent: false,
            after: at(after),
            with: BTreeMap::new(),
            cause: String::new(),
            waits: String::new(),
        }
    }

    fn handed(notice: &str, attempt: u32, also: &[&str]) -> Event {
        Event::NoticeHanded {
            notice: notice.into(),
            to: "1/P-1".into(),
            kind: NoticeKind::Offer,
            about: "T-1".into(),
            attempt,
            channel: "any".into(),
            until: at(600),
            with: BTreeMap::new(),
            priority: Priority::Work,
            also: also
                .iter()
                .map(|one| Bundled {
                    notice: (*one).into(),
                    about: "T-2".into(),
                })
                .collect(),
        }
    }

    fn sent(notice: &str, attempt: u32, also: &[&str]) -> Event {
        Event::NoticeSent {
            notice: notice.into(),
            attempt,
            also: also.iter().map(|one| (*one).into()).collect(),
            channel: CHAT.into(),
        }
    }

    fn failed(notice: &str, attempt: u32, again: i64) -> Event {
        Event::NoticeFailed {
            notice: notice.into(),
            attempt,
            reason: "no".into(),
            next: Some(Next::Again(at(again))),
            also: Vec::new(),
            channel: CHAT.into(),
        }
    }

    fn heard(events: &[Event]) -> Notices {
        let mut notices = Notices::default();
        for event in events {
            notices.hear("1", at(10), event);
        }
        notices
    }

    fn came(attempts: &[(&str, u32, &[i64])]) -> Came {
        attempts
            .iter()
            .map(|(notice, attempt, times)| {
                (
                    ("1".to_owned(), NoticeId::from(*notice), *attempt),
                    times.iter().copied().map(at).collect(),
                )
            })
            .collect()
    }

    fn strange(notices: &Notices, came: &Came) -> Vec<String> {
        notices.strange(came, Timestamp::MAX, |_| true, |_| false)
    }

    #[test]
    fn a_notice_that_is_due_and_was_never_handed_over_is_found() {
        let notices = heard(&[
            queued("N-1", 10),
            queued("N-2", 10),
            handed("N-1", 1, &[]),
            sent("N-1", 1, &[]),
            queued("N-3", 99),
        ]);
        assert_eq!(notices.late(at(20)).len(), 1, "{:?}", notices.late(at(20)));
        assert!(notices.late(at(20))[0].starts_with("1/N-2: due at"));
        assert_eq!(
            notices.late(at(9)),
            Vec::<String>::new(),
            "before its time it waits"
        );
    }

    #[test]
    fn a_failure_is_tried_again_at_its_time_and_an_attempt_does_not_stay_open_for_ever() {
        let once = [
            queued("N-1", 10),
            handed("N-1", 1, &[]),
            failed("N-1", 1, 70),
        ];
        assert_eq!(heard(&once).late(at(69)), Vec::<String>::new());
        assert_eq!(
            heard(&once).late(at(70)).len(),
            1,
            "the second attempt is due"
        );
        let open = heard(&[&once[..], &[handed("N-1", 2, &[])]].concat());
        assert_eq!(
            (open.late(at(599)).len(), open.late(at(600)).len()),
            (0, 1),
            "given up ten minutes later"
        );
    }

    #[test]
    fn what_went_with_another_one_needs_no_way_of_its_own_and_what_was_left_behind_does() {
        let notices = heard(&[
            queued("N-1", 10),
            queued("N-2", 10),
            handed("N-1", 1, &["N-2"]),
            sent("N-1", 1, &["N-2"]),
        ]);
        assert_eq!(
            (
                notices.late(at(20)),
                strange(&notices, &came(&[("N-1", 1, &[11])]))
            ),
            (Vec::new(), Vec::new())
        );
        let forgotten = heard(&[
            queued("N-1", 10),
            queued("N-2", 10),
            handed("N-1", 1, &[]),
            sent("N-1", 1, &["N-2"]),
        ]);
        assert_eq!(
            strange(&forgotten, &came(&[("N-1", 1, &[11])])).len(),
            1,
            "an outcome for what did not go"
        );
    }

    #[test]
    fn what_is_handed_over_twice_or_out_of_turn_is_found() {
        for events in [
            &[
                queued("N-1", 10),
                handed("N-1", 1, &[]),
                handed("N-1", 2, &[]),
            ][..],
            &[queued("N-1", 10), handed("N-1", 2, &[])],
            &[handed("N-1", 1, &[])],
        ] {
            assert!(!heard(events).wrong.is_empty(), "{events:?}");
        }
    }

    #[test]
    fn what_the_chat_got_and_what_the_journals_say_of_it_are_held_against_each_other() {
        let notices = heard(&[
            queued("N-1", 10),
            handed("N-1", 1, &[]),
            sent("N-1", 1, &[]),
        ]);
        assert_eq!(
            strange(&notices, &came(&[("N-1", 1, &[11])])),
            Vec::<String>::new()
        );
        assert!(
            !strange(&notices, &Came::new()).is_empty(),
            "sent, and it never came"
        );
        assert!(
            !strange(&notices, &came(&[("N-1", 1, &[11, 12])])).is_empty(),
            "twice"
        );
        assert!(
            !strange(&notices, &came(&[("N-1", 1, &[11]), ("N-9", 1, &[11])])).is_empty(),
            "out of nothing"
        );
        let doubled = came(&[("N-1", 1, &[11, 12])]);
        assert_eq!(
            notices.strange(&doubled, Timestamp::MAX, |_| true, |_| true),
            Vec::<String>::new(),
            "its line doubles messages"
        );
    }

    #[test]
    fn what_was_handed_over_while_nothing_was_wrong_came_and_that_is_known() {
        let lost = heard(&[queued("N-1", 10), handed("N-1", 1, &[])]);
        assert!(!strange(&lost, &Came::new()).is_empty(), "lost between");
        assert!(
            !strange(&lost, &came(&[("N-1", 1, &[11])])).is_empty(),
            "it came, and nobody knows"
        );
        assert_eq!(
            lost.strange(&Came::new(), Timestamp::MAX, |_| false, |_| false),
            Vec::<String>::new(),
            "something was wrong, and its time is not over"
        );
        assert_eq!(lost.count(|_| true), (1, 1));
    }
}
