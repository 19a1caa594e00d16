//! How stories run Picket: one process at a time, or one that stays, each within a bounded time.
//!
//! It knows the command line and nothing of what is behind it.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) use picket_harness::picket;
use serde_json::Value;
use tempfile::TempDir;

/// The longest any single command may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What a process said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// The exit code; a process that died of a signal has none.
    pub(crate) fn code(&self) -> i32 {
        self.status
            .code()
            .unwrap_or_else(|| panic!("died of signal {:?}: {self:?}", self.status.signal()))
    }

    /// Asserts that all went well, and gives what was said.
    #[track_caller]
    pub(crate) fn fine(self) -> String {
        assert_eq!(self.code(), 0, "{self:?}");
        self.out
    }

    /// The JSON that was printed.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        let text = self.fine();
        serde_json::from_str(&text).unwrap_or_else(|why| panic!("{why}: {text}"))
    }

    /// Asserts a no with this exit code: one sentence that holds these words, one hint, no panic, no trace.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code(), code, "{self:?}");
        let lines: Vec<_> = self
            .err
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let sentences: Vec<_> = lines
            .iter()
            .filter(|line| line.starts_with("picket: "))
            .collect();
        assert_eq!(sentences.len(), 1, "one sentence: {self:?}");
        assert!(
            lines
                .iter()
                .any(|line| line.starts_with("  hint: ") && line.len() > 12),
            "a hint: {self:?}"
        );
        assert!(
            !self.err.contains("panicked") && !self.err.contains("RUST_BACKTRACE"),
            "{self:?}"
        );
        for word in words {
            assert!(
                self.err.contains(word) || self.out.contains(word),
                "`{word}` is not said: {self:?}"
            );
        }
    }
}

fn command<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(picket());
    command
        .args(args)
        .env_remove("PICKET_DATA")
        .env_remove("RUST_BACKTRACE")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100");
    command
}

fn reader(mut from: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        drop(from.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Waits for a process to end, or ends it.
#[track_caller]
fn ended(child: &mut Child, within: Duration) -> ExitStatus {
    let until = Instant::now() + within;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if Instant::now() >= until {
            drop(child.kill());
            drop(child.wait());
            panic!("not done within {within:?}");
        }
        thread::sleep(Duration::from_millis(3));
    }
}

/// Runs a prepared command to its end with what is typed into it.
#[track_caller]
pub(crate) fn finish(mut command: Command, typed: &str) -> Said {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (out, err) = (
        reader(child.stdout.take().unwrap()),
        reader(child.stderr.take().unwrap()),
    );
    // A process that ends without reading is no failure of the story.
    drop(child.stdin.take().unwrap().write_all(typed.as_bytes()));
    let status = ended(&mut child, PATIENCE);
    Said {
        status,
        out: out.join().unwrap(),
        err: err.join().unwrap(),
    }
}

/// Runs Picket to its end, with nothing to read.
#[track_caller]
pub(crate) fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Said {
    finish(command(args), "")
}

/// Runs Picket through a shell that first does something to itself.
#[track_caller]
pub(crate) fn run_under(shell: &str, args: &[&str]) -> Said {
    let mut under = Command::new("bash");
    under
        .arg("-c")
        .arg(format!("{shell}; exec \"$0\" \"$@\""))
        .arg(picket())
        .args(args)
        .env_remove("PICKET_DATA")
        .env("NO_COLOR", "1");
    finish(under, "")
}

/// A process that stays until it is ended; dropped, it is killed by its own id.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    said: String,
    err: Option<thread::JoinHandle<String>>,
}

impl Running {
    /// Starts Picket.
    pub(crate) fn start<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Self {
        Self::start_in(args, &[])
    }

    /// Starts Picket with more in its environment.
    pub(crate) fn start_in<S: AsRef<OsStr>>(
        args: impl IntoIterator<Item = S>,
        environment: &[(&str, &str)],
    ) -> Self {
        let mut child = command(args)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let err = Some(reader(child.stderr.take().unwrap()));
        let (send, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(out).lines() {
                let Ok(line) = line else { return };
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            lines,
            said: String::new(),
            err,
        }
    }

    /// Waits until a line holds these words.
    #[track_caller]
    pub(crate) fn says(&mut self, words: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            match self
                .lines
                .recv_timeout(until.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    self.said.push_str(&line);
                    self.said.push('\n');
                    if line.contains(words) {
                        return line;
                    }
                }
                Err(_) => {
                    drop(self.child.kill());
                    let err = self
                        .err
                        .take()
                        .map(|err| err.join().unwrap())
                        .unwrap_or_default();
                    panic!("`{words}` was not said; said: {}\n{err}", self.said);
                }
            }
        }
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) {
        let stdin = self
            .child
            .stdin
            .as_mut()
            .expect("typing comes before the end");
        writeln!(stdin, "{line}").unwrap();
        stdin.flush().unwrap();
    }

    /// Sends a signal by name to this process alone.
    pub(crate) fn signal(&self, name: &str) {
        let done = Command::new("bash")
            .args(["-c", &format!("kill -{name} {}", self.child.id())])
            .status()
            .unwrap();
        assert!(done.success(), "kill -{name}");
    }

    /// Kills it without a chance to say anything.
    pub(crate) fn kill_9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn ends(mut self, within: Duration) -> Said {
        drop(self.child.stdin.take());
        let status = ended(&mut self.child, within);
        while let Ok(line) = self.lines.recv_timeout(Duration::from_secs(1)) {
            self.said.push_str(&line);
            self.said.push('\n');
        }
        let err = self.err.take().unwrap().join().unwrap();
        Said {
            status,
            out: std::mem::take(&mut self.said),
            err,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Waits for something to become so.
#[track_caller]
pub(crate) fn until(what: &str, mut so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !so() {
        assert!(
            Instant::now() < end,
            "{what} did not come about within {PATIENCE:?}"
        );
        thread::sleep(Duration::from_millis(25));
    }
}

/// A folder of one's own, with the example county's files and a data folder beside them.
pub(crate) struct County {
    dir: TempDir,
}

impl County {
    /// The files are there, nothing is imported.
    pub(crate) fn written() -> Self {
        let county = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        run(["example", &county.files()]).fine();
        county
    }

    /// Everything is imported.
    pub(crate) fn imported() -> Self {
        let county = Self::written();
        county.run(&["import", &county.files(), "--yes"]).fine();
        county
    }

    /// A place beside the folders.
    pub(crate) fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }
    /// The example's files.
    pub(crate) fn files(&self) -> String {
        self.path("county")
    }
    /// The data folder.
    pub(crate) fn data(&self) -> String {
        self.path("data")
    }
    /// The journal within it.
    pub(crate) fn journal(&self) -> PathBuf {
        Path::new(&self.data()).join("journal.db")
    }

    /// Writes a file beside the folders and names it.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The words with this county's data folder.
    fn with_data<'a>(&self, args: &[&'a str]) -> Vec<std::borrow::Cow<'a, str>> {
        let mut words: Vec<std::borrow::Cow<'a, str>> =
            args.iter().map(|word| (*word).into()).collect();
        words.push("--data".into());
        words.push(self.data().into());
        words
    }

    /// Runs Picket on the data folder.
    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> Said {
        run(self.with_data(args).iter().map(|word| &**word))
    }

    /// Runs Picket on the data folder and types into it.
    #[track_caller]
    pub(crate) fn typed(&self, args: &[&str], typed: &str) -> Said {
        finish(
            command(self.with_data(args).iter().map(|word| &**word)),
            typed,
        )
    }

    /// Starts Picket on the data folder.
    pub(crate) fn start(&self, args: &[&str]) -> Running {
        Running::start(self.with_data(args).iter().map(|word| &**word))
    }

    /// `picket up`, ready to be reached.
    #[track_caller]
    pub(crate) fn up(&self, more: &[&str]) -> Running {
        let mut words = vec!["up"];
        words.extend_from_slice(more);
        let mut running = self.start(&words);
        running.says("picket is up");
        running
    }

    /// The same, with more in its environment.
    #[track_caller]
    pub(crate) fn up_with(&self, more: &[&str], environment: &[(&str, &str)]) -> Running {
        let mut words = vec!["up"];
        words.extend_from_slice(more);
        let mut running = Running::start_in(
            self.with_data(&words).iter().map(|word| &**word),
            environment,
        );
        running.says("picket is up");
        running
    }

    /// `picket up` that ends by itself.
    pub(crate) fn up_refused(&self, environment: &[(&str, &str)]) -> Said {
        let mut up = command(self.with_data(&["up"]).iter().map(|word| &**word));
        up.envs(environment.iter().copied());
        finish(up, "")
    }

    /// Wishes something; the answer's JSON.
    #[track_caller]
    pub(crate) fn wish(&self, person: &str, words: &[&str]) -> Value {
        let mut all = vec!["do", "--json", "--as", person];
        all.extend_from_slice(words);
        self.run(&all).json()["answer"].clone()
    }

    /// Asks something; the view's JSON.
    #[track_caller]
    pub(crate) fn ask(&self, words: &[&str]) -> Value {
        let mut all = vec!["ask", "--json"];
        all.extend_from_slice(words);
        self.run(&all).json()["view"]["of"].clone()
    }

    /// The number of entries in all journals, which are sound.
    #[track_caller]
    pub(crate) fn entries(&self) -> u64 {
        let report = self.run(&["verify", "--json"]).json();
        assert_eq!(report["ok"], true, "{report}");
        report["entries"].as_u64().unwrap()
    }
}
