//! The health of a running Picket: a store that saves nothing, books that stand still, a projection that does not get
//! on, deadlines that nobody can work out yet.
//!
//! The process says it of itself; what is told to people about it, and when, is not known here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Bus, Client, subjects};
use picket_calendar::Calendar;
use picket_runtime::{Hindrance, Live};
use serde::{Deserialize, Serialize};

use crate::projection::Asker;

/// Where it is asked for, with an empty request; the reply is a [`Health`].
const SUBJECT: &str = subjects::HEALTH;

/// The health of a running Picket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The words of the store of the facts when it last did not save something.
    #[serde(default)]
    pub unsaved: Option<String>,
    /// Books that stand still.
    #[serde(default)]
    pub books: Vec<Unwell>,
    /// Why the projection does not get on.
    #[serde(default)]
    pub insight: Option<String>,
    /// Years without a working calendar, with how many clocks wait for each.
    #[serde(default)]
    pub calendars: BTreeMap<i16, usize>,
}

/// A book that stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unwell {
    /// The book.
    pub book: String,
    /// The work it does not do.
    pub hindrance: Hindrance,
    /// Why.
    pub why: String,
}

impl Health {
    /// How the books and the projection of this process are.
    pub async fn of(live: &Live, asker: &Asker) -> Self {
        Self {
            calendars: years_without_calendar(asker).await,
            ..Self::at_a_glance(live, Some(asker))
        }
    }

    /// The same without what must be counted.
    pub fn at_a_glance(live: &Live, asker: Option<&Asker>) -> Self {
        let mut books: Vec<_> = live
            .troubles()
            .into_iter()
            .map(|trouble| Unwell {
                book: trouble.book.to_string(),
                hindrance: trouble.hindrance,
                why: trouble.why,
            })
            .collect();
        let (damaged, insight) = asker.map(Asker::stands).unwrap_or_default();
        // Nobody keeps it here, or it was damaged since it was opened: readers found it.
        for (book, why) in damaged {
            if !books
                .iter()
                .any(|unwell| unwell.book == book && unwell.hindrance == Hindrance::Stopped)
            {
                books.push(Unwell {
                    book,
                    hindrance: Hindrance::Stopped,
                    why,
                });
            }
        }
        books.sort_by_key(|unwell| unwell.hindrance != Hindrance::Stopped);
        Self {
            unsaved: live.engine().unsaved(),
            books,
            insight,
            calendars: BTreeMap::new(),
        }
    }

    /// Asks the running process; nothing is wrong where it does not say.
    pub async fn ask(client: &Client) -> Self {
        let Ok(reply) = client
            .bus()
            .ask(SUBJECT, Vec::new(), Duration::from_secs(2))
            .await
        else {
            return Self::default();
        };
        serde_json::from_slice(&reply).unwrap_or_default()
    }
}

/// Serves it on a bus.
pub async fn serve(bus: Arc<dyn Bus>, live: Arc<Live>, asker: Asker) {
    let Ok(mut requests) = bus.serve(SUBJECT).await else {
        return;
    };
    while let Some(request) = requests.next().await {
        let health = Health::of(&live, &asker).await;
        request.reply(serde_json::to_vec(&health).unwrap_or_default());
    }
}

/// The years without a working calendar that clocks wait for.
pub async fn years_without_calendar(asker: &Asker) -> BTreeMap<i16, usize> {
    let calendar = Calendar::china();
    let mut years = BTreeMap::new();
    for due in asker.provisional().await {
        // The end of a day is the first instant of the next.
        let day = calendar.date_of(due - Duration::from_millis(1));
        *years.entry(day.year()).or_default() += 1;
    }
    years
}

#[cfg(test)]
mod wire_tests;
