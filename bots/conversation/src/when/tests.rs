//! What instants, spans and amounts of money look like, and what is understood when typed.

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn with<T>(language: Language, ask: impl FnOnce(&LocalTime<'_>) -> T) -> T {
    let zone = TimeZone::get("Asia/Shanghai").expect("the zone is compiled in");
    // 14:50 on a Thursday.
    ask(&LocalTime {
        now: at("2026-10-08T06:50:00Z"),
        zone: &zone,
        words: Texts::of(language),
    })
}

#[test]
fn a_deadline_is_local_and_relative() {
    with(Language::Zh, |when| {
        assert_eq!(
            when.due(at("2026-10-08T09:00:00Z")),
            "今天 17:00（还剩 2 小时 10 分）"
        );
        assert_eq!(
            when.due(at("2026-10-07T03:50:00Z")),
            "昨天 11:50（已超 1 天 3 小时）"
        );
    });
    with(Language::En, |when| {
        assert_eq!(
            when.due(at("2026-10-08T09:00:00Z")),
            "today 17:00 (2 h 10 min left)"
        )
    });
}

#[test]
fn a_day_ends_at_24_00_of_its_last_day() {
    with(Language::Zh, |when| {
        assert_eq!(when.end(at("2026-10-08T16:00:00Z")), "今天 24:00");
        assert_eq!(when.end(at("2026-12-31T16:00:00Z")), "12-31 24:00");
        assert_eq!(when.end(at("2027-01-01T16:00:00Z")), "2027-01-01 24:00");
    });
}

#[test]
fn the_instant_a_deadline_is_due_it_is_over() {
    with(Language::Zh, |when| {
        assert_eq!(when.left(when.now), "已超 不到 1 分")
    });
}

#[test]
fn promises_are_understood_as_people_type_them() {
    with(Language::Zh, |when| {
        for text in [
            "明天17:00",
            "明天 17:00",
            "明天17点",
            "tomorrow 17:00",
            "10-09 17:00",
            "10月9日 17:00",
            "2026-10-09 17:00",
            "明天17：00",
        ] {
            assert_eq!(when.parse(text), Some(at("2026-10-09T09:00:00Z")), "{text}");
        }
        assert_eq!(when.parse("17:00"), Some(at("2026-10-08T09:00:00Z")));
        assert_eq!(when.parse("2小时"), Some(at("2026-10-08T08:50:00Z")));
        assert_eq!(when.parse("+90m"), Some(at("2026-10-08T08:20:00Z")));
        assert_eq!(when.parse("明天"), Some(at("2026-10-09T09:30:00Z")));
        for text in ["", "soon", "25:00", "明天 99", "13-45 10:00"] {
            assert_eq!(when.parse(text), None, "{text}");
        }
    });
}

#[test]
fn a_date_without_a_year_lies_ahead() {
    with(Language::Zh, |when| {
        assert_eq!(when.parse_day("01-05"), Some(jiff::civil::date(2027, 1, 5)));
        assert_eq!(when.parse_day("明天"), Some(jiff::civil::date(2026, 10, 9)));
    });
}

#[test]
fn spans_are_understood_in_both_languages() {
    assert_eq!(parse_span("5"), Some(Span::working_days(5)));
    assert_eq!(parse_span("5 个工作日"), Some(Span::working_days(5)));
    assert_eq!(parse_span("5wd"), Some(Span::working_days(5)));
    assert_eq!(parse_span("10天"), Some(Span::new(10, Unit::NaturalDay)));
    assert_eq!(parse_span("2小时"), Some(Span::urgent_hours(2)));
    assert_eq!(parse_span("0"), None);
    assert_eq!(parse_span("many"), None);
}

#[test]
fn money_never_loses_a_fen() {
    assert_eq!(parse_fen("1703480.00"), Some(170_348_000));
    assert_eq!(parse_fen("￥1,200.5 元"), Some(120_050));
    assert_eq!(parse_fen("3万"), Some(3_000_000));
    assert_eq!(parse_fen("0.07"), Some(7));
    for bad in ["", "-5", "1.234", "abc", "99999999999999999999"] {
        assert_eq!(parse_fen(bad), None, "{bad}");
    }
    assert_eq!(yuan(170_348_000), "1,703,480.00");
    assert_eq!(yuan(7), "0.07");
}
