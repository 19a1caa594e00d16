//! A hundred thousand random walks over all commands, in blocks with a digest each.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::digest::{Digests, in_short};
use crate::walk::walk;

/// Walks a block.
const BLOCK: u64 = 100;
/// Blocks walked where nobody asks for more.
const FEW: u64 = 1;

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("record/walks.txt")
}

/// The line of a block: which walks, how many events, what of their digests.
fn block(number: u64) -> (String, String) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut digests = Digests::default();
    let (mut wishes, mut accepted) = (0, 0);
    for seed in number * BLOCK..(number + 1) * BLOCK {
        let came = runtime.block_on(walk(seed, &mut digests));
        wishes += came.wishes;
        accepted += came.accepted;
    }
    let lines = digests.lines();
    let line = format!(
        "{number} {wishes} {accepted} {}",
        in_short(&lines, &["lead.classified", "ladder.stepped"])
    );
    (line, lines)
}

#[test]
fn random_walks_over_all_commands_come_out_as_recorded() {
    let walks: u64 = std::env::var("PICKET_WALKS")
        .ok()
        .map_or(FEW * BLOCK, |walks| {
            walks.parse().expect("PICKET_WALKS is a number")
        });
    let blocks = walks.div_ceil(BLOCK);
    // Two threads: each block is for itself.
    let half = |odd: u64| {
        (0..blocks)
            .filter(|number| number % 2 == odd)
            .map(|number| (number, block(number)))
            .collect::<Vec<_>>()
    };
    let mut all = std::thread::scope(|scope| {
        let second = scope.spawn(|| half(1));
        let mut all = half(0);
        all.extend(second.join().unwrap());
        all
    });
    all.sort();
    let recorded = fs::read_to_string(file()).unwrap_or_default();
    if std::env::var("PICKET_RECORD").is_ok_and(|word| word == "accept") {
        let mut text = String::new();
        for (_, (line, _)) in &all {
            writeln!(text, "{line}").unwrap();
        }
        text.extend(
            recorded
                .lines()
                .skip(all.len())
                .map(|line| format!("{line}\n")),
        );
        fs::write(file(), text).unwrap();
        return;
    }
    for (number, (line, kinds)) in all {
        let before = recorded
            .lines()
            .nth(usize::try_from(number).unwrap())
            .unwrap_or_else(|| panic!("block {number} is not recorded"));
        if number == 0 {
            assert_eq!(
                never(&kinds),
                Vec::<&str>::new(),
                "the first walks reach no event of these kinds"
            );
        }
        assert_eq!(
            line, before,
            "block {number} of {BLOCK} walks: verb counts, accepted, digest. Its kinds now:\n{kinds}"
        );
    }
}

/// Kinds of events the first block does not reach: more walks do, or only faults and stories.
const RARE: &[&str] = &[
    "visitor.admitted",
    "occurrence.waiting",
    "occurrence.late",
    "occurrence.missed",
    "batch.recounted",
    "row.annotated",
    "visit.recorded",
    "draft.dropped",
    "action.reported",
    "action.closed",
    "order.resumed",
    "institution.suspended",
    "clock.settled",
    "clock.resumed",
    "breach.withdrawn",
    "notices.held",
    "notices.released",
    "notice.deferred",
    "channel.restored",
    "cursor.parked",
    "bell.parked",
    "cursor.unparked",
];

/// Kinds that were there when the walks were recorded, and of which no line tells.
fn never(lines: &str) -> Vec<&'static str> {
    let seen: BTreeSet<_> = lines
        .lines()
        .filter_map(|line| line.split(' ').nth(1))
        .collect();
    RECORDED
        .iter()
        .copied()
        .filter(|kind| !seen.contains(kind) && !RARE.contains(kind))
        .collect()
}

/// The kinds of events there were when the walks were recorded.
const RECORDED: &[&str] = &[
    "action.closed",
    "action.opened",
    "action.reported",
    "area.defined",
    "batch.confirmed",
    "batch.issued",
    "batch.recounted",
    "bell.parked",
    "breach.withdrawn",
    "bulletin.approved",
    "bulletin.frozen",
    "bulletin.requested",
    "calendar.published",
    "case.cleared",
    "case.filed",
    "case.reopened",
    "channel.lost",
    "channel.restored",
    "clock.handed",
    "clock.moved",
    "clock.paused",
    "clock.resumed",
    "clock.settled",
    "clock.started",
    "clock.stopped",
    "cursor.parked",
    "cursor.unparked",
    "deadline.passed",
    "department.defined",
    "document.issued",
    "draft.dropped",
    "draft.kept",
    "fix.failed",
    "fix.passed",
    "fix.reported",
    "identity.bound",
    "institution.registered",
    "institution.suspended",
    "joint.decided",
    "ladder.proposed",
    "ladder.set",
    "ladder.signed",
    "ladder.skipped",
    "ladder.stepped",
    "ladder.superseded",
    "lead.archived",
    "lead.classified",
    "lead.merged",
    "lead.opened",
    "lead.returned",
    "lead.routed",
    "look_back.recorded",
    "matter.closed",
    "matter.held",
    "matter.noted",
    "matter.opened",
    "notice.deferred",
    "notice.failed",
    "notice.handed",
    "notice.overtaken",
    "notice.queued",
    "notice.sent",
    "notice.suppressed",
    "notice.unknown",
    "notices.held",
    "notices.released",
    "occurrence.caused",
    "occurrence.done",
    "occurrence.fired",
    "occurrence.late",
    "occurrence.missed",
    "occurrence.planned",
    "occurrence.skipped",
    "occurrence.waiting",
    "order.extended",
    "order.issued",
    "order.parked",
    "order.resumed",
    "order.served",
    "owner.assigned",
    "penalty.recorded",
    "person.away",
    "person.enrolled",
    "person.invited",
    "place.reported",
    "post.defined",
    "quiet_hours.set",
    "read.logged",
    "reading.began",
    "refund.recorded",
    "reminder.due",
    "report.received",
    "route.set",
    "row.annotated",
    "row.filled",
    "row.found",
    "schedule.defined",
    "schedule.paused",
    "schedule.resumed",
    "sortie.opened",
    "step.acknowledged",
    "task.accepted",
    "task.approved",
    "task.cancelled",
    "task.declined",
    "task.issued",
    "task.offered",
    "task.returned",
    "task.submitted",
    "task.unassigned",
    "verdict.recorded",
    "visit.recorded",
    "visitor.admitted",
];
