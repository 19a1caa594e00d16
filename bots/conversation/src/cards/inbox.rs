//! The card of the inbox: things that wait for a person, the most pressing first, each with a button that opens it.

use jiff::Timestamp;
use picket_schemas::ask::{CaseView, Deadline, Inbox, LeadView, OrderView, StepView, TaskView};
use picket_schemas::dispatch::DraftOf;

use crate::card::{Action, Card, Severity};
use crate::cards::{Buttons, turns};
use crate::intent::{Intent, IntentVerb};
use crate::look::{ViewContext, running};
use crate::session::keeping::written;

/// The limit of things on one inbox card.
const SHOWN: usize = 8;
/// The limit of drafts it names.
const DRAFTS: usize = 3;
/// The limit of unreachable people it names.
const NAMED: usize = 5;

/// A line of the inbox.
struct InboxItem {
    kind: &'static str,
    id: String,
    text: String,
    due: Option<Timestamp>,
    late: bool,
    verb: IntentVerb,
}

/// Everything that waits, from the `page`th on.
pub fn card(inbox: &Inbox, look: &ViewContext<'_>, page: usize) -> Card {
    let items = items(inbox, look);
    if items.is_empty() {
        let card = Card::new("inbox", Severity::Good, look.say("inbox-empty"));
        return footer(unreachable(half_done(card, inbox, look), inbox, look), look);
    }
    let late = items.iter().filter(|item| item.late).count();
    let pages = items.len().div_ceil(SHOWN);
    let page = page.min(pages - 1);
    let key = if late > 0 {
        "inbox-title-late"
    } else {
        "inbox-title"
    };
    let title = look.with(key, &[("n", items.len().into()), ("late", late.into())]);
    let mut card = Card::new(
        "inbox",
        if late > 0 {
            Severity::Late
        } else {
            Severity::New
        },
        title,
    );
    if page == 0 {
        card = half_done(card, inbox, look);
    }
    let mut actions = Vec::new();
    for item in items.iter().skip(page * SHOWN).take(SHOWN) {
        let due = item
            .due
            .map(|due| format!(" · {}", look.when.left(due)))
            .unwrap_or_default();
        let mark = if item.late { "❗" } else { "•" };
        card = card.line(format!(
            "{mark} {} {} {}{due}",
            look.words.word("inbox", item.kind),
            item.id,
            crate::plain::plain(&item.text, 18)
        ));
        let open = Intent::new(item.verb, &item.id);
        // A task somebody hands on looks like any task in hand; the card must know that it is an offer.
        let open = if item.kind == "offer" {
            open.with("offer")
        } else {
            open
        };
        actions.push(Action::new(
            look.with("do-open", &[("id", item.id.as_str().into())]),
            open,
        ));
    }
    card = unreachable(card, inbox, look).grid(actions, 4);
    let pages = turns(page, page > 0, page + 1 < pages, |key, page| {
        let more = Intent::new(IntentVerb::More, "").with(page.to_string());
        Action::new(look.say(key), more)
    });
    footer(card.row(pages), look)
}

/// The drafts of the person, each with a button that goes on with it.
fn half_done(card: Card, inbox: &Inbox, look: &ViewContext<'_>) -> Card {
    let mut shown: Vec<(String, Action)> = Vec::new();
    for draft in &inbox.drafts {
        let (what, intent) = match &draft.of {
            DraftOf::Row { task, .. } => {
                let id = look.id(&draft.jurisdiction, task.as_str());
                (
                    format!("{id} {}", crate::plain::plain(&draft.name, 14)),
                    Intent::new(IntentVerb::Start, id),
                )
            }
            DraftOf::Form { form, about } => {
                let about = written(about.as_str(), look);
                let what = look.words.word("form", form);
                (
                    if about.is_empty() {
                        what
                    } else {
                        format!("{what} · {about}")
                    },
                    Intent::new(IntentVerb::Resume, about).with(form),
                )
            }
        };
        let action = Action::new(
            look.with("do-go-on", &[("what", what.as_str().into())]),
            intent,
        );
        // One button goes on with a sheet, however many of its rows are half done.
        if shown.len() < DRAFTS && shown.iter().all(|(_, known)| known.data != action.data) {
            shown.push((what, action));
        }
    }
    if shown.is_empty() {
        return card;
    }
    let names: Vec<_> = shown.iter().map(|(what, _)| what.as_str()).collect();
    let line = look.with(
        "inbox-half-done",
        &[("what", names.join(&look.say("between-codes")).into())],
    );
    card.strong(line)
        .grid(shown.into_iter().map(|(_, action)| action), 1)
}

/// Offers that came together: one line and two buttons each.
pub fn offers(tasks: &[&TaskView], look: &ViewContext<'_>) -> Card {
    let mut card = Card::new(
        "offers",
        Severity::New,
        look.with("offers-title", &[("n", tasks.len().into())]),
    );
    for task in tasks.iter().take(SHOWN) {
        let id = look.id(&task.jurisdiction, &task.task);
        let due = task
            .deadline
            .as_ref()
            .map(|deadline| format!(" · {}", look.when.end(deadline.due)))
            .unwrap_or_default();
        let rows = look.with("task-rows", &[("rows", task.rows.len().into())]);
        card = card.line(format!(
            "• {id} {} · {} · {rows}{due}",
            crate::plain::plain(&task.batch.name, 14),
            crate::plain::plain(&look.names([&task.area]), 12)
        ));
    }
    for task in tasks.iter().take(SHOWN) {
        let press = Buttons::new(look, &task.jurisdiction, &task.task, task.rev);
        let id = look.id(&task.jurisdiction, &task.task);
        let label = |key: &str| look.with(key, &[("id", id.as_str().into())]);
        card = card.row([
            Action::new(label("do-accept-one"), press.intent(IntentVerb::Accept)),
            Action::new(
                label("do-open"),
                press.intent(IntentVerb::Task).with("offer"),
            ),
        ]);
    }
    if tasks.len() > SHOWN {
        card = card
            .faint(look.with("and-more", &[("n", (tasks.len() - SHOWN).into())]))
            .row([Action::of(look.say("do-inbox"), IntentVerb::Inbox, "")]);
    }
    card
}

/// A line that says who cannot be written to, where somebody cannot.
fn unreachable(card: Card, inbox: &Inbox, look: &ViewContext<'_>) -> Card {
    if inbox.unreachable.is_empty() {
        return card;
    }
    let people: std::collections::BTreeMap<_, _> = inbox
        .unreachable
        .iter()
        .map(|one| (&one.person.code, &one.person))
        .collect();
    let (named, more) = (
        look.names(people.values().take(NAMED).copied()),
        people.len().saturating_sub(NAMED),
    );
    let key = if more > 0 {
        "inbox-unreachable-more"
    } else {
        "inbox-unreachable"
    };
    card.line(look.with(
        key,
        &[("n", people.len().into()), ("names", named.as_str().into())],
    ))
}

/// The leads of the person's department.
pub fn leads(inbox: &Inbox, look: &ViewContext<'_>) -> Card {
    let only = Inbox {
        leads: inbox.leads.clone(),
        triage: inbox.triage.clone(),
        ..Inbox::default()
    };
    let mut card = card(&only, look, 0);
    card.key = "leads".to_owned();
    card
}

fn footer(card: Card, look: &ViewContext<'_>) -> Card {
    let mut row = Vec::new();
    if look.me.may("dispatch.report_place") {
        row.push(Action::of(look.say("do-report"), IntentVerb::Report, ""));
    }
    if look
        .me
        .is(&["coordinator", "street", "dispatcher", "supervisor"])
    {
        row.push(Action::of(look.say("do-board"), IntentVerb::Board, ""));
    }
    if look.me.may("dispatch.issue_batch") {
        row.push(Action::of(
            look.say("do-new-batch"),
            IntentVerb::NewBatch,
            "",
        ));
    }
    row.push(Action::of(look.say("do-help"), IntentVerb::Help, ""));
    card.row(row)
}

/// Everything that waits, what is late or urgent first, then by when it ends.
fn items(inbox: &Inbox, look: &ViewContext<'_>) -> Vec<InboxItem> {
    let steps = inbox.steps.iter().chain(&inbox.proposals);
    let mut items: Vec<_> = steps.map(|step| of_step(step, look)).collect();
    let tasks = [
        ("offer", &inbox.offers),
        ("task", &inbox.tasks),
        ("review", &inbox.reviews),
        ("unassigned", &inbox.unassigned),
    ];
    for (kind, tasks) in tasks {
        items.extend(tasks.iter().map(|task| of_task(kind, task, look)));
    }
    for (kind, leads) in [("triage", &inbox.triage), ("lead", &inbox.leads)] {
        items.extend(leads.iter().map(|lead| of_lead(kind, lead, look)));
    }
    items.extend(inbox.cases.iter().map(|case| of_case(case, look)));
    items.extend(inbox.verify.iter().map(|order| of_order(order, look)));
    items.sort_by_key(|item| (!item.late, item.due.is_none(), item.due));
    items
}

fn of_step(step: &StepView, look: &ViewContext<'_>) -> InboxItem {
    let kind = if step.proposed && !step.signed {
        "proposal"
    } else {
        "step"
    };
    InboxItem {
        kind,
        id: look.id(&step.jurisdiction, &step.step),
        text: step.what.clone(),
        due: Some(step.due),
        late: true,
        verb: IntentVerb::Step,
    }
}

fn of_task(kind: &'static str, task: &TaskView, look: &ViewContext<'_>) -> InboxItem {
    let due = ends(task.deadline.as_ref());
    InboxItem {
        kind,
        id: look.id(&task.jurisdiction, &task.task),
        text: task.batch.name.clone(),
        due,
        late: is_past(due, look),
        verb: IntentVerb::Task,
    }
}

fn of_lead(kind: &'static str, lead: &LeadView, look: &ViewContext<'_>) -> InboxItem {
    let due = ends(lead.deadline.as_ref());
    let text = lead
        .subject
        .as_ref()
        .map_or_else(|| lead.text.clone(), |subject| look.names([subject]));
    InboxItem {
        kind,
        id: look.id(&lead.jurisdiction, &lead.lead),
        text,
        due,
        late: is_past(due, look) || lead.urgent,
        verb: IntentVerb::Lead,
    }
}

/// A case ends with the first of its orders.
fn of_case(case: &CaseView, look: &ViewContext<'_>) -> InboxItem {
    let orders = case.orders.iter();
    let due = orders
        .filter_map(|order| ends(order.deadline.as_ref()))
        .min();
    InboxItem {
        kind: "case",
        id: look.id(&case.jurisdiction, &case.case),
        text: look.names([&case.subject]),
        due,
        late: is_past(due, look),
        verb: IntentVerb::Case,
    }
}

fn of_order(order: &OrderView, look: &ViewContext<'_>) -> InboxItem {
    let due = ends(order.deadline.as_ref());
    InboxItem {
        kind: "verify",
        id: look.id(&order.jurisdiction, &order.order),
        text: look.names([&order.subject]),
        due,
        late: is_past(due, look),
        verb: IntentVerb::Order,
    }
}

/// The end of a running deadline.
fn ends(deadline: Option<&Deadline>) -> Option<Timestamp> {
    running(deadline).map(|one| one.due)
}

fn is_past(due: Option<Timestamp>, look: &ViewContext<'_>) -> bool {
    due.is_some_and(|due| due <= look.when.now)
}
