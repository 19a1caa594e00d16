//! The whole conversation: cards as people see them, and dialogues driven to their end.

mod declared;
mod drafts;
mod forms;
mod golden;
mod kept;
mod sheet;
mod texts;
mod turns;
mod world;
