//! The route from callers to books: in this process, or over a bus as edges do.
//!
//! It does not know what keeps the books.

use std::sync::Arc;
use std::time::Duration;

use picket_bus::Client;
use picket_runtime::Live;
use picket_schemas::{Answer, Jurisdiction, Problem, Wish};

/// How often a wish is asked again over a bus, and the pause before.
const AGAIN: usize = 5;
const PAUSE: Duration = Duration::from_millis(50);

/// The route from callers to the books.
#[derive(Clone)]
pub(super) enum BookRoute {
    /// In this process.
    Here(Arc<Live>),
    /// Over a bus, as edges do; the books happen to be kept here.
    Bus(Client, Arc<Live>),
}

impl BookRoute {
    /// The books themselves.
    pub(super) fn live(&self) -> &Arc<Live> {
        match self {
            Self::Here(live) | Self::Bus(_, live) => live,
        }
    }

    /// Sends a wish and waits for the answer. Over a bus it is asked again, with the same id, while nobody knows its
    /// outcome or too much waits there: as edges do, and all of it is the caller's time.
    pub(super) async fn wish(&self, county: &Jurisdiction, wish: Wish) -> Result<Answer, Problem> {
        let client = match self {
            Self::Here(live) => return live.wish(county, wish).await,
            Self::Bus(client, _) => client,
        };
        let mut again = AGAIN;
        loop {
            match client.wish(county, &wish).await {
                Err(problem)
                    if again > 0 && matches!(problem.code.as_str(), "outcome_unknown" | "busy") =>
                {
                    tokio::time::sleep(PAUSE).await
                }
                answered => return answered,
            }
            again -= 1;
        }
    }
}
