//! Import files: every row checked before the first is written.
