//! Names by which publishers find each other and their streams: those of other versions use the same ones.

use super::*;

#[test]
fn streams_and_subjects_are_what_they_always_were() {
    assert_eq!(
        (EVENTS, PLACE, PLACE_SUBJECT),
        (
            "PICKET_EVENTS",
            "PICKET_PUBLISHER",
            "picket.publisher.place"
        )
    );
    assert_eq!(EVENTS_BYTES, 536_870_912);
}

#[test]
fn the_turn_to_publish_is_the_shard_it_always_was() {
    assert_eq!(SERVICE, "publish");
    assert_eq!(
        Shard {
            service: SERVICE.to_owned(),
            index: 0
        }
        .to_string(),
        "publish.0"
    );
    // Of its one shard: the lease is `shard.1.publish.0`, as the runtime names leases.
    let replica = replica("one");
    assert_eq!(replica.name, "one.publish");
    assert_eq!(
        (replica.services, replica.shards),
        (vec![SERVICE.to_owned()], 1)
    );
}
