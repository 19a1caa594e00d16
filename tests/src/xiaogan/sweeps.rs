//! The sweeps of the year: sheets taken, filled, returned, approved, gone to again.
//!
//! The city sweeps everything in spring, each county its high-risk places in summer and the others in autumn;
//! one community has a sheet every Monday. Which row is a problem was planned by `leads`; everything else
//! that may happen to a sheet happens on sheets without one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime, Weekday};
use serde_json::json;

use crate::xiaogan::days::{at, is_work, later, on, plus, work, written};
use crate::xiaogan::random::Random;
use crate::xiaogan::script::{Script, sheet};
use crate::xiaogan::world::{County, Institution, Post, STORY_AREA, city};

/// A problem row that a sheet must have.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Codes the sentinel names.
    pub codes: Vec<&'static str>,
    /// What was seen.
    pub note: String,
    /// Found at once.
    pub urgent: bool,
}

/// Where a problem row ended up: the sheet, and when it was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The batch of the sheet.
    pub batch: String,
    /// Its post.
    pub post: String,
    /// When it was found.
    pub when: DateTime,
}

/// Problem rows by county, round and institution.
pub type Problems = BTreeMap<(usize, u32, String), Problem>;
/// Where they were found, by the same key.
pub type Finds = BTreeMap<(usize, u32, String), Found>;

/// The round of the Monday sheets.
pub const WEEKLY: u32 = 0;

/// When the city's batch, and each county's, comes.
fn issued(round: u32, county: usize) -> DateTime {
    match round {
        1 => at(on(3, 6), 9, 0),
        2 => at(
            on(7, 3),
            9,
            10 + i8::try_from(county).expect("few counties"),
        ),
        _ => at(
            on(10, 9),
            9,
            10 + i8::try_from(county).expect("few counties"),
        ),
    }
}

/// The Mondays on which the community's sheet comes.
pub fn mondays() -> Vec<Date> {
    let mut all = Vec::new();
    let mut date = on(1, 9);
    while date <= on(12, 18) {
        debug_assert_eq!(date.weekday(), Weekday::Monday);
        if is_work(date) {
            all.push(date);
        }
        date = later(date, 7);
    }
    all
}

/// What happens to a sheet besides being filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    Plain,
    Declined,
    HandedOver,
    Returned,
    SyncedLate,
    ClosedDoor,
    AcceptedLate,
    Twice,
    Annotated,
    Overrun,
}

const TURNS: [Turn; 9] = [
    Turn::Declined,
    Turn::HandedOver,
    Turn::Returned,
    Turn::SyncedLate,
    Turn::ClosedDoor,
    Turn::AcceptedLate,
    Turn::Twice,
    Turn::Annotated,
    Turn::Overrun,
];

/// Writes all sweeps; every problem of `problems` is on one of the sheets.
pub fn write(
    script: &mut Script,
    counties: &[County],
    problems: &Problems,
    random: &mut Random,
) -> Finds {
    let mut finds = Finds::new();
    schedules(script, &counties[0]);
    for monday in mondays() {
        script.batch(0, at(monday, 8, 30));
    }
    for county in counties {
        for round in 1..=3 {
            script.batch(county.index, issued(round, county.index));
        }
    }
    pairs_batch(script, &counties[0]);
    let absent = &counties[1];
    let [first, second] = &absent.posts[0].members;
    script.wish(at(on(6, 30), 9, 0), &absent.coordinator(), absent.plan.code, "registry.set_away", json!({
        "person": first, "from": written(at(on(7, 1), 0, 0)), "until": written(at(on(8, 1), 0, 0)), "substitute": second,
    }));
    script.wish(issued(1, 0), &city(1), "4209", "dispatch.issue_batch", json!({
        "name": "2023年春季全覆盖排查", "campaign": "2023春季", "round": 1, "select": {"area": "4209"}, "window": {"amount": 15, "unit": "working_day"},
    }));
    for county in counties {
        let code = county.plan.code;
        for (round, name, campaign, risk) in [
            (2, "2023年暑期重点场所排查", "2023暑期", "high"),
            (3, "2023年秋季常态排查", "2023秋季", "normal"),
        ] {
            script.wish(issued(round, county.index), &county.coordinator(), code, "dispatch.issue_batch", json!({
                "name": name, "campaign": campaign, "round": 1, "select": {"risk": risk}, "window": {"amount": 15, "unit": "working_day"},
            }));
        }
        for round in 1..=3 {
            sheets_of_round(script, county, round, problems, &mut finds, random);
        }
    }
    mondays_of(script, &counties[0], problems, &mut finds, random);
    finds
}

/// The community's Monday sheet and the Wednesday reminder, kept by the county.
fn schedules(script: &mut Script, county: &County) {
    let post = &story_post(county).code;
    let (by, code) = (county.coordinator(), county.plan.code);
    script.wish(at(on(1, 4), 9, 0), &by, code, "schedule.define", json!({
        "code": "weekly-sweep", "cron": "30 8 * * MON", "days": "working", "overlap": "skip", "catch_up": "latest",
        "does": {"issue_batch": {"name": "文昌社区每周排查", "select": {"post": post}}},
    }));
    script.wish(at(on(1, 4), 9, 5), &by, code, "schedule.define", json!({
        "code": "wednesday-reminder", "cron": "0 9 * * WED", "days": "working", "does": {"remind": {"of": "not_accepted"}},
    }));
}

/// The post whose first finding is told from beginning to end.
pub fn story_post(county: &County) -> &Post {
    county
        .posts
        .iter()
        .find(|post| post.area == STORY_AREA)
        .expect("the post of the story")
}

fn sheets_of_round(
    script: &mut Script,
    county: &County,
    round: u32,
    problems: &Problems,
    finds: &mut Finds,
    random: &mut Random,
) {
    let batch = script.batch_id(county.index, issued(round, county.index));
    let mut turns = TURNS.iter().copied().cycle();
    for (n, post) in county.posts.iter().enumerate() {
        let of_round = |it: &&Institution| match round {
            1 => true,
            2 => it.risk == "high",
            _ => it.risk == "normal",
        };
        let rows: Vec<&Institution> = post.institutions.iter().filter(of_round).collect();
        if rows.is_empty() {
            continue;
        }
        let problem = |it: &Institution| problems.get(&(county.index, round, it.code.clone()));
        let quiet = rows.iter().all(|it| problem(it).is_none() && !it.never);
        let turn = if quiet && n % 2 == 1 {
            turns.next().expect("a cycle")
        } else {
            Turn::Plain
        };
        let start = issued(round, county.index).date();
        let filler = if away(county, post, round) {
            1
        } else {
            random.below(2)
        };
        let mut sheet = Sheet {
            script: &mut *script,
            county,
            post,
            batch: &batch,
            rows: &rows,
            filler,
        };
        let taken = sheet.take(turn, start, n);
        // The window has 15 working days; one sheet here and there overruns it.
        let wait = if turn == Turn::Overrun {
            17
        } else {
            random.between(1, 8)
        };
        let visit = work(taken.date(), i32::try_from(wait).expect("few days"));
        let ends = sheet.fill(turn, visit, &problem, random);
        for it in &rows {
            if let Some(problem) = problem(it) {
                let when = if problem.urgent {
                    plus(ends, -30)
                } else {
                    ends
                };
                finds.insert(
                    (county.index, round, it.code.clone()),
                    Found {
                        batch: batch.clone(),
                        post: post.code.clone(),
                        when,
                    },
                );
            }
        }
        sheet.check(turn, ends, n);
    }
}

/// Whether the first member of the post is away in a round, and the second stands in.
fn away(county: &County, post: &Post, round: u32) -> bool {
    county.index == 1 && round == 2 && post.code == county.posts[0].code
}

/// One sheet on its way.
struct Sheet<'a> {
    script: &'a mut Script,
    county: &'a County,
    post: &'a Post,
    batch: &'a str,
    rows: &'a [&'a Institution],
    filler: usize,
}

impl Sheet<'_> {
    fn who(&self) -> String {
        self.post.members[self.filler].clone()
    }

    fn other(&self) -> String {
        self.post.members[1 - self.filler].clone()
    }

    fn wish(
        &mut self,
        when: DateTime,
        by: &str,
        verb: &str,
        mut fields: serde_json::Value,
    ) -> &mut crate::xiaogan::script::Line {
        fields["task"] = sheet(self.batch, &self.post.code);
        self.script
            .wish(when, by, self.county.plan.code, verb, fields)
    }

    /// Somebody takes it, on the day it comes or the next.
    fn take(&mut self, turn: Turn, start: Date, n: usize) -> DateTime {
        let minute = i8::try_from(n).expect("few posts");
        let day = if n.is_multiple_of(3) {
            work(start, 1)
        } else {
            start
        };
        let taken = if turn == Turn::AcceptedLate {
            at(work(start, 5), 10, minute)
        } else {
            at(day, 10, minute)
        };
        let (who, other) = (self.who(), self.other());
        match turn {
            Turn::Declined => {
                self.wish(
                    plus(taken, -20),
                    &other,
                    "dispatch.decline_task",
                    json!({"reason": "本周外出培训"}),
                );
            }
            Turn::HandedOver => {
                self.wish(plus(taken, -30), &other, "dispatch.accept_task", json!({}));
                self.wish(
                    plus(taken, -20),
                    &other,
                    "dispatch.hand_over_task",
                    json!({"to": who, "reason": "调休"}),
                );
            }
            _ => {}
        }
        let id = format!("{}-{}-accept", self.batch, self.post.code);
        let line = self.wish(taken, &who, "dispatch.accept_task", json!({}));
        if turn == Turn::Twice {
            line.id(&id);
            self.wish(plus(taken, 5), &who, "dispatch.accept_task", json!({}))
                .id(&id);
        }
        taken
    }

    /// The rows are filled and the sheet goes in; returns when.
    fn fill<'p>(
        &mut self,
        turn: Turn,
        visit: Date,
        problem: &dyn Fn(&Institution) -> Option<&'p Problem>,
        random: &mut Random,
    ) -> DateTime {
        let who = self.who();
        let county = self.county.index;
        let mut when = at(
            visit,
            if turn == Turn::SyncedLate { 14 } else { 9 },
            i8::try_from(random.below(40)).expect("below 40"),
        );
        self.script.counted[county].day(visit, &who);
        let mut arrives = at(later(visit, 1), 20, 10);
        for (nth, it) in self.rows.iter().copied().enumerate() {
            when = plus(when, 12);
            let fields = match problem(it) {
                Some(problem) => {
                    json!({"row": it.code, "outcome": "problem", "codes": problem.codes, "note": problem.note, "urgent": problem.urgent})
                }
                None if it.never => {
                    json!({"row": it.code, "outcome": "not_visited", "note": "停业，未能进入"})
                }
                None if turn == Turn::ClosedDoor && nth == 0 => {
                    json!({"row": it.code, "outcome": "closed_door", "note": "无人应门"})
                }
                None if random.below(60) == 0 => {
                    json!({"row": it.code, "outcome": *random.one(&["moved", "not_found", "refused"])})
                }
                None => json!({"row": it.code, "outcome": "ok"}),
            };
            let line = self.wish(when, &who, "dispatch.fill_row", fields);
            if turn == Turn::SyncedLate {
                arrives = plus(arrives, 1);
                line.received(arrives);
            }
            if !it.never {
                self.script.counted[county].visited.insert(it.code.clone());
            }
        }
        let urgent = self
            .rows
            .iter()
            .any(|it| problem(it).is_some_and(|problem| problem.urgent));
        let ends = if turn == Turn::SyncedLate {
            plus(arrives, 10)
        } else {
            plus(when, if urgent { 45 } else { 15 })
        };
        if turn == Turn::Annotated {
            // The last answer counts; the one before stands in the history.
            let row = &self.rows[0].code;
            self.wish(
                plus(ends, -5),
                &who,
                "dispatch.fill_row",
                json!({"row": row, "outcome": "ok", "note": "已核对许可证原件"}),
            );
        }
        self.wish(ends, &who, "dispatch.submit_task", json!({}));
        ends
    }

    /// The post's leader looks at it.
    fn check(&mut self, turn: Turn, submitted: DateTime, n: usize) {
        let leader = self.post.leader.clone();
        let who = self.who();
        let (county, code) = (self.county.index, self.county.plan.code);
        let minute = i8::try_from(n).expect("few posts");
        // Mostly the same afternoon; a quarter the day after, when the reminder has come.
        let same_day = submitted.hour() < 16 && is_work(submitted.date()) && !n.is_multiple_of(4);
        let mut approved = if same_day {
            at(submitted.date(), 16, minute)
        } else {
            at(work(submitted.date(), 1), 11, minute)
        };
        if turn == Turn::Returned {
            let row = self.rows.last().expect("a sheet has rows").code.clone();
            self.wish(
                approved,
                &leader,
                "dispatch.return_task",
                json!({"reason": "缺门头照片", "rows": [row]}),
            );
            let again = at(work(approved.date(), 1), 9, minute);
            self.wish(again, &who, "dispatch.fill_row", json!({"row": row, "outcome": "ok", "note": "已补门头照片", "evidence": ["sha256:补拍"]}));
            self.script.counted[county].day(again.date(), &who);
            self.wish(plus(again, 5), &who, "dispatch.submit_task", json!({}));
            approved = at(work(again.date(), 1), 11, minute);
        }
        let revisit = format!("revisit-{code}-{}-{}", self.batch, self.post.code);
        let shut = self.rows.iter().any(|it| it.never);
        let line = self.wish(approved, &leader, "dispatch.approve_task", json!({}));
        if turn == Turn::ClosedDoor {
            line.bind(&revisit);
            self.revisit(&revisit, approved, n);
        } else if shut {
            line.bind(&revisit);
            let reason = "长期停业，列入名册备查";
            let coordinator = self.county.coordinator();
            self.script.wish(
                at(work(approved.date(), 1), 15, minute),
                &coordinator,
                code,
                "dispatch.cancel_task",
                json!({"task": format!("${revisit}"), "reason": reason}),
            );
        }
    }

    /// A door that stayed shut is gone to again on the next day off.
    fn revisit(&mut self, task: &str, approved: DateTime, n: usize) {
        let (who, leader, code) = (self.who(), self.post.leader.clone(), self.county.plan.code);
        let task = format!("${task}");
        let row = self.rows[0].code.clone();
        let taken = plus(approved, 60);
        let mut day = later(approved.date(), 1);
        while is_work(day) {
            day = later(day, 1);
        }
        let minute = i8::try_from(n).expect("few posts");
        self.script.wish(
            taken,
            &who,
            code,
            "dispatch.accept_task",
            json!({"task": task}),
        );
        self.script.wish(
            at(day, 10, minute),
            &who,
            code,
            "dispatch.fill_row",
            json!({"task": task, "row": row, "outcome": "ok", "note": "周末回访，正常经营"}),
        );
        self.script.counted[self.county.index].day(day, &who);
        self.script.wish(
            plus(at(day, 10, minute), 10),
            &who,
            code,
            "dispatch.submit_task",
            json!({"task": task}),
        );
        self.script.wish(
            at(work(day, 1), 9, minute),
            &leader,
            code,
            "dispatch.approve_task",
            json!({"task": task}),
        );
    }
}

/// The Monday sheet of one community.
fn mondays_of(
    script: &mut Script,
    county: &County,
    problems: &Problems,
    finds: &mut Finds,
    random: &mut Random,
) {
    let post = story_post(county);
    let rows: Vec<&Institution> = post.institutions.iter().filter(|it| !it.never).collect();
    let first = mondays()[0];
    for monday in mondays() {
        let batch = script.batch_id(county.index, at(monday, 8, 30));
        let problem = |it: &Institution| {
            problems
                .get(&(county.index, WEEKLY, it.code.clone()))
                .filter(|_| monday == first)
        };
        // The seventeenth sentinel mostly; now and then the other one.
        let filler = usize::from(monday != first && random.below(5) == 0);
        let mut sheet = Sheet {
            script: &mut *script,
            county,
            post,
            batch: &batch,
            rows: &rows,
            filler,
        };
        let who = sheet.who();
        sheet.wish(at(monday, 9, 12), &who, "dispatch.accept_task", json!({}));
        let visit = work(monday, i32::from(monday != first && random.below(2) == 0));
        let mut when = if visit == monday {
            at(monday, 14, 0)
        } else {
            at(visit, 9, 0)
        };
        for it in &rows {
            when = plus(when, 12);
            let fields = match problem(it) {
                Some(problem) => {
                    json!({"row": it.code, "outcome": "problem", "codes": problem.codes, "note": problem.note})
                }
                None => json!({"row": it.code, "outcome": "ok"}),
            };
            sheet.wish(when, &who, "dispatch.fill_row", fields);
            sheet.script.counted[county.index]
                .visited
                .insert(it.code.clone());
        }
        sheet.script.counted[county.index].day(visit, &who);
        when = plus(when, 10);
        sheet.wish(when, &who, "dispatch.submit_task", json!({}));
        for it in &rows {
            if problem(it).is_some() {
                finds.insert(
                    (county.index, WEEKLY, it.code.clone()),
                    Found {
                        batch: batch.clone(),
                        post: post.code.clone(),
                        when,
                    },
                );
            }
        }
        let leader = post.leader.clone();
        sheet.wish(
            at(work(visit, 1), 10, 0),
            &leader,
            "dispatch.approve_task",
            json!({}),
        );
    }
}

/// One batch whose sheets two people fill together: the last answer of a row wins.
fn pairs_batch(script: &mut Script, county: &County) {
    let issued = at(on(5, 15), 9, 0);
    let code = county.plan.code;
    let posts: Vec<&Post> = county
        .posts
        .iter()
        .filter(|post| {
            post.institutions.iter().filter(|it| !it.never).count() >= 3 && post.area != STORY_AREA
        })
        .take(3)
        .collect();
    let named: BTreeSet<&str> = posts
        .iter()
        .flat_map(|post| post.institutions.iter().filter(|it| !it.never).take(3))
        .map(|it| it.code.as_str())
        .collect();
    script.batch(county.index, issued);
    script
        .wish(issued, &county.coordinator(), code, "dispatch.issue_batch", json!({"name": "五一后双人复核", "select": {"institutions": named}, "assign": {"accept": {"n": 2}}}))
        .bind("pairs");
    for (n, post) in posts.iter().enumerate() {
        let task = sheet("$pairs", &post.code);
        let rows: Vec<&str> = post
            .institutions
            .iter()
            .filter(|it| !it.never)
            .take(3)
            .map(|it| it.code.as_str())
            .collect();
        let minute = i8::try_from(n).expect("few posts");
        for (m, member) in post.members.iter().enumerate() {
            let start = plus(
                at(on(5, 15), 10, minute),
                10 * i64::try_from(m).expect("two members"),
            );
            script.wish(
                start,
                member,
                code,
                "dispatch.accept_task",
                json!({"task": task}),
            );
            for (r, row) in rows.iter().enumerate().skip(m).take(2) {
                let when = plus(
                    at(on(5, 17), 9 + i8::try_from(m).expect("two members"), minute),
                    10 * i64::try_from(r).expect("three rows"),
                );
                script.wish(
                    when,
                    member,
                    code,
                    "dispatch.fill_row",
                    json!({"task": task, "row": row, "outcome": "ok"}),
                );
            }
            script.counted[county.index].day(on(5, 17), member);
        }
        script.wish(
            at(on(5, 17), 11, minute),
            &post.members[1],
            code,
            "dispatch.submit_task",
            json!({"task": task}),
        );
        script.wish(
            at(on(5, 18), 11, minute),
            &post.leader,
            code,
            "dispatch.approve_task",
            json!({"task": task}),
        );
    }
}
