//! Words: every phrase of a bulletin, in Chinese and in English.
//!
//! A sentence is a list of clauses, each with the figure it prints. Which clauses are printed and how
//! numbers are shortened is decided elsewhere.

use jiff::civil::Date;

use super::Language;

/// A part of a sentence; `{}` is the figure with its unit.
pub(super) struct Clause {
    pub(super) figure: &'static str,
    pub(super) unit: &'static str,
    pub(super) text: &'static str,
    /// Stands even when nothing was counted.
    pub(super) always: bool,
}

const fn clause(figure: &'static str, unit: &'static str, text: &'static str) -> Clause {
    Clause {
        figure,
        unit,
        text,
        always: false,
    }
}

const fn always(figure: &'static str, unit: &'static str, text: &'static str) -> Clause {
    Clause {
        figure,
        unit,
        text,
        always: true,
    }
}

/// A larger unit of money: how many yuan it holds, and how an amount is said, exact or more.
type LargeMoney = (i64, fn(&str, bool) -> String);

/// The phrases of one language.
pub(super) struct Words {
    pub(super) heading: fn(&str, &str) -> String,
    pub(super) as_of: fn(Date) -> String,
    pub(super) draft: &'static str,
    pub(super) corrects: fn(&str) -> String,
    pub(super) begin: &'static str,
    pub(super) comma: &'static str,
    pub(super) stop: &'static str,
    pub(super) sentences: &'static [&'static [Clause]],
    pub(super) more: fn(&str) -> String,
    /// Which of two wordings is this language's.
    pub(super) own: for<'a> fn(&'a str, &'a str) -> &'a str,
    /// Says that a number worded by the drafter is not what was counted.
    pub(super) differs: fn(&str, &str) -> String,
    /// A larger unit of money, where the language counts in one.
    pub(super) large: Option<LargeMoney>,
    pub(super) yuan: fn(&str) -> String,
    /// The number before a section's heading.
    pub(super) section: fn(usize) -> String,
    pub(super) by_area: &'static str,
    pub(super) area: &'static str,
    pub(super) columns: &'static [(&'static str, &'static str)],
    pub(super) total: &'static str,
    pub(super) by_department: &'static str,
    pub(super) department: &'static str,
    pub(super) leads: &'static str,
    pub(super) counted_once: &'static str,
    pub(super) overdue: fn(i64) -> String,
    pub(super) overdue_in: fn(&str, i64) -> String,
    pub(super) rests_on: fn(Date, Date, &str) -> String,
}

/// The phrases of a language.
pub(super) fn of(language: Language) -> &'static Words {
    match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    }
}

fn zh_day(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

const ZH: Words = Words {
    heading: |place, name| format!("{place} {name}"),
    as_of: |day| format!("（截至{}）", zh_day(day)),
    draft: "（送审稿，未经审定）",
    corrects: |id| format!("（本期更正 {id}）"),
    begin: "",
    comma: "，",
    stop: "。",
    sentences: &[
        &[
            always("person_times", "人次", "共出动{}"),
            always("visits", "家次", "检查{}"),
            always("institutions", "家", "排查机构{}"),
            clause("rounds", "轮", "开展排查{}"),
        ],
        &[
            clause("raw_reports", "条", "收到反映{}"),
            always("leads", "条", "归并形成线索{}"),
            clause("substantiated", "条", "查证属实{}"),
            clause("not_substantiated", "条", "不属实{}"),
            clause("hidden_variant_occasions", "次", "查处隐形变异培训{}"),
            clause("hidden_variant_institutions", "家", "涉及{}"),
        ],
        &[
            always("orders", "份", "下达责令整改通知书{}"),
            clause("violators", "家", "涉及违规机构{}"),
            clause("notices", "份", "发出整改通知书{}"),
            clause("public_notices", "期", "发布通告{}"),
            clause("hazards", "处", "发现安全隐患{}"),
            clause("hazards_fixed", "处", "已整改隐患{}"),
            clause("penalised", "家", "行政处罚{}"),
            clause("suspended", "家", "责令停办{}"),
            clause("refund_fen", "元", "督促退费{}"),
        ],
        &[
            clause("due", "份", "到期整改件{}"),
            clause("cleared", "份", "已销号{}"),
            clause("cleared_on_time", "份", "其中按期完成{}"),
            clause("overdue", "份", "逾期未办{}"),
            clause("reopened", "起", "反弹{}"),
        ],
        &[
            clause("tasks_issued", "项", "下发排查任务{}"),
            clause("tasks_accepted", "项", "已接收{}"),
            clause("tasks_submitted", "项", "已提交{}"),
            clause("tasks_overdue", "项", "逾期{}"),
            clause("reminders", "次", "催办{}"),
            clause("escalations", "次", "逐级督办{}"),
        ],
    ],
    more: |number| format!("{number}余"),
    own: |zh, _| zh,
    differs: |printed, counted| format!("注：上文“{printed}”按拟稿人要求印出，实计{counted}。"),
    large: Some((10_000, ten_thousands)),
    yuan: |amount| format!("{amount}元"),
    section: |n| {
        format!(
            "{}、",
            ["一", "二", "三", "四"]
                .get(n.saturating_sub(1))
                .unwrap_or(&"")
        )
    },
    by_area: "分地区情况",
    area: "地区",
    columns: &[
        ("person_times", "人次"),
        ("visits", "家次"),
        ("institutions", "机构"),
        ("leads", "线索"),
        ("substantiated", "属实"),
        ("orders", "责令整改"),
        ("due", "到期"),
        ("cleared", "销号"),
        ("overdue", "逾期"),
    ],
    total: "合计",
    by_department: "分部门线索",
    department: "部门",
    leads: "线索（条）",
    counted_once: "注：一条线索涉及多个部门的，在各部门下分别列出，总数只计一次。",
    overdue: |n| format!("逾期未办：{n}份"),
    overdue_in: |place, n| format!("　{place} {n}份"),
    rests_on: |from, to, version| {
        format!(
            "数据说明：按事件发生时间统计，自{}至{}，以冻结时各级台账已收到的记录为准；计量单位不作换算；程序版本 {version}。",
            zh_day(from),
            zh_day(to)
        )
    },
};

/// `170余万元`, but `4万余元`: the character stands behind the last round place.
fn ten_thousands(amount: &str, more: bool) -> String {
    match more {
        false => format!("{amount}万元"),
        true if amount.ends_with('0') => format!("{amount}余万元"),
        true => format!("{amount}万余元"),
    }
}

const EN: Words = Words {
    heading: |place, name| format!("{place}: {name}"),
    as_of: |day| format!("(as of {day})"),
    draft: "(draft, not approved)",
    corrects: |id| format!("(corrects {id})"),
    begin: "",
    comma: "; ",
    stop: ".",
    sentences: &[
        &[
            always("person_times", "", "person-times sent out: {}"),
            always("visits", "", "visits: {}"),
            always("institutions", "", "institutions: {}"),
            clause("rounds", "", "rounds: {}"),
        ],
        &[
            clause("raw_reports", "", "reports: {}"),
            always("leads", "", "leads after merging: {}"),
            clause("substantiated", "", "substantiated: {}"),
            clause("not_substantiated", "", "not substantiated: {}"),
            clause(
                "hidden_variant_occasions",
                "",
                "hidden-variant occasions: {}",
            ),
            clause("hidden_variant_institutions", "", "at institutions: {}"),
        ],
        &[
            always("orders", "", "rectification orders served: {}"),
            clause("violators", "", "institutions ordered: {}"),
            clause("notices", "", "notices: {}"),
            clause("public_notices", "", "public notices: {}"),
            clause("hazards", "", "hazards found: {}"),
            clause("hazards_fixed", "", "hazards fixed: {}"),
            clause("penalised", "", "institutions penalised: {}"),
            clause("suspended", "", "institutions suspended: {}"),
            clause("refund_fen", "yuan", "refunded: {}"),
        ],
        &[
            clause("due", "", "orders due: {}"),
            clause("cleared", "", "cleared: {}"),
            clause("cleared_on_time", "", "cleared on time: {}"),
            clause("overdue", "", "overdue: {}"),
            clause("reopened", "", "reopened: {}"),
        ],
        &[
            clause("tasks_issued", "", "sweep tasks issued: {}"),
            clause("tasks_accepted", "", "taken: {}"),
            clause("tasks_submitted", "", "submitted: {}"),
            clause("tasks_overdue", "", "late: {}"),
            clause("reminders", "", "reminders: {}"),
            clause("escalations", "", "escalations: {}"),
        ],
    ],
    more: |number| format!("over {number}"),
    own: |_, en| en,
    differs: |printed, counted| {
        format!("Note: \"{printed}\" is printed as its drafter asked; counted were {counted}.")
    },
    large: None,
    yuan: |amount| format!("{amount} yuan"),
    section: |n| format!("{n}. "),
    by_area: "By area",
    area: "Area",
    columns: &[
        ("person_times", "Person-times"),
        ("visits", "Visits"),
        ("institutions", "Institutions"),
        ("leads", "Leads"),
        ("substantiated", "Substantiated"),
        ("orders", "Orders"),
        ("due", "Due"),
        ("cleared", "Cleared"),
        ("overdue", "Overdue"),
    ],
    total: "Total",
    by_department: "Leads by department",
    department: "Department",
    leads: "Leads",
    counted_once: "A lead of several departments stands under each; the total counts it once.",
    overdue: |n| format!("Overdue orders: {n}"),
    overdue_in: |place, n| format!("   {place}: {n}"),
    rests_on: |from, to, version| {
        format!(
            "Counted by the time things happened, from {from} to {to}, from the records received when the bulletin was frozen; counting units never convert; version {version}."
        )
    },
};
