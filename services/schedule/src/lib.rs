//! The schedule book.
