//! The bot as a whole: it connects, runs until it is told to stop, and invites people.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use picket_bus::Client;
use picket_schemas::{PersonId, Problem};
use serde::Deserialize;
use serde_json::Value;
use teloxide::payloads::{DeleteWebhook, GetMe};
use tokio::time::Instant;

use crate::api::Api;
use crate::bot::Bot;
use crate::invite::{self, Invitation};
use crate::line::{CALL, Counts, Line};
use crate::receive::{self, Ended};
use crate::settings::{Settings, Told};
use crate::trouble::Trouble;
use crate::window::Window;
use crate::{groups, menu, notices};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How often somebody who waits for the lease asks for it.
const LEASE_AGAIN: Duration = Duration::from_secs(1);
/// How long what is at hand may take when the bot stops.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Why the bot cannot run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotRun {
    /// The token is not one, or no longer.
    #[error("Telegram does not know this token; ask BotFather for it again")]
    BadToken,
    /// The settings cannot be used.
    #[error("{0}")]
    Settings(String),
}

/// A bot that is connected.
#[derive(Clone)]
pub struct Telegram(Arc<Bot>);

impl std::fmt::Debug for Telegram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Telegram").field(&self.0.name).finish()
    }
}

#[derive(Deserialize)]
struct Me {
    id: i64,
    username: Option<String>,
}

/// Connects and runs until told to stop.
pub async fn run(
    client: Client,
    settings: Settings,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), CannotRun> {
    tokio::pin!(stop);
    let telegram = tokio::select! {
        connected = connect(client, settings) => connected?,
        () = &mut stop => return Ok(()),
    };
    telegram.run(stop).await
}

/// Connects: finds out who the bot is, as often as it takes. Only what waiting cannot mend ends it.
pub async fn connect(client: Client, settings: Settings) -> Result<Telegram, CannotRun> {
    let api =
        Api::new(settings.token.clone(), settings.api.as_deref()).map_err(CannotRun::Settings)?;
    let mut pause = FIRST_PAUSE;
    let mut told = false;
    let me = loop {
        match api.call::<_, Me>(&GetMe::new(), CALL).await {
            Ok(me) => break me,
            Err(Trouble::BadToken) => return Err(CannotRun::BadToken),
            Err(why) => {
                if !std::mem::replace(&mut told, true) {
                    (settings.tell)(Told::Warning(
                        api.token()
                            .scrub(&format!("Telegram does not answer yet: {why}")),
                    ));
                }
                tokio::time::sleep(if let Trouble::RetryAfter(wait) = why {
                    wait
                } else {
                    pause
                })
                .await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    };
    let name = me.username.ok_or_else(|| {
        CannotRun::Settings("the bot has no name to link to; give it one with BotFather".to_owned())
    })?;
    let line = Line::new(
        api,
        settings.ephemera.clone(),
        format!("telegram/{}", me.id),
    );
    Ok(Telegram(Arc::new(Bot::new(
        me.id, name, client, settings, line,
    ))))
}

impl Telegram {
    /// The bot's name, without the `@`.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What happened on the line so far.
    pub fn counts(&self) -> Counts {
        self.0.line.counts()
    }

    /// Whether nothing is at hand: all that came is done and shown, and every notice has its outcome.
    pub fn is_idle(&self) -> bool {
        self.0.is_idle()
    }

    /// Invites somebody of the roster, in the name of `by`; the link is good once, for a day.
    pub async fn invite(&self, person: &PersonId, by: &PersonId) -> Result<Invitation, Problem> {
        invite::invite(&self.0.client, &self.0.name, person, by, self.0.now()).await
    }

    /// Receives, answers and carries notices until told to stop; then lets what is at hand end.
    pub async fn run(&self, stop: impl Future<Output = ()> + Send) -> Result<(), CannotRun> {
        let bot = &self.0;
        let window = Arc::new(Mutex::new(Window::default()));
        tokio::pin!(stop);
        let (mut begun, mut receiving) = (false, false);
        let ended = loop {
            if !bot.lease.is_ours(bot).await {
                tokio::select! {
                    () = &mut stop => break Ok(()),
                    () = tokio::time::sleep(LEASE_AGAIN) => continue,
                }
            }
            if !std::mem::replace(&mut begun, true) {
                tokio::select! {
                    () = &mut stop => break Ok(()),
                    () = begin(bot) => {}
                }
            }
            bot.forget();
            let turn = tokio::select! {
                () = &mut stop => Some(Ok(())),
                ended = receive::receive(bot, &window) => match ended {
                    Ended::MadeRoom => {
                        bot.warn("another process receives with this token; they share no store, so this one stands by: give both one Redis, or end one");
                        None
                    }
                    Ended::BadToken => Some(Err(CannotRun::BadToken)),
                },
                () = bot.lease.lost(bot) => {
                    bot.note("another process receives from now on");
                    None
                }
                () = notices::serve(bot) => None,
                () = groups::serve(bot) => None,
            };
            receiving = bot.receiving.send_replace(false);
            if let Some(ended) = turn {
                break ended;
            }
        };
        self.last_words(&window, receiving).await;
        let twice = bot.line.counts().perhaps_twice;
        if twice > 0 {
            bot.warn(format!("{twice} messages were sent a second time because no clear answer came: so many at most were seen twice"));
        }
        ended
    }

    /// What is at hand ends, what was not begun is handed back, and what is done with is confirmed.
    async fn last_words(&self, window: &Mutex<Window>, receiving: bool) {
        let bot = &self.0;
        let deadline = Instant::now() + LAST_WORDS;
        bot.line.leaving.send_replace(true);
        let idle = || {
            bot.is_idle()
                && window
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .is_idle()
        };
        while !idle() && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bot.stopping.store(true, Ordering::SeqCst);
        // Whoever stands by asks for nothing: that would take the turn from the one who receives.
        if receiving {
            receive::confirm(bot, window).await;
        }
        bot.lease.give_back(bot).await;
    }
}

/// Long polling needs that nobody pushes; the lists of commands are set.
async fn begin(bot: &Bot) {
    if let Err(why) = bot
        .line
        .api
        .call::<_, Value>(&DeleteWebhook::new(), CALL)
        .await
    {
        bot.note(format!(
            "an earlier webhook was perhaps not taken away: {why}"
        ));
    }
    menu::defaults(bot).await;
    bot.note(format!("the bot @{} listens", bot.name));
}
