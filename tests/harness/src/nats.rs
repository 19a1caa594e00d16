//! nats-server, one or three of it, each flushing every write.
//!
//! Every test takes a [`Place`] of its own: an account in which nobody else's streams and subjects are seen, so
//! that many tests share one cluster. It does not know what is kept there.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};
use tempfile::TempDir;

use crate::process::Process;
use crate::{free_ports, program};

/// How many accounts a set of servers has.
const ACCOUNTS: usize = 96;
/// How long servers may take until they are ready.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often they are started again with other ports, when somebody took one in between.
const STARTS: usize = 5;

/// One nats-server, or a cluster of three.
pub struct Nats {
    /// Kept until the servers are gone; it holds all they wrote.
    dir: TempDir,
    program: PathBuf,
    nodes: Vec<Node>,
    environment: Vec<(String, String)>,
    accounts: AtomicUsize,
}

struct Node {
    name: String,
    port: u16,
    monitor: u16,
    arguments: Vec<String>,
    process: Mutex<Option<Process>>,
}

/// Where one test may do as it likes.
#[derive(Clone, Debug)]
pub struct Place {
    /// Addresses of the servers, with the account's user and password.
    pub urls: Vec<String>,
    /// Monitoring addresses of the servers.
    pub monitors: Vec<String>,
}

impl Place {
    /// The same place, reached through other ports of this machine.
    #[must_use]
    pub fn through(&self, ports: &[u16]) -> Self {
        let user = self
            .urls
            .first()
            .and_then(|url| url.split_once('@'))
            .map_or("", |(user, _)| user);
        Self {
            urls: ports
                .iter()
                .map(|port| format!("{user}@127.0.0.1:{port}"))
                .collect(),
            monitors: self.monitors.clone(),
        }
    }
}

impl Nats {
    /// One server.
    pub fn one() -> Self {
        Self::with(1, "sync_interval: always", "")
    }

    /// A cluster of three.
    pub fn three() -> Self {
        Self::with(3, "sync_interval: always", "")
    }

    /// So many servers with a line of their own in the `jetstream` block, and others outside it.
    pub fn with(nodes: usize, jetstream: &str, more: &str) -> Self {
        Self::started(|| Self::written(nodes, jetstream, more))
    }

    /// So many servers with a configuration file as it is; only folder, addresses and names are of this test.
    ///
    /// Such servers have the accounts of their file: [`Nats::place`] names none.
    pub fn shipped(nodes: usize, config: &Path, environment: &[(String, String)]) -> Self {
        Self::started(|| Self::as_shipped(nodes, config, environment))
    }

    fn started(make: impl Fn() -> Self) -> Self {
        for _ in 0..STARTS {
            let servers = make();
            let all: Vec<usize> = (0..servers.nodes.len()).collect();
            for at in &all {
                servers.start(*at);
            }
            if servers.are_ready(&all) {
                return servers;
            }
        }
        panic!("somebody else took the ports of nats-server {STARTS} times");
    }

    fn as_shipped(count: usize, config: &Path, environment: &[(String, String)]) -> Self {
        let dir = tempfile::tempdir().expect("a folder for the servers");
        let ports = free_ports(count * 3);
        let routes = ports[count * 2..]
            .iter()
            .map(|port| format!("nats://127.0.0.1:{port}"))
            .collect::<Vec<_>>()
            .join(",");
        let node = |at: usize| {
            let (name, port, monitor) = (format!("n{}", at + 1), ports[at], ports[count + at]);
            let mut arguments = [
                "-c",
                &config.display().to_string(),
                "-n",
                &name,
                "-a",
                "127.0.0.1",
                "-p",
                &port.to_string(),
                "-m",
                &monitor.to_string(),
            ]
            .map(str::to_owned)
            .to_vec();
            if count > 1 {
                arguments.extend([
                    "--cluster".to_owned(),
                    format!("nats://127.0.0.1:{}", ports[count * 2 + at]),
                    "--routes".to_owned(),
                    routes.clone(),
                ]);
            }
            Node {
                name,
                port,
                monitor,
                arguments,
                process: Mutex::default(),
            }
        };
        let nodes = (0..count).map(node).collect();
        Self {
            dir,
            program: program("nats-server"),
            nodes,
            environment: environment.to_vec(),
            accounts: AtomicUsize::new(0),
        }
    }

    fn written(count: usize, jetstream: &str, more: &str) -> Self {
        let dir = tempfile::tempdir().expect("a folder for the servers");
        let ports = free_ports(count * 3);
        let routes: String = ports[count * 2..]
            .iter()
            .fold(String::new(), |mut all, port| {
                write!(all, "nats://127.0.0.1:{port} ").expect("a string takes text");
                all
            });
        let mut nodes = Vec::new();
        for at in 0..count {
            let name = format!("n{}", at + 1);
            let arguments = vec![
                "-c".to_owned(),
                dir.path()
                    .join(format!("{name}.conf"))
                    .display()
                    .to_string(),
            ];
            let node = Node {
                port: ports[at],
                monitor: ports[count + at],
                name,
                arguments,
                process: Mutex::default(),
            };
            let folder = dir.path().join(&node.name);
            std::fs::create_dir_all(&folder).expect("a folder for the server");
            let mut config = format!(
                "server_name: {}\nlisten: 127.0.0.1:{}\nhttp: 127.0.0.1:{}\nmax_payload: 2MB\njetstream {{\n  store_dir: \"{}\"\n  {jetstream}\n}}\n{more}\n",
                node.name,
                node.port,
                node.monitor,
                folder.display()
            );
            if count > 1 {
                write!(
                    config,
                    "cluster {{\n  name: picket\n  listen: 127.0.0.1:{}\n  routes: [{}]\n}}\n",
                    ports[count * 2 + at],
                    routes.trim().replace(' ', ", ")
                )
                .expect("a string takes text");
            }
            config.push_str(&accounts());
            std::fs::write(dir.path().join(format!("{}.conf", node.name)), config)
                .expect("the folder takes a file");
            nodes.push(node);
        }
        Self {
            dir,
            program: program("nats-server"),
            nodes,
            environment: Vec::new(),
            accounts: AtomicUsize::new(0),
        }
    }

    /// An account nobody else uses.
    pub fn place(&self) -> Place {
        let account = self.accounts.fetch_add(1, Ordering::Relaxed);
        assert!(
            account < ACCOUNTS,
            "more than {ACCOUNTS} tests share these servers; give them more accounts"
        );
        let url = |node: &Node| format!("nats://a{account}:a{account}@127.0.0.1:{}", node.port);
        Place {
            urls: self.nodes.iter().map(url).collect(),
            monitors: self.monitors(),
        }
    }

    /// An account that may not ask the servers how they are set.
    pub fn shut_place(&self) -> Place {
        let url = |node: &Node| format!("nats://shut:shut@127.0.0.1:{}", node.port);
        Place {
            urls: self.nodes.iter().map(url).collect(),
            monitors: self.monitors(),
        }
    }

    /// The system account, which has no JetStream.
    pub fn system_place(&self) -> Place {
        let url = |node: &Node| format!("nats://sys:sys@127.0.0.1:{}", node.port);
        Place {
            urls: self.nodes.iter().map(url).collect(),
            monitors: self.monitors(),
        }
    }

    /// Addresses of the servers without a user, and of their monitors.
    pub fn open_place(&self) -> Place {
        let url = |node: &Node| format!("nats://127.0.0.1:{}", node.port);
        Place {
            urls: self.nodes.iter().map(url).collect(),
            monitors: self.monitors(),
        }
    }

    fn monitors(&self) -> Vec<String> {
        self.nodes
            .iter()
            .map(|node| format!("http://127.0.0.1:{}", node.monitor))
            .collect()
    }

    /// The port of a server.
    pub fn port(&self, node: usize) -> u16 {
        self.nodes[node].port
    }

    /// The number of the server with this name.
    pub fn number(&self, name: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.name == name)
    }

    /// Kills a server without a chance to say anything.
    pub fn kill(&self, node: usize) {
        drop(self.process(node).take());
    }

    /// Starts a server that was killed; it finds what it wrote.
    pub fn start(&self, node: usize) {
        let Node {
            name, arguments, ..
        } = &self.nodes[node];
        // The shipped files take their folder from the environment.
        let mut environment = self.environment.clone();
        environment.push((
            "PICKET_NATS_DATA".to_owned(),
            self.dir.path().join(name).display().to_string(),
        ));
        let process = Process::start(
            &self.program,
            arguments,
            &environment,
            &self.dir.path().join(format!("{name}.log")),
        );
        *self.process(node) = Some(process);
    }

    /// Starts a server that was killed and waits until it takes part again.
    pub fn restart(&self, node: usize) {
        self.start(node);
        assert!(
            self.are_ready(&[node]),
            "the port of the killed server was taken by somebody else"
        );
    }

    /// Stops a server in the middle of what it does, without ending it.
    pub fn pause(&self, node: usize) {
        self.signal(node, "STOP");
    }

    /// Lets a server go on.
    pub fn resume(&self, node: usize) {
        self.signal(node, "CONT");
    }

    fn signal(&self, node: usize, name: &str) {
        self.process(node)
            .as_ref()
            .expect("the server runs")
            .signal(name);
    }

    fn process(&self, node: usize) -> MutexGuard<'_, Option<Process>> {
        self.nodes[node].process.lock()
    }

    /// Waits until these servers say that they are well; false if one could not take its port.
    fn are_ready(&self, nodes: &[usize]) -> bool {
        let end = Instant::now() + PATIENCE;
        for node in nodes {
            while !is_well(self.nodes[*node].monitor) {
                let said = || {
                    std::fs::read_to_string(
                        self.dir
                            .path()
                            .join(format!("{}.log", self.nodes[*node].name)),
                    )
                    .unwrap_or_default()
                };
                if self.process(*node).as_ref().is_none_or(Process::is_over) {
                    let said = said();
                    assert!(
                        said.contains("address already in use"),
                        "nats-server ended: {said}"
                    );
                    return false;
                }
                assert!(
                    Instant::now() < end,
                    "nats-server is not ready after {PATIENCE:?}: {}",
                    said()
                );
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        true
    }
}

fn accounts() -> String {
    // The system account lets the others ask how the servers are set.
    let mut text =
        "accounts {\n  SYS { users: [{user: sys, password: sys}], exports: [{service: \"$SYS.REQ.SERVER.PING.VARZ\", response_type: stream}] }\n".to_owned();
    for at in 0..ACCOUNTS {
        writeln!(text, "  A{at} {{ jetstream: enabled, users: [{{user: a{at}, password: a{at}}}], imports: [{{service: {{account: SYS, subject: \"$SYS.REQ.SERVER.PING.VARZ\"}}}}] }}").expect("a string takes text");
    }
    text.push_str("  SHUT { jetstream: enabled, users: [{user: shut, password: shut}] }\n}\nsystem_account: SYS\n");
    text
}

/// Asks a server whether it is well: JetStream runs, and in a cluster it knows the leader and has caught up.
fn is_well(monitor: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, monitor));
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.0 200"))
}
