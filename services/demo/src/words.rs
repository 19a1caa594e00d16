//! The words of the demo, in Chinese and in English.
//!
//! Lines are short sentences; what people and imports wrote stays as it is. English gives the titles of
//! people in English too. It does not know when a line is said.

use std::fmt::Display;

use jiff::civil::Weekday;
use picket_conversation::Language;
use picket_schemas::Problem;
use picket_schemas::dispatch::Outcome;
use picket_schemas::rectification::Verdict;

/// The texts of one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(pub(super) Language);

macro_rules! texts {
    ($($name:ident($($value:ident),*) $zh:literal, $en:literal;)*) => {
        impl Words {
            $(pub(super) fn $name(self, $($value: impl Display),*) -> String {
                match self.0 {
                    Language::Zh => format!($zh),
                    Language::En => format!($en),
                }
            })*
        }
    };
}

texts! {
    title() "Picket 哨点 · 孝感 2023：一年，和其中一件事", "Picket · Xiaogan 2023: a year, and one story of it";
    source() "公开通报的总数（2023 年）；单条记录为生成数据。", "Published totals of a 2023 report; single records are generated.";
    keeping() "写入文件夹", "kept in the folder";
    replayed(commits, leads, seconds) "全年已回放：{commits} 次提交，{leads} 条线索，用时 {seconds:.1} 秒。", "The year is replayed: {commits} commits, {leads} leads, in {seconds:.1} s.";
    totals_hold() "与公开通报的总数逐项一致。下面慢慢讲一件事：", "Every total agrees with the published one. Now one story, slowly:";
    totals_missed(n) "有 {n} 项与预期不符。", "{n} expectations were missed.";
    interrupted(folder) "已停止。已写入的都在：{folder}", "Stopped. What was written is in {folder}";
    scene(n) "第 {n} 幕", "Scene {n}";
    phone_of(person) "{person} 的手机", "the phone of {person}";
    noted(text) "· {text}", "· {text}";
    quoted(text) "“{text}”", "“{text}”";
    or_wait(seconds) "按方括号里的字母再回车；{seconds} 秒不按，演示自己继续", "the letter in brackets and Enter; after {seconds} s the demo goes on by itself";
    press_enter() "回车，看下一幕", "Enter for the next scene";
    folder() "演示用的文件夹，数据都在：", "The folder of this demo, with everything in it:";
    now_try() "现在就可以：", "Try now:";
    approved_bulletin(name) "市简报审核员1号 审定《{name}》", "the city's approver approves {name}";
    since(day, leads, orders, cleared, reminders, steps) "此后到 {day}：全市新增线索 {leads} 条、责令整改 {orders} 份、销号 {cleared} 份、提醒 {reminders} 次、逐级催办 {steps} 次；已冻结的通报一个数也没变。", "Since then, up to {day}: leads {leads}, orders {orders}, cleared {cleared}, reminders {reminders}, steps of the ladder {steps} in the city; no figure of the frozen bulletin moved.";

    scene_schedule() "周一早上，任务自己发下去", "Monday morning, the sheet goes out by itself";
    scene_phone() "哨兵看到的任务卡", "The card as the sentinel sees it";
    scene_reminder() "周三，没接单的人被提醒", "Wednesday reaches whoever has not accepted";
    scene_accept() "接单", "Accepted";
    scene_rows() "上门，一户一户填", "From door to door";
    scene_place() "名单上没有的地方", "A place on no list";
    scene_submit() "提交，问题成为线索", "Handed in; the problem becomes a lead";
    scene_route() "两步分办：先分类分派，再定是否联合", "Two steps: classify and route, then decide on joint action";
    scene_verdict() "联合行动、认定、立案", "Joint action, verdict, case";
    scene_order() "责令整改：四项缺一不可，送达即计时", "The order: four fields, and a clock from its service";
    scene_ladder() "到期没改，逐级催办", "The deadline passes, the ladder is climbed";
    scene_fix() "签收、承诺、整改", "Acknowledged, promised, fixed";
    scene_verify() "换一个人复查，销号", "Another person verifies; cleared";
    scene_bulletin() "年度通报", "The year's bulletin";

    planned() "统筹员1号 年初定下：每周一 08:30 发文昌社区排查单，每周三 09:00 催未接单，遇休不发", "Coordinator 1 planned it in January: the sheet of Wenchang every Monday at 08:30, a reminder every Wednesday at 09:00, on working days";
    fired_sheet(name) "到点：{name}", "due: {name}";
    fired_reminder() "到点：催未接单", "due: remind who has not accepted";
    issued(task, rows, people) "派单 {task}：{rows} 户 → {people}", "issues {task}: {rows} rows → {people}";
    told_offer(people, task) "通知 {people}：有新任务 {task}", "tells {people}: a new task, {task}";
    offered(task, people) "{task} 一个工作日没人接，再派给 {people}", "nobody took {task} within a working day; offered to {people} too";
    unassigned(task) "{task} 无人应答，转统筹员", "nobody answered {task}; to the coordinator";
    told_reminder_task(people, task) "提醒 {people}：{task} 尚未接单", "reminds {people}: {task} is not accepted yet";
    told_reminder_order(people, order) "提醒 {people}：{order} 下一个工作日到期", "reminds {people}: {order} is due the next working day";
    accept_question() "您来替哨兵17号按：", "Press for sentinel 17:";
    accept_choice() "我来接", "accept";
    accepted(person, task) "{person} 接单 {task}", "{person} accepts {task}";
    row_question() "这一户，您来填：", "What do you see here?";
    row(person, place, outcome) "{person} 填 {place}：{outcome}", "{person} at {place}: {outcome}";
    row_first() "第一次来没发现；后来又看到，改填。最后一次为准，两次都留档。", "Not seen at first; seen later and corrected. The last answer counts, both stay on record.";
    reported(person, address) "{person} 上报名单外场所：{address}", "{person} reports a place on no list: {address}";
    registered(place) "自动登记为 {place}", "listed at once as {place}";
    submitted(person, task, rows, problems) "{person} 提交 {task}：{rows} 户，问题 {problems}", "{person} hands in {task}: {rows} rows, {problems} problem";
    approved(person, task) "{person} 通过 {task}", "{person} approves {task}";
    lead_opened(lead, place, codes) "线索 {lead}：{place}，{codes}", "lead {lead}: {place}, {codes}";
    classified(person, lead, codes) "{person} 分类 {lead}：{codes}", "{person} classifies {lead}: {codes}";
    table() "分派表自上而下，第一个命中的行给出建议，并说明依据：", "The first row of the routing table that matches proposes, and says why:";
    routed(person, lead, department, assist) "{person} 分派 {lead}：主办 {department}；协办 {assist}", "{person} routes {lead}: {department} leads; assisting: {assist}";
    routed_alone(person, lead, department) "{person} 分派 {lead}：{department}", "{person} routes {lead}: {department}";
    told_routed(people, lead) "通知 {people}：{lead} 已到", "tells {people}: {lead} came in";
    told_finder_routed(people, lead) "告知 {people}：您发现的问题已分派（{lead}）", "tells {people}: what you found is with a department ({lead})";
    joint_yes(person, lead) "{person} 决定 {lead}：联合行动", "{person} decides on {lead}: joint action";
    joint_no(person, lead) "{person} 决定 {lead}：不联合", "{person} decides on {lead}: no joint action";
    reason(text) "理由：{text}", "Reason: {text}";
    action(person, action, date, people) "{person} 排定联合行动 {action}：{date}，持证 {people} 人；此前保密", "{person} sets joint action {action}: {date}, {people} certified; sealed until then";
    action_reported(person, action, outcome) "{person} 回报 {action}：{outcome}", "{person} reports on {action}: {outcome}";
    action_closed(action) "{action} 各部门都已回报，结束", "{action}: every department reported; closed";
    verdict(person, lead, verdict) "{person} 认定 {lead}：{verdict}", "{person} finds {lead} {verdict}";
    archived(lead) "{lead} 归档，留底备查", "{lead} is archived, kept for the record";
    filed(person, case, officers) "{person} 立案 {case}：经办 {officers}，各持一证", "{person} files case {case}; officers: {officers}, each certified";
    again(generation) "同一场所同类问题第 {generation} 次立案", "the same place for the same violation: case number {generation}";
    order(person, order, year, number) "{person} 开出责令整改通知书 {order}（{year} 年第 {number} 号）", "{person} issues order {order}, number {number} of {year}";
    order_missing(person, title) "{person} 不写期限就发，系统不收：{title}", "{person} leaves the deadline out. Refused: {title}";
    served(person, order, proof) "{person} 送达 {order}：{proof}", "{person} serves {order}: {proof}";
    clock(days, due) "开始计时：{days} 个工作日，到 {due}", "the clock starts: {days} working days, to {due}";
    skips(days) "不计：{days}", "Not counted: {days}";
    weekends(days) "{days} 周末", "weekend {days}";
    holidays(days) "{days} 法定节假日", "public holiday {days}";
    overdue(what, due) "{what}过期（{due}）", "{what} passed its deadline ({due})";
    step(level, people) "{level} 催办 → {people}", "step {level} → {people}";
    acknowledged(person, promise) "{person} 签收，承诺 {promise} 前办结", "{person} acknowledges and promises {promise}";
    promise_holds() "承诺只让下一级等到那一刻；逾期照记。", "The promise holds the next step until then; overdue stays overdue.";
    refunded(person, yuan, proof) "{person} 登记退费 {yuan} 元：{proof}", "{person} records a refund of {yuan} yuan: {proof}";
    fixed(person, order, note) "{person} 报告 {order} 整改完成：{note}", "{person} reports {order} fixed: {note}";
    told_verify(people, order) "通知 {people}：{order} 待复查", "tells {people}: {order} waits for verification";
    refused_own(person, title) "{person} 想自己复查，系统不收：{title}", "{person} tries to verify an order of their own. Refused: {title}";
    passed(person, order) "{person} 复查 {order}：通过", "{person} verifies {order}: passed";
    cleared(case, lead) "{case} 销号（线索 {lead}）", "{case} is cleared (lead {lead})";
    told_finder_cleared(people) "告知 {people}：您发现的问题已整改", "tells {people}: what you found is in order";
    other_lead() "另一条线索（名单外场所）同样走两步，随后核实：没有开课，归档。", "The other lead, the place on no list, takes the same two steps; nobody teaches there, and it is archived.";

    row_note() "二楼晚托班在讲初二数学，黑板有板书，十余名学生", "evening care on the second floor teaches grade-8 mathematics to a dozen pupils";
    place_address() "广场街道文昌社区3栋2单元302室", "Wenchang community, building 3, unit 2, room 302";
    place_seen() "周末有家长送孩子上楼，门口贴有一对一的广告", "parents bring children at weekends; a note at the door offers one-to-one lessons";
    joint_reason() "托管场所隐形开课，涉及场地和消防，一次查清，少扰一次", "teaching hidden in a care centre; premises and fire safety are looked at in the same visit";
    single_reason() "只需教育部门上门核实", "a visit by the education bureau is enough";
    outcome_edu() "当场停课，查扣教案，登记学生 14 人", "classes stopped, teaching plans taken, 14 pupils listed";
    outcome_mkt() "营业执照只有托管，无培训项目", "licensed for care only, not for training";
    outcome_fire() "一处疏散通道堆物，当场清理", "one escape route blocked, cleared at once";
    verdict_note() "现场、教案、收费记录相互印证", "the scene, the teaching plans and the receipts agree";
    focus() "托管场所违规开展学科类培训", "subject training in a care centre";
    requirement() "立即停止学科类培训，退还未消课费用", "stop subject training at once; refund lessons not given";
    content() "清退学员 14 人，拆除培训广告，公示退费清单", "release 14 pupils, remove advertisements, post the list of refunds";
    ground() "校外培训行政处罚暂行办法", "Interim measures on penalties for off-campus training";
    proof() "当面送达，回证和照片", "in person, receipt and photo";
    refund_proof() "转账回单 14 张", "14 transfer slips";
    fix_note() "已停课，学费全部退清，广告已拆除", "classes stopped, fees refunded, advertisements removed";
    verify_note() "现场查看，并电话回访 5 位家长", "seen on the spot; five parents asked by phone";
    nothing_found() "上门两次，住户自住，没有开课", "visited twice; the residents live there, nobody teaches";
}

impl Words {
    /// What a command needs to speak the language of the story.
    pub(super) fn flag(self) -> &'static str {
        match self.0 {
            Language::Zh => "",
            Language::En => " --lang en",
        }
    }

    /// Between names.
    pub(super) fn comma(self) -> &'static str {
        match self.0 {
            Language::Zh => "、",
            Language::En => ", ",
        }
    }

    /// Between parts of a sentence.
    pub(super) fn semicolon(self) -> &'static str {
        match self.0 {
            Language::Zh => "；",
            Language::En => "; ",
        }
    }

    /// Which day of the week.
    pub(super) fn weekday(self, day: Weekday) -> &'static str {
        let n = usize::from(day.to_monday_zero_offset().unsigned_abs());
        match self.0 {
            Language::Zh => ["周一", "周二", "周三", "周四", "周五", "周六", "周日"][n],
            Language::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][n],
        }
    }

    fn shared(self) -> &'static picket_conversation::Words {
        picket_conversation::Words::of(self.0)
    }

    /// Violation codes with their words, as the cards have them.
    pub(super) fn codes(self, codes: &[String]) -> String {
        codes
            .iter()
            .map(|code| format!("{code} {}", self.shared().word("code", code)))
            .collect::<Vec<_>>()
            .join(self.comma())
    }

    /// What a row says.
    pub(super) fn outcome(self, outcome: Outcome, codes: &[String]) -> String {
        let wire = serde_json::to_value(outcome)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default();
        let word = self.shared().word("outcome", &wire);
        match (codes.is_empty(), self.0) {
            (true, _) => word,
            (false, Language::Zh) => format!("{word}（{}）", self.codes(codes)),
            (false, Language::En) => format!("{word} ({})", self.codes(codes)),
        }
    }

    /// What verification showed.
    pub(super) fn verdict_word(self, verdict: Verdict) -> String {
        let wire = serde_json::to_value(verdict)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default();
        self.shared().word("verdict", &wire)
    }

    /// A refusal as people are told it.
    pub(super) fn problem(self, problem: &Problem) -> String {
        match self.0 {
            Language::Zh => self.shared().refusal(problem, problem.title.clone()),
            Language::En => problem.title.split_once(' ').map_or_else(
                || problem.title.clone(),
                |(who, rest)| format!("{} {rest}", self.person(who)),
            ),
        }
    }

    /// What was to be done in time.
    pub(super) fn owed(self, clock: &str, on: &str) -> String {
        let word = self.shared().word("clock", clock);
        match self.0 {
            Language::Zh => format!("{on} {word}"),
            Language::En => format!("{on} ({word})"),
        }
    }

    /// Why a step addresses whom it addresses.
    pub(super) fn why(self, level: &str, owed: &str) -> String {
        match (self.0, level) {
            (Language::Zh, "B1") => {
                format!("为什么找您：{owed}过期 1 个工作日，先找责任人和哨点负责人")
            }
            (Language::Zh, "B2") => {
                format!("为什么找您：{owed}过期 3 个工作日，加上部门负责人、包保责任人、督办员")
            }
            (Language::Zh, _) => format!("为什么找您：{owed}过期，按 {level} 级催办"),
            (Language::En, "B1") => format!(
                "Why you: {owed} is 1 working day late; first whoever owes it and the post's leader"
            ),
            (Language::En, "B2") => format!(
                "Why you: {owed} is 3 working days late; now the department, the territorial owner and the supervisor too"
            ),
            (Language::En, _) => format!("Why you: {owed} is late; step {level}"),
        }
    }

    /// A person by title, in the language of the story.
    pub(super) fn person(self, name: &str) -> String {
        const TITLES: [(&str, &str); 14] = [
            ("市教育执法员", "city education inspector"),
            ("哨兵", "sentinel"),
            ("哨点负责人", "post leader"),
            ("统筹员", "coordinator"),
            ("分办员", "dispatcher"),
            ("督办员", "supervisor"),
            ("复查员", "verifier"),
            ("包保责任人", "territorial owner"),
            ("教育负责人", "head of education"),
            ("教育执法员", "education inspector"),
            ("市场监管负责人", "head of market regulation"),
            ("市场监管执法员", "market inspector"),
            ("消防负责人", "head of fire safety"),
            ("消防执法员", "fire inspector"),
        ];
        if self.0 == Language::Zh {
            return name.to_owned();
        }
        let english = TITLES.iter().find_map(|(title, english)| {
            Some(format!(
                "{english} {}",
                name.strip_prefix(title)?.trim_end_matches('号')
            ))
        });
        english.unwrap_or_else(|| name.to_owned())
    }
}
