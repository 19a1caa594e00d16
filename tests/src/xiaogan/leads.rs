//! The leads of the year: which there are, where each comes from, and how it opens.
//!
//! Planned before the sweeps, so that the sheets carry exactly the problem rows that are needed; opened after
//! them, when each row has its sheet and its instant. How a lead goes on stands in `cases`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;
use serde_json::{Value, json};

use crate::xiaogan::days::{at, later, on, plus, work};
use crate::xiaogan::random::Random;
use crate::xiaogan::script::{Script, sheet};
use crate::xiaogan::sweeps::{Finds, Problem, Problems, WEEKLY};
use crate::xiaogan::tables::story_custody;
use crate::xiaogan::world::{County, Institution};

/// What verification will show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Substantiated, with a code H1–H3.
    Hidden,
    /// Substantiated, with another code.
    Other,
    /// Not substantiated.
    Not,
}

/// Where a lead comes from.
#[derive(Clone, Debug)]
enum Origin {
    Row(u32, String),
    Place(usize),
    Hotline(String),
}

/// A lead to come.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Which county, by its place in the table.
    pub county: usize,
    /// What verification will show.
    pub kind: Kind,
    origin: Origin,
    /// Violation codes the desk gives it.
    pub codes: Vec<&'static str>,
    /// Found at once, not only when the sheet goes in.
    pub urgent: bool,
    /// The lead that is told from beginning to end.
    pub story: bool,
    /// A later hotline report about the same goes into it.
    merges: bool,
}

/// A lead as the script knows it.
#[derive(Debug)]
pub struct Opened {
    /// What was planned.
    pub plan: Planned,
    /// When it opened.
    pub opened: DateTime,
    /// How later lines name it.
    pub find: Value,
    /// Whom it is about.
    pub subject: String,
    /// Whether that stands on the list.
    pub listed: bool,
    /// What it trains, where that is known.
    pub training: &'static str,
}

const HIDDEN: [&[&str]; 6] = [
    &["H1"],
    &["H1"],
    &["H1", "F1"],
    &["H2"],
    &["H1"],
    &["H1", "H3"],
];
const OTHER: [&[&str]; 16] = [
    &["Q2"],
    &["F1"],
    &["A1"],
    &["S1"],
    &["Q3"],
    &["F4"],
    &["M1"],
    &["F2"],
    &["P2"],
    &["S2"],
    &["Q1"],
    &["M2"],
    &["C1"],
    &["F3"],
    &["D1"],
    &["S3"],
];
const NOT: [&[&str]; 7] = [
    &["H1"],
    &["A1"],
    &["Q3"],
    &["F4"],
    &["M2"],
    &["H2"],
    &["F1"],
];

/// All leads of the year, county by county.
pub fn plan(counties: &[County]) -> Vec<Planned> {
    let mut all = Vec::new();
    let mut serial: BTreeMap<u8, usize> = BTreeMap::new();
    let mut codes = |kind: Kind| {
        let (key, table): (u8, &[&'static [&'static str]]) = match kind {
            Kind::Hidden => (0, &HIDDEN),
            Kind::Other => (1, &OTHER),
            Kind::Not => (2, &NOT),
        };
        let next = serial.entry(key).or_default();
        *next += 1;
        table[(*next - 1) % table.len()].to_vec()
    };
    for county in counties {
        let plan = county.plan;
        let mut pick = Picker {
            county,
            used: BTreeSet::from([story_custody(&counties[0])]),
        };
        let hidden_places = plan.places.min(plan.hidden) - usize::from(plan.places > 2);
        let (mut places, mut rows) = (0, 0);
        let mut repeated: Vec<(u32, String)> = Vec::new();
        for (kind, count) in [
            (Kind::Hidden, plan.hidden),
            (Kind::Other, plan.other),
            (Kind::Not, plan.not),
        ] {
            for nth in 0..count {
                let story = county.index == 0 && kind == Kind::Hidden && nth == 0;
                let place = match kind {
                    Kind::Hidden => !story && places < hidden_places,
                    Kind::Other => false,
                    Kind::Not => places < plan.places,
                };
                let hotline = plan.hotline > 0
                    && if county.index == 0 {
                        kind == Kind::Other && nth == 0
                    } else {
                        kind == Kind::Not && nth + 1 == count
                    };
                let origin = if story {
                    Origin::Row(WEEKLY, story_custody(county))
                } else if place {
                    places += 1;
                    Origin::Place(places)
                } else if hotline {
                    Origin::Hotline(pick.any(1))
                } else if county.index == 0
                    && kind == Kind::Hidden
                    && !repeated.is_empty()
                    && nth >= plan.hidden - 2
                {
                    let (round, code) = repeated.pop().expect("not empty");
                    Origin::Row(round, code)
                } else {
                    let round = [1, 1, 2, 3, 2][rows % 5];
                    rows += 1;
                    if county.index == 0 && kind == Kind::Hidden {
                        let second = if repeated.is_empty() { 2 } else { 3 };
                        let code = pick.any(second);
                        repeated.push((second, code.clone()));
                        Origin::Row(1, code)
                    } else {
                        Origin::Row(round, pick.any(round))
                    }
                };
                let row = matches!(origin, Origin::Row(..));
                let urgent = row && !story && kind == Kind::Other && nth == 1;
                let codes = if story { vec!["H1"] } else { codes(kind) };
                all.push(Planned {
                    county: county.index,
                    kind,
                    origin,
                    codes,
                    urgent,
                    story,
                    merges: false,
                });
            }
        }
        // Substantiated leads from rows get the second reports.
        let mut left = plan.merged;
        for lead in all.iter_mut().filter(|lead| {
            lead.county == county.index
                && lead.kind == Kind::Other
                && matches!(lead.origin, Origin::Row(..))
                && !lead.urgent
        }) {
            lead.merges = left > 0;
            left = left.saturating_sub(1);
        }
        assert_eq!(
            left, 0,
            "{} has a lead for each report that is merged",
            plan.code
        );
    }
    all
}

/// Chooses an institution for a problem row, each once.
struct Picker<'a> {
    county: &'a County,
    used: BTreeSet<String>,
}

impl Picker<'_> {
    /// One that stands on a sheet of the round. Sheets with a shut door stay free of problems.
    fn any(&mut self, round: u32) -> String {
        let fits = |it: &Institution| match round {
            1 => !it.school,
            2 => it.risk == "high",
            _ => it.risk == "normal" && !it.school,
        };
        let free = |post: &&super::world::Post| {
            post.area != super::world::STORY_AREA && post.institutions.iter().all(|it| !it.never)
        };
        let posts = self
            .county
            .posts
            .iter()
            .enumerate()
            .filter(|(n, _)| n % 2 == 0)
            .map(|(_, post)| post)
            .filter(free);
        let all: Vec<&str> = posts
            .flat_map(|post| post.institutions.iter().filter(|it| fits(it)))
            .map(|it| it.code.as_str())
            .filter(|code| !self.used.contains(*code))
            .collect();
        // From the middle, so that neighbours on one sheet are rare.
        let code = all[(self.used.len() * 7) % all.len()].to_owned();
        self.used.insert(code.clone());
        code
    }
}

/// The problem rows the sheets must carry.
pub fn problems(leads: &[Planned], counties: &[County]) -> Problems {
    let mut problems = Problems::new();
    for lead in leads {
        let Origin::Row(round, code) = &lead.origin else {
            continue;
        };
        let place = counties[lead.county].institution(code);
        let note = if lead.story {
            "托管班内开设数学培优课，黑板有课表".to_owned()
        } else {
            format!("{}：{}", place.name, seen(lead.codes[0]))
        };
        // The sentinel names a code when sure; the desk classifies in any case.
        let codes = if lead.codes.len() == 1 {
            lead.codes.clone()
        } else {
            Vec::new()
        };
        let before = problems.insert(
            (lead.county, *round, code.clone()),
            Problem {
                codes,
                note,
                urgent: lead.urgent,
            },
        );
        assert!(before.is_none(), "one problem a row");
    }
    problems
}

/// What somebody without a certificate says about it.
fn seen(code: &str) -> &'static str {
    match code {
        "H1" => "住宅内有学生上课",
        "H2" => "直播间教授学科内容",
        "Q1" => "无证无照开班",
        "Q2" => "有照无证招生",
        "Q3" => "超范围培训",
        "F1" | "F2" | "F3" | "F4" => "收费与公示不符",
        "A1" => "门口散发招生广告",
        "S1" | "S2" | "S3" => "安全通道堵塞",
        "M1" => "教材未备案",
        "M2" => "周末排课",
        "P2" => "教师无资格公示",
        "C1" => "组织竞赛",
        _ => "公示信息缺失",
    }
}

/// Opens every lead: places are reported, the hotline rings, rows are there already.
pub fn open(
    script: &mut Script,
    counties: &[County],
    leads: Vec<Planned>,
    finds: &Finds,
    random: &mut Random,
) -> Vec<Opened> {
    let mut opened = Vec::with_capacity(leads.len());
    for (nth, plan) in leads.into_iter().enumerate() {
        let county = &counties[plan.county];
        let code = county.plan.code;
        let (when, find, subject, listed) = match &plan.origin {
            Origin::Row(round, row) => {
                let found = finds
                    .get(&(plan.county, *round, row.clone()))
                    .expect("the sheet carries the row");
                let find =
                    json!({"find": "lead", "task": sheet(&found.batch, &found.post), "row": row});
                (found.when, find, row.clone(), true)
            }
            Origin::Place(n) => {
                let (when, place) = report_place(script, county, *n, &plan, random);
                (
                    when,
                    json!({"find": "lead", "place": place.0}),
                    place.1,
                    false,
                )
            }
            Origin::Hotline(subject) => {
                let when = at(
                    on(5, 23),
                    15,
                    i8::try_from(plan.county).expect("few counties"),
                );
                let name = format!("hotline-{code}");
                hotline(
                    script,
                    county,
                    subject,
                    when,
                    &name,
                    "来电反映该机构违规，要求核查",
                );
                (
                    when,
                    json!({"find": "lead", "report": format!("${name}")}),
                    subject.clone(),
                    true,
                )
            }
        };
        let counted = &mut script.counted[plan.county];
        counted.add("raw_reports", 1);
        counted.add("leads", 1);
        let training = if listed {
            county.institution(&subject).training
        } else {
            ""
        };
        if plan.merges {
            let name = format!("second-{code}-{nth}");
            // After the first went in, while the desk has not yet routed it.
            let rings = plus(when, 3);
            hotline(
                script,
                county,
                &subject,
                rings,
                &name,
                "家长来电，同一机构、同一问题",
            );
            let again = json!({"find": "lead", "report": format!("${name}")});
            script.wish(
                plus(rings, 6),
                &county.dispatcher(),
                code,
                "rectification.merge_leads",
                json!({"into": find, "leads": [again]}),
            );
            script.counted[plan.county].add("raw_reports", 1);
        }
        opened.push(Opened {
            plan,
            opened: when,
            find,
            subject,
            listed,
            training,
        });
    }
    opened
}

fn hotline(
    script: &mut Script,
    county: &County,
    subject: &str,
    when: DateTime,
    name: &str,
    text: &str,
) {
    let area = county
        .posts
        .iter()
        .find(|post| post.institutions.iter().any(|it| it.code == subject))
        .expect("it stands somewhere")
        .area
        .clone();
    script
        .wish(when, &county.dispatcher(), county.plan.code, "rectification.receive_report", json!({
            "source": "hotline", "subject": {"kind": "institution", "id": subject}, "area": area, "text": text,
        }))
        .bind(name);
}

/// A sentinel comes across a place on no list.
fn report_place(
    script: &mut Script,
    county: &County,
    n: usize,
    plan: &Planned,
    random: &mut Random,
) -> (DateTime, (String, String)) {
    let post = &county.posts[(n * 5 + 2) % county.posts.len()];
    let finder = &post.members[n % 2];
    // Some are found at weekends; each in a month of its own, so that U-1 is the first.
    let date = later(
        on([3, 5, 7, 9, 10][n - 1], 11),
        i32::try_from(random.below(9)).expect("few days"),
    );
    let when = at(date, 15, 5);
    let name = format!("place-{}-{n}", county.plan.code);
    let (subject, code) = (format!("U-{n}"), county.plan.code);
    script
        .wish(when, finder, code, "dispatch.report_place", json!({
            "area": post.area, "address": format!("{}{}栋二单元", post.place, 3 * n), "seen": "住宅内摆放课桌，多名学生进出", "codes": plan.codes,
        }))
        .bind(&name);
    let counted = &mut script.counted[county.index];
    counted.day(date, finder);
    counted.visited.insert(subject.clone());
    (when, (format!("${name}"), subject))
}

/// The first moment of the desk after something came in.
pub fn desk(opened: DateTime, urgent: bool, nth: usize) -> DateTime {
    if urgent {
        return plus(opened, 20);
    }
    let minute = i8::try_from(nth % 50).expect("below 50");
    at(work(opened.date(), 1), 9, minute)
}
