//! redis-server, which may lose everything at any time.
//!
//! It does not know what is kept there.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::Process;
use crate::{free_ports, program};

/// How long the server may take until it is ready.
const PATIENCE: Duration = Duration::from_secs(20);

/// A Redis server that keeps nothing on disk.
pub struct Redis {
    dir: TempDir,
    port: u16,
    process: Option<Process>,
}

impl Redis {
    /// Starts one on a free port of loopback.
    pub fn start() -> Self {
        let port = free_ports(1).remove(0);
        let mut server = Self {
            dir: tempfile::tempdir().expect("a folder for the server"),
            port,
            process: None,
        };
        server.restart();
        server
    }

    /// How it is reached.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it; what it held is gone.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again on its port, empty.
    pub fn restart(&mut self) {
        let (port, dir) = (self.port.to_string(), self.dir.path().display().to_string());
        let args = [
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--dir",
            &dir,
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        .map(str::to_owned);
        let log = self.dir.path().join("redis.log");
        self.process = Some(Process::start(&program("redis-server"), &args, &[], &log));
        let end = Instant::now() + PATIENCE;
        while self.tell("PING").is_none_or(|answer| answer != "+PONG\r\n") {
            let over = self.process.as_ref().is_none_or(Process::is_over);
            assert!(
                !over && Instant::now() < end,
                "redis-server is not ready: {}",
                std::fs::read_to_string(&log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Empties it under whoever uses it.
    pub fn flush(&self) {
        assert_eq!(
            self.tell("FLUSHALL").as_deref(),
            Some("+OK\r\n"),
            "redis-server empties itself"
        );
    }

    /// Stops it in the middle of what it does, without ending it.
    pub fn pause(&self) {
        self.process
            .as_ref()
            .expect("the server runs")
            .signal("STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.process
            .as_ref()
            .expect("the server runs")
            .signal("CONT");
    }

    /// Sends one command and gives the first answer.
    fn tell(&self, command: &str) -> Option<String> {
        let mut stream = TcpStream::connect_timeout(
            &SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)),
            Duration::from_secs(1),
        )
        .ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
        stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
        let mut answer = [0; 64];
        let read = stream.read(&mut answer).ok()?;
        String::from_utf8(answer[..read].to_vec()).ok()
    }
}
