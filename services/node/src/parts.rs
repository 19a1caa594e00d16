//! The parts of a node: what runs around the books, started here and nowhere else.

use picket_bus::{Served, Wanted};
use picket_runtime::Live;
use picket_schemas::{Command, CommandId, Jurisdiction, Problem, Refusal, Wish};

/// Answers a wish, from its book.
pub(crate) async fn answer_wish(
    live: &Live,
    jurisdiction: Option<Jurisdiction>,
    wanted: Wanted,
) -> Served {
    match (wanted, jurisdiction) {
        (
            Wanted::Wish {
                id,
                by,
                via,
                made,
                observed,
                trace,
                command,
            },
            Some(jurisdiction),
        ) => {
            let command = match Command::parse(command) {
                Ok(command) => command,
                Err(why) => {
                    return Served::No(Problem::new("invalid", why.to_string(), why.hint()));
                }
            };
            if by.code() == picket_directory::SYSTEM {
                // Picket's own parts do not come over the bus.
                return Served::No(
                    Refusal::NotAllowed {
                        who: by.to_string(),
                        action: command.verb().to_owned(),
                    }
                    .problem(),
                );
            }
            let wish = Wish {
                id: CommandId::from(id),
                by,
                via,
                made,
                observed,
                trace,
                command,
            };
            match live.wish(&jurisdiction, wish).await {
                Ok(answer) => Served::Done(answer),
                Err(problem) => Served::No(problem),
            }
        }
        (Wanted::Question { .. }, _) => Served::No(Problem::new(
            "invalid",
            "a question came where wishes are answered",
            "Ask insight.",
        )),
        (Wanted::Wish { .. }, None) => Served::No(Problem::new(
            "invalid",
            "a wish came without its jurisdiction",
            "Send it to its book.",
        )),
    }
}
