//! Where a book begins to read a journal it never read before (decision 0030).
//!
//! It follows from generations alone, each named by the format its youngest service came with: the one the reader began
//! in, the one its jurisdiction began in, and those of the services. It knows neither a store nor an event.

use picket_journal::BookName;
use picket_schemas::formats::UNSAID;

/// The generations of a book, of its service and of its jurisdiction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ages {
    /// The format its service came with.
    pub(crate) service: u32,
    /// What its first commit says; none while it has no commit.
    pub(crate) book: Option<u32>,
    /// What the first commit of the registry says, or the present one before that.
    pub(crate) place: u32,
}

impl Ages {
    /// Whether the jurisdiction was there before the service.
    fn is_late(&self) -> bool {
        self.place < self.service
    }

    /// Whether a journal is read from its beginning; else from its head of this moment. `since` is the format its
    /// service came with.
    ///
    /// - A registry always is: the directory needs all of it.
    /// - The books of a jurisdiction are born together, so an unborn one reads its siblings whole, unless it is late.
    /// - A journal of a younger service is, whosever it is: what it holds came after the reader.
    pub(crate) fn reads_whole(&self, name: &BookName, journal: &BookName, since: u32) -> bool {
        let born_together = self.book.is_none() && !self.is_late();
        let older = match self.book {
            Some(book) => book,
            None if self.is_late() => self.service - 1,
            None => self.place,
        };
        journal.service() == "registry"
            || (born_together && journal.jurisdiction() == name.jurisdiction())
            || since > older
    }
}

/// The generation a book began in, by its first commit.
pub(crate) fn said(began: Option<u32>) -> u32 {
    began.unwrap_or(UNSAID)
}

/// What a first commit says of the generation its book begins in.
pub(super) fn to_say(generation: u32) -> Option<u32> {
    (generation > UNSAID).then_some(generation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(ages: Ages, journal: &str, since: u32) -> bool {
        let name = BookName::parse("reader/420902").expect("a name");
        let journal = BookName::parse(journal).expect("a name");
        ages.reads_whole(&name, &journal, since)
    }

    #[test]
    fn a_late_book_begins_at_the_heads_of_older_services_and_reads_its_own_generation_whole() {
        let late = Ages {
            service: 4,
            book: None,
            place: 2,
        };
        assert!(!whole(late, "dispatch/420902", 1) && !whole(late, "dispatch/4209", 1));
        assert!(!whole(late, "campaign/420902", 3), "older, if not by much");
        assert!(whole(late, "supervision/420902", 4), "it came with it");
        assert!(whole(late, "supervision/4209", 4), "at every level");
        assert!(whole(late, "registry/420902", 1) && whole(late, "registry/4209", 1));
    }

    #[test]
    fn books_of_a_jurisdiction_that_began_in_their_generation_read_each_other_whole() {
        let new = Ages {
            service: 3,
            book: None,
            place: 3,
        };
        assert!(whole(new, "dispatch/420902", 1) && whole(new, "campaign/420902", 3));
        assert!(
            !whole(new, "dispatch/4209", 1),
            "another place may be older"
        );
        assert!(!whole(new, "campaign/4209", 3));
    }

    #[test]
    fn a_book_reads_a_younger_service_whole_and_an_older_one_from_its_head() {
        let old = Ages {
            service: 1,
            book: Some(2),
            place: 2,
        };
        assert!(!whole(old, "dispatch/420902", 1));
        assert!(whole(old, "campaign/420902", 3) && whole(old, "campaign/4209", 3));
        let young = Ages {
            book: Some(3),
            ..old
        };
        assert!(!whole(young, "campaign/420902", 3), "it was there before");
        assert!(whole(young, "supervision/420902", 4));
    }
}
