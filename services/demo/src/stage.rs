//! The stage: the books of the folder on a clock that stands until it is set, and a story about a few things.
//!
//! Wishes go to the real books. What they write is read back, and what concerns the story is told as it
//! stands in the journals; everything else of the county goes on unseen.
//! It does not know the story.

mod bulletin;
mod questions;
mod reading;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_calendar::Calendar;
use picket_insight::Insight;
use picket_journal::Journal;
use picket_node::problem::{Exit, Failure};
use picket_runtime::{Clock, Engine, Lockstep};
use picket_scenario::Scenario;
use picket_schemas::{Answer, Command, CommandId, Jurisdiction, PersonId, Problem, Refusal, Wish};
use serde_json::Value;

use super::halt::Halt;
use super::screen::Screen;
use super::tell::Known;
use super::words::DemoWords;

/// Where the story happens.
pub(super) const COUNTY: &str = "420902";

/// The books, what was read of them, and where the story is shown.
pub(super) struct DemoStage {
    pub(super) screen: Screen,
    pub(super) words: DemoWords,
    pub(super) county: Jurisdiction,
    pub(super) calendar: Calendar,
    zone: TimeZone,
    lockstep: Lockstep,
    insight: Insight,
    place: u64,
    wishes: u32,
    /// True while what happens is told.
    telling: bool,
    known: Known,
}

impl DemoStage {
    /// Opens the books where the year ended.
    pub(super) async fn open(
        journal: Arc<dyn Journal>,
        scenario: &Scenario,
        screen: Screen,
        words: DemoWords,
        insight: Insight,
        at: Timestamp,
    ) -> Result<Self, Halt> {
        let manifest = &scenario.manifest;
        let calendar = Calendar::china().with_zone(manifest.zone.clone());
        let engine = Engine::new(
            journal,
            manifest.territory.clone(),
            picket_node::services::kinds(),
            Clock::driven(at),
            calendar.clone(),
        );
        let lockstep = Lockstep::open(Arc::new(engine)).await?;
        let place = lockstep.engine().cache.place();
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
        self.lockstep.engine().clock.now()
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
            self.lockstep.engine().clock.set(due);
            self.rest().await?;
        }
        self.lockstep.engine().clock.set(until);
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
}
