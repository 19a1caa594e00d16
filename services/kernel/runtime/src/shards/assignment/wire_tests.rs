//! Bytes of a heartbeat, where it is said, and the names of leases: replicas of other versions read them.

use picket_bus::MemoryBus;
use picket_ephemera::MemoryEphemera;

use super::*;
use crate::shards::spread;

const HEARTBEAT_SAID: &str = r#"{"replica":"replica-1","shards":2,"services":["dispatch","courier"],"holds":[{"service":"dispatch","index":0},{"service":"dispatch","index":1}],"lapsed":[{"service":"dispatch","index":1}],"cannot":[{"service":"courier","index":0}],"leased":true,"leaving":true}"#;
const HEARTBEAT_OF_OLD: &str = r#"{"replica":"replica-1","shards":2,"services":["dispatch","courier"],"holds":[{"service":"dispatch","index":0},{"service":"dispatch","index":1}]}"#;

fn shard(service: &str, index: u32) -> Shard {
    Shard {
        service: service.to_owned(),
        index,
    }
}

fn heartbeat() -> Heartbeat {
    Heartbeat {
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
fn assignment(leases: Arc<dyn Ephemera>, bus: Arc<dyn Bus>) -> Assignment {
    let replica = Replica {
        name: "replica-1".to_owned(),
        services: vec!["dispatch".to_owned(), "courier".to_owned()],
        shards: 2,
    };
    let host = Host {
        open: Box::new(|_, _| Box::pin(std::future::ready(()))),
        close: Box::new(|_| Box::pin(std::future::ready(()))),
    };
    Assignment::new(replica, leases, bus, Arc::new(host))
}

#[test]
fn a_heartbeat_is_said_and_heard_as_it_always_was() {
    assert_eq!(serde_json::to_string(&heartbeat()).unwrap(), HEARTBEAT_SAID);
    let heard: Heartbeat = serde_json::from_str(HEARTBEAT_SAID).unwrap();
    assert_eq!(serde_json::to_string(&heard).unwrap(), HEARTBEAT_SAID);
}

#[test]
fn a_heartbeat_from_before_its_newer_words_is_heard() {
    let heard: Heartbeat = serde_json::from_str(HEARTBEAT_OF_OLD).unwrap();
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
        (
            "replica-1".to_owned(),
            2,
            heartbeat().services,
            heartbeat().holds
        )
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
async fn a_heartbeat_goes_where_it_always_went() {
    let bus: Arc<dyn Bus> = Arc::new(MemoryBus::new());
    let mut heartbeats = bus.serve("picket.replica").await.unwrap();
    let mut assignment = assignment(Arc::new(MemoryEphemera::new()), bus);
    assignment.take(shard("dispatch", 0), Instant::now() + TTL);
    assignment.say(false).await;
    let said = String::from_utf8(heartbeats.next().await.unwrap().body).unwrap();
    assert_eq!(
        said,
        r#"{"replica":"replica-1","shards":2,"services":["dispatch","courier"],"holds":[{"service":"dispatch","index":0}],"lapsed":[],"cannot":[],"leased":true,"leaving":false}"#
    );
    assignment.say(true).await;
    let said = String::from_utf8(heartbeats.next().await.unwrap().body).unwrap();
    assert!(
        said.ends_with(r#","leased":true,"leaving":true}"#),
        "{said}"
    );
}

#[tokio::test]
async fn a_lease_has_the_name_and_the_holder_it_always_had() {
    let leases = Arc::new(MemoryEphemera::new());
    let assignment = assignment(leases.clone(), Arc::new(MemoryBus::new()));
    assert_eq!(
        assignment.lease_name(&shard("dispatch", 1)),
        "shard.2.dispatch.1"
    );
    let answers = assignment.ask([shard("dispatch", 1)].into()).await;
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
