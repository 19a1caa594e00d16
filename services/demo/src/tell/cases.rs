//! Cases in words: officers, the order, its service, the fix and its verification.

use picket_schemas::rectification::Event as Case;

use super::{StoryLine, StoryTeller};
use crate::halt::Halt;

impl StoryTeller<'_> {
    pub(super) fn case(&mut self, event: &Case, by: &str) -> Result<Option<StoryLine>, Halt> {
        Ok(Some(match event {
            Case::CaseFiled {
                case,
                officers,
                generation,
                ..
            } if self.ours(case.as_str()) => {
                let line: StoryLine = self
                    .words
                    .filed(self.actor(by)?, case, self.people(officers)?)
                    .into();
                StoryLine {
                    note: (*generation > 1).then(|| self.words.again(generation)),
                    ..line
                }
            }
            Case::OrderIssued {
                order,
                number,
                year,
                ..
            } if self.ours(order.as_str()) => self
                .words
                .order(self.actor(by)?, order, year, number)
                .into(),
            Case::OrderServed {
                order, proof, by, ..
            } if self.ours(order.as_str()) => {
                self.words.served(self.person(by)?, order, proof).into()
            }
            Case::RefundRecorded {
                case,
                amount_fen,
                proof,
                ..
            } if self.ours(case.as_str()) => self
                .words
                .refunded(
                    self.actor(by)?,
                    format!("{}.{:02}", amount_fen / 100, amount_fen % 100),
                    proof,
                )
                .into(),
            Case::FixReported {
                order, note, by, ..
            } if self.ours(order.as_str()) => {
                self.words.fixed(self.person(by)?, order, note).into()
            }
            Case::FixPassed { order, by, .. } if self.ours(order.as_str()) => {
                self.words.passed(self.person(by)?, order).into()
            }
            Case::CaseCleared { case, lead, .. } if self.ours(case.as_str()) => {
                self.words.cleared(case, lead).into()
            }
            _ => return Ok(None),
        }))
    }
}
