//! Receiving: long polling, the lanes updates go to, and what is confirmed.
//!
//! An update is confirmed to the platform only when it and all before it are done with. It does not know what
//! an update says, nor which of several replicas receives.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use teloxide::payloads::{GetUpdates, GetUpdatesSetters};
use teloxide::types::AllowedUpdate;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::bot::Bot;
use crate::handle;
use crate::trouble::Trouble;
use crate::update::{self, Came, What};
use crate::window::Window;

/// How long the platform holds a question open while nothing comes.
const HOLD: u32 = 25;
/// How long the answer may take beyond that.
const GRACE: Duration = Duration::from_secs(10);
/// While something is at hand the platform does not hold the question open: look again after this.
const LOOK: Duration = Duration::from_millis(250);
const FIRST_PAUSE: Duration = Duration::from_millis(300);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// After so long a silence numbers may begin anew.
const SILENCE: Duration = Duration::from_secs(6 * 24 * 60 * 60);

/// Why receiving ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Another process receives, and nobody can say which of the two should.
    MadeRoom,
    /// The platform no longer knows the token.
    BadToken,
}

/// Receives until it must not any more.
pub(crate) async fn receive(bot: &Arc<Bot>, window: &Arc<Mutex<Window>>) -> Ended {
    let progress = Arc::new(Notify::new());
    let mut pause = FIRST_PAUSE;
    let mut trouble: Option<Trouble> = None;
    let mut last = Instant::now();
    // The first answer comes at once: it says that this process is the one that receives.
    let mut first = true;
    loop {
        let (offset, idle) = {
            let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
            if last.elapsed() > SILENCE {
                window.forget_offset();
                // Numbers of updates may begin anew, and no dialogue may take them for old ones.
                bot.seats.forget_near();
            }
            (window.offset(), window.is_idle())
        };
        let moved = progress.notified();
        match ask(bot, offset, if idle && !first { HOLD } else { 0 }).await {
            Ok(raw) => {
                first = false;
                bot.receiving
                    .send_if_modified(|receiving| !std::mem::replace(receiving, true));
                if trouble.take().is_some() {
                    bot.note("updates are received again");
                }
                pause = FIRST_PAUSE;
                let any = hand_out(bot, window, &progress, raw);
                if any {
                    last = Instant::now();
                } else if !idle {
                    tokio::select! {
                        () = moved => {}
                        () = tokio::time::sleep(LOOK) => {}
                    }
                }
            }
            Err(Trouble::BadToken) => return Ended::BadToken,
            Err(Trouble::Conflict) if bot.lease.makes_room(bot.settings.shared) => {
                return Ended::MadeRoom;
            }
            Err(why) => {
                if why == Trouble::Conflict {
                    bot.receiving.send_replace(false);
                    first = true;
                }
                if trouble.as_ref() != Some(&why) {
                    bot.warn(match &why {
                        Trouble::Conflict => "another process receives with this token: end it, or give this one a bot of its own".to_owned(),
                        other => format!("updates are not received for now: {other}"),
                    });
                }
                let wait = if let Trouble::RetryAfter(wait) = &why {
                    *wait
                } else {
                    pause
                };
                trouble = Some(why);
                tokio::time::sleep(wait).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Confirms what is done with, so that the next process does not get it again. It may fail: then it does.
pub(crate) async fn confirm(bot: &Bot, window: &Mutex<Window>) {
    let offset = window
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .offset();
    if offset.is_some() {
        let payload = request(offset, 0).limit(1);
        drop(bot.line.api.call::<_, Vec<Value>>(&payload, GRACE).await);
    }
}

fn request(offset: Option<i32>, hold: u32) -> GetUpdates {
    let mut payload = GetUpdates::new().timeout(hold).allowed_updates([
        AllowedUpdate::Message,
        AllowedUpdate::CallbackQuery,
        AllowedUpdate::MyChatMember,
    ]);
    payload.offset = offset;
    payload
}

async fn ask(bot: &Bot, offset: Option<i32>, hold: u32) -> Result<Vec<Value>, Trouble> {
    bot.line
        .api
        .call(
            &request(offset, hold),
            Duration::from_secs(u64::from(hold)) + GRACE,
        )
        .await
}

/// Puts what is new into its lanes; whether there was any.
fn hand_out(
    bot: &Arc<Bot>,
    window: &Arc<Mutex<Window>>,
    progress: &Arc<Notify>,
    raw: Vec<Value>,
) -> bool {
    let numbered: std::collections::BTreeMap<u32, Value> = raw
        .into_iter()
        .filter_map(|raw| Some((update::number(&raw)?, raw)))
        .collect();
    let fresh = window
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take(numbered.keys().copied());
    let any = !fresh.is_empty();
    for number in fresh {
        let Some(raw) = numbered.get(&number) else {
            continue;
        };
        let came = Arc::new(update::read(number, raw));
        if matches!(came.what, What::Nothing("it cannot be read")) {
            bot.warn(format!("update {number} cannot be read and was left"));
        }
        put(bot, window, progress, came);
    }
    any
}

fn put(bot: &Arc<Bot>, window: &Arc<Mutex<Window>>, progress: &Arc<Notify>, came: Arc<Came>) {
    let number = came.number;
    let finish = {
        let (window, progress) = (window.clone(), progress.clone());
        move || {
            window
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .finish(number);
            progress.notify_one();
        }
    };
    let (press, lane) = (handle::press(bot, &came.what), handle::lane(&came.what));
    let (work, finished) = ((bot.clone(), came.clone()), finish.clone());
    let broken = bot.clone();
    bot.lanes.put(
        lane,
        move || async move {
            let (bot, came) = work;
            if let Ok(left) = handle::update(&bot, &came, press.as_ref()).await {
                if let Some(left) = left {
                    handle::show(&bot, &came, left);
                }
                finished();
            }
        },
        move |why| async move {
            finish();
            handle::broke(&broken, &came, &why).await;
        },
    );
}
