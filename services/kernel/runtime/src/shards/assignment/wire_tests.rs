//! Bytes of a beat, where it is said, and the names of leases: replicas of other versions read them.

use picket_bus::MemoryBus;
use picket_ephemera::MemoryEphemera;

use super::*;

const BEAT_SAID: &str = r#"{"replica":"replica-1","shards":2,"services":["dispatch","courier"],"holds":[{"service":"dispatch","index":0},{"service":"dispatch","index":1}],"lapsed":[{"service":"dispatch","index":1}],"cannot":[{"service":"courier","index":0}],"leased":true,"leaving":true}"#;
const BEAT_OF_OLD: &str = r#"{"replica":"replica-1","shards":2,"services":["dispatch","courier"],"holds":[{"service":"dispatch","index":0},{"service":"dispatch","index":1}]}"#;

fn shard(service: &str, index: u32) -> Shard {
    Shard {
        service: service.to_owned(),
        index,
    }
}

fn beat() -> Beat {
    Beat {
        replica: "replica-1".to_owned(),
        shards: 2,
        services: vec!["dispatch".to_owned(), "courier".to_owned()],
        holds: vec![shard("dispatch", 0), shard("dispatch", 1)],
        lapsed: vec![shard("dispatch", 1)],
        cannot: vec![shard("courier", 0)],
        leased: true,
        leaving: true,
    }
}

/// A replica that keeps nothing yet.
fn running(leases: Arc<dyn Ephemera>, bus: Arc<dyn Bus>) -> Running {
    let replica = Replica {
        name: "replica-1".to_owned(),
        services: vec!["dispatch".to_owned(), "courier".to_owned()],
        shards: 2,
    };
    let host = Host {
        open: Box::new(|_, _| Box::pin(std::future::ready(()))),
        close: Box::new(|_| Box::pin(std::future::ready(()))),
    };
    let base = Instant::now();
    let standing = Standing::new(
        replica.name.clone(),
        replica.services.clone(),
        replica.shards,
        base,
    );
    Running {
        replica,
        leases,
        bus,
        host: Arc::new(host),
        base,
        standing,
        mine: BTreeMap::new(),
        closing: BTreeMap::new(),
        leases_up: true,
        heard: false,
        unheard: 0,
        ears: base,
        beaten: base,
    }
}

#[test]
fn a_beat_is_said_and_heard_as_it_always_was() {
    assert_eq!(serde_json::to_string(&beat()).unwrap(), BEAT_SAID);
    let heard: Beat = serde_json::from_str(BEAT_SAID).unwrap();
    assert_eq!(serde_json::to_string(&heard).unwrap(), BEAT_SAID);
}

#[test]
fn a_beat_from_before_its_newer_words_is_heard() {
    let heard: Beat = serde_json::from_str(BEAT_OF_OLD).unwrap();
    assert_eq!(
        (
            heard.lapsed.len(),
            heard.cannot.len(),
            heard.leased,
            heard.leaving
        ),
        (0, 0, false, false)
    );
    assert_eq!(
        (heard.replica, heard.shards, heard.services, heard.holds),
        ("replica-1".to_owned(), 2, beat().services, beat().holds)
    );
}

#[test]
fn a_shard_is_written_as_it_always_was() {
    let literal = r#"{"service":"dispatch","index":7}"#;
    assert_eq!(
        serde_json::to_string(&shard("dispatch", 7)).unwrap(),
        literal
    );
    assert_eq!(
        serde_json::from_str::<Shard>(literal).unwrap(),
        shard("dispatch", 7)
    );
    assert_eq!(shard("dispatch", 7).to_string(), "dispatch.7");
}

#[test]
fn a_book_is_of_the_shard_it_always_was() {
    let of = |jurisdiction: &str, shards| Shard::of("dispatch", &jurisdiction.into(), shards).index;
    assert_eq!(
        ["4209", "420902", "420921", "420981"].map(|jurisdiction| of(jurisdiction, 8)),
        [0, 6, 5, 3]
    );
    assert_eq!(
        ["4209", "420902", "420921", "420981"].map(|jurisdiction| of(jurisdiction, 1_024)),
        [80, 918, 245, 203]
    );
    assert_eq!(of("420902", 1), 0);
    assert_eq!(spread("420902"), 0x0a36_7e7e_1f4e_9796);
}

#[tokio::test]
async fn a_beat_goes_where_it_always_went() {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut beats = bus.serve("picket.replica").await.unwrap();
    let mut running = running(Arc::new(MemoryEphemera::new()), bus);
    running.take(shard("dispatch", 0), Instant::now() + TTL);
    running.say(false).await;
    let said = String::from_utf8(beats.next().await.unwrap().body).unwrap();
    assert_eq!(
        said,
        r#"{"replica":"replica-1","shards":2,"services":["dispatch","courier"],"holds":[{"service":"dispatch","index":0}],"lapsed":[],"cannot":[],"leased":true,"leaving":false}"#
    );
    running.say(true).await;
    let said = String::from_utf8(beats.next().await.unwrap().body).unwrap();
    assert!(
        said.ends_with(r#","leased":true,"leaving":true}"#),
        "{said}"
    );
}

#[tokio::test]
async fn a_lease_has_the_name_and_the_holder_it_always_had() {
    let leases = Arc::new(MemoryEphemera::new());
    let running = running(leases.clone(), Arc::new(MemoryBus::new()));
    assert_eq!(
        running.lease_name(&shard("dispatch", 1)),
        "shard.2.dispatch.1"
    );
    let answers = running.ask([shard("dispatch", 1)].into()).await;
    assert_eq!(answers, [(shard("dispatch", 1), Ok(true))]);
    assert_eq!(
        leases
            .lease("shard.2.dispatch.1", "somebody else", TTL)
            .await,
        Ok(None)
    );
    assert!(
        leases
            .lease("shard.2.dispatch.1", "replica-1", TTL)
            .await
            .unwrap()
            .is_some(),
        "the holder is the name of the replica"
    );
}
