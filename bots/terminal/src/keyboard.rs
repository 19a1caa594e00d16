//! Input and output of the phone: a terminal, a pipe, or a script.
//!
//! In a terminal the line editor has a thread of its own, and text is printed above the line being
//! typed. Without one, lines are read as they come, so that a conversation can be scripted.

use std::io::{IsTerminal, Write};
use std::thread;

use anyhow::Context;
use rustyline::{DefaultEditor, ExternalPrinter};
use tokio::sync::mpsc;

type Print = Box<dyn FnMut(String) -> anyhow::Result<()> + Send>;

/// Lines in, text out.
pub struct Keyboard {
    lines: mpsc::Receiver<String>,
    print: Print,
}

impl std::fmt::Debug for Keyboard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyboard")
    }
}

impl Keyboard {
    /// The terminal where there is one, else standard input.
    pub fn open() -> anyhow::Result<Self> {
        if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
            Self::terminal()
        } else {
            Ok(Self::pipe())
        }
    }

    /// Lines from a channel, text to a function: for tests and demonstrations.
    pub fn scripted(
        lines: mpsc::Receiver<String>,
        mut print: impl FnMut(String) + Send + 'static,
    ) -> Self {
        Self {
            lines,
            print: Box::new(move |text| {
                print(text);
                Ok(())
            }),
        }
    }

    fn terminal() -> anyhow::Result<Self> {
        let mut editor = DefaultEditor::new().context("could not open the terminal for typing")?;
        let mut printer = editor
            .create_external_printer()
            .context("could not print above the line being typed")?;
        let (send, lines) = mpsc::channel(16);
        thread::Builder::new()
            .name("keyboard".to_owned())
            .spawn(move || {
                // Ctrl-C, Ctrl-D, or a terminal that went away: the conversation ends.
                while let Ok(line) = editor.readline("› ") {
                    if !line.trim().is_empty() {
                        // A line that does not enter the history is still a line.
                        let _ = editor.add_history_entry(line.as_str());
                    }
                    if send.blocking_send(line).is_err() {
                        break;
                    }
                }
            })?;
        Ok(Self {
            lines,
            print: Box::new(move |text| {
                printer
                    .print(format!("{text}\n"))
                    .context("could not print to the terminal")
            }),
        })
    }

    fn pipe() -> Self {
        let (send, lines) = mpsc::channel(16);
        thread::spawn(move || {
            // Bytes of another encoding are shown as what could not be read; they do not end the conversation.
            for line in std::io::BufRead::split(std::io::stdin().lock(), b'\n') {
                let Ok(line) = line else { break };
                let line = String::from_utf8_lossy(&line)
                    .trim_end_matches('\r')
                    .to_owned();
                if send.blocking_send(line).is_err() {
                    break;
                }
            }
        });
        let print = |text: String| {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{text}")
                .and_then(|()| out.flush())
                .context("could not print")
        };
        Self {
            lines,
            print: Box::new(print),
        }
    }

    /// The next line; nothing when there are no more.
    pub(crate) async fn line(&mut self) -> Option<String> {
        self.lines.recv().await
    }

    pub(crate) fn print(&mut self, text: String) -> anyhow::Result<()> {
        (self.print)(text)
    }
}
