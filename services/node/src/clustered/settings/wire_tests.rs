//! Names under which a cluster is found where nobody says otherwise: processes of other versions look there.

use clap::Parser as _;

use super::tests::Words;

#[test]
fn the_journal_and_the_leases_are_under_the_names_they_always_were() {
    let args = Words::try_parse_from(["picket"]).unwrap();
    assert_eq!(
        (
            args.cluster.stream.as_str(),
            args.cluster.redis_prefix.as_str()
        ),
        ("PICKET_JOURNAL", "picket")
    );
}
