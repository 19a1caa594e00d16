//! From the desk to the look-back: each lead is classified, routed, decided, verified; what holds is filed,
//! ordered, put right, verified by somebody else, and looked at again.
//!
//! A few go wrong on purpose: late, failed, extended, parked, never answered, relapsed.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use serde_json::{Value, json};

use crate::xiaogan::days::{at, due_in_working_days, instant, later, on, plus, work};
use crate::xiaogan::leads::{Kind, Opened, desk};
use crate::xiaogan::script::Script;
use crate::xiaogan::tables::route;
use crate::xiaogan::world::{County, DEPARTMENTS, city, department};

/// Refunds of the year, exactly.
pub const REFUND_FEN: i64 = 170_348_000;
/// The last day on which the script still does anything.
const LAST: (i8, i8) = (12, 22);

/// How an order goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    OnTime,
    FailedFirst,
    Late,
    LateWithPromise,
    NeverAnswered,
    Extended,
    ParkedAndResumed,
    Parked,
    NoOrder,
    Relapsed,
}

/// The course of the nth case.
fn course(nth: usize) -> Course {
    match nth {
        4 | 27 => Course::FailedFirst,
        7 => Course::Late,
        11 | 31 => Course::LateWithPromise,
        14 | 22 | 40 => Course::NeverAnswered,
        17 | 35 => Course::Extended,
        19 => Course::ParkedAndResumed,
        25 => Course::Parked,
        9 | 21 | 33 | 45 => Course::NoOrder,
        3 => Course::Relapsed,
        _ => Course::OnTime,
    }
}

/// Takes every lead to its end.
pub fn write(script: &mut Script, counties: &[County], leads: &[Opened]) {
    let mut refunds = Vec::new();
    let mut cases = 0;
    let mut filed: BTreeSet<(usize, &str)> = BTreeSet::new();
    for (nth, lead) in leads.iter().enumerate() {
        let mut way = Way::of(script, &counties[lead.plan.county], lead, nth);
        let verdict = way.reach_verdict();
        if lead.plan.kind != Kind::Not {
            way.case(verdict, cases, &mut refunds);
            cases += 1;
            // A new lead about a place that was cleared of the same before: its case begins at the next generation.
            if !filed.insert((lead.plan.county, &lead.subject)) {
                script.counted[lead.plan.county].add("reopened", 1);
            }
        }
    }
    pay(script, refunds);
}

/// A refund to come: when, by whom, where, of which case.
struct Refund {
    county: usize,
    code: &'static str,
    when: DateTime,
    by: String,
    case: String,
}

/// The refunds come to the published sum to the last fen.
fn pay(script: &mut Script, mut refunds: Vec<Refund>) {
    refunds.sort_by_key(|refund| refund.when);
    let many = i64::try_from(refunds.len()).expect("few refunds");
    let mut left = REFUND_FEN;
    for (nth, refund) in refunds.into_iter().enumerate() {
        let nth = i64::try_from(nth).expect("few refunds");
        let even = REFUND_FEN / many / 1_000 * 1_000;
        let amount = if nth + 1 == many {
            left
        } else {
            even / 2 + (nth * 37 % 50) * even / 50 / 1_000 * 1_000
        };
        left -= amount;
        let proof = format!("银行退款回单{:03}号", nth + 1);
        script.wish(
            refund.when,
            &refund.by,
            refund.code,
            "rectification.record_refund",
            json!({"case": refund.case, "amount_fen": amount, "proof": proof}),
        );
        script.counted[refund.county].add("refund_fen", amount);
        assert!(amount > 0, "a refund is more than nothing");
    }
}

/// One lead on its way.
struct Way<'a> {
    script: &'a mut Script,
    county: &'a County,
    lead: &'a Opened,
    nth: usize,
    /// The leading department.
    leads: usize,
    assists: Vec<usize>,
    codes: Vec<&'static str>,
}

impl<'a> Way<'a> {
    fn of(script: &'a mut Script, county: &'a County, lead: &'a Opened, nth: usize) -> Self {
        Self {
            script,
            county,
            lead,
            nth,
            leads: 0,
            assists: Vec::new(),
            codes: lead.plan.codes.clone(),
        }
    }

    fn wish(
        &mut self,
        when: DateTime,
        by: &str,
        verb: &str,
        fields: Value,
    ) -> &mut crate::xiaogan::script::Line {
        self.script
            .wish(when, by, self.county.plan.code, verb, fields)
    }

    fn on_lead(
        &mut self,
        when: DateTime,
        by: &str,
        verb: &str,
        mut fields: Value,
    ) -> &mut crate::xiaogan::script::Line {
        fields["lead"] = self.lead.find.clone();
        self.wish(when, by, verb, fields)
    }

    fn count(&mut self, figure: &'static str, n: i64) {
        self.script.counted[self.county.index].add(figure, n);
    }

    /// Classified, routed, decided about joint action, verified. Returns when the verdict was given.
    fn reach_verdict(&mut self) -> DateTime {
        let dispatcher = self.county.dispatcher();
        let mut when = desk(self.lead.opened, self.lead.plan.urgent, self.nth);
        if self.lead.plan.story {
            // Whoever only oversees does not classify.
            self.on_lead(
                plus(when, -5),
                &city(5),
                "rectification.classify_lead",
                json!({"codes": ["H1"]}),
            )
            .refused("not_allowed");
        }
        let mut joint = self.route(when);
        when = plus(when, 10);
        if self.nth == 15 {
            // "Not ours": back to the desk within two working days, and on to another department.
            let inspector = self.county.inspector(self.leads, 0);
            let back = at(work(when.date(), 1), 10, 30);
            self.on_lead(
                back,
                &inspector,
                "rectification.return_lead",
                json!({"reason": "属虚假宣传，不属本部门职责，退回重新分派"}),
            );
            self.codes = vec!["A1"];
            joint = self.route(plus(back, 60));
            when = plus(back, 70);
        }
        let counted = &mut self.script.counted[self.county.index];
        for code in std::iter::once(self.leads).chain(self.assists.iter().copied()) {
            *counted.departments.entry(DEPARTMENTS[code].0).or_default() += 1;
        }
        when = plus(when, 30);
        let visited = if joint {
            self.together(when)
        } else {
            self.on_lead(
                when,
                &dispatcher,
                "rectification.decide_joint",
                json!({"joint": false, "reason": "单一部门职责，不需联合"}),
            );
            let slow = self.nth % 11 == 5;
            work(when.date(), if slow { 12 } else { 3 })
        };
        let verdict = at(visited, 16, i8::try_from(self.nth % 60).expect("below 60"));
        let inspector = self.county.inspector(self.leads, 0);
        let (verdict_word, note, figure) = match self.lead.plan.kind {
            Kind::Not => ("not", "现场核查，未发现所反映情况", "not_substantiated"),
            _ if self.nth % 9 == 4 => ("partly", "部分属实", "substantiated"),
            _ => ("substantiated", "现场核实，情况属实", "substantiated"),
        };
        self.on_lead(
            verdict,
            &inspector,
            "rectification.record_verdict",
            json!({"verdict": verdict_word, "note": note}),
        );
        self.count(figure, 1);
        if self.lead.plan.kind == Kind::Hidden {
            self.count("hidden_variant_occasions", 1);
            self.script.counted[self.county.index]
                .subject("hidden_variant_institutions", &self.lead.subject);
        }
        verdict
    }

    /// Classified and routed by the table; returns whether the table proposes joint action.
    fn route(&mut self, when: DateTime) -> bool {
        let (dispatcher, codes) = (self.county.dispatcher(), self.codes.clone());
        let (leading, assisting, joint) = route(&codes, self.lead.training);
        self.leads = department(leading);
        self.assists = assisting.iter().map(|code| department(code)).collect();
        self.on_lead(
            when,
            &dispatcher,
            "rectification.classify_lead",
            json!({"codes": codes}),
        );
        self.on_lead(
            plus(when, 10),
            &dispatcher,
            "rectification.route_lead",
            json!({}),
        );
        joint
    }

    /// A joint action with two certified people of each department. Returns its day.
    fn together(&mut self, decided: DateTime) -> Date {
        let date = work(decided.date(), 2);
        let named: Vec<usize> = std::iter::once(self.leads)
            .chain(self.assists.iter().copied())
            .collect();
        let crew: Vec<String> = named
            .iter()
            .flat_map(|d| [self.county.inspector(*d, 0), self.county.inspector(*d, 1)])
            .collect();
        let (action, sortie) = (
            format!("joint-{}", self.nth),
            format!("joint-outing-{}", self.nth),
        );
        let dispatcher = self.county.dispatcher();
        let reason = if self.lead.plan.story {
            "涉及托管场所、收费与消防，需三部门同查"
        } else {
            "场所进入与取证需部门协同"
        };
        self.on_lead(
            decided,
            &dispatcher,
            "rectification.decide_joint",
            json!({"joint": true, "reason": reason, "date": date.to_string(), "crew": crew}),
        )
        .bind(&action);
        let minute = i8::try_from(self.nth % 60).expect("below 60");
        let start = at(date, 9, minute);
        self.wish(
            start,
            &crew[0],
            "dispatch.open_sortie",
            json!({"members": crew, "kind": "joint", "date": date.to_string()}),
        )
        .bind(&sortie);
        self.script.counted[self.county.index].crew(date, &crew);
        if self.lead.listed {
            let subject = &self.lead.subject;
            self.wish(plus(start, 40), &crew[0], "dispatch.record_visit", json!({"sortie": format!("${sortie}"), "institution": subject, "outcome": "problem"}));
        }
        for (d, department) in named.iter().enumerate() {
            let by = self.county.inspector(*department, 0);
            let code = DEPARTMENTS[*department].0;
            let when = plus(
                at(date, 14, minute),
                10 * i64::try_from(d).expect("few departments"),
            );
            self.wish(when, &by, "rectification.report_action", json!({"action": format!("${action}"), "department": code, "outcome": "已到场检查并固定证据"}));
        }
        date
    }

    fn case(&mut self, verdict: DateTime, nth: usize, refunds: &mut Vec<Refund>) {
        let (first, second) = (
            self.county.inspector(self.leads, 0),
            self.county.inspector(self.leads, 1),
        );
        let case = format!("case-{}", nth + 1);
        let filed = plus(verdict, 40);
        self.on_lead(
            filed,
            &first,
            "rectification.file_case",
            json!({"officers": [first, second]}),
        )
        .bind(&case);
        let case = format!("${case}");
        let course = course(nth);
        self.acts(&case, work(filed.date(), 1), nth, course);
        if course == Course::NoOrder {
            return;
        }
        let (order, served, days) = self.order(&case, nth, work(filed.date(), 1), 1);
        let Some(fixed) = self.fix(&order, served, days, course) else {
            return;
        };
        if refundable(self.lead, course) {
            let when = plus(fixed, -45);
            refunds.push(Refund {
                county: self.county.index,
                code: self.county.plan.code,
                when,
                by: second,
                case: case.clone(),
            });
        }
        let cleared = self.verify(&order, fixed, served, days, course, nth);
        self.look_back(&case, cleared, nth, course);
    }

    /// Penalties, suspensions and papers on the way.
    fn acts(&mut self, case: &str, day: Date, nth: usize, course: Course) {
        let by = self.county.inspector(self.leads, 0);
        let minute = i8::try_from(nth).expect("fifty cases");
        let subject = self.lead.subject.clone();
        if nth % 4 == 1 || course == Course::NoOrder {
            let (kind, fen) = if nth.is_multiple_of(2) {
                ("警告", 0)
            } else {
                ("罚款", 500_000 + 20_000 * i64::try_from(nth).expect("few"))
            };
            self.wish(
                at(work(day, 3), 10, minute),
                &by,
                "rectification.record_penalty",
                json!({"case": case, "kind": kind, "amount_fen": fen}),
            );
            self.script.counted[self.county.index].subject("penalised", &subject);
        }
        if course == Course::NoOrder || nth % 10 == 2 {
            self.wish(
                at(day, 11, minute),
                &by,
                "rectification.suspend_institution",
                json!({"case": case}),
            );
            self.script.counted[self.county.index].subject("suspended", &subject);
        }
        if nth % 5 == 2 {
            self.wish(
                at(day, 8, minute),
                &by,
                "rectification.issue_notice",
                json!({"case": case, "kind": "notice"}),
            );
            self.count("notices", 1);
        }
        if nth == 13 || nth == 36 {
            self.wish(
                at(work(day, 4), 9, minute),
                &by,
                "rectification.issue_notice",
                json!({"case": case, "kind": "public_notice"}),
            );
            self.count("public_notices", 1);
        }
    }

    /// An order with its four fields, served the same day.
    fn order(
        &mut self,
        case: &str,
        nth: usize,
        day: Date,
        generation: usize,
    ) -> (String, DateTime, u32) {
        let by = self.county.inspector(self.leads, 0);
        let days: u32 = match self.codes[0] {
            "S1" | "S2" | "S3" => 3,
            "H1" | "Q1" => 10,
            _ => 15,
        };
        let name = format!("order-{}-{generation}", nth + 1);
        let minute = i8::try_from(nth).expect("fifty cases");
        if nth == 0 {
            // An order without its four fields is none.
            let bare = json!({"case": case, "focus": "隐形变异学科类培训", "requirement": "立即停止", "content": "停止培训"});
            self.wish(at(day, 8, 50), &by, "rectification.issue_order", bare)
                .refused("order_incomplete");
        }
        self.wish(at(day, 9, minute), &by, "rectification.issue_order", json!({
            "case": case, "focus": wording(self.codes[0]), "requirement": "立即停止违规行为并完成整改", "content": "停止违规培训、清退费用、公示整改情况",
            "ground": "《校外培训行政处罚暂行办法》", "deadline": {"amount": days, "unit": "working_day"},
        }))
        .bind(&name);
        let served = at(day, 15, minute);
        let order = format!("${name}");
        self.wish(
            served,
            &by,
            "rectification.serve_order",
            json!({"order": order, "proof": "送达回证，负责人签收"}),
        );
        self.count("orders", 1);
        self.script.counted[self.county.index].subject("violators", &self.lead.subject.clone());
        (order, served, days)
    }

    /// What the department does until a fix is reported; none where it never is.
    fn fix(
        &mut self,
        order: &str,
        served: DateTime,
        days: u32,
        course: Course,
    ) -> Option<DateTime> {
        let (duty, fixer) = (
            self.county.inspector(self.leads, 0),
            self.county.inspector(self.leads, 1),
        );
        let span = i32::try_from(days).expect("few days");
        let day = |n: i32| work(served.date(), n);
        let clock = (10, served.minute());
        let fixed = match course {
            Course::NeverAnswered => {
                // The third proposal is signed, the fourth waits for its signature.
                let supervisor = self.county.supervisor();
                self.wish(
                    at(day(span + 6), 15, 0),
                    &supervisor,
                    "escalation.sign_step",
                    json!({"step": {"find": "step", "order": order, "level": "B3"}}),
                );
                return None;
            }
            Course::Parked | Course::ParkedAndResumed => {
                let supervisor = self.county.supervisor();
                self.wish(
                    at(day(3), 10, 0),
                    &supervisor,
                    "rectification.park_order",
                    json!({"order": order, "reason": "场所装修，需跨期整改"}),
                );
                if course == Course::Parked {
                    return None;
                }
                self.wish(
                    at(day(20), 10, 0),
                    &supervisor,
                    "rectification.resume_order",
                    json!({"order": order, "reason": "装修完成"}),
                );
                day(22)
            }
            Course::Late => day(span + 4),
            Course::LateWithPromise => {
                let promise = at(day(span + 2), 17, 0);
                let step = json!({"find": "step", "order": order, "level": "B1"});
                let words = crate::xiaogan::days::written(promise);
                let far = crate::xiaogan::days::written(at(day(span + 6), 17, 0));
                self.wish(
                    at(day(span + 1), 9, 40),
                    &duty,
                    "escalation.acknowledge",
                    json!({"step": step, "promise": far}),
                )
                .refused("promise_too_far");
                self.wish(
                    at(day(span + 1), 10, 0),
                    &duty,
                    "escalation.acknowledge",
                    json!({"step": step, "promise": words}),
                );
                day(span + 2)
            }
            Course::Extended => {
                let head = self.county.head(self.leads);
                let more = json!({"order": order, "amount": 5, "unit": "working_day", "reason": "退费人数多，需分批办理"});
                self.wish(
                    at(day(span - 2), 10, 0),
                    &head,
                    "rectification.extend_order",
                    more,
                );
                day(span + 3)
            }
            _ => day(span - 1),
        };
        let fixed = at(fixed, clock.0, clock.1);
        self.wish(
            fixed,
            &fixer,
            "rectification.report_fix",
            json!({"order": order, "note": "已停课清退并公示", "evidence": ["sha256:整改照片"]}),
        );
        Some(fixed)
    }

    /// Somebody who had no hand in it looks. Returns when the case was cleared.
    fn verify(
        &mut self,
        order: &str,
        fixed: DateTime,
        served: DateTime,
        days: u32,
        course: Course,
        nth: usize,
    ) -> DateTime {
        let verifier = self.county.verifier(nth);
        let (duty, fixer) = (
            self.county.inspector(self.leads, 0),
            self.county.inspector(self.leads, 1),
        );
        let minute = i8::try_from(nth).expect("fifty cases");
        let mut fixed = fixed;
        if nth.is_multiple_of(12) {
            // Who issued the order would check their own work.
            self.wish(
                plus(fixed, 30),
                &duty,
                "rectification.verify_fix",
                json!({"order": order, "result": "passed"}),
            )
            .refused("same_person");
        }
        if course == Course::FailedFirst {
            let failed = at(work(fixed.date(), 1), 14, minute);
            self.wish(
                failed,
                &verifier,
                "rectification.verify_fix",
                json!({"order": order, "result": "failed", "note": "仍有课桌未清离"}),
            );
            fixed = at(work(failed.date(), 2), 10, minute);
            self.wish(
                fixed,
                &fixer,
                "rectification.report_fix",
                json!({"order": order, "note": "课桌已清离"}),
            );
        }
        let passed = at(work(fixed.date(), 2), 14, minute);
        self.wish(
            passed,
            &verifier,
            "rectification.verify_fix",
            json!({"order": order, "result": "passed", "note": "现场复查通过"}),
        );
        self.count("cleared", 1);
        let more = if course == Course::Extended { 5 } else { 0 };
        let due = due_in_working_days(served, days + more);
        // A parked order's time stood still, so its fix is in time.
        if course == Course::ParkedAndResumed || instant(fixed) <= due {
            self.count("cleared_on_time", 1);
        }
        passed
    }

    /// A month later; one has relapsed and goes round again.
    fn look_back(&mut self, case: &str, cleared: DateTime, nth: usize, course: Course) {
        let by = self.county.verifier(nth + 1);
        let minute = i8::try_from(nth).expect("fifty cases");
        let day = work(later(cleared.date(), 30), 0);
        if course == Course::Relapsed {
            self.wish(
                at(day, 15, minute),
                &by,
                "rectification.look_back",
                json!({"case": case, "result": "relapsed"}),
            );
            self.count("reopened", 1);
            let (order, served, days) = self.order(case, nth, work(day, 1), 2);
            let fixed = self
                .fix(&order, served, days, Course::OnTime)
                .expect("on time");
            let cleared = self.verify(&order, fixed, served, days, Course::OnTime, nth);
            let again = work(later(cleared.date(), 30), 0);
            self.wish(
                at(again, 15, minute),
                &by,
                "rectification.look_back",
                json!({"case": case, "result": "held"}),
            );
        } else if (nth.is_multiple_of(3) || self.lead.plan.story) && day <= on(LAST.0, LAST.1) {
            self.wish(
                at(day, 15, minute),
                &by,
                "rectification.look_back",
                json!({"case": case, "result": "held"}),
            );
        }
    }
}

/// Money came back in hidden-variant cases and where fees were the matter.
fn refundable(lead: &Opened, course: Course) -> bool {
    let fees = lead
        .plan
        .codes
        .iter()
        .any(|code| code.starts_with('H') || code.starts_with('F') || code.starts_with('Q'));
    fees && course != Course::FailedFirst
}

fn wording(code: &str) -> &'static str {
    match code {
        "H1" | "H2" | "H3" => "隐形变异学科类培训",
        "Q1" | "Q2" | "Q3" => "超许可开展培训",
        "F1" | "F2" | "F3" | "F4" => "违规收费",
        "A1" => "违规招生广告",
        "S1" | "S2" | "S3" => "安全隐患",
        _ => "不规范办学行为",
    }
}
