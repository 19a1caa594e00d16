//! Phrases: everything people in the field read, in Chinese and in English.
//!
//! The texts stand in Fluent files under `locales/`, one folder a language, where a translator sees all of them: cards,
//! forms, answers, timelines, bulletins, the demo. Conversation, insight and the binary say what they say through
//! [`Texts`]; [`timeline::sentence`] makes the sentence of one event. It does not know a card, a store, a rule of the
//! trade or when something is said.

mod texts;
pub mod timeline;

pub use fluent_bundle::FluentValue;
pub use texts::{Language, Texts};

#[cfg(test)]
mod tests;
