//! Deciding a wish: once for its id, in time, by the book it belongs to.
//!
//! A repeat gets the answer of the first; the same id with another command or from somebody else gets none.
//! It does not know what a command means.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::SignedDuration;
use picket_book::Book;
use picket_schemas::{Answer, Problem, Refusal, Wish};

use super::draft::{Draft, NewEntry};
use super::remembered::{Remembered, Whose};
use super::{Broken, DECISION_BYTES, GROUP_BYTES, Keeper};

/// A wish older than this is refused.
const STALE: SignedDuration = SignedDuration::from_hours(24);
/// A wish may come from a clock that runs ahead by so much.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

impl<B: Book> Keeper<B> {
    /// Decides one wish; nothing where it must wait for another group.
    pub(super) fn wish(
        &mut self,
        wish: &Wish,
        draft: &mut Draft,
    ) -> Result<Option<Result<Answer, Problem>>, Broken> {
        let whose = Whose::of(wish.command.verb(), wish.by.as_str());
        if let Some(known) = self.remembered.answer(&wish.id, whose, self.name.as_str()) {
            return Ok(Some(known));
        }
        if let Some(why) = self.parked() {
            return Ok(Some(Err(Refusal::Parked {
                book: self.name.to_string(),
                why: why.to_owned(),
            }
            .problem())));
        }
        let at = draft.at();
        let refused = |problem: Problem, remembered: &mut Remembered| {
            // A row that was refused may be right when the same file is imported again, after another one.
            if wish.via != "import" {
                remembered.refused(wish.id.clone(), whose, problem.clone());
            }
            Ok(Some(Err(problem)))
        };
        if at.duration_since(wish.made) > STALE {
            return refused(
                Refusal::Expired {
                    made: wish.made.to_string(),
                }
                .problem(),
                &mut self.remembered,
            );
        }
        if wish.made.duration_since(at) > AHEAD {
            let why = "it lies in the future".to_owned();
            return refused(
                Refusal::Invalid {
                    field: "made".into(),
                    why,
                }
                .problem(),
                &mut self.remembered,
            );
        }
        let Some(command) = (self.as_command)(&wish.command) else {
            let why = format!("`{}` does not belong to {}", wish.command.verb(), self.name);
            return Ok(Some(Err(Refusal::Invalid {
                field: "do".into(),
                why,
            }
            .problem())));
        };
        let cx = self.decision(&wish.id, at, wish.observed.unwrap_or(at), &wish.by);
        let events = match catch_unwind(AssertUnwindSafe(|| self.book.decide(command, &cx))) {
            Ok(Ok(events)) => events,
            Ok(Err(refusal)) => {
                return refused(
                    refusal.problem_of(wish.command.verb()),
                    &mut self.remembered,
                );
            }
            Err(_) => {
                return refused(
                    Refusal::Broken {
                        what: wish.command.verb().to_owned(),
                    }
                    .problem(),
                    &mut self.remembered,
                );
            }
        };
        if events.is_empty() {
            // It may be so because of a decision of this very group.
            let n = self.head.number + u64::from(!draft.is_empty());
            self.remembered.unchanged(wish.id.clone(), whose, n);
            return Ok(Some(Ok(Answer {
                book: self.name.to_string(),
                n,
                created: Vec::new(),
                unchanged: true,
            })));
        }
        let entry = NewEntry::wished(wish);
        let json = draft.encode(&entry, &events);
        if json.len() > DECISION_BYTES {
            return refused(
                Refusal::TooLarge {
                    bytes: json.len().to_string(),
                }
                .problem(),
                &mut self.remembered,
            );
        }
        if !draft.has_room(json.len(), GROUP_BYTES) {
            return Ok(None);
        }
        let n = self.head.number + 1;
        let events = self.evolve(events, at)?;
        let created = picket_schemas::event::created(wish.command.verb(), &events);
        draft.push_encoded(entry, events, json);
        self.remembered
            .accepted(wish.id.clone(), whose, at, n, created.clone());
        Ok(Some(Ok(Answer {
            book: self.name.to_string(),
            n,
            created,
            unchanged: false,
        })))
    }
}
