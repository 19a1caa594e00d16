//! What each command does, in the plain words of whoever wishes it: `accept the task`.
//!
//! Refusals, help and lists say these words; the verbs on the wire stay for programs. Whoever adds a command
//! adds its words here; a test asks for them.
//! It does not know why something is refused, nor any language but English: chat has words of its own.

/// Every verb with its words, in the order of the commands.
pub const ACTS: &[(&str, &str)] = &[
    ("registry.define_area", "define an area"),
    ("registry.define_department", "define a department"),
    ("registry.define_post", "define a post"),
    ("registry.enrol_person", "enrol a person"),
    ("registry.register_institution", "register an institution"),
    ("registry.assign_owner", "assign an owner"),
    ("registry.set_route", "set a row of the routing table"),
    ("registry.set_ladder", "set a ladder"),
    ("registry.publish_calendar", "publish a working calendar"),
    ("registry.invite", "invite a person"),
    ("registry.bind_identity", "bind a chat account"),
    ("registry.set_away", "enter an absence"),
    ("registry.admit_visitor", "admit a visitor"),
    ("registry.log_read", "log a reading"),
    ("registry.admit_visitor", "admit a visitor"),
    ("registry.log_read", "log what was read"),
    ("schedule.define", "define a schedule"),
    ("schedule.pause", "pause the schedule"),
    ("schedule.resume", "resume the schedule"),
    ("schedule.trigger", "trigger the schedule"),
    ("schedule.backfill", "backfill the schedule"),
    ("dispatch.issue_batch", "issue a batch"),
    ("dispatch.accept_task", "accept the task"),
    ("dispatch.decline_task", "decline the task"),
    ("dispatch.hand_over_task", "hand the task over"),
    ("dispatch.fill_row", "fill the row"),
    ("dispatch.submit_task", "submit the task"),
    ("dispatch.return_task", "return the task"),
    ("dispatch.approve_task", "approve the task"),
    ("dispatch.cancel_task", "cancel the task"),
    ("dispatch.keep_draft", "keep a draft"),
    ("dispatch.report_place", "report a place"),
    ("dispatch.open_sortie", "open an outing"),
    ("dispatch.record_visit", "record a visit"),
    ("rectification.receive_report", "take in a report"),
    ("rectification.merge_leads", "merge the leads"),
    ("rectification.classify_lead", "classify the lead"),
    ("rectification.route_lead", "route the lead"),
    ("rectification.decide_joint", "decide on joint action"),
    (
        "rectification.report_action",
        "report an outcome of the joint action",
    ),
    ("rectification.return_lead", "hand the lead back"),
    (
        "rectification.record_verdict",
        "record a verdict on the lead",
    ),
    ("rectification.file_case", "file a case on the lead"),
    ("rectification.issue_order", "issue an order"),
    ("rectification.serve_order", "serve the order"),
    ("rectification.extend_order", "extend the order"),
    ("rectification.park_order", "park the order"),
    ("rectification.resume_order", "resume the order"),
    ("rectification.report_fix", "report the fix"),
    ("rectification.verify_fix", "verify the fix"),
    ("rectification.record_penalty", "record a penalty"),
    ("rectification.record_refund", "record a refund"),
    (
        "rectification.suspend_institution",
        "suspend the institution",
    ),
    ("rectification.issue_notice", "issue a notice"),
    ("rectification.look_back", "look back at the case"),
    ("escalation.acknowledge", "acknowledge the step"),
    ("escalation.move_clock", "move the deadline"),
    ("escalation.pause_clock", "pause the clock"),
    ("escalation.resume_clock", "resume the clock"),
    ("escalation.sign_step", "sign the step"),
    (
        "escalation.release_notices",
        "release the notices that are held",
    ),
    ("bulletin.freeze", "freeze a bulletin"),
    ("bulletin.settle", "settle the figures of a bulletin"),
    ("bulletin.approve", "approve the bulletin"),
    ("bulletin.correct", "correct the bulletin"),
    (
        "courier.report_delivery",
        "report how a notice was delivered",
    ),
    (
        "courier.unreachable",
        "note that somebody cannot be written to",
    ),
    (
        "courier.reachable",
        "note that somebody can be written to again",
    ),
    ("courier.set_quiet_hours", "set quiet hours"),
];

/// The words of a verb; what is no verb is said as it stands.
pub fn act(verb: &str) -> &str {
    ACTS.iter()
        .find(|(known, _)| *known == verb)
        .map_or(verb, |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_says_in_plain_words_what_it_does() {
        let verbs: Vec<_> = crate::Command::verbs()
            .into_iter()
            .map(|(verb, _)| verb)
            .collect();
        let missing: Vec<_> = verbs.iter().filter(|verb| act(verb) == **verb).collect();
        assert!(
            missing.is_empty(),
            "add what they do to `ACTS`: {missing:?}"
        );
        for (verb, words) in ACTS {
            assert!(verbs.contains(verb), "`{verb}` is no command");
            assert!(
                !words.contains(['_', '.']) && words.starts_with(char::is_lowercase),
                "{verb}: {words}"
            );
        }
    }
}
