//! The log of readings: what somebody who only oversees read, and what the owner saw of sealed things.
//!
//! It is on record in the registry, and on stderr, before the answer leaves; an answer whose reading cannot be
//! logged does not. Whose looks are logged is insight's to say.

use jiff::Timestamp;
use picket_bus::Client;
use picket_insight::AccessEntry;
use picket_schemas::registry::Territory;
use picket_schemas::{Jurisdiction, PersonId, Problem, Wish, registry};

use crate::ids::new_id;

/// Logs a reading where the records are; where its reader is no one there, at the reader's own registry.
/// Every replica that hears a question logs it under the question's id, so it is on record once.
pub(crate) async fn log(
    client: &Client,
    territory: &Territory,
    by: &PersonId,
    reading: &AccessEntry,
    question: &str,
    now: Timestamp,
) -> Result<(), Problem> {
    let id = if question.is_empty() {
        new_id("read")
    } else {
        format!("read:{question}").into()
    };
    let wish = || Wish {
        id: id.clone(),
        by: by.clone(),
        via: "ask".into(),
        made: now,
        observed: None,
        trace: String::new(),
        command: registry::Command::LogRead {
            what: reading.what.clone(),
        }
        .into(),
    };
    let known = |jurisdiction: &Jurisdiction| territory.jurisdictions.contains_key(jurisdiction);
    let mut logged = Err(Problem::new(
        "unknown",
        format!("there is no jurisdiction `{}` here", reading.jurisdiction),
        "Check the id.",
    ));
    for at in [reading.jurisdiction.clone(), by.jurisdiction()]
        .iter()
        .filter(|at| known(at))
    {
        logged = client.wish(at, &wish()).await.map(drop);
        match &logged {
            Ok(()) => {
                eprintln!(
                    "picket: {by} read {} of {}",
                    reading.what, reading.jurisdiction
                );
                return Ok(());
            }
            Err(problem) if matches!(problem.code.as_str(), "not_allowed" | "unknown_person") => {}
            Err(_) => break,
        }
    }
    logged.map_err(|why| {
        Problem::new(
            "not_logged",
            format!(
                "this reading is to be logged, and could not be: {}",
                why.title
            ),
            why.hint,
        )
    })
}
