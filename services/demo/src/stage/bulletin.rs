//! The year's bulletin: approved, and printed as people read it.

use picket_insight::{TextOptions, bulletin_text};
use picket_node::problem::Failure;
use picket_scenario::Manifest;
use picket_schemas::ask::{BulletinView, Question, View};
use picket_schemas::{Jurisdiction, PersonId, bulletin};

use super::DemoStage;
use crate::halt::{Halt, missing};

/// The person who approves the bulletins of the city above.
const APPROVER: &str = "P-9003";

impl DemoStage {
    /// The year's frozen bulletin, approved by somebody else than its clerk, with what its figures are.
    pub(crate) async fn bulletin(
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
        let language = self.words.language();
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
