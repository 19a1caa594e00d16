//! `expect.json`: what must come of a scenario.
//!
//! Figures, figures by area, notices by person and kind, timelines, words of the bulletin. What is not
//! named is not compared. Whatever differs becomes a miss with both sides.
//! It does not know how a figure is counted.

use std::collections::BTreeMap;

use picket_schemas::Jurisdiction;
use picket_schemas::courier::NoticeKind;
use picket_schemas::figures::{FIGURES, Figures};
use picket_schemas::plain::plain;
use serde::Deserialize;

use super::fault::ScenarioFault;
use super::lookup::told;
use super::manifest::{self, Manifest};
use super::miss::Miss;
use super::resolve;
use super::script::ScriptLine;

/// The name of the file.
pub(crate) const FILE: &str = "expect.json";
/// Stands in a timeline for anything, or nothing.
const GAP: [&str; 2] = ["…", "..."];
const DEPARTMENTS: &str = "leads_by_department";

/// The expectations of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Figures of the scope.
    #[serde(default)]
    pub figures: BTreeMap<String, Number>,
    /// Figures of single jurisdictions.
    #[serde(default)]
    pub areas: BTreeMap<String, BTreeMap<String, Number>>,
    /// How many notices a person has of a kind.
    #[serde(default)]
    pub notices: Vec<ExpectedNotices>,
    /// The timelines of things, by `$name` or id.
    #[serde(default)]
    pub timelines: BTreeMap<String, Vec<String>>,
    /// Words of the bulletin, in either language.
    #[serde(default)]
    pub bulletin_contains: Vec<String>,
}

/// A figure, or a figure by department.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Number {
    /// One number.
    One(i64),
    /// A number for each department.
    Each(BTreeMap<String, i64>),
}

/// How many notices a person has of a kind, those suppressed left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedNotices {
    /// The person.
    pub to: String,
    /// The kind of notice.
    pub kind: String,
    /// How many.
    pub count: u64,
}

impl Expect {
    /// Reads the file; names that nothing has are mistakes.
    pub(crate) fn parse(
        text: &str,
        manifest: &Manifest,
        lines: &[ScriptLine],
        faults: &mut Vec<ScenarioFault>,
    ) -> Self {
        let expect: Self = match serde_json::from_str(text) {
            Ok(expect) => expect,
            Err(why) => {
                let hint = r#"It is {"figures":{"leads":69},"areas":{"420902":{"leads":12}},"notices":[{"to":"P-0017","kind":"reminder","count":2}],"timelines":{"$case1":["lead.opened"]},"bulletin_contains":["…"]}."#;
                faults.push(ScenarioFault::new(
                    FILE,
                    why.line() as u64,
                    plain(&why),
                    hint,
                ));
                return Self::default();
            }
        };
        let mut fault =
            |what: String, hint: String| faults.push(ScenarioFault::new(FILE, 0, what, hint));
        expect.check_figures(&mut fault);
        expect.check_areas(manifest, &mut fault);
        expect.check_notices(&mut fault);
        expect.check_timelines(lines, &mut fault);
        expect
    }

    fn check_figures(&self, fault: &mut impl FnMut(String, String)) {
        let areas = self
            .areas
            .iter()
            .map(|(area, figures)| (area.as_str(), figures));
        for (of, figures) in std::iter::once(("figures", &self.figures)).chain(areas) {
            for (key, number) in figures {
                match number {
                    Number::One(_) if FIGURES.iter().any(|(known, _)| known == key) => {}
                    Number::Each(_) if key == DEPARTMENTS => {}
                    _ => fault(
                        format!("`{of}.{key}` is no figure"),
                        format!(
                            "{} Besides there is {DEPARTMENTS}, with a number for each department.",
                            manifest::figures_hint()
                        ),
                    ),
                }
            }
        }
    }

    fn check_areas(&self, manifest: &Manifest, fault: &mut impl FnMut(String, String)) {
        let known = &manifest.territory.jurisdictions;
        for area in self.areas.keys() {
            if !known.contains_key(area.as_str()) {
                fault(
                    format!("`areas.{area}` is not among the jurisdictions"),
                    "Name jurisdictions of scenario.toml.".to_owned(),
                );
            }
        }
    }

    fn check_notices(&self, fault: &mut impl FnMut(String, String)) {
        for ExpectedNotices { kind, .. } in &self.notices {
            if serde_json::from_value::<NoticeKind>(kind.as_str().into()).is_err() {
                fault(
                    format!("there is no notice of kind `{kind}`"),
                    "Kinds are offer, returned, unassigned, review, screen, routed, finding_routed, finding_cleared, lead_returned, verify, fix_failed, reminder, ladder, proposal, digest, bulletin.".to_owned(),
                );
            }
        }
    }

    fn check_timelines(&self, lines: &[ScriptLine], fault: &mut impl FnMut(String, String)) {
        let kinds = picket_schemas::event::kinds();
        for (of, timeline) in &self.timelines {
            if let Some(name) = resolve::name(of)
                && !lines.iter().any(|line| line.bind.as_deref() == Some(name))
            {
                fault(
                    format!("no line of the script binds `{of}`"),
                    format!(
                        "Write \"bind\":\"{name}\" in the line that creates it, or an id such as 420902/C-1."
                    ),
                );
            }
            for kind in timeline.iter().filter(|kind| {
                !GAP.contains(&kind.as_str()) && !kinds.iter().any(|(_, known)| known == kind)
            }) {
                fault(
                    format!("`{kind}` in the timeline of `{of}` is no event"),
                    "Events are named as in `lead.opened`; `picket map` prints them, and \"…\" stands for any.".to_owned(),
                );
            }
        }
    }

    pub(crate) fn compare_figures(
        &self,
        scope: &Jurisdiction,
        figures: &Figures,
        areas: &BTreeMap<String, Figures>,
        misses: &mut Vec<Miss>,
    ) {
        let mut compare = |path: &str, expected: &BTreeMap<String, Number>, figures: &Figures| {
            for (key, number) in expected {
                match number {
                    Number::One(number) if figures.get(key) != *number => {
                        misses.push(Miss::new(format!("{path}.{key}"), number, figures.get(key)))
                    }
                    Number::One(_) => {}
                    Number::Each(departments) => {
                        for (code, number) in departments {
                            let got = figures
                                .leads_by_department
                                .get(code)
                                .copied()
                                .unwrap_or_default();
                            if got != *number {
                                misses.push(Miss::new(format!("{path}.{key}.{code}"), number, got));
                            }
                        }
                    }
                }
            }
        };
        compare("figures", &self.figures, figures);
        for (area, expected) in &self.areas {
            let none = Figures::default();
            let of = if *area == *scope.as_str() && !areas.contains_key(area) {
                figures
            } else {
                areas.get(area).unwrap_or(&none)
            };
            compare(&format!("areas.{area}"), expected, of);
        }
    }

    pub(crate) fn compare_notices(
        &self,
        home: &Jurisdiction,
        notices: &BTreeMap<(String, String), u64>,
        misses: &mut Vec<Miss>,
    ) {
        for ExpectedNotices { to, kind, count } in &self.notices {
            let got = notices
                .get(&(told(to, home), kind.clone()))
                .copied()
                .unwrap_or_default();
            if got != *count {
                misses.push(Miss::new(format!("notices.{to}.{kind}"), count, got));
            }
        }
    }

    pub(crate) fn compare_timelines(
        &self,
        timelines: &BTreeMap<String, Vec<String>>,
        misses: &mut Vec<Miss>,
    ) {
        for (of, expected) in &self.timelines {
            let got = timelines.get(of).map_or(&[][..], Vec::as_slice);
            if !matches(expected, got) {
                let got = if got.is_empty() {
                    "nothing".to_owned()
                } else {
                    got.join(" ")
                };
                misses.push(Miss::new(
                    format!("timelines.{of}"),
                    expected.join(" "),
                    got,
                ));
            }
        }
    }

    pub(crate) fn compare_bulletin(&self, texts: &[&str], misses: &mut Vec<Miss>) {
        for words in &self.bulletin_contains {
            if !texts.iter().any(|text| text.contains(words.as_str())) {
                misses.push(Miss::new(
                    "bulletin_contains",
                    words,
                    texts.first().unwrap_or(&""),
                ));
            }
        }
    }
}

/// True where a timeline is as expected: these events in this order, with any others between them.
/// Where a gap `…` stands, others may be only there: the rest is the whole timeline, event for event.
fn matches(expected: &[String], got: &[String]) -> bool {
    let is_gap = |kind: &String| GAP.contains(&kind.as_str());
    if !expected.iter().any(is_gap) {
        let mut rest = got.iter();
        return expected.iter().all(|kind| rest.any(|other| other == kind));
    }
    let runs: Vec<&[String]> = expected.split(is_gap).collect();
    let (Some((first, middle)), Some(last)) = (runs.split_first(), runs.last()) else {
        return true;
    };
    let Some(mut rest) = got
        .strip_prefix(*first)
        .and_then(|rest| rest.strip_suffix(*last))
    else {
        return false;
    };
    for run in middle
        .iter()
        .take(middle.len().saturating_sub(1))
        .filter(|run| !run.is_empty())
    {
        let Some(at) = rest.windows(run.len()).position(|window| window == *run) else {
            return false;
        };
        rest = &rest[at + run.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_timeline_holds_its_events_in_order_with_others_between_them() {
        let got = list("a b c d");
        for good in ["", "a d", "b c", "a b c d"] {
            assert!(matches(&list(good), &got), "{good}");
        }
        for bad in ["b a", "a a", "e"] {
            assert!(!matches(&list(bad), &got), "{bad}");
        }
    }

    #[test]
    fn with_a_gap_only_the_gap_may_hold_others() {
        let got = list("a b c d");
        for good in [
            "a … d",
            "a b … d",
            "… d",
            "a …",
            "…",
            "a ... c d",
            "… b c …",
            "a … b c d",
            "a b c d …",
        ] {
            assert!(matches(&list(good), &got), "{good}");
        }
        for bad in ["a … c", "b … d", "a c … d", "… c b …", "a b c d … d"] {
            assert!(!matches(&list(bad), &got), "{bad}");
        }
    }
}
