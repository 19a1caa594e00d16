//! A card: what a person sees about one thing, without any platform's markup.
//!
//! A transport renders it with what it can do, edits it in place by its key, and sends back the data
//! of a pressed button. Whatever enters a card is made plain here, so that no text a person wrote can
//! disturb the layout. It does not know who looks at it.

use serde::{Deserialize, Serialize};

use crate::data;
use crate::intent::{Intent, IntentVerb};
use crate::layout;
use crate::plain::plain;

/// Texts longer than this run into the limits of platforms sooner.
pub const TEXT_MAX: usize = 500;

/// The severity of a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing to do.
    #[default]
    Quiet,
    /// Something new.
    New,
    /// In hand, in order.
    Good,
    /// Soon.
    Soon,
    /// Late or urgent.
    Late,
}

impl Severity {
    /// The coloured square in front of the title.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Quiet => "⬜",
            Self::New => "🟦",
            Self::Good => "🟩",
            Self::Soon => "🟨",
            Self::Late => "🟥",
        }
    }
}

/// The audience of a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Only the person it is for.
    #[default]
    Private,
    /// Also a group: it holds nothing about a person.
    Group,
}

/// The tone of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// No emphasis.
    #[default]
    Plain,
    /// The one that matters.
    Strong,
    /// An aside.
    Faint,
}

/// A line of the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardLine {
    /// The tone.
    pub tone: Tone,
    /// The text.
    pub text: String,
}

/// A button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// The label.
    pub label: String,
    /// The data that comes back when it is pressed.
    pub data: String,
}

impl Action {
    /// A button for an intent.
    pub fn new(label: impl AsRef<str>, intent: Intent) -> Self {
        Self {
            label: plain(label.as_ref(), 32),
            data: data::write(&intent),
        }
    }

    /// A button for a verb about a thing.
    pub fn of(label: impl AsRef<str>, verb: IntentVerb, id: &str) -> Self {
        Self::new(label, Intent::new(verb, id))
    }
}

/// The input a card waits for besides a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AwaitedInput {
    /// A text.
    Text,
    /// A number, so that a transport with numbered buttons must number them otherwise.
    Number,
    /// A photo, or a text about it.
    Photo,
}

/// A card: everything a person sees about one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// The same thing in the same chat has the same key; a transport edits by it.
    pub key: String,
    /// The revision of the thing it shows.
    pub rev: u64,
    /// The severity.
    pub severity: Severity,
    /// The first line.
    pub title: String,
    /// Label and value; a label ends with its own separator.
    pub fields: Vec<(String, String)>,
    /// Lines below the fields.
    pub body: Vec<CardLine>,
    /// Hashes of photos shown with it.
    pub media: Vec<String>,
    /// Rows of buttons.
    pub actions: Vec<Vec<Action>>,
    /// The input it waits for besides a press.
    pub form: Option<AwaitedInput>,
    /// The audience.
    pub audience: Audience,
    /// Sent without a sound.
    pub silent: bool,
}

impl Card {
    /// A card about the thing `key`.
    pub fn new(key: impl Into<String>, severity: Severity, title: impl AsRef<str>) -> Self {
        Self {
            key: key.into(),
            severity,
            title: plain(title.as_ref(), 60),
            ..Self::default()
        }
    }

    /// Says which state of the thing it shows.
    pub fn rev(mut self, rev: u64) -> Self {
        self.rev = rev;
        self
    }

    /// Adds a field; an empty value is left out.
    pub fn field(mut self, label: impl Into<String>, value: impl AsRef<str>) -> Self {
        let value = plain(value.as_ref(), 120);
        if !value.is_empty() {
            self.fields.push((label.into(), value));
        }
        self
    }

    /// Adds a line; an empty one is left out.
    pub fn line(self, text: impl AsRef<str>) -> Self {
        self.toned(Tone::Plain, text)
    }

    /// Adds a line that matters.
    pub fn strong(self, text: impl AsRef<str>) -> Self {
        self.toned(Tone::Strong, text)
    }

    /// Adds an aside.
    pub fn faint(self, text: impl AsRef<str>) -> Self {
        self.toned(Tone::Faint, text)
    }

    fn toned(mut self, tone: Tone, text: impl AsRef<str>) -> Self {
        let text = plain(text.as_ref(), 200);
        if !text.is_empty() {
            self.body.push(CardLine { tone, text });
        }
        self
    }

    /// Adds a row of buttons; an empty one is left out.
    pub fn row(mut self, actions: impl IntoIterator<Item = Action>) -> Self {
        let row: Vec<_> = actions.into_iter().collect();
        if !row.is_empty() {
            self.actions.push(row);
        }
        self
    }

    /// Adds buttons, so many a row.
    pub fn grid(mut self, actions: impl IntoIterator<Item = Action>, columns: usize) -> Self {
        let all: Vec<_> = actions.into_iter().collect();
        self.actions
            .extend(all.chunks(columns.max(1)).map(<[Action]>::to_vec));
        self
    }

    /// Says what it waits for besides a press.
    pub fn wants(mut self, wants: AwaitedInput) -> Self {
        self.form = Some(wants);
        self
    }

    /// Shows photos with it.
    pub fn media(mut self, hashes: &[String]) -> Self {
        self.media.extend(hashes.iter().cloned());
        self
    }

    /// May be shown to a group.
    pub fn group(mut self) -> Self {
        self.audience = Audience::Group;
        self
    }

    /// Is sent without a sound.
    pub fn silent(mut self) -> Self {
        self.silent = true;
        self
    }

    /// The number of characters of its text.
    pub fn text_len(&self) -> usize {
        let fields: usize = self
            .fields
            .iter()
            .map(|(label, value)| label.chars().count() + value.chars().count() + 2)
            .sum();
        let body: usize = self
            .body
            .iter()
            .map(|line| line.text.chars().count() + 1)
            .sum();
        self.title.chars().count() + 3 + fields + body
    }

    /// Leaves out lines from the end of the body, and then fields, until the text keeps within its limit.
    pub fn fit(mut self) -> Self {
        let whole = self.text_len() <= TEXT_MAX;
        while self.text_len() > TEXT_MAX - 2 && !whole {
            if self.body.pop().is_none() && self.fields.pop().is_none() {
                break;
            }
        }
        if !whole {
            self.body.push(CardLine {
                tone: Tone::Faint,
                text: "…".to_owned(),
            });
        }
        self
    }

    /// All its buttons in the order they are shown.
    pub fn buttons(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().flatten()
    }
}

/// Returns the card as plain text, no line wider than `width` columns: what a chat without colours shows.
pub fn render_plain(card: &Card, width: usize) -> String {
    let mut lines = layout::wrap(&format!("{} {}", card.severity.mark(), card.title), width);
    for (label, value) in &card.fields {
        lines.extend(layout::wrap(&labelled(label, value), width));
    }
    for line in &card.body {
        lines.extend(layout::wrap(&line.text, width));
    }
    if !card.media.is_empty() {
        lines.push(format!("📷 {}", card.media.len()));
    }
    for row in &card.actions {
        let labels: Vec<_> = row
            .iter()
            .map(|action| format!("[{}]", action.label))
            .collect();
        lines.extend(layout::wrap(&labels.join("  "), width));
    }
    lines.join("\n")
}

/// A field on one line. A label that ends with a Chinese colon needs no blank behind it.
pub fn labelled(label: &str, value: &str) -> String {
    if label.ends_with('：') {
        format!("{label}{value}")
    } else {
        format!("{label} {value}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_card_keeps_its_head_and_says_that_more_is_left_out() {
        let mut card = Card::new("t", Severity::New, "title").field("a:", "b");
        for n in 0..40 {
            card = card.line(format!("line {n} with some words in it"));
        }
        let card = card.fit();
        assert!(card.text_len() <= TEXT_MAX, "{}", card.text_len());
        assert_eq!(card.body.last().expect("a line").text, "…");
        assert_eq!(card.fields.len(), 1);
    }

    #[test]
    fn a_short_card_stays_as_it_is() {
        let card = Card::new("t", Severity::New, "title").line("one");
        assert_eq!(card.clone().fit(), card);
    }

    #[test]
    fn what_people_wrote_is_made_plain_before_it_is_laid_out() {
        let card = Card::new("t", Severity::Quiet, "a\u{202e}b\nc")
            .field("note:", "x\u{1b}[31m\ny")
            .line("\u{2066}z");
        assert_eq!(render_plain(&card, 40), "⬜ ab c\nnote: x[31m y\nz");
    }

    #[test]
    fn empty_fields_and_rows_are_left_out() {
        let card = Card::new("t", Severity::Quiet, "t")
            .field("note:", " ")
            .line("")
            .row([]);
        assert!(card.fields.is_empty() && card.body.is_empty() && card.actions.is_empty());
    }
}
