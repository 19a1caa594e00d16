//! Administration: what is asked of a running process besides wishes and questions, a module for each subject.
//!
//! Each serves its requests in the process and asks them from outside; the bytes of both are pinned by its
//! `wire_tests`, since the other end may be of another version. None of them knows a command line.

pub mod clock;
pub mod driven_clock;
pub mod health;
pub mod health_watch;
pub mod registers;
pub mod status;
pub mod territory;
pub mod unpark;
