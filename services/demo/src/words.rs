//! What the demo says: the texts under `demo-`, each with the values it names.
//!
//! Lines are short sentences; what people and imports wrote stays as it is. English gives the titles of
//! people in English too. It does not know when a line is said.

use std::fmt::Display;

use jiff::civil::Weekday;
use picket_phrases::Language;
use picket_schemas::Problem;
use picket_schemas::dispatch::Outcome;
use picket_schemas::rectification::Verdict;

/// The texts of one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct DemoWords(pub(super) Language);

/// A text of `demo.ftl` by its name there, with what it names.
macro_rules! texts {
    ($($name:ident($($value:ident),*);)*) => {
        impl DemoWords {
            $(pub(super) fn $name(self, $($value: impl Display),*) -> String {
                let key = format!("demo-{}", stringify!($name).replace('_', "-"));
                self.texts().with(&key, &[$((stringify!($value), $value.to_string().into())),*])
            })*
        }
    };
}

texts! {
    title();
    source();
    keeping();
    replayed(commits, leads, seconds);
    totals_hold();
    totals_missed(n);
    interrupted(folder);
    scene(n);
    phone_of(person);
    noted(text);
    quoted(text);
    or_wait(seconds);
    press_enter();
    folder();
    now_try();
    approved_bulletin(name);
    since(day, leads, orders, cleared, reminders, steps);

    scene_schedule();
    scene_phone();
    scene_reminder();
    scene_accept();
    scene_rows();
    scene_place();
    scene_submit();
    scene_route();
    scene_verdict();
    scene_order();
    scene_ladder();
    scene_fix();
    scene_verify();
    scene_bulletin();

    planned();
    fired_sheet(name);
    fired_reminder();
    issued(task, rows, people);
    told_offer(people, task);
    offered(task, people);
    unassigned(task);
    told_reminder_task(people, task);
    told_reminder_order(people, order);
    accept_question();
    accept_choice();
    accepted(person, task);
    row_question();
    row(person, place, outcome);
    row_first();
    reported(person, address);
    registered(place);
    submitted(person, task, rows, problems);
    approved(person, task);
    lead_opened(lead, place, codes);
    classified(person, lead, codes);
    table();
    routed(person, lead, department, assist);
    routed_alone(person, lead, department);
    told_routed(people, lead);
    told_finder_routed(people, lead);
    joint_yes(person, lead);
    joint_no(person, lead);
    reason(text);
    action(person, action, date, people);
    action_reported(person, action, outcome);
    action_closed(action);
    verdict(person, lead, verdict);
    archived(lead);
    filed(person, case, officers);
    again(generation);
    order(person, order, year, number);
    order_missing(person, title);
    served(person, order, proof);
    clock(days, due);
    skips(days);
    weekends(days);
    holidays(days);
    overdue(what, due);
    step(level, people);
    acknowledged(person, promise);
    promise_holds();
    refunded(person, yuan, proof);
    fixed(person, order, note);
    told_verify(people, order);
    refused_own(person, title);
    passed(person, order);
    cleared(case, lead);
    told_finder_cleared(people);
    other_lead();

    row_note();
    place_address();
    place_seen();
    joint_reason();
    single_reason();
    outcome_edu();
    outcome_mkt();
    outcome_fire();
    verdict_note();
    focus();
    requirement();
    content();
    ground();
    proof();
    refund_proof();
    fix_note();
    verify_note();
    nothing_found();
}

impl DemoWords {
    /// What a command needs to speak the language of the story.
    pub(super) fn flag(self) -> &'static str {
        match self.0 {
            Language::Zh => "",
            Language::En => " --lang en",
        }
    }

    /// Between names.
    pub(super) fn comma(self) -> String {
        self.texts().say("between")
    }

    /// Between parts of a sentence.
    pub(super) fn semicolon(self) -> String {
        self.texts().say("between-codes")
    }

    /// Which day of the week.
    pub(super) fn weekday(self, day: Weekday) -> String {
        let number = day.to_monday_zero_offset();
        self.texts().say(&format!("weekday-{number}"))
    }

    /// The language of the story.
    pub(super) fn language(self) -> Language {
        self.0
    }

    /// The texts of that language.
    pub(super) fn texts(self) -> &'static picket_phrases::Texts {
        picket_phrases::Texts::of(self.language())
    }

    /// Violation codes with their words, as the cards have them.
    pub(super) fn codes(self, codes: &[String]) -> String {
        codes
            .iter()
            .map(|code| format!("{code} {}", self.texts().word("code", code)))
            .collect::<Vec<_>>()
            .join(&self.comma())
    }

    /// The words of a row.
    pub(super) fn outcome(self, outcome: Outcome, codes: &[String]) -> String {
        let word = self.texts().word("outcome", &wire(outcome));
        if codes.is_empty() {
            return word;
        }
        self.texts().with(
            "demo-coded",
            &[
                ("outcome", word.into()),
                ("codes", self.codes(codes).into()),
            ],
        )
    }

    /// The result of verification.
    pub(super) fn verdict_word(self, verdict: Verdict) -> String {
        self.texts().word("verdict", &wire(verdict))
    }

    /// A refusal as people are told it.
    pub(super) fn problem(self, problem: &Problem) -> String {
        match self.0 {
            Language::Zh => self.texts().refusal(problem, problem.title.clone()),
            Language::En => problem.title.split_once(' ').map_or_else(
                || problem.title.clone(),
                |(who, rest)| format!("{} {rest}", self.person(who)),
            ),
        }
    }

    /// The work that was to be done in time.
    pub(super) fn owed(self, clock: &str, on: &str) -> String {
        let what = self.texts().word("clock", clock);
        let on = on.to_owned();
        self.texts()
            .with("demo-owed", &[("on", on.into()), ("what", what.into())])
    }

    /// Why a step addresses whom it addresses.
    pub(super) fn why(self, level: &str, owed: &str) -> String {
        let key = match level {
            "B1" => "demo-why-first",
            "B2" => "demo-why-second",
            _ => "demo-why",
        };
        self.texts().with(
            key,
            &[
                ("owed", owed.to_owned().into()),
                ("level", level.to_owned().into()),
            ],
        )
    }

    /// A person by title, in the language of the story.
    pub(super) fn person(self, name: &str) -> String {
        let titled = TITLES.iter().find_map(|(title, key)| {
            let number = name.strip_prefix(title)?.strip_suffix('号')?;
            let values = [("number", number.to_owned().into())];
            Some(self.texts().with(key, &values))
        });
        titled.unwrap_or_else(|| name.to_owned())
    }
}

/// Titles of people in the records of the story, each with the text that says it in a language.
const TITLES: [(&str, &str); 14] = [
    ("市教育执法员", "demo-titled-city-education-inspector"),
    ("哨兵", "demo-titled-sentinel"),
    ("哨点负责人", "demo-titled-post-leader"),
    ("统筹员", "demo-titled-coordinator"),
    ("分办员", "demo-titled-dispatcher"),
    ("督办员", "demo-titled-supervisor"),
    ("复查员", "demo-titled-verifier"),
    ("包保责任人", "demo-titled-territorial-owner"),
    ("教育负责人", "demo-titled-head-of-education"),
    ("教育执法员", "demo-titled-education-inspector"),
    ("市场监管负责人", "demo-titled-head-of-market-regulation"),
    ("市场监管执法员", "demo-titled-market-inspector"),
    ("消防负责人", "demo-titled-head-of-fire-safety"),
    ("消防执法员", "demo-titled-fire-inspector"),
];

/// A value by its name on the wire.
fn wire(value: impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
