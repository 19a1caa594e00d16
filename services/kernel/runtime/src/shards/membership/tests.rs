//! Membership: fair shares, takeovers after a silence, and shards that are left to others.

use super::*;

fn shard(index: u32) -> Shard {
    Shard {
        service: "dispatch".into(),
        index,
    }
}

fn heartbeat(replica: &str, holds: &[u32]) -> Heartbeat {
    Heartbeat {
        replica: replica.into(),
        shards: 4,
        services: vec!["dispatch".into()],
        holds: holds.iter().map(|index| shard(*index)).collect(),
        lapsed: Vec::new(),
        cannot: Vec::new(),
        leased: false,
        leaving: false,
    }
}

fn membership(now: Instant) -> Membership {
    Membership::new("b".into(), vec!["dispatch".into()], 4, now)
}

#[test]
fn alone_it_asks_for_everything_at_once_where_leases_decide() {
    let now = Instant::now();
    assert_eq!(membership(now).wanted(&BTreeSet::new(), true, now).len(), 4);
}

#[test]
fn without_leases_it_waits_for_a_silence() {
    let now = Instant::now();
    let membership = membership(now);
    assert!(
        membership
            .wanted(&BTreeSet::new(), false, now + Duration::from_secs(4))
            .is_empty()
    );
    assert_eq!(
        membership
            .wanted(&BTreeSet::new(), false, now + SILENCE)
            .len(),
        4
    );
}

#[test]
fn what_a_live_replica_holds_is_left_to_it_until_it_falls_silent() {
    let now = Instant::now();
    let mut membership = membership(now);
    membership.hear(heartbeat("a", &[0, 1, 2]), now);
    assert_eq!(membership.wanted(&BTreeSet::new(), true, now), [shard(3)]);
    let later = now + SILENCE + Duration::from_secs(5);
    assert_eq!(
        membership
            .wanted(&BTreeSet::from([shard(3)]), true, later)
            .len(),
        3
    );
    assert_eq!(
        membership
            .wanted(&BTreeSet::from([shard(3)]), false, later)
            .len(),
        3
    );
}

#[test]
fn who_has_more_than_a_fair_share_gives_up_one_at_a_time() {
    let now = Instant::now();
    let mut membership = membership(now);
    let all: BTreeSet<_> = (0..4).map(shard).collect();
    assert!(membership.surplus(&all, true, now).is_empty());
    membership.hear(heartbeat("a", &[]), now);
    assert_eq!(membership.surplus(&all, true, now), [shard(3)]);
    assert!(
        membership
            .surplus(&BTreeSet::from([shard(0), shard(1)]), true, now)
            .is_empty()
    );
}

#[test]
fn a_shard_with_two_holders_and_no_lease_stays_with_the_earlier_name() {
    let now = Instant::now();
    let mut membership = membership(now);
    membership.hear(heartbeat("a", &[1]), now);
    assert_eq!(
        membership.surplus(&BTreeSet::from([shard(1)]), false, now),
        [shard(1)]
    );
    assert!(
        membership
            .surplus(&BTreeSet::from([shard(1)]), true, now)
            .is_empty(),
        "the lease decides"
    );
    let mut other = Membership::new("a".into(), vec!["dispatch".into()], 4, now);
    other.hear(heartbeat("b", &[1]), now);
    assert!(
        other
            .surplus(&BTreeSet::from([shard(1)]), false, now)
            .is_empty()
    );
}

#[test]
fn what_is_left_behind_on_purpose_is_free_at_once() {
    let now = Instant::now();
    let mut membership = membership(now);
    membership.hear(heartbeat("a", &[0, 1, 2, 3]), now);
    assert!(membership.wanted(&BTreeSet::new(), true, now).is_empty());
    membership.hear(
        Heartbeat {
            leaving: true,
            ..heartbeat("a", &[])
        },
        now,
    );
    assert_eq!(membership.wanted(&BTreeSet::new(), true, now).len(), 4);
}

#[test]
fn nothing_is_left_of_a_replica_that_fell_silent_long_ago() {
    let now = Instant::now();
    let mut membership = membership(now);
    for second in 0..600 {
        membership.hear(
            heartbeat(&format!("restarted-{second}"), &[0]),
            now + Duration::from_secs(second),
        );
    }
    assert!(
        membership.peers.len() <= 60,
        "{} are remembered",
        membership.peers.len()
    );
}

#[test]
fn what_it_is_too_old_for_is_neither_asked_for_nor_expected_of_it() {
    let now = Instant::now();
    let mut old = membership(now);
    old.is_too_old_for(shard(2));
    assert!(!old.wanted(&BTreeSet::new(), true, now).contains(&shard(2)));
    let mut new = Membership::new("a".into(), vec!["dispatch".into()], 4, now);
    new.hear(
        Heartbeat {
            cannot: vec![shard(2)],
            ..heartbeat("b", &[])
        },
        now,
    );
    let all: BTreeSet<_> = (0..4).map(shard).collect();
    assert_eq!(
        new.wanted(&BTreeSet::new(), true, now).len(),
        4,
        "who can keeps all of the service"
    );
    assert!(
        new.surplus(&all, true, now).is_empty(),
        "and does not give back what nobody else can take"
    );
}

#[test]
fn what_it_could_not_open_is_left_to_others_for_longer_each_time() {
    let now = Instant::now();
    let mut one = membership(now);
    let seconds = Duration::from_secs;
    let wants = |one: &mut Membership, at: Instant| {
        one.hear(heartbeat("a", &[0, 1]), at);
        one.wanted(&BTreeSet::from([shard(3)]), true, at)
            .contains(&shard(2))
    };
    one.could_not_open(shard(2), now);
    assert_eq!(one.unable(now), [shard(2)], "the others are told");
    assert!(!wants(&mut one, now + seconds(59)));
    assert!(wants(&mut one, now + seconds(60)));
    assert!(one.unable(now + seconds(60)).is_empty());
    one.could_not_open(shard(2), now + seconds(80));
    assert!(!wants(&mut one, now + seconds(199)));
    assert!(wants(&mut one, now + seconds(200)));
    one.opened(&shard(2));
    one.could_not_open(shard(2), now + seconds(300));
    assert!(
        wants(&mut one, now + seconds(360)),
        "once it was open, it begins anew"
    );
}

#[test]
fn what_nobody_can_open_is_tried_again_at_once() {
    let now = Instant::now();
    let mut one = membership(now);
    one.could_not_open(shard(2), now);
    assert!(
        one.wanted(&BTreeSet::new(), true, now).contains(&shard(2)),
        "nobody else is there"
    );
    one.hear(heartbeat("a", &[]), now);
    assert!(!one.wanted(&BTreeSet::new(), true, now).contains(&shard(2)));
    one.hear(
        Heartbeat {
            cannot: vec![shard(2)],
            ..heartbeat("a", &[])
        },
        now,
    );
    assert!(
        one.wanted(&BTreeSet::new(), true, now).contains(&shard(2)),
        "the other cannot either"
    );
    one.hear(
        Heartbeat {
            cannot: vec![shard(1)],
            ..heartbeat("a", &[])
        },
        now,
    );
    assert!(
        !one.wanted(&BTreeSet::new(), true, now).contains(&shard(2)),
        "what it cannot is another one"
    );
}
