//! The contract of the journal, unchanged, on one server, on three, and through a connection that misbehaves.

mod on_one {
    use crate::{contract::whole, one};

    async fn make() -> picket_journal::contract::JournalUnderTest<picket_nats::NatsJournal> {
        whole(one()).await
    }

    picket_journal::journal_contract!(make);
}

mod on_three {
    use crate::{contract::whole, three};

    async fn make() -> picket_journal::contract::JournalUnderTest<picket_nats::NatsJournal> {
        whole(three()).await
    }

    picket_journal::journal_contract!(make);
}

mod on_one_through_faults {
    use crate::{contract::through_faults, one};

    async fn make() -> picket_journal::contract::JournalUnderTest<picket_nats::NatsJournal> {
        through_faults(one(), 11).await
    }

    picket_journal::journal_contract!(make);
}

mod on_three_through_faults {
    use crate::{contract::through_faults, three};

    async fn make() -> picket_journal::contract::JournalUnderTest<picket_nats::NatsJournal> {
        through_faults(three(), 12).await
    }

    picket_journal::journal_contract!(make);
}

use std::sync::Arc;
use std::time::Duration;

use picket_harness::{Faults, Nats, Proxy};
use picket_journal::contract::JournalUnderTest;
use picket_nats::{JournalSettings, NatsJournal};

use crate::{client, journal, settings};

/// A journal of its own; taken away, it is closed.
async fn whole(servers: Arc<Nats>) -> JournalUnderTest<NatsJournal> {
    let journal = Arc::new(journal(&servers.place()).await);
    JournalUnderTest {
        journal,
        take_away: Box::new(move |journal| {
            drop(journal);
            drop(servers);
        }),
    }
}

/// What goes wrong while a clause is tried: at every stage something, and never so much that nothing comes through.
fn faults(seed: u64) -> Faults {
    Faults {
        seed,
        lose_requests: 15,
        lose_replies: 15,
        double: 30,
        delay: 60,
        longest: Duration::from_millis(15),
        cut: 3,
    }
}

/// A journal whose only way to the servers loses, doubles, delays and cuts; taken away, that way is closed.
async fn through_faults(servers: Arc<Nats>, seed: u64) -> JournalUnderTest<NatsJournal> {
    let place = servers.place();
    let proxy = Proxy::before(servers.port(0), Faults::default()).await;
    let client = client(&place.through(&[proxy.port()])).await;
    // Short, so that what was lost is missed soon; many tries, so that bad luck is not taken for a defect.
    let settings = JournalSettings {
        answer: Duration::from_millis(400),
        patience: Duration::from_secs(18),
        give_up: Duration::from_secs(12),
        ..settings(&place)
    };
    let journal = Arc::new(NatsJournal::open(client, settings).await.unwrap());
    proxy.behave(faults(seed));
    JournalUnderTest {
        journal,
        take_away: Box::new(move |journal| {
            proxy.stay_away(true);
            // Only the way to the servers is gone: the journal itself stays open.
            tokio::spawn(async move {
                std::future::pending::<()>().await;
                drop((journal, proxy, servers));
            });
        }),
    }
}
