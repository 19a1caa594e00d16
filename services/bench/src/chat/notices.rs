//! The notices of the county: how many stand where, and what of them the platform took.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use picket_fakechat::{FakeChat, Said, SaidWhat};
use picket_node::embedded::Embedded;
use picket_node::ids::owner;
use picket_node::problem::Failure;
use picket_schemas::ask::{After, Question, View};

use super::county::{DISPATCHER_ACCOUNT, county};
use super::{URGENT, say};
use crate::scratch;

const LOOK: Duration = Duration::from_millis(250);

/// How many notices are in each state.
pub(super) type States = BTreeMap<String, u64>;

/// New messages since there were so many; edits and toasts have no limit of their own here.
pub(super) fn messages(chat: &FakeChat, before: usize) -> Vec<Said> {
    chat.said_after(before)
        .into_iter()
        .filter(|said| said.what == SaidWhat::Message)
        .collect()
}

/// When the dispatcher's phone got the next message.
pub(super) async fn heard(chat: &FakeChat, before: usize) -> Result<Instant, Failure> {
    let started = Instant::now();
    while started.elapsed() < URGENT * 6 {
        if let Some(said) = messages(chat, before)
            .iter()
            .find(|said| said.chat == DISPATCHER_ACCOUNT)
        {
            return Ok(said.at);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(scratch("an urgent notice did not arrive within 30 s"))
}

pub(super) async fn deliveries(node: &Embedded) -> Result<States, Failure> {
    let reply = node
        .client()
        .ask(
            &owner(&county()),
            &Question::Deliveries {
                jurisdiction: county(),
            },
            &After::new(),
        )
        .await?;
    match reply.view {
        View::Deliveries(deliveries) => Ok(deliveries.states),
        _ => Ok(BTreeMap::new()),
    }
}

/// How many are not out yet: queued, or at the bot that waits for their turn.
pub(super) fn waiting(states: &States) -> u64 {
    states
        .iter()
        .filter(|(state, _)| matches!(state.as_str(), "queued" | "handed" | "deferred"))
        .map(|(_, count)| count)
        .sum()
}

pub(super) fn done(states: &States) -> u64 {
    states.values().sum::<u64>() - waiting(states)
}

/// Waits until notices stand so; as long as anything moves.
pub(super) async fn until(
    node: &Embedded,
    what: &str,
    stand: impl Fn(&States) -> bool,
) -> Result<(), Failure> {
    let (mut last, mut moved) = (BTreeMap::new(), Instant::now());
    loop {
        let states = deliveries(node).await?;
        let counts: Vec<_> = states
            .iter()
            .map(|(state, count)| format!("{count} {state}"))
            .collect();
        say(&format!("{what}: {}", counts.join(", ")));
        if stand(&states) {
            return Ok(());
        }
        if states != last {
            (last, moved) = (states, Instant::now());
        }
        if moved.elapsed() > Duration::from_secs(60) {
            return Err(scratch(format!(
                "{what}: nothing moved for a minute at {counts:?}"
            )));
        }
        tokio::time::sleep(LOOK).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_waits_until_it_is_out_be_it_queued_or_at_the_bot() {
        let states = |all: &[(&str, u64)]| {
            all.iter()
                .map(|(state, count)| ((*state).to_owned(), *count))
                .collect()
        };
        assert_eq!(
            waiting(&states(&[
                ("sent", 60),
                ("queued", 2),
                ("handed", 40),
                ("deferred", 1)
            ])),
            43
        );
        assert_eq!(
            waiting(&states(&[("sent", 60), ("failed", 2), ("suppressed", 3)])),
            0
        );
    }
}
