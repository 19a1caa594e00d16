//! Timelines as text, of a case and of an institution; and what is overdue.

use picket_schemas::ask::{InstitutionView, OverdueItem, TimelineItem};

use super::layout::{rows, width};
use super::names::{all, maybe, named};
use super::zone::Zone;

impl Zone<'_> {
    /// One thing a line: when, what, and behind it who wrote it where; long ones go on below.
    pub(super) fn timeline(&self, items: &[TimelineItem]) -> String {
        if items.is_empty() {
            return "nothing\n".into();
        }
        let mut text = String::new();
        for item in items {
            let said = format!("{}  ({} #{})", item.text, item.journal, item.n);
            for (n, line) in picket_terminal::wrap(&said, width().saturating_sub(18))
                .into_iter()
                .enumerate()
            {
                let when = if n == 0 {
                    self.time(item.at)
                } else {
                    " ".repeat(16)
                };
                text.push_str(&format!("{when}  {}\n", line.trim()));
            }
        }
        text
    }

    pub(super) fn institution(&self, view: &InstitutionView) -> String {
        let mut text = format!(
            "{} {}  ({})\naddress  {}  {}\ntraining {}  licence {}  risk {}  list {}\nowner    {}\nvisits {}  leads {}  cases {}\n\n",
            view.code,
            view.name,
            view.kind,
            view.address,
            named(&view.area),
            view.training.as_deref().unwrap_or("–"),
            view.licence.as_deref().unwrap_or("–"),
            view.risk.as_deref().unwrap_or("–"),
            view.list.as_deref().unwrap_or("–"),
            maybe(view.owner.as_ref()),
            view.visits,
            view.leads.join(" "),
            view.cases.join(" "),
        );
        text.push_str(&self.timeline(&view.timeline));
        text
    }

    pub(super) fn overdue(&self, items: &[OverdueItem]) -> String {
        rows(
            &[
                "on",
                "since",
                "waits for",
                "step",
                "with",
                "what",
                "promised",
            ],
            items.iter().map(|item| {
                vec![
                    item.on.clone(),
                    self.end(item.due),
                    item.kind.clone(),
                    item.level.clone().unwrap_or_default(),
                    all(&item.duty),
                    item.what.clone(),
                    item.promise.map_or_else(String::new, |at| self.end(at)),
                ]
            }),
        )
    }
}
