//! Conversation: turns inputs of a person into commands, and answers of insight into cards.
//!
//! Every transport uses it: the terminal, later the chat platforms. A [`Session`] takes an [`Input`]
//! and says what to do next in [`Effect`]s; a [`Card`] is what the person sees, without any markup.
//!
//! ```text
//!  text, press, photo, notice ──► Session::handle ──► Show · Edit · Toast ──► the person
//!          ▲                            │
//!          └── Answered · Done ◄── driver ◄── Ask · Do
//! ```
//!
//! Pure: no clock, no I/O, no waiting. It does not know how a card is sent, nor who may do what: the
//! books decide that, and their refusals are said kindly.

pub mod card;
pub mod cards;
pub mod codes;
pub mod data;
mod forms;
pub mod group;
mod intent;
pub mod layout;
pub mod look;
pub mod plain;
pub mod session;
mod sheet;
pub mod when;

#[cfg(test)]
mod tests;

pub use card::{Action, Audience, AwaitedInput, Card, CardLine, Severity, Tone, render_plain};
pub use forms::{FormKind, OpenForm};
pub use intent::{Intent, IntentVerb};
pub use look::{Profile, ViewContext};
pub use picket_phrases::{Language, Texts};
pub use session::{Context, CourierNotice, Effect, Input, Session, bundled, fills};
pub use sheet::{RowDraft, RowStage};
pub use when::LocalTime;
