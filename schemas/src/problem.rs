//! Refusals and problems: a reasoned no, one sentence and a hint.
//!
//! Books refuse with a [`Refusal`]; every edge shows the same [`Problem`]. All sentences Picket says
//! about a refused wish stand in this file, so that they can be read in one go.

use serde::{Deserialize, Serialize};

use crate::declared::phrase;

/// What a person is told when something is not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable, for programs: `not_yours`.
    pub code: String,
    /// One sentence.
    pub title: String,
    /// What to do about it.
    pub hint: String,
    /// What was tried, where a wish was refused: the verb on the wire.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub act: String,
}

impl Problem {
    /// A problem in three parts.
    pub fn new(code: impl Into<String>, title: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            title: title.into(),
            hint: hint.into(),
            act: String::new(),
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)
    }
}

impl std::error::Error for Problem {}

macro_rules! refusals {
    ($( $(#[$m:meta])* $code:literal $var:ident $({ $($f:ident : $t:ty),* $(,)? })? => $title:literal, $hint:literal );* $(;)?) => {
        /// Why a book says no. Nothing is written and nothing is tried again.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Refusal { $( $(#[$m])* $var $({ $($f: $t),* })? ),* }

        impl Refusal {
            /// Every code.
            pub const CODES: &'static [&'static str] = &[$($code),*];

            /// Every code with its sentence and its hint, names in braces where a value stands.
            pub const SENTENCES: &'static [(&'static str, &'static str, &'static str)] = &[$(($code, $title, $hint)),*];

            /// Stable, for programs.
            pub fn code(&self) -> &'static str {
                match self { $( Self::$var $({ $($f: _),* })? => $code ),* }
            }

            /// The sentence and the hint, every value as it stands.
            fn said(&self) -> Problem {
                match self { $( Self::$var $({ $($f),* })? => Problem::new($code, format!($title), format!($hint)) ),* }
            }
        }
    };
}

refusals! {
    /// The policy does not allow it.
    "not_allowed" NotAllowed { who: String, action: String } => "{who} may not {action}", "Ask a coordinator who may; `picket ask people` lists who is what.";
    /// It belongs to somebody else.
    "not_yours" NotYours { what: String } => "{what} is not yours", "Only the person it was given to can do this; a coordinator can hand it over.";
    /// The person is not on the roster.
    "unknown_person" UnknownPerson { who: String } => "there is no person `{who}`", "Check the code against the roster, or enrol the person first.";
    /// The id names nothing here.
    "unknown" Unknown { kind: String, id: String } => "there is no {kind} `{id}` here", "Check the id and the jurisdiction; what was closed long ago is only in the history.";
    /// Already there with the same code and other content is a change; this is for what cannot change.
    "already" Already { what: String, state: String } => "{what} is already {state}", "Nothing was changed. Look at it with `picket ask`.";
    /// Out of state.
    "wrong_state" WrongState { what: String, state: String, needs: String } => "{what} is {state}, and this needs it to be {needs}", "Look at its history with `picket ask timeline`.";
    /// A field is missing or empty.
    "missing" Missing { field: String, why: String } => "`{field}` is missing: {why}", "Give it and send the command again.";
    /// A field has a value that cannot be.
    "invalid" Invalid { field: String, why: String } => "`{field}` cannot be used: {why}", "Correct it and send the command again.";
    /// Rows are still open.
    "rows_open" RowsOpen { task: String, rows: String } => "{task} still has rows without an answer: {rows}", "Fill every row; `not_visited` is an answer too.";
    /// A row that is not on the sheet.
    "unknown_row" UnknownRow { task: String, row: String } => "{task} has no row `{row}`", "Rows are named by the institution's code; a place on no list is reported with `dispatch.report_place`.";
    /// The same person would check their own work.
    "same_person" SamePerson { what: String, who: String } => "{who} may not {what}: it would be a check of their own work", "Let another certified person do it.";
    /// An inspection needs two certified people.
    "not_certified" NotCertified { why: String } => "an inspection needs two people with different certificates: {why}", "Name two officers whose certificates are on the roster.";
    /// Nothing matches the selection.
    "nothing_selected" NothingSelected => "the selection holds no institution and no post", "Widen `select`, or import institutions and posts first.";
    /// An order lacks one of its four fields.
    "order_incomplete" OrderIncomplete { field: String } => "an order to rectify needs its {field}", "Fill focus, requirement, content and deadline; all four are printed on it.";
    /// No row of the routing table matches.
    "no_route" NoRoute { codes: String } => "no row of the routing table matches {codes}", "Name `lead_department` yourself, or set a route with `*`.";
    /// A reason is needed.
    "reason_needed" ReasonNeeded { what: String } => "{what} needs a reason", "Add `reason` in a few words; it stays on record.";
    /// The calendar of a year is not there.
    "unknown_year" UnknownYear { year: String } => "there is no working calendar for {year}", "Import it: `picket import calendar FILE`.";
    /// A promise beyond what may be promised.
    "promise_too_far" PromiseTooFar { latest: String } => "the promised instant is too far away; the latest is {latest}", "Promise an earlier instant, or ask for an extension.";
    /// Too late for this.
    "too_late" TooLate { what: String } => "it is too late to {what}", "Ask the owner of the step or somebody above.";
    /// Not visible yet.
    "sealed" Sealed => "there is nothing here by that name", "Check the id.";
    /// Made more than a day ago.
    "expired" Expired { made: String } => "this wish was made at {made}, more than 24 hours ago", "Make it anew; a record of something seen earlier carries `observed`.";
    /// The book could not decide.
    "broken" Broken { what: String } => "deciding {what} failed inside Picket; nothing was written", "Report it with the id of the command; other work goes on.";
    /// Too much for one decision.
    "too_large" TooLarge { bytes: String } => "this decision would take {bytes} bytes, more than one commit may hold", "Split it: a smaller area, or fewer rows.";
    /// The keeper has too much waiting.
    "busy" Busy { retry_ms: String } => "too much is waiting here", "Try again in {retry_ms} ms; nothing was lost.";
    /// The disk or the store said no.
    "not_saved" NotSaved { why: String } => "not saved: {why}", "Make room and send it again; what was answered before is safe.";
    /// It is not known whether it was saved.
    "outcome_unknown" OutcomeUnknown => "it is not known yet whether this was saved", "Send the same command with the same id; it will not be done twice.";
    /// The book is stopped.
    "stopped" Stopped { book: String, why: String } => "`{book}` is stopped: {why}", "Run `picket verify`, then let a person decide.";
    /// A cursor is parked.
    "parked" Parked { book: String, why: String } => "`{book}` waits for a person: {why}", "Look at `picket verify`; unpark it when the cause is understood.";
}

impl Refusal {
    /// The sentence and the hint.
    pub fn problem(&self) -> Problem {
        match self {
            Self::NotAllowed { who, action } => Self::NotAllowed {
                who: who.clone(),
                action: phrase(action).to_owned(),
            }
            .said(),
            other => other.said(),
        }
    }

    /// The same of a command that was refused: the sentence also says what was tried, in plain words.
    pub fn problem_of(&self, verb: &str) -> Problem {
        let mut problem = self.problem();
        verb.clone_into(&mut problem.act);
        if !self.names_the_act() {
            problem.title = format!("cannot {}: {}", phrase(verb), problem.title);
        }
        problem
    }

    /// Whether the sentence says what was tried already, or speaks of the book and not of what was tried.
    fn names_the_act(&self) -> bool {
        matches!(
            self,
            Self::NotAllowed { .. }
                | Self::SamePerson { .. }
                | Self::TooLate { .. }
                | Self::Expired { .. }
                | Self::Broken { .. }
                | Self::TooLarge { .. }
                | Self::Busy { .. }
                | Self::NotSaved { .. }
                | Self::OutcomeUnknown
                | Self::Stopped { .. }
                | Self::Parked { .. }
        )
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem().title)
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_and_what_to_do() {
        let problem = Refusal::NotYours { what: "T-1".into() }.problem();
        assert_eq!(
            (problem.code.as_str(), problem.title.as_str()),
            ("not_yours", "T-1 is not yours")
        );
        assert!(!problem.hint.is_empty());
    }

    #[test]
    fn a_refused_command_says_what_was_tried_in_plain_words() {
        let said = |refusal: Refusal, verb: &str| refusal.problem_of(verb).title;
        assert_eq!(
            said(
                Refusal::NotYours { what: "T-1".into() },
                "dispatch.accept_task"
            ),
            "cannot accept the task: T-1 is not yours"
        );
        assert_eq!(
            said(
                Refusal::WrongState {
                    what: "Z-1".into(),
                    state: "issued".into(),
                    needs: "served".into()
                },
                "rectification.report_fix"
            ),
            "cannot report the fix: Z-1 is issued, and this needs it to be served"
        );
        assert_eq!(
            said(
                Refusal::NotAllowed {
                    who: "sentinel 17".into(),
                    action: "rectification.serve_order".into()
                },
                "rectification.serve_order"
            ),
            "sentinel 17 may not serve the order"
        );
        assert_eq!(
            said(
                Refusal::SamePerson {
                    what: "verify the fix of Z-1".into(),
                    who: "inspector 4".into()
                },
                "rectification.verify_fix"
            ),
            "inspector 4 may not verify the fix of Z-1: it would be a check of their own work"
        );
        assert_eq!(
            Refusal::NotYours { what: "T-1".into() }
                .problem_of("dispatch.accept_task")
                .act,
            "dispatch.accept_task"
        );
    }

    #[test]
    fn what_is_wrong_with_the_book_is_not_said_of_the_act() {
        let refusal = Refusal::NotSaved {
            why: "the disk is full".into(),
        };
        assert_eq!(
            refusal.problem_of("dispatch.accept_task").title,
            "not saved: the disk is full"
        );
    }
}
