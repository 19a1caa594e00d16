//! Questions insight answers, and the shapes of its answers.
//!
//! Every answer carries the map of journal positions it was read at. Instants are given as they are;
//! whoever shows them turns them into local time.

mod groups;
mod records;
mod rectification;
mod sheets;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{Jurisdiction, PersonId};

pub use groups::*;
pub use records::*;
pub use rectification::*;
pub use sheets::*;

/// What one may ask. Ids may be short where `jurisdiction` says whose they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    /// What waits for a person: offers, tasks, sheets to review, leads, orders, steps, notices.
    Inbox { person: PersonId },
    /// Who somebody is.
    Person { person: PersonId },
    /// A sweep task with its rows.
    Task {
        jurisdiction: Jurisdiction,
        task: String,
    },
    /// A batch and how far it is.
    Batch {
        jurisdiction: Jurisdiction,
        batch: String,
    },
    /// All open batches, and open tasks that need somebody: accepted, silent, late, with nobody.
    Board { jurisdiction: Jurisdiction },
    /// A lead with its case and orders.
    Lead {
        jurisdiction: Jurisdiction,
        lead: String,
    },
    /// A case with its orders and its timeline.
    Case {
        jurisdiction: Jurisdiction,
        case: String,
    },
    /// An order.
    Order {
        jurisdiction: Jurisdiction,
        order: String,
    },
    /// Everything that happened to a task, lead, case, order or batch.
    Timeline {
        jurisdiction: Jurisdiction,
        of: String,
    },
    /// Open clocks past their due instant, oldest first.
    Overdue { jurisdiction: Jurisdiction },
    /// An institution with its history.
    Institution {
        jurisdiction: Jurisdiction,
        code: String,
    },
    /// Figures of a jurisdiction (and those below it) from an instant up to another.
    Figures {
        jurisdiction: Jurisdiction,
        from: Timestamp,
        as_of: Timestamp,
    },
    /// A frozen bulletin, the latest when no id is given.
    Bulletin {
        jurisdiction: Jurisdiction,
        #[serde(default)]
        bulletin: Option<String>,
    },
    /// Schedules with their next occurrence.
    Schedules { jurisdiction: Jurisdiction },
    /// What was sent to a person, what was not, and why.
    Notices { person: PersonId },
    /// How the notices of a jurisdiction went, and who cannot be reached.
    Deliveries { jurisdiction: Jurisdiction },
    /// Ids that match a description; how a script finds what a reaction created.
    Find {
        jurisdiction: Jurisdiction,
        find: String,
        by: BTreeMap<String, String>,
    },
    /// People with a role who act in an area, for choosing somebody.
    People {
        jurisdiction: Jurisdiction,
        #[serde(default)]
        role: Option<String>,
    },
    /// Areas a person may report in: the posts' own first.
    Areas { person: PersonId },
    /// Whose a chat account is; only the one a person bound last counts on its channel.
    Identity { channel: String, account: String },
    /// Where a person can be written to, one account a channel.
    Accounts { person: PersonId },
    /// What a chat group is shown: open batches of its area in counts, and sheets that were offered to several.
    /// With `tasks` those sheets and no others. It names nobody.
    Group {
        group: PersonId,
        #[serde(default)]
        tasks: Vec<String>,
    },
    /// The groups of a channel.
    Groups { channel: String },
    /// Who looked at what, of those whose looks are logged: overseers, and the owner of the folder behind a seal.
    Readings { jurisdiction: Jurisdiction },
}

/// Who looks, as the edge proved it. Nobody in particular sees nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Viewer {
    /// The person; `JURISDICTION/operator` for the owner of the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The owner of the folder wants what is still sealed as well; each such look is logged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
}

impl Viewer {
    /// Somebody an edge knows.
    pub fn person(person: &PersonId) -> Self {
        Self {
            person: Some(person.clone()),
            sealed: false,
        }
    }
}

/// How far each journal was read.
pub type After = BTreeMap<String, u64>;

/// An answer with the positions it was read at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// What was read.
    pub after: After,
    /// The answer.
    pub view: View,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "view", content = "of", rename_all = "snake_case")]
pub enum View {
    Inbox(Inbox),
    Person(PersonView),
    Task(TaskView),
    Batch(BatchView),
    Board(Board),
    Lead(LeadView),
    Case(CaseView),
    Order(OrderView),
    Timeline(Vec<TimelineItem>),
    Overdue(Vec<OverdueItem>),
    Institution(InstitutionView),
    Figures(FiguresView),
    Bulletin(Option<BulletinView>),
    Schedules(Vec<ScheduleView>),
    Notices(Vec<NoticeView>),
    Deliveries(DeliveriesView),
    Found(Vec<String>),
    People(Vec<PersonView>),
    Areas(Vec<Named>),
    Accounts(Vec<AccountView>),
    Readings(Vec<ReadingItem>),
    Group(Box<GroupView>),
    Groups(Vec<GroupAccount>),
    /// Nothing by that name.
    Unknown,
    /// Not there yet: ask again.
    Stale,
}

/// A code with its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub code: String,
    pub name: String,
}

/// A deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    pub clock: String,
    pub kind: String,
    pub due: Timestamp,
    pub provisional: bool,
    pub paused: bool,
    pub overdue: bool,
    /// `stopped` once what it waited for happened.
    pub stopped: Option<Timestamp>,
}

/// What waits for a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Inbox {
    pub person: Option<PersonView>,
    /// Offered, not taken.
    pub offers: Vec<TaskView>,
    /// Taken, not submitted.
    pub tasks: Vec<TaskView>,
    /// Submitted, for this person to approve or return.
    pub reviews: Vec<TaskView>,
    /// With nobody; for coordinators.
    pub unassigned: Vec<TaskView>,
    /// To classify and route; for dispatchers.
    pub triage: Vec<LeadView>,
    /// Routed to the person's department, without a verdict or a case.
    pub leads: Vec<LeadView>,
    /// Cases of the person's department with something to do: an order to issue, to serve, a fix to report.
    pub cases: Vec<CaseView>,
    /// Fixes to verify.
    pub verify: Vec<OrderView>,
    /// Steps of the ladder addressed to the person, not acknowledged.
    pub steps: Vec<StepView>,
    /// Steps that wait for a signature.
    pub proposals: Vec<StepView>,
    /// What the person has half answered, the latest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drafts: Vec<DraftView>,
    /// Who cannot be written to; for coordinators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreachable: Vec<UnreachableView>,
}

/// A person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonView {
    pub id: String,
    pub name: String,
    pub roles: Vec<String>,
    pub department: Option<Named>,
    pub area: Named,
    pub certificate: Option<String>,
    pub language: String,
    /// The posts the person belongs to or leads.
    pub posts: Vec<Named>,
    pub open_tasks: u32,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimelineItem {
    pub at: Timestamp,
    /// Where it is written: `dispatch/420902`.
    pub journal: String,
    pub n: u64,
    /// The event.
    pub kind: String,
    /// Who: a person's name or the service.
    pub by: String,
    /// One plain sentence in English.
    pub text: String,
    /// What the sentence is made of, for other languages: names of people, places and departments, codes, days.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, String>,
}
