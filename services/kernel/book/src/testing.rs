//! A bench to try a book on: given facts, when a command or a bell comes, then events or a refusal.
//!
//! Used by the tests of every book. It drives a book as a keeper does, without journal or clock.

use std::sync::Arc;

use jiff::Timestamp;
use picket_calendar::Calendar;
use picket_directory::{Directory, Layer};
use picket_schemas::{CommandId, Event, Jurisdiction, PersonId, Refusal, registry};

use crate::{Book, Decision, Fact, Provenance, Step};

/// A book with a directory and an instant.
pub struct Bench<B: Book> {
    /// The book.
    pub book: B,
    /// The instant of the next decision.
    pub at: Timestamp,
    layers: Vec<Layer>,
    directory: Directory,
    jurisdiction: Jurisdiction,
    wishes: u64,
}

impl<B: Book> Bench<B> {
    /// An empty book of a jurisdiction, with an empty registry and the built-in calendars.
    pub fn new(jurisdiction: &str, at: &str) -> Self {
        let jurisdiction = Jurisdiction::from(jurisdiction);
        let layers = vec![Layer::new(jurisdiction.clone())];
        let mut bench = Self {
            book: B::default(),
            at: at.parse().expect("a test gives an RFC 3339 instant"),
            directory: Directory::new(Vec::new(), Calendar::china()),
            layers,
            jurisdiction,
            wishes: 0,
        };
        bench.rebuild();
        bench
    }

    fn rebuild(&mut self) {
        self.directory = Directory::new(
            self.layers.iter().cloned().map(Arc::new).collect(),
            Calendar::china(),
        );
    }

    /// Adds the registry of the jurisdiction above.
    pub fn parent(&mut self, jurisdiction: &str) {
        self.layers
            .push(Layer::new(Jurisdiction::from(jurisdiction)));
        self.rebuild();
    }

    /// Puts a record into the own registry.
    pub fn registered(&mut self, event: &registry::Event) {
        self.layers[0].apply(event);
        self.rebuild();
    }

    /// Puts many records into the own registry at once.
    pub fn registered_all(&mut self, events: impl IntoIterator<Item = registry::Event>) {
        for event in events {
            self.layers[0].apply(&event);
        }
        self.rebuild();
    }

    /// Puts a record into the registry above.
    pub fn registered_above(&mut self, event: &registry::Event) {
        self.layers[1].apply(event);
        self.rebuild();
    }

    /// The directory as it stands.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Lets somebody (by full id) wish something; what follows is evolved.
    pub fn wish(&mut self, by: &str, command: &B::Command) -> Result<Vec<B::Event>, Refusal> {
        let observed = self.at;
        self.wish_observed(by, command, observed)
    }

    /// The same for a record that was seen earlier.
    pub fn wish_observed(
        &mut self,
        by: &str,
        command: &B::Command,
        observed: Timestamp,
    ) -> Result<Vec<B::Event>, Refusal> {
        self.wishes += 1;
        let id = CommandId::from(format!("c-{}", self.wishes));
        let actor = PersonId::from(by);
        let book = format!("{}/{}", B::SERVICE, self.jurisdiction);
        let cx = Decision {
            book: &book,
            jurisdiction: &self.jurisdiction,
            at: self.at,
            actor: &actor,
            observed,
            id: &id,
            directory: &self.directory,
        };
        let events = self.book.decide(command, &cx)?;
        let of = Provenance { at: self.at, by };
        for event in &events {
            self.book.evolve(event, of);
        }
        Ok(events)
    }

    /// Tells the book a fact of a journal of its own jurisdiction; all steps are taken and evolved.
    pub fn fact(&mut self, service: &str, by: &str, event: impl Into<Event>) -> Vec<B::Event> {
        let jurisdiction = self.jurisdiction.clone();
        self.fact_of(&jurisdiction, service, by, event)
    }

    /// The same for a journal of another jurisdiction.
    pub fn fact_of(
        &mut self,
        jurisdiction: &Jurisdiction,
        service: &str,
        by: &str,
        event: impl Into<Event>,
    ) -> Vec<B::Event> {
        let event = event.into();
        let (mut all, mut step) = (Vec::new(), 0);
        self.wishes += 1;
        let entry = CommandId::from(format!("f-{}", self.wishes));
        loop {
            let actor = PersonId::new(&self.jurisdiction, B::SERVICE);
            let book = format!("{}/{}", B::SERVICE, self.jurisdiction);
            let cx = Decision {
                book: &book,
                jurisdiction: &self.jurisdiction,
                at: self.at,
                actor: &actor,
                observed: self.at,
                id: &entry,
                directory: &self.directory,
            };
            let fact = Fact {
                jurisdiction,
                service,
                n: self.wishes,
                at: self.at,
                by,
                entry: &entry,
                does: "",
                event: &event,
            };
            let taken = self.book.react(&fact, step, &cx);
            let more = matches!(taken, Step::More(_));
            let of = Provenance {
                at: self.at,
                by: B::SERVICE,
            };
            for event in taken.into_events() {
                self.book.evolve(&event, of);
                all.push(event);
            }
            if !more || step > 10_000 {
                return all;
            }
            step += 1;
        }
    }

    /// Moves to an instant and rings until nothing is due; what follows is evolved.
    ///
    /// # Panics
    /// If a bell brings nothing although it is due: it would spin.
    pub fn ring_at(&mut self, at: Timestamp) -> Vec<B::Event> {
        self.at = self.at.max(at);
        let mut all = Vec::new();
        for _ in 0..100_000 {
            if self.book.due().is_none_or(|due| due > self.at) {
                return all;
            }
            let actor = PersonId::new(&self.jurisdiction, B::SERVICE);
            self.wishes += 1;
            let id = CommandId::from(format!("b-{}", self.wishes));
            let book = format!("{}/{}", B::SERVICE, self.jurisdiction);
            let cx = Decision {
                book: &book,
                jurisdiction: &self.jurisdiction,
                at: self.at,
                actor: &actor,
                observed: self.at,
                id: &id,
                directory: &self.directory,
            };
            let events = self.book.ring(&cx).into_events();
            assert!(!events.is_empty(), "a bell was due and brought nothing");
            let of = Provenance {
                at: self.at,
                by: B::SERVICE,
            };
            for event in events {
                self.book.evolve(&event, of);
                all.push(event);
            }
        }
        panic!("bells did not come to rest");
    }
}
