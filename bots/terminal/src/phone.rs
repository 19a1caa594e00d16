//! The phone: drives a person's session over the bus.
//!
//! It performs what the session asks for, one thing after another, and shows what it says. A letter
//! presses a button of the card in hand, a doubled letter one of a notice; anything else is text. After a
//! command it reads at or behind its own write. It decides nothing: rights and rules are the books'.

mod arrivals;
mod connection;

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_bus::Client;
use picket_conversation::{
    AwaitedInput, Card, Context, Effect, Input, Language, Session, Texts, bundled,
};
use picket_schemas::ask::After;
use picket_schemas::{Command, PersonId, dispatch};

pub use connection::Reconnect;

use self::arrivals::{Arrivals, Arrived, behind};
use crate::keyboard::Keyboard;
use crate::render::{Labels, Paint, Style, letter, render};

/// The time other books get to act upon what was just done.
const FOLLOWS: Duration = Duration::from_millis(80);
/// A larger photo is not taken.
const PHOTO_MAX: u64 = 20 * 1024 * 1024;

/// The options of the phone.
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
    /// The clock.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// The folder of photos under their hash; without it only the hash is sent.
    pub photos: Option<PathBuf>,
    /// The way back when the other side goes away; without it the person is only told.
    pub reconnect: Option<Reconnect>,
}

impl std::fmt::Debug for PhoneOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PhoneOptions")
            .field("language", &self.language)
            .field("colour", &self.colour)
            .field("width", &self.width)
            .finish_non_exhaustive()
    }
}

/// Runs a person's conversation until the lines end.
pub async fn phone(
    client: Client,
    person: PersonId,
    options: PhoneOptions,
    keyboard: Keyboard,
) -> anyhow::Result<()> {
    let arrivals = Arrivals::new(client.notices(&person).await.ok());
    let session = options
        .language
        .map_or_else(Session::default, Session::speaking);
    let mut phone = Phone {
        client,
        person,
        options,
        keyboard,
        arrivals,
        session,
        after: After::new(),
        card: None,
        buttons: Vec::new(),
        doubled: BTreeMap::new(),
        next_letter: 0,
        hinted: "",
        waiting: VecDeque::new(),
        ended: false,
        over: false,
    };
    phone.round(Input::Start, false).await?;
    while !phone.over {
        if let Some(line) = phone.waiting.pop_front() {
            phone.typed(line.trim()).await?;
            continue;
        }
        if phone.ended {
            break;
        }
        tokio::select! {
            line = phone.keyboard.line() => match line {
                Some(line) if leaves(&line) => break,
                Some(line) => phone.typed(line.trim()).await?,
                None => break,
            },
            arrived = phone.arrivals.next() => match arrived {
                Arrived::Together(notices, after) => {
                    behind(&mut phone.after, after);
                    for input in bundled(notices) {
                        phone.round(input, true).await?;
                    }
                }
                Arrived::Gone => phone.come_back().await?,
            },
            _ = tokio::signal::ctrl_c() => break,
        }
    }
    Ok(())
}

/// True if a line ends the conversation.
fn leaves(line: &str) -> bool {
    matches!(line.trim(), "/quit" | "/exit")
}

struct Phone {
    client: Client,
    person: PersonId,
    options: PhoneOptions,
    keyboard: Keyboard,
    arrivals: Arrivals,
    session: Session,
    /// The position of the person's last write; nothing older is read.
    after: After,
    /// The card in hand.
    card: Option<Card>,
    /// Data of its buttons.
    buttons: Vec<String>,
    /// Data of the buttons of notices, by their doubled letter.
    doubled: BTreeMap<char, String>,
    next_letter: u8,
    /// The hint that was last said.
    hinted: &'static str,
    /// Lines typed while the other side was away.
    waiting: VecDeque<String>,
    /// There are no more lines.
    ended: bool,
    /// The person left while the other side was away.
    over: bool,
}

impl Phone {
    async fn typed(&mut self, line: &str) -> anyhow::Result<()> {
        if line.is_empty() {
            return Ok(());
        }
        if let Some(data) = self.pressed(line) {
            return self.round(Input::Press(data), false).await;
        }
        // Where nothing waits for words, a number was meant for a button of another day.
        let waits = self.card.as_ref().is_some_and(|card| card.form.is_some());
        if !waits
            && line
                .parse()
                .is_ok_and(|number: usize| (1..=self.buttons.len()).contains(&number))
        {
            return self.tell("phone-letters");
        }
        if let Some(path) = line.strip_prefix("/photo ") {
            return match self.photo(path.trim()).await {
                Ok(input) => self.round(input, false).await,
                Err(why) => self.keyboard.print(format!("✗ {why:#}")),
            };
        }
        let input = line
            .strip_prefix("/here ")
            .and_then(location)
            .unwrap_or_else(|| Input::Text(line.to_owned()));
        self.round(input, false).await
    }

    /// The data of the button a line names: `a`, `#1`, or `aa` for one of a notice.
    fn pressed(&self, line: &str) -> Option<String> {
        if let Some(number) = line.strip_prefix('#') {
            return self
                .buttons
                .get(number.parse::<usize>().ok()?.checked_sub(1)?)
                .cloned();
        }
        let mut letters = line.chars().map(|c| c.to_ascii_lowercase());
        match (letters.next()?, letters.next(), letters.next()) {
            (one @ 'a'..='z', None, None) => {
                self.buttons.get(usize::from(one as u8 - b'a')).cloned()
            }
            (one, Some(two), None) if one == two => self.doubled.get(&one).cloned(),
            _ => None,
        }
    }

    /// After the other side was away with nothing on its way: what was in hand still is.
    async fn come_back(&mut self) -> anyhow::Result<()> {
        if self.is_back().await
            && let Some(card) = self.card.clone()
        {
            self.show(&card, false)?;
        }
        Ok(())
    }

    /// A sentence of the phone itself.
    fn tell(&mut self, key: &str) -> anyhow::Result<()> {
        let text = Texts::of(self.session.language()).say(key);
        let text = Paint(self.options.colour).with(&["2"], &format!("» {text}"));
        self.keyboard.print(text)
    }

    async fn photo(&mut self, path: &str) -> anyhow::Result<Input> {
        let size = tokio::fs::metadata(path)
            .await
            .with_context(|| format!("could not open {path}"))?
            .len();
        anyhow::ensure!(size <= PHOTO_MAX, "{path} is larger than 20 MB");
        let bytes = tokio::fs::read(path)
            .await
            .with_context(|| format!("could not read {path}"))?;
        let hash = picket_schemas::commit::hash(&bytes);
        if let Some(folder) = &self.options.photos {
            tokio::fs::create_dir_all(folder).await?;
            let path = folder.join(&hash);
            // It is evidence: on disk before anybody names it.
            tokio::task::spawn_blocking(move || picket_files::replace(&path, &bytes))
                .await?
                .context("could not keep the photo")?;
        }
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        Ok(Input::Photo { hash, name })
    }

    /// Feeds the session and does what it says until it has nothing more to do.
    async fn round(&mut self, input: Input, notice: bool) -> anyhow::Result<()> {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let (zone, person) = (self.options.zone.clone(), self.person.clone());
            let cx = Context {
                now: (self.options.clock)(),
                zone: &zone,
                person: &person,
            };
            for turn in self.session.handle(input, &cx) {
                match turn {
                    Effect::Show(card) | Effect::Edit(card) => self.show(&card, notice)?,
                    Effect::Toast(text) => {
                        let text = Paint(self.options.colour).with(&["2"], &format!("» {text}"));
                        self.keyboard.print(text)?;
                    }
                    Effect::Ask(question) => inputs.push_back(match self.ask(&question).await {
                        Ok(view) => Input::Answered(Box::new(view)),
                        Err(problem) => Input::Failed(problem),
                    }),
                    Effect::Do {
                        at,
                        command,
                        observed,
                    } => {
                        let keeps = matches!(
                            *command,
                            Command::Dispatch(dispatch::Command::KeepDraft { .. })
                        );
                        let done = self.wish(&at, *command, observed).await;
                        if done.is_ok() && !keeps {
                            // What follows in other books, such as the new deadline, belongs on the next card.
                            tokio::time::sleep(FOLLOWS).await;
                        }
                        inputs.push_back(Input::Done(done));
                    }
                    // A terminal has no memory of its own: what counts is in the books.
                    Effect::Remember => {}
                }
            }
        }
        Ok(())
    }

    fn show(&mut self, card: &Card, notice: bool) -> anyhow::Result<()> {
        let style = Style {
            colour: self.options.colour,
            width: self.options.width,
        };
        let data: Vec<_> = card.buttons().map(|action| action.data.clone()).collect();
        let labels = if notice {
            let first = self.next_letter;
            for (n, data) in data.iter().enumerate() {
                self.doubled.insert(letter(first, n), data.clone());
            }
            self.next_letter = (first + (data.len() % 26) as u8) % 26;
            Labels::Doubled(first)
        } else {
            self.card = Some(card.clone());
            self.buttons = data;
            Labels::Letters
        };
        let bell = if notice && !card.silent { "🔔 " } else { "" };
        self.keyboard
            .print(format!("\n{bell}{}", render(card, labels, style)))?;
        if notice { Ok(()) } else { self.hint(card) }
    }

    /// The hint how to answer, below a card where it is not the one said last.
    fn hint(&mut self, card: &Card) -> anyhow::Result<()> {
        let key = match card.form {
            Some(AwaitedInput::Number) => "phone-hint-number",
            Some(AwaitedInput::Text) => "phone-hint-text",
            Some(AwaitedInput::Photo) => "phone-hint-photo",
            None if card.actions.is_empty() => return Ok(()),
            None => "phone-hint-press",
        };
        // A number is asked for seldom, and mistaken easily.
        if key == self.hinted && card.form != Some(AwaitedInput::Number) {
            return Ok(());
        }
        self.hinted = key;
        let text = Texts::of(self.session.language()).say(key);
        let lines: Vec<_> = picket_conversation::layout::wrap(&text, self.options.width)
            .iter()
            .map(|line| Paint(self.options.colour).with(&["2"], line))
            .collect();
        self.keyboard.print(lines.join("\n"))
    }
}

/// `/here 30.92 113.95 12`: where the person stands, and how surely.
fn location(text: &str) -> Option<Input> {
    let mut numbers = text
        .split([' ', ','])
        .filter(|part| !part.is_empty())
        .map(str::parse::<f64>);
    let (latitude, longitude) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    Some(Input::Location {
        latitude,
        longitude,
        accuracy_m: numbers.next().and_then(Result::ok),
    })
}

#[cfg(test)]
mod tests;
