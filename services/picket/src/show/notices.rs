//! Notices as text: each with how it went, all in counts, and who cannot be reached.

use picket_schemas::ask::{DeliveriesView, NoticeView, UnreachableView};

use super::layout::{rows, section};
use super::zone::Zone;

impl Zone<'_> {
    pub(super) fn deliveries(&self, deliveries: &DeliveriesView) -> String {
        let mut text = rows(
            &["notices", "how many"],
            deliveries
                .states
                .iter()
                .map(|(state, count)| vec![state.clone(), count.to_string()]),
        );
        if !deliveries.unreachable.is_empty() {
            text.push('\n');
            text.push_str(&section(
                "cannot be reached",
                &self.unreachable(&deliveries.unreachable),
            ));
        }
        text
    }

    pub(super) fn unreachable(&self, people: &[UnreachableView]) -> String {
        rows(
            &["person", "name", "channel", "since", "why"],
            people.iter().map(|one| {
                vec![
                    one.person.code.clone(),
                    one.person.name.clone(),
                    one.channel.clone(),
                    self.time(one.since),
                    one.reason.clone(),
                ]
            }),
        )
    }

    pub(super) fn notices(&self, notices: &[NoticeView]) -> String {
        rows(
            &["when", "notice", "kind", "about", "state", "on", "why"],
            notices.iter().map(|one| {
                vec![
                    self.time(one.queued),
                    one.notice.clone(),
                    one.kind.clone(),
                    one.about.clone(),
                    one.state.clone(),
                    one.channel.clone().unwrap_or_default(),
                    one.reason.clone().unwrap_or_default(),
                ]
            }),
        )
    }
}
