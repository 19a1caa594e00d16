//! One module a command.

pub mod ask;
pub mod bench;
pub mod bulletin;
pub mod chat;
pub mod clock;
pub mod demo;
pub mod doctor;
pub mod example;
pub mod import;
pub mod keys;
pub mod map;
pub mod replay;
pub mod serve;
pub mod unpark;
pub mod up;
pub mod verify;
pub mod wish;
