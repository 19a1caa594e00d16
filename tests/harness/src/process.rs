//! One process: started, signalled and ended by its own id.
//!
//! A thread of its own starts it and waits for it, so that the system can end the server when this process dies:
//! that promise is bound to the thread that started it. It does not know what runs in it.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the thread looks whether the server is still there.
const LOOKING: Duration = Duration::from_millis(20);

/// A running process. Dropped, it is killed without a chance to say anything.
pub struct Process {
    id: u32,
    stop: Sender<()>,
    /// How it ended by itself: its exit code, none where a signal ended it.
    ended: Arc<OnceLock<Option<i32>>>,
    keeper: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts a program; what it says goes to the end of a file.
    pub fn start(
        program: &Path,
        args: &[String],
        environment: &[(String, String)],
        log: &Path,
    ) -> Self {
        let (said, log) = (
            File::options()
                .create(true)
                .append(true)
                .open(log)
                .expect("the test's own folder takes a file"),
            log.to_owned(),
        );
        // `setpriv` asks the system to end the server together with the thread below, then becomes the server.
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .args(args)
            .envs(environment.iter().cloned());
        command
            .stdin(Stdio::null())
            .stdout(said.try_clone().expect("a file can be held twice"))
            .stderr(said);
        let (stop, stopped) = channel();
        let (started, id) = channel();
        let ended: Arc<OnceLock<Option<i32>>> = Arc::default();
        let told = ended.clone();
        let keeper = std::thread::spawn(move || {
            let mut child: Child = command.spawn().unwrap_or_else(|why| {
                panic!(
                    "`setpriv` of util-linux could not start the server ({why}); see {}",
                    log.display()
                )
            });
            started.send(child.id()).expect("the test waits for the id");
            loop {
                if let Some(status) = child.try_wait().expect("a child can be waited for") {
                    let _ = told.set(status.code());
                    return;
                }
                match stopped.recv_timeout(LOOKING) {
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                        // It may have ended in between, which is as good.
                        drop(child.kill());
                        drop(child.wait());
                        return;
                    }
                }
            }
        });
        let id = id.recv().expect("the server was started");
        Self {
            id,
            stop,
            ended,
            keeper: Some(keeper),
        }
    }

    /// Whether it has ended by itself.
    pub fn is_over(&self) -> bool {
        self.keeper.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until it has ended by itself; none where it did not, or a signal ended it.
    pub fn ends(&self, within: Duration) -> Option<i32> {
        let until = Instant::now() + within;
        while !self.is_over() && Instant::now() < until {
            std::thread::sleep(LOOKING);
        }
        self.ended.get().copied().flatten()
    }

    /// Sends a signal by name to this process alone.
    pub fn signal(&self, name: &str) {
        let done = Command::new("bash")
            .args(["-c", &format!("kill -{name} {}", self.id)])
            .status()
            .expect("bash is there");
        assert!(done.success(), "kill -{name} {}", self.id);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A server that ended by itself hears nothing any more.
        let _ = self.stop.send(());
        if let Some(keeper) = self.keeper.take() {
            drop(keeper.join());
        }
    }
}
