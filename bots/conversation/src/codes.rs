//! The catalogue of violation codes, in the order sentinels meet them most.
//!
//! Each code has its plain words in the texts (`code-H1`). The catalogue only offers codes; which are
//! accepted and where they lead is decided elsewhere.

pub use picket_schemas::violation::CATALOGUE;

/// The limit of codes on one card.
pub const PAGE: usize = 8;

/// The codes of a page, and whether there are more pages before and after it.
pub fn page(number: usize) -> (&'static [&'static str], bool, bool) {
    let pages = CATALOGUE.len().div_ceil(PAGE);
    let number = number.min(pages - 1);
    let end = (number * PAGE + PAGE).min(CATALOGUE.len());
    (
        &CATALOGUE[number * PAGE..end],
        number > 0,
        number + 1 < pages,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_hold_every_code_once() {
        let all: Vec<_> = (0..4).flat_map(|number| page(number).0).copied().collect();
        assert_eq!(all, CATALOGUE);
        assert_eq!(
            (page(0).1, page(0).2, page(3).1, page(3).2),
            (false, true, true, false)
        );
        assert_eq!(page(99).0, page(3).0);
    }
}
