//! What waits for a person, the most pressing first, each with a button that opens it.

use picket_schemas::ask::{Inbox, LeadView, OrderView, TaskView};

use crate::card::{Action, Card, Severity};
use crate::intent::Verb;
use crate::look::Look;

/// How many things one inbox card offers at once.
const SHOWN: usize = 8;

/// What one line of the inbox is.
struct Item {
    kind: &'static str,
    id: String,
    text: String,
    due: Option<jiff::Timestamp>,
    late: bool,
    verb: Verb,
}

/// Everything that waits, from the `page`th on.
pub fn card(inbox: &Inbox, look: &Look<'_>, page: usize) -> Card {
    let items = items(inbox, look);
    if items.is_empty() {
        let card = Card::new("inbox", Severity::Good, look.say("inbox-empty"));
        return footer(card, look);
    }
    let late = items.iter().filter(|item| item.late).count();
    let pages = items.len().div_ceil(SHOWN);
    let page = page.min(pages - 1);
    let key = if late > 0 { "inbox-title-late" } else { "inbox-title" };
    let title = look.with(key, &[("n", items.len().into()), ("late", late.into())]);
    let mut card = Card::new("inbox", if late > 0 { Severity::Late } else { Severity::New }, title);
    let mut actions = Vec::new();
    for item in items.iter().skip(page * SHOWN).take(SHOWN) {
        let due = item.due.map(|due| format!(" · {}", look.when.left(due))).unwrap_or_default();
        let mark = if item.late { "❗" } else { "•" };
        card = card.line(format!("{mark} {} {} {}{due}", look.words.word("inbox", item.kind), item.id, crate::plain::plain(&item.text, 18)));
        let open = crate::intent::Intent::new(item.verb, &item.id);
        // A task somebody hands on looks like any task in hand; the card must know that it is an offer.
        let open = if item.kind == "offer" { open.with("offer") } else { open };
        actions.push(Action::new(look.with("do-open", &[("id", item.id.as_str().into())]), open));
    }
    card = card.grid(actions, 4);
    let turn = |key: &str, page: usize| Action::new(look.say(key), crate::intent::Intent::new(Verb::More, "").with(page.to_string()));
    let mut turns = Vec::new();
    if page > 0 {
        turns.push(turn("do-page-before", page - 1));
    }
    if page + 1 < pages {
        turns.push(turn("do-page-after", page + 1));
    }
    footer(card.row(turns), look)
}

/// The leads of the person's department.
pub fn leads(inbox: &Inbox, look: &Look<'_>) -> Card {
    let only = Inbox { leads: inbox.leads.clone(), triage: inbox.triage.clone(), ..Inbox::default() };
    let mut card = card(&only, look, 0);
    card.key = "leads".to_owned();
    card
}

fn footer(card: Card, look: &Look<'_>) -> Card {
    let mut row = Vec::new();
    if look.me.is(&["sentinel", "post_leader", "street", "inspector"]) {
        row.push(Action::of(look.say("do-report"), Verb::Report, ""));
    }
    if look.me.is(&["coordinator", "street", "dispatcher", "supervisor"]) {
        row.push(Action::of(look.say("do-board"), Verb::Board, ""));
    }
    if look.me.is(&["coordinator"]) {
        row.push(Action::of(look.say("do-new-batch"), Verb::NewBatch, ""));
    }
    row.push(Action::of(look.say("do-help"), Verb::Help, ""));
    card.row(row)
}

fn items(inbox: &Inbox, look: &Look<'_>) -> Vec<Item> {
    let now = look.when.now;
    let mut items = Vec::new();
    let ends = |deadline: Option<&picket_schemas::ask::Deadline>| {
        let running = deadline.filter(|one| one.stopped.is_none() && !one.paused && !one.provisional);
        (running.map(|one| one.due), running.is_some_and(|one| one.due <= now))
    };
    for step in inbox.steps.iter().chain(&inbox.proposals) {
        let kind = if step.proposed && !step.signed { "proposal" } else { "step" };
        items.push(Item { kind, id: look.id(&step.jurisdiction, &step.step), text: step.what.clone(), due: Some(step.due), late: true, verb: Verb::Step });
    }
    let mut task = |kind, task: &TaskView| {
        let (due, late) = ends(task.deadline.as_ref());
        items.push(Item { kind, id: look.id(&task.jurisdiction, &task.task), text: task.batch.name.clone(), due, late, verb: Verb::Task });
    };
    inbox.offers.iter().for_each(|one| task("offer", one));
    inbox.tasks.iter().for_each(|one| task("task", one));
    inbox.reviews.iter().for_each(|one| task("review", one));
    inbox.unassigned.iter().for_each(|one| task("unassigned", one));
    let mut lead = |kind, lead: &LeadView| {
        let (due, late) = ends(lead.deadline.as_ref());
        let text = lead.subject.as_ref().map_or_else(|| lead.text.clone(), |subject| look.names([subject]));
        items.push(Item { kind, id: look.id(&lead.jurisdiction, &lead.lead), text, due, late: late || lead.urgent, verb: Verb::Lead });
    };
    inbox.triage.iter().for_each(|one| lead("triage", one));
    inbox.leads.iter().for_each(|one| lead("lead", one));
    for case in &inbox.cases {
        let open = case.orders.iter().filter_map(|order| ends(order.deadline.as_ref()).0).min();
        items.push(Item { kind: "case", id: look.id(&case.jurisdiction, &case.case), text: look.names([&case.subject]), due: open, late: open.is_some_and(|due| due <= now), verb: Verb::Case });
    }
    let verify = |order: &OrderView| {
        let (due, late) = ends(order.deadline.as_ref());
        Item { kind: "verify", id: look.id(&order.jurisdiction, &order.order), text: look.names([&order.subject]), due, late, verb: Verb::Order }
    };
    items.extend(inbox.verify.iter().map(verify));
    items.sort_by_key(|item| (!item.late, item.due.is_none(), item.due));
    items
}
