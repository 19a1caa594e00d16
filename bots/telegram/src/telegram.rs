//! Telegram bot as a whole: it connects, runs until it is told to stop, and invites people.

use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use picket_bus::Client;
use picket_schemas::{PersonId, Problem};
use serde::Deserialize;
use serde_json::Value;
use teloxide::payloads::{DeleteWebhook, GetMe};
use tokio::time::Instant;

use crate::api_client::{ApiClient, CALL, Counts};
use crate::api_error::ApiError;
use crate::bot::ChatBot;
use crate::bot_api::BotApi;
use crate::channel::BotAccount;
use crate::invitation::Invitation;
use crate::menu;
use crate::receive::EndReason;
use crate::settings::BotSettings;

/// Backoff of connecting; with its jitter a pause lasts up to half a second at first, and up to half a minute.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_jitter()
    .with_min_delay(Duration::from_millis(250))
    .with_max_delay(Duration::from_millis(15_000))
    .without_max_times();
/// Polling interval of a replica that waits for the lease.
const LEASE_AGAIN: Duration = Duration::from_secs(1);
/// Timeout of a graceful stop.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Error of a bot that cannot run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// Bad token: it is not one, or no longer.
    #[error("Telegram does not know this token; ask BotFather for it again")]
    BadToken,
    /// Settings that cannot be used.
    #[error("{0}")]
    Settings(String),
}

/// Telegram bot that is connected.
#[derive(Clone)]
pub struct Telegram(Arc<ChatBot>);

impl std::fmt::Debug for Telegram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Telegram")
            .field(&self.0.account.name)
            .finish()
    }
}

/// User the bot is, as `getMe` answers.
#[derive(Deserialize)]
struct BotUser {
    id: i64,
    username: Option<String>,
}

/// Connects and runs until told to stop.
pub async fn run(
    client: Client,
    settings: BotSettings,
    stop: impl Future<Output = ()> + Send,
) -> Result<(), RunError> {
    tokio::pin!(stop);
    let telegram = tokio::select! {
        connected = connect(client, settings) => connected?,
        () = &mut stop => return Ok(()),
    };
    telegram.run(stop).await
}

/// Connects: finds out who the bot is, retried with backoff as often as it takes. Only an error that waiting cannot mend
/// ends it.
pub async fn connect(client: Client, settings: BotSettings) -> Result<Telegram, RunError> {
    let bot_api =
        BotApi::new(settings.token.clone(), settings.api.as_deref()).map_err(RunError::Settings)?;
    let log = settings.redacted_log();
    let mut told = false;
    let get_me = GetMe::new();
    let me = (|| bot_api.call::<_, BotUser>(&get_me, CALL))
        .retry(BACKOFF)
        .when(|error| *error != ApiError::BadToken)
        .adjust(|error, pause| match error {
            ApiError::RetryAfter(wait) => Some(*wait),
            _ => pause,
        })
        .notify(|error, _| {
            if !std::mem::replace(&mut told, true) {
                log.warn(format!("Telegram does not answer yet: {error}"));
            }
        })
        .await
        .map_err(|_| RunError::BadToken)?;
    let name = me.username.ok_or_else(|| {
        RunError::Settings("the bot has no name to link to; give it one with BotFather".to_owned())
    })?;
    let prefix = format!("telegram/{}", me.id);
    let api = ApiClient::new(bot_api, settings.ephemera.clone(), prefix.clone());
    let account = BotAccount { id: me.id, name };
    Ok(Telegram(Arc::new(ChatBot::new(
        account, client, settings, api, prefix,
    ))))
}

impl Telegram {
    /// Name of the bot, without the `@`.
    pub fn name(&self) -> &str {
        &self.0.account.name
    }

    /// Counts of calls to the platform so far.
    pub fn counts(&self) -> Counts {
        self.0.outbox.api.counts()
    }

    /// True while nothing is under way: every update is done and its reply shown, and every notice has its outcome.
    pub fn is_idle(&self) -> bool {
        self.0.is_idle()
    }

    /// Invites somebody of the roster, in the name of `by`; the link is good once, for a day.
    pub async fn invite(&self, person: &PersonId, by: &PersonId) -> Result<Invitation, Problem> {
        self.0.invitations.invite(person, by).await
    }

    /// Receives, answers and carries notices until told to stop; then lets everything under way end.
    pub async fn run(&self, stop: impl Future<Output = ()> + Send) -> Result<(), RunError> {
        let bot = &self.0;
        tokio::pin!(stop);
        let (mut begun, mut receiving) = (false, false);
        let ended = loop {
            if !bot.lease.is_ours().await {
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
                reason = bot.receiver.receive() => match reason {
                    EndReason::StandBy => {
                        bot.outbox.log.warn("another process receives with this token; they share no store, so this one stands by: give both one Redis, or end one");
                        None
                    }
                    EndReason::BadToken => Some(Err(RunError::BadToken)),
                },
                () = bot.lease.lost() => {
                    bot.outbox.log.note("another process receives from now on");
                    None
                }
                () = bot.notices.serve() => None,
                () = bot.groups.serve() => None,
            };
            receiving = bot.lease.receiving.send_replace(false);
            if let Some(ended) = turn {
                break ended;
            }
        };
        self.last_words(receiving).await;
        let twice = bot.outbox.api.counts().perhaps_twice;
        if twice > 0 {
            bot.outbox.log.warn(format!("{twice} messages were sent a second time because no clear answer came: so many at most were seen twice"));
        }
        ended
    }

    /// Stops gracefully: work under way ends, notices that were not begun are handed back, and updates that are done are
    /// acknowledged.
    async fn last_words(&self, receiving: bool) {
        let bot = &self.0;
        let deadline = Instant::now() + LAST_WORDS;
        bot.outbox.api.stop();
        let idle = || bot.is_idle() && bot.receiver.is_idle();
        while !idle() && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bot.handler.stop();
        // A replica that stands by does not poll: that would take the turn from the one that receives.
        if receiving {
            bot.receiver.acknowledge().await;
        }
        bot.lease.release().await;
    }
}

/// Prepares long polling, which works only without a webhook, and sets the menus.
async fn begin(bot: &ChatBot) {
    if let Err(error) = bot
        .outbox
        .api
        .bot_api
        .call::<_, Value>(&DeleteWebhook::new(), CALL)
        .await
    {
        bot.outbox.log.note(format!(
            "an earlier webhook was perhaps not taken away: {error}"
        ));
    }
    menu::defaults(&bot.outbox).await;
    bot.outbox
        .log
        .note(format!("the bot @{} listens", bot.account.name));
}
