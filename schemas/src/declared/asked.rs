//! Questions of a form: how each is answered, when it is asked, and which field its answer fills.
//!
//! The declarations are written with the functions here, `text("reason").suggests(&["doubled"])`. They do
//! not know how a question reads: its words stand under its key in the texts of chat.

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// By text.
    Text,
    /// By one of these values; their words stand under the field's name.
    Choice(&'static [&'static str]),
    /// By text, with some sentences ready.
    Suggest(&'static [&'static str]),
    /// By text, with sentences ready that came with the thing.
    Offered,
    /// By the id of a thing.
    Id,
    /// By violation codes.
    Codes,
    /// By an area the person may act in.
    Area,
    /// By a person with a role.
    Person(&'static str),
    /// By several people with a role.
    People(&'static str),
    /// By a department.
    Department,
    /// By several departments.
    Departments,
    /// By an amount of money.
    Money,
    /// By how long it may take; so many working days are ready.
    Span(&'static [u32]),
    /// By an instant ahead.
    Promise,
    /// By a day.
    Day,
    /// By yes or no.
    YesNo,
}

impl Ask {
    /// Whether several answers may be picked.
    pub fn is_many(self) -> bool {
        matches!(self, Self::People(_) | Self::Departments)
    }

    /// Whether its choices must be read first.
    pub fn is_fetched(self) -> bool {
        matches!(self, Self::Area | Self::Person(_) | Self::People(_))
    }
}

/// Which fields an answer fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fills {
    /// The one of its own name.
    Own,
    /// This one; `select.area` is a field within a field.
    Field(&'static str),
    /// How many, and of what: the two parts of a length of time.
    Span {
        amount: &'static str,
        unit: &'static str,
    },
}

/// When a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Always,
    /// Where that other question has this answer.
    If(&'static str, &'static str),
    /// Where it has any other, or none.
    Unless(&'static str, &'static str),
}

/// A question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The name of its answer, in drafts that are kept and in the keys of texts.
    pub key: &'static str,
    /// How it is answered.
    pub ask: Ask,
    /// Whether it may be left out.
    pub optional: bool,
    /// Which fields its answer fills.
    pub fills: Fills,
    /// When it is asked.
    pub when: When,
    /// Whether whoever answers may name themselves.
    pub oneself: bool,
}

const fn asked(key: &'static str, ask: Ask) -> Asked {
    Asked {
        key,
        ask,
        optional: false,
        fills: Fills::Own,
        when: When::Always,
        oneself: false,
    }
}

/// Answered by text.
pub const fn text(key: &'static str) -> Asked {
    asked(key, Ask::Text)
}

/// Answered by text; what came with the thing is ready.
pub const fn offered(key: &'static str) -> Asked {
    asked(key, Ask::Offered)
}

/// Answered by one of these values.
pub const fn choice(key: &'static str, values: &'static [&'static str]) -> Asked {
    asked(key, Ask::Choice(values))
}

/// Answered by the id of a thing.
pub const fn id(key: &'static str) -> Asked {
    asked(key, Ask::Id)
}

/// Answered by violation codes.
pub const fn codes(key: &'static str) -> Asked {
    asked(key, Ask::Codes)
}

/// Answered by an area.
pub const fn area(key: &'static str) -> Asked {
    asked(key, Ask::Area)
}

/// Answered by a person with this role.
pub const fn person(key: &'static str, role: &'static str) -> Asked {
    asked(key, Ask::Person(role))
}

/// Answered by several people with this role.
pub const fn people(key: &'static str, role: &'static str) -> Asked {
    asked(key, Ask::People(role))
}

/// Answered by a department.
pub const fn department(key: &'static str) -> Asked {
    asked(key, Ask::Department)
}

/// Answered by several departments.
pub const fn departments(key: &'static str) -> Asked {
    asked(key, Ask::Departments)
}

/// Answered by an amount of money.
pub const fn money(key: &'static str) -> Asked {
    asked(key, Ask::Money)
}

/// Answered by a length of time; so many working days are ready.
pub const fn span(key: &'static str, days: &'static [u32]) -> Asked {
    asked(key, Ask::Span(days))
}

/// Answered by an instant ahead.
pub const fn promise(key: &'static str) -> Asked {
    asked(key, Ask::Promise)
}

/// Answered by a day.
pub const fn day(key: &'static str) -> Asked {
    asked(key, Ask::Day)
}

/// Answered by yes or no.
pub const fn yes_no(key: &'static str) -> Asked {
    asked(key, Ask::YesNo)
}

impl Asked {
    /// With sentences that are ready.
    pub const fn suggests(mut self, keys: &'static [&'static str]) -> Self {
        self.ask = Ask::Suggest(keys);
        self
    }

    /// It may be left out.
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Its answer fills this field.
    pub const fn fills(mut self, field: &'static str) -> Self {
        self.fills = Fills::Field(field);
        self
    }

    /// Its answer, a length of time, fills these two.
    pub const fn fills_span(mut self, amount: &'static str, unit: &'static str) -> Self {
        self.fills = Fills::Span { amount, unit };
        self
    }

    /// It is asked only where that other question has this answer.
    pub const fn only_if(mut self, key: &'static str, value: &'static str) -> Self {
        self.when = When::If(key, value);
        self
    }

    /// It is asked only where that other question has not this answer.
    pub const fn unless(mut self, key: &'static str, value: &'static str) -> Self {
        self.when = When::Unless(key, value);
        self
    }

    /// Whoever answers may name themselves.
    pub const fn or_oneself(mut self) -> Self {
        self.oneself = true;
        self
    }

    /// The fields its answer fills.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        let (one, other) = match self.fills {
            Fills::Own => (self.key, None),
            Fills::Field(field) => (field, None),
            Fills::Span { amount, unit } => (amount, Some(unit)),
        };
        std::iter::once(one).chain(other)
    }
}
