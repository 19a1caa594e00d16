//! The directory as books see it.
