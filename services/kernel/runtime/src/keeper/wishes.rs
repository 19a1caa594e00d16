//! Deciding a wish: once for its id, in time, by the book it belongs to.
//!
//! Idempotent: a repeat gets the answer of the first; the same id with another command or from somebody else gets
//! none. It does not know what a command means.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::{SignedDuration, Timestamp};
use picket_book::{Book, Provenance};
use picket_schemas::{Answer, Problem, Refusal, Wish};

use super::draft::{CommitDraft, NewEntry};
use super::group::EvolveFailed;
use super::remembered::IdOwner;
use super::{DECISION_BYTES, GROUP_BYTES, Keeper};

/// A wish older than this is refused.
const STALE: SignedDuration = SignedDuration::from_hours(24);
/// A wish may come from a clock that runs ahead by so much.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

type WishResult = Result<Answer, Problem>;

impl<B: Book> Keeper<B> {
    /// Decides one wish; nothing where it must wait for another group.
    pub(super) fn wish(
        &mut self,
        wish: &Wish,
        draft: &mut CommitDraft,
    ) -> Result<Option<WishResult>, EvolveFailed> {
        let owner = IdOwner::of(wish.command.verb(), wish.by.as_str());
        if let Some(known) = self.remembered.answer(&wish.id, owner, self.name.as_str()) {
            return Ok(Some(known));
        }
        if let Some(why) = self.parked() {
            return Ok(Some(Err(Refusal::Parked {
                book: self.name.to_string(),
                why: why.to_owned(),
            }
            .problem())));
        }
        if let Some(problem) = out_of_time(wish, draft.at()) {
            return Ok(Some(self.refused(wish, owner, problem)));
        }
        let Some(command) = (self.as_command)(&wish.command) else {
            return Ok(Some(Err(self.belongs_elsewhere(wish))));
        };
        match self.decide(wish, command, draft.at()) {
            Err(problem) => Ok(Some(self.refused(wish, owner, problem))),
            Ok(events) if events.is_empty() => Ok(Some(Ok(self.unchanged(wish, owner, draft)))),
            Ok(events) => self.accept(wish, owner, events, draft),
        }
    }

    fn belongs_elsewhere(&self, wish: &Wish) -> Problem {
        let why = format!("`{}` does not belong to {}", wish.command.verb(), self.name);
        Refusal::Invalid {
            field: "do".into(),
            why,
        }
        .problem()
    }

    /// The events the book decides upon, or its refusal; a panic is one.
    fn decide(
        &self,
        wish: &Wish,
        command: &B::Command,
        at: Timestamp,
    ) -> Result<Vec<B::Event>, Problem> {
        let cx = self.decision(&wish.id, at, wish.observed.unwrap_or(at), &wish.by);
        match catch_unwind(AssertUnwindSafe(|| self.book.decide(command, &cx))) {
            Ok(Ok(events)) => Ok(events),
            Ok(Err(refusal)) => Err(refusal.problem_of(wish.command.verb())),
            Err(_) => Err(Refusal::Broken {
                what: wish.command.verb().to_owned(),
            }
            .problem()),
        }
    }

    /// Refuses a wish, and remembers that.
    fn refused(&mut self, wish: &Wish, owner: IdOwner, problem: Problem) -> WishResult {
        // A row that was refused may be right when the same file is imported again, after another one.
        if wish.via != "import" {
            self.remembered
                .refused(wish.id.clone(), owner, problem.clone());
        }
        Err(problem)
    }

    /// Accepts a wish that changes nothing.
    fn unchanged(&mut self, wish: &Wish, owner: IdOwner, draft: &CommitDraft) -> Answer {
        // It may be so because of a decision of this very group.
        let n = self.head.number + u64::from(!draft.is_empty());
        self.remembered.unchanged(wish.id.clone(), owner, n);
        Answer {
            book: self.name.to_string(),
            n,
            created: Vec::new(),
            unchanged: true,
        }
    }

    /// Accepts a wish: evolves the book by its events and records them, where the group has room.
    fn accept(
        &mut self,
        wish: &Wish,
        owner: IdOwner,
        events: Vec<B::Event>,
        draft: &mut CommitDraft,
    ) -> Result<Option<WishResult>, EvolveFailed> {
        let entry = NewEntry::wished(wish);
        let json = draft.encode(&entry, &events);
        if json.len() > DECISION_BYTES {
            let problem = Refusal::TooLarge {
                bytes: json.len().to_string(),
            }
            .problem();
            return Ok(Some(self.refused(wish, owner, problem)));
        }
        if !draft.has_room(json.len(), GROUP_BYTES) {
            return Ok(None);
        }
        let (n, at) = (self.head.number + 1, draft.at());
        let events = self.evolve(
            events,
            Provenance {
                at,
                by: wish.by.as_str(),
            },
        )?;
        let created = picket_schemas::event::created(wish.command.verb(), &events);
        draft.push_encoded(entry, events, json);
        self.remembered
            .accepted(wish.id.clone(), owner, at, n, created.clone());
        Ok(Some(Ok(Answer {
            book: self.name.to_string(),
            n,
            created,
            unchanged: false,
        })))
    }
}

/// The refusal of a wish that is too old, or from the future.
fn out_of_time(wish: &Wish, at: Timestamp) -> Option<Problem> {
    if at.duration_since(wish.made) > STALE {
        return Some(
            Refusal::Expired {
                made: wish.made.to_string(),
            }
            .problem(),
        );
    }
    if wish.made.duration_since(at) > AHEAD {
        let why = "it lies in the future".to_owned();
        return Some(
            Refusal::Invalid {
                field: "made".into(),
                why,
            }
            .problem(),
        );
    }
    None
}
