//! The language of Picket: ids, commands, events, problems, figures, questions and answers.
//!
//! Plain data, written once: what stands here is what is stored, sent and shown.
//! Every crate may use it; it uses none of ours.
//! It knows no clock, no store, no transport and no rule: what may happen is decided in the books.

mod wire;

pub mod ask;
pub mod bulletin;
pub mod commit;
pub mod courier;
pub mod declared;
pub mod dispatch;
pub mod escalation;
pub mod event;
pub mod figures;
pub mod form;
pub mod formats;
pub mod ids;
pub mod lenient;
pub mod mention;
pub mod plain;
pub mod printed;
pub mod problem;
pub mod rectification;
pub mod registry;
pub mod schedule;
pub mod schema;
pub mod span;
pub mod subject;
pub mod violation;
pub mod wish;

pub use commit::{Cause, Commit, Cursor, Entry, Part};
pub use event::Event;
pub use figures::Figures;
pub use ids::*;
pub use mention::{Mention, Mentioned, RecordKind, Within};
pub use printed::{Overrides, Printed};
pub use problem::{Problem, Refusal};
pub use span::{Span, Unit};
pub use subject::{Subject, SubjectKind};
pub use wire::Field;
pub use wish::{Answer, Command, Wish};
