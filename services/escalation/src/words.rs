//! Words: the sentence a step of the ladder carries. What, whose, since when, why me.
//!
//! English, because it is part of the record; cards say it in the reader's language from the fields.

use jiff::Timestamp;
use picket_book::Decision;
use picket_schemas::escalation::{ClockKind, Duty};
use picket_schemas::registry::{Role, Rung, Target};

use crate::clock::DeadlineClock;

/// The reason why a rung addresses these people.
pub(crate) fn why(clock: &DeadlineClock, rung: &Rung, cx: &Decision<'_>) -> String {
    let targets: Vec<_> = rung
        .targets
        .iter()
        .map(|target| target_words(target, cx))
        .collect();
    let days = if rung.after == 1 {
        "1 working day".to_owned()
    } else {
        format!("{} working days", rung.after)
    };
    format!(
        "{on} was due to be {done} by {due} and is not; it has been with {whose} since {since}. Step {level}, {days} after, goes to {targets}.",
        on = clock.on,
        done = done(clock.kind),
        due = local(clock.due, cx),
        whose = whose(&clock.duty, cx),
        since = local(clock.from, cx),
        level = rung.level,
        targets = list(&targets),
    )
}

/// The act that would have stopped the clock.
fn done(kind: ClockKind) -> &'static str {
    match kind {
        ClockKind::TaskAccept => "accepted",
        ClockKind::TaskSubmit => "submitted",
        ClockKind::TaskReview => "reviewed",
        ClockKind::TaskAssign => "given to somebody",
        ClockKind::LeadScreen => "classified",
        ClockKind::LeadHandle => "decided by a verdict",
        ClockKind::OrderFix => "fixed",
        ClockKind::OrderVerify => "verified",
    }
}

fn whose(duty: &Duty, cx: &Decision<'_>) -> String {
    let mut names: Vec<_> = duty
        .people
        .iter()
        .map(|person| cx.directory.person_name(person))
        .collect();
    names.extend(
        duty.department
            .as_ref()
            .map(|code| format!("department {code}")),
    );
    names.extend(
        duty.post
            .as_ref()
            .map(|code| format!("the leader of post {code}")),
    );
    names.extend(duty.role.map(role_words));
    if names.is_empty() {
        "nobody".into()
    } else {
        list(&names)
    }
}

fn target_words(target: &Target, cx: &Decision<'_>) -> String {
    match target {
        Target::Duty => "whoever owes it".into(),
        Target::Role(role) => role_words(*role),
        Target::PostLeader => "the leader of the post".into(),
        Target::Owner => "the territorial owner".into(),
        Target::Department => "the handling department".into(),
        Target::Person(person) => cx.directory.person_name(person),
        Target::Group(group) => format!("the group {group}"),
    }
}

fn role_words(role: Role) -> String {
    let name = match role {
        Role::Sentinel => "sentinels",
        Role::PostLeader => "post leaders",
        Role::Street => "street officers",
        Role::Coordinator => "coordinators",
        Role::Dispatcher => "dispatchers",
        Role::Inspector => "inspectors",
        Role::Head => "heads of department",
        Role::Verifier => "verifiers",
        Role::Supervisor => "supervisors",
        Role::Owner => "territorial owners",
        Role::Clerk => "clerks",
        Role::Approver => "approvers",
        Role::Overseer => "overseers",
        Role::Operator => "operators",
        Role::Group => "groups",
    };
    format!("the {name} of the area")
}

/// Local time as people write it: the midnight that ends a day is its 24:00.
pub(crate) fn local(at: Timestamp, cx: &Decision<'_>) -> String {
    let time = cx.calendar().zone().to_datetime(at);
    if time.hour() == 0 && time.minute() == 0 {
        let day = time.date().yesterday().unwrap_or(time.date());
        return format!("{day} 24:00");
    }
    format!("{} {:02}:{:02}", time.date(), time.hour(), time.minute())
}

fn list(items: &[String]) -> String {
    match items {
        [] => "nobody".into(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
