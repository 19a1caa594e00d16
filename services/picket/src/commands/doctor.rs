//! `picket doctor`: looks whether the servers are fit to hold facts, and makes the journal's stream where there is none.
//!
//! It is run with the operator's key: no service may make the stream. It changes nothing that is there.

use std::process::ExitCode;
use std::time::Duration;

use picket_ephemera::EphemeraError;
use picket_node::clustered::connection::Cluster;
use picket_node::ids::new_id;
use picket_node::problem::{Exit, Failure};

use crate::cli::DoctorArgs;
use crate::settings::CliSettings;

/// How long the lease is by which Redis is tried.
const MOMENT: Duration = Duration::from_secs(1);

/// Runs it.
pub async fn run(settings: &CliSettings, args: DoctorArgs) -> Result<ExitCode, Failure> {
    let args = args.cluster;
    let cluster = Cluster::connect(&args, "picket doctor").await?;
    let jurisdictions = picket_node::admin::territory::read(cluster.journal.as_ref())
        .await
        .map_err(|why| {
            Failure::new(
                Exit::Storage,
                why.to_string(),
                "Is JetStream up? Ask again.",
            )
        })?
        .0
        .jurisdictions
        .len();
    let name = new_id("doctor").to_string();
    let redis = match &args.redis {
        Some(_) => Some(cluster.leases.lease(&name, &name, MOMENT).await),
        None => None,
    };
    if let Some(Err(EphemeraError::Unavailable(why))) = &redis {
        return Err(Failure::new(
            Exit::Storage,
            format!("Redis does not answer: {why}"),
            "Start it, or leave --redis out: everything works without, takeovers take a little longer.",
        ));
    }
    if settings.json {
        println!(
            "{}",
            serde_json::json!({ "ok": true, "stream": args.stream, "replicas": args.nats_replicas, "flushed": !args.unverified_sync, "jurisdictions": jurisdictions, "redis": redis.is_some() })
        );
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "the stream {} is there, on {} {}; {jurisdictions} jurisdictions",
        args.stream,
        args.nats_replicas,
        if args.nats_replicas == 1 {
            "server"
        } else {
            "servers"
        }
    );
    println!(
        "{}",
        if args.unverified_sync {
            "whether every write is flushed was not looked at"
        } else {
            "every server flushes every write"
        }
    );
    println!(
        "{}",
        if redis.is_some() {
            "Redis gives leases"
        } else {
            "no Redis was named"
        }
    );
    Ok(ExitCode::SUCCESS)
}
