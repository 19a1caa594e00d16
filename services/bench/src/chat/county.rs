//! The county of `picket bench chat`: its people with their phones, its groups, and what is sent to them.
//!
//! Everything in it is wished through the books as anybody would. It does not know what is measured.

use picket_fakechat::FakeChat;
use picket_node::embedded::Embedded;
use picket_node::problem::Failure;
use picket_schemas::dispatch::{self, Assign, AssignTo, Select};
use picket_schemas::registry::{self, Level, Role, Territory};
use picket_schemas::schedule::{self, Does};
use picket_schemas::{AreaCode, Command, CommandId, Jurisdiction, PersonId, Wish};
use picket_telegram::CHANNEL;

use crate::county::{self as bench, area, batch, institution, post, to_sentinels};

/// Sheets offered to each.
pub(super) const OFFERS: u64 = 5;
/// How many may take a sheet of a group.
const TAKERS: u64 = 3;
/// The phone of who classifies what is urgent.
pub(super) const DISPATCHER_ACCOUNT: i64 = 9_999;
/// Phones of the others have numbers from here on.
const ACCOUNTS: i64 = 10_000;
/// How many wishes are under way at once.
const AT_ONCE: usize = 256;
/// How often one is sent again.
const AGAIN: u32 = 10;
const OFFICE: &str = "P-99999";

/// Where it all is.
pub(super) fn county() -> Jurisdiction {
    Jurisdiction::from("990101")
}

/// How large it is.
pub(super) struct ChatCounty {
    pub(super) people: u64,
    pub(super) groups: u64,
}

impl ChatCounty {
    pub(super) fn territory(&self) -> Territory {
        Territory {
            jurisdictions: [(county(), None)].into(),
        }
    }

    /// Notices that the sheets of groups lead to: one to the group, one to each who may take it.
    pub(super) fn group_offers(&self) -> u64 {
        self.groups * (1 + TAKERS)
    }

    /// People, posts, one institution each; and everybody's phone is bound.
    pub(super) async fn found(&self, chat: &FakeChat, node: &Embedded) -> Result<(), Failure> {
        let registered = self.registered().into_iter().map(Into::into).collect();
        all(node, "found", operator(), registered).await?;
        let (mut invites, mut binds) = (Vec::new(), Vec::new());
        for (code, account) in self.accounts() {
            if account > 0 {
                chat.person(&code, account).wrote_before();
            } else {
                drop(chat.group(&code, account));
            }
            let token = format!("{account:032}");
            invites.push(
                registry::Command::Invite {
                    person: code,
                    token: token.clone(),
                }
                .into(),
            );
            binds.push(
                registry::Command::BindIdentity {
                    token,
                    channel: CHANNEL.to_owned(),
                    account: account.to_string(),
                    group: account < 0,
                }
                .into(),
            );
        }
        all(node, "invite", operator(), invites).await?;
        all(node, "bind", PersonId::new(&county(), "unbound"), binds).await
    }

    /// The commands to the registry: the county with its office; each person with all that is theirs; the groups.
    fn registered(&self) -> Vec<registry::Command> {
        let top = AreaCode::from(county().as_str());
        let office = &["coordinator", "post_leader", "dispatcher"];
        let mut commands = vec![
            area(top.clone(), "bench county".into(), Level::County, None),
            enrol(OFFICE, office, top.clone()),
        ];
        for n in 0..self.people {
            let (code, community) = (person(n), self.area(n));
            commands.push(area(
                community.clone(),
                format!("community {n}"),
                Level::Community,
                Some(top.clone()),
            ));
            commands.push(enrol(&code, &["sentinel"], top.clone()));
            commands.push(post(
                &format!("PO-{n:05}"),
                format!("post {n}"),
                community.clone(),
                OFFICE,
                code,
            ));
            let name = format!("institution {n}");
            commands.push(institution(&format!("I-{n:05}"), name, community));
        }
        commands.extend((0..self.groups).map(|n| enrol(&group(n), &["group"], self.area(n))));
        commands
    }

    /// Everybody's chat account; that of a group is a negative number.
    fn accounts(&self) -> Vec<(String, i64)> {
        let people = (0..self.people).map(|n| (person(n), account(n)));
        let office = (OFFICE.to_owned(), DISPATCHER_ACCOUNT);
        let groups = (0..self.groups).map(|n| (group(n), -account(n)));
        people.chain([office]).chain(groups).collect()
    }

    /// Every post gets so many sheets, one batch after another; every group gets a sheet that several may take.
    pub(super) async fn issue(&self, node: &Embedded) -> Result<(), Failure> {
        let to_all = (0..OFFERS).map(|n| (n, Select::default(), to_sentinels()));
        let to_groups = (0..self.groups).map(|n| {
            let select = Select {
                area: Some(self.area(n)),
                ..Select::default()
            };
            let assign = Assign {
                to: AssignTo::Offer,
                people: (0..TAKERS)
                    .map(|taker| person((n + taker) % self.people))
                    .collect(),
                ..Assign::default()
            };
            (OFFERS + n, select, assign)
        });
        let commands = to_all
            .chain(to_groups)
            .map(|(n, select, assign)| batch(format!("batch {n}"), select, assign).into())
            .collect();
        all(node, "issue", office(), commands).await
    }

    /// Where a group is: the community of one of the people.
    fn area(&self, n: u64) -> AreaCode {
        AreaCode::from(format!("{}{n:06}", county()).as_str())
    }

    /// Everybody's digest is due now.
    pub(super) async fn digest(&self, node: &Embedded) -> Result<(), Failure> {
        let define = schedule::Command::Define {
            code: "digest".into(),
            cron: "0 18 * * *".into(),
            zone: None,
            days: schedule::Days::default(),
            overlap: schedule::Overlap::default(),
            catch_up: schedule::CatchUp::default(),
            gap: schedule::Gap::default(),
            fold: schedule::Fold::default(),
            jitter: 0,
            does: Does::Digest {
                to: vec![Role::Sentinel],
            },
        };
        all(node, "digest", operator(), vec![define.into()]).await?;
        all(
            node,
            "trigger",
            operator(),
            vec![
                schedule::Command::Trigger {
                    code: "digest".into(),
                }
                .into(),
            ],
        )
        .await
    }

    /// Somebody reports what cannot wait.
    pub(super) async fn alarm(&self, node: &Embedded, n: u32) -> Result<(), Failure> {
        let area = self.area(1);
        let report = dispatch::Command::ReportPlace {
            area,
            address: format!("bench street {n}"),
            seen: "a locked door".into(),
            codes: Vec::new(),
            evidence: Vec::new(),
            urgent: true,
        };
        all(
            node,
            &format!("alarm-{n}"),
            PersonId::new(&county(), &person(1)),
            vec![report.into()],
        )
        .await
    }
}

fn person(n: u64) -> String {
    format!("P-{n:05}")
}

fn group(n: u64) -> String {
    format!("G-{n:03}")
}

fn account(n: u64) -> i64 {
    ACCOUNTS + n.cast_signed()
}

fn operator() -> PersonId {
    PersonId::new(&county(), picket_directory::OPERATOR)
}

fn office() -> PersonId {
    PersonId::new(&county(), OFFICE)
}

fn enrol(code: &str, roles: &[&str], area: AreaCode) -> registry::Command {
    bench::person(code, format!("person {code}"), roles, area)
}

/// Wishes, in order as far as each service goes, many under way at once.
async fn all(
    node: &Embedded,
    name: &str,
    by: PersonId,
    commands: Vec<Command>,
) -> Result<(), Failure> {
    let (live, made) = (node.live(), node.clock().now());
    let wishes: Vec<_> = commands
        .into_iter()
        .enumerate()
        .map(|(n, command)| Wish {
            id: CommandId::from(format!("bench-{name}-{n}")),
            by: by.clone(),
            via: "bench".into(),
            made,
            observed: None,
            trace: String::new(),
            command,
        })
        .collect();
    for chunk in wishes.chunks(AT_ONCE) {
        let posted: Vec<_> = chunk
            .iter()
            .map(|wish| (wish, live.post(&county(), wish.clone())))
            .collect();
        for (wish, posted) in posted {
            let mut answer = match posted {
                Ok(posted) => posted.answer().await,
                Err(problem) => Err(problem),
            };
            // A machine with other things to do answers late: the same once more, under its own id.
            for _ in 0..AGAIN {
                match answer {
                    Err(problem) if matches!(problem.code.as_str(), "busy" | "outcome_unknown") => {
                        answer = live.wish(&county(), wish.clone()).await
                    }
                    _ => break,
                }
            }
            answer?;
        }
    }
    Ok(())
}
