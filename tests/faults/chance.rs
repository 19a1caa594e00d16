//! Where chance begins: a story that failed is told again from the same seed.

/// As `PICKET_SEED` says, else as the clock does.
pub(crate) fn seed() -> u64 {
    let drawn = || u64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or(0) % 1_000_000;
    std::env::var("PICKET_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(drawn)
}
