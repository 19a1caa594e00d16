//! One server process: started, signalled and ended by its own id.
//!
//! A thread of its own starts it and waits for it, so that the system can end the server when this process dies:
//! that promise is bound to the thread that started it. It does not know which server it is.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the thread looks whether the server is still there.
const LOOKING: Duration = Duration::from_millis(20);

/// A running server. Dropped, it is killed.
pub(crate) struct Process {
    id: u32,
    stop: Sender<()>,
    keeper: Option<JoinHandle<()>>,
}

impl Process {
    /// Starts a program; what it says goes to the end of a file.
    pub(crate) fn start(program: &Path, args: &[String], environment: &[(String, String)], log: &Path) -> Self {
        let (said, log) = (File::options().create(true).append(true).open(log).expect("the test's own folder takes a file"), log.to_owned());
        // `setpriv` asks the system to end the server together with the thread below, then becomes the server.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(program).args(args).envs(environment.iter().cloned());
        command.stdin(Stdio::null()).stdout(said.try_clone().expect("a file can be held twice")).stderr(said);
        let (stop, stopped) = channel();
        let (started, id) = channel();
        let keeper = std::thread::spawn(move || {
            let mut child: Child =
                command.spawn().unwrap_or_else(|why| panic!("`setpriv` of util-linux could not start the server ({why}); see {}", log.display()));
            started.send(child.id()).expect("the test waits for the id");
            while child.try_wait().expect("a child can be waited for").is_none() {
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
        Self { id, stop, keeper: Some(keeper) }
    }

    /// Whether it has ended by itself.
    pub(crate) fn is_over(&self) -> bool {
        self.keeper.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Sends a signal by name to this process alone.
    pub(crate) fn signal(&self, name: &str) {
        let done = Command::new("bash").args(["-c", &format!("kill -{name} {}", self.id)]).status().expect("bash is there");
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
