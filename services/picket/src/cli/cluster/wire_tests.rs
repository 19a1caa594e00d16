//! Names under which a cluster is found where nobody says otherwise: processes of other versions look there.

use clap::Parser as _;

use crate::cli::{Cli, Verb};

#[test]
fn the_journal_and_the_leases_are_under_the_names_they_always_were() {
    let Verb::Serve(args) = Cli::try_parse_from(["picket", "serve"]).unwrap().verb else {
        panic!("it is another verb")
    };
    assert_eq!(
        (
            args.cluster.stream.as_str(),
            args.cluster.redis_prefix.as_str()
        ),
        ("PICKET_JOURNAL", "picket")
    );
}
