//! Ends of a command: the text that is said, and the card shown next.

use picket_schemas::{Answer, Problem};

use crate::forms::FormKind;
use crate::session::{Awaited, Context, Effect, Focus, FollowUp, Session};

/// Refusals that another answer in the same form may cure, or another try.
const CURABLE: [&str; 13] = [
    "missing",
    "invalid",
    "order_incomplete",
    "promise_too_far",
    "reason_needed",
    "not_certified",
    "unknown_person",
    "busy",
    "outcome_unknown",
    "not_saved",
    "unknown_year",
    "nobody",
    "gone",
];

/// The letters of the id a command brings into the world, where its text names it. A command may
/// create other things besides, such as the day's outing.
fn creates(toast: &str) -> Option<&'static str> {
    FormKind::parse(toast.strip_prefix("sent-")?)?.form().makes
}

impl Session {
    pub(super) fn done(
        &mut self,
        result: Result<Answer, Problem>,
        cx: &Context<'_>,
    ) -> Vec<Effect> {
        let after = match self.awaiting.take() {
            Some(Awaited::Done(after)) => after,
            Some(Awaited::Kept(then)) => return self.kept(then, result, cx),
            _ => return Vec::new(),
        };
        match result {
            Ok(answer) => self.went_well(after, &answer, cx),
            Err(problem) => self.refused(after, &problem, cx),
        }
    }

    fn went_well(&mut self, after: FollowUp, answer: &Answer, cx: &Context<'_>) -> Vec<Effect> {
        let form = if self.focus == Focus::Form {
            self.form.take()
        } else {
            None
        };
        if form.is_some() {
            self.focus = Focus::Nothing;
        }
        if let Some(row) = self
            .draft
            .as_ref()
            .filter(|_| self.focus == Focus::Sheet)
            .cloned()
        {
            let home = picket_schemas::split_id(&row.task)
                .0
                .unwrap_or(self.me.home())
                .to_owned();
            self.forget(&home, &row.of());
        }
        let made = after.toast.as_deref().and_then(creates);
        let created = made.and_then(|letters| {
            answer
                .created
                .iter()
                .map(|id| picket_schemas::split_id(id).1)
                .find(|id| id.starts_with(letters))
        });
        let created = created.unwrap_or(after.about.as_str());
        let toast = if answer.unchanged {
            Some("problem-already".to_owned())
        } else {
            after.toast
        };
        let mut turns: Vec<_> = toast
            .iter()
            .map(|key| {
                Effect::Toast(
                    self.words()
                        .with(key, &[("id", created.into()), ("title", created.into())]),
                )
            })
            .collect();
        turns.extend(self.drop_form(form, after.open, cx));
        turns
    }

    fn refused(&mut self, after: FollowUp, problem: &Problem, cx: &Context<'_>) -> Vec<Effect> {
        let mut turns = vec![Effect::Toast(self.sorry(problem))];
        match self.focus {
            Focus::Form if CURABLE.contains(&problem.code.as_str()) => {
                turns.extend(self.form_again(cx))
            }
            Focus::Form => {
                let form = self.form.take();
                self.focus = Focus::Nothing;
                turns.extend(self.drop_form(form, after.open, cx));
            }
            // The row stays as it was typed; it is shown again.
            Focus::Sheet => turns.extend(
                self.draft
                    .as_ref()
                    .map(|draft| draft.task.clone())
                    .into_iter()
                    .flat_map(|task| {
                        self.wish(
                            crate::intent::Intent::new(crate::intent::IntentVerb::Start, task),
                            cx,
                        )
                    }),
            ),
            Focus::Nothing => {
                turns.extend(after.open.into_iter().flat_map(|open| self.wish(open, cx)))
            }
        }
        turns
    }

    /// A refusal as a kind sentence; the frequent ones in the person's language.
    pub(super) fn sorry(&self, problem: &Problem) -> String {
        self.words()
            .refusal(problem, crate::plain::plain(&problem.title, 160))
    }
}
