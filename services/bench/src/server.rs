//! A nats-server of the bench's own: a free port, a folder in its scratch, every write flushed.
//!
//! It ends with the value that holds it, by its process id. It does not know what is measured on it.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use picket_node::problem::{Exit, Failure};

use super::scratch;

const PROGRAM: &str = "nats-server";
/// How long it may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is started again when somebody took its port in between.
const STARTS: usize = 5;

/// A running server.
pub(super) struct Server {
    child: Child,
    port: u16,
    monitor: u16,
}

impl Server {
    /// Starts one that keeps its files in `folder`.
    pub(super) fn start(folder: &Path) -> Result<Self, Failure> {
        let program = program(
            std::env::var_os("PICKET_SERVERS")
                .map(PathBuf::from)
                .as_deref(),
            std::env::var_os("PATH").as_deref(),
        )?;
        std::fs::create_dir_all(folder).map_err(scratch)?;
        let mut said = String::new();
        for _ in 0..STARTS {
            let [port, monitor] = free_ports().map_err(scratch)?;
            let config = folder.join("server.conf");
            // The stream's own limits bite; a folder's name may hold anything but a quotation mark.
            let text = format!(
                "server_name: bench\nlisten: 127.0.0.1:{port}\nhttp: 127.0.0.1:{monitor}\nmax_payload: 2MB\njetstream {{\n  store_dir: \"{}\"\n  sync_interval: always\n}}\n",
                folder.join("store").display()
            );
            std::fs::write(&config, text).map_err(scratch)?;
            let log = std::fs::File::create(folder.join("server.log")).map_err(scratch)?;
            let errors = log.try_clone().map_err(scratch)?;
            let child = Command::new(&program)
                .arg("-c")
                .arg(&config)
                .stdin(Stdio::null())
                .stdout(log)
                .stderr(errors)
                .spawn()
                .map_err(|error| {
                    missing(&format!(
                        "`{}` cannot be started: {error}",
                        program.display()
                    ))
                })?;
            let mut server = Self {
                child,
                port,
                monitor,
            };
            if server.is_ready() {
                return Ok(server);
            }
            said = std::fs::read_to_string(folder.join("server.log")).unwrap_or_default();
            if !said.contains("address already in use") {
                break;
            }
        }
        let last = said.lines().last().unwrap_or("it said nothing").to_owned();
        Err(Failure::new(
            Exit::Storage,
            format!("nats-server did not start: {last}"),
            "Try it by hand, or measure on a server of yours with `--nats URL`.",
        ))
    }

    /// Where it answers.
    pub(super) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Where it says how it is set.
    pub(super) fn monitor(&self) -> String {
        format!("http://127.0.0.1:{}", self.monitor)
    }

    /// Its process.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn is_ready(&mut self) -> bool {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if is_well(self.monitor) {
                return true;
            }
            if !matches!(self.child.try_wait(), Ok(None)) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What it wrote goes with the scratch folder; one that has ended already is no trouble.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Where the server is: in the folder `deploy/servers.sh` prints, or on the path.
fn program(servers: Option<&Path>, path: Option<&std::ffi::OsStr>) -> Result<PathBuf, Failure> {
    let named = servers.map(|folder| folder.join("bin").join(PROGRAM));
    let on_path = path
        .into_iter()
        .flat_map(std::env::split_paths)
        .map(|folder| folder.join(PROGRAM));
    named
        .into_iter()
        .chain(on_path)
        .find(|place| place.is_file())
        .ok_or_else(|| {
            missing("there is no nats-server, neither in PICKET_SERVERS nor on the PATH")
        })
}

fn missing(why: &str) -> Failure {
    Failure::new(
        Exit::Storage,
        why,
        "`deploy/servers.sh` brings one and prints the folder for PICKET_SERVERS; or measure on a server of yours with `--nats URL`.",
    )
}

/// Two ports nobody listens on at this moment, both held until both are found.
fn free_ports() -> std::io::Result<[u16; 2]> {
    let held = [
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
    ];
    Ok([held[0].local_addr()?.port(), held[1].local_addr()?.port()])
}

fn is_well(monitor: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, monitor)) else {
        return false;
    };
    let mut answer = String::new();
    let asked = stream
        .set_read_timeout(Some(Duration::from_secs(1)))
        .and_then(|()| stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n"))
        .and_then(|()| stream.read_to_string(&mut answer));
    asked.is_ok() && answer.contains("\"status\":\"ok\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_the_server_hears_what_brings_it() {
        let empty = tempfile::tempdir().unwrap();
        let refused = program(Some(empty.path()), Some(empty.path().as_os_str())).unwrap_err();
        assert_eq!(refused.exit as i32, 4);
        assert!(
            refused.problem.hint.contains("deploy/servers.sh")
                && refused.problem.hint.contains("--nats"),
            "{refused:?}"
        );
    }

    #[test]
    fn the_named_folder_goes_before_the_path() {
        let (named, path) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(path.path().join(PROGRAM), "").unwrap();
        assert_eq!(
            program(Some(named.path()), Some(path.path().as_os_str())).unwrap(),
            path.path().join(PROGRAM)
        );
        std::fs::create_dir(named.path().join("bin")).unwrap();
        std::fs::write(named.path().join("bin").join(PROGRAM), "").unwrap();
        assert_eq!(
            program(Some(named.path()), Some(path.path().as_os_str())).unwrap(),
            named.path().join("bin").join(PROGRAM)
        );
    }
}
