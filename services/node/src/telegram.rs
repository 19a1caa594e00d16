//! Telegram beside the books: the bot of a token, and the invitation that makes a phone somebody's.
//!
//! It wires the bot to a bus and says on the terminal what whoever runs it should read. The token comes from
//! `PICKET_TELEGRAM_TOKEN` and nowhere else, so that it is in no history and no list of processes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use picket_bus::Client;
use picket_ephemera::Ephemera;
use picket_runtime::Clock;
use picket_schemas::ask::{After, PersonView, Question, View, Viewer};
use picket_schemas::registry::{Role, Territory};
use picket_schemas::{Jurisdiction, PersonId};
use picket_telegram::{BotSettings, LogLine, Telegram, Token};
use picket_telemetry::Secrets;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::ids::owner;
use crate::problem::Failure;

/// Where the token is.
const TOKEN: &str = "PICKET_TELEGRAM_TOKEN";
/// Another server that speaks as Telegram does.
const API: &str = "PICKET_TELEGRAM_API";
/// The person invited where nobody was named: the sentinel of the story, where there is one.
const SENTINEL: &str = "P-0017";

/// How often, and how many times, it is looked whether somebody to be invited is on the roster.
const LOOK: Duration = Duration::from_secs(3);
const LOOKS: u32 = 1_200;

/// The surroundings of a bot: what it needs of its process.
pub struct BotSurroundings {
    /// The way to the books.
    pub client: Client,
    /// Where photos are kept.
    pub blobs: PathBuf,
    /// The store of what may be lost.
    pub ephemera: Arc<dyn Ephemera>,
    /// Other processes use the same store.
    pub shared: bool,
    /// The zone people live in.
    pub zone: TimeZone,
    /// The clock of the process.
    pub clock: Clock,
    /// Which jurisdictions there are.
    pub territory: Territory,
    /// The people to be invited.
    pub invite: Vec<String>,
    /// Where nobody was named, the first sentinel is invited. Only where somebody looks at the terminal: a link that
    /// still works belongs into no log.
    pub suggests: bool,
    /// The name of this process.
    pub holder: String,
}

/// A bot at work.
pub struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// Lets what is at hand end.
    pub async fn close(self) {
        self.stop.send_replace(true);
        // A panic there was printed by its hook.
        drop(self.task.await);
    }
}

/// The token in the environment, if there is one; one that cannot be is refused before anything is opened.
pub fn token() -> Result<Option<Token>, Failure> {
    let Some(text) = std::env::var(TOKEN)
        .ok()
        .filter(|text| !text.trim().is_empty())
    else {
        return Ok(None);
    };
    Token::parse(&text).map(Some).map_err(|why| {
        Failure::usage(
            format!("{TOKEN}: {why}"),
            "BotFather in Telegram gives one: /newbot.",
        )
    })
}

/// The secrets no log line and no span may hold: the token, and the half of it that is secret by itself.
pub fn secrets() -> Secrets {
    let text = std::env::var(TOKEN).unwrap_or_default();
    let half = text.split_once(':').map(|(_, half)| half.trim().to_owned());
    Secrets::new(half.into_iter().chain([text.trim().to_owned()]))
}

/// Starts the bot where there is a token. It connects by itself for as long as that takes.
pub fn start(around: BotSurroundings) -> Result<Option<Running>, Failure> {
    let Some(token) = token()? else {
        return Ok(None);
    };
    let (stop, mut stopped) = watch::channel(false);
    let task = tokio::spawn(async move {
        let settings = BotSettings {
            api: std::env::var(API).ok(),
            clock: Arc::new({
                let clock = around.clock.clone();
                move || clock.now()
            }),
            ephemera: around.ephemera.clone(),
            shared: around.shared,
            holder: around.holder.clone(),
            ..BotSettings::alone(token, around.zone.clone(), around.blobs.clone(), tell)
        };
        let asked = async move { drop(stopped.wait_for(|stop| *stop).await) };
        tokio::pin!(asked);
        let telegram = tokio::select! {
            connected = picket_telegram::connect(around.client.clone(), settings) => match connected {
                Ok(telegram) => telegram,
                Err(why) => return eprintln!("picket: the bot does not run: {why}\n  hint: Correct {TOKEN} and start again; everything else goes on."),
            },
            () = &mut asked => return,
        };
        println!("the bot is @{}", telegram.name());
        let inviting = async {
            invite(&telegram, &around).await;
            std::future::pending::<()>().await;
        };
        let ended = tokio::select! {
            ended = telegram.run(asked) => ended,
            () = inviting => Ok(()),
        };
        if let Err(why) = ended {
            eprintln!(
                "picket: the bot ended: {why}\n  hint: Correct {TOKEN} and start again; everything else goes on."
            );
        }
    });
    Ok(Some(Running { stop, task }))
}

fn tell(line: LogLine) {
    match line {
        LogLine::Note(text) => eprintln!("picket: telegram: {text}"),
        LogLine::Warning(text) => eprintln!("picket: telegram: warning: {text}"),
        LogLine::Error(text) => eprintln!("picket: telegram: ERROR: {text}"),
    }
}

/// Prints an invitation for everybody who was named; where nobody was and it may, for the first sentinel without a phone.
/// People may be imported after the bot came up: it is looked again for an hour.
async fn invite(telegram: &Telegram, around: &BotSurroundings) {
    let (mut left, mut chosen) = (Vec::new(), false);
    for _ in 0..LOOKS {
        if !chosen && let Some(people) = whom(around).await {
            (left, chosen) = (people, true);
        }
        let mut again = Vec::new();
        for person in left {
            match telegram
                .invite(
                    &person,
                    &PersonId::new(&person.jurisdiction(), picket_directory::OPERATOR),
                )
                .await
            {
                Ok(invitation) => {
                    println!(
                        "whoever opens this link first is {person} in Telegram, within a day:"
                    );
                    println!("  {}", invitation.link);
                }
                Err(problem)
                    if matches!(
                        problem.code.as_str(),
                        "nobody" | "unknown_person" | "outcome_unknown" | "busy"
                    ) =>
                {
                    again.push(person)
                }
                Err(problem) => eprintln!(
                    "picket: {person} cannot be invited: {}\n  hint: {}",
                    problem.title, problem.hint
                ),
            }
        }
        left = again;
        if chosen && left.is_empty() {
            return;
        }
        tokio::time::sleep(LOOK).await;
    }
    for person in left {
        eprintln!(
            "picket: {person} cannot be invited: nobody of that id is on the roster\n  hint: `picket ask people` lists it."
        );
    }
}

/// The people to be invited, once they are known.
async fn whom(around: &BotSurroundings) -> Option<Vec<PersonId>> {
    let named = named(around);
    if !named.is_empty() || !around.suggests {
        return Some(named);
    }
    match first(around).await {
        First::Nobody | First::Unknown => None,
        First::HasPhone => Some(Vec::new()),
        First::Is(person) => Some(vec![person]),
    }
}

/// The person to be invited where nobody was named.
enum First {
    /// There are no people yet.
    Nobody,
    /// Nobody says now whether the one it would be has a phone.
    Unknown,
    /// The one it would be has a phone already.
    HasPhone,
    Is(PersonId),
}

fn named(around: &BotSurroundings) -> Vec<PersonId> {
    let home = around
        .territory
        .jurisdictions
        .keys()
        .next_back()
        .cloned()
        .unwrap_or_default();
    around
        .invite
        .iter()
        .map(|text| {
            if text.contains('/') {
                PersonId::from(text.as_str())
            } else {
                PersonId::new(&home, text)
            }
        })
        .collect()
}

/// The sentinel of the story, else the first one of the first county that has any; nobody where one has a phone already.
async fn first(around: &BotSurroundings) -> First {
    let mut candidates = Vec::new();
    for jurisdiction in around.territory.jurisdictions.keys() {
        candidates.extend(
            sentinels(around, jurisdiction)
                .await
                .into_iter()
                .map(|person| PersonId::from(person.id.as_str())),
        );
    }
    let Some(chosen) = candidates
        .iter()
        .find(|person| person.code() == SENTINEL)
        .or(candidates.first())
        .cloned()
    else {
        return First::Nobody;
    };
    let question = Question::Accounts {
        person: chosen.clone(),
    };
    match around
        .client
        .ask(&owner(&chosen.jurisdiction()), &question, &After::new())
        .await
    {
        Ok(reply) => match &reply.view {
            View::Accounts(accounts) if accounts.is_empty() => First::Is(chosen),
            View::Accounts(_) => First::HasPhone,
            _ => First::Unknown,
        },
        Err(_) => First::Unknown,
    }
}

async fn sentinels(around: &BotSurroundings, jurisdiction: &Jurisdiction) -> Vec<PersonView> {
    let role = serde_json::to_value(Role::Sentinel)
        .ok()
        .and_then(|role| role.as_str().map(str::to_owned));
    let viewer: Viewer = owner(jurisdiction);
    match around
        .client
        .ask(
            &viewer,
            &Question::People {
                jurisdiction: jurisdiction.clone(),
                role,
            },
            &After::new(),
        )
        .await
        .map(|reply| reply.view)
    {
        Ok(View::People(people)) => people,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use picket_bus::{EdgeReply, EdgeRequest, MemoryBus, serve_questions};
    use picket_ephemera::MemoryEphemera;
    use picket_schemas::Problem;
    use picket_schemas::ask::Reply;

    use super::*;

    /// A county with one sentinel, of whose phone it is said what is given here; nothing is a refusal.
    async fn county(
        phone: Option<View>,
        suggests: bool,
        invite: &[&str],
    ) -> (BotSurroundings, Arc<Mutex<usize>>) {
        let bus = Arc::new(MemoryBus::new());
        let asked = Arc::new(Mutex::new(0));
        let counted = asked.clone();
        let answer = move |_, wanted| {
            let EdgeRequest::Question { question, .. } = wanted else {
                unreachable!("nothing is wished here")
            };
            *counted.lock().expect("unbroken") += 1;
            let view = match question {
                Question::People { .. } => Some(View::People(vec![PersonView {
                    id: "990101/P-0017".to_owned(),
                    ..PersonView::default()
                }])),
                _ => phone.clone(),
            };
            let refused = || EdgeReply::No(Problem::new("gone", "insight is away", ""));
            std::future::ready(Some(view.map_or_else(refused, |view| {
                EdgeReply::View(Box::new(Reply {
                    after: After::new(),
                    view,
                }))
            })))
        };
        drop(serve_questions(bus.clone(), answer).await.expect("served"));
        let around = BotSurroundings {
            client: Client::new(bus),
            blobs: PathBuf::new(),
            ephemera: Arc::new(MemoryEphemera::new()),
            shared: false,
            zone: TimeZone::UTC,
            clock: Clock::real(),
            territory: Territory {
                jurisdictions: [(Jurisdiction::from("990101"), None)].into_iter().collect(),
            },
            invite: invite.iter().map(|who| (*who).to_owned()).collect(),
            suggests,
            holder: "test".to_owned(),
        };
        (around, asked)
    }

    #[tokio::test]
    async fn where_nobody_was_named_the_sentinel_without_a_phone_is_invited_if_somebody_looks_at_the_terminal()
     {
        let (around, _) = county(Some(View::Accounts(Vec::new())), true, &[]).await;
        assert_eq!(whom(&around).await, Some(vec!["990101/P-0017".into()]));
    }

    #[tokio::test]
    async fn a_process_among_many_invites_only_those_who_were_named() {
        let (around, asked) = county(Some(View::Accounts(Vec::new())), false, &[]).await;
        assert_eq!(
            (whom(&around).await, *asked.lock().expect("unbroken")),
            (Some(Vec::new()), 0)
        );
        let (around, _) = county(None, false, &["P-0018"]).await;
        assert_eq!(whom(&around).await, Some(vec!["990101/P-0018".into()]));
    }

    #[tokio::test]
    async fn while_nobody_says_whether_there_is_a_phone_nobody_is_invited() {
        for unknown in [None, Some(View::Stale)] {
            let (around, _) = county(unknown, true, &[]).await;
            assert_eq!(whom(&around).await, None);
        }
    }
}
