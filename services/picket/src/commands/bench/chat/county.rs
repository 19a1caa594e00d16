//! The county of `picket bench chat`: its people with their phones, its groups, and what is sent to them.
//!
//! Everything in it is wished through the books as anybody would. It does not know what is measured.

use picket_fakechat::FakeChat;
use picket_schemas::dispatch::{self, Assign, AssignTo, Select};
use picket_schemas::registry::{self, Level, PostKind, Role, Territory};
use picket_schemas::schedule::{self, Does};
use picket_schemas::subject::SubjectKind;
use picket_schemas::{AreaCode, Command, CommandId, Jurisdiction, PersonId, Wish};
use picket_telegram::CHANNEL;

use crate::desk::Desk;
use crate::problem::Failure;

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
pub(super) struct County {
    pub(super) people: u64,
    pub(super) groups: u64,
}

impl County {
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
    pub(super) async fn found(&self, chat: &FakeChat, desk: &Desk) -> Result<(), Failure> {
        let area = AreaCode::from(county().as_str());
        let mut commands: Vec<Command> = vec![
            registry::Command::DefineArea {
                code: area.clone(),
                name: "bench county".into(),
                level: Level::County,
                parent: None,
            }
            .into(),
            enrol(
                OFFICE.to_owned(),
                &["coordinator", "post_leader", "dispatcher"],
            ),
        ];
        for n in 0..self.people {
            let (code, community) = (person(n), AreaCode::from(format!("{area}{n:06}").as_str()));
            commands.push(
                registry::Command::DefineArea {
                    code: community.clone(),
                    name: format!("community {n}"),
                    level: Level::Community,
                    parent: Some(area.clone()),
                }
                .into(),
            );
            commands.push(enrol(code.clone(), &["sentinel"]));
            commands.push(
                registry::Command::DefinePost {
                    code: format!("PO-{n:05}").as_str().into(),
                    name: format!("post {n}"),
                    kind: PostKind::Community,
                    area: community.clone(),
                    leader: OFFICE.into(),
                    members: vec![code],
                }
                .into(),
            );
            commands.push(
                registry::Command::RegisterInstitution {
                    code: format!("I-{n:05}").as_str().into(),
                    name: format!("institution {n}"),
                    kind: SubjectKind::Institution,
                    training: None,
                    licence: None,
                    address: "bench street".into(),
                    area: community,
                    school_district: None,
                    risk: None,
                    list: None,
                }
                .into(),
            );
        }
        for n in 0..self.groups {
            let Command::Registry(registry::Command::EnrolPerson {
                code,
                name,
                roles,
                department,
                certificate,
                language,
                ..
            }) = enrol(group(n), &["group"])
            else {
                continue;
            };
            commands.push(
                registry::Command::EnrolPerson {
                    code,
                    name,
                    roles,
                    department,
                    area: self.area(n),
                    certificate,
                    language,
                }
                .into(),
            );
        }
        all(desk, "found", operator(), commands).await?;
        let phones = (0..self.people)
            .map(|n| (person(n), account(n)))
            .chain([(OFFICE.to_owned(), DISPATCHER_ACCOUNT)]);
        let groups = (0..self.groups).map(|n| (group(n), -account(n)));
        let (mut invites, mut binds) = (Vec::new(), Vec::new());
        for (code, account) in phones.chain(groups) {
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
        all(desk, "invite", operator(), invites).await?;
        all(desk, "bind", PersonId::new(&county(), "unbound"), binds).await
    }

    /// Every post gets so many sheets, one batch after another.
    pub(super) async fn issue(&self, desk: &Desk) -> Result<(), Failure> {
        let batch = |n| dispatch::Command::IssueBatch {
            name: format!("batch {n}"),
            campaign: None,
            round: None,
            select: Select::default(),
            assign: Assign {
                to: AssignTo::PostSentinel,
                ..Assign::default()
            },
            checklist: String::new(),
            window: None,
            sealed_until: None,
        };
        let of_group = |n: u64| {
            let people = (0..TAKERS)
                .map(|taker| person((n + taker) % self.people))
                .collect();
            let dispatch::Command::IssueBatch {
                name,
                campaign,
                round,
                checklist,
                window,
                sealed_until,
                ..
            } = batch(OFFERS + n)
            else {
                unreachable!("a batch is issued")
            };
            let select = Select {
                area: Some(self.area(n)),
                ..Select::default()
            };
            dispatch::Command::IssueBatch {
                name,
                campaign,
                round,
                select,
                assign: Assign {
                    to: AssignTo::Offer,
                    people,
                    ..Assign::default()
                },
                checklist,
                window,
                sealed_until,
            }
        };
        let commands = (0..OFFERS).map(batch).chain((0..self.groups).map(of_group));
        all(desk, "issue", office(), commands.map(Into::into).collect()).await
    }

    /// Where a group is: the community of one of the people.
    fn area(&self, n: u64) -> AreaCode {
        AreaCode::from(format!("{}{n:06}", county()).as_str())
    }

    /// Everybody's digest is due now.
    pub(super) async fn digest(&self, desk: &Desk) -> Result<(), Failure> {
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
        all(desk, "digest", operator(), vec![define.into()]).await?;
        all(
            desk,
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
    pub(super) async fn alarm(&self, desk: &Desk, n: u32) -> Result<(), Failure> {
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
            desk,
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

fn enrol(code: String, roles: &[&str]) -> Command {
    registry::Command::EnrolPerson {
        name: format!("person {code}"),
        code,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        department: None,
        area: AreaCode::from(county().as_str()),
        certificate: None,
        language: None,
    }
    .into()
}

/// Wishes, in order as far as each service goes, many under way at once.
async fn all(desk: &Desk, name: &str, by: PersonId, commands: Vec<Command>) -> Result<(), Failure> {
    let (live, made) = (desk.live(), desk.clock().now());
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
