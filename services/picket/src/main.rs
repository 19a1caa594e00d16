//! The binary: one list of services, many ways to run them.

fn main() {}
