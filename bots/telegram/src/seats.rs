//! Where people sit: the dialogue of each account, near at hand and put by for the next process.
//!
//! What lies here may be lost at any instant. A dialogue that is gone begins anew, and what a person had
//! finished is in the books. It does not know what a dialogue is about.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use picket_conversation::Session;
use picket_ephemera::{Ephemera, MAX_VALUE_BYTES};
use picket_schemas::ask::After;
use serde::{Deserialize, Serialize};

use crate::show::Say;

/// How many dialogues are near at hand.
const NEAR: usize = 5_000;
/// How long one is put by.
const KEPT: Duration = Duration::from_secs(48 * 60 * 60);

/// The dialogue of an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Seat {
    /// Whose it is; an account that is somebody else's now begins anew.
    pub(crate) person: String,
    pub(crate) session: Session,
    /// What the person wrote; nothing older is read.
    pub(crate) after: After,
    /// The last update that had its effect here: it and all before it have it once, however often they come.
    #[serde(default)]
    pub(crate) handled: u32,
    /// What that one said, for as long as nobody knows whether it was shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) said: Vec<Say>,
    /// What was wished last without anybody knowing how it ended, under which id, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unclear: Option<(String, String, Timestamp)>,
}

impl Seat {
    /// A new dialogue.
    pub(crate) fn of(person: &str) -> Self {
        Self {
            person: person.to_owned(),
            ..Self::default()
        }
    }

    /// Notes what an update led to.
    pub(crate) fn had(&mut self, update: u32, said: &[Say]) {
        (self.handled, self.said) = (update, said.to_vec());
    }
}

#[derive(Default)]
struct Near {
    seats: HashMap<i64, Seat>,
    order: VecDeque<i64>,
}

/// All dialogues.
pub(crate) struct Seats {
    near: Mutex<Near>,
    far: Arc<dyn Ephemera>,
    prefix: String,
}

impl Seats {
    pub(crate) fn new(far: Arc<dyn Ephemera>, prefix: String) -> Self {
        Self {
            near: Mutex::default(),
            far,
            prefix,
        }
    }

    /// The dialogue of an account; a new one where none is left.
    pub(crate) async fn seat(&self, account: i64, person: &str) -> Seat {
        let near = self
            .near
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .seats
            .get(&account)
            .cloned();
        let seat = match near {
            Some(seat) => Some(seat),
            // A store that is away is one that lost it.
            None => self
                .far
                .get(&self.name(account))
                .await
                .ok()
                .flatten()
                .and_then(|bytes| serde_json::from_slice(&bytes).ok()),
        };
        seat.filter(|seat| seat.person == person)
            .unwrap_or_else(|| Seat::of(person))
    }

    /// Another process may have gone on with any of them: what counts is what was put by.
    pub(crate) fn forget_near(&self) {
        *self.near.lock().unwrap_or_else(PoisonError::into_inner) = Near::default();
    }

    /// Puts a dialogue back.
    pub(crate) async fn keep(&self, account: i64, seat: Seat) {
        let bytes = match serde_json::to_vec(&seat).unwrap_or_default() {
            bytes if bytes.len() <= MAX_VALUE_BYTES => bytes,
            // What was said can be asked for again; the dialogue itself is worth more.
            _ => serde_json::to_vec(&Seat {
                said: Vec::new(),
                ..seat.clone()
            })
            .unwrap_or_default(),
        };
        {
            let mut near = self.near.lock().unwrap_or_else(PoisonError::into_inner);
            if near.seats.insert(account, seat).is_none() {
                near.order.push_back(account);
            }
            while near.seats.len() > NEAR
                && let Some(oldest) = near.order.pop_front()
            {
                near.seats.remove(&oldest);
            }
        }
        if (1..=MAX_VALUE_BYTES).contains(&bytes.len()) {
            // What cannot be put by is lost with this process, which is allowed.
            drop(self.far.put(&self.name(account), &bytes, KEPT).await);
        }
    }

    fn name(&self, account: i64) -> String {
        format!("{}/{account}", self.prefix)
    }
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use picket_conversation::Language;
    use picket_ephemera::MemoryEphemera;

    use super::*;

    fn english(person: &str) -> Seat {
        Seat {
            session: Session::speaking(Language::En),
            ..Seat::of(person)
        }
    }

    #[tokio::test]
    async fn another_process_goes_on_where_this_one_ended() {
        let far: Arc<dyn Ephemera> = Arc::new(MemoryEphemera::new());
        Seats::new(far.clone(), "seat".into())
            .keep(17, english("420902/P-0017"))
            .await;
        let seat = Seats::new(far, "seat".into())
            .seat(17, "420902/P-0017")
            .await;
        assert_eq!(seat.session.language(), Language::En);
    }

    #[tokio::test]
    async fn a_dialogue_that_is_lost_begins_anew() {
        let far = Arc::new(MemoryEphemera::new());
        Seats::new(far.clone(), "seat".into())
            .keep(17, english("420902/P-0017"))
            .await;
        far.wipe();
        assert_eq!(
            Seats::new(far, "seat".into())
                .seat(17, "420902/P-0017")
                .await,
            Seat::of("420902/P-0017")
        );
    }

    #[tokio::test]
    async fn an_account_that_is_somebody_else_s_now_does_not_read_on_in_another_s_dialogue() {
        let seats = Seats::new(Arc::new(MemoryEphemera::new()), "seat".into());
        seats.keep(17, english("420902/P-0017")).await;
        assert_eq!(
            seats.seat(17, "420902/P-0018").await,
            Seat::of("420902/P-0018")
        );
    }

    #[tokio::test]
    async fn what_another_process_did_meanwhile_counts_once_this_one_forgot() {
        let far: Arc<dyn Ephemera> = Arc::new(MemoryEphemera::new());
        let (one, two) = (
            Seats::new(far.clone(), "seat".into()),
            Seats::new(far, "seat".into()),
        );
        one.keep(
            17,
            Seat {
                handled: 5,
                ..Seat::of("p")
            },
        )
        .await;
        two.keep(
            17,
            Seat {
                handled: 9,
                ..Seat::of("p")
            },
        )
        .await;
        one.forget_near();
        assert_eq!(one.seat(17, "p").await.handled, 9);
    }

    #[tokio::test]
    async fn a_dialogue_is_put_by_even_if_what_it_said_last_is_too_large() {
        let far: Arc<dyn Ephemera> = Arc::new(MemoryEphemera::new());
        let mut seat = english("p");
        seat.had(5, &[Say::Words("x".repeat(MAX_VALUE_BYTES))]);
        Seats::new(far.clone(), "seat".into()).keep(17, seat).await;
        let seat = Seats::new(far, "seat".into()).seat(17, "p").await;
        assert_eq!(
            (seat.handled, seat.said.len(), seat.session.language()),
            (5, 0, Language::En)
        );
    }

    #[tokio::test]
    async fn dialogues_near_at_hand_are_bounded() {
        let seats = Seats::new(Arc::new(MemoryEphemera::new()), "seat".into());
        for account in 0..(NEAR as i64 + 50) {
            seats.keep(account, Seat::of("p")).await;
        }
        assert_eq!(seats.near.lock().expect("unbroken").seats.len(), NEAR);
    }
}
