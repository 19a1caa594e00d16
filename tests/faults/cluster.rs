//! The processes: `picket serve` in several replicas on real NATS and Redis, each killed, stopped and started by name.
//!
//! What each of them says is kept. It does not know what they are asked.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use picket_harness::{Faults, Nats, Place, Process, Proxy, Redis, picket};
use tempfile::TempDir;
use tokio::task::block_in_place;
use tokio::time::{Instant, sleep};

/// How long anything may take to come about.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many parts the books of each service are spread over, and how many services have books.
const SHARDS: usize = 8;
const SERVICES: usize = 7;

/// How large the journal may become, on however small a disk.
pub(crate) const JOURNAL: u64 = 256 << 20;

/// One process to be.
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    /// What it keeps; nothing named is everything.
    pub(crate) services: &'static [&'static str],
    /// Whether its connection to NATS goes through the proxy.
    pub(crate) proxied: bool,
}

/// One process, running or not.
struct Member {
    plan: Plan,
    process: Option<Process>,
}

/// All of them.
pub(crate) struct Cluster {
    dir: TempDir,
    pub(crate) nats: Nats,
    pub(crate) place: Place,
    pub(crate) redis: Redis,
    /// Before the first server of NATS.
    pub(crate) proxy: Proxy,
    members: BTreeMap<&'static str, Member>,
}

impl Cluster {
    pub(crate) async fn start(nats: Nats, seed: u64, plans: Vec<Plan>) -> Self {
        let (place, redis) = (nats.place(), block_in_place(Redis::start));
        let proxy = Proxy::before(
            nats.port(0),
            Faults {
                seed,
                ..Faults::default()
            },
        )
        .await;
        let dir = tempfile::tempdir().unwrap();
        let names: Vec<&'static str> = plans.iter().map(|plan| plan.name).collect();
        let members = plans
            .into_iter()
            .map(|plan| {
                (
                    plan.name,
                    Member {
                        plan,
                        process: None,
                    },
                )
            })
            .collect();
        let mut cluster = Self {
            dir,
            nats,
            place,
            redis,
            proxy,
            members,
        };
        for name in &names {
            cluster.start_one(name);
            // One after the other: the first makes the stream.
            cluster.says(name, "picket serves").await;
        }
        let counties = cluster.dir.path().join("counties");
        std::fs::create_dir(&counties).unwrap();
        crate::county::write(&counties);
        let data = cluster.dir.path().join(names[0]);
        let import = async || {
            let mut command = Command::new(picket());
            command.args([
                "import".as_ref(),
                counties.as_os_str(),
                "--yes".as_ref(),
                "--data".as_ref(),
                data.as_os_str(),
            ]);
            block_in_place(|| command.output().unwrap())
        };
        let done = import().await;
        assert!(
            done.status.success(),
            "{}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
        cluster.settled().await;
        cluster
    }

    fn log(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("{name}.log"))
    }

    /// All a process said since its first start.
    pub(crate) fn said(&self, name: &str) -> String {
        std::fs::read(self.log(name))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.members.keys().copied().collect()
    }

    /// Starts a process, again where it ran before, on the same folder.
    pub(crate) fn start_one(&mut self, name: &'static str) {
        let log = self.log(name);
        let member = self.members.get_mut(name).unwrap();
        let place = if member.plan.proxied {
            self.place.through(&[self.proxy.port()])
        } else {
            self.place.clone()
        };
        let mut args: Vec<String> = std::iter::once("serve")
            .chain(member.plan.services.iter().copied())
            .map(str::to_owned)
            .collect();
        let folder = self.dir.path().join(name).display().to_string();
        let (nats, monitors, redis, replicas) = (
            place.urls.join(","),
            place.monitors.join(","),
            self.redis.url(),
            place.monitors.len().to_string(),
        );
        for (flag, value) in [
            ("--name", name),
            ("--data", &folder),
            ("--nats", &nats),
            ("--nats-monitor", &monitors),
            ("--nats-replicas", &replicas),
            ("--redis", &redis),
        ] {
            args.extend([flag.to_owned(), value.to_owned()]);
        }
        args.extend([
            "--shards".to_owned(),
            SHARDS.to_string(),
            "--nats-max-bytes".to_owned(),
            JOURNAL.to_string(),
        ]);
        member.process = Some(Process::start(
            &picket(),
            &args,
            &[("NO_COLOR".to_owned(), "1".to_owned())],
            &log,
        ));
    }

    /// Kills a process without a chance to say anything.
    pub(crate) fn kill(&mut self, name: &str) {
        drop(self.members.get_mut(name).unwrap().process.take());
    }

    pub(crate) fn signal(&self, name: &str, signal: &str) {
        self.members[name]
            .process
            .as_ref()
            .expect("the process runs")
            .signal(signal);
    }

    /// Waits until a process has said these words.
    async fn says(&self, name: &str, words: &str) {
        self.until(&format!("`{name}` says `{words}`"), |cluster| {
            cluster.said(name).contains(words)
        })
        .await;
    }

    /// Waits until every shard is kept once, and by nobody more than a fair share.
    pub(crate) async fn settled(&self) {
        self.until(
            "every shard is kept, and every process keeps some",
            |cluster| {
                let running: Vec<_> = cluster
                    .members
                    .iter()
                    .filter(|(_, member)| member.process.is_some())
                    .collect();
                let held: Vec<usize> = running.iter().map(|(name, _)| cluster.held(name)).collect();
                held.iter().sum::<usize>() == SHARDS * SERVICES && held.iter().all(|held| *held > 0)
            },
        )
        .await;
    }

    /// How many shards a process keeps, as it said last.
    fn held(&self, name: &str) -> usize {
        let said = self.said(name);
        // What was said before its last start does not count.
        let since = said
            .rfind("picket serves")
            .map_or("", |start| &said[start..]);
        let last = since
            .lines()
            .rev()
            .find(|line| line.contains(" shards are kept here"));
        last.and_then(|line| line.split_once("; ")?.1.split(' ').next()?.parse().ok())
            .unwrap_or(0)
    }

    async fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !is_so(self) {
            assert!(Instant::now() < end, "not within {PATIENCE:?}: {what}");
            self.nobody_ended();
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// No process ends by itself.
    pub(crate) fn nobody_ended(&self) {
        for (name, member) in &self.members {
            assert!(
                member
                    .process
                    .as_ref()
                    .is_none_or(|process| !process.is_over()),
                "`{name}` ended by itself"
            );
        }
    }

    /// Asks every process to go, and waits until each has.
    pub(crate) fn stop(&self) {
        for name in self.members.keys() {
            self.signal(name, "TERM");
        }
        for (name, member) in &self.members {
            let code = member
                .process
                .as_ref()
                .and_then(|process| process.ends(PATIENCE));
            assert_eq!(code, Some(0), "`{name}` goes when it is told to");
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for name in self.members.keys() {
            let said = self.said(name);
            let lines: Vec<&str> = said.lines().collect();
            eprintln!(
                "── the end of what `{name}` said\n{}",
                lines[lines.len().saturating_sub(60)..].join("\n")
            );
        }
    }
}
