//! The stage: the books of the folder on a clock that stands until it is set, and a story about a few things.
//!
//! Wishes go to the real books. What they write is read back, and what concerns the story is told as it
//! stands in the journals; everything else of the county goes on unseen.
//! It does not know the story.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_calendar::Calendar;
use picket_conversation::{Card, Look, Me, When};
use picket_directory::SYSTEM;
use picket_insight::{Insight, InsightError, Language, TextOptions, bulletin_text};
use picket_journal::Journal;
use picket_runtime::{CannotKeep, Clock, Decoded, Lockstep, Office, Stuck};
use picket_schemas::ask::{
    BulletinView, LeadView, OrderView, PersonView, Question, StepView, TaskView, View,
};
use picket_schemas::{
    Answer, Command, CommandId, Event, Jurisdiction, PersonId, Problem, Refusal, Wish, bulletin,
    courier,
};
use serde_json::Value;

use super::screen::Screen;
use super::tell::{Known, Teller};
use super::words::Words;
use crate::cli::Lang;
use crate::problem::{Exit, Failure};
use crate::scenario::{Manifest, Scenario};

/// Where the story happens.
pub(super) const COUNTY: &str = "420902";
/// Who approves the bulletins of the city above.
const APPROVER: &str = "P-9003";

/// Why the story ends before its end.
#[derive(Debug)]
pub(super) enum Halt {
    /// The viewer went away.
    Stopped,
    /// Something is wrong.
    Failed(Failure),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Stuck> for Halt {
    fn from(stuck: Stuck) -> Self {
        Self::Failed(Failure::new(
            Exit::Unknown,
            stuck.to_string(),
            "Start the demo again.",
        ))
    }
}

impl From<InsightError> for Halt {
    fn from(why: InsightError) -> Self {
        Self::Failed(Failure::new(
            Exit::Storage,
            why.to_string(),
            "Start the demo again.",
        ))
    }
}

impl From<CannotKeep> for Halt {
    fn from(why: CannotKeep) -> Self {
        Self::Failed(crate::desk::cannot_keep(why))
    }
}

/// The books, what was read of them, and where the story is shown.
pub(super) struct Stage {
    pub(super) screen: Screen,
    pub(super) words: Words,
    pub(super) county: Jurisdiction,
    pub(super) calendar: Calendar,
    zone: TimeZone,
    lockstep: Lockstep,
    insight: Insight,
    place: u64,
    wishes: u32,
    /// Whether what happens is told.
    telling: bool,
    known: Known,
}

impl Stage {
    /// Opens the books where the year ended.
    pub(super) async fn open(
        journal: Arc<dyn Journal>,
        scenario: &Scenario,
        screen: Screen,
        words: Words,
        insight: Insight,
        at: Timestamp,
    ) -> Result<Self, Halt> {
        let manifest = &scenario.manifest;
        let calendar = Calendar::china().with_zone(manifest.zone.clone());
        let office = Office::new(
            journal,
            manifest.territory.clone(),
            crate::services::kinds(),
            Clock::driven(at),
            calendar.clone(),
        );
        let lockstep = Lockstep::open(Arc::new(office)).await?;
        let place = lockstep.office().hub.place();
        let (zone, county) = (manifest.zone.clone(), Jurisdiction::from(COUNTY));
        Ok(Self {
            screen,
            words,
            county,
            calendar,
            zone,
            lockstep,
            insight,
            place,
            wishes: 0,
            telling: true,
            known: Known::default(),
        })
    }

    /// Writes what is left to write and gives the screen back.
    pub(super) async fn close(mut self) -> Screen {
        self.lockstep.flush().await;
        self.screen
    }

    /// Where the clock stands.
    pub(super) fn now(&self) -> Timestamp {
        self.lockstep.office().clock.now()
    }

    /// A local instant, as in `2023-12-25T08:00`.
    pub(super) fn at(&self, local: &str) -> Timestamp {
        let local: jiff::civil::DateTime =
            local.parse().expect("the story's instants are well formed");
        local
            .to_zoned(self.zone.clone())
            .expect("the story's instants exist")
            .timestamp()
    }

    /// Moves time on, stopping at every bell on the way.
    pub(super) async fn until(&mut self, local: &str) -> Result<(), Halt> {
        let until = self.at(local);
        while let Some(due) = self.lockstep.due().filter(|due| *due <= until) {
            self.lockstep.office().clock.set(due);
            self.rest().await?;
        }
        self.lockstep.office().clock.set(until);
        Ok(())
    }

    /// Somebody does something at an instant, and the books come to rest. The new id, if there is one.
    pub(super) async fn act(
        &mut self,
        local: &str,
        who: &str,
        command: Value,
    ) -> Result<Option<String>, Halt> {
        self.until(local).await?;
        match self.wish(who, command).await? {
            Ok(answer) => Ok(answer.created.into_iter().next()),
            Err(problem) => Err(Halt::Failed(problem.into())),
        }
    }

    /// Somebody tries what they may not; the refusal.
    pub(super) async fn refused(
        &mut self,
        local: &str,
        who: &str,
        command: Value,
    ) -> Result<Problem, Halt> {
        self.until(local).await?;
        let done = || {
            Failure::new(
                Exit::Unknown,
                "what had to be refused was done",
                "Report it.",
            )
        };
        self.wish(who, command)
            .await?
            .err()
            .ok_or_else(|| Halt::Failed(done()))
    }

    /// The same as `act`, of which nothing is told.
    pub(super) async fn aside(
        &mut self,
        local: &str,
        who: &str,
        command: Value,
    ) -> Result<Option<String>, Halt> {
        self.telling = false;
        let done = self.act(local, who, command).await;
        self.telling = true;
        done
    }

    async fn wish(&mut self, who: &str, command: Value) -> Result<Result<Answer, Problem>, Halt> {
        let command = Command::parse(command)
            .map_err(|why| Failure::new(Exit::Usage, why.to_string(), "Report it."))?;
        self.wishes += 1;
        let id = format!("demo-{}", self.wishes);
        let answer = self
            .send(
                id,
                PersonId::new(&self.county, who),
                self.county.clone(),
                command,
            )
            .await;
        self.rest().await?;
        Ok(answer)
    }

    async fn send(
        &mut self,
        id: String,
        by: PersonId,
        jurisdiction: Jurisdiction,
        command: Command,
    ) -> Result<Answer, Problem> {
        let wish = Wish {
            id: CommandId::from(id),
            by,
            via: "demo".into(),
            made: self.now(),
            observed: None,
            trace: String::new(),
            command,
        };
        self.lockstep
            .wish(&jurisdiction, vec![wish])
            .await
            .into_iter()
            .next_back()
            .unwrap_or_else(|| Err(Refusal::OutcomeUnknown.problem()))
    }

    /// Lets the books come to rest, tells what they wrote, and does what Picket's own parts do: freezes get
    /// their figures, notices of the story count as shown.
    async fn rest(&mut self) -> Result<(), Halt> {
        loop {
            self.lockstep.settle().await?;
            let (commits, place) = match self.lockstep.office().hub.published_after(self.place) {
                Some(published) => published,
                None => {
                    return Err(Failure::new(
                        Exit::Unknown,
                        "the story lost its place",
                        "Start the demo again.",
                    )
                    .into());
                }
            };
            self.place = place;
            if commits.is_empty() {
                return Ok(());
            }
            let batch: Vec<_> = commits
                .iter()
                .map(|commit| (commit.commit.clone(), commit.head.hash.clone()))
                .collect();
            self.insight.apply(&batch)?;
            for commit in &commits {
                self.tell(commit).await?;
            }
            for commit in &commits {
                self.follow(commit).await?;
            }
        }
    }

    async fn tell(&mut self, commit: &Decoded) -> Result<(), Halt> {
        let commit = &commit.commit;
        let Some((_, COUNTY)) = commit.book.split_once('/') else {
            return Ok(());
        };
        let mut teller = Teller {
            insight: &self.insight,
            words: self.words,
            county: &self.county,
            calendar: &self.calendar,
            now: commit.at,
            known: &mut self.known,
        };
        let lines = teller.lines(&commit.entries)?;
        if !self.telling {
            return Ok(());
        }
        let journal = format!("{}#{}", commit.book, commit.n);
        for line in lines {
            self.screen.event(commit.at, &journal, &line.text).await?;
            if let Some(note) = line.note {
                self.screen.note(&note).await?;
            }
        }
        Ok(())
    }

    async fn follow(&mut self, commit: &Decoded) -> Result<(), Halt> {
        let Some((_, home)) = commit.commit.book.split_once('/') else {
            return Ok(());
        };
        let home = Jurisdiction::from(home);
        let system = PersonId::new(&home, SYSTEM);
        for event in commit.commit.entries.iter().flat_map(|entry| &entry.events) {
            match event {
                Event::Bulletin(bulletin::Event::BulletinRequested {
                    bulletin,
                    from,
                    as_of,
                    ..
                }) => {
                    let view = self.insight.figures(&home, *from, *as_of)?;
                    let command = bulletin::Command::Settle {
                        bulletin: bulletin.clone(),
                        positions: view.positions,
                        figures: view.figures,
                        areas: view.areas,
                        code_version: env!("CARGO_PKG_VERSION").into(),
                    };
                    drop(
                        self.send(
                            format!("settle:{home}:{bulletin}"),
                            system.clone(),
                            home.clone(),
                            command.into(),
                        )
                        .await,
                    );
                }
                Event::Courier(courier::Event::NoticeHanded {
                    notice,
                    about,
                    attempt,
                    also,
                    ..
                }) if self.known.has(about)
                    || also.iter().any(|one| self.known.has(&one.about)) =>
                {
                    let command = courier::Command::ReportDelivery {
                        notice: notice.clone(),
                        attempt: *attempt,
                        delivery: courier::Delivery::Sent,
                        reason: String::new(),
                        channel: String::new(),
                        retry_after: None,
                    };
                    drop(
                        self.send(
                            format!("delivery:{home}:{notice}:{attempt}"),
                            system.clone(),
                            home.clone(),
                            command.into(),
                        )
                        .await,
                    );
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn view(&self, question: Question) -> Result<View, Halt> {
        Ok(self.insight.answer(&question, self.now())?)
    }

    /// The one id that matches.
    pub(super) fn find(&self, find: &str, by: &[(&str, &str)]) -> Result<String, Halt> {
        let by = by
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        match self.view(Question::Find {
            jurisdiction: self.county.clone(),
            find: find.to_owned(),
            by,
        })? {
            View::Found(mut ids) if !ids.is_empty() => Ok(ids.swap_remove(ids.len() - 1)),
            _ => Err(missing(find)),
        }
    }

    /// The sheet the story is about.
    pub(super) fn first_task(&self) -> Result<String, Halt> {
        self.known
            .task()
            .map(str::to_owned)
            .ok_or_else(|| missing("its first sheet"))
    }

    /// A task.
    pub(super) fn task(&self, task: &str) -> Result<TaskView, Halt> {
        match self.view(Question::Task {
            jurisdiction: self.county.clone(),
            task: task.to_owned(),
        })? {
            View::Task(view) => Ok(view),
            _ => Err(missing(task)),
        }
    }

    /// A lead.
    pub(super) fn lead(&self, lead: &str) -> Result<LeadView, Halt> {
        match self.view(Question::Lead {
            jurisdiction: self.county.clone(),
            lead: lead.to_owned(),
        })? {
            View::Lead(view) => Ok(view),
            _ => Err(missing(lead)),
        }
    }

    /// An order.
    pub(super) fn order(&self, order: &str) -> Result<OrderView, Halt> {
        match self.view(Question::Order {
            jurisdiction: self.county.clone(),
            order: order.to_owned(),
        })? {
            View::Order(view) => Ok(view),
            _ => Err(missing(order)),
        }
    }

    /// A step of the ladder, out of the inbox of somebody it addresses.
    pub(super) fn step(&self, step: &str, person: &str) -> Result<StepView, Halt> {
        let person = PersonId::new(&self.county, person);
        match self.view(Question::Inbox { person })? {
            View::Inbox(inbox) => inbox
                .steps
                .into_iter()
                .find(|one| one.step == step)
                .ok_or_else(|| missing(step)),
            _ => Err(missing(step)),
        }
    }

    fn person(&self, code: &str) -> Result<PersonView, Halt> {
        match self.view(Question::Person {
            person: PersonId::new(&self.county, code),
        })? {
            View::Person(view) => Ok(view),
            _ => Err(missing(code)),
        }
    }

    /// What people call somebody.
    pub(super) fn name(&self, code: &str) -> Result<String, Halt> {
        Ok(self.words.person(&self.person(code)?.name))
    }

    /// Shows a card as this person sees it.
    pub(super) async fn show(
        &mut self,
        person: &str,
        draw: impl FnOnce(&Look<'_>) -> Card + Send,
    ) -> Result<(), Halt> {
        let view = self.person(person)?;
        let me = Me::from_view(&PersonId::new(&self.county, person), &view);
        let words = picket_conversation::Words::of(match self.words.0 {
            Lang::Zh => picket_conversation::Language::Zh,
            Lang::En => picket_conversation::Language::En,
        });
        let card = draw(&Look {
            me: &me,
            when: When {
                now: self.now(),
                zone: &self.zone,
                words,
            },
            words,
        })
        .fit();
        let whose = self.words.person(&view.name);
        self.screen.card(&whose, &card).await
    }

    /// Tells what a book of the county would not do; nothing of that is in its journal.
    pub(super) async fn not_done(&mut self, service: &str, text: String) -> Result<(), Halt> {
        let now = self.now();
        self.screen
            .event(now, &format!("{service}/{COUNTY}"), &text)
            .await
    }

    /// Says something that explains the line above.
    pub(super) async fn note(&mut self, text: String) -> Result<(), Halt> {
        self.screen.note(&text).await
    }

    /// The name of the next scene.
    pub(super) async fn scene(&mut self, title: String) -> Result<(), Halt> {
        self.screen.scene(&title).await
    }

    /// The year's frozen bulletin, approved by somebody else than its clerk, with what its figures are.
    pub(super) async fn bulletin(
        &mut self,
        frozen: &BulletinView,
        manifest: &Manifest,
    ) -> Result<(), Halt> {
        self.scene(self.words.scene_bulletin()).await?;
        let city = Jurisdiction::from(frozen.jurisdiction.as_str());
        self.until("2024-01-15T15:00").await?;
        let approve = bulletin::Command::Approve {
            bulletin: frozen.bulletin.as_str().into(),
        };
        let answer = self
            .send(
                "demo-approve".into(),
                PersonId::new(&city, APPROVER),
                city.clone(),
                approve.into(),
            )
            .await
            .map_err(Failure::from)?;
        self.rest().await?;
        let now = self.now();
        self.screen
            .event(
                now,
                &format!("{}#{}", answer.book, answer.n),
                &self.words.approved_bulletin(&frozen.name),
            )
            .await?;
        let view = match self.view(Question::Bulletin {
            jurisdiction: city,
            bulletin: Some(frozen.bulletin.clone()),
        })? {
            View::Bulletin(Some(view)) => view,
            _ => return Err(missing(&frozen.bulletin)),
        };
        let language = match self.words.0 {
            Lang::Zh => Language::Zh,
            Lang::En => Language::En,
        };
        let options = TextOptions {
            title: manifest.title.clone(),
        };
        let text = bulletin_text(&view, language, &self.zone, &options);
        self.screen.sheet(&text).await?;
        self.screen.plain("")?;
        self.screen.plain(&self.words.source())?;
        let scope = manifest.scope();
        let since = self.insight.figures(&scope, view.as_of, now)?.figures;
        let grown: Vec<_> = ["leads", "orders", "cleared", "reminders", "escalations"]
            .iter()
            .map(|key| since.get(key))
            .collect();
        let last = now
            .to_zoned(self.zone.clone())
            .strftime("%Y-%m-%d")
            .to_string();
        self.screen.plain(
            &self
                .words
                .since(last, grown[0], grown[1], grown[2], grown[3], grown[4]),
        )
    }
}

fn missing(what: &str) -> Halt {
    Halt::Failed(Failure::new(
        Exit::Unknown,
        format!("the story misses {what}"),
        "Report it.",
    ))
}
