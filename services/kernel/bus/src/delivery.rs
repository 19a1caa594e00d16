//! The delivery of notices over a channel: to whoever carries them there, and what became of them.
//!
//! A screen that is open is one way to show a notice ([`Client::show`]); a channel such as a chat platform is
//! another. One carrier serves a channel for everybody; it answers once it knows, or never where it does not.
//! One attempt is never carried twice. It does not know how a card looks.

use std::time::Duration;

use jiff::Timestamp;
use picket_schemas::Problem;
use picket_schemas::courier::{Bundled, Priority};
use serde::{Deserialize, Serialize};

use crate::client::{Client, garbled, problem_of};
use crate::message::Notice;
use crate::port::{BusError, Request, Requests};
use crate::subjects;

/// A notice given to a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Handed {
    /// The notice itself, and to whom.
    pub notice: Notice,
    /// The attempt it is; one attempt is never carried twice.
    pub attempt: u32,
    /// The priority, more pressing first.
    #[serde(default)]
    pub priority: Priority,
    /// Notices that go with it in one message.
    #[serde(default)]
    pub also: Vec<Bundled>,
    /// After this instant nobody waits for the outcome any more.
    pub until: Timestamp,
}

/// The outcome of a notice on a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carried {
    /// The platform took it.
    Sent,
    /// It will not arrive, and why.
    Failed(String),
    /// It was not sent now, and why; not again before so many seconds, where that is known.
    Deferred(String, Option<u32>),
    /// The person does not let us write there, in the platform's words.
    Blocked(String),
    /// Nobody knows whether it arrived, and why.
    Unknown(String),
    /// The person is not on this channel.
    NotHere,
    /// Nobody serves the channel now; nothing was tried.
    Unserved,
}

impl Client {
    /// Gives a notice to a channel and waits for the outcome. Who is on a channel nobody serves cannot be known here.
    pub async fn carry(
        &self,
        channel: &str,
        handed: &Handed,
        patience: Duration,
    ) -> Result<Carried, Problem> {
        let body = serde_json::to_vec(handed)
            .expect("a notice holds only strings, numbers and maps with string keys");
        match self
            .bus()
            .ask(&subjects::carry(channel), body, patience)
            .await
        {
            Ok(reply) => serde_json::from_slice(&reply).map_err(|_| garbled()),
            Err(BusError::Nobody(_)) => Ok(Carried::Unserved),
            Err(error) => Err(problem_of(&error)),
        }
    }

    /// Everything that is to go out over a channel, as long as the stream is held.
    pub async fn carrying(&self, channel: &str) -> Result<Carrying, Problem> {
        self.bus()
            .serve(&subjects::carry(channel))
            .await
            .map(Carrying)
            .map_err(|error| problem_of(&error))
    }
}

/// The notices to go out over a channel, as they come.
#[derive(Debug)]
pub struct Carrying(Requests);

impl Carrying {
    /// The next one; one that cannot be read is left without an answer.
    pub async fn next(&mut self) -> Option<Carry> {
        loop {
            let request = self.0.next().await?;
            if let Ok(handed) = serde_json::from_slice(&request.body) {
                return Some(Carry { handed, request });
            }
        }
    }
}

/// One notice to be carried. Dropped without an answer, its outcome is unknown.
#[derive(Debug)]
pub struct Carry {
    /// The notice, and until when.
    pub handed: Handed,
    request: Request,
}

impl Carry {
    /// Says what became of it.
    pub fn answer(self, carried: &Carried) {
        self.request
            .reply(serde_json::to_vec(carried).unwrap_or_default());
    }
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use picket_schemas::PersonId;
    use picket_schemas::courier::NoticeKind;

    use super::*;
    use crate::MemoryBus;

    fn handed() -> Handed {
        let notice = Notice {
            jurisdiction: "420902".into(),
            notice: "N-1".into(),
            to: PersonId::from("420902/P-0017"),
            kind: NoticeKind::Offer,
            about: "T-1".into(),
            at: Timestamp::UNIX_EPOCH,
            with: BTreeMap::new(),
            after: [("courier/420902".to_owned(), 7)].into(),
        };
        Handed {
            notice,
            attempt: 1,
            priority: Priority::Work,
            also: Vec::new(),
            until: Timestamp::MAX,
        }
    }

    #[tokio::test]
    async fn what_became_of_a_notice_comes_back_in_the_carriers_words() {
        let client = Client::new(Arc::new(MemoryBus::new()));
        let mut carrying = client.carrying("telegram").await.expect("served");
        let carrier = tokio::spawn(async move {
            let carry = carrying.next().await.expect("a notice");
            assert_eq!(carry.handed, handed());
            carry.answer(&Carried::Blocked("bot was blocked by the user".into()));
            carrying
        });
        let carried = client
            .carry("telegram", &handed(), Duration::from_secs(5))
            .await;
        assert_eq!(
            carried,
            Ok(Carried::Blocked("bot was blocked by the user".into()))
        );
        drop(carrier.await);
    }

    #[tokio::test]
    async fn a_channel_nobody_serves_is_told_from_one_the_person_is_not_on() {
        let client = Client::new(Arc::new(MemoryBus::new()));
        assert_eq!(
            client
                .carry("telegram", &handed(), Duration::from_secs(5))
                .await,
            Ok(Carried::Unserved)
        );
        let mut carrying = client.carrying("telegram").await.expect("served");
        let carrier = tokio::spawn(async move {
            carrying
                .next()
                .await
                .expect("a notice")
                .answer(&Carried::NotHere)
        });
        assert_eq!(
            client
                .carry("telegram", &handed(), Duration::from_secs(5))
                .await,
            Ok(Carried::NotHere)
        );
        drop(carrier.await);
    }

    #[test]
    fn a_notice_from_before_it_said_what_must_be_read_is_read_all_the_same() {
        let mut older = serde_json::to_value(handed()).expect("plain data");
        older["notice"]
            .as_object_mut()
            .expect("an object")
            .remove("after");
        let read: Handed = serde_json::from_value(older).expect("an older program's notice");
        assert_eq!(
            (read.notice.notice.as_str(), read.notice.after.is_empty()),
            ("N-1", true)
        );
    }

    #[tokio::test]
    async fn one_that_is_dropped_without_an_answer_has_no_outcome() {
        let client = Client::new(Arc::new(MemoryBus::new()));
        let mut carrying = client.carrying("telegram").await.expect("served");
        let carrier = tokio::spawn(async move { drop(carrying.next().await) });
        assert!(
            client
                .carry("telegram", &handed(), Duration::from_secs(5))
                .await
                .is_err()
        );
        drop(carrier.await);
    }
}
