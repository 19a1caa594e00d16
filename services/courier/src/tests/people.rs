//! Choices of people about being told: quiet hours, and whether they can be written to at all.

use jiff::civil::{Time, time};
use picket_schemas::courier::Next;

use super::*;

fn quiet(person: Option<&str>, hours: Option<(Time, Time)>) -> Command {
    Command::SetQuietHours {
        person: person.map(Into::into),
        from: hours.map(|hours| hours.0),
        until: hours.map(|hours| hours.1),
    }
}

/// The instant at which an offer that comes at an instant may go, and what it waits for.
fn offer_at(desk: &mut Desk, at: &str, person: &str) -> (Timestamp, String) {
    desk.bench.at = instant(at);
    let events = desk.hears("dispatch", issued(&format!("T-{at}"), &[person], None));
    let [Event::NoticeQueued { after, waits, .. }, ..] = events.as_slice() else {
        panic!("{events:?}")
    };
    (*after, waits.clone())
}

#[test]
fn everybody_has_the_quiet_hours_they_chose_and_the_others_those_of_the_jurisdiction() {
    let mut desk = Desk::at("2023-03-06T02:00:00Z");
    desk.wishes(
        FINDER,
        &quiet(Some("P-0017"), Some((time(12, 0, 0, 0), time(14, 0, 0, 0)))),
    )
    .expect("it is their own");
    desk.wishes(
        COORDINATOR,
        &quiet(None, Some((time(22, 30, 0, 0), time(6, 0, 0, 0)))),
    )
    .expect("a coordinator says it for all");
    let at = instant;
    let waits = || "quiet hours".to_owned();
    // Noon, half past two, ten and eleven in the evening, five in the morning, all in Shanghai.
    assert_eq!(
        offer_at(&mut desk, "2023-03-06T04:00:00Z", FINDER),
        (at("2023-03-06T06:00:00Z"), waits())
    );
    assert_eq!(
        offer_at(&mut desk, "2023-03-06T04:00:01Z", SECOND),
        (at("2023-03-06T04:00:01Z"), String::new())
    );
    assert_eq!(
        offer_at(&mut desk, "2023-03-06T06:00:00Z", FINDER),
        (at("2023-03-06T06:00:00Z"), String::new())
    );
    assert_eq!(
        offer_at(&mut desk, "2023-03-06T14:00:00Z", SECOND),
        (at("2023-03-06T14:00:00Z"), String::new())
    );
    assert_eq!(
        offer_at(&mut desk, "2023-03-06T15:00:00Z", SECOND),
        (at("2023-03-06T22:00:00Z"), waits())
    );
    assert_eq!(
        offer_at(&mut desk, "2023-03-06T15:00:01Z", FINDER),
        (at("2023-03-06T15:00:01Z"), String::new())
    );
    assert_eq!(
        offer_at(&mut desk, "2023-03-06T21:00:00Z", SECOND),
        (at("2023-03-06T22:00:00Z"), waits())
    );
    desk.folds();
}

#[test]
fn quiet_hours_are_written_as_people_write_them() {
    let typed = serde_json::from_str(
        r#"{"do":"courier.set_quiet_hours","person":"P-0017","from":"22:30","until":"06:00"}"#,
    );
    assert_eq!(
        typed.ok(),
        Some(quiet(
            Some("P-0017"),
            Some((time(22, 30, 0, 0), time(6, 0, 0, 0)))
        ))
    );
}

#[test]
fn who_wants_no_quiet_has_none_and_may_have_it_again() {
    let mut desk = Desk::at("2023-03-06T02:00:00Z");
    let never = quiet(Some(FINDER), Some((time(0, 0, 0, 0), time(0, 0, 0, 0))));
    desk.wishes(FINDER, &never).expect("it is their own");
    assert_eq!(
        desk.wishes(FINDER, &never),
        Ok(vec![]),
        "saying it again changes nothing"
    );
    assert_eq!(offer_at(&mut desk, NIGHT, FINDER).0, instant(NIGHT));
    desk.wishes(FINDER, &quiet(Some(FINDER), None))
        .expect("it is their own");
    assert_eq!(
        offer_at(&mut desk, "2023-03-06T14:00:01Z", FINDER).0,
        instant(DAWN)
    );
    desk.folds();
}

#[test]
fn quiet_hours_of_others_are_a_coordinators_and_have_two_ends() {
    let mut desk = Desk::at(MORNING);
    let night = Some((time(22, 0, 0, 0), time(6, 0, 0, 0)));
    let code = |answer: Result<Vec<Event>, Refusal>| answer.map_or_else(|no| no.code(), |_| "done");
    assert_eq!(
        code(desk.wishes(FINDER, &quiet(Some(SECOND), night))),
        "not_allowed"
    );
    assert_eq!(
        code(desk.wishes(FINDER, &quiet(None, night))),
        "not_allowed"
    );
    assert_eq!(
        code(desk.wishes(COORDINATOR, &quiet(Some(SECOND), night))),
        "done"
    );
    assert_eq!(
        code(desk.wishes(
            FINDER,
            &Command::SetQuietHours {
                person: Some(FINDER.into()),
                from: Some(time(22, 0, 0, 0)),
                until: None
            }
        )),
        "invalid"
    );
    assert_eq!(
        code(desk.wishes(
            FINDER,
            &quiet(Some(FINDER), Some((time(22, 0, 30, 0), time(6, 0, 0, 0))))
        )),
        "invalid"
    );
}

#[test]
fn who_cannot_be_written_to_is_marked_once_until_they_write_again() {
    let mut desk = Desk::at(MORNING);
    desk.hears("dispatch", issued("T-1", &[FINDER], None));
    desk.rings_now();
    let lost = desk
        .wishes(
            SYSTEM,
            &told_by("N-1", 1, Delivery::Blocked, "telegram", None),
        )
        .expect("it is out");
    assert!(
        matches!(&lost[..], [Event::NoticeFailed { next: Some(Next::Reachable(_)), .. }, Event::ChannelLost { person, channel, .. }] if *person == FINDER && channel == "telegram"),
        "{lost:?}"
    );
    assert_eq!(
        desk.minutes_later(60),
        [],
        "it is not tried again and again"
    );
    // The next one is still handed over: a screen may be open.
    desk.hears("dispatch", issued("T-2", &[FINDER], None));
    assert_eq!(handed(&desk.rings_now()), ["offer:P-0017"]);
    assert_eq!(
        desk.wishes(
            SYSTEM,
            &told_by("N-2", 1, Delivery::Blocked, "telegram", None)
        )
        .map(|events| events.len()),
        Ok(1)
    );
    let back = Command::Reachable {
        person: "P-0017".into(),
        channel: "telegram".into(),
    };
    assert_eq!(
        desk.wishes(SECOND, &back).map_err(|no| no.code()),
        Err("not_allowed")
    );
    assert_eq!(
        desk.wishes(FINDER, &back),
        Ok(vec![Event::ChannelRestored {
            person: FINDER.into(),
            channel: "telegram".into()
        }])
    );
    assert_eq!(desk.wishes(SYSTEM, &back), Ok(vec![]));
    desk.folds();
}

#[test]
fn who_is_reached_where_they_were_not_is_back() {
    let mut desk = Desk::at(MORNING);
    for task in ["T-1", "T-2", "T-3"] {
        desk.hears("dispatch", issued(task, &[FINDER], None));
        desk.rings_now();
    }
    desk.wishes(
        SYSTEM,
        &told_by("N-1", 1, Delivery::Blocked, "telegram", None),
    )
    .expect("it is out");
    assert_eq!(
        desk.wishes(SYSTEM, &told_by("N-2", 1, Delivery::Sent, "terminal", None))
            .map(|events| events.len()),
        Ok(1)
    );
    let sent = desk
        .wishes(SYSTEM, &told_by("N-3", 1, Delivery::Sent, "telegram", None))
        .expect("it is out");
    assert!(matches!(
        &sent[..],
        [Event::NoticeSent { .. }, Event::ChannelRestored { .. }]
    ));
    desk.folds();
}
