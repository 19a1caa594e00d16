//! A person's phone in a terminal: cards, buttons with letters, notices that arrive while one types.
//!
//! `picket chat` runs it; the demo prints cards with [`card_text`] as the person sees them; the command
//! line lays out its tables with [`table`]. What is said and asked comes from the conversation.
//! It does not know what a task or an order is, nor where the books run.

mod id;
mod keyboard;
mod phone;
mod render;
mod spectator;
mod table;

pub use keyboard::Keyboard;
pub use phone::{PhoneOptions, Reconnect, phone};
pub use picket_conversation::layout::{cut, pad, width, wrap};
pub use render::{Labels, Style, render};
pub use spectator::card_text;
pub use table::{Column, table};
