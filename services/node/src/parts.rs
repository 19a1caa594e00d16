//! The parts of a node: what runs around the books, started here and nowhere else.

use picket_bus::{EdgeReply, EdgeRequest};
use picket_runtime::Live;
use picket_schemas::{Command, CommandId, Jurisdiction, Problem, Refusal, Wish};

/// Answers a wish, from its book.
pub(crate) async fn answer_wish(
    live: &Live,
    jurisdiction: Option<Jurisdiction>,
    wanted: EdgeRequest,
) -> EdgeReply {
    match (wanted, jurisdiction) {
        (
            EdgeRequest::Wish {
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
                    return EdgeReply::No(Problem::new("invalid", why.to_string(), why.hint()));
                }
            };
            if by.code() == picket_directory::SYSTEM {
                // Picket's own parts do not come over the bus.
                return EdgeReply::No(
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
                Ok(answer) => EdgeReply::Done(answer),
                Err(problem) => EdgeReply::No(problem),
            }
        }
        (EdgeRequest::Question { .. }, _) => EdgeReply::No(Problem::new(
            "invalid",
            "a question came where wishes are answered",
            "Ask insight.",
        )),
        (EdgeRequest::Wish { .. }, None) => EdgeReply::No(Problem::new(
            "invalid",
            "a wish came without its jurisdiction",
            "Send it to its book.",
        )),
    }
}
