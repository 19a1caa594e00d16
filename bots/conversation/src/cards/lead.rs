//! A lead: for the dispatcher who classifies and routes it, and for the department that handles it.
//!
//! Three names stand on every lead: the finder's post, the handling department, the territorial owner.
//! The finder's own name does not.

use picket_schemas::ask::{LeadView, Named};
use picket_schemas::declared::Thing;

use crate::card::{Action, Card, Severity};
use crate::cards::{Buttons, IN_A_ROW};
use crate::intent::IntentVerb;
use crate::look::{Profile, ViewContext, pressing};

/// The key of a lead's card.
pub fn key(lead: &LeadView) -> String {
    format!("lead/{}/{}", lead.jurisdiction, lead.lead)
}

/// The card that fits the state of the lead and the person.
pub fn card(lead: &LeadView, look: &ViewContext<'_>) -> Card {
    let for_dispatcher = matches!(lead.state.as_str(), "opened" | "classified")
        || lead.state == "routed" && lead.joint.is_none();
    if for_dispatcher && look.me.may("rectification.classify_lead") {
        triage(lead, look)
    } else {
        handling(lead, look)
    }
}

/// For the dispatcher: classify, route with the table's explanation, decide on joint action.
pub fn triage(lead: &LeadView, look: &ViewContext<'_>) -> Card {
    if !look.me.may("rectification.classify_lead") {
        return handling(lead, look);
    }
    let press = Buttons::new(look, &lead.jurisdiction, &lead.lead, lead.rev);
    let card = head(lead, look);
    let card = match lead.state.as_str() {
        "opened" => card.strong(look.say("lead-classify")).row([
            press.of("do-classify", IntentVerb::Classify),
            press.of("do-merge", IntentVerb::Merge),
        ]),
        "classified" => routing(card, &press, lead, look).row([
            press.of("do-classify-again", IntentVerb::Classify),
            press.of("do-merge", IntentVerb::Merge),
        ]),
        _ => card.strong(look.say("lead-joint")).row([
            press.with("do-joint-yes", IntentVerb::Joint, "true"),
            press.with("do-joint-no", IntentVerb::Joint, "false"),
        ]),
    };
    card.grid(declared(&press, lead), IN_A_ROW)
        .row([press.of("do-timeline", IntentVerb::Timeline)])
}

/// The buttons declared for a lead.
fn declared(press: &Buttons<'_>, lead: &LeadView) -> Vec<Action> {
    let departments: Vec<_> = lead.department.iter().chain(&lead.assist).collect();
    press.declared(Thing::Lead, &lead.state, &departments)
}

/// The route the table proposes for the lead, and its rule; or that it proposes nothing.
fn routing(card: Card, press: &Buttons<'_>, lead: &LeadView, look: &ViewContext<'_>) -> Card {
    let other = press.of("do-route-other", IntentVerb::RouteTo);
    let Some(proposal) = &lead.proposal else {
        return card.strong(look.say("lead-no-proposal")).row([other]);
    };
    let department = |code: &str| look.words.word("department", code);
    let assist: Vec<_> = proposal
        .assist
        .iter()
        .map(|code| department(code.as_str()))
        .collect();
    let assist = if assist.is_empty() {
        "–".to_owned()
    } else {
        assist.join(&look.say("between"))
    };
    let rule = match proposal.matched() {
        Some(matched) => look.rule(&matched),
        None => proposal.rule.clone(),
    };
    let rule = crate::plain::plain(&rule, 80);
    let mut card = card
        .strong(look.with(
            "lead-proposal",
            &[
                ("department", department(proposal.lead.as_str()).into()),
                ("assist", assist.into()),
            ],
        ))
        .faint(look.with("lead-rule", &[("rule", rule.into())]));
    if proposal.joint {
        card = card.line(look.say("lead-joint-proposed"));
    }
    card.row([press.of("do-route", IntentVerb::Route), other])
}

/// For the handling department, and for whoever looks.
pub fn handling(lead: &LeadView, look: &ViewContext<'_>) -> Card {
    let press = Buttons::new(look, &lead.jurisdiction, &lead.lead, lead.rev);
    let mut card = head(lead, look);
    if let Some(joint) = lead.joint {
        card = card.line(look.say(if joint {
            "lead-is-joint"
        } else {
            "lead-is-single"
        }));
    }
    if let Some(verdict) = &lead.verdict {
        card = card.strong(look.with(
            "lead-verdict",
            &[("verdict", look.words.word("verdict", verdict).into())],
        ));
    }
    if let Some(into) = &lead.merged_into {
        card = card.line(look.with("lead-merged", &[("into", into.as_str().into())]));
    }
    let ours = look.me.may("rectification.record_verdict")
        && lead.department.as_ref().is_none_or(|department| {
            look.me.of_department(department)
                || lead.assist.iter().any(|one| look.me.of_department(one))
        });
    if ours && lead.verdict.is_none() && lead.state == "routed" {
        if lead.action.is_some() && own_department(lead, look.me).is_some() {
            card = card.row([press.of("do-outcome", IntentVerb::Outcome)]);
        }
        card = card
            .row([
                press.with("do-verdict-yes", IntentVerb::Verdict, "substantiated"),
                press.with("do-verdict-partly", IntentVerb::Verdict, "partly"),
            ])
            .row([
                press.with("do-verdict-not", IntentVerb::Verdict, "not"),
                press.with("do-verdict-unknown", IntentVerb::Verdict, "undeterminable"),
            ])
            .row([press.of("do-not-ours", IntentVerb::NotOurs)]);
    }
    let holds = matches!(lead.verdict.as_deref(), Some("substantiated" | "partly"));
    if ours && holds && lead.case.is_none() {
        card = card.row([press.of("do-file", IntentVerb::FileCase)]);
    }
    if let Some(case) = &lead.case {
        let case = Buttons::new(look, &lead.jurisdiction, case, 0);
        card = card.row([Action::of(
            look.say("do-open-case"),
            IntentVerb::Case,
            &case.intent(IntentVerb::Case).id,
        )]);
    }
    card.grid(declared(&press, lead), IN_A_ROW)
        .row([press.of("do-timeline", IntentVerb::Timeline)])
}

/// The person's department, where it is one of those that handle the lead.
pub(crate) fn own_department<'a>(lead: &'a LeadView, me: &Profile) -> Option<&'a Named> {
    lead.department
        .iter()
        .chain(&lead.assist)
        .find(|one| me.of_department(one))
}

fn head(lead: &LeadView, look: &ViewContext<'_>) -> Card {
    let title = look.with(
        if lead.urgent {
            "lead-title-urgent"
        } else {
            "lead-title"
        },
        &[
            ("id", look.id(&lead.jurisdiction, &lead.lead).into()),
            ("state", look.words.word("leadstate", &lead.state).into()),
        ],
    );
    let address = crate::plain::plain(&lead.subject_address, 40);
    let finder = match &lead.post {
        Some(post) => look.names([post]),
        None => look.words.word("source", &lead.source),
    };
    // Those that assist stand behind the one that leads, and nowhere alone.
    let departments = lead.department.iter();
    let departments = departments.flat_map(|one| std::iter::once(one).chain(&lead.assist));
    Card::new(key(lead), severity(lead, look), title)
        .rev(lead.rev)
        .field(
            look.say("label-what"),
            crate::plain::plain(&look.names(&lead.subject), 40),
        )
        .field(
            look.say("label-place"),
            format!("{} {address}", look.names([&lead.area])),
        )
        .field(
            look.say("label-codes"),
            crate::plain::plain(&look.codes(&lead.codes), 80),
        )
        .field(look.say("label-text"), crate::plain::plain(&lead.text, 80))
        .field(look.say("label-finder"), finder)
        .field(look.say("label-department"), look.names(departments))
        .field(look.say("label-owner"), look.names(&lead.owner))
        .field(
            look.say("label-deadline"),
            look.deadline(lead.deadline.as_ref()),
        )
        .media(&lead.evidence)
}

fn severity(lead: &LeadView, look: &ViewContext<'_>) -> Severity {
    let (late, soon) = pressing(lead.deadline.as_ref(), look.when.now);
    if late || lead.urgent && lead.verdict.is_none() {
        Severity::Late
    } else if soon {
        Severity::Soon
    } else if matches!(lead.state.as_str(), "opened" | "classified" | "routed") {
        Severity::New
    } else {
        Severity::Quiet
    }
}
