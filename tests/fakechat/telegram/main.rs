//! The bot before real books, talked to over HTTP as Telegram would: what people do, what they see of it, and
//! what goes wrong on the way. A message nobody expected, an error nobody asked for, or the token in anything
//! that was told fails a test.

mod carried;
mod crowd;
mod faults;
mod groups;
mod invites;
mod journey;
mod presses;
mod redelivered;
mod shut;
mod stage;
mod updates;
mod waits;
mod way;
