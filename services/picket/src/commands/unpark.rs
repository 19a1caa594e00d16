//! `picket verify --unpark`: lets a book of a running Picket go on once a person looked at what it stumbled over.

use std::process::ExitCode;

use picket_node::admin::unpark::{self, UnparkReply, UnparkRequest};
use picket_node::problem::{Exit, Failure};

use crate::reach::Reach;
use crate::settings::CliSettings;

/// Asks the running process.
pub async fn run(settings: &CliSettings, book: &str, skip: bool) -> Result<ExitCode, Failure> {
    let reach = Reach::open(settings, &[]).await?;
    if !reach.running() {
        reach.close().await;
        return Err(Failure::usage(
            "no Picket runs on this folder",
            "Start `picket up`; it says which book waits, and this lets it go on.",
        ));
    }
    let request = UnparkRequest {
        book: book.to_owned(),
        skip,
    };
    let reply = unpark::ask(&reach.client(), &request)
        .await
        .map_err(|why| {
            Failure::new(
                Exit::Unknown,
                why.to_string(),
                "Ask again; unparking twice does no harm.",
            )
        })?;
    match reply {
        UnparkReply::Done => {}
        UnparkReply::NotWaiting => {
            return Err(Failure::new(
                Exit::Refused,
                format!("`{book}` does not wait for a person"),
                "Books are named service/jurisdiction, such as dispatch/420902.",
            ));
        }
        UnparkReply::Stopped(why) => {
            return Err(Failure::new(
                Exit::Storage,
                format!("`{book}` is stopped: {why}"),
                "Stop Picket, let `picket verify` name the place, and restore the folder from a copy.",
            ));
        }
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
