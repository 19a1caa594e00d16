//! Round of a dialogue before the books: asks and wishes for it until it is over.
//!
//! It joins the two, which know nothing of each other. Nothing is shown here: that comes when the effect is
//! durable.

use std::time::Duration;

use picket_schemas::ask::View;

use crate::books::{BookClient, BooksUnreachable, Patience, is_unavailable};
use crate::dialogue::{Dialogue, DialogueStep};
use crate::output::Output;

/// Time the other books get to act upon a wish: their effects belong on the next card.
const FOLLOWS: Duration = Duration::from_millis(80);

/// Runs a dialogue to the end of its round; its outputs come back.
pub(crate) async fn run(
    books: &BookClient,
    mut dialogue: Dialogue<'_>,
    patience: Patience,
) -> Result<Vec<Output>, BooksUnreachable> {
    while let Some(step) = dialogue.step() {
        match step {
            DialogueStep::Ask(question) => {
                let answer = books
                    .ask(dialogue.person(), &question, dialogue.after())
                    .await?;
                if patience == Patience::Unasked && matches!(answer, Ok(View::Stale) | Err(_)) {
                    return Err(BooksUnreachable);
                }
                dialogue.answered(answer);
            }
            DialogueStep::Wish(pending) => {
                let has_effects = pending.has_effects();
                match books.wish(&pending.at, &pending.wish, patience).await? {
                    Ok(answer) => dialogue.granted(answer),
                    Err(problem) => {
                        let outcome_known = !is_unavailable(&problem);
                        dialogue.refused(*pending, problem, outcome_known);
                    }
                }
                if has_effects {
                    // Waited for after a refusal too: who was faster is on the next card.
                    tokio::time::sleep(FOLLOWS).await;
                }
            }
        }
    }
    Ok(dialogue.into_outputs())
}
