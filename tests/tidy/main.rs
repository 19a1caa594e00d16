//! The rules of the house, each a test: who may use whom, what a file looks like, what words stay out.
//!
//! A rule that no test checks is a wish. An exception is a line in a list beside its rule, with its reason.
//! It reads manifests and sources; it knows nothing of what they do.

#![expect(
    clippy::unwrap_used,
    reason = "what goes wrong in a test fails it, with its place"
)]

mod circles;
mod documents;
mod layers;
mod length;
mod names;
mod sources;
mod subjects;
mod texts;
mod tree;

/// Asserts that nothing was found, and lists what was.
fn none(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}
