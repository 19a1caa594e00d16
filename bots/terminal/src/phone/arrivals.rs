//! Notices as they arrive: those that come within a moment of each other are handed on together.
//!
//! Its sender hears that a notice was shown when the next is waited for, so none is lost between arriving
//! and being shown. It does not know how they look.

use std::time::Duration;

use picket_bus::NoticeStream;
use picket_conversation::CourierNotice;
use picket_schemas::ask::After;
use tokio::time::{Instant, timeout_at};

/// The time the first of several waits for the others.
const TOGETHER: Duration = Duration::from_millis(250);
/// More than this are not held back for one more.
const MANY: usize = 64;

/// A person's notices, in bundles.
pub(super) struct Arrivals {
    notices: Option<NoticeStream>,
    held: Vec<CourierNotice>,
    /// The position that must be read before they are drawn.
    after: After,
    until: Option<Instant>,
}

/// An arrival: a notice, or several at once.
pub(super) enum Arrived {
    /// These, together, to be drawn when this is read.
    Together(Vec<CourierNotice>, After),
    /// The connection went away.
    Gone,
}

impl Arrivals {
    pub(super) fn new(notices: Option<NoticeStream>) -> Self {
        Self {
            notices,
            held: Vec::new(),
            after: After::new(),
            until: None,
        }
    }

    /// The next bundle. May be dropped while it waits: what it holds by then is not lost.
    pub(super) async fn next(&mut self) -> Arrived {
        loop {
            let Some(notices) = &mut self.notices else {
                return std::future::pending().await;
            };
            let one = match self.until {
                None => notices.next().await,
                Some(until) if self.held.len() < MANY => {
                    match timeout_at(until, notices.more()).await {
                        Ok(one) => one,
                        Err(_) => return self.together(),
                    }
                }
                Some(_) => return self.together(),
            };
            match one {
                Some(one) => {
                    behind(&mut self.after, one.after);
                    self.held.push(CourierNotice {
                        notice: one.notice,
                        kind: one.kind,
                        about: one.about,
                        jurisdiction: one.jurisdiction,
                        with: one.with,
                    });
                    self.until.get_or_insert_with(|| Instant::now() + TOGETHER);
                }
                None if self.held.is_empty() => {
                    self.notices = None;
                    return Arrived::Gone;
                }
                // What came before the connection went is shown first.
                None => return self.together(),
            }
        }
    }

    fn together(&mut self) -> Arrived {
        self.until = None;
        Arrived::Together(
            std::mem::take(&mut self.held),
            std::mem::take(&mut self.after),
        )
    }
}

/// Nothing older than these positions either.
pub(super) fn behind(after: &mut After, more: After) {
    for (book, n) in more {
        let read = after.entry(book).or_default();
        *read = n.max(*read);
    }
}
