//! The servers of a cluster: where they are, in words and variables; shared by every command that reaches one.

use std::path::PathBuf;

use clap::Args;

/// The units a size may be counted in, and how many bytes each is.
const UNITS: [(&str, u64); 9] = [
    ("", 1),
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

/// How a process reaches the cluster.
#[derive(Clone, Debug, Args)]
pub struct ClusterArgs {
    /// NATS servers, several with commas between
    #[arg(
        long,
        env = "PICKET_NATS",
        hide_env_values = true,
        value_name = "URL",
        default_value = "nats://127.0.0.1:4222",
        value_delimiter = ','
    )]
    pub nats: Vec<String>,
    /// A file with the seed of this process's nkey
    #[arg(long, env = "PICKET_NATS_KEY", value_name = "FILE")]
    pub nats_key: Option<PathBuf>,
    /// Certificates that may have signed the servers'
    #[arg(long, env = "PICKET_NATS_AUTHORITY", value_name = "FILE")]
    pub nats_authority: Option<PathBuf>,
    /// What this process's replies come in on, where its rights name one
    #[arg(long, env = "PICKET_NATS_INBOX", value_name = "PREFIX")]
    pub nats_inbox: Option<String>,
    /// Monitoring addresses of the servers, on which they say that they flush every write
    #[arg(
        long,
        env = "PICKET_NATS_MONITOR",
        value_name = "URL",
        value_delimiter = ','
    )]
    pub nats_monitor: Vec<String>,
    /// On how many servers each commit is kept: 1, 3 or 5
    #[arg(
        long,
        env = "PICKET_NATS_REPLICAS",
        value_name = "N",
        default_value_t = 1
    )]
    pub nats_replicas: usize,
    /// How large the journal may become, such as 8GiB; it must bite before the disk is full
    #[arg(long, env = "PICKET_NATS_MAX_BYTES", value_name = "SIZE", default_value = "8GiB", value_parser = size)]
    pub nats_max_bytes: u64,
    /// Trust servers that do not flush every write: a power cut may take two minutes of facts
    #[arg(long)]
    pub unverified_sync: bool,
    /// The stream that holds the journal
    #[arg(
        long,
        env = "PICKET_STREAM",
        value_name = "NAME",
        default_value = "PICKET_JOURNAL"
    )]
    pub stream: String,
    /// Redis or Valkey, for leases; without one takeovers take a little longer
    #[arg(long, env = "PICKET_REDIS", value_name = "URL", hide_env_values = true)]
    pub redis: Option<String>,
    /// What every key in Redis starts with; two clusters on one Redis need two
    #[arg(
        long,
        env = "PICKET_REDIS_PREFIX",
        value_name = "PREFIX",
        default_value = "picket"
    )]
    pub redis_prefix: String,
}

/// Reads a number of bytes, with or without a unit.
fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let (number, unit) = text.split_at(
        text.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len()),
    );
    let bytes = UNITS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()))
        .map(|(_, bytes)| *bytes);
    let size = number
        .parse::<u64>()
        .ok()
        .zip(bytes)
        .and_then(|(number, bytes)| number.checked_mul(bytes))
        .filter(|size| *size > 0);
    size.ok_or_else(|| {
        "write a whole number of bytes, or one with a unit, such as 8GiB, 500MiB or 2TB".to_owned()
    })
}

#[cfg(test)]
mod wire_tests;

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    /// A command that reaches a cluster.
    #[derive(clap::Parser)]
    pub(super) struct Words {
        #[command(flatten)]
        pub(super) cluster: ClusterArgs,
    }

    /// The bytes `serve` takes this size for; the refusal where it takes it for none.
    fn given(size: &[&str]) -> Result<u64, String> {
        let words = ["picket"]
            .into_iter()
            .chain(size.iter().flat_map(|size| ["--nats-max-bytes", size]));
        Words::try_parse_from(words)
            .map(|words| words.cluster.nats_max_bytes)
            .map_err(|why| why.to_string())
    }

    #[test]
    fn a_size_is_a_number_of_bytes_or_one_with_a_unit() {
        for (text, bytes) in [
            ("1073741824", 1 << 30),
            ("1GiB", 1 << 30),
            ("500 MiB", 500 << 20),
            ("2gib", 2 << 30),
            ("64kib", 64 << 10),
            ("1TB", 1_000_000_000_000),
            ("7b", 7),
        ] {
            assert_eq!(given(&[text]), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn a_size_that_is_none_is_refused_with_what_to_write() {
        for text in [
            "",
            "GiB",
            "0",
            "0GiB",
            "1.5GiB",
            "8 gigabytes",
            "8G",
            "99999999999TiB",
            "eight",
        ] {
            let said = given(&[text]).expect_err(text);
            assert!(
                said.contains("--nats-max-bytes") && said.contains("such as 8GiB"),
                "{said}"
            );
        }
    }

    #[test]
    fn a_journal_of_which_nobody_says_how_large_it_may_become_may_take_eight_gibibytes() {
        assert_eq!(given(&[]), Ok(8 << 30));
    }
}
