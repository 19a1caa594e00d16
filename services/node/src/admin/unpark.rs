//! The unparking of a book: a person looked at what it stumbled over. It stays on record who did.

use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Bus, BusError, Client, subjects};
use picket_journal::BookName;
use picket_runtime::{Hindrance, Live};
use serde::{Deserialize, Serialize};

/// Where whoever keeps the book is asked.
const SUBJECT: &str = subjects::UNPARK;
/// How long the reply is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// The beginning of a reply for a book that is stopped, before the reason.
const STOPPED: &str = "stopped: ";

/// A request to let a book go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnparkRequest {
    /// The book, as `service/jurisdiction`.
    pub book: String,
    /// True to skip what it stumbled over.
    pub skip: bool,
}

/// The reply of whoever keeps the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnparkReply {
    /// It goes on.
    Done,
    /// It does not wait for a person, or is no book.
    NotWaiting,
    /// It is damaged, and why: a person cannot look away from that.
    Stopped(String),
}

impl UnparkReply {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Done => b"done".to_vec(),
            Self::NotWaiting => b"no".to_vec(),
            Self::Stopped(why) => format!("{STOPPED}{why}").into_bytes(),
        }
    }

    fn parse(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        match text.strip_prefix(STOPPED) {
            Some(why) => Self::Stopped(why.to_owned()),
            None if text == "done" => Self::Done,
            None => Self::NotWaiting,
        }
    }
}

/// Serves it on a bus.
pub async fn serve(bus: Arc<dyn Bus>, live: Arc<Live>) {
    let Ok(mut requests) = bus.serve(SUBJECT).await else {
        return;
    };
    while let Some(request) = requests.next().await {
        let wanted = serde_json::from_slice::<UnparkRequest>(&request.body)
            .ok()
            .and_then(|wanted| Some((BookName::parse(&wanted.book).ok()?, wanted.skip)));
        let reply = match wanted {
            // Another process keeps it, and answers.
            Some((book, _)) if !live.keeps(&book) && live.engine().books().contains(&book) => {
                continue;
            }
            Some((book, skip)) => unpark(&live, &book, skip).await,
            None => UnparkReply::NotWaiting,
        };
        request.reply(reply.bytes());
    }
}

async fn unpark(live: &Live, book: &BookName, skip: bool) -> UnparkReply {
    if let Some(why) = stopped(live, book) {
        return UnparkReply::Stopped(why);
    }
    match live
        .unpark(book, picket_directory::OPERATOR.into(), skip)
        .await
    {
        true => UnparkReply::Done,
        false => UnparkReply::NotWaiting,
    }
}

/// The damage of a book, which is nothing a person can look away from.
fn stopped(live: &Live, book: &BookName) -> Option<String> {
    let trouble = live
        .troubles()
        .into_iter()
        .find(|trouble| trouble.book == *book && trouble.hindrance == Hindrance::Stopped)?;
    Some(trouble.why)
}

/// Asks the running process.
pub async fn ask(client: &Client, request: &UnparkRequest) -> Result<UnparkReply, BusError> {
    let body = serde_json::to_vec(request).expect("a request holds a string and a flag");
    let reply = client.bus().ask(SUBJECT, body, PATIENCE).await?;
    Ok(UnparkReply::parse(&reply))
}

#[cfg(test)]
mod wire_tests;
