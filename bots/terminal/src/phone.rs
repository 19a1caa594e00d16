//! The phone: drives a person's session over the bus.
//!
//! It performs what the session asks for, one thing after another, and shows what it says. A number
//! presses a button of the last card, a letter one of a notice; anything else is text. After a command
//! it reads at or behind its own write. It decides nothing: rights and rules are the books'.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_bus::{Client, Notices};
use picket_conversation::{Card, Context, Input, Language, Notice, Session, Turn, Wants};
use picket_schemas::ask::{After, Question, View};
use picket_schemas::{Answer, Command, Jurisdiction, PersonId, Problem, Wish};

use crate::id;
use crate::keyboard::Keyboard;
use crate::render::{Labels, Paint, Style, letter, render};

/// How often something is asked or sent again before the person is told.
const TRIES: u32 = 5;
/// How long the other books get to act upon what was just done.
const FOLLOWS: Duration = Duration::from_millis(80);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(200);
/// A larger photo is not taken.
const PHOTO_MAX: u64 = 20 * 1024 * 1024;

/// How the phone behaves.
#[derive(Clone)]
pub struct PhoneOptions {
    /// In this language, whatever the roster says.
    pub language: Option<Language>,
    /// In this zone.
    pub zone: TimeZone,
    /// With colour codes.
    pub colour: bool,
    /// No line is wider.
    pub width: usize,
    /// What time it is.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Where photos are kept under their hash; without it only the hash is sent.
    pub photos: Option<PathBuf>,
}

impl std::fmt::Debug for PhoneOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PhoneOptions").field("language", &self.language).field("colour", &self.colour).field("width", &self.width).finish_non_exhaustive()
    }
}

/// Runs a person's conversation until the lines end.
pub async fn phone(client: Client, person: PersonId, options: PhoneOptions, keyboard: Keyboard) -> anyhow::Result<()> {
    let mut notices = client.notices(&person).await.ok();
    let session = options.language.map_or_else(Session::default, Session::speaking);
    let mut phone = Phone { client, person, options, keyboard, session, after: After::new(), buttons: Vec::new(), bare_numbers: true, letters: BTreeMap::new(), next_letter: 0 };
    phone.round(Input::Start, false).await?;
    loop {
        tokio::select! {
            line = phone.keyboard.line() => match line {
                Some(line) if matches!(line.trim(), "/quit" | "/exit") => return Ok(()),
                Some(line) => phone.typed(line.trim()).await?,
                None => return Ok(()),
            },
            notice = next(&mut notices) => match notice {
                Some(notice) => phone.round(Input::Notice(notice), true).await?,
                // The connection of the notices is gone; what waits is still in the inbox.
                None => notices = None,
            },
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

async fn next(notices: &mut Option<Notices>) -> Option<Notice> {
    match notices {
        Some(notices) => notices.next().await.map(|one| Notice { notice: one.notice, kind: one.kind, about: one.about, jurisdiction: one.jurisdiction, with: one.with }),
        None => std::future::pending().await,
    }
}

struct Phone {
    client: Client,
    person: PersonId,
    options: PhoneOptions,
    keyboard: Keyboard,
    session: Session,
    /// What the person wrote; nothing older is read.
    after: After,
    /// Data of the numbered buttons.
    buttons: Vec<String>,
    /// A bare number is a press, not an answer.
    bare_numbers: bool,
    /// Data of the lettered buttons of notices.
    letters: BTreeMap<char, String>,
    next_letter: u8,
}

impl Phone {
    async fn typed(&mut self, line: &str) -> anyhow::Result<()> {
        if line.is_empty() {
            return Ok(());
        }
        if let Some(data) = self.pressed(line) {
            return self.round(Input::Press(data), false).await;
        }
        if let Some(path) = line.strip_prefix("/photo ") {
            return match self.photo(path.trim()).await {
                Ok(input) => self.round(input, false).await,
                Err(why) => self.keyboard.print(format!("✗ {why:#}")),
            };
        }
        let input = line.strip_prefix("/here ").and_then(location).unwrap_or_else(|| Input::Text(line.to_owned()));
        self.round(input, false).await
    }

    /// The data of the button a line names.
    fn pressed(&self, line: &str) -> Option<String> {
        let number = match line.strip_prefix('#') {
            Some(number) => number.parse::<usize>().ok(),
            None if self.bare_numbers => line.parse().ok(),
            None => None,
        };
        if let Some(number) = number {
            return self.buttons.get(number.checked_sub(1)?).cloned();
        }
        let mut letters = line.chars();
        let letter = letters.next()?.to_ascii_lowercase();
        if letters.next().is_some() { None } else { self.letters.get(&letter).cloned() }
    }

    async fn photo(&mut self, path: &str) -> anyhow::Result<Input> {
        let size = tokio::fs::metadata(path).await.with_context(|| format!("could not open {path}"))?.len();
        anyhow::ensure!(size <= PHOTO_MAX, "{path} is larger than 20 MB");
        let bytes = tokio::fs::read(path).await.with_context(|| format!("could not read {path}"))?;
        let hash = picket_schemas::commit::hash(&bytes);
        if let Some(folder) = &self.options.photos {
            tokio::fs::create_dir_all(folder).await?;
            tokio::fs::write(folder.join(&hash), &bytes).await.context("could not keep the photo")?;
        }
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        Ok(Input::Photo { hash, name })
    }

    /// Feeds the session and does what it says until it has nothing more to do.
    async fn round(&mut self, input: Input, notice: bool) -> anyhow::Result<()> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let (zone, person) = (self.options.zone.clone(), self.person.clone());
            let cx = Context { now: (self.options.clock)(), zone: &zone, person: &person };
            for turn in self.session.handle(input, &cx) {
                match turn {
                    Turn::Show(card) | Turn::Edit(card) => self.show(&card, notice)?,
                    Turn::Toast(text) => {
                        let text = Paint(self.options.colour).with(&["2"], &format!("» {text}"));
                        self.keyboard.print(text)?;
                    }
                    Turn::Ask(question) => inputs.push_back(match self.ask(&question).await {
                        Ok(view) => Input::Answered(Box::new(view)),
                        Err(problem) => Input::Failed(problem),
                    }),
                    Turn::Do { at, command, observed } => {
                        let done = self.wish(&at, *command, observed).await;
                        if done.is_ok() {
                            // What follows in other books, such as the new deadline, belongs on the next card.
                            tokio::time::sleep(FOLLOWS).await;
                        }
                        inputs.push_back(Input::Done(done));
                    }
                    // A terminal has no memory of its own: what counts is in the books.
                    Turn::Remember => {}
                }
            }
        }
        Ok(())
    }

    fn show(&mut self, card: &Card, notice: bool) -> anyhow::Result<()> {
        let style = Style { colour: self.options.colour, width: self.options.width };
        let data: Vec<_> = card.buttons().map(|action| action.data.clone()).collect();
        let labels = if notice {
            let first = self.next_letter;
            for (n, data) in data.iter().enumerate() {
                self.letters.insert(letter(first, n), data.clone());
            }
            self.next_letter = (first + (data.len() % 26) as u8) % 26;
            Labels::Letters(first)
        } else {
            self.bare_numbers = card.form != Some(Wants::Number);
            self.buttons = data;
            if self.bare_numbers { Labels::Numbers } else { Labels::Hashed }
        };
        let bell = if notice && !card.silent { "🔔 " } else { "" };
        self.keyboard.print(format!("\n{bell}{}", render(card, labels, style)))
    }

    async fn ask(&mut self, question: &Question) -> Result<View, Problem> {
        let mut tries = 0;
        loop {
            let reply = self.client.ask(question, &self.after).await?;
            tries += 1;
            if reply.view != View::Stale || tries >= TRIES {
                return Ok(reply.view);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// One wish has one id, however often it must be sent.
    async fn wish(&mut self, at: &Jurisdiction, command: Command, observed: Option<Timestamp>) -> Result<Answer, Problem> {
        let wish = Wish { id: id::fresh(), by: self.person.clone(), via: "terminal".to_owned(), made: (self.options.clock)(), observed, trace: String::new(), command };
        let mut tries = 0;
        let answer = loop {
            tries += 1;
            match self.client.wish(at, &wish).await {
                Err(problem) if tries < TRIES && matches!(problem.code.as_str(), "busy" | "outcome_unknown") => tokio::time::sleep(PAUSE * tries).await,
                result => break result?,
            }
        };
        let read = self.after.entry(answer.book.clone()).or_default();
        *read = answer.n.max(*read);
        Ok(answer)
    }
}

/// `/here 30.92 113.95 12`: where the person stands, and how surely.
fn location(text: &str) -> Option<Input> {
    let mut numbers = text.split([' ', ',']).filter(|part| !part.is_empty()).map(str::parse::<f64>);
    let (latitude, longitude) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some(Input::Location { latitude, longitude, accuracy_m: numbers.next().and_then(Result::ok) })
}

#[cfg(test)]
mod tests;
