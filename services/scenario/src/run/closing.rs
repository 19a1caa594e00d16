//! The close of a run: the last bells before the as-of instant, the freeze, the figures.

use picket_insight::TextOptions;
use picket_schemas::ask::{BulletinView, FiguresView, Question, View};
use picket_schemas::{CommandId, bulletin};

use super::{CODE_VERSION, CannotRun, Phase, Progress, RunningScenario};
use crate::files::Scenario;
use crate::report::Closed;

impl RunningScenario<'_> {
    /// The as-of instant: the last bells, the freeze, the figures.
    pub(super) async fn close(
        &mut self,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Closed, CannotRun> {
        let manifest = &self.scenario.manifest;
        self.advance(manifest.as_of).await?;
        self.rest().await?;
        let lines = self.scenario.lines.len();
        progress(Progress {
            phase: Phase::Closing,
            done: lines,
            of: lines,
            at: manifest.as_of,
        });
        let scope = manifest.scope();
        let mut id = None;
        if let (Some(name), Some(clerk)) = (&manifest.freeze, self.scenario.clerk()) {
            let command = bulletin::Command::Freeze {
                name: name.clone(),
                from: Some(manifest.from),
                as_of: Some(manifest.as_of),
                rounding: manifest.rounding,
                overrides: manifest.overrides.clone(),
            };
            let answer = self
                .wish(&scope, CommandId::from("freeze"), clerk, command.into())
                .await
                .map_err(CannotRun::NotFrozen)?;
            id = answer.created.first().cloned();
            self.rest().await?;
        }
        let insight = self.feed.insight()?;
        let figures = insight.figures(&scope, manifest.from, manifest.as_of)?;
        let frozen = match insight.answer(
            &Question::Bulletin {
                jurisdiction: scope.clone(),
                bulletin: id,
            },
            manifest.as_of,
        )? {
            View::Bulletin(frozen) => frozen,
            _ => None,
        };
        let bulletin = frozen.unwrap_or_else(|| draft(self.scenario, &figures));
        let options = TextOptions {
            title: manifest.title.clone(),
        };
        Ok(Closed::new(figures, bulletin, &manifest.zone, &options))
    }
}

/// The bulletin as it would be, where the scenario freezes none.
fn draft(scenario: &Scenario, view: &FiguresView) -> BulletinView {
    let manifest = &scenario.manifest;
    let scope = manifest.scope();
    let name = manifest
        .names
        .get(&scope)
        .or_else(|| view.names.get(scope.as_str()));
    BulletinView {
        jurisdiction: scope.to_string(),
        jurisdiction_name: name.cloned().unwrap_or_else(|| scope.to_string()),
        bulletin: String::new(),
        name: manifest.name.clone(),
        from: view.from,
        as_of: view.as_of,
        rounding: manifest.rounding,
        approved: false,
        corrects: None,
        figures: view.figures.clone(),
        areas: view.areas.clone(),
        names: view.names.clone(),
        code_version: CODE_VERSION.to_owned(),
        overrides: manifest.overrides.clone(),
    }
}
