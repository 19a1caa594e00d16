//! Cards of a person: the profile, the menu, the help.

use picket_schemas::ask::PersonView;

use crate::card::{Action, Card, Severity};
use crate::intent::{Intent, IntentVerb};
use crate::look::ViewContext;

/// `/whoami`: identity, roles, posts, department.
pub fn whoami(person: &PersonView, look: &ViewContext<'_>) -> Card {
    let roles: Vec<_> = person
        .roles
        .iter()
        .map(|role| look.words.word("role", role))
        .collect();
    Card::new(
        "whoami",
        Severity::Quiet,
        look.with(
            "whoami-title",
            &[
                ("name", crate::plain::plain(&person.name, 24).into()),
                ("id", person.id.as_str().into()),
            ],
        ),
    )
    .field(look.say("label-roles"), roles.join(&look.say("between")))
    .field(
        look.say("label-own-department"),
        person
            .department
            .as_ref()
            .map(|one| look.names([one]))
            .unwrap_or_default(),
    )
    .field(look.say("label-place"), look.names([&person.area]))
    .field(look.say("label-posts"), look.names(&person.posts))
    .field(
        look.say("label-certificate"),
        person.certificate.clone().unwrap_or_default(),
    )
    .line(look.with("whoami-tasks", &[("n", person.open_tasks.into())]))
    .row([
        Action::of(look.say("do-inbox"), IntentVerb::Inbox, ""),
        Action::of(look.say("do-notices"), IntentVerb::Notices, ""),
    ])
    .row([
        Action::new("中文", Intent::new(IntentVerb::Language, "zh")),
        Action::new("English", Intent::new(IntentVerb::Language, "en")),
    ])
}

/// The commands the person may type; only those that fit the roles.
pub fn help(look: &ViewContext<'_>) -> Card {
    let mut card =
        Card::new("help", Severity::Quiet, look.say("help-title")).line(look.say("help-all"));
    let parts: [(&[&str], &str); 7] = [
        (&["sentinel"], "help-sentinel"),
        (&["post_leader"], "help-post-leader"),
        (&["coordinator", "street"], "help-coordinator"),
        (&["dispatcher"], "help-dispatcher"),
        (&["inspector", "head"], "help-inspector"),
        (&["verifier"], "help-verifier"),
        (&["supervisor", "owner"], "help-supervisor"),
    ];
    for (roles, key) in parts {
        if look.me.is(roles) {
            card = card.line(look.say(key));
        }
    }
    card.faint(look.say("help-end")).row([
        Action::of(look.say("do-inbox"), IntentVerb::Inbox, ""),
        Action::of(look.say("do-whoami"), IntentVerb::WhoAmI, ""),
    ])
}

/// The answer to a text nobody waits for.
pub fn menu(look: &ViewContext<'_>) -> Card {
    let mut row = vec![Action::of(look.say("do-inbox"), IntentVerb::Inbox, "")];
    if look.me.may("dispatch.report_place") {
        row.push(Action::of(look.say("do-report"), IntentVerb::Report, ""));
    }
    row.push(Action::of(look.say("do-help"), IntentVerb::Help, ""));
    Card::new("menu", Severity::Quiet, look.say("menu-title")).row(row)
}
