//! Mentions: what an event names, by the types of its fields (records, places, people), and until when it is sealed.
//!
//! `Event::mentions` hands them over; the derive `Mentions` walks the fields of events and of all they hold. A type
//! that does not say what it names is no field of an event: it does not compile. Timelines, rights, traces, seals and
//! answers are each a short rule over mentions, so that a new event is covered before anybody thinks of it. It does
//! not know those rules.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

use crate::ids::*;
use crate::{bulletin, courier, dispatch, escalation, figures, printed, rectification, registry};
use crate::{schedule, span, subject};

/// A value that says what it names.
pub(crate) trait Mentions {
    /// Hands over every mention, in the order of the fields.
    fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>));
}

/// A mention: something named, and where in the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention<'a> {
    /// The field of the event, as it is on the wire; what the field holds may name things of its own.
    pub field: &'static str,
    /// How it stands there.
    pub within: Within,
    /// Whether the event brings it into the world: `#[mentions(new)]` at its field.
    pub new: bool,
    /// The thing named.
    pub of: Mentioned<'a>,
}

/// How a mention stands in its event. What stands within several of these, such as a list in a struct, has the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Within {
    /// On its own.
    Alone,
    /// In a struct the event holds: a schedule as it was defined, what courier remembers of an order.
    Part,
    /// As one of a list.
    Listed,
    /// As another notice that goes out together with this one, and has nothing else to do with it.
    Bundled,
    /// In half an answer, which is nobody's business but its author's.
    Draft,
}

/// Something named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mentioned<'a> {
    /// A record, short or with its jurisdiction.
    Record(RecordKind, &'a str),
    /// What a record is about: an institution, a place, a department; with its jurisdiction where it is another one.
    Subject(&'a str),
    /// A person, in full.
    Person(&'a str),
    /// No name: nobody outside the crew hears of the event before. It stands in a field `sealed_until`.
    Seal(Timestamp),
}

/// The kind of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    Batch,
    Task,
    /// A place on no list, as its finder reported it.
    Place,
    Sortie,
    Report,
    Lead,
    Action,
    Case,
    Order,
    Clock,
    /// Of a ladder.
    Step,
    Notice,
    Schedule,
    Occurrence,
    Bulletin,
    /// Any of the others: the id alone tells which.
    Any,
}

impl RecordKind {
    /// The service that keeps such records.
    pub fn service(self) -> Option<&'static str> {
        match self {
            Self::Batch | Self::Task | Self::Place | Self::Sortie => Some("dispatch"),
            Self::Report | Self::Lead | Self::Action | Self::Case | Self::Order => {
                Some("rectification")
            }
            Self::Clock | Self::Step => Some("escalation"),
            Self::Notice => Some("courier"),
            Self::Schedule | Self::Occurrence => Some("schedule"),
            Self::Bulletin => Some("bulletin"),
            Self::Any => None,
        }
    }
}

/// Hands over what a value names, unless that is an empty id: a form about nothing.
fn say<'a>(of: Mentioned<'a>, each: &mut dyn FnMut(Mention<'a>)) {
    if let Mentioned::Record(_, "") | Mentioned::Subject("") | Mentioned::Person("") = of {
        return;
    }
    each(Mention {
        field: "",
        within: Within::Alone,
        new: false,
        of,
    });
}

/// Hands over what a field names; written by the derive for every field but `sealed_until`.
pub(crate) fn field<'a>(
    value: &'a impl Mentions,
    name: &'static str,
    new: bool,
    each: &mut dyn FnMut(Mention<'a>),
) {
    value.mentions(&mut |mention| {
        each(Mention {
            field: name,
            new: new || mention.new,
            ..mention
        });
    });
}

/// Hands over the seal; written by the derive for a field `sealed_until`.
pub(crate) fn seal<'a>(until: impl Into<Option<Timestamp>>, each: &mut dyn FnMut(Mention<'a>)) {
    if let Some(until) = until.into() {
        each(Mention {
            field: "sealed_until",
            within: Within::Alone,
            new: false,
            of: Mentioned::Seal(until),
        });
    }
}

/// Hands over mentions as standing in a struct; written by the derive for structs.
pub(crate) fn part<'a>(each: &mut dyn FnMut(Mention<'a>)) -> impl FnMut(Mention<'a>) {
    marked(Within::Part, each)
}

/// Hands over what a value names as standing otherwise than alone.
pub(crate) fn within<'a>(
    value: &'a (impl Mentions + ?Sized),
    within: Within,
    each: &mut dyn FnMut(Mention<'a>),
) {
    value.mentions(&mut marked(within, each));
}

fn marked<'a>(within: Within, each: &mut dyn FnMut(Mention<'a>)) -> impl FnMut(Mention<'a>) {
    move |mention| {
        let within = mention.within.max(within);
        each(Mention { within, ..mention });
    }
}

macro_rules! records {
    ($($id:ident: $kind:ident),* $(,)?) => {$(
        impl Mentions for $id {
            fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
                say(Mentioned::Record(RecordKind::$kind, self.as_str()), each);
            }
        }
    )*};
}

records! {
    BatchId: Batch,
    TaskId: Task,
    PlaceId: Place,
    SortieId: Sortie,
    ReportId: Report,
    LeadId: Lead,
    ActionId: Action,
    CaseId: Case,
    OrderId: Order,
    ClockId: Clock,
    StepId: Step,
    NoticeId: Notice,
    ScheduleCode: Schedule,
    OccurrenceId: Occurrence,
    BulletinId: Bulletin,
    RecordId: Any,
}

impl Mentions for InstitutionCode {
    fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
        say(Mentioned::Subject(self.as_str()), each);
    }
}

impl Mentions for SubjectId {
    fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
        say(Mentioned::Subject(self.as_str()), each);
    }
}

impl Mentions for subject::Subject {
    fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
        say(Mentioned::Subject(&self.id), each);
    }
}

impl Mentions for PersonId {
    fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
        say(Mentioned::Person(self.as_str()), each);
    }
}

impl<T: Mentions> Mentions for Option<T> {
    fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
        if let Some(value) = self {
            value.mentions(each);
        }
    }
}

impl<T: Mentions> Mentions for Vec<T> {
    fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
        self.iter()
            .for_each(|one| within(one, Within::Listed, each));
    }
}

impl<T: Mentions> Mentions for BTreeSet<T> {
    fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
        self.iter()
            .for_each(|one| within(one, Within::Listed, each));
    }
}

impl<K: Mentions, V: Mentions> Mentions for BTreeMap<K, V> {
    fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
        for (key, value) in self {
            within(key, Within::Listed, each);
            within(value, Within::Listed, each);
        }
    }
}

impl<A: Mentions, B: Mentions> Mentions for (A, B) {
    fn mentions<'a>(&'a self, each: &mut dyn FnMut(Mention<'a>)) {
        self.0.mentions(each);
        self.1.mentions(each);
    }
}

/// Types that name nothing: texts, numbers, instants, words of the wire, and codes of what is no record.
macro_rules! plain {
    ($($plain:ty),* $(,)?) => {$(
        impl Mentions for $plain {
            fn mentions<'a>(&'a self, _each: &mut dyn FnMut(Mention<'a>)) {}
        }
    )*};
}

plain! {
    // A text may say a name to whoever reads it; an id has a type.
    String, bool, i16, i32, u32, u64,
    Timestamp, Date, DateTime, Time, span::Span,
    AreaCode, DepartmentCode, PostCode, Jurisdiction,
    subject::SubjectKind, figures::Figures, printed::Printed, bulletin::Rounding,
    dispatch::AssignTo, dispatch::Accept, dispatch::Outcome, dispatch::OfferReason,
    dispatch::SortieKind, dispatch::Hazards,
    rectification::Source, rectification::Verdict, rectification::FixResult,
    rectification::LookBack, rectification::DocumentKind,
    registry::Level, registry::PostKind, registry::Role, registry::Training,
    schedule::Days, schedule::Gap, schedule::Fold, schedule::Overlap, schedule::CatchUp,
    schedule::RemindOf,
    escalation::ClockKind,
    courier::NoticeKind, courier::Priority, courier::Next, courier::QuietHours,
}
