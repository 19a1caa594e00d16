//! The bulletin book.
