//! Reach: who cannot be written to on which channel. Marked when a platform says so, until the person writes again.
//!
//! A mark stops nothing: a notice is still handed over, for a screen may be open, and waits where nothing else
//! reaches the person. When they write again it goes. The mark is there to be seen and mended by people.
//! It does not know why somebody blocked anything.

use std::collections::{BTreeMap, BTreeSet};

use picket_book::{Decision, fields};
use picket_directory::Resource;
use picket_schemas::courier::Event;
use picket_schemas::{PersonId, Refusal};
use serde::{Deserialize, Serialize};

use crate::Courier;
use crate::delivery::{CHANNEL, REASON, short};

/// Channels on which people cannot be written to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct LostChannels {
    people: BTreeMap<PersonId, BTreeSet<String>>,
}

impl LostChannels {
    pub(crate) fn has(&self, person: &PersonId, channel: &str) -> bool {
        self.people
            .get(person)
            .is_some_and(|channels| channels.contains(channel))
    }

    pub(crate) fn add(&mut self, person: &PersonId, channel: &str) {
        self.people
            .entry(person.clone())
            .or_default()
            .insert(channel.to_owned());
    }

    pub(crate) fn remove(&mut self, person: &PersonId, channel: &str) {
        if let Some(channels) = self.people.get_mut(person) {
            channels.remove(channel);
            if channels.is_empty() {
                self.people.remove(person);
            }
        }
    }
}

impl Courier {
    /// Somebody does not let us write any more, says a transport or the person.
    pub(crate) fn unreachable(
        &self,
        person: &str,
        channel: &str,
        reason: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let person = cx.person(person)?;
        if person != *cx.actor {
            cx.allow("courier.unreachable", Resource::default())?;
        }
        let (channel, reason) = (short(channel, CHANNEL), short(reason, REASON));
        if channel.is_empty() {
            return Err(fields::invalid("channel", "a channel has a name"));
        }
        Ok(if self.lost.has(&person, &channel) {
            Vec::new()
        } else {
            vec![Event::ChannelLost {
                person,
                channel,
                reason,
            }]
        })
    }

    /// Somebody wrote, says a transport or the person.
    pub(crate) fn reachable(
        &self,
        person: &str,
        channel: &str,
        cx: &Decision<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        let person = cx.person(person)?;
        if person != *cx.actor {
            cx.allow("courier.reachable", Resource::default())?;
        }
        Ok(self.restored(&person, channel))
    }

    /// The event that follows when somebody was reached on a channel.
    pub(crate) fn restored(&self, person: &PersonId, channel: &str) -> Vec<Event> {
        if !self.lost.has(person, channel) {
            return Vec::new();
        }
        vec![Event::ChannelRestored {
            person: person.clone(),
            channel: channel.to_owned(),
        }]
    }
}
