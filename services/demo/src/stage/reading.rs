//! The reading back of what the books wrote: insight gets it, the story tells its part of it, and what Picket's own
//! parts do upon it is done here.

use picket_directory::SYSTEM;
use picket_node::problem::{Exit, Failure};
use picket_reading::Decoded;
use picket_schemas::{Command, Event, Jurisdiction, PersonId, bulletin, courier};

use super::{COUNTY, DemoStage};
use crate::halt::Halt;
use crate::tell::StoryTeller;

impl DemoStage {
    /// Lets the books come to rest, tells what they wrote, and does what Picket's own parts do: freezes get
    /// their figures, notices of the story count as shown.
    pub(super) async fn rest(&mut self) -> Result<(), Halt> {
        loop {
            self.lockstep.settle().await?;
            let (commits, place) = match self.lockstep.engine().cache.published_after(self.place) {
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

    /// Tells the story's part of a commit.
    async fn tell(&mut self, commit: &Decoded) -> Result<(), Halt> {
        let commit = &commit.commit;
        let Some((_, COUNTY)) = commit.book.split_once('/') else {
            return Ok(());
        };
        let mut teller = StoryTeller {
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

    /// Sends what Picket's own parts send upon a commit.
    async fn follow(&mut self, commit: &Decoded) -> Result<(), Halt> {
        let Some((_, home)) = commit.commit.book.split_once('/') else {
            return Ok(());
        };
        let home = Jurisdiction::from(home);
        for event in commit.commit.entries.iter().flat_map(|entry| &entry.events) {
            if let Some((id, command)) = self.reaction(&home, event)? {
                let system = PersonId::new(&home, SYSTEM);
                // What comes of it stands in the journals, and is read there.
                drop(self.send(id, system, home.clone(), command).await);
            }
        }
        Ok(())
    }

    /// A bulletin asked for gets its figures, a notice of the story counts as shown; each with the id of its wish.
    fn reaction(
        &self,
        home: &Jurisdiction,
        event: &Event,
    ) -> Result<Option<(String, Command)>, Halt> {
        Ok(Some(match event {
            Event::Bulletin(bulletin::Event::BulletinRequested {
                bulletin,
                from,
                as_of,
                ..
            }) => {
                let view = self.insight.figures(home, *from, *as_of)?;
                let settle = bulletin::Command::Settle {
                    bulletin: bulletin.clone(),
                    positions: view.positions,
                    figures: view.figures,
                    areas: view.areas,
                    code_version: env!("CARGO_PKG_VERSION").into(),
                };
                (format!("settle:{home}:{bulletin}"), settle.into())
            }
            Event::Courier(courier::Event::NoticeHanded {
                notice,
                about,
                attempt,
                also,
                ..
            }) if self.known.has(about.as_str())
                || also.iter().any(|one| self.known.has(one.about.as_str())) =>
            {
                let sent = courier::Command::ReportDelivery {
                    notice: notice.clone(),
                    attempt: *attempt,
                    delivery: courier::Delivery::Sent,
                    reason: String::new(),
                    channel: String::new(),
                    retry_after: None,
                };
                (format!("delivery:{home}:{notice}:{attempt}"), sent.into())
            }
            _ => return Ok(None),
        }))
    }
}
