//! The catalogue of violation codes, the most frequent first.
//!
//! A registry adds codes of its own by naming them in its routing table. Their plain words are the edges'.

/// Every code of the catalogue.
pub const CATALOGUE: [&str; 27] = [
    "H1", "Q1", "M2", "F2", "A1", "S1", "Q2", "F1", "H2", "H3", "P1", "P2", "Q3", "Q4", "F3", "F4",
    "M1", "S2", "S3", "C1", "D1", "X1", "X2", "X3", "X4", "X5", "K1",
];
