//! The processes of the story: replicas of everything on one NATS and one Redis, each with a log of its own.
//!
//! A process is ended by its own id and at the latest with the test. What all of them said is kept until then: a
//! failure prints it, and the end looks through it. It does not know the story.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use picket_fakechat::FakeChat;
use picket_harness::{Nats, Place, Redis, picket};
use tempfile::TempDir;
use tokio::task::block_in_place;

/// The longest anything may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// Room for the journal; the default asks for more than a small disk may have left.
pub(crate) const STREAM_BYTES: u64 = 64 << 20;
const LOOK: Duration = Duration::from_millis(20);

/// Everything that runs.
pub(crate) struct Cluster {
    folder: TempDir,
    /// Kept running.
    _nats: Nats,
    redis: Redis,
    pub(crate) at: Place,
    chat: FakeChat,
    replicas: BTreeMap<String, Child>,
    /// Every name that was ever given to one.
    served: BTreeSet<String>,
}

impl Cluster {
    /// The servers; no process of Picket yet.
    pub(crate) fn start(chat: FakeChat) -> Self {
        block_in_place(|| {
            let nats = Nats::one();
            let folder = tempfile::tempdir().expect("a folder");
            Self {
                folder,
                at: nats.place(),
                _nats: nats,
                redis: Redis::start(),
                chat,
                replicas: BTreeMap::new(),
                served: BTreeSet::new(),
            }
        })
    }

    /// Starts a replica of every service, or starts it again.
    pub(crate) fn serve(&mut self, name: &str, invite: &[&str]) {
        self.served.insert(name.to_owned());
        let mut command = Command::new(picket());
        command
            .args(["serve", "--clock", "driven", "--name", name, "--data"])
            .arg(self.data(name))
            .arg("--blobs")
            .arg(self.folder.path().join("blobs"));
        command.args([
            "--redis",
            &self.redis.url(),
            "--nats",
            &self.at.urls.join(","),
            "--nats-monitor",
            &self.at.monitors.join(","),
        ]);
        command.args(["--nats-max-bytes", &STREAM_BYTES.to_string()]);
        command.args(invite.iter().flat_map(|person| ["--invite", person]));
        command
            .env("PICKET_TEST", "yes")
            .env("PICKET_TELEGRAM_TOKEN", self.chat.token())
            .env("PICKET_TELEGRAM_API", self.chat.url());
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log(name))
            .expect("a log");
        command
            .env_remove("PICKET_DATA")
            .env_remove("RUST_BACKTRACE")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log);
        let child = command
            .spawn()
            .unwrap_or_else(|why| panic!("{name} does not start: {why}"));
        assert!(
            self.replicas.insert(name.to_owned(), child).is_none(),
            "{name} runs already"
        );
    }

    /// Waits until a replica has said these words so many times.
    pub(crate) async fn says(&mut self, name: &str, words: &str, times: usize) {
        let end = Instant::now() + PATIENCE;
        while self.said(name).matches(words).count() < times {
            let over = self
                .replicas
                .get_mut(name)
                .and_then(|child| child.try_wait().ok().flatten());
            assert!(
                over.is_none() && Instant::now() < end,
                "{name} did not say `{words}` ({over:?})"
            );
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Kills a replica without a chance to say anything.
    pub(crate) fn kill_9(&mut self, name: &str) {
        let mut child = self.replicas.remove(name).expect("it runs");
        child.kill().expect("it can be killed");
        child.wait().expect("it is gone");
    }

    /// Ends a replica politely.
    pub(crate) fn stop(&mut self, name: &str) {
        let mut child = self.replicas.remove(name).expect("it runs");
        let asked = Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status()
            .expect("kill is there");
        assert!(asked.success());
        let end = Instant::now() + PATIENCE;
        let status = block_in_place(|| {
            loop {
                if let Some(status) = child.try_wait().expect("it can be waited for") {
                    return status;
                }
                if Instant::now() > end {
                    drop(child.kill());
                    drop(child.wait());
                    panic!("{name} did not go");
                }
                std::thread::sleep(LOOK);
            }
        });
        assert!(status.success(), "{name} ended with {status}");
    }

    /// Everything that was said by anybody.
    pub(crate) fn all_said(&self) -> BTreeMap<String, String> {
        self.served
            .iter()
            .map(|name| (name.clone(), self.said(name)))
            .collect()
    }

    /// The names of the replicas that run.
    pub(crate) fn running(&self) -> Vec<String> {
        self.replicas.keys().cloned().collect()
    }

    /// Runs a command through a replica and gives what it prints.
    pub(crate) fn run(&self, through: &str, args: &[&str]) -> String {
        let mut command = Command::new(picket());
        command
            .args(args)
            .arg("--data")
            .arg(self.data(through))
            .env_remove("PICKET_DATA")
            .stdin(Stdio::null());
        finished(command)
    }

    /// What a replica said, in all its lives.
    pub(crate) fn said(&self, name: &str) -> String {
        fs::read_to_string(self.log(name)).unwrap_or_default()
    }

    fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn log(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.log"))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for mut child in std::mem::take(&mut self.replicas).into_values() {
            drop(child.kill());
            drop(child.wait());
        }
        if std::thread::panicking() {
            for name in &self.served {
                eprintln!("── {name} said\n{}", self.said(name));
            }
        }
    }
}

/// Runs a command that must end well, and gives what it prints.
pub(crate) fn finished(mut command: Command) -> String {
    let done = block_in_place(|| command.output()).expect("the command runs");
    let (out, err) = (
        String::from_utf8_lossy(&done.stdout).into_owned(),
        String::from_utf8_lossy(&done.stderr).into_owned(),
    );
    assert!(
        done.status.success(),
        "{command:?}: {}\n{out}{err}",
        done.status
    );
    out
}
