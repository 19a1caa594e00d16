//! Sealed sheets: invisible outside the crew until they are released.

use picket_schemas::dispatch::{Command, Event, Outcome};

use super::*;

pub(super) const RELEASE: &str = "2023-03-05T00:00:00Z";

pub(super) fn sealed_desk() -> Desk {
    let mut desk = Desk::county();
    let Command::IssueBatch {
        name,
        campaign,
        round,
        select,
        assign,
        checklist,
        window,
        ..
    } = batch(
        of_post(1),
        assign(AssignTo::Person, &["P-1A"], Accept::First),
    )
    else {
        panic!("a batch")
    };
    let sealed_until = Some(RELEASE.parse().expect("an instant"));
    desk.does(
        "P-C",
        &Command::IssueBatch {
            name,
            campaign,
            round,
            select,
            assign,
            checklist,
            window,
            sealed_until,
        },
    );
    desk.rings();
    desk
}

#[test]
fn a_sealed_sheet_is_invisible_outside_the_crew() {
    let mut desk = sealed_desk();
    let wishes = |task: &str| {
        [
            ("P-1B", accept(task)),
            ("P-C", cancel(task)),
            ("P-C", hand_over(task, "P-1B")),
            ("P-1L", approve(task)),
        ]
    };
    for ((who, command), (_, same)) in wishes("T-1").into_iter().zip(wishes("T-9")) {
        let (sealed, nothing) = (
            desk.wish(who, &command).expect_err("sealed").problem(),
            desk.wish(who, &same).expect_err("there is none").problem(),
        );
        assert_eq!(
            (sealed.code, sealed.title.replace("T-1", "T-9"), sealed.hint),
            (nothing.code, nothing.title, nothing.hint),
            "{who} hears what anybody hears of nothing"
        );
    }
    desk.does("P-1A", &accept("T-1"));
}

#[test]
fn after_its_release_a_sealed_sheet_is_like_any_other() {
    let mut desk = sealed_desk();
    desk.does("P-1A", &accept("T-1"));
    desk.later(RELEASE);
    assert_eq!(desk.refused("P-1B", &accept("T-1")), "not_yours");
    desk.does("P-C", &cancel("T-1"));
}

#[test]
fn what_is_found_on_a_sealed_sheet_stays_sealed() {
    let mut desk = sealed_desk();
    desk.does("P-1A", &accept("T-1"));
    desk.does("P-1A", &fill("T-1", "I-11", Outcome::ClosedDoor));
    let events = desk.does("P-1A", &urgent("T-1", "I-12"));
    let release: Timestamp = RELEASE.parse().expect("an instant");
    assert!(
        matches!(&events[1], Event::RowFound { sealed_until: Some(until), .. } if *until == release)
    );
    desk.does("P-1A", &submit("T-1"));
    desk.later(RELEASE);
    assert!(
        matches!(&desk.does("P-1L", &approve("T-1"))[0], Event::TaskIssued { sealed_until: Some(until), .. } if *until == release)
    );
}
