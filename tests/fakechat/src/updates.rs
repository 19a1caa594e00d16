//! `getUpdates`: long polling, offsets that confirm, one asker at a time.

use std::time::Duration;

use serde_json::{Value, json};

use crate::chat::FakeChat;
use crate::check::{Fields, Refusal, refused};
use crate::world::World;

/// A test never waits longer for a poll, whatever the bot asks for.
const HOLD: Duration = Duration::from_secs(50);

/// Answers once there is something, the time is over, or somebody else asks.
pub(crate) async fn get(chat: &FakeChat, fields: &Fields) -> Result<Value, Refusal> {
    let hold = Duration::from_secs(
        u64::try_from(fields.number("timeout").unwrap_or_default()).unwrap_or_default(),
    )
    .min(HOLD);
    let limit = fields.number("limit").unwrap_or(100).clamp(1, 100) as usize;
    let mut changed = chat.changes();
    let mine = chat.with(|world| {
        confirm(world, fields.number("offset"));
        world.poll += 1;
        world.poll
    });
    let until = tokio::time::Instant::now() + hold;
    loop {
        let (updates, poll) = chat.with_quietly(|world| (waiting(world, limit), world.poll));
        if poll != mine {
            return Err(refused(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            ));
        }
        if !updates.is_empty() || tokio::time::Instant::now() >= until {
            return Ok(json!(updates));
        }
        // Either a change or the end of the time; both are looked at above.
        drop(tokio::time::timeout_at(until, changed.changed()).await);
    }
}

/// Forgets what lies before an offset.
fn confirm(world: &mut World, offset: Option<i64>) {
    let Some(offset) = offset.and_then(|offset| u32::try_from(offset).ok()) else {
        return;
    };
    while world
        .updates
        .front()
        .is_some_and(|(number, _)| *number < offset)
        && let Some(confirmed) = world.updates.pop_front()
    {
        if world.doubles {
            world.again.push(confirmed);
        }
    }
}

fn waiting(world: &mut World, limit: usize) -> Vec<Value> {
    let mut updates: Vec<Value> = world.again.drain(..).map(|(_, update)| update).collect();
    updates.extend(
        world
            .updates
            .iter()
            .take(limit.saturating_sub(updates.len()))
            .map(|(_, update)| update.clone()),
    );
    if world.reorders {
        updates.reverse();
    }
    updates
}
