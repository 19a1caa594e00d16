//! The unparking of a book: a person looked at what it stumbled over. It stays on record who did.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use picket_bus::{Bus, subjects};
use picket_journal::BookName;
use picket_runtime::{Hindrance, Live};
use serde::{Deserialize, Serialize};

use crate::problem::{Exit, Failure};
use crate::reach::Reach;
use crate::settings::Settings;

const SUBJECT: &str = subjects::UNPARK;
/// What the answer for a damaged book begins with.
const STOPPED: &str = "stopped: ";

#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    book: String,
    skip: bool,
}

/// Serves it on a bus.
pub async fn serve(bus: Arc<dyn Bus>, live: Arc<Live>) {
    let Ok(mut requests) = bus.serve(SUBJECT).await else {
        return;
    };
    while let Some(request) = requests.next().await {
        let reply = match serde_json::from_slice::<Wanted>(&request.body)
            .ok()
            .and_then(|wanted| Some((BookName::parse(&wanted.book).ok()?, wanted.skip)))
        {
            // Another process keeps it, and answers.
            Some((book, _)) if !live.keeps(&book) && live.engine().books().contains(&book) => {
                continue;
            }
            Some((book, skip)) => match stopped(&live, &book) {
                Some(why) => format!("{STOPPED}{why}").into_bytes(),
                None if live
                    .unpark(&book, picket_directory::OPERATOR.into(), skip)
                    .await =>
                {
                    b"done".to_vec()
                }
                None => b"no".to_vec(),
            },
            None => b"no".to_vec(),
        };
        request.reply(reply);
    }
}

/// Damage is not a thing a person can look away from.
fn stopped(live: &Live, book: &BookName) -> Option<String> {
    let trouble = live
        .troubles()
        .into_iter()
        .find(|trouble| trouble.book == *book && trouble.hindrance == Hindrance::Stopped)?;
    Some(trouble.why)
}

/// Asks the running process.
pub async fn run(settings: &Settings, book: &str, skip: bool) -> Result<ExitCode, Failure> {
    let reach = Reach::open(settings, &[]).await?;
    if !reach.running() {
        reach.close().await;
        return Err(Failure::usage(
            "no Picket runs on this folder",
            "Start `picket up`; it says which book waits, and this lets it go on.",
        ));
    }
    let body = serde_json::to_vec(&Wanted {
        book: book.to_owned(),
        skip,
    })
    .unwrap_or_default();
    let reply = reach
        .client()
        .bus()
        .ask(SUBJECT, body, Duration::from_secs(20))
        .await
        .map_err(|why| {
            Failure::new(
                Exit::Unknown,
                why.to_string(),
                "Ask again; unparking twice does no harm.",
            )
        })?;
    if let Some(why) = std::str::from_utf8(&reply)
        .ok()
        .and_then(|reply| reply.strip_prefix(STOPPED))
    {
        return Err(Failure::new(
            Exit::Storage,
            format!("`{book}` is stopped: {why}"),
            "Stop Picket, let `picket verify` name the place, and restore the folder from a copy.",
        ));
    }
    if reply != b"done" {
        return Err(Failure::new(
            Exit::Refused,
            format!("`{book}` does not wait for a person"),
            "Books are named service/jurisdiction, such as dispatch/420902.",
        ));
    }
    if settings.json {
        println!(
            "{}",
            serde_json::json!({ "ok": true, "book": book, "skipped": skip })
        );
    } else {
        println!("`{book}` goes on");
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod wire_tests;
