//! Tests of what events speak of: the order in which a trace is looked for.

use std::fs;
use std::path::Path;

use super::*;

/// What the golden event of a file speaks of.
fn things_of(file: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../schemas/golden");
    let text = fs::read_to_string(folder.join(file)).unwrap();
    let service = file.split('/').next().unwrap();
    let event = Event::decode(service, &text).unwrap();
    let subjects = things(&event, "420902");
    subjects.iter().map(|ids| ids.join(" ")).collect()
}

#[test]
fn the_most_specific_record_comes_first_and_what_it_led_to_does_not_come() {
    for (file, things) in [
        (
            "dispatch/batch.confirmed.v1.json",
            "420902/B-12 420902/weekly-sweep@2026-03-02T08:30",
        ),
        ("dispatch/task.issued.v1.json", "420902/T-2041 420902/B-12"),
        ("dispatch/task.approved.v1.json", "420902/T-2041"),
        (
            "rectification/report.received.v1.json",
            "420902/R-77 420902/T-2041 420902/U-7",
        ),
        ("rectification/lead.merged.v1.json", "420902/L-70"),
        (
            "rectification/order.served.v2.json",
            "420902/Z-318 420902/C-21",
        ),
        (
            "escalation/ladder.stepped.v1.json",
            "420902/E-14 420902/K-95 420902/Z-318",
        ),
        (
            "courier/notice.queued.v2.json",
            "420902/N-501 420902/K-95 420902/E-14",
        ),
        ("courier/matter.noted.v1.json", "420902/L-69"),
        (
            "schedule/occurrence.caused.v1.json",
            "420902/weekly-sweep@2026-03-02T08:30",
        ),
        ("schedule/schedule.defined.v1.json", "420902/weekly-sweep"),
    ] {
        assert_eq!(things_of(file), [things], "{file}");
    }
}

#[test]
fn a_notice_that_goes_along_is_a_subject_of_its_own() {
    assert_eq!(
        things_of("courier/notice.handed.v2.json"),
        ["420902/N-501 420902/T-14", "420902/N-502"]
    );
}

#[test]
fn what_is_no_record_is_in_no_trace() {
    // The kind of clock a ladder is for, an outing, half an answer.
    for file in [
        "registry/ladder.set.v1.json",
        "dispatch/sortie.opened.v1.json",
        "dispatch/draft.kept.v1.json",
    ] {
        assert_eq!(things_of(file), [""], "{file}");
    }
}
