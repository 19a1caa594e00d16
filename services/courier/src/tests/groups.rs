//! Chat groups: what several may take, and bulletins somebody answers for.

use picket_schemas::bulletin::{Event as Bulletin, Rounding};

use super::*;

const GROUP: &str = "420902/G-01";
const COUNTY_GROUP: &str = "420902/G-02";

fn with_groups() -> Desk {
    let mut desk = Desk::at(MORNING);
    desk.enrol(GROUP, &[Role::Group], None, COMMUNITY);
    desk.enrol(COUNTY_GROUP, &[Role::Group], None, "420902");
    desk
}

#[test]
fn what_several_may_take_is_offered_to_the_nearest_group_as_well() {
    let mut desk = with_groups();
    assert_eq!(
        told(&desk.hears("dispatch", issued("T-1", &[FINDER, SECOND], None))),
        ["offer:G-01", "offer:P-0017", "offer:P-0018"]
    );
    assert_eq!(
        told(&desk.hears("dispatch", issued("T-2", &[FINDER], None))),
        ["offer:P-0017"],
        "what is for one is nobody else's business"
    );
    desk.folds();
}

#[test]
fn several_sheets_reach_a_group_as_one_message() {
    let mut desk = with_groups();
    for task in ["T-1", "T-2", "T-3"] {
        desk.hears("dispatch", issued(task, &[FINDER, SECOND], None));
    }
    let events = desk.rings_now();
    assert_eq!(
        handed(&events),
        ["offer:G-01", "offer:P-0017", "offer:P-0018"]
    );
    desk.folds();
}

#[test]
fn a_group_hears_nothing_of_a_sheet_that_was_taken_overnight() {
    let mut desk = with_groups();
    desk.rings(NIGHT);
    desk.hears("dispatch", issued("T-1", &[FINDER, SECOND], None));
    desk.hears("dispatch", accepted("T-1", FINDER));
    assert_eq!(handed(&desk.rings(DAWN)), Vec::<String>::new());
    desk.folds();
}

#[test]
fn a_group_hears_of_a_sealed_sheet_at_its_release_and_not_before() {
    let mut desk = with_groups();
    desk.hears(
        "dispatch",
        issued("T-1", &[FINDER, SECOND], Some("2023-03-08T02:00:00Z")),
    );
    assert_eq!(
        handed(&desk.rings_now()),
        ["offer:P-0017", "offer:P-0018"],
        "the crew alone"
    );
    assert_eq!(
        handed(&desk.rings("2023-03-08T01:59:00Z")),
        Vec::<String>::new()
    );
    assert_eq!(handed(&desk.rings("2023-03-08T02:00:00Z")), ["offer:G-01"]);
}

#[test]
fn groups_hear_of_a_bulletin_once_somebody_answers_for_it_and_only_once() {
    let mut desk = with_groups();
    let frozen = Bulletin::BulletinFrozen {
        bulletin: "BU-1".into(),
        name: "quarter".into(),
        from: instant("2023-01-01T00:00:00Z"),
        as_of: instant(MORNING),
        rounding: Rounding::default(),
        positions: Default::default(),
        figures: Default::default(),
        areas: Default::default(),
        code_version: "test".into(),
        corrects: None,
        overrides: Default::default(),
    };
    assert_eq!(
        told(&desk.hears("bulletin", frozen)),
        ["bulletin:P-0001", "bulletin:P-0004"],
        "a draft is for those who run the place"
    );
    let approved = || Bulletin::BulletinApproved {
        bulletin: "BU-1".into(),
        by: SUPERVISOR.into(),
    };
    assert_eq!(
        told(&desk.hears("bulletin", approved())),
        ["bulletin:G-01", "bulletin:G-02"]
    );
    desk.folds();
}
