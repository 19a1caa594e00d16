//! Forms: what somebody is asked before a command is complete, as its declaration says it.
//!
//! A form is data: questions in their order, what each answer fills, whose card has its button, what is
//! shown before it is sent and opened after. Chat asks it, help and policy may read it.
//! It holds no text: what is named here (`issued-by-mistake`, `cancel-task`) is a key in the texts of chat.

use super::asked::Asked;

/// A form: one way to wish a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its name, in drafts that are kept and in the keys of texts: never another one.
    pub name: &'static str,
    /// The word behind its button and of its typed command, where that is older than declarations and not `form`.
    pub word: Option<&'static str>,
    /// Whose card has its button; none where it makes something new.
    pub card: Option<FormCard>,
    /// Fields that are always so.
    pub preset: &'static [(&'static str, &'static str)],
    /// What the button that opens it has answered already.
    pub pressed: Option<Asked>,
    /// What its card answers, and nobody is asked.
    pub given: &'static [Asked],
    /// The questions, in their order.
    pub asks: &'static [Asked],
    /// The step between the last answer and sending.
    pub shown: Shown,
    /// The card opened when it is done.
    pub then: Then,
    /// The letters of the id it brings into the world, where its text names that: `B-`.
    pub makes: Option<&'static str>,
}

/// A kind of thing that has a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Task,
    Batch,
    Lead,
    Case,
    Order,
    /// Of the ladder.
    Step,
    Bulletin,
}

/// Whose card has the button of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormCard {
    /// Of what.
    pub thing: Thing,
    /// The field of the command that names it; none where what the card answers does.
    pub names: Option<&'static str>,
    /// How the button comes onto it.
    pub button: Button,
    /// What it is offered by, where that is narrower than who may wish it: `dispatch.assign`.
    pub offered: Option<&'static str>,
}

/// How a button comes onto a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// In the row of all that are declared so, in these states of the thing; in any where none is named.
    Listed {
        states: &'static [&'static str],
        /// Before those that are not.
        first: bool,
    },
    /// The card itself sets it: it depends on more than a state and a role.
    Placed,
}

/// The step between the last answer and sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// All of it once more; a press sends it.
    WholeThenConfirm,
    /// The same, and that it cannot be taken back.
    FinalThenConfirm,
    /// The same where this is the answer; else it is sent at once.
    WholeIf(&'static str, &'static str),
    /// Nothing: it is sent at once.
    AtOnce,
}

/// The card opened when a form is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Nothing,
    /// The thing it was about.
    Thing,
    /// The thing with this answer, which its card says; nothing else is said.
    Answered(&'static str),
    Inbox,
    Board,
}

/// A form of this name that asks nothing, is of nothing and opens nothing.
pub const fn form(name: &'static str) -> Form {
    Form {
        name,
        word: None,
        card: None,
        preset: &[],
        pressed: None,
        given: &[],
        asks: &[],
        shown: Shown::WholeThenConfirm,
        then: Then::Nothing,
        makes: None,
    }
}

impl Form {
    /// With a word of its own behind its button.
    pub const fn word(mut self, word: &'static str) -> Self {
        self.word = Some(word);
        self
    }

    /// With a button on the card of such a thing, which fills this field. What is opened afterwards is the thing.
    pub const fn on(mut self, thing: Thing, names: &'static str) -> Self {
        self.card = Some(FormCard {
            thing,
            names: Some(names),
            button: Button::Listed {
                states: &[],
                first: false,
            },
            offered: None,
        });
        self.then = Then::Thing;
        self
    }

    /// With a button on the card of such a thing, which the command does not name.
    pub const fn beside(mut self, thing: Thing) -> Self {
        self = self.on(thing, "");
        self.card = match self.card {
            Some(card) => Some(FormCard {
                names: None,
                ..card
            }),
            None => None,
        };
        self
    }

    /// The button is there in these states only.
    pub const fn in_states(self, states: &'static [&'static str]) -> Self {
        self.button(Button::Listed {
            states,
            first: false,
        })
    }

    /// The same, before the others.
    pub const fn first_in_states(self, states: &'static [&'static str]) -> Self {
        self.button(Button::Listed {
            states,
            first: true,
        })
    }

    /// The card itself sets the button.
    pub const fn placed(self) -> Self {
        self.button(Button::Placed)
    }

    const fn button(mut self, button: Button) -> Self {
        self.card = match self.card {
            Some(card) => Some(FormCard { button, ..card }),
            None => None,
        };
        self
    }

    /// The button is for those only who may do this.
    pub const fn offered_by(mut self, action: &'static str) -> Self {
        self.card = match self.card {
            Some(card) => Some(FormCard {
                offered: Some(action),
                ..card
            }),
            None => None,
        };
        self
    }

    /// With fields that are always so.
    pub const fn preset(mut self, preset: &'static [(&'static str, &'static str)]) -> Self {
        self.preset = preset;
        self
    }

    /// With an answer that the button is.
    pub const fn pressed(mut self, asked: Asked) -> Self {
        self.pressed = Some(asked);
        self
    }

    /// With answers that the card gives.
    pub const fn given(mut self, given: &'static [Asked]) -> Self {
        self.given = given;
        self
    }

    /// With these questions.
    pub const fn asks(mut self, asks: &'static [Asked]) -> Self {
        self.asks = asks;
        self
    }

    /// With what is shown when all is answered.
    pub const fn shown(mut self, shown: Shown) -> Self {
        self.shown = shown;
        self
    }

    /// With what is opened when it is done.
    pub const fn then(mut self, then: Then) -> Self {
        self.then = then;
        self
    }

    /// With the letters of what it brings into the world.
    pub const fn makes(mut self, letters: &'static str) -> Self {
        self.makes = Some(letters);
        self
    }

    /// All that is answered, by whomever.
    pub fn answers(&self) -> impl Iterator<Item = &Asked> {
        self.given.iter().chain(&self.pressed).chain(self.asks)
    }
}
