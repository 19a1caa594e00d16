//! Events as the version wrote them that was recorded: sentences in the place of what later versions say as data.
//!
//! The sentences are made of that data by the texts that timelines show, so that a record of version 1 holds both: that
//! nothing else changed, and that the data still says all the sentence said.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use picket_phrases::timeline::{OverdueStep, because, rule};
use picket_phrases::{Language, Texts};
use picket_schemas::commit::hash;
use picket_schemas::courier::{self, NoticeKind};
use picket_schemas::escalation::{self, Because};
use picket_schemas::rectification::{self, Routing};
use picket_schemas::{Commit, Event, PersonId, bulletin, registry};

/// What earlier events need that the later ones do not say.
#[derive(Default)]
pub(crate) struct Earlier {
    people: BTreeMap<PersonId, String>,
    /// Why steps were taken or proposed, by jurisdiction, step and what is told of it.
    steps: BTreeMap<(String, String, NoticeKind), String>,
    /// Hashes that commits would have had, by journal and number: each holds those it follows from.
    hashes: BTreeMap<(String, u64), String>,
}

fn english() -> &'static Texts {
    Texts::of(Language::En)
}

fn jurisdiction(commit: &Commit) -> String {
    let of = commit.book.split_once('/').map(|(_, of)| of);
    of.unwrap_or_default().to_owned()
}

impl Earlier {
    /// Notes names and steps of commits that are going to be turned.
    pub(crate) fn learn<'a>(&mut self, commits: impl Iterator<Item = &'a Commit> + Clone) {
        for event in commits.clone().flat_map(events) {
            if let Event::Registry(registry::Event::PersonEnrolled { person, .. }) = event {
                self.people.insert(person.id.clone(), person.name.clone());
            }
        }
        for commit in commits.clone() {
            for event in events(commit) {
                if let Some((step, told, _)) = step_of(event) {
                    let why = self.why(event);
                    self.steps.insert((jurisdiction(commit), step, told), why);
                }
            }
        }
        self.rehash(commits);
    }

    /// Hashes commits as version 1 wrote them, each after those it names.
    fn rehash<'a>(&mut self, commits: impl Iterator<Item = &'a Commit>) {
        let mut waiting: Vec<_> = commits.collect();
        // What one follows from is rarely later.
        waiting.sort_by_key(|commit| commit.at);
        loop {
            let before = waiting.len();
            waiting.retain(|commit| match self.hashed(commit) {
                Some(hash) => {
                    self.hashes.insert((commit.book.clone(), commit.n), hash);
                    false
                }
                None => true,
            });
            if waiting.is_empty() {
                return;
            }
            assert!(waiting.len() < before, "commits wait for each other");
        }
    }

    /// The hash of a commit, once those it names are known.
    fn hashed(&self, commit: &Commit) -> Option<String> {
        let hash_of = |journal: &str, n| self.hashes.get(&(journal.to_owned(), n)).cloned();
        let prev = match commit.n {
            1 => String::new(),
            n => hash_of(&commit.book, n - 1)?,
        };
        let mut seen = commit.seen.clone();
        for (journal, cursor) in seen.iter_mut().filter(|(_, cursor)| cursor.n > 0) {
            cursor.hash = hash_of(journal, cursor.n)?;
        }
        let mut earlier = Commit {
            prev,
            seen,
            ..commit.clone()
        };
        for event in earlier
            .entries
            .iter_mut()
            .flat_map(|entry| &mut entry.events)
        {
            if let Event::Bulletin(bulletin::Event::BulletinFrozen { positions, .. }) = event
                && positions
                    .iter()
                    .any(|(journal, (n, _))| *n > 0 && hash_of(journal, *n).is_none())
            {
                return None;
            }
            *event = self.event(commit, event);
        }
        Some(hash(&earlier.encode()))
    }

    /// An event of a commit, as version 1 wrote it.
    pub(crate) fn event(&self, commit: &Commit, event: &Event) -> Event {
        let mut event = event.clone();
        let why = self.why(&event);
        match &mut event {
            Event::Rectification(event) => by_hand(event),
            Event::Escalation(
                escalation::Event::LadderStepped {
                    why: said, because, ..
                }
                | escalation::Event::LadderProposed {
                    why: said, because, ..
                },
            ) => {
                let sentence = std::mem::take(said);
                *said = because.take().map_or(sentence, |_| why);
            }
            Event::Courier(
                courier::Event::NoticeQueued {
                    kind, about, with, ..
                }
                | courier::Event::NoticeHanded {
                    kind, about, with, ..
                },
            ) => {
                let step = (jurisdiction(commit), about.to_string(), *kind);
                if let Some(why) = self.steps.get(&step) {
                    with.entry("why".to_owned()).or_insert_with(|| why.clone());
                }
            }
            // Where figures were frozen is told by hashes.
            Event::Bulletin(bulletin::Event::BulletinFrozen { positions, .. }) => {
                for (journal, (n, hash)) in positions {
                    if let Some(earlier) = self.hashes.get(&(journal.clone(), *n)) {
                        hash.clone_from(earlier);
                    }
                }
            }
            _ => {}
        }
        event
    }

    fn why(&self, event: &Event) -> String {
        let Some((_, _, Some((step, why)))) = step_of(event) else {
            return String::new();
        };
        let name = |person: &PersonId| {
            let name = self.people.get(person).cloned();
            name.unwrap_or_else(|| person.code().to_owned())
        };
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        because(&step, why, &name, english(), &zone)
    }
}

fn events(commit: &Commit) -> impl Iterator<Item = &Event> {
    commit.entries.iter().flat_map(|entry| &entry.events)
}

/// A step, what is told of it, and why, where that is said as data.
type Told<'a> = (String, NoticeKind, Option<(OverdueStep<'a>, &'a Because)>);

/// A step that was taken or proposed.
fn step_of(event: &Event) -> Option<Told<'_>> {
    let Event::Escalation(
        escalation::Event::LadderStepped {
            step,
            kind,
            on,
            level,
            due,
            because,
            ..
        }
        | escalation::Event::LadderProposed {
            step,
            kind,
            on,
            level,
            due,
            because,
            ..
        },
    ) = event
    else {
        return None;
    };
    let late = OverdueStep {
        on: on.as_str(),
        kind: kind.as_str(),
        level,
        due: *due,
    };
    let told = match event {
        Event::Escalation(escalation::Event::LadderProposed { .. }) => NoticeKind::Proposal,
        _ => NoticeKind::Ladder,
    };
    let why = because.as_ref().map(|why| (late, why));
    Some((step.to_string(), told, why))
}

/// Says in a sentence which row of a table matched.
fn by_hand(event: &mut rectification::Event) {
    match event {
        rectification::Event::LeadClassified {
            proposal:
                Some(Routing {
                    rule: said,
                    matched,
                    ..
                }),
            ..
        } => {
            if let Some(matched) = matched.take() {
                *said = rule(&matched, english());
            }
        }
        rectification::Event::LeadRouted {
            reason, matched, ..
        } if reason.is_empty() => {
            *reason = match matched.take() {
                Some(matched) => rule(&matched, english()),
                None => english().say("happened-routed-by-hand"),
            };
        }
        _ => {}
    }
}
