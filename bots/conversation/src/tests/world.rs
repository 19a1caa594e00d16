//! A small world for tests: views of one county, a driver that answers, and helpers to press buttons.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use picket_schemas::ask::*;
use picket_schemas::bulletin::Rounding;
use picket_schemas::dispatch::{DraftOf, Outcome};
use picket_schemas::rectification::{RouteMatch, Routing};
use picket_schemas::{Answer, Command, Figures, Jurisdiction, PersonId, Problem};

use crate::{
    Card, Context, Effect, Input, Language, LocalTime, Profile, Session, Texts, ViewContext,
};

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// Thursday, 2026-10-08, 14:50 in Shanghai.
pub(crate) fn now() -> Timestamp {
    at("2026-10-08T06:50:00Z")
}

pub(crate) fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").expect("the zone is compiled in")
}

pub(crate) fn named(code: &str, name: &str) -> Named {
    Named {
        code: code.to_owned(),
        name: name.to_owned(),
    }
}

pub(crate) fn person(code: &str, name: &str, roles: &[&str]) -> PersonView {
    PersonView {
        id: format!("420902/{code}"),
        name: name.to_owned(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        department: roles
            .contains(&"inspector")
            .then(|| named("edu", "区教育局")),
        area: named("420902003", "书院街道"),
        certificate: roles.contains(&"inspector").then(|| "K-001".to_owned()),
        language: "zh".to_owned(),
        posts: vec![named("PO-01", "幸福里哨点")],
        open_tasks: 1,
    }
}

pub(crate) fn deadline(kind: &str, due: &str) -> Option<Deadline> {
    let due = at(due);
    Some(Deadline {
        clock: "K-1".into(),
        kind: kind.into(),
        due,
        provisional: false,
        paused: false,
        overdue: due <= now(),
        stopped: None,
    })
}

pub(crate) fn row(code: &str, name: &str, outcome: Option<Outcome>) -> RowView {
    RowView {
        row: code.into(),
        name: name.into(),
        address: "幸福里 2 栋 301".into(),
        outcome,
        codes: if outcome == Some(Outcome::Problem) {
            vec!["H1".into()]
        } else {
            vec![]
        },
        note: String::new(),
        evidence: vec![],
        by: None,
        lead: None,
    }
}

pub(crate) fn task(state: &str) -> TaskView {
    TaskView {
        jurisdiction: "420902".into(),
        task: "T-2041".into(),
        batch: named("B-12", "十月专项排查"),
        post: Some(named("PO-01", "幸福里哨点")),
        area: named("420902003004", "幸福里社区"),
        state: state.into(),
        checklist: "v5".into(),
        offered: vec![named("420902/P-0017", "哨兵 17")],
        holders: if state == "issued" {
            vec![]
        } else {
            vec![named("420902/P-0017", "哨兵 17")]
        },
        need: 1,
        rows: vec![
            row("I-0001", "育才托管中心", None),
            row("I-0002", "新苗艺术", None),
            row("I-0003", "远方教育", None),
        ],
        deadline: deadline("task.submit", "2026-10-08T09:00:00Z"),
        issued: at("2026-10-08T00:30:00Z"),
        returned_because: None,
        rev: 3,
        sealed_until: None,
    }
}

pub(crate) fn filled(outcomes: [Outcome; 3]) -> TaskView {
    let mut task = task("accepted");
    for (row, outcome) in task.rows.iter_mut().zip(outcomes) {
        row.outcome = Some(outcome);
        if outcome == Outcome::Problem {
            row.codes = vec!["H1".into(), "F2".into()];
        }
    }
    task
}

pub(crate) fn lead(state: &str) -> LeadView {
    LeadView {
        jurisdiction: "420902".into(),
        lead: "L-69".into(),
        state: state.into(),
        subject: Some(named("I-0003", "远方教育")),
        subject_address: "幸福里 2 栋 301".into(),
        area: named("420902003004", "幸福里社区"),
        codes: vec!["H1".into()],
        urgent: false,
        source: "row".into(),
        text: "周末有学生上课".into(),
        evidence: vec!["ab12".into()],
        post: Some(named("PO-01", "幸福里哨点")),
        department: (state == "routed").then(|| named("edu", "区教育局")),
        assist: if state == "routed" {
            vec![named("mkt", "市场监管局")]
        } else {
            vec![]
        },
        owner: Some(named("420902/P-0050", "包保责任人 3")),
        proposal: (state != "opened").then(|| Routing {
            lead: "edu".into(),
            assist: vec!["mkt".into(), "pol".into()],
            joint: true,
            rule: "row 10: H1, any training (of 4209)".into(),
            matched: Some(RouteMatch {
                jurisdiction: "4209".into(),
                row: 10,
                violation: Some("H1".into()),
                training: None,
            }),
        }),
        joint: None,
        verdict: None,
        merged_into: None,
        case: None,
        action: None,
        opened: at("2026-10-08T02:00:00Z"),
        deadline: deadline("lead.screen", "2026-10-09T16:00:00Z"),
        rev: 2,
    }
}

pub(crate) fn order(state: &str) -> OrderView {
    OrderView {
        jurisdiction: "420902".into(),
        order: "Z-318".into(),
        number: 21,
        year: 2026,
        case: "C-21".into(),
        state: state.into(),
        subject: named("I-0003", "远方教育"),
        department: named("edu", "区教育局"),
        post: Some(named("PO-01", "幸福里哨点")),
        owner: Some(named("420902/P-0050", "包保责任人 3")),
        focus: "隐形变异培训".into(),
        requirement: "立即停止违规培训".into(),
        content: "停止学科培训，退还未消课费用".into(),
        ground: String::new(),
        span: "5 working days".into(),
        served: (state != "issued").then(|| at("2026-10-01T02:00:00Z")),
        reported: (state == "reported").then(|| at("2026-10-08T01:00:00Z")),
        cleared: None,
        fix_note: (state == "reported").then(|| "已停课并退费".to_owned()),
        parked: false,
        deadline: deadline("order.fix", "2026-10-07T16:00:00Z"),
        rev: 5,
    }
}

pub(crate) fn case(state: &str) -> CaseView {
    CaseView {
        jurisdiction: "420902".into(),
        case: "C-21".into(),
        lead: "L-69".into(),
        state: state.into(),
        subject: named("I-0003", "远方教育"),
        codes: vec!["H1".into(), "F2".into()],
        department: named("edu", "区教育局"),
        officers: vec![
            named("420902/P-0030", "执法 1"),
            named("420902/P-0031", "执法 2"),
        ],
        post: Some(named("PO-01", "幸福里哨点")),
        owner: Some(named("420902/P-0050", "包保责任人 3")),
        generation: 1,
        orders: if state == "filed" {
            vec![]
        } else {
            vec![order("served")]
        },
        refund_fen: 170_348_000,
        penalties: 0,
        timeline: vec![],
        rev: 4,
    }
}

pub(crate) fn step(proposed: bool) -> StepView {
    StepView {
        jurisdiction: "420902".into(),
        step: "E-14".into(),
        level: if proposed { "B3" } else { "B2" }.into(),
        kind: "order.fix".into(),
        on: "Z-318".into(),
        what: "远方教育 隐形变异培训".into(),
        due: at("2026-10-07T16:00:00Z"),
        taken: at("2026-10-08T00:30:00Z"),
        why: "one working day after the due day".into(),
        because: None,
        to: vec![named("420902/P-0040", "督导 1")],
        duty: vec![named("420902/P-0030", "执法 1")],
        promise: None,
        proposed,
        signed: false,
        open: true,
    }
}

pub(crate) fn bulletin() -> BulletinView {
    let counts = [
        ("person_times", 1198),
        ("leads", 69),
        ("orders", 21),
        ("refund_fen", 170_348_000),
        ("overdue", 2),
    ];
    BulletinView {
        jurisdiction: "420902".into(),
        jurisdiction_name: "孝南区".into(),
        bulletin: "BU-4".into(),
        name: "十月通报".into(),
        from: at("2026-01-01T00:00:00Z"),
        as_of: at("2026-10-08T00:00:00Z"),
        rounding: Rounding::Exact,
        approved: false,
        corrects: None,
        figures: Figures {
            counts: counts
                .into_iter()
                .map(|(key, n)| (key.to_owned(), n))
                .collect(),
            leads_by_department: BTreeMap::new(),
        },
        areas: BTreeMap::new(),
        names: BTreeMap::new(),
        code_version: "0.1.0".into(),
        overrides: Default::default(),
    }
}

pub(crate) fn board() -> Board {
    Board {
        batches: vec![batch()],
        silent: vec![task("issued")],
        late: vec![],
        unassigned: vec![task("issued")],
        accepted: vec![task("accepted")],
        submitted: vec![],
    }
}

pub(crate) fn batch() -> BatchView {
    BatchView {
        jurisdiction: "420902".into(),
        batch: "B-12".into(),
        name: "十月专项排查".into(),
        campaign: None,
        count: 6,
        issued: 6,
        accepted: 3,
        submitted: 2,
        approved: 1,
        cancelled: 0,
        unassigned: 1,
        overdue: 1,
        rows: 40,
        rows_filled: 18,
        problems: 2,
        state: "open".into(),
        cancelled_because: None,
        rev: 3,
    }
}

pub(crate) fn inbox(of: PersonView) -> Inbox {
    Inbox {
        person: Some(of),
        offers: vec![task("issued")],
        tasks: vec![task("accepted")],
        steps: vec![step(false)],
        ..Inbox::default()
    }
}

pub(crate) fn drawn<T>(
    language: Language,
    code: &str,
    roles: &[&str],
    draw: impl FnOnce(&ViewContext<'_>) -> T,
) -> T {
    let me = Profile::from_view(
        &PersonId::from(format!("420902/{code}")),
        &person(code, "某人", roles),
    );
    let words = Texts::of(language);
    draw(&ViewContext {
        me: &me,
        words,
        when: LocalTime {
            now: now(),
            zone: &zone(),
            words,
        },
    })
}

/// A person at a phone, with a book behind it that answers by script.
pub(crate) struct Phone {
    pub(crate) session: Session,
    person: PersonId,
    roles: Vec<String>,
    /// The task as the books have it.
    pub(crate) task: TaskView,
    pub(crate) lead: LeadView,
    pub(crate) case: CaseView,
    pub(crate) order: OrderView,
    pub(crate) step: StepView,
    pub(crate) bulletin: Option<BulletinView>,
    /// Every command sent.
    pub(crate) sent: Vec<(String, Command)>,
    /// Refusals to come, one a command.
    pub(crate) refusals: VecDeque<Problem>,
    pub(crate) toasts: Vec<String>,
    pub(crate) cards: Vec<Card>,
    pub(crate) edited: bool,
    /// What is wished was so before.
    pub(crate) unchanged: bool,
    /// What dispatch keeps half done, as it would say it.
    pub(crate) drafts: Vec<DraftView>,
    /// Offers besides those of the inbox.
    pub(crate) more_offers: Vec<TaskView>,
    /// The board is none of the person's business.
    pub(crate) no_board: bool,
    /// How often something was kept or dropped.
    pub(crate) kept: usize,
    /// What time it is.
    pub(crate) now: Timestamp,
    /// Whose boards were asked for.
    pub(crate) asked: Vec<String>,
    /// Refusals to come when a draft is to be kept.
    pub(crate) unkept: VecDeque<Problem>,
}

impl Phone {
    pub(crate) fn of(code: &str, roles: &[&str]) -> Self {
        Self::at(&format!("420902/{code}"), roles)
    }

    pub(crate) fn at(person: &str, roles: &[&str]) -> Self {
        let mut phone = Self {
            session: Session::default(),
            person: PersonId::from(person),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            task: task("issued"),
            lead: lead("opened"),
            case: case("filed"),
            order: order("issued"),
            step: step(false),
            bulletin: None,
            sent: Vec::new(),
            refusals: VecDeque::new(),
            toasts: Vec::new(),
            cards: Vec::new(),
            edited: false,
            unchanged: false,
            drafts: Vec::new(),
            more_offers: Vec::new(),
            no_board: false,
            kept: 0,
            now: now(),
            asked: Vec::new(),
            unkept: VecDeque::new(),
        };
        phone.give(Input::Start);
        phone
    }

    pub(crate) fn sentinel() -> Self {
        let mut phone = Self::of("P-0017", &["sentinel"]);
        phone.task = task("accepted");
        phone
    }

    pub(crate) fn give(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        let zone = zone();
        while let Some(input) = inputs.pop_front() {
            let person = self.person.clone();
            let cx = Context {
                now: self.now,
                zone: &zone,
                person: &person,
            };
            // A dialogue survives being stored between any two inputs.
            let stored = serde_json::to_string(&self.session).expect("a session is plain data");
            self.session = serde_json::from_str(&stored).expect("a stored session is read again");
            for turn in self.session.handle(input, &cx) {
                match turn {
                    Effect::Show(card) => {
                        self.edited = false;
                        self.cards.push(card);
                    }
                    Effect::Edit(card) => {
                        self.edited = true;
                        self.cards.push(card);
                    }
                    Effect::Toast(text) => self.toasts.push(text),
                    Effect::Ask(question) => {
                        if let Question::Board { jurisdiction } = &question {
                            self.asked.push(format!("board of {jurisdiction}"));
                        }
                        inputs.push_back(Input::Answered(Box::new(self.answer(&question))));
                    }
                    Effect::Do { at, command, .. } => {
                        let result = self.act(&at, &command);
                        if !matches!(
                            *command,
                            Command::Dispatch(picket_schemas::dispatch::Command::KeepDraft { .. })
                        ) {
                            self.sent.push((at.to_string(), *command));
                        }
                        inputs.push_back(Input::Done(result));
                    }
                    Effect::Remember => {}
                }
            }
        }
    }

    fn answer(&self, question: &Question) -> View {
        let roles: Vec<_> = self.roles.iter().map(String::as_str).collect();
        let me = || person(self.person.code(), "哨兵 17", &roles);
        match question {
            Question::Person { .. } => View::Person(me()),
            Question::Inbox { .. } => {
                let mut inbox = inbox(me());
                inbox.steps = if self.step.proposed || self.step.promise.is_some() {
                    vec![]
                } else {
                    vec![self.step.clone()]
                };
                inbox.offers.extend(self.more_offers.clone());
                inbox.drafts = self.drafts.clone();
                inbox.proposals = if self.step.proposed {
                    vec![self.step.clone()]
                } else {
                    vec![]
                };
                View::Inbox(inbox)
            }
            Question::Task { task, .. } if *task == "T-2041" => View::Task(self.task.clone()),
            Question::Lead { lead, .. } if *lead == "L-69" => View::Lead(self.lead.clone()),
            Question::Case { .. } => View::Case(self.case.clone()),
            Question::Order { .. } => View::Order(self.order.clone()),
            Question::Batch { .. } => View::Batch(batch()),
            Question::Board { .. } if self.no_board => View::Unknown,
            Question::Board { .. } => View::Board(board()),
            Question::Areas { .. } => View::Areas(vec![
                named("420902003004", "幸福里社区"),
                named("420902003005", "和平社区"),
            ]),
            Question::People { .. } => View::People(vec![
                person("P-0030", "执法 1", &["inspector"]),
                person("P-0031", "执法 2", &["inspector"]),
                me(),
            ]),
            Question::Find { find, .. } => View::Found(if find == "post" {
                vec!["PO-01".into()]
            } else {
                vec!["I-1".into(), "I-2".into()]
            }),
            Question::Bulletin { .. } => View::Bulletin(self.bulletin.clone()),
            _ => View::Unknown,
        }
    }

    /// The book: takes what it is told, unless a refusal is due.
    fn act(&mut self, at: &Jurisdiction, command: &Command) -> Result<Answer, Problem> {
        if let Command::Dispatch(picket_schemas::dispatch::Command::KeepDraft {
            of,
            answers,
            evidence,
        }) = command
        {
            return self.keep(at, of, answers, evidence);
        }
        if let Some(problem) = self.refusals.pop_front() {
            return Err(problem);
        }
        let mut created = Vec::new();
        if let Command::Dispatch(command) = command {
            use picket_schemas::dispatch::Command as D;
            self.task.rev += 1;
            match command {
                D::AcceptTask { .. } => {
                    self.task.state = "accepted".into();
                    self.task.holders = vec![named(self.person.as_str(), "哨兵 17")];
                }
                D::FillRow {
                    task,
                    row,
                    outcome,
                    codes,
                    note,
                    evidence,
                    ..
                } => {
                    let filled = DraftOf::Row {
                        task: task.clone(),
                        row: row.clone(),
                    };
                    self.drafts.retain(|draft| draft.of != filled);
                    let row = self
                        .task
                        .rows
                        .iter_mut()
                        .find(|known| known.row == *row)
                        .expect("a row of the sheet");
                    (row.outcome, row.codes, row.note, row.evidence) = (
                        Some(*outcome),
                        codes.clone(),
                        note.clone(),
                        evidence.clone(),
                    );
                }
                D::SubmitTask { .. } => self.task.state = "submitted".into(),
                D::ReportPlace { .. } => created.extend(["S-31".to_owned(), "U-7".to_owned()]),
                D::IssueBatch { .. } => created.push("B-13".to_owned()),
                _ => {}
            }
        }
        if matches!(
            command,
            Command::Rectification(picket_schemas::rectification::Command::IssueOrder { .. })
        ) {
            created.push("Z-319".to_owned());
        }
        Ok(Answer {
            book: "dispatch/420902".into(),
            n: 7,
            created,
            unchanged: self.unchanged,
        })
    }

    fn keep(
        &mut self,
        at: &Jurisdiction,
        of: &DraftOf,
        answers: &BTreeMap<String, String>,
        evidence: &[String],
    ) -> Result<Answer, Problem> {
        if let Some(problem) = self.unkept.pop_front() {
            return Err(problem);
        }
        self.kept += 1;
        self.drafts.retain(|draft| draft.of != *of);
        if !answers.is_empty() || !evidence.is_empty() {
            self.drafts.insert(
                0,
                DraftView {
                    jurisdiction: at.to_string(),
                    of: of.clone(),
                    answers: answers.clone(),
                    evidence: evidence.to_vec(),
                    at: now(),
                    name: String::new(),
                },
            );
        }
        Ok(Answer {
            book: "dispatch/420902".into(),
            n: 7,
            created: Vec::new(),
            unchanged: false,
        })
    }

    /// The phone is closed and another is opened: nothing is left but what the books know.
    pub(crate) fn reopen(&mut self) {
        self.session = Session::default();
        self.give(Input::Start);
    }

    pub(crate) fn say(&mut self, text: &str) {
        self.give(Input::Text(text.to_owned()));
    }

    pub(crate) fn card(&self) -> &Card {
        self.cards.last().expect("a card was shown")
    }

    /// Presses the button of the last card whose label contains this.
    pub(crate) fn press(&mut self, label: &str) {
        let data = self.button(label);
        self.give(Input::Press(data));
    }

    pub(crate) fn button(&self, label: &str) -> String {
        let card = self.card();
        let found = card.buttons().find(|action| action.label.contains(label));
        found
            .unwrap_or_else(|| panic!("no button {label} on\n{}", crate::render_plain(card, 80)))
            .data
            .clone()
    }

    pub(crate) fn toast(&self) -> &str {
        self.toasts.last().expect("something was said")
    }

    pub(crate) fn last(&self) -> serde_json::Value {
        serde_json::to_value(&self.sent.last().expect("a command was sent").1)
            .expect("a command is data")
    }
}
