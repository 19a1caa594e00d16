//! A person's phone in a terminal.
