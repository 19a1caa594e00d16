//! The courier book.
