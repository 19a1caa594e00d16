//! The outcome of a scenario: figures, bulletin, and everything that went otherwise than expected.
//!
//! The outcome keeps the journal and the projection of it, so that whoever ran the scenario can go on from
//! there. Its JSON is the same, byte for byte, on every run.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_insight::{Insight, InsightError, Language, TextOptions, bulletin_text};
use picket_journal::Journal;
use picket_schemas::Jurisdiction;
use picket_schemas::ask::{BulletinView, FiguresView, Question, View};
use picket_schemas::figures::Figures;
use serde::Serialize;

use super::files::Scenario;
use super::lookup::{Bindings, subject};
use super::miss::Miss;

/// The as-of instant of a run.
pub(crate) struct Closed {
    figures: FiguresView,
    bulletin: BulletinView,
    texts: [String; 2],
}

impl Closed {
    pub(crate) fn new(
        figures: FiguresView,
        bulletin: BulletinView,
        zone: &TimeZone,
        options: &TextOptions,
    ) -> Self {
        let texts = [Language::Zh, Language::En]
            .map(|language| bulletin_text(&bulletin, language, zone, options));
        Self {
            figures,
            bulletin,
            texts,
        }
    }
}

/// The outcome of a scenario.
pub struct ScenarioOutcome {
    /// The scenario's name.
    pub name: String,
    /// The figures of the topmost jurisdiction at the as-of instant.
    pub figures: Figures,
    /// The same for each jurisdiction below it.
    pub areas: BTreeMap<String, Figures>,
    /// The bulletin, frozen where the scenario freezes one.
    pub bulletin: BulletinView,
    /// The bulletin in Chinese.
    pub text_zh: String,
    /// The bulletin in English.
    pub text_en: String,
    /// The misses: all that went otherwise than expected; empty when all is well.
    pub misses: Vec<Miss>,
    /// How many notices were queued and not suppressed, by full id of the person and kind.
    pub notices: BTreeMap<(String, String), u64>,
    /// The events of everything whose timeline is expected, in order.
    pub timelines: BTreeMap<String, Vec<String>>,
    /// The record each name of the script stands for.
    pub bound: BTreeMap<String, (Jurisdiction, String)>,
    /// Where the clock stood at the end.
    pub ended: Timestamp,
    /// The journal that was written.
    pub journal: Arc<dyn Journal>,
    /// The projection of the journal, read to its end.
    pub insight: Insight,
}

/// The parts of a run that has ended.
pub(crate) struct EndedRun {
    pub(crate) closed: Closed,
    pub(crate) misses: Vec<Miss>,
    pub(crate) bound: Bindings,
    pub(crate) notices: BTreeMap<(String, String), u64>,
    pub(crate) insight: Insight,
    pub(crate) at: Timestamp,
    pub(crate) journal: Arc<dyn Journal>,
}

impl EndedRun {
    /// Compares what came of a scenario with what it expects.
    pub(crate) fn compare(self, scenario: &Scenario) -> Result<ScenarioOutcome, InsightError> {
        let (manifest, expect) = (&scenario.manifest, &scenario.expect);
        let timelines = self.timelines(scenario)?;
        let Self {
            closed,
            mut misses,
            bound,
            notices,
            insight,
            at: ended,
            journal,
        } = self;
        let Closed {
            figures: FiguresView { figures, areas, .. },
            bulletin,
            texts: [text_zh, text_en],
        } = closed;
        expect.compare_figures(&manifest.scope(), &figures, &areas, &mut misses);
        expect.compare_notices(&manifest.home, &notices, &mut misses);
        expect.compare_timelines(&timelines, &mut misses);
        expect.compare_bulletin(&[&text_zh, &text_en], &mut misses);
        Ok(ScenarioOutcome {
            name: manifest.name.clone(),
            figures,
            areas,
            bulletin,
            text_zh,
            text_en,
            misses,
            notices,
            timelines,
            bound,
            ended,
            journal,
            insight,
        })
    }

    /// The events of everything whose timeline is expected, as far as it is there.
    fn timelines(
        &self,
        scenario: &Scenario,
    ) -> Result<BTreeMap<String, Vec<String>>, InsightError> {
        let mut timelines = BTreeMap::new();
        for of in scenario.expect.timelines.keys() {
            let Some((jurisdiction, id)) = subject(of, &self.bound, &scenario.manifest.home) else {
                continue;
            };
            let question = Question::Timeline {
                jurisdiction,
                of: id,
            };
            let kinds = match self.insight.answer(&question, self.at)? {
                View::Timeline(items) => items.into_iter().map(|item| item.kind).collect(),
                _ => Vec::new(),
            };
            timelines.insert(of.clone(), kinds);
        }
        Ok(timelines)
    }
}

impl ScenarioOutcome {
    /// True where every expectation holds.
    pub fn ok(&self) -> bool {
        self.misses.is_empty()
    }

    /// The JSON that `picket replay --json` prints.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct TextJson<'a> {
            zh: &'a str,
            en: &'a str,
        }
        #[derive(Serialize)]
        struct BulletinJson<'a> {
            #[serde(flatten)]
            view: &'a BulletinView,
            text: TextJson<'a>,
        }
        #[derive(Serialize)]
        struct OutcomeJson<'a> {
            ok: bool,
            figures: &'a Figures,
            bulletin: BulletinJson<'a>,
            misses: &'a [Miss],
        }
        let bulletin = BulletinJson {
            view: &self.bulletin,
            text: TextJson {
                zh: &self.text_zh,
                en: &self.text_en,
            },
        };
        serde_json::to_string(&OutcomeJson {
            ok: self.ok(),
            figures: &self.figures,
            bulletin,
            misses: &self.misses,
        })
        .expect("figures and texts can be written as JSON")
    }
}
