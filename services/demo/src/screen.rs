//! The screen: lines of the story with their instant and journal, cards, pauses, and the viewer's keys.
//!
//! Eighty columns, Chinese width counted. On a terminal lines come at a pace and the viewer may press keys;
//! without one nothing is coloured and nothing waits. A closed pipe or Ctrl-C ends the story quietly.
//! It does not know what a line says.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_conversation::Card;
use picket_terminal::{Labels, card_text, pad, width, wrap};
use tokio::sync::mpsc;

use super::halt::Halt;
use super::words::DemoWords;

const COLUMNS: usize = 80;
/// Room for the longest name of a journal with its number.
const JOURNAL: usize = 24;
/// How long a question waits for the viewer.
const WAIT: Duration = Duration::from_secs(12);

/// Where the story is shown.
pub(super) struct Screen {
    out: Box<dyn Write + Send>,
    watched: bool,
    colour: bool,
    pace: Duration,
    step: bool,
    words: DemoWords,
    zone: TimeZone,
    stopped: Arc<AtomicBool>,
    keys: Option<mpsc::UnboundedReceiver<String>>,
    scene: usize,
}

impl Screen {
    /// A screen; keys are read only where somebody can press them.
    pub(super) fn new(
        out: Box<dyn Write + Send>,
        watched: bool,
        pace: f64,
        step: bool,
        words: DemoWords,
        zone: TimeZone,
        stopped: Arc<AtomicBool>,
    ) -> Self {
        let keys = (watched && std::io::stdin().is_terminal()).then(keys);
        let colour = watched && std::env::var_os("NO_COLOR").is_none();
        Self {
            out,
            watched,
            colour,
            pace: Duration::from_secs_f64(pace),
            step,
            words,
            zone,
            stopped,
            keys,
            scene: 0,
        }
    }

    /// The head of it all.
    pub(super) fn title(&mut self, title: &str, below: &str) -> Result<(), Halt> {
        let title = self.toned("1", title);
        self.put(&title)?;
        self.plain(below)
    }

    /// A text across the whole width.
    pub(super) fn plain(&mut self, text: &str) -> Result<(), Halt> {
        for line in wrapped(text, COLUMNS) {
            self.put(&line)?;
        }
        Ok(())
    }

    /// A command to copy, whole.
    pub(super) fn command(&mut self, text: &str) -> Result<(), Halt> {
        self.put(&format!("  {text}"))
    }

    /// A line across.
    pub(super) fn rule(&mut self) -> Result<(), Halt> {
        let line = self.toned("2", &"─".repeat(COLUMNS));
        self.put(&line)
    }

    /// The next scene; with `--step` the viewer says when.
    pub(super) async fn scene(&mut self, title: &str) -> Result<(), Halt> {
        if self.step && self.scene > 0 {
            self.wait_for_enter().await?;
        }
        self.scene += 1;
        self.put("")?;
        let head = format!("── {} {title} ", self.words.scene(self.scene));
        let rest = "─".repeat(COLUMNS.saturating_sub(width(&head)));
        let head = format!("{}{}", self.toned("1;36", &head), self.toned("2", &rest));
        self.put(&head)?;
        self.pause().await
    }

    /// Something that happened: when, and in which journal it stands.
    pub(super) async fn event(
        &mut self,
        at: Timestamp,
        journal: &str,
        text: &str,
    ) -> Result<(), Halt> {
        let local = at.to_zoned(self.zone.clone());
        let when = format!(
            "{} {}",
            self.words.weekday(local.weekday()),
            local.strftime("%Y-%m-%d %H:%M")
        );
        let scene = pad(&format!("[{}]", self.scene), 4, false);
        let journal = pad(journal, JOURNAL, false);
        let room = COLUMNS.saturating_sub(width(&scene) + width(&when) + JOURNAL + 5);
        let head = format!(
            "{} {when}  {}",
            self.toned("2", &scene),
            self.toned("2", &journal)
        );
        if width(text) <= room {
            self.put(&format!("{head}  {text}"))?;
        } else {
            self.put(head.trim_end())?;
            self.below(text)?;
        }
        self.pause().await
    }

    /// An explanation of the line above.
    pub(super) async fn note(&mut self, text: &str) -> Result<(), Halt> {
        let noted = self.words.noted(text);
        for line in wrapped(&noted, COLUMNS - 5) {
            let line = self.toned("2", &line);
            self.put(&format!("     {line}"))?;
        }
        self.pause().await
    }

    /// A card as somebody sees it.
    pub(super) async fn card(&mut self, whose: &str, card: &Card) -> Result<(), Halt> {
        let whose = self.words.phone_of(whose);
        self.put(&format!("     ┌ {whose}"))?;
        for line in card_text(card, COLUMNS - 7, self.colour).lines() {
            self.put(&format!("     │ {line}"))?;
        }
        self.put("     └")?;
        self.pause().await
    }

    /// A text of its own, such as a bulletin, with columns where it has a table.
    pub(super) async fn sheet(&mut self, text: &str) -> Result<(), Halt> {
        for line in aligned(text) {
            for line in wrapped(&line, COLUMNS - 2) {
                self.put(&format!("  {line}"))?;
            }
        }
        self.pause().await
    }

    fn below(&mut self, text: &str) -> Result<(), Halt> {
        for line in wrapped(text, COLUMNS - 5) {
            self.put(&format!("     {line}"))?;
        }
        Ok(())
    }

    /// Lets the viewer choose; the story chooses by itself where nobody does.
    pub(super) async fn choose(
        &mut self,
        question: &str,
        choices: &[String],
        otherwise: usize,
    ) -> Result<usize, Halt> {
        if self.keys.is_none() {
            return Ok(otherwise);
        }
        // The same letters as on a phone.
        let lettered: Vec<_> = choices
            .iter()
            .enumerate()
            .map(|(n, choice)| format!("{}{choice}", Labels::Letters.of(n)))
            .collect();
        self.put(&format!("     {question}  {}", lettered.join("  ")))?;
        let hint = self.toned("2", &self.words.or_wait(WAIT.as_secs()));
        self.put(&format!("     {hint}"))?;
        let key = self.key(Some(WAIT)).await?;
        let typed = key.map(|key| key.trim().to_lowercase()).unwrap_or_default();
        let chosen = (0..choices.len())
            .find(|n| {
                format!("[{typed}] ") == Labels::Letters.of(*n)
                    || typed.trim_start_matches('#') == (n + 1).to_string()
            })
            .unwrap_or(otherwise);
        self.put(&format!("     → {}", choices[chosen]))?;
        Ok(chosen)
    }

    async fn wait_for_enter(&mut self) -> Result<(), Halt> {
        if self.keys.is_none() {
            return Ok(());
        }
        let hint = self.toned("2", &self.words.press_enter());
        self.put(&hint)?;
        self.key(None).await.map(drop)
    }

    /// The next line the viewer sends; none when the time is over or nobody can send one any more.
    async fn key(&mut self, patience: Option<Duration>) -> Result<Option<String>, Halt> {
        let Some(keys) = &mut self.keys else {
            return Ok(None);
        };
        // What was pressed before the question does not answer it.
        while keys.try_recv().is_ok() {}
        let asked = Instant::now();
        loop {
            if self.stopped.load(Ordering::SeqCst) {
                return Err(Halt::Stopped);
            }
            match tokio::time::timeout(Duration::from_millis(100), keys.recv()).await {
                Ok(Some(line)) => return Ok(Some(line)),
                Ok(None) => {
                    self.keys = None;
                    return Ok(None);
                }
                Err(_) if patience.is_some_and(|patience| asked.elapsed() >= patience) => {
                    return Ok(None);
                }
                Err(_) => {}
            }
        }
    }

    async fn pause(&self) -> Result<(), Halt> {
        let until = Instant::now() + self.pace;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            if self.stopped.load(Ordering::SeqCst) {
                return Err(Halt::Stopped);
            }
            tokio::time::sleep(left.min(Duration::from_millis(100))).await;
        }
    }

    fn toned(&self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn put(&mut self, line: &str) -> Result<(), Halt> {
        if self.stopped.load(Ordering::SeqCst) {
            return Err(Halt::Stopped);
        }
        let written = writeln!(self.out, "{}", line.trim_end());
        // A reader that went away has seen enough.
        written
            .and_then(|()| {
                if self.watched {
                    self.out.flush()
                } else {
                    Ok(())
                }
            })
            .map_err(|_| Halt::Stopped)
    }
}

/// A text in lines; where it is broken, the blank goes.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    wrap(text, columns)
        .iter()
        .enumerate()
        .map(|(n, line)| {
            if n == 0 {
                line.as_str()
            } else {
                line.trim_start()
            }
            .to_owned()
        })
        .collect()
}

/// Lines that are rows of a table get their columns aligned.
fn aligned(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let cells = |line: &str| line.split(" | ").map(str::to_owned).collect::<Vec<_>>();
    let mut out = Vec::with_capacity(lines.len());
    for block in lines
        .chunk_by(|a, b| a.contains(" | ") && b.contains(" | ") && cells(a).len() == cells(b).len())
    {
        let rows: Vec<Vec<String>> = block.iter().map(|line| cells(line)).collect();
        if rows[0].len() < 2 {
            out.extend(block.iter().map(|line| (*line).to_owned()));
            continue;
        }
        let widths: Vec<usize> = (0..rows[0].len())
            .map(|column| {
                rows.iter()
                    .map(|row| width(&row[column]))
                    .max()
                    .unwrap_or_default()
            })
            .collect();
        // A wide table keeps one blank between its columns.
        let between = if widths.iter().sum::<usize>() + 2 * widths.len() > COLUMNS {
            " "
        } else {
            "  "
        };
        out.extend(rows.iter().map(|row| {
            row.iter()
                .zip(&widths)
                .enumerate()
                .map(|(n, (cell, width))| pad(cell, *width, n > 0))
                .collect::<Vec<_>>()
                .join(between)
        }));
    }
    out
}

/// Lines typed by the viewer. Reading cannot be given up, so it has a thread that ends with the process.
fn keys() -> mpsc::UnboundedReceiver<String> {
    let (typed, keys) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        while std::io::stdin()
            .read_line(&mut line)
            .is_ok_and(|read| read > 0)
            && typed.send(std::mem::take(&mut line)).is_ok()
        {}
    });
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_table_get_columns_and_other_lines_stay() {
        let text = "头\n地区 | 线索\n孝南区 | 21\n尾";
        assert_eq!(aligned(text), ["头", "地区    线索", "孝南区    21", "尾"]);
    }
}
