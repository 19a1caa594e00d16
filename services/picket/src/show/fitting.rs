//! Answers on a terminal of 80 columns, with long Chinese and English in every cell.

use jiff::Timestamp;
use picket_schemas::ask::{
    BatchView, FiguresView, Named, NoticeView, OverdueItem, PersonView, ScheduleView,
};
use picket_schemas::figures::Figures;

use super::*;

const LONG: &str = "文昌社区第一托管服务部与书院社区第二文化课培训学校联合开展的寒假专项排查";
const WORDS: &str = "at 08:30 on every Mon to Fri, working days only, Asia/Shanghai time, from the first of March until the end of the term";

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn name(name: &str) -> Named {
    Named {
        code: "990101".into(),
        name: name.into(),
    }
}

fn shown(view: &View) -> String {
    let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
    let text = fit(&answer(view, &zone), 80);
    for line in text.lines() {
        assert!(picket_terminal::width(line) <= 80, "{line}\n{text}");
    }
    assert!(text.ends_with('\n'), "{text}");
    text
}

/// Without its layout: what stands there, blanks left out.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn schedules_are_read_whole() {
    let one = ScheduleView {
        code: "weekly-sweep".into(),
        cron: "30 8 * * MON-FRI".into(),
        words: WORDS.into(),
        does: format!("issues the batch {LONG}"),
        paused: None,
        next: Some(at("2026-03-02T00:30:00Z")),
        last: Some("fired 2026-02-23 08:30".into()),
    };
    let text = shown(&View::Schedules(vec![one]));
    assert!(
        bare(&text).contains(&bare(WORDS)) && bare(&text).contains(LONG),
        "{text}"
    );
    assert!(
        text.contains("  next  2026-03-02 08:30\n") && text.contains("  cron  30 8 * * MON-FRI\n"),
        "{text}"
    );
    assert_eq!(shown(&View::Schedules(Vec::new())), "nothing\n");
}

#[test]
fn what_is_overdue_keeps_its_days_and_loses_no_name() {
    let item = OverdueItem {
        jurisdiction: "990101".into(),
        clock: "order.fix:Z-3".into(),
        kind: "order.fix".into(),
        on: "Z-3".into(),
        what: LONG.into(),
        duty: vec![name("市场监管执法员1号"), name("孝感市市场监督管理局")],
        due: at("2026-03-02T00:30:00Z"),
        level: Some("B3".into()),
        promise: Some(at("2026-03-04T09:00:00Z")),
    };
    let text = shown(&View::Overdue(vec![item]));
    assert!(
        text.contains("2026-03-02 08:30") && text.contains("2026-03-04 17:00"),
        "{text}"
    );
    assert!(!text.contains('…'), "{text}");
}

#[test]
fn numbers_and_ids_of_a_batch_stay_whole_beside_a_long_name() {
    let batch = BatchView {
        jurisdiction: "990101".into(),
        batch: "B-1198".into(),
        name: LONG.into(),
        campaign: None,
        count: 1198,
        issued: 1198,
        accepted: 1100,
        submitted: 1000,
        approved: 900,
        cancelled: 0,
        unassigned: 12,
        overdue: 7,
        rows: 5000,
        rows_filled: 4321,
        problems: 69,
        state: "open".into(),
        cancelled_because: None,
        rev: 3,
    };
    let text = shown(&View::Batch(batch));
    assert!(
        ["B-1198", "1198", "1100", "4321/5000", "69"]
            .iter()
            .all(|whole| text.split_whitespace().any(|word| word == *whole)),
        "{text}"
    );
}

#[test]
fn people_and_notices_fit_too() {
    let person = PersonView {
        id: "990101/P-0017".into(),
        name: "哨兵17号".into(),
        roles: ["sentinel", "post_leader", "coordinator", "supervisor"]
            .map(str::to_owned)
            .to_vec(),
        department: Some(name("中国人民银行孝感市分行")),
        area: name("文昌社区居民委员会"),
        certificate: None,
        language: String::new(),
        posts: Vec::new(),
        open_tasks: 3,
    };
    let text = shown(&View::People(vec![person]));
    assert!(
        text.contains("990101/P-0017") && text.contains("post_leader"),
        "{text}"
    );
    let notice = NoticeView {
        notice: "N-1".into(),
        kind: "finding_cleared".into(),
        about: "L-1".into(),
        queued: at("2026-03-02T00:30:00Z"),
        state: "suppressed".into(),
        reason: Some(WORDS.into()),
        channel: None,
    };
    assert!(bare(&shown(&View::Notices(vec![notice]))).contains("suppressed"));
}

#[test]
fn a_long_field_goes_on_below_its_label() {
    let text = fit(&format!("focus        {LONG}{LONG}\n"), 80);
    let lines: Vec<_> = text.lines().collect();
    assert!(
        lines.len() == 3
            && lines[1..]
                .iter()
                .all(|line| line.starts_with("             ")),
        "{text}"
    );
    assert!(
        lines.iter().all(|line| picket_terminal::width(line) <= 80),
        "{text}"
    );
    assert_eq!(bare(&text), format!("focus{LONG}{LONG}"));
}

#[test]
fn a_window_in_which_nothing_happened_says_so() {
    let mut view = FiguresView {
        jurisdiction: "990101".into(),
        from: at("2025-12-31T16:00:00Z"),
        as_of: at("2026-03-01T16:00:00Z"),
        figures: Figures::default(),
        areas: Default::default(),
        names: Default::default(),
        positions: Default::default(),
    };
    view.areas.insert("990101".into(), Figures::default());
    let text = shown(&View::Figures(view.clone()));
    assert!(
        text.starts_with(
            "990101 from 2026-01-01 00:00 to 2026-03-02 00:00\nnothing happened in this window"
        ),
        "{text}"
    );
    assert!(
        text.contains("figure                       unit  990101\n"),
        "a county does not stand beside itself: {text}"
    );
    view.figures.counts.insert("leads".into(), 3);
    assert!(!shown(&View::Figures(view)).contains("nothing happened"));
}
