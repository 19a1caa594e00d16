//! Operating a cluster: each process keeps a part of the books, and whoever runs them sees what goes on.
//!
//! Processes of the binary itself on a nats-server of the story's own; without Redis where a story does not say so.

mod deployed;
mod keys;
mod map;
mod publishing;
mod traces;

use picket_harness::{Nats, Place};
use picket_nats::{Client, NatsAccess, connect};
use serde_json::Value;

use super::harness::{Running, run};

/// Servers, folders for processes, and a county to keep.
struct Cluster {
    place: tempfile::TempDir,
    /// Kept running.
    _nats: Nats,
    at: Place,
}

impl Cluster {
    fn start() -> Self {
        let nats = Nats::one();
        Self {
            place: tempfile::tempdir().unwrap(),
            at: nats.place(),
            _nats: nats,
        }
    }

    fn folder(&self, name: &str) -> String {
        self.place.path().join(name).to_str().unwrap().to_owned()
    }

    /// Where NATS is, as flags say it.
    fn nats(&self) -> Vec<String> {
        [
            "--nats".to_owned(),
            self.at.urls.join(","),
            "--nats-monitor".to_owned(),
            self.at.monitors.join(","),
        ]
        .to_vec()
    }

    /// A process that serves these; all that is served by default where none is named.
    fn serve(
        &self,
        name: &str,
        services: &[&str],
        more: &[&str],
        environment: &[(&str, &str)],
    ) -> Running {
        let folder = self.folder(name);
        let mut words = vec!["serve"];
        words.extend_from_slice(services);
        words.extend_from_slice(&["--name", name, "--data", &folder]);
        words.extend_from_slice(more);
        // A disk with little room is not what these stories are about.
        words.extend_from_slice(&["--nats-max-bytes", "1GiB"]);
        let words: Vec<String> = words
            .into_iter()
            .map(str::to_owned)
            .chain(self.nats())
            .collect();
        let mut process = Running::start_in(words, environment);
        process.says("picket serves");
        process
    }

    /// Imports the example county through a process's folder.
    fn import(&self, through: &str) {
        let county = self.folder("county");
        run(["example", &county]).fine();
        run(["import", &county, "--data", &self.folder(through), "--yes"]).fine();
    }

    /// Somebody wishes something; the answer.
    #[track_caller]
    fn wish(&self, through: &str, person: &str, words: &[&str]) -> Value {
        let data = self.folder(through);
        let mut all = vec!["do", "--json", "--data", &data, "--as", person];
        all.extend_from_slice(words);
        run(all).json()
    }

    /// A plain listener, as another system would be one.
    async fn listener(&self) -> Client {
        connect(
            &NatsAccess {
                urls: self.at.urls.clone(),
                ..NatsAccess::default()
            },
            "another system",
        )
        .await
        .unwrap()
    }
}
