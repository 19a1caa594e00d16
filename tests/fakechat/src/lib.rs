//! A chat server of our own that answers as Telegram's Bot API does, over real HTTP on a loopback port.
//!
//! A test starts it, points a bot at it, and plays people: `person.says("…")`, `.presses("label")`,
//! `.sends_photo(bytes)`, and then looks at what that person sees now. It checks what a bot sends as strictly as
//! the platform does, so that a bot that passes here works there, and it can fail in every way the platform
//! can. What a test did not expect fails it. It knows nothing of the bot or of Picket.

mod chat;
mod check;
mod faults;
mod file;
mod group;
mod html;
mod limits;
mod methods;
mod person;
mod server;
mod updates;
mod world;

pub use chat::FakeChat;
pub use faults::Fault;
pub use group::Group;
pub use limits::Limits;
pub use person::{Person, Press, Screen, Shown};
pub use world::{Call, Said, SaidWhat};
