//! The requests of JetStream's API: the one place that spells subjects beginning with `$JS`.
//!
//! Whoever asks JetStream takes the subject of its request from here. A request names what it is about, so that rights
//! can be given by it: a test holds `deploy/nats/rights.conf` against these. It does not know what is asked there.

/// Tells how a stream is set and where it ends.
pub(crate) fn stream_info(stream: &str) -> String {
    format!("$JS.API.STREAM.INFO.{stream}")
}

/// Makes a stream.
pub(crate) fn stream_create(stream: &str) -> String {
    format!("$JS.API.STREAM.CREATE.{stream}")
}

/// Takes a stream away, with all it holds.
pub(crate) fn stream_delete(stream: &str) -> String {
    format!("$JS.API.STREAM.DELETE.{stream}")
}

/// Reads one message, at the leader of the stream.
pub(crate) fn message_get(stream: &str) -> String {
    format!("$JS.API.STREAM.MSG.GET.{stream}")
}

/// Makes a consumer of several subjects, which its body lists.
pub(crate) fn consumer_create(stream: &str, consumer: &str) -> String {
    format!("$JS.API.CONSUMER.CREATE.{stream}.{consumer}")
}

/// Makes a consumer of one subject, or of one pattern.
pub(crate) fn consumer_create_filtered(stream: &str, consumer: &str, subject: &str) -> String {
    format!("$JS.API.CONSUMER.CREATE.{stream}.{consumer}.{subject}")
}

/// Asks a consumer for its next messages.
pub(crate) fn consumer_next(stream: &str, consumer: &str) -> String {
    format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}")
}

/// Takes a consumer away.
pub(crate) fn consumer_delete(stream: &str, consumer: &str) -> String {
    format!("$JS.API.CONSUMER.DELETE.{stream}.{consumer}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The rights as nats-server is given them.
    const CONF: &str = include_str!("../../../../deploy/nats/rights.conf");

    /// What a user may ask of JetStream, for each line of rights to publish.
    fn given() -> Vec<BTreeSet<String>> {
        let requests = |line: &str| {
            let all = line.split('"').skip(1).step_by(2);
            all.filter(|subject| subject.starts_with("$JS."))
                .map(str::to_owned)
                .collect()
        };
        CONF.lines()
            .map(str::trim)
            .filter(|line| line.starts_with("publish:"))
            .map(requests)
            .collect()
    }

    #[test]
    fn whoever_reads_the_journal_may_ask_what_a_reader_asks_and_nothing_that_changes_it() {
        let journal = "PICKET_JOURNAL";
        let reads: BTreeSet<_> = [
            stream_info(journal),
            message_get(journal),
            consumer_create(journal, ">"),
            consumer_next(journal, "*"),
            consumer_delete(journal, "*"),
        ]
        .into();
        let publishes: BTreeSet<_> = [
            stream_create("PICKET_EVENTS"),
            stream_create("PICKET_PUBLISHER"),
            message_get("PICKET_PUBLISHER"),
        ]
        .into();
        let publisher = &reads | &publishes;
        let given = given();
        let count = |wanted: &BTreeSet<String>| given.iter().filter(|has| *has == wanted).count();
        // Seven services with books and insight read; telegram and edge read nothing.
        assert_eq!((count(&reads), count(&publisher)), (8, 1));
        assert_eq!(count(&BTreeSet::new()), given.len() - 9);
    }
}
