//! The bot: what all its parts share, and what it asks the books.
//!
//! It finds out whose an account is with every update anew, so that who left the roster is nobody here from
//! that moment on. It knows no rule of the trade and keeps no fact.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use picket_bus::Client;
use picket_conversation::{Language, Words};
use picket_ephemera::Rank;
use picket_schemas::ask::{After, PersonView, Question, View, Viewer};
use picket_schemas::{PersonId, Problem};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::blobs::Blobs;
use crate::groups::Turns;
use crate::lanes::Lanes;
use crate::lease::Lease;
use crate::line::{ANSWER, Line};
use crate::reach::Ways;
use crate::render;
use crate::seats::Seats;
use crate::settings::{Settings, Told};
use crate::trouble::Trouble;
use crate::update::Account;

/// The channel, as the registry and courier name it.
pub const CHANNEL: &str = "telegram";
/// How often a question is asked again while its answer is not there yet.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);
/// How often somebody nobody knows is answered within an hour.
const STRANGER: u32 = 5;
/// How many strangers are counted at once.
const STRANGERS: usize = 10_000;

/// The books cannot be reached now: what came is kept and done later.
#[derive(Debug)]
pub(crate) struct NotNow;

/// What all parts share.
pub(crate) struct Bot {
    /// The bot's own number and name on the platform.
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) client: Client,
    pub(crate) settings: Settings,
    pub(crate) line: Line,
    pub(crate) seats: Seats,
    /// What is done for each person and group, in order.
    pub(crate) lanes: Lanes,
    /// What is shown to each, in order, once it is done.
    pub(crate) shows: Lanes,
    /// What courier is told about the way to each.
    pub(crate) tells: Lanes,
    pub(crate) ways: Ways,
    pub(crate) groups: Turns,
    pub(crate) blobs: Blobs,
    pub(crate) lease: Lease,
    /// The last question for updates was answered: this process is the one that receives.
    pub(crate) receiving: watch::Sender<bool>,
    /// Notices that wait for their outcome.
    pub(crate) carrying: AtomicUsize,
    pub(crate) stopping: AtomicBool,
    strangers: Mutex<HashMap<i64, (Instant, u32)>>,
}

/// Who asks whose an account is: the edge itself, in the name of whoever runs it.
pub(crate) fn edge() -> PersonId {
    PersonId::from("telegram/operator")
}

impl Bot {
    pub(crate) fn new(
        id: i64,
        name: String,
        client: Client,
        settings: Settings,
        line: Line,
    ) -> Self {
        let seats = Seats::new(settings.ephemera.clone(), format!("telegram/{id}/seat"));
        let blobs = Blobs::new(&settings.blobs);
        Self {
            id,
            name,
            client,
            settings,
            line,
            seats,
            lanes: Lanes::default(),
            shows: Lanes::default(),
            tells: Lanes::default(),
            ways: Ways::default(),
            groups: Turns::default(),
            lease: Lease::default(),
            blobs,
            receiving: watch::Sender::new(false),
            carrying: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            strangers: Mutex::default(),
        }
    }

    /// The name of a short-lived thing.
    pub(crate) fn key(&self, what: &str) -> String {
        format!("telegram/{}/{what}", self.id)
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.settings.clock)()
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    pub(crate) fn is_leaving(&self) -> bool {
        *self.line.leaving.borrow()
    }

    /// Ends when the bot is told to stop.
    pub(crate) async fn left(&self) {
        self.line.left().await;
    }

    /// Nothing is at hand: nothing to be done, shown or told.
    pub(crate) fn is_idle(&self) -> bool {
        self.lanes.is_empty()
            && self.shows.is_empty()
            && self.tells.is_empty()
            && self.carrying.load(Ordering::SeqCst) == 0
    }

    /// What is remembered of people is as old as this process's last turn as the one that receives: another had it since.
    pub(crate) fn forget(&self) {
        self.seats.forget_near();
        self.ways.forget();
    }

    pub(crate) fn warn(&self, text: impl AsRef<str>) {
        (self.settings.tell)(Told::Warning(self.settings.token.scrub(text.as_ref())));
    }

    pub(crate) fn error(&self, text: impl AsRef<str>) {
        (self.settings.tell)(Told::Error(self.settings.token.scrub(text.as_ref())));
    }

    pub(crate) fn note(&self, text: impl AsRef<str>) {
        (self.settings.tell)(Told::Note(self.settings.token.scrub(text.as_ref())));
    }

    /// Asks insight as somebody, not before `after` is read. No answer at all means that the books are away.
    pub(crate) async fn ask(
        &self,
        viewer: &PersonId,
        question: &Question,
        after: &After,
    ) -> Result<Result<View, Problem>, NotNow> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self
                .client
                .ask(&Viewer::person(viewer), question, after)
                .await
            {
                Ok(reply) if reply.view == View::Stale && tries < TRIES => {
                    tokio::time::sleep(PAUSE).await
                }
                Ok(reply) => return Ok(Ok(reply.view)),
                Err(problem) if is_away(&problem) => return Err(NotNow),
                Err(problem) => return Ok(Err(problem)),
            }
        }
    }

    /// Whose an account is.
    pub(crate) async fn identity(
        &self,
        account: i64,
        after: &After,
    ) -> Result<Option<PersonView>, NotNow> {
        match self
            .ask(
                &edge(),
                &Question::Identity {
                    channel: CHANNEL.to_owned(),
                    account: account.to_string(),
                },
                after,
            )
            .await?
        {
            Ok(View::Person(person)) => Ok(Some(person)),
            Ok(View::Stale) | Err(_) => Err(NotNow),
            Ok(_) => Ok(None),
        }
    }

    /// The account a person can be written to at.
    pub(crate) async fn account_of(&self, person: &PersonId) -> Result<Option<i64>, NotNow> {
        match self
            .ask(
                &edge(),
                &Question::Accounts {
                    person: person.clone(),
                },
                &After::new(),
            )
            .await?
        {
            Ok(View::Accounts(accounts)) => Ok(accounts
                .iter()
                .find(|one| one.channel == CHANNEL)
                .and_then(|one| one.account.parse().ok())),
            _ => Err(NotNow),
        }
    }

    /// Whether anybody answers at all.
    pub(crate) async fn books_answer(&self) -> bool {
        let nobody = Question::Identity {
            channel: CHANNEL.to_owned(),
            account: String::new(),
        };
        self.client
            .ask(&Viewer::person(&edge()), &nobody, &After::new())
            .await
            .is_ok_and(|reply| reply.view != View::Stale)
    }

    /// Says something of the bot's own to an account. What cannot be said is told to whoever runs the bot.
    pub(crate) async fn say(&self, chat: i64, text: &str) {
        let deadline = Instant::now() + ANSWER;
        if let Err(why) = self
            .line
            .send(chat, &render::words(text), Rank::Answer, deadline)
            .await
        {
            self.not_sent(chat, &why);
        }
    }

    /// Notes what an unsent message says about its chat.
    pub(crate) fn not_sent(&self, chat: i64, why: &Trouble) {
        match why {
            Trouble::Unreachable(words) => self.ways.shut(chat, words),
            other => self.warn(format!("a message was not sent: {other}")),
        }
    }

    /// What a stranger is answered, a few times an hour.
    pub(crate) fn words_for_stranger(&self, by: &Account, key: &str) -> Option<String> {
        self.may_answer_stranger(by.number)
            .then(|| words_for(by).say(key))
    }

    fn may_answer_stranger(&self, account: i64) -> bool {
        let mut strangers = self
            .strangers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        strangers.retain(|_, (since, _)| now.duration_since(*since) < Duration::from_secs(3_600));
        if strangers.len() >= STRANGERS && !strangers.contains_key(&account) {
            return false;
        }
        let (_, times) = strangers.entry(account).or_insert((now, 0));
        *times += 1;
        *times <= STRANGER
    }
}

/// Whether nobody is there to answer, for now.
pub(crate) fn is_away(problem: &Problem) -> bool {
    matches!(problem.code.as_str(), "gone" | "nobody" | "outcome_unknown")
}

/// The words for somebody nobody knows yet: in the language of the person's own program, Chinese otherwise.
pub(crate) fn words_for(by: &Account) -> &'static Words {
    Words::of(language_of(by))
}

/// The language of somebody's own program, as far as Picket speaks it.
pub(crate) fn language_of(by: &Account) -> Language {
    if by
        .language
        .as_deref()
        .is_some_and(|code| code.starts_with("en"))
    {
        Language::En
    } else {
        Language::Zh
    }
}

#[cfg(test)]
pub(crate) mod wire_tests;
