//! Pending notices: the answer to one fact while it is put together.
//!
//! It numbers notices, leaves out what was told already, finds the earliest instant, and stops at what one
//! step may hold. What a step leaves out the next one works out again from the book as it then is; so every
//! reaction first withdraws and tells, and closes what it is about last.
//! It does not know which fact calls for which notice.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use picket_book::{Decision, Fact, STEP_EVENTS, Step};
use picket_schemas::courier::{Event, Matter, NoticeKind};
use picket_schemas::registry::Role;
use picket_schemas::{AreaCode, ClockId, NoticeId, PersonId};

use crate::notice::{PendingNotice, priority};
use crate::{Courier, causes, quiet};

/// Fields a card shows: codes and names of places, never a finder.
pub(crate) type NoticeFields = BTreeMap<String, String>;

/// Content of a notice, whoever it goes to.
pub(crate) struct Message<'m> {
    pub(crate) kind: NoticeKind,
    pub(crate) about: &'m str,
    pub(crate) clock: Option<&'m str>,
    pub(crate) urgent: bool,
    /// The matter it is about, where that is remembered; a sealed one is waited for.
    pub(crate) matter: Option<&'m Matter>,
    pub(crate) with: NoticeFields,
}

impl<'m> Message<'m> {
    /// A message that is neither urgent nor about a clock.
    pub(crate) fn new(
        kind: NoticeKind,
        about: &'m str,
        matter: Option<&'m Matter>,
        with: NoticeFields,
    ) -> Self {
        Self {
            kind,
            about,
            clock: None,
            urgent: false,
            matter,
            with,
        }
    }
}

/// Notices to be queued and withdrawn in answer to a fact, with the book as it stands.
pub(crate) struct PendingNotices<'a> {
    pub(crate) book: &'a Courier,
    pub(crate) cx: &'a Decision<'a>,
    pub(crate) fact: &'a Fact<'a>,
    cause: String,
    told: u64,
    events: Vec<Event>,
    /// Notices this step withdrew.
    withdrawn: BTreeSet<NoticeId>,
    more: bool,
}

impl<'a> PendingNotices<'a> {
    pub(crate) fn new(book: &'a Courier, fact: &'a Fact<'a>, cx: &'a Decision<'a>) -> Self {
        Self {
            book,
            cx,
            fact,
            cause: String::new(),
            told: 0,
            events: Vec::new(),
            withdrawn: BTreeSet::new(),
            more: false,
        }
    }

    pub(crate) fn into_step(self) -> Step<Event> {
        if self.more {
            Step::More(self.events)
        } else {
            Step::Done(self.events)
        }
    }

    fn push(&mut self, event: Event) {
        if self.events.len() < STEP_EVENTS {
            self.events.push(event);
        } else {
            self.more = true;
        }
    }

    fn cause(&mut self) -> String {
        if self.cause.is_empty() {
            self.cause = causes::cause_of(self.fact);
        }
        self.cause.clone()
    }

    /// The matter of a task, lead, case or order, where it is remembered.
    pub(crate) fn matter(&self, about: &str) -> Option<&'a Matter> {
        self.book.matters.get(about)
    }

    /// The people of a matter: its finders, holders or officers.
    pub(crate) fn people_of(&self, about: &str) -> BTreeSet<PersonId> {
        self.matter(about)
            .into_iter()
            .flat_map(|matter| &matter.people)
            .cloned()
            .collect()
    }

    /// The area of something; what courier never heard of counts as being somewhere in the jurisdiction.
    pub(crate) fn area(&self, about: &str) -> AreaCode {
        self.matter(about)
            .and_then(|matter| matter.area.clone())
            .unwrap_or_else(|| AreaCode::from(self.cx.jurisdiction.as_str()))
    }

    /// The area of a matter; without one it is somewhere in the jurisdiction.
    pub(crate) fn area_of(&self, matter: &Matter) -> AreaCode {
        matter
            .area
            .clone()
            .unwrap_or_else(|| AreaCode::from(self.cx.jurisdiction.as_str()))
    }

    /// People with a role who act where something is.
    pub(crate) fn people_with(&self, role: Role, area: &AreaCode) -> BTreeSet<PersonId> {
        self.cx
            .directory
            .people_with(role, area)
            .into_iter()
            .collect()
    }

    /// Queues a message for each of these people.
    pub(crate) fn tell(&mut self, message: &Message<'_>, to: impl IntoIterator<Item = PersonId>) {
        for person in to {
            self.tell_one(message, person);
        }
    }

    fn tell_one(&mut self, message: &Message<'_>, to: PersonId) {
        let cause = self.cause();
        if self
            .book
            .seen
            .was_told(&cause, message.kind, message.about, &to)
        {
            return;
        }
        let (after, waits) = self.earliest(message, &to);
        self.replace_older(message, &to, after);
        self.told += 1;
        let notice = NoticeId::from(format!("N-{}", self.book.last + self.told));
        self.push(Event::NoticeQueued {
            notice,
            to,
            kind: message.kind,
            about: message.about.into(),
            clock: message.clock.map(ClockId::from),
            urgent: message.urgent,
            after,
            with: message.with.clone(),
            cause,
            waits: waits.to_owned(),
        });
    }

    /// A card is drawn from how things stand when it is sent, so of two that wait to show the same card the
    /// newer one says it all; unless it would come later, or may be withdrawn for a reason of its own.
    fn replace_older(&mut self, message: &Message<'_>, to: &PersonId, after: Timestamp) {
        let (book, at) = (self.book, self.cx.at);
        let new = priority(message.kind, message.urgent);
        let says = |older: &PendingNotice| {
            let card = is_finding(older.kind) == is_finding(message.kind) && older.to == *to;
            let clock = message.clock.is_none()
                || message.clock == older.clock.as_ref().map(ClockId::as_str);
            card && clock && older.waits() && new <= older.priority() && after <= older.bell.max(at)
        };
        for (id, older) in book
            .queue
            .about(message.about)
            .filter(|(_, older)| says(older))
        {
            self.withdraw_one(id, older, "a newer one says it");
        }
    }

    /// Now, or at the release of something sealed for all but those who do it; not in quiet hours unless urgent.
    /// And what it waits for, if it does.
    fn earliest(&self, message: &Message<'_>, to: &PersonId) -> (Timestamp, &'static str) {
        let release = message
            .matter
            .filter(|matter| !matter.people.contains(to) && !matter.crew.contains(to))
            .and_then(|matter| matter.sealed_until);
        let at = release.map_or(self.cx.at, |release| release.max(self.cx.at));
        let end = if message.urgent {
            at
        } else {
            self.book.quiet.end_if_quiet(to, at, self.cx.calendar())
        };
        match end {
            end if end > at => (end, quiet::WHY),
            _ if at > self.cx.at => (at, "sealed until its release"),
            _ => (at, ""),
        }
    }

    /// Withdraws what is queued about something, where `which` says so.
    pub(crate) fn withdraw(
        &mut self,
        about: &str,
        reason: &str,
        which: impl Fn(&PendingNotice) -> bool,
    ) {
        let book = self.book;
        for (id, notice) in book.queue.about(about).filter(|(_, notice)| which(notice)) {
            self.withdraw_one(id, notice, reason);
        }
    }

    /// Withdraws what is queued about something of these kinds.
    pub(crate) fn withdraw_kinds(&mut self, about: &str, reason: &str, kinds: &[NoticeKind]) {
        self.withdraw(about, reason, |notice| kinds.contains(&notice.kind));
    }

    /// Withdraws what is queued because of a clock, where `which` says so.
    pub(crate) fn withdraw_clock(
        &mut self,
        clock: &str,
        reason: &str,
        which: impl Fn(&PendingNotice) -> bool,
    ) {
        let book = self.book;
        for (id, notice) in book
            .queue
            .of_clock(clock)
            .filter(|(_, notice)| which(notice))
        {
            self.withdraw_one(id, notice, reason);
        }
    }

    fn withdraw_one(&mut self, id: &NoticeId, notice: &PendingNotice, reason: &str) {
        // A step before this one may just have queued it.
        if notice.overtaken || notice.cause == self.cause() || !self.withdrawn.insert(id.clone()) {
            return;
        }
        let (notice, reason, waits) = (id.clone(), reason.to_owned(), notice.waits());
        self.push(if waits {
            Event::NoticeSuppressed { notice, reason }
        } else {
            Event::NoticeOvertaken { notice, reason }
        });
    }

    /// Remembers something, if that is news.
    pub(crate) fn note(&mut self, about: &str, matter: Matter) {
        if self.matter(about) != Some(&matter) {
            self.push(Event::MatterNoted {
                about: about.into(),
                matter,
            });
        }
    }

    /// Forgets something that is over.
    pub(crate) fn close(&mut self, about: &str) {
        if self.matter(about).is_some() {
            self.push(Event::MatterClosed {
                about: about.into(),
            });
        }
    }

    /// Holds what clocks and schedules say, or lets it go.
    pub(crate) fn hold(&mut self, late: Option<u32>) {
        match late {
            Some(late) if !self.book.held => self.push(Event::NoticesHeld { late }),
            None if self.book.held => self.push(Event::NoticesReleased {}),
            _ => {}
        }
    }
}

/// True for a notice of a finding to its finder, which is a card of its own.
fn is_finding(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::FindingRouted | NoticeKind::FindingCleared)
}
