//! Expressions that are read and refused, and their words.

use super::cron;
use crate::{BadCron, Recurrence};

fn refused(expression: &str) -> BadCron {
    Recurrence::parse(expression).expect_err(expression)
}

#[test]
fn weekday_digits_are_refused_with_a_hint() {
    for weekday in ["1", "0", "7", "1-5", "MON,2", "*/2", "MON-FRI/2"] {
        let bad = refused(&format!("30 8 * * {weekday}"));
        assert_eq!(
            bad,
            BadCron::WeekdayNumber {
                text: weekday.to_owned()
            }
        );
        assert_eq!(
            bad.to_string(),
            format!("the weekday `{weekday}` is written with a number")
        );
        assert!(bad.hint().contains("MON"));
    }
}

#[test]
fn anything_but_five_fields_is_refused() {
    for (expression, found) in [
        ("", 0),
        ("@daily", 1),
        ("30 8 * *", 4),
        ("0 30 8 * * MON", 6),
        ("0 30 8 * * MON 2026", 7),
        ("1, 2 8 * * MON", 6),
    ] {
        assert_eq!(
            refused(expression),
            BadCron::Fields { found },
            "{expression}"
        );
    }
}

#[test]
fn an_unreadable_field_is_named() {
    for (expression, field, text) in [
        ("60 8 * * *", "minute", "60"),
        ("30 24 * * *", "hour", "24"),
        ("30 8 0 * *", "day of the month", "0"),
        ("30 8 32 * *", "day of the month", "32"),
        ("30 8 L * *", "day of the month", "L"),
        ("30 8 15W * *", "day of the month", "15W"),
        ("30 8 * 13 *", "month", "13"),
        ("30 8 * FOO *", "month", "FOO"),
        ("30 8 * * FOO", "weekday", "FOO"),
        ("30 8 * * MON-", "weekday", "MON-"),
        ("30 8 * * MON#", "weekday", "MON#"),
        ("30 8 * * 周一", "weekday", "周一"),
        ("*/0 8 * * *", "minute", "*/0"),
        ("30, 8 * * *", "minute", "30,"),
        ("30 /2 * * *", "hour", "/2"),
        ("30 ８ * * *", "hour", "８"),
        ("? 8 * * *", "minute", "?"),
        ("99999999999 8 * * *", "minute", "99999999999"),
    ] {
        let text = text.to_owned();
        assert_eq!(
            refused(expression),
            BadCron::Field { field, text },
            "{expression}"
        );
    }
}

#[test]
fn what_may_not_come_round_within_five_years_is_refused() {
    for expression in [
        "0 8 31 2 *",
        "0 8 30 FEB *",
        "0 8 31 4,6,9,11 *",
        "0 8 29 2 MON",
        "0 8 1 1 MON",
    ] {
        let bad = BadCron::Never {
            expression: expression.to_owned(),
        };
        assert_eq!(refused(expression), bad, "{expression}");
    }
    for expression in [
        "0 8 29 2 *",
        "0 8 13 * FRI",
        "0 8 31 * *",
        "0 8 1-7 1 MON",
        "0 8 31 2,3 *",
    ] {
        assert_eq!(cron(expression).expression(), expression);
    }
}

#[test]
fn a_long_expression_is_refused() {
    let long = format!("0 8 * * MON{}", ",MON".repeat(60));
    assert_eq!(refused(&long), BadCron::TooLong { length: 251 });
    assert_eq!(
        refused(&long).to_string(),
        "the expression has 251 characters, and 200 are allowed"
    );
}

#[test]
fn every_refusal_has_a_hint_that_ends_like_a_sentence() {
    let long = "*".repeat(201);
    for expression in [
        &long,
        "* *",
        "* * * * 1",
        "99 * * * *",
        "* 99 * * *",
        "* * 99 * *",
        "* * * 99 *",
        "* * * * X",
        "0 0 31 2 *",
    ] {
        let bad = refused(expression);
        assert!(bad.hint().ends_with('.'), "{bad}");
        assert!(!bad.to_string().ends_with('.'), "{bad}");
    }
}

#[test]
fn words_say_what_an_expression_means() {
    for (expression, words) in [
        ("30 8 * * MON", "at 08:30 on every Mon"),
        ("30 8 * * *", "at 08:30 on every day"),
        (
            "30 8,14 * * MON-FRI",
            "at 08:30 and 14:30 on every Mon to Fri",
        ),
        ("0 9 * * SAT,SUN", "at 09:00 on every Sat and Sun"),
        ("0 9 * * SAT-MON", "at 09:00 on every Mon, Sat and Sun"),
        ("0 9 * * MON-SUN", "at 09:00 on every day"),
        ("0 9 * * monday", "at 09:00 on every Mon"),
        ("0 9 1 * *", "at 09:00 on day 1 of every month"),
        ("0 9 1,15 3-5 ?", "at 09:00 on days 1 and 15 of Mar to May"),
        ("0 9 ? * MON", "at 09:00 on every Mon"),
        ("0 9 * JAN *", "at 09:00 on every day in Jan"),
        (
            "0 9 13 * FRI",
            "at 09:00 on every day that is day 13 of the month and also Fri",
        ),
        (
            "0 9 1-7 1,7 MON,TUE",
            "at 09:00 on every day that is day 1 to 7 of the month and also Mon or Tue in Jan and Jul",
        ),
        ("* * * * *", "every minute on every day"),
        ("*/15 * * * *", "every 15 minutes on every day"),
        ("5 * * * *", "at minute 5 of every hour on every day"),
        (
            "5,20 * * * *",
            "at minutes 5 and 20 of every hour on every day",
        ),
        (
            "*/15 8-17 * * MON",
            "every 15 minutes of hours 08 to 17 on every Mon",
        ),
        (
            "30 8-17 * * MON",
            "at minute 30 of hours 08 to 17 on every Mon",
        ),
        ("* 8 * * *", "every minute of hour 08 on every day"),
        (
            "0,40 */6 * * *",
            "at minutes 0 and 40 of hours 00, 06, 12 and 18 on every day",
        ),
    ] {
        assert_eq!(cron(expression).words(), words, "{expression}");
    }
}

#[test]
fn an_expression_survives_the_wire_and_a_bad_one_does_not() {
    let sent = cron("30  8 * *   MON");
    let text = serde_json::to_string(&sent).expect("an expression is data");
    assert_eq!(text, r#""30 8 * * MON""#);
    let read: Recurrence = serde_json::from_str(&text).expect("it was written above");
    assert_eq!(read, sent);
    assert_eq!(read.to_string().parse(), Ok(sent));
    assert!(serde_json::from_str::<Recurrence>(r#""30 8 * * 1""#).is_err());
}
