//! Turns of a dialogue: what comes in, and what its driver does next.

use jiff::Timestamp;
use picket_schemas::ask::{Question, View};
use picket_schemas::{Answer, Command, Jurisdiction, Problem};

use crate::card::Card;
use crate::session::CourierNotice;

/// An input of a dialogue.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// The person opened the chat.
    Start,
    /// A line of text.
    Text(String),
    /// A pressed button.
    Press(String),
    /// A photo, stored under its hash.
    Photo { hash: String, name: String },
    /// The position of the person, in degrees.
    Location {
        latitude: f64,
        longitude: f64,
        accuracy_m: Option<f64>,
    },
    /// Something the person must be told.
    Notice(CourierNotice),
    /// Offers that came together; see [`bundled`](crate::session::bundled).
    Offers(Vec<CourierNotice>),
    /// The view for an [`Effect::Ask`].
    Answered(Box<View>),
    /// The result of an [`Effect::Do`].
    Done(Result<Answer, Problem>),
    /// A [`Effect::Ask`] that could not be answered.
    Failed(Problem),
}

/// An effect that the driver carries out.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Shows a card as a new message.
    Show(Card),
    /// Puts a card in the place of the one with its key; shows it anew where there is none.
    Edit(Card),
    /// Answers a press or a text in a few words.
    Toast(String),
    /// Asks, and hands the view back.
    Ask(Question),
    /// Sends a command to the jurisdiction whose record it is about, and hands the answer back.
    Do {
        /// The jurisdiction of the record.
        at: Jurisdiction,
        /// The command.
        command: Box<Command>,
        /// The instant it was seen, where that is not now.
        observed: Option<Timestamp>,
    },
    /// The round is over: the session is worth storing.
    Remember,
}
