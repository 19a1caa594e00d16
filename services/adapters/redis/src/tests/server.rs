//! A Redis server for one test: on a socket in a folder of its own, gone when the test ends.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use tempfile::TempDir;

/// The server's program: one that is installed, else what `deploy/servers.sh` brings. None at all fails the test.
fn program() -> PathBuf {
    let folders: Vec<PathBuf> = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default();
    let installed = ["redis-server", "valkey-server"]
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file());
    installed.unwrap_or_else(|| {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../deploy/servers.sh");
        let done = Command::new("bash")
            .arg(script)
            .output()
            .expect("bash is there");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        PathBuf::from(
            String::from_utf8(done.stdout)
                .expect("the script prints a path")
                .trim(),
        )
        .join("bin/redis-server")
    })
}

/// How long a server may take to come up.
const UP: Duration = Duration::from_secs(30);

pub(super) struct Server {
    folder: TempDir,
    options: Vec<String>,
    process: Option<Child>,
}

impl Server {
    pub(super) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(super) fn start_with(options: &[&str]) -> Self {
        let mut server = Self {
            folder: TempDir::new().unwrap(),
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            process: None,
        };
        server.begin();
        server
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    /// Starts the process, empty, and waits until it listens.
    pub(super) fn begin(&mut self) {
        let mut command = Command::new(program());
        command
            .args([
                "--port",
                "0",
                "--save",
                "",
                "--appendonly",
                "no",
                "--unixsocket",
            ])
            .arg(self.socket())
            .arg("--dir")
            .arg(self.folder.path());
        command
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.process = Some(command.spawn().expect("the program can be run"));
        let began = Instant::now();
        while std::os::unix::net::UnixStream::connect(self.socket()).is_err() {
            assert!(began.elapsed() < UP, "redis-server did not come up");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// `kill -9`: what it held is gone with it.
    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // A process that ended by itself need not be killed; waiting for it tells.
            drop(process.kill());
            process.wait().unwrap();
        }
        drop(std::fs::remove_file(self.socket()));
    }

    /// Stops it as it stands, or lets it go on: it keeps its connections and answers nothing meanwhile.
    pub(super) fn signal(&self, name: &str) {
        let pid = self.process.as_ref().expect("it runs").id().to_string();
        assert!(
            Command::new("kill")
                .args([name, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    pub(super) fn address(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    pub(super) fn address_with(&self, password: &str) -> String {
        format!("{}?pass={password}", self.address())
    }

    /// A connection past the store.
    pub(super) async fn connection(&self) -> MultiplexedConnection {
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(UP))
            .set_response_timeout(Some(UP));
        redis::Client::open(self.address())
            .unwrap()
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
