//! Receiver of updates: long polling, the lanes updates go to, and their acknowledgement.
//!
//! Delivery is at least once: an update is acknowledged to the platform only when it and all before it are done. It
//! does not know what an update says, nor which of several replicas receives.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use parking_lot::{Mutex, MutexGuard};
use serde_json::Value;
use teloxide::payloads::{GetUpdates, GetUpdatesSetters};
use teloxide::types::AllowedUpdate;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::ack_window::AckWindow;
use crate::api_error::ApiError;
use crate::dialogues::Dialogues;
use crate::handle::Handler;
use crate::lanes::Lanes;
use crate::lease::ReceiverLease;
use crate::outbox::Outbox;
use crate::update::{self, IncomingUpdate, UpdateBody};

/// Timeout of a long poll: the platform holds it open for so many seconds while nothing comes.
const HOLD: u32 = 25;
/// Time its response may take beyond that.
const GRACE: Duration = Duration::from_secs(10);
/// Polling interval while an update is under way: the platform does not hold the poll open then.
const LOOK: Duration = Duration::from_millis(250);
/// Backoff of polls that fail; with its jitter a pause lasts up to 300 ms at first, and up to fifteen seconds.
const BACKOFF: ExponentialBuilder = ExponentialBuilder::new()
    .with_jitter()
    .with_min_delay(Duration::from_millis(150))
    .with_max_delay(Duration::from_millis(7_500))
    .without_max_times();
/// Silence after which numbers of updates may begin anew.
const SILENCE: Duration = Duration::from_secs(6 * 24 * 60 * 60);

/// Reason for which receiving ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// Stand-by: another process receives, and nobody can say which of the two should.
    StandBy,
    /// Bad token: the platform no longer knows it.
    BadToken,
}

/// Receiver of updates.
pub(crate) struct Receiver {
    outbox: Arc<Outbox>,
    dialogues: Arc<Dialogues>,
    lease: Arc<ReceiverLease>,
    lanes: Lanes,
    handler: Arc<Handler>,
    window: Mutex<AckWindow>,
    /// Signal that an update is done.
    progress: Notify,
}

/// Progress of one turn of receiving.
struct PollState {
    backoff: ExponentialBackoff,
    error: Option<ApiError>,
    /// Instant of the last update.
    last: Instant,
    /// True until the first response, which is asked for at once: it says that this process is the one that receives.
    first: bool,
}

impl Receiver {
    pub(crate) fn new(
        outbox: Arc<Outbox>,
        dialogues: Arc<Dialogues>,
        lease: Arc<ReceiverLease>,
        lanes: Lanes,
        handler: Arc<Handler>,
    ) -> Self {
        Self {
            outbox,
            dialogues,
            lease,
            lanes,
            handler,
            window: Mutex::default(),
            progress: Notify::new(),
        }
    }

    /// True while no update is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.window().is_idle()
    }

    /// Receives until it must not any more.
    pub(crate) async fn receive(self: &Arc<Self>) -> EndReason {
        let mut state = PollState {
            backoff: BACKOFF.build(),
            error: None,
            last: Instant::now(),
            first: true,
        };
        loop {
            let (offset, idle) = self.position(state.last);
            let moved = self.progress.notified();
            let hold = if idle && !state.first { HOLD } else { 0 };
            match self.poll(offset, hold).await {
                Ok(raw) => {
                    self.polled(&mut state);
                    if self.hand_out(raw) {
                        state.last = Instant::now();
                    } else if !idle {
                        tokio::select! {
                            () = moved => {}
                            () = tokio::time::sleep(LOOK) => {}
                        }
                    }
                }
                Err(ApiError::BadToken) => return EndReason::BadToken,
                Err(ApiError::Conflict) if self.lease.stands_by() => return EndReason::StandBy,
                Err(error) => self.not_polled(&mut state, error).await,
            }
        }
    }

    /// Acknowledges updates that are done, so that the next process does not get them again. It may fail: then it does.
    pub(crate) async fn acknowledge(&self) {
        let offset = self.window().offset();
        if offset.is_some() {
            let payload = request(offset, 0).limit(1);
            let bot_api = &self.outbox.api.bot_api;
            drop(bot_api.call::<_, Vec<Value>>(&payload, GRACE).await);
        }
    }

    /// Offset to poll for, and whether no update is under way.
    fn position(&self, last: Instant) -> (Option<i32>, bool) {
        let mut window = self.window();
        if last.elapsed() > SILENCE {
            window.forget_offset();
            // Numbers of updates may begin anew, and no session may take them for old ones.
            self.dialogues.sessions.clear_cache();
        }
        (window.offset(), window.is_idle())
    }

    async fn poll(&self, offset: Option<i32>, hold: u32) -> Result<Vec<Value>, ApiError> {
        let timeout = Duration::from_secs(u64::from(hold)) + GRACE;
        let request = request(offset, hold);
        self.outbox.api.bot_api.call(&request, timeout).await
    }

    /// Takes note of a poll that was answered: this process is the one that receives.
    fn polled(&self, state: &mut PollState) {
        state.first = false;
        self.lease
            .receiving
            .send_if_modified(|receiving| !std::mem::replace(receiving, true));
        if state.error.take().is_some() {
            self.outbox.log.note("updates are received again");
        }
        state.backoff = BACKOFF.build();
    }

    /// Logs a poll that failed, once, and backs off.
    async fn not_polled(&self, state: &mut PollState, error: ApiError) {
        if error == ApiError::Conflict {
            self.lease.receiving.send_replace(false);
            state.first = true;
        }
        if state.error.as_ref() != Some(&error) {
            self.outbox.log.warn(match &error {
                ApiError::Conflict => "another process receives with this token: end it, or give this one a bot of its own".to_owned(),
                other => format!("updates are not received for now: {other}"),
            });
        }
        let pause = state
            .backoff
            .next()
            .expect("a backoff without a last attempt");
        let wait = if let ApiError::RetryAfter(wait) = &error {
            *wait
        } else {
            pause
        };
        state.error = Some(error);
        tokio::time::sleep(wait).await;
    }

    /// Puts new updates into their lanes; true where there were any.
    fn hand_out(self: &Arc<Self>, raw: Vec<Value>) -> bool {
        let numbered: BTreeMap<u32, Value> = raw
            .into_iter()
            .filter_map(|raw| Some((update::number(&raw)?, raw)))
            .collect();
        let fresh = self.window().take(numbered.keys().copied());
        let any = !fresh.is_empty();
        for number in fresh {
            let Some(raw) = numbered.get(&number) else {
                continue;
            };
            let update = update::parse(number, raw);
            if matches!(update.body, UpdateBody::Ignored("it cannot be read")) {
                self.outbox
                    .log
                    .warn(format!("update {number} cannot be read and was left"));
            }
            self.put(Arc::new(update));
        }
        any
    }

    /// Puts an update into its lane.
    fn put(self: &Arc<Self>, update: Arc<IncomingUpdate>) {
        let number = update.number;
        let press = self.handler.press(&update.body);
        let (receiver, broken, broken_update) = (self.clone(), self.clone(), update.clone());
        self.lanes.put(
            update.body.lane(),
            move || async move {
                let handler = &receiver.handler;
                if let Ok(reply) = handler.update(&update, press.as_ref()).await {
                    if let Some(reply) = reply {
                        handler.show_later(&update, reply);
                    }
                    receiver.finish(number);
                }
            },
            move |why| async move {
                broken.finish(number);
                broken.handler.broke(&broken_update, &why).await;
            },
        );
    }

    fn finish(&self, number: u32) {
        self.window().finish(number);
        self.progress.notify_one();
    }

    fn window(&self) -> MutexGuard<'_, AckWindow> {
        self.window.lock()
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
